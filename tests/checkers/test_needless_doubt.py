"""Right gradients that were accused, or left undecided without need, each beside a wrong one of its kind."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import gradproof


def wave(x):
    return np.cos(3000 * x)


@pytest.mark.parametrize(("factor", "outcome"), [(-3000, "agrees"), (3000, "disagrees"), (-1, "disagrees")])
def test_a_kink_that_only_finite_differences_see_in_an_oscillation_does_not_outweigh_two_oracles(
    factor, outcome
):
    arguments = (np.array([0.5, -18556413.865930784]),)
    verdict = gradproof.check_vjp(wave, lambda d, x: factor * np.sin(3000 * x) * d, args=arguments)
    assert verdict.outcome == outcome, str(verdict)


def ascending(x):
    return np.sort(x)


def sort_vjp(delta, x):
    by_x = np.zeros_like(x)
    by_x[np.argsort(x, kind="stable")] = delta
    return by_x


def test_one_order_of_tied_entries_is_a_legal_gradient_of_a_sort_and_no_order_is_not():
    """Along the middle entry alone the slopes are those of the first and of the last place."""
    rng = np.random.default_rng(0)
    for _ in range(4):
        tied = (np.full(3, round(float(rng.normal()), 2)),)
        assert gradproof.check_vjp(ascending, sort_vjp, args=tied).outcome == "agrees"
        wrong = gradproof.check_vjp(ascending, lambda d, x: 5 * sort_vjp(d, x), args=tied)
        assert wrong.outcome == "disagrees"


def norm(x):
    return np.sqrt((x**2).sum())


def norm_vjp(delta, x):
    with np.errstate(invalid="ignore"):
        return delta * x / np.sqrt((x**2).sum())


def test_a_gradient_that_is_not_a_number_at_a_drawn_kink_is_noted_and_not_accused():
    verdict = gradproof.check_vjp(norm, norm_vjp, args=(np.zeros(2),))
    assert verdict.outcome == "disagrees"  # the user's own point: a number is wanted there
    assert "not finite at a kink" in verdict.reason
    drawn = gradproof.check_vjp(norm, norm_vjp, "(n)->()")
    assert drawn.outcome == "agrees"
    assert any("at a kink" in remark for remark in drawn.remarks)


def test_a_gradient_that_is_not_a_number_where_there_is_a_derivative_is_accused():
    def vjp(delta, x):
        with np.errstate(invalid="ignore"):
            return delta * x / np.sqrt((x**2).sum()) + 0 * x / x

    verdict = gradproof.check_vjp(norm, vjp, args=(np.array([3.0, 0.0]),))
    assert verdict.outcome == "disagrees"
    assert "nan" in verdict.reason


def layers(X, W1, W2):
    return np.maximum(0, X @ W1) @ W2


def layers_vjp(delta, X, W1, W2):
    hidden = np.maximum(0, X @ W1)
    inner = delta @ W2.T
    inner[hidden <= 0] = 0
    return inner @ W1.T, X.T @ inner, hidden.T @ delta


LAYERS = (
    np.array([[1.0, 0.4], [-0.7, 0.3]]),
    np.array([[0.3, -1.0, 0.8], [0.2, 0.5, -1.1]]),
    np.array([[0.1, 0.9], [1.3, -0.6], [0.7, 0.2]]),
)


def test_a_mask_by_the_output_of_a_relu_does_not_turn_on_rounding():
    verdict = gradproof.check_vjp(layers, layers_vjp, args=LAYERS)
    assert verdict.outcome == "agrees", str(verdict)
    assert verdict.detectable < 1e-12


def test_a_relu_mask_that_is_a_little_wrong_is_seen():
    def vjp(delta, X, W1, W2):
        by_X, by_W1, by_W2 = layers_vjp(delta, X, W1, W2)
        return by_X * (1 + 1e-9), by_W1, by_W2

    assert gradproof.check_vjp(layers, vjp, args=LAYERS).outcome == "disagrees"


def affine(W, a):
    return W @ a


def test_the_gradient_at_an_empty_point_agrees_and_one_of_a_wrong_shape_does_not():
    empty = np.zeros((0, 3)), np.ones(3)
    right = gradproof.check_vjp(affine, lambda delta, W, a: (np.outer(delta, a), W.T @ delta), args=empty)
    assert right.outcome == "agrees", str(right)
    wrong = gradproof.check_vjp(affine, lambda delta, W, a: (np.outer(a, delta), W.T @ delta), args=empty)
    assert wrong.outcome == "disagrees"
    other = gradproof.check_vjp(affine, lambda delta, W, a: (np.outer(delta, a), W.T @ delta + 1), args=empty)
    assert other.outcome == "disagrees"


def test_nothing_but_empty_arrays_is_no_evidence():
    wrong = gradproof.check_vjp(np.sin, lambda delta, x: delta * np.sin(x), args=(np.zeros(0),))
    assert wrong.outcome == "undecided"
    assert "has no entries" in wrong.reason


@pytest.mark.parametrize("masked", [-np.inf, -1e9, -1e30])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_masks_of_a_softmax_lose_no_bound(masked, dtype):
    """A mask of −1e9 has a large rounding error, but is never the largest entry, and −∞ has none."""

    def weights(x):
        scores = np.where(np.tril(np.ones((3, 3))) > 0, x, masked)
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def vjp(delta, x):
        p = weights(x)
        return p * (delta - (delta * p).sum(axis=1, keepdims=True))

    point = (np.array([[0.3, 1.2, -0.7], [0.1, 0.9, 2.1], [-1.3, 0.4, 0.8]], dtype=dtype),)
    right = gradproof.check_vjp(weights, vjp, args=point)
    assert right.outcome == "agrees", str(right)
    wrong = gradproof.check_vjp(weights, lambda delta, x: vjp(delta, x) * (1 + 1e-4), args=point)
    assert wrong.outcome == "disagrees"


def test_a_loop_whose_expressions_double_with_every_turn_ends():
    """Twenty steps of Euler's method are a tree of a million nodes, which SymPy would visit many times."""

    def forward(x):
        for _ in range(20):
            x = x + 0.1 * np.sin(x)
        return x

    def vjp(delta, x):
        for _ in range(20):
            delta = delta * (1 + 0.1 * np.cos(x))
            x = x + 0.1 * np.sin(x)
        return delta

    point = (np.array([0.3, -1.2]),)
    assert gradproof.check_vjp(forward, vjp, args=point).outcome == "agrees"
    assert gradproof.check_vjp(forward, lambda d, x: -vjp(d, x), args=point).outcome == "disagrees"


