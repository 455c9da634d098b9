"""The activations that act on every entry alone: derivatives, Jacobians, vector-Jacobian products."""

from __future__ import annotations

import sympy as sp

from derivations.kernel.formula import (
    Array,
    Constant,
    Delta,
    Diagonal,
    Entries,
    Formula,
    Map,
    Named,
    Ones,
    Partial,
    ScalarFunction,
    Zeros,
    formula,
    hadamard,
)
from derivations.kernel.functions import (
    activation,
    exp,
    leaky_relu,
    prime,
    relu,
    sigmoid,
    tanh,
)
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Mutant, Step, Theorem

(_n,) = dimensions("n")
_i, _j = Index("i", _n), Index("j", _n)
_z = Array("z")
_column = Array("z", _n)
_delta = Array("delta", _n)
_c = sp.Symbol("c", real=True)
_ones = Ones(_n)


def _linear() -> Theorem:
    return Theorem(
        "linear-derivative",
        "Derivative of the linear activation",
        claims=(
            Equality(
                Partial(Constant(_c) * _z, _z),
                Constant(_c),
                steps=(
                    Step(Constant(_c), "linearity", "The derivative of z by itself is 1; c is constant."),
                ),
            ),
        ),
        covers=("article-5",),
        mutants=(Mutant("the value stands for the slope", Constant(_c) * _z),),
    )


def _sigmoid() -> Theorem:
    s, e = sigmoid(_z), exp(-_z)
    return Theorem(
        "sigmoid-derivative",
        "Derivative of the sigmoid",
        introduction="σ(z) = 1 / (1 + e^−z). Its derivative is made of σ itself.",
        claims=(
            Equality(
                Partial(s, _z),
                s * (1 - s),
                steps=(
                    Step(Partial(1 / (1 + e), _z), "definition", "The sigmoid written out."),
                    Step(
                        e / (1 + e) ** 2,
                        "chain rule",
                        "The derivative of 1/u is −1/u², that of u = 1 + e^−z is −e^−z; the signs cancel.",
                        uses="chain-rule-scalars",
                    ),
                    Step(
                        ((1 + e) / (1 + e) - 1 / (1 + e)) * (1 / (1 + e)),
                        "add and subtract 1",
                        "e^−z = (1 + e^−z) − 1.",
                    ),
                    Step((1 - s) * s, "definition", "Both quotients are sigmoids."),
                ),
            ),
            Equality(sigmoid(-_z), 1 - s, "the sigmoid of the opposite argument"),
        ),
        covers=("article-7", "cs182-27", "cs182-28", "cs182-29"),
        mutants=(
            Mutant("the second factor is missing", s),
            Mutant("the sign is wrong", -(1 - s) * s, source="cs182-29"),
            Mutant("the sign is wrong", -e / (1 + e) ** 2, source="cs182-27"),
            Mutant("the derivative is taken at the activation", sigmoid(s) * (1 - sigmoid(s))),
        ),
    )


def _tanh() -> Theorem:
    t, plus, minus = tanh(_z), exp(_z) + exp(-_z), exp(_z) - exp(-_z)
    return Theorem(
        "tanh-derivative",
        "Derivative of the hyperbolic tangent",
        claims=(
            Equality(
                Partial(t, _z),
                1 - t**2,
                "the derivative",
                (
                    Step(Partial(minus / plus, _z), "definition", "tanh written with exponentials."),
                    Step(
                        (plus * plus - minus * minus) / plus**2,
                        "quotient rule",
                        "The derivative of the numerator is the denominator, and the other way round.",
                    ),
                    Step(1 - (minus / plus) ** 2, "divide", "The first square cancels."),
                    Step(1 - t**2, "definition", "The quotient is tanh z."),
                ),
            ),
            Equality(Partial(t, _z), 4 / plus**2, "with exponentials"),
            Equality(t, 2 * sigmoid(2 * _z) - 1, "tanh as a stretched sigmoid"),
        ),
        covers=("article-9",),
        mutants=(
            Mutant("tanh is not squared", 1 - t),
            Mutant("the sign is wrong", t**2 - 1),
            Mutant("the factor 4 is missing", 1 / plus**2, claim=1),
        ),
    )


def _relu() -> Theorem:
    above, below = Array("z", sign="positive"), Array("u", sign="negative")
    return Theorem(
        "relu-derivative",
        "Derivative of ReLU away from the kink",
        introduction=(
            "ReLU has no derivative at 0: what a program returns there is a convention. Here z stands for a "
            "positive and u for a negative net input."
        ),
        conditions=("z > 0", "u < 0"),
        claims=(
            Equality(Partial(relu(above), above), formula(1), "on the active side"),
            Equality(Partial(relu(below), below), formula(0), "on the inactive side"),
        ),
        covers=("article-11", "nndl-71"),
        mutants=(
            Mutant("the active side has slope 0", formula(0)),
            Mutant("the inactive side has slope 1", formula(1), claim=1),
        ),
    )


def _leaky_relu() -> Theorem:
    above, below, g = Array("z", sign="positive"), Array("u", sign="negative"), leaky_relu(_c)
    return Theorem(
        "leaky-relu-derivative",
        "Derivative of the leaky ReLU away from the kink",
        introduction="Here z stands for a positive and u for a negative net input.",
        conditions=("z > 0", "u < 0"),
        claims=(
            Equality(Partial(g(above), above), formula(1), "on the active side"),
            Equality(Partial(g(below), below), Constant(_c), "on the other side"),
        ),
        covers=("article-13",),
        mutants=(
            Mutant("the slopes are exchanged", Constant(_c)),
            Mutant("the other side has slope 0", formula(0), claim=1),
        ),
    )


