"""How much rounding can have moved a claim: never less than it did, and not much more."""

# ruff: noqa: ARG005  (functions take the arguments that they are called with, needed or not)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.claimed_noise import ClaimedNoise
from checkers.traced import Traced

X = np.array([0.3, -1.2, 2.5])


def noise(function, *inputs, natural=1.0, others=None):
    def called(*arguments):
        returned = function(*(a.copy() for a in arguments))
        items = returned if isinstance(returned, tuple) else (returned,)
        return [None if item is None else np.asarray(item) for item in items]

    results = called(*inputs)
    return ClaimedNoise(Traced(function), called).of(
        inputs, results, natural, others or (lambda: [None] * len(results))
    )


def untraceable(x):
    return np.array([float.fromhex(float(entry).hex()) for entry in np.exp(x)])


def cancelling(x):
    return (x + 1e8) - 1e8


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=1, max_size=4).map(np.array))
def test_bound_holds_what_rounding_did(x):
    (bound,) = noise(cancelling, x)
    assert (np.abs(cancelling(x) - x) <= bound).all()
    assert (bound < 1e-6).all()


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=4).map(lambda x: np.array(x, dtype=np.float32))
)
def test_float32_code_rounds_in_float32(x):
    def code(x):
        return np.exp(x) * x - x

    (bound,) = noise(code, x)
    exact = code(x.astype(np.float64))
    assert (np.abs(code(x) - exact) <= bound).all()
    assert (bound <= 1e-4 * (1 + np.exp(np.abs(x)) * (1 + np.abs(x)))).all()


def test_exact_operations_have_next_to_no_noise():
    (bound,) = noise(lambda x: 2 * x, X)
    assert (bound <= 4e-16 * np.abs(X)).all()


@pytest.mark.parametrize("x", [np.float32([-1e-9]), np.float32([1e-9, -1e-9])])
def test_threshold_that_turns_on_rounding_allows_both_sides(x):
    def clipped_slope(x):
        return 3.0 * (3 * x - 1 >= -1)

    (bound,) = noise(clipped_slope, x)
    exact = 3.0 * (x.astype(np.float64) >= 0)
    assert (np.abs(clipped_slope(x) - exact) <= bound).all()


def test_position_that_turns_on_rounding_has_no_bound():
    def winner(x):
        y = 3 * x - 1
        gradient = np.zeros_like(y)
        gradient[np.argmax(y)] = x[0]
        return gradient

    (tied,) = noise(winner, np.array([1e-200, 2e-200]))
    assert np.isinf(tied).all()
    (clear,) = noise(winner, np.array([1.0, 2.0]))
    assert (clear < 1e-12).all()


def test_code_that_cannot_be_traced_is_moved_instead():
    (bound,) = noise(untraceable, X)
    assert (bound > 1e-17).all()
    assert (bound < 1e-12 * np.exp(X).max()).all()


def test_rounding_of_another_program_counts_where_nothing_can_be_traced():
    (bound,) = noise(untraceable, X, others=lambda: [np.full(3, 0.5)])
    assert (bound == 0.5).all()
    (bound,) = noise(untraceable, X, others=lambda: [np.full(3, np.inf)])
    assert np.isfinite(bound).all()


def test_natural_size_counts_where_nothing_can_be_traced():
    assert (noise(untraceable, X, natural=1e10)[0] > noise(untraceable, X)[0]).all()


def test_none_has_no_noise():
    first, second = noise(lambda x: (None, 2 * x), X)
    assert first.shape == ()
    assert first == 0
    assert second.shape == X.shape


def test_result_that_was_there_before_the_call_is_not_taken_for_exact():
    kept = np.exp(X)
    (bound,) = noise(lambda x: kept, X)
    assert (bound > 0).all()


def test_code_that_computes_something_else_when_traced_is_moved():
    calls = []

    def other_at_first(x):
        calls.append(1)
        return np.exp(x) if len(calls) != 2 else 7 * x

    (bound,) = noise(other_at_first, X)
    assert (bound > 0).all()
    assert (bound < 1e-10).all()


@pytest.mark.parametrize(
    ("code", "dtype"),
    [
        (lambda x: np.exp(x.astype(np.float16)).astype(float), "float16"),
        (lambda x: np.exp(x).astype(np.float32) * x, "float32"),
        (lambda x: np.exp(x) * (x > 0).astype(np.float32), ""),
        (lambda x: np.exp(x) * np.arange(9)[np.abs(x).astype(int)], ""),
        (np.exp, ""),
    ],
)
def test_rounding_to_fewer_digits_on_the_way_is_named(code, dtype):
    def called(x):
        return [code(x)]

    of_code = ClaimedNoise(Traced(lambda x: code(x)), called)
    of_code.of([X], called(X), 1.0, lambda: [None])
    assert of_code.shortened == dtype


def test_precision_of_the_inputs_is_not_remarked():
    x = X.astype(np.float32)

    def code(x):
        return (x.astype(np.float64) ** 2).astype(np.float32)

    of_code = ClaimedNoise(Traced(code), lambda x: [code(x)])
    of_code.of([x], [code(x)], 1.0, lambda: [None])
    assert of_code.shortened == ""
