"""The L2 penalty and the structural risk: mean loss plus half of λ times the squares of all weights."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from derivations.kernel.formula import (
    Array,
    Column,
    Delta,
    Map,
    Named,
    Ones,
    Partial,
    Sum,
    Trace,
    Zeros,
    formula,
    sum_over,
)
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Mutant, Step, Theorem

_k, _n, _m = dimensions("k n m")
_i, _p = Index("i", _k), Index("p", _k)
_j, _q = Index("j", _n), Index("q", _n)
_s = Index("s", _m)
_W, _b = Array("W", _k, _n, layer="l"), Array("b", _k, layer="l")
_lambda = Array("lambda", sign="positive")
_others = Array("S")
_HALF = formula(Fraction(1, 2))
_squares = sum_over(_W[_i, _j] ** 2, _i, _j) + _others
_penalty = Named(Array("P"), _HALF * _lambda * _squares)
_OTHERS = "S is the sum of the squares of the weights of all other layers: it does not depend on layer l"


def _gradient() -> Theorem:
    return Theorem(
        "penalty-gradient",
        "Gradient of the L2 penalty",
        introduction=(
            "The penalty is half of λ times the sum of the squares of all weights of all layers, without the "
            "biases. S stands for the squares of the other layers."
        ),
        conditions=(_OTHERS,),
        claims=(
            Equality(
                Partial(_penalty, _W[_p, _q]),
                _lambda * _W[_p, _q],
                "by one weight",
                (
                    Step(
                        _HALF * _lambda * sum_over(2 * _W[_i, _j] * Partial(_W[_i, _j], _W[_p, _q]), _i, _j),
                        "power rule and chain rule",
                        "The weights of the other layers are constants.",
                        uses="chain-rule-scalars",
                    ),
                    Step(
                        _HALF * _lambda * sum_over(2 * _W[_i, _j] * (Delta(_i, _p) * Delta(_j, _q)), _i, _j),
                        "derivative of an entry by an entry",
                        "The weights are independent of each other.",
                    ),
                    Step(
                        _lambda * _W[_p, _q],
                        "sifting",
                        (
                            "Only the term with i = p and j = q is left, and the factor 1/2 cancels "
                            "the exponent."
                        ),
                    ),
                ),
            ),
            Equality(Partial(_penalty, _W), _lambda * _W, "by the weight matrix"),
            Equality(Partial(_penalty, _b), Zeros(_k), "by the biases"),
            Equality(sum_over(_W[_i, _j] ** 2, _i, _j), Trace(_W.T * _W), "the squares as a trace"),
        ),
        covers=("nndl-15", "nndl-18"),
        mutants=(
            Mutant("the factor 1/2 is forgotten", 2 * _lambda * _W, claim=1),
            Mutant("λ is missing", _W, claim=1),
            Mutant("the penalty acts on the biases", _lambda * _b, claim=2),
            Mutant("the trace of W itself", lambda: Trace(_W), claim=3),
        ),
    )


def _risk() -> Theorem:
    A = Array("A", _n, _m, layer="l-1")
    Z = Named(Array("Z", _k, _m, layer="l"), _W * A + _b * Ones(sp.S.One, _m))
    loss = Map(Array("L"), Column(Z, _s), Column(Array("E", _k, _m, layer="l"), _s), (_s,))
    mean_loss = Named(Array("J"), Sum(loss, _s) / _m)
    risk = Named(Array("R"), mean_loss + _penalty)
    alpha = Array("alpha", sign="positive")
    mean_by_weights = Sum(Partial(loss, _W), _s) / _m
    mean_by_biases = Sum(Partial(loss, _b), _s) / _m
    return Theorem(
        "structural-risk-gradient",
        "Gradient of the structural risk, and its update",
        introduction=(
            "The risk is the mean of the losses plus the penalty. L_s is any differentiable "
            "function of the net "
            "inputs of example s."
        ),
        conditions=(_OTHERS, "α > 0"),
        claims=(
            Equality(
                Partial(risk, _W),
                mean_by_weights + _lambda * _W,
                "by the weights",
                (
                    Step(
                        Partial(mean_loss, _W) + Partial(_penalty, _W),
                        "linearity",
                        "The derivative of a sum is the sum of the derivatives.",
                    ),
                    Step(
                        mean_by_weights + Partial(_penalty, _W),
                        "linearity",
                        "The cost is the mean of the losses.",
                        uses="cost-gradient-is-a-mean",
                    ),
                    Step(
                        mean_by_weights + _lambda * _W,
                        "gradient of the penalty",
                        "It is λ W.",
                        uses="penalty-gradient",
                    ),
                ),
            ),
            Equality(Partial(risk, _b), mean_by_biases, "by the biases: the penalty does not act on them"),
            Equality(
                _W - alpha * Partial(risk, _W),
                (1 - alpha * _lambda) * _W - alpha * mean_by_weights,
                "one step of gradient descent shrinks the weights and follows the mean loss",
                (
                    Step(
                        _W - alpha * (mean_by_weights + _lambda * _W),
                        "gradient of the risk",
                        "As derived.",
                    ),
                    Step(
                        (1 - alpha * _lambda) * _W - alpha * mean_by_weights,
                        "collect terms",
                        "W stands in two of them.",
                    ),
                ),
            ),
            Equality(
                _b - alpha * Partial(risk, _b),
                _b - alpha * mean_by_biases,
                "one step of the biases: λ does not enter",
            ),
            Equality(
                risk,
                Sum(loss, _s) / _m + _HALF * _lambda * _squares,
                "the risk: mean loss plus half of λ times the squares",
            ),
        ),
        uses=("descent-direction",),
        conclusion=(
            "The direction of the step is opposite to the gradient of the risk, and so for a "
            "small α the risk falls."
        ),
        covers=("nndl-16", "nndl-19", "nndl-20", "nndl-21"),
        mutants=(
            Mutant(
                "the mean is multiplied by the penalty's gradient",
                lambda: mean_by_weights * (_lambda * _W),
                source="nndl-19",
            ),
            Mutant("the penalty is forgotten", mean_by_weights),
            Mutant("the penalty is averaged", mean_by_weights + _lambda * _W / _m),
            Mutant("the penalty acts on the biases", mean_by_biases + _lambda * _b, claim=1),
            Mutant(
                "the mean is multiplied by the penalty's gradient",
                lambda: _W - alpha * (mean_by_weights * (_lambda * _W)),
                claim=2,
                source="nndl-20",
            ),
            Mutant(
                "the mean is multiplied by the penalty",
                mean_loss * _penalty,
                claim=4,
                source="nndl-16",
            ),
            Mutant("the weights grow", (1 + alpha * _lambda) * _W - alpha * mean_by_weights, claim=2),
        ),
    )


THEOREMS = (_gradient(), _risk())
