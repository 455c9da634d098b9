"""The rigorous real numbers of the oracles: Arb's balls, or mpmath's intervals without python-flint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

_context: Any
arb: Any
"""The type of balls: ``arb(x)`` of a whole number or float has no radius."""

try:
    import flint
except ImportError:
    from checkers.oracles.mpmath_ball import CONTEXT, Ball

    arb, _context = Ball, CONTEXT
else:
    arb, _context = flint.arb, flint.ctx


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """So many bits are carried inside."""
    before = _context.prec
    _context.prec = bits
    try:
        yield
    finally:
        _context.prec = before


def as_ball(value: Fraction | int | float) -> Any:
    """A number as a ball; a float or whole number without a radius."""
    if isinstance(value, Fraction):
        return arb(value.numerator) / arb(value.denominator)
    return arb(value)


def exact_balls(array: NDArray[Any]) -> NDArray[np.object_]:
    """A float or integer array as balls of radius 0."""
    balls = np.empty(array.shape, dtype=object)
    for index in np.ndindex(*array.shape):
        balls[index] = arb(array[index].item())
    return balls


def to_floats(balls: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Midpoints rounded to float64, and radii widened by what that rounding took; infinite if not finite."""
    value, radius = np.zeros(balls.shape), np.full(balls.shape, np.inf)
    for index in np.ndindex(*balls.shape):
        ball: Any = balls[index]
        if ball.is_finite():
            middle = float(ball.mid())
            if np.isfinite(middle):
                value[index] = middle
                # float(arb) rounds to nearest; a result below the normal numbers may be off by the smallest
                # subnormal.
                radius[index] = float(ball.rad()) * (1 + 1e-9) + 2.0**-52 * abs(middle) + 2.0**-1074
    return value, radius
