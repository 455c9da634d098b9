"""Indexing as NumPy does it: ``x[index]``, ``x[index] = v`` and ``ufunc.at(x, index, v)``.

NumPy itself says what an index means: it is applied to NumPy's own values, and, where the result is no
view, to the positions 0, 1, 2, ... of the elements. Integer arrays that depend on arguments stay what they
are, values to be looked up when the jaxpr runs; boolean masks that depend on arguments become the
positions that they select at this point. (Setting all the elements under a mask to one value is a choice
between two values, and needs none.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jax import lax

from checkers.tracing import gathering
from checkers.tracing.elementwise import spread
from checkers.tracing.session import depend_on_value, refuse
from checkers.tracing.traced_array import (
    Buffer,
    TracedArray,
    begin_write,
    concrete,
    constant,
    end_write,
    followed,
    is_followed,
    lift,
    node_of,
    traced_in,
    view_of,
)
from checkers.tracing.views import lens_of, owner_of

_AT = {
    "add": gathering.add_flat,
    "subtract": lambda node, indices, values: gathering.add_flat(node, indices, lax.neg(values)),
    "multiply": gathering.multiply_flat,
    "maximum": gathering.maximum_flat,
    "minimum": gathering.minimum_flat,
}


def get(array: TracedArray, index: Any) -> Any:
    """``array[index]``."""
    value = array._value
    index = _prepared(index)
    plain = concrete(index)
    result = value[plain]
    looked_up = _is_looked_up(index)
    is_view = isinstance(result, np.ndarray) and isinstance(value, np.ndarray) and _is_view(result, array)
    if is_view and not looked_up:
        return view_of(array._buffer, result)
    if array._buffer.node is None and not looked_up:
        return constant(result) if isinstance(result, np.ndarray) else result
    if not isinstance(value, np.ndarray):
        node = lax.reshape(node_of(array), np.shape(result))
    elif looked_up:
        node = _looked_up(array, index, plain)
    else:
        target = _basic_view(value, plain, array)
        if target is not None:
            node = lens_of(array._buffer.value, target).get(array._buffer.node)
        else:
            node = gathering.take_flat(node_of(array), positions_of(value.shape, index, plain))
    found = followed("indexing", result, node, array._buffer.smooth)
    if is_view:
        found._buffer.origin = _LookedUp(array, index)
    return found


class _LookedUp:
    """Where a view was found by traced integers: it is a copy that is written back when it is written to."""

    def __init__(self, array: TracedArray, index: Any) -> None:
        self._array = array
        self._index = index
        self._version = array._buffer.version

    def check(self) -> None:
        """Refuse to read the copy if the array has been written to since."""
        if self._array._buffer.version != self._version:
            refuse("a view that traced integers select", "the array was written to after it was selected")

    def update(self, buffer: Buffer) -> None:
        """Write the copy to the array."""
        set_(self._array, self._index, TracedArray(buffer.value, buffer))
        self._version = self._array._buffer.version


def set_(array: TracedArray, index: Any, values: Any) -> None:
    """``array[index] = values``."""
    if not isinstance(array._value, np.ndarray):
        array._value[concrete(index)] = concrete(values)  # raises what NumPy raises
        return
    mask = _whole_mask(index)
    index = _prepared(index) if mask is None else index
    looked_up = mask is None and _is_looked_up(index)
    plain = concrete(index)
    if mask is None and array._buffer.node is None and not looked_up and not _is_any_followed(values):
        array._value[plain] = concrete(values)
        array._buffer.version += 1
        return
    smooth = _is_any_smooth(values)
    new = lift(values, array._value.dtype)
    begin_write(array)
    memory = array._value
    if mask is not None:
        rest = memory.ndim - mask._value.ndim
        if new.size == 1:
            new = lax.reshape(new, ())
        if new.ndim <= rest:
            memory[plain] = concrete(values)
            chosen = lax.reshape(node_of(mask), (*mask._value.shape, *(1,) * rest))
            node = lax.select(spread(chosen, memory.shape), spread(new, memory.shape), node_of(array))
            end_write(array, node, smooth)
            return
        depend_on_value()
        index = plain
    target = None if looked_up else _basic_view(memory, plain, array)
    memory[plain] = concrete(values)
    if target is not None:
        end_write(view_of(array._buffer, target), _fitted(new, target.shape), smooth)
        return
    positions = positions_of(memory.shape, index, plain)
    fitted = _fitted(new, positions.shape)
    if isinstance(positions, np.ndarray):
        node = _put_fixed(node_of(array), positions, fitted)
    else:
        node = _put_looked_up(array, index, plain, positions, fitted)
    end_write(array, node, smooth)


def write_at(name: str, array: TracedArray, index: Any, values: Any) -> None:
    """``np.add.at(array, index, values)`` and its like, after NumPy has done the same to NumPy's values."""
    rule = _AT.get(name)
    if rule is None:
        refuse(f"np.{name}.at", "only add, subtract, multiply, maximum and minimum have one")
    index = _prepared(index)
    positions = positions_of(array._value.shape, index, concrete(index))
    new = _fitted(lift(values, array._value.dtype), positions.shape)
    end_write(array, rule(node_of(array), positions, new), _is_any_smooth(values))


