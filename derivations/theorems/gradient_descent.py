"""Gradient descent: the change of a function along a step, the direction of descent, and mini-batches."""

from __future__ import annotations

from fractions import Fraction

from derivations.kernel.formula import Array, Entries, Formula, Map, Named, Partial, Sum, formula, sum_over
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Inequality, Mutant, Step, Theorem

_n, _q, _m = dimensions("n q m")
_i, _k = Index("i", _n), Index("k", _n)
_r, _s = Index("r", _q), Index("s", _m)
_x, _d, _slope = Array("x", _n), Array("d", _n), Array("gamma", _n)
_t = Array("t")
_HALF = formula(Fraction(1, 2))


def _squares(v: Formula) -> Formula:
    return Sum(v[_k] ** 2, _k)


def _direction() -> Theorem:
    moved = Named(Array("u", _n), _x + _t * _d)
    f = Map(Array("f"), moved, _slope)
    at_x = Map(Array("f"), _x, _slope)
    gradient = Partial(at_x, _x)
    return Theorem(
        "descent-direction",
        "The gradient points uphill: the directional derivative",
        introduction=(
            "From the point x one moves along d: u = x + t d. γ is the gradient of f at the point where the "
            "derivatives are taken, x itself for t = 0."
        ),
        conditions=("f is differentiable",),
        claims=(
            Equality(
                Partial(f, _t),
                Sum(Partial(f, moved[_k]) * _d[_k], _k),
                "along any direction",
                (
                    Step(
                        Sum(Partial(f, moved[_k]) * Partial(moved[_k], _t), _k),
                        "chain rule",
                        "t stands in every entry of u.",
                        uses="chain-rule",
                    ),
                    Step(
                        Sum(Partial(f, moved[_k]) * _d[_k], _k),
                        "derivative of a linear function",
                        "u_k = x_k + t d_k.",
                    ),
                ),
            ),
            Equality(Partial(f, _t), Partial(f, moved).T * _d, "as a dot product with the gradient"),
            Equality(
                gradient.T * -gradient,
                -_squares(_slope),
                "against the gradient, d = −γ",
                (
                    Step(-(gradient.T * gradient), "sign", "The factor −1 comes to the front."),
                    Step(-_squares(_slope), "dot product", "It is the sum of the squares: −‖γ‖²."),
                ),
            ),
            Inequality(
                gradient.T * -gradient,
                formula(0),
                _squares(_slope),
                "so f does not rise, and falls where the gradient is not 0",
            ),
        ),
        uses=("total-differential",),
        covers=("article-145",),
        mutants=(
            Mutant("only the gradient is summed", Sum(Partial(f, moved[_k]), _k)),
            Mutant("the sign is wrong", _squares(_slope), claim=2),
            Mutant("along the gradient f falls, too", left=gradient.T * gradient, claim=3),
        ),
    )


def _steepest() -> Theorem:
    lowest = -_HALF * (_squares(_slope) + _squares(_d))
    return Theorem(
        "steepest-descent",
        "Of all steps of one length the one against the gradient descends most",
        introduction=(
            "To first order f changes along the step d by γᵀ d, γ being the gradient. For a step "
            "as long as the "
            "gradient the bound below is −‖γ‖²; steps of another length are multiples of such ones."
        ),
        conditions=("small steps: the change of f is taken to first order",),
        claims=(
            Equality(_slope.T * _d, Sum(_slope[_k] * _d[_k], _k), "the change, as a sum"),
            Inequality(
                lowest,
                _slope.T * _d,
                _HALF * Sum((_slope[_k] + _d[_k]) ** 2, _k),
                "no step of this length descends more",
                (
                    Step(
                        _HALF * Sum(_slope[_k] ** 2 + 2 * _slope[_k] * _d[_k] + _d[_k] ** 2, _k),
                        "collect terms",
                        "One sum over k.",
                    ),
                    Step(
                        _HALF * Sum((_slope[_k] + _d[_k]) ** 2, _k),
                        "square of a sum",
                        "It is 0 for d = −γ only.",
                    ),
                ),
            ),
            Equality(_slope.T * -_slope, -_squares(_slope), "the step d = −γ attains the bound"),
        ),
        uses=("descent-direction",),
        covers=("article-147",),
        mutants=(
            Mutant("the step has any length", left=-_squares(_slope), claim=1),
            Mutant("the step along the gradient attains it", left=_slope.T * _slope, claim=2),
            Mutant("the norm stands for the dot product", _squares(_slope)),
        ),
    )


