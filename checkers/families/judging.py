"""An exercise judged: backward against the student's own forward, and forward against what it should compute.

Finite differences run on the student's forward. Where that agrees with a reference of the family, the
reference's gradient, exact to the last digits, judges too. Every bound is computed; what lies outside is
wrong, unless it is a known convention, single precision, an epsilon or a finite difference, which are named.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.claimed_noise import ClaimedNoise
from checkers.compare import Claim, Comparison, Entries, Finding, find
from checkers.draw import Case
from checkers.errors import TraceError
from checkers.examined import Examined
from checkers.families import complex_steps, drawing, reference
from checkers.families.play import Play, Played, Unfinished
from checkers.families.schema import Convention, Reference
from checkers.families.script import Misfit
from checkers.families.session import StudentCrash
from checkers.oracles.estimate import Answer
from checkers.oracles.finite_difference import FiniteDifference
from checkers.traced import Traced

Array = NDArray[Any]

AGREE = 1e-9
"""Relative distance within which a forward computes the same as a reference; rounding is far below."""
NEAR = 2e-3
"""Relative distance within which a forward may differ from a reference by no more than an epsilon."""
SLIGHT = 1e-5
"""Relative error of a gradient from which it is no matter of an epsilon or a difference quotient any more."""
EPSILON = 5e-3
"""The same where the student's file has an epsilon."""
ROUNDING = 1e-11
"""Relative rounding of a gradient, where it is not worth while to measure it."""
SINGLE = 1e-4
"""Relative error that single precision explains."""
MANY = 48
"""Entries of all arguments from which differences are taken in fewer cases."""
FEW = 2
"""How few."""
DIFFERENCED = 1
"""Cases in which finite differences are taken although the reference has judged."""
LIKE_WEIGHTS = 1e-4
"""Relative distance within which what is too much in a gradient is a multiple of the weights."""
AT_HAND = 100
"""Entries up to which finite differences are taken beside the reference: more of them take too long."""
STEPS = (1e-5, 1e-4, 1e-6, 1e-7, 1e-3, 1e-8, 1e-2, 1e-9, 1e-10)
"""Steps with which students take difference quotients."""
KINK = 1e-3
"""Difference of the slopes on both sides from which there is a kink."""
QUOTIENTS = 3
"""Entries at which difference quotients are taken again."""
SAME = 0.05
"""How much closer to a difference quotient than to the true gradient a claim must be."""
UNBELIEVED = 1e-7
"""Rounding of a gradient, relative to its size, from which it is not believed: a claim that jumps when its
inputs move by a rounding would excuse its own error."""
BITS = 1e-12
"""Relative distance within which a claim may be a difference quotient to the last digits."""
SAME_BITS = 1e-3
"""How much closer than to the quotient with a step beside it it must be then."""
BESIDE = 17 / 16
"""The step beside it."""
CLEAN = 5e-13
"""Relative error below which a claim is no difference quotient; a good one with centred steps has 1e-11."""
LABELS = ("one_hot", "one_hot_rows", "binary")
"""Domains of real arrays that hold labels."""
ZEROS = "the gradient is still all zeros"
"""Why the zeros of a handout are unfinished, not wrong."""
ENDLESS = 4
"""The standing of an exercise on a function that takes too long."""
ENOUGH = 60
"""Cases that may be examined while a failing one is made smaller."""
QUICK = 16
"""The same where only finite differences can judge them."""


@dataclass
class Found:
    """What was found in one case, for one reading of what is returned.

    Attributes:
        findings: one per compared gradient.
        comparisons: what reports store.
    """

    findings: list[Finding] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)


class _Opaque(Traced):
    """Code that runs elsewhere: it cannot be traced."""

    def at(self, arrays: Sequence[Array]) -> Any:  # noqa: ARG002
        """Refuses, as for any code that cannot be traced."""
        raise TraceError("the student's code runs in a worker")


@dataclass
class Seen:
    """One case as it came out.

    Attributes:
        case: the case.
        played: what the student's functions returned.
        answers: what the oracles say of the gradients, in the order of ``names``.
        names: the arguments that are judged.
        examined: comparisons and findings for the chosen convention.
    """

    case: Case
    played: Played
    answers: list[Answer] = field(default_factory=list)
    names: tuple[str, ...] = ()
    examined: Found | None = None


