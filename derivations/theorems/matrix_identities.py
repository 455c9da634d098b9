"""Matrix identities: transposes, dot and outer products, Hadamard products, partitioned products.

A row i of A as a column vector is a_i, so that the row itself is a_iᵀ; column j of B is b_j.
"""

from __future__ import annotations

from fractions import Fraction

from derivations.kernel.formula import (
    Array,
    Column,
    Delta,
    Diagonal,
    Entries,
    Identity,
    Named,
    Row,
    Sum,
    formula,
    hadamard,
    sum_over,
)
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Inequality, Mutant, Step, Theorem

_m, _p, _n = dimensions("m p n")
_i, _h = Index("i", _m), Index("h", _m)
_k = Index("k", _p)
_j = Index("j", _n)
_A, _B = Array("A", _m, _p), Array("B", _p, _n)
_C, _D = Array("C", _m, _p), Array("D", _m, _p)
_u, _v = Array("u", _m), Array("v", _m)
_w = Array("w", _n)
_s, _t = Index("s", _m), Index("t", _m)


def _transpose() -> Theorem:
    reverse = _B.T * _A.T
    return Theorem(
        "transpose-of-product",
        "Transpose of a transpose and of a product",
        claims=(
            Equality(
                (_A * _B).T,
                reverse,
                "of a product",
                (
                    Step(
                        Entries((_A * _B)[_i, _j], _j, _i),
                        "definition of the transpose",
                        "Its element in row j, column i is the element in row i, column j of A B.",
                    ),
                    Step(
                        Entries(Sum(_A[_i, _k] * _B[_k, _j], _k), _j, _i),
                        "matrix product",
                        "Row i of A meets column j of B.",
                    ),
                    Step(
                        Entries(Sum(_B.T[_j, _k] * _A.T[_k, _i], _k), _j, _i),
                        "definition of the transpose",
                        "Numbers may be exchanged: B_kj is in row j of Bᵀ, A_ik in column i of Aᵀ.",
                    ),
                    Step(reverse, "matrix product", "Row j of Bᵀ meets column i of Aᵀ."),
                ),
            ),
            Equality(_A.T.T, _A, "of a transpose"),
            Equality((_A + _C).T, _A.T + _C.T, "of a sum"),
        ),
        covers=("article-20", "article-21", "article-22"),
        mutants=(
            Mutant("the order is kept", lambda: _A.T * _B.T),
            Mutant("one transpose is left over", lambda: _A.T, claim=1),
            Mutant("a sign is lost", _A.T - _C.T, claim=2),
        ),
    )


def _dot_product() -> Theorem:
    return Theorem(
        "dot-product-commutes",
        "The dot product commutes",
        claims=(
            Equality(
                _u.T * _v,
                _v.T * _u,
                steps=(
                    Step(Sum(_u[_i] * _v[_i], _i), "matrix product", "A row times a column."),
                    Step(Sum(_v[_i] * _u[_i], _i), "product of numbers", "Numbers may be exchanged."),
                    Step(_v.T * _u, "matrix product", "Read backwards."),
                ),
            ),
        ),
        covers=("article-25",),
        mutants=(Mutant("the sign changes", -(_v.T * _u)),),
    )


