from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import textbook

NAME = "softmax-jacobian"


@pytest.fixture
def whole(monkeypatch):
    """Replaces the check of all theorems by the handmade book."""
    monkeypatch.setattr("gradproof.book.read_all", textbook.book)


def test_all_theorems_are_listed_with_their_status(run, whole):
    result = run("derive")
    assert "Softmax Jacobian" in result.stdout
    assert "4 theorems: 1 proved for all dimensions" in result.stdout
    assert result.exit_code == 1, "one of them failed"


def test_one_theorem_is_shown_step_by_step(run):
    result = run("derive", NAME)
    assert result.exit_code == 0
    for words in ("proved for all dimensions", "Derivation", "Wrong forms, refuted", "article-101"):
        assert words in result.stdout
    assert "∂zⱼ" in result.stdout


def test_an_id_shows_the_theorems_that_cover_it(run):
    assert run("derive", "article-101").stdout == run("derive", NAME).stdout


def test_a_name_asked_for_twice_is_shown_once(run):
    assert run("derive", NAME, "article-101").stdout == run("derive", NAME).stdout


def test_a_page_is_written_and_an_earlier_one_kept(run):
    first = run("derive", NAME, "--html", "page.html")
    assert first.exit_code == 0
    assert first.stdout == "Written to page.html\n"
    assert "Written to page-2.html" in run("derive", NAME, "--html", "page.html").stdout
    assert "Written to page.html" in run("derive", NAME, "--html", "page.html", "--overwrite").stdout
    assert Path("page.html").read_text(encoding="utf-8") == Path("page-2.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in Path().iterdir()) == ["page-2.html", "page.html"]


def test_the_book_is_written_and_an_earlier_one_kept(run, whole):
    result = run("derive", "--all", "--html", "book")
    assert result.stdout == f"Written to {Path('book', 'index.html')}\n"
    assert Path("book", "softmax.html").exists()
    run("derive", "--all", "--html", "book")
    assert Path("book-2", "index.html").exists()


def test_a_folder_with_something_else_is_refused(run, whole):
    Path("thesis").mkdir()
    Path("thesis", "index.html").write_text("<p>mine</p>")
    result = run("derive", "--all", "--html", "thesis")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: the folder thesis is not empty and holds no gradproof book: give a new or an empty folder\n"
    )


def test_an_unknown_name_is_answered_with_the_nearest(run):
    result = run("derive", "softmax-jacobean")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: there is no theorem and no catalogued formula 'softmax-jacobean'")
    assert "did you mean softmax-jacobian" in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_id_that_no_theorem_covers_says_where_to_look(run):
    result = run("derive", "article-14")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: no theorem covers article-14: see 'gradproof sources article-14' for what does,"
        " or 'gradproof derive' for all theorems\n"
    )


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--all",), "say where with --html DIR"),
        (("--all", NAME, "--html", "x"), "leave out the names, or --all"),
        (("--html", "x"), "needs the name of a theorem, or --all"),
    ],
)
def test_options_that_do_not_fit_are_refused(run, words, complaint):
    result = run("derive", *words)
    assert result.exit_code == 2
    assert complaint in result.stderr
    assert list(Path().iterdir()) == []


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from gradproof.cli import cli\n"
        "for name in ('derive', 'sources'):\n"
        "    assert CliRunner().invoke(cli, [name, '--help']).exit_code == 0\n"
        "heavy = ('sympy', 'jax', 'numpy', 'matplotlib', 'flint', 'rich', 'jinja2')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
