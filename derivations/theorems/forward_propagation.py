"""Forward propagation: one neuron, one layer, all examples at once; layers of linear activations collapse.

z^(l) = W^(l) a^(l-1) + b^(l) and a^(l) = g^(l)(z^(l)). Column j of X is example j, and column j of A^(l) its
activation in layer l; b 1ᵀ is the bias in every column.
"""

from __future__ import annotations

import sympy as sp

from derivations.kernel.formula import (
    Array,
    Column,
    Entries,
    Named,
    Ones,
    Row,
    Sum,
    formula,
)
from derivations.kernel.functions import activation, relu
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Kind, Mutant, Step, Theorem

_k, _n, _m, _r = dimensions("k n m r")
_i, _p, _j, _q = Index("i", _k), Index("p", _n), Index("j", _m), Index("q", _r)
_row_of_ones = Ones(sp.S.One, _m)


def _layer(layer: str) -> tuple[Array, Array]:
    """The weights and the bias of a layer from n to k neurons."""
    return Array("W", _k, _n, layer=layer), Array("b", _k, layer=layer)


def _one_example() -> Theorem:
    W, b = _layer("l")
    below = Array("a", _n, layer="l-1")
    g = activation("g", "l")
    z = Named(Array("z", _k, layer="l"), W * below + b)
    neuron = Sum(W[_i, _p] * below[_p], _p) + b[_i]
    return Theorem(
        "forward-propagation-of-a-layer",
        "Forward propagation through a layer, one example",
        introduction="Row i of W^(l) holds the weights of neuron i.",
        conditions=("g^(l) acts on every entry alone; a softmax takes the whole net input vector instead",),
        claims=(
            Equality(
                Entries(Row(W, _i) * below + b[_i], _i),
                z,
                "the net inputs of all neurons",
                (
                    Step(
                        Entries(Row(W, _i) * below, _i) + b,
                        "sum of vectors",
                        "The biases are added entry by entry.",
                    ),
                    Step(
                        W * below + b,
                        "a matrix of rows times a vector",
                        "Entry i of W a is row i times a.",
                        uses="partitioned-products",
                    ),
                ),
            ),
            Equality(z[_i], neuron, "the net input of a neuron"),
            Equality(
                Entries(g(neuron), _i),
                g(W * below + b),
                "the activations of all neurons",
                (
                    Step(
                        Entries(g(z[_i]), _i),
                        "net input of a neuron",
                        "Σ_p W_ip a_p + b_i is entry i of W a + b.",
                    ),
                    Step(g(W * below + b), "elementwise activation", "g acts on every entry alone."),
                ),
            ),
        ),
        covers=("article-65", "article-67"),
        mutants=(
            Mutant("the bias is left out", W * below),
            Mutant("the activation is applied before the bias is added", g(W * below) + b, claim=2),
            Mutant("the weights stand transposed", lambda: W.T * below + b),
        ),
    )


def _first_layer() -> Theorem:
    W, b = _layer("1")
    x, z = Array("x", _n), Array("z", _k, layer="1")
    below = Named(Array("a", _n, layer="0"), x)
    g = activation("g", "1")
    net_input = Named(z, W * below + b)
    return Theorem(
        "forward-propagation-of-the-first-layer",
        "Forward propagation through the first layer",
        introduction="The input plays the part of the activation of a layer 0.",
        conditions=("g^(1) acts on every entry alone; a softmax takes the whole net input vector instead",),
        claims=(
            Equality(
                net_input,
                W * x + b,
                "the net input",
                (
                    Step(
                        W * below + b,
                        "net input of a layer",
                        "With l = 1.",
                        uses="forward-propagation-of-a-layer",
                    ),
                    Step(W * x + b, "definition", "a^(0) = x."),
                ),
            ),
            Equality(g(net_input), g(W * x + b), "the activation"),
        ),
        covers=("article-68", "article-69"),
        mutants=(
            Mutant("the bias is left out", W * x),
            Mutant("the activation is left out", W * x + b, claim=1),
        ),
    )


