"""Programs run three ways: on balls, in floating point by NumPy or XLA, and in 60 digits by mpmath.

A program is written once as ``program(xp, *arrays)``, for ``xp`` being ``jax.numpy``, ``numpy`` or ``exact``.
What it returns in floating point must lie within its balls; what it returns in 60 digits must lie within the
balls of the reference, which are a thousand times narrower.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import mpmath
import numpy as np

from checkers.rounding import Ball, Rounding, as_balls, evaluate

DIGITS = 60

BEYOND = 1e6
"""No floating type holds e to this power."""

LONG = Rounding.of(np.dtype(np.longdouble))


def jaxpr_of(program: Callable[..., Any], arrays: Sequence[Any]) -> Any:
    """The program as a jaxpr, in 64-bit arithmetic."""
    with jax.enable_x64(True):
        return jax.make_jaxpr(lambda *traced: listed(program(jnp, *traced)))(*arrays)


def listed(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def balls_of(
    program: Callable[..., Any], arrays: Sequence[Any], rounding: Rounding | None = None
) -> list[Ball]:
    """The outputs as balls: around what the program returns in its own dtypes, or rounding otherwise."""
    return evaluate(jaxpr_of(program, arrays), as_balls(arrays), rounding)


def by_numpy(program: Callable[..., Any], arrays: Sequence[Any]) -> list[np.ndarray]:
    with np.errstate(all="ignore"):
        return [np.asarray(item) for item in listed(program(np, *arrays))]


def by_xla(programs: Sequence[tuple[Callable[..., Any], Sequence[Any]]]) -> list[list[np.ndarray]]:
    """What compiled programs return; all are compiled at once, because every compilation takes a while."""
    functions = [function for function, _ in programs]
    run = jax.jit(lambda points: [listed(f(jnp, *p)) for f, p in zip(functions, points, strict=True)])
    with jax.enable_x64(True):
        return [
            [np.asarray(item) for item in items] for items in run([list(arrays) for _, arrays in programs])
        ]


def exactly(program: Callable[..., Any], arrays: Sequence[Any]) -> list[np.ndarray]:
    """What the program returns in 60 digits, as object arrays."""
    with mpmath.workdps(DIGITS):
        return [np.asarray(item, dtype=object) for item in listed(program(exact, *map(as_exact, arrays)))]


def as_exact(array: Any) -> Any:
    """A floating array as an object array of mpmath's numbers; other arrays as they are."""
    array = np.asarray(array)
    if array.dtype.kind != "f":
        return array
    return _each(lambda entry: mpmath.mpf(float(entry)))(array)


def within(ball: Ball, result: np.ndarray) -> bool:
    """Whether a result lies in its ball, entry by entry; one that is not finite must not be claimed to be."""
    assert ball.mid.shape == result.shape
    if result.dtype == bool:
        return bool((~ball.radius.astype(bool) <= (ball.mid == result)).all())
    if result.dtype.kind != "f":
        return bool((ball.mid == result).all())
    finite = np.isfinite(result)
    with np.errstate(invalid="ignore"):
        inside = np.abs(ball.mid - np.where(finite, result, 0)) <= ball.radius
    same = (ball.mid == result) | (np.isnan(ball.mid) & np.isnan(result))
    return bool((np.isinf(ball.radius) | np.where(finite, inside, same)).all())


def encloses(ball: Ball, result: np.ndarray) -> bool:
    """Whether an exact result lies in its ball, entry by entry; where there is none, the ball claims none."""
    assert ball.mid.shape == result.shape
    with mpmath.workdps(DIGITS):
        return all(
            np.isinf(radius)
            or (abs(mpf_of(mid) - entry) <= mpf_of(radius) if real(entry) else not np.isfinite(mid))
            for mid, radius, entry in zip(ball.mid.flat, ball.radius.flat, result.flat, strict=True)
        )


def real(entry: Any) -> bool:
    return not isinstance(entry, mpmath.mpc) and bool(mpmath.isfinite(entry))


def mpf_of(number: Any) -> Any:
    """A longdouble as mpmath's number, without rounding."""
    mantissa, exponent = np.frexp(np.longdouble(number))
    return mpmath.ldexp(mpmath.mpf(int(np.ldexp(mantissa, 64))), int(exponent) - 64)


