"""Networks: four ways back give one gradient, and small networks are special cases of the general one."""

from __future__ import annotations

import numpy as np
import pytest

from reference_impl.affine import affine
from reference_impl.back_propagation import (
    by_activation_errors,
    by_errors,
    gradients,
    one_by_one,
    one_loss_by_activation_errors,
    one_loss_by_errors,
    output_error,
)
from reference_impl.elementwise import ACTIVATIONS, sigmoid_derivative
from reference_impl.error_recursion import error_of_previous_layer
from reference_impl.forward_propagation import OUTPUTS, cost, forward_propagation
from reference_impl.layer_cost import layer_cost, layer_cost_vjp
from reference_impl.neuron_chain import chain_cost_vjp, last_neuron_cost_vjp
from reference_impl.structural_risk import structural_risk, structural_risk_vjp
from reference_impl.two_layer import propagate, six_equations, softmax_loss_vjp

NETWORKS = [
    ("softmax",),
    ("tanh", "sigmoid"),
    ("relu", "tanh", "softmax"),
    ("leaky_relu", "sigmoid", "linear"),
    ("tanh", "tanh", "tanh", "softmax"),
]
WAYS = {
    "activation errors": by_activation_errors,
    "errors one by one": one_by_one(one_loss_by_errors),
    "activation errors one by one": one_by_one(one_loss_by_activation_errors),
}


def network(activations, m=4, seed=8):
    """Parameters, X and Y of a network with widths 2, 3, 4, … and a last layer of 3."""
    rng = np.random.default_rng(seed)
    widths = [*range(2, len(activations) + 2), 3]
    shapes = list(zip(widths[1:], widths[:-1], strict=True))
    parameters = [(rng.normal(size=shape), rng.normal(size=(shape[0], 1))) for shape in shapes]
    labels = {"real": rng.normal(size=(3, m)), "binary": rng.integers(0, 2, (3, m)) * 1.0}
    Y = labels.get(OUTPUTS[activations[-1]].labels, np.eye(3)[:, rng.integers(3, size=m)])
    return parameters, rng.normal(size=(2, m)), Y


def flat(layers):
    return np.concatenate([array.ravel() for layer in layers for array in layer])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("activations", NETWORKS, ids="-".join)
@pytest.mark.parametrize("penalty", [None, np.float64(0.3)], ids=["bare", "penalised"])
def test_four_ways_back_give_one_gradient(activations, way, penalty):
    parameters, X, Y = network(activations)
    usual = gradients(parameters, activations, X, Y, penalty)
    other = gradients(parameters, activations, X, Y, penalty, WAYS[way])
    assert [g.shape for layer in other for g in layer] == [p.shape for layer in parameters for p in layer]
    np.testing.assert_allclose(flat(other), flat(usual), rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("activations", NETWORKS, ids="-".join)
def test_batch_gradient_is_the_mean_over_the_examples(activations):
    parameters, X, Y = network(activations)
    each = [flat(by_errors(parameters, activations, X[:, [s]], Y[:, [s]])) for s in range(4)]
    batch = flat(by_errors(parameters, activations, X, Y))
    np.testing.assert_allclose(batch, np.mean(each, axis=0), rtol=1e-11, atol=1e-14)
    assert np.abs(batch - np.sum(each, axis=0)).max() > 1e-3


@pytest.mark.parametrize("activations", NETWORKS, ids="-".join)
def test_one_example_is_a_column_of_the_batch(activations):
    parameters, X, _ = network(activations)
    Z, A = forward_propagation(parameters, activations, X)
    one_z, one_a = forward_propagation([(W, b[:, 0]) for W, b in parameters], activations, X[:, 2])
    for batch, single in zip((*Z, *A), (*one_z, *one_a), strict=True):
        np.testing.assert_allclose(batch[:, 2], single, rtol=1e-13)


@pytest.mark.parametrize("output", OUTPUTS)
def test_error_at_every_output_is_the_difference(output):
    parameters, X, Y = network((output,))
    Z, A = forward_propagation(parameters, (output,), X)
    np.testing.assert_allclose(output_error(output, Z[0], A[1], Y), A[1] - Y, rtol=1e-12, atol=1e-14)


def test_penalty_adds_its_gradient_to_the_weights_only():
    parameters, X, Y = network(("tanh", "sigmoid"))
    bare = gradients(parameters, ("tanh", "sigmoid"), X, Y)
    penalised = gradients(parameters, ("tanh", "sigmoid"), X, Y, np.float64(0.5))
    for (W, _), (bare_W, bare_b), (W_bar, b_bar) in zip(parameters, bare, penalised, strict=True):
        np.testing.assert_allclose(W_bar - bare_W, W / 2, rtol=1e-12)
        np.testing.assert_array_equal(b_bar, bare_b)


def test_saturated_network_has_a_finite_cost_and_gradient():
    parameters, X, Y = network(("relu", "tanh", "softmax"))
    huge = [(1000 * W, b) for W, b in parameters]
    assert np.isfinite(cost(huge, ("relu", "tanh", "softmax"), X, Y))
    assert np.isfinite(flat(gradients(huge, ("relu", "tanh", "softmax"), X, Y))).all()


def test_number_of_activations_must_be_that_of_the_layers():
    parameters, X, _ = network(("tanh", "sigmoid"))
    with pytest.raises(ValueError, match="zip"):
        forward_propagation(parameters, ("tanh", "tanh", "sigmoid"), X)


def test_error_recursion_multiplies_by_the_slope_after_the_matrix():
    rng = np.random.default_rng(9)
    W, error, z = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
    right = error_of_previous_layer(W, error, z, "tanh")
    slope = ACTIVATIONS["tanh"].derivative(z)
    np.testing.assert_allclose(right, np.diag(slope) @ W.T @ error, rtol=1e-13)
    assert np.abs(right - W.T @ (error * slope)).max() > 1e-2


def test_error_shrinks_at_least_by_a_quarter_of_the_spectral_norm():
    rng = np.random.default_rng(10)
    for _ in range(20):
        W, error, z = rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=3)
        before = error_of_previous_layer(W, error, z, "sigmoid")
        assert np.linalg.norm(before) <= np.linalg.norm(W, 2) / 4 * np.linalg.norm(error)


