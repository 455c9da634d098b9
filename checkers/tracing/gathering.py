"""Reading and writing single elements of a flat JAX array: what every irregular index comes down to."""

from __future__ import annotations

from typing import Any

import numpy as np
from jax import lax

_IN_BOUNDS = lax.GatherScatterMode.PROMISE_IN_BOUNDS
_GATHER = lax.GatherDimensionNumbers(offset_dims=(), collapsed_slice_dims=(0,), start_index_map=(0,))
_SCATTER = lax.ScatterDimensionNumbers(
    update_window_dims=(), inserted_window_dims=(0,), scatter_dims_to_operand_dims=(0,)
)


def take_flat(node: Any, indices: Any) -> Any:
    """``node.ravel()[indices]`` for non-negative integers of any shape, NumPy's or traced."""
    if 0 in indices.shape:
        return lax.full(indices.shape, 0, node.dtype)
    flat = lax.reshape(node, (node.size,))
    if isinstance(indices, np.ndarray):
        start = _run(indices)
        if start is not None:
            return lax.reshape(lax.slice(flat, (start,), (start + indices.size,)), indices.shape)
    return lax.gather(flat, _column(indices), _GATHER, (1,), mode=_IN_BOUNDS)


def put_flat(node: Any, indices: Any, values: Any, *, unique: bool) -> Any:
    """``node`` after ``node.ravel()[indices] = values``; ``values`` has the shape of ``indices``."""
    return _scatter(lax.scatter, node, indices, values, unique)


def add_flat(node: Any, indices: Any, values: Any) -> Any:
    """``node`` after ``np.add.at(node.ravel(), indices, values)``."""
    return _scatter(lax.scatter_add, node, indices, values, False)


def multiply_flat(node: Any, indices: Any, values: Any) -> Any:
    """``node`` after ``np.multiply.at(node.ravel(), indices, values)``."""
    return _scatter(lax.scatter_mul, node, indices, values, False)


def maximum_flat(node: Any, indices: Any, values: Any) -> Any:
    """``node`` after ``np.maximum.at(node.ravel(), indices, values)``."""
    return _scatter(lax.scatter_max, node, indices, values, False)


def minimum_flat(node: Any, indices: Any, values: Any) -> Any:
    """``node`` after ``np.minimum.at(node.ravel(), indices, values)``."""
    return _scatter(lax.scatter_min, node, indices, values, False)


def last_writes(indices: np.ndarray) -> np.ndarray | None:
    """Where in ``indices.ravel()`` each place is written to last; None if none is written to twice."""
    flat = indices.ravel()
    unique, first_from_end = np.unique(flat[::-1], return_index=True)
    return None if unique.size == flat.size else flat.size - 1 - first_from_end


def wrapped(indices: Any, size: int) -> Any:
    """Traced indices with negative ones counted from the end, as int64."""
    indices = lax.convert_element_type(indices, np.int64)
    return lax.select(lax.lt(indices, np.int64(0)), lax.add(indices, np.int64(size)), indices)


def _scatter(operation: Any, node: Any, indices: Any, values: Any, unique: bool) -> Any:
    if 0 in indices.shape:
        return node
    flat = lax.reshape(node, (node.size,))
    done = operation(flat, _column(indices), values, _SCATTER, unique_indices=unique, mode=_IN_BOUNDS)
    return lax.reshape(done, node.shape)


def _column(indices: Any) -> Any:
    shape = (*indices.shape, 1)
    if isinstance(indices, np.ndarray):
        return indices.reshape(shape).astype(np.int32 if indices.max() < 2**31 else np.int64)
    return lax.reshape(indices, shape)


def _run(indices: np.ndarray) -> int | None:
    """The first of consecutive increasing indices, or None."""
    flat = indices.ravel()
    first = int(flat[0])
    if flat[-1] - first != flat.size - 1 or not (flat[1:] - flat[:-1] == 1).all():
        return None
    return first
