"""``gradproof check``: a line per function, what a tutor says, JSON, a report, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gradproof.cli import cli

STUDENTS = Path(__file__).parent.parent / "checkers" / "families" / "students"

MIXED = """\
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    dx = np.maximum(dout, 0)
    return dx


def tanh_forward(x):
    return np.tanh(x), x


def tanh_backward(dout, cache):
    pass
"""


def run(*words):
    return CliRunner().invoke(cli, ["check", *map(str, words)])


@pytest.fixture
def mixed(tmp_path):
    path = tmp_path / "homework.py"
    path.write_text(MIXED)
    return path


def test_every_function_has_its_line_and_a_wrong_one_its_explanation(mixed):
    done = run(mixed)
    assert done.exit_code == 1, done.output
    lines = done.output.splitlines()
    assert lines[0] == "homework.py:"
    assert [line.split()[:2] for line in lines[1:4]] == [
        ["sigmoid_prime", "right"],
        ["relu_backward", "wrong"],
        ["tanh_backward", "unfinished"],
    ]
    assert "dx = np.maximum(dout, 0)" in done.output
    assert "the mask must come from the input" in done.output
    assert "expected = [[0.]]" in done.output
    assert "gradproof derive cs182-32" in done.output
    assert "3 functions: 1 right, 1 wrong, 1 unfinished." in done.output


@pytest.mark.parametrize(
    ("hints", "given", "kept"),
    [
        (1, ["line 17"], ["mask", "expected"]),
        (2, ["line 17", "What: what the ReLU's mask is taken of"], ["must come from", "expected"]),
        (3, ["must come from the input", "expected"], []),
    ],
)
def test_hints_give_away_more_and_more(mixed, hints, given, kept):
    done = run(mixed, "--hints", hints)
    assert all(text in done.output for text in given)
    assert not any(text in done.output for text in kept)
    shown = json.loads(run(mixed, "--hints", hints, "--json").output)
    explanation = shown["functions"][1]["explanation"]
    assert ("kind" in explanation) == (hints >= 2)
    assert ("compared" in explanation) == (hints >= 3)


def test_json_says_the_same_and_under_what_conditions(mixed):
    shown = json.loads(run(mixed, "--json", "--seed", "5").output)
    assert [one["outcome"] for one in shown["functions"]] == ["right", "wrong", "unfinished"]
    assert shown["seed"] == 5
    assert len(shown["files"][0]["sha256"]) == 64
    assert any(layer["name"] == "separate process" and layer["in_force"] for layer in shown["protections"])
    (compared,) = shown["functions"][1]["explanation"]["compared"]
    assert compared["claimed"]["values"] != compared["expected"]["values"]


def test_a_right_file_exits_with_0_and_an_unfinished_one_with_3(tmp_path):
    assert run(STUDENTS / "bikes.py").exit_code == 0
    path = tmp_path / "hw.py"
    path.write_text(MIXED.replace("dx = np.maximum(dout, 0)", "dx = dout * (cache > 0)"))
    assert run(path).exit_code == 3
    path.write_text("x = 1\n")
    done = run(path)
    assert done.exit_code == 3
    assert "No gradient was found." in done.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere.py"], "does not exist"),
        ([STUDENTS / "bikes.py", "--family", "cs999"], "no family 'cs999'"),
        ([STUDENTS / "bikes.py", "--assignment", "none.toml"], "does not exist"),
        ([STUDENTS / "bikes.py", "--family", "udacity", "--assignment", "a.toml"], "not both"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(words, says):
    done = run(*words)
    assert done.exit_code == 2
    assert says in done.output
    assert "Traceback" not in done.output


def test_a_file_that_is_no_python_is_said_with_the_line(tmp_path):
    path = tmp_path / "hw.py"
    path.write_text("def f(:\n")
    done = run(path)
    assert done.exit_code == 2
    assert "Python cannot read it" in done.output
    assert "line 1" in done.output


def test_a_family_can_be_forced():
    assert run(STUDENTS / "bikes.py", "--family", "udacity").exit_code == 0
    done = run(STUDENTS / "bikes.py", "--family", "nielsen")
    assert done.exit_code == 3


def test_an_assignment_describes_any_other_function(tmp_path):
    (tmp_path / "hw.py").write_text(
        "def score(u, v):\n    return (u * v).sum()\ndef score_pullback(g, u, v):\n    return g * v, g * u\n"
    )
    (tmp_path / "hw.toml").write_text(
        '[[gradient]]\nname = "score"\narguments = { u = "n", v = "n" }\nforward = "s = score(u, v)"\n'
        'backward = "gu, gv = score_pullback(delta, u, v)"\ngradients = { u = "gu", v = "gv" }\n'
    )
    done = run(tmp_path / "hw.py", "--assignment", tmp_path / "hw.toml")
    assert done.exit_code == 0, done.output
    assert "score_pullback  right" in done.output
    (tmp_path / "hw.py").write_text((tmp_path / "hw.py").read_text().replace("g * v, g * u", "g * u, g * v"))
    assert run(tmp_path / "hw.py", "--assignment", tmp_path / "hw.toml").exit_code == 1


def test_a_notebook_is_answered_by_cell_and_line(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": "# Homework"},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import numpy as np\n", "data = load('x')"]},
        {"cell_type": "code", "source": MIXED},
    ]
    path = tmp_path / "hw.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}))
    done = run(path)
    assert done.exit_code == 1
    assert "cell 3, line 17" in done.output


def test_a_folder_is_checked_file_by_file(tmp_path, mixed):
    (tmp_path / "bikes.py").write_text((STUDENTS / "bikes.py").read_text())
    done = run(tmp_path)
    assert done.output.startswith("bikes.py:\n  NeuralNetwork.backpropagation  right")
    assert "\nhomework.py:\n  sigmoid_prime" in done.output


def test_a_crash_shows_the_students_own_traceback_only(tmp_path):
    path = tmp_path / "hw.py"
    path.write_text(MIXED.replace("dx = np.maximum(dout, 0)", "dx = dout.undefined"))
    done = run(path)
    assert done.exit_code == 1
    assert "relu_backward  crashed" in done.output
    assert 'File "hw.py", line 17' in done.output
    assert "checkers" not in done.output


def test_an_endless_loop_times_out_and_the_others_are_judged(tmp_path):
    path = tmp_path / "hw.py"
    path.write_text(MIXED.replace("dx = np.maximum(dout, 0)", "while True: pass"))
    done = run(path)
    assert done.exit_code == 1
    assert "relu_backward  timed out" in done.output
    assert "sigmoid_prime  right" in done.output


def test_a_report_is_written_and_can_be_rendered_again(mixed, tmp_path):
    folder = tmp_path / "report"
    assert run(mixed, "--report", folder).exit_code == 1
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert "relu_backward" in json.dumps(summary)
    assert (folder / "index.html").exists()
    again = CliRunner().invoke(cli, ["report", str(folder)])
    assert again.exit_code == 1
