"""The losses: fused forms equal the two steps and stay finite where those do not; the conventions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reference_impl import binary_cross_entropy as binary
from reference_impl import categorical_cross_entropy as categorical
from reference_impl import penalty, quadratic
from reference_impl.elementwise import ACTIVATIONS, sigmoid
from reference_impl.softmax import softmax

moderate = st.floats(-20, 20)


def pairs(elements, labels):
    return st.integers(1, 5).flatmap(
        lambda n: st.tuples(arrays(np.float64, n, elements=elements), arrays(np.float64, n, elements=labels))
    )


@given(pairs(moderate, st.sampled_from([0.0, 1.0])))
def test_fused_sigmoid_loss_is_the_loss_of_the_sigmoid(point):
    z, y = point
    fused = binary.sigmoid_binary_cross_entropy(z, y)
    np.testing.assert_allclose(fused, binary.binary_cross_entropy(sigmoid(z), y), rtol=1e-6)
    one, _ = binary.sigmoid_binary_cross_entropy_vjp(np.float64(3), z, y)
    two, _ = binary.sigmoid_binary_cross_entropy_vjp_in_two_steps(np.float64(3), z, y)
    np.testing.assert_allclose(one, two, rtol=1e-6, atol=1e-15)


@given(pairs(moderate, moderate))
def test_fused_softmax_loss_is_the_loss_of_the_softmax_for_any_labels(point):
    z, y = point
    fused = categorical.softmax_cross_entropy(z, y)
    np.testing.assert_allclose(
        fused, categorical.categorical_cross_entropy(softmax(z), y), rtol=1e-9, atol=1e-9
    )
    one, _ = categorical.softmax_cross_entropy_vjp(np.float64(3), z, y)
    two, _ = categorical.softmax_cross_entropy_vjp_in_two_steps(np.float64(3), z, y)
    np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-9)


def test_fused_losses_are_finite_where_the_two_steps_are_not():
    z, y = np.array([1000.0, -1000.0]), np.array([0.0, 1.0])
    assert binary.sigmoid_binary_cross_entropy(z, y) == 2000
    assert categorical.softmax_cross_entropy(z, y) == 2000
    by_z, _ = binary.sigmoid_binary_cross_entropy_vjp(np.float64(1), z, y)
    np.testing.assert_array_equal(by_z, [1, -1])
    with np.errstate(divide="ignore", invalid="ignore"):
        assert not np.isfinite(binary.binary_cross_entropy(sigmoid(z), y))
        assert not np.isfinite(categorical.categorical_cross_entropy(softmax(z), y))


def test_gradient_for_classes_needs_labels_that_sum_to_one():
    z = np.array([0.3, -0.2, 1.1])
    for y, same in ((np.array([0.0, 1.0, 0.0]), True), (np.array([0.0, 1.0, 1.0]), False)):
        general, _ = categorical.softmax_cross_entropy_vjp(np.float64(1), z, y)
        of_classes, _ = categorical.softmax_cross_entropy_vjp_for_classes(np.float64(1), z, y)
        assert np.allclose(general, of_classes, rtol=1e-14) == same


def test_activation_error_at_a_softmax_times_its_own_slope_is_the_error():
    z, y = np.array([0.3, -0.2, 1.1]), np.array([0.0, 1.0, 0.0])
    y_hat = softmax(z)
    error = categorical.softmax_activation_error(z, y)
    np.testing.assert_allclose(error * y_hat * (1 - y_hat), y_hat - y, rtol=1e-13)
    np.testing.assert_allclose(error, binary.output_gradient(y_hat, y), rtol=1e-13)
    assert np.abs(error + y / y_hat).max() > 1


def test_losses_of_right_answers_are_zero():
    right = np.array([0.0, 1.0])
    assert quadratic.squared_error(right, right) == 0
    assert binary.sigmoid_binary_cross_entropy(np.array([-1000.0, 1000.0]), right) == 0
    assert categorical.softmax_cross_entropy(np.array([-1000.0, 1000.0]), right) == 0


def test_quadratic_conventions_differ_by_two_and_by_the_number_of_examples():
    rng = np.random.default_rng(5)
    A, Y = rng.normal(size=(2, 5)), rng.normal(size=(2, 5))
    whole = quadratic.mean_squared_error(A, Y)
    np.testing.assert_allclose(whole, 2 * quadratic.half_mean_squared_error(A, Y), rtol=1e-15)
    np.testing.assert_allclose(whole, quadratic.squared_error(A, Y) / 5, rtol=1e-15)
    np.testing.assert_allclose(whole, np.mean([quadratic.squared_error(A[:, s], Y[:, s]) for s in range(5)]))
    by_A, _ = quadratic.half_squared_errors_vjp(np.ones(5), A, Y)
    mean_by_A, _ = quadratic.half_mean_squared_error_vjp(np.float64(1), A, Y)
    np.testing.assert_allclose(by_A, 5 * mean_by_A, rtol=1e-14)


@pytest.mark.parametrize("activation", ["linear", "sigmoid", "tanh"])
def test_output_error_is_gradient_times_slope(activation):
    z, y = np.array([0.3, -1.2]), np.array([1.0, 0.0])
    g, slope = ACTIVATIONS[activation]
    by_output, _ = quadratic.half_squared_error_vjp(np.float64(1), g(z), y)
    np.testing.assert_allclose(quadratic.output_error(z, y, activation), by_output * slope(z), rtol=1e-15)


@pytest.mark.parametrize(
    ("cost", "loss"),
    [
        (quadratic.half_mean_squared_error, quadratic.half_squared_error),
        (binary.binary_cross_entropy_cost, binary.binary_cross_entropy),
        (binary.sigmoid_binary_cross_entropy_cost, binary.sigmoid_binary_cross_entropy),
        (categorical.categorical_cross_entropy_cost, categorical.categorical_cross_entropy),
        (categorical.softmax_cross_entropy_cost, categorical.softmax_cross_entropy),
    ],
)
def test_cost_is_the_mean_of_the_losses_of_the_columns(cost, loss):
    rng = np.random.default_rng(6)
    A, Y = rng.uniform(0.1, 0.9, size=(3, 4)), np.eye(3)[:, [0, 2, 2, 1]]
    np.testing.assert_allclose(cost(A, Y), np.mean([loss(A[:, s], Y[:, s]) for s in range(4)]), rtol=1e-14)


def test_penalty_leaves_the_biases_alone():
    W1, b1, W2, b2 = np.ones((2, 3)), np.ones(2), np.ones((1, 2)), np.ones(1)
    assert penalty.l2_penalty(np.float64(3), [W1, W2]) == 12
    by_penalty, by_W1, by_b1, by_W2, by_b2 = penalty.l2_penalty_vjp(
        np.float64(1), np.float64(3), W1, b1, W2, b2
    )
    assert by_penalty == 4
    np.testing.assert_array_equal(by_W1, 3 * W1)
    np.testing.assert_array_equal(by_W2, 3 * W2)
    assert not by_b1.any()
    assert not by_b2.any()
