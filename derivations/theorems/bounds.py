"""Bounds of the derivatives of S-shaped activations, saturation, and the decay of the error over many layers.

Each inequality is proved by writing the difference of its sides as a sum of squares and positive quantities.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from derivations.kernel.formula import (
    Array,
    Formula,
    Identity,
    Named,
    Partial,
    ScalarFunction,
    Sum,
    formula,
    sum_over,
)
from derivations.kernel.functions import exp, log, prime, sigmoid, tanh
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Hypothesis, Inequality, Kind, Mutant, Step, Theorem

_n, _k = dimensions("n k")
_i, _j = Index("i", _n), Index("j", _n)
_p, _q = Index("p", _k), Index("q", _k)
_z = Array("z")
_ZERO, _ONE = formula(0), formula(1)
_HALF, _QUARTER = formula(Fraction(1, 2)), formula(Fraction(1, 4))
_erf = ScalarFunction("erf", lambda z: sp.erf(z))


def _derivatives() -> Theorem:
    s, t, e = sigmoid(_z), tanh(_z), exp(-_z)
    cosh_squared = (exp(_z) + exp(-_z)) ** 2
    steepest_erf = prime(_erf)(_ZERO)
    return Theorem(
        "s-shaped-derivative-bounds",
        "The derivative of the sigmoid is at most 1/4, that of tanh at most 1",
        introduction=(
            "The bound 1 is no property of every S-shaped function: the error function erf is steeper at 0."
        ),
        claims=(
            Inequality(
                Partial(s, _z),
                _QUARTER,
                (_HALF - s) ** 2,
                "the sigmoid",
                (
                    Step(
                        _QUARTER - s * (1 - s),
                        "derivative of the sigmoid",
                        "σ′ = σ (1 − σ).",
                        uses="sigmoid-derivative",
                    ),
                    Step(
                        (_HALF - s) ** 2,
                        "complete the square",
                        "It is 0 where σ = 1/2 only, which is at z = 0.",
                    ),
                ),
            ),
            Inequality(_ZERO, Partial(s, _z), e / (1 + e) ** 2, "and it is positive"),
            Equality(prime(sigmoid)(_ZERO), _QUARTER, "the bound is attained at 0"),
            Equality(
                _HALF - s,
                (e - 1) / (2 * (1 + e)),
                "and at 0 only: elsewhere e^−z is not 1, and the square is not 0",
            ),
            Inequality(
                Partial(t, _z),
                _ONE,
                t**2,
                "the hyperbolic tangent",
                (
                    Step(
                        1 - (1 - t**2),
                        "derivative of tanh",
                        "It is 1 − tanh².",
                        uses="tanh-derivative",
                    ),
                    Step(t**2, "collect terms", "It is 0 where tanh z = 0 only, which is at z = 0."),
                ),
            ),
            Inequality(_ZERO, Partial(t, _z), 4 / cosh_squared, "and it is positive"),
            Equality(prime(tanh)(_ZERO), _ONE, "the bound is attained at 0"),
            Equality(
                t,
                (1 - exp(-2 * _z)) / (1 + exp(-2 * _z)),
                "and at 0 only: elsewhere e^−2z is not 1, and the square is not 0",
            ),
            Inequality(
                _ONE,
                steepest_erf,
                formula(2 / sp.sqrt(sp.pi) - 1),
                "the error function is steeper than 1 at 0",
            ),
        ),
        covers=("nndl-68",),
        mutants=(
            Mutant("the bound of the sigmoid is 1/5", formula(Fraction(1, 5))),
            Mutant("the bound is attained at 1", left=prime(sigmoid)(_ONE), claim=2),
            Mutant("tanh has the bound of the sigmoid", _QUARTER, claim=4),
            Mutant(
                "the slope of every S-shaped function is at most 1",
                _ONE,
                left=steepest_erf,
                claim=8,
                source="nndl-68",
            ),
        ),
    )


def _saturation() -> Theorem:
    s, t = sigmoid(_z), tanh(_z)
    epsilon, r = Array("epsilon", sign="positive"), Array("r", sign="positive")
    far = log(1 / epsilon + r)

    def excess(e: Formula) -> Formula:
        return e * (2 * e + e**2) / (1 + e) ** 2

    return Theorem(
        "saturation",
        "Far from 0 the derivatives of sigmoid and tanh are close to 0",
        introduction=(
            "For z ≥ 0 the bounds with e^−z are the sharp ones, for z < 0 those with e^z: together they say "
            "e^−|z| and 4 e^−2|z|. That these bounds tend to 0 is shown with ε: every number above "
            "log(1/ε) is log(1/ε + r) for an r > 0."
        ),
        conditions=("ε > 0 and r > 0, however small ε may be",),
        claims=(
            Inequality(
                Partial(s, _z),
                exp(-_z),
                excess(exp(-_z)),
                "the sigmoid, for z ≥ 0",
                (
                    Step(
                        exp(-_z) - exp(-_z) / (1 + exp(-_z)) ** 2,
                        "derivative of the sigmoid",
                        "Written with e^−z.",
                        uses="sigmoid-derivative",
                    ),
                    Step(excess(exp(-_z)), "common denominator", "(1 + u)² − 1 = 2u + u²."),
                ),
            ),
            Inequality(Partial(s, _z), exp(_z), excess(exp(_z)), "the sigmoid, for z < 0"),
            Inequality(
                Partial(t, _z),
                4 * exp(-2 * _z),
                4 * excess(exp(-2 * _z)),
                "the hyperbolic tangent, for z ≥ 0",
            ),
            Inequality(Partial(t, _z), 4 * exp(2 * _z), 4 * excess(exp(2 * _z)), "tanh, for z < 0"),
            Inequality(
                exp(-far),
                epsilon,
                epsilon**2 * r / (1 + epsilon * r),
                "the bound e^−|z| is below ε for every |z| > log(1/ε)",
                (
                    Step(
                        epsilon - 1 / (1 / epsilon + r),
                        "exponential of a logarithm",
                        "e^−log u = 1/u.",
                    ),
                    Step(
                        epsilon - epsilon / (1 + epsilon * r),
                        "multiply by 1",
                        "Numerator and denominator are multiplied by ε.",
                    ),
                    Step(
                        epsilon**2 * r / (1 + epsilon * r), "common denominator", "ε cancels, ε² r is left."
                    ),
                ),
            ),
        ),
        conclusion=(
            "0 ≤ σ′(z) ≤ e^−|z| and 0 ≤ tanh′(z) ≤ 4 e^−2|z|, and both bounds fall below every ε > 0: the "
            "derivatives tend to 0 as |z| grows."
        ),
        uses=("s-shaped-derivative-bounds",),
        covers=("nndl-69",),
        mutants=(
            Mutant("the sigmoid falls as fast as e^−2z", exp(-2 * _z)),
            Mutant("the factor 4 of tanh is missing", exp(-2 * _z), claim=2),
            Mutant("the bound falls below ε/2 there already", epsilon / 2, claim=4),
        ),
    )


def _contraction() -> Theorem:
    z, v = Array("z", _n), Array("v", _n)
    s, t = sigmoid(z), tanh(z)
    e = exp(-z)
    gamma, u = Array("gamma"), Array("u", _n)
    slope = 2 * u[_i] / (1 + u[_i] ** 2)
    W, delta = Array("W", _k, _n), Array("delta", _k)
    steep = exp(z[_i]) + exp(-z[_i])
    return Theorem(
        "contraction-of-a-layer",
        "How much a layer can lengthen an error term",
        introduction=(
            "Both factors of the error recursion are bounded: the derivatives of the activation, "
            "and the transposed "
            "weights. Every number between −γ and γ is γ 2u / (1 + u²) for a u, so that the "
            "third claim speaks of "
            "every activation with |f′| ≤ γ."
        ),
        claims=(
            Inequality(
                Sum((prime(sigmoid)(z)[_i] * v[_i]) ** 2, _i),
                formula(Fraction(1, 16)) * Sum(v[_i] ** 2, _i),
                Sum(
                    v[_i] ** 2 * (_HALF - s[_i]) ** 2 * (_QUARTER + e[_i] / (1 + e[_i]) ** 2),
                    _i,
                ),
                "derivatives of the sigmoid",
                (
                    Step(
                        Sum(
                            v[_i] ** 2 * (_QUARTER - s[_i] * (1 - s[_i])) * (_QUARTER + s[_i] * (1 - s[_i])),
                            _i,
                        ),
                        "difference of squares",
                        "1/16 − σ′² = (1/4 − σ′)(1/4 + σ′), and σ′ = σ (1 − σ).",
                        uses="sigmoid-derivative",
                    ),
                    Step(
                        Sum(v[_i] ** 2 * (_HALF - s[_i]) ** 2 * (_QUARTER + e[_i] / (1 + e[_i]) ** 2), _i),
                        "complete the square",
                        "The first bracket is a square, the second is positive.",
                        uses="s-shaped-derivative-bounds",
                    ),
                ),
            ),
            Inequality(
                Sum((prime(tanh)(z)[_i] * v[_i]) ** 2, _i),
                Sum(v[_i] ** 2, _i),
                Sum(v[_i] ** 2 * t[_i] ** 2 * (1 + 4 / steep**2), _i),
                "derivatives of tanh",
            ),
            Inequality(
                Sum((gamma * slope * v[_i]) ** 2, _i),
                gamma**2 * Sum(v[_i] ** 2, _i),
                gamma**2 * Sum(v[_i] ** 2 * ((1 - u[_i] ** 2) / (1 + u[_i] ** 2)) ** 2, _i),
                "derivatives between −γ and γ",
            ),
            Inequality(
                Sum((W.T * delta)[_i] ** 2, _i),
                sum_over(W[_p, _i] ** 2, _p, _i) * Sum(delta[_q] ** 2, _q),
                _HALF * sum_over((W[_p, _i] * delta[_q] - W[_q, _i] * delta[_p]) ** 2, _i, _p, _q),
                "the transposed weights lengthen by at most the Frobenius norm",
            ),
        ),
        mutants=(
            Mutant("σ′ is at most 1/5", formula(Fraction(1, 25)) * Sum(v[_i] ** 2, _i)),
            Mutant("γ is not squared", gamma * Sum(v[_i] ** 2, _i), claim=2),
            Mutant("the weights do not enter", Sum(delta[_q] ** 2, _q), claim=3),
        ),
    )


def _decay() -> Theorem:
    W = Array("W", _k, _n, layer="l+1")
    above, z = Array("delta", _k, layer="l+1"), Array("z", _n, layer="l")
    last = Array("N", layer="L")
    gamma, omega = Array("gamma", layer="l"), Array("omega", layer="l+1")
    product = Array("C", layer="l+1")
    # Slacks are never negative; of their sign nothing is used but that.
    slack_of_weights = Array("zeta", sign="positive")
    slack_above = Array("zeta", layer="l+1", sign="positive")
    v, u = W.T * above, Array("u", _n, layer="l")
    slope = gamma * (2 * u[_i] / (1 + u[_i] ** 2))
    shorter = gamma**2 * Sum(v[_i] ** 2 * ((1 - u[_i] ** 2) / (1 + u[_i] ** 2)) ** 2, _i)
    s, e = sigmoid(z), exp(-z)
    shorter_sigmoid = Sum(v[_i] ** 2 * (_HALF - s[_i]) ** 2 * (_QUARTER + e[_i] / (1 + e[_i]) ** 2), _i)
    sixteenth = formula(Fraction(1, 16))
    twice = Named(Array("V", _n, _n), 2 * Identity(_n))
    error = Array("delta", _n)
    return Theorem(
        "decay-of-the-error",
        "Decay of the error term over many layers",
        introduction=(
            "ω is a bound of the spectral norm of the weights: ‖Wᵀ δ‖ ≤ ω ‖δ‖ for every δ, and ζ "
            "is what the square "
            "of the left side lacks. N is ‖δ^(L)‖², and C the product of all γ ω of the layers above: the "
            "hypothesis of the induction is ‖δ^(l+1)‖² ≤ C² N, with ζ^(l+1) for what is lacking. |f′| ≤ γ is "
            "written f′ = γ 2u / (1 + u²). The weights enter: with large ones the error may grow."
        ),
        conditions=(
            "ω^(l+1) bounds the spectral norm of W^(l+1), and γ^(l) bounds |f′|",
            "ζ ≥ 0 and ζ^(l+1) ≥ 0",
        ),
        hypotheses=(
            Hypothesis(
                Sum(above[_p] ** 2, _p),
                product**2 * last - slack_above,
                "The bound holds in the layer above.",
            ),
            Hypothesis(
                Sum(v[_i] ** 2, _i),
                omega**2 * Sum(above[_p] ** 2, _p) - slack_of_weights,
                "The spectral norm of the weights is at most ω.",
            ),
        ),
        kind=Kind.INDUCTION,
        claims=(
            Inequality(last, last, _ZERO, "the last layer: the product is empty", role="base"),
            Inequality(
                Sum((slope * v[_i]) ** 2, _i),
                gamma**2 * omega**2 * product**2 * last,
                shorter + gamma**2 * slack_of_weights + gamma**2 * omega**2 * slack_above,
                "one layer further down: C is multiplied by γ ω",
                (
                    Step(
                        gamma**2 * omega**2 * (Sum(above[_p] ** 2, _p) + slack_above)
                        - Sum((slope * v[_i]) ** 2, _i),
                        "hypothesis of the induction",
                        "C² N is put in.",
                    ),
                    Step(
                        gamma**2 * (Sum(v[_i] ** 2, _i) + slack_of_weights)
                        + gamma**2 * omega**2 * slack_above
                        - Sum((slope * v[_i]) ** 2, _i),
                        "spectral norm",
                        "ω² ‖δ^(l+1)‖² is put in.",
                    ),
                    Step(
                        shorter + gamma**2 * slack_of_weights + gamma**2 * omega**2 * slack_above,
                        "bound of the derivatives",
                        "1 − (2u / (1 + u²))² = ((1 − u²) / (1 + u²))².",
                        uses="contraction-of-a-layer",
                    ),
                ),
                role="step",
            ),
            Inequality(
                Sum((prime(sigmoid)(z)[_i] * v[_i]) ** 2, _i),
                sixteenth * omega**2 * product**2 * last,
                shorter_sigmoid + sixteenth * slack_of_weights + sixteenth * omega**2 * slack_above,
                "with sigmoids C is multiplied by ω / 4",
                role="step",
            ),
            Inequality(
                Sum(error[_i] ** 2, _i),
                Sum((twice.T * error)[_i] ** 2, _i),
                3 * Sum(error[_i] ** 2, _i),
                "the weights 2 I between linear neurons, whose slope is 1, double the error term",
            ),
        ),
        uses=("error-recursion", "contraction-of-a-layer"),
        conclusion=(
            "‖δ^(l)‖ is at most ‖δ^(L)‖ times the product of all γ ω from layer l to L − 1; with "
            "sigmoids and "
            "spectral norms up to ω at most (ω/4)^(L−l) ‖δ^(L)‖, which shrinks geometrically for ω < 4."
        ),
        covers=("nndl-70",),
        mutants=(
            Mutant("the weights do not enter", gamma**2 * product**2 * last, claim=1),
            Mutant("γ is not squared", gamma * omega**2 * product**2 * last, claim=1),
            Mutant("the sigmoid's factor is 1/8", omega**2 * product**2 * last / 64, claim=2),
            Mutant(
                "slopes of at most 1 keep the error term from growing, whatever the weights",
                Sum(error[_i] ** 2, _i),
                left=Sum((twice.T * error)[_i] ** 2, _i),
                claim=3,
                source="nndl-70",
            ),
        ),
    )


THEOREMS = (_derivatives(), _saturation(), _contraction(), _decay())
