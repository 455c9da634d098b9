"""Derivatives of compositions: the chain rule in denominator layout, its cases, and numerator layout."""

from __future__ import annotations

from itertools import pairwise

from derivations.kernel.formula import Array, Entries, Formula, Map, Named, Partial, Sum
from derivations.kernel.functions import activation, prime
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Kind, Mutant, Step, Theorem

_p, _n, _m, _r = dimensions("p n m r")
_i, _j, _k = Index("i", _p), Index("j", _m), Index("k", _n)


def _map(letter: str, rows: object, of: Formula, slope: str) -> Named:
    """The value of any differentiable map of ``of``, under its letter."""
    columns = of.shape[0]
    value = Map(Array(letter, rows), of, Array(slope, columns, rows))
    return Named(Array(letter, rows), value)


_x = Array("x", _p)
_y = _map("y", _n, _x, "G")
_z = _map("z", _m, _y, "F")
_loss = _map("z", 1, _y, "f")
_RULE = "multivariate chain rule"


def _chain_rule() -> Theorem:
    return Theorem(
        "chain-rule",
        "The multivariate chain rule",
        introduction=(
            "Let y be any differentiable function of x, and z any of y. A small change of "
            "x_i changes every y_k, "
            "and each of these changes z; to first order the changes add up. This is a "
            "theorem of analysis; here "
            "it is taken for granted."
        ),
        claims=(
            Equality(
                Partial(_z[_j], _x[_i]),
                Sum(Partial(_y[_k], _x[_i]) * Partial(_z[_j], _y[_k]), _k),
                "entry by entry",
            ),
        ),
        kind=Kind.ASSUMPTION,
    )


def _scalars() -> Theorem:
    g, f, x = activation("g"), activation("f"), Array("x")
    y = Named(Array("y"), g(x))
    z = Named(Array("z"), f(y))
    return Theorem(
        "chain-rule-scalars",
        "The chain rule for numbers",
        claims=(
            Equality(Partial(z, x), Partial(z, y) * Partial(y, x), "as a product of derivatives"),
            Equality(Partial(z, x), prime(f)(y) * prime(g)(x), "with the derivatives of the functions"),
        ),
        covers=("article-39",),
        mutants=(Mutant("the outer derivative is taken at x", prime(f)(x) * prime(g)(x), claim=1),),
    )


def _denominator_layout() -> Theorem:
    return Theorem(
        "denominator-layout",
        "Derivatives by vectors and matrices, entry by entry",
        introduction=(
            "In denominator layout the derivative of a column y by a column x has a row for "
            "each entry of x and "
            "a column for each entry of y; the derivative of a scalar by an array has the shape of the array."
        ),
        claims=(
            Equality(Partial(_y, _x)[_i, _k], Partial(_y[_k], _x[_i]), "a column by a column"),
            Equality(Partial(_loss, _x)[_i], Partial(_loss, _x[_i]), "a scalar by a column"),
            Equality(_scalar_by_matrix()[0], _scalar_by_matrix()[1], "a scalar by a matrix"),
        ),
        covers=("article-42", "article-44", "nndl-23", "nndl-26", "nndl-27", "cs182-21"),
        mutants=(
            Mutant("the layout is numerator layout", lambda: Partial(_y, _x, "numerator")[_i, _k]),
            Mutant("the sign is wrong", -Partial(_loss, _x[_i]), claim=1),
        ),
    )


def _scalar_by_matrix() -> tuple[Formula, Formula]:
    X = Array("X", _p, _m)
    y = Named(Array("y"), Map(Array("y"), X, Array("G", _p, _m)))
    return Partial(y, X)[_i, _j], Partial(y, X[_i, _j])


def _numerator_layout() -> Theorem:
    M = Array("M", _n, _p)
    by_product = Partial(M * _x, _x, "numerator")
    return Theorem(
        "numerator-layout",
        "Numerator and denominator layout",
        introduction="The two layouts hold the same partial derivatives; one is the transpose of the other.",
        claims=(
            Equality(Partial(_y, _x), Partial(_y, _x, "numerator").T, "one is the transpose of the other"),
            Equality(
                Partial(_y, _x, "numerator")[_k, _i],
                Partial(_y[_k], _x[_i]),
                "entry by entry in numerator layout",
            ),
            Equality(by_product, M, "a linear map in numerator layout"),
            Equality(
                Partial(_z, _x, "numerator"),
                Partial(_z, _y, "numerator") * Partial(_y, _x, "numerator"),
                "the chain rule in numerator layout: the outer derivative stands first",
            ),
        ),
        uses=("denominator-layout",),
        covers=("article-45", "article-46", "nndl-24"),
        mutants=(
            Mutant("the transpose is missing", lambda: Partial(_y, _x, "numerator")),
            Mutant("the matrix is transposed", lambda: M.T, claim=2),
            Mutant(
                "the factors stand in the order of denominator layout",
                lambda: Partial(_y, _x, "numerator") * Partial(_z, _y, "numerator"),
                claim=3,
            ),
        ),
    )


