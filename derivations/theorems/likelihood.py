"""Maximum likelihood: from the probability of the labels to the cross-entropies.

A label is drawn with the probabilities that the network puts out. The likelihood is the probability of all
the labels seen; its logarithm with the other sign is the cross-entropy.
"""

from __future__ import annotations

from derivations.kernel.formula import (
    Array,
    Delta,
    Formula,
    Named,
    Partial,
    ProductOver,
    Sum,
    formula,
    sum_over,
)
from derivations.kernel.functions import exp, log
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Hypothesis, Inequality, Kind, Mutant, Step, Theorem

_c, _m = dimensions("c m")
_i, _j = Index("i", _c), Index("j", _c)
_s = Index("s", _m)
_INDEPENDENT = "the draws are independent, so that their probabilities multiply"
_ONE, _ZERO = formula(1), formula(0)


def _bernoulli(p: Formula, t: Formula) -> Formula:
    return p**t * (1 - p) ** (1 - t)


def _log_bernoulli(p: Formula, t: Formula) -> Formula:
    return t * log(p) + (1 - t) * log(1 - p)


def _one_draw() -> Theorem:
    p, t = Array("p", sign="positive"), Array("t")
    return Theorem(
        "bernoulli-probability",
        "The Bernoulli distribution in one formula",
        introduction=(
            "T is 1 with probability p and 0 with probability 1 − p. One formula for both: "
            "f(t | p) = p^t (1 − p)^(1−t)."
        ),
        conditions=("t is 0 or 1", "0 < p < 1"),
        positive=(1 - p,),
        claims=(
            Equality(
                _bernoulli(p, _ONE),
                p,
                "the probability of 1",
                (
                    Step(p * (1 - p) ** _ZERO, "put in", "t = 1, and 1 − t = 0."),
                    Step(p, "power 0", "It is 1."),
                ),
            ),
            Equality(
                _bernoulli(p, _ZERO),
                1 - p,
                "the probability of 0",
                (
                    Step(p**_ZERO * (1 - p), "put in", "t = 0, and 1 − t = 1."),
                    Step(1 - p, "power 0", "It is 1."),
                ),
            ),
            Equality(
                _bernoulli(p, _ONE) + _bernoulli(p, _ZERO),
                _ONE,
                "the two probabilities sum to 1",
                (
                    Step(p + (1 - p), "the two values", "As just found."),
                    Step(_ONE, "collect terms", "p cancels."),
                ),
            ),
            Equality(log(_bernoulli(p, t)), _log_bernoulli(p, t), "the logarithm"),
        ),
        covers=("article-114", "article-115"),
        mutants=(
            Mutant("the exponents are exchanged", 1 - p),
            Mutant("the second factor is missing", p**_ZERO, claim=1),
            Mutant("the logarithm is taken of the sum of the factors", log(p) + log(1 - p), claim=3),
        ),
    )


