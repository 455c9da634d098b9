"""NumPy's functions that call back (vectorize, apply_along_axis, piecewise), and r_, c_, nditer, shuffle."""
# ruff: noqa: ARG001 (the parameters are those of NumPy's functions)

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from checkers.tracing.dispatch import apply
from checkers.tracing.rules import is_any_followed
from checkers.tracing.session import refuse
from checkers.tracing.traced_array import StandIn, concrete, is_followed, traced_in


def stacked(items: list[Any], shape: tuple[int, ...]) -> Any:
    """The array of ``shape`` whose entries, in C order, are ``items``, traced or not."""
    return apply(np.reshape, (apply(np.array, (items,), {}), shape), {})


def _elements(x: Any, shape: tuple[int, ...]) -> Iterator[Any]:
    """The entries of ``x`` broadcast to ``shape``, as Python numbers."""
    wide = apply(np.broadcast_to, (x, shape), {})
    return ((wide[place].item() if shape else wide.item()) for place in np.ndindex(shape))


class Vectorized(StandIn):
    """Takes the place of a ``np.vectorize`` object: calls the function on every entry."""

    __slots__ = ("_excluded", "_function", "_otypes", "_signature")

    def __init__(
        self,
        pyfunc: Any = None,
        otypes: Any = None,
        doc: Any = None,
        excluded: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self.original = np.vectorize(pyfunc, concrete(otypes), doc, excluded, *args, **kwargs)
        self._function = pyfunc
        self._otypes = self.original.otypes
        self._excluded = self.original.excluded
        self._signature = self.original.signature

    @classmethod
    def of(cls, original: np.vectorize, function: Callable[..., Any]) -> Vectorized:
        """The stand-in for a ``np.vectorize`` object made before the trace, with ``function`` for its own."""
        return cls(function, original.otypes, None, original.excluded, original.cache, original.signature)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function of every entry of the broadcast arguments."""
        if self._signature is not None or kwargs or self._excluded:
            if is_any_followed(args, kwargs):
                refuse(
                    "np.vectorize with signature=, excluded= or keywords",
                    "only positional scalars are followed",
                )
            return self.original(*concrete(args), **concrete(kwargs))
        shape = np.broadcast_shapes(*(np.shape(concrete(x)) for x in args))
        results = [
            self._function(*entries) for entries in zip(*(_elements(x, shape) for x in args), strict=True)
        ]
        if results and isinstance(results[0], tuple):
            return tuple(
                self._typed(list(column), shape, k) for k, column in enumerate(zip(*results, strict=True))
            )
        return self._typed(results, shape, 0)

    def _typed(self, results: list[Any], shape: tuple[int, ...], place: int) -> Any:
        whole = stacked(results, shape)
        dtype = self._otypes[place] if self._otypes else np.asarray(concrete(results[0])).dtype
        whole = whole.astype(dtype)
        return whole if shape else whole[()]


def _apply_along_axis(func1d: Callable[..., Any], axis: Any, arr: Any, *args: Any, **kwargs: Any) -> Any:
    ahead = apply(np.moveaxis, (apply(np.asarray, (arr,), {}), axis, -1), {})
    outer = ahead.shape[:-1]
    results = [func1d(ahead[place], *args, **kwargs) for place in np.ndindex(outer)]
    inner = np.shape(concrete(results[0]))
    whole = stacked(results, (*outer, *inner))
    depth = len(inner)
    return apply(
        np.moveaxis,
        (
            whole,
            tuple(range(len(outer), len(outer) + depth)),
            tuple(range(axis % arr.ndim, axis % arr.ndim + depth)),
        ),
        {},
    )


def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kwargs: Any) -> Any:
    x = apply(np.asanyarray, (x,), {})
    conditions = condlist if isinstance(condlist, (list, tuple)) else [condlist]
    conditions = [apply(np.asarray, (condition,), {}).astype(bool) for condition in conditions]
    if len(funclist) == len(conditions) + 1:
        rest = ~conditions[0]
        for condition in conditions[1:]:
            rest = rest & ~condition
        conditions.append(rest)
    y = apply(np.zeros_like, (x,), {})
    for condition, function in zip(conditions, funclist, strict=True):
        if not callable(function):
            y[condition] = function
            continue
        chosen = x[condition]
        if np.size(concrete(chosen)):
            y[condition] = function(chosen, *args, **kwargs)
    return y


def _from_function(function: Callable[..., Any], shape: Any, *, dtype: Any = float, **kwargs: Any) -> Any:
    places = apply(np.indices, (concrete(shape),), {"dtype": concrete(dtype)})
    return function(*places, **kwargs)


def _from_iter(iterable: Iterable[Any], dtype: Any, count: int = -1, **kwargs: Any) -> Any:
    items = (
        [item for place, item in zip(range(count), iterable, strict=False)] if count >= 0 else list(iterable)
    )
    return apply(np.array, (items,), {"dtype": dtype})


def _broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    shape = np.broadcast_shapes(*(np.shape(concrete(x)) for x in args))
    return tuple(apply(np.broadcast_to, (x, shape), {}) for x in args)


def _enumerated(arr: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    return ((place, arr[place]) for place in np.ndindex(np.shape(concrete(arr))))


def _machine_limits(function: Any) -> Callable[[Any], Any]:
    return lambda dtype: function(concrete(dtype))


def _permuted(shuffle: bool) -> Callable[..., Any]:
    def permute(source: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        """``source`` is the generator's method: it permutes positions with the same random numbers."""
        if not is_followed(x) or not np.ndim(x._value):
            return apply(source, (x, *args), kwargs)
        order = source.__self__.permutation(len(x))
        if args or kwargs:
            refuse(source.__name__, "a traced array is permuted along its first axis only")
        if shuffle:
            x[...] = x[order]
            return None
        return x[order]

    return permute


def _chosen(source: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
    if not is_followed(a) or not np.ndim(a._value):
        return apply(source, (a, *args), kwargs)
    if "axis" in kwargs:
        refuse("choice", "a traced array is drawn from along its first axis only")
    return a[source(len(a), *concrete(args), **concrete(kwargs))]


RANDOM: dict[str, Callable[..., Any]] = {
    "shuffle": _permuted(True),
    "permutation": _permuted(False),
    "choice": _chosen,
}
"""Method of a random generator → what takes its place; it gets the method first."""


class Joiner(StandIn):
    """Takes the place of ``np.r_`` and ``np.c_``, for slices, scalars and arrays."""

    __slots__ = ("_columns",)

    def __init__(self, original: Any, *, columns: bool) -> None:
        self.original = original
        self._columns = columns

    def __getitem__(self, key: Any) -> Any:
        items = key if isinstance(key, tuple) else (key,)
        if not any(True for _ in traced_in(items)):
            return apply(self.original.__getitem__, (key,), {})
        parts = [apply(np.asarray, (self._part(item),), {}) for item in items]
        if self._columns:
            return apply(np.column_stack, (parts,), {})
        depth = max(part.ndim for part in parts)
        parts = [
            apply(np.reshape, (part, (1,) * (max(depth, 1) - part.ndim) + part.shape), {}) for part in parts
        ]
        return apply(np.concatenate, (parts,), {})

    def _part(self, item: Any) -> Any:
        if isinstance(item, str):
            refuse("np.r_ with a text directive", "only arrays, numbers and slices are joined")
        return self.original[item] if isinstance(item, slice) else item


class Walk:
    """``np.nditer`` over one array, in C order: places, and elements to read and to write."""

    def __init__(self, op: Any, *args: Any) -> None:
        if args or not op._value.flags.c_contiguous:
            refuse("np.nditer", "only the walk over one array in C order is followed")
        self._array = op
        self._places = list(np.ndindex(op.shape))
        self.iterindex = 0

    @property
    def finished(self) -> bool:
        """Whether the walk is over."""
        return self.iterindex >= len(self._places)

    @property
    def multi_index(self) -> tuple[int, ...]:
        """The place of the element."""
        return self._places[self.iterindex]

    @property
    def index(self) -> int:
        """The number of the element."""
        return self.iterindex

    @property
    def value(self) -> Any:
        """The element, as an array of shape ()."""
        return self._array[(*self.multi_index, ...)]

    def __getitem__(self, place: int) -> Any:
        return self.value

    def __setitem__(self, place: int, new: Any) -> None:
        self._array[self.multi_index] = new

    def iternext(self) -> bool:
        """Go on to the next element; False at the end."""
        self.iterindex += 1
        return not self.finished

    def __iter__(self) -> Iterator[Any]:
        while not self.finished:
            yield self.value
            self.iterindex += 1

    def __enter__(self) -> Walk:
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    def close(self) -> None:
        """Nothing to do: what was written is there already."""


def _walk(op: Any, flags: Any = (), op_flags: Any = (), *args: Any, **kwargs: Any) -> Any:
    if is_followed(op):
        return Walk(op, *args, *kwargs.values())
    return np.nditer(concrete(op), flags, op_flags, *concrete(args), **concrete(kwargs))


CALLBACKS: dict[Any, Callable[..., Any]] = {
    np.apply_along_axis: _apply_along_axis,
    np.piecewise: _piecewise,
    np.fromfunction: _from_function,
    np.fromiter: _from_iter,
    np.broadcast_arrays: _broadcast_arrays,
    np.ndenumerate: _enumerated,
    np.nditer: _walk,
    np.finfo: _machine_limits(np.finfo),
    np.iinfo: _machine_limits(np.iinfo),
    np.vectorize: Vectorized,
}
"""Function or class of NumPy → what takes its place during a trace."""
