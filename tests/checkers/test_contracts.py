"""Contracts besides the values: each accepts what keeps to it and names what does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers import contracts
from checkers.candidate import Call
from checkers.compare import Claim

steadily = settings(deadline=None, derandomize=True)

shapes = st.lists(st.integers(1, 4), max_size=3).map(tuple)


def test_call_that_changes_nothing_breaks_nothing():
    assert contracts.unchanged(Call([np.ones(2)]), "vjp") == []


def test_every_overwritten_input_is_named_once():
    broken = contracts.unchanged(Call([None], overwritten=["delta", "x", "delta"]), "vjp")
    assert [(b.contract, b.argument) for b in broken] == [("unchanged", "delta"), ("unchanged", "x")]
    assert broken[0].sentence.startswith("the vjp overwrites its input delta")


@steadily
@given(shapes)
def test_shape_of_the_argument_is_accepted(shape):
    assert contracts.shape("W", np.zeros(shape), shape, "gradient") is None


@steadily
@given(shapes, shapes)
def test_any_other_shape_is_refused_even_if_it_would_broadcast(shape, expected):
    broken = contracts.shape("W", np.zeros(shape), expected, "gradient")
    assert (broken is None) == (shape == expected)
    if broken is not None:
        assert (broken.contract, broken.argument) == ("shape", "W")
        assert f"has shape {shape}, but W has shape {expected}" in broken.sentence


@pytest.mark.parametrize(
    ("shape", "expected", "hint"),
    [
        ((3, 2), (2, 3), "it is the transpose"),
        ((6,), (2, 3), "reshape it"),
        ((2, 1), (2,), "reshape it"),
        ((3,), (2, 3), "an axis has been summed or averaged away"),
        ((), (2,), "an axis has been summed or averaged away"),
    ],
)
def test_hint_says_what_the_shape_looks_like(shape, expected, hint):
    assert hint in contracts.shape("W", np.zeros(shape), expected, "gradient").sentence


def test_batch_that_was_not_summed_away_gets_no_hint_of_a_lost_axis():
    sentence = contracts.shape("b", np.zeros((5, 3)), (3,), "gradient").sentence
    assert "summed or averaged away" not in sentence


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_number_that_is_not_finite_is_named_with_its_index(value):
    gradient = np.ones((2, 3))
    assert contracts.finite("W", gradient, "gradient") is None
    gradient[1, 2] = value
    broken = contracts.finite("W", gradient, "gradient")
    assert (broken.contract, broken.argument) == ("finite", "W")
    assert f"is {value} at [1, 2]" in broken.sentence


def test_empty_gradient_is_finite():
    assert contracts.finite("W", np.zeros((0, 3)), "gradient") is None


DOUBLE, SINGLE, HALF = (np.dtype(kind) for kind in ("float64", "float32", "float16"))


@pytest.mark.parametrize(
    ("given_", "asked"),
    [
        (DOUBLE, (DOUBLE, DOUBLE)),
        (DOUBLE, (SINGLE, SINGLE)),
        (SINGLE, (SINGLE, DOUBLE)),
        (SINGLE, (DOUBLE, SINGLE)),  # the forward itself returns no more
        (np.dtype(int), (DOUBLE, DOUBLE)),
        (np.dtype(bool), (DOUBLE, DOUBLE)),
    ],
)
def test_precision_of_the_argument_or_of_the_output_is_enough(given_, asked):
    assert contracts.dtype("W", np.zeros(2, given_), asked, "gradient") is None


@pytest.mark.parametrize(
    ("given_", "asked", "least"),
    [(SINGLE, (DOUBLE, DOUBLE), "float64"), (HALF, (SINGLE, SINGLE), "float32")],
)
def test_precision_below_both_is_refused(given_, asked, least):
    broken = contracts.dtype("W", np.zeros(2, given_), asked, "gradient")
    assert (broken.contract, broken.argument) == ("dtype", "W")
    assert broken.sentence.endswith(f"compute it in {least}")


def test_memory_shared_with_an_input_or_another_result_is_remarked():
    call = Call([np.ones(2)] * 3, aliased=[(0, "delta")], siblings=[(2, 1)])
    assert contracts.aliases(call, ["x", "y", "z"], "gradient") == [
        "the gradient for x shares its memory with delta: adding to one in place changes both",
        "the gradient for z shares its memory with the gradient for y: adding to one in place changes both",
    ]
    assert contracts.aliases(Call([np.ones(2)]), ["x"], "gradient") == []


CLAIM = Claim("x", np.array([1.0, -2.0]), np.full(2, 1e-15))


def test_exactly_scaled_derivative_is_linear_and_a_clipped_one_is_not():
    assert contracts.linear(CLAIM, contracts.SCALE * CLAIM.value, "vjp") is None
    broken = contracts.linear(CLAIM, np.clip(contracts.SCALE * CLAIM.value, -5, 1e9), "vjp")
    assert (broken.contract, broken.argument) == ("linear", "x")
    assert "entry [1] becomes -5 instead of -2048" in broken.sentence


def test_overflow_of_the_scaled_derivative_proves_nothing():
    assert contracts.linear(CLAIM, np.array([np.inf, -2048.0]), "vjp") is None


@pytest.mark.parametrize("value", [np.nan, 1e-3, np.inf])
def test_zero_in_must_be_zero_out(value):
    assert contracts.zero(CLAIM, np.array([0.0, -0.0]), "jvp") is None
    broken = contracts.zero(CLAIM, np.array([0.0, value]), "jvp")
    assert (broken.contract, broken.argument) == ("zero", "x")
    assert "where the tangents is" not in broken.sentence
