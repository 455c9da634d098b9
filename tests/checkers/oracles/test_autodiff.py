"""JAX's derivative of unmodified NumPy code: its value, its bound, and when it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from points import point

from checkers.oracles.autodiff import Autodiff
from checkers.traced import Traced

W = np.array([[0.5, -1.0, 0.25], [1.0, 2.0, -0.5]])
X = np.array([0.3, -0.7, 1.1])
DELTA = np.array([2.0, -0.5])


def layer(W, x):
    return np.tanh(W @ x)


def oracle(forward):
    return Autodiff(Traced(forward))


def near(estimate, truth, slack=8e-16):
    return bool((np.abs(estimate.value - truth) <= estimate.bound + slack * np.abs(truth)).all())


def test_gradients_are_vector_jacobian_products():
    slope = DELTA * (1 - np.tanh(W @ X) ** 2)
    by_W, by_x = oracle(layer).gradients(point(W, X), [DELTA], [0, 1]).estimates
    assert near(by_W, np.outer(slope, X), 8e-15)
    assert near(by_x, W.T @ slope, 8e-15)
    assert not near(by_x, W.T @ slope + 1e-12)
    (alone,) = oracle(layer).gradients(point(W, X), [DELTA], [1]).estimates
    np.testing.assert_array_equal(alone.value, by_x.value)


def test_pushforward_moves_only_the_arguments_with_tangents():
    t = np.array([1.0, -1.0, 0.5])
    (estimate,) = oracle(layer).pushforward(point(W, X), [None, t]).estimates
    assert near(estimate, (1 - np.tanh(W @ X) ** 2) * (W @ t), 8e-15)
    assert not near(estimate, W @ t)


def test_several_outputs_take_a_cotangent_each():
    def forward(x):
        return x**2, x.sum()

    (estimate,) = oracle(forward).gradients(point(X), [np.ones(3), np.array(5.0)], [0]).estimates
    assert near(estimate, 2 * X + 5)


def test_bound_is_the_rounding_of_float64_arithmetic():
    (estimate,) = oracle(lambda x: np.exp(x).sum()).gradients(point(X), [np.ones(())], [0]).estimates
    assert (estimate.bound > 0).all()
    assert (estimate.bound < 1e-13 * np.exp(X)).all()


def test_float32_arguments_are_differentiated_in_float64():
    x = X.astype(np.float32)
    (estimate,) = oracle(np.sin).gradients(point(x), [np.ones(3)], [0]).estimates
    assert near(estimate, np.cos(x.astype(np.float64)))
    assert (estimate.bound < 1e-12).all()


def test_rounding_is_that_of_the_precision_of_the_case():
    def forward(x):
        return np.exp(x).sum()

    long, short = (
        oracle(forward).rounding(point(x), [np.ones(())], [0])[0] for x in (X, X.astype(np.float32))
    )
    assert (short > 1e6 * long).all()


def test_rounding_of_the_forward_is_bounded_where_it_can_be_traced():
    (bound,) = oracle(layer).forward_rounding([W, X])
    assert ((bound > 0) & (bound < 1e-13)).all()
    assert oracle(untraceable).forward_rounding([X]) is None


def untraceable(x):
    return np.array([float.fromhex(float(entry).hex()) for entry in x])


def test_code_that_cannot_be_traced_is_a_refusal_with_a_reason():
    answer = oracle(untraceable).gradients(point(X), [np.ones(3)], [0])
    assert answer.estimates == ()
    assert answer.refusal.startswith("JAX")
    assert oracle(untraceable).pushforward(point(X), [np.ones(3)]).refusal
    assert oracle(untraceable).rounding(point(X), [np.ones(3)], [0]) == []


def test_trace_that_is_not_what_the_code_computes_is_a_refusal():
    calls = []

    def other_from_the_second_call_on(x):
        calls.append(1)
        return 2 * x if len(calls) > 1 else 3 * x

    answer = oracle(other_from_the_second_call_on).gradients(point(X), [np.ones(3)], [0])
    assert "gives other values here than NumPy does" in answer.refusal


def test_branch_on_values_is_traced_anew_at_every_point():
    def forward(x):
        return x**2 if x[0] > 0 else 3 * x

    autodiff = oracle(forward)
    for x, truth in ((X, 2 * X), (-X, [3.0] * 3), (X, 2 * X)):
        (estimate,) = autodiff.gradients(point(x), [np.ones(3)], [0]).estimates
        assert near(estimate, np.array(truth))


@pytest.mark.parametrize("x", [12_000.0, 1e200])
def test_derivative_that_overflows_has_an_infinite_bound(x):
    (estimate,) = oracle(np.exp).gradients(point(x), [np.ones(())], [0]).estimates
    assert np.isinf(estimate.bound)
    assert "overflows" in estimate.reason


@pytest.mark.parametrize("output", [lambda x: x > 0, lambda x: (x > 0).astype(int), lambda x: np.sign(x) > 0])
def test_outputs_of_truth_values_and_whole_numbers_have_a_gradient_of_zero(output):
    (estimate,) = oracle(output).gradients(point(X), [np.ones(3)], [0]).estimates
    assert near(estimate, np.zeros(3))


def test_program_is_made_once_for_every_shape():
    calls = []

    def forward(x):
        calls.append(1)
        return np.sin(x)

    autodiff = oracle(forward)
    for x in (X, 2 * X, X + 1):
        autodiff.gradients(point(x), [np.ones(3)], [0])
    assert len(calls) == 3 + 1  # the values at every point, and one trace
    autodiff.gradients(point(X[:2]), [np.ones(2)], [0])
    assert len(calls) == 4 + 2
