"""NumPy code run on SymPy.

An array type whose entries are expressions and on which NumPy's functions act symbolically.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from checkers.oracles.object_array import ObjectArray, effort, object_array, outputs_of

NODES = 4000
"""Nodes of the tree of one entry up to which a forward is followed.

An entry that is used twice doubles it: after twenty steps of x + h sin x there are a million.
"""

_sizes: ContextVar[dict[sp.Basic, int]] = ContextVar("_sizes")
"""How many nodes the trees have that have been seen in a run."""


def run_on_symbols(
    function: Callable[..., Any], arguments: Sequence[NDArray[Any]], entries: int
) -> list[NDArray[Any]]:
    """The outputs of a NumPy function on object arrays of expressions, as object arrays of expressions.

    Args:
        function: plain NumPy.
        arguments: object arrays.
        entries: how many entries may be computed on the way.

    Raises:
        OverflowError: they do not suffice, or one of them grows too large.
        Exception: whatever the function, NumPy or SymPy raises because symbols are no numbers.
    """
    _sizes.set({})
    with effort(entries), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        # Copies: the function may write to its arguments.
        returned = function(*(SymbolArray(a.copy()) for a in arguments))
        return [SymbolArray.mapped(_as_number, 1)(object_array(item)) for item in outputs_of(returned)]


class SymbolArray(ObjectArray):
    """An object array of SymPy expressions."""

    @classmethod
    def canonical(cls, entry: Any) -> Any:
        """SymPy's form of an entry; a float becomes the fraction it is."""
        return _expression(entry)

    @classmethod
    def operand(cls, operand: Any) -> Any:
        """An operand of arithmetic: truth values count as 0 and 1, as they do for NumPy."""
        if not isinstance(operand, np.ndarray):
            return _expression(operand)
        return cls.mapped(_as_number, 1)(operand)

    @classmethod
    def result(cls, ufunc: Any, entries: Any) -> Any:
        """The array, if none of its entries has grown too large."""
        sizes = _sizes.get()
        for entry in object_array(entries).flat:
            if isinstance(entry, sp.Basic) and _nodes(entry, sizes) > NODES:
                raise OverflowError(f"an entry has more than {NODES} operations")
        return super().result(ufunc, entries)

    def __bool__(self) -> bool:
        raise TypeError("a branch on a symbol")

    def __float__(self) -> float:
        raise TypeError("a symbol is no number")

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is np.where and len(args) == 3:
            return SymbolArray(self.mapped(_chosen, 3)(*(object_array(a) for a in args)))
        if function is np.clip:
            return self.__array_ufunc__(np.minimum, "__call__", np.maximum(args[0], args[1]), args[2])
        return super().__array_function__(function, types, args, kwargs)


def _expression(entry: Any) -> Any:
    """SymPy's form of an entry; a float becomes the fraction it is."""
    if isinstance(entry, (float, np.floating)) and np.isfinite(entry):
        return sp.Rational(*float(entry).as_integer_ratio())
    return sp.sympify(entry.item() if isinstance(entry, np.generic) else entry)


def _nodes(entry: sp.Basic, sizes: dict[sp.Basic, int]) -> int:
    """How many nodes the tree has, each part that is shared counted wherever it occurs."""
    if entry not in sizes:
        sizes[entry] = 1 + sum(_nodes(part, sizes) for part in entry.args)
    return sizes[entry]


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

SymbolArray.functions = SYMBOLIC
