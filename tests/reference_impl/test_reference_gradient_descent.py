"""Gradient descent: it solves the normal equations, lowers the cost of networks, and shuffles."""

from __future__ import annotations

import numpy as np
import pytest

from reference_impl.back_propagation import gradients
from reference_impl.forward_propagation import cost, forward_propagation
from reference_impl.gradient_descent import (
    batch_gradient_descent,
    mini_batch_gradient_descent,
    step,
    stochastic_gradient_descent,
    weight_decay_step,
)

WAYS = ["batch", "stochastic", "mini-batch"]


def train(way, gradient, parameters, X, Y, alpha, epochs, seed=0):
    rng = np.random.default_rng(seed)
    if way == "batch":
        return batch_gradient_descent(gradient, parameters, X, Y, alpha, epochs)
    if way == "stochastic":
        return stochastic_gradient_descent(gradient, parameters, X, Y, alpha, epochs, rng)
    return mini_batch_gradient_descent(gradient, parameters, X, Y, alpha, epochs, 7, rng)


def gradient_of(activations, penalty=None):
    return lambda parameters, X, Y: gradients(parameters, activations, X, Y, penalty)


@pytest.fixture
def rings():
    """Two noisy rings around the origin, labelled 0 and 1: no straight line separates them."""
    rng = np.random.default_rng(13)
    radius = np.repeat([1.0, 2.5], 20) + 0.1 * rng.normal(size=40)
    angle = rng.uniform(0, 2 * np.pi, 40)
    return radius * np.stack([np.cos(angle), np.sin(angle)]), np.repeat([0.0, 1.0], 20)[None]


@pytest.fixture
def small_network():
    rng = np.random.default_rng(14)
    return [(rng.normal(size=(6, 2)), np.zeros((6, 1))), (rng.normal(size=(1, 6)), np.zeros((1, 1)))]


@pytest.mark.parametrize(
    ("way", "alpha", "epochs"), [("batch", 1, 300), ("stochastic", 0.1, 40), ("mini-batch", 0.5, 100)]
)
def test_training_separates_the_rings(rings, small_network, way, alpha, epochs):
    X, Y = rings
    activations = ("tanh", "sigmoid")
    trained = train(way, gradient_of(activations), small_network, X, Y, alpha, epochs)
    before, after = cost(small_network, activations, X, Y), cost(trained, activations, X, Y)
    assert after < before / 3
    _, A = forward_propagation(trained, activations, X)
    assert ((A[-1] > 0.5) == (Y > 0.5)).mean() >= 0.95


@pytest.mark.parametrize(
    ("way", "alpha", "epochs"), [("batch", 0.3, 400), ("stochastic", 0.05, 200), ("mini-batch", 0.2, 300)]
)
def test_linear_network_converges_to_the_normal_equations(way, alpha, epochs):
    rng = np.random.default_rng(15)
    X = rng.normal(size=(3, 30))
    Y = rng.normal(size=(2, 3)) @ X + rng.normal(size=(2, 1))
    extended = np.vstack([X, np.ones(30)])
    solution = Y @ extended.T @ np.linalg.inv(extended @ extended.T)
    start = [(np.zeros((2, 3)), np.zeros((2, 1)))]
    [(W, b)] = train(way, gradient_of(("linear",)), start, X, Y, alpha, epochs)
    np.testing.assert_allclose(np.hstack([W, b]), solution, atol=1e-8)


def test_penalty_leads_to_the_ridge_solution():
    rng = np.random.default_rng(16)
    X, penalty = rng.normal(size=(3, 30)), np.float64(0.5)
    Y = rng.normal(size=(1, 3)) @ X
    [(W, b)] = batch_gradient_descent(
        gradient_of(("linear",), penalty), [(np.zeros((1, 3)), np.zeros((1, 1)))], X, Y, 0.3, 300
    )
    C, D = X - X.mean(axis=1, keepdims=True), Y - Y.mean()
    ridge = D @ C.T / 30 @ np.linalg.inv(C @ C.T / 30 + penalty * np.eye(3))
    np.testing.assert_allclose(W, ridge, atol=1e-10)
    np.testing.assert_allclose(b, Y.mean() - W @ X.mean(axis=1, keepdims=True), atol=1e-10)


