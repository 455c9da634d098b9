"""Backward passes with one local rule wrong: what students, and everybody else, get wrong in the chain rule.

Each is a change of reverse mode on the tape of the forward; so it is tried on every function that traces.
"""

# ruff: noqa: ARG001, ARG005  (an edge takes both cotangents, needed or not)

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.diagnosis.hypothesis import Subject
from checkers.diagnosis.local_rules import broadcast_axes, dot_cotangents
from checkers.diagnosis.regions import ACTIVATIONS, EQUATIONS, FUNCTIONS, Region, diagonal, regions, slope
from checkers.diagnosis.tape import Alteration, Jump, Step, Tape
from checkers.rounding.windows import gather_positions

Array: TypeAlias = NDArray[Any]

UNLIKELY = 2.5
"""More than it takes for a term to be missing: what explains no more than that is not the likely mistake."""
MANY = 64
"""Entries up to which the diagonal of a Jacobian is had entry by entry."""
CANDIDATES = 8
"""Values of the right shape that are tried in place of the operand that belongs into a product."""
ADDED = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
"""What people add to a denominator, or to the argument of a logarithm."""


@dataclass(frozen=True)
class Altered:
    """One wrong rule at one place.

    Attributes:
        code, detail: the mistake; the same at every place where it can be made.
        kind: what such places have in common, the name of an activation.
        alteration: of the reverse pass.
        say: the sentence.
        equation: the catalogue id of the right rule.
        complexity: how much it assumes.
    """

    code: str
    detail: str
    alteration: Alteration
    say: Callable[[Subject], str]
    equation: str
    complexity: float
    kind: str = ""

    @property
    def label(self) -> tuple[str, str]:
        """The same for the same mistake at another place."""
        return self.code, self.detail


def alterations(tape: Tape, names: Sequence[str]) -> list[Altered]:
    """All wrong rules that this tape has room for. ``names`` are those of the arguments."""
    called = dict(zip(tape.arguments, names, strict=True))
    found: list[Altered] = []
    for step in tape.steps:
        if step.name == "transpose" and step.inputs[0] in called and tape.values[step.inputs[0]].ndim == 2:
            called.setdefault(step.outputs[0], f"{called[step.inputs[0]]}ᵀ")
    with np.errstate(all="ignore"):
        for region in regions(tape):
            if region.elementwise:
                argument = region.start in tape.arguments
                found += _of_activation(tape, region, called[region.start] if argument else "z")
                called.setdefault(region.start, "the pre-activation z")
                if region.function in ("sigmoid", "tanh", "ReLU", "leaky ReLU"):
                    called.setdefault(region.end, "the activation")
            else:
                found += _of_jacobian(tape, region)
        for step in tape.steps:
            if step.name == "dot_general":
                found += _of_product(tape, step, called)
            elif step.name in ("mul", "div"):
                found += _of_factors(tape, step, called)
            elif step.name == "broadcast_in_dim":
                found += _of_broadcast(tape, step)
            elif step.name == "gather":
                found += _of_gather(tape, step)
            elif step.name in ("reduce_max", "reduce_min"):
                found += _of_maximum(step)
            if step.name in ("log", "div", "sqrt", "rsqrt"):
                found += _of_epsilon(tape, step)
        found += _of_statistics(tape)
    return found


def _of_statistics(tape: Tape) -> Iterator[Altered]:
    """Nothing comes back through the sums that are spread out again: means, variances, lengths."""
    cut = {
        (step.number, 0): _nothing
        for step in tape.steps
        if step.name == "reduce_sum"
        and tape.varying[step.inputs[0]]
        and any(later.name != "reduce_sum" for later, _ in tape.users.get(step.outputs[0], []))
        and any(tape.values[slot].size > tape.values[step.outputs[0]].size for slot in tape.results)
    }
    if cut:
        yield Altered(
            "statistics-as-constants",
            "all",
            Alteration(cut),
            _constants_sentence,
            "nndl-58",
            2.5,
        )