def positions_of(shape: tuple[int, ...], index: Any, plain: Any) -> Any:
    """The places in C order of the elements that ``index`` selects from an array of ``shape``.

    A NumPy array; a JAX value if integers in ``index`` depend on arguments. ``plain``: the concrete index.
    """
    ids = np.arange(int(np.prod(shape))).reshape(shape)
    if not _is_looked_up(index):
        selected: np.ndarray = np.asarray(ids[plain])
        return selected
    items = _expanded(index, len(shape))
    strides = [int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))]
    fixed: list[Any] = []
    moving: list[tuple[int, int, TracedArray]] = []
    axis = 0
    for place, item in enumerate(items):
        if item is None:
            fixed.append(None)
            continue
        if is_followed(item):
            moving.append((place, axis, item))
            fixed.append(np.zeros(item._value.shape, np.intp) if item._value.ndim else 0)
        else:
            fixed.append(concrete(item))
        axis += 1
    base = ids[tuple(fixed)]
    offsets = [
        lax.mul(gathering.wrapped(node_of(item), shape[axis]), np.int64(strides[axis]))
        for _, axis, item in moving
    ]
    arrays = [entry for entry in moving if entry[2]._value.ndim]
    if arrays:
        common = np.broadcast_shapes(*(item.shape for item in fixed if isinstance(item, np.ndarray)))
        place, axis, _ = arrays[0]
        order = _order_in_result(shape, fixed, place, axis, common)
        offset = gathering.take_flat(_sum([spread(part, common) for part in offsets]), order)
    else:
        offset = _sum(offsets)
    return lax.add(spread(np.asarray(base), np.shape(base)), spread(offset, np.shape(base)))


def _sum(nodes: list[Any]) -> Any:
    total = nodes[0]
    for node in nodes[1:]:
        total = lax.add(total, node)
    return total


def _order_in_result(
    shape: tuple[int, ...], fixed: list[Any], place: int, axis: int, common: tuple[int, ...]
) -> np.ndarray:
    """For each element of the result: which element of the broadcast integer arrays selected it.

    NumPy tells: the axis is given as many entries as there are selections, and each selection takes its own.
    """
    count = int(np.prod(common))
    probe_shape = (*shape[:axis], count, *shape[axis + 1 :])
    numbered = np.arange(count).reshape((-1,) + (1,) * (len(shape) - axis - 1))
    probe = np.broadcast_to(numbered, probe_shape)
    probing = list(fixed)
    probing[place] = np.arange(count).reshape(common)
    order: np.ndarray = probe[tuple(probing)]
    return order


def _prepared(index: Any) -> Any:
    """``index`` with lists of traced values made arrays, and masks that depend on arguments made concrete."""
    if type(index) is tuple:
        return tuple([_prepared_item(item) for item in index])
    return _prepared_item(index)


def _prepared_item(item: Any) -> Any:
    if type(item) is list and _is_any_followed(item):
        item = followed("an index", np.array(concrete(item)), lift(item), False)
    if is_followed(item) and (
        not isinstance(item._value, (np.ndarray, np.generic)) or item._value.dtype.kind == "b"
    ):
        depend_on_value()
        return item._value
    return item


def _is_looked_up(index: Any) -> bool:
    """Whether integers in ``index`` depend on arguments."""
    return any(is_followed(item) for item in (index if type(index) is tuple else (index,)))


def _whole_mask(index: Any) -> TracedArray | None:
    """The index, if it is one boolean mask that depends on arguments."""
    if type(index) is tuple and len(index) == 1:
        index = index[0]
    return index if is_followed(index) and index._value.dtype.kind == "b" and index._value.ndim else None


