"""Functions that move elements: join, repeat, roll, pad, put in; and making arrays of followed values.

What NumPy gives as a view needs no rule.
"""
# ruff: noqa: ARG001, ARG005 (the parameters are those of NumPy's functions)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from checkers.tracing.elementwise import spread
from checkers.tracing.gathering import take_flat
from checkers.tracing.rules import Rule, is_f_order, moved, through, written
from checkers.tracing.traced_array import TracedArray, concrete, lift, static


def _reshape(value: Any, a: Any, *shape: Any, **options: Any) -> Any:
    order = static(options.get("order", "C"))
    if order == "C" or (order == "A" and not is_f_order(concrete(a))):
        return lax.reshape(lift(a), value.shape)
    transposed = lax.transpose(lift(a), tuple(reversed(range(np.ndim(concrete(a))))))
    node = lax.reshape(transposed, tuple(reversed(value.shape)))
    return lax.transpose(node, tuple(reversed(range(value.ndim))))


def _ravel(value: Any, a: Any, order: Any = "C") -> Any:
    plain = concrete(a)
    if static(order) == "K" and isinstance(plain, np.ndarray):
        numbers = np.empty_like(plain, dtype=np.intp)
        numbers[...] = np.arange(plain.size).reshape(plain.shape)
        return take_flat(lift(a), numbers.ravel(order="K"))
    return _reshape(value, a, order=order)


def _joined(
    shaped: Callable[[tuple[int, ...], Any], tuple[int, ...]], axis_of: Callable[[int, Any], int]
) -> Rule:
    """Concatenation of parts that are reshaped first."""

    def rule(value: Any, arrays: Any, axis: Any = 0, **options: Any) -> Any:
        place = static(axis)
        parts = [lift(array, value.dtype) for array in arrays]
        parts = [lax.reshape(part, shaped(part.shape, place)) for part in parts]
        return lax.concatenate(parts, axis_of(parts[0].ndim, place))

    return rule


def _with_new_axis(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    place = int(axis) % (len(shape) + 1)
    return (*shape[:place], 1, *shape[place:])


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape))