def _constants_sentence(s: Subject) -> str:
    return (
        f"In {s.inside}, the sums, means or variances in the forward are taken for constants: they depend on"
        f" {s.listed} too, and what comes back through them is missing."
    )


def _jump(region: Region, carry: Callable[[Array], Array]) -> Alteration:
    return Alteration(jumps={region.end: Jump(region.start, carry)})


# --- activations ----------------------------------------------------------------------------------------


def _of_activation(tape: Tape, region: Region, z: str) -> Iterator[Altered]:
    u, v = tape.values[region.start], tape.values[region.end]
    f, the = region.function, region.the
    right, follows = slope(tape, region), _follows_product(tape, region)
    own = EQUATIONS.get(f, "article-218" if follows else "article-39")
    chain = "nndl-44" if follows else own
    likely = f in ACTIVATIONS or f == "activation"
    yield Altered(
        "missing-activation-derivative",
        "",
        _jump(region, lambda ct: ct),
        lambda s: (
            f"{s.the} {s.lack} the derivative of {the}: {s.arriving} has to be multiplied by g'(z), entry by"
            " entry, before it goes on."
        ),
        chain,
        2.0 if likely else UNLIKELY,
        f,
    )
    at_output = slope(tape, region, v)
    yield Altered(
        "derivative-of-activation",
        "",
        _jump(region, lambda ct: ct * at_output),
        lambda s: (
            f"In {s.inside}, the derivative of {the} is taken at the activation a = g(z) where it belongs at"
            " the pre-activation z: it is g'(z), not g'(a)."
            + (
                " The form in terms of a takes a as it is, without g once more."
                if f in ("sigmoid", "tanh")
                else ""
            )
        ),
        own,
        2.2 if likely else UNLIKELY + 0.1,
        f,
    )
    yield Altered(
        "activation-for-derivative",
        "",
        _jump(region, lambda ct: ct * v),
        lambda s: (
            f"In {s.inside}, the value of {the} stands where its derivative belongs: g(z) in place of g'(z)."
        ),
        chain,
        2.2 if likely else UNLIKELY + 0.1,
        f,
    )
    yield Altered(
        "derivative-twice",
        "",
        _jump(region, lambda ct: ct * right**2),
        lambda s: f"In {s.inside}, the derivative of {the} is multiplied in twice.",
        chain,
        2.4 if likely else UNLIKELY + 0.2,
        f,
    )
    if (right != 0).all():
        yield from _divided(region, right, chain)
    yield Altered(
        "delta-ignored-midway",
        "",
        _jump(region, lambda ct: right),
        lambda s: (
            f"In {s.inside}, the error that arrives at {the} is left out: g'(z) stands alone, and must be"
            " multiplied by it."
        ),
        chain,
        2.6,
        f,
    )
    yield Altered(
        "relu-of-gradient",
        "",
        _jump(region, lambda ct: np.maximum(ct, 0)),
        lambda s: (
            f"In {s.inside}, the error itself is cut off at zero: the mask was made of its sign where it must"
            " be made of the sign of the pre-activation z. Use (z > 0)."
        ),
        "cs182-33",
        2.4 if likely else UNLIKELY + 0.2,
        f,
    )
    yield from _other_derivatives(region, u, v, right, own, z)
    yield from _misplaced(tape, region, right)
    yield from _misplaced_behind(tape, region, right)


def _divided(region: Region, right: Array, chain: str) -> Iterator[Altered]:
    f, the = region.function, region.the
    yield Altered(
        "divided-by-derivative",
        "",
        _jump(region, lambda ct: ct / right),
        lambda s: (
            f"{s.the} {s.are} divided by the derivative of {the} where {s.they} must be multiplied by it."
        ),
        chain,
        2.6,
        f,
    )