def _each(function: Callable[..., Any], operands: int = 1) -> Callable[..., Any]:
    ufunc = np.frompyfunc(function, operands, 1)
    return lambda *arrays: np.asarray(ufunc(*arrays), dtype=object)


def _defined(function: Callable[..., Any]) -> Callable[..., Any]:
    """mpmath's function, not a number at a pole and where its value is complex."""

    def real_valued(*operands: Any) -> Any:
        if not all(map(real, operands)):
            return mpmath.nan
        try:
            value = function(*operands)
        except (ZeroDivisionError, ValueError, OverflowError):
            return mpmath.nan
        return value if real(value) else mpmath.nan

    return real_valued


def _of(function: Callable[..., Any], operands: int = 1) -> Callable[..., Any]:
    return _each(_defined(function), operands)


def _chosen(condition: Any, yes: Any, no: Any) -> Any:
    return _each(lambda c, y, n: y if c else n, 3)(condition, yes, no)


def _exp(x: Any) -> Any:
    """e^x where mpmath can hold it; beyond that it is as good as 0 or infinite."""
    if abs(x) < BEYOND:
        return mpmath.exp(x)
    return mpmath.mpf(0) if x < 0 else mpmath.inf


def _divided(x: Any, y: Any) -> Any:
    """x / y, which is 0 where y is infinite."""
    if real(x) and not isinstance(y, mpmath.mpc) and mpmath.isinf(y):
        return mpmath.mpf(0)
    return _defined(lambda x, y: x / y)(x, y)


def _fmod(x: Any, y: Any) -> Any:
    with mpmath.workdps(700):  # as many digits as the quotient of two float64 can have
        whole = mpmath.floor(abs(x) / abs(y))
        return mpmath.sign(x) * (abs(x) - whole * abs(y))


exact = SimpleNamespace(
    exp=_each(lambda x: _exp(x) if real(x) else mpmath.nan),
    exp2=_of(lambda x: _exp(x * mpmath.log(2))),
    expm1=_of(lambda x: mpmath.expm1(x) if abs(x) < BEYOND else _exp(x) - 1),
    logistic=_of(lambda x: 1 / (1 + _exp(-x)) if x > 0 else _exp(x) / (1 + _exp(x))),
    log=_of(mpmath.log),
    log1p=_of(mpmath.log1p),
    sqrt=_of(mpmath.sqrt),
    cbrt=_of(lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x))),
    tanh=_of(lambda x: mpmath.tanh(x) if abs(x) < BEYOND else mpmath.sign(x)),
    sin=_of(mpmath.sin),
    cos=_of(mpmath.cos),
    sinh=_of(lambda x: mpmath.sinh(x) if abs(x) < BEYOND else mpmath.inf),
    arcsin=_of(mpmath.asin),
    arccos=_of(mpmath.acos),
    arctan=_of(mpmath.atan),
    arcsinh=_of(mpmath.asinh),
    arccosh=_of(mpmath.acosh),
    arctanh=_of(mpmath.atanh),
    arctan2=_of(mpmath.atan2, 2),
    floor=_of(mpmath.floor),
    ceil=_of(mpmath.ceil),
    rint=_of(mpmath.nint),
    sign=_of(mpmath.sign),
    abs=_of(abs),
    square=_of(lambda x: x * x),
    add=_of(lambda x, y: x + y, 2),
    subtract=_of(lambda x, y: x - y, 2),
    multiply=_of(lambda x, y: x * y, 2),
    divide=_each(_divided, 2),
    power=_of(lambda x, y: x**y if x <= 0 or abs(y * mpmath.log(x)) < BEYOND else _exp(y * mpmath.log(x)), 2),
    fmod=_of(_fmod, 2),
    maximum=_of(max, 2),
    minimum=_of(min, 2),
    where=_chosen,
    sum=lambda x, axis=None: np.add.reduce(x, axis=axis),
    prod=lambda x, axis=None: np.multiply.reduce(x, axis=axis),
    cumsum=np.cumsum,
    cumprod=np.cumprod,
    max=lambda x, axis=None: np.maximum.reduce(x, axis=axis),
    min=lambda x, axis=None: np.minimum.reduce(x, axis=axis),
    sort=lambda x, axis=-1: np.sort(x, axis=axis),
    matmul=np.matmul,
    asarray=np.asarray,
    arange=lambda *bounds: as_exact(np.arange(*bounds)),
)
"""The functions of NumPy that programs use, in mpmath's arithmetic."""
