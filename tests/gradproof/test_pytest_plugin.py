from __future__ import annotations

import json
from pathlib import Path
from zlib import crc32

import handmade
import pytest

from reports.store import FILES, load

STAND_INS = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
import dataclasses
import checkers.check
import handmade

RESULTS = {{result.name: result.verdict for result in handmade.results()}}

def check(function, derivative, signature=None, args=None, domain=None, sampler=None, wrt=None,
          oracles=(), examples=100, seed=0):
    "Gives the verdict made by hand on the function of that name; its records have the seed."
    verdict = RESULTS[function]
    records = [dataclasses.replace(record, seed=seed) for record in verdict.records]
    return dataclasses.replace(verdict, records=records)

checkers.check.check_vjp = checkers.check.check_grad = checkers.check.check_jvp = check
"""

TESTS = """
import pytest

def test_right(gradproof):
    gradproof.assert_vjp("affine", None)

def test_wrong(gradproof):
    gradproof.assert_grad("mean_squared_error", None, signature="(n)->()")

def test_twice(gradproof):
    assert gradproof.check_vjp("affine", None).ok
    assert not gradproof.check_jvp("binary_step", None).ok

def test_without():
    pass
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(STAND_INS)
    pytester.makepyfile(test_layers=TESTS)
    return pytester


def run(project: pytest.Pytester, *words: str) -> pytest.RunResult:
    return project.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error", *words)


def test_every_check_of_a_run_is_in_one_report_however_the_tests_are_spread(project):
    for name, spread in (("one", "0"), ("two", "2")):
        result = run(project, "--gradproof-report", name, "-n", spread)
        result.assert_outcomes(passed=3, failed=1)
        folder = project.path / name
        assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
        report = load(folder)
        assert report.finished
        assert {name: subject.outcome for name, subject in report.summary.subjects.items()} == {
            "test_layers.py::test_right": "agrees",
            "test_layers.py::test_twice": "agrees",
            "test_layers.py::test_twice #2": "undecided",
            "test_layers.py::test_wrong": "disagrees",
        }
        checks = [verdict["check"] for verdicts in report.verdicts.values() for verdict in verdicts]
        assert checks == ["vjp", "vjp", "jvp", "grad"]
        closing = f"2 checks agree, 1 disagrees, 1 is undecided; * report: {name}/index.html"
        result.stdout.fnmatch_lines(["*= gradient checks =*", closing])
    assert (project.path / "one/summary.json").read_bytes() == (
        project.path / "two/summary.json"
    ).read_bytes()


def test_a_check_is_seeded_from_the_name_of_its_test_unless_a_seed_is_given(project):
    project.makepyfile(
        test_layers=f"""
SEED = {crc32(b"test_layers.py::test_named")}

def test_named(gradproof):
    assert gradproof.seed == SEED
    gradproof.assert_vjp("affine", None)

def test_given(gradproof):
    gradproof.assert_vjp("affine", None, seed=7)

def test_given_by_position(gradproof):
    gradproof.assert_vjp("affine", None, "(n)->()", None, None, None, None, (), 100, 8)
"""
    )
    run(project, "--gradproof-report", "r", "-n", "0").assert_outcomes(passed=3)
    records = map(json.loads, (project.path / "r/comparisons.jsonl").read_text().splitlines())
    assert {record["subject"]: record["seed"] for record in records} == {
        "test_layers.py::test_named": crc32(b"test_layers.py::test_named"),
        "test_layers.py::test_given": 7,
        "test_layers.py::test_given_by_position": 8,
    }


def test_an_earlier_report_is_overwritten_only_if_that_is_asked_for(project):
    handmade.report(project.path / "r")
    words = ["-n", "0", "test_layers.py::test_without", "--gradproof-report", "r"]
    run(project, *words, "--gradproof-overwrite")
    assert [path.parent.name for path in project.path.rglob("run.json")] == ["r"]
    assert not load(project.path / "r").summary.subjects


PLAIN = """
import gradproof as package

def test_misspelt(gradproof):
    gradproof.check_vjp("affine", None, sede=7)

def test_package():
    import gradproof
    assert gradproof is package
    assert gradproof.check_vjp.__name__ == "check"

def test_fixture(gradproof):
    assert gradproof is not package
"""


def test_without_the_option_checks_fail_with_their_verdict_and_nothing_is_written(project):
    project.makepyfile(test_plain=PLAIN)
    result = run(project, "-n", "0")
    result.assert_outcomes(passed=5, failed=2)
    result.stdout.fnmatch_lines(
        [
            '>*gradproof.assert_grad("mean_squared_error", None, signature="(n)->()")',
            "E*GradientMismatch: mean_squared_error: disagrees.*",
        ]
    )
    result.stdout.fnmatch_lines(["E*TypeError: *unexpected keyword argument 'sede'"])
    result.stdout.no_fnmatch_line("*gradient checks*")
    assert not list(project.path.rglob("run.json"))


def test_a_folder_with_other_content_stops_the_run_at_once(project):
    result = run(project, "-n", "0", "--gradproof-report", ".")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: --gradproof-report: the folder . is not empty and holds no gradproof report*"]
    )


def test_collecting_alone_writes_nothing(project):
    run(project, "-n", "0", "--collect-only", "--gradproof-report", "r")
    assert not (project.path / "r").exists()


def test_a_run_stopped_by_ctrl_c_leaves_a_report(project):
    project.makepyfile(test_layers=TESTS + "\ndef test_z():\n    raise KeyboardInterrupt\n")
    run(project, "-n", "0", "--gradproof-report", "r")
    report = load(project.path / "r")
    assert report.run["status"] == "interrupted"
    assert len(report.summary.subjects) == 4


def test_pytest_starts_without_numpy(pytester):
    pytester.makepyfile(
        """
import sys
LOADED = [name for name in ("numpy", "jax", "sympy", "rich", "click", "checkers") if name in sys.modules]

def test_nothing_heavy():
    assert LOADED == []
    assert "gradproof.pytest_plugin" in sys.modules
"""
    )
    run(pytester, "-n", "0").assert_outcomes(passed=1)
