"""Ties whose entries are legal one by one: what they have together must be legal, too."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof


def maximum(x, y):
    return np.maximum(x, y)


def maximum_vjp(of_x, of_y):
    return lambda delta, x, y: (delta * of_x(x, y), delta * of_y(x, y))


def where(x, y):
    return x > y


def where_or_tied(x, y):
    return x >= y


def half(x, y):
    return (x > y) + 0.5 * (x == y)


def turned(function):
    return lambda x, y: function(y, x)


RIGHT = {
    "first": (where_or_tied, turned(where)),
    "second": (where, turned(where_or_tied)),
    "half each": (half, turned(half)),
}
WRONG = {"both": (where_or_tied, turned(where_or_tied)), "none": (where, turned(where))}
TIES = [(0.0, 0.0), (1.0, 1.0), (1e-8, 1e-8), (1e8, 1e8), (-3.0, -3.0)]


@pytest.mark.parametrize("tie", TIES)
@pytest.mark.parametrize("masks", RIGHT)
def test_one_of_two_tied_entries_or_a_share_of_each_agrees(masks, tie):
    args = tuple(np.array([value, sign]) for value, sign in zip(tie, (1.0, 2.0), strict=True))
    verdict = gradproof.check_vjp(maximum, maximum_vjp(*RIGHT[masks]), args=args)
    assert verdict.outcome == "agrees", str(verdict)


@pytest.mark.parametrize("tie", TIES)
@pytest.mark.parametrize("masks", WRONG)
def test_both_or_none_of_two_tied_entries_is_left_undecided_with_the_entries_named(masks, tie):
    args = tuple(np.array([value, sign]) for value, sign in zip(tie, (1.0, 2.0), strict=True))
    verdict = gradproof.check_vjp(maximum, maximum_vjp(*WRONG[masks]), args=args)
    assert verdict.outcome == "undecided", str(verdict)
    assert "x[0], y[0] are tied" in verdict.reason
    assert "no subgradient" in verdict.reason


def largest(x):
    return x.max()


def mask(delta, x):
    return delta * (x == x.max())


def test_over_drawn_points_it_is_told_and_refutes_nothing():
    """Where x == max() holds once, the mask is right; that is nearly everywhere."""
    verdict = gradproof.check_vjp(largest, mask, "(n)->()")
    assert verdict.outcome == "agrees"
    assert any("no subgradient" in remark for remark in verdict.remarks)

    def first(delta, x):
        return delta * (np.arange(x.size) == x.argmax())

    assert not any("subgradient:" in r for r in gradproof.check_vjp(largest, first, "(n)->()").remarks)


def test_a_single_mask_entry_that_is_doubled_is_refuted_all_the_same():
    def twice(delta, x):
        return 2 * mask(delta, x)

    assert gradproof.check_vjp(largest, twice, args=(np.array([1.0, 1.0, 0.0]),)).outcome == "disagrees"


def absolute(x):
    return (np.array([1.0, -1.0]) * np.abs(x)).sum()


@pytest.mark.parametrize("convention", [[1.0, 1.0], [1.0, -1.0], [0.0, 0.0], [-1.0, -1.0], [0.5, 0.0]])
def test_kinks_that_only_happen_to_meet_are_not_taken_for_a_tie(convention):
    """|x| − |y| has the slope 0 along (1, 1) at 0; (1, 1) is a subgradient all the same."""
    verdict = gradproof.check_grad(absolute, lambda _: np.array(convention), args=(np.zeros(2),))
    assert verdict.outcome == "agrees", str(verdict)


def test_a_sort_may_take_tied_entries_in_any_order():
    def vjp(delta, x):
        by_x = np.zeros_like(x)
        by_x[np.argsort(x, kind="stable")[::-1]] = delta[::-1]
        return by_x

    assert gradproof.check_vjp(lambda x: np.sort(x), vjp, args=(np.array([2.0, 1, 2, 1, 1]),)).ok
