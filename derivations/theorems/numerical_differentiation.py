"""Difference quotients: their truncation errors by Taylor's theorem, and truncation against rounding.

f is any function with enough continuous derivatives. f(x + h) is written u and f(x − h) is written v, each
standing for its Taylor expansion with Lagrange's remainder, an exact equation: no term is dropped.
"""

from __future__ import annotations

from fractions import Fraction

from derivations.kernel.formula import Array, Column, Identity, Named, Partial, Sum, formula
from derivations.kernel.functions import activation, prime
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Inequality, Kind, Mutant, Step, Theorem

_f = activation("f")
_f1 = prime(_f)
_f2 = prime(_f1)
_f3 = prime(_f2)
_x, _h = Array("x"), Array("h")
_xi, _eta = Array("xi"), Array("eta")
_half, _sixth = Fraction(1, 2), Fraction(1, 6)

_ahead_1 = Named(Array("u"), _f(_x) + _h * _f1(_x) + formula(_half) * _h**2 * _f2(_xi))
_ahead = Named(
    Array("u"),
    _f(_x) + _h * _f1(_x) + formula(_half) * _h**2 * _f2(_x) + formula(_sixth) * _h**3 * _f3(_xi),
)
_behind = Named(
    Array("v"),
    _f(_x) - _h * _f1(_x) + formula(_half) * _h**2 * _f2(_x) - formula(_sixth) * _h**3 * _f3(_eta),
)
_BETWEEN = "ξ lies between x and x + h"
_TAYLOR = "taylor-theorem"


def _taylor() -> Theorem:
    return Theorem(
        _TAYLOR,
        "Taylor's theorem with Lagrange's remainder",
        introduction=(
            "Let f have n + 1 continuous derivatives. Then f(x + h) = f(x) + h f'(x) + … + hⁿ/n! f⁽ⁿ⁾(x) + "
            "hⁿ⁺¹/(n+1)! f⁽ⁿ⁺¹⁾(ξ) for a number ξ between x and x + h. This is a theorem of analysis; here "
            "it is taken for granted. What the kernel checks is where its coefficients come from: the "
            "derivatives of f(x + h) by h are those of f."
        ),
        claims=(
            Equality(Partial(_f(_x + _h), _h), _f1(_x + _h), "the first derivative"),
            Equality(Partial(_f1(_x + _h), _h), _f2(_x + _h), "the second derivative"),
            Equality(Partial(_f2(_x + _h), _h), _f3(_x + _h), "the third derivative"),
        ),
        kind=Kind.ASSUMPTION,
    )


def _forward() -> Theorem:
    quotient = (_ahead_1 - _f(_x)) / _h
    error = _h * _f2(_xi) / 2
    return Theorem(
        "forward-difference-error",
        "The truncation error of the forward difference",
        introduction="u = f(x + h) = f(x) + h f'(x) + h²/2 f''(ξ).",
        conditions=("f has two continuous derivatives", "h ≠ 0", _BETWEEN),
        claims=(
            Equality(
                quotient - _f1(_x),
                error,
                "the error of the quotient: of order h",
                (
                    Step(
                        (_h * _f1(_x) + formula(_half) * _h**2 * _f2(_xi)) / _h - _f1(_x),
                        "Taylor's theorem",
                        "f(x) cancels.",
                        uses=_TAYLOR,
                    ),
                    Step(error, "division by h", "f'(x) cancels; one factor h is left."),
                ),
            ),
            Equality(
                _ahead_1 - _f(_x) - _f1(_x) * _h,
                _h**2 * _f2(_xi) / 2,
                "the error of the change by a small nudge: of order h²",
            ),
        ),
        uses=(_TAYLOR,),
        covers=("calculus-6",),
        mutants=(
            Mutant("the factor 1/2 is missing", _h * _f2(_xi)),
            Mutant("the order is h²", _h**2 * _f2(_xi) / 2),
            Mutant("the change is exactly the derivative times the nudge", formula(0), claim=1),
        ),
        conclusion="If |f''| ≤ M near x, the forward difference is off by at most M |h| / 2.",
    )