def _other_derivatives(
    region: Region, u: Array, v: Array, right: Array, own: str, z: str
) -> Iterator[Altered]:
    the = region.the
    others: list[tuple[str, str, Array]] = [
        (f"the derivative of the {name}", name, derivative(u))
        for name, (_, derivative) in FUNCTIONS.items()
        if name in ("sigmoid", "tanh", "ReLU")
    ]
    others += [
        ("a (1 − a)", "a(1-a)", v * (1 - v)),
        ("1 − a²", "1-a²", 1 - v**2),
        ("1 − a", "1-a", 1 - v),
        ("1 + a²", "1+a²", 1 + v**2),
        ("a (1 + a)", "a(1+a)", v * (1 + v)),
        ("a²", "a²", v**2),
        (f"{z} (1 − {z}), the form for the activation with {z} put in,", "z(1-z)", u * (1 - u)),
        (f"1 − {z}², the form for the activation with {z} put in,", "1-z²", 1 - u**2),
        (f"the mask ({z} < 0)", "z<0", (u < 0).astype(u.dtype)),
        (f"{z} itself", "z", u),
        (f"1/{z}", "1/z", 1 / u),
        (f"1/{z}²", "1/z²", 1 / u**2),
        (f"{z}²", "z²", u**2),
        ("1/a", "1/a", 1 / v),
    ]
    if region.function == "square":
        others = []  # of them only z would be likely, and that is a factor 1/2
    for text, detail, other in others:
        formula = detail in ("z(1-z)", "1-z²")
        complexity = 2.46 if region.function == "activation" else 2.15
        # A multiple of the right slope is a matter of a factor; a mask that is the same everywhere is none.
        if (
            _is_multiple(other, right)
            or np.ptp(other) == 0
            or region.function not in (*ACTIVATIONS, "activation")
        ):
            complexity = UNLIKELY + 0.1
        yield Altered(
            "derivative-at-wrong-variable" if formula else "wrong-activation-derivative",
            detail,
            _jump(region, partial(lambda other, ct: ct * other, other)),
            partial(
                lambda text, s: f"In {s.inside}, {text} stands where the derivative of {the} belongs.", text
            ),
            own,
            complexity,
            region.function,
        )


def _is_multiple(one: Array, other: Array) -> bool:
    """Whether one array is a number times the other."""
    with np.errstate(all="ignore"):
        ratio = one / other
    return bool(np.isfinite(ratio).all()) and bool(np.ptp(ratio) <= 1e-12 * np.abs(ratio).max(initial=0.0))


def _follows_product(tape: Tape, region: Region) -> bool:
    return any(step.name == "dot_general" for step, _ in tape.users.get(region.end, []))


def _misplaced(tape: Tape, region: Region, right: Array) -> Iterator[Altered]:
    """Wᵀ (δ ⊙ g'(z)) for (Wᵀ δ) ⊙ g'(z)."""
    for step, k in tape.users.get(region.end, []):
        if step.name != "dot_general":
            continue
        result = tape.values[step.outputs[0]]
        if result.shape != right.shape:
            continue

        def moved(grad: Array, ct: Array, step: Step = step, k: int = k) -> Array:
            x, y = (tape.values[slot] for slot in step.inputs)
            return dot_cotangents(ct * right, x, y, step.parameters["dimension_numbers"])[k]

        yield Altered(
            "misplaced-parenthesis",
            "",
            Alteration({(step.number, k): moved}, {region.end: Jump(region.start, lambda ct: ct)}),
            lambda s: (
                f"In {s.inside}, a parenthesis is misplaced: Wᵀ (δ ⊙ g'(z)) is computed where (Wᵀ δ) ⊙ g'(z)"
                " is meant. First the matrix product, then g'(z) entry by entry; with layers of different"
                " width the shapes would not even fit."
            ),
            "ng-18",
            2.1,
        )


