"""Properties that the sources state in words: of labels, neurons, errors, shapes, and of the penalty."""

from __future__ import annotations

from derivations.kernel.formula import (
    Array,
    Column,
    Delta,
    Entries,
    Formula,
    Identity,
    Named,
    Ones,
    Partial,
    Row,
    Sum,
    formula,
    hadamard,
)
from derivations.kernel.functions import activation, prime, sigmoid
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Mutant, Step, Theorem

_n, _k = dimensions("n k")
_i, _p = Index("i", _k), Index("p", _n)


def _logistic_neuron() -> Theorem:
    W, b = Array("W", _k, _n, layer="l"), Array("b", _k, layer="l")
    below = Array("a", _n, layer="l-1")
    layer = sigmoid(W * below + b)
    regression = sigmoid(Row(W, _i) * below + b[_i])
    return Theorem(
        "logistic-neuron-is-logistic-regression",
        "A logistic neuron is a logistic regression",
        conditions=("the activation is the logistic function",),
        claims=(
            Equality(
                layer[_i],
                regression,
                "neuron i",
                (
                    Step(
                        sigmoid(Sum(W[_i, _p] * below[_p], _p) + b[_i]),
                        "net input of a neuron",
                        "Entry i of W a + b.",
                        uses="forward-propagation-of-a-layer",
                    ),
                    Step(
                        regression,
                        "a matrix of rows times a vector",
                        "The sum is row i of W times the activations below.",
                        uses="partitioned-products",
                    ),
                ),
            ),
        ),
        covers=("nndl-74",),
        mutants=(
            Mutant("the bias is left out", sigmoid(Row(W, _i) * below)),
            Mutant("the logistic function is left out", Row(W, _i) * below + b[_i]),
        ),
        conclusion="Its weights are row i of W^(l), and its input is the activation of the layer before.",
    )


def _proportional_to_the_error() -> Theorem:
    a, y, c = Array("a", layer="L"), Array("y"), Array("c")
    cost = (a - y) ** 2
    farther = Named(Array("a_tilde"), y + c * (a - y))
    return Theorem(
        "slope-of-the-cost-is-proportional-to-the-error",
        "The slope of the quadratic cost is proportional to the error",
        introduction=(
            "The second claim takes the output y + c (a − y), written a with a tilde: its error is c times "
            "as large."
        ),
        claims=(
            Equality(
                Partial(cost, a),
                2 * (a - y),
                "twice the difference between output and target",
                (Step(2 * (a - y), "power rule", "The derivative of a − y by a is 1."),),
            ),
            Equality(
                Partial((farther - y) ** 2, farther),
                c * (2 * (a - y)),
                "c times the error gives c times the slope",
                (
                    Step(2 * (farther - y), "power rule", "As before, at the other output."),
                    Step(c * (2 * (a - y)), "substitution", "The difference there is c (a − y)."),
                ),
            ),
        ),
        covers=("calculus-9",),
        mutants=(
            Mutant("the factor 2 is missing", a - y),
            Mutant("the slope grows with the square", c**2 * (2 * (a - y)), claim=1),
            Mutant("the slope stays the same", 2 * (a - y), claim=1),
        ),
        conclusion="For c = 2: twice the difference, twice the derivative, and so their absolute values.",
    )


def _shapes_of_the_hidden_error() -> Theorem:
    W, above = Array("W", _k, _n, layer="2"), Array("delta", _k, layer="2")
    g, z = activation("g", "1"), Array("z", _n, layer="1")
    t, s = Index("t", _k), Index("s", _n)
    error: Formula = hadamard(W.T * above, prime(g)(z))
    wide = Array("D", _k, _n)
    return Theorem(
        "shapes-of-the-hidden-error",
        "The shapes in the hidden error",
        introduction=(
            "W^(2) is k × n, so that its transpose is n × k; times the k × 1 error above it is n × 1, as "
            "the slopes of the hidden layer are. A formula of other shapes cannot be written down."
        ),
        claims=(
            Equality(
                error[s],
                Sum(W[t, s] * above[t], t) * prime(g)(z[s]),
                "the entry for a hidden unit",
                (
                    Step(
                        (W.T * above)[s] * prime(g)(z[s]),
                        "Hadamard product",
                        "Both factors have n rows and one column.",
                    ),
                    Step(
                        Sum(W[t, s] * above[t], t) * prime(g)(z[s]),
                        "matrix product",
                        "Row s of the transpose is column s of W^(2).",
                    ),
                ),
            ),
        ),
        uses=("error-recursion",),
        covers=("ng-19",),
        mutants=(
            Mutant(
                "the error above has n columns: the product has n, too",
                lambda: hadamard(W.T * wide, prime(g)(z))[s],
                source="ng-19",
            ),
            Mutant("the weights are not transposed", lambda: hadamard(W * above, prime(g)(z))[s]),
        ),
    )


