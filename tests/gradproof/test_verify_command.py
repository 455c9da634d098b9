from __future__ import annotations

import json
from pathlib import Path

import pytest

from reports.store import FILES, load


@pytest.mark.parametrize(
    ("formulas", "code"),
    [
        (["affine"], 0),
        (["affine", "mean_squared_error"], 1),
        (["mean_squared_error", "binary_step"], 1),
        (["affine", "binary_step"], 3),
        (["binary_step"], 3),
    ],
)
def test_the_exit_code_says_what_came_of_it(run, verified, formulas, code):
    verified(*formulas)
    assert run("verify").exit_code == code


def test_a_run_leaves_a_whole_report_and_prints_it(run, verified):
    verified()
    result = run("verify", "--seed", "7", "--examples", "12")
    folder = Path("gradproof-report")
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    stored = load(folder).run
    assert (stored["status"], stored["seed"], stored["examples"], stored["subjects"]) == (
        "finished",
        7,
        12,
        4,
    )
    assert "2 formulas agree, 1 disagrees, 1 is undecided" in result.stdout
    assert "mean_squared_error: disagrees." in result.stdout
    assert result.stdout.rstrip().endswith("report: gradproof-report/index.html")


def test_only_the_named_formulas_are_verified(run, verified):
    verified()
    run("verify", "affine", "binary_step")
    assert list(load(Path("gradproof-report")).summary.subjects) == ["affine", "binary_step"]


def test_progress_goes_to_standard_error_as_plain_lines(run, verified):
    verified("affine", "binary_step")
    result = run("verify")
    assert result.stderr.splitlines() == [
        "1/2 affine: agrees (144 entries compared, 1.2 s)",
        "2/2 binary_step: undecided (0 entries compared, 0.1 s)",
    ]


def test_quiet_prints_disagreements_and_the_closing_line_only(run, verified):
    verified()
    result = run("verify", "--quiet")
    assert result.stderr == ""
    assert result.stdout.startswith("mean_squared_error: disagrees.")
    assert "outcome" not in result.stdout


def test_json_is_the_summary_and_nothing_else(run, verified):
    verified()
    result = run("verify", "--json")
    found = json.loads(result.stdout)
    assert found["report"] == "gradproof-report"
    assert found["totals"]["disagrees"] == 1
    assert {k: v for k, v in found.items() if k not in ("report", "status")} == json.loads(
        Path("gradproof-report/summary.json").read_text()
    )


def test_an_earlier_report_is_kept_unless_it_is_to_be_overwritten(run, verified):
    verified("affine")
    assert "report: r/index.html" in run("verify", "--report", "r").stdout
    before = Path("r/run.json").read_bytes()
    assert "report: r-2/index.html" in run("verify", "--report", "r").stdout
    assert Path("r/run.json").read_bytes() == before
    assert "report: r/index.html" in run("verify", "--report", "r", "--overwrite").stdout
    assert sorted(path.name for path in Path().iterdir()) == ["r", "r-2"]


def test_a_folder_with_other_content_is_refused_before_anything_is_verified(run, verified):
    verified("affine", affine=AssertionError("was verified"))
    Path("thesis").mkdir()
    Path("thesis/chapter.tex").write_text("years of work")
    result = run("verify", "--report", "thesis", "--overwrite")
    assert result.exit_code == 2
    assert result.output == (
        "Error: the folder thesis is not empty and holds no gradproof report: give a new or an empty folder\n"
    )


def test_a_report_below_a_file_is_refused(run, verified):
    verified("affine")
    Path("file").write_text("")
    result = run("verify", "--report", "file/report")
    assert result.exit_code == 2
    assert result.output.startswith("Error: cannot read or write file/report: ")


def test_ctrl_c_leaves_a_readable_report_of_what_was_done(run, verified):
    verified(binary_step=KeyboardInterrupt())
    result = run("verify")
    assert result.exit_code == 130
    assert "The run was interrupted: this report holds 2 of 4 formulas." in " ".join(result.stdout.split())
    report = load(Path("gradproof-report"))
    assert report.run["status"] == "interrupted"
    assert list(report.summary.subjects) == ["affine", "mean_squared_error"]
    assert "The run was interrupted" in Path("gradproof-report/index.html").read_text()


def test_ctrl_c_before_the_first_result_leaves_a_readable_report(run, verified):
    verified(affine=KeyboardInterrupt())
    assert run("verify").exit_code == 130
    assert load(Path("gradproof-report")).notes == [
        "The run was interrupted: this report holds 0 of 4 formulas."
    ]


def test_a_formula_that_crashes_is_named_and_the_others_are_kept(run, verified):
    verified(
        "affine", "binary_step", "mean_squared_error", binary_step=ZeroDivisionError("nothing to divide by")
    )
    result = run("verify")
    assert result.exit_code == 1
    assert "binary_step: crashed. ZeroDivisionError: nothing to divide by" in result.stdout
    report = load(Path("gradproof-report"))
    assert {name: s.outcome for name, s in report.summary.subjects.items()} == {
        "affine": "agrees",
        "binary_step": "crashed",
        "mean_squared_error": "disagrees",
    }
    assert report.summary.subjects["binary_step"].sources
    assert report.finished


def test_a_crash_alone_is_not_agreement(run, verified):
    verified("affine", "binary_step", binary_step=ZeroDivisionError())
    assert run("verify").exit_code == 1


def test_two_runs_of_one_seed_give_the_same_files(run, verified):
    verified()
    for name in ("one", "two"):
        run("verify", "--report", name)
    for name in ("comparisons.jsonl", "verdicts.jsonl", "summary.json"):
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes()
    times = ("<dt>Time</dt>", "- Started ", '"started": ', '"finished": ', '"seconds": ')
    for name in ("index.html", "summary.md", "run.json"):
        pages = [Path(folder, name).read_text().splitlines() for folder in ("one", "two")]
        differing = [a for a, b in zip(*pages, strict=True) if a != b]
        assert all(any(time in line for time in times) for line in differing)