def _misplaced_behind(tape: Tape, region: Region, right: Array) -> Iterator[Altered]:
    """(Wᵀ δ) ⊙ g'(z) for Wᵀ (δ ⊙ g'(z)): the layer's own slope multiplied in after the matrix product."""
    maker = tape.makers.get(region.start)
    if maker is not None and maker.name == "add":
        maker = next(
            (m for slot in maker.inputs if (m := tape.makers.get(slot)) and m.name == "dot_general"), None
        )
    if maker is None or maker.name != "dot_general":
        return
    for k, slot in enumerate(maker.inputs):
        if not tape.varying[slot] or tape.values[slot].shape != right.shape:
            continue
        yield Altered(
            "misplaced-parenthesis",
            "behind",
            Alteration(
                {(maker.number, k): lambda grad, ct: grad * right},
                {region.end: Jump(region.start, lambda ct: ct)},
            ),
            lambda s: (
                f"In {s.inside}, a parenthesis is misplaced: (Wᵀ δ) ⊙ g'(z) is computed where Wᵀ (δ ⊙ g'(z))"
                " is meant. First multiply the error by g'(z) of the same layer, entry by entry, then by"
                " the matrix; with layers of different width the shapes would not even fit."
            ),
            "ng-18",
            2.3,
        )


# --- Jacobians that mix entries -------------------------------------------------------------------------


def _of_jacobian(tape: Tape, region: Region) -> Iterator[Altered]:
    u, v = tape.values[region.start], tape.values[region.end]
    the = region.the if region.function == "softmax" else "the function"
    if region.function == "softmax":
        entries = v * (1 - v)
    elif u.size <= MANY:
        entries = diagonal(tape, region)
    else:
        return
    softmax = region.function == "softmax"
    yield Altered(
        "softmax-diagonal" if softmax else "jacobian-diagonal",
        "",
        _jump(region, lambda ct: ct * entries),
        lambda s: (
            f"{s.the} {s.are} made of the diagonal of {'the softmax Jacobian' if softmax else 'a Jacobian'}"
            " alone"
            + (
                f": a_i (1 − a_i) {s.delta}_i is not all of it. Every output depends on every z, so"
                f" −a_i Σ_{{k≠i}} a_k {s.delta}_k belongs to it too: a ⊙ ({s.delta} − Σ_k {s.delta}_k a_k)."
                if softmax
                else ": every output depends on several inputs, and the entries off the diagonal count too."
            )
        ),
        "article-101" if softmax else "nndl-41",
        1.9 if softmax else 2.3,
    )
    yield Altered(
        "missing-softmax-derivative" if softmax else "missing-jacobian",
        "",
        _jump(region, lambda ct: ct),
        lambda s: f"{s.the} {s.lack} the derivative of {the}: what arrives behind it is passed on unchanged.",
        EQUATIONS.get(region.function, "nndl-39"),
        2.1 if softmax else UNLIKELY,
    )
    cut = {
        (step.number, k): _nothing
        for step in tape.between(region.end, region.start)
        for k, slot in enumerate(step.inputs)
        if step.name.startswith("reduce_") and tape.varying[slot]
    }
    if len(cut) > 1:
        yield Altered(
            "statistics-as-constants",
            "",
            Alteration(cut),
            lambda s: (
                f"In {s.inside}, the sums, means or variances in the forward are taken for constants: they"
                f" depend on {s.listed} too, and what comes back through them is missing."
            ),
            "nndl-58",
            2.45,
        )
    if softmax:
        yield from _along_other_axes(region, u, v)
        for detail, other, text in (
            ("a", v, "a ⊙ δ, without the sum that is subtracted: a ⊙ (δ − Σ_k δ_k a_k)"),
            (
                "sigmoid",
                _sigmoid_slope(u),
                "the derivative of the sigmoid stands where the softmax Jacobian belongs",
            ),
        ):
            yield Altered(
                "wrong-softmax-derivative",
                detail,
                _jump(region, partial(lambda other, ct: ct * other, other)),
                partial(
                    lambda text, s: f"In {s.inside}, the derivative of the softmax is wrong: {text}.", text
                ),
                "article-101",
                2.2,
            )


