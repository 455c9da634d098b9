"""The language in which theorems are stated: matrix and index notation, as the author wrote it.

    W, a, b = Array("W", n, k), Array("a", k), Array("b", n)
    z = Named(Array("z", n), W * a + b)                  # z = W a + b
    Partial(L, W)                                        # ∂L/∂W, in denominator layout
    delta * a.T                                          # δ aᵀ
    Sum(W[i, j] * a[j], j) + b[i]                        # Σ_j W_ij a_j + b_i

A formula is a tree that keeps the order of its terms and factors. The same tree is printed for the reader
(``typeset``), lowered to indices and proved (``lowering``), and written out at explicit shapes
(``concrete``). Every node has a shape, (rows, columns); a scalar is 1 × 1, a vector is a column. What does
not fit together is refused with a ``ShapeError`` when it is written down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

import sympy as sp

from derivations.kernel.errors import UnsupportedError
from derivations.notation import Index, ShapeError

Shape: TypeAlias = "tuple[sp.Expr, sp.Expr]"
Position: TypeAlias = "sp.Expr"
"""Where along an axis: an index of the axis's dimension, or the number 1 along an axis of length 1."""

_ONE = sp.S.One


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula with a shape; ``+ - * / **``, ``.T`` and ``[i, j]`` build larger ones.

    ``*`` is the product of matrices, or multiplies by a scalar.
    """

    @property
    def shape(self) -> Shape:
        """The rows and columns."""
        return self._extent()

    def _extent(self) -> Shape:
        raise NotImplementedError

    @property
    def parts(self) -> tuple[Formula, ...]:
        """The formulas that it is made of."""
        found: list[Formula] = []
        for one in fields(self):
            value = getattr(self, one.name)
            found += [f for f in (value if isinstance(value, tuple) else (value,)) if isinstance(f, Formula)]
        return tuple(found)

    @property
    def indices(self) -> tuple[Index, ...]:
        """The indices that it names itself, not in its parts."""
        values = (getattr(self, one.name) for one in fields(self))
        several = [value if isinstance(value, tuple) else (value,) for value in values]
        return tuple(one for value in several for one in value if isinstance(one, Index))

    @property
    def is_scalar(self) -> bool:
        """Whether it is 1 × 1."""
        return self.shape == (_ONE, _ONE)

    @property
    def T(self) -> Formula:
        """The transpose."""
        return Transpose(self)

    def __getitem__(self, indices: Any) -> Formula:
        at = indices if isinstance(indices, tuple) else (indices,)
        if len(at) == 1:
            rows, columns = self.shape
            at = (at[0], _ONE) if columns == 1 else (_ONE, at[0]) if rows == 1 else at
        if len(at) != 2:
            raise ShapeError(f"an array of shape {self.shape} is indexed by {at}: give a row and a column")
        return Entry(self, sp.sympify(at[0]), sp.sympify(at[1]))

    def __add__(self, other: Any) -> Formula:
        return Plus((*_terms(self), *_terms(formula(other))))

    def __radd__(self, other: Any) -> Formula:
        return formula(other) + self

    def __sub__(self, other: Any) -> Formula:
        return Plus((*_terms(self), Negative(formula(other))))

    def __rsub__(self, other: Any) -> Formula:
        return formula(other) - self

    def __neg__(self) -> Formula:
        return Negative(self)

    def __mul__(self, other: Any) -> Formula:
        return Product((*_factors(self), *_factors(formula(other))))

    def __rmul__(self, other: Any) -> Formula:
        return formula(other) * self

    def __truediv__(self, other: Any) -> Formula:
        return Quotient(self, formula(other))

    def __rtruediv__(self, other: Any) -> Formula:
        return formula(other) / self

    def __pow__(self, exponent: Any) -> Formula:
        return Power(self, formula(exponent))


def formula(written: Any) -> Formula:
    """A formula as it is; a number or a SymPy symbol as a constant."""
    return written if isinstance(written, Formula) else Constant(_exact(written))


def _exact(number: Any) -> sp.Expr:
    """A number or symbol for SymPy.

    Raises:
        TypeError: it is a float, whose value is not the number that is meant.
    """
    if isinstance(number, Fraction):
        return sp.Rational(number.numerator, number.denominator)
    expression = sp.sympify(number)
    if expression.has(sp.Float):
        raise TypeError(f"{number} is a float: write the exact number, such as Fraction(1, 10)")
    return expression


def _terms(f: Formula) -> tuple[Formula, ...]:
    return f.terms if isinstance(f, Plus) else (f,)


def _factors(f: Formula) -> tuple[Formula, ...]:
    """The factors that may stand in a longer product without brackets: not those of a number aᵀ b."""
    open_ended = isinstance(f, Product) and (not f.is_scalar or all(one.is_scalar for one in f.factors))
    return f.factors if isinstance(f, Product) and open_ended else (f,)


@dataclass(frozen=True, eq=False)
class Constant(Formula):
    """A number, a dimension or a parameter by which nothing is differentiated."""

    value: sp.Expr

    def _extent(self) -> Shape:
        return _ONE, _ONE


class Array(Formula):
    """A named array of real numbers: a matrix, a column (the default), a row, or a scalar.

    Attributes:
        name: its letter, such as "W", "delta" or "y_hat".
        layer: what stands in parentheses above it, such as "2" or "l+1"; empty if nothing.
        sign: "positive" or "negative" if all entries are; empty if they are any real numbers.
    """

    def __init__(
        self, name: str, rows: Any = 1, columns: Any = 1, *, layer: str = "", sign: str = ""
    ) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "layer", layer)
        object.__setattr__(self, "sign", sign)
        object.__setattr__(self, "_size", (sp.sympify(rows), sp.sympify(columns)))

    name: str
    layer: str
    sign: str
    _size: Shape

    def _extent(self) -> Shape:
        return self._size

    @property
    def symbol(self) -> str:
        """The name that no other array of the theorem has: letter and layer."""
        return f"{self.name}^({self.layer})" if self.layer else self.name

    def __repr__(self) -> str:
        return f"Array({self.symbol!r}, {self._size[0]}, {self._size[1]})"


@dataclass(frozen=True, eq=False)
class Named(Formula):
    """An intermediate result with a name of its own: z for W a + b. One can differentiate by it.

    A derivative by z treats z as the variable and puts its value in afterwards.
    """

    array: Array
    value: Formula

    def __post_init__(self) -> None:
        _same("a name and what it stands for", (self.array, self.value))

    def _extent(self) -> Shape:
        return self.array.shape


@dataclass(frozen=True, eq=False)
class Plus(Formula):
    """The sum of formulas of one shape."""

    terms: tuple[Formula, ...]

    def __post_init__(self) -> None:
        _same("the terms of a sum", self.terms)

    def _extent(self) -> Shape:
        return self.terms[0].shape


@dataclass(frozen=True, eq=False)
class Negative(Formula):
    """−A."""

    of: Formula

    def _extent(self) -> Shape:
        return self.of.shape


@dataclass(frozen=True, eq=False)
class Product(Formula):
    """The product of matrices in this order; a 1 × 1 factor multiplies every entry."""

    factors: tuple[Formula, ...]

    def __post_init__(self) -> None:
        matrices = [factor for factor in self.factors if not factor.is_scalar]
        for left, right in pairwise(matrices):
            if left.shape[1] != right.shape[0]:
                raise ShapeError(
                    f"a matrix of shape {left.shape} cannot be multiplied by one of shape {right.shape}: "
                    "the columns of the first must be the rows of the second"
                )

    def _extent(self) -> Shape:
        matrices = [factor for factor in self.factors if not factor.is_scalar]
        return (matrices[0].shape[0], matrices[-1].shape[1]) if matrices else (_ONE, _ONE)


@dataclass(frozen=True, eq=False)
class Quotient(Formula):
    """A / c, c being a scalar, or the quotient of two arrays entry by entry."""

    numerator: Formula
    denominator: Formula

    def __post_init__(self) -> None:
        if not self.denominator.is_scalar:
            _same("numerator and denominator", (self.numerator, self.denominator))

    def _extent(self) -> Shape:
        return self.numerator.shape


@dataclass(frozen=True, eq=False)
class Power(Formula):
    """A^c entry by entry."""

    base: Formula
    exponent: Formula

    def __post_init__(self) -> None:
        if not self.exponent.is_scalar:
            raise ShapeError(f"an exponent has shape {self.exponent.shape}: it must be a scalar")

    def _extent(self) -> Shape:
        return self.base.shape


@dataclass(frozen=True, eq=False)
class Transpose(Formula):
    """Aᵀ."""

    of: Formula

    def _extent(self) -> Shape:
        return self.of.shape[1], self.of.shape[0]


@dataclass(frozen=True, eq=False)
class Hadamard(Formula):
    """A ⊙ B ⊙ …, entry by entry."""

    factors: tuple[Formula, ...]

    def __post_init__(self) -> None:
        _same("the factors of a Hadamard product", self.factors)

    def _extent(self) -> Shape:
        return self.factors[0].shape


def hadamard(*factors: Formula) -> Formula:
    """A ⊙ B ⊙ …; nested products are written in one row."""
    return Hadamard(
        tuple(
            one
            for factor in factors
            for one in (factor.factors if isinstance(factor, Hadamard) else (factor,))
        )
    )


@dataclass(frozen=True, eq=False)
class ScalarFunction:
    """A function of one number, applied to every entry of an array: ``tanh(z)``.

    Attributes:
        name: as it is printed, such as "exp", "tanh" or "g'".
        meaning: what it does to a SymPy expression.
    """

    name: str
    meaning: Callable[[sp.Expr], sp.Expr]

    def __call__(self, of: Any) -> Formula:
        """The function of every entry."""
        return Apply(self, formula(of))


@dataclass(frozen=True, eq=False)
class Apply(Formula):
    """f(A), entry by entry."""

    function: ScalarFunction
    of: Formula

    def _extent(self) -> Shape:
        return self.of.shape


@dataclass(frozen=True, eq=False)
class Ones(Formula):
    """The array whose entries are all 1."""

    rows: sp.Expr
    columns: sp.Expr = _ONE

    def _extent(self) -> Shape:
        return self.rows, self.columns


@dataclass(frozen=True, eq=False)
class Zeros(Formula):
    """The array whose entries are all 0."""

    rows: sp.Expr
    columns: sp.Expr = _ONE

    def _extent(self) -> Shape:
        return self.rows, self.columns


@dataclass(frozen=True, eq=False)
class Identity(Formula):
    """The identity matrix I."""

    size: sp.Expr

    def _extent(self) -> Shape:
        return self.size, self.size


@dataclass(frozen=True, eq=False)
class Diagonal(Formula):
    """diag(v): the square matrix with the entries of a column v on its diagonal, 0 elsewhere."""

    of: Formula

    def __post_init__(self) -> None:
        if self.of.shape[1] != 1:
            raise ShapeError(f"diag is given an array of shape {self.of.shape}: it takes a column")

    def _extent(self) -> Shape:
        return self.of.shape[0], self.of.shape[0]


@dataclass(frozen=True, eq=False)
class Trace(Formula):
    """tr A = Σ_i A_ii."""

    of: Formula

    def __post_init__(self) -> None:
        rows, columns = self.of.shape
        if rows != columns:
            raise ShapeError(f"the trace is taken of an array of shape {self.of.shape}: it must be square")

    def _extent(self) -> Shape:
        return _ONE, _ONE


@dataclass(frozen=True, eq=False)
class Entry(Formula):
    """A_ij of any formula A: a scalar."""

    of: Formula
    row: Position
    column: Position

    def __post_init__(self) -> None:
        found = tuple(position_dimension(position) for position in (self.row, self.column))
        if found != self.of.shape:
            raise ShapeError(
                f"an array of shape {self.of.shape} is indexed along {found}: use its own dimensions"
            )

    def _extent(self) -> Shape:
        return _ONE, _ONE


def position_dimension(position: Position) -> sp.Expr:
    """The dimension that an index ranges over; 1 for the number 1."""
    if isinstance(position, Index):
        return position.dimension
    if position == 1:
        return _ONE
    raise ShapeError(f"{position} is no index: use an Index, or 1 along an axis of length 1")


@dataclass(frozen=True, eq=False)
class Entries(Formula):
    """The array whose entry in row ``row`` and column ``column`` is ``body``: [f(i, j)]_ij."""

    body: Formula
    row: Position
    column: Position = _ONE

    def __post_init__(self) -> None:
        _scalar("an entry", self.body)

    def _extent(self) -> Shape:
        return position_dimension(self.row), position_dimension(self.column)


@dataclass(frozen=True, eq=False)
class Row(Formula):
    """Row i of a matrix, a 1 × columns array."""

    of: Formula
    at: Position

    def __post_init__(self) -> None:
        if position_dimension(self.at) != self.of.shape[0]:
            raise ShapeError(f"{self.at} is no row of an array of shape {self.of.shape}")

    def _extent(self) -> Shape:
        return _ONE, self.of.shape[1]


@dataclass(frozen=True, eq=False)
class Column(Formula):
    """Column j of a matrix, a rows × 1 array."""

    of: Formula
    at: Position

    def __post_init__(self) -> None:
        if position_dimension(self.at) != self.of.shape[1]:
            raise ShapeError(f"{self.at} is no column of an array of shape {self.of.shape}")

    def _extent(self) -> Shape:
        return self.of.shape[0], _ONE


@dataclass(frozen=True, eq=False)
class Sum(Formula):
    """Σ over indices; the indices are free in the body and bound in the sum."""

    body: Formula
    index: Index

    def _extent(self) -> Shape:
        return self.body.shape


def sum_over(body: Any, *indices: Index) -> Formula:
    """Σ_i Σ_j … of ``body``, the first index outermost."""
    for index in reversed(indices):
        body = Sum(formula(body), index)
    return formula(body)


@dataclass(frozen=True, eq=False)
class ProductOver(Formula):
    """Π over an index of a positive scalar."""

    body: Formula
    index: Index

    def __post_init__(self) -> None:
        _scalar("a factor of a product over an index", self.body)

    def _extent(self) -> Shape:
        return _ONE, _ONE


@dataclass(frozen=True, eq=False)
class Delta(Formula):
    """Kronecker's δ_ij: 1 where the indices are equal, else 0."""

    i: Index
    j: Index

    def __post_init__(self) -> None:
        if self.i.dimension != self.j.dimension:
            raise ShapeError(
                f"{self.i} ranges over {self.i.dimension} and {self.j} over {self.j.dimension}: "
                "they cannot be compared"
            )

    def _extent(self) -> Shape:
        return _ONE, _ONE