def _one_of_many() -> Theorem:
    W, b = _layer("l")
    A = Array("A", _n, _m, layer="l-1")
    first, bias, X = Array("W", _k, _r, layer="1"), Array("b", _k, layer="1"), Array("X", _r, _m)
    g, g_first = activation("g", "l"), activation("g", "1")
    z = W * Column(A, _j) + b
    neuron = Sum(W[_i, _p] * A[_p, _j], _p) + b[_i]
    z_first = Named(Array("z", _k, layer="1"), first * Column(X, _j) + bias)
    return Theorem(
        "forward-propagation-of-an-example",
        "Forward propagation of example j among many",
        introduction="Example j is column j of every matrix; all examples meet the same weights and biases.",
        conditions=("g^(l) acts on every entry alone",),
        claims=(
            Equality(
                z[_i],
                neuron,
                "the net input of neuron i",
                (
                    Step(
                        (W * Column(A, _j))[_i] + b[_i],
                        "sum of vectors",
                        "Entry i of a sum is the sum of the entries i.",
                    ),
                    Step(neuron, "product of a matrix and a column", "Row i of W meets column j of A."),
                ),
            ),
            Equality(g(z)[_i], g(neuron), "the activation of neuron i"),
            Equality(
                z_first[_i], Sum(first[_i, _q] * X[_q, _j], _q) + bias[_i], "a net input of the first layer"
            ),
            Equality(
                g_first(z_first),
                g_first(first * Column(X, _j) + bias),
                "the activation of the first layer",
            ),
        ),
        uses=("forward-propagation-of-a-layer",),
        covers=("article-74", "article-75", "article-76"),
        mutants=(
            Mutant("the bias is added for every input", Sum(W[_i, _p] * A[_p, _j] + b[_i], _p)),
            Mutant("the activation is left out", neuron, claim=1),
            Mutant("the bias is left out", Sum(first[_i, _q] * X[_q, _j], _q), claim=2),
            Mutant("the bias is left out", g_first(first * Column(X, _j)), claim=3),
        ),
    )


def _net_input_matrix() -> Theorem:
    W, b = _layer("l")
    A = Array("A", _n, _m, layer="l-1")
    Z = Named(Array("Z", _k, _m, layer="l"), W * A + b * _row_of_ones)
    first, bias, X = Array("W", _k, _r, layer="1"), Array("b", _k, layer="1"), Array("X", _r, _m)
    Z_first = Named(Array("Z", _k, _m, layer="1"), first * X + bias * _row_of_ones)
    return Theorem(
        "net-input-matrix",
        "The net inputs of all examples",
        claims=(
            Equality(
                Column(Z, _j),
                W * Column(A, _j) + b,
                "column j, in layer l",
                (
                    Step(
                        Column(W * A, _j) + Column(b * _row_of_ones, _j),
                        "sum of matrices",
                        "Column j of a sum is the sum of the columns j.",
                    ),
                    Step(
                        W * Column(A, _j) + Column(b * _row_of_ones, _j),
                        "a matrix times a matrix of columns",
                        "Column j of W A is W times column j of A.",
                        uses="partitioned-products",
                    ),
                    Step(
                        W * Column(A, _j) + b,
                        "outer product",
                        "Every column of b 1ᵀ is b.",
                        uses="outer-product",
                    ),
                ),
            ),
            Equality(Column(Z_first, _j), first * Column(X, _j) + bias, "column j, in the first layer"),
            Equality(
                Z_first,
                Entries((first * Column(X, _j))[_i] + bias[_i], _i, _j),
                "the first layer, all columns",
            ),
        ),
        covers=("article-77", "article-82", "article-85"),
        mutants=(
            Mutant("the bias is left out", W * Column(A, _j)),
            Mutant("the bias is added once for every example", first * Column(X, _j) + _m * bias, claim=1),
            Mutant("the bias is left out", first * X, claim=2),
        ),
    )


def _all_examples() -> Theorem:
    W, b = _layer("l")
    A = Array("A", _n, _m, layer="l-1")
    first, bias, X = Array("W", _k, _r, layer="1"), Array("b", _k, layer="1"), Array("X", _r, _m)
    g, g_first = activation("g", "l"), activation("g", "1")
    Z = Named(Array("Z", _k, _m, layer="l"), W * A + b * _row_of_ones)
    return Theorem(
        "vectorised-forward-propagation",
        "Forward propagation of all examples at once",
        introduction="A^(l) = g^(l)(W^(l) A^(l-1) + b^(l) 1ᵀ), A^(0) being X.",
        conditions=("g^(l) acts on every entry alone; a softmax is applied to every column",),
        kind=Kind.INDUCTION,
        claims=(
            Equality(
                Column(g_first(first * X + bias * _row_of_ones), _j),
                g_first(first * Column(X, _j) + bias),
                "the first layer",
                (
                    Step(
                        g_first(Column(first * X + bias * _row_of_ones, _j)),
                        "elementwise activation",
                        "Column j of the activations depends on column j of the net inputs alone.",
                    ),
                    Step(
                        g_first(first * Column(X, _j) + bias),
                        "column of the net inputs",
                        "It is the net input of example j.",
                        uses="net-input-matrix",
                    ),
                ),
                "base",
            ),
            Equality(
                Column(g(Z), _j),
                g(W * Column(A, _j) + b),
                "layer l",
                (
                    Step(
                        g(Column(Z, _j)),
                        "elementwise activation",
                        "Column j of the activations depends on column j of the net inputs alone.",
                    ),
                    Step(
                        g(W * Column(A, _j) + b),
                        "column of the net inputs",
                        "It is the net input of example j, if column j of A^(l-1) is its activation.",
                        uses="net-input-matrix",
                    ),
                ),
                "step",
            ),
            Equality(g(Z)[_i, _j], g(Z[_i, _j]), "element by element"),
        ),
        covers=("article-83", "article-84", "article-86"),
        mutants=(
            Mutant("the bias is left out", g_first(first * Column(X, _j))),
            Mutant("the activation is left out", W * Column(A, _j) + b, claim=1),
            Mutant("the net input is taken for the activation", Z[_i, _j], claim=2),
        ),
        conclusion=("In every layer column j of A^(l) is the activation of example j, propagated alone."),
    )