def _centred() -> Theorem:
    quotient = (_ahead - _behind) / (2 * _h)
    error = _h**2 * (_f3(_xi) + _f3(_eta)) / 12
    mean = (_f3(_xi) + _f3(_eta)) / 2
    return Theorem(
        "centred-difference-error",
        "The truncation error of the centred difference",
        introduction=(
            "u = f(x + h) and v = f(x − h), each expanded to the third derivative, at ξ for the one and at "
            "η for the other."
        ),
        conditions=("f has three continuous derivatives", "h ≠ 0", _BETWEEN, "η lies between x − h and x"),
        claims=(
            Equality(
                quotient - _f1(_x),
                error,
                "the error of the quotient: of order h²",
                (
                    Step(
                        (2 * _h * _f1(_x) + formula(_sixth) * _h**3 * (_f3(_xi) + _f3(_eta))) / (2 * _h)
                        - _f1(_x),
                        "Taylor's theorem",
                        "The even terms, f(x) and h²/2 f''(x), cancel.",
                        uses=_TAYLOR,
                    ),
                    Step(error, "division by 2 h", "f'(x) cancels; two factors h are left."),
                ),
            ),
            Equality(
                quotient - _f1(_x),
                formula(_sixth) * _h**2 * mean,
                "as h²/6 times a mean of two values of f''', which f''' takes between them",
            ),
            Equality(
                (_ahead - _f(_x)) / _h - _f1(_x),
                _h * _f2(_x) / 2 + _h**2 * _f3(_xi) / 6,
                "the forward difference of the same function",
            ),
        ),
        uses=(_TAYLOR, "forward-difference-error"),
        covers=("nndl-51",),
        mutants=(
            Mutant(
                "the same value is subtracted", left=(_ahead - _ahead) / (2 * _h) - _f1(_x), source="nndl-51"
            ),
            Mutant("the order is h", _h * (_f3(_xi) + _f3(_eta)) / 12),
            Mutant("the quotient is divided by h only", left=(_ahead - _behind) / _h - _f1(_x)),
            Mutant("h²/2 stands for h²/6", formula(_half) * _h**2 * mean, claim=1),
            Mutant("the term with f'' cancels here, too", _h**2 * _f3(_xi) / 6, claim=2),
        ),
        conclusion=(
            "If |f'''| ≤ M near x, the centred difference is off by at most M h² / 6. By the intermediate "
            "value theorem the mean of f'''(ξ) and f'''(η) is f''' at a number between them."
        ),
    )


def _rounding() -> Theorem:
    d, e = Array("d"), Array("e")
    computed = ((_ahead_1 + e) - (_f(_x) + d)) / _h
    return Theorem(
        "forward-difference-rounding",
        "Truncation and rounding of the forward difference",
        introduction="The computed values are f(x) + d and f(x + h) + e with rounding errors d and e.",
        conditions=("f has two continuous derivatives", "h ≠ 0", _BETWEEN),
        claims=(
            Equality(
                computed - _f1(_x),
                _h * _f2(_xi) / 2 + (e - d) / _h,
                steps=(
                    Step(
                        (_ahead_1 - _f(_x)) / _h - _f1(_x) + (e - d) / _h,
                        "sum of quotients",
                        "The rounding errors are divided by h, as the values are.",
                    ),
                    Step(
                        _h * _f2(_xi) / 2 + (e - d) / _h,
                        "truncation error",
                        "The exact quotient is off by h/2 f''(ξ).",
                        uses="forward-difference-error",
                    ),
                ),
            ),
        ),
        mutants=(
            Mutant("the rounding errors are not divided by h", _h * _f2(_xi) / 2 + (e - d)),
            Mutant("rounding is left out", _h * _f2(_xi) / 2),
        ),
        conclusion=(
            "If |f''| ≤ M, and |d| and |e| are at most E, about ε |f(x)|, the error is at most h M / 2 + 2 "
            "E / h for h > 0."
        ),
    )