def test_six_equations_are_those_of_the_general_network():
    activations = ("tanh", "sigmoid")
    parameters, X, Y = network(activations, m=1)
    (W1, b1), (W2, b2) = parameters
    z1, a1, z2 = propagate(X[:, 0], W1, b1[:, 0], W2, b2[:, 0], "tanh")
    dz2 = forward_propagation(parameters, activations, X)[1][2][:, 0] - Y[:, 0]
    six = six_equations(dz2, X[:, 0], z1, a1, W2, "tanh")
    np.testing.assert_allclose(flat([six]), flat(gradients(parameters, activations, X, Y)), rtol=1e-12)
    np.testing.assert_allclose(z2, affine(W2, a1, b2[:, 0]), rtol=1e-15)


def test_structural_risk_is_the_penalised_network_with_a_softmax():
    activations = ("sigmoid", "softmax")
    parameters, X, Y = network(activations)
    (W1, b1), (W2, b2) = parameters
    penalty = np.float64(0.7)
    arguments = X, Y, penalty, W1, b1[:, 0], W2, b2[:, 0]
    np.testing.assert_allclose(
        structural_risk(*arguments), cost(parameters, activations, X, Y, penalty), rtol=1e-13
    )
    by_risk = structural_risk_vjp(np.float64(1), *arguments)[3:]
    np.testing.assert_allclose(
        flat([by_risk]), flat(gradients(parameters, activations, X, Y, penalty)), rtol=1e-12, atol=1e-15
    )
    one = softmax_loss_vjp(np.float64(1), X[:, 0], Y[:, 0], *arguments[3:])[2:]
    np.testing.assert_allclose(
        flat([one]), flat(gradients(parameters, activations, X[:, :1], Y[:, :1])), rtol=1e-12, atol=1e-15
    )


def test_chain_of_one_neuron_a_layer_ends_with_the_last_neuron():
    x, y, w1, b1, w2, b2, w3, b3 = np.random.default_rng(11).normal(size=8)
    *_, by_w3, by_b3 = chain_cost_vjp(np.float64(1), x, y, w1, b1, w2, b2, w3, b3)
    a = x
    for w, b in ((w1, b1), (w2, b2)):
        a = ACTIVATIONS["sigmoid"].function(w * a + b)
    by_w, _, by_b, _ = last_neuron_cost_vjp(np.float64(1), w3, a, b3, y)
    np.testing.assert_allclose([by_w3, by_b3], [by_w, by_b], rtol=1e-14)
    np.testing.assert_allclose(by_w, a * by_b, rtol=1e-14)


def test_previous_activation_is_reached_along_every_path():
    rng = np.random.default_rng(12)
    W, a, b, y = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=3), rng.normal(size=3)
    _, by_a, _, _ = layer_cost_vjp(np.float64(1), W, a, b, y)
    z = affine(W, a, b)
    s = sigmoid_derivative(z) * 2 * (ACTIVATIONS["sigmoid"].function(z) - y)
    paths = [[W[j, k] * s[j] for j in range(3)] for k in range(2)]
    np.testing.assert_allclose(by_a, np.sum(paths, axis=1), rtol=1e-13)
    assert layer_cost(W, a, b, y) > 0


def test_gradient_of_a_silent_neuron_is_zero():
    by_w, _, by_b, _ = last_neuron_cost_vjp(*map(np.float64, (1, 0.4, 0, 0.2, 1)))
    assert by_w == 0
    assert by_b != 0
