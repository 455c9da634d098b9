"""What makes a traced array look like NumPy's: operators, attributes, methods and NumPy's own protocols.

``install`` gives them to ``TracedArray``. Whatever would turn a followed value into a plain Python number is
refused, unless no derivative can flow through it.
"""
# ruff: noqa: ARG001, ARG005 (the parameters are those of NumPy's methods)

from __future__ import annotations

import dis
import math
import operator
import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType
from typing import Any

import numpy as np
from jax import lax

from checkers.tracing import indexing
from checkers.tracing.dispatch import RULES, apply, apply_rule, wrapped
from checkers.tracing.rules import Rule, moved
from checkers.tracing.session import depend_on_value, note_text, refuse
from checkers.tracing.shaping import as_array
from checkers.tracing.traced_array import (
    TracedArray,
    concrete,
    followed,
    is_followed,
    lift,
    node_of,
    static,
    view_of,
)
from checkers.tracing.ufuncs import apply_operator, apply_ufunc

_OPERANDS = (TracedArray, np.ndarray, np.generic, int, float, complex, list, tuple, str, bytes, type(None))

_BINARY: dict[str, tuple[Callable[..., Any], np.ufunc]] = {
    "add": (operator.add, np.add),
    "sub": (operator.sub, np.subtract),
    "mul": (operator.mul, np.multiply),
    "truediv": (operator.truediv, np.true_divide),
    "floordiv": (operator.floordiv, np.floor_divide),
    "mod": (operator.mod, np.remainder),
    "divmod": (divmod, np.divmod),
    "pow": (operator.pow, np.power),
    "matmul": (operator.matmul, np.matmul),
    "and": (operator.and_, np.bitwise_and),
    "or": (operator.or_, np.bitwise_or),
    "xor": (operator.xor, np.bitwise_xor),
    "lshift": (operator.lshift, np.left_shift),
    "rshift": (operator.rshift, np.right_shift),
}

_COMPARISONS: dict[str, tuple[Callable[..., Any], np.ufunc]] = {
    "lt": (operator.lt, np.less),
    "le": (operator.le, np.less_equal),
    "gt": (operator.gt, np.greater),
    "ge": (operator.ge, np.greater_equal),
    "eq": (operator.eq, np.equal),
    "ne": (operator.ne, np.not_equal),
}

_UNARY: dict[str, tuple[Callable[..., Any], np.ufunc]] = {
    "neg": (operator.neg, np.negative),
    "pos": (operator.pos, np.positive),
    "abs": (operator.abs, np.absolute),
    "invert": (operator.invert, np.invert),
}


def _times(x: Any, y: Any) -> Any:
    """``x * y``, where a list times an integer is a longer list."""
    for items, count in ((x, y), (y, x)):
        if isinstance(items, (list, tuple)) and isinstance(count, (int, np.integer)):
            return items * operator.index(count)
    return apply_operator(operator.mul, np.multiply, x, y)


