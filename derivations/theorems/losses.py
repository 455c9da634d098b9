"""The losses of one example: their gradients by the outputs, and the errors of the output layer.

ŷ is a function of the net input z of the last layer, y the label. The activation error is ∂L/∂ŷ, the error
δ = ∂L/∂z.
"""

from __future__ import annotations

from fractions import Fraction

from derivations.kernel.formula import (
    Array,
    Delta,
    Diagonal,
    Entries,
    Formula,
    Identity,
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

(_n,) = dimensions("n")
_i, _j, _k = (Index(name, _n) for name in "ijk")
_y, _z = Array("y", _n), Array("z", _n)
_y_hat = Array("y_hat", _n, sign="positive")
_ones = Ones(_n)
_HALF = formula(Fraction(1, 2))
_BETWEEN = ("0 < ŷ_i < 1 for all i",)


def _quadratic() -> Theorem:
    loss = Named(Array("L"), _HALF * Sum((_y_hat[_k] - _y[_k]) ** 2, _k))
    return Theorem(
        "quadratic-loss-gradient",
        "Gradient of the quadratic loss by the outputs",
        claims=(
            Equality(
                Partial(loss, _y_hat[_i]),
                _y_hat[_i] - _y[_i],
                "entry by entry",
                (
                    Step(
                        Sum((_y_hat[_k] - _y[_k]) * Partial(_y_hat[_k], _y_hat[_i]), _k),
                        "power rule and chain rule",
                        "The exponent 2 cancels the factor 1/2.",
                    ),
                    Step(
                        Sum((_y_hat[_k] - _y[_k]) * Delta(_k, _i), _k),
                        "derivative of an entry by an entry",
                        "As arguments of the loss the outputs are independent of each other.",
                    ),
                    Step(_y_hat[_i] - _y[_i], "sifting", "Only the term with k = i is left."),
                ),
            ),
            Equality(Partial(loss, _y_hat), _y_hat - _y, "as a vector"),
            Equality(Partial(_y_hat, _y_hat), Identity(_n), "the outputs by themselves"),
        ),
        covers=("article-190", "article-191", "article-192"),
        mutants=(
            Mutant("the factor 2 of a cost without 1/2", 2 * (_y_hat - _y), claim=1),
            Mutant("the sign is wrong", _y - _y_hat, claim=1),
        ),
    )


def _quadratic_error() -> Theorem:
    g = activation("g")
    y_hat = Named(Array("y_hat", _n), g(_z))
    loss = Named(Array("L"), _HALF * Sum((y_hat[_k] - _y[_k]) ** 2, _k))
    return Theorem(
        "quadratic-loss-error",
        "Output error of the quadratic loss",
        conditions=("g acts on every entry alone and is differentiable at every z_i",),
        claims=(
            Equality(
                Partial(loss, _z),
                hadamard(y_hat - _y, prime(g)(_z)),
                "as a vector",
                (
                    Step(
                        hadamard(Partial(loss, y_hat), prime(g)(_z)),
                        "output error",
                        "Gradient by the output, times the derivative of the activation.",
                        uses="output-error",
                    ),
                    Step(
                        hadamard(y_hat - _y, prime(g)(_z)),
                        "gradient of the quadratic loss",
                        "∂L/∂ŷ = ŷ − y.",
                        uses="quadratic-loss-gradient",
                    ),
                ),
            ),
            Equality(Partial(loss, _z[_i]), (y_hat[_i] - _y[_i]) * prime(g)(_z[_i]), "of one neuron"),
        ),
        covers=("article-193", "article-194"),
        mutants=(
            Mutant("the derivative of the activation is missing", y_hat - _y),
            Mutant("the derivative is taken at the output", hadamard(y_hat - _y, prime(g)(y_hat))),
        ),
    )


def _binary_loss(y_hat: Formula, y: Formula) -> Formula:
    return -y * log(y_hat) - (1 - y) * log(1 - y_hat)


def _binary() -> Theorem:
    y_hat, y = Array("y_hat", sign="positive"), Array("y")
    loss = Named(Array("L"), _binary_loss(y_hat, y))
    slope = -y / y_hat + (1 - y) / (1 - y_hat)
    return Theorem(
        "binary-cross-entropy-gradient",
        "Derivative of the binary cross-entropy by the output",
        conditions=("0 < ŷ < 1",),
        positive=(1 - y_hat,),
        claims=(
            Equality(
                Partial(loss, y_hat),
                slope,
                "as two terms",
                (
                    Step(
                        -y * Partial(log(y_hat), y_hat) - (1 - y) * Partial(log(1 - y_hat), y_hat),
                        "linearity",
                        "The label does not depend on the output.",
                    ),
                    Step(
                        slope,
                        "derivative of log",
                        "The derivative of log u is 1/u; 1 − ŷ brings the factor −1.",
                        uses="chain-rule-scalars",
                    ),
                ),
            ),
            Equality(
                slope,
                (y_hat - y) / (y_hat * (1 - y_hat)),
                "as one fraction",
                (
                    Step(
                        (-y * (1 - y_hat) + (1 - y) * y_hat) / (y_hat * (1 - y_hat)),
                        "common denominator",
                        "Both fractions over ŷ (1 − ŷ).",
                    ),
                    Step((y_hat - y) / (y_hat * (1 - y_hat)), "collect terms", "y ŷ cancels."),
                ),
            ),
        ),
        covers=("article-196", "ng-3"),
        mutants=(
            Mutant("the sign of the second term is wrong", -y / y_hat - (1 - y) / (1 - y_hat)),
            Mutant("the denominator is missing", y_hat - y, claim=1),
        ),
    )


def _binary_error() -> Theorem:
    z, y = Array("z"), Array("y")
    y_hat = Named(Array("y_hat"), sigmoid(z))
    loss = Named(Array("L"), _binary_loss(y_hat, y))
    slope = -y / y_hat + (1 - y) / (1 - y_hat)
    return Theorem(
        "binary-cross-entropy-error",
        "Output error of a sigmoid with binary cross-entropy",
        introduction="The derivative of the sigmoid cancels the denominator of the derivative of the loss.",
        claims=(
            Equality(
                Partial(loss, z),
                y_hat - y,
                "the error",
                (
                    Step(
                        Partial(loss, y_hat) * Partial(y_hat, z),
                        "chain rule",
                        "The loss depends on z through the output alone.",
                        uses="chain-rule-scalars",
                    ),
                    Step(
                        slope * (y_hat * (1 - y_hat)),
                        "the two derivatives",
                        "That of the loss, and σ′ = σ (1 − σ).",
                        uses="binary-cross-entropy-gradient",
                    ),
                    Step(
                        -y * (1 - y_hat) + (1 - y) * y_hat, "cancel", "Each fraction loses its denominator."
                    ),
                    Step(y_hat - y, "collect terms", "y ŷ cancels."),
                ),
            ),
            Equality(slope * (y_hat * (1 - y_hat)), y_hat - y, "the product of the two derivatives"),
            Equality(Partial(y_hat, z), y_hat * (1 - y_hat), "the derivative of the output"),
        ),
        uses=("sigmoid-derivative",),
        covers=("article-197", "article-198", "ng-4", "ng-6"),
        mutants=(
            Mutant("the sign is wrong", y - y_hat),
            Mutant("the derivative of the sigmoid is kept", (y_hat - y) * y_hat * (1 - y_hat)),
        ),
    )


def _multi_label() -> Theorem:
    loss = Named(Array("L"), Sum(_binary_loss(_y_hat[_k], _y[_k]), _k))
    slope = -_y[_i] / _y_hat[_i] + (1 - _y[_i]) / (1 - _y_hat[_i])
    return Theorem(
        "multi-label-gradient",
        "Derivative of the multi-label cross-entropy by an output",
        conditions=_BETWEEN,
        positive=(1 - _y_hat[_i],),
        claims=(
            Equality(
                Partial(loss, _y_hat[_i]),
                slope,
                "as two terms",
                (
                    Step(
                        Sum(
                            Delta(_k, _i) * (-_y[_k] / _y_hat[_k] + (1 - _y[_k]) / (1 - _y_hat[_k])),
                            _k,
                        ),
                        "derivative of the binary cross-entropy",
                        "Term k depends on ŷ_k alone.",
                        uses="binary-cross-entropy-gradient",
                    ),
                    Step(slope, "sifting", "Only the term with k = i is left."),
                ),
            ),
            Equality(
                Partial(loss, _y_hat[_i]),
                (_y_hat[_i] - _y[_i]) / (_y_hat[_i] * (1 - _y_hat[_i])),
                "as one fraction",
            ),
        ),
        covers=("article-200",),
        mutants=(Mutant("the denominator is missing", _y_hat[_i] - _y[_i], claim=1),),
    )


def _multi_label_error() -> Theorem:
    y_hat = Named(Array("y_hat", _n), sigmoid(_z))
    loss = Named(Array("L"), Sum(_binary_loss(y_hat[_k], _y[_k]), _k))
    return Theorem(
        "multi-label-error",
        "Output error of sigmoids with the multi-label cross-entropy",
        claims=(
            Equality(
                Partial(loss, _z),
                y_hat - _y,
                "as a vector",
                (
                    Step(
                        hadamard(Partial(loss, y_hat), hadamard(y_hat, _ones - y_hat)),
                        "output error",
                        "Gradient by the output, times σ′ = σ (1 − σ).",
                        uses="output-error",
                    ),
                    Step(
                        hadamard(
                            (y_hat - _y) / hadamard(y_hat, _ones - y_hat), hadamard(y_hat, _ones - y_hat)
                        ),
                        "gradient of the loss",
                        "Entry by entry that of the binary cross-entropy.",
                        uses="multi-label-gradient",
                    ),
                    Step(y_hat - _y, "cancel", "Numerator and denominator are equal."),
                ),
            ),
            Equality(Partial(loss, _z[_i]), y_hat[_i] - _y[_i], "of one neuron"),
        ),
        uses=("sigmoid-vjp",),
        covers=("article-202", "article-203", "ng-12", "ng-13"),
        mutants=(
            Mutant("the sign is wrong", _y - y_hat),
            Mutant("the derivative of the sigmoid is kept", hadamard(y_hat - _y, y_hat, _ones - y_hat)),
        ),
    )


_sum_of_labels = Sum(_y[_k], _k)
_SUMS_TO_ONE = Hypothesis(_sum_of_labels, formula(1), "The labels sum to 1, as one-hot labels do.")
_total = Sum(exp(_z[_k]), _k)
_softmax = Named(Array("y_hat", _n), Entries(exp(_z[_i]) / _total, _i))
_cross_entropy = Named(Array("L"), -Sum(_y[_k] * log(_softmax[_k]), _k))


def _categorical() -> Theorem:
    loss = -Sum(_y[_k] * log(_y_hat[_k]), _k)
    return Theorem(
        "categorical-cross-entropy-gradient",
        "Gradient of the categorical cross-entropy by the outputs",
        conditions=("ŷ_i > 0 for all i",),
        claims=(
            Equality(Partial(loss, _y_hat[_i]), -_y[_i] / _y_hat[_i], "entry by entry"),
            Equality(Partial(loss, _y_hat), -_y / _y_hat, "as a vector"),
            Equality(loss, -_y.T * log(_y_hat), "the loss as a dot product"),
        ),
        mutants=(
            Mutant("the sign is wrong", _y / _y_hat, claim=1),
            Mutant("the label is missing", -_ones / _y_hat, claim=1),
        ),
    )


def _categorical_chain() -> Theorem:
    return Theorem(
        "softmax-cross-entropy-chain",
        "Output error of softmax with cross-entropy, for any labels",
        introduction="Every output depends on z_i, so no term of the chain rule may be dropped.",
        claims=(
            Equality(
                Partial(_cross_entropy, _z[_i]),
                Sum(Partial(_cross_entropy, _softmax[_k]) * Partial(_softmax[_k], _z[_i]), _k),
                "the chain rule",
            ),
            Equality(
                Partial(_cross_entropy, _z[_i]),
                -Sum(_y[_k] / _softmax[_k] * Partial(_softmax[_k], _z[_i]), _k),
                "with the gradient of the loss",
            ),
            Equality(
                -_y[_i] / _softmax[_i] * _softmax[_i] * (1 - _softmax[_i])
                + Sum((1 - Delta(_k, _i)) * _y[_k] / _softmax[_k] * _softmax[_k] * _softmax[_i], _k),
                -_y[_i] + _softmax[_i] * _sum_of_labels,
                "with the Jacobian; 1 − δ_ki leaves out the term with k = i",
            ),
            Equality(
                Partial(_cross_entropy, _z[_i]),
                -_y[_i] + _softmax[_i] * _sum_of_labels,
                "for any label vector",
            ),
        ),
        uses=("softmax-jacobian", "categorical-cross-entropy-gradient", "chain-rule-denominator-layout"),
        covers=("article-205", "article-207"),
        mutants=(
            Mutant("the sum of the labels is left out", _softmax[_i] - _y[_i], claim=3),
            Mutant(
                "only the term with k = i is kept",
                -_y[_i] / _softmax[_i] * Partial(_softmax[_i], _z[_i]),
                claim=1,
            ),
        ),
    )


def _categorical_error() -> Theorem:
    y_hat = _softmax
    return Theorem(
        "softmax-cross-entropy-error",
        "Output error of softmax with cross-entropy",
        introduction="The logarithm and the exponentials cancel: what is left is ŷ − y.",
        hypotheses=(_SUMS_TO_ONE,),
        claims=(
            Equality(
                Partial(_cross_entropy, _z),
                y_hat - _y,
                "as a vector",
                (
                    Step(
                        Entries(-Sum(_y[_k] * Partial(log(y_hat[_k]), _z[_j]), _k), _j),
                        "linearity",
                        "The labels do not depend on z.",
                    ),
                    Step(
                        Entries(-Sum(_y[_k] / y_hat[_k] * Partial(y_hat[_k], _z[_j]), _k), _j),
                        "chain rule",
                        "The derivative of log u is 1/u.",
                        uses="chain-rule-scalars",
                    ),
                    Step(
                        Entries(-Sum(_y[_k] * (Delta(_k, _j) - y_hat[_j]), _k), _j),
                        "Jacobian of the softmax",
                        "Its factor ŷ_k cancels the denominator.",
                        uses="softmax-jacobian",
                    ),
                    Step(
                        Entries(_sum_of_labels * y_hat[_j] - _y[_j], _j),
                        "sifting",
                        "Only the term with k = j is left of the first sum; ŷ_j does not depend on k.",
                    ),
                    Step(y_hat - _y, "hypothesis", "The labels sum to 1."),
                ),
            ),
            Equality(Partial(_cross_entropy, _z[_i]), y_hat[_i] - _y[_i], "of one neuron"),
            Equality(Sum(y_hat[_i] - _y[_i], _i), formula(0), "the errors sum to 0"),
            Equality(
                Partial(Entries(Partial(_cross_entropy, _z[_i]), _i), _z),
                Diagonal(y_hat) - y_hat * y_hat.T,
                "the second derivatives",
            ),
        ),
        covers=("article-209", "article-210", "cs182-36"),
        mutants=(
            Mutant("the labels need not sum to 1", without_hypotheses=True),
            Mutant("the sign is wrong", _y - y_hat),
        ),
    )


def _labels() -> Theorem:
    others = Sum((1 - Delta(_k, _i)) * _y[_k], _k)
    return Theorem(
        "labels-sum-to-one",
        "One-hot labels sum to 1",
        introduction="A one-hot label of class c has the entries y_k = δ_kc.",
        claims=(
            Equality(Sum(Delta(_k, _j), _k), formula(1), "a one-hot vector, the class being j"),
            Equality(others, 1 - _y[_i], "the other labels; 1 − δ_ki leaves out the term with k = i"),
        ),
        hypotheses=(_SUMS_TO_ONE,),
        covers=("article-208", "article-221"),
        mutants=(
            Mutant("label i is not left out", formula(1), claim=1),
            Mutant("the labels need not sum to 1", claim=1, without_hypotheses=True),
        ),
    )


def _activation_error_along_z() -> Theorem:
    y_hat = _softmax
    along = Partial(y_hat[_k], _z[_i]) / Partial(y_hat[_i], _z[_i])
    expanded = -_y[_i] / y_hat[_i] + Sum((1 - Delta(_k, _i)) * _y[_k], _k) / (1 - y_hat[_i])
    epsilon = Partial(_cross_entropy, _z[_i]) / Partial(y_hat[_i], _z[_i])
    return Theorem(
        "softmax-activation-error",
        "Activation error at a softmax output, along one net input",
        introduction=(
            "When z_i alone is varied all outputs change. The change of the loss per change "
            "of ŷ_i is a derivative "
            "along z_i, not the partial derivative by ŷ_i."
        ),
        hypotheses=(_SUMS_TO_ONE,),
        conditions=("n ≥ 2, so that ŷ_i ≠ 1",),
        claims=(
            Equality(epsilon, -Sum(_y[_k] / y_hat[_k] * along, _k), "by the chain rule"),
            Equality(-Sum(_y[_k] / y_hat[_k] * along, _k), expanded, "with the Jacobian of the softmax"),
            Equality(
                expanded, -_y[_i] / y_hat[_i] + (1 - _y[_i]) / (1 - y_hat[_i]), "with labels that sum to 1"
            ),
            Equality(
                -_y[_i] / y_hat[_i] + (1 - _y[_i]) / (1 - y_hat[_i]),
                (y_hat[_i] - _y[_i]) / (y_hat[_i] * (1 - y_hat[_i])),
                "as one fraction",
            ),
            Equality(
                (y_hat[_i] - _y[_i]) / (y_hat[_i] * (1 - y_hat[_i])) * Partial(y_hat[_i], _z[_i]),
                y_hat[_i] - _y[_i],
                "times the diagonal derivative it is the error again",
            ),
        ),
        uses=("softmax-jacobian", "softmax-cross-entropy-chain", "labels-sum-to-one"),
        covers=("article-219", "article-220", "article-222"),
        mutants=(
            Mutant("it is the partial derivative", -_y[_i] / y_hat[_i]),
            Mutant("the labels need not sum to 1", claim=2, without_hypotheses=True),
        ),
    )


def _video_cost() -> Theorem:
    a, y = Array("a"), Array("y")
    cost = (a - y) ** 2
    return Theorem(
        "squared-difference-derivative",
        "Derivative of a squared difference",
        introduction="The cost of one output without the factor 1/2: the exponent stays as a factor 2.",
        claims=(
            Equality(
                Partial(cost, a),
                2 * (a - y),
                steps=(
                    Step(
                        2 * (a - y) * Partial(a - y, a),
                        "power rule and chain rule",
                        "The outer function squares.",
                    ),
                    Step(2 * (a - y), "linearity", "The target is constant."),
                ),
            ),
        ),
        covers=("calculus-8",),
        mutants=(Mutant("the factor 2 is missing", a - y, source="calculus-8"),),
    )


THEOREMS = (
    _quadratic(),
    _quadratic_error(),
    _binary(),
    _binary_error(),
    _multi_label(),
    _multi_label_error(),
    _categorical(),
    _categorical_chain(),
    _categorical_error(),
    _labels(),
    _activation_error_along_z(),
    _video_cost(),
)
