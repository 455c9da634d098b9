"""Outputs as probabilities: the sigmoid of one neuron, the softmax of several, and its loss for one class."""

from __future__ import annotations

from derivations.kernel.formula import Array, Delta, Entries, Formula, Named, Sum, formula
from derivations.kernel.functions import exp, log, sigmoid
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Inequality, Mutant, Step, Theorem

_n, _k = dimensions("n k")
_i, _j, _r = Index("i", _n), Index("j", _n), Index("r", _n)
_ONE, _ZERO = formula(1), formula(0)


def _two_classes() -> Theorem:
    z = Array("z", layer="L")
    a, e = Named(Array("a", layer="L"), sigmoid(z)), exp(-z)
    return Theorem(
        "sigmoid-output-is-a-probability",
        "The output of a sigmoid is a probability",
        introduction=(
            "One output neuron with the logistic function serves two classes: a is taken for the "
            "probability of "
            "class 1, 1 − a for that of class 0."
        ),
        claims=(
            Inequality(_ZERO, a, 1 / (1 + e), "it is not negative, nor 0, because 1 is divided"),
            Inequality(
                a,
                _ONE,
                e / (1 + e),
                "it is at most 1, and never 1, because e^−z is not 0",
                (
                    Step(1 - 1 / (1 + e), "definition", "The sigmoid written out."),
                    Step(e / (1 + e), "common denominator", "1 cancels in the numerator."),
                ),
            ),
            Equality(1 - a, sigmoid(-z), "the probability of class 0 is a sigmoid, too"),
            Equality(a / (1 - a), exp(z), "the ratio of the two"),
        ),
        uses=("sigmoid-derivative",),
        covers=("nndl-12",),
        mutants=(
            Mutant("the output is at most 1/2", formula(1) / 2, claim=1),
            Mutant("both classes have one probability", a, claim=2),
            Mutant("the ratio is turned round", exp(-z), claim=3),
        ),
    )


def _several_classes() -> Theorem:
    W, b = Array("W", _n, _k, layer="L"), Array("b", _n, layer="L")
    below, before = Array("a", _k, layer="L-1"), Array("z", _k, layer="L-1")
    z = Named(Array("z", _n, layer="L"), W * below + b)
    total = Sum(exp(z[_r]), _r)
    output = Entries(exp(z[_i]) / total, _i)
    y_hat = Named(Array("y_hat", _n), output)
    q = Index("q", _k)

    def too_early() -> Formula:
        return Entries(exp(before[q]) / Sum(exp(before[q]), q), q)

    return Theorem(
        "softmax-output-is-a-distribution",
        "The outputs of a softmax are probabilities",
        introduction=(
            "The softmax of the last layer has as many outputs as there are classes; each is taken for the "
            "probability of its class."
        ),
        claims=(
            Equality(y_hat, output, "the outputs"),
            Inequality(_ZERO, y_hat[_i], exp(z[_i]) / total, "none is negative"),
            Equality(
                y_hat[_i] * Sum(exp(z[_r] - z[_i]), _r),
                _ONE,
                "none is 0, because a product with it is 1",
                (
                    Step(
                        exp(z[_i]) / total * (exp(-z[_i]) * total),
                        "exponential of a sum",
                        "e^−z_i is a factor of every term.",
                    ),
                    Step(_ONE, "cancel", "e^z_i e^−z_i = 1, and the sum cancels."),
                ),
            ),
            Equality(Sum(y_hat[_i], _i), _ONE, "together they are 1"),
        ),
        uses=("softmax-sum",),
        covers=("nndl-13",),
        mutants=(
            Mutant("the softmax is taken of an earlier layer", too_early, source="nndl-13"),
            Mutant("the exponentials are not divided", Entries(exp(z[_i]), _i)),
            Mutant("the outputs sum to their number", formula(_n), claim=3),
        ),
    )


def _loss_of_one_class() -> Theorem:
    z = Array("z", _n)
    total = Sum(exp(z[_r]), _r)
    p = Named(Array("p", _n), Entries(exp(z[_i]) / total, _i))
    loss = -Sum(Delta(_i, _j) * log(p[_i]), _i)
    return Theorem(
        "softmax-cross-entropy-of-one-class",
        "Softmax and cross-entropy as one function",
        introduction=(
            "The label of class j is the one-hot vector y_i = δ_ij. Taken together softmax and "
            "cross-entropy need "
            "no quotient."
        ),
        conditions=("y is one-hot",),
        claims=(
            Equality(
                loss,
                -z[_j] + log(total),
                "the loss",
                (
                    Step(-log(p[_j]), "sifting", "Only the term with i = j is left."),
                    Step(
                        -(log(exp(z[_j])) - log(total)),
                        "logarithm of a quotient",
                        "It is the difference of the logarithms.",
                        uses="log-sum-exp-gradient",
                    ),
                    Step(-z[_j] + log(total), "logarithm of an exponential", "log e^z = z."),
                ),
            ),
            Inequality(_ZERO, p[_i], exp(z[_i]) / total, "no probability is negative"),
            Equality(p[_i] * Sum(exp(z[_r] - z[_i]), _r), _ONE, "nor 0: a product with it is 1"),
            Equality(Sum(p[_i], _i), _ONE, "the probabilities sum to 1"),
        ),
        uses=("softmax-sum",),
        covers=("cs182-35",),
        mutants=(
            Mutant("the net input has the wrong sign", z[_j] + log(total)),
            Mutant("the logarithm of the sum is missing", -z[_j]),
            Mutant("the sum is the number of classes", formula(_n), claim=3),
        ),
    )


THEOREMS = (_two_classes(), _several_classes(), _loss_of_one_class())