def _many_draws() -> Theorem:
    p, t = Array("p", sign="positive"), Array("t", _m)
    likelihood = Named(Array("L"), ProductOver(_bernoulli(p, t[_s]), _s))
    ones = Sum(t[_s], _s)
    log_likelihood = Sum(_log_bernoulli(p, t[_s]), _s)
    mean = ones / _m
    slope = (ones - _m * p) / (p * (1 - p))
    return Theorem(
        "bernoulli-likelihood",
        "Maximum likelihood for m draws of one probability",
        introduction=(
            "L(p) is the probability of the draws seen, read as a function of p. Its logarithm "
            "grows with it, "
            "so that both are largest at the same p; but the logarithm is a sum, which is easier to "
            "differentiate."
        ),
        conditions=("every t_s is 0 or 1", "0 < p < 1", _INDEPENDENT),
        positive=(1 - p,),
        claims=(
            Equality(
                likelihood,
                p**ones * (1 - p) ** (_m - ones),
                "the likelihood",
                (
                    Step(
                        ProductOver(p ** t[_s], _s) * ProductOver((1 - p) ** (1 - t[_s]), _s),
                        "reorder the factors",
                        "A product of products.",
                    ),
                    Step(
                        p**ones * (1 - p) ** Sum(1 - t[_s], _s),
                        "powers of one base",
                        "Exponents add.",
                    ),
                    Step(p**ones * (1 - p) ** (_m - ones), "sum of m ones", "It is m."),
                ),
            ),
            Equality(
                log(likelihood),
                log_likelihood,
                "its logarithm",
                (
                    Step(
                        Sum(log(_bernoulli(p, t[_s])), _s),
                        "logarithm of a product",
                        "It is the sum of the logarithms.",
                    ),
                    Step(
                        log_likelihood,
                        "logarithm of a power",
                        "The exponent becomes a factor.",
                        uses="bernoulli-probability",
                    ),
                ),
            ),
            Equality(
                Partial(log_likelihood, p),
                slope,
                "its slope",
                (
                    Step(
                        Sum(t[_s] / p - (1 - t[_s]) / (1 - p), _s),
                        "derivative of log",
                        "Term by term; 1 − p brings the factor −1.",
                        uses="chain-rule-scalars",
                    ),
                    Step(
                        ones / p - (_m - ones) / (1 - p), "sum term by term", "p is the same in every term."
                    ),
                    Step(slope, "common denominator", "p Σ t_s cancels."),
                ),
            ),
            Equality(
                slope,
                _m * (mean - p) / (p * (1 - p)),
                "so it is positive for p below the mean of the t_s, 0 at the mean, negative above",
            ),
            Equality(
                Partial(likelihood.value, p),
                likelihood * Partial(log_likelihood, p),
                "the slope of the likelihood has the same sign, because the likelihood is positive",
            ),
        ),
        conclusion=(
            "Both rise up to p = Σ t_s / m and fall from there: both are largest at the mean of the t_s."
        ),
        covers=("article-116", "article-117"),
        mutants=(
            Mutant("the exponent m − Σ t_s is m", p**ones * (1 - p) ** formula(_m)),
            Mutant("the logarithm of a product is taken for a product", _m * log(p), claim=1),
            Mutant("the sign of the second term is wrong", ones / p + (_m - ones) / (1 - p), claim=2),
            Mutant("the best p is the sum of the t_s", _m * (ones - p) / (p * (1 - p)), claim=3),
            Mutant("the factor L is missing", Partial(log_likelihood, p), claim=4),
        ),
    )


def _binary() -> Theorem:
    y, y_hat = Array("y", _m), Array("y_hat", _m, sign="positive")
    likelihood = Named(Array("L"), ProductOver(_bernoulli(y_hat[_s], y[_s]), _s))
    log_likelihood = Sum(_log_bernoulli(y_hat[_s], y[_s]), _s)
    loss = -y[_s] * log(y_hat[_s]) - (1 - y[_s]) * log(1 - y_hat[_s])
    return Theorem(
        "binary-cross-entropy-from-likelihood",
        "The binary cross-entropy from the likelihood of the labels",
        introduction=(
            "The output ŷ_s of a sigmoid is taken for the probability that example s has the label 1: every "
            "example has a probability of its own."
        ),
        conditions=("every y_s is 0 or 1", "0 < ŷ_s < 1 for all s", _INDEPENDENT),
        positive=(1 - y_hat[_s],),
        claims=(
            Equality(
                log(likelihood),
                log_likelihood,
                "the log-likelihood",
                (
                    Step(
                        Sum(log(_bernoulli(y_hat[_s], y[_s])), _s),
                        "logarithm of a product",
                        "It is the sum of the logarithms.",
                    ),
                    Step(
                        log_likelihood,
                        "logarithm of a power",
                        "The exponent becomes a factor.",
                        uses="bernoulli-probability",
                    ),
                ),
            ),
            Equality(exp(log_likelihood), likelihood, "its exponential is the probability of the labels"),
            Equality(
                -log(likelihood) / _m,
                Sum(loss, _s) / _m,
                "the mean loss: the likelihood is largest where it is smallest",
            ),
        ),
        covers=("article-118",),
        mutants=(
            Mutant("the term of the label 0 is missing", Sum(y[_s] * log(y_hat[_s]), _s)),
            Mutant(
                "the likelihood is a sum of probabilities", Sum(_bernoulli(y_hat[_s], y[_s]), _s), claim=1
            ),
            Mutant("the sign is wrong", -Sum(loss, _s) / _m, claim=2),
        ),
    )