def _cases() -> Theorem:
    t = Array("x")
    of_scalar = Named(Array("y", _n), Map(Array("y", _n), t, Array("G", 1, _n)))
    z_of_scalar = _map("z", _m, of_scalar, "F")
    X = Array("X", _p, _m)
    of_entry = Named(Array("y", _n), Map(Array("y", _n), X[_i, _j], Array("G", 1, _n)))
    z_of_entry = _map("z", 1, of_entry, "f")
    square_x = Array("x", _n)
    square_y = _map("y", _n, square_x, "G")
    square_z = _map("z", _n, square_y, "F")
    return Theorem(
        "chain-rule-denominator-layout",
        "The chain rule in denominator layout",
        introduction=(
            "y is a function of x and z one of y. In denominator layout the inner derivative stands first: "
            "the shapes fit together in no other order."
        ),
        claims=(
            Equality(
                Partial(_z, _x),
                Partial(_y, _x) * Partial(_z, _y),
                "a column, of a column, of a column",
                (
                    Step(
                        Entries(Sum(Partial(_y[_k], _x[_i]) * Partial(_z[_j], _y[_k]), _k), _i, _j),
                        _RULE,
                        "x_i changes every y_k, and every y_k changes z_j.",
                        uses="chain-rule",
                    ),
                    Step(
                        Partial(_y, _x) * Partial(_z, _y),
                        "matrix product",
                        "Row i of ∂y/∂x meets column j of ∂z/∂y.",
                        uses="denominator-layout",
                    ),
                ),
            ),
            Equality(
                Partial(z_of_scalar, t),
                Partial(of_scalar, t) * Partial(z_of_scalar, of_scalar),
                "a column, of a column, of a scalar: a row times a matrix",
            ),
            Equality(
                Partial(_loss, _x),
                Partial(_y, _x) * Partial(_loss, _y),
                "a scalar, of a column, of a column: a matrix times a column",
            ),
            Equality(
                Partial(z_of_entry, X[_i, _j]),
                Partial(of_entry, X[_i, _j]) * Partial(z_of_entry, of_entry),
                "a scalar, of a column, of one entry of a matrix (the others held fixed): a row "
                "times a column",
            ),
            Equality(
                Partial(_loss, _x[_i]),
                Sum(Partial(_loss, _y[_k]) * Partial(_y[_k], _x[_i]), _k),
                "a scalar, of a column, by one entry of a column",
            ),
        ),
        covers=("article-40", "nndl-29", "nndl-30", "nndl-31"),
        mutants=(
            Mutant(
                "the factors stand in the order of numerator layout",
                lambda: Partial(_z, _y) * Partial(_y, _x),
                source="nndl-30",
            ),
            Mutant(
                "the order of numerator layout with square Jacobians",
                Partial(square_z, square_y) * Partial(square_y, square_x),
                left=Partial(square_z, square_x),
                source="nndl-30",
            ),
            Mutant(
                "the sum over the entries of y is missing",
                lambda: Partial(_loss, _y[Index("i", _n)]) * Partial(_y[Index("i", _n)], _x[_i]),
                claim=4,
            ),
        ),
    )


def _five() -> Theorem:
    sizes = dimensions("n0 n1 n2 n3 n4 n5")
    x = Array("x", sizes[0])
    values: list[Array | Named] = [x]
    for number in range(1, 5):
        values.append(_map(f"f{number}", sizes[number], values[-1], f"G{number}"))
    values.append(_map("y", sizes[5], values[-1], "G5"))
    y = values[-1]
    product: Formula = Partial(values[1], values[0])
    for before, after in pairwise(values[1:]):
        product = product * Partial(after, before)
    return Theorem(
        "chain-rule-five",
        "The chain rule for a composition of five functions",
        introduction="Every further function adds one Jacobian on the right.",
        claims=(Equality(Partial(y, x), product),),
        uses=("chain-rule-denominator-layout",),
        covers=("nndl-28",),
        mutants=(
            Mutant("one Jacobian is missing a factor of two", 2 * product),
            Mutant(
                "the order is reversed",
                lambda: Partial(values[5], values[4]) * Partial(values[4], values[3]),
                source="nndl-28",
            ),
        ),
    )


def _total_differential() -> Theorem:
    x, dx, t = Array("x", _n), Array("dx", _n), Array("t")
    moved = Named(Array("u", _n), x + t * dx)
    f = _map("f", 1, moved, "slope")
    return Theorem(
        "total-differential",
        "The total differential",
        introduction="Along the direction dx the function f changes by the sum of its partial changes.",
        claims=(
            Equality(Partial(f, t), Sum(Partial(f, moved[_k]) * dx[_k], _k), "as a sum"),
            Equality(Partial(f, t), Partial(f, moved).T * dx, "as a dot product with the gradient"),
        ),
        covers=("article-38",),
        uses=("chain-rule-denominator-layout",),
        mutants=(Mutant("only the gradient is summed", Sum(Partial(f, moved[_k]), _k)),),
    )


def _vector_jacobian_product() -> Theorem:
    theta, x = Array("theta", _r), Array("x", _p)
    f_of_x = _map("f", _m, x, "F")
    loss = Map(Array("L"), f_of_x, Array("delta", _m))
    f_of_theta = _map("f", _m, theta, "F")
    loss_of_theta = Map(Array("L"), f_of_theta, Array("delta", _m))
    return Theorem(
        "vector-jacobian-product",
        "The vector-Jacobian product",
        introduction=(
            "With δ the gradient of the loss by the output of f, its gradients by what f is given follow."
        ),
        claims=(
            Equality(Partial(loss, x), Partial(f_of_x, x) * Array("delta", _m), "by the input"),
            Equality(
                Partial(loss_of_theta, theta),
                Partial(f_of_theta, theta) * Array("delta", _m),
                "by the parameters",
            ),
        ),
        uses=("chain-rule-denominator-layout",),
        covers=("cs182-9",),
        mutants=(
            Mutant(
                "the Jacobian is transposed", lambda: Partial(f_of_x, x, "numerator") * Array("delta", _m)
            ),
            Mutant("the gradient is doubled", 2 * Partial(f_of_x, x) * Array("delta", _m)),
        ),
    )


THEOREMS = (
    _chain_rule(),
    _scalars(),
    _denominator_layout(),
    _numerator_layout(),
    _cases(),
    _five(),
    _total_differential(),
    _vector_jacobian_product(),
)
