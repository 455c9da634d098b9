"""Difference quotients: their orders of error, the rounding of too small a step, and gradients of arrays."""

from __future__ import annotations

import numpy as np
import pytest

from reference_impl.elementwise import sigmoid, sigmoid_derivative
from reference_impl.numerical_differentiation import (
    centred_difference,
    forward_difference,
    gradient_by_centred_differences,
    gradient_by_forward_differences,
)

X = np.float64(0.7)


def error(difference, dx):
    return abs(difference(sigmoid, X, np.float64(dx)) - sigmoid_derivative(X))


@pytest.mark.parametrize(("difference", "order"), [(forward_difference, 1), (centred_difference, 2)])
def test_error_falls_with_the_order_of_the_quotient(difference, order):
    for dx in (1e-1, 1e-2):
        ratio = error(difference, dx) / error(difference, dx / 2)
        assert abs(ratio - 2**order) < 0.1


@pytest.mark.parametrize("difference", [forward_difference, centred_difference])
def test_too_small_a_step_rounds(difference):
    assert error(difference, 1e-13) > 100 * error(difference, 1e-6)


def test_quotient_is_exact_for_a_polynomial_of_its_degree():
    square = lambda x: x**2  # noqa: E731  a function of one line
    assert centred_difference(square, np.float64(3), np.float64(1)) == 6
    assert forward_difference(square, np.float64(3), np.float64(1)) == 7


@pytest.mark.parametrize(
    ("gradient_of", "calls", "tolerance"),
    [(gradient_by_forward_differences, 7, 1e-5), (gradient_by_centred_differences, 12, 1e-9)],
)
def test_gradient_of_an_array_takes_one_pair_of_values_an_entry(gradient_of, calls, tolerance):
    x = np.arange(6.0).reshape(2, 3)
    x.flags.writeable = False
    evaluated = []

    def f(z):
        evaluated.append(z)
        return np.sin(z).sum()

    np.testing.assert_allclose(gradient_of(f, x, 1e-5), np.cos(x), atol=tolerance)
    assert len(evaluated) == calls
