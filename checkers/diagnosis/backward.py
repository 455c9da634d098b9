"""Wrong rules tried on the tapes of all cases: one rule, one term times a number, two mistakes at once."""

# ruff: noqa: ARG001, ARG005  (a prediction takes case and name, needed or not)

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from checkers.diagnosis.alterations import Altered, alterations
from checkers.diagnosis.factors import Factor, named
from checkers.diagnosis.hypothesis import Hypothesis, Predict, Say, Subject
from checkers.diagnosis.regions import ACTIVATIONS
from checkers.diagnosis.tape import REARRANGING, Alteration, Step, Tape
from checkers.diagnosis.witness import SHARP, Witness
from checkers.rounding.ball import Reals

Label = tuple[str, str]
Place = tuple[int, int]
"""The number of a step among those that do not merely rearrange, and the number of an operand."""

DEEP = 80
"""Operations up to which two wrong rules at once are looked for."""
PAIRS = 20
"""Wrong rules with an effect of their own that are tried in pairs."""
PER_CODE = 4
"""The most of them that have the same name."""
LIKELY = 2.3
"""The same for what a wrong rule may assume to be one of two: two unlikely ones explain too much."""
TERMS = 10
"""Terms of a gradient that are told apart."""
NOTHING = 1e-3
"""A term whose factor is smaller than this is tried as missing."""