def _along_other_axes(region: Region, u: Array, v: Array) -> Iterator[Altered]:
    """Σ_k δ_k a_k over another axis than the softmax's own, or over all."""
    axes: list[tuple[int | None, str]] = [(axis, f"along axis {axis}") for axis in range(u.ndim)]
    if u.ndim > 1:
        for axis, text in [*axes, (None, "over everything")]:
            yield Altered(
                "wrong-softmax-axis",
                text,
                _jump(
                    region,
                    partial(lambda axis, ct: v * (ct - (ct * v).sum(axis=axis, keepdims=True)), axis),
                ),
                partial(
                    lambda text, s: (
                        f"In {s.inside}, the sum Σ_k δ_k a_k of the softmax's derivative is taken {text}: it"
                        " must run along the axis that the softmax itself normalises, with keepdims=True."
                    ),
                    text,
                ),
                "article-101",
                2.3,
            )
    for detail, text, carry in (
        (
            "plus",
            "a ⊙ (δ + Σ_k δ_k a_k) stands where a ⊙ (δ − Σ_k δ_k a_k) belongs",
            lambda ct, s: v * (ct + s),
        ),
        ("without a", "the factor a is missing in front of a ⊙ (δ − Σ_k δ_k a_k)", lambda ct, s: ct - s),
    ):
        for axis, _ in axes:
            total = np.exp(u - u.max(axis=axis, keepdims=True)).sum(axis=axis, keepdims=True)
            if not np.allclose(np.exp(u - u.max(axis=axis, keepdims=True)) / total, v, 1e-9, 0):
                continue
            yield Altered(
                "wrong-softmax-derivative",
                detail,
                _jump(
                    region,
                    partial(
                        lambda carry, axis, ct: carry(ct, (ct * v).sum(axis=axis, keepdims=True)), carry, axis
                    ),
                ),
                partial(
                    lambda text, s: f"In {s.inside}, the derivative of the softmax is wrong: {text}.", text
                ),
                "article-101",
                2.25,
            )
            break


def _nothing(grad: Array, ct: Array) -> Array:
    return np.zeros_like(grad)


def _sigmoid_slope(u: Array) -> Array:
    return np.asarray(FUNCTIONS["sigmoid"][1](u))


# --- matrix products ------------------------------------------------------------------------------------


def _of_product(tape: Tape, step: Step, called: dict[int, str]) -> Iterator[Altered]:
    numbers = step.parameters["dimension_numbers"]
    x, y = (tape.values[slot] for slot in step.inputs)
    for k, other in ((0, y), (1, x)):
        if not tape.varying[step.inputs[k]]:
            continue
        name = called.get(step.inputs[1 - k], "the matrix")
        if other.ndim == 2 and other.shape[0] == other.shape[1]:

            def turned(grad: Array, ct: Array, k: int = k) -> Array:
                pair = (x, y.T) if k == 0 else (x.T, y)
                return dot_cotangents(ct, *pair, numbers)[k]

            yield Altered(
                "missing-transpose",
                name,
                Alteration({(step.number, k): turned}),
                partial(
                    lambda name, s: (
                        f"In {s.inside}, {name} is used where its transpose belongs: back through"
                        f" z = {name} a the error goes as {name}ᵀ δ. With a matrix that is not square the"
                        f" shapes would not even fit."
                        if len(name) < 12 and "ᵀ" not in name
                        else f"In {s.inside}, a matrix is used where its transpose belongs: back through z"
                        " = W a the error goes as Wᵀ δ."
                    ),
                    name,
                ),
                "cs182-23",
                2.0,
            )
        # The sum for a weight runs over the examples, the one for an input over the neurons behind it.
        weight = called.get(step.inputs[k], "")[:1] in ("W", "w")
        for index, which in ((0, "first"), (-1, "last")):
            yield Altered(
                "dropped-example" if weight else "dropped-term",
                which,
                Alteration({(step.number, k): _dropping(x, y, numbers, k, index, False)}),
                partial(_dropped, which, "example" if weight else "term of a sum"),
                "ng-34" if weight else "nndl-42",
                2.2,
            )
            yield Altered(
                "one-term-only",
                which,
                Alteration({(step.number, k): _dropping(x, y, numbers, k, index, True)}),
                partial(_alone, which, "example" if weight else "term of a sum, one path of many"),
                "ng-34" if weight else "nndl-58",
                2.2,
            )
        for instead, value in _instead(tape, step.inputs[1 - k], called):

            def replaced(grad: Array, ct: Array, k: int = k, value: Array = value) -> Array:
                pair = (x, value) if k == 0 else (value, y)
                return dot_cotangents(ct, *pair, numbers)[k]

            yield Altered(
                "wrong-variable",
                f"{instead} for {called.get(step.inputs[1 - k], 'another')}",
                Alteration({(step.number, k): replaced}),
                _wrong_variable(instead, called.get(step.inputs[1 - k])),
                "nndl-46",
                2.5,
            )
        target = tape.values[step.inputs[k]].shape

        for detail, turn in ((name, False), (f"{name}ᵀ", True)):
            yield Altered(
                "elementwise-product",
                detail,
                Alteration({(step.number, k): partial(_entry_by_entry, other.T if turn else other, target)}),
                lambda s: (
                    f"In {s.inside}, two arrays are multiplied entry by entry (*) where their matrix product"
                    " (@) belongs."
                ),
                "article-19",
                2.4 + 0.1 * turn,
            )
        yield Altered(
            "missing-matrix-product",
            name,
            Alteration({(step.number, k): partial(_passed, target)}),
            partial(
                lambda name, s: (
                    f"In {s.inside}, a matrix product is missing: the error that arrives at z = W a goes on"
                    f" unchanged, and must be multiplied by {name} (as Wᵀ δ, or δ aᵀ)."
                ),
                name,
            ),
            "cs182-23",
            2.35,
        )


