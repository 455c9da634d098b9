from __future__ import annotations

import subprocess
import sys

import click
import pytest

from checkers.errors import InputError
from gradproof.cli import cli

LIGHT = """
import sys
from gradproof.cli import main
sys.argv = ["gradproof", *sys.argv[1:]]
try:
    main()
finally:
    heavy = ("numpy", "sympy", "jax", "rich", "jinja2", "matplotlib", "reference_impl", "reports")
    print([name for name in heavy if name in sys.modules])
"""


def program(*words: str, cwd=None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gradproof", *words], capture_output=True, text=True, cwd=cwd
    )


def test_the_program_runs_as_a_module(tmp_path):
    done = program("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: gradproof [OPTIONS] COMMAND [ARGS]...")
    assert not done.stderr


@pytest.mark.parametrize("words", [["--help"], ["verify", "--help"], ["report", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(words):
    done = subprocess.run([sys.executable, "-c", LIGHT, *words], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_every_module_of_the_folder_is_a_command_with_a_short_help():
    ctx = click.Context(cli)
    assert cli.list_commands(ctx) == ["check", "derive", "report", "sources", "verify"]
    for name in cli.list_commands(ctx):
        command = cli.get_command(ctx, name)
        assert command.name == name
        assert command.short_help.endswith(".")


def test_the_version_is_printed(run):
    import gradproof

    assert run("--version").output.split()[-1] == gradproof.__version__


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["verify", "--examples", "0"],
        ["verify", "--seed", "-1"],
        ["verify", "--jobs", "none"],
        ["verify", "--frobnicate"],
        ["report"],
    ],
)
def test_bad_usage_exits_with_2(run, words):
    result = run(*words)
    assert result.exit_code == 2
    assert "Error: " in result.output


def failing(monkeypatch, error: BaseException) -> None:
    @click.command("report")
    def command() -> None:
        raise error

    monkeypatch.setattr("gradproof.commands.report.command", command)


def test_bad_input_is_one_sentence_and_exits_with_2(run, monkeypatch):
    failing(monkeypatch, InputError("examples must be at least 1, not 0"))
    result = run("report")
    assert (result.exit_code, result.output) == (2, "Error: examples must be at least 1, not 0\n")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            PermissionError(13, "Permission denied", "r/run.json"),
            "cannot read or write r/run.json: Permission denied",
        ),
        (OSError(28, "No space left on device"), "cannot read or write: No space left on device"),
        (OSError("odd"), "cannot read or write: odd"),
    ],
)
def test_a_file_that_cannot_be_read_or_written_is_one_sentence(run, monkeypatch, error, sentence):
    failing(monkeypatch, error)
    result = run("report")
    assert (result.exit_code, result.output) == (2, f"Error: {sentence}\n")


def test_ctrl_c_exits_with_130(run, monkeypatch):
    failing(monkeypatch, KeyboardInterrupt())
    result = run("report")
    assert (result.exit_code, result.output) == (130, "Interrupted.\n")


def test_an_unexpected_exception_is_not_hidden(run, monkeypatch):
    failing(monkeypatch, ZeroDivisionError("a bug"))
    assert isinstance(run("report").exception, ZeroDivisionError)


def test_a_formula_that_does_not_exist_is_bad_input(tmp_path):
    done = program("verify", "no_such_formula", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: there is no formula 'no_such_formula'")
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_letter_that_the_terminal_cannot_show_does_not_stop_a_report(tmp_path):
    import handmade

    handmade.report(tmp_path / "r")
    code = "import sys; from gradproof.cli import main; sys.argv = ['gradproof', 'report', 'r']; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 1
    assert b"mean_squared_error" in done.stdout
    assert b"Traceback" not in done.stderr