def test_an_undecided_verdict_says_what_stopped_the_oracles_that_took_part():
    """Not why another one refused."""

    def vjp(delta, W, a):
        with np.errstate(over="ignore"):
            inner = delta * np.minimum(np.exp(-(W @ a)), 1 + 1e-9)  # about 1, but by way of an overflow
        return np.outer(inner, a), W.T @ inner

    verdict = gradproof.check_vjp(affine, vjp, args=(-np.ones((5, 4)) * 200, np.ones(4)))
    assert verdict.outcome == "undecided"
    assert "rounding" in verdict.reason, verdict.reason


def deep(x, W1, W2, W3):
    return (np.maximum(W3 @ np.maximum(W2 @ np.maximum(W1 @ x, 0), 0), 0) ** 2).sum()


def deep_vjp(delta, x, W1, W2, W3):
    z1 = W1 @ x
    z2 = W2 @ np.maximum(z1, 0)
    z3 = W3 @ np.maximum(z2, 0)
    d3 = 2 * delta * np.maximum(z3, 0)
    d2 = (W3.T @ d3) * (z2 > 0)
    d1 = (W2.T @ d2) * (z1 > 0)
    return None, np.outer(d1, x), np.outer(d2, np.maximum(z1, 0)), np.outer(d3, np.maximum(z2, 0))


def test_directions_are_not_needed_where_every_entry_has_been_compared():
    """Kinks that meet make finite differences along directions too wide; autodiff knows every entry."""
    rng = np.random.default_rng(0)
    arguments = (
        np.array([1.0, 0.0, -1.0, 2.0]),
        rng.integers(-1, 2, (6, 4)).astype(float),
        rng.integers(-1, 2, (6, 6)).astype(float),
        np.abs(rng.integers(-1, 2, (5, 6))).astype(float),
    )
    verdict = gradproof.check_vjp(deep, deep_vjp, args=arguments)
    assert verdict.outcome == "agrees", str(verdict)
    wrong = gradproof.check_vjp(
        deep, lambda *a: tuple(g if g is None else 1.001 * g for g in deep_vjp(*a)), args=arguments
    )
    assert wrong.outcome == "disagrees"


def test_a_claim_that_is_out_of_all_proportion_is_refused_and_not_measured():
    """Its ratio to the right gradient overflows."""
    point = (np.array([1e-200, 2e-200, 1.0]),)
    verdict = gradproof.check_vjp(
        lambda x: (x**2).sum(), lambda delta, _: delta * np.array([-1e200, 3e200, 2.0]), args=point
    )
    assert verdict.outcome == "disagrees"


def test_entries_that_are_arrays_themselves_warn_nobody():
    """np.array([…]) of symbolic sums: SymPy adds them up with a warning, and says nothing of use."""

    def forward(x):
        return np.array([x[0] * x[1], np.array([x[0], x[1]]).sum(), 3.0])

    def vjp(delta, x):
        return np.array([delta[0] * x[1] + delta[1], delta[0] * x[0] + delta[1]])

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert gradproof.check_vjp(forward, vjp, args=(np.array([0.3, -1.2]),)).outcome == "agrees"
        wrong = gradproof.check_vjp(forward, lambda d, x: vjp(d, x[::-1]), args=(np.array([0.3, -1.2]),))
    assert wrong.outcome == "disagrees"
    assert not caught, caught[0].message
