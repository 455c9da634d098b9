"""Many examples at once: error matrices, and the gradients of a cost that is the mean of the losses.

Every column is an example. J = 1/m Σ_s L_s, L_s being any differentiable function of column s of the net
inputs; column s of E is the error of example s, a derivative of the single loss, without the factor 1/m.
"""

from __future__ import annotations

import sympy as sp

from derivations.kernel.formula import (
    Array,
    Column,
    Entries,
    Map,
    Named,
    Ones,
    Partial,
    Sum,
    formula,
    hadamard,
)
from derivations.kernel.functions import activation, exp, log, prime, sigmoid
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Hypothesis, Mutant, Step, Theorem

_n, _k, _m = dimensions("n k m")
_i, _s = Index("i", _n), Index("s", _m)
_p, _t = Index("p", _k), Index("t", _k)
_row_of_ones = Ones(sp.S.One, _m)
_ones = Ones(_m)

_A = Array("A", _n, _m, layer="l-1")
_W, _b = Array("W", _k, _n, layer="l"), Array("b", _k, layer="l")
_Z = Named(Array("Z", _k, _m, layer="l"), _W * _A + _b * _row_of_ones)
_E = Array("E", _k, _m, layer="l")
_L = Map(Array("L"), Column(_Z, _s), Column(_E, _s), (_s,))
_J = Named(Array("J"), Sum(_L, _s) / _m)


def _mean_of_gradients() -> Theorem:
    return Theorem(
        "cost-gradient-is-a-mean",
        "The gradient of the cost is the mean of the gradients of the losses",
        introduction=(
            "The cost is the mean of the losses, and a derivative of a sum is the sum of the derivatives."
        ),
        claims=(
            Equality(Partial(_J, _W), Sum(Partial(_L, _W), _s) / _m, "by the weights"),
            Equality(Partial(_J, _b), Sum(Partial(_L, _b), _s) / _m, "by the biases"),
        ),
        covers=("article-224", "article-225", "calculus-15", "ng-34"),
        mutants=(
            Mutant("the average is forgotten", Sum(Partial(_L, _W), _s), source="calculus-15"),
            Mutant("the average is forgotten", Sum(Partial(_L, _b), _s), claim=1),
        ),
    )


def _gradients() -> Theorem:
    return Theorem(
        "batch-gradients",
        "Gradients of the cost by the weights and the biases of a layer",
        introduction=(
            "A product of matrices sums over the examples by itself; the factor 1/m stands "
            "here and nowhere else."
        ),
        claims=(
            Equality(
                Partial(_J, _W),
                _E * _A.T / _m,
                "by the weight matrix",
                (
                    Step(
                        Sum(Partial(_L, _W), _s) / _m,
                        "linearity",
                        "The cost is the mean of the losses.",
                        uses="cost-gradient-is-a-mean",
                    ),
                    Step(
                        Sum(Column(_E, _s) * Column(_A, _s).T, _s) / _m,
                        "gradient of one loss",
                        "For every example it is the error times the transposed activation.",
                        uses="layer-gradients",
                    ),
                    Step(
                        _E * _A.T / _m,
                        "product of a matrix of columns and a matrix of rows",
                        "A sum of outer products is a product of matrices.",
                    ),
                ),
            ),
            Equality(
                Partial(_J, _b),
                _E * _ones / _m,
                "by the bias vector",
                (
                    Step(
                        Sum(Column(_E, _s), _s) / _m,
                        "gradient of one loss",
                        "For every example it is the error.",
                        uses="layer-gradients",
                    ),
                    Step(_E * _ones / _m, "product with a column of ones", "It adds up the columns."),
                ),
            ),
            Equality(Partial(_J, _W[_p, _i]), Sum(_E[_p, _s] * _A.T[_s, _i], _s) / _m, "by one weight"),
            Equality(
                Partial(_J, _W[_p, _i]), (_E * _A.T)[_p, _i] / _m, "by one weight, an entry of the product"
            ),
            Equality(Partial(_J, _b[_p]), Sum(_E[_p, _s], _s) / _m, "by one bias"),
            Equality(Partial(_L, _W[_p, _i]), _E[_p, _s] * _A[_i, _s], "one loss by one weight"),
            Equality(
                Partial(_L, _W[_p, _i]), _E[_p, _s] * _A.T[_s, _i], "one loss by one weight, transposed"
            ),
        ),
        covers=(
            "article-248",
            "article-249",
            "article-250",
            "article-251",
            "article-252",
            "ng-30",
            "ng-31",
            "ng-33",
        ),
        mutants=(
            Mutant("1/m is missing", _E * _A.T, source="ng-30"),
            Mutant("1/m is missing", _E * _ones, claim=1),
            Mutant("the transpose is missing", lambda: _E * _A / _m),
            Mutant("the factors are exchanged", lambda: _A * _E.T / _m),
            Mutant("the mean is taken over the neurons", _E * _A.T / _n),
        ),
    )


