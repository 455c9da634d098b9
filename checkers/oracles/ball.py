"""Real numbers as Arb's balls: every result contains the exact value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import flint
import numpy as np
from numpy.typing import NDArray

from checkers.oracles.dual import KINK, Undecided
from checkers.oracles.literal import fraction_of

ARB_NAMES = {"arctan": "atan", "arcsin": "asin", "arccos": "acos"}


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """So many bits are carried inside."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def as_ball(value: Fraction | int | float) -> Any:
    """A number as a ``flint.arb``; a float or whole number without a radius."""
    if isinstance(value, Fraction):
        return flint.arb(flint.fmpq(value.numerator, value.denominator))
    return flint.arb(value)


def exact_balls(array: NDArray[Any]) -> NDArray[np.object_]:
    """A float or integer array as balls of radius 0."""
    balls = np.empty(array.shape, dtype=object)
    for index in np.ndindex(*array.shape):
        balls[index] = flint.arb(array[index].item())
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


class BallNumber:
    """A ball that knows whether it depends on what is differentiated.

    Two constants may be equal; a number that moves and meets another is at a kink.
    """

    __slots__ = ("ball", "moving")

    def __init__(self, ball: Any, moving: bool = False) -> None:
        self.ball = ball
        self.moving = moving

    def lifted(self, x: Any) -> BallNumber:
        """A constant; a float is taken at the value that it has."""
        return BallNumber(as_ball(fraction_of(x)))

    def __add__(self, other: BallNumber) -> BallNumber:
        return BallNumber(self.ball + other.ball, self.moving or other.moving)

    def __sub__(self, other: BallNumber) -> BallNumber:
        return BallNumber(self.ball - other.ball, self.moving or other.moving)

    def __mul__(self, other: BallNumber) -> BallNumber:
        return BallNumber(self.ball * other.ball, self.moving or other.moving)

    def __neg__(self) -> BallNumber:
        return BallNumber(-self.ball, self.moving)

    def raised(self, exponent: int) -> BallNumber:
        """The power with a whole exponent."""
        power = self.ball ** abs(exponent) if abs(exponent) != 1 else self.ball
        return BallNumber(1 / power if exponent < 0 else power, self.moving)

    def compare(self, other: BallNumber) -> int:
        """−1, 0 or 1; raises Undecided where the balls overlap."""
        if self is other:
            return 0
        difference = self.ball - other.ball
        if difference > 0:
            return 1
        if difference < 0:
            return -1
        if difference == 0 and not (self.moving or other.moving):
            return 0
        raise Undecided(KINK)

    def function(self, name: str) -> BallNumber:
        """Arb's function of that name."""
        return BallNumber(getattr(self.ball, ARB_NAMES.get(name, name))(), self.moving)