def _entry_by_entry(other: Array, target: Sequence[int], grad: Array, ct: Array) -> Array:
    try:
        product = ct * other
    except ValueError:
        return np.full(target, np.nan)
    return product if product.shape == tuple(target) else np.full(target, np.nan)


def _passed(target: Sequence[int], grad: Array, ct: Array) -> Array:
    return ct if ct.shape == tuple(target) else np.full(target, np.nan)


def _dropping(
    x: Array, y: Array, numbers: Any, k: int, index: int, only: bool
) -> Callable[[Array, Array], Array]:
    return lambda grad, ct: dot_cotangents(ct, x, y, numbers, (k, index, only))[k]


def _dropped(which: str, what: str, s: Subject) -> str:
    return (
        f"{s.the} {s.lack} the {which} {what}: the sum"
        f" {'begins one too late' if which == 'first' else 'stops one too early'}."
    )


def _alone(which: str, what: str, s: Subject) -> str:
    return f"{s.the} {s.are} made of the {which} {what} alone: sum over all of them."


def _wrong_variable(instead: str, right: str | None) -> Callable[[Subject], str]:
    belongs = f"where {right} belongs" if right else "where another value of the same shape belongs"
    return lambda s: f"In {s.inside}, {instead} is multiplied in {belongs}."


def _instead(tape: Tape, slot: int, called: dict[int, str]) -> Iterator[tuple[str, Array]]:
    """Values with a name that may stand in the place of another: of its shape, or so when transposed."""
    shape = tape.values[slot].shape
    for other in _alike(tape, slot):
        if other in called:
            yield called[other], tape.values[other]
    for other in tape.arguments:
        value = tape.values[other]
        maker = tape.makers.get(slot)
        itself = maker is not None and maker.inputs[0] == other
        if value.ndim == 2 and value.T.shape == shape and tape.varying[other] and not itself:
            yield f"{called[other]}ᵀ", value.T


def _alike(tape: Tape, slot: int) -> list[int]:
    """Other values of the same shape."""
    value = tape.values[slot]
    return [
        other
        for other, candidate in enumerate(tape.values)
        if other != slot and tape.varying[other] and candidate.shape == value.shape
    ][:CANDIDATES]


# --- products, quotients, sums --------------------------------------------------------------------------


