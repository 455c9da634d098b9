"""NumPy's elementwise functions (ufuncs) in JAX: one row each.

A rule gets its operands as JAX values or constants, in the dtypes of the loop that NumPy itself would choose,
all of the shape of the result (constant scalars excepted), and returns one JAX value or a tuple. Rules call
``jax.lax`` directly where they can: ``jax.numpy`` traces a wrapper anew for every shape, which takes longer
than all the rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy import special

Rule = Callable[..., Any]


def scalar(like: Any, number: float) -> Any:
    """The constant ``number`` in the dtype of ``like``."""
    return like.dtype.type(number)


def _is_bool(x: Any) -> bool:
    return bool(x.dtype == np.bool_)


def _or_for_bools(rule: Rule, for_bools: Rule) -> Rule:
    return lambda x, y: (for_bools if _is_bool(x) else rule)(x, y)


def _times(factor: float) -> Rule:
    return lambda x: lax.mul(x, scalar(x, factor))


def _reciprocal(x: Any) -> Any:
    return lax.div(_ones(x), x)


def _ones(x: Any) -> Any:
    return lax.full(x.shape, 1, x.dtype)


def _zeros(x: Any) -> Any:
    return lax.full(x.shape, 0, x.dtype)


def _select(condition: Any, x: Any, y: Any) -> Any:
    """``np.where`` on operands of which one may be a constant scalar."""
    shape = condition.shape
    return lax.select(condition, spread(x, shape), spread(y, shape))


def _trunc(x: Any) -> Any:
    return _select(lax.lt(x, scalar(x, 0)), lax.ceil(x), lax.floor(x))


def _modf(x: Any) -> tuple[Any, Any]:
    whole = _trunc(x)
    return lax.sub(x, whole), whole


def _divmod(x: Any, y: Any) -> tuple[Any, Any]:
    return jnp.floor_divide(x, y), jnp.remainder(x, y)


def _power(x: Any, y: Any) -> Any:
    if x.dtype.kind != "f":
        return jnp.power(x, y)
    if isinstance(y, (np.ndarray, np.generic)) and np.ndim(y) == 0:
        exponent = float(y)
        if exponent.is_integer() and abs(exponent) < 1024:
            return lax.integer_pow(x, int(exponent))
        if exponent == 0.5:
            return lax.sqrt(x)
    shape = np.broadcast_shapes(x.shape, y.shape)
    return lax.pow(spread(x, shape), spread(y, shape))


def _logaddexp(x: Any, y: Any) -> Any:
    shape = np.broadcast_shapes(x.shape, y.shape)
    x, y = spread(x, shape), spread(y, shape)
    difference = lax.sub(x, y)
    larger = lax.max(x, y)
    sum_ = lax.add(larger, lax.log1p(lax.exp(lax.neg(lax.abs(difference)))))
    return lax.select(lax.ne(difference, difference), lax.add(x, y), sum_)


def _logaddexp2(x: Any, y: Any) -> Any:
    log2 = scalar(x, math.log(2))
    return lax.div(_logaddexp(lax.mul(x, log2), lax.mul(y, log2)), log2)


def _heaviside(x: Any, y: Any) -> Any:
    shape = np.broadcast_shapes(x.shape, y.shape)
    x, y = spread(x, shape), spread(y, shape)
    zero = _zeros(x)
    return lax.select(
        lax.lt(x, zero), zero, lax.select(lax.eq(x, zero), y, _select(lax.gt(x, zero), _ones(x), x))
    )


def _full(rule: Rule) -> Rule:
    """``rule`` for operands that must all have the shape of the result."""

    def on_full_shapes(*operands: Any) -> Any:
        shape = np.broadcast_shapes(*(operand.shape for operand in operands))
        return rule(*(spread(operand, shape) for operand in operands))

    return on_full_shapes


def _as_bools(rule: Rule) -> Rule:
    return lambda *operands: rule(*(x if _is_bool(x) else lax.ne(x, scalar(x, 0)) for x in operands))


def _ldexp(x: Any, exponent: Any) -> Any:
    return lax.mul(
        x, lax.convert_element_type(jnp.exp2(lax.convert_element_type(exponent, x.dtype)), x.dtype)
    )


def spread(x: Any, shape: tuple[int, ...]) -> Any:
    """``x`` broadcast to ``shape``, as ``np.broadcast_to`` does it."""
    if x.shape == shape:
        return x
    if isinstance(x, (np.ndarray, np.generic)) and x.ndim == 0:
        return lax.full(shape, x.item(), x.dtype)
    return lax.broadcast_in_dim(x, shape, tuple(range(len(shape) - len(x.shape), len(shape))))


RULES: dict[str, Rule] = {
    # arithmetic
    "add": _or_for_bools(lax.add, lax.bitwise_or),
    "subtract": lax.sub,
    "multiply": _or_for_bools(lax.mul, lax.bitwise_and),
    "divide": lax.div,
    "negative": lax.neg,
    "positive": lambda x: x,
    "power": _power,
    "float_power": _power,
    "floor_divide": jnp.floor_divide,
    "remainder": jnp.remainder,
    "fmod": _full(lax.rem),
    "divmod": _divmod,
    "modf": _modf,
    "absolute": lax.abs,
    "fabs": lax.abs,
    "sign": lax.sign,
    "copysign": _full(jnp.copysign),
    "reciprocal": _reciprocal,
    "square": lambda x: lax.integer_pow(x, 2),
    "sqrt": lax.sqrt,
    "cbrt": lax.cbrt,
    "ldexp": _ldexp,
    "conjugate": lambda x: x,
    # exponentials and logarithms
    "exp": lax.exp,
    "exp2": lax.exp2,
    "expm1": lax.expm1,
    "log": lax.log,
    "log2": lambda x: lax.div(lax.log(x), scalar(x, math.log(2))),
    "log10": lambda x: lax.div(lax.log(x), scalar(x, math.log(10))),
    "log1p": lax.log1p,
    "logaddexp": _logaddexp,
    "logaddexp2": _logaddexp2,
    # trigonometric and hyperbolic
    "sin": lax.sin,
    "cos": lax.cos,
    "tan": lax.tan,
    "arcsin": lax.asin,
    "arccos": lax.acos,
    "arctan": lax.atan,
    "arctan2": _full(lax.atan2),
    "hypot": _full(jnp.hypot),
    "sinh": lax.sinh,
    "cosh": lax.cosh,
    "tanh": lax.tanh,
    "arcsinh": lax.asinh,
    "arccosh": lax.acosh,
    "arctanh": lax.atanh,
    "deg2rad": _times(math.pi / 180),
    "radians": _times(math.pi / 180),
    "rad2deg": _times(180 / math.pi),
    "degrees": _times(180 / math.pi),
    # rounding
    "floor": lambda x: lax.floor(x) if x.dtype.kind == "f" else x,
    "ceil": lambda x: lax.ceil(x) if x.dtype.kind == "f" else x,
    "trunc": lambda x: _trunc(x) if x.dtype.kind == "f" else x,
    "rint": lambda x: lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN),
    # extremes
    "maximum": lax.max,
    "minimum": lax.min,
    "fmax": _full(jnp.fmax),
    "fmin": _full(jnp.fmin),
    "clip": lambda x, low, high: lax.min(lax.max(x, low), high),
    # comparison
    "equal": lax.eq,
    "not_equal": lax.ne,
    "less": lax.lt,
    "less_equal": lax.le,
    "greater": lax.gt,
    "greater_equal": lax.ge,
    "isnan": lambda x: lax.ne(x, x),
    "isinf": lambda x: lax.eq(lax.abs(x), scalar(x, math.inf)),
    "isfinite": lax.is_finite,
    "signbit": jnp.signbit,
    "heaviside": _heaviside,
    # logic and bits
    "logical_and": _as_bools(lax.bitwise_and),
    "logical_or": _as_bools(lax.bitwise_or),
    "logical_xor": _as_bools(lax.bitwise_xor),
    "logical_not": _as_bools(lax.bitwise_not),
    "bitwise_and": lax.bitwise_and,
    "bitwise_or": lax.bitwise_or,
    "bitwise_xor": lax.bitwise_xor,
    "invert": lax.bitwise_not,
    "left_shift": _full(jnp.left_shift),
    "right_shift": _full(jnp.right_shift),
    # scipy.special
    "expit": lax.logistic,
    "logit": special.logit,
    "log_expit": lambda x: lax.neg(_logaddexp(_zeros(x), lax.neg(x))),
    "erf": lax.erf,
    "erfc": lax.erfc,
    "erfinv": lax.erf_inv,
    "ndtr": special.ndtr,
    "log_ndtr": special.log_ndtr,
    "gamma": special.gamma,
    "gammaln": lax.lgamma,
    "psi": lax.digamma,
    "xlogy": _full(special.xlogy),
    "xlog1py": _full(special.xlog1py),
    "entr": special.entr,
    "rel_entr": _full(special.rel_entr),
    "kl_div": _full(special.kl_div),
    "i0": special.i0,
    "i0e": special.i0e,
    "i1": special.i1,
    "i1e": special.i1e,
}
"""Name of a ufunc of NumPy or ``scipy.special`` → its rule."""
