"""Numbers for the interval oracle: balls that know whether they depend on what is differentiated."""

from __future__ import annotations

from typing import Any

from checkers.oracles.arb import as_ball
from checkers.oracles.dual import KINK, Undecided
from checkers.oracles.literal import fraction_of

ARB_NAMES = {"arctan": "atan", "arcsin": "asin", "arccos": "acos"}


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