@dataclass(frozen=True)
class _Few:
    """Some entries of one gradient in one case.

    Attributes:
        seen: the case.
        argument: the number of the argument.
        indices: of the entries.
        claimed: what the student returned there.
        truth: what the sharpest oracle says.
        bound: how far off that may be, as a norm.
    """

    seen: Seen
    argument: int
    indices: list[tuple[Any, ...]]
    claimed: Array
    truth: Array
    bound: float


def _quotients() -> list[tuple[bool, float]]:
    """The difference quotients that students take: whether centred, and the step."""
    return [(centred, step) for centred in (True, False) for step in STEPS]


@dataclass
class Judgement:
    """What came of judging one exercise.

    Attributes:
        outcome: "right", "wrong", "undecided", "unfinished", or "crashed" in some of the cases.
        seen: the cases.
        wrong: the arguments whose gradients are wrong.
        convention: the reading that was chosen.
        reference: the reference that the forward agrees with; None if with none.
        forward: "own" (none is known), "agrees", "near" or "differs".
        misshapen: argument → what is wrong with the shape of its gradient.
        notes: what else is worth saying.
        slight: the largest relative error, where everything is right but for that.
        cause: "", "finite-difference", "epsilon", "digits" (too far off for rounding, and no epsilon stands
            in the file) or "single-precision".
        smallest: the smallest failing case.
        reason: why it is undecided or unfinished, or where it crashed.
        traceback: the student's own, if it crashed in some cases only.
        absent: optional arguments whose gradient never came.
    """

    outcome: str
    seen: list[Seen]
    wrong: tuple[str, ...] = ()
    convention: Convention = field(default_factory=lambda: Convention("", {}))
    reference: Reference | None = None
    forward: str = "own"
    misshapen: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    slight: float = 0.0
    cause: str = ""
    smallest: Seen | None = None
    reason: str = ""
    brief: bool = False
    traceback: str = ""
    absent: tuple[str, ...] = ()

    @property
    def borne_out(self) -> tuple[str, ...]:
        """The arguments whose gradients are right."""
        off = {*self.wrong, *self.misshapen, *self.absent}
        return tuple(name for name in self.convention.gradients if name not in off)


