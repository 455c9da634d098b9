"""NumPy code run on entries of any kind.

An object array on which NumPy's functions act entry by entry through a table, and which counts what it
computes.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

_effort: ContextVar[list[int] | None] = ContextVar("_effort", default=None)
"""How many more entries may be computed, in a list of one; None outside of ``effort``."""


@contextmanager
def effort(entries: int) -> Iterator[list[int]]:
    """Allow so many entries of object arrays to be computed inside, with NumPy's warnings aside.

    Yields:
        How many are left, in a list of one.

    Raises:
        OverflowError: inside, when they do not suffice.
    """
    left = [entries]
    token = _effort.set(left)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield left
    finally:
        _effort.reset(token)


def spend(entries: int) -> None:
    """Note that so many entries are computed.

    Raises:
        OverflowError: more than ``effort`` allows.
    """
    left = _effort.get()
    if left is not None:
        left[0] -= entries
        if left[0] < 0:
            raise OverflowError("it computes too many entries")


def object_array(entries: Any) -> NDArray[Any]:
    """A plain object array of an array's entries; one of no dimension around anything else."""
    if isinstance(entries, np.ndarray):
        return np.asarray(entries).astype(object, copy=False)
    array = np.empty((), dtype=object)
    array[()] = entries
    return array


def outputs_of(returned: Any) -> list[Any]:
    """What a function returned, as a list: a tuple or list has its items, anything else is the only one."""
    return list(returned) if isinstance(returned, (tuple, list)) else [returned]


class ObjectArray(np.ndarray):
    """An object array whose kind of entry a subclass says.

    An operation of NumPy that stands in ``functions`` is carried out by what stands there, on the canonical
    forms of the entries; any other is left to NumPy, which asks the entries' own operators.

    Attributes:
        functions: NumPy's ufuncs, and what does their work on entries.
    """

    functions: ClassVar[Mapping[Any, Callable[..., Any]]] = {}

    def __new__(cls, entries: Any) -> Self:
        """A view of an object array, or an array of no dimension around one entry."""
        return object_array(entries).view(cls)

    @classmethod
    def canonical(cls, entry: Any) -> Any:
        """The form in which ``functions`` take an entry."""
        return entry

    @classmethod
    def operand(cls, operand: Any) -> Any:
        """The form in which NumPy's own operations take an operand, an array or a number."""
        return operand

    @classmethod
    def result(cls, ufunc: Any, entries: Any) -> Any:  # noqa: ARG003
        """What the operation ``ufunc`` returns that has computed these entries."""
        return cls(entries)

    def __getitem__(self, index: Any) -> Any:
        return type(self)(np.asarray(self)[index])

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        plain: list[Any] = [x if np.isscalar(x) else object_array(x) for x in inputs]
        if method == "__call__" and ufunc in self.functions:
            result = self.mapped(self.functions[ufunc], ufunc.nin)(*plain)
        elif method == "reduce" and ufunc in self.functions:
            result = self._reduced(
                self.functions[ufunc], plain[0], options.get("axis", 0), bool(options.get("keepdims"))
            )
        else:
            result = getattr(ufunc, method)(*(self.operand(x) for x in plain), **options)
        spend(np.size(result))
        if out is not None:
            (target,) = out
            np.asarray(target)[...] = result
            return target
        return self.result(ufunc, result)

    @classmethod
    def mapped(cls, function: Callable[..., Any], operands: int) -> Callable[..., NDArray[Any]]:
        """``function`` of canonical entries; the result is an array even for single entries."""
        ufunc = np.frompyfunc(lambda *entries: function(*map(cls.canonical, entries)), operands, 1)
        return lambda *arrays: object_array(ufunc(*arrays))

    @classmethod
    def _reduced(
        cls, operation: Callable[..., Any], array: NDArray[Any], axis: Any, keepdims: bool
    ) -> NDArray[Any]:
        """A reduction along one axis, several or all."""
        axes = (
            tuple(range(array.ndim))
            if axis is None
            else tuple(int(a) % array.ndim for a in np.atleast_1d(axis))
        )
        moved = np.moveaxis(array, axes, range(len(axes)))
        rest = moved.shape[len(axes) :]
        rows = moved.reshape(-1, *rest)
        result = np.empty(rest, dtype=object)
        for index in np.ndindex(*rest):
            column: Sequence[Any] = [cls.canonical(entry) for entry in rows[(slice(None), *index)]]
            result[index] = functools.reduce(operation, column)
        return np.expand_dims(result, axes) if keepdims else result
