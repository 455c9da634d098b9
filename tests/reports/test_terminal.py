from __future__ import annotations

import dataclasses
import io

import handmade
import pytest
from rich.cells import cell_len
from rich.console import Console

from reports.render.terminal import folded, show
from reports.store import Recorder


def printed(report, width: int, brief: bool = False, **options) -> str:
    buffer = io.StringIO()
    show(report, Console(file=buffer, width=width, **options), brief)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


@pytest.mark.parametrize("width", [80, 120])
def test_the_whole_report(report, golden, width):
    golden(f"terminal-{width}.txt", printed(report, width))


@pytest.mark.parametrize("width", [80, 100, 110, 120, 200])
def test_the_table_fits_and_cuts_nothing(report, width):
    table = printed(report, width).split("Entries compared")[0]
    assert max(cell_len(line) for line in table.splitlines()) <= width
    assert "…" not in table.replace(" …", "")
    for outcome in ("agrees", "disagrees", "undecided"):
        assert f" {outcome}\n" in table


def test_without_sources_there_is_no_column_of_them(clock, tmp_path):
    recorder = Recorder(tmp_path / "r", handmade.described())
    made = dataclasses.replace(handmade.affine(), sources=())
    handmade.record(recorder, made)
    report = recorder.finish()
    for width in (80, 120):
        assert "source" not in printed(report, width).split("Entries compared")[0]
    assert "18      0" in printed(report, 120)


def test_the_line_that_repeats_a_failure_is_not_broken(report):
    repeat = report.verdicts["mean_squared_error"][0]["example"]["reproduce"]
    assert f"  Repeat: {repeat}\n" in printed(report, 80)


def test_disagreements_are_printed_as_the_verdict_says_them(report):
    assert f"{handmade.mean_squared_error().verdict}\n" in printed(report, 80)


def test_brief_keeps_disagreements_and_the_closing_line(report):
    text = printed(report, 80, brief=True)
    assert text.startswith("mean_squared_error: disagrees.")
    assert "affine" not in text
    assert "could not tell in" not in text
    assert "2 formulas agree, 1 disagrees, 1 is undecided; 59,392 entries compared" in text.splitlines()[-1]


def test_colour_is_for_terminals_only(report, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" not in printed(report, 120)
    assert "\x1b[1;31m" in printed(report, 120, force_terminal=True, color_system="standard")


def test_no_color_is_respected(report, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(report, 120, force_terminal=True, color_system="standard")
    assert not any(f"[{style}m" in text for style in ("31", "1;31", "32", "33"))


def test_notes_are_printed(clock, tmp_path):
    text = printed(handmade.report(tmp_path / "r", "interrupted"), 80)
    assert "Note: The run was interrupted: this report holds 4 of 4 formulas." in text


def test_a_run_without_results_has_no_table(clock, tmp_path):
    report = Recorder(tmp_path / "r", handmade.described()).finish()
    assert printed(report, 80).startswith(
        "No formula was verified; 0 entries compared in 0 cases; seed 0; 42.0 s; report: "
    )


def test_markup_in_reasons_is_text(clock, tmp_path):
    recorder = Recorder(tmp_path / "r", handmade.described())
    recorder.add([], [])
    made = handmade.binary_step()
    made.verdict.records[0] = handmade.undecided(
        "binary_step", 0, "autodiff", "the axis [red] is not [/] known", argument="z"
    )
    handmade.record(recorder, made)
    assert "the axis [red] is not [/] known" in printed(recorder.finish(), 120)


@pytest.mark.parametrize(
    ("name", "width", "text"),
    [
        ("softmax", 20, "softmax"),
        ("two_layer_batch_tanh", 12, "two_layer_\nbatch_tanh"),
        ("tests/test_a.py::test_b", 16, "tests/test_a.py:\n:test_b"),
        ("unbroken", 4, "unbroken"),
    ],
)
def test_long_names_are_folded_where_they_may_be(name, width, text):
    assert folded(name, width) == text
