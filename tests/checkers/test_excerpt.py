"""Excerpts of very large comparisons leave nothing out that matters."""

from __future__ import annotations

import numpy as np
import pytest

from checkers.compare import Claim, find
from checkers.excerpt import FEW, MANY, excerpt
from checkers.oracles.estimate import Answer, Estimate

SHAPE = (400, 300)
VALUE = np.random.default_rng(0).normal(size=SHAPE)
NOISE = np.broadcast_to(np.float64(1e-15), SHAPE)


def estimate(value=VALUE, bound=1e-15):
    return Estimate.everywhere(value, bound)


def found(claimed, given=None):
    return find("gradient", Claim("W", claimed, NOISE), 0, [Answer("autodiff", (given or estimate(),))], 0.0)


def test_agreeing_arrays_are_judged_by_an_excerpt():
    assert VALUE.size > MANY
    finding = found(VALUE.copy())
    assert finding.part is not None
    assert finding.strong
    assert not finding.refuted.any()


def test_small_arrays_are_judged_whole():
    assert excerpt(VALUE[:10], NOISE[:10], [estimate(VALUE[:10])]) is None


@pytest.mark.parametrize("index", [(0, 0), (123, 45), (399, 299)])
def test_a_single_wrong_entry_is_found_and_named(index):
    claimed = VALUE.copy()
    claimed[index] += 1e-12
    finding = found(claimed)
    (oracle, entries), record = finding.per_oracle[0], None
    assert finding.refuted.sum() == 1
    places = np.flatnonzero(finding.refuted)
    assert finding.part.index(int(places[0])) == index
    assert oracle == "autodiff"
    assert entries.rejects.sum() == 1
    assert record is None


@pytest.mark.parametrize("count", [FEW, FEW + 1])
def test_many_wrong_entries_are_judged_whole(count):
    claimed = VALUE.copy()
    claimed.reshape(-1)[: 10 * count : 10] *= 2
    finding = found(claimed)
    assert finding.refuted.sum() == count
    assert (finding.part is None) == (count > FEW)


def test_kinks_and_missing_bounds_are_judged_whole():
    kink = np.zeros(SHAPE, dtype=bool)
    kink[3, 4] = True
    at_a_kink = Estimate(VALUE, np.full(SHAPE, 1e-15), kink)
    assert found(VALUE.copy(), at_a_kink).part is None
    bound = np.full(SHAPE, 1e-15)
    bound[7, 7] = np.inf
    assert found(VALUE.copy(), Estimate(VALUE, bound, np.zeros(SHAPE, dtype=bool), "open")).part is None


@pytest.mark.parametrize("claimed", [np.asfortranarray(VALUE), np.broadcast_to(np.float64(2.0), SHAPE)])
def test_any_memory_layout_is_read_rightly(claimed):
    right = found(claimed, estimate(np.array(claimed)))
    assert not right.refuted.any()
    wrong = np.array(claimed)
    wrong[5, 6] += 1
    assert found(claimed, estimate(wrong)).refuted.sum() == 1
