"""Moves of a few units in the last place, and what they tell of rounding."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from checkers.rounding.nudge import evaluated_nudged, measured, nudged


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("shape", [(), (3,), (4, 5), (0, 3), (20_000,)])
def test_every_entry_moves_by_a_few_units_in_the_last_place(dtype, shape):
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    moved = nudged(x, 1)
    assert (moved.dtype, moved.shape) == (x.dtype, x.shape)
    assert (np.abs(moved - x) <= 4 * np.finfo(dtype).eps * np.abs(x)).all()
    assert x.size < 12 or (moved != x).mean() > 0.5


def test_zeros_and_whole_numbers_stay():
    x = np.array([0.0, -0.0, 1.0, 0.0])
    assert (nudged(x, 0)[[0, 1, 3]] == 0).all()
    k = np.array([1, 2])
    assert nudged(k, 0) is k


def test_the_original_is_left_alone_whatever_its_layout():
    wide = np.random.default_rng(0).normal(size=(6, 8))
    for x in (wide[::2, ::3], np.asfortranarray(wide), wide.T):
        before = x.copy()
        moved = nudged(x, 3)
        np.testing.assert_array_equal(x, before)
        np.testing.assert_allclose(moved, x, rtol=1e-15)


def test_same_seed_same_move():
    x = np.random.default_rng(0).normal(size=100)
    np.testing.assert_array_equal(nudged(x, 5), nudged(x, 5))
    assert (nudged(x, 5) != nudged(x, 6)).any()


def cancelling(x):
    return x[None] @ x[:, None] + 1e8 - 1e8


def test_rounding_that_operands_drown_in_is_seen_where_every_operation_moves():
    x = np.random.default_rng(2).normal(size=30_000) / 100
    with jax.enable_x64(True):
        program = jax.make_jaxpr(cancelling)(x)
    error = np.abs(cancelling(x) - cancelling(x.astype(np.longdouble))).max()
    assert measured(cancelling(x), cancelling(nudged(x, 0))) < error
    bound = measured(cancelling(x), evaluated_nudged(program, [x])[0])
    assert error <= bound < 1e3 * error


def test_what_is_not_a_number_has_no_bound():
    assert measured(np.array([1.0, 2.0]), np.array([1.0, np.nan])) == np.inf
    assert measured(np.zeros(0), np.zeros(0)) == 0
