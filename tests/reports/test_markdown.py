from __future__ import annotations

import handmade
import pytest

from reports.record import crash_record
from reports.render.markdown import summary
from reports.store import Recorder


def test_the_whole_summary(report, golden):
    golden("summary.md", summary(report))


def rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("|")]


def test_every_row_of_a_table_has_as_many_cells_as_its_head(report):
    for table in summary(report).split("\n\n"):
        widths = {row.replace("\\|", "").count("|") for row in rows(table)}
        assert len(widths) <= 1


def test_a_bar_in_a_reason_does_not_end_its_cell(report):
    assert "the derivative has a pole \\| here" in summary(report)


def test_a_crash_shows_its_traceback(clock, tmp_path):
    recorder = Recorder(tmp_path / "r", handmade.described())
    recorder.add([], [crash_record(ZeroDivisionError("no ``` fence"), handmade.subject(handmade.affine()))])
    text = summary(recorder.finish())
    assert "### `affine` crashed" in text
    assert "````text\nZeroDivisionError: no ``` fence\n````" in text


def test_an_agreeing_run_has_no_section_on_disagreements(clock, tmp_path):
    recorder = Recorder(tmp_path / "r", handmade.described())
    handmade.record(recorder, handmade.long_name())
    text = summary(recorder.finish())
    assert "## Disagreements" not in text
    assert "## Undecided" not in text
    assert "**1 formula agrees.**" in text


@pytest.mark.parametrize("status", ["finished", "interrupted"])
def test_an_interrupted_run_says_so(clock, tmp_path, status):
    text = summary(handmade.report(tmp_path / "r", status))
    assert ("> The run was interrupted" in text) == (status == "interrupted")
