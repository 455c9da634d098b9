"""From matrix notation to indices: one entry of a formula as an expression in the entries of its arrays.

    (A B)_ij = Σ_k A_ik B_kj,   (Aᵀ)_ij = A_ji,   (A ⊙ B)_ij = A_ij B_ij,   diag(v)_ij = δ_ij v_i,   …

Derivatives are taken here too, by the rules of ``derivative``. A derivative by a named result z = f(x) treats
z as a variable of its own and puts f(x) in for it afterwards.
"""

from __future__ import annotations

import itertools
from functools import singledispatchmethod

import sympy as sp

from derivations.kernel import formula as fm
from derivations.kernel.derivative import derivative
from derivations.kernel.errors import UnsupportedError
from derivations.kernel.formula import Array, Entry, Formula, Named, Position
from derivations.kernel.functions import Held
from derivations.notation import Index, ShapeError, Tensor, kronecker, total

_ONE = sp.S.One


def tensor(array: Array) -> Tensor:
    """The tensor whose entries stand for those of the array: without the axes of length 1."""
    return Tensor(array.symbol, *(dimension for dimension in array.shape if dimension != 1))


def array_entry(array: Array, row: Position, column: Position) -> sp.Expr:
    """The entry of an array at a place."""
    places = zip(array.shape, (row, column), strict=True)
    return tensor(array)[tuple(position for dimension, position in places if dimension != 1)]