def _loss_vector() -> Theorem:
    return Theorem(
        "loss-vector-by-bias",
        "The losses of all examples by the biases of a layer",
        introduction="In denominator layout column s is the gradient of the loss of example s.",
        claims=(
            Equality(Entries(Partial(_L, _b[_p]), _p, _s), _E, "as a matrix"),
            Equality(Partial(_L, _b[_p]), _E[_p, _s], "entry by entry"),
            Equality(Partial(_L, _b), Column(_E, _s), "column by column"),
        ),
        uses=("layer-gradients",),
        covers=("article-246", "article-247"),
        mutants=(Mutant("1/m is put in", _E / _m),),
    )


def _recursion() -> Theorem:
    Z = Array("Z", _n, _m, layer="l")
    g = activation("g", "l")
    A = Named(Array("A", _n, _m, layer="l"), g(Z))
    W, b = Array("W", _k, _n, layer="l+1"), Array("b", _k, layer="l+1")
    above = Named(Array("Z", _k, _m, layer="l+1"), W * A + b * _row_of_ones)
    E = Array("E", _k, _m, layer="l+1")
    loss = Map(Array("L"), Column(above, _s), Column(E, _s), (_s,))
    J = Named(Array("J"), Sum(loss, _s) / _m)
    slope = prime(g)(Z)
    result = hadamard(W.T * E, slope)
    return Theorem(
        "batch-error-recursion",
        "The error matrix of a layer from that of the layer above",
        conditions=("g^(l) acts on every entry alone and is differentiable at every Z_is^(l)",),
        claims=(
            Equality(
                Entries(Partial(loss, Z[_i, _s]), _i, _s),
                result,
                "as a matrix",
                (
                    Step(
                        Entries(Sum(W[_t, _i] * E[_t, _s], _t) * prime(g)(Z[_i, _s]), _i, _s),
                        "error recursion",
                        "Example s depends on column s alone, and there the recursion of one example holds.",
                        uses="error-recursion",
                    ),
                    Step(
                        Entries((W.T * E)[_i, _s] * slope[_i, _s], _i, _s),
                        "matrix product",
                        "Row i of Wᵀ is column i of W.",
                    ),
                    Step(result, "Hadamard product", "Entry by entry."),
                ),
            ),
            Equality(Partial(loss, Z[_i, _s]), (W.T * E)[_i, _s] * slope[_i, _s], "entry by entry"),
            Equality(Entries(Partial(loss, A[_i, _s]), _i, _s), W.T * E, "the activation errors"),
            Equality(Partial(loss, A[_i, _s]), Sum(W[_t, _i] * E[_t, _s], _t), "an activation error"),
            Equality(
                Entries(Partial(loss, Z[_i, _s]), _i, _s),
                hadamard(Entries(Partial(loss, A[_i, _s]), _i, _s), slope),
                "the errors from the activation errors",
            ),
            Equality(Partial(J, Z), result / _m, "the derivative of the cost is smaller by the factor m"),
        ),
        uses=("activation-error-recursion",),
        covers=("article-244", "article-245", "article-253", "article-254", "ng-32"),
        mutants=(
            Mutant("the derivative of the activation is missing", W.T * E),
            Mutant("1/m is put in", result / _m),
            Mutant("1/m is missing", result, claim=5),
            Mutant("the Hadamard product comes first", lambda: W.T * hadamard(E, slope)),
        ),
    )


