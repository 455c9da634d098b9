"""The traced array: NumPy's value and JAX's value of the same thing, side by side.

Every array that the traced code handles is a ``TracedArray``. Its ``value`` is what plain NumPy would have
there; its JAX value (the *node*) exists only where it depends on the arguments of the trace: it is
*followed*. Memory is shared as NumPy shares it: arrays that look into one piece of memory have one
``Buffer``, with the node of all of it.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from jax import lax

from checkers.tracing.session import Session, current, depend_on_value, refuse, user_place
from checkers.tracing.views import Lens, lens_of, owner_of

_KINDS = "biuf"


class Origin(Protocol):
    """Where a copy comes from that NumPy would have as a view."""

    def check(self) -> None:
        """Refuse to go on if what was copied has been written to since."""

    def update(self, buffer: Buffer) -> None:
        """Write the copy back, after it was written to."""


class Buffer:
    """One piece of memory, or one scalar: NumPy's value of it, and JAX's.

    Attributes:
        value: an array that owns its data, or a NumPy or Python scalar.
        node: the JAX value; None as long as it depends on no argument of the trace.
        smooth: whether a derivative can flow through it: it is floating and depends on a floating argument.
        version: the number of writes.
        views: for memory of the user's own, the traced arrays that look into it; None otherwise.
        origin: where the values were looked up, if NumPy has a view there; None otherwise.
    """

    __slots__ = ("__weakref__", "node", "origin", "smooth", "value", "version", "views")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.node: Any = None
        self.smooth = False
        self.version = 0
        self.views: list[weakref.ref[TracedArray]] | None = None
        self.origin: Origin | None = None

    def release(self) -> None:
        """Forget the JAX value."""
        self.node = None
        self.smooth = False
        self.origin = None


class TracedArray:
    """An array or scalar of the traced code; operators and methods are given to it by ``operators``."""

    __slots__ = ("__weakref__", "_buffer", "_frozen", "_lens", "_node", "_value", "_version")

    def __init__(self, value: Any, buffer: Buffer) -> None:
        self._value = value
        self._buffer = buffer
        self._lens: Lens | None = None
        self._node: Any = None
        self._version = -1
        self._frozen: np.ndarray | None = None

    @property  # type: ignore[misc]  # object's has a setter, which nobody needs here
    def __class__(self) -> Any:
        """NumPy's class of the value: ``isinstance(x, np.ndarray)`` holds, as in plain NumPy."""
        return type(self._value)

    def release(self) -> None:
        """Forget the JAX value of the view."""
        self._node = None
        self._version = -1


class StandIn:
    """Takes the place of an object in the user's namespaces during a trace; ``original`` is that object."""

    __slots__ = ("original",)

    original: Any


class ScalarType(type):
    """Takes the place of a scalar type such as ``float`` or ``np.float64``; ``original`` is that type."""

    original: Any


def constant(value: Any) -> TracedArray:
    """A traced array around fresh NumPy memory or a scalar that depends on no argument."""
    owner = owner_of(value)
    if owner is value:
        return TracedArray(value, Buffer(value))
    if isinstance(owner, np.ndarray):
        return TracedArray(value, Buffer(owner))
    value = value.copy(order="K")
    return TracedArray(value, Buffer(value))


def followed(operation: str, value: Any, node: Any, smooth: bool) -> TracedArray:
    """A new traced array of NumPy's ``value`` and JAX's ``node``, which is cast to NumPy's dtype."""
    if isinstance(value, np.ndarray) and value.base is not None:
        value = value.copy(order="K")
    dtype = dtype_of(operation, value)
    buffer = Buffer(value)
    buffer.node = checked(operation, node, np.shape(value), dtype)
    buffer.smooth = smooth and dtype.kind == "f"
    hold(buffer)
    return TracedArray(value, buffer)


def view_of(buffer: Buffer, value: np.ndarray) -> TracedArray:
    """The traced array of a NumPy view into the memory of ``buffer``."""
    if type(value) is not np.ndarray:
        refuse(f"an array of type {type(value).__name__}", "only plain NumPy arrays are followed")
    if value.dtype != buffer.value.dtype:
        refuse(f"a view of {buffer.value.dtype} as {value.dtype}", "JAX does not share the bytes of an array")
    array = TracedArray(value, buffer)
    if buffer.views is not None:
        buffer.views.append(weakref.ref(array))
    return array


