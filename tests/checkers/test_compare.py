"""One claim beside the estimates of all oracles: what is refuted, excused, in conflict, or evidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.compare import Claim, Comparison, Entries, find
from checkers.oracles.estimate import Answer, Estimate

AUTODIFF, SYMBOLIC, DIFFERENCES = "autodiff", "symbolic", "finite_difference"


def estimate(value, bound=1e-12, kink=False, reason=""):
    value = np.atleast_1d(np.array(value, dtype=np.float64))
    made = Estimate.of(value, np.broadcast_to(np.asarray(bound, dtype=np.float64), value.shape), reason)
    return Estimate(made.value, made.bound, np.broadcast_to(np.asarray(kink), value.shape), reason)


def finding(claimed, noise=1e-13, natural=0.0, **estimates):
    value = np.atleast_1d(np.array(claimed, dtype=np.float64))
    claim = Claim("x", value, np.broadcast_to(np.asarray(noise, dtype=np.float64), value.shape))
    answers = [
        Answer(name, refusal=one) if isinstance(one, str) else Answer(name, (one,))
        for name, one in estimates.items()
    ]
    return find("gradient", claim, 0, answers, natural)


def outcomes(found):
    return {name: found.outcome(view)[0] for name, view in found.per_oracle}


def test_claim_within_the_bounds_is_accepted_and_one_outside_is_refuted():
    right, wrong = (finding(c, autodiff=estimate(2.0), symbolic=estimate(2.0)) for c in (2.0, 2.1))
    assert not right.refuted.any()
    assert right.strong
    assert wrong.refuted.all()
    assert outcomes(right) == {AUTODIFF: "agrees", SYMBOLIC: "agrees"}
    assert outcomes(wrong) == {AUTODIFF: "disagrees", SYMBOLIC: "disagrees"}


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.floats(-1e6, 1e6),
    st.floats(0, 1e3),
    st.floats(0, 1e3),
    st.floats(-3, 3),
    st.sampled_from([AUTODIFF, SYMBOLIC]),
)
def test_claim_is_refuted_exactly_outside_of_bound_plus_noise(value, bound, noise, units, oracle):
    claimed = value + units * (bound + noise)
    found = finding(claimed, noise, **{oracle: estimate(value, bound)})
    assert bool(found.refuted.any()) == (abs(claimed - value) > bound + noise)


def test_oracles_that_exclude_each_other_are_a_conflict_and_no_verdict():
    found = finding(2.0, autodiff=estimate(2.0), symbolic=estimate(3.0))
    assert found.conflict.all()
    assert not found.refuted.any()
    assert outcomes(found)[SYMBOLIC] == "undecided"


def test_differences_alone_contradict_two_others_only_beyond_what_they_can_see():
    def found(by_differences, **others):
        return finding(0.0, natural=1.0, finite_difference=estimate(by_differences, 1e-11), **others)

    two = {"autodiff": estimate(0.0), "symbolic": estimate(0.0)}
    faint = found(-5e-11, **two)
    assert not faint.conflict.any()
    assert not faint.refuted.any()
    assert found(-5e-7, **two).conflict.all()
    assert found(-5e-11, autodiff=estimate(0.0)).conflict.all()


def test_oracle_that_is_merely_wide_does_not_save_a_wrong_claim():
    found = finding(2.0, autodiff=estimate(3.0), finite_difference=estimate(2.9, bound=1.0))
    assert found.refuted.all()
    assert not found.conflict.any()


def test_claim_that_no_oracle_can_judge_is_undecided_entry_by_entry():
    found = finding([1.0, 2.0], autodiff=estimate([1.0, 2.0], [1e-12, np.inf], reason="it overflows"))
    assert found.undecided.tolist() == [False, True]
    found = finding(1.0, noise=np.inf, autodiff=estimate(1.0))
    assert found.undecided.all()
    assert "own rounding" in found.per_oracle[0][1].reason


def test_refusal_takes_no_part():
    found = finding(2.0, autodiff="it cannot be traced", symbolic=estimate(2.0))
    assert [name for name, _ in found.per_oracle] == [SYMBOLIC]


# --- evidence -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "bound", "noise", "natural", "strong"),
    [
        (2.0, 1e-12, 1e-12, 0.0, True),
        (2.0, 1e-3, 1e-12, 0.0, False),
        (2.0, 1e-12, 0.5, 0.0, False),
        (0.0, 1e-12, 1e-12, 0.0, False),
        (0.0, 1e-12, 1e-12, 1.0, True),
        (0.0, 1e-3, 1e-12, 1.0, False),
    ],
)
def test_only_a_sharp_comparison_is_evidence(claimed, bound, noise, natural, strong):
    assert finding(claimed, noise, natural, autodiff=estimate(claimed, bound)).strong == strong


def test_kink_is_evidence_only_if_the_claim_itself_is_known():
    at_kink = estimate(0.5, 0.5, kink=True)
    assert finding(1.0, noise=1e-12, symbolic=at_kink).strong
    assert not finding(1.0, noise=16.0, symbolic=at_kink).strong


# --- kinks --------------------------------------------------------------------------------------------------


def test_value_between_the_one_sided_slopes_is_legal_whatever_the_convention_of_others():
    found = finding(0.25, autodiff=estimate(1.0), finite_difference=estimate(0.5, 0.5, kink=True))
    assert not found.refuted.any()
    assert found.kinked.all()
    found = finding(1.5, autodiff=estimate(1.0), finite_difference=estimate(0.5, 0.5, kink=True))
    assert found.refuted.all()


def test_where_differences_see_a_smooth_function_they_are_right():
    # relu(x) - relu(-x) is x: every convention but 1 comes of pieces that do not fit together.
    kinked = estimate(0.5, 0.5, kink=True)
    assert not finding(1.0, autodiff=kinked, finite_difference=estimate(1.0, 1e-9)).refuted.any()
    assert finding(0.5, autodiff=kinked, finite_difference=estimate(1.0, 1e-9)).refuted.all()


def test_kink_at_one_entry_excuses_no_other():
    found = finding(
        [0.25, 0.25],
        autodiff=estimate([1.0, 1.0]),
        finite_difference=estimate([0.5, 1.0], [0.5, 1e-9], kink=[True, False]),
    )
    assert found.refuted.tolist() == [False, True]


# --- records ------------------------------------------------------------------------------------------------


def recorded(claimed, estimate_, noise=0.0):
    found = finding(claimed, noise, autodiff=estimate_)
    blank = Comparison("f", 0, 0, "normal", "float64", {"x": (2,)}, "gradient", "x", AUTODIFF, "agrees")
    return found.per_oracle[0][1].recorded(blank, found.claim)


def test_record_names_the_entry_that_is_farthest_off():
    record = recorded([1.0, 2.5], estimate([1.0, 2.0], 0.25))
    assert (record.index, record.claimed, record.expected, record.bound) == ((1,), 2.5, 2.0, 0.25)
    assert record.worst == 2.0
    assert (record.compared, record.skipped) == (2, 0)


def test_record_counts_what_was_skipped():
    record = recorded([1.0, 7.0], estimate([1.0, 2.0], [0.25, np.inf]))
    assert (record.compared, record.skipped, record.index) == (1, 1, (0,))
    record = recorded([1.0], estimate([1.0], np.inf))
    assert (record.compared, record.skipped, record.worst, record.index) == (0, 1, None, None)


def test_detectable_error_is_relative_to_the_value_and_none_where_everything_would_pass():
    assert recorded([4.0], estimate([4.0], 1.0)).detectable == 0.25
    assert recorded([4.0], estimate([4.0], 1.0), noise=1.0).detectable == 0.5
    assert recorded([0.0], estimate([0.0], 1.0)).detectable is None
    assert recorded([4.0], estimate([4.0], 8.0)).detectable is None


def test_bound_of_nothing_refutes_any_difference():
    record = recorded([1.0], estimate([1.0 + 1e-15], 0.0))
    assert record.worst == np.inf


def test_array_without_entries_is_neither_refuted_nor_evidence():
    claim = Claim("x", np.zeros((0, 3)), np.zeros((0, 3)))
    nothing = Estimate.of(np.zeros((0, 3)), np.zeros((0, 3)))
    found = find("gradient", claim, 0, [Answer(AUTODIFF, (nothing,))], 1.0)
    assert not found.refuted.any()
    assert not found.strong
    assert found.outcome(Entries.of(claim, nothing)) == ("agrees", "")
