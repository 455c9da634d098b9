"""Differences, integrals, interpolation, convolution and polynomials; ``math``; and ``scipy.special``."""

# ruff: noqa: ARG001, ARG005 (the parameters are those of NumPy's functions)

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy import signal, special

from checkers.tracing.elementwise import RULES as LOOPS
from checkers.tracing.elementwise import spread
from checkers.tracing.gathering import take_flat
from checkers.tracing.products import contract
from checkers.tracing.reductions import axes_of, kept
from checkers.tracing.rules import Rule, through
from checkers.tracing.traced_array import lift, static


def _convolve(value: Any, a: Any, v: Any, mode: Any = "full") -> Any:
    x, y = lift(a, value.dtype), lift(v, value.dtype)
    x, y = lax.reshape(x, (x.size,)), lax.reshape(y, (y.size,))
    if y.size > x.size:
        x, y = y, x
    return _slid(x, lax.rev(y, (0,)), static(mode), value.size, x.size < y.size)


def _correlate(value: Any, a: Any, v: Any, mode: Any = "valid") -> Any:
    x, y = lift(a, value.dtype), lift(v, value.dtype)
    return _slid(x, y, static(mode), value.size, y.size > x.size)


def _slid(x: Any, y: Any, mode: str, size: int, is_swapped: bool) -> Any:
    """Σ_k x[n + k] y[k] for the n of ``mode``: ``size`` of those at which x and y overlap."""
    shorter = min(x.size, y.size)
    start = {
        "full": 0,
        "valid": shorter - 1,
        "same": shorter // 2 if is_swapped else shorter - 1 - shorter // 2,
    }[mode]
    zero = x.dtype.type(0)
    padded = lax.pad(x, zero, [(y.size - 1, y.size - 1, 0)])
    windows = np.arange(start, start + size)[:, None] + np.arange(y.size)
    return contract(take_flat(padded, windows), y, ((1,), (0,)))


def _softmax(value: Any, x: Any, axis: Any = None) -> Any:
    return lax.exp(_log_softmax(value, x, axis))


def _log_softmax(value: Any, x: Any, axis: Any = None) -> Any:
    node = lift(x, value.dtype)
    axes = axes_of(axis, node.ndim)
    shifted = lax.sub(node, spread(kept(lax.reduce_max(node, axes), node.shape, axes), node.shape))
    total = kept(lax.reduce_sum(lax.exp(shifted), axes), node.shape, axes)
    return lax.sub(shifted, spread(lax.log(total), node.shape))


RULES: dict[Any, Rule] = {
    np.diff: through(jnp.diff, "a", "prepend", "append"),
    np.ediff1d: through(jnp.ediff1d, "ary", "to_end", "to_begin"),
    np.gradient: through(jnp.gradient, "f"),
    np.trapezoid: through(jnp.trapezoid, "y", "x", "dx"),
    np.interp: through(jnp.interp, "x", "xp", "fp"),
    np.convolve: _convolve,
    np.correlate: _correlate,
    np.polyval: through(jnp.polyval, "p", "x"),
    np.polyadd: through(jnp.polyadd, "a1", "a2"),
    np.polymul: through(jnp.polymul, "a1", "a2"),
    np.polyder: through(jnp.polyder, "p"),
    np.polyint: through(jnp.polyint, "p"),
    np.sinc: through(jnp.sinc, "x"),
    np.i0: through(jnp.i0, "x"),
    np.linspace: through(jnp.linspace, "start", "stop"),
    np.logspace: through(jnp.logspace, "start", "stop"),
    np.geomspace: through(jnp.geomspace, "start", "stop"),
    np.cov: through(jnp.cov, "m", "y"),
    np.corrcoef: through(jnp.corrcoef, "x", "y"),
}
"""NumPy function → its rule."""

SCIPY: dict[str, Rule] = {
    "special.logsumexp": through(special.logsumexp, "a", "b"),
    "special.softmax": _softmax,
    "special.log_softmax": _log_softmax,
    "signal.convolve2d": through(signal.convolve2d, "in1", "in2"),
    "signal.correlate2d": through(signal.correlate2d, "in1", "in2"),
}
"""Function of SciPy by name → its rule."""


def _of_math(name: str) -> Rule:
    """The rule of a function of ``math`` that has a ufunc of the same meaning."""
    loop = LOOPS[name]
    return lambda value, *args: loop(*(_scalar(x) for x in args))


def _scalar(x: Any) -> Any:
    return lax.reshape(lift(x, np.dtype(float)), ())


def _log(value: Any, x: Any, base: Any = math.e) -> Any:
    node = lax.log(_scalar(x))
    return node if base is math.e else lax.div(node, lax.log(_scalar(base)))


def _total(value: Any, items: Any, *, start: Any = 0) -> Any:
    node = _scalar(start)
    for item in items:
        node = lax.add(node, _scalar(item))
    return node


def _product(value: Any, items: Any, *, start: Any = 1) -> Any:
    node = _scalar(start)
    for item in items:
        node = lax.mul(node, _scalar(item))
    return node


def _hypotenuse(value: Any, *coordinates: Any) -> Any:
    return _length([_scalar(x) for x in coordinates])


def _distance(value: Any, p: Any, q: Any) -> Any:
    return _length([lax.sub(_scalar(x), _scalar(y)) for x, y in zip(p, q, strict=True)])


def _length(nodes: list[Any]) -> Any:
    total = lax.integer_pow(nodes[0], 2)
    for node in nodes[1:]:
        total = lax.add(total, lax.integer_pow(node, 2))
    return lax.sqrt(total)


MATH: dict[Any, Rule] = {
    math.log: _log,
    math.fsum: _total,
    math.prod: _product,
    math.hypot: _hypotenuse,
    math.dist: _distance,
    math.gamma: lambda value, x: special.gamma(_scalar(x)),
    math.lgamma: lambda value, x: lax.lgamma(_scalar(x)),
    math.pow: lambda value, x, y: lax.pow(_scalar(x), _scalar(y)),
    math.erf: _of_math("erf"),
    math.erfc: _of_math("erfc"),
    math.atan2: _of_math("arctan2"),
    math.asin: _of_math("arcsin"),
    math.acos: _of_math("arccos"),
    math.atan: _of_math("arctan"),
    math.asinh: _of_math("arcsinh"),
    math.acosh: _of_math("arccosh"),
    math.atanh: _of_math("arctanh"),
    **{
        getattr(math, name): _of_math(name)
        for name in (
            *("exp", "exp2", "expm1", "log1p", "log2", "log10", "sqrt", "cbrt", "fabs", "fmod", "copysign"),
            *("sin", "cos", "tan", "sinh", "cosh", "tanh", "degrees", "radians"),
        )
    },
}
"""Function of ``math`` → its rule."""