def adopted(array: np.ndarray) -> TracedArray:
    """The traced array for an array of the user's own, made outside the trace. Nothing is copied."""
    session = current()
    if type(array) is not np.ndarray:
        refuse(f"an array of type {type(array).__name__}", "only plain NumPy arrays are followed")
    if session is None:
        return constant(array)
    owner = owner_of(array)
    if type(owner) is not np.ndarray:
        copy = array.copy()
        copy.flags.writeable = False
        return constant(copy)
    if id(owner) not in session.adopted:
        buffer = Buffer(owner)
        buffer.views = []
        session.adopted[id(owner)] = (owner, buffer)
    return view_of(session.adopted[id(owner)][1], array)


def hold(holder: Any) -> None:
    """Have the JAX value of ``holder`` released when the trace ends."""
    session = current()
    if session is not None:
        session.hold(holder)


def _dtype(value: Any) -> np.dtype[Any]:
    dtype: np.dtype[Any] = (
        value.dtype if isinstance(value, (np.ndarray, np.generic)) else np.asarray(value).dtype
    )
    return dtype


def is_supported(value: Any) -> bool:
    """Whether JAX has the dtype of a NumPy or Python value as a real number."""
    dtype = _dtype(value)
    return dtype.kind in _KINDS and dtype.itemsize <= 8


def dtype_of(operation: str, value: Any) -> np.dtype[Any]:
    """The dtype of a NumPy or Python value; ``TraceError`` unless JAX has it as a real number."""
    dtype = _dtype(value)
    if not is_supported(value):
        refuse(operation, f"it has dtype {dtype}, and only real numbers of at most 64 bits are followed")
    return dtype


