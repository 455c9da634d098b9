"""Failing cases made small: still failing, of the same kind, never larger."""

# ruff: noqa: ARG005  (functions take the arguments that they are called with, needed or not)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from points import point

from checkers.shrink import EFFORT, LARGEST, shrink
from checkers.signature import Signature

PAIR = Signature.parse("(m,n),(n)->(m)")


def drawn(m=4, n=3, seed=0, **fields):
    rng = np.random.default_rng(seed)
    arrays = rng.standard_normal((m, n)), rng.standard_normal(n)
    return point(*arrays, number=0, sizes={"m": m, "n": n}, regime="normal", **fields)


def test_case_that_always_fails_shrinks_to_sizes_of_one_and_zeros():
    smallest = shrink(drawn(), lambda case: True, PAIR)
    assert dict(smallest.sizes) == {"m": 1, "n": 1}
    assert [a.tolist() for a in smallest.arguments] == [[[0.0]], [0.0]]


def test_case_that_fails_no_more_is_left_as_it_is():
    case = drawn()
    assert shrink(case, lambda other: other is case, PAIR) is case


@settings(derandomize=True, max_examples=10, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_what_comes_out_still_fails_and_is_no_larger(m, n, seed):
    case = drawn(m, n, seed)

    def fails(other):
        return other.arguments[0].shape[0] >= min(m, 2) and np.abs(other.arguments[1]).max() > 0.1

    if fails(case):
        smallest = shrink(case, fails, PAIR)
        assert fails(smallest)
        PAIR.bind([a.shape for a in smallest.arguments])
        assert sum(a.size for a in smallest.arguments) <= sum(a.size for a in case.arguments)
        assert smallest.sizes["m"] == min(m, 2)


def test_a_size_that_matters_is_kept():
    smallest = shrink(drawn(), lambda case: case.sizes["n"] == 3, PAIR)
    assert dict(smallest.sizes) == {"m": 1, "n": 3}


def test_without_a_signature_only_the_values_become_simple():
    case = drawn()
    smallest = shrink(case, lambda other: True, None)
    assert [a.shape for a in smallest.arguments] == [a.shape for a in case.arguments]
    assert not any(a.any() for a in smallest.arguments)


def test_whole_numbers_and_limited_values_are_kept():
    case = point(np.array([7, 8]), np.array([0.3, 0.4]), limits=[None, (0.0, 1.0)])
    smallest = shrink(case, lambda other: True, None)
    assert smallest.arguments[0].tolist() == [7, 8]
    assert smallest.arguments[1].tolist() == [0.3, 0.4]


def test_dtype_stays():
    case = point(np.array([0.3, 0.4], dtype=np.float32))
    assert shrink(case, lambda other: True, None).arguments[0].dtype == np.float32


def test_limits_are_cut_with_their_arguments():
    case = drawn(limits=[(0.0, np.inf), None])
    smallest = shrink(case, lambda other: True, PAIR)
    assert smallest.limits[0][0].shape == smallest.arguments[0].shape == (1, 1)


def test_search_is_the_same_every_time_and_ends():
    calls = []

    def fails(case):
        calls.append(1)
        return float(np.abs(case.arguments[0]).sum()) > 1.0

    one, other = shrink(drawn(), fails, PAIR), shrink(drawn(), fails, PAIR)
    assert [a.tolist() for a in one.arguments] == [a.tolist() for a in other.arguments]
    assert len(calls) <= 2 * EFFORT


def test_large_case_is_not_tried_at_all():
    case = point(np.ones(LARGEST + 1))
    assert shrink(case, lambda other: pytest.fail("it was tried"), None) is case