def _several_labels() -> Theorem:
    p, t = Array("P", _c, _m, sign="positive"), Array("T", _c, _m)
    one = _bernoulli(p[_i, _s], t[_i, _s])
    joint = ProductOver(one, _i)
    likelihood = Named(Array("L"), ProductOver(joint, _s))
    log_likelihood = sum_over(_log_bernoulli(p[_i, _s], t[_i, _s]), _s, _i)
    return Theorem(
        "multi-label-likelihood",
        "The likelihood of several labels, each with a probability of its own",
        introduction=(
            "Column s of T holds the c labels of example s, column s of P their probabilities: with sigmoid "
            "outputs P = Ŷ and T = Y."
        ),
        conditions=("every entry of T is 0 or 1", "0 < P_is < 1 for all i and s", _INDEPENDENT),
        positive=(1 - p[_i, _s],),
        claims=(
            Equality(_bernoulli(p[_i, _s], _ONE), p[_i, _s], "one label is 1 with its own probability"),
            Equality(_bernoulli(p[_i, _s], _ZERO), 1 - p[_i, _s], "and 0 with the rest"),
            Equality(log(joint), Sum(_log_bernoulli(p[_i, _s], t[_i, _s]), _i), "the labels of one example"),
            Equality(
                likelihood,
                ProductOver(ProductOver(p[_i, _s] ** t[_i, _s] * (1 - p[_i, _s]) ** (1 - t[_i, _s]), _s), _i),
                "the likelihood of all labels, in either order",
            ),
            Equality(
                log(likelihood),
                log_likelihood,
                "the log-likelihood",
                (
                    Step(
                        Sum(log(joint), _s),
                        "logarithm of a product",
                        "A product over the examples becomes a sum.",
                    ),
                    Step(
                        sum_over(log(one), _s, _i),
                        "logarithm of a product",
                        "A product over the labels becomes a sum.",
                    ),
                    Step(
                        log_likelihood,
                        "logarithm of a power",
                        "The exponent becomes a factor.",
                        uses="bernoulli-probability",
                    ),
                ),
            ),
            Equality(
                -log(likelihood) / _m,
                Sum(Sum(-_log_bernoulli(p[_i, _s], t[_i, _s]), _i), _s) / _m,
                "the mean multi-label cross-entropy",
            ),
        ),
        covers=("article-124", "article-126", "article-127", "article-128"),
        mutants=(
            Mutant("the exponents are exchanged", 1 - p[_i, _s]),
            Mutant("only the labels 1 are counted", sum_over(t[_i, _s] * log(p[_i, _s]), _s, _i), claim=4),
            Mutant("the mean is taken over the labels too", -log(likelihood) / (_m * _c), claim=5),
        ),
    )


