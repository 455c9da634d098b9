from __future__ import annotations

import json
import math

import handmade
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.record import Subject, comparison_record, crash_record, verdict_record
from reports.summary import Summary, class_of


def summary_of(*comparisons, check: str = "vjp") -> Summary:
    summary = Summary()
    for comparison in comparisons:
        summary.add(comparison_record(comparison, Subject(comparison.subject), check))
    return summary


def test_entries_and_the_worst_discrepancy_are_taken_over_all_cases():
    one = summary_of(
        handmade.comparison("affine", 0, worst=0.25, compared=6),
        handmade.comparison("affine", 1, worst=0.75, compared=4, skipped=2),
        handmade.comparison("affine", 1, worst=0.5, compared=1, oracle="symbolic"),
    ).subjects["affine"]
    assert (
        one.oracles["autodiff"].entries,
        one.oracles["autodiff"].skipped,
        one.oracles["autodiff"].worst,
    ) == (10, 2, 0.75)
    assert one.oracles["symbolic"].worst == 0.5
    assert (one.cases, one.entries) == (2, 11)


@pytest.mark.parametrize("regime", ["normal", "integers", "ties", "zeros", "kinks", "fixed"])
def test_ordinary_values_count_twice(regime):
    oracle = summary_of(handmade.comparison("f", regime=regime, worst=0.5)).subjects["f"].oracles["autodiff"]
    assert (oracle.worst, oracle.worst_ordinary) == (0.5, 0.5)


@pytest.mark.parametrize("regime", ["tiny", "huge", "extreme", "saturated", "mixed"])
def test_other_values_do_not_count_as_ordinary(regime):
    oracle = summary_of(handmade.comparison("f", regime=regime, worst=0.5)).subjects["f"].oracles["autodiff"]
    assert (oracle.worst, oracle.worst_ordinary) == (0.5, None)


def test_the_forward_is_counted_once_though_every_check_compares_it():
    forward = handmade.comparison("f", quantity="forward", argument="output", oracle="definition")
    summary = Summary()
    for check in ("vjp", "jvp"):
        summary.add(comparison_record(forward, Subject("f"), check))
        summary.add(comparison_record(handmade.comparison("f"), Subject("f"), check))
    assert summary.subjects["f"].oracles["definition"].comparisons == 1
    assert summary.subjects["f"].oracles["autodiff"].comparisons == 2
    assert sum(summary.distribution["definition"].values()) == 1


def test_undecided_comparisons_are_counted_by_reason_the_commonest_first():
    summary = summary_of(
        handmade.undecided("f", 0, "autodiff", "a kink"),
        handmade.undecided("f", 1, "autodiff", "an overflow"),
        handmade.undecided("g", 0, "autodiff", "an overflow"),
        handmade.undecided("g", 0, "symbolic", "a pole"),
    )
    found = [(one.oracle, one.reason, one.comparisons, one.subjects) for one in summary.undecided()]
    assert found == [
        ("autodiff", "an overflow", 2, ["f", "g"]),
        ("autodiff", "a kink", 1, ["f"]),
        ("symbolic", "a pole", 1, ["g"]),
    ]


def test_a_discrepancy_that_is_not_a_number_counts_as_infinite():
    summary = summary_of(handmade.comparison("f", 0, worst=math.nan), handmade.comparison("f", 1, worst=0.5))
    assert summary.subjects["f"].oracles["autodiff"].worst == math.inf
    assert summary.distribution["autodiff"] == {math.inf: 1, 1.0: 1}


def test_a_subject_has_the_gravest_of_its_outcomes():
    summary = Summary()
    for verdict, check in ((handmade.affine().verdict, "vjp"), (handmade.binary_step().verdict, "jvp")):
        summary.conclude(verdict_record(verdict, Subject("f"), check))
    assert summary.subjects["f"].outcome == "undecided"
    summary.conclude(verdict_record(handmade.mean_squared_error().verdict, Subject("f"), "grad"))
    assert summary.subjects["f"].outcome == "disagrees"
    summary.conclude(crash_record(ValueError(), Subject("f")))
    assert summary.subjects["f"].outcome == "crashed"
    assert summary.counts == {"agrees": 0, "disagrees": 0, "undecided": 0, "crashed": 1}


def test_a_subject_without_a_verdict_does_not_agree():
    assert summary_of(handmade.comparison("f")).subjects["f"].outcome == "undecided"


def test_the_detectable_error_is_that_of_the_weakest_check():
    summary = Summary()
    for verdict, check in ((handmade.affine().verdict, "vjp"), (handmade.affine().jvp, "jvp")):
        summary.conclude(verdict_record(verdict, Subject("f"), check))
    assert summary.subjects["f"].detectable == 2e-11


def test_oracles_are_shown_in_a_fixed_order_and_contracts_are_none():
    names = ["contract", "interval", "finite_difference", "exact", "symbolic", "autodiff", "definition"]
    summary = summary_of(*(handmade.comparison("f", oracle=oracle) for oracle in names))
    assert summary.oracles == ["definition", "autodiff", "symbolic", "finite_difference", "exact", "interval"]


def test_the_summary_is_valid_json_with_totals_that_add_up(report):
    found = json.loads(json.dumps(report.summary.as_json(), allow_nan=False))
    assert found["totals"] | {"entries": 0} == {
        "subjects": 4,
        "agrees": 2,
        "disagrees": 1,
        "undecided": 1,
        "crashed": 0,
        "cases": 3 + 4 + 3 + 12,
        "comparisons": 27 + 8 + 3 + 48,
        "entries": 0,
    }
    oracles = [oracle for subject in found["subjects"] for oracle in subject["oracles"].values()]
    assert found["totals"]["entries"] == sum(oracle["entries"] for oracle in oracles) == 59_392
    assert found["subjects"][1]["oracles"]["symbolic"]["worst"] == "inf"


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_a_discrepancy_lies_below_the_end_of_its_class_and_above_the_one_before(value):
    end = class_of(value)
    assert end / 10**0.5 * (1 - 1e-5) <= value <= end * (1 + 1e-5)


def test_one_belongs_to_what_agrees():
    assert class_of(1.0) == 1.0
    assert class_of(1.0000001) > 3
    assert (class_of(0.0), class_of(math.inf)) == (0.0, math.inf)