def _binary(apply_to: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def forward(self: Any, other: Any) -> Any:
        if not isinstance(other, _OPERANDS):
            return NotImplemented
        return apply_to(self, other)

    def reflected(self: Any, other: Any) -> Any:
        if not isinstance(other, _OPERANDS):
            return NotImplemented
        return apply_to(other, self)

    return forward, reflected


def _in_place(ufunc: np.ufunc) -> Callable[..., Any]:
    def in_place(self: TracedArray, other: Any) -> Any:
        if not isinstance(self._value, np.ndarray) or not isinstance(other, _OPERANDS):
            return NotImplemented
        return apply_ufunc(ufunc, "__call__", (self, other), {"out": (self,)})

    return in_place


def _comparison(function: Callable[..., Any], ufunc: np.ufunc) -> Callable[..., Any]:
    def compare(self: TracedArray, other: Any) -> Any:
        if other is None or isinstance(other, (str, bytes)):
            return wrapped(function(self._value, other))
        return (
            apply_operator(function, ufunc, self, other) if isinstance(other, _OPERANDS) else NotImplemented
        )

    return compare


def _unary(function: Callable[..., Any], ufunc: np.ufunc) -> Callable[..., Any]:
    return lambda self: apply_operator(function, ufunc, self)


# --- becoming a Python number or text


def _is_formatting(frame: FrameType) -> bool:
    """Whether the frame is about to format text with ``%``, which asks for a number and makes text of it."""
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.offset == frame.f_lasti:
            return instruction.opname == "BINARY_OP" and instruction.argrepr in ("%", "%=")
    return False


def _to_number(kind: Callable[[Any], Any]) -> Callable[..., Any]:
    """Conversion to an integer, whose derivative is zero."""

    def convert(self: TracedArray) -> Any:
        if is_followed(self):
            if _is_formatting(sys._getframe(1)):
                note_text()
            else:
                depend_on_value()
        return kind(self._value)

    return convert


def _to_bool(self: TracedArray) -> bool:
    result = bool(self._value)
    if is_followed(self):
        depend_on_value()
    return result


def _to_float(self: TracedArray) -> float:
    if self._buffer.smooth:
        if not _is_formatting(sys._getframe(1)):
            refuse("the conversion of a traced value to a Python number", "its derivative would be lost")
        note_text()
    elif is_followed(self):
        depend_on_value()
    return float(self._value)


def _to_complex(self: TracedArray) -> complex:
    if self._buffer.smooth:
        refuse("the conversion of a traced value to a complex number", "only real numbers are followed")
    return complex(self._value)


def _to_text(function: Callable[..., str]) -> Callable[..., str]:
    def text(self: TracedArray, *args: Any) -> str:
        if is_followed(self):
            note_text()
        return function(self._value, *args)

    return text


def _round(self: TracedArray, ndigits: int | None = None) -> Any:
    if ndigits is None:
        if is_followed(self):
            depend_on_value()
        return round(self._value)
    rule = RULES[np.round]
    return apply_rule("round", lambda value, digits: round(value, digits), rule, (self, ndigits), {})


def _hash(self: TracedArray) -> int:
    result = hash(self._value)
    if self._buffer.smooth:
        refuse("a traced value as a key", "what a cache or a set gives back for it has lost its derivative")
    if is_followed(self):
        depend_on_value()
    return result


def _array(self: TracedArray, dtype: Any = None, copy: bool | None = None) -> Any:
    if self._buffer.smooth:
        refuse("the conversion of a traced array to a plain NumPy array", "its derivative would be lost")
    if is_followed(self):
        depend_on_value()
    return np.array(self._value, dtype=concrete(dtype), copy=True)


def _reduce(self: TracedArray, protocol: Any = None) -> Any:
    if self._buffer.smooth:
        refuse("pickling", "the derivative of a traced value would be lost")
    return np.asarray(self._value).__reduce__()


# --- containers


def _length(self: TracedArray) -> int:
    return len(self._value)


def _iterate(self: TracedArray) -> Iterator[Any]:
    count = len(self._value) if np.ndim(self._value) else None
    if count is None:
        iter(self._value)  # raises what NumPy raises
        return iter(())
    return (indexing.get(self, place) for place in range(count))


def _contains(self: TracedArray, item: Any) -> bool:
    return bool(apply(np.any, (self == item,), {}))


class Flat:
    """``x.flat``: the elements in C order, to read, to write and to go through."""

    def __init__(self, array: TracedArray) -> None:
        self._array = array
        self._next = 0

    def _index(self, index: Any) -> Any:
        numbers = np.arange(np.size(self._array._value))[static(index)]
        return np.unravel_index(numbers, np.shape(self._array._value))

    def __getitem__(self, index: Any) -> Any:
        return indexing.get(self._array, self._index(index))

    def __setitem__(self, index: Any, values: Any) -> None:
        indexing.set_(self._array, self._index(index), values)

    def __len__(self) -> int:
        return int(np.size(self._array._value))

    def __iter__(self) -> Iterator[Any]:
        return (self[place] for place in range(len(self)))

    def __next__(self) -> Any:
        if self._next == len(self):
            raise StopIteration
        self._next += 1
        return self[self._next - 1]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return _array(self._array, dtype).ravel()


# --- attributes


def _plain_attribute(name: str) -> property:
    return property(lambda self: getattr(self._value, name))


def _view_attribute(name: str) -> property:
    def get(self: TracedArray) -> Any:
        value = getattr(self._value, name)
        return view_of(self._buffer, value) if isinstance(self._value, np.ndarray) else self

    return property(get)


def _get_shape(self: TracedArray) -> tuple[int, ...]:
    shape: tuple[int, ...] = self._value.shape
    return shape


def _set_shape(self: TracedArray, shape: Any) -> None:
    reshaped = np.reshape(self._value, static(shape))
    if reshaped.size and not np.shares_memory(reshaped, self._value):
        raise AttributeError("Incompatible shape for in-place modification")
    self._value = reshaped
    self._lens, self._version = None, -1


def _imaginary(self: TracedArray) -> Any:
    return apply(np.zeros_like, (self,), {})


def _base(self: TracedArray) -> Any:
    return None if self._value is self._buffer.value else view_of(self._buffer, self._buffer.value)


def _missing(self: TracedArray, name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"{type(self._value).__name__!r} object has no attribute {name!r}")
    attribute = getattr(self._value, name)
    if self._buffer.smooth:
        refuse(f"the attribute '{name}' of an array", "no rule says how JAX differentiates it")
    if is_followed(self):
        depend_on_value()
    return attribute


# --- methods


def _item(self: TracedArray, *args: Any) -> Any:
    args = static(args)
    value = self._value.item(*args)
    if not is_followed(self):
        return value
    if isinstance(value, bool):
        depend_on_value()
        return value
    element = np.arange(np.size(self._value)).reshape(np.shape(self._value)).item(*args)
    node = lax.reshape(node_of(self), (np.size(self._value),))
    node = lax.reshape(lax.slice(node, (element,), (element + 1,)), ())
    return followed("item()", value, node, self._buffer.smooth)


def _to_list(self: TracedArray) -> Any:
    if not is_followed(self):
        return self._value.tolist()
    if np.ndim(self._value) == 0:
        return _item(self)
    return [_to_list(row) if is_followed(row) else row for row in _iterate(self)]


def _astype(value: Any, a: Any, dtype: Any, *args: Any, **options: Any) -> Any:
    return lift(a, value.dtype)


def _cast_view(value: Any, a: Any, *args: Any, **options: Any) -> Any:
    raise NotImplementedError("the bytes of a traced array cannot be read as another type")


def _fill(self: TracedArray, value: Any) -> None:
    indexing.set_(self, Ellipsis, value)


def _sort_in_place(self: TracedArray, axis: int = -1, **options: Any) -> None:
    indexing.set_(self, Ellipsis, apply(np.sort, (self, axis), options))


def _partition_in_place(self: TracedArray, kth: Any, axis: int = -1, **options: Any) -> None:
    indexing.set_(self, Ellipsis, apply(np.partition, (self, kth, axis), options))


def _put(self: TracedArray, indices: Any, values: Any, mode: str = "raise") -> None:
    apply(np.put, (self, indices, as_array(values), mode), {})


def _resize(self: TracedArray, *shape: Any, **options: Any) -> None:
    refuse("the method resize", "an array cannot grow in place; np.resize makes a new one")


def _copy(self: TracedArray, memo: Any = None) -> Any:
    return _METHODS["copy"](self) if isinstance(self._value, np.ndarray) else self


def _method(name: str, rule: Rule | None) -> Callable[..., Any]:
    """The method ``name`` of NumPy's arrays, with a rule for where it gives no view."""

    def call(value: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(value, name)(*args, **kwargs)

    def method(self: TracedArray, *args: Any, **kwargs: Any) -> Any:
        getattr(self._value, name)  # a Python number has none, and says so
        return apply_rule(f"the method {name}", call, rule, (self, *args), kwargs)

    method.__name__ = name
    return method


_SAME_AS_FUNCTION = (
    *(
        "sum",
        "prod",
        "mean",
        "var",
        "std",
        "max",
        "min",
        "any",
        "all",
        "argmax",
        "argmin",
        "cumsum",
        "cumprod",
    ),
    *("dot", "trace", "reshape", "ravel", "squeeze", "transpose", "swapaxes", "diagonal", "clip", "round"),
    *("repeat", "take", "choose", "argsort", "searchsorted", "copy"),
)

_METHODS: dict[str, Callable[..., Any]] = {
    **{name: _method(name, RULES.get(getattr(np, name))) for name in _SAME_AS_FUNCTION},
    "flatten": _method("flatten", RULES[np.ravel]),
    "compress": _method("compress", moved(np.ndarray.compress)),
    "conj": _method("conj", RULES[np.copy]),
    "conjugate": _method("conjugate", RULES[np.copy]),
    "nonzero": _method("nonzero", None),
    "argpartition": _method("argpartition", None),
    "is_integer": _method("is_integer", None),
    "astype": _method("astype", _astype),
    "view": _method("view", _cast_view),
    "setflags": lambda self, *args, **kwargs: self._value.setflags(*args, **kwargs),
    "item": _item,
    "tolist": _to_list,
    "fill": _fill,
    "sort": _sort_in_place,
    "partition": _partition_in_place,
    "put": _put,
    "resize": _resize,
}

_ATTRIBUTES: dict[str, property] = {
    **{
        name: _plain_attribute(name)
        for name in ("ndim", "size", "dtype", "itemsize", "nbytes", "strides", "flags")
    },
    "shape": property(_get_shape, _set_shape),
    "T": _view_attribute("T"),
    "mT": _view_attribute("mT"),
    "real": _view_attribute("real"),
    "imag": property(_imaginary),
    "base": property(_base),
    "flat": property(Flat, lambda self, values: Flat(self).__setitem__(slice(None), values)),
}

_PROTOCOLS: dict[str, Callable[..., Any]] = {
    "__array_ufunc__": lambda self, ufunc, method, *inputs, **kwargs: apply_ufunc(
        ufunc, method, inputs, kwargs
    ),
    "__array_function__": lambda self, function, types, args, kwargs: apply(function, args, kwargs),
    "__array__": _array,
    "__getitem__": indexing.get,
    "__setitem__": indexing.set_,
    "__len__": _length,
    "__iter__": _iterate,
    "__contains__": _contains,
    "__bool__": _to_bool,
    "__float__": _to_float,
    "__complex__": _to_complex,
    "__int__": _to_number(int),
    "__index__": _to_number(operator.index),
    "__trunc__": _to_number(math.trunc),
    "__floor__": _to_number(math.floor),
    "__ceil__": _to_number(math.ceil),
    "__round__": _round,
    "__hash__": _hash,
    "__str__": _to_text(str),
    "__repr__": _to_text(repr),
    "__format__": _to_text(format),
    "__reduce_ex__": _reduce,
    "__copy__": _copy,
    "__deepcopy__": _copy,
    "__getattr__": _missing,
}


def install() -> None:
    """Give ``TracedArray`` its operators, attributes, methods and protocols."""
    members: dict[str, Any] = {**_PROTOCOLS, **_METHODS, **_ATTRIBUTES}
    for name, (function, ufunc) in _BINARY.items():
        members[f"__{name}__"], members[f"__r{name}__"] = _binary(partial(apply_operator, function, ufunc))
        if name != "divmod":
            members[f"__i{name}__"] = _in_place(ufunc)
    members["__mul__"], members["__rmul__"] = _binary(_times)
    for name, (function, ufunc) in _COMPARISONS.items():
        members[f"__{name}__"] = _comparison(function, ufunc)
    for name, (function, ufunc) in _UNARY.items():
        members[f"__{name}__"] = _unary(function, ufunc)
    for name, member in members.items():
        setattr(TracedArray, name, member)