@dataclass(frozen=True, eq=False)
class Map(Formula):
    """y = f(x): any differentiable map, of which only its derivative at x is named.

    Attributes:
        array: the name and shape of the value y, a column or a scalar.
        of: the argument x, a column, or anything if y is a scalar.
        slope: ∂y/∂x at x in denominator layout: an array, or a column of one.
        at: the indices on which the map depends, such as the number of the example.
    """

    array: Array
    of: Formula
    slope: Formula
    at: tuple[Index, ...] = ()

    def __post_init__(self) -> None:
        expected = derivative_shape(self.array, self.of, "denominator")
        if self.slope.shape != expected:
            raise ShapeError(
                f"the derivative of {self.array.symbol} by its argument has shape {expected}, "
                f"but what is given for it has shape {self.slope.shape}"
            )

    def _extent(self) -> Shape:
        return self.array.shape


@dataclass(frozen=True, eq=False)
class Partial(Formula):
    """∂y/∂x. Row i, column j is ∂y_j/∂x_i in denominator layout, ∂y_i/∂x_j in numerator layout.

    Attributes:
        of: y, a scalar or a column; anything if x is a scalar entry.
        by: x: an array, a named intermediate result, or one entry of either.
        layout: "denominator" or "numerator".
    """

    of: Formula
    by: Formula
    layout: str = "denominator"

    def __post_init__(self) -> None:
        variable = self.by.of if isinstance(self.by, Entry) else self.by
        if not isinstance(variable, (Array, Named)):
            raise TypeError(
                f"one cannot differentiate by {type(variable).__name__}: give an array, a named result, "
                "or an entry of one"
            )
        if self.layout not in ("denominator", "numerator"):
            raise ValueError(f"layout is {self.layout!r}: it must be 'denominator' or 'numerator'")
        derivative_shape(self.of, self.by, self.layout)
        _refuse_second_derivatives_of_maps(self)

    def _extent(self) -> Shape:
        return derivative_shape(self.of, self.by, self.layout)


