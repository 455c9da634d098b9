"""Directions through all entries: asked for only where nobody has judged every single entry."""

from __future__ import annotations

import numpy as np

from checkers.along import sampled
from checkers.oracles.autodiff import NAME as AUTODIFF
from checkers.oracles.estimate import Answer, Estimate
from checkers.oracles.finite_difference import NAME as FINITE_DIFFERENCE
from checkers.oracles.finite_difference import UNSAMPLED
from checkers.verify import prepared
from reference_impl import formulas

SOME = Answer(
    FINITE_DIFFERENCE, (Estimate.of(np.zeros(4), np.array([1e-9, np.inf, 1e-9, np.inf]), UNSAMPLED),)
)
ALL = Answer(AUTODIFF, (Estimate.of(np.zeros(4), np.full(4, 1e-15)),))
NOT_ALL = Answer(AUTODIFF, (Estimate.of(np.zeros(4), np.array([1e-15, np.inf, 0.0, 0.0])),))


def test_a_sample_is_counted_where_nobody_knows_all():
    assert sampled([SOME], 0) == 2
    assert sampled([NOT_ALL, SOME], 0) == 2
    assert sampled([Answer(AUTODIFF, refusal="it cannot be traced"), SOME], 0) == 2


def test_directions_add_nothing_where_another_oracle_knows_all():
    assert sampled([ALL, SOME], 0) is None
    assert sampled([SOME, ALL], 0) is None


def test_a_step_that_drowns_in_the_forward_s_rounding_is_not_held_against_a_right_gradient():
    """The penalty is 5e22 here, so differences do not see the data's loss change, by 2e5 within 1e-9."""
    examiner, cases = prepared(formulas()["feed_forward_3_softmax_l2"], "vjp", 9, 5)
    assert examiner.examine(cases[8]).outcome == "agrees"
