"""NumPy code run on symbols: derivatives of the unmodified forward, or a sentence why there are none."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from points import point

from checkers.oracles.code import INPUTS, POINTS, THIN, SymbolicCode
from checkers.oracles.symbol_array import SymbolArray, run_on_symbols

X = np.array([0.5, -1.25, 2.0])
DELTA = np.array([1.0, -2.0, 0.5])


def symbols(*shape):
    names = [f"s{k}" for k in range(int(np.prod(shape)))]
    return np.array([sp.Symbol(name, real=True) for name in names], dtype=object).reshape(shape)


def derivative(forward, x=X, delta=DELTA):
    (estimate,) = SymbolicCode(forward).gradients(point(x), [np.asarray(delta)], [0]).estimates
    return estimate


def near(estimate, truth):
    return bool((np.abs(estimate.value - truth) <= estimate.bound + 4e-16 * np.abs(truth)).all())


def softplus_with_branches(x):
    return np.where(x > 0, x + np.log1p(np.exp(-x)), np.log1p(np.exp(x)))


def written_in_place(x):
    out = np.exp(x)
    out *= x
    return out


def overwriting(x):
    x *= x
    return x


SMOOTH = {
    "exp": (np.exp, np.exp),
    "product": (lambda x: x * x * x, lambda x: 3 * x**2),
    "quotient": (lambda x: 1 / (1 + x**2), lambda x: -2 * x / (1 + x**2) ** 2),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "clip": (lambda x: np.clip(x, -1, 1), lambda x: (np.abs(x) < 1) * 1.0),
    "where": (softplus_with_branches, lambda x: 1 / (1 + np.exp(-x))),
    "maximum": (lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0),
    "mask": (lambda x: x * (x > 0), lambda x: (x > 0) * 1.0),
    "square": (np.square, lambda x: 2 * x),
    "logaddexp": (lambda x: np.logaddexp(0, x), lambda x: 1 / (1 + np.exp(-x))),
    "in place": (written_in_place, lambda x: np.exp(x) * (1 + x)),
    "overwritten argument": (overwriting, lambda x: 2 * x),
    "a decimal": (lambda x: 0.1 * x, lambda x: np.full_like(x, 0.1)),
    "list": (lambda x: np.stack([x[0] ** 2, x[1], x[2] * x[0]]), None),
}


@pytest.mark.parametrize("name", [name for name in SMOOTH if SMOOTH[name][1]])
def test_derivative_of_the_code_is_exact(name):
    forward, slope = SMOOTH[name]
    estimate = derivative(forward)
    assert near(estimate, DELTA * slope(X))
    assert not near(estimate, DELTA * slope(X) + 1e-12)


def test_sums_means_products_and_indices_are_followed():
    def forward(x):
        return np.stack([x.sum() * x[0], x.mean() ** 2, (x @ x) / x.max()])

    by_hand = (
        DELTA[0] * (X[0] + np.array([X.sum(), 0, 0]))
        + DELTA[1] * 2 * X.mean() / 3
        + DELTA[2] * (2 * X / X.max() - (X @ X) / X.max() ** 2 * np.array([0, 0, 1.0]))
    )
    assert near(derivative(forward), by_hand)


def test_axes_and_kept_dimensions_are_followed():
    x = np.arange(6.0).reshape(2, 3) / 4
    delta = np.ones((2, 3))
    estimate = derivative(lambda x: x - x.mean(axis=1, keepdims=True) * x.max(axis=0), x, delta)
    mean, largest = x.mean(axis=1, keepdims=True), x.max(axis=0)
    truth = 1 - largest.sum() / 3 - np.array([[0], [1]]) * mean.sum()
    assert near(estimate, truth + 0 * x)


def test_pushforward_is_the_tangent_of_every_output():
    oracle = SymbolicCode(lambda x, y: (x * y, x.sum()))
    t = np.array([1.0, 2.0, -1.0])
    product, total = oracle.pushforward(point(X, X + 1), [t, None]).estimates
    assert near(product, t * (X + 1))
    assert near(total, t.sum())


def test_kink_at_the_point_holds_both_slopes():
    estimate = derivative(lambda x: np.maximum(x, 0), np.array([0.0, 1.0]), np.ones(2))
    assert estimate.kink.tolist() == [True, False]
    assert abs(0 - estimate.value[0]) <= estimate.bound[0] < 0.51


# --- refusals -----------------------------------------------------------------------------------------------


def refusal(forward, *arguments, number=0):
    case = point(*arguments, number=number)
    return SymbolicCode(forward).gradients(case, [np.ones(())], [0]).refusal


@pytest.mark.parametrize(
    ("forward", "reason"),
    [
        (lambda x: x.sum() if x[0] > 0 else -x.sum(), "a branch on a symbol"),
        (lambda x: np.array(float(x[0])), "a symbol is no number"),
        (lambda x: np.linalg.det(np.diag(x)), "cannot be run on symbols"),
        (lambda x: x.sum() / np.zeros(()), "not finite on symbols"),
        (lambda _: 1 // 0, "ZeroDivisionError"),
    ],
)
def test_code_that_symbols_cannot_follow_is_refused_with_the_reason(forward, reason):
    assert reason in refusal(forward, X)
    assert refusal(lambda x: x.sum(), X) == ""


def test_many_entries_and_long_expressions_are_refused():
    assert f"more than {INPUTS} entries" in refusal(lambda x: x.sum(), np.ones(INPUTS + 1))
    assert refusal(lambda x: x.sum(), np.ones(INPUTS)) == ""
    assert "operations" in refusal(lambda x: sum(np.sin(x * k).sum() for k in range(50)), X)


def long_loop(x):
    for _ in range(10_000):
        x = x + 1
    return x.sum()


def test_endless_computation_is_given_up():
    assert "too many entries" in refusal(long_loop, X)


def test_whole_numbers_are_no_symbols():
    assert "whole numbers" in refusal(lambda x, _: x.sum(), X, np.array([1, 2]))


def test_only_a_few_cases_are_judged_and_fewer_thin_ones():
    def judged(shape):
        oracle = SymbolicCode(lambda x: x.sum())
        answers = [
            oracle.gradients(point(np.ones(shape), number=k), [np.ones(())], [0]) for k in range(POINTS + 3)
        ]
        again = oracle.gradients(point(np.ones(shape), number=0), [np.ones(())], [0])
        assert not again.refusal
        return sum(not answer.refusal for answer in answers)

    assert judged((2, 3)) == POINTS
    assert judged((1, 3)) == THIN


# --- the array type -----------------------------------------------------------------------------------------


def test_outputs_are_expressions_in_the_symbols():
    (s0, s1) = symbols(2)
    (output,) = run_on_symbols(lambda x: x[0] * np.exp(x[1]) + 0.5, [symbols(2)], 100)
    assert sp.simplify(output.item() - (s0 * sp.exp(s1) + sp.Rational(1, 2))) == 0


def test_symbols_stay_as_they_are_when_code_overwrites_its_argument():
    given = symbols(2)
    run_on_symbols(overwriting, [given], 100)
    assert given.tolist() == symbols(2).tolist()


def test_truth_values_count_as_numbers_in_an_output():
    (output,) = run_on_symbols(lambda x: x > 0, [symbols(1)], 100)
    (s0,) = symbols(1)
    assert (output[0].subs(s0, 2), output[0].subs(s0, -2)) == (1, 0)


def test_effort_is_limited_and_does_not_leak():
    with pytest.raises(OverflowError):
        run_on_symbols(lambda x: x + x + x, [symbols(4)], 7)
    assert len(run_on_symbols(lambda x: x + x + x, [symbols(4)], 8)) == 1
    assert (SymbolArray(symbols(4)) + 1).shape == (4,)
