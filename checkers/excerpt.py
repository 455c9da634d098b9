"""Of very large arrays in which little is in question, the entries that a record needs.

Entry by entry a comparison makes some twenty arrays. Here one pass, in pieces that stay in the cache, looks
whether any entry is outside the bounds, at a kink or without a bound. If none is, or just a few are outside,
the comparison goes on with an excerpt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checkers.oracles.estimate import Estimate
from checkers.rounding.ball import Reals

MANY = 100_000
"""Entries from which a comparison is first tried as an excerpt."""

FEW = 64
"""Entries outside the bounds up to which an excerpt holds them all; more of them may make a pattern."""

_PIECE = 1 << 15
_SPREAD = 1000
"""Entries that an excerpt holds besides the extreme ones, evenly spread."""


@dataclass(frozen=True)
class Excerpt:
    """Chosen entries of arrays of one shape.

    Attributes:
        shape: of the whole arrays.
        places: flat positions of the entries, rising.
        rest: the other entries have been compared, too, and are within the bounds.
    """

    shape: tuple[int, ...]
    places: NDArray[np.intp]
    rest: bool = True

    @property
    def size(self) -> int:
        """The number of entries of the whole."""
        return int(np.prod(self.shape))

    def of(self, array: NDArray[np.generic]) -> NDArray[np.generic]:
        """The chosen entries, one after the other."""
        return array[np.unravel_index(self.places, self.shape)]

    def of_estimate(self, estimate: Estimate) -> Estimate:
        """An estimate of the chosen entries."""
        return Estimate(
            np.asarray(self.of(estimate.value), dtype=estimate.value.dtype),
            np.asarray(self.of(estimate.bound), dtype=estimate.bound.dtype),
            np.asarray(self.of(estimate.kink), dtype=bool),
            estimate.reason,
        )

    def index(self, place: int) -> tuple[int, ...]:
        """The index in the whole of an entry of the excerpt."""
        return tuple(int(i) for i in np.unravel_index(int(self.places[place]), self.shape))


def excerpt(value: NDArray[np.generic], noise: Reals, estimates: Sequence[Estimate]) -> Excerpt | None:
    """The entries that stand for all: outside the bounds, farthest off, largest, some from all over.

    None where the arrays are not that large, or an entry needs a closer look.

    Args:
        value: the claim.
        noise: bounds of its rounding, same shape.
        estimates: what the oracles say, same shape.
    """
    if value.size <= MANY or not estimates:
        return None
    chosen = set(np.linspace(0, value.size - 1, _SPREAD).astype(np.intp).tolist())
    for estimate in estimates:
        if estimate.same is not None or estimate.kink.any():
            return None
        extremes = _extremes(value, noise, estimate)
        if extremes is None:
            return None
        chosen.update(extremes)
    return Excerpt(value.shape, np.array(sorted(chosen), dtype=np.intp))


def _extremes(value: NDArray[np.generic], noise: Reals, estimate: Estimate) -> list[int] | None:
    """Where the claim is farthest off, where the oracle is sharpest and largest, and what is outside."""
    farthest = largest = sharpest = (-1.0, 0)
    outside: list[int] = []
    for start in range(0, value.size, _PIECE):
        claimed, expected, bound, slack = (
            _piece(array, start) for array in (value, estimate.value, estimate.bound, noise)
        )
        allowed = bound + slack
        with np.errstate(all="ignore"):
            distance, size = np.abs(claimed - expected), np.abs(expected)
            beyond = ~(distance <= allowed)
            if beyond.any():
                outside.extend(
                    (start + np.flatnonzero(np.broadcast_to(beyond, _length(value, start)))).tolist()
                )
            if len(outside) > FEW or not np.isfinite(allowed).all():
                return None
            sharp = np.where(allowed > 0, size / allowed, 0)
            far = np.where(distance > 0, distance / allowed, 0)
        farthest = max(farthest, _peak(far, start))
        sharpest = max(sharpest, _peak(sharp, start))
        largest = max(largest, _peak(size, start))
    return [farthest[1], sharpest[1], largest[1], *outside]


def _length(value: NDArray[np.generic], start: int) -> int:
    return min(_PIECE, value.size - start)


def _piece(array: NDArray[np.generic], start: int) -> Reals:
    """Some entries from a flat position on; a single number where all entries of the array are one."""
    if array.ndim and not any(array.strides):
        return np.asarray(array[(0,) * array.ndim], dtype=np.float64)
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat
    return np.asarray(flat[start : start + _PIECE])


def _peak(piece: Reals, start: int) -> tuple[float, int]:
    at = int(np.argmax(piece))
    return float(piece.flat[at]), start + at