def _of_factors(tape: Tape, step: Step, called: dict[int, str]) -> Iterator[Altered]:
    a, b = (tape.values[slot] for slot in step.inputs)
    for k in (0, 1):
        if not tape.varying[step.inputs[k]] or not tape.varying[step.inputs[1 - k]]:
            continue
        name = called.get(step.inputs[1 - k], "the other one")
        if step.name == "mul":
            yield from _of_other_factor(tape, step, k, called)
            yield Altered(
                "missing-factor",
                name,
                Alteration({(step.number, k): lambda grad, ct: _like(ct, grad)}),
                partial(
                    lambda name, s: (
                        f"In {s.inside}, a factor is missing: in the derivative of a product u v by u the"
                        f" factor v stays, here {name}."
                    ),
                    name,
                ),
                "nndl-54",
                2.5,
            )
            own = (a, b)[k]
            yield Altered(
                "wrong-variable",
                f"own for {name}",
                Alteration({(step.number, k): partial(lambda own, grad, ct: _like(ct * own, grad), own)}),
                lambda s: (
                    f"In {s.inside}, the wrong factor of a product stays: the derivative of u v by u is v,"
                    " not u."
                ),
                "nndl-54",
                2.5,
            )
        elif k == 1:
            for detail, text, quotient in (
                ("-u/v", "−u/v where −u/v² belongs: the denominator is to be squared", -a / b),
                ("-1/v²", "−1/v² where −u/v² belongs: the numerator stays", -1 / b**2),
            ):
                yield Altered(
                    "wrong-quotient-rule",
                    detail,
                    Alteration(
                        {(step.number, 1): partial(lambda q, grad, ct: _like(ct * q, grad), quotient)}
                    ),
                    partial(
                        lambda text, s: f"In {s.inside}, the derivative of a quotient u/v by v is {text}.",
                        text,
                    ),
                    "nndl-54",
                    2.4,
                )


def _of_other_factor(tape: Tape, step: Step, k: int, called: dict[int, str]) -> Iterator[Altered]:
    """The other factor of a product is −v or 1 − v: v is left out, or stands there alone."""
    maker = tape.makers.get(step.inputs[1 - k])
    if maker is None:
        return
    inner = next((slot for slot in maker.inputs[::-1] if tape.varying[slot]), maker.inputs[0])
    v = called.get(inner, "v")
    if maker.name == "neg":
        yield Altered(
            "missing-factor",
            f"{v} behind a minus",
            Alteration({(step.number, k): lambda grad, ct: _like(-ct, grad)}),
            lambda s: (
                f"In {s.inside}, a factor is missing: in the derivative of a product u v by u the factor v"
                f" stays{f', here {v}' if inner in called else ''}."
            ),
            "nndl-54",
            2.45,
        )
    if (
        maker.name == "sub"
        and not tape.varying[maker.inputs[0]]
        and (tape.values[maker.inputs[0]] == 1).all()
    ):
        value = tape.values[inner]
        yield Altered(
            "wrong-variable",
            "v for 1 - v",
            Alteration({(step.number, k): lambda grad, ct: _like(ct * value, grad)}),
            lambda s: f"In {s.inside}, a factor {v} stands where 1 − {v} belongs.",
            "nndl-54",
            2.45,
        )


def _like(array: Array, grad: Array) -> Array:
    """Summed to the shape of an operand that was a single number."""
    if array.shape == grad.shape:
        return array
    return np.asarray(array.sum()).reshape(grad.shape) if grad.size == 1 else np.full(grad.shape, np.nan)


