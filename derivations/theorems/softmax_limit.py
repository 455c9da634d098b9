"""The softmax with a growing sharpness β: its limit is the hardmax.

A limit is stated with ε: a quantity that is never negative and at most ε for every β above some value,
however small ε > 0 may be, tends to 0.
"""

from __future__ import annotations

from derivations.kernel.formula import Array, Formula, Sum, formula
from derivations.kernel.functions import exp, log
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Inequality, Mutant, Step, Theorem

_p, _n = dimensions("p n")
_t, _k, _j = Index("t", _p), Index("k", _n), Index("j", _n)
_ZERO = formula(0)
_epsilon, _r = Array("epsilon", sign="positive"), Array("r", sign="positive")
_CONDITIONS = (
    "p ≥ 1 elements of z are equal to its maximum M, the n others are below it by the gaps g_k > 0",
    "β > 0",
)


def _decay() -> Theorem:
    gap, far = Array("g", sign="positive"), log(1 / _epsilon + _r)
    return Theorem(
        "exponential-decay",
        "e^−βg tends to 0 as β grows",
        introduction=(
            "For every ε > 0 there is a β from which on e^−βg is at most ε: every β above log(1/ε) / g is "
            "log(1/ε + r) / g for an r > 0."
        ),
        conditions=("g > 0", "ε > 0 and r > 0, however small ε may be"),
        claims=(
            Inequality(
                exp(-(far / gap) * gap),
                _epsilon,
                _epsilon**2 * _r / (1 + _epsilon * _r),
                "for every β above log(1/ε) / g",
                (
                    Step(_epsilon - exp(-far), "cancel", "The gap cancels."),
                    Step(
                        _epsilon - 1 / (1 / _epsilon + _r),
                        "exponential of a logarithm",
                        "e^−log u = 1/u.",
                    ),
                    Step(
                        _epsilon**2 * _r / (1 + _epsilon * _r),
                        "common denominator",
                        "1 / (1/ε + r) = ε / (1 + ε r).",
                    ),
                ),
            ),
            Inequality(_ZERO, exp(-(far / gap) * gap), exp(-(far / gap) * gap), "and it is never negative"),
        ),
        mutants=(
            Mutant("it is below ε/2 there already", _epsilon / 2),
            Mutant("the sign of the exponent is wrong", left=exp((far / gap) * gap)),
        ),
    )


def _hardmax() -> Theorem:
    beta, top = Array("beta", sign="positive"), Array("M")
    gap = Array("g", _n, sign="positive")
    sharp = exp(beta * top)
    total = Sum(exp(beta * top), _t) + Sum(exp(beta * (top - gap[_k])), _k)
    rest = Sum(exp(-(beta * gap[_k])), _k)
    ties = formula(_p)
    largest, other = sharp / total, exp(beta * (top - gap[_j])) / total

    def smaller(k: Index) -> Formula:
        return exp(-(beta * gap[k]))

    return Theorem(
        "softmax-limit",
        "The softmax tends to the hardmax as its sharpness grows",
        introduction=(
            "β multiplies the net inputs. Every output at the maximum lacks at most Σ e^−βg / p² "
            "of 1/p, and every "
            "other one is at most e^−βg / p; these bounds tend to 0."
        ),
        conditions=_CONDITIONS,
        claims=(
            Equality(
                largest,
                1 / (ties + rest),
                "an output at the maximum",
                (
                    Step(
                        sharp / (ties * sharp + Sum(sharp * smaller(_k), _k)),
                        "exponential of a sum",
                        "The p largest terms are equal; e^β(M−g) = e^βM e^−βg.",
                    ),
                    Step(1 / (ties + rest), "cancel", "e^βM stands in every term."),
                ),
            ),
            Inequality(largest, 1 / ties, rest / (ties * (ties + rest)), "it is at most 1/p"),
            Inequality(
                1 / ties - rest / ties**2,
                largest,
                rest**2 / (ties**2 * (ties + rest)),
                "and lacks at most Σ e^−βg / p² of it",
                (
                    Step(
                        1 / (ties + rest) - (ties - rest) / ties**2,
                        "cancel",
                        "The output as just found.",
                    ),
                    Step(
                        rest**2 / (ties**2 * (ties + rest)),
                        "common denominator",
                        "p² − (p − S)(p + S) = S² for S = Σ e^−βg.",
                    ),
                ),
            ),
            Equality(other, smaller(_j) / (ties + rest), "an output below the maximum"),
            Inequality(
                other,
                smaller(_j) / ties,
                smaller(_j) * rest / (ties * (ties + rest)),
                "it is at most e^−βg / p",
                (
                    Step(
                        smaller(_j) / ties - smaller(_j) / (ties + rest),
                        "cancel",
                        "The output as just found.",
                    ),
                    Step(
                        smaller(_j) * rest / (ties * (ties + rest)),
                        "common denominator",
                        "p + S − p = S for S = Σ e^−βg.",
                    ),
                ),
            ),
            Inequality(_ZERO, other, smaller(_j) / (ties + rest), "and never negative"),
        ),
        uses=("exponential-decay",),
        conclusion=(
            "Each of the finitely many terms e^−βg_k tends to 0, and so does their sum. The outputs at the "
            "maximum tend to 1/p, all others to 0: the hardmax, which is one-hot for p = 1."
        ),
        covers=("article-97", "article-98"),
        mutants=(
            Mutant("the ties are forgotten", 1 / (1 + rest)),
            Mutant("it is at most 1/(p + 1)", 1 / (ties + 1), claim=1),
            Mutant("it lacks nothing", left=1 / ties, claim=2),
            Mutant("the gap is forgotten", 1 / (ties + rest), claim=3),
            Mutant("it falls as fast as e^−2βg", exp(-2 * beta * gap[_j]) / ties, claim=4),
        ),
    )


THEOREMS = (_decay(), _hardmax())