def _update() -> Theorem:
    alpha = Array("alpha", sign="positive")
    f = Map(Array("f"), _x, _slope)
    direction = Array("d", _n)
    moved = Named(Array("u", _n), _x - alpha * direction)
    along = Map(Array("f"), moved, _slope)
    return Theorem(
        "gradient-descent-update",
        "The update of gradient descent",
        introduction=(
            "One step subtracts α times the gradient, taken at the old point x. The slope of f "
            "along the step is "
            "−‖γ‖² where it starts, so that f falls for a small enough α if γ ≠ 0."
        ),
        conditions=("α > 0", "all partial derivatives are taken at the old point"),
        claims=(
            Equality(
                _x - alpha * Partial(f, _x),
                Entries(_x[_i] - alpha * Partial(f, _x[_i]), _i),
                "entry by entry",
                (
                    Step(_x - alpha * _slope, "name", "γ is the gradient at x."),
                    Step(Entries(_x[_i] - alpha * _slope[_i], _i), "entry of a vector", "Entries subtract."),
                    Step(
                        Entries(_x[_i] - alpha * Partial(f, _x[_i]), _i),
                        "gradient",
                        "Its entries are the partial derivatives.",
                        uses="denominator-layout",
                    ),
                ),
            ),
            Equality(
                Partial(along, alpha),
                -(_slope.T * direction),
                "the slope of f by α for u = x − α d; with d = γ it is −‖γ‖²",
            ),
        ),
        uses=("descent-direction",),
        covers=("article-148", "article-149"),
        mutants=(
            Mutant("the step goes uphill", _x + alpha * _slope),
            Mutant("the rate is forgotten", _x - _slope),
            Mutant("the sign is wrong", _slope.T * direction, claim=1),
        ),
    )


def _mini_batches() -> Theorem:
    theta, slopes = Array("theta"), Array("G", _q, _m)
    loss = Map(Array("L"), theta, slopes[_r, _s], (_r, _s))
    cost = Named(Array("J"), sum_over(loss, _r, _s) / (formula(_q) * _m))
    of_batch = Sum(Partial(loss, theta), _s) / _m
    whole = Sum(Map(Array("L"), theta, Array("g", _m)[_s], (_s,)), _s) / _m
    return Theorem(
        "mini-batch-gradients",
        "The mini-batch gradients have the full gradient as their mean",
        introduction=(
            "The training set is split into q batches of m examples. θ is any one weight or "
            "bias, and L_rs the loss "
            "of example s of batch r."
        ),
        conditions=("all batches have the same size",),
        claims=(
            Equality(
                Partial(cost, theta),
                Sum(of_batch, _r) / _q,
                "the mean over the batches",
                (
                    Step(
                        sum_over(Partial(loss, theta), _r, _s) / (formula(_q) * _m),
                        "linearity",
                        "The cost is the mean of all losses.",
                    ),
                    Step(
                        Sum(of_batch, _r) / _q,
                        "sum over the batches",
                        "1/m belongs to the batch, 1/q to the mean over the batches.",
                    ),
                ),
            ),
            Equality(
                Partial(cost, theta),
                sum_over(slopes[_r, _s], _r, _s) / (formula(_q) * _m),
                "the mean over the single examples",
            ),
            Equality(
                Partial(whole, theta),
                Sum(Array("g", _m)[_s], _s) / _m,
                "one batch of all examples gives the full gradient",
            ),
        ),
        uses=("cost-gradient-is-a-mean",),
        covers=("article-231", "article-232", "article-237", "article-238"),
        mutants=(
            Mutant("the batches are summed, not averaged", Sum(of_batch, _r)),
            Mutant("one batch is taken for all", of_batch),
            Mutant("one example is taken for all", slopes[_r, _s], claim=1),
            Mutant("the batch is not averaged", Sum(Array("g", _m)[_s], _s), claim=2),
        ),
    )


THEOREMS = (_direction(), _steepest(), _update(), _mini_batches())