def _best_step() -> Theorem:
    M, E = Array("M", sign="positive"), Array("E", sign="positive")
    h = Array("h", sign="positive")
    truncation, rounding = h * M / 2, 2 * E / h
    best = Named(Array("h", sign="positive"), 2 * (E / M) ** _half)
    at_best = best * M / 2 + 2 * E / best
    epsilon, value = Array("epsilon", sign="positive"), Array("F", sign="positive")
    at_epsilon = Named(Array("E", sign="positive"), epsilon * value)
    return Theorem(
        "best-step",
        "The best step of the forward difference",
        introduction=(
            "The bound h M / 2 + 2 E / h of the error, with |f''| ≤ M and rounding errors up to E, falls "
            "with h while truncation dominates, and grows again as h gets smaller."
        ),
        conditions=("M > 0", "E > 0", "h > 0"),
        claims=(
            Equality(
                Partial(truncation + rounding, h),
                M / 2 - 2 * E / h**2,
                "the slope of the bound",
                (Step(M / 2 - 2 * E / h**2, "linearity", "∂h/∂h = 1 and ∂h⁻¹/∂h = −h⁻²."),),
            ),
            Equality(Partial(at_best, best), formula(0), "it is 0 at h = 2 √(E / M)"),
            Equality(at_best, 2 * (M * E) ** _half, "the bound there"),
            Inequality(
                4 * M * E,
                (truncation + rounding) ** 2,
                (truncation - rounding) ** 2,
                "and nowhere is it smaller: its square is at least 4 M E",
            ),
            Equality(
                2 * (at_epsilon / M) ** _half,
                2 * (value / M) ** _half * epsilon**_half,
                "for E = ε F, F being |f(x)|, the best step is proportional to √ε",
            ),
        ),
        uses=("forward-difference-rounding",),
        covers=("nndl-50",),
        mutants=(
            Mutant("rounding does not depend on the step", M / 2),
            Mutant("the bound falls everywhere", -(M / 2) - 2 * E / h**2),
            Mutant("the bound there is M E", M * E, claim=2),
            Mutant("it is at least 8 M E", left=8 * M * E, claim=3),
            Mutant("the best step is proportional to ε", 2 * (value / M) ** _half * epsilon, claim=4),
        ),
    )


def _first_order_change() -> Theorem:
    (n,) = dimensions("n")
    i, p = Index("i", n), Index("p", n)
    value, curvature = Array("f"), Array("kappa")
    direction, gradient = Array("d", n), Array("G", n)
    rate = Sum(gradient[p] * direction[p], p)
    moved = Named(Array("u"), value + _h * rate + formula(_half) * _h**2 * curvature)
    one = Column(Identity(n), i)
    along_one = Named(Array("v"), value + _h * (gradient.T * one) + formula(_half) * _h**2 * curvature)
    return Theorem(
        "first-order-change",
        "The change of a function for a small step",
        introduction=(
            "The step is h d, from the point x; G is the gradient of f there. Along the line x + t d the "
            "function is one of the number t, with the slope Gᵀ d at t = 0 and the second derivative κ at "
            "a point between 0 and h. So f(x + h d) is u = f + h Gᵀ d + h²/2 κ by Taylor's theorem."
        ),
        conditions=("f has two continuous derivatives", "κ belongs to a point between x and x + h d"),
        claims=(
            Equality(
                moved - value - Sum(gradient[p] * (_h * direction[p]), p),
                _h**2 * curvature / 2,
                "the error of the linear approximation: of second order",
                (
                    Step(
                        _h * rate + formula(_half) * _h**2 * curvature - _h * rate,
                        "Taylor's theorem",
                        "f cancels, and h is taken out of the sum.",
                        uses=_TAYLOR,
                    ),
                    Step(_h**2 * curvature / 2, "sum of numbers", "The linear terms cancel."),
                ),
            ),
            Equality(
                along_one - value - gradient[i] * _h,
                _h**2 * curvature / 2,
                "if entry i alone is changed by h, as a net input with the error G_i = δ_i",
                (
                    Step(
                        _h * (gradient.T * one) + formula(_half) * _h**2 * curvature - gradient[i] * _h,
                        "Taylor's theorem",
                        "In the direction of column i of the identity.",
                        uses=_TAYLOR,
                    ),
                    Step(_h**2 * curvature / 2, "identity matrix", "Gᵀ times column i of I is G_i."),
                ),
            ),
        ),
        uses=("total-differential", _TAYLOR),
        covers=("article-146", "article-158"),
        mutants=(
            Mutant("the approximation is exact", formula(0)),
            Mutant("the error is of first order", _h * curvature / 2),
            Mutant("the error is missing its factor 1/2", _h**2 * curvature, claim=1),
        ),
    )


THEOREMS = (_taylor(), _forward(), _centred(), _rounding(), _best_step(), _first_order_change())