def checked(operation: str, node: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """``node`` in NumPy's dtype; ``TraceError`` if its shape is not NumPy's."""
    if node.shape != shape:
        refuse(operation, f"JAX gives the shape {node.shape} where NumPy gives {shape}")
    return node if node.dtype == dtype else lax.convert_element_type(node, dtype)


def is_followed(x: Any) -> bool:
    """Whether ``x`` is a traced array that depends on arguments of the trace."""
    return type(x) is TracedArray and x._buffer.node is not None


@contextmanager
def reading() -> Iterator[set[int]]:
    """Collect the identities of the buffers whose JAX values are read in the meantime."""
    session = current() or Session()
    outer, session.read = session.read, set()
    try:
        yield session.read
    finally:
        session.read = outer | session.read


def node_of(array: TracedArray) -> Any:
    """The JAX value of ``array``, or None if it depends on no argument."""
    buffer = array._buffer
    session = current()
    if session is not None:
        session.read.add(id(buffer))
    if buffer.origin is not None:
        buffer.origin.check()
    if array._value is buffer.value or buffer.node is None:
        return buffer.node
    if array._version != buffer.version:
        array._node = lens(array).get(buffer.node)
        array._version = buffer.version
        hold(array)
    return array._node


def lens(array: TracedArray) -> Lens:
    """The lens by which ``array`` looks into its buffer."""
    if array._lens is None:
        array._lens = lens_of(array._buffer.value, array._value)
    return array._lens


def lift(x: Any, dtype: np.dtype[Any] | None = None) -> Any:
    """The JAX value of ``x``, or a constant NumPy array of its values, in ``dtype``.

    ``x``: traced array, NumPy array, scalar, or a nested list of these, which becomes one array.
    """
    if type(x) is TracedArray:
        node = node_of(x)
        if node is not None:
            return node if dtype is None or node.dtype == dtype else lax.convert_element_type(node, dtype)
        return _frozen(x, dtype)
    if isinstance(x, np.ndarray):
        known = _written_to(x)
        if known is not None:
            return lift(known, dtype)
    elif isinstance(x, (list, tuple)) and any(is_followed(part) for part in traced_in(x)):
        return _assembled(x, dtype)
    lifted = np.array(concrete(x), dtype=dtype)
    dtype_of("a constant", lifted)
    return lifted


def _frozen(array: TracedArray, dtype: np.dtype[Any] | None) -> np.ndarray:
    """A copy of the values of a constant array: the same one each time, so that the jaxpr holds it once."""
    value = array._value
    known = array._frozen
    same_dtype = known is not None and known.dtype == (value.dtype if dtype is None else dtype)
    if known is not None and same_dtype and np.array_equal(known, value):
        return known
    array._frozen = np.array(value, dtype=dtype)
    dtype_of("a constant", array._frozen)
    return array._frozen


def _assembled(items: Any, dtype: np.dtype[Any] | None) -> Any:
    """The JAX value of ``np.array(items)`` for nested lists in which there are followed values."""
    whole = np.array(concrete(items), dtype=dtype)
    dtype_of("an array of a nested list", whole)
    parts = [lift(leaf, whole.dtype) for leaf in _leaves(items)]
    parts = [lax.reshape(part, (part.size,)) for part in parts if part.size]
    return lax.reshape(lax.concatenate(parts, 0), whole.shape)


def _leaves(items: Any) -> Iterator[Any]:
    """The parts of nested lists in which nothing is followed, and the followed values between them."""
    for item in items:
        if isinstance(item, (list, tuple)) and any(is_followed(part) for part in traced_in(item)):
            yield from _leaves(item)
        else:
            yield item


def static(x: Any) -> Any:
    """The concrete value of a parameter that JAX must know: an axis, a shape, a mask."""
    if any(is_followed(part) for part in traced_in(x)):
        depend_on_value()
    return concrete(x)


def begin_write(array: TracedArray) -> None:
    """Prepare a write of followed values, before NumPy's own memory is written to."""
    buffer = array._buffer
    if buffer.node is not None:
        return
    if buffer.views is not None:
        _detach(buffer)
    value = buffer.value
    dtype = dtype_of("a write", value)
    if value.size > 1 and (value == value.flat[0]).all() and not np.signbit(value.flat[0]):
        buffer.node = lax.full(value.shape, value.flat[0], dtype)
    else:
        buffer.node = lax.convert_element_type(value.copy(), dtype)
    hold(buffer)


def end_write(array: TracedArray, node: Any, smooth: bool) -> None:
    """Give ``array`` the new JAX value ``node``, and so everything that shares its memory."""
    buffer = array._buffer
    if array._value is buffer.value:
        buffer.node = node
        buffer.version += 1
    else:
        try:
            buffer.node = lens(array).put(buffer.node, node)
        except NotImplementedError as error:
            refuse("a write into a view", str(error))
        buffer.version += 1
        array._node, array._version = node, buffer.version
        hold(array)
    buffer.smooth = buffer.smooth or (smooth and node.dtype.kind == "f")
    if buffer.origin is not None:
        buffer.origin.update(buffer)


def as_it_was(x: Any) -> Any:
    """``x`` with traced arrays that keep their JAX value of now, whatever is written to them later."""
    kind = type(x)
    if kind is list or kind is tuple:
        return kind([as_it_was(item) for item in x])
    if kind is dict:
        return {key: as_it_was(item) for key, item in x.items()}
    if kind is np.ndarray:
        known = _written_to(x)
        x = x if known is None else known
    if type(x) is not TracedArray or x._buffer.node is None:
        return x
    kept = Buffer(x._value)
    kept.node, kept.smooth = node_of(x), x._buffer.smooth
    hold(kept)
    return TracedArray(x._value, kept)


def concrete(x: Any) -> Any:
    """``x`` with NumPy's values in place of traced arrays, and originals in place of their stand-ins."""
    kind = type(x)
    if kind is TracedArray:
        return x._value
    if kind is list or kind is tuple:
        return kind([concrete(item) for item in x])
    if kind is dict:
        return {key: concrete(item) for key, item in x.items()}
    if issubclass(kind, (StandIn, ScalarType)):
        return x.original
    if kind is np.ndarray:
        known = _written_to(x)
        return x if known is None else known._value
    return x


def traced_in(x: Any) -> Iterator[TracedArray]:
    """The traced arrays in ``x``, inside lists, tuples and dicts too."""
    kind = type(x)
    if kind is TracedArray:
        yield x
    elif kind is list or kind is tuple:
        for item in x:
            yield from traced_in(item)
    elif kind is dict:
        for item in x.values():
            yield from traced_in(item)
    elif kind is np.ndarray:
        known = _written_to(x)
        if known is not None:
            yield known


def _written_to(array: np.ndarray) -> TracedArray | None:
    """The traced array for a user's array that has been written to with followed values, else None."""
    session = current()
    if session is None or not session.detached:
        return None
    owner = owner_of(array)
    for original, buffer in session.detached:
        if original is owner:
            return view_of(buffer, _same_place(array, original, buffer.value))
    return None


def _same_place(view: np.ndarray, memory: np.ndarray, copy: np.ndarray) -> np.ndarray:
    offset = view.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
    return np.ndarray(view.shape, view.dtype, copy, offset, view.strides)


def _detach(buffer: Buffer) -> None:
    """Give the buffer memory of its own before followed values are written to a user's array.

    Code outside the trace's sight could still read the user's array, and lose the derivative: it is filled
    with NaN until the trace ends, so that a value that was read there cannot pass for a right one.
    """
    session = current()
    original = buffer.value
    if session is None or not original.flags.writeable:
        return
    copy = original.copy(order="K")
    for reference in buffer.views or ():
        view = reference()
        if view is not None:
            view._value = copy if view._value is original else _same_place(view._value, original, copy)
    buffer.value = copy
    buffer.views = None
    session.detached.append((original, buffer))
    session.place_of_write = session.place_of_write or user_place()
    if original.dtype.kind == "f":
        original.fill(np.nan)
