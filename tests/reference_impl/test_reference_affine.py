"""The affine layer: short products equal those with the Jacobians in full, columns single examples."""

from __future__ import annotations

import numpy as np
import pytest

from reference_impl.affine import (
    affine,
    affine_batch,
    affine_batch_vjp,
    affine_jacobians,
    affine_vjp,
    affine_vjp_by_jacobians,
    neuron,
)


@pytest.fixture
def layer():
    rng = np.random.default_rng(1)
    return rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=3), rng.normal(size=3)


def test_products_with_the_full_jacobians_are_the_short_ones(layer):
    W, a, b, delta = layer
    pairs = zip(affine_vjp(delta, W, a, b), affine_vjp_by_jacobians(delta, W, a, b), strict=True)
    for short, full in pairs:
        np.testing.assert_allclose(short, full, rtol=1e-14)


def test_slice_of_the_weight_jacobian_has_one_row(layer):
    W, a, _, _ = layer
    by_W, by_a, by_b = affine_jacobians(W, a)
    expected = np.zeros((3, 2))
    expected[2] = a
    np.testing.assert_array_equal(by_W[2], expected)
    np.testing.assert_array_equal(by_a, W)
    np.testing.assert_array_equal(by_b, np.eye(3))


def test_row_of_the_weights_is_a_neuron(layer):
    W, a, b, _ = layer
    np.testing.assert_allclose(affine(W, a, b), [neuron(W[i], a, b[i]) for i in range(3)], rtol=1e-14)


def test_columns_of_a_batch_are_single_examples(layer):
    W, _, b, _ = layer
    rng = np.random.default_rng(2)
    A, delta = rng.normal(size=(2, 4)), rng.normal(size=(3, 4))
    column = b[:, None]
    one_by_one = np.stack([affine(W, A[:, s], b) for s in range(4)], axis=1)
    np.testing.assert_allclose(affine_batch(W, A, column), one_by_one, rtol=1e-14)
    by_W, by_A, by_b = affine_batch_vjp(delta, W, A, column)
    each = [affine_vjp(delta[:, s], W, A[:, s], b) for s in range(4)]
    np.testing.assert_allclose(by_W, sum(one[0] for one in each), rtol=1e-13)
    np.testing.assert_allclose(by_A, np.stack([one[1] for one in each], axis=1), rtol=1e-13)
    np.testing.assert_allclose(by_b[:, 0], sum(one[2] for one in each), rtol=1e-13)


def test_bias_is_added_to_every_column_also_of_a_square_batch():
    W, A, b = np.zeros((2, 2)), np.ones((2, 2)), np.array([[1.0], [2.0]])
    np.testing.assert_array_equal(affine_batch(W, A, b), [[1, 1], [2, 2]])
