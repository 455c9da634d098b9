"""Logistic regression: its cost is the mean of the losses, its column of weights the row of a network."""

from __future__ import annotations

import numpy as np
import pytest

from reference_impl.back_propagation import gradients
from reference_impl.forward_propagation import cost
from reference_impl.logistic_regression import (
    logistic_cost,
    logistic_cost_vjp,
    logistic_loss,
    logistic_loss_vjp,
)


@pytest.fixture
def problem():
    rng = np.random.default_rng(17)
    return rng.normal(size=(3, 5)), rng.integers(0, 2, (1, 5)) * 1.0, rng.normal(size=(3, 1)), np.float64(0.4)


def test_cost_and_gradient_are_means_over_the_examples(problem):
    X, Y, w, b = problem
    losses = [logistic_loss(X[:, s], Y[0, s], w[:, 0], b) for s in range(5)]
    np.testing.assert_allclose(logistic_cost(X, Y, w, b), np.mean(losses), rtol=1e-14)
    each = [logistic_loss_vjp(np.float64(1), X[:, s], Y[0, s], w[:, 0], b)[2:] for s in range(5)]
    _, _, by_w, by_b = logistic_cost_vjp(np.float64(1), X, Y, w, b)
    np.testing.assert_allclose(by_w[:, 0], np.mean([one[0] for one in each], axis=0), rtol=1e-13)
    np.testing.assert_allclose(by_b, np.mean([one[1] for one in each]), rtol=1e-13)


def test_weights_are_the_transposed_row_of_a_network(problem):
    X, Y, w, b = problem
    parameters = [(w.T, np.full((1, 1), b))]
    np.testing.assert_allclose(logistic_cost(X, Y, w, b), cost(parameters, ("sigmoid",), X, Y), rtol=1e-15)
    [(by_W, by_b)] = gradients(parameters, ("sigmoid",), X, Y)
    _, _, by_w, by_bias = logistic_cost_vjp(np.float64(1), X, Y, w, b)
    np.testing.assert_allclose(by_w.T, by_W, rtol=1e-13)
    np.testing.assert_allclose(by_bias, by_b[0, 0], rtol=1e-13)


def test_loss_is_finite_at_a_thousand(problem):
    X, Y, w, b = problem
    assert np.isfinite(logistic_cost(X, Y, 1000 * w, b))