@pytest.mark.parametrize("way", WAYS)
def test_every_example_is_used_once_an_epoch(way):
    X, Y = np.arange(1.0, 16.0)[None], np.zeros((1, 15))
    seen = []

    def gradient(parameters, X, Y):
        seen.append(X[0].copy())
        return [(np.zeros(1),) for _ in parameters]

    train(way, gradient, [(np.zeros(1),)], X, Y, 0.1, 2)
    assert [len(batch) for batch in seen] == {
        "batch": [15] * 2,
        "stochastic": [1] * 30,
        "mini-batch": [7, 7, 1] * 2,
    }[way]
    half = len(seen) // 2
    epochs = [np.concatenate(seen[:half]), np.concatenate(seen[half:])]
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch), X[0])
    shuffled = not np.array_equal(epochs[0], epochs[1])
    assert shuffled == (way != "batch")


def test_same_seed_gives_the_same_training(rings, small_network):
    X, Y = rings
    gradient = gradient_of(("tanh", "sigmoid"))
    one, again, other = (
        train("mini-batch", gradient, small_network, X, Y, 0.1, 2, seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one[0][0], again[0][0])
    assert np.abs(one[0][0] - other[0][0]).max() > 1e-6


@pytest.mark.parametrize("way", WAYS)
def test_training_leaves_the_parameters_it_was_given(rings, small_network, way):
    X, Y = rings
    copies = [tuple(array.copy() for array in layer) for layer in small_network]
    train(way, gradient_of(("tanh", "sigmoid")), small_network, X, Y, 0.1, 1)
    for layer, copied in zip(small_network, copies, strict=True):
        for array, copy in zip(layer, copied, strict=True):
            np.testing.assert_array_equal(array, copy)


def test_whole_batch_as_one_mini_batch_is_batch_gradient_descent(rings, small_network):
    X, Y = rings
    gradient = gradient_of(("tanh", "sigmoid"))
    batch = batch_gradient_descent(gradient, small_network, X, Y, 0.5, 5)
    mini = mini_batch_gradient_descent(gradient, small_network, X, Y, 0.5, 5, 40, np.random.default_rng(0))
    np.testing.assert_allclose(mini[0][0], batch[0][0], rtol=1e-10)


def test_small_step_lowers_the_cost_by_alpha_times_the_squared_gradient(rings, small_network):
    X, Y = rings
    activations = ("tanh", "sigmoid")
    before = cost(small_network, activations, X, Y)
    layers = gradients(small_network, activations, X, Y)
    squared = sum((g**2).sum() for layer in layers for g in layer)
    errors = []
    for alpha in (1e-3, 1e-4):
        after = cost(
            batch_gradient_descent(gradient_of(activations), small_network, X, Y, alpha, 1), activations, X, Y
        )
        errors.append(abs(after - (before - alpha * squared)))
    assert 50 < errors[0] / errors[1] < 200


def test_zero_start_keeps_the_hidden_units_equal(rings, small_network):
    X, Y = rings
    zero = [tuple(0 * array for array in layer) for layer in small_network]
    activations = ("sigmoid", "sigmoid")
    (W1, b1), (W2, _) = batch_gradient_descent(gradient_of(activations), zero, X, Y, 1, 20)
    for equal in (W1, b1, W2.T):
        np.testing.assert_allclose(equal, np.broadcast_to(equal[:1], equal.shape), atol=1e-15)
    (W1, _), _ = batch_gradient_descent(gradient_of(activations), small_network, X, Y, 1, 20)
    assert np.ptp(W1, axis=0).min() > 0.1


def test_weight_decay_is_a_shrunken_weight_minus_the_step():
    W, gradient = np.array([[2.0, 3.0]]), np.array([[1.0, -1.0]])
    alpha, penalty = np.float64(0.1), np.float64(0.5)
    np.testing.assert_allclose(
        weight_decay_step(W, gradient, alpha, penalty),
        step((1 - alpha * penalty) * W, gradient, alpha),
        rtol=1e-15,
    )
