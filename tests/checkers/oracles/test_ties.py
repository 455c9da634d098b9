"""Choices that are tied at a point: the ball holds what every convention gives."""

from __future__ import annotations

import numpy as np
import pytest
from points import point

from checkers.oracles.autodiff import Autodiff
from checkers.oracles.ties import evaluate_at_ties
from checkers.traced import Traced


def at(forward, *arguments):
    """The gradient by the first argument, and where it is a kink."""
    arrays = [np.asarray(a, dtype=np.float64) for a in arguments]
    autodiff = Autodiff(Traced(forward))
    (output,) = autodiff.forward.at(arrays).primal
    (estimate,) = autodiff.gradients(point(*arrays), [np.ones(output.shape)], [0]).estimates
    return estimate


def spans(estimate, low, high):
    """Whether the ball goes from the one value to the other and not farther."""
    return np.allclose(estimate.value - estimate.bound, low) and np.allclose(
        estimate.value + estimate.bound, high
    )


KINKS = {
    "abs": (np.abs, 0.0, -1, 1),
    "maximum": (lambda x: np.maximum(x, 0), 0.0, 0, 1),
    "maximum, exchanged": (lambda x: np.maximum(0, x), 0.0, 0, 1),
    "minimum": (lambda x: np.minimum(x, 1), 1.0, 0, 1),
    "where, greater": (lambda x: np.where(x > 0, x, 0.1 * x), 0.0, 0.1, 1),
    "where, less or equal": (lambda x: np.where(x <= 0, 0.1 * x, x), 0.0, 0.1, 1),
    "clip": (lambda x: np.clip(x, 0, 2), 2.0, 0, 1),
    "scaled": (lambda x: 3 * np.abs(2 * x), 0.0, -6, 6),
    "of a sum": (lambda x: np.maximum(x + 1 - 1, 0), 0.0, 0, 1),
}


@pytest.mark.parametrize("name", KINKS)
def test_kink_spans_the_conventions(name):
    forward, x, low, high = KINKS[name]
    estimate = at(forward, x)
    assert estimate.kink
    assert spans(estimate, low, high)


@pytest.mark.parametrize("name", KINKS)
@pytest.mark.parametrize("beside", [1e-9, -1e-9, 0.3])
def test_beside_a_kink_there_is_one_slope(name, beside):
    forward, x, _, _ = KINKS[name]
    estimate = at(forward, x + beside)
    assert not estimate.kink
    assert estimate.bound < 1e-12


def test_entries_without_a_tie_stay_sharp():
    estimate = at(lambda x: np.abs(x), [0.0, 2.0, -3.0])
    assert estimate.kink.tolist() == [True, False, False]
    np.testing.assert_allclose(estimate.value[1:], [1, -1])
    assert (estimate.bound[1:] < 1e-12).all()


def test_two_largest_entries_are_tied_and_the_third_is_not():
    estimate = at(lambda x: x.max(), [2.0, 2.0, 1.0])
    assert estimate.kink.tolist() == [True, True, False]
    assert spans(Slice(estimate, 2), 0, 0)


class Slice:
    def __init__(self, estimate, k):
        self.value, self.bound = estimate.value[k], estimate.bound[k]


def test_entry_and_its_own_maximum_are_no_kink():
    estimate = at(lambda x: x - x.max(), [1.0, 2.0, 3.0])
    assert not estimate.kink.any()
    np.testing.assert_allclose(estimate.value, [1, 1, -2])


def test_equal_numbers_that_stay_equal_are_no_kink():
    estimate = at(lambda x: np.where(x >= x, x**2, 7 * x), [1.0, -2.0])
    assert not estimate.kink.any()
    np.testing.assert_allclose(estimate.value, [2, -4])


def test_program_without_choices_is_evaluated_once():
    autodiff = Autodiff(Traced(np.sin))
    program = autodiff.forward.at([np.ones(2)]).jaxpr
    outputs, kinks = evaluate_at_ties(program, [np.array([0.5, 1.0])])
    np.testing.assert_allclose(outputs[0].mid.astype(float), np.sin([0.5, 1.0]))
    assert not kinks[0].any()
