"""Sums, means, extremes and running totals in JAX."""

# ruff: noqa: ARG001 (the parameters are those of NumPy's functions)

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from checkers.tracing.elementwise import RULES as LOOPS
from checkers.tracing.elementwise import scalar, spread
from checkers.tracing.rules import Rule, through
from checkers.tracing.traced_array import lift, static


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that ``axis=`` of a reduction names, none of them negative."""
    axis = static(axis)
    if axis is None:
        return tuple(range(ndim))
    if isinstance(axis, (tuple, list)):
        return tuple(int(a) % ndim for a in axis)
    return (int(axis) % ndim,) if ndim else ()


def kept(node: Any, shape: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    """A reduced value with axes of size 1 where ``axes`` of ``shape`` were."""
    return lax.reshape(node, tuple(1 if axis in axes else n for axis, n in enumerate(shape)))


def _chosen(x: Any, where: Any, fill: Any) -> Any:
    """``x`` with ``fill`` in the places that ``where=`` leaves out."""
    if where is True or where is np._NoValue:
        return x
    return lax.select(spread(lift(where, np.dtype(bool)), x.shape), x, lax.full(x.shape, fill, x.dtype))


def _reduction(reduce: Any, combine: Any, identity: Any) -> Rule:
    """The rule of a reduction: ``identity(dtype)`` is for what is left out, ``combine`` for ``initial``."""

    def rule(
        value: Any,
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        keepdims: Any = False,
        initial: Any = np._NoValue,
        where: Any = True,
    ) -> Any:
        x = lift(a, value.dtype)
        axes = axes_of(axis, x.ndim)
        has_initial = initial is not np._NoValue and initial is not None
        if where is not True and where is not np._NoValue:
            x = _chosen(x, where, identity(x.dtype))
        node = reduce(x, axes)
        if keepdims is True or (keepdims is not np._NoValue and static(keepdims)):
            node = kept(node, x.shape, axes)
        return combine(node, spread(lift(initial, node.dtype), node.shape)) if has_initial else node

    return rule


def _lowest(dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "f":
        return dtype.type(-np.inf)
    return np.False_ if dtype.kind == "b" else np.iinfo(dtype).min


def _highest(dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "f":
        return dtype.type(np.inf)
    return np.True_ if dtype.kind == "b" else np.iinfo(dtype).max


def _reduce_max(x: Any, axes: tuple[int, ...]) -> Any:
    return (lax.reduce_or if x.dtype == np.bool_ else lax.reduce_max)(x, axes)


def _reduce_min(x: Any, axes: tuple[int, ...]) -> Any:
    return (lax.reduce_and if x.dtype == np.bool_ else lax.reduce_min)(x, axes)


SUM = _reduction(lax.reduce_sum, lax.add, lambda dtype: dtype.type(0))
PRODUCT = _reduction(lax.reduce_prod, lax.mul, lambda dtype: dtype.type(1))
MAXIMUM = _reduction(_reduce_max, LOOPS["maximum"], _lowest)
MINIMUM = _reduction(_reduce_min, LOOPS["minimum"], _highest)


def _logical(reduce: Any, identity: bool) -> Rule:
    def rule(
        value: Any, a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, where: Any = True
    ) -> Any:
        x = lift(a)
        x = x if x.dtype == np.bool_ else lax.ne(x, scalar(x, 0))
        axes = axes_of(axis, x.ndim)
        node = reduce(_chosen(x, where, identity), axes)
        return lax.reshape(node, np.shape(value))

    return rule


ANY = _logical(lax.reduce_or, False)
ALL = _logical(lax.reduce_and, True)


def _working(value: Any) -> np.dtype[Any]:
    """The dtype in which NumPy takes means of values: float16 is summed in float32."""
    dtype: np.dtype[Any] = np.asarray(value).dtype
    return np.dtype(np.float32) if dtype == np.float16 else dtype


def _count(where: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """How many elements are averaged: along ``axes``, where ``where=`` does not leave them out."""
    if where is True or where is np._NoValue:
        return x.dtype.type(np.prod([x.shape[axis] for axis in axes]))
    chosen = spread(lift(where, np.dtype(bool)), x.shape)
    return kept(lax.reduce_sum(lax.convert_element_type(chosen, x.dtype), axes), x.shape, axes)


def _mean_kept(x: Any, axes: tuple[int, ...], where: Any) -> Any:
    total = kept(lax.reduce_sum(_chosen(x, where, 0), axes), x.shape, axes)
    return lax.div(total, _count(where, x, axes))


def _mean(
    value: Any, a: Any, axis: Any = None, dtype: Any = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    x = lift(a, _working(value))
    return lax.reshape(_mean_kept(x, axes_of(axis, x.ndim), where), np.shape(value))


def _variance(
    value: Any,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = np._NoValue,
    correction: Any = np._NoValue,
) -> Any:
    x = lift(a, _working(value))
    axes = axes_of(axis, x.ndim)
    center = _mean_kept(x, axes, where) if mean is np._NoValue else lift(mean, x.dtype)
    deviation = lax.integer_pow(lax.sub(x, spread(center, x.shape)), 2)
    total = kept(lax.reduce_sum(_chosen(deviation, where, 0), axes), x.shape, axes)
    lost = static(ddof if correction is np._NoValue else correction)
    count = lax.sub(_count(where, x, axes), x.dtype.type(lost)) if lost else _count(where, x, axes)
    return lax.reshape(lax.div(total, count), np.shape(value))


def _deviation(value: Any, *args: Any, **kwargs: Any) -> Any:
    return lax.sqrt(_variance(value, *args, **kwargs))


def _average(
    value: Any, a: Any, axis: Any = None, weights: Any = None, returned: Any = False, *, keepdims: Any = False
) -> Any:
    mean = value[0] if isinstance(value, tuple) else value
    x = lift(a, np.asarray(mean).dtype)
    axes = axes_of(axis, x.ndim)
    shape = np.shape(mean)
    if weights is None:
        scale = lax.full(shape, np.prod([x.shape[axis] for axis in axes]), x.dtype)
        node = lax.reshape(_mean_kept(x, axes, True), shape)
    else:
        w = lift(weights, x.dtype)
        if w.shape != x.shape:
            dims = axes if isinstance(static(axis), tuple) else axes[:1]
            order = tuple(int(place) for place in np.argsort(dims))
            w = lax.broadcast_in_dim(lax.transpose(w, order), x.shape, tuple(sorted(dims)))
        scale = lax.reshape(lax.reduce_sum(w, axes), shape)
        node = lax.div(lax.reshape(lax.reduce_sum(lax.mul(x, w), axes), shape), scale)
    return (node, scale) if isinstance(value, tuple) else node


def _extent(value: Any, a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return lax.sub(MAXIMUM(value, a, axis, None, keepdims), MINIMUM(value, a, axis, None, keepdims))


def _max(
    value: Any, a: Any, axis: Any = None, keepdims: Any = False, initial: Any = np._NoValue, where: Any = True
) -> Any:
    return MAXIMUM(value, a, axis, None, keepdims, initial, where)


def _min(
    value: Any, a: Any, axis: Any = None, keepdims: Any = False, initial: Any = np._NoValue, where: Any = True
) -> Any:
    return MINIMUM(value, a, axis, None, keepdims, initial, where)


def _any(value: Any, a: Any, axis: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
    return ANY(value, a, axis, None, keepdims, where)


def _all(value: Any, a: Any, axis: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
    return ALL(value, a, axis, None, keepdims, where)


def _position(operation: Any) -> Rule:
    def rule(value: Any, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
        x = lift(a)
        x = lax.convert_element_type(x, np.int8) if x.dtype == np.bool_ else x
        place = static(axis)
        x, place = (lax.reshape(x, (x.size,)), 0) if place is None else (x, int(place) % max(x.ndim, 1))
        return lax.reshape(operation(x, place, np.int64), np.shape(value))

    return rule


def _running(operation: Any) -> Rule:
    def rule(value: Any, a: Any, axis: Any = None, dtype: Any = None) -> Any:
        x = lift(a, value.dtype)
        place = static(axis)
        if place is None:
            return operation(lax.reshape(x, (x.size,)), 0)
        return operation(x, int(place) % x.ndim)

    return rule


CUMULATIVE: Mapping[str, Rule] = {
    "add": _running(lax.cumsum),
    "multiply": _running(lax.cumprod),
    "maximum": _running(lax.cummax),
    "minimum": _running(lax.cummin),
}
"""Name of a ufunc → the rule of its ``accumulate``, with the signature of ``np.cumsum``."""

REDUCTIONS: Mapping[str, Rule] = {
    "add": SUM,
    "multiply": PRODUCT,
    "maximum": MAXIMUM,
    "minimum": MINIMUM,
    "logical_or": ANY,
    "logical_and": ALL,
}
"""Name of a ufunc → the rule of its ``reduce``, with the signature of ``np.sum``."""


def _count_nonzero(value: Any, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    x = lift(a)
    hits = x if x.dtype == np.bool_ else lax.ne(x, scalar(x, 0))
    total = lax.reduce_sum(lax.convert_element_type(hits, np.int64), axes_of(axis, x.ndim))
    return lax.reshape(total, np.shape(value))


RULES: dict[Any, Rule] = {
    np.sum: SUM,
    np.prod: PRODUCT,
    np.mean: _mean,
    np.var: _variance,
    np.std: _deviation,
    np.average: _average,
    np.max: _max,
    np.min: _min,
    np.amax: _max,
    np.amin: _min,
    np.ptp: _extent,
    np.any: _any,
    np.all: _all,
    np.argmax: _position(lax.argmax),
    np.argmin: _position(lax.argmin),
    np.count_nonzero: _count_nonzero,
    np.cumsum: CUMULATIVE["add"],
    np.cumprod: CUMULATIVE["multiply"],
    np.median: through(jnp.median, "a"),
    np.quantile: through(jnp.quantile, "a", "q"),
    np.percentile: through(jnp.percentile, "a", "q"),
    np.nansum: through(jnp.nansum, "a", "where"),
    np.nanprod: through(jnp.nanprod, "a", "where"),
    np.nanmean: through(jnp.nanmean, "a", "where"),
    np.nanvar: through(jnp.nanvar, "a", "where"),
    np.nanstd: through(jnp.nanstd, "a", "where"),
    np.nanmax: through(jnp.nanmax, "a", "where"),
    np.nanmin: through(jnp.nanmin, "a", "where"),
    np.nanmedian: through(jnp.nanmedian, "a"),
    np.nanquantile: through(jnp.nanquantile, "a", "q"),
    np.nanpercentile: through(jnp.nanpercentile, "a", "q"),
    np.nancumsum: through(jnp.nancumsum, "a"),
    np.nancumprod: through(jnp.nancumprod, "a"),
}
"""NumPy function → its rule."""

if hasattr(np, "cumulative_sum"):
    RULES[np.cumulative_sum] = through(jnp.cumulative_sum, "x")
    RULES[np.cumulative_prod] = through(jnp.cumulative_prod, "x")