@dataclass
class Backwards:
    """The wrong rules of every case's tape, made once.

    Attributes:
        names: of what is claimed: the arguments, or for tangents the outputs.
    """

    names: tuple[str, ...]
    _tables: dict[int, dict[Label, list[Altered]]] = field(default_factory=dict)
    _predicted: dict[tuple[int, Label, tuple[int, ...], Place | None], list[Reals]] = field(
        default_factory=dict
    )

    def table(self, witness: Witness) -> dict[Label, list[Altered]]:
        """Label -> the places where that mistake can be made, in order."""
        key = id(witness)
        if key not in self._tables:
            table: dict[Label, list[Altered]] = {}
            for altered in (
                alterations(witness.tape, tuple(witness.arguments)) if witness.tape is not None else []
            ):
                table.setdefault(altered.label, []).append(altered)
            self._tables[key] = table
        return self._tables[key]

    def predicted(
        self, witness: Witness, label: Label, places: tuple[int, ...], without: Place | None = None
    ) -> list[Reals] | None:
        """The gradients for all arguments with the mistake made at all those places at once.

        With ``without`` the way through one operand is cut besides.
        """
        found = self.table(witness).get(label)
        if not found or witness.tape is None or max(places) >= len(found):
            return None
        key = (id(witness), label, places, without)
        if key not in self._predicted:
            alteration = found[places[0]].alteration
            for other in places[1:]:
                alteration = alteration.and_then(found[other].alteration)
            if without is not None:
                cut = cutting(witness.tape, without)
                if cut is None:
                    return None
                alteration = alteration.and_then(cut)
            self._predicted[key] = witness.derivative(altered=alteration)
        return self._predicted[key]

    def single(self, label: Label, where: tuple[int, ...], count: int, altered: Altered) -> Hypothesis:
        """The mistake at some places as a hypothesis."""

        def predict(witness: Witness, name: str) -> Reals | None:
            if witness.tape is None or name not in self.names:
                return None
            number, places = self.names.index(name), self.table(witness).get(label, [])
            if not places:
                return witness.pulled(name) if witness.case.ordinary else None
            if len(places) == count:
                gradients = self.predicted(witness, label, where)
                return None if gradients is None else gradients[number]
            alike = tuple(k for k, other in enumerate(places) if other.kind == altered.kind)
            for others in [*((k,) for k in alike), *([alike] if len(alike) > 1 else [])]:
                gradients = self.predicted(witness, label, others)
                if (
                    gradients is not None
                    and name in witness.sights
                    and witness.sights[name].fits(gradients[number])
                ):
                    return gradients[number]
            return None

        complexity = altered.complexity + 0.05 * (len(where) > 1)
        detail = f"{altered.detail} {altered.kind}".strip()
        return Hypothesis(altered.code, complexity, predict, altered.say, altered.equation, detail)

    def singles(self, witness: Witness) -> Iterator[Hypothesis]:
        """Every wrong rule that the tape of this case has room for."""
        for label, places in self.table(witness).items():
            for place, altered in enumerate(places):
                yield self.single(label, (place,), len(places), altered)
            groups = [
                tuple(k for k, altered in enumerate(places) if altered.kind == kind)
                for kind in dict.fromkeys(altered.kind for altered in places)
            ]
            groups.append(tuple(k for k, altered in enumerate(places) if altered.kind in ACTIVATIONS))
            for alike in dict.fromkeys(groups):
                if len(alike) > 1:
                    worst = max((places[k] for k in alike), key=lambda altered: altered.complexity)
                    yield self.single(label, alike, len(places), worst)

    def of_uses(self, witness: Witness, name: str) -> Iterator[Hypothesis]:
        """What is used several times gets back what one use alone sends; where uses overlap, the last one."""
        if witness.tape is None or name not in witness.arguments:
            return
        number = self.names.index(name)
        edges = uses(witness.tape, witness.tape.arguments[number])
        # Only what is used in the same way each time is used in a loop.
        if len(edges) < 2 or len({witness.tape.steps[step].name for step, _ in edges}) > 1:
            return

        def predict(which: str, w: Witness, n: str) -> Reals | None:
            if w.tape is None or n not in self.names:
                return None
            slot = w.tape.arguments[self.names.index(n)]
            edges = uses(w.tape, slot)
            if len(edges) < 2:
                return w.pulled(n)
            parts = [w.pulled_altered(n, _all_but(edges, edge), ("use", n, edge)) for edge in edges]
            if any(part is None for part in parts):
                return None
            if which in ("first", "last"):
                return parts[0 if which == "first" else -1]
            result = np.zeros_like(np.asarray(parts[0]))
            for (step, _), part in zip(edges, parts, strict=True):
                mask = _reached(w.tape, slot, step)
                if mask is None:
                    return None
                result = np.where(mask, np.asarray(part), result)
            return result

        for which in ("first", "last", "overlapping"):
            one = (
                f"the {which} of them alone"
                if which != "overlapping"
                else "the last of them that reaches an entry"
            )
            yield Hypothesis(
                "overwritten-not-accumulated",
                2.55,
                partial(predict, which),
                partial(
                    lambda one, s: (
                        f"{s.the} {s.are} overwritten where {s.they} must be added up: the forward uses"
                        f" {s.listed} several times, and what comes back through {one} is kept. Write += in"
                        " the loop, not =."
                    ),
                    one,
                ),
                "nndl-58",
                which,
            )

    def unsummed(self, witness: Witness, name: str) -> Iterator[Hypothesis]:
        """What was added to every example gets back what each of them sends, and not their sum."""
        if witness.tape is None or name not in self.names:
            return
        if witness.sights[name].shaped:
            return

        def predict(w: Witness, n: str) -> Reals | None:
            if w.tape is None or n not in self.names:
                return None
            entry = _entry(w.tape, w.tape.arguments[self.names.index(n)])
            if entry is None:
                return w.pulled(n)
            kept: list[Reals] = []

            def keep(grad: Reals, ct: Reals) -> Reals:
                kept.append(grad)
                return grad

            w.tape.pull(w.leading, Alteration({(entry[0].number, entry[1]): keep}))
            return kept[0] if kept else None

        yield Hypothesis(
            "unsummed",
            1.3,
            predict,
            lambda s: (
                f"{s.the} {s.are} not summed: {s.listed} was added to every example, so all of them send"
                f" something back, and their sum belongs to {s.listed}. Sum over the axis along which it was"
                " repeated, with keepdims=True where it has that axis."
            ),
            "article-249",
        )

    def terms(
        self, witness: Witness, name: str, base: tuple[Label, tuple[int, ...]] | None = None
    ) -> list[Place]:
        """The places that cut the gradient for ``name`` into different parts, each part once.

        With ``base`` the gradient that another mistake gives.
        """
        tape = witness.tape
        if tape is None or name not in self.names:
            return []
        number = self.names.index(name)
        whole = self._gradient(witness, base, None, number)
        parts: list[tuple[Place, Reals]] = []
        if whole is None:
            return []
        scale = float(np.max(np.abs(whole), initial=0.0))
        order = sorted(places_of(tape), key=lambda place: _dullness(tape, place))
        for place in order:
            rest = self._gradient(witness, base, place, number)
            if rest is None or not np.isfinite(rest).all():
                continue
            part = whole - rest
            if np.max(np.abs(part), initial=0.0) <= 1e-12 * scale or _alike(part, whole):
                continue
            if not any(_alike(part, other) for _, other in parts):
                parts.append((place, part))
            if len(parts) >= TERMS:
                break
        return [place for place, _ in parts]

    def _gradient(
        self, witness: Witness, base: tuple[Label, tuple[int, ...]] | None, without: Place | None, number: int
    ) -> Reals | None:
        if base is not None:
            gradients = self.predicted(witness, base[0], base[1], without)
            return None if gradients is None else gradients[number]
        tape = witness.tape
        if tape is None:
            return None
        if without is None:
            return witness.pulled(self.names[number])
        cut = cutting(tape, without)
        if cut is None:
            return None
        return witness.pulled_altered(self.names[number], cut, ("cut", without))

    def of_terms(
        self, witnesses: Sequence[Witness], name: str, base: tuple[Label, tuple[int, ...]] | None = None
    ) -> Iterator[tuple[Hypothesis, Place]]:
        """One part of the gradient is missing, doubled, of the wrong sign, or off by another factor."""
        number = self.names.index(name) if name in self.names else None
        if number is None:
            return
        for place in self.terms(witnesses[0], name, base):
            seen = self._factors_at(witnesses, name, number, place, base)
            if seen is not None:
                for factor in _meanings(
                    witnesses[0], name, place, seen, self._share(witnesses, number, place)
                ):
                    yield self._term(factor, place, base), place

    def _factors_at(
        self,
        witnesses: Sequence[Witness],
        name: str,
        number: int,
        place: Place,
        base: tuple[Label, tuple[int, ...]] | None,
    ) -> list[tuple[Witness, float]] | None:
        """C of claimed = rest + c · part in every case; None if there is none."""
        seen: list[tuple[Witness, float]] = []
        for witness in witnesses:
            if name not in witness.sights:
                continue
            sight = witness.sights[name]
            whole = self._gradient(witness, base, None, number)
            rest = self._gradient(witness, base, place, number)
            if whole is None or rest is None or not sight.shaped:
                return None
            part = whole - rest
            with np.errstate(all="ignore"):
                usable = sight.known & (np.abs(part) > 0) & np.isfinite(part)
                relative = np.where(usable, sight.allowed(whole) / np.abs(part), np.inf)
            if not usable.any():
                if not sight.fits(whole, witness.case.ordinary):
                    return None
                continue
            index = np.unravel_index(int(np.argmin(relative)), relative.shape)
            if relative[index] >= SHARP:
                continue
            c = float((sight.claimed[index] - rest[index]) / part[index])
            if not sight.fits(rest + c * part, witness.case.ordinary, True):
                return None
            seen.append((witness, c))
        return seen or None

    def _share(self, witnesses: Sequence[Witness], number: int, place: Place) -> bool:
        """Whether the part is a multiple of the argument itself in every case: the gradient of a penalty."""
        several = False
        tape = witnesses[0].tape
        if witnesses[0].quantity != "gradient":
            return False
        if tape is None or not adds_squares(tape, tape.arguments[number], place):
            return False
        for witness in witnesses:
            whole, rest = (
                self._gradient(witness, None, None, number),
                self._gradient(witness, None, place, number),
            )
            if whole is None or rest is None:
                return False
            part, W = whole - rest, witness.point[number]
            if not W.size or not np.abs(W).max() > 0:
                continue
            index = np.unravel_index(int(np.argmax(np.abs(W))), W.shape)
            k = part[index] / W[index]
            if not np.allclose(part, k * W, rtol=1e-9, atol=1e-12 * float(np.abs(part).max())):
                return False
            several = several or int(np.count_nonzero(W)) > 1
        return several

    def _term(self, factor: Factor, place: Place, base: tuple[Label, tuple[int, ...]] | None) -> Hypothesis:
        def predict(witness: Witness, name: str) -> Reals | None:
            if name not in self.names:
                return None
            own = self.names.index(name)
            whole = self._gradient(witness, base, None, own)
            rest = self._gradient(witness, base, place, own)
            value = factor.value(witness)
            if whole is None or rest is None or value is None:
                return None
            return np.asarray(rest + value * (whole - rest))

        return Hypothesis(
            factor.code,
            factor.complexity + 1.5,
            predict,
            factor.say,
            factor.equation,
            factor.detail,
            factor.free,
        )

    def of_two_terms(self, witnesses: Sequence[Witness], name: str) -> Iterator[Hypothesis]:
        """Two terms of the gradient, each times a number of its own: claimed = rest + c P + d Q."""
        places = self.terms(witnesses[0], name)
        for k, one in enumerate(places):
            for other in places[:k]:
                seen = self._two_factors(witnesses, name, one, other)
                if seen is None:
                    continue
                first = [(w, c) for w, c, _ in seen]
                second = [(w, d) for w, _, d in seen]
                number = self.names.index(name)
                for c in _meanings(witnesses[0], name, one, first, self._share(witnesses, number, one)):
                    penalty = self._share(witnesses, number, other)
                    for d in _meanings(witnesses[0], name, other, second, penalty):
                        if not (c.free or d.free):
                            a, b = self._term(c, one, None), self._term(d, other, None)
                            yield _both(b, a, self._sum_of(a.predict, b.predict))

    def _sum_of(self, one: Predict, other: Predict) -> Predict:
        """What two changes of different terms make of a gradient together."""

        def predict(witness: Witness, name: str) -> Reals | None:
            a, b, right = one(witness, name), other(witness, name), witness.pulled(name)
            return None if a is None or b is None or right is None else np.asarray(a + b - right)

        return predict

    def _two_factors(
        self, witnesses: Sequence[Witness], name: str, one: Place, other: Place
    ) -> list[tuple[Witness, float, float]] | None:
        number = self.names.index(name)
        seen: list[tuple[Witness, float, float]] = []
        entries = 0
        for witness in witnesses:
            sight, whole = witness.sights[name], witness.pulled(name)
            rests = [self._gradient(witness, None, place, number) for place in (one, other)]
            if whole is None or rests[0] is None or rests[1] is None or not sight.shaped:
                return None
            P, Q = whole - rests[0], whole - rests[1]
            usable = sight.known & np.isfinite(P) & np.isfinite(Q)
            matrix = np.stack([P[usable], Q[usable]], axis=1).astype(np.float64)
            residual = (sight.claimed - whole)[usable].astype(np.float64)
            if len(matrix) < 2 or not np.isfinite(residual).all():
                continue
            (c, d), _, rank, _ = np.linalg.lstsq(matrix, residual, rcond=1e-10)
            if rank < 2:
                continue
            c, d = (0.0 if abs(1 + x) < 1e-6 else 1 + float(x) for x in (c, d))
            off = np.abs(whole + (c - 1) * P + (d - 1) * Q - sight.claimed)[usable]
            if float(off.max(initial=0.0)) > 1e-5 * max(float(np.abs(sight.claimed).max()), sight.largest):
                return None
            entries += len(matrix)
            seen.append((witness, c, d))
        return seen if len(seen) > 1 and entries > 2 * len(seen) else None

    def pairs(self, witnesses: Sequence[Witness], name: str) -> Iterator[Hypothesis]:
        """Two mistakes in one gradient: a wrong rule and a wrong term, or two wrong rules."""
        first = witnesses[0]
        if first.tape is None or name not in self.names or len(first.tape.steps) > DEEP:
            return
        number, right = self.names.index(name), first.pulled(name)
        if right is None:
            return
        yield from self.of_two_terms(witnesses, name)
        effects: list[tuple[Label, int, Altered, Reals]] = []
        for label, places in sorted(self.table(first).items(), key=lambda item: item[1][0].complexity):
            for place in range(len(places)):
                gradients = self.predicted(first, label, (place,))
                if gradients is None or not np.isfinite(gradients[number]).all():
                    continue
                effect = gradients[number]
                if _alike(effect, right) or any(_alike(effect, other) for *_, other in effects):
                    continue
                alike = sum(label[0] == other[0] for other, *_ in effects)
                if len(effects) < PAIRS and alike < PER_CODE and places[place].complexity <= LIKELY:
                    effects.append((label, place, places[place], effect))
        for label, place, altered, _ in effects:
            for term, _ in self.of_terms(witnesses, name, (label, (place,))):
                if term.free:
                    continue
                yield _both(self.single(label, (place,), 1, altered), term, term.predict)
        for k, (label, place, altered, _) in enumerate(effects):
            for other, elsewhere, second, _ in effects[:k]:
                if _overlap(altered.alteration, second.alteration):
                    continue
                predict = self._pair(label, place, other, elsewhere)
                one = self.single(other, (elsewhere,), 1, second)
                yield _both(one, self.single(label, (place,), 1, altered), predict)

    def _pair(self, label: Label, place: int, other: Label, elsewhere: int) -> Predict:
        def predict(witness: Witness, name: str) -> Reals | None:
            if witness.tape is None or name not in self.names:
                return None
            ones, others = self.table(witness).get(label, []), self.table(witness).get(other, [])
            if place >= len(ones) or elsewhere >= len(others):
                return None
            both = ones[place].alteration.and_then(others[elsewhere].alteration)
            return witness.pulled_altered(name, both, ("pair", label, place, other, elsewhere))

        return predict