def _pad(value: Any, array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    if mode == "constant":
        fill = options.get("constant_values", 0)
        node = lift(array, value.dtype)
        if np.ndim(concrete(fill)):
            return jnp.pad(node, static(pad_width), mode, constant_values=lift(fill, value.dtype))
        widths = np.broadcast_to(_pairs(static(pad_width), node.ndim), (node.ndim, 2))
        return lax.pad(
            node, lift(fill, value.dtype), [(int(before), int(after), 0) for before, after in widths]
        )
    is_move = mode in ("edge", "reflect", "symmetric", "wrap")
    if is_move and options.get("reflect_type", "even") == "even":
        return _moved_padding(value, array, pad_width, mode, **options)
    return jnp.pad(
        lift(array, value.dtype), static(pad_width), mode, **{k: static(v) for k, v in options.items()}
    )


_moved_padding = moved(np.pad)


def _pairs(width: Any, ndim: int) -> Any:
    """Widths before and after each axis, or what broadcasts to these."""
    if isinstance(width, dict):
        pairs = np.zeros((ndim, 2), int)
        for axis, pair in width.items():
            pairs[axis] = pair
        return pairs
    return np.asarray(width)


def _same(value: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
    return lax.reshape(lift(a, np.asarray(value).dtype), np.shape(value))


def _stretched(value: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
    return spread(lift(a, np.asarray(value).dtype), np.shape(value))


def _full(value: Any, shape: Any, fill_value: Any, *args: Any, **kwargs: Any) -> Any:
    return _stretched(value, fill_value)


def _meshgrid(value: Any, *xi: Any, **options: Any) -> Any:
    swap = static(options.get("indexing", "xy")) == "xy" and len(xi) > 1
    nodes = []
    for place, x in enumerate(xi):
        node = lift(x)
        axis = 1 - place if swap and place < 2 else place
        shape = tuple(node.size if k == axis else 1 for k in range(len(xi)))
        nodes.append(spread(lax.reshape(node, shape), value[place].shape))
    return nodes


def _fill_diagonal(value: Any, a: Any, val: Any, wrap: Any = False) -> Any:
    return _filled_diagonal(value, a, as_array(val), wrap)


_filled_diagonal = written(np.fill_diagonal, 1)


def as_array(x: Any) -> Any:
    """``x`` as something whose elements can be numbered: a number becomes an array of shape ()."""
    return x if isinstance(x, (TracedArray, np.ndarray, list, tuple)) else np.asarray(x)


def _copyto(value: Any, dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> Any:
    new = lift(src, value.dtype)
    if new.ndim > value.ndim:
        new = lax.reshape(new, new.shape[new.ndim - value.ndim :])
    new = spread(new, value.shape)
    if where is True:
        return new
    return lax.select(spread(lift(where, np.dtype(bool)), value.shape), new, lift(dst))


RULES: dict[Any, Rule] = {
    np.reshape: _reshape,
    np.ravel: _ravel,
    np.squeeze: _reshape,
    np.expand_dims: _reshape,
    np.atleast_1d: _reshape,
    np.atleast_2d: _reshape,
    np.atleast_3d: _reshape,
    np.concatenate: _joined(
        lambda shape, axis: (_size(shape),) if axis is None else shape,
        lambda ndim, axis: 0 if axis is None else int(axis) % ndim,
    ),
    np.stack: _joined(_with_new_axis, lambda ndim, axis: int(axis) % ndim),
    np.vstack: _joined(lambda shape, _: np.atleast_2d(np.empty(shape, bool)).shape, lambda ndim, _: 0),
    np.hstack: _joined(lambda shape, _: shape or (1,), lambda ndim, _: 0 if ndim == 1 else 1),
    np.dstack: _joined(lambda shape, _: np.atleast_3d(np.empty(shape, bool)).shape, lambda ndim, _: 2),
    np.column_stack: _joined(
        lambda shape, _: shape if len(shape) > 1 else (_size(shape), 1), lambda ndim, _: 1
    ),
    np.block: moved(np.block),
    np.append: moved(np.append, 0, 1),
    np.insert: moved(np.insert, 0, 2),
    np.delete: moved(np.delete),
    np.resize: moved(np.resize),
    np.tile: moved(np.tile),
    np.repeat: moved(np.repeat),
    np.roll: moved(np.roll),
    np.rot90: moved(np.rot90),
    np.flip: moved(np.flip),
    np.fliplr: moved(np.fliplr),
    np.flipud: moved(np.flipud),
    np.transpose: moved(np.transpose),
    np.swapaxes: moved(np.swapaxes),
    np.moveaxis: moved(np.moveaxis),
    np.rollaxis: moved(np.rollaxis),
    np.diagonal: moved(np.diagonal),
    np.diag: moved(np.diag),
    np.diagflat: moved(np.diagflat),
    np.tril: moved(np.tril),
    np.triu: moved(np.triu),
    np.vander: through(jnp.vander, "x"),
    np.pad: _pad,
    np.copy: _same,
    np.array: _same,
    np.asarray: _same,
    np.asanyarray: _same,
    np.ascontiguousarray: _same,
    np.asfortranarray: _same,
    np.require: _same,
    np.real: _same,
    np.broadcast_to: _stretched,
    np.full: _full,
    np.full_like: _full,
    np.meshgrid: _meshgrid,
}
"""NumPy function → its rule."""

WRITERS: dict[Any, Rule] = {
    np.copyto: _copyto,
    np.put: written(np.put, 2),
    np.place: written(np.place, 2),
    np.putmask: written(np.putmask, 2),
    np.fill_diagonal: _fill_diagonal,
    np.put_along_axis: written(np.put_along_axis, 2),
}
"""NumPy function that writes into its first parameter → the rule for the new value of all of it."""
