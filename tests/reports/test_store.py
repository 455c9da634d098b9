from __future__ import annotations

import json
from pathlib import Path

import handmade
import pytest

from checkers.errors import InputError
from reports.store import COMPARISONS, FILES, RUN, VERDICTS, Recorder, is_report, load

# --- what is written is what is read ----------------------------------------------------


def test_a_stored_report_comes_back_as_it_was(report):
    assert load(report.folder) == report
    assert not report.notes


def test_records_are_in_the_files_as_soon_as_they_are_added(tmp_path):
    recorder = Recorder(tmp_path / "r", handmade.described())
    handmade.record(recorder, handmade.affine())
    assert len((tmp_path / "r" / VERDICTS).read_text().splitlines()) == 2
    assert len((tmp_path / "r" / COMPARISONS).read_text().splitlines()) == 3 * (1 + 3 + 3 + 1) + 3 * 2
    recorder.finish()


def test_a_run_that_was_killed_is_readable_and_says_so(tmp_path):
    recorder = Recorder(tmp_path / "r", handmade.described())
    handmade.record(recorder, handmade.affine())
    found = load(tmp_path / "r")
    recorder.finish()
    assert list(found.summary.subjects) == ["affine"]
    assert not found.finished
    assert found.notes == ["The run was interrupted: this report holds 1 of 4 formulas."]


def test_an_interrupted_run_says_so(tmp_path):
    report = handmade.report(tmp_path / "r", status="interrupted")
    assert report.run["status"] == "interrupted"
    assert (
        load(tmp_path / "r").notes
        == report.notes
        == ["The run was interrupted: this report holds 4 of 4 formulas."]
    )


@pytest.mark.parametrize("name", [COMPARISONS, VERDICTS])
def test_a_last_line_cut_short_is_left_out_with_a_note(report, name):
    path = report.folder / name
    path.write_bytes(path.read_bytes()[:-20])
    assert (
        f"The last line of {name} was cut short when the run was stopped; it is left out."
        in load(report.folder).notes
    )


def test_comparisons_without_a_verdict_are_left_out_with_a_note(report):
    path = report.folder / VERDICTS
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    found = load(report.folder)
    assert list(found.summary.subjects) == ["affine", "mean_squared_error", "binary_step"]
    assert any("48 comparisons of feed_forward" in note for note in found.notes)


def test_a_missing_file_is_noted(report):
    (report.folder / COMPARISONS).unlink()
    assert f"{COMPARISONS} is missing." in load(report.folder).notes


def test_the_same_results_give_the_same_bytes(clock, tmp_path):
    one, two = handmade.report(tmp_path / "one"), handmade.report(tmp_path / "two")
    for name in (COMPARISONS, VERDICTS):
        assert (one.folder / name).read_bytes() == (two.folder / name).read_bytes()
    runs = [json.loads((report.folder / RUN).read_text()) for report in (one, two)]
    assert runs[0].pop("circumstances") != runs[1].pop("circumstances")
    assert runs[0] == runs[1]


def test_another_seed_gives_other_bytes(tmp_path):
    for name, seed in (("one", 0), ("two", 1)):
        recorder = Recorder(tmp_path / name, handmade.described())
        handmade.record(recorder, handmade.mean_squared_error(seed))
        recorder.finish()
    assert (tmp_path / "one" / COMPARISONS).read_bytes() != (tmp_path / "two" / COMPARISONS).read_bytes()


def test_checks_of_tests_are_listed_by_name(tmp_path):
    recorder = Recorder(tmp_path / "r", handmade.described() | {"made_by": "pytest", "subjects": None})
    for verified in handmade.results():
        handmade.record(recorder, verified)
    report = recorder.finish()
    assert list(report.summary.subjects) == sorted(report.summary.subjects)
    assert list(report.verdicts) == sorted(report.verdicts)
    assert load(tmp_path / "r") == report
    assert report.noun == "check"


# --- damaged reports --------------------------------------------------------------------


def test_a_damaged_line_is_named(report):
    path = report.folder / COMPARISONS
    lines = path.read_text().splitlines()
    lines[3] = lines[3][:40]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match=r"line 4 of .*comparisons\.jsonl is not JSON .* damaged"):
        load(report.folder)


def test_a_missing_field_is_named(report):
    path = report.folder / VERDICTS
    path.write_text(path.read_text().replace('"outcome"', '"result"'))
    with pytest.raises(InputError, match="has no field 'outcome': the report is damaged"):
        load(report.folder)


def test_a_report_of_a_later_schema_is_refused(report):
    run = json.loads((report.folder / RUN).read_text())
    (report.folder / RUN).write_text(json.dumps(run | {"schema": 99}))
    with pytest.raises(
        InputError, match=r"has schema 99, but this gradproof reads up to 1: update gradproof"
    ):
        load(report.folder)


@pytest.mark.parametrize("content", [None, "", "[]", '{"kind": "something else"}'])
def test_a_folder_without_a_report_cannot_be_loaded(tmp_path, content):
    if content is not None:
        (tmp_path / RUN).write_text(content)
    assert not is_report(tmp_path)
    with pytest.raises(InputError, match="holds no gradproof report"):
        load(tmp_path)


# --- where a report is written ----------------------------------------------------------


def new(folder: Path, overwrite: bool = False) -> Path:
    recorder = Recorder(folder, handmade.described(), overwrite)
    return recorder.finish().folder


def test_a_new_folder_is_made_with_its_parents(tmp_path):
    assert new(tmp_path / "a" / "b") == tmp_path / "a" / "b"


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "r").mkdir()
    assert new(tmp_path / "r") == tmp_path / "r"


def test_a_folder_with_other_content_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    for overwrite in (False, True):
        with pytest.raises(InputError, match="is not empty and holds no gradproof report"):
            new(tmp_path, overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_refused(tmp_path):
    (tmp_path / "r").write_text("a file")
    with pytest.raises(InputError, match="is a file: give the name of a folder"):
        new(tmp_path / "r")


def test_an_earlier_report_stays_and_the_new_one_goes_beside_it(tmp_path):
    first = handmade.report(tmp_path / "r")
    before = {name: (first.folder / name).read_bytes() for name in FILES if (first.folder / name).exists()}
    (tmp_path / "r-2").mkdir()
    (tmp_path / "r-2" / "notes").write_text("not a report")
    assert new(tmp_path / "r") == tmp_path / "r-3"
    assert new(tmp_path / "r") == tmp_path / "r-4"
    assert before == {name: (first.folder / name).read_bytes() for name in before}


def test_overwriting_replaces_a_report_and_nothing_else(tmp_path):
    first = handmade.report(tmp_path / "r")
    (first.folder / "index.html").write_text("old")
    (first.folder / "notes.txt").write_text("mine")
    assert new(tmp_path / "r", overwrite=True) == tmp_path / "r"
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == sorted(
        [RUN, COMPARISONS, VERDICTS, "notes.txt"]
    )
    assert not load(tmp_path / "r").summary.subjects
