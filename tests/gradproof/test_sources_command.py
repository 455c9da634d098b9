from __future__ import annotations

import json

import pytest
import textbook

from derivations.catalogue import equations


@pytest.fixture
def whole(monkeypatch):
    """Replaces the check of all theorems by the handmade book."""
    monkeypatch.setattr("gradproof.book.read_all", textbook.book)


def test_every_catalogued_id_is_listed_with_what_covers_it(run, whole, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    result = run("sources")
    assert result.exit_code == 0
    told = result.stdout.replace("\n", " ")
    for name in ("article-1 ", "article-254", "calculus-29", "cs182-38", "ng-35", "nndl-74"):
        assert name in told
    assert "softmax-jacobian" in told
    assert "437 equations" in told


def test_what_is_missing_is_listed_and_gives_1(run, whole):
    result = run("sources", "--missing")
    assert result.exit_code == 1
    assert "article-22" in result.stdout
    assert "article-101" not in result.stdout
    assert "of 437 equations missing" in result.stdout


def test_nothing_missing_gives_0(run, whole):
    result = run("sources", "--missing", "--status", "set aside")
    assert result.exit_code == 0
    assert result.stdout == "Every one of the 18 equations is covered or set aside.\n"


def test_one_equation_is_shown_in_full(run):
    result = run("sources", "nndl-41")
    assert result.exit_code == 0
    for words in ("Claim", "Wrong form, which must be rejected", "Refuted by", "Status:"):
        assert words in result.stdout


def test_several_equations_are_shown_one_after_the_other(run):
    told = run("sources", "article-14", "nndl-65").stdout
    assert told.index("Matrix and its elements") < told.index("Symbolic and automatic differentiation")
    assert "Set aside" in told
    assert "Check " in told


def test_errata_and_wrong_forms_are_listed_each_with_what_refutes_it(run, whole):
    result = run("sources", "--errata")
    assert result.exit_code == 0
    errata = sum(bool(one.erratum) for one in equations().values())
    assert result.stdout.rstrip().endswith(f"{errata} errata; 48 wrong forms, 48 refuted.")
    assert result.stdout.count("which must be rejected") == 48
    assert "Nothing yet" not in result.stdout
    assert "The text gives the merged weights" in result.stdout
    assert "Matrix times a column" not in result.stdout


def test_a_source_and_a_status_narrow_the_list(run, whole):
    rows = json.loads(run("sources", "--source", "ng", "--json").stdout)
    assert [row["id"] for row in rows] == [name for name in equations() if name.startswith("ng-")]
    rows = json.loads(run("sources", "--status", "set aside", "--json").stdout)
    assert {row["status"] for row in rows} == {"set aside"}
    assert all(row["set_aside"] for row in rows)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("article-1010",), "there is no catalogued formula 'article-1010': did you mean article-1"),
        (("--source", "wikipedia"), "there is no source 'wikipedia': give one of article, calculus"),
        (("--status", "nice"), "no entry has the status 'nice': those that occur are"),
    ],
)
def test_what_is_not_there_is_answered_in_one_sentence(run, whole, words, complaint):
    result = run("sources", *words)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {complaint}")
    assert result.stderr.count("\n") == 1
