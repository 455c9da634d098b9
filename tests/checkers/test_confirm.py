"""Right gradients of which the comparisons at a point say too little; wrong ones stay undecided."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof
from checkers.confirm import BESIDE, EXACTLY, LARGER, LONGER_ARRAYS, MANTISSA


def tanh(x):
    return np.tanh(x)


def tanh_vjp(delta, x):
    return delta * (1 - np.tanh(x) ** 2)


def softmax_loss(z, y):
    e = np.exp(z - z.max())
    return -(y * np.log(e / e.sum())).sum()


def softmax_loss_vjp(delta, z, y):
    e = np.exp(z - z.max())
    return delta * (e / e.sum() - y), None


def triple(x):
    return 3 * x


def triple_by_large_numbers(factor):
    def vjp(delta, x):
        large = 2.0**50 * delta
        return (large + factor * delta) - large + 0 * x

    return vjp


def outcome(forward, vjp, *args):
    verdict = gradproof.check_vjp(forward, vjp, args=args)
    return verdict.outcome, verdict.reason


def test_a_formula_that_cancels_at_the_point_is_compared_in_exact_arithmetic():
    agrees, reason = outcome(tanh, tanh_vjp, np.array([25.0, -40.0]))
    assert agrees == "agrees"
    assert EXACTLY in reason
    wrong = lambda delta, x: 2 * tanh_vjp(delta, x)  # noqa: E731
    assert outcome(tanh, wrong, np.array([25.0, -40.0]))[0] == "undecided"


def test_only_the_oracles_that_were_asked_for_take_part():
    """Differences cannot follow 5e10 periods; the formula can be compared."""

    def forward(x):
        return np.cos(3000 * x)

    def vjp(delta, x):
        return -3000 * delta * np.sin(3000 * x)

    given = {"args": (np.array([-1.8e7]),), "oracles": ["finite_difference"]}
    assert gradproof.check_vjp(forward, vjp, **given).outcome == "undecided"
    given["oracles"] = ["finite_difference", "exact"]
    assert gradproof.check_vjp(forward, vjp, **given).outcome == "agrees"


@pytest.mark.skipif(
    np.finfo(np.longdouble).eps >= np.finfo(np.float64).eps, reason="no float is longer than float64"
)
def test_rounding_shrinks_in_longer_mantissas_and_a_wrong_factor_does_not():
    x = np.ones(2)
    agrees, reason = outcome(triple, triple_by_large_numbers(3), x)
    assert agrees == "agrees"
    assert MANTISSA in reason
    assert outcome(triple, triple_by_large_numbers(6), x)[0] != "agrees"


def test_a_gradient_without_entries_is_confirmed_by_longer_arrays():
    agrees, reason = outcome(tanh, tanh_vjp, np.zeros((0, 2)))
    assert agrees == "agrees"
    assert LONGER_ARRAYS in reason
    undecided, reason = outcome(tanh, lambda delta, x: delta * x, np.zeros((0, 2)))
    assert undecided == "undecided"
    assert "no entries" in reason


def test_a_gradient_that_vanishes_for_its_sizes_is_confirmed_by_larger_ones():
    point = np.array([0.3]), np.array([1.0])
    agrees, reason = outcome(softmax_loss, softmax_loss_vjp, *point)
    assert agrees == "agrees"
    assert LARGER in reason
    wrong = lambda delta, z, y: (2 * softmax_loss_vjp(delta, z, y)[0], None)  # noqa: E731
    undecided, reason = outcome(softmax_loss, wrong, *point)
    assert undecided == "undecided"
    assert "a wrong factor would not show" in reason


def test_what_is_not_differentiated_is_moved_too_where_it_hides_the_gradient():
    def forward(w, x):
        return (w * x).sum()

    point = np.ones(3), np.zeros(3)
    agrees, reason = outcome(forward, lambda delta, _, x: (delta * x, None), *point)
    assert agrees == "agrees"
    assert BESIDE in reason
    assert outcome(forward, lambda delta, _, x: (2 * delta * x, None), *point)[0] == "undecided"


def test_a_gradient_that_is_too_large_for_its_dtype_breaks_no_contract():
    """1/x at the smallest numbers is more than float64 can say."""
    verdict = gradproof.check_vjp(np.log, lambda delta, x: delta / x, args=(np.array([5e-323, 1.0]),))
    assert verdict.outcome == "undecided"
    assert "overflows" in verdict.reason
    wrong = gradproof.check_vjp(np.log, lambda delta, x: delta / (x - 1), args=(np.array([2.0, 1.0]),))
    assert wrong.outcome == "disagrees"
