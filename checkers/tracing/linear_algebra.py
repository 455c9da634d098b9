"""``np.linalg`` in JAX.

LAPACK reads one triangle of a symmetric matrix only: an entry of the other triangle has no influence on
NumPy's result, and a derivative of zero. ``jax.numpy`` would average both; the matrix is therefore built
from the triangle that NumPy reads.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from checkers.tracing.products import RULES as PRODUCTS
from checkers.tracing.products import matmul
from checkers.tracing.rules import Rule, through
from checkers.tracing.traced_array import lift, static


def _from_triangle(x: Any, lower: bool) -> Any:
    """The symmetric matrix of the lower (upper) triangle of ``x``.   x: (..., n, n)."""
    n = x.shape[-1]
    keep = np.tri(n, dtype=bool) if lower else np.tri(n, dtype=bool).T
    transposed = lax.transpose(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))
    return lax.select(np.array(np.broadcast_to(keep, x.shape)), x, transposed)


def _float_of(value: Any) -> np.dtype[Any]:
    return np.asarray(value[0] if isinstance(value, tuple) else value).dtype


def _cholesky(value: Any, a: Any, /, *, upper: Any = False) -> Any:
    is_upper = bool(static(upper))
    symmetric = _from_triangle(lift(a, _float_of(value)), not is_upper)
    return jnp.linalg.cholesky(symmetric, upper=is_upper, symmetrize_input=False)


def _eigh(value: Any, a: Any, UPLO: Any = "L") -> Any:
    symmetric = _from_triangle(lift(a, _float_of(value)), str(static(UPLO)).upper() == "L")
    return tuple(jnp.linalg.eigh(symmetric, symmetrize_input=False))


def _eigvalsh(value: Any, a: Any, UPLO: Any = "L") -> Any:
    return _eigh(value, a, UPLO)[0]


def _matrix_power(value: Any, a: Any, n: Any) -> Any:
    exponent = int(static(n))
    x = lift(a, value.dtype)
    if exponent < 0:
        x, exponent = jnp.linalg.inv(x), -exponent
    if exponent == 0:
        return jnp.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)
    node = x
    for _ in range(exponent - 1):
        node = matmul(node, x)
    return node


def _multi_dot(value: Any, arrays: Any) -> Any:
    parts = [lift(array, value.dtype) for array in arrays]
    node = parts[0]
    for part in parts[1:]:
        node = matmul(node, part)
    return node


def _norm(value: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:  # noqa: A002
    node = lift(x, np.asarray(value).dtype)
    order, axes = static(ord), static(axis)
    if order is None and axes is None:
        return lax.reshape(lax.sqrt(_sum_of_squares(node)), np.shape(value))
    return jnp.linalg.norm(node, order, axes, static(keepdims))


def _sum_of_squares(x: Any) -> Any:
    return lax.reduce_sum(lax.integer_pow(x, 2), tuple(range(x.ndim)))


RULES: dict[Any, Rule] = {
    np.linalg.inv: through(jnp.linalg.inv, "a"),
    np.linalg.pinv: through(jnp.linalg.pinv, "a"),
    np.linalg.solve: through(jnp.linalg.solve, "a", "b"),
    np.linalg.lstsq: through(jnp.linalg.lstsq, "a", "b"),
    np.linalg.det: through(jnp.linalg.det, "a"),
    np.linalg.slogdet: through(jnp.linalg.slogdet, "a"),
    np.linalg.cholesky: _cholesky,
    np.linalg.eigh: _eigh,
    np.linalg.eigvalsh: _eigvalsh,
    np.linalg.svd: through(jnp.linalg.svd, "a"),
    np.linalg.svdvals: through(jnp.linalg.svdvals, "x"),
    np.linalg.qr: through(jnp.linalg.qr, "a"),
    np.linalg.matrix_power: _matrix_power,
    np.linalg.multi_dot: _multi_dot,
    np.linalg.norm: _norm,
    np.linalg.vector_norm: through(jnp.linalg.vector_norm, "x"),
    np.linalg.matrix_norm: through(jnp.linalg.matrix_norm, "x"),
    np.linalg.cond: through(jnp.linalg.cond, "x"),
    np.linalg.outer: PRODUCTS[np.outer],
    np.linalg.tensordot: PRODUCTS[np.tensordot],
    np.linalg.trace: through(jnp.linalg.trace, "x"),
    np.linalg.cross: through(jnp.linalg.cross, "x1", "x2"),
}
"""NumPy function → its rule."""
