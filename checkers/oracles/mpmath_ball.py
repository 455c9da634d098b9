"""Rigorous real numbers without python-flint: mpmath's intervals with the methods of Arb's balls.

Slower than Arb, and without its inverse trigonometric functions: what is missing raises NotImplementedError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpmath import iv, libmp

CONTEXT = iv
"""Its ``prec`` is how many bits are carried."""


class Ball:
    """An interval that contains the exact value; comparisons are true only where they are certain."""

    __slots__ = ("interval",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, x: Any = 0) -> None:
        """A whole number or float, exactly; or an interval of mpmath."""
        self.interval = x if isinstance(x, iv.mpf) else _exact(x)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise NotImplementedError(f"{name} has no rigorous evaluation without python-flint")

    @staticmethod
    def pi() -> Ball:
        """π."""
        return Ball(+iv.pi)

    @staticmethod
    def nan() -> Ball:
        """Nothing is known of it."""
        return Ball(iv.mpf(["-inf", "inf"]))

    def __add__(self, other: Any) -> Ball:
        return Ball(self.interval + _interval(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Ball:
        return Ball(self.interval - _interval(other))

    def __rsub__(self, other: Any) -> Ball:
        return Ball(_interval(other) - self.interval)

    def __mul__(self, other: Any) -> Ball:
        return Ball(self.interval * _interval(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Ball:
        divisor = Ball(_interval(other))
        if not (divisor > 0 or divisor < 0):
            return Ball.nan()
        return Ball(self.interval / divisor.interval)

    def __rtruediv__(self, other: Any) -> Ball:
        return Ball(_interval(other)) / self

    def __pow__(self, exponent: Any) -> Ball:
        if isinstance(exponent, int):
            return Ball(self.interval**exponent)
        power: Ball = (self.log() * exponent).exp()
        return power

    def __neg__(self) -> Ball:
        return Ball(-self.interval)

    def __abs__(self) -> Ball:
        return Ball(abs(self.interval))

    def __lt__(self, other: Any) -> bool:
        return bool(self.interval < _interval(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.interval <= _interval(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.interval > _interval(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.interval >= _interval(other))

    def __eq__(self, other: object) -> bool:
        low, high = self.interval._mpi_
        other_low, other_high = _interval(other)._mpi_
        return bool(low == high == other_low == other_high)

    def exp(self) -> Ball:
        """eˣ."""
        return Ball(iv.exp(self.interval))

    def log(self) -> Ball:
        """The logarithm; nothing is known of it where the number may not be positive."""
        return Ball(iv.log(self.interval)) if self > 0 else Ball.nan()

    def sqrt(self) -> Ball:
        """The root; nothing is known of it where the number may be negative."""
        return Ball(iv.sqrt(self.interval)) if self >= 0 else Ball.nan()

    def sin(self) -> Ball:
        """The sine."""
        return Ball(iv.sin(self.interval))

    def cos(self) -> Ball:
        """The cosine."""
        return Ball(iv.cos(self.interval))

    def tan(self) -> Ball:
        """Sine over cosine."""
        return self.sin() / self.cos()

    def tanh(self) -> Ball:
        """1 − 2 / (e²ˣ + 1), which increases with x and overflows nowhere."""
        return 1 - 2 / ((2 * self).exp() + 1)

    def sinh(self) -> Ball:
        """(eˣ − e⁻ˣ) / 2."""
        return (self.exp() - (-self).exp()) / 2

    def cosh(self) -> Ball:
        """(eˣ + e⁻ˣ) / 2."""
        return (self.exp() + (-self).exp()) / 2

    def union(self, other: Ball) -> Ball:
        """The smallest interval around both."""
        low, high = self.interval, other.interval
        return Ball(iv.mpf([_least(low.a, high.a), _greatest(low.b, high.b)]))

    def max(self, other: Ball) -> Ball:
        """The larger of two numbers."""
        one, two = self.interval, other.interval
        return Ball(iv.mpf([_greatest(one.a, two.a), _greatest(one.b, two.b)]))

    def min(self, other: Ball) -> Ball:
        """The smaller of two numbers."""
        one, two = self.interval, other.interval
        return Ball(iv.mpf([_least(one.a, two.a), _least(one.b, two.b)]))

    def is_finite(self) -> bool:
        """Whether both ends are finite."""
        return all(end[1] != 0 or end == libmp.fzero for end in self.interval._mpi_)

    def mid(self) -> float:
        """The midpoint, rounded to float64; infinite if it is too large."""
        low, high = self.interval._mpi_
        return float(libmp.to_float(libmp.mpf_shift(libmp.mpf_add(low, high), -1)))

    def rad(self) -> float:
        """Half the length, rounded to float64."""
        low, high = self.interval._mpi_
        return float(libmp.to_float(libmp.mpf_shift(libmp.mpf_sub(high, low), -1)))


def _exact(x: Any) -> Any:
    """A whole number or float as an interval of one point, whatever the precision."""
    end = libmp.from_int(int(x)) if isinstance(x, int) else libmp.from_float(float(x))
    return iv.make_mpf((end, end))


def _interval(x: Any) -> Any:
    return x.interval if isinstance(x, Ball) else x if isinstance(x, iv.mpf) else _exact(x)


def _chosen(better: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
    return lambda x, y: x if better(x._mpi_[0], y._mpi_[0]) else y


_least = _chosen(libmp.mpf_le)
_greatest = _chosen(libmp.mpf_ge)
