"""Softmax: its sum, its Jacobian, log-sum-exp, two classes, and the sharpness that makes it a hardmax."""

from __future__ import annotations

from derivations.kernel.formula import (
    Array,
    Delta,
    Diagonal,
    Entries,
    Map,
    Named,
    Ones,
    Partial,
    Sum,
    Zeros,
    formula,
    hadamard,
)
from derivations.kernel.functions import exp, log, sigmoid
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Mutant, Step, Theorem

(_n,) = dimensions("n")
_i, _j, _k = (Index(name, _n) for name in "ijk")
_z = Array("z", _n)
_total = Sum(exp(_z[_k]), _k)
_a = Named(Array("a", _n), Entries(exp(_z[_i]) / _total, _i))


def _sum() -> Theorem:
    return Theorem(
        "softmax-sum",
        "The outputs of a softmax sum to 1",
        introduction="a_i = e^z_i / Σ_k e^z_k; every exponential is positive, and so is every output.",
        claims=(
            Equality(
                Sum(_a[_i], _i),
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
        covers=("article-93", "article-131"),
        mutants=(Mutant("the sum is the number of classes", formula(_n)),),
    )


def _shift() -> Theorem:
    c = Array("c")
    shifted = Entries(exp(_z[_i] + c) / Sum(exp(_z[_k] + c), _k), _i)
    return Theorem(
        "softmax-shift",
        "One constant added to all net inputs changes nothing",
        introduction="This is why a program may subtract the largest net input first.",
        claims=(
            Equality(
                shifted,
                _a,
                steps=(
                    Step(
                        Entries(exp(c) * exp(_z[_i]) / (exp(c) * _total), _i),
                        "exponential of a sum",
                        "e^c is a factor of the numerator and of every term of the sum.",
                    ),
                    Step(_a, "cancellation", "e^c cancels."),
                ),
            ),
        ),
        mutants=(Mutant("the constant stays", exp(c) * _a),),
    )


def _jacobian() -> Theorem:
    entry = _a[_i] * (Delta(_i, _j) - _a[_j])
    return Theorem(
        "softmax-jacobian",
        "Jacobian of the softmax",
        introduction="Every output depends on every net input, through the common denominator.",
        claims=(
            Equality(
                Partial(_a[_i], _z[_j]),
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
                Partial(_a, _z),
                Diagonal(_a) - _a * _a.T,
                "as a matrix",
                (
                    Step(
                        Entries(Delta(_i, _j) * _a[_i] - _a[_i] * _a[_j], _j, _i),
                        "denominator layout",
                        "Row j, column i is ∂a_i/∂z_j.",
                    ),
                    Step(
                        Diagonal(_a) - _a * _a.T,
                        "diagonal matrix and outer product",
                        "δ_ij a_i is an entry of diag(a), a_i a_j one of a aᵀ.",
                    ),
                ),
            ),
            Equality(Partial(_a[_i], _z[_i]), _a[_i] * (1 - _a[_i]), "an output by its own net input"),
            Equality(
                (1 - Delta(_i, _j)) * Partial(_a[_i], _z[_j]),
                -(1 - Delta(_i, _j)) * _a[_i] * _a[_j],
                "an output by another net input: both sides multiplied by 1 − δ_ij, which is 1 for i ≠ j",
            ),
            Equality(Partial(_a, _z), Partial(_a, _z).T, "it is symmetric"),
            Equality(Partial(_a, _z) * Ones(_n), Zeros(_n), "its rows sum to 0", ()),
        ),
        covers=("article-99", "article-100", "article-101", "article-206"),
        mutants=(
            Mutant("a_i stands where a_j should", _a[_i] * (Delta(_i, _j) - _a[_i])),
            Mutant(
                "only the diagonal is kept", Diagonal(hadamard(_a, Ones(_n) - _a)), claim=1, source="nndl-41"
            ),
            Mutant("the outer product is added", Diagonal(_a) + _a * _a.T, claim=1),
            Mutant("the sign is wrong", (1 - Delta(_i, _j)) * _a[_i] * _a[_j], claim=3),
        ),
    )


def _vjp() -> Theorem:
    delta = Array("delta", _n)
    loss = Map(Array("L"), _a, delta)
    inner = delta.T * _a
    return Theorem(
        "softmax-vjp",
        "Vector-Jacobian product of the softmax",
        introduction="The Jacobian need not be built: a dot product and a Hadamard product do.",
        claims=(
            Equality(
                Partial(loss, _z),
                hadamard(_a, delta - inner * Ones(_n)),
                steps=(
                    Step(
                        Partial(_a, _z) * delta,
                        "chain rule in denominator layout",
                        "δ = ∂L/∂a.",
                        uses="chain-rule-denominator-layout",
                    ),
                    Step(
                        (Diagonal(_a) - _a * _a.T) * delta, "Jacobian", "As derived.", uses="softmax-jacobian"
                    ),
                    Step(
                        hadamard(_a, delta) - _a * (_a.T * delta),
                        "distribute",
                        "A diagonal matrix times a column is a Hadamard product; aᵀ δ is a number.",
                    ),
                    Step(hadamard(_a, delta - inner * Ones(_n)), "factor out", "a stands in both terms."),
                ),
            ),
        ),
        mutants=(Mutant("the dot product is missing", hadamard(_a, delta)),),
    )


def _log_sum_exp() -> Theorem:
    return Theorem(
        "log-sum-exp-gradient",
        "The gradient of log-sum-exp is the softmax",
        claims=(
            Equality(
                Partial(log(_total), _z),
                _a,
                "the gradient",
                (
                    Step(
                        Entries(Partial(_total, _z[_j]) / _total, _j),
                        "chain rule",
                        "The derivative of log u is 1/u.",
                        uses="chain-rule-scalars",
                    ),
                    Step(
                        Entries(exp(_z[_j]) / _total, _j),
                        "derivative of exp",
                        "Only the term with k = j depends on z_j.",
                    ),
                    Step(_a, "definition", "This is the softmax."),
                ),
            ),
            Equality(log(_a[_i]), _z[_i] - log(_total), "the logarithm of an output"),
        ),
        mutants=(
            Mutant("the denominator is missing", exp(_z)),
            Mutant("the sign is wrong", _z[_i] + log(_total), claim=1),
        ),
    )


def _sharpness() -> Theorem:
    beta = Array("beta", sign="positive")
    scaled = Named(Array("u", _n), beta * _z)
    total = Sum(exp(beta * _z[_k]), _k)
    a = Named(Array("a", _n), Entries(exp(beta * _z[_i]) / total, _i))
    of_scaled = Entries(exp(scaled[_i]) / Sum(exp(scaled[_k]), _k), _i)
    return Theorem(
        "sharp-softmax",
        "Softmax with a sharpness constant",
        introduction="β > 1 sharpens the softmax, β < 1 flattens it; its derivatives get the factor β.",
        conditions=("β > 0",),
        claims=(
            Equality(a, of_scaled, "it is the softmax of β z"),
            Equality(Partial(a, _z), beta * (Diagonal(a) - a * a.T), "its Jacobian"),
            Equality(
                Partial(a, beta), hadamard(a, _z - (a.T * _z) * Ones(_n)).T, "its derivative by β, a row"
            ),
        ),
        uses=("softmax-jacobian",),
        mutants=(Mutant("the factor β is missing", Diagonal(a) - a * a.T, claim=1),),
    )


def _two_classes() -> Theorem:
    one, two = Array("z1"), Array("z2")
    both = exp(one) + exp(two)
    first, second = exp(one) / both, exp(two) / both
    zero = formula(0)
    return Theorem(
        "two-class-softmax",
        "The sigmoid is the softmax of two classes",
        introduction=(
            "A softmax of two net inputs depends on their difference only: one of them may be set to 0."
        ),
        claims=(
            Equality(first + second, formula(1), "the two outputs sum to 1"),
            Equality(
                first,
                1 / (1 + exp(-(one - two))),
                "the first output depends on the difference",
                (
                    Step(
                        first * (exp(-one) / exp(-one)),
                        "multiply by 1",
                        "Numerator and denominator are multiplied by e^−z1.",
                    ),
                    Step(1 / (1 + exp(two - one)), "exponential of a sum", "e^z1 e^−z1 = 1."),
                    Step(1 / (1 + exp(-(one - two))), "sign", "z2 − z1 = −(z1 − z2)."),
                ),
            ),
            Equality(first, sigmoid(one - two), "so it is a sigmoid"),
            Equality(first, 1 - second, "and the second is the rest"),
            Equality(exp(one) / (exp(one) + exp(zero)), sigmoid(one), "with the second net input set to 0"),
            Equality(exp(zero) / (exp(one) + exp(zero)), 1 - sigmoid(one), "and the second output then"),
        ),
        covers=("article-104", "article-105", "article-106"),
        mutants=(
            Mutant("the difference is turned round", sigmoid(two - one), claim=2),
            Mutant("the two outputs are equal", second, claim=3),
        ),
    )


THEOREMS = (
    _sum(),
    _shift(),
    _jacobian(),
    _vjp(),
    _log_sum_exp(),
    _sharpness(),
    _two_classes(),
)
