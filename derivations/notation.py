"""The language of the definitions: typed indices, tensors and sums, for dimensions that stay symbols.

    n, m = dimensions("n m")
    i, k = Index("i", m), Index("k", n)
    W, a = Tensor("W", m, n), Tensor("a", n)
    total(W[i, k] * a[k], k)                      # Σ_k W_ik a_k

An index knows the dimension that it ranges over, 1 … dimension; a tensor accepts only indices of its own
dimensions, so an ill-shaped formula cannot be written down. Expressions are ordinary SymPy ones made of
``Sum``, ``Indexed`` and ``KroneckerDelta``.
"""

from __future__ import annotations

from typing import Any

import sympy as sp


class ShapeError(TypeError):
    """An index stands where an index of another dimension is expected."""


def dimensions(names: str) -> tuple[sp.Symbol, ...]:
    """Symbols for positive whole numbers: ``dimensions("m n")``."""
    return tuple(sp.Symbol(name, integer=True, positive=True) for name in names.split())


class Index(sp.Symbol):  # type: ignore[misc]  # SymPy has no types
    """A named index that ranges over 1 … dimension.

    Two indices are the same only if name and dimension are.
    """

    __slots__ = ("dimension",)
    dimension: sp.Expr

    def __new__(cls, name: str, dimension: Any) -> Index:
        """Make the index ``name`` over ``dimension`` (a symbol or a whole number)."""
        index: Index = sp.Symbol.__xnew__(cls, name, integer=True, positive=True)
        index.dimension = sp.sympify(dimension)
        return index

    def __getnewargs_ex__(self) -> tuple[tuple[str, sp.Expr], dict[str, Any]]:
        return (self.name, self.dimension), {}

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.dimension)

    def sort_key(self, order: Any = None) -> Any:  # noqa: ARG002  SymPy passes it by name
        """SymPy's sorting key, with the dimension so that equal names stay apart."""
        return self.class_key(), (2, (self.name, str(self.dimension))), sp.S.One.sort_key(), sp.S.One


class Tensor:
    """A named array of real symbols with typed axes; ``T[i, j]`` is one entry, ``T[()]`` that of a scalar.

    Along an axis of length 1 the number 1 serves as the index.

    Attributes:
        name: as it is printed.
        dimensions: one SymPy expression per axis; none for a scalar.
    """

    def __init__(self, name: str, *dimensions: Any) -> None:
        self.name = name
        self.dimensions = tuple(sp.sympify(dimension) for dimension in dimensions)
        self._base = sp.IndexedBase(name, real=True)
        self._scalar = sp.Symbol(name, real=True)

    def __getitem__(self, indices: Any) -> sp.Expr:
        given = indices if isinstance(indices, tuple) else (indices,)
        found = tuple(sp.S.One if index == 1 else index.dimension for index in given)
        if found != self.dimensions:
            raise ShapeError(
                f"{self.name} has axes {self.dimensions} but is indexed along {found}: "
                "use indices of its own dimensions"
            )
        return self._base[given] if given else self._scalar

    def __repr__(self) -> str:
        return f"Tensor({self.name!r}, {', '.join(map(str, self.dimensions))})"


class Total(sp.Sum):  # type: ignore[misc]  # SymPy has no types
    """A sum that stays as it is written.

    SymPy's own ``Sum``, whenever one is built, draws every Piecewise in the term to the front, even out of an
    inner sum whose index stands in the conditions: Σ_i f(Σ_k W_ik relu(z_k)) comes out as another function.
    """

    __slots__ = ()

    def __new__(cls, term: sp.Expr, *limits: Any) -> Total:
        """Make the sum of ``term`` over limits ``(index, 1, dimension)``."""
        sum_: Total = sp.Expr.__new__(cls, term, *(sp.Tuple(*limit) for limit in limits))
        sum_.is_commutative = True
        return sum_


def total(term: Any, *indices: Index) -> sp.Expr:
    """Σ over the indices of ``term``; without indices the term itself."""
    term = sp.sympify(term)
    return Total(term, *((index, 1, index.dimension) for index in indices)) if indices else term


def kronecker(i: sp.Expr, j: sp.Expr) -> sp.Expr:
    """1 where the two indices are equal, else 0.

    Raises:
        ShapeError: they range over different dimensions.
    """
    if i == j:
        return sp.S.One
    if isinstance(i, Index) and isinstance(j, Index) and i.dimension != j.dimension:
        raise ShapeError(f"{i} ranges over {i.dimension} and {j} over {j.dimension}: they cannot be compared")
    if 1 in (i, j) and all(index == 1 or index.dimension == 1 for index in (i, j)):
        return sp.S.One
    return sp.KroneckerDelta(i, j)


def bound_indices(expression: sp.Sum) -> tuple[Index, ...]:
    """The indices that a sum runs over.

    Raises:
        ShapeError: the sum has other limits than 1 … dimension, or binds an index twice.
    """
    indices: list[Index] = []
    for index, first, last in expression.limits:
        if not isinstance(index, Index) or first != 1 or last != index.dimension or index in indices:
            raise ShapeError(
                f"{expression} is not a sum over typed indices, each once: build sums with total()"
            )
        indices.append(index)
    return tuple(indices)
