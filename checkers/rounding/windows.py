"""Which entries of an array a gather reads or a scatter writes, as an array of flat positions.

XLA describes both by windows: every row of an index array names the corner of a window in the operand.
Written out as positions, a gather is plain indexing and a scatter plain assignment or addition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.intp]


def gather_positions(
    shape: Sequence[int], starts: NDArray[Any], parameters: dict[str, Any]
) -> tuple[Positions, NDArray[np.bool_]]:
    """The flat positions that a gather reads from an operand of ``shape``, and where they lie inside it.

    Returns arrays of the shape of the gather's result.
    """
    numbers = parameters["dimension_numbers"]
    return _positions(
        shape=shape,
        starts=starts,
        sizes=parameters["slice_sizes"],
        window_axes=numbers.offset_dims,
        dropped=numbers.collapsed_slice_dims,
        start_axes=numbers.start_index_map,
        operand_batch=numbers.operand_batching_dims,
        starts_batch=numbers.start_indices_batching_dims,
        mode=str(parameters.get("mode")),
    )


def scatter_positions(
    shape: Sequence[int], starts: NDArray[Any], updates: Sequence[int], parameters: dict[str, Any]
) -> tuple[Positions, NDArray[np.bool_]]:
    """The flat positions of an operand of ``shape`` that a scatter writes, and where they lie inside it.

    Returns arrays of the shape of the updates.
    """
    numbers = parameters["dimension_numbers"]
    dropped = tuple(sorted((*numbers.inserted_window_dims, *numbers.operand_batching_dims)))
    kept = [axis for axis in range(len(shape)) if axis not in dropped]
    sizes = [1] * len(shape)
    for axis, window in zip(kept, numbers.update_window_dims, strict=True):
        sizes[axis] = updates[window]
    return _positions(
        shape=shape,
        starts=starts,
        sizes=sizes,
        window_axes=numbers.update_window_dims,
        dropped=numbers.inserted_window_dims,
        start_axes=numbers.scatter_dims_to_operand_dims,
        operand_batch=numbers.operand_batching_dims,
        starts_batch=numbers.scatter_indices_batching_dims,
        mode=str(parameters.get("mode")),
    )


def _positions(
    shape: Sequence[int],
    starts: NDArray[Any],
    sizes: Sequence[int],
    window_axes: Sequence[int],
    dropped: Sequence[int],
    start_axes: Sequence[int],
    operand_batch: Sequence[int],
    starts_batch: Sequence[int],
    mode: str,
) -> tuple[Positions, NDArray[np.bool_]]:
    batch = starts.shape[:-1]
    rank = len(batch) + len(window_axes)
    batch_axes = [axis for axis in range(rank) if axis not in window_axes]
    kept = [axis for axis in range(len(shape)) if axis not in dropped and axis not in operand_batch]
    place = dict(zip(kept, window_axes, strict=True))
    coordinates: list[NDArray[Any]] = []
    inside = np.ones((1,) * rank, dtype=bool)
    for axis, length in enumerate(shape):
        at = np.zeros((1,) * rank, dtype=np.intp)
        if axis in start_axes:
            corner = starts[..., list(start_axes).index(axis)].astype(np.intp)
            if "CLIP" in mode.upper():
                corner = np.clip(corner, 0, length - sizes[axis])
            at = at + _spread(corner, batch_axes, rank)
            inside = inside & _spread((corner >= 0) & (corner <= length - sizes[axis]), batch_axes, rank)
        if axis in operand_batch:
            along = list(starts_batch)[list(operand_batch).index(axis)]
            at = at + np.arange(batch[along]).reshape(
                [-1 if a == batch_axes[along] else 1 for a in range(rank)]
            )
        if axis in place:
            at = at + np.arange(sizes[axis]).reshape([-1 if a == place[axis] else 1 for a in range(rank)])
        coordinates.append(np.clip(at, 0, max(length - 1, 0)))
    full = tuple(
        sizes[kept[window_axes.index(a)]] if a in window_axes else batch[batch_axes.index(a)]
        for a in range(rank)
    )
    flat = (
        np.ravel_multi_index(np.broadcast_arrays(*coordinates), shape)
        if coordinates and 0 not in full
        else np.zeros(full, np.intp)
    )
    return np.broadcast_to(flat, full), np.broadcast_to(inside, full)


def _spread(values: NDArray[Any], batch_axes: Sequence[int], rank: int) -> NDArray[Any]:
    """``values``, one per batch index, laid along the batch axes of a result of that rank."""
    shape = [1] * rank
    for axis, length in zip(batch_axes, values.shape, strict=True):
        shape[axis] = length
    return values.reshape(shape)
