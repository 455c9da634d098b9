"""Arrays from Hypothesis strategies: of the shape asked for, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import currently_in_test_context, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from checkers.check import check_vjp
from checkers.strategies import draw_from, outside

FLOATS = st.floats(0.5, 2.0)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1, 1), (0,)])
def test_strategy_for_entries_fills_every_shape(shape):
    x = draw_from(FLOATS, shape, 0)
    assert x.shape == shape
    assert ((x >= 0.5) & (x <= 2.0)).all()


def test_strategy_for_arrays_is_used_as_it_is():
    x = draw_from(arrays(np.int64, (2, 2), elements=st.integers(3, 5)), (7,), 0)
    assert x.shape == (2, 2)
    assert x.dtype == np.int64


def test_same_seed_draws_the_same_and_others_mostly_something_else():
    draws = [draw_from(FLOATS, (4,), seed).tolist() for seed in range(8)]
    assert draws == [draw_from(FLOATS, (4,), seed).tolist() for seed in range(8)]
    assert len({tuple(x) for x in draws}) > 4


def test_draws_outside_of_a_test_of_hypothesis_and_inside_are_the_same():
    plain = draw_from(FLOATS, (3,), 5).tolist()

    @settings(max_examples=1, database=None, deadline=None)
    @given(st.just(0))
    def inside(_):
        assert currently_in_test_context()
        assert draw_from(FLOATS, (3,), 5).tolist() == plain

    inside()


def test_wrong_gradient_is_shrunk_inside_of_a_test_of_hypothesis_too():
    seen = []

    @settings(max_examples=1, database=None, deadline=None)
    @given(st.just(0))
    def inside(_):
        seen.append(check_vjp(lambda x: x**2, lambda d, x: 3 * x * d, "(n)->(n)", examples=3))

    inside()
    assert seen[0].outcome == "disagrees"
    assert seen[0].example.arguments["x"].size == 1


def test_what_is_run_outside_may_raise():
    with pytest.raises(ZeroDivisionError):
        outside(lambda: 1 // 0)
