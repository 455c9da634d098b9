"""A failing case made small.

Hypothesis looks for the smallest sizes and the simplest values that still fail.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample, Unsatisfiable
from numpy.typing import NDArray

from checkers.draw import Case
from checkers.signature import Signature
from checkers.strategies import outside

SIMPLE = (0.0, 1.0, -1.0, 2.0, 0.5)
EFFORT = 200
"""Cases that may be examined while shrinking; after that the smallest so far stands."""
LARGEST = 80
"""Entries up to which a case is made smaller; Hypothesis takes too long over more."""
FAITHFUL = 30
"""How much likelier an entry is to stay as it was than to become one of the simple values, in the random
search.
"""


def shrink(case: Case, fails: Callable[[Case], bool], signature: Signature | None) -> Case:
    """The smallest case that ``fails`` and is made of parts of ``case``.

    ``case`` itself if it is too large, or none fails.

    Sizes go down by cutting the arrays short along every axis of that size; entries become simple numbers, or
    are rounded. Without a signature only the entries are simplified. Whole numbers and values with a limited
    domain are kept.
    """
    if sum(a.size for a in case.arguments) > LARGEST:
        return case
    attempt = _Attempt(fails, EFFORT)
    options = settings(
        max_examples=60,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    with suppress(NoSuchExample, Unsatisfiable, _Enough):
        outside(lambda: find(_variants(case, signature), attempt, settings=options, random=random.Random(0)))
    return attempt.smallest or case


class _Enough(BaseException):
    """Ends the search. Hypothesis would take an Exception for one more failure to be shrunk."""


@dataclass
class _Attempt:
    """The search so far.

    Hypothesis accepts only simpler cases, so the last one that fails is the smallest.
    """

    fails: Callable[[Case], bool]
    left: int
    smallest: Case | None = None

    def __call__(self, case: Case) -> bool:
        if self.left <= 0:
            raise _Enough
        self.left -= 1
        failed = self.fails(case)
        if failed:
            self.smallest = case
        return failed


@st.composite
def _variants(draw: Callable[[Any], Any], case: Case, signature: Signature | None) -> Case:
    sizes = (
        {name: _size(draw, size) for name, size in case.sizes.items()}
        if signature is not None
        else dict(case.sizes)
    )
    arguments = []
    for k, array in enumerate(case.arguments):
        part = _cut(array, signature.inputs[k], sizes) if signature is not None else array
        simplifiable = array.dtype.kind == "f" and case.limits[k] is None
        simplifiable = simplifiable and (not case.independent or case.independent[k])
        arguments.append(_simplified(draw, part) if simplifiable else np.array(part))
    limits = tuple(
        None if pair is None else (_like(pair[0], a), _like(pair[1], a))
        for pair, a in zip(case.limits, arguments, strict=True)
    )
    return replace(case, sizes=sizes, arguments=tuple(arguments), limits=limits)


def _size(draw: Callable[[Any], Any], size: int) -> int:
    if size <= 1:
        return size
    smaller = list(range(1, size))
    return int(draw(st.sampled_from([*smaller, *[size] * (3 * len(smaller))])))


def _cut(array: NDArray[Any], axes: tuple[Any, ...], sizes: Mapping[str, int]) -> NDArray[Any]:
    return np.asarray(
        array[tuple(slice(sizes[axis]) if isinstance(axis, str) else slice(None) for axis in axes)]
    )


def _simplified(draw: Callable[[Any], Any], array: NDArray[Any]) -> NDArray[Any]:
    """Every entry as it was, rounded, or one of a few simple numbers.

    The simplest come first in Hypothesis' order.
    """
    result = np.array(array)
    for index in np.ndindex(*array.shape):
        value = float(array[index])
        rounded = (
            [float(np.round(value)), float(np.round(value, 1))]
            if np.isfinite(value) and abs(value) < 1e6
            else []
        )
        choices = [*SIMPLE, *rounded]
        result[index] = draw(st.sampled_from([*choices, *[value] * (FAITHFUL * len(choices))]))
    return result


def _like(side: NDArray[Any], array: NDArray[Any]) -> NDArray[Any]:
    """A limit that is the same for all entries, in the shape of another array."""
    return np.full(array.shape, side.flat[0] if side.size else 0.0)
