"""Functions that choose among elements: where, take, sort, clip, unique and their like."""
# ruff: noqa: ARG001 (the parameters are those of NumPy's functions)

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from checkers.tracing.elementwise import scalar, spread
from checkers.tracing.gathering import take_flat, wrapped
from checkers.tracing.rules import Rule, is_any_followed, moved, through
from checkers.tracing.session import depend_on_value
from checkers.tracing.traced_array import concrete, lift, static


def _where(value: Any, condition: Any, *choices: Any) -> Any:
    if not choices:
        depend_on_value()
        return [None] * len(value)
    chosen = lift(condition)
    chosen = chosen if chosen.dtype == np.bool_ else lax.ne(chosen, scalar(chosen, 0))
    x, y = (spread(lift(choice, value.dtype), value.shape) for choice in choices)
    return lax.select(spread(chosen, value.shape), x, y)


def _select(value: Any, condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    node = spread(lift(default, value.dtype), value.shape)
    for condition, choice in zip(reversed(list(condlist)), reversed(list(choicelist)), strict=True):
        chosen = spread(lift(condition, np.dtype(bool)), value.shape)
        node = lax.select(chosen, spread(lift(choice, value.dtype), value.shape), node)
    return node


def _choose(value: Any, a: Any, choices: Any, mode: Any = "raise") -> Any:
    numbers = spread(lift(a, np.dtype(np.int64)), value.shape)
    parts = [spread(lift(choice, value.dtype), value.shape) for choice in choices]
    if static(mode) != "raise":
        return jnp.choose(numbers, parts, mode=static(mode))
    node = parts[-1]
    for place in range(len(parts) - 2, -1, -1):
        node = lax.select(lax.eq(numbers, lax.full(value.shape, place, np.int64)), parts[place], node)
    return node


def _take(value: Any, a: Any, indices: Any, axis: Any = None, mode: Any = "raise") -> Any:
    if not is_any_followed(indices):
        return _moved_take(value, a, indices, axis, mode=mode)
    node, place = lift(a), static(axis)
    if static(mode) != "raise":
        return jnp.take(node, lift(indices), axis=place, mode=static(mode))
    size = node.size if place is None else node.shape[place]
    return jnp.take(node, wrapped(lift(indices), size), axis=place, mode="clip")


_moved_take = moved(np.take)


def _take_along_axis(value: Any, arr: Any, indices: Any, axis: Any = -1) -> Any:
    node, place = lift(arr), static(axis)
    if place is None:
        node, place = lax.reshape(node, (node.size,)), 0
    place = int(place) % node.ndim
    shape = value.shape
    numbers = spread(wrapped(lift(indices), node.shape[place]), shape)
    first = np.take(np.arange(node.size).reshape(node.shape), [0], place)
    stride = int(np.prod(node.shape[place + 1 :]))
    places = lax.add(np.array(np.broadcast_to(first, shape)), lax.mul(numbers, np.int64(stride)))
    return take_flat(node, places)


def _unique(value: Any, ar: Any, *args: Any, **kwargs: Any) -> Any:
    depend_on_value()
    axis = static(kwargs.get("axis"))
    _, first = np.unique(concrete(ar), return_index=True, axis=axis)
    node = lift(ar)
    ids = np.arange(node.size).reshape(node.shape)
    chosen = take_flat(node, ids.ravel()[first] if axis is None else np.take(ids, first, axis))
    return (chosen, *[None] * (len(value) - 1)) if isinstance(value, tuple) else chosen


def _sort(
    value: Any, a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    node, place = lift(a), static(axis)
    if place is None:
        node, place = lax.reshape(node, (node.size,)), -1
    return lax.sort(node, dimension=int(place) % node.ndim)


def _argsort(
    value: Any, a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    plain, node, place = np.asarray(concrete(a)), lift(a), static(axis)
    if place is None:
        plain, node, place = plain.ravel(), lax.reshape(node, (node.size,)), -1
    place = int(place) % node.ndim
    if (np.diff(np.sort(plain, place), axis=place) == 0).any():
        depend_on_value()  # NumPy breaks ties in its own way
        return None
    numbers = lax.broadcasted_iota(np.int64, node.shape, place)
    return lax.sort((node, numbers), dimension=place, num_keys=1)[1]


def _partition(
    value: Any, a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None
) -> Any:
    depend_on_value()
    plain, place = concrete(a), static(axis)
    places = np.argpartition(plain, static(kth), place)
    if not (np.take_along_axis(plain, places, place) == value).all():
        raise NotImplementedError("the order of its elements is not known")
    return _take_along_axis(value, a, places, place)


def _nan_to_num(
    value: Any, x: Any, copy: Any = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    above, below = (None if fill is None else lift(fill) for fill in (posinf, neginf))
    return jnp.nan_to_num(lift(x), nan=lift(nan), posinf=above, neginf=below)


def _clip(
    value: Any,
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    *,
    min: Any = None,  # noqa: A002
    max: Any = None,  # noqa: A002
    **options: Any,
) -> Any:
    low, high = a_min if min is None else min, a_max if max is None else max
    shape, dtype = np.shape(value), np.asarray(value).dtype
    node = spread(lift(a, dtype), shape)
    if low is not None:
        node = lax.max(node, spread(lift(low, dtype), shape))
    if high is not None:
        node = lax.min(node, spread(lift(high, dtype), shape))
    return node


def _round(value: Any, a: Any, decimals: Any = 0, **options: Any) -> Any:
    node, digits = lift(a), int(static(decimals))
    if node.dtype.kind == "f" and digits == 0:
        return lax.round(node, lax.RoundingMethod.TO_NEAREST_EVEN)
    return node if node.dtype.kind != "f" and digits >= 0 else jnp.round(node, digits)


def _bincount(value: Any, x: Any, /, weights: Any = None, minlength: Any = 0) -> Any:
    spots = np.asarray(static(x))
    if weights is None:
        return None
    return jnp.zeros(value.shape, value.dtype).at[spots].add(lift(weights, value.dtype))


RULES: dict[Any, Rule] = {
    np.where: _where,
    np.select: _select,
    np.choose: _choose,
    np.take: _take,
    np.take_along_axis: _take_along_axis,
    np.compress: moved(np.compress, 1),
    np.extract: moved(np.extract, 1),
    np.unique: _unique,
    np.sort: _sort,
    np.argsort: _argsort,
    np.partition: _partition,
    np.nan_to_num: _nan_to_num,
    np.clip: _clip,
    np.round: _round,
    np.around: _round,
    np.bincount: _bincount,
}
"""NumPy function → its rule."""

if hasattr(np, "fix"):
    RULES[np.fix] = through(jnp.trunc, "x")
