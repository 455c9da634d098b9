from __future__ import annotations

import json
from pathlib import Path

import handmade

from reports.store import Recorder


def test_a_report_is_rendered_again_from_its_records(run, verified):
    verified()
    first = run("verify", "--report", "r")
    files = {name: Path("r", name).read_bytes() for name in ("summary.json", "summary.md", "index.html")}
    for name in files:
        Path("r", name).unlink()
    again = run("report", "r")
    assert (again.exit_code, again.stdout) == (first.exit_code, first.stdout)
    assert files == {name: Path("r", name).read_bytes() for name in files}


def test_a_run_that_was_killed_can_be_rendered_but_does_not_agree(run):
    recorder = Recorder(Path("r"), handmade.described())
    handmade.record(recorder, handmade.affine())
    with Path("r/comparisons.jsonl").open("a") as file:
        file.write('{"schema":1,"subject":"soft')
    result = run("report", "r")
    recorder.finish()
    assert result.exit_code == 3
    assert "The run was interrupted: this report holds 1 of 4 formulas." in result.stdout
    assert "The last line of comparisons.jsonl was cut short" in result.stdout
    assert json.loads(Path("r/summary.json").read_text())["totals"]["agrees"] == 1


def test_a_folder_without_a_report_is_refused(run):
    for name in ("missing", "."):
        result = run("report", name)
        assert result.exit_code == 2
        assert result.output == (
            f"Error: {name} holds no gradproof report:"
            " give a folder that 'gradproof verify --report' has written\n"
        )
