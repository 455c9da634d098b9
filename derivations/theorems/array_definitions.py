"""What the operations on arrays mean, entry by entry, and what a derivative by an array is.

These are definitions. Each claim checks that the notation of the book means what the definition says; what
does not fit together is refused.
"""

from __future__ import annotations

from fractions import Fraction

from derivations.kernel.formula import Array, Delta, Entries, Formula, Map, Partial, Sum, formula
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Inequality, Kind, Mutant, Theorem

_m, _n, _p = dimensions("m n p")
_i, _j, _k = Index("i", _m), Index("j", _n), Index("k", _p)
_r, _s = Index("r", _n), Index("s", _n)
_A, _B, _C = Array("A", _m, _n), Array("B", _m, _n), Array("C", _n, _p)
_u, _v, _w = Array("u", _n), Array("v", _n), Array("w", _m)
_HALF = formula(Fraction(1, 2))


def _length(v: Formula) -> Formula:
    return Sum(v[_r] ** 2, _r) ** _HALF


def _sums() -> Theorem:
    return Theorem(
        "sums-of-arrays",
        "Sums of vectors and of matrices",
        kind=Kind.DEFINITION,
        claims=(
            Equality(_u + _v, Entries(_u[_j] + _v[_j], _j), "of vectors of one length"),
            Equality(_A + _B, Entries(_A[_i, _j] + _B[_i, _j], _i, _j), "of matrices of one shape"),
        ),
        covers=("article-16", "article-17"),
        mutants=(
            Mutant("vectors of different lengths are added", lambda: _u + _w),
            Mutant("matrices of different shapes are added", lambda: _A + _B.T, claim=1),
            Mutant("the entries are subtracted", Entries(_u[_j] - _v[_j], _j)),
        ),
    )


def _products() -> Theorem:
    return Theorem(
        "products-of-arrays",
        "The product of matrices, the dot product and the length",
        introduction="‖v‖ is the root of the sum of the squares.",
        kind=Kind.DEFINITION,
        claims=(
            Equality(_A * _C, Entries(Sum(_A[_i, _j] * _C[_j, _k], _j), _i, _k), "the product of matrices"),
            Equality(
                _u.T * _v, Sum(_u[_r] * _v[_r], _r), "the dot product is a product of a row and a column"
            ),
            Equality(_length(_v) ** 2, _v.T * _v, "the square of the length"),
            Inequality(formula(0), _length(_v), _length(_v), "the length is never negative"),
            Inequality(
                _v[_s] ** 2,
                _length(_v) ** 2,
                Sum(((1 - Delta(_r, _s)) * _v[_r]) ** 2, _r),
                "no entry is longer than the vector: the length is 0 for the zero vector only",
            ),
        ),
        covers=("article-19", "article-24", "article-27"),
        mutants=(
            Mutant("the columns of A do not match the rows of B", lambda: _A * _B),
            Mutant("entries of A and B at one place are multiplied", _u[_r] * _v[_r], claim=1),
            Mutant("the entries are not squared", Sum(_v[_r], _r), claim=2),
            Mutant("an entry is half as long as the vector at most", left=4 * _v[_s] ** 2, claim=4),
        ),
    )


def _gradients() -> Theorem:
    by_vector = Map(Array("f"), _v, Array("g", _n))
    by_matrix = Map(Array("f"), _A, Array("G", _m, _n))
    return Theorem(
        "gradients-as-arrays",
        "The gradient by a vector and by a matrix",
        introduction="The gradient of a scalar has the shape of what one differentiates by.",
        kind=Kind.DEFINITION,
        claims=(
            Equality(
                Partial(by_vector, _v), Entries(Partial(by_vector, _v[_j]), _j), "by a vector: a column"
            ),
            Equality(
                Partial(by_matrix, _A),
                Entries(Partial(by_matrix, _A[_i, _j]), _i, _j),
                "by a matrix: a matrix of its shape",
            ),
        ),
        covers=("article-41", "article-43"),
        mutants=(
            Mutant("the gradient is a row", lambda: Entries(Partial(by_vector, _v[_j]), _j).T),
            Mutant("the gradient is transposed", lambda: Partial(by_matrix, _A).T, claim=1),
            Mutant("the derivatives are doubled", 2 * Partial(by_vector, _v)),
        ),
    )


THEOREMS = (_sums(), _products(), _gradients())