def derivative_shape(of: Formula, by: Formula, layout: str) -> Shape:
    """The shape of ∂y/∂x.

    Raises:
        ShapeError: it would need more than two axes.
    """
    (y_rows, y_columns), (x_rows, x_columns) = of.shape, by.shape
    if of.is_scalar:
        shape = x_rows, x_columns
    elif y_columns == 1 and x_columns == 1:
        shape = x_rows, y_rows
    else:
        raise ShapeError(
            f"the derivative of an array of shape {of.shape} by one of shape {by.shape} is no matrix: "
            "take it entry by entry"
        )
    return shape if layout == "denominator" else (shape[1], shape[0])


def _same(what: str, formulas: tuple[Formula, ...]) -> None:
    shapes = {f.shape for f in formulas}
    if len(shapes) != 1:
        raise ShapeError(
            f"{what} have different shapes, {' and '.join(map(str, [f.shape for f in formulas]))}"
        )


def _scalar(what: str, f: Formula) -> None:
    if not f.is_scalar:
        raise ShapeError(f"{what} has shape {f.shape}: it must be a scalar")


def walk(f: Formula) -> Iterator[Formula]:
    """The formula and everything inside it; the slope of a map is not inside it, it is only its name."""
    yield f
    for part in (f.of,) if isinstance(f, Map) else f.parts:
        yield from walk(part)


def free_indices(f: Formula) -> frozenset[Index]:
    """The indices on which a formula depends: those that no sum in it runs over."""
    inside = frozenset[Index]().union(*(free_indices(part) for part in f.parts))
    if isinstance(f, (Sum, ProductOver, Entries)):
        return inside - set(f.indices)
    return inside | set(f.indices)


def _refuse_second_derivatives_of_maps(f: Partial) -> None:
    """A map has a first derivative by name only: what it would take to differentiate that is refused.

    Raises:
        UnsupportedError: the derivative of a map would be differentiated, and would wrongly come out as 0.
    """
    inside = list(walk(f.of))
    maps = [one for one in inside if isinstance(one, Map)]
    slopes = {two.symbol for one in maps for two in walk(one.slope) if isinstance(two, Array)}
    twice = any(isinstance(one, Partial) and any(isinstance(two, Map) for two in walk(one)) for one in inside)
    if twice or any(isinstance(one, Array) and one.symbol in slopes for one in inside):
        raise UnsupportedError(
            "the derivative of an arbitrary map is differentiated again: nothing is known of it"
        )
