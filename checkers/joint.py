"""Tied entries that are legal one by one, and not together.

At x = y the derivative of max(x, y) by x may be anything from 0 to 1, and so may that by y; but a subgradient
gives 1 to both together, because max(x + t, y + t) = max(x, y) + t. A mask that marks every entry that equals
the maximum gives 2, a mask of strict comparisons 0. Such a gradient is wrong at the tie and nowhere else, and
many people mean it so: it is told, and nothing is refuted by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.compare import Finding
from checkers.draw import Case

Values: TypeAlias = Callable[..., Sequence[NDArray[Any]]]
"""``values(*arguments)`` -> outputs."""

POINTS = 8
"""Points beside the tie at which the slope must be the same: then it is that of every subgradient."""
ASIDE = 1e-6
"""How far beside, relative to the size of the argument, or absolute where that is 0."""
STEP = 1e-3
"""Of a difference, relative to that."""
SLACK = 1e-3
"""Sums that differ by no more, relatively, are the same."""
ROUNDINGS = 64.0
MOST = 4
"""Groups of tied entries that are looked at in one case."""

SHOWN = 3
"""Tied entries that the sentence names."""

Entry: TypeAlias = tuple[int, tuple[int, ...]]
"""The number of an argument, and an index."""


def unbalanced(
    forward: Values,
    names: Sequence[str],
    case: Case,
    cotangents: Sequence[NDArray[Any]],
    findings: Sequence[Finding],
) -> str:
    """One sentence on tied entries that have a gradient together that no subgradient has; empty if none do.

    Where the slope along all of a group of equal entries is the same at the point and around it, it is that
    of every subgradient, and the gradient's entries must add up to it.

    Args:
        forward: called with float64 arguments.
        names: of the arguments.
        case: the point.
        cotangents: δ, one per output.
        findings: what came of the gradients there.
    """
    claims = {finding.claim.name: finding for finding in findings if finding.part is None}
    known = {k: claims[name] for k, name in enumerate(names) if name in claims}
    delta = np.concatenate([np.ravel(one) for one in cotangents])
    point = [a.astype(np.float64) if a.dtype.kind == "f" else a for a in case.arguments]

    def value(arguments: Sequence[NDArray[Any]]) -> float:
        outputs = forward(*(a.copy() for a in arguments))
        return float(np.concatenate([np.ravel(output) for output in outputs]) @ delta)

    for group in _groups(point, known)[:MOST]:
        claimed = [float(known[k].claim.value[index]) for k, index in group]
        try:
            with np.errstate(all="ignore"):
                slope, slack = _slope_of_all(value, point, group, case.rng("ties"))
        except Exception:  # a forward that raises beside the point has no slope there
            continue
        total = sum(claimed)
        if abs(total - slope) > SLACK * (abs(slope) + sum(map(abs, claimed))) + slack:
            tied = ", ".join(f"{names[k]}[{', '.join(map(str, index))}]" for k, index in group[:SHOWN])
            more = f" and {len(group) - SHOWN} more" if len(group) > SHOWN else ""
            return (
                f"the entries {tied}{more} are tied, and what is returned for them is no subgradient: along"
                f" all of them together the slope is {slope:.6g}, the gradient gives {total:.6g} (a mask such"
                " as x == max counts every tied entry, one of strict comparisons none)"
            )
    return ""


def _groups(point: Sequence[NDArray[Any]], known: Mapping[int, Finding]) -> list[list[Entry]]:
    """Entries at a kink that have the same value, two or more of them."""
    by_value: dict[float, list[Entry]] = defaultdict(list)
    for k, finding in known.items():
        open_ones = np.zeros(point[k].shape, dtype=bool)
        for _, entries in finding.per_oracle:
            # Some call a kink what has but one slope.
            widest = float(np.max(entries.bound, where=entries.kink, initial=0.0))
            open_ones = open_ones | (entries.kink & (entries.bound > SLACK * widest))
        for index in np.argwhere(finding.kinked & open_ones).tolist():
            by_value[float(point[k][tuple(index)])].append((k, tuple(index)))
    return [group for group in by_value.values() if len(group) > 1]


def _slope_of_all(
    value: Callable[[Sequence[NDArray[Any]]], float],
    point: Sequence[NDArray[Any]],
    group: Sequence[Entry],
    rng: np.random.Generator,
) -> tuple[float, float]:
    """The slope along all entries of a group, and how far rounding may have moved it.

    Not a number if it differs from side to side, or from point to point around the given one.
    """
    along = [np.zeros(a.shape) for a in point]
    for k, index in group:
        along[k][index] = 1.0
    sizes = [float(np.max(np.abs(a), initial=0.0)) or 1.0 if a.dtype.kind == "f" else 0.0 for a in point]
    near = ASIDE * min(sizes[k] for k, _ in group)
    h = STEP * near

    def moved(arguments: Sequence[NDArray[Any]], t: float) -> list[NDArray[Any]]:
        return [a + t * way if a.dtype.kind == "f" else a for a, way in zip(arguments, along, strict=True)]

    base = value(point)
    slopes = [(value(moved(point, h)) - base) / h, (base - value(moved(point, -h))) / h]
    for _ in range(POINTS):
        beside = [
            a + ASIDE * size * rng.uniform(-1, 1, a.shape) if size else a
            for a, size in zip(point, sizes, strict=True)
        ]
        slopes.append((value(moved(beside, h)) - value(moved(beside, -h))) / (2 * h))
    slack = ROUNDINGS * float(np.finfo(np.float64).eps) * abs(base) / h
    spread = max(slopes) - min(slopes)
    same = spread <= SLACK * max(map(abs, slopes)) + slack
    return (float(np.mean(slopes)) if same else np.nan), slack