def _expanded(index: Any, ndim: int) -> list[Any]:
    """The index as a list: the ellipsis written out, and masks as the positions that they select."""
    items: list[Any] = []
    for item in index if type(index) is tuple else (index,):
        plain = concrete(item)
        if isinstance(plain, list):
            plain = np.asarray(plain)
            item = plain
        if isinstance(plain, np.ndarray) and plain.dtype.kind == "b" and plain.ndim:
            items.extend(plain.nonzero())
        else:
            items.append(item)
    used = sum(item is not None and item is not Ellipsis for item in items)
    for place, item in enumerate(items):
        if item is Ellipsis:
            return items[:place] + [slice(None)] * (ndim - used) + items[place + 1 :]
    return items + [slice(None)] * (ndim - used)


def _looked_up(array: TracedArray, index: Any, plain: Any) -> Any:
    """The JAX value of ``array[index]`` where integers in ``index`` depend on arguments."""
    node = lift(array)
    if type(index) is tuple or node.ndim == 1 or 0 in (*node.shape, *plain.shape):
        return gathering.take_flat(node, positions_of(node.shape, index, plain))
    depth = plain.ndim
    whole_rows = lax.GatherDimensionNumbers(
        offset_dims=tuple(range(depth, depth + node.ndim - 1)),
        collapsed_slice_dims=(0,),
        start_index_map=(0,),
    )
    rows = lax.reshape(gathering.wrapped(node_of(index), node.shape[0]), (*plain.shape, 1))
    sizes = (1, *node.shape[1:])
    return lax.gather(node, rows, whole_rows, sizes, mode=lax.GatherScatterMode.PROMISE_IN_BOUNDS)


def _put_fixed(node: Any, positions: np.ndarray, fitted: Any) -> Any:
    """Write to positions that are known; of several writes to one place the last one counts."""
    last = gathering.last_writes(positions)
    if last is not None:
        positions, fitted = positions.ravel()[last], gathering.take_flat(fitted, last)
    return gathering.put_flat(node, positions, fitted, unique=True)


def _put_looked_up(array: TracedArray, index: Any, plain: Any, positions: Any, fitted: Any) -> Any:
    """Write where traced integers say; two writes to one place are put in order by the concrete values."""
    memory = array._value
    items = _expanded(index, memory.ndim)
    axes = [
        axis for axis, item in enumerate([item for item in items if item is not None]) if is_followed(item)
    ]
    here = np.asarray(np.arange(memory.size).reshape(memory.shape)[plain])
    coordinates = np.unravel_index(here.ravel(), memory.shape)
    others = [c for axis, c in enumerate(coordinates) if axis not in axes]
    rows = np.stack(others, 1) if others else np.zeros((here.size, 0))
    if len(np.unique(rows, axis=0)) == here.size or here.size == 1:
        return gathering.put_flat(node_of(array), positions, fitted, unique=True)
    last = gathering.last_writes(here)
    if last is None:
        return gathering.put_flat(node_of(array), positions, fitted, unique=False)
    depend_on_value()
    return gathering.put_flat(
        node_of(array), here.ravel()[last], gathering.take_flat(fitted, last), unique=True
    )


def _basic_view(memory: np.ndarray, plain: Any, array: TracedArray) -> np.ndarray | None:
    """``memory[plain]`` as a view, of a single element too; None for an index that makes NumPy copy."""
    items = plain if type(plain) is tuple else (plain,)
    if any(isinstance(item, (list, np.ndarray)) for item in items):
        return None
    target = memory[plain if any(item is Ellipsis for item in items) else (*items, Ellipsis)]
    return target if _is_view(target, array) else None


def _is_view(result: np.ndarray, array: TracedArray) -> bool:
    return owner_of(result) is array._buffer.value or (result.size == 0 and result.base is not None)


def _fitted(node: Any, shape: tuple[int, ...]) -> Any:
    """``node`` broadcast to ``shape``; like NumPy's assignment, it may have more leading axes of size 1."""
    if node.ndim > len(shape):
        node = lax.reshape(node, node.shape[node.ndim - len(shape) :])
    return spread(node, shape)


def _is_any_followed(x: Any) -> bool:
    return any(is_followed(part) for part in traced_in(x))


def _is_any_smooth(x: Any) -> bool:
    return any(part._buffer.smooth for part in traced_in(x))