class Judge:
    """Judges one exercise over several cases.

    Args:
        play: the exercise on the student's functions.
        examples: how many cases are drawn.
        seed: reproduces them.
        epsilon: whether small constants stand in the student's functions.
        todo: whether a TODO still stands in the judged function, or nothing but zeros is put into what it
            returns.
    """

    def __init__(self, play: Play, examples: int, seed: int, epsilon: bool, todo: bool) -> None:
        self.play = play
        self.exercise = play.exercise
        self.examples = max(examples, len(self.exercise.settings))
        self.seed = seed
        self.epsilon = epsilon
        self.todo = todo
        self.reference: Reference | None = None

    def standing(self) -> int:
        """How likely the exercise is meant: 0 if a reference agrees in a first case, 3 if it does not run.

        ``ENDLESS`` if it does not come to an end.
        """
        case = drawing.drawn(self.exercise, 0, self.seed)
        try:
            seen = Seen(case, self.play.both(case))
        except (StudentCrash, Misfit, Unfinished) as error:
            return ENDLESS if isinstance(error, StudentCrash) and error.kind == "timed out" else 3
        if not self.exercise.references:
            return 1
        return 0 if any(self._distance(one, seen) <= NEAR for one in self.exercise.references) else 2

    def judge(self, briefly: bool = False) -> Judgement:
        """The judgement.

        Args:
            briefly: do not ask the oracles about the other cases where the first shows it to be wrong.

        Raises:
            StudentCrash: the backward did not come to an end in the first case (ForwardCrash: the forward).
            Misfit: what is returned is not of the form expected.
        """
        seen: list[Seen] = []
        troubles: list[tuple[Case, Exception]] = []
        for number in range(self.examples):
            case = drawing.drawn(self.exercise, number, self.seed)
            try:
                seen.append(Seen(case, self.play.both(case)))
            except Unfinished as error:
                return Judgement("unfinished", seen, reason=str(error))
            except (StudentCrash, Misfit) as error:
                troubles.append((case, error))
                if not seen and number + 1 >= len(self.exercise.settings):
                    raise troubles[0][1] from troubles[0][1].__cause__
        unsteady = self._unsteady(seen[0])
        if unsteady:
            return Judgement("undecided", seen, reason=unsteady)
        state = self._choose_reference(seen)
        entries = sum(a.size for a in seen[0].case.arguments if a.dtype.kind == "f")
        if state != "agrees" and entries > MANY:  # differences take two evaluations per entry and more
            wrong_anyway = state == "differs" and self.exercise.specification
            del seen[1 if wrong_anyway else max(FEW, len(self.exercise.settings)) :]
        self._ask(seen[0], state, DIFFERENCED, sharply=True)
        if briefly:
            first = self._by_conventions(seen[:1])
            if first.outcome == "wrong":
                return replace(first, brief=True, forward=state)
        followed = not any(answer.refusal for answer in seen[0].answers)  # once is enough to know
        for one in seen[1:]:
            self._ask(one, state, DIFFERENCED, sharply=followed)
        judgement = self._by_conventions(seen)
        # The rounding of a difference quotient is so large that its bound may well hold the true gradient.
        if judgement.outcome == "right" and self._differences(judgement):
            judgement = replace(
                judgement, outcome="wrong", cause="finite-difference", slight=judgement.slight or 1e-9
            )
        judgement.reference, judgement.forward = self.reference, state
        if self.exercise.assumed and judgement.outcome == "wrong" and state in ("own", "differs"):
            self._unless_confirmed(judgement)
        if troubles:
            self._stumbled(judgement, troubles)
        if judgement.outcome == "right" and self.exercise.open:
            judgement.outcome, judgement.reason = "undecided", self.exercise.open
        self._note(judgement)
        return judgement

    def _unless_confirmed(self, judgement: Judgement) -> None:
        """A loss that the student's file does not state must be borne out by one gradient at least."""
        if not judgement.cause and not judgement.borne_out:
            judgement.outcome = "undecided"
            judgement.reason = (
                "the file does not say which loss this is the gradient of, and it is that of none I tried"
            )
        elif "loss" not in self.exercise.methods and judgement.wrong:
            if not all(self._may_be_penalised(judgement, name) for name in judgement.wrong):
                return
            judgement.outcome = "undecided"
            judgement.reason = (
                "its gradients hold a penalty of the weights, and the file does not say of which loss they"
                " are"
            )

    def _may_be_penalised(self, judgement: Judgement, name: str) -> bool:
        """Whether all that is wrong with a gradient is a multiple of its own argument."""
        number = list(self.exercise.arguments).index(name)
        for one in judgement.seen:
            weights = one.case.arguments[number]
            for finding in one.examined.findings if one.examined is not None else []:
                if finding.claim.name != name or not finding.per_oracle:
                    continue
                residual = finding.claim.value - finding.per_oracle[0][1].expected
                rest = residual - weights * float((residual * weights).sum() / (weights**2).sum())
                if np.abs(rest).max() > LIKE_WEIGHTS * np.abs(residual).max():
                    return False
        return True

    def _stumbled(self, judgement: Judgement, troubles: Sequence[tuple[Case, Exception]]) -> None:
        """Say that it does not run everywhere; then it is not right."""
        where = self._where([case for case, _ in troubles], [one.case for one in judgement.seen])
        error = troubles[0][1]
        judgement.notes.append(f"With {where} it does not run: {error}")
        if judgement.outcome == "right" and judgement.forward != "differs":
            judgement.outcome = "crashed"
            judgement.reason = f"It is right where it runs, but not with {where}: {error}"
            judgement.traceback = getattr(error, "traceback", "")

    def _where(self, failed: Sequence[Case], others: Sequence[Case]) -> str:
        """What tells the cases that fail from the others, as the first of them has it."""

        def told(case: Case) -> dict[str, Any]:
            given = {**drawing.settings(self.exercise, case), **case.sizes}
            return {key: value for key, value in given.items() if isinstance(value, (int, float, str))}

        first = told(failed[0])
        telling = [
            key
            for key in first
            if not {told(c).get(key) for c in failed} & {told(c).get(key) for c in others}
        ]
        return ", ".join(f"{key} = {first[key]}" for key in telling or first)

    def _unsteady(self, one: Seen) -> str:
        # Other values in between, of which nothing may be left.
        with contextlib.suppress(StudentCrash, Misfit, Unfinished):
            self.play.both(drawing.shaken(one.case))
        again = self.play.both(one.case)
        if not all(
            np.array_equal(a, b, equal_nan=True)
            for a, b in zip(one.played.outputs, again.outputs, strict=True)
        ):
            return "the forward returns different values for the same arguments: fix its random seed"
        for first, second in zip(one.played.gradients, again.gradients, strict=True):
            for name, array in first.items():
                other = second.get(name)
                if (
                    array is not None
                    and other is not None
                    and not np.array_equal(array, other, equal_nan=True)
                ):
                    return (
                        "the backward returns different values for the same arguments: something is left over"
                        " from the call before, or a random seed is not fixed"
                    )
        return ""

    # The forward.

    def _choose_reference(self, seen: Sequence[Seen]) -> str:
        """Find the reference that the student's forward agrees with in every case."""
        best = np.inf
        for one in self.exercise.references:
            distance = max(self._distance(one, s) for s in seen)
            if distance <= AGREE:
                self.reference = one
                return "agrees"
            if distance < best:
                best = distance
                nearest = one
        if not self.exercise.references:
            return "own"
        if best <= NEAR:
            self.reference = nearest
            return "near"
        return "differs"

    def _distance(self, one: Reference, seen: Seen) -> float:
        """How far the student's outputs are from the reference's, relative to the largest."""
        with np.errstate(all="ignore"):
            outputs = self._referenced(one)(self.play.point(seen.case))
        worst = 0.0
        for output, other in zip(seen.played.outputs, outputs, strict=False):
            if output.size != other.size or output.squeeze().shape != other.squeeze().shape:
                return float("inf")
            scale = max(float(np.max(np.abs(other), initial=0.0)), 1e-3)
            gap = float(np.max(np.abs(output.squeeze() - other.squeeze()), initial=0.0)) / scale
            if output.dtype == np.float32:
                gap = 0.0 if gap < SINGLE else gap
            worst = max(worst, gap if np.isfinite(gap) else np.inf)
        return worst

    def _referenced(self, one: Reference) -> reference.Forward:
        return reference.find(one.function, one.given, one.path)

    # The gradients.

    def _ask(
        self, one: Seen, state: str, beside: int = 0, only: Sequence[str] = (), sharply: bool = False
    ) -> None:
        """The oracles' answers on one case.

        Args:
            one: the case.
            state: what is known of the forward.
            beside: how many cases get finite differences beside the reference.
            only: the arguments that count; all if it is empty.
            sharply: sharpen finite differences that judge alone.
        """
        case = one.case
        names = [
            n
            for n, a in zip(self.exercise.arguments, case.arguments, strict=True)
            if a.dtype.kind == "f" and (not only or n in only)
        ]
        one.names = tuple(n for n in names if any(g.get(n) is not None for g in one.played.gradients))
        if state == "agrees" and self.reference is not None:
            one.answers.append(self._by_reference(self.reference, one))
        entries = sum(case.arguments[list(self.exercise.arguments).index(n)].size for n in one.names)
        if state != "agrees" or (case.number < beside and entries <= AT_HAND):
            wrt = [list(self.exercise.arguments).index(n) for n in one.names]
            differences = FiniteDifference(
                lambda *arguments: self.play.forward(case, arguments),
                many=lambda points: self.play.forwards(case, points),
            )
            measured = differences.gradients(case, one.played.delta, wrt)
            one.answers.append(measured)
            if sharply and state != "agrees":
                played = one.played
                one.answers.append(
                    complex_steps.gradients(
                        self.play, case, played.outputs, played.delta, one.names, measured
                    )
                )

    def _by_reference(self, chosen: Reference, one: Seen) -> Answer:
        forward = self._referenced(chosen)
        point = self.play.point(one.case)
        arguments = {name: point[name] for name in self.exercise.arguments}
        delta = [d.reshape(o.shape) for d, o in zip(one.played.delta, one.played.outputs, strict=True)]

        def shaped(values: Mapping[str, Any]) -> list[Array]:
            outputs = forward({**point, **values})
            return [o.reshape(d.shape) for o, d in zip(outputs, delta, strict=False)]

        return reference.gradients(shaped, arguments, one.names, delta[: len(shaped(arguments))])

    def _by_conventions(self, seen: Sequence[Seen]) -> Judgement:
        """The first reading of what is returned that is right; else the plain one."""
        first: Judgement | None = None
        for number, convention in enumerate(self.play.conventions):
            if any(one.played.misfits[number] for one in seen):
                continue
            judgement = self._compared(seen, number, convention)
            if judgement.outcome == "undecided" and self._is_zero_skeleton(judgement):
                return replace(judgement, outcome="unfinished", reason=ZEROS)
            if judgement.outcome != "wrong":
                return judgement
            if first is None or len(judgement.wrong) + len(judgement.misshapen) < len(first.wrong) + len(
                first.misshapen
            ):
                first = judgement
        assert first is not None
        self._compared(seen, self.play.conventions.index(first.convention), first.convention)
        return self._explained(first)

    def _compared(
        self, seen: Sequence[Seen], number: int, convention: Convention, noisy: bool = True
    ) -> Judgement:
        wrong: dict[str, None] = {}
        strong: set[str] = set()
        missing: dict[str, None] = {}
        misshapen: dict[str, str] = {}
        notes: dict[str, str] = {}
        fits: set[str] = set()
        conflict = False
        for one in seen:
            one.examined = Found()
            arguments = dict(zip(self.exercise.arguments, one.case.arguments, strict=True))
            claims = one.played.gradients[number]
            noise = self._noise(one, number) if noisy else {}
            for name in convention.gradients:
                if claims.get(name) is None and name not in self.exercise.optional:
                    missing.setdefault(name)
            for k, name in enumerate(one.names):
                claimed = claims.get(name)
                if claimed is None:
                    continue
                fitted, word = _fitted(claimed, arguments[name].shape, name)
                if fitted is None:
                    if name in fits:  # elsewhere it has the right shape
                        fitting = [other.case for other in seen[: seen.index(one)]]
                        word = f"with {self._where([one.case], fitting)}, {word}"
                    misshapen.setdefault(name, word)
                    continue
                fits.add(name)
                if word:
                    notes.setdefault(name, word)
                if not np.isfinite(fitted).all():
                    wrong.setdefault(name)
                    misshapen.setdefault(name, f"the gradient for {name} is not finite, where the forward is")
                    continue
                assumed = ROUNDING * max(
                    float(np.max(np.abs(claimed), initial=0.0)), _natural(one, arguments)
                )
                bound = np.broadcast_to(noise.get(name, assumed), claimed.shape).reshape(fitted.shape)
                finding = find(
                    "gradient", Claim(name, fitted, bound), k, one.answers, _natural(one, arguments)
                )
                one.examined.findings.append(finding)
                one.examined.comparisons += self._records(one, finding)
                if finding.refuted.any():
                    wrong.setdefault(name)
                conflict |= bool(finding.conflict.any())
                if finding.strong:
                    strong.add(name)
        absent = tuple(
            n for n in self.exercise.optional if all(s.played.gradients[number].get(n) is None for s in seen)
        )
        judgement = Judgement(
            "right", list(seen), tuple(wrong), convention, misshapen=misshapen, absent=absent
        )
        judgement.notes = list(notes.values())
        if missing:
            judgement.outcome = "unfinished"
            judgement.reason = f"the gradient for {' and '.join(missing)} is None"
        if wrong or misshapen:
            judgement.outcome = "wrong"
        elif judgement.outcome == "right" and conflict:
            judgement.outcome, judgement.reason = "undecided", "the oracles contradict each other"
        elif judgement.outcome == "right":
            weak = [
                n
                for n in convention.gradients
                if n not in strong and n not in absent and any(n in one.names for one in seen)
            ]
            if weak or not strong:
                judgement.outcome = "undecided"
                judgement.reason = (
                    f"the gradient for {' and '.join(weak or ['every argument'])} could not be compared"
                    " sharply enough to mean anything"
                )
        return judgement

    def _noise(self, one: Seen, number: int) -> dict[str, Array]:
        """How much rounding may have moved each gradient of one convention."""
        names = list(one.names)
        # Labels are compared with 0 and 1: they are not rounded, and one moved by a rounding is no label.
        labels = [
            self.exercise.domains.get(name, "") in LABELS and name not in self.exercise.gradients
            for name in self.exercise.arguments
        ]

        def called(*arguments: Array) -> list[Array | None]:
            kept = [
                own if label else moved
                for own, moved, label in zip(one.case.arguments, arguments, labels, strict=True)
            ]
            gradients = self.play.both(one.case, kept).gradients[number]
            return [gradients.get(name) for name in names]

        results = [one.played.gradients[number].get(name) for name in names]
        natural = _natural(one, dict(zip(self.exercise.arguments, one.case.arguments, strict=True)))
        try:
            bounds = ClaimedNoise(_Opaque(lambda: None), called).of(
                one.case.arguments, results, natural, lambda: [None] * len(names)
            )
        except (StudentCrash, Misfit, Unfinished):
            return {}
        return {
            name: np.minimum(bound, UNBELIEVED * max(natural, _largest([result])))
            for name, bound, result in zip(names, bounds, results, strict=True)
            if result is not None
        }

    def _records(self, one: Seen, finding: Finding) -> list[Comparison]:
        examined = Examined(one.case, self.play.judged, tuple(self.exercise.arguments))
        examined.finds(finding, one.answers)
        return examined.comparisons

    # What a rejection may come from besides a mistake.

    def _explained(self, judgement: Judgement) -> Judgement:
        if judgement.misshapen:
            return judgement
        error, single = _largest_error(judgement.seen)
        if self._is_zero_skeleton(judgement):
            return replace(judgement, outcome="unfinished", reason=ZEROS)
        if single and error <= SINGLE:
            return replace(judgement, outcome="right", slight=error, cause="single-precision")
        if error <= EPSILON and self._differences(judgement):
            return replace(judgement, outcome="wrong", slight=error, cause="finite-difference")
        if error <= SLIGHT or (error <= EPSILON and self.epsilon):
            cause = "epsilon" if self.epsilon else "digits"
            return replace(judgement, outcome="right", slight=error, cause=cause)
        return judgement

    def _is_zero_skeleton(self, judgement: Judgement) -> bool:
        claims = [f.claim.value for one in judgement.seen if one.examined for f in one.examined.findings]
        return self.todo and bool(claims) and all(not claim.any() for claim in claims)

    def _differences(self, judgement: Judgement) -> float:
        """The step of the difference quotient that the claim is, with its errors; 0 if it is none.

        A difference quotient is off by its truncation and its rounding. Both come out the same when it is
        taken again, so whoever returns one is given away: the claim is far closer to that quotient than to
        the true gradient. Where the truth is known no better than by differences, the claim must be that
        quotient to the last digits, in two cases, though a quotient with a step beside it is not.
        """
        first = self._excerpt(judgement.seen[0])
        if first is None:
            return 0.0
        off = float(np.linalg.norm(first.claimed - first.truth))
        clean = CLEAN * float(np.linalg.norm(first.claimed))
        if off > max(clean, first.bound):
            for centred, step in _quotients():
                if np.linalg.norm(first.claimed - self._taken(first, step, centred)) <= SAME * off:
                    return step
            return 0.0
        if first.bound <= clean or len(judgement.seen) < 2:
            return 0.0
        second = self._excerpt(judgement.seen[1])
        if second is None:
            return 0.0
        for centred, step in _quotients():
            if all(self._is_quotient(one, step, centred) for one in (first, second)):
                return step
        return 0.0

    def _excerpt(self, one: Seen) -> _Few | None:
        """The largest entries of one gradient in one case; the same gradient in every case."""
        findings = one.examined.findings if one.examined else []
        if not findings:
            return None
        finding = max(findings, key=lambda f: (bool(f.refuted.any()), f.claim.value.size))
        shape = finding.claim.value.shape
        chosen = np.argsort(-np.abs(finding.claim.value).ravel())[:QUOTIENTS]
        indices = [np.unravel_index(int(flat), shape) for flat in chosen]
        entries = sharpest(finding)
        bound = np.broadcast_to(entries.bound, shape)
        return _Few(
            one,
            list(self.exercise.arguments).index(finding.claim.name),
            indices,
            np.array([float(finding.claim.value[index]) for index in indices]),
            np.array([float(entries.expected[index]) for index in indices]),
            float(np.linalg.norm([float(bound[index]) for index in indices])),
        )

    def _taken(self, few: _Few, step: float, centred: bool) -> Array:
        return np.array([self._quotient(few.seen, few.argument, i, step, centred) for i in few.indices])

    def _is_quotient(self, few: _Few, step: float, centred: bool) -> bool:
        gap = float(np.linalg.norm(few.claimed - self._taken(few, step, centred)))
        if not gap <= BITS * float(np.linalg.norm(few.claimed)):
            return False
        beside = float(np.linalg.norm(few.claimed - self._taken(few, step * BESIDE, centred)))
        return gap <= SAME_BITS * beside

    def _quotient(self, one: Seen, k: int, index: tuple[Any, ...], step: float, centred: bool) -> float:
        def at(t: float) -> list[Array]:
            arguments = [a.copy() for a in one.case.arguments]
            arguments[k][index] += t
            return self.play.forward(one.case, arguments)

        try:
            high, low = at(step), at(-step) if centred else at(0.0)
        except (StudentCrash, Misfit, Unfinished):
            return float("nan")
        width = 2 * step if centred else step
        return float(
            sum(np.sum(d * ((h - b) / width)) for d, h, b in zip(one.played.delta, high, low, strict=True))
        )

    # What is worth saying besides.

    def _note(self, judgement: Judgement) -> None:
        if self.exercise.says:
            judgement.notes.insert(0, self.exercise.says)
        if judgement.convention.says:
            judgement.notes.insert(0, judgement.convention.says)
        if self.reference is not None and self.reference.says:
            judgement.notes.append(self.reference.says)
        if judgement.outcome == "right":
            judgement.notes += filter(None, [self._at_the_kink(judgement)])
        changed = dict.fromkeys(name for one in judgement.seen for name in one.played.changed)
        for name in changed:
            which = "the upstream gradient" if name == "delta" else f"its input {name}"
            judgement.notes.append(f"It overwrites {which}: the caller's array is changed. Work on a copy.")

    def _at_the_kink(self, judgement: Judgement) -> str:
        """Which derivative a function of single entries takes at 0, where it has a kink there."""
        one = judgement.seen[0]
        x = one.case.arguments[0]
        if (
            len(one.case.arguments) > 1
            or self.exercise.kind != "vjp"
            or one.played.outputs[0].shape != x.shape
        ):
            return ""
        zero = np.zeros(x.shape)

        def slope(t: float) -> float:
            moved, still = (self.play.forward(one.case, [zero + step]) for step in (t, 0.0))
            return float(((moved[0] - still[0]) / t).flat[0])

        try:
            number = self.play.conventions.index(judgement.convention)
            played = self.play.both(one.case, [zero])
            claimed = played.gradients[number][one.names[0]]
            left, right = slope(-1e-6), slope(1e-6)
        except (StudentCrash, Misfit, Unfinished, KeyError, IndexError):
            return ""
        if claimed is None or claimed.shape != x.shape or not abs(left - right) > KINK:
            return ""
        taken = float((claimed / played.delta[0]).flat[0])
        taken, left, right = taken + 0, left + 0, right + 0  # −0 reads badly
        return f"At its kink at 0 it takes the derivative {taken:.3g}, between {left:.3g} and {right:.3g}."

    def smallest(self, judgement: Judgement) -> Seen:
        """The failing case made small: fewer and simpler numbers that still show the mistake."""
        number = self.play.conventions.index(judgement.convention)
        failing = next(
            (
                one
                for one in judgement.seen
                if one.examined and any(f.refuted.any() for f in one.examined.findings)
            ),
            None,
        )
        if failing is None:
            return judgement.seen[0]
        left = ENOUGH if judgement.forward == "agrees" else QUICK

        def examined(case: Case) -> Seen | None:
            try:
                seen = Seen(case, self.play.both(case))
                if (
                    judgement.forward == "agrees"
                    and self._distance(judgement.reference or Reference("", {}, ""), seen) > AGREE
                ):
                    return None
                self._ask(seen, judgement.forward, only=judgement.wrong)
                found = self._compared([seen], number, judgement.convention, noisy=False)
            except (StudentCrash, Misfit, Unfinished, ValueError, IndexError, ZeroDivisionError):
                return None
            return seen if set(judgement.wrong) & set(found.wrong) and not found.misshapen else None

        def failed(case: Case) -> Seen | None:
            seen = examined(case) if drawing.valid(self.exercise, case) else None
            beside = None if seen is None else examined(drawing.shaken(case))
            return None if seen is None or beside is None or _apart(seen, beside) else seen

        kept, searching = failing, True
        while searching and left > 0:
            searching = False
            for case in drawing.smaller(self.exercise, kept.case):
                left -= 1
                seen = failed(case)
                if seen is not None:
                    kept, searching = seen, True
                    break
                if left <= 0:
                    break
        return kept


