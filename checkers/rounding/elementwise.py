"""Elementwise operations on balls.

The midpoint by NumPy, the radius by how far the operation can spread its operands.

For f with operand x ± r the inherited error is max |f(x + t) − f(x)| over |t| ≤ r, bounded by calculus where
that is exact (sums, products, exp, tanh …) and by the values at both ends where f is monotone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from checkers.rounding.ball import ELEMENTARY, Ball, Reals, Rounding, magnitude

Operation: TypeAlias = Callable[..., Ball]

NARROW = 0.125
"""e^x and e^(x + r) are of the same size for r up to here."""
NEGLIGIBLE = 2.0**-60
"""What is so much smaller than the largest number does not bring an overflow back."""


def _counts(x: Ball, y: Ball, rounding: Rounding) -> bool:
    """Whether two single numbers are exact and so short that their sum and product do not round.

    Positions are computed with such numbers, and must come out whole.
    """
    if x.rad is not None or y.rad is not None or x.mid.ndim or y.mid.ndim or rounding.unit > 2.0**-24:
        return False
    return all(abs(mid) <= 2.0**10 and 4 * mid == np.trunc(4 * mid) for mid in (x.mid, y.mid))


def add(x: Ball, y: Ball, rounding: Rounding) -> Ball:
    """x + y."""
    if _counts(x, y, rounding):
        return Ball(x.mid + y.mid)
    total = rounding.close(x.mid + y.mid, _both(x, y), at_most=_smaller_operand(x, y, rounding))
    total = _with_infinities(total, x, y)
    if x.past is None and y.past is None:
        return total
    return Ball(total.mid, total.rad, _stays_past(x, y, rounding) | _stays_past(y, x, rounding))


def _stays_past(x: Ball, y: Ball, rounding: Rounding) -> Any:
    """Where x has overflowed and y is too small to change that."""
    return False if x.past is None else x.past & (y.magnitude <= rounding.largest * NEGLIGIBLE)


def subtract(x: Ball, y: Ball, rounding: Rounding) -> Ball:
    """x − y."""
    if _counts(x, y, rounding):
        return Ball(x.mid - y.mid)
    total = rounding.close(x.mid - y.mid, _both(x, y), at_most=_smaller_operand(x, y, rounding))
    return _with_infinities(total, x, y)


def _smaller_operand(x: Ball, y: Ball, rounding: Rounding) -> Reals | None:
    """1 + 1e-30 is 1, off by no more than 1e-30: twice the smaller operand, once for the midpoint.

    None where that says nothing.
    """
    if not rounding.bounded:
        return None
    one, other = x.magnitude, y.magnitude
    smaller, larger = np.minimum(one, other), np.maximum(one, other)
    return 2 * smaller if (smaller < rounding.unit * larger).any() else None


def _both(x: Ball, y: Ball) -> Reals | float:
    return 0.0 if x.rad is None and y.rad is None else x.radius + y.radius


def infinite(x: Ball) -> Any:
    """Where a ball is infinite without an error, as a mask of −∞ is, and not by an overflow."""
    return np.isinf(x.mid) & (x.radius == 0)


def _with_infinities(total: Ball, x: Ball, y: Ball) -> Ball:
    """A sum or difference; no error where one operand is infinite without one, and the other finite."""
    if total.rad is None or not np.isinf(total.mid).any():
        return total
    one, other = infinite(x), infinite(y)
    safe = (one & np.isfinite(y.mid) & np.isfinite(y.radius)) | (
        other & np.isfinite(x.mid) & np.isfinite(x.radius)
    )
    return Ball(total.mid, np.where(safe, 0, total.rad), total.past)


def multiply(x: Ball, y: Ball, rounding: Rounding) -> Ball:
    """x y: |x| r_y + |y| r_x + r_x r_y."""
    if _counts(x, y, rounding):
        return Ball(x.mid * y.mid)
    inherited: Reals | float = 0.0
    if y.rad is not None:
        inherited = _product(x.magnitude, y.rad)
    if x.rad is not None:
        inherited = inherited + _product(magnitude(y.mid), x.rad)
    return rounding.close(x.mid * y.mid, inherited)


def divide(x: Ball, y: Ball, rounding: Rounding) -> Ball:
    """x / y: (r_x + |x / y| r_y) / (|y| − r_y); unknown where y could be 0, about 0 where y overflows."""
    quotient = x.mid / y.mid
    if y.rad is None:
        return rounding.close(quotient, 0.0 if x.rad is None else _product(1 / magnitude(y.mid), x.rad))
    least = magnitude(y.mid) - y.rad
    spread = x.radius + _product(magnitude(quotient), y.rad)
    inherited = np.where(least > 0, spread / np.where(least > 0, least, 1), np.inf)
    if y.past is not None:  # both quotients lie between 0 and |x| over half the largest number
        inherited = np.where(y.past, 4 * x.magnitude / rounding.largest, inherited)
    return rounding.close(quotient, inherited, at_most=_unless_one(y, quotient, rounding))


def _unless_one(x: Ball, result: Reals, rounding: Rounding) -> Reals | None:
    """Nothing is rounded where the program divides by 1, or takes a power of it, but the midpoint may be.

    No other float is as close to 1 as a fourth of a rounding. None where that says nothing.
    """
    one = np.abs(magnitude(x.mid) - 1) + x.radius < rounding.unit / 4
    if not one.any():
        return None
    own = np.where(magnitude(x.mid) == 1, 0, np.finfo(result.dtype).eps * magnitude(result))
    return np.where(one, own, np.inf)


def _product(size: Reals, radius: Reals) -> Reals:
    """size · radius, with 0 · ∞ = 0: an exact zero is not spread by an unknown factor that is finite."""
    return np.where((size == 0) | (radius == 0), 0, size * radius)


def exact(function: Callable[..., Any]) -> Operation:
    """An operation that neither rounds nor spreads: negation, absolute value, conjugation."""
    return lambda x, rounding: Ball(function(x.mid), x.rad)


def monotone(function: Callable[[Reals], Reals]) -> Operation:
    """A monotone function: the error is the larger distance to the values at both ends of the ball."""

    def operation(x: Ball, rounding: Rounding) -> Ball:
        mid = function(x.mid)
        if x.rad is None:
            return rounding.close(mid, operations=ELEMENTARY)
        # The ends move outward by one rounding of their own, so that the interval is not narrowed.
        reach = x.rad + np.finfo(x.mid.dtype).eps * magnitude(x.mid)
        low, high = function(x.mid - reach), function(x.mid + reach)
        inherited = np.maximum(magnitude(high - mid), magnitude(low - mid))
        return rounding.close(
            mid, np.where(x.rad == 0, 0, np.where(np.isnan(inherited), np.inf, inherited)), ELEMENTARY
        )

    return operation


def lipschitz(function: Callable[[Reals], Reals], slope: Callable[[Reals, Reals], Reals]) -> Operation:
    """A function whose error is at most ``slope(x, r)`` times the radius r."""

    def operation(x: Ball, rounding: Rounding) -> Ball:
        mid = function(x.mid)
        return rounding.close(mid, 0.0 if x.rad is None else _product(slope(x.mid, x.rad), x.rad), ELEMENTARY)

    return operation


def tanh(x: Ball, rounding: Rounding) -> Ball:
    """Tanh x: 4 e⁻²ˣ / (1 + e⁻²ˣ)² at the least x times r; 1 itself where no other float is as near."""
    least = np.maximum(magnitude(x.mid) - x.radius, 0)
    e = np.exp(-2 * least)
    mid, inherited = np.tanh(x.mid), _product(4 * e / (1 + e) ** 2, x.radius)
    saturated = 2 * e < rounding.unit / 16
    at_most = np.where(saturated, 2 * e, np.inf) if saturated.any() else None
    return rounding.close(mid, inherited, ELEMENTARY, at_most)


def steps(function: Callable[[Reals], Reals]) -> Operation:
    """A function that is constant between jumps, such as floor: exact unless the ball reaches over a jump."""

    def operation(x: Ball, rounding: Rounding) -> Ball:
        mid = function(x.mid)
        if x.rad is None:
            return Ball(mid)
        low, high = _ends(x)
        reach = np.maximum(np.abs(function(high) - mid), np.abs(function(low) - mid))
        return Ball(mid, np.where(np.isnan(reach), np.inf, reach))

    return operation


def _ends(x: Ball) -> tuple[Reals, Reals]:
    """Both ends of every ball, moved outward by one unit in the last place unless the ball is a point.

    A radius below half a unit would otherwise be lost, and with it the jump that it reaches over.
    """
    reach = x.radius
    low, high = np.nextafter(x.mid - reach, -np.inf), np.nextafter(x.mid + reach, np.inf)
    return np.where(reach > 0, low, x.mid), np.where(reach > 0, high, x.mid)


def exp(x: Ball, rounding: Rounding) -> Ball:
    """e^x: e^x (e^r − 1), or e^(x + r) where e^x itself is too small for a midpoint."""
    mid = np.exp(x.mid)
    if x.rad is None:
        return _overflowed(rounding.close(mid, operations=ELEMENTARY), True, rounding)
    vanished = mid < np.finfo(mid.dtype).smallest_normal
    inherited = np.where(vanished, np.exp(x.mid + x.rad), _product(magnitude(mid), np.expm1(x.rad)))
    power = rounding.close(mid, np.where(x.rad == 0, 0, inherited), ELEMENTARY)
    return _overflowed(power, x.rad < NARROW, rounding)


def _overflowed(power: Ball, narrow: Any, rounding: Rounding) -> Ball:
    """A power of e that says where it has overflowed for certain: its size, if not its value, is known."""
    past = (power.mid > rounding.largest) & narrow
    return Ball(power.mid, power.rad, past) if past.any() else power


def log(x: Ball, rounding: Rounding) -> Ball:
    """log x: −log(1 − r/x); unknown where x could be 0 or less."""
    mid = np.log(x.mid)
    if x.rad is None:
        return rounding.close(mid, operations=ELEMENTARY)
    return rounding.close(mid, np.where(x.mid > x.rad, -np.log1p(-x.rad / x.mid), np.inf), ELEMENTARY)


def log1p(x: Ball, rounding: Rounding) -> Ball:
    """log(1 + x): −log(1 − r/(1 + x)); unknown where 1 + x could be 0 or less."""
    mid = np.log1p(x.mid)
    if x.rad is None:
        return rounding.close(mid, operations=ELEMENTARY)
    return rounding.close(
        mid, np.where(1 + x.mid > x.rad, -np.log1p(-x.rad / (1 + x.mid)), np.inf), ELEMENTARY
    )


def integer_power(x: Ball, rounding: Rounding, exponent: int) -> Ball:
    """x^n for a whole number n: n (|x| + r)^(n−1) r; for a negative n the reciprocal of x^|n|."""
    if exponent < 0:
        return divide(Ball(np.ones_like(x.mid)), integer_power(x, rounding, -exponent), rounding)
    inherited = (
        0.0 if x.rad is None or exponent == 0 else _product(exponent * x.magnitude ** (exponent - 1), x.rad)
    )
    mid = x.mid**exponent
    return rounding.close(
        mid, inherited, max(1.0, float(exponent - 1)), at_most=_unless_one(x, mid, rounding)
    )


def power(x: Ball, y: Ball, rounding: Rounding) -> Ball:
    """x^y: bounded by the values at the corners of both balls, x^y being monotone in each for x > 0."""
    mid = x.mid**y.mid
    if x.rad is None and y.rad is None:
        return rounding.close(mid, operations=ELEMENTARY)
    corners = [(x.mid + s * x.radius) ** (y.mid + t * y.radius) for s in (-1, 1) for t in (-1, 1)]
    inherited = np.max([magnitude(corner - mid) for corner in corners], axis=0)
    whole = (y.mid == np.round(y.mid)) & (y.radius == 0)
    known = (
        (x.mid > x.radius)
        | (whole & (magnitude(x.mid) > x.radius))
        | (whole & (y.mid >= 1))
        | (x.radius + y.radius == 0)
    )
    # One more rounding of the corners themselves, amplified by the exponent; and what an exponent moves that
    # is too small to move the corners.
    inherited = inherited + np.finfo(mid.dtype).eps * (2 + magnitude(y.mid)) * magnitude(mid)
    growth = magnitude(np.log(np.where(x.mid == 0, 1, magnitude(x.mid))))
    inherited = inherited + _product(magnitude(mid) * growth, y.radius)
    return rounding.close(mid, np.where(known & ~np.isnan(inherited), inherited, np.inf), ELEMENTARY)


def larger(x: Ball, y: Ball, rounding: Rounding) -> Ball:
    """max(x, y): off by no more than the radius of the larger, or of both where either could be it."""
    return Ball(np.maximum(x.mid, y.mid), _chosen(x, y, x.mid - y.mid))


def smaller(x: Ball, y: Ball, rounding: Rounding) -> Ball:
    """min(x, y): off by no more than the radius of the smaller, or of both where either could be it."""
    return Ball(np.minimum(x.mid, y.mid), _chosen(x, y, y.mid - x.mid))


def _chosen(x: Ball, y: Ball, lead: Reals) -> Reals | None:
    """The radius of x where it leads for certain, of y where it trails, else the larger one.

    max(0, z) for a negative z is exactly 0, and a comparison of it with 0 does not turn on rounding.
    """
    if x.rad is None and y.rad is None:
        return None
    apart = magnitude(lead) > x.radius + y.radius
    return np.where(apart, np.where(lead > 0, x.radius, y.radius), np.maximum(x.radius, y.radius))


def sign(x: Ball, rounding: Rounding) -> Ball:
    """Sign x: unknown by 2 where the ball reaches over 0."""
    return Ball(
        np.sign(x.mid), None if x.rad is None else np.where((np.abs(x.mid) <= x.rad) & (x.rad > 0), 2.0, 0.0)
    )


def remainder(x: Ball, y: Ball, rounding: Rounding) -> Ball:
    """The remainder of x / y with the sign of x, for an exact y.

    Unknown by |y| where the ball reaches over a jump.
    """
    mid = np.fmod(x.mid, y.mid)
    if x.rad is None and y.rad is None:
        return Ball(mid)
    low, high = _ends(x)
    same = np.trunc(low / y.mid) == np.trunc(high / y.mid)
    return Ball(mid, np.where(same & (y.radius == 0), x.radius, np.inf))


def two_argument_angle(x: Ball, y: Ball, rounding: Rounding) -> Ball:
    """atan2(x, y): the angle moves by at most (r_x + r_y) over the distance from the origin that remains."""
    distance = np.hypot(x.mid, y.mid) - x.radius - y.radius
    inherited = np.where(distance > 0, (x.radius + y.radius) / distance, np.inf)
    crosses = (np.abs(x.mid) <= x.radius) & (x.radius > 0) & (y.mid < 0)
    return rounding.close(
        np.arctan2(x.mid, y.mid),
        np.where(crosses, np.inf, np.where(x.radius + y.radius == 0, 0, inherited)),
        ELEMENTARY,
    )


def compare(function: Callable[..., Any], strict_equality: bool = False) -> Operation:
    """A comparison: undecided where the balls overlap.

    With ``strict_equality`` (for = and ≠) equal midpoints count as equal: they are almost always one and the
    same value that reached both sides, such as a maximum compared with the entries it was taken from.
    """

    def operation(x: Ball, y: Ball, rounding: Rounding) -> Ball:
        mid = function(x.mid, y.mid)
        if x.rad is None and y.rad is None:
            return Ball(mid)
        if x.mid.dtype == bool:
            return logical(function)(x, y, rounding)
        reach = x.radius + y.radius
        overlap = ~(magnitude(x.mid - y.mid) > reach) & (reach > 0)
        if strict_equality:
            overlap = overlap & (x.mid != y.mid)
        return Ball(mid, overlap if overlap.any() else None)

    return operation


def logical(function: Callable[..., Any]) -> Operation:
    """A Boolean operation: undecided where turning an undecided operand turns the result."""

    def operation(*operands: Any) -> Ball:
        *balls, _ = operands
        mid = function(*(ball.mid for ball in balls))
        if all(ball.rad is None for ball in balls):
            return Ball(mid)
        unsure = np.zeros(mid.shape, dtype=bool)
        for choice in np.ndindex(*(2,) * len(balls)):
            turned = [
                ball.mid ^ (ball.radius.astype(bool) & bool(flip))
                for ball, flip in zip(balls, choice, strict=True)
            ]
            unsure |= function(*turned) != mid
        return Ball(mid, unsure)

    return operation


def select(which: Ball, *cases: Ball) -> Ball:
    """The case that ``which`` names, entry by entry.

    Where that is undecided, a ball that holds every case.
    """
    number = which.mid.astype(int)
    mid = np.choose(number, [case.mid for case in cases])
    undecided = which.rad is not None and bool(which.rad.any())
    if not undecided and all(case.rad is None for case in cases):
        return Ball(mid)
    if mid.dtype == bool:
        unsure = np.choose(number, [case.radius.astype(bool) for case in cases])
        if undecided:
            unsure = unsure | (
                which.radius.astype(bool) & np.any([case.mid != mid for case in cases], axis=0)
            )
        return Ball(mid, unsure)
    rad = np.choose(number, [case.radius for case in cases])
    if undecided:
        low = np.min([case.mid - case.radius for case in cases], axis=0)
        high = np.max([case.mid + case.radius for case in cases], axis=0)
        either = which.radius.astype(bool)
        mid = np.where(either, (low + high) / 2, mid)
        rad = np.where(either, np.where(np.isnan(high - low), np.inf, (high - low) / 2), rad)
    return Ball(mid, rad)