def _elementwise() -> Theorem:
    g = activation("g")
    a = Named(Array("a", _n), g(_column))
    loss = Map(Array("L"), a, _delta)
    return Theorem(
        "elementwise-jacobian",
        "Jacobian of an activation that acts on every entry alone",
        introduction="a_j = g(z_j) depends on z_j and on no other entry of z: the Jacobian is diagonal.",
        conditions=("g is differentiable at every z_i",),
        claims=(
            Equality(
                Partial(a, _column),
                Diagonal(prime(g)(_column)),
                "the Jacobian",
                (
                    Step(
                        Entries(Partial(a[_j], _column[_i]), _i, _j),
                        "denominator layout",
                        "Row i, column j is ∂a_j/∂z_i.",
                    ),
                    Step(
                        Entries(prime(g)(_column[_j]) * Partial(_column[_j], _column[_i]), _i, _j),
                        "chain rule",
                        "a_j = g(z_j).",
                        uses="chain-rule-scalars",
                    ),
                    Step(
                        Entries(prime(g)(_column[_j]) * Delta(_i, _j), _i, _j),
                        "derivative of an entry by an entry",
                        "∂z_j/∂z_i is 1 for i = j and 0 otherwise.",
                    ),
                    Step(Diagonal(prime(g)(_column)), "diagonal matrix", "Only the diagonal is left."),
                ),
            ),
            Equality(Partial(a[_j], _column[_i]), Delta(_i, _j) * prime(g)(_column[_i]), "entry by entry"),
            Equality(Partial(_column[_j], _column[_i]), Delta(_i, _j), "the net inputs by each other"),
            Equality(
                Partial(loss, _column),
                hadamard(prime(g)(_column), _delta),
                "the vector-Jacobian product, with δ = ∂L/∂a",
                (
                    Step(
                        Partial(a, _column) * _delta,
                        "chain rule in denominator layout",
                        "Inner derivative first.",
                        uses="chain-rule-denominator-layout",
                    ),
                    Step(Diagonal(prime(g)(_column)) * _delta, "Jacobian", "As shown above."),
                    Step(
                        hadamard(prime(g)(_column), _delta),
                        "diagonal matrix times a column",
                        "Every entry of δ is multiplied by its own factor.",
                    ),
                ),
            ),
        ),
        covers=("cs182-26", "nndl-41", "article-160", "article-169"),
        mutants=(
            Mutant("the Jacobian is a full outer product", prime(g)(_column) * _ones.T),
            Mutant("the derivative is taken at the activation", Diagonal(prime(g)(a))),
            Mutant("δ is left out", prime(g)(_column), claim=3),
        ),
    )


def _layer(
    name: str,
    title: str,
    g: ScalarFunction,
    slope: Formula,
    uses: str,
    covers: tuple[str, ...],
    wrong: Formula,
    wrong_sign: str = "",
) -> Theorem:
    a = Named(Array("a", _n), g(_column))
    return Theorem(
        name,
        title,
        claims=(
            Equality(Partial(a, _column), Diagonal(slope), "the Jacobian"),
            Equality(
                Partial(Map(Array("L"), a, _delta), _column),
                hadamard(slope, _delta),
                "the vector-Jacobian product",
            ),
        ),
        uses=(uses, "elementwise-jacobian"),
        covers=covers,
        mutants=(
            Mutant("the derivative is wrong", Diagonal(wrong)),
            Mutant("δ is left out", slope, claim=1),
            Mutant("the sign is wrong", hadamard(-slope, _delta), claim=1, source=wrong_sign),
        ),
    )


def _relu_layer() -> Theorem:
    above, below = Array("z", _n, sign="positive"), Array("u", _n, sign="negative")
    on, off = Map(Array("L"), relu(above), _delta), Map(Array("L"), relu(below), _delta)
    return Theorem(
        "relu-vjp",
        "Vector-Jacobian product of a ReLU layer away from the kink",
        introduction=(
            "Entries of z are positive, entries of u negative; a layer with both kinds has "
            "both cases, entry by "
            "entry, because the Jacobian is diagonal."
        ),
        conditions=("z_i > 0 for all i", "u_i < 0 for all i"),
        claims=(
            Equality(Partial(relu(above), above), Diagonal(_ones), "the Jacobian, active"),
            Equality(Partial(relu(below), below), Zeros(_n, _n), "the Jacobian, inactive"),
            Equality(Partial(on, above), _delta, "δ passes where the net input is positive"),
            Equality(Partial(off, below), Zeros(_n), "δ is stopped where it is negative"),
        ),
        uses=("relu-derivative", "elementwise-jacobian"),
        covers=("cs182-32", "cs182-33"),
        mutants=(
            Mutant("δ is stopped", Zeros(_n), claim=2),
            Mutant("δ passes", _delta, claim=3),
        ),
    )


_s, _t = sigmoid(_column), tanh(_column)

THEOREMS = (
    _linear(),
    _sigmoid(),
    _tanh(),
    _relu(),
    _leaky_relu(),
    _elementwise(),
    _layer(
        "sigmoid-vjp",
        "A sigmoid layer",
        sigmoid,
        hadamard(_ones - _s, _s),
        "sigmoid-derivative",
        ("cs182-30", "article-201"),
        _s,
        "cs182-30",
    ),
    _layer("tanh-vjp", "A tanh layer", tanh, _ones - _t**2, "tanh-derivative", ("cs182-38",), _ones - _t),
    _relu_layer(),
)