def _both(one: Hypothesis, other: Hypothesis, predict: Predict) -> Hypothesis:
    codes = dict.fromkeys([*one.code.split("+"), *other.code.split("+")])
    return Hypothesis(
        "+".join(codes),
        one.complexity + other.complexity + 1,
        predict,
        lambda s: f"Two mistakes in one. {one.say(s)} And: {other.say(s)}",
        one.equation or other.equation,
        f"{one.detail} {other.detail}".strip(),
    )


def uses(tape: Tape, slot: int) -> list[Place]:
    """The (step, operand) pairs that take a value, past what merely rearranges it, in the forward's order."""
    found: list[Place] = []
    for step, k in tape.users.get(slot, []):
        if step.name in REARRANGING:
            found += uses(tape, step.outputs[0])
        elif tape.varying[step.outputs[0]]:
            found.append((step.number, k))
    return sorted(found)


def _all_but(edges: Sequence[Place], kept: Place) -> Alteration:
    return Alteration({edge: lambda grad, ct: np.zeros_like(grad) for edge in edges if edge != kept})


def _reached(tape: Tape, slot: int, number: int) -> Reals | None:
    """The entries of a value that a slice of it takes; all of them for other operations."""
    step = tape.steps[number]
    if step.name == "slice" and step.inputs[0] == slot:
        mask = np.zeros(tape.values[slot].shape, dtype=bool)
        bounds = zip(
            step.parameters["start_indices"],
            step.parameters["limit_indices"],
            step.parameters["strides"] or (1,) * mask.ndim,
            strict=True,
        )
        mask[tuple(slice(*one) for one in bounds)] = True
        return mask
    return None


