"""Constants in code as the rational numbers that they are."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from checkers.oracles.dual import Unrunnable

SHORT = 26
"""Significant bits up to which a float is taken for the number that was meant: half of those that it has."""


def fraction_of(x: Any) -> Fraction | int:
    """A whole number, fraction or finite float, exactly.

    Raises:
        Unrunnable: it is none of them.
    """
    if isinstance(x, (bool, np.bool_, int, np.integer)):
        return int(x)
    if isinstance(x, Fraction):
        return x
    if isinstance(x, (float, np.floating)):
        if not math.isfinite(x):
            raise Unrunnable(f"it computes with {float(x)}")
        return Fraction(*float(x).as_integer_ratio())
    raise Unrunnable(f"it computes with a {type(x).__name__}")


def meant(x: Any) -> Fraction | int:
    """The number that a literal stands for, where the float is that number.

    Taken are whole numbers, fractions, floats of at most ``SHORT`` significant bits (0.5, 0.375) and those
    whose shortest decimal is exact (1e22). 0.1 is no tenth, and 1/3 no third: code in which such a number
    occurs may be right in real arithmetic and is not in exact arithmetic.

    Raises:
        Unrunnable: the float is not, or it is no number at all.
    """
    exact = fraction_of(x)
    if (
        isinstance(exact, int)
        or isinstance(x, Fraction)
        or (exact.denominator == 1 and abs(exact.numerator) <= 2**53)
    ):
        return exact
    if exact.numerator.bit_length() <= SHORT or Fraction(repr(float(x))) == exact:
        return exact
    raise Unrunnable(f"the float {float(x)!r} is not exactly the number that it is written as")