def _larger_penalty() -> Theorem:
    first, second = Array("L", layer="1"), Array("L", layer="2")
    P, Q = Array("P", layer="1"), Array("P", layer="2")
    weak, strong = Array("lambda", layer="1"), Array("lambda", layer="2")

    def risk(loss: Array, penalty: Formula, norm: Array) -> Formula:
        return loss + penalty * norm / 2

    gained = (risk(second, weak, Q) - risk(first, weak, P)) + (
        risk(first, strong, P) - risk(second, strong, Q)
    )
    return Theorem(
        "larger-penalty-smaller-weights",
        "A larger penalty gives smaller weights",
        introduction=(
            "Weights W^(1) are a global minimiser of the risk with λ^(1), and W^(2) with λ^(2). L^(1) and "
            "L^(2) are their mean losses, P^(1) and P^(2) their squared Frobenius norms."
        ),
        conditions=("λ^(1) < λ^(2)", "both are global minimisers"),
        claims=(
            Equality(
                gained,
                (strong - weak) * (P - Q) / 2,
                "what each would lose with the weights of the other",
                (
                    Step(
                        (weak * Q - weak * P + strong * P - strong * Q) / 2,
                        "sum of numbers",
                        "Both losses cancel.",
                    ),
                    Step((strong - weak) * (P - Q) / 2, "distributive law", "Both factors are taken out."),
                ),
            ),
        ),
        covers=("nndl-17",),
        mutants=(
            Mutant("the norms are exchanged", (strong - weak) * (Q - P) / 2),
            Mutant("the losses do not cancel", (strong - weak) * (P - Q) / 2 + first - second),
        ),
        conclusion=(
            "Neither bracket on the left is negative, because the weights of the other are no better than a "
            "minimiser. With λ^(2) − λ^(1) > 0 therefore P^(1) − P^(2) is not negative."
        ),
    )


def _one_hot() -> Theorem:
    (c,) = dimensions("c")
    i, k = Index("i", c), Index("k", c)
    y = Named(Array("y", c), Entries(Delta(i, k), i))
    return Theorem(
        "one-hot-encoding",
        "One-hot encoding",
        introduction="Class k of c is encoded by a column with 1 in place k and 0 elsewhere: y_i = δ_ik.",
        conditions=("the classes exclude each other",),
        claims=(
            Equality(y, Column(Identity(c), k), "it is column k of the identity matrix"),
            Equality(
                Sum(y[i], i),
                formula(1),
                "its elements sum to 1",
                (
                    Step(Sum(Delta(i, k), i), "definition", "y_i is δ_ik."),
                    Step(formula(1), "sifting", "Only the term with i = k is left."),
                ),
            ),
            Equality(y[k], formula(1), "the element of the class shown"),
            Equality(hadamard(y, y), y, "every element is 0 or 1: it is its own square"),
        ),
        covers=("article-52",),
        mutants=(
            Mutant("all places hold 1", Ones(c)),
            Mutant("the elements sum to the number of classes", formula(c), claim=1),
            Mutant("the class shown has 0", formula(0), claim=2),
            Mutant("the elements are 1", Ones(c), claim=3),
        ),
    )


THEOREMS = (
    _one_hot(),
    _logistic_neuron(),
    _proportional_to_the_error(),
    _shapes_of_the_hidden_error(),
    _larger_penalty(),
)