def _total_of_several_labels() -> Theorem:
    p = Array("p", sign="positive")
    total = Array("S", layer="c")
    joint = Array("f", layer="c", sign="positive")
    return Theorem(
        "multi-label-total",
        "The probabilities of all label vectors sum to 1",
        introduction=(
            "S^(c) is the sum of f(t | p) over the 2^c vectors t of c labels. A further label "
            "with the probability "
            "p doubles them: every vector goes on with 1 or with 0."
        ),
        conditions=("0 < p < 1 for the probability of every label", _INDEPENDENT),
        positive=(1 - p,),
        kind=Kind.INDUCTION,
        claims=(
            Equality(_bernoulli(p, _ONE) + _bernoulli(p, _ZERO), _ONE, "one label: S^(1) = 1", role="base"),
            Equality(
                joint * _bernoulli(p, _ONE) + joint * _bernoulli(p, _ZERO),
                joint,
                "one vector with its two continuations keeps its probability",
                role="step",
            ),
            Equality(
                total * _bernoulli(p, _ONE) + total * _bernoulli(p, _ZERO),
                total,
                "so the sum over all vectors does not change: S^(c+1) = S^(c)",
                (
                    Step(
                        total * (_bernoulli(p, _ONE) + _bernoulli(p, _ZERO)),
                        "factor out",
                        "The first c labels do not depend on the next one.",
                    ),
                    Step(
                        total * _ONE,
                        "the probabilities of one label",
                        "They sum to 1.",
                        uses="bernoulli-probability",
                    ),
                    Step(total, "factor 1", "It changes nothing."),
                ),
                role="step",
            ),
        ),
        conclusion="S^(c) = 1 for every number c of labels.",
        covers=("article-125",),
        uses=("multi-label-likelihood",),
        mutants=(
            Mutant("two labels count twice", 2 * total, claim=2),
            Mutant("the value 0 is left out", total * p, claim=2),
        ),
    )


def _one_of_several() -> Theorem:
    p, t = Array("p", _c, sign="positive"), Array("t", _c)
    shown = Delta(_i, _j)
    probability = ProductOver(p[_i] ** shown, _i)
    others = ProductOver(p[_i] ** ((1 - Delta(_i, _j)) * shown), _i)
    return Theorem(
        "one-hot-probability",
        "The probability of a one-hot vector",
        introduction=(
            "A draw shows one of c classes, class j with probability p_j. The one-hot vector of class j is "
            "t_i = δ_ij: 1 in place j and 0 elsewhere. A product over i ≠ j is written with the exponents "
            "multiplied by 1 − δ_ij."
        ),
        conditions=("t is one-hot", "p_i > 0 for all i"),
        hypotheses=(Hypothesis(Sum(p[_i], _i), _ONE, "The probabilities sum to 1."),),
        claims=(
            Equality(p[_j] ** Delta(_j, _j), p[_j], "the factor of the class shown"),
            Equality(
                others,
                _ONE,
                "the factors of the other classes",
                (
                    Step(
                        ProductOver(p[_i] ** _ZERO, _i),
                        "one-hot vector",
                        "t_i is 0 wherever 1 − δ_ij is not.",
                    ),
                    Step(_ONE, "power 0", "Every factor is 1."),
                ),
            ),
            Equality(
                ProductOver(p[_i] ** t[_i], _i),
                p[_j] ** t[_j] * ProductOver(p[_i] ** ((1 - Delta(_i, _j)) * t[_i]), _i),
                "one factor taken out, for any t",
            ),
            Equality(
                probability,
                p[_j],
                "the whole product",
                (
                    Step(
                        p[_j] ** Delta(_j, _j) * others,
                        "take one factor out",
                        "The factor of class j, and the others.",
                    ),
                    Step(p[_j] * _ONE, "the two parts", "As just found."),
                    Step(p[_j], "factor 1", "It changes nothing."),
                ),
            ),
            Equality(
                Sum(probability, _j),
                _ONE,
                "the c one-hot vectors together",
                (
                    Step(Sum(p[_j], _j), "the whole product", "The probability of class j is p_j."),
                    Step(_ONE, "hypothesis", "The probabilities sum to 1."),
                ),
            ),
        ),
        covers=("article-132", "article-133", "article-134", "article-135"),
        mutants=(
            Mutant("the probability of the class shown is lost", _ONE),
            Mutant("the other classes bring their probabilities", p[_j], claim=1),
            Mutant("the factor of the class shown counts twice", p[_j] ** 2, claim=3),
            Mutant("without the hypothesis", claim=4, without_hypotheses=True),
        ),
    )