def _overlap(one: Alteration, other: Alteration) -> bool:
    """Whether two wrong rules are about the same place, so that only one of them can be."""
    return bool(set(one.edges) & set(other.edges)) or bool(set(one.jumps) & set(other.jumps))


def _entry(tape: Tape, slot: int) -> tuple[Step, int] | None:
    """Where a value that is repeated or reshaped on the way is first computed with; None if it is not."""
    for step, _ in tape.users.get(slot, []):
        if step.name not in REARRANGING:
            continue
        follow = tape.users.get(step.outputs[0], [])
        if len(follow) == 1 and follow[0][0].name not in REARRANGING:
            return follow[0]
        found = _entry(tape, step.outputs[0])
        if found is not None:
            return found
    return None


def _alike(one: Reals, other: Reals) -> bool:
    size = max(float(np.max(np.abs(one), initial=0.0)), float(np.max(np.abs(other), initial=0.0)))
    return bool((np.abs(one - other) <= 1e-11 * size).all())


# --- places ---------------------------------------------------------------------------------------------


def substantial(tape: Tape) -> list[Step]:
    """The steps that do more than rearrange: those that the tapes of different shapes have in common."""
    return [step for step in tape.steps if step.name not in REARRANGING]


def places_of(tape: Tape) -> list[Place]:
    """Every operand through which a gradient comes; where an operation takes a value twice, it is one."""
    return [
        (number, k)
        for number, step in enumerate(substantial(tape))
        for k, slot in enumerate(step.inputs)
        if tape.varying[slot]
        and slot not in step.inputs[:k]
        and any(tape.varying[out] for out in step.outputs)
    ]