def _output() -> Theorem:
    Z = Array("Z", _n, _m, layer="L")
    g = activation("g", "L")
    outputs = Named(Array("Y_hat", _n, _m), g(Z))
    gradients = Array("Gamma", _n, _m)
    loss = Map(Array("L"), Column(outputs, _s), Column(gradients, _s), (_s,))
    return Theorem(
        "batch-output-error",
        "The error matrix of the last layer",
        introduction="Column s of Γ is the gradient of the loss of example s by its outputs.",
        conditions=("g^(L) acts on every entry alone: not a softmax",),
        claims=(
            Equality(
                Entries(Partial(loss, Z[_i, _s]), _i, _s), hadamard(gradients, prime(g)(Z)), "as a matrix"
            ),
            Equality(
                Partial(loss, Z[_i, _s]),
                Partial(loss, outputs[_i, _s]) * prime(g)(Z[_i, _s]),
                "entry by entry",
            ),
        ),
        uses=("output-error",),
        covers=("article-242",),
        mutants=(Mutant("the derivative of the activation is missing", gradients),),
    )


def _softmax() -> Theorem:
    Z, Y = Array("Z", _n, _m, layer="L"), Array("Y", _n, _m)
    k = Index("k", _n)
    outputs = Named(Array("Y_hat", _n, _m), Entries(exp(Z[_i, _s]) / Sum(exp(Z[k, _s]), k), _i, _s))
    loss = -Sum(Y[k, _s] * log(outputs[k, _s]), k)
    J = Named(Array("J"), Sum(loss, _s) / _m)
    return Theorem(
        "batch-softmax-cross-entropy",
        "The error matrix of softmax with cross-entropy",
        hypotheses=(
            Hypothesis(Sum(Y[k, _s], k), formula(1), "The labels of every example sum to 1.", (_s,)),
        ),
        claims=(
            Equality(Entries(Partial(loss, Z[_i, _s]), _i, _s), outputs - Y, "of the single losses"),
            Equality(Partial(J, Z), (outputs - Y) / _m, "of the cost"),
        ),
        uses=("softmax-cross-entropy-error",),
        covers=("article-243",),
        mutants=(
            Mutant("the labels need not sum to 1", without_hypotheses=True),
            Mutant("1/m is missing", outputs - Y, claim=1),
        ),
    )


def _sigmoid() -> Theorem:
    Z, Y = Array("Z", _n, _m, layer="L"), Array("Y", _n, _m)
    k = Index("k", _n)
    outputs = Named(Array("A", _n, _m, layer="L"), sigmoid(Z))
    one = outputs[k, _s]
    loss = Sum(-Y[k, _s] * log(one) - (1 - Y[k, _s]) * log(1 - one), k)
    J = Named(Array("J"), Sum(loss, _s) / _m)
    return Theorem(
        "batch-sigmoid-cross-entropy",
        "The error matrix of sigmoids with cross-entropy",
        claims=(
            Equality(Entries(Partial(loss, Z[_i, _s]), _i, _s), outputs - Y, "of the single losses"),
            Equality(Partial(J, Z), (outputs - Y) / _m, "of the cost"),
        ),
        uses=("multi-label-error",),
        covers=("ng-28", "ng-29"),
        mutants=(
            Mutant("1/m is missing", outputs - Y, claim=1, source="ng-29"),
            Mutant("the sign is wrong", Y - outputs),
        ),
    )


THEOREMS = (
    _mean_of_gradients(),
    _gradients(),
    _loss_vector(),
    _recursion(),
    _output(),
    _softmax(),
    _sigmoid(),
)
