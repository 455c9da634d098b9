from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path

import handmade
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reports
from checkers.compare import Comparison
from checkers.verdict import Verdict
from reports.record import (
    MISMATCHES,
    SCHEMA,
    Subject,
    comparison_record,
    crash_record,
    line,
    to_float,
    to_json,
    verdict_record,
)

AFFINE = Subject("affine", ("ng-5",), "(m,n),(n)->(m)", "")


def test_a_comparison_keeps_every_field():
    comparison = handmade.comparison("affine", case=7, shapes={"W": (2, 3)}, index=(0, 1))
    record = comparison_record(comparison, AFFINE, "vjp")
    assert set(record) == {field.name for field in dataclasses.fields(Comparison)} | {"schema", "check"}
    assert record["schema"] == SCHEMA
    assert record["check"] == "vjp"
    assert (record["case"], record["shapes"], record["index"]) == (7, {"W": [2, 3]}, [0, 1])


def test_the_subject_is_the_reports_own_so_that_checks_of_equal_functions_stay_apart():
    record = comparison_record(handmade.comparison("softmax"), Subject("tests/test_a.py::test_b"), "vjp")
    assert record["subject"] == "tests/test_a.py::test_b"


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_number_that_is_not_finite_is_valid_json(value):
    written = line(
        comparison_record(handmade.comparison("affine", worst=value, claimed=value), AFFINE, "vjp")
    )
    read = json.loads(written, parse_constant=pytest.fail)
    assert to_float(read["worst"]) == pytest.approx(value, nan_ok=True)


@given(st.floats() | st.none())
def test_every_number_comes_back_from_json(value):
    back = to_float(json.loads(json.dumps(to_json(value), allow_nan=False)))
    assert back == value or (
        value is not None and math.isnan(value) and back is not None and math.isnan(back)
    )


def test_a_record_is_one_line():
    verdict = handmade.mean_squared_error().verdict
    assert line(verdict_record(verdict, AFFINE, "vjp")).count("\n") == 1


def test_a_verdict_keeps_what_a_person_reads():
    verdict = handmade.mean_squared_error().verdict
    record = json.loads(line(verdict_record(verdict, AFFINE, "vjp")))
    assert record["text"] == str(verdict)
    assert record["diagnosis"]["code"] == "factor"
    assert record["mismatches"][1] | {"shapes": None} == {
        "argument": "a",
        "index": [0, 1],
        "claimed": 2.0,
        "expected": 4.0,
        "bound": 2.2e-16,
        "oracle": "autodiff",
        "shapes": None,
        "case": 0,
    }
    assert record["example"]["arguments"]["y"] == {
        "dtype": "float32",
        "shape": [1, 2],
        "value": "[[ 0.  , -1.25]]",
    }
    assert record["example"]["reproduce"].startswith("gradproof.check_vjp(")


def test_of_many_mismatches_the_first_are_listed_and_all_are_counted():
    verdict = handmade.mean_squared_error().verdict
    many = dataclasses.replace(verdict, mismatches=verdict.mismatches * 10)
    record = verdict_record(many, AFFINE, "vjp")
    assert len(record["mismatches"]) == MISMATCHES
    assert record["mismatch_count"] == 60


def test_an_agreeing_verdict_has_no_diagnosis_and_no_example():
    record = verdict_record(Verdict("affine", "agrees", "All is well."), AFFINE, "vjp")
    assert record["diagnosis"] is record["example"] is record["detectable"] is None


def test_a_crash_keeps_its_traceback():
    try:
        raise ZeroDivisionError("nothing to divide by")
    except ZeroDivisionError as error:
        record = crash_record(error, AFFINE)
    assert record["outcome"] == "crashed"
    assert record["reason"] == "ZeroDivisionError: nothing to divide by"
    assert "test_a_crash_keeps_its_traceback" in record["text"]
    assert set(record) == set(verdict_record(Verdict("affine", "agrees", ""), AFFINE, "vjp"))


def test_the_schema_describes_every_field_and_no_other():
    text = (Path(reports.__file__).parent / "schema.md").read_text(encoding="utf-8")
    sections = {part.split("`", 2)[1]: part for part in text.split("\n## ")[1:]}

    def described(name: str) -> set[str]:
        rows = [row for row in sections[name].splitlines() if row.startswith("| `")]
        return {field for row in rows for field in re.findall(r"`([^`]*)`", row.split("|")[1])}

    assert described("comparisons.jsonl") == set(
        comparison_record(handmade.comparison("affine"), AFFINE, "vjp")
    )
    assert described("verdicts.jsonl") == set(verdict_record(Verdict("affine", "agrees", ""), AFFINE, "vjp"))
    assert described("run.json") == set(handmade.described())