def cutting(tape: Tape, place: Place) -> Alteration | None:
    """Nothing comes through that operand."""
    steps = substantial(tape)
    if place[0] >= len(steps):
        return None
    step = steps[place[0]]
    operands = [k for k, slot in enumerate(step.inputs) if slot == step.inputs[place[1]]]
    return Alteration({(step.number, k): lambda grad, ct: np.zeros_like(grad) for k in operands})


SQUARES = frozenset({"square", "integer_pow", "mul", "dot_general"})
SUMS = REARRANGING | {"reduce_sum", "add", "sub", "neg", "add_any"}


def adds_squares(tape: Tape, argument: int, place: Place) -> bool:
    """Whether what comes through a place is that of a sum of squares of the argument, times a number."""
    step = substantial(tape)[place[0]]
    if any(tape.values[slot].size != 1 for slot in tape.results):
        return False
    behind, inside = [], {step.outputs[0]}
    for later in tape.steps[step.number + 1 :]:
        if any(slot in inside for slot in later.inputs):
            behind.append(later)
            inside.update(later.outputs)
    before = tape.between(step.outputs[0], argument)
    squared = 0
    for one in (*before, *behind):
        alone = all(
            slot == argument or tape.values[slot].size == 1 or slot in inside or not tape.varying[slot]
            for slot in one.inputs
        )
        if one.name in SQUARES and _squares(tape, one, argument):
            squared += 1
        elif one.name in ("mul", "div"):
            # A number, such as λ, may stand beside it.
            others = [slot for slot in one.inputs[one.name == "div" :] if tape.values[slot].size != 1]
            if one.name == "mul" and len(others) > 1:
                return False
            if one.name == "div" and (others or not _given(tape, one.inputs[1])):
                return False
        elif one.name not in SUMS or (one in before and not alone):
            return False
    return squared == 1