def _angle() -> Theorem:
    u_length = Named(Array("r"), (_u.T * _u) ** Fraction(1, 2))
    v_length = Named(Array("q"), (_v.T * _v) ** Fraction(1, 2))
    cosine = Named(
        Array("c"),
        (_u.T * _u + _v.T * _v - (_u - _v).T * (_u - _v)) / (2 * u_length * v_length),
    )
    square = _u[_s] * _v[_t] - _u[_t] * _v[_s]
    excess = sum_over(square**2, _s, _t) / 2
    return Theorem(
        "dot-product-and-angle",
        "Dot product and angle",
        introduction=(
            "The triangle with the corners 0, u and v has the sides r = ‖u‖, q = ‖v‖ and ‖u − v‖. The law of "
            "cosines gives the cosine c of the angle between u and v from them: ‖u − v‖² = r² + q² − 2 r q c."
        ),
        conditions=("u ≠ 0 and v ≠ 0, or there is no angle between them",),
        claims=(
            Equality(
                _u.T * _v,
                u_length * v_length * cosine,
                "as the product of the lengths and the cosine",
                (
                    Step(
                        (_u.T * _u + _v.T * _v - (_u - _v).T * (_u - _v)) / 2,
                        "square of a difference",
                        "(u − v)ᵀ (u − v) = uᵀu − uᵀv − vᵀu + vᵀv, and uᵀv = vᵀu.",
                        uses="dot-product-commutes",
                    ),
                    Step(u_length * v_length * cosine, "law of cosines", "This is how the angle is defined."),
                ),
            ),
            Inequality(
                (_u.T * _v) ** 2,
                (_u.T * _u) * (_v.T * _v),
                excess,
                "it is never larger than the product of the lengths, whence −1 ≤ c ≤ 1",
            ),
        ),
        covers=("article-28",),
        mutants=(
            Mutant("the length of v is missing", u_length * cosine),
            Mutant("only one length stands squared", _u.T * _u, claim=1),
        ),
        conclusion=(
            "For fixed lengths the dot product is largest for c = 1, when u and v have the same direction, "
            "and smallest for c = −1, when they have opposite ones."
        ),
    )


def _partitioned() -> Theorem:
    return Theorem(
        "partitioned-products",
        "Products of partitioned matrices",
        claims=(
            Equality(
                _A * _B,
                Entries(Row(_A, _i) * Column(_B, _j), _i, _j),
                "rows times columns",
                (
                    Step(
                        Entries(Sum(_A[_i, _k] * _B[_k, _j], _k), _i, _j),
                        "matrix product",
                        "The element in row i, column j.",
                    ),
                    Step(
                        Entries(Row(_A, _i) * Column(_B, _j), _i, _j),
                        "dot product",
                        "Σ_k A_ik B_kj is the dot product of row i of A and column j of B.",
                    ),
                ),
            ),
            Equality(
                _A * Column(_B, _j),
                Entries(Row(_A, _i) * Column(_B, _j), _i),
                "a matrix of rows times a column",
            ),
            Equality(
                Column(_A * _B, _j),
                _A * Column(_B, _j),
                "column by column",
                (
                    Step(
                        Entries(Sum(_A[_i, _k] * _B[_k, _j], _k), _i),
                        "matrix product",
                        "The elements of column j of A B.",
                    ),
                    Step(
                        _A * Column(_B, _j),
                        "matrix product",
                        "No other column of B than column j occurs in them.",
                    ),
                ),
            ),
            Equality(Row(_A * _B, _i), Row(_A, _i) * _B, "row by row"),
            Equality(
                _A * _B,
                Sum(Column(_A, _k) * Row(_B, _k), _k),
                "columns times rows: a sum of outer products",
            ),
        ),
        covers=("article-29", "article-30", "article-31"),
        mutants=(
            Mutant("one outer product is taken for the product", lambda: Column(_A, _k) * Row(_B, _k)),
            Mutant("the row is doubled", Entries(2 * Row(_A, _i) * Column(_B, _j), _i), claim=1),
            Mutant("the matrix stands behind", lambda: Column(_B, _j) * _A, claim=2),
            Mutant("one term of the sum is taken for all", _p * Column(_A, _k) * Row(_B, _k), claim=4),
        ),
    )


