"""The activations: symmetry, bounds, kinks, and no warning where exponentials overflow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from reference_impl.elementwise import (
    ACTIVATIONS,
    binary_step,
    binary_step_derivative,
    leaky_relu,
    leaky_relu_derivative,
    linear,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh_derivative,
)

reals = arrays(np.float64, array_shapes(max_dims=3), elements=st.floats(-1000, 1000))


@given(reals)
def test_sigmoid_is_symmetric_about_a_half(z):
    np.testing.assert_allclose(sigmoid(z) + sigmoid(-z), 1, rtol=1e-15)


@given(reals)
def test_sigmoid_lies_between_zero_and_one_without_a_warning(z):
    assert ((sigmoid(z) >= 0) & (sigmoid(z) <= 1)).all()


@given(reals)
def test_slopes_of_the_s_shaped_are_bounded(z):
    assert (sigmoid_derivative(z) <= 1 / 4).all()
    # 1 − σ(z) is known to a rounding of numbers next to 1.
    assert (sigmoid_derivative(z) <= np.exp(-np.abs(z)) + np.finfo(z.dtype).eps).all()
    assert (tanh_derivative(z) <= 1).all()
    assert (tanh_derivative(z) >= 0).all()


@given(reals)
def test_tanh_is_a_stretched_sigmoid(z):
    np.testing.assert_allclose(ACTIVATIONS["tanh"].function(z), 2 * sigmoid(2 * z) - 1, atol=1e-15)


@given(reals)
def test_relu_is_homogeneous_but_not_additive(z):
    np.testing.assert_array_equal(relu(4 * z), 4 * relu(z))
    np.testing.assert_array_equal(relu(z) - relu(-z), z)
    assert relu(np.array(1.0)) + relu(np.array(-1.0)) != relu(np.array(0.0))


@given(reals)
def test_leaky_relu_lies_between_relu_and_the_identity(z):
    c = np.array(0.25)
    np.testing.assert_array_equal(leaky_relu(z, 0 * c), relu(z))
    np.testing.assert_array_equal(leaky_relu(z, 1 + 0 * c), linear(z, 1 + 0 * c))
    assert (leaky_relu(z, c) >= z).all()


def test_values_at_zero_are_those_of_the_stated_conventions():
    zero = np.zeros(1)
    assert binary_step(zero) == 0
    assert binary_step_derivative(zero) == 0
    assert relu_derivative(zero) == 1
    assert leaky_relu_derivative(zero, np.array(0.25)) == 1


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivative_is_the_slope_of_the_function(name):
    z = np.array([-2.0, -0.3, 0.4, 3.0])
    h = 1e-5
    g, slope = ACTIVATIONS[name]
    np.testing.assert_allclose(slope(z), (g(z + h) - g(z - h)) / (2 * h), rtol=1e-8)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_keeps_dtype_and_shape(name):
    z = np.linspace(-3, 3, 6, dtype=np.float32).reshape(2, 3)
    for function in ACTIVATIONS[name]:
        assert function(z).dtype == np.float32
        assert function(z).shape == (2, 3)


def test_networks_leak_a_thousandth():
    assert ACTIVATIONS["leaky_relu"].function(np.array([-2.0])) == -2 / 1000
    assert ACTIVATIONS["leaky_relu"].derivative(np.array([-2.0])) == 1 / 1000
