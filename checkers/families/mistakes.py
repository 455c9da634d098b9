"""The mistakes that students make, recognised by their numbers.

Every explanation turns what is known of a case (the true gradient, the arguments, the cotangent, the settings)
into what the mistake would have returned. It is named only if the student's numbers are that in every case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

CLOSE = 1e-7
"""Relative distance within which a mistake explains a claim; the right gradient itself is off by more."""


@dataclass(frozen=True)
class Sight:
    """One wrong gradient in one case.

    Attributes:
        name: the argument.
        claimed: the student's.
        true: by the sharpest oracle.
        arguments: all arguments by name.
        values: sizes and settings by name.
        delta: the cotangent; None for a loss.
        output: the first output of the forward.
    """

    name: str
    claimed: Array
    true: Array
    arguments: Mapping[str, Array]
    values: Mapping[str, Any]
    delta: Array | None
    output: Array

    @property
    def value(self) -> Array:
        """The argument itself."""
        return self.arguments[self.name]


@dataclass(frozen=True)
class Mistake:
    """A likely mistake.

    Attributes:
        code: a short name.
        sentence: what a tutor would say.
        near: names that probably stand in the line concerned.
        kind: the mistake in a few words, without the remedy: what the second hint gives away.
    """

    code: str
    sentence: str
    near: tuple[str, ...] = ()
    kind: str = ""


REGULARISERS = ("reg", "lambd", "lambda_", "lam", "l2", "reg_lambda")
Explain = Callable[[Sight], "Array | None"]


def likely(sights: Sequence[Sight]) -> Mistake | None:
    """The first mistake that explains every case; None if none does."""
    if not sights:
        return None
    for mistake, explain in _all(sights):
        if all(_is(sight, explain) for sight in sights):
            return mistake
    return None


def _is(sight: Sight, explain: Explain) -> bool:
    try:
        with np.errstate(all="ignore"):
            made = explain(sight)
    except (ValueError, IndexError, TypeError, ZeroDivisionError):
        return False
    if made is None or made.shape != sight.claimed.shape or not np.isfinite(made).all():
        return False
    scale = max(
        float(np.max(np.abs(sight.true), initial=0.0)), float(np.max(np.abs(made), initial=0.0)), 1e-300
    )
    return bool(np.max(np.abs(made - sight.claimed), initial=0.0) <= CLOSE * scale)


def _all(sights: Sequence[Sight]) -> Iterator[tuple[Mistake, Explain]]:
    name = sights[0].name
    of = f"the gradient for {name}"
    yield Mistake("zero", f"{_up(of)} is zero everywhere: it has not been filled in, or is overwritten later.",
                  kind=f"{of} is zero everywhere"), lambda s: 0 * s.true  # fmt: skip
    yield Mistake("sign", f"{_up(of)} has the wrong sign throughout: it points downhill.",
                  kind=f"the sign of {of}"), lambda s: -s.true  # fmt: skip
    yield from _sizes(sights, name)
    yield from _penalties(sights, name)
    yield from _masks(name)
    yield from _derivatives(sights, name)
    yield from _axes(sights, name)
    factor = _ratio(sights)
    if factor is not None:
        yield (
            Mistake(
                "factor",
                f"{_up(of)} is {factor:.6g} times what it should be: look for a factor, such as the 2 of a square"
                " or a 1/2 in the cost.",
                kind=f"a constant factor in {of}",
            ),
            lambda s: factor * s.true,
        )


def _sizes(sights: Sequence[Sight], name: str) -> Iterator[tuple[Mistake, Explain]]:
    sizes = [
        key
        for key, value in sights[0].values.items()
        if isinstance(value, int) and all(s.values.get(key, 1) > 1 for s in sights)
    ]
    batch = {"N", "m"}
    for size in sorted(sizes, key=lambda key: key not in batch):
        what = "the number of examples" if size in batch else f"the size {size}"
        yield (
            Mistake(
                "missing-mean",
                f"The gradient for {name} is {size} times too large, {size} being {what}: the loss is an average over"
                f" it, so divide the gradient by it too.",
                (size, "shape", "len"),
                f"a factor that depends on {what}",
            ),
            partial(_multiplied, size),
        )
        yield (
            Mistake(
                "mean-for-sum",
                f"The gradient for {name} is {size} times too small, {size} being {what}: it is divided by it once too"
                " often.",
                (size, "shape", "len", "mean"),
                f"a factor that depends on {what}",
            ),
            partial(_divided, size),
        )


def _penalties(sights: Sequence[Sight], name: str) -> Iterator[tuple[Mistake, Explain]]:
    if any(s.values.get("l1") for s in sights):
        for half in (1.0, 0.5):
            yield (
                Mistake(
                    "penalty-l1",
                    f"The gradient of the L1 penalty is l1·{name}, as if it were a sum of squares: the derivative of"
                    f" l1·Σ|{name}| is l1·sign({name}).",
                    ("l1",),
                    f"the penalty term in the gradient for {name}",
                ),
                partial(_absolute_penalty, half),
            )
    keys = [k for k in REGULARISERS if any(s.values.get(k) for s in sights)]
    for key in keys:
        m = "m" if "m" in sights[0].values and key == "lambd" else ""
        for factor, code, what in (
            (-2.0, "penalty-missing", "the gradient of the penalty is missing: the loss has {key}·ΣW², so add 2·{key}·{name}"),
            (-1.0, "penalty-factor", "the penalty in the gradient does not fit the one in the loss: it lacks {key}·{name}. The derivative of {key}·ΣW² is 2·{key}·{name}, that of ½·{key}·ΣW² is {key}·{name}"),
            (1.0, "penalty-factor", "the penalty in the gradient is {key}·{name} too large for the one in the loss. The derivative of ½·{key}·ΣW² is {key}·{name}, that of {key}·ΣW² is 2·{key}·{name}"),
            (2.0, "penalty-factor", "the gradient penalises {name} by 2·{key}·{name}, but the loss does not"),
            (-0.5, "penalty-factor", "the penalty in the gradient lacks ½·{key}·{name}"),
            (0.5, "penalty-factor", "the penalty in the gradient is ½·{key}·{name} too large"),
        ):  # fmt: skip
            yield (
                Mistake(
                    code,
                    f"For {name}, {what.format(key=key, name=name)}.",
                    REGULARISERS,
                    f"the penalty term in the gradient for {name}",
                ),
                partial(_penalised, key, factor, m),
            )


def _absolute_penalty(half: float, s: Sight) -> Array:
    """l1·W where c·l1·sign(W) should stand, in the entries that are off (the biases may not be penalised)."""
    off = np.abs(s.claimed - s.true) > CLOSE * np.max(np.abs(s.true), initial=0.0)
    return np.asarray(s.true + np.where(off, s.values["l1"] * (s.value - half * np.sign(s.value)), 0))


def _multiplied(size: str, s: Sight) -> Array:
    return np.asarray(s.true * s.values[size])


def _divided(size: str, s: Sight) -> Array:
    return np.asarray(s.true / s.values[size])


def _penalised(key: str, factor: float, over: str, s: Sight) -> Array:
    return np.asarray(s.true + factor * s.values[key] * s.value / (s.values[over] if over else 1))


def _masks(name: str) -> Iterator[tuple[Mistake, Explain]]:
    yield (
        Mistake(
            "relu-of-gradient",
            f"For {name}, ReLU is applied to the gradient itself: its negative entries are cut off. The mask must come"
            " from z, as in dz = dA * (z > 0).",
            ("maximum", "relu"),
            "what the ReLU's mask is taken of",
        ),
        lambda s: np.maximum(s.true, 0) if (s.true < 0).any() else None,
    )
    yield (
        Mistake(
            "relu-of-gradient",
            "ReLU is applied to the incoming gradient: the mask must come from the input, as in dz = dA * (z > 0).",
            ("maximum", "relu"),
            "what the ReLU's mask is taken of",
        ),
        lambda s: None if s.delta is None or s.delta.shape != s.claimed.shape else np.maximum(s.delta, 0),
    )


def _derivatives(sights: Sequence[Sight], name: str) -> Iterator[tuple[Mistake, Explain]]:
    """For functions of single entries: another derivative than theirs."""
    if any(
        s.delta is None or s.delta.shape != s.claimed.shape or s.output.shape != s.claimed.shape
        for s in sights
    ):
        return

    def times(slope: Callable[[Array, Array], Array]) -> Explain:
        return lambda s: None if s.delta is None else s.delta * slope(s.value, s.output)

    yield (
        Mistake("no-derivative", f"The incoming gradient is handed on as it is: the derivative of the function by {name} is"
                " missing.", kind="the derivative of the activation"),
        times(lambda z, a: np.ones_like(z)),
    )  # fmt: skip
    wrong: list[tuple[str, str, Callable[[Array, Array], Array]]] = [
        ("of-the-wrong-variable", "a (1 − a) is used with z in place of the activation a: first compute a = σ(z)", lambda z, a: z * (1 - z)),
        ("of-the-wrong-variable", "1 − a² is used with z in place of the activation a = tanh(z)", lambda z, a: 1 - z**2),
        ("wrong-derivative", "tanh is not squared: 1 − a stands where 1 − a² should", lambda z, a: 1 - a),
        ("wrong-derivative", "the value of the function stands where its derivative should", lambda z, a: a),
        ("wrong-derivative", "a is used where a (1 − a) should stand, or 1 − a was left out", lambda z, a: 1 - a),
        ("wrong-derivative", "a (1 + a) stands where a (1 − a) should", lambda z, a: a * (1 + a)),
        ("of-the-wrong-variable", "the derivative σ' is taken of the activation a instead of z: the activation is applied twice", lambda z, a: _sigmoid(a) * (1 - _sigmoid(a))),
        ("of-the-wrong-variable", "the derivative 1 − tanh² is taken of the activation a instead of z", lambda z, a: 1 - np.tanh(a) ** 2),
        ("wrong-activation", "this is the derivative of the sigmoid", lambda z, a: _sigmoid(z) * (1 - _sigmoid(z))),
        ("wrong-activation", "this is the derivative of tanh", lambda z, a: 1 - np.tanh(z) ** 2),
        ("wrong-activation", "this is the derivative of the ReLU", lambda z, a: (z > 0) * 1.0),
        ("mask-the-wrong-way", "the mask lets through the entries with z < 0 and stops the others", lambda z, a: (z < 0) * 1.0),
        ("wrong-derivative", "z stands where the derivative should", lambda z, a: z),
        ("wrong-derivative", "1 − a² is used, which is the derivative of tanh", lambda z, a: 1 - a**2),
        ("softmax-diagonal", "only the diagonal a (1 − a) of the softmax's Jacobian is used: every output depends on every input", lambda z, a: a * (1 - a)),
    ]  # fmt: skip
    for code, text, slope in wrong:
        yield Mistake(code, f"For {name}, {text}.", kind="the derivative of the activation"), times(slope)


def _axes(sights: Sequence[Sight], name: str) -> Iterator[tuple[Mistake, Explain]]:
    yield (
        Mistake("transposed", f"The gradient for {name} is the transpose of what it should be.",
                kind=f"the order of the factors of the gradient for {name}"),
        lambda s: s.true.T if s.true.ndim > 1 and s.true.shape == s.true.T.shape else None,
    )  # fmt: skip
    if all(s.true.size > 1 for s in sights):
        yield (
            Mistake(
                "summed-too-much",
                f"Every entry of the gradient for {name} is the same number, the sum of all: it is summed over every axis"
                " instead of over the examples only; give np.sum an axis.",
                ("sum",),
                f"the axis over which the gradient for {name} is summed",
            ),
            lambda s: np.full(s.true.shape, s.true.sum()),
        )
        yield (
            Mistake(
                "averaged-over-units",
                f"Every entry of the gradient for {name} is the mean over all units.",
                ("mean",),
                f"the axis over which the gradient for {name} is averaged",
            ),
            lambda s: np.full(s.true.shape, s.true.mean()),
        )


def _ratio(sights: Sequence[Sight]) -> float | None:
    """Claimed over true, if it is one number in all cases and entries."""
    ratios: list[float] = []
    for s in sights:
        big = np.abs(s.true) > 1e-3 * np.max(np.abs(s.true), initial=0.0)
        if np.count_nonzero(big) < 2 and len(sights) < 2:
            return None
        ratios += [float(r) for r in (s.claimed[big] / s.true[big]).ravel()]
    if len(ratios) < 2 or abs(ratios[0] - 1) < 1e-6:
        return None
    spread = max(ratios) - min(ratios)
    if spread > CLOSE * abs(ratios[0]):
        return None
    rounded = round(ratios[0], 6)
    return rounded if abs(rounded - ratios[0]) < 1e-7 * abs(ratios[0]) else ratios[0]


def _sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def pattern(sights: Sequence[Sight]) -> str:
    """What is seen where no mistake explains it: which entries are off, and how."""
    if not sights:
        return ""
    s = sights[0]
    scale = float(np.max(np.abs(s.true), initial=0.0)) or 1.0
    off = np.abs(s.claimed - s.true) > 1e-9 * scale
    count = int(np.count_nonzero(off))
    parts = []
    if 0 < count < s.true.size:
        parts.append(
            f"{count} of {s.true.size} entries of the gradient for {s.name} are off, the others are right"
        )
        for axis in range(s.true.ndim):
            others = tuple(k for k in range(s.true.ndim) if k != axis)
            lines = off.any(axis=others)
            if lines.sum() == 1 and len(lines) > 2:
                where = int(np.argmax(lines))
                which = "last" if where == len(lines) - 1 else "first" if where == 0 else f"number {where}"
                parts.append(f"they all lie in the {which} of {len(lines)} along axis {axis}")
    elif count:
        a, t = s.claimed.ravel(), s.true.ravel()
        norms = float(np.linalg.norm(a) * np.linalg.norm(t))
        if norms:
            cosine = float(a @ t) / norms
            parts.append(
                f"all {count} entries are off; the direction agrees to a cosine of {cosine:.3f}"
                if s.true.size > 1
                else "its only entry is off"
            )
    return "; ".join(parts)


def _up(text: str) -> str:
    return text[:1].upper() + text[1:]
