"""Arrays of balls: a midpoint and a radius that bounds the distance to what a rounding program returns.

A ball array stands for the result of a floating-point program. ``mid`` is (close to) what exact arithmetic
gives, ``rad`` bounds how far the program's own result, rounded after every operation, can lie from it. An
operation adds three
things to the radius: what it inherits from its operands, one rounding of the result (``unit · |mid|``), and
the spacing of the numbers near zero (``tiny``), which covers underflow whether subnormal numbers are kept or
flushed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Reals: TypeAlias = NDArray[np.floating[Any]]

ELEMENTARY = 8.0
"""Roundings charged to a library function such as exp.

Vector libraries promise results within 4 units in the last place, each of which is two roundings.
"""


class TurnsOnRoundingError(NotImplementedError):
    """A program makes a choice, of an index say, that comes out one way or the other by rounding alone."""


@dataclass(frozen=True, slots=True)
class Ball:
    """An array with a radius.

    Attributes:
        mid: the midpoints; floating, integer or Boolean.
        rad: for floating midpoints the radii (same shape), for Boolean ones a mask of the entries that could
            be either way; None where every entry is exact.
        past: a mask of the entries, of infinite radius, that have overflowed: midpoint and program's result
            have the same sign and are larger than half the largest number of the program, the result perhaps
            infinite; None where there are none.
    """

    mid: NDArray[Any]
    rad: NDArray[Any] | None = None
    past: NDArray[np.bool_] | None = None

    @property
    def radius(self) -> NDArray[Any]:
        """The radii as an array, zeros where the entries are exact."""
        return np.zeros(self.mid.shape) if self.rad is None else self.rad

    @property
    def magnitude(self) -> Reals:
        """Upper bounds of the absolute values."""
        size = magnitude(self.mid)
        return size if self.rad is None else size + self.rad


def magnitude(mid: Reals) -> Reals:
    """|mid|, in float64 at least."""
    return np.abs(mid).astype(np.result_type(mid, np.float64), copy=False)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How a program rounds.

    Attributes:
        unit: the unit roundoff: one operation is off by at most ``unit`` times its result.
        tiny: the smallest normal number: what underflow can take away.
        largest: the largest finite number: beyond it the program has overflowed and its result is unknown.
    """

    unit: Any
    tiny: Any
    largest: Any

    @property
    def bounded(self) -> bool:
        """Whether radii are kept at all."""
        return bool(self.unit)

    @staticmethod
    def unbounded() -> Rounding:
        """No radii: values alone, at the cost of the program itself."""
        return Rounding(0.0, 0.0, np.inf)

    @staticmethod
    def of(dtype: np.dtype[Any]) -> Rounding:
        """The rounding of arithmetic in one floating dtype."""
        info = np.finfo(dtype)
        if dtype == np.longdouble:  # its range does not fit a Python float
            return Rounding(info.eps / 2, info.smallest_normal, info.max)
        return Rounding(float(info.eps) / 2, float(info.smallest_normal), float(info.max))

    def close(
        self,
        mid: Reals,
        inherited: Reals | float = 0.0,
        operations: float = 1.0,
        at_most: Reals | float | None = None,
    ) -> Ball:
        """A ball around ``mid`` for a result with ``inherited`` error and that many roundings on top.

        These are no more than ``at_most`` where that is known.

        Where ``mid`` is not finite, or beyond the largest number of the program, the radius is infinite.
        """
        if not self.bounded:
            return Ball(mid)
        size = magnitude(mid) + inherited
        own = self.unit * size if at_most is None else np.minimum(self.unit * size, at_most)
        rad = inherited + operations * (own + self.tiny)
        return Ball(mid, np.where(size <= self.largest, rad, np.inf).astype(size.dtype, copy=False))