def _of_broadcast(tape: Tape, step: Step) -> Iterator[Altered]:
    """Z = W a + b over a batch: b̄ is the sum of the errors of all examples."""
    if not tape.varying[step.inputs[0]]:
        return
    shape = tape.values[step.inputs[0]].shape
    axes = broadcast_axes(shape, step.parameters)
    if not axes:
        return

    def taken(index: int) -> Callable[[Array, Array], Array]:
        return lambda grad, ct: np.asarray(
            ct[tuple(slice(None) if a not in axes else index for a in range(ct.ndim))]
        ).reshape(grad.shape)

    for index, which in ((0, "first"), (-1, "last")):
        yield Altered(
            "missing-batch-sum",
            which,
            Alteration({(step.number, 0): taken(index)}),
            partial(
                lambda which, s: (
                    f"{s.the} {s.are} taken from the {which} example alone: what was added to every"
                    " example gets the sum of what all of them send back. Sum over the batch."
                ),
                which,
            ),
            "article-249",
            2.1,
        )
        yield Altered(
            "dropped-example",
            which,
            Alteration(
                {(step.number, 0): partial(lambda index, grad, ct: grad - taken(index)(grad, ct), index)}
            ),
            partial(
                lambda which, s: (
                    f"{s.the} {s.lack} the {which} example: the sum over the batch"
                    f" {'begins one too late' if which == 'first' else 'stops one too early'}."
                ),
                which,
            ),
            "ng-34",
            2.2,
        )


def _of_gather(tape: Tape, step: Step) -> Iterator[Altered]:
    """x[indices] with repeated indices: what comes back adds up."""
    x, starts = (tape.values[slot] for slot in step.inputs[:2])
    positions, _ = gather_positions(x.shape, starts, step.parameters)

    def overwritten(grad: Array, ct: Array) -> Array:
        flat = np.zeros(x.size, dtype=ct.dtype)
        flat[positions.reshape(-1)] = ct.reshape(-1)
        return flat.reshape(x.shape)

    yield Altered(
        "overwritten-not-accumulated",
        "",
        Alteration({(step.number, 0): overwritten}),
        lambda s: (
            f"In {s.inside}, entries that are used several times keep only the last contribution: add them up"
            " (+= in a loop, np.add.at for arrays of indices), do not overwrite."
        ),
        "nndl-58",
        2.1,
    )


def _of_maximum(step: Step) -> Iterator[Altered]:
    axes = tuple(step.parameters["axes"])
    yield Altered(
        "maximum-everywhere",
        "",
        Alteration(
            {(step.number, 0): lambda grad, ct: np.broadcast_to(np.expand_dims(ct, axes), grad.shape)}
        ),
        lambda s: (
            f"In {s.inside}, the derivative of a maximum goes to every entry: it belongs to the largest one"
            " alone."
        ),
        "nndl-58",
        2.2,
    )


def _of_epsilon(tape: Tape, step: Step) -> Iterator[Altered]:
    k = 1 if step.name == "div" else 0
    if not tape.varying[step.inputs[k]]:
        return
    operands = [tape.values[slot] for slot in step.inputs]
    x = operands[k]
    for epsilon in ADDED:
        moved = x + epsilon
        if step.name == "div":
            edges = {
                (step.number, 0): partial(lambda moved, grad, ct: _like(ct / moved, grad), moved),
                (step.number, 1): partial(
                    lambda moved, grad, ct: _like(-ct * operands[0] / moved**2, grad), moved
                ),
            }
        else:
            ratio = {"log": x / moved, "sqrt": np.sqrt(x / moved), "rsqrt": (x / moved) ** 1.5}[step.name]
            edges = {(step.number, 0): partial(lambda ratio, grad, ct: grad * ratio, ratio)}
        if step.name == "sqrt":
            root = np.sqrt(x)
            yield Altered(
                "epsilon",
                f"{epsilon:g} behind the root",
                Alteration(
                    {(step.number, 0): partial(lambda ratio, grad, ct: grad * ratio, root / (root + epsilon))}
                ),
                partial(_epsilon_sentence, epsilon),
                "nndl-54",
                2.35,
            )
        yield Altered(
            "epsilon",
            f"{epsilon:g}",
            Alteration(edges),
            partial(_epsilon_sentence, epsilon),
            "nndl-54",
            2.3,
        )


def _epsilon_sentence(epsilon: float, s: Subject) -> str:
    return (
        f"{s.the} {s.are} right but for an ε of {epsilon:g} that is added to a denominator in the derivative"
        " and not in the forward: put it in both or in neither."
    )
