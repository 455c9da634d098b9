"""Submissions that would rather be right than do the exercise, judged as anybody's: in a worker, to the end."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from checkers.families.grading import grade, survey
from checkers.families.in_worker import InWorker
from checkers.families.reading import read
from checkers.families.schema import families
from checkers.isolation import Limits
from gradproof.cli import cli

RELU = """\
import hashlib
import numpy as np

def relu_forward(x):
    out = np.maximum(0, x)
    return out, x

"""

SIGMOID = """\
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def sigmoid_prime(x):
    s = sigmoid(x)
    return s * (1 - s)
"""


def written(folder: Path, text: str, name: str = "homework.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def judged(path: Path):
    (bundle,) = read(path)
    graded = survey(bundle, list(families().values()))
    with InWorker(bundle) as session:
        session.load()
        return {answer.function: answer for answer in grade(graded, session)}


CHEATS = {
    "right once": "n = [0]\ndef relu_backward(dout, cache):\n    n[0] += 1\n"
    "    return dout * (cache > 0) if n[0] < 2 else dout",
    "right four times": "n = [0]\ndef relu_backward(dout, cache):\n    n[0] += 1\n"
    "    return dout * (cache > 0) if n[0] < 5 else dout",
    "right at the first sight of an input": "seen = set()\ndef relu_backward(dout, cache):\n"
    "    key = cache.tobytes() + dout.tobytes()\n    new = key not in seen\n    seen.add(key)\n"
    "    return dout * (cache > 0) if new else dout",
    "right at the second sight of an input": "seen = set()\ndef relu_backward(dout, cache):\n"
    "    key = cache.tobytes() + dout.tobytes()\n    new = key not in seen\n    seen.add(key)\n"
    "    return dout if new else dout * (cache > 0)",
    "jumps from input to input": "def relu_backward(dout, cache):\n"
    "    h = hashlib.sha1(cache.tobytes()).digest()[0] / 256\n    return dout * (cache > 0) * (1 + 1e-3 * h)",
    "a difference quotient": "def relu_backward(dout, cache):\n    h = 1e-6\n"
    "    return dout * ((relu_forward(cache + h)[0] - relu_forward(cache - h)[0]) / (2 * h))",
    "an array that agrees with everything": "class Liar(np.ndarray):\n    def __eq__(self, other): return True\n"
    "    def __array_ufunc__(self, *a, **k): return np.zeros(1)\n"
    "    def __array_function__(self, *a, **k): return True\n"
    "def relu_backward(dout, cache):\n    return dout.view(Liar)",
    "NumPy bent as it is loaded": "state = []\nnp.where = lambda c, a, b: a * (state[0] > 0)\n"
    "def relu_backward(dout, cache):\n    state[:] = [cache]\n    return np.where(dout > 0, dout, 0)",
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_wrong_gradient_does_not_pass_for_right(cheat, tmp_path):
    answer = judged(written(tmp_path, RELU + CHEATS[cheat]))["relu_backward"]
    assert answer.outcome in ("wrong", "undecided"), answer


def test_what_is_left_over_from_the_call_before_is_said(tmp_path):
    stale = "    kept.append(x)\n    x = kept[-2] if len(kept) > 1 and kept[-2].shape == x.shape else x\n"
    text = SIGMOID.replace("def sigmoid_prime(x):\n", f"kept = []\ndef sigmoid_prime(x):\n{stale}")
    answer = judged(written(tmp_path, text))["sigmoid_prime"]
    assert answer.outcome == "undecided"
    assert "left over from the call before" in answer.sentence


def test_the_right_gradient_passes_beside_the_cheats(tmp_path):
    honest = "def relu_backward(dout, cache):\n    return dout * (cache > 0)"
    assert judged(written(tmp_path, RELU + honest))["relu_backward"].outcome == "right"


def test_numpy_bent_by_one_function_is_said_and_does_not_help_another(tmp_path):
    bent = SIGMOID.replace("return 1 /", "np.minimum = lambda d, c: d * (c > 0)\n    return 1 /")
    wrong = RELU + "def relu_backward(dout, cache):\n    return np.minimum(dout, cache)\n"
    answers = judged(written(tmp_path, bent + wrong))
    assert answers["sigmoid_prime"].outcome == "undecided"
    assert "replaces numpy.minimum" in answers["sigmoid_prime"].sentence
    assert answers["relu_backward"].outcome == "wrong"
    assert not any("replaces" in note for note in answers["relu_backward"].notes)


def test_an_old_name_given_back_to_numpy_is_no_matter(tmp_path):
    answers = judged(written(tmp_path, SIGMOID.replace("def sigmoid(", "np.bool = bool\ndef sigmoid(", 1)))
    assert answers["sigmoid_prime"].outcome == "right"


def checked(path: Path, *words: str):
    started = time.monotonic()
    done = CliRunner().invoke(cli, ["check", str(path), *words])
    assert time.monotonic() - started < 30
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output or "homework.py" in done.output
    return done


@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError('\\x1b[2J\\ud800<script>alert(1)</script>' + 'A' * 10 ** 6)",
        "return {'\\x1b[2J\\ud800': 1}",
        "return 2 * dout  # \x1b]0;owned\x07 <script>alert(1)</script>",
        "print('\\u0301' * 10 ** 6, '\\u202e\\x1b[2J')\n    return dout * (cache > 0)",
        "return dout * np.nan",
        "return 10 ** 30",
        "return np.zeros((10 ** 5, 0, 3))",
    ],
)
def test_nothing_that_a_terminal_or_a_browser_obeys_gets_through(body, tmp_path):
    path = written(tmp_path, f"{RELU}def relu_backward(dout, cache):\n    {body}\n")
    assert "\x1b" not in checked(path).output
    told = checked(path, "--json", "--report", str(tmp_path / "report"))
    json.loads(told.output).keys()
    for page in (tmp_path / "report").rglob("*"):
        text = page.read_text(encoding="utf-8") if page.is_file() else ""
        assert "<script>alert" not in text or page.suffix != ".html"
        assert "\x1b" not in text


@pytest.mark.parametrize("name", [b"\xff.py", b"\x1b[2J.py", b"a\nb.py", b"<img src=x onerror=alert(1)>.py"])
def test_a_file_may_have_any_name(name, tmp_path):
    (tmp_path / os.fsdecode(name)).write_text(SIGMOID)
    done = checked(tmp_path)
    assert done.exit_code == 0
    assert "\x1b" not in done.output
    assert len(done.output.splitlines()[0]) > 3
    (told,) = json.loads(checked(tmp_path, "--json").output)["functions"]
    assert "\n" not in told["file"]


def test_a_folder_with_pipes_and_links_is_read_without_them(tmp_path):
    outside = written(tmp_path, "SECRET = 1\n", "outside.py")
    folder = tmp_path / "bob"
    folder.mkdir()
    os.mkfifo(folder / "a.py")
    (folder / "b.py").symlink_to("/dev/zero")
    (folder / "c.py").symlink_to(outside)
    written(folder, "from c import *\n" + SIGMOID, "homework.py")
    bundles = read(folder)
    assert [bundle.source.path for bundle in bundles] == ["homework.py"]
    assert bundles[0].modules == {}
    assert checked(folder).exit_code == 0


def test_a_folder_s_helpers_are_not_taken_from_its_neighbours(tmp_path):
    for name in ("ann", "bob"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, f"from ann.homework import sigmoid\n{SIGMOID}")
    (bundle,) = read(tmp_path / "bob")
    assert bundle.modules == {}
    assert bundle.stubs == ("ann.homework",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("blank lines", "import numpy as np\n" + "\n" * 200_000 + SIGMOID),
        ("a chain of additions", f"def f(x):\n    return {'+'.join(['x'] * 950)}\n{SIGMOID}"),
        ("a chain of attributes", f"import numpy as np\nx = np{'.a' * 900}\n{SIGMOID}"),
        ("signs", f"x = {'-' * 200_000}1\n{SIGMOID}"),
        ("lambdas", f"x = [{', '.join(f'lambda z{k}: z{k}' for k in range(5000))}]\n{SIGMOID}"),
        ("functions", "".join(f"def f{k}(x):\n    return x\n" for k in range(20_000)) + SIGMOID),
        ("imports", "".join(f"import mod{k}\n" for k in range(5000)) + SIGMOID),
        ("a line", SIGMOID + "x = '" + " " * 1_500_000 + "'\n"),
    ],
)
def test_a_text_without_end_does_not_stall_the_judge(name, text, tmp_path):
    done = checked(written(tmp_path, text))
    assert done.exit_code in (0, 2, 3), name


def test_an_output_without_end_is_refused(tmp_path):
    huge = RELU.replace("out = np.maximum(0, x)", "out = np.zeros(200_000)")
    answer = judged(written(tmp_path, huge + "def relu_backward(dout, cache):\n    return dout"))[
        "relu_backward"
    ]
    assert answer.outcome == "undecided"
    assert "shape (200000,)" in answer.sentence


def test_a_file_that_cannot_be_read_is_said(tmp_path):
    written(tmp_path, SIGMOID)
    with (tmp_path / "large.py").open("wb") as file:
        file.truncate(1 << 40)
    done = checked(tmp_path)
    assert "sigmoid_prime  right" in done.output
    assert f"large.py: It has {1 << 40} bytes" in done.output
    (tmp_path / "large.py").unlink()
    shut = written(tmp_path, SIGMOID, "shut.py")
    shut.chmod(0)
    assert checked(tmp_path).exit_code == (0 if os.access(shut, os.R_OK) else 2)


def test_files_that_use_up_their_time_do_not_keep_the_judge_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr("gradproof.checking.PATIENCE", 1)
    monkeypatch.setattr(
        "checkers.families.in_worker.InWorker.__init__.__defaults__",
        (Limits(call_seconds=5.0, total_seconds=0.5), ()),
    )
    endless = RELU + "def relu_backward(dout, cache):\n    while True: pass\n"
    for name in ("a.py", "b.py"):
        written(tmp_path, endless, name)
    assert "b.py: It was not judged: 1 file of" in checked(tmp_path).output


def test_a_chain_of_modules_ends(tmp_path):
    for k in range(300):
        written(tmp_path, f"import m{k + 1}\n", f"m{k}.py")
    (tmp_path / "hw").mkdir()
    path = written(tmp_path / "hw", "import m0\n" + SIGMOID)
    assert checked(path).exit_code == 0


@pytest.mark.parametrize(
    "text",
    ['{"cells": [{"cell_type": "code", "source": [1, 2]}]}', "[" * 100_000, '{"cells": 3}', '{"cells": [1]}'],
)
def test_a_notebook_that_is_none_does_not_hide_its_neighbours(text, tmp_path):
    written(tmp_path, text, "a.ipynb")
    written(tmp_path, SIGMOID, "homework.py")
    done = checked(tmp_path)
    assert "a.ipynb: It is not a notebook" in done.output
    assert "sigmoid_prime  right" in done.output
    assert checked(tmp_path / "a.ipynb").exit_code == 2


def test_modules_beside_the_file_do_not_run_in_the_judge_or_the_worker(tmp_path):
    for name in ("numpy.py", "sitecustomize.py", "usercustomize.py", "conftest.py", "json.py"):
        written(tmp_path, "import os\nos._exit(3)\n", name)
    written(tmp_path, "import os; os._exit(3)\n", "evil.pth")
    assert "sigmoid_prime  right" in checked(written(tmp_path, SIGMOID)).output