class Lowering:
    """Lowers formulas; keeps what it has lowered, and never uses a bound index twice."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._known: dict[tuple[Formula, Position, Position, frozenset[str]], sp.Expr] = {}

    def equality(self, left: Formula, right: Formula) -> tuple[sp.Expr, sp.Expr]:
        """One general entry of both sides.

        Raises:
            ShapeError: the sides have different shapes.
            UnsupportedError: a side says something that has no rule.
        """
        if left.shape != right.shape:
            raise ShapeError(f"the left side has shape {left.shape} and the right side {right.shape}")
        row, column = (self.position(dimension) for dimension in left.shape)
        return self.entry(left, row, column), self.entry(right, row, column)

    def position(self, dimension: sp.Expr) -> Position:
        """A new index of that dimension, the number 1 for dimension 1."""
        return _ONE if dimension == 1 else Index(f"#{next(self._numbers)}", dimension)

    def entry(
        self, f: Formula, row: Position = _ONE, column: Position = _ONE, free: frozenset[str] = frozenset()
    ) -> sp.Expr:
        """The entry of a formula at a place; named results in ``free`` are left as variables."""
        key = (f, row, column, free)
        if key not in self._known:
            self._known[key] = self._lower(f, row, column, free)
        return self._known[key]

    @singledispatchmethod
    def _lower(self, f: Formula, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        raise UnsupportedError(f"there is no rule that lowers {type(f).__name__}")

    @_lower.register
    def _(self, f: fm.Constant, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return f.value

    @_lower.register
    def _(self, f: fm.Array, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return array_entry(f, row, column)

    @_lower.register
    def _(self, f: fm.Named, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        if f.array.symbol in free:
            return array_entry(f.array, row, column)
        return self.entry(f.value, row, column, free)

    @_lower.register
    def _(self, f: fm.Plus, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return sp.Add(*(self.entry(term, row, column, free) for term in f.terms))

    @_lower.register
    def _(self, f: fm.Negative, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return -self.entry(f.of, row, column, free)

    @_lower.register
    def _(self, f: fm.Product, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        scalars = [self.entry(factor, free=free) for factor in f.factors if factor.is_scalar]
        matrices = [factor for factor in f.factors if not factor.is_scalar]
        if not matrices:
            return sp.Mul(*scalars)
        inner = [self.position(factor.shape[1]) for factor in matrices[:-1]]
        places = zip(matrices, [row, *inner], [*inner, column], strict=True)
        body = sp.Mul(*(self.entry(factor, i, j, free) for factor, i, j in places))
        return sp.Mul(*scalars, total(body, *(index for index in inner if index != 1)))

    @_lower.register
    def _(self, f: fm.Quotient, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        below = (_ONE, _ONE) if f.denominator.is_scalar else (row, column)
        return self.entry(f.numerator, row, column, free) / self.entry(f.denominator, *below, free)

    @_lower.register
    def _(self, f: fm.Power, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.base, row, column, free) ** self.entry(f.exponent, free=free)

    @_lower.register
    def _(self, f: fm.Transpose, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.of, column, row, free)

    @_lower.register
    def _(self, f: fm.Hadamard, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return sp.Mul(*(self.entry(factor, row, column, free) for factor in f.factors))

    @_lower.register
    def _(self, f: fm.Apply, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return f.function.meaning(self.entry(f.of, row, column, free))

    @_lower.register
    def _(self, f: fm.Ones, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return _ONE

    @_lower.register
    def _(self, f: fm.Zeros, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return sp.S.Zero

    @_lower.register
    def _(self, f: fm.Identity, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return kronecker(row, column)

    @_lower.register
    def _(self, f: fm.Diagonal, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return kronecker(row, column) * self.entry(f.of, row, _ONE, free)

    @_lower.register
    def _(self, f: fm.Trace, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        index = self.position(f.of.shape[0])
        body = self.entry(f.of, index, index, free)
        return body if index == 1 else total(body, index)

    @_lower.register
    def _(self, f: fm.Entry, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.of, f.row, f.column, free)

    @_lower.register
    def _(self, f: fm.Row, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.of, f.at, column, free)

    @_lower.register
    def _(self, f: fm.Column, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.of, row, f.at, free)

    @_lower.register
    def _(self, f: fm.Delta, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return kronecker(f.i, f.j)

    @_lower.register
    def _(self, f: fm.Entries, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        return self.entry(f.body, free=free).xreplace({f.row: row, f.column: column})

    @_lower.register
    def _(self, f: fm.Sum, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        body, index = self._scope(f.body, f.index, row, column, free)
        return total(body, index)

    @_lower.register
    def _(self, f: fm.ProductOver, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        body, index = self._scope(f.body, f.index, row, column, free)
        return sp.exp(total(sp.log(body), index))

    def _scope(
        self, body: Formula, index: Index, row: Position, column: Position, free: frozenset[str]
    ) -> tuple[sp.Expr, Index]:
        """The body with its bound index renamed, so that it catches neither ``row`` nor ``column``."""
        inside = [self.position(dimension) for dimension in body.shape]
        renamed = self.position(index.dimension)
        if renamed == 1:
            raise UnsupportedError(
                f"a sum over {index}, whose dimension is 1, is its only term: write the term"
            )
        lowered = self.entry(body, inside[0], inside[1], free).xreplace({index: renamed})
        places = zip(inside, (row, column), strict=True)
        return lowered.xreplace({old: new for old, new in places if old != 1}), renamed

    @_lower.register
    def _(self, f: fm.Map, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        """The value, plus Σ slope · (x − x held): equal to the value, with the derivative of the map."""
        at = (*f.at, *(position for position in (row, column) if position != 1))
        value = Tensor(f"value of {f.array.symbol}", *(index.dimension for index in at))[at]
        x = [self.position(dimension) for dimension in f.of.shape]
        slope = self.entry(f.slope, x[0], x[1] if f.array.is_scalar else row, free)
        argument = self.entry(f.of, x[0], x[1], free)
        linear = total(slope * (argument - Held(argument)), *(index for index in x if index != 1))
        return value + linear

    @_lower.register
    def _(self, f: fm.Partial, row: Position, column: Position, free: frozenset[str]) -> sp.Expr:
        if f.layout == "numerator":
            row, column = column, row
        variable = f.by.of if isinstance(f.by, Entry) else f.by
        assert isinstance(variable, (Array, Named))
        if isinstance(f.by, Entry):
            at, of_at = (f.by.row, f.by.column), (column, _ONE)
        elif f.of.is_scalar:
            at, of_at = (row, column), (_ONE, _ONE)
        else:
            at, of_at = (row, _ONE), (column, _ONE)
        array = variable.array if isinstance(variable, Named) else variable
        within = free | {array.symbol} if isinstance(variable, Named) else free
        slope = derivative(self.entry(f.of, *of_at, within), array_entry(array, *at))
        if isinstance(variable, Named) and array.symbol not in free:
            slope = self._put_in(variable, slope, free)
        return slope

    def _put_in(self, variable: Named, e: sp.Expr, free: frozenset[str]) -> sp.Expr:
        """The expression with the value of a named result in the place of its entries."""
        named = tensor(variable.array)
        if not named.dimensions:
            return e.xreplace({named[()]: self.entry(variable.value, free=free)})
        shape = variable.shape
        values = {}
        for entry in e.atoms(sp.Indexed):
            if entry.base == named[tuple(Index("any", d) for d in named.dimensions)].base:
                indices = iter(entry.indices)
                at = [_ONE if dimension == 1 else next(indices) for dimension in shape]
                values[entry] = self.entry(variable.value, at[0], at[1], free)
        return e.xreplace(values)
