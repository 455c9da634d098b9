"""What an oracle answers: a value that is no number is never one with a bound."""

from __future__ import annotations

import numpy as np
import pytest

from checkers.oracles.estimate import Answer, Estimate


def test_finite_values_keep_their_bounds():
    estimate = Estimate.of(np.array([1.0, -2.0]), np.array([0.5, 0.0]), "never used")
    np.testing.assert_array_equal(estimate.value, [1.0, -2.0])
    np.testing.assert_array_equal(estimate.bound, [0.5, 0.0])
    assert not estimate.kink.any()


@pytest.mark.parametrize(
    ("value", "bound"), [(np.nan, 0.0), (np.inf, 1.0), (-np.inf, 1.0), (1.0, np.nan), (1.0, np.inf)]
)
def test_what_is_no_number_becomes_zero_with_an_infinite_bound(value, bound):
    estimate = Estimate.of(np.array([value, 3.0]), np.array([bound, 0.25]), "it overflows")
    assert (estimate.value[0], estimate.bound[0]) == (0.0, np.inf)
    assert (estimate.value[1], estimate.bound[1]) == (3.0, 0.25)
    assert estimate.reason == "it overflows"


def test_answer_without_estimates_has_a_refusal_or_nothing_to_say():
    assert Answer("autodiff").estimates == ()
    assert Answer("autodiff", refusal="it cannot").refusal == "it cannot"
