from __future__ import annotations

import math
from pathlib import Path

import handmade
import pytest

from reports.render import words
from reports.store import Recorder


@pytest.mark.parametrize(
    ("discrepancy", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.25, "0.25"),
        (0.031, "0.031"),
        (3e-5, "3.0e-5"),
        (0.9999, "<1"),
        (1.0, "1"),
        (1.0001, ">1"),
        (1.25, "1.2"),
        (123.4, "123"),
        (4.5e15, "4.5e15"),
        (math.inf, "∞"),
    ],
)
def test_units_have_two_digits_and_are_never_rounded_across_one(discrepancy, text):
    assert words.units(discrepancy) == text


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        ([], ""),
        (["ng-5"], "ng-5"),
        (["ng-3", "ng-4", "ng-5", "ng-9", "cs182-2"], "ng-3–5, 9; cs182-2"),
        (["ng-9", "ng-3", "ng-4"], "ng-3–4, 9"),
        (["article-alg-backprop-error", "article-7"], "article-alg-backprop-error; article-7"),
    ],
)
def test_sources_are_shortened(ids, text):
    assert words.sources(ids) == text


@pytest.mark.parametrize(
    ("number", "noun", "plural", "text"),
    [
        (1, "formula", "", "1 formula"),
        (0, "case", "", "0 cases"),
        (12345, "entry", "entries", "12,345 entries"),
        (7, "", "", "7"),
    ],
)
def test_nouns_follow_their_number(number, noun, plural, text):
    assert words.count(number, noun, plural) == text


def test_totals_name_only_what_there_is(report):
    assert words.totals(report) == "2 formulas agree, 1 disagrees, 1 is undecided"


def test_no_result_is_not_agreement(tmp_path: Path):
    report = Recorder(tmp_path / "r", handmade.described()).finish()
    assert words.totals(report) == "No formula was verified"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (4.25, "4.2 s"), (59.9, "59.9 s"), (61.0, "1 min 1 s"), (3600.0, "60 min 0 s")],
)
def test_a_duration_is_readable(report, seconds, text):
    report.run["circumstances"]["seconds"] = seconds
    assert words.duration(report) == text
