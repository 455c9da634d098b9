"""When a gradient is wrong: only for float32, only where a size is 1, only beyond a threshold, only at kinks.

A condition is named only if it holds in every case (or entry) that is wrong and in none that is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import comb
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.diagnosis.witness import Witness

Array: TypeAlias = NDArray[Any]

FEWEST = 2
"""Wrong and right entries that a threshold has to tell apart at least."""
CHANCE = 1000
"""Ways to choose the wrong cases among all; with fewer a condition separates them by accident."""
FAR = 4.0
"""Beyond this a sigmoid or tanh is called saturated."""
GAP = 1.25
"""How much farther out the wrong entries lie than the right ones for a threshold to be named."""


@dataclass(frozen=True)
class Condition:
    """When it goes wrong.

    Attributes:
        code: such as "only-for-float32".
        text: ends a sentence that begins «The gradient for W is wrong only».
        hint: what to look for.
    """

    code: str
    text: str
    hint: str


def condition(wrong: Sequence[Witness], right: Sequence[Witness], name: str) -> Condition | None:
    """When the claim for ``name`` is wrong; None if it is always so, or no condition separates the cases."""
    found = _of_entries(wrong, name)
    if found is not None:
        return found
    right = [w for w in right if w.sights[name].largest > 0]  # a wrong factor of zero would not show
    if not wrong or comb(len(wrong) + len(right), len(wrong)) < CHANCE:
        return None
    for holds, meant in _of_cases(wrong[0]):
        if all(holds(w) for w in wrong) and not any(holds(w) for w in right):
            return meant
    return _of_magnitude(wrong, right)


Holds = Callable[[Witness], bool]


def _of_cases(witness: Witness) -> Iterator[tuple[Holds, Condition]]:
    yield (
        lambda w: w.case.dtype == "float32",
        Condition(
            "only-for-float32",
            "where the arguments are float32",
            "a constant, or an array made on the way, has another dtype, or a step is too small for float32",
        ),
    )
    for size in witness.sizes:
        one = f"where {size} = 1"
        yield (
            partial(lambda size, w: w.sizes.get(size) == 1, size),
            Condition(
                "only-for-size-1",
                one,
                "squeeze() drops an axis of length 1, and broadcasting takes such an axis for one to be"
                " repeated",
            ),
        )
    for size in witness.sizes:
        yield (
            partial(lambda size, w: w.sizes.get(size, 1) > 1, size),
            Condition(
                "only-beyond-size-1",
                f"where {size} > 1",
                f"something depends on {size} that does not show when there is only one: a sum, a mean, an"
                f" axis",
            ),
        )
    sizes = list(witness.sizes)
    for k, one in enumerate(sizes):
        for other in sizes[:k]:
            yield (
                partial(lambda one, other, w: w.sizes.get(one) == w.sizes.get(other), one, other),
                Condition(
                    "only-for-square",
                    f"where {other} = {one}",
                    "a test on shapes, or broadcasting, cannot tell two axes of one length apart",
                ),
            )
            yield (
                partial(lambda one, other, w: w.sizes.get(one) != w.sizes.get(other), one, other),
                Condition(
                    "only-for-non-square",
                    f"where {other} ≠ {one}",
                    f"{other} and {one} are mixed up, which does not show while they are equal",
                ),
            )
    yield (
        lambda w: any(1 in a.shape for a in w.case.arguments),
        Condition(
            "only-for-size-1",
            "where an axis has length 1",
            "squeeze() drops such an axis, and broadcasting takes it for one to be repeated",
        ),
    )
    yield (
        lambda w: any(not a.flags.c_contiguous for a in w.case.arguments),
        Condition(
            "only-for-other-memory-layout",
            "where an array is not contiguous in memory (a transpose, or a slice with steps)",
            "ravel, reshape(order='A'), strides or a view into the memory read the entries in another order",
        ),
    )
    yield (
        lambda w: any((a == 0).any() for a in _free(w)),
        Condition(
            "only-at-zeros",
            "where an argument has an entry that is exactly 0",
            "a division, a logarithm, or a test such as > against >= treats 0 apart",
        ),
    )
    yield (
        _has_ties,
        Condition(
            "only-at-ties",
            "where two entries of an argument are equal",
            "a maximum or a sort treats equal entries apart",
        ),
    )
    yield (
        lambda w: any((a < 0).any() for a in w.leading),
        Condition(
            "only-for-negative-delta", "where δ has a negative entry", "the sign of δ is lost or tested"
        ),
    )


def _free(witness: Witness) -> list[Array]:
    """The floating arguments that may take any value; in others zeros and ties are nothing special."""
    pairs = zip(witness.case.arguments, witness.case.limits, strict=True)
    return [a for a, limits in pairs if a.dtype.kind == "f" and limits is None]


def _has_ties(witness: Witness) -> bool:
    return any(a.size > 1 and len(np.unique(a)) < a.size for a in _free(witness))


def _of_magnitude(wrong: Sequence[Witness], right: Sequence[Witness]) -> Condition | None:
    for k, name in enumerate(wrong[0].arguments):
        if wrong[0].case.arguments[k].dtype.kind != "f":
            continue
        sizes = [[_largest(w, k) for w in group] for group in (wrong, right)]
        if min(sizes[0]) > GAP * max(sizes[1]) and min(sizes[0]) > FAR:
            return Condition(
                "only-in-saturation",
                f"where {name} has entries beyond about {_between(max(sizes[1]), min(sizes[0])):.2g} in size",
                "an exponential overflows there, or values are clipped; use a form that is stable for"
                " large values",
            )
    return None


def _largest(witness: Witness, k: int) -> float:
    return float(np.max(np.abs(witness.case.arguments[k]), initial=0.0))


def _between(low: float, high: float) -> float:
    return float(np.sqrt(max(low, 1e-300) * high))


def _of_entries(wrong: Sequence[Witness], name: str) -> Condition | None:
    """Entries that are wrong against entries that are right, all cases together."""
    off: list[Array] = []
    fine: list[Array] = []
    kinks = smooth = 0
    for witness in wrong:
        sight = witness.sights[name]
        if not sight.shaped:
            return None
        kinks += int(np.count_nonzero(sight.wrong & sight.at_kink))
        smooth += int(np.count_nonzero(sight.wrong & ~sight.at_kink))
        if name in witness.arguments:
            value = witness.arguments[name].astype(np.float64)
            off.append(value[sight.wrong])
            fine.append(value[sight.known & ~sight.wrong & (sight.true != 0)])
    if kinks and not smooth:
        return Condition(
            "only-at-kinks",
            "at kinks, where every value between the one-sided derivatives is accepted, and this one is"
            " none of them",
            "choose one of the two slopes there, or a value in between (for ReLU at 0 something from 0 to 1)",
        )
    if not off:
        return None
    bad, good = np.concatenate(off), np.concatenate(fine)
    if min(len(bad), len(good)) < FEWEST or comb(len(bad) + len(good), len(bad)) < CHANCE:
        return None
    if (bad <= 0).all() and (good > 0).all() and (bad < 0).any():
        return _sided("only-for-negative", name, "negative", "< 0")
    if (bad >= 0).all() and (good < 0).all() and (bad > 0).any():
        return _sided("only-for-positive", name, "positive", "> 0")
    far, near = np.abs(bad).min(), np.abs(good).max()
    if far > max(GAP * near, FAR):
        return Condition(
            "only-in-saturation",
            f"at entries where |{name}| is beyond about {_between(float(near), float(far)):.2g}",
            "an exponential overflows there, or values are clipped; use a form that is stable for large"
            " values",
        )
    return None


def _sided(code: str, name: str, word: str, test: str) -> Condition:
    return Condition(
        code,
        f"at entries where {name} is {word}",
        f"the branch for {name} {test} has another derivative, which is missing or wrong",
    )