def _apart(one: Seen, other: Seen) -> bool:
    """Whether the true gradients of two neighbouring cases differ much: one of them stands on a kink."""
    for a, b in zip(one.answers[0].estimates, other.answers[0].estimates, strict=True):
        scale = float(np.max(np.abs(b.value), initial=0.0))
        if a.kink.any() or float(np.max(np.abs(a.value - b.value), initial=0.0)) > 0.1 * scale + 1e-12:
            return True
    return False


def sharpest(finding: Finding) -> Entries:
    """The view of the oracle with the smallest bounds."""
    return min(finding.per_oracle, key=lambda pair: float(np.max(pair[1].bound, initial=0.0)))[1]


def _fitted(claimed: Array, shape: tuple[int, ...], name: str) -> tuple[Array | None, str]:
    """A gradient in the shape of its argument, with a word on a harmless difference.

    None in its place if it does not fit.
    """
    if claimed.shape == shape:
        return claimed, ""
    if claimed.squeeze().shape == tuple(n for n in shape if n != 1):
        return claimed.reshape(shape), (
            f"The gradient for {name} has shape {claimed.shape} where {name} has {shape}: the numbers are"
            f" the same, but a step {name} -= … would broadcast. Use keepdims=True or reshape."
            if claimed.ndim != len(shape)
            else ""
        )
    hint = ""
    if not claimed.size:
        hint = "; a slice such as pad:-pad holds nothing where pad is 0"
    elif claimed.shape == tuple(reversed(shape)):
        hint = "; it is the transpose"
    elif not claimed.shape:
        hint = "; everything is summed up, where an axis should stay: give np.sum an axis, and keepdims=True"
    elif claimed.size < int(np.prod(shape)):
        hint = "; an axis has been summed away that should stay"
    elif claimed.size > int(np.prod(shape)):
        hint = "; an axis should have been summed over"
    return None, f"the gradient for {name} has shape {claimed.shape}, but {name} has shape {shape}{hint}"