def _squares(tape: Tape, step: Step, argument: int) -> bool:
    """Whether a step squares the argument, or something that merely rearranges it."""
    origins = {_origin(tape, slot) for slot in step.inputs}
    power = step.name in ("square", "integer_pow")
    return origins == {argument} and (step.parameters.get("y", 2) == 2 if power else len(step.inputs) == 2)


def _origin(tape: Tape, slot: int) -> int:
    """The value that was rearranged into this one."""
    step = tape.makers.get(slot)
    return _origin(tape, step.inputs[0]) if step is not None and step.name in REARRANGING else slot


def _given(tape: Tape, slot: int) -> bool:
    """A constant, or an argument that is a number."""
    return not tape.varying[slot] or _origin(tape, slot) in tape.arguments


TELLING = (
    "log",
    "reduce_max",
    "reduce_min",
    "integer_pow",
    "square",
    "exp",
    "tanh",
    "logistic",
    "sqrt",
    "dot_general",
)


def _dullness(tape: Tape, place: Place) -> int:
    """How little it says to name a place: the places of one term are many, and one is to stand for it."""
    step = substantial(tape)[place[0]]
    if step.name == "div" and place[1] == 1:
        return 0
    if _mean(tape, step):
        return 1
    if step.name in TELLING:
        return 2 + TELLING.index(step.name)
    return 90 if step.name in ("add", "sub", "add_any") else 50


def _mean(tape: Tape, step: Step) -> bool:
    users = tape.users.get(step.outputs[0], [])
    while len(users) == 1 and users[0][0].name in REARRANGING:
        users = tape.users.get(users[0][0].outputs[0], [])
    return step.name == "reduce_sum" and any(user.name == "div" and k == 0 for user, k in users)


def _spoken(tape: Tape, place: Place) -> str:
    """What a sentence calls the part of a gradient that comes through a place."""
    step = substantial(tape)[place[0]]
    if _mean(tape, step):
        return "the part that comes through the mean"
    words = {
        "log": "the logarithm",
        "exp": "the exponential",
        "integer_pow": f"the power {step.parameters.get('y', '')}".rstrip(),
        "square": "the square",
        "tanh": "the tanh",
        "logistic": "the sigmoid",
        "sqrt": "the square root",
        "dot_general": "the matrix product",
        "reduce_sum": "the sum",
        "reduce_max": "the maximum",
        "reduce_min": "the minimum",
        "sub": "the subtracted term" if place[1] == 1 else "the term that something is subtracted from",
        "div": "the denominator" if place[1] == 1 else "the numerator",
        "mul": "one factor of a product",
        "max": "the maximum",
        "min": "the minimum",
        "abs": "the absolute value",
        "log1p": "the logarithm",
        "expm1": "the exponential",
        "select_n": "the chosen branch",
        "pow": "the power",
        "gather": "the indexing",
        "add": "one of two summands",
    }
    name = "the square" if step.name == "integer_pow" and step.parameters.get("y") == 2 else None
    return f"the part that comes through {name or words.get(step.name, 'one of several paths')}"


