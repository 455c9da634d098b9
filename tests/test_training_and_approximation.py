"""What the sources say of training, of the limit of softmax, and of what networks can represent.

No theorem answers for these claims: they are about procedures, about particular numbers, or say that
something exists, which is shown here.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from reference_impl.elementwise import sigmoid
from reference_impl.gradient_descent import (
    batch_gradient_descent,
    mini_batch_gradient_descent,
    stochastic_gradient_descent,
)
from reference_impl.softmax import sharp_softmax

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(2, 12)), RNG.normal(size=(1, 12))
START = [(RNG.normal(size=(1, 2)), np.zeros((1, 1)))]


def mean_loss(parameters, X, Y):
    ((W, b),) = parameters
    return jnp.mean((jnp.tanh(W @ X + b) - Y) ** 2) / 2


def by_autodiff(parameters, X, Y):
    with jax.enable_x64(True):
        return [tuple(np.asarray(g) for g in layer) for layer in jax.grad(mean_loss)(parameters, X, Y)]


def values(parameters):
    return np.concatenate([array.ravel() for layer in parameters for array in layer])


# --- hardmax ------------------------------------------------------------------------------------------------


def hardmax(z):
    """1/p at each of the p largest entries, 0 elsewhere."""
    largest = z == z.max()
    return largest / largest.sum()


@pytest.mark.parametrize(
    ("z", "expected"),
    [([1.0, 3.0, 2.0], [0, 1, 0]), ([3.0, 1.0, 3.0], [0.5, 0, 0.5]), ([2.0] * 4, [0.25] * 4)],
)
def test_hardmax_is_what_an_ever_sharper_softmax_gives(z, expected):
    z = np.array(z)
    np.testing.assert_array_equal(hardmax(z), expected)
    assert hardmax(z).sum() == 1
    distances = [np.abs(sharp_softmax(z, np.array(beta)) - hardmax(z)).max() for beta in (1.0, 10.0, 1000.0)]
    assert distances[2] < 1e-15
    assert distances[0] >= distances[1] >= distances[2]
    assert len(set(z)) == 1 or distances[0] > 0.01, "a softmax that is not sharp would have been seen"


# --- descent ------------------------------------------------------------------------------------------------


def test_one_iteration_moves_by_minus_alpha_times_the_gradient_and_lowers_the_cost():
    moved = batch_gradient_descent(by_autodiff, START, X, Y, 0.1, 1)
    expected = values(START) - 0.1 * values(by_autodiff(START, X, Y))
    np.testing.assert_allclose(values(moved), expected, rtol=1e-14)
    assert mean_loss(moved, X, Y) < mean_loss(START, X, Y)
    assert mean_loss(batch_gradient_descent(by_autodiff, START, X, Y, -0.1, 1), X, Y) > mean_loss(START, X, Y)


def noting(calls):
    def gradient(parameters, X, Y):
        calls.append((X, Y))
        return by_autodiff(parameters, X, Y)

    return gradient


def test_one_pass_takes_the_gradient_of_every_single_loss_once_without_a_mean_over_all():
    calls = []
    trained = stochastic_gradient_descent(noting(calls), START, X, Y, 0.05, 1, np.random.default_rng(0))
    assert [x.shape for x, _ in calls] == [(2, 1)] * 12
    used = np.hstack([x for x, _ in calls])
    assert sorted(map(tuple, used.T)) == sorted(map(tuple, X.T))
    parameters = START
    for x, y in calls:
        steps = zip(parameters[0], by_autodiff(parameters, x, y)[0], strict=True)
        parameters = [tuple(p - 0.05 * g for p, g in steps)]
    np.testing.assert_allclose(values(trained), values(parameters), rtol=1e-13)


def test_with_one_example_stochastic_is_batch_gradient_descent():
    one = X[:, :1], Y[:, :1]
    stochastic = stochastic_gradient_descent(by_autodiff, START, *one, 0.1, 3, np.random.default_rng(0))
    np.testing.assert_array_equal(
        values(stochastic), values(batch_gradient_descent(by_autodiff, START, *one, 0.1, 3))
    )


def test_mini_batches_of_all_are_batch_and_of_one_are_stochastic_gradient_descent():
    def mini(size):
        return values(
            mini_batch_gradient_descent(by_autodiff, START, X, Y, 0.1, 1, size, np.random.default_rng(1))
        )

    whole = values(batch_gradient_descent(by_autodiff, START, X, Y, 0.1, 1))
    single = values(stochastic_gradient_descent(by_autodiff, START, X, Y, 0.1, 1, np.random.default_rng(1)))
    np.testing.assert_allclose(mini(12), whole, rtol=1e-13)
    np.testing.assert_array_equal(mini(1), single)
    assert np.abs(mini(4) - whole).max() > 1e-6


@pytest.mark.parametrize("size", [1, 3, 4, 12])
def test_mini_batches_are_the_columns_of_the_shuffled_examples_block_by_block(size):
    calls = []
    mini_batch_gradient_descent(noting(calls), START, X, Y, 0.1, 1, size, np.random.default_rng(2))
    assert len(calls) == 12 // size
    assert all(x.shape == (2, size) and y.shape == (1, size) for x, y in calls)
    order = np.random.default_rng(2).permutation(12)
    np.testing.assert_array_equal(np.hstack([x for x, _ in calls]), X[:, order])
    np.testing.assert_array_equal(np.hstack([y for _, y in calls]), Y[:, order])


# --- representation -----------------------------------------------------------------------------------------

GRID = np.linspace(-1, 1, 401)


def best_fit_error(units, target, biased=True, steepest=None):
    """The largest error on the grid of the best combination (least squares) of that many sigmoid units.

    Biased units are equally steep and step at evenly spread places; without a bias all of them step at 0.
    """
    steepness = (steepest or 3.0 * units) if biased else np.linspace(0.1, 30, units)
    places = np.linspace(-1.2, 1.2, units) if biased else np.zeros(units)
    hidden = sigmoid(steepness * (GRID[:, None] - places))
    outputs, *_ = np.linalg.lstsq(hidden, target(GRID), rcond=1e-12)
    return np.abs(hidden @ outputs - target(GRID)).max()


def test_best_fit_of_a_continuous_function_gets_better_as_the_hidden_layer_grows():
    errors = [best_fit_error(units, lambda x: np.sin(3 * x) + np.abs(x)) for units in (5, 20, 80)]
    assert errors[0] > 3 * errors[1] > 9 * errors[2]
    assert errors[2] < 0.02


def test_biased_units_fit_a_square_and_unbiased_ones_never_do():
    assert best_fit_error(40, np.square, steepest=8.0) < 1e-3
    # σ(wx) − 1/2 is odd, so of a combination only a constant is even: at x = ±1 and 0 it is off by 1/2.
    for units in (5, 20, 100):
        assert best_fit_error(units, np.square, biased=False) >= 0.499


def test_a_fully_connected_network_gives_another_output_for_a_shifted_image():
    rng = np.random.default_rng(5)
    W, V = rng.normal(size=(6, 25)), rng.normal(size=(2, 6))
    image = np.zeros((5, 5))
    image[1:3, 1:3] = 1
    outputs = [V @ np.tanh(W @ np.roll(image, shift, axis=1).ravel()) for shift in (0, 1)]
    assert np.abs(outputs[0] - outputs[1]).max() > 0.1
    same = np.tile(W.mean(axis=1, keepdims=True), 25)  # weights that are not generic: all pixels count alike
    equal = [V @ np.tanh(same @ np.roll(image, shift, axis=1).ravel()) for shift in (0, 1)]
    np.testing.assert_allclose(equal[0], equal[1], rtol=1e-12)
