"""NumPy's views on memory that JAX cannot share: how to read a view from the whole, and write it back.

NumPy decides what is a view. From the address, shape and strides of a view, and of the memory it looks into,
a ``Lens`` is found that reads the same elements from a JAX array (``get``) and puts new ones in their place
(``put``). Almost every view is a block of the memory, perhaps cut into other axes, reversed or transposed: a
``Block``. The rest (overlapping windows, odd strides) is read element by element.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from jax import lax

from checkers.tracing.gathering import put_flat, take_flat


class Lens(Protocol):
    """Reads a view from the JAX value of the memory, and writes it back."""

    def get(self, whole: Any) -> Any:
        """The JAX value of the view."""

    def put(self, whole: Any, part: Any) -> Any:
        """The JAX value of the memory after ``view[...] = part``."""


def owner_of(array: Any) -> Any:
    """The object that owns the memory of ``array``: itself, or the last of its bases."""
    while True:
        base = getattr(array, "base", None)
        if base is None:
            return array
        array = base


def lens_of(memory: np.ndarray, view: np.ndarray) -> Lens:
    """The lens for ``view``, which looks into ``memory``: an array that owns its data."""
    item = memory.itemsize
    strides = tuple(stride // item for stride in view.strides)
    offset = (_address(view) - _address(memory)) // item
    axes: tuple[int, ...] | None = None
    shape = memory.shape
    if not memory.flags.c_contiguous:
        axes = tuple(sorted(range(memory.ndim), key=lambda axis: (-memory.strides[axis], axis)))
        shape = tuple(memory.shape[axis] for axis in axes)
    if view.size == 0:
        return _Empty(view.shape)
    for blocks in (shape, _cut_by_strides(memory.size, view.shape, strides)):
        block = _match(axes, shape, blocks, offset, view.shape, strides) if blocks is not None else None
        if block is not None:
            return block
    if view.flags.c_contiguous:
        return _Run(axes, offset, view.shape)
    indices = np.full(view.shape, offset)
    for axis, stride in enumerate(strides):
        indices += (np.arange(view.shape[axis]) * stride).reshape((-1,) + (1,) * (view.ndim - axis - 1))
    return _Scattered(axes, indices)


def _address(array: np.ndarray) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _c_strides(shape: tuple[int, ...]) -> list[int]:
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * shape[axis + 1]
    return strides


def _cut_by_strides(size: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape in which each stride of the view is the stride of an axis, if the memory divides so."""
    steps = sorted({abs(s) for s, n in zip(strides, shape, strict=True) if n > 1 and s}, reverse=True)
    cut = []
    remaining = size
    for step in steps:
        if remaining % step:
            return None
        cut.append(remaining // step)
        remaining = step
    if remaining > 1:
        cut.append(remaining)
    return tuple(cut)


def _match(
    memory_axes: tuple[int, ...] | None,
    memory_shape: tuple[int, ...],
    blocks: tuple[int, ...],
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
) -> Block | None:
    """The view as a block of memory of shape ``blocks``, if each of its axes runs along one of that shape."""
    block_strides = _c_strides(blocks)
    starts = [offset // s % n for s, n in zip(block_strides, blocks, strict=True)]
    limits = [start + 1 for start in starts]
    steps = [1] * len(blocks)
    order: list[int] = []
    reverse: list[int] = []
    kept: list[int] = []
    for n, stride in zip(shape, strides, strict=True):
        if n == 1 or stride == 0:
            kept.append(1)
            continue
        for axis, unit in enumerate(block_strides):
            if axis in order or blocks[axis] == 1 or stride % unit:
                continue
            step = stride // unit
            last = starts[axis] + (n - 1) * step
            if 0 <= last < blocks[axis]:
                break
        else:
            return None
        order.append(axis)
        kept.append(n)
        if step < 0:
            reverse.append(axis)
        starts[axis], limits[axis], steps[axis] = (
            min(starts[axis], last),
            max(starts[axis], last) + 1,
            abs(step),
        )
    order += [axis for axis in range(len(blocks)) if axis not in order]
    return Block(
        memory_axes,
        memory_shape,
        blocks,
        tuple(starts),
        tuple(limits),
        tuple(steps),
        tuple(reverse),
        tuple(order),
        tuple(kept),
        shape,
    )


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangular block of the memory, with axes reversed, transposed, dropped, added or stretched.

    Attributes:
        memory_axes: the axes of the array that owns the memory, in the order of memory; None for C order.
        memory_shape: its shape in that order.
        blocks: the shape that the memory is cut into.
        starts: first index along each axis of ``blocks``.
        limits: one past the last.
        steps: the distance between indices.
        reverse: the axes that are read backwards.
        order: the transposition that follows.
        kept: the shape then, with axes of one index dropped, and new axes of size 1.
        shape: the shape of the view: where it is larger than ``kept``, a single element is stretched.
    """

    memory_axes: tuple[int, ...] | None
    memory_shape: tuple[int, ...]
    blocks: tuple[int, ...]
    starts: tuple[int, ...]
    limits: tuple[int, ...]
    steps: tuple[int, ...]
    reverse: tuple[int, ...]
    order: tuple[int, ...]
    kept: tuple[int, ...]
    shape: tuple[int, ...]

    def get(self, whole: Any) -> Any:
        """The JAX value of the view."""
        node = _in_memory_order(whole, self.memory_axes)
        if node.shape != self.blocks:
            node = lax.reshape(node, self.blocks)
        if not self._is_whole():
            strided = any(step != 1 for step in self.steps)
            node = lax.slice(node, self.starts, self.limits, self.steps if strided else None)
        if self.reverse:
            node = lax.rev(node, self.reverse)
        if self.order != tuple(range(len(self.order))):
            node = lax.transpose(node, self.order)
        if node.shape != self.kept:
            node = lax.reshape(node, self.kept)
        if self.kept != self.shape:
            node = lax.broadcast_in_dim(node, self.shape, tuple(range(len(self.shape))))
        return node

    def put(self, whole: Any, part: Any) -> Any:
        """The JAX value of the memory after ``view[...] = part``."""
        if self.kept != self.shape:
            raise NotImplementedError("several elements of the view share one place in memory")
        node = _in_memory_order(whole, self.memory_axes)
        if node.shape != self.blocks:
            node = lax.reshape(node, self.blocks)
        sizes = [len(range(a, b, s)) for a, b, s in zip(self.starts, self.limits, self.steps, strict=True)]
        transposed = tuple(sizes[axis] for axis in self.order)
        if part.shape != transposed:
            part = lax.reshape(part, transposed)
        if self.order != tuple(range(len(self.order))):
            part = lax.transpose(part, tuple(int(axis) for axis in np.argsort(self.order)))
        if self.reverse:
            part = lax.rev(part, self.reverse)
        if self._is_whole():
            node = part
        elif all(step == 1 or size == 1 for step, size in zip(self.steps, sizes, strict=True)):
            node = lax.dynamic_update_slice_p.bind(node, part, *(np.int32(start) for start in self.starts))
        else:
            ids = np.arange(node.size).reshape(self.blocks)
            cut = tuple(slice(a, b, s) for a, b, s in zip(self.starts, self.limits, self.steps, strict=True))
            node = put_flat(node, ids[cut], part, unique=True)
        if node.shape != self.memory_shape:
            node = lax.reshape(node, self.memory_shape)
        return _from_memory_order(node, self.memory_axes)

    def _is_whole(self) -> bool:
        return (
            not any(self.starts) and self.limits == self.blocks and not any(step != 1 for step in self.steps)
        )


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive elements of the memory."""

    memory_axes: tuple[int, ...] | None
    offset: int
    shape: tuple[int, ...]

    def get(self, whole: Any) -> Any:
        node = _in_memory_order(whole, self.memory_axes)
        size = int(np.prod(self.shape))
        flat = lax.reshape(node, (node.size,))
        return lax.reshape(lax.slice(flat, (self.offset,), (self.offset + size,)), self.shape)

    def put(self, whole: Any, part: Any) -> Any:
        node = _in_memory_order(whole, self.memory_axes)
        flat = lax.reshape(node, (node.size,))
        flat = lax.dynamic_update_slice_p.bind(flat, lax.reshape(part, (part.size,)), np.int32(self.offset))
        return _from_memory_order(lax.reshape(flat, node.shape), self.memory_axes)


@dataclass(frozen=True, slots=True)
class _Scattered:
    """Any elements of the memory, each by its place."""

    memory_axes: tuple[int, ...] | None
    indices: np.ndarray

    def get(self, whole: Any) -> Any:
        return take_flat(_in_memory_order(whole, self.memory_axes), self.indices)

    def put(self, whole: Any, part: Any) -> Any:
        if np.unique(self.indices).size != self.indices.size:
            raise NotImplementedError("several elements of the view share one place in memory")
        node = _in_memory_order(whole, self.memory_axes)
        return _from_memory_order(put_flat(node, self.indices, part, unique=True), self.memory_axes)


@dataclass(frozen=True, slots=True)
class _Empty:
    """A view without elements."""

    shape: tuple[int, ...]

    def get(self, whole: Any) -> Any:
        return lax.full(self.shape, 0, whole.dtype)

    def put(self, whole: Any, _part: Any) -> Any:
        return whole


def _in_memory_order(node: Any, axes: tuple[int, ...] | None) -> Any:
    return node if axes is None else lax.transpose(node, axes)


def _from_memory_order(node: Any, axes: tuple[int, ...] | None) -> Any:
    return node if axes is None else lax.transpose(node, tuple(int(axis) for axis in np.argsort(axes)))
