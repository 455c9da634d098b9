"""Points beside a given one at which a gradient is zero throughout, or has no entries.

There the claim may be right for the wrong reason: 2x² and 3x² agree at 0. A point of ordinary values tells
them apart, and so does one of other sizes where those of the given point leave nothing to compare. What is
found there can confirm the claim; it never refutes it, because the given point may have had a property that
the gradient relies on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.domains import Domain
from checkers.draw import BESIDE, Case

LONGER: Mapping[int, int] = MappingProxyType({0: 3})
"""The lengths that axes have beside a point with empty arrays."""
WIDER: Mapping[int, int] = MappingProxyType({0: 3, 1: 2})
"""The lengths beside a point at which a single entry may be all there is: a softmax of it is 1."""


def points_beside(case: Case, domains: Sequence[Domain], moved: Collection[int]) -> Iterator[Case]:
    """Cases of the same shapes with other values, each farther from the given one than those before.

    The arguments that are differentiated with their signs, then with any; then all that hold floats.

    Args:
        case: the given point.
        domains: one per argument; all but the first case are drawn from them.
        moved: the arguments that are differentiated; in the first cases the others stay as they are.
    """
    rng = case.rng("beside")
    same_signs = [
        np.where(a < 0, -1, 1) * np.round(rng.uniform(0.2, 1.5, a.shape), 2) for a in case.arguments
    ]
    drawn = [
        domain.draw(rng, a.shape, "normal", case.sizes)
        for domain, a in zip(domains, case.arguments, strict=True)
    ]
    floating = {k for k, a in enumerate(case.arguments) if a.dtype.kind == "f"}
    tried = [(same_signs, frozenset(moved)), (drawn, frozenset(moved))]
    if floating - set(moved):
        tried.append((drawn, frozenset(floating)))
    for number, (others, which) in enumerate(tried, start=1):
        arguments = tuple(
            _like(other, a) if k in which else a
            for k, (other, a) in enumerate(zip(others, case.arguments, strict=True))
        )
        yield _beside(case, number, arguments, domains)


def points_of_other_sizes(
    case: Case, domains: Sequence[Domain], moved: Collection[int], longer: Mapping[int, int]
) -> Iterator[Case]:
    """A case with other lengths of the axes; none if all stay as they are.

    Args:
        case: the given point.
        domains: floats are drawn from them. Whole numbers are those of the point over again, and zeros and
            ones that are not differentiated become one-hot vectors where nothing is said of them.
        moved: the arguments that are differentiated.
        longer: length of an axis → its length in the case.
    """
    shapes = [tuple(longer.get(n, n) for n in a.shape) for a in case.arguments]
    if shapes == [a.shape for a in case.arguments]:
        return
    rng = case.rng("other sizes")
    sizes = {name: longer.get(n, n) for name, n in case.sizes.items()}
    arguments = []
    for k, (domain, a, shape) in enumerate(zip(domains, case.arguments, shapes, strict=True)):
        if a.dtype.kind != "f":
            arguments.append(np.resize(a if a.size else np.zeros(1, a.dtype), shape))
        elif k not in moved and domain.name == "real" and a.size and np.isin(a, (0, 1)).all():
            arguments.append(_like(_one_hot(shape), a))
        else:
            arguments.append(_like(domain.draw(rng, shape, "normal", sizes), a))
    yield replace(_beside(case, 10 + sum(longer), tuple(arguments), domains), sizes=sizes)


def _one_hot(shape: tuple[int, ...]) -> NDArray[Any]:
    if not shape:
        return np.ones(())
    place = np.indices(shape)
    return np.asarray(place[0] == (place[1:].sum(axis=0) % shape[0]), dtype=np.float64)


def _beside(case: Case, number: int, arguments: tuple[NDArray[Any], ...], domains: Sequence[Domain]) -> Case:
    limits = tuple(d.limits(a) for d, a in zip(domains, arguments, strict=True))
    number = case.number - 1000 * number
    return replace(case, number=number, regime=BESIDE, arguments=arguments, limits=limits)


def _like(values: NDArray[Any], array: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(values).astype(array.dtype)
