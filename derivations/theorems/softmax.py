"""Softmax: its Jacobian, its sum, and its cross-entropy."""

from __future__ import annotations

from derivations.kernel.formula import Array, Delta, Diagonal, Entries, Named, Partial, Sum, formula
from derivations.kernel.functions import exp, log
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Hypothesis, Mutant, Step, Theorem

(_n,) = dimensions("n")
_i, _j, _k = (Index(name, _n) for name in "ijk")
_z, _y = Array("z", _n), Array("y", _n)
_total = Sum(exp(_z[_k]), _k)
_y_hat = Named(Array("y_hat", _n), Entries(exp(_z[_i]) / _total, _i))
_SUMS_TO_ONE = Hypothesis(Sum(_y[_k], _k), formula(1), "The labels sum to 1, as one-hot labels do.")


def _sum() -> Theorem:
    return Theorem(
        "softmax-sum",
        "The outputs of a softmax sum to 1",
        claims=(
            Equality(
                Sum(_y_hat[_i], _i),
                formula(1),
                steps=(
                    Step(Sum(exp(_z[_i]) / _total, _i), "definition", "The softmax written out."),
                    Step(
                        Sum(exp(_z[_i]), _i) / _total,
                        "linearity",
                        "The denominator is the same in all terms.",
                    ),
                    Step(formula(1), "cancellation", "Numerator and denominator are the same sum."),
                ),
            ),
        ),
        covers=("article-93",),
        mutants=(Mutant("the sum is the number of classes", formula(_n)),),
    )


def _jacobian() -> Theorem:
    entry = _y_hat[_i] * (Delta(_i, _j) - _y_hat[_j])
    return Theorem(
        "softmax-jacobian",
        "Jacobian of the softmax",
        introduction="Every output depends on every net input, through the common denominator.",
        claims=(
            Equality(
                Partial(_y_hat[_i], _z[_j]),
                entry,
                "entry by entry",
                (
                    Step(Partial(exp(_z[_i]) / _total, _z[_j]), "definition", "The softmax written out."),
                    Step(
                        (Partial(exp(_z[_i]), _z[_j]) * _total - exp(_z[_i]) * Partial(_total, _z[_j]))
                        / _total**2,
                        "quotient rule",
                        "Numerator and denominator both depend on z_j.",
                    ),
                    Step(
                        (Delta(_i, _j) * exp(_z[_i]) * _total - exp(_z[_i]) * exp(_z[_j])) / _total**2,
                        "derivative of exp",
                        "The numerator depends on z_j only for i = j; of the sum only one term does.",
                    ),
                    Step(
                        exp(_z[_i]) / _total * (Delta(_i, _j) - exp(_z[_j]) / _total),
                        "factor out",
                        "e^z_i over the sum stands in both terms.",
                    ),
                    Step(entry, "definition", "Both quotients are outputs of the softmax."),
                ),
            ),
            Equality(
                Partial(_y_hat, _z),
                Diagonal(_y_hat) - _y_hat * _y_hat.T,
                "as a matrix",
                (
                    Step(
                        Entries(Delta(_i, _j) * _y_hat[_i] - _y_hat[_i] * _y_hat[_j], _j, _i),
                        "denominator layout",
                        "Row j, column i is ∂ŷ_i/∂z_j.",
                    ),
                    Step(
                        Diagonal(_y_hat) - _y_hat * _y_hat.T,
                        "diagonal matrix and outer product",
                        "δ_ij ŷ_i is an entry of diag(ŷ), ŷ_i ŷ_j one of ŷ ŷᵀ; the matrix is symmetric.",
                    ),
                ),
            ),
        ),
        covers=("article-99", "article-100", "article-101"),
        mutants=(
            Mutant("ŷ_i stands where ŷ_j should", _y_hat[_i] * (Delta(_i, _j) - _y_hat[_i])),
            Mutant("only the diagonal is kept", Diagonal(_y_hat), claim=1),
        ),
    )


def _log_sum_exp() -> Theorem:
    return Theorem(
        "log-sum-exp-gradient",
        "The gradient of log-sum-exp is the softmax",
        claims=(
            Equality(
                Partial(log(_total), _z),
                _y_hat,
                steps=(
                    Step(
                        Entries(Partial(_total, _z[_j]) / _total, _j),
                        "chain rule",
                        "The derivative of log u is 1/u.",
                    ),
                    Step(
                        Entries(exp(_z[_j]) / _total, _j),
                        "derivative of exp",
                        "Only the term with k = j depends on z_j.",
                    ),
                    Step(_y_hat, "definition", "This is the softmax."),
                ),
            ),
        ),
        mutants=(Mutant("the denominator is missing", exp(_z)),),
    )


def _cross_entropy() -> Theorem:
    loss = Named(Array("L"), -Sum(_y[_i] * log(_y_hat[_i]), _i))
    return Theorem(
        "softmax-cross-entropy-error",
        "Output error of softmax with cross-entropy",
        introduction="The logarithm and the exponentials cancel: what is left is ŷ − y.",
        hypotheses=(_SUMS_TO_ONE,),
        claims=(
            Equality(
                Partial(loss, _z),
                _y_hat - _y,
                steps=(
                    Step(
                        Entries(-Sum(_y[_i] * Partial(log(_y_hat[_i]), _z[_j]), _i), _j),
                        "linearity",
                        "The labels do not depend on z.",
                    ),
                    Step(
                        Entries(-Sum(_y[_i] / _y_hat[_i] * Partial(_y_hat[_i], _z[_j]), _i), _j),
                        "chain rule",
                        "The derivative of log u is 1/u.",
                    ),
                    Step(
                        Entries(-Sum(_y[_i] * (Delta(_i, _j) - _y_hat[_j]), _i), _j),
                        "Jacobian of the softmax",
                        "Its factor ŷ_i cancels the denominator.",
                        uses="softmax-jacobian",
                    ),
                    Step(
                        Entries(Sum(_y[_i], _i) * _y_hat[_j] - _y[_j], _j),
                        "sifting",
                        "Only the term with i = j is left of the first sum; ŷ_j does not depend on i.",
                    ),
                    Step(_y_hat - _y, "hypothesis", "The labels sum to 1."),
                ),
            ),
        ),
        covers=("cs182-36", "article-209", "article-210"),
        mutants=(
            Mutant("the labels need not sum to 1", without_hypotheses=True),
            Mutant("the sign is wrong", _y - _y_hat),
        ),
    )


THEOREMS = (_sum(), _jacobian(), _log_sum_exp(), _cross_entropy())
