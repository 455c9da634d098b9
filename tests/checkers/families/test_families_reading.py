"""Reading a submission: what is kept of it, what its helpers are, and what cannot be read."""

from __future__ import annotations

import json

import pytest

from checkers.errors import InputError
from checkers.families.division import as_in_python_2, wanted
from checkers.families.outline import line_of, outline
from checkers.families.reading import made, read

SCRIPT = """\
import numpy as np
import matplotlib.pyplot as plt
data = np.load("mnist.npz")
X = data["x"]
EPS = 1e-8
def f(x):
    return x + EPS
g = lambda x: f(x) * 2
for i in range(10):
    print(f(X[i])); plt.plot(i)
if __name__ == "__main__":
    print(f(X))
"""


def notebook(*cells):
    return json.dumps(
        {
            "cells": [{"cell_type": kind, "source": text, "metadata": {}} for kind, text in cells],
            "nbformat": 4,
        }
    )


def test_what_needs_data_is_left_out_and_lines_keep_their_numbers():
    source = made("a.py", SCRIPT)
    kept = source.loadable.split("\n")
    assert len(kept) == len(SCRIPT.split("\n"))
    assert kept[2] == kept[3] == kept[8] == kept[9] == kept[11] == ""
    assert kept[4] == "EPS = 1e-8"
    assert kept[7] == "g = lambda x: f(x) * 2" or kept[7] == ""
    assert outline(source).functions["f"].line == 6


def test_a_module_that_is_nowhere_becomes_a_stub_and_one_beside_is_read(tmp_path):
    (tmp_path / "hw.py").write_text("import pandas as pd\nfrom layers import *\nfrom .more import h\n")
    (tmp_path / "layers.py").write_text("import h5py\ndef relu(x):\n    return x\n")
    (tmp_path / "more.py").write_text("h = 1\n")
    (bundle,) = read(tmp_path / "hw.py")
    assert set(bundle.modules) == {"layers.py", "more.py"}
    assert set(bundle.stubs) == {"pandas", "h5py"}
    assert "from more import h" in bundle.source.loadable


def test_a_package_above_the_file_is_found(tmp_path):
    folder = tmp_path / "cs231n" / "classifiers"
    folder.mkdir(parents=True)
    (folder / "fc_net.py").write_text("from cs231n.layers import *\n")
    (tmp_path / "cs231n" / "layers.py").write_text("def f():\n    pass\n")
    (bundle,) = read(folder / "fc_net.py")
    assert set(bundle.modules) == {"cs231n/layers.py"}


@pytest.mark.parametrize(
    "name", ["dnn_utils_v2", "dnn_app_utils_v3", "planar_utils", "past.builtins", "gc_utils"]
)
def test_helpers_of_courses_are_stood_in_for(tmp_path, name):
    (tmp_path / "hw.py").write_text(f"from {name} import *\n")
    (bundle,) = read(tmp_path / "hw.py")
    assert not bundle.stubs
    assert len(bundle.modules) == 1


def test_python_2_is_read_and_said(tmp_path):
    (tmp_path / "hw.py").write_text(
        "def f(n):\n    for i in xrange(n):\n        print 'at', i\n        if i: print i\n    return d.iteritems()\n"
    )
    (bundle,) = read(tmp_path / "hw.py")
    assert bundle.source.python2
    assert "Python 2" in bundle.notes[0]
    assert "range(n)" in bundle.source.loadable
    assert outline(bundle.source).functions["f"].line == 1


def test_python_3_is_not_taken_for_python_2():
    assert not made("a.py", "print('x')\nfor i in range(3):\n    pass\n").python2
    assert not made("a.py", "from past.builtins import xrange\nfor i in xrange(3):\n    pass\n").python2


def test_of_a_notebook_only_the_code_counts_and_magics_do_not(tmp_path):
    path = tmp_path / "hw.ipynb"
    path.write_text(
        notebook(
            ("markdown", "# f"),
            ("code", ["%matplotlib inline\n", "import numpy as np\n", "!pip install x"]),
            ("code", "%%bash\nls"),
            ("code", "def f(x):\n    return x"),
            ("code", "this is no python ("),
        )
    )
    (bundle,) = read(path)
    function = outline(bundle.source).functions["f"]
    assert bundle.source.place(function.line) == "cell 4, line 1"


def test_a_folder_gives_all_files_and_skips_what_is_no_coursework(tmp_path):
    (tmp_path / "a.py").write_text("")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "b.py").write_text("")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "c.py").write_text("")
    assert [bundle.source.path for bundle in read(tmp_path)] == ["a.py", "deep/c.py"]


def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "none.py")
    (tmp_path / "x.txt").write_text("")
    with pytest.raises(InputError, match=r"neither a Python file"):
        read(tmp_path / "x.txt")
    (tmp_path / "x.ipynb").write_text("{}")
    with pytest.raises(InputError, match="notebook"):
        read(tmp_path / "x.ipynb")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no Python file"):
        read(tmp_path / "empty")


def test_a_syntax_error_is_a_problem_with_its_line():
    assert "line 2" in made("a.py", "x = 1\ndef f(:\n").problem


def test_the_line_that_makes_a_value_is_found():
    text = "def f(x, reg):\n    dW = np.zeros_like(x)\n    dW += x\n    dW += reg * x\n    return dW\n"
    function = outline(made("a.py", text)).functions["f"]
    assert line_of(function, ["dW"]) == 4
    assert line_of(function, ["dW"], ["reg"]) == 4
    assert line_of(function, ["unknown"]) == 5


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("pass", "empty"),
        ('"""Docstring only."""', "empty"),
        ("raise NotImplementedError()", "NotImplementedError"),
        ("return None", "None"),
        ("return x", ""),
    ],
)
def test_a_function_without_a_body_is_unfinished(body, why):
    found = outline(made("a.py", f"def f(x):\n    {body}\n")).functions["f"].unfinished
    assert (why in found) if why else found == ""


PRINTS = """\
def f(n):
    print 'of {}: {}'.format(
        n, n)
    print '''of
    all'''
    print 'a', \\
        n
    print
    return n
"""


def test_a_print_of_python_2_may_take_several_lines():
    source = made("a.py", PRINTS)
    assert source.python2
    assert not source.problem
    names = {}
    exec(source.loadable, names)
    assert names["f"](3) == 3


QUOTIENTS = """\
def f(a, b, x):
    H = 1 + (a + 2 - b) / 2  # half / of it
    y = (x / (a) /
         b) / ("s/t".count("/") + 3)
    return H, y, -a / b**2, lambda z: z / 2
"""


def test_division_of_whole_numbers_is_rewritten_line_for_line():
    text = as_in_python_2(QUOTIENTS)
    assert text.split("\n")[:5] != QUOTIENTS.split("\n")[:5]
    assert [line.strip()[:4] for line in text.split("\n")[:5]] == ["def ", "H = ", "y = ", "b)) ", "retu"]
    names, old = {}, {}
    exec(text, names)
    exec(QUOTIENTS, old)
    H, y, q, half = names["f"](7, 3, 2.5)
    assert (H, q, half(5)) == (4, -1, 2)
    assert y == old["f"](7, 3, 2.5)[1]
    assert as_in_python_2("def f(x):\n    return x // 2\n") == ""


def test_a_fraction_in_the_place_of_a_size_is_told_from_other_errors():
    assert wanted("conv raised TypeError: 'float' object cannot be interpreted as an integer")
    assert wanted("f raised TypeError: slice indices must be integers or None or have an __index__ method")
    assert not wanted("f raised TypeError: unsupported operand type(s) for /: 'str' and 'int'")