def _outer() -> Theorem:
    outer = _u * _w.T
    return Theorem(
        "outer-product",
        "The outer product",
        claims=(
            Equality(
                outer,
                Entries(_u[_i] * _w[_j], _i, _j),
                "element by element",
                (
                    Step(
                        Entries(_u[_i] * _w.T[1, _j], _i, _j),
                        "matrix product",
                        "The sum over one column of u and one row of wᵀ has one term.",
                    ),
                    Step(
                        Entries(_u[_i] * _w[_j], _i, _j),
                        "definition of the transpose",
                        "Place j of wᵀ holds w_j.",
                    ),
                ),
            ),
            Equality(Column(outer, _j), _w[_j] * _u, "every column is a multiple of u"),
            Equality(Row(outer, _i), _u[_i] * _w.T, "every row is a multiple of wᵀ"),
            Equality(
                outer.T,
                _w * _u.T,
                "its transpose exchanges the factors",
                (
                    Step(
                        _w.T.T * _u.T,
                        "transpose of a product",
                        "The factors change places.",
                        uses="transpose-of-product",
                    ),
                    Step(
                        _w * _u.T, "transpose of a transpose", "It is w itself.", uses="transpose-of-product"
                    ),
                ),
            ),
        ),
        covers=("article-26",),
        mutants=(
            Mutant("the factors are exchanged", lambda: _w * _u.T),
            Mutant("the column is not scaled", _u, claim=1),
            Mutant("the transpose changes nothing", lambda: outer, claim=3),
        ),
    )


def _hadamard_vectors() -> Theorem:
    return Theorem(
        "hadamard-product-as-diagonal",
        "The Hadamard product of vectors",
        claims=(
            Equality(hadamard(_u, _v), Entries(_u[_i] * _v[_i], _i), "element by element"),
            Equality(
                hadamard(_u, _v),
                Diagonal(_u) * _v,
                "as a diagonal matrix times a vector",
                (
                    Step(Entries(_u[_i] * _v[_i], _i), "Hadamard product", "Element by element."),
                    Step(
                        Entries(Sum(_u[_i] * Delta(_i, _h) * _v[_h], _h), _i),
                        "sifting",
                        "Kronecker's delta picks the term with h = i.",
                    ),
                    Step(Diagonal(_u) * _v, "matrix product", "diag(u)_ih is u_i where h = i, else 0."),
                ),
            ),
            Equality(hadamard(_u, _v), hadamard(_v, _u), "it commutes"),
            Equality(Diagonal(_u) * Diagonal(_v), Diagonal(hadamard(_u, _v)), "of two diagonals"),
        ),
        covers=("article-33", "article-34"),
        mutants=(
            Mutant("the dot product is taken for it", lambda: _u.T * _v),
            Mutant("the diagonal matrix is left out", _v, claim=1),
            Mutant("the diagonal of u is added", _v + _u, claim=2),
            Mutant("the identity is taken for it", Identity(_m), claim=3),
        ),
    )


def _hadamard_matrices() -> Theorem:
    return Theorem(
        "hadamard-product-of-matrices",
        "The Hadamard product of matrices",
        claims=(
            Equality(
                hadamard(_C, _D), Entries(_C[_i, _k] * _D[_i, _k], _i, _k), "written out, element by element"
            ),
            Equality(
                Column(hadamard(_C, _D), _k),
                hadamard(Column(_C, _k), Column(_D, _k)),
                "column by column",
                (
                    Step(
                        Entries(_C[_i, _k] * _D[_i, _k], _i),
                        "Hadamard product",
                        "The elements of column k are products of elements of the columns k.",
                    ),
                    Step(hadamard(Column(_C, _k), Column(_D, _k)), "Hadamard product", "Of the two columns."),
                ),
            ),
            Equality(hadamard(_C, _D).T, hadamard(_C.T, _D.T), "its transpose keeps the order"),
        ),
        covers=("article-35", "article-36"),
        mutants=(
            Mutant("the matrix product is taken for it", lambda: _C * _D),
            Mutant("the row is repeated", Column(_C, _k), claim=1),
            Mutant("it is doubled", hadamard(formula(2) * _C.T, _D.T), claim=2),
        ),
    )


THEOREMS = (
    _transpose(),
    _dot_product(),
    _angle(),
    _partitioned(),
    _outer(),
    _hadamard_vectors(),
    _hadamard_matrices(),
)