def _linear_collapse() -> Theorem:
    c = Array("c")
    W, b = Array("W", _k, _n, layer="l"), Array("b", _k, layer="l")
    V, d = Array("W", _n, _r, layer="l-1"), Array("b", _n, layer="l-1")
    x = Array("a", _r, layer="l-2")
    z_below = Named(Array("z", _n, layer="l-1"), V * x + d)
    below = Named(Array("a", _n, layer="l-1"), c * z_below)
    above = Named(Array("a", _k, layer="l"), c * (W * below + b))
    collapsed = c * (c * W * V * x + c * W * d + b)
    merged, bias = c * W * V, c * W * d + b
    return Theorem(
        "linear-layers-collapse",
        "Two linear layers are one linear layer",
        introduction="Both layers have the activation g(z) = c z.",
        conditions=("the activation of both layers is linear, with the same c",),
        claims=(
            Equality(below, c * (V * x + d), "the lower layer"),
            Equality(
                above,
                collapsed,
                "the upper layer",
                (
                    Step(c * (W * (c * (V * x + d)) + b), "substitution", "The lower activation is put in."),
                    Step(collapsed, "distributive law", "W (c (V x + d)) = c W V x + c W d."),
                ),
            ),
            Equality(
                above,
                c * (Named(Array("M", _k, _r), merged) * x + Named(Array("e", _k), bias)),
                "as one layer with the weights c W^(l) W^(l-1) and the bias c W^(l) b^(l-1) + b^(l)",
            ),
        ),
        covers=("article-88", "article-89"),
        mutants=(
            Mutant(
                "the factor c is lost in the merged layer",
                c * (W * V * x + W * d + b),
                1,
                source="article-89",
            ),
            Mutant("the lower bias is lost", c * (c * W * V * x + b), 1),
            Mutant("the lower activation is taken for the identity", V * x + d),
        ),
    )


def _relu_is_half_linear() -> Theorem:
    c = Array("c", sign="positive")
    z, u = Array("z", sign="positive"), Array("u", sign="negative")
    one = formula(1)
    return Theorem(
        "relu-is-half-linear",
        "ReLU is half of a linear function",
        introduction="Here z stands for a positive and u for a negative number.",
        conditions=("z > 0", "u < 0", "c > 0"),
        claims=(
            Equality(relu(z), z, "on the positive side"),
            Equality(relu(u), formula(0), "on the negative side"),
            Equality(relu(formula(0)), formula(0), "at 0"),
            Equality(
                relu(c * z),
                c * relu(z),
                "a positive factor may be taken out, on the positive side",
                (
                    Step(c * z, "case", "With c and z, c z is positive."),
                    Step(c * relu(z), "case", "z is positive: ReLU returns it."),
                ),
            ),
            Equality(
                relu(c * u),
                c * relu(u),
                "a positive factor may be taken out, on the negative side",
                (
                    Step(formula(0), "case", "With c positive and u negative, c u is negative."),
                    Step(c * relu(u), "case", "ReLU of u is 0, and so is c times it."),
                ),
            ),
            Equality(relu(one) + relu(-one), relu(one + (-one)) + 1, "it is not additive: 1 + 0 is not 0"),
        ),
        covers=("cs182-2",),
        mutants=(
            Mutant("it is additive", relu(one + (-one)), claim=5),
            Mutant("it changes the sign of a negative number", -u, claim=1),
            Mutant("it is linear", u, claim=1),
            Mutant("it is 0 everywhere", formula(0)),
        ),
    )


THEOREMS = (
    _one_example(),
    _first_layer(),
    _one_of_many(),
    _net_input_matrix(),
    _all_examples(),
    _linear_collapse(),
    _relu_is_half_linear(),
)