# --- what a factor at a term means ------------------------------------------------------------------------


def _meanings(
    witness: Witness, name: str, place: Place, seen: Sequence[tuple[Witness, float]], penalty: bool
) -> Iterator[Factor]:
    tape = witness.tape
    if tape is None or all(abs(c - 1) < 1e-9 for _, c in seen):
        return
    if penalty:
        yield from _of_penalty(witness, name, seen)
        return
    part = _spoken(tape, place)
    if all(abs(c) < NOTHING for _, c in seen):
        yield Factor(
            "missing-term",
            part,
            lambda w: 0.0,
            lambda s: (
                f"{s.the} {s.lack} one of the terms that add up: {part} is missing. A value that is used in"
                " several places gets the sum of what all of them send back."
            ),
            0.9,
            "nndl-58",
        )
        return
    for factor in named(seen, name, part):
        code = "sign-of-a-term" if factor.code == "sign" else factor.code
        if code == "factor":
            code = "factor-of-a-term"
        yield Factor(
            code,
            f"{factor.detail}: {part}",
            factor.value,
            factor.say,
            factor.complexity,
            factor.equation or "nndl-54",
            factor.free,
        )


def _of_penalty(witness: Witness, name: str, seen: Sequence[tuple[Witness, float]]) -> Iterator[Factor]:
    def factor(code: str, detail: str, text: str, like: Factor | None = None, c: float = 0.0) -> Factor:
        value = like.value if like is not None else (lambda w: c)
        return Factor(code, detail, value, _penalty_sentence(text), 0.3, "nndl-18", bool(like and like.free))

    if all(abs(c) < NOTHING for _, c in seen):
        yield factor(
            "missing-penalty",
            "0",
            "the gradient of the penalty is missing: the forward adds a multiple of ‖W‖², whose gradient is a"
            " multiple of W (λ/2 ‖W‖² gives λ W, and λ ‖W‖² gives 2 λ W)",
        )
        return
    for found in named(seen, name, "the gradient of the penalty"):
        if found.detail == "2":
            yield factor(
                "doubled-penalty",
                "2",
                "the gradient of the penalty is twice as large as it should be: λ/2 ‖W‖² gives λ W, and λ"
                " ‖W‖² gives 2 λ W",
                found,
            )
        elif found.detail == "1/2":
            yield factor(
                "halved-penalty",
                "1/2",
                "the gradient of the penalty is half of what it should be: λ ‖W‖² without a 1/2 gives 2 λ W,"
                " and λ/2 ‖W‖² gives λ W",
                found,
            )
        elif found.code == "sign":
            yield factor(
                "sign-of-penalty",
                "-1",
                "the gradient of the penalty has the wrong sign: what is added to the loss is added to the"
                " gradient, too",
                found,
            )
        elif found.code == "missing-factor-of-argument":
            other = found.detail.removeprefix("1/")
            yield factor(
                "penalty-without-lambda",
                found.detail,
                f"the gradient of the penalty is not multiplied by {other}: it is {other} W, not W",
                found,
            )
        elif found.code in ("mean-for-sum", "averaged-twice", "mean-for-sum-or-averaged-twice"):
            size = found.detail.removeprefix("1/")
            yield factor(
                "penalty-over-m",
                found.detail,
                f"the gradient of the penalty is divided by {size}: only the losses of the {size} examples"
                " are averaged, not the penalty",
                found,
            )
        elif found.code in ("missing-mean", "size-too-many"):
            yield factor(
                "penalty-not-over-m",
                found.detail,
                f"the gradient of the penalty is not divided by {found.detail}, as the penalty in the"
                f" forward is",
                found,
            )
        else:
            yield factor(
                "penalty-factor",
                found.detail,
                f"the gradient of the penalty is {found.detail} times what it should be",
                found,
            )


def _penalty_sentence(text: str) -> Say:
    def say(s: Subject) -> str:
        return f"In {s.inside}, {text}. What comes from the data is right."

    return say
