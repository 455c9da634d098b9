"""Softmax: a distribution at any size of input, shift invariant, with a symmetric Jacobian."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reference_impl.elementwise import sigmoid
from reference_impl.softmax import (
    log_softmax,
    sharp_softmax,
    softmax,
    softmax_jacobian,
    softmax_vjp,
    softmax_vjp_by_jacobian,
    two_class_softmax,
)

reals = st.floats(-1000, 1000)
vectors = st.integers(1, 5).flatmap(lambda n: arrays(np.float64, n, elements=reals))


@given(vectors)
def test_softmax_is_a_distribution(z):
    a = softmax(z)
    assert (a >= 0).all()
    np.testing.assert_allclose(a.sum(), 1, rtol=1e-14)


@given(vectors, reals)
def test_softmax_does_not_notice_a_shift(z, c):
    np.testing.assert_allclose(softmax(z + c), softmax(z), atol=1e-12)


@given(vectors)
def test_logarithm_of_the_softmax_is_finite_where_the_softmax_underflows(z):
    assert np.isfinite(log_softmax(z)).all()
    np.testing.assert_allclose(np.exp(log_softmax(z)), softmax(z), rtol=1e-12, atol=1e-300)


def test_softmax_of_a_thousand_is_hardmax_without_a_warning():
    np.testing.assert_array_equal(softmax(np.array([1000.0, -1000.0, 0.0])), [1, 0, 0])
    np.testing.assert_array_equal(softmax(np.array([1000.0, 1000.0])), [0.5, 0.5])
    np.testing.assert_array_equal(two_class_softmax(np.array([-1000.0, 1000.0])), [0, 1])


@given(vectors)
def test_jacobian_is_symmetric_with_rows_that_sum_to_zero(z):
    jacobian = softmax_jacobian(z)
    np.testing.assert_array_equal(jacobian, jacobian.T)
    np.testing.assert_allclose(jacobian.sum(axis=1), 0, atol=1e-15)


def test_product_with_the_jacobian_is_the_short_one_and_not_that_of_its_diagonal():
    rng = np.random.default_rng(3)
    z, delta = rng.normal(size=4), rng.normal(size=4)
    np.testing.assert_allclose(softmax_vjp(delta, z), softmax_vjp_by_jacobian(delta, z), rtol=1e-13)
    diagonal = softmax(z) * (1 - softmax(z)) * delta
    assert np.abs(diagonal - softmax_vjp(delta, z)).max() > 1e-2


def test_columns_are_single_examples():
    Z = np.random.default_rng(4).normal(size=(3, 5))
    np.testing.assert_allclose(softmax(Z), np.stack([softmax(Z[:, s]) for s in range(5)], axis=1), rtol=1e-15)
    np.testing.assert_allclose(softmax(Z).sum(axis=0), np.ones(5), rtol=1e-15)


def test_two_classes_are_a_sigmoid_of_the_difference():
    z = np.array([0.7, -1.1])
    np.testing.assert_allclose(two_class_softmax(z), softmax(z), rtol=1e-15)
    np.testing.assert_allclose(two_class_softmax(z)[0], sigmoid(z[0] - z[1]), rtol=1e-15)


@pytest.mark.parametrize(("z", "expected"), [([1.0, 3.0, 2.0], [0, 1, 0]), ([3.0, 3.0, 1.0], [0.5, 0.5, 0])])
def test_sharper_softmax_tends_to_hardmax(z, expected):
    np.testing.assert_allclose(sharp_softmax(np.array(z), np.array(500.0)), expected, atol=1e-100)