def _categorical() -> Theorem:
    p, t = Array("P", _c, _m, sign="positive"), Array("T", _c, _m)
    one = ProductOver(p[_i, _s] ** t[_i, _s], _i)
    likelihood = Named(Array("L"), ProductOver(one, _s))
    log_likelihood = sum_over(t[_i, _s] * log(p[_i, _s]), _s, _i)
    loss = -Sum(t[_i, _s] * log(p[_i, _s]), _i)
    return Theorem(
        "categorical-cross-entropy-from-likelihood",
        "The categorical cross-entropy from the likelihood of the labels",
        introduction=(
            "Column s of T is the one-hot label of example s, column s of P the probabilities of "
            "its classes: "
            "with softmax outputs P = Ŷ and T = Y."
        ),
        conditions=("every column of T is one-hot", "P_is > 0 for all i and s", _INDEPENDENT),
        claims=(
            Equality(
                likelihood,
                ProductOver(ProductOver(p[_i, _s] ** t[_i, _s], _s), _i),
                "the likelihood: a double product, in either order",
            ),
            Equality(
                log(likelihood),
                log_likelihood,
                "the log-likelihood",
                (
                    Step(
                        Sum(log(one), _s),
                        "logarithm of a product",
                        "A product over the examples becomes a sum.",
                    ),
                    Step(
                        sum_over(log(p[_i, _s] ** t[_i, _s]), _s, _i),
                        "logarithm of a product",
                        "A product over the classes becomes a sum.",
                    ),
                    Step(log_likelihood, "logarithm of a power", "The exponent becomes a factor."),
                ),
            ),
            Equality(exp(log_likelihood), likelihood, "its exponential is the probability of the labels"),
            Equality(
                -log(likelihood) / _m,
                Sum(loss, _s) / _m,
                "the mean categorical cross-entropy",
            ),
        ),
        covers=("article-136", "article-137"),
        uses=("one-hot-probability",),
        mutants=(
            Mutant("the likelihood is a sum", Sum(one, _s)),
            Mutant(
                "the label is inside the logarithm", sum_over(log(t[_i, _s] * p[_i, _s]), _s, _i), claim=1
            ),
            Mutant("the sign is wrong", -Sum(loss, _s) / _m, claim=3),
        ),
    )


def _logarithm() -> Theorem:
    t = Array("t", sign="positive")
    return Theorem(
        "logarithm-is-increasing",
        "The logarithm is increasing",
        introduction=(
            "Its slope 1/t is positive, and a function with a positive slope is increasing. That "
            "is a theorem of "
            "analysis; here it is taken for granted."
        ),
        conditions=("t > 0",),
        kind=Kind.ASSUMPTION,
        claims=(Equality(Partial(log(t), t), 1 / t, "its slope"),),
    )


def _minimum() -> Theorem:
    other, best_lead = Array("ell"), Array("r", sign="positive")
    best = other + best_lead
    return Theorem(
        "maximum-likelihood-is-a-minimum",
        "The likelihood is largest where the negative log-likelihood is smallest",
        introduction=(
            "ell is the log-likelihood of any parameters, ell + r that of others, which are better by r: the "
            "logarithm is increasing, so that they have the larger likelihood."
        ),
        conditions=("r ≥ 0",),
        claims=(
            Inequality(other, best, best_lead, "the better parameters have the larger log-likelihood"),
            Inequality(-best, -other, best_lead, "and the smaller negative log-likelihood"),
            Equality(exp(best) / exp(other), exp(best_lead), "the ratio of the likelihoods"),
        ),
        uses=(
            "logarithm-is-increasing",
            "binary-cross-entropy-from-likelihood",
            "categorical-cross-entropy-from-likelihood",
        ),
        conclusion=(
            "Over any set of parameters the maximiser of the likelihood, that of its logarithm, "
            "and the minimiser "
            "of the mean cross-entropy are the same."
        ),
        covers=("article-119", "article-138"),
        mutants=(
            Mutant("the sign does not turn the order round", other, left=best, claim=1),
            Mutant("the likelihoods differ by the difference of the logarithms", best_lead, claim=2),
        ),
    )


THEOREMS = (
    _one_draw(),
    _many_draws(),
    _binary(),
    _several_labels(),
    _total_of_several_labels(),
    _one_of_several(),
    _categorical(),
    _logarithm(),
    _minimum(),
)
