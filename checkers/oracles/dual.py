"""Dual numbers over any kind of number.

    (x, ẋ) + (y, ẏ) = (x + y, ẋ + ẏ),    (x, ẋ) (y, ẏ) = (x y, ẋ y + x ẏ),    f(x, ẋ) = (f(x), f'(x) ẋ)

A NumPy function that is run on them returns its value and its derivative along the tangents of its
arguments. The numbers below are residues (``residue``) or balls (``ball``); the rules of differentiation
stand here once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np


class Unrunnable(Exception):
    """The code does something that these numbers do not allow; the sentence says what."""


class Undecided(Exception):
    """A comparison turns on numbers that are equal or that cannot be told apart."""


class Number(Protocol):
    """What a kind of number must be able to do, besides + − · / among its own."""

    def lifted(self, x: Any) -> Any:
        """A constant of the same kind.

        Raises:
            Unrunnable: ``x`` has no exact meaning.
        """

    def raised(self, exponent: int) -> Any:
        """The power with a whole exponent."""

    def compare(self, other: Any) -> int:
        """−1, 0 or 1 as it is less than, equal to or greater than ``other``.

        Raises:
            Undecided: the numbers are tied at this point, but not everywhere.
        """

    def function(self, name: str) -> Any:
        """The function of that NumPy name: exp, log, sqrt, tanh, sin, …"""


KINK = "it compares two numbers that are equal here, or too close to be told apart"


class Dual:
    """A number and its tangent; None for a tangent of 0."""

    __slots__ = ("tangent", "value")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any, tangent: Any = None) -> None:
        self.value = value
        self.tangent = tangent

    def lifted(self, x: Any) -> Dual:
        """``x`` itself if it is a dual number, else the constant."""
        if isinstance(x, Dual):
            return x
        if isinstance(x, np.ndarray):
            x = x.item()
            return x if isinstance(x, Dual) else Dual(self.value.lifted(x))
        return Dual(self.value.lifted(x))

    def __add__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = self.lifted(other)
        return Dual(self.value + other.value, _sum(self.tangent, other.tangent))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = self.lifted(other)
        minus = None if other.tangent is None else -other.tangent
        return Dual(self.value - other.value, _sum(self.tangent, minus))

    def __rsub__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else self.lifted(other) - self

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = self.lifted(other)
        x, y = self.value, other.value
        return Dual(x * y, _sum(_times(self.tangent, y), _times(other.tangent, x)))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = self.lifted(other)
        inverse = other.value.raised(-1)
        quotient = self.value * inverse
        minus = None if other.tangent is None else -(other.tangent * quotient)
        return Dual(quotient, _times(_sum(self.tangent, minus), inverse))

    def __rtruediv__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else self.lifted(other) / self

    def __neg__(self) -> Dual:
        return Dual(-self.value, None if self.tangent is None else -self.tangent)

    def __pos__(self) -> Dual:
        return self

    def __abs__(self) -> Dual:
        return self if self.compare(0) >= 0 else -self

    def __pow__(self, exponent: Any) -> Any:
        if isinstance(exponent, np.ndarray):
            return NotImplemented
        if isinstance(exponent, (int, float, np.number)) and float(exponent).is_integer():
            return self._raised(int(exponent))
        if isinstance(exponent, (float, np.floating)) and float(2 * exponent).is_integer():
            return self.sqrt()._raised(int(2 * exponent))
        return (self.lifted(exponent) * self.log()).exp()

    def __rpow__(self, base: Any) -> Any:
        return NotImplemented if isinstance(base, np.ndarray) else self.lifted(base) ** self

    def _raised(self, n: int) -> Dual:
        if n == 0:
            return self.lifted(1)
        if self.tangent is None:
            return Dual(self.value.raised(n))
        before = self.value.raised(n - 1)
        return Dual(before * self.value, self.tangent * before * self.value.lifted(n))

    # --- comparison ---------------------------------------------------------------------------------------

    def compare(self, other: Any) -> int:
        """−1, 0 or 1; see ``Number.compare``."""
        return int(self.value.compare(self.lifted(other).value))

    def __lt__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else self.compare(other) < 0

    def __le__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else self.compare(other) <= 0

    def __gt__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else self.compare(other) > 0

    def __ge__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else self.compare(other) >= 0

    def __eq__(self, other: object) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else self.compare(other) == 0

    def __ne__(self, other: object) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else self.compare(other) != 0

    def __bool__(self) -> bool:
        return self.compare(0) != 0

    def __float__(self) -> float:
        raise Unrunnable("it turns a number into a float")

    def __int__(self) -> int:
        raise Unrunnable("it turns a number into a whole number")

    # --- functions: NumPy's object loops look them up by these names ----------------------------------------

    def exp(self) -> Any:
        """eˣ."""
        e = self.value.function("exp")
        return Dual(e, _times(self.tangent, e))

    def log(self) -> Any:
        """Log x."""
        return self._chained("log", lambda x, _: x.raised(-1))

    def sqrt(self) -> Any:
        """√x."""
        return self._chained("sqrt", lambda _, root: (root + root).raised(-1))

    def tanh(self) -> Any:
        """Tanh x."""
        return self._chained("tanh", lambda x, t: x.lifted(1) - t * t)

    def sinh(self) -> Any:
        """Sinh x."""
        return self._chained("sinh", lambda x, _: x.function("cosh"))

    def cosh(self) -> Any:
        """Cosh x."""
        return self._chained("cosh", lambda x, _: x.function("sinh"))

    def sin(self) -> Any:
        """Sin x."""
        return self._chained("sin", lambda x, _: x.function("cos"))

    def cos(self) -> Any:
        """Cos x."""
        return self._chained("cos", lambda x, _: -x.function("sin"))

    def tan(self) -> Any:
        """Sin x / cos x."""
        return self.sin() / self.cos()

    def arctan(self) -> Any:
        """Arctan x."""
        return self._chained("arctan", lambda x, _: (x.lifted(1) + x * x).raised(-1))

    def arcsin(self) -> Any:
        """Arcsin x."""
        return self._chained("arcsin", lambda x, _: (x.lifted(1) - x * x).function("sqrt").raised(-1))

    def arccos(self) -> Any:
        """Arccos x."""
        return self._chained("arccos", lambda x, _: -(x.lifted(1) - x * x).function("sqrt").raised(-1))

    def arcsinh(self) -> Any:
        """log(x + √(x² + 1))."""
        return (self + (self * self + 1).sqrt()).log()

    def arccosh(self) -> Any:
        """log(x + √(x² − 1))."""
        return (self + (self * self - 1).sqrt()).log()

    def arctanh(self) -> Any:
        """log((1 + x) / (1 − x)) / 2."""
        return ((1 + self) / (1 - self)).log() / 2

    def log1p(self) -> Any:
        """log(1 + x)."""
        return (1 + self).log()

    def expm1(self) -> Any:
        """eˣ − 1."""
        return self.exp() - 1

    def exp2(self) -> Any:
        """2ˣ."""
        return (self * self.lifted(2).log()).exp()

    def log2(self) -> Any:
        """Log x / log 2."""
        return self.log() / self.lifted(2).log()

    def log10(self) -> Any:
        """Log x / log 10."""
        return self.log() / self.lifted(10).log()

    def sign(self) -> int:
        """−1, 0 or 1."""
        return self.compare(0)

    def conjugate(self) -> Any:
        """x, which is real."""
        return self

    def _chained(self, name: str, slope: Callable[[Any, Any], Any]) -> Dual:
        """A function with the derivative ``slope(x, f(x))``."""
        value = self.value.function(name)
        return Dual(value, None if self.tangent is None else self.tangent * slope(self.value, value))


def _sum(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


def _times(tangent: Any, factor: Any) -> Any:
    return None if tangent is None else tangent * factor
