"""NumPy code run on SymPy.

An array type whose entries are expressions and on which NumPy's functions act symbolically.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

_effort: ContextVar[list[int] | None] = ContextVar("_effort", default=None)
"""How many more entries may be computed, in a list of one; None outside of ``run_on_symbols``."""


def run_on_symbols(
    function: Callable[..., Any], arguments: Sequence[NDArray[Any]], effort: int
) -> list[NDArray[Any]]:
    """The outputs of a NumPy function on object arrays of expressions, as object arrays of expressions.

    Args:
        function: plain NumPy.
        arguments: object arrays.
        effort: how many entries may be computed on the way.

    Raises:
        OverflowError: the effort does not suffice.
        Exception: whatever the function, NumPy or SymPy raises because symbols are no numbers.
    """
    token = _effort.set([effort])
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            # Copies: the function may write to its arguments.
            returned = function(*(SymbolArray(a.copy()) for a in arguments))
            items = returned if isinstance(returned, (tuple, list)) else (returned,)
            return [_mapped(_as_number, 1)(np.asarray(item, dtype=object)) for item in items]
    finally:
        _effort.reset(token)


class SymbolArray(np.ndarray):
    """An object array of SymPy expressions."""

    def __new__(cls, entries: Any) -> SymbolArray:
        """A view of an object array, or an array of no dimension around one expression."""
        return _object_array(entries).view(cls)

    def __getitem__(self, index: Any) -> Any:
        found = np.asarray(self)[index]
        return SymbolArray(found)

    def __bool__(self) -> bool:
        raise TypeError("a branch on a symbol")

    def __float__(self) -> float:
        raise TypeError("a symbol is no number")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        plain = [_object_array(x) if isinstance(x, (np.ndarray, sp.Basic)) else x for x in inputs]
        if method == "__call__" and ufunc in SYMBOLIC:
            result = _mapped(SYMBOLIC[ufunc], ufunc.nin)(*plain)
        elif method == "reduce" and ufunc in SYMBOLIC:
            result = _reduced(
                SYMBOLIC[ufunc], plain[0], options.get("axis", 0), bool(options.get("keepdims"))
            )
        else:
            numbers = [_as_numbers(x) for x in plain]
            result = getattr(ufunc, method)(*numbers, **options)
        _spend(np.size(result))
        if out is not None:
            (target,) = out
            np.asarray(target)[...] = result
            return target
        return SymbolArray(result)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is np.where and len(args) == 3:
            return SymbolArray(_mapped(_chosen, 3)(*(_object_array(a) for a in args)))
        if function is np.clip:
            return self.__array_ufunc__(np.minimum, "__call__", np.maximum(args[0], args[1]), args[2])
        return super().__array_function__(function, types, args, kwargs)


def _object_array(entries: Any) -> NDArray[Any]:
    if isinstance(entries, np.ndarray):
        return np.asarray(entries).astype(object, copy=False)
    array = np.empty((), dtype=object)
    array[()] = entries
    return array


def _mapped(function: Callable[..., Any], operands: int) -> Callable[..., NDArray[Any]]:
    """``function`` of SymPy's forms of the entries; the result is an array even for single entries."""
    ufunc = np.frompyfunc(lambda *entries: function(*map(_expression, entries)), operands, 1)
    return lambda *arrays: _object_array(ufunc(*arrays))


def _expression(entry: Any) -> Any:
    """SymPy's form of an entry; a float becomes the fraction it is."""
    if isinstance(entry, (float, np.floating)) and np.isfinite(entry):
        return sp.Rational(*float(entry).as_integer_ratio())
    return sp.sympify(entry.item() if isinstance(entry, np.generic) else entry)


def _as_numbers(operand: Any) -> Any:
    """An operand of arithmetic: truth values count as 0 and 1, as they do for NumPy."""
    if not isinstance(operand, np.ndarray):
        return _expression(operand)
    return _mapped(_as_number, 1)(operand)


def _as_number(entry: Any) -> Any:
    if entry in (sp.true, sp.false):
        return sp.Integer(int(entry == sp.true))
    if isinstance(entry, sp.core.relational.Relational):
        return sp.Piecewise((1, entry), (0, True), evaluate=False)
    return entry


def _chosen(condition: Any, yes: Any, no: Any) -> sp.Expr:
    if condition in (sp.true, sp.false):
        return yes if condition == sp.true else no
    if not isinstance(condition, sp.core.relational.Relational):
        condition = sp.Ne(condition, 0)
    return sp.Piecewise((yes, condition), (no, True), evaluate=False)


def _reduced(operation: Callable[..., Any], array: NDArray[Any], axis: Any, keepdims: bool) -> NDArray[Any]:
    """A reduction along one axis, several or all."""
    axes = (
        tuple(range(array.ndim)) if axis is None else tuple(int(a) % array.ndim for a in np.atleast_1d(axis))
    )
    moved = np.moveaxis(array, axes, range(len(axes)))
    rest = moved.shape[len(axes) :]
    rows = moved.reshape(-1, *rest)
    result = np.empty(rest, dtype=object)
    for index in np.ndindex(*rest):
        result[index] = functools.reduce(
            operation, [_expression(entry) for entry in rows[(slice(None), *index)]]
        )
    return np.expand_dims(result, axes) if keepdims else result


def _spend(entries: int) -> None:
    left = _effort.get()
    if left is not None:
        left[0] -= entries
        if left[0] < 0:
            raise OverflowError("it computes too many entries")


SYMBOLIC: dict[Any, Callable[..., Any]] = {
    np.exp: sp.exp,
    np.log: sp.log,
    np.tanh: sp.tanh,
    np.sinh: sp.sinh,
    np.cosh: sp.cosh,
    np.sin: sp.sin,
    np.cos: sp.cos,
    np.tan: sp.tan,
    np.arctan: sp.atan,
    np.arcsin: sp.asin,
    np.arccos: sp.acos,
    np.arcsinh: sp.asinh,
    np.arccosh: sp.acosh,
    np.arctanh: sp.atanh,
    np.sqrt: sp.sqrt,
    np.absolute: sp.Abs,
    np.fabs: sp.Abs,
    np.sign: sp.sign,
    np.log1p: lambda x: sp.log(1 + x),
    np.expm1: lambda x: sp.exp(x) - 1,
    np.log2: lambda x: sp.log(x) / sp.log(2),
    np.log10: lambda x: sp.log(x) / sp.log(10),
    np.exp2: lambda x: 2**x,
    np.square: lambda x: x**2,
    np.reciprocal: lambda x: 1 / x,
    np.logaddexp: lambda x, y: sp.log(sp.exp(x) + sp.exp(y)),
    np.maximum: lambda x, y: sp.Max(x, y),
    np.minimum: lambda x, y: sp.Min(x, y),
    np.greater: sp.Gt,
    np.greater_equal: sp.Ge,
    np.less: sp.Lt,
    np.less_equal: sp.Le,
    np.equal: sp.Eq,
    np.not_equal: sp.Ne,
}
"""NumPy's functions in SymPy."""