def _natural(one: Seen, arguments: Mapping[str, Array]) -> float:
    """The size that a derivative would ordinarily have: |δ| |f| / |x|."""
    sizes = _largest(one.played.delta) * _largest(one.played.outputs)
    return sizes / max(_largest(list(arguments.values())), 1.0)


def _largest(arrays: Sequence[Array]) -> float:
    """The largest magnitude in any of the arrays that hold real numbers."""
    return max((float(np.max(np.abs(a), initial=0.0)) for a in arrays if a.dtype.kind == "f"), default=0.0)


def _largest_error(seen: Sequence[Seen]) -> tuple[float, bool]:
    """The largest error of a gradient relative to its largest entry; whether any is in single precision."""
    worst, single = 0.0, False
    for one in seen:
        for finding in one.examined.findings if one.examined else []:
            single |= finding.claim.value.dtype in (np.float32, np.float16)
            if not finding.refuted.any():
                continue
            entries = sharpest(finding)
            scale = float(np.max(np.abs(entries.expected), initial=0.0)) or 1.0
            worst = max(
                worst, float(np.max(np.abs(finding.claim.value - entries.expected), initial=0.0)) / scale
            )
        single |= any(output.dtype in (np.float32, np.float16) for output in one.played.outputs)
    return worst, single
