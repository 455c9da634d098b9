"""What a worker answers to honest code: values, state, crashes, and what a file defines."""

from __future__ import annotations

import gc
import os
from textwrap import dedent

import numpy as np
import pytest

from checkers.errors import InputError
from checkers.isolation import (
    Call,
    Construct,
    Crash,
    GetAttribute,
    Handle,
    Limits,
    Loaded,
    Method,
    Policy,
    Ref,
    Result,
    SetAttribute,
    Worker,
)

HOMEWORK = '''
"""Homework 1."""
import numpy as np
from math import exp

RATE, NAME = 0.5, "two layers"
m = 4

def affine_forward(x, w, b=0.0, *rest, scale: float = 1.0, **options):
    """Computes x w + b."""
    out = x @ w * scale + b
    cache = (x, w, b, {"shape": x.shape, "call": affine_forward})
    return out, cache

def affine_backward(dout, cache):
    x, w, b, _ = cache
    dx = dout @ w.T
    dw = x.T @ dout
    dout *= 0
    return dx, dw, dout.sum(axis=0)

def unfinished(x):
    """To be done."""
    # TODO
    pass

def handed_out(x, w):
    out = None
    # START OF YOUR CODE
    pass
    # END OF YOUR CODE
    cache = (x, w)
    return out, cache

def zero_gradient(W):
    loss = 0.0
    dW = np.zeros(W.shape)
    return loss, dW

def not_implemented(x):
    raise NotImplementedError("write me")

def identity(x):
    return x

def constant(x):
    return np.ones(3)

def step_derivative(x):
    return np.zeros_like(x)

def dropout(x):
    return x * (np.random.rand(*x.shape) < 0.5)

def echo(*args, **kwargs):
    print("called with", len(args))
    return args, kwargs

def global_mean(x):
    return x.sum() / m

def masked(x):
    return np.ma.masked_less(x, 2.0)

def divide(x):
    y = x + 1
    return np.dot(y, np.ones(7))

class Layer:
    """A layer."""
    def __init__(self, n):
        self.W = np.eye(n)
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dout):
        self.grads["W"] = self.x.T @ dout
        return dout @ self.W.T

class Small(Layer):
    def forward(self, x):
        return -x
'''


@pytest.fixture(scope="module")
def worker():
    with Worker("homework.py", Limits(call_seconds=5), source=HOMEWORK) as started:
        assert isinstance(started.load(), Loaded)
        yield started


@pytest.fixture(scope="module")
def loaded(worker):
    with Worker("homework.py", source=HOMEWORK) as another:
        return another.load()


def value_of(answer: Result | Crash):
    assert isinstance(answer, Result), answer
    return answer.value


def load(source: str, policy: Policy | None = None, **more):
    with Worker("homework.py", Limits(load_seconds=5), policy, source=dedent(source), **more) as started:
        return started.load()


class TestListing:
    def test_functions_stand_in_the_order_of_the_file(self, loaded):
        names = [f.name for f in loaded.functions]
        assert names[:4] == ["affine_forward", "affine_backward", "unfinished", "handed_out"]
        assert "exp" not in names

    def test_a_function_tells_its_parameters_and_lines(self, loaded):
        forward = loaded.functions[0]
        assert [(p.name, p.kind, p.has_default, p.default_repr) for p in forward.parameters] == [
            ("x", "positional", False, ""),
            ("w", "positional", False, ""),
            ("b", "positional", True, "0.0"),
            ("rest", "variadic", False, ""),
            ("scale", "keyword only", True, "1.0"),
            ("options", "keywords", False, ""),
        ]
        assert (forward.line, forward.end_line) == (9, 13)
        assert (forward.doc, forward.returns, forward.file) == (
            "Computes x w + b.",
            ("out, cache",),
            "homework.py",
        )

    def test_unfinished_functions_are_told_from_finished_ones(self, loaded):
        stubs = {f.name for f in loaded.functions if f.is_stub}
        assert stubs == {"unfinished", "handed_out", "zero_gradient", "not_implemented"}

    def test_classes_list_their_methods(self, loaded):
        layer, small = loaded.classes
        assert [m.qualname for m in layer.methods] == ["Layer.__init__", "Layer.forward", "Layer.backward"]
        assert small.bases == ("Layer",)
        assert [m.qualname for m in small.methods] == ["Layer.__init__", "Layer.backward", "Small.forward"]
        assert (layer.doc, layer.line) == ("A layer.", small.line - 14)
        assert not any(m.is_stub for m in layer.methods)

    def test_constants_and_imports(self, loaded):
        assert loaded.constants == {"RATE": 0.5, "NAME": "two layers", "m": 4}
        assert [(i.name, i.line, i.status) for i in loaded.imports] == [
            ("numpy", 3, "plain"),
            ("math", 4, "plain"),
        ]


class TestValues:
    @pytest.mark.parametrize(
        "value",
        [
            None,
            True,
            7,
            -0.0,
            float("inf"),
            "text",
            1 + 2j,
            (1, [2.5, None], {"a": (), 3: "b"}),
            np.float32(1.5),
            np.int64(3),
            np.arange(6).reshape(2, 3),
            np.zeros((0, 4)),
            np.array(2.5),
            np.array([1, 2], dtype=">f8"),
            np.asfortranarray(np.arange(6.0).reshape(2, 3)),
            np.arange(12.0)[::3],
            np.array([True, False]),
            np.array([1.5], dtype=np.float16),
            np.array([1 + 1j]),
            np.array([1.1], dtype=np.longdouble),
        ],
        ids=repr,
    )
    def test_a_value_comes_back_as_it_went(self, worker, value):
        (back,), _ = value_of(worker.call("echo", (value,)))
        assert type(back) is type(value)
        np.testing.assert_equal(back, value)
        if isinstance(value, np.ndarray):
            assert back.dtype == value.dtype.newbyteorder("=")
            assert back.flags.writeable
            assert back.flags.owndata

    def test_nan_comes_back(self, worker):
        (back,), _ = value_of(worker.call("echo", (float("nan"),)))
        assert np.isnan(back)

    def test_what_is_no_tree_stays_in_the_worker(self, worker):
        out, cache = value_of(worker.call("affine_forward", (np.eye(2), np.ones((2, 3)))))
        assert out.tolist() == np.ones((2, 3)).tolist()
        handle = cache[3]["call"]
        assert isinstance(handle, Handle)
        assert handle.type_name == "function"
        assert value_of(worker.call(handle, (np.eye(2), np.eye(2))))[0].tolist() == np.eye(2).tolist()

    def test_masked_entries_are_no_numbers(self, worker):
        answer = worker.call("masked", (np.array([1.0, 2.0]),))
        np.testing.assert_equal(answer.value, [np.nan, 2.0])
        assert answer.types == {(): "MaskedArray"}

    @pytest.mark.parametrize("value", [object(), lambda: 0, np.array([None]), {frozenset(): 1}])
    def test_what_does_not_cross_is_said(self, worker, value):
        with pytest.raises(InputError, match="cannot be sent"):
            worker.call("echo", (value,))
        assert worker.alive

    def test_output_belongs_to_its_call(self, worker):
        assert worker.call("echo", (1, 2)).output == "called with 2\n"
        assert worker.call("identity", (1,)).output == ""


class TestCalls:
    def test_inputs_that_change_are_named(self, worker):
        cache = (np.ones((2, 3)), np.ones((3, 4)), 0.0, None)
        answer = worker.call("affine_backward", (np.ones((2, 4)), cache))
        assert answer.inputs_changed == ((0,),)
        assert worker.call("identity", (np.ones(2),)).inputs_changed == ()

    def test_results_that_share_memory_with_inputs_are_named(self, worker):
        assert worker.call("identity", ([np.ones(2)],)).aliased == (((0,), (0, 0)),)
        assert worker.call("identity", (), {"x": np.ones(2)}).aliased == (((), ("x",)),)
        assert worker.call("constant", (np.ones(2),)).aliased == ()

    def test_a_seed_repeats_the_draw(self, worker):
        x = np.ones(64)
        first, second = (value_of(worker.call("dropout", (x,), seed=3)) for _ in range(2))
        other = value_of(worker.call("dropout", (x,), seed=4))
        assert first.tolist() == second.tolist() != other.tolist()

    def test_global_names_can_be_read_and_written(self, worker):
        assert value_of(worker.get_global("m")) == 4
        worker.set_global("m", 2)
        assert value_of(worker.call("global_mean", (np.ones(4),))) == 2.0
        worker.set_global("m", 4)

    def test_an_object_keeps_its_state(self, worker):
        layer = value_of(worker.construct("Layer", (2,)))
        assert isinstance(layer, Handle)
        assert layer.type_name == "Layer"
        worker.set_attribute(layer, "W", np.array([[0.0, 1.0], [1.0, 0.0]]))
        x = np.array([[1.0, 2.0]])
        assert value_of(worker.call_method(layer, "forward", (x,))).tolist() == [[2.0, 1.0]]
        worker.call_method(layer, "backward", (np.ones((1, 2)),))
        assert value_of(worker.get_attribute(layer, "grads"))["W"].tolist() == [[1.0, 1.0], [2.0, 2.0]]
        worker.set_attribute(layer, "grads", 5.0, key="b")
        assert value_of(worker.get_attribute(layer, "grads"))["b"] == 5.0

    def test_a_program_refers_to_its_own_results(self, worker):
        program = [
            Call((np.eye(2), np.ones((2, 3))), target="affine_forward", send=(0,)),
            Call((np.ones((2, 3)), Ref(0, (1,))), target="affine_backward"),
            Construct((3,), name="Layer"),
            SetAttribute(Ref(2), "W", np.full((3, 1), 2.0)),
            Method((Ref(0, (0,)),), object=Ref(2), name="forward"),
            GetAttribute(Ref(2), "x", send=False),
        ]
        forward, backward, layer, _, product, nothing = map(value_of, worker.run(program))
        assert forward.tolist() == np.ones((2, 3)).tolist()
        assert backward[0].tolist() == np.full((2, 2), 3.0).tolist()
        assert isinstance(layer, Handle)
        assert product.tolist() == [[6.0], [6.0]]
        assert nothing is None

    def test_a_cache_that_a_reference_names_is_watched(self, worker):
        x = np.ones((2, 2))
        program = [Call((x,), target="identity"), Call((Ref(0), (x, x, 0, 0)), target="affine_backward")]
        assert worker.run(program)[1].inputs_changed == ((0,),)

    def test_a_step_that_crashes_takes_those_that_need_it_along(self, worker):
        program = [
            Call((np.ones(3),), target="divide"),
            Call((Ref(0),), target="identity"),
            Call((1.5,), target="identity"),
        ]
        crashed, dependent, free = worker.run(program)
        assert (crashed.kind, dependent.kind, free.value) == ("crashed", "refused", 1.5)
        assert "step 0" in dependent.sentence

    def test_a_kept_value_is_a_handle_to_all_of_it(self, worker):
        answer = worker.call("affine_forward", (np.eye(2), np.eye(2)), send=(0,), keep=True)
        assert answer.value.tolist() == np.eye(2).tolist()
        assert value_of(worker.call("identity", (answer.handle,), send=(1, 3, "shape"))) == (2, 2)

    def test_an_object_is_let_go_with_its_handle(self, worker):
        worker.call("constant", (1,))
        numbers = [value_of(worker.construct("Layer", (2,))).number]
        gc.collect()
        stale = Handle(numbers[0], "Layer", "", 1)
        answer = worker.call_method(stale, "forward", (np.eye(2),))
        assert answer.kind == "refused"

    def test_a_crash_shows_the_students_lines_only(self, worker):
        crash = worker.call("divide", (np.ones(3),))
        assert crash.kind == "crashed"
        assert crash.sentence.startswith("divide raised ValueError: shapes (3,) and (7,) not aligned")
        line = HOMEWORK.splitlines().index("    return np.dot(y, np.ones(7))") + 1
        assert crash.line == line
        assert crash.traceback.splitlines()[:3] == [
            "Traceback (most recent call last):",
            f'  File "homework.py", line {line}, in divide',
            "    return np.dot(y, np.ones(7))",
        ]

    def test_a_name_that_is_missing_is_said(self, worker):
        assert worker.call("sofmax", (1,)).error == "KeyError"


class TestEnds:
    def test_a_worker_that_has_died_says_why_until_it_is_started_again(self):
        source = (
            "import os\nstate = [1]\ndef f(x):\n    os._exit(3)\n"
            "def g(x):\n    state.append(x)\n    return len(state)"
        )
        with Worker("homework.py", source=source) as worker:
            worker.load()
            handle = worker.get_global("g").value
            crash = worker.call("f", (1,))
            assert (crash.kind, worker.alive) == ("exited", False)
            assert "exit code 3" in crash.sentence
            assert worker.call("g", (1,)) == crash
            assert isinstance(worker.restart(), Loaded)
            assert value_of(worker.call("g", (1,))) == 2
            with pytest.raises(InputError, match="earlier start"):
                worker.call(handle, (1,))

    def test_a_call_that_takes_too_long_leaves_the_worker_alive(self):
        source = "def f(n):\n    while n: pass\n    return n"
        with Worker("homework.py", Limits(call_seconds=0.2), source=source) as worker:
            worker.load()
            crash = worker.call("f", (1,))
            assert (crash.kind, crash.line) == ("timed out", 2)
            assert value_of(worker.call("f", (0,))) == 0

    def test_the_total_time_is_limited(self):
        source = "def f(n):\n    while n: pass"
        with Worker("homework.py", Limits(call_seconds=0.3, total_seconds=0.8), source=source) as worker:
            worker.load()
            crashes = [worker.call("f", (1,)) for _ in range(4)]
        assert {crash.kind for crash in crashes} == {"timed out"}
        assert "used up its 0.8 s" in crashes[-1].sentence

    def test_processor_time_is_limited(self):
        source = (
            "def f(n):\n    try:\n        while n: pass\n    except BaseException:\n        while n: pass"
        )
        limits = Limits(call_seconds=20, cpu_seconds=1)
        with Worker("homework.py", limits, source=source) as worker:
            worker.load()
            crash = worker.call("f", (1,))
        assert crash.kind == "timed out"
        assert "processor time" in crash.sentence

    def test_outside_of_with_nothing_runs(self):
        worker = Worker("homework.py", source="x = 1")
        assert isinstance(worker.load(), Crash)
        assert not worker.alive

    def test_closing_leaves_nothing_and_can_be_done_twice(self, nothing_left):
        with Worker("homework.py", source="def f(x):\n    return x") as worker:
            worker.load()
            assert nothing_left() != []
            worker.close()
        assert nothing_left() == []

    @pytest.mark.parametrize(
        "given",
        [
            {"call_seconds": 0},
            {"memory_mib": 1},
            {"processes": -1},
            {"open_files": "many"},
            {"total_seconds": float("inf")},
            {"load_seconds": float("nan")},
            {"memory_mib": 768.5},
        ],
    )
    def test_limits_under_which_nothing_runs_are_refused(self, given):
        with pytest.raises(InputError, match=next(iter(given))):
            Limits(**given)

    def test_a_submission_that_has_used_up_its_time_is_not_started_again(self, nothing_left):
        source = "def f():\n    while True: pass"
        with Worker("homework.py", Limits(call_seconds=0.3, total_seconds=0.5), source=source) as worker:
            worker.load()
            while worker.alive:
                worker.call("f")
            assert "used up" in worker.restart().sentence
            assert nothing_left() == []

    def test_a_pipe_is_no_file(self, tmp_path):
        os.mkfifo(tmp_path / "hw.py")
        with pytest.raises(InputError, match="it is no file"):
            Worker(tmp_path / "hw.py")

    def test_a_file_that_is_missing_is_said(self, tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            Worker(tmp_path / "none.py")


class TestFiles:
    def test_a_module_beside_the_file_is_imported_if_the_folder_is_given(self, tmp_path):
        (tmp_path / "layers.py").write_text(
            "def relu(x):\n    return x * (x > 0)\ndef bad(x):\n    return x[9]\n"
        )
        (tmp_path / "hw.py").write_text("from layers import relu, bad\ndef f(x):\n    return bad(x)\n")
        with Worker(tmp_path / "hw.py", folder=tmp_path) as worker:
            loaded = worker.load()
            assert {(f.name, f.file) for f in loaded.functions} == {
                ("f", "hw.py"), ("relu", "layers.py"), ("bad", "layers.py")
            }  # fmt: skip
            assert value_of(worker.call("relu", (np.array([-1.0, 2.0]),))).tolist() == [0.0, 2.0]
            assert '"layers.py", line 4' in worker.call("f", (np.ones(2),)).traceback
        with Worker(tmp_path / "hw.py") as worker:
            crash = worker.load()
            assert (crash.error, crash.missing) == ("ModuleNotFoundError", "layers")

    def test_a_neighbour_s_file_cannot_be_read(self, tmp_path):
        for name in ("ann", "bob"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "hw.py").write_text(f"x = open({str(tmp_path / 'ann' / 'hw.py')!r}).read()")
        with Worker(tmp_path / "bob" / "hw.py", folder=tmp_path / "bob") as worker:
            if not any(p.name in ("file system", "own file tree") and p.in_force for p in worker.protections):
                pytest.skip("neither Landlock nor a file tree of its own is available here")
            assert worker.load().error in ("PermissionError", "FileNotFoundError")
        with Worker(tmp_path / "ann" / "hw.py", folder=tmp_path / "ann") as worker:
            assert isinstance(worker.load(), Loaded)

    def test_a_file_that_has_the_name_of_a_library_does_not_take_its_place(self):
        for name in ("random.py", "numpy.py", "my homework (final).py"):
            with Worker(name, source="import random, numpy as np\nx = random.Random(0).random()") as worker:
                assert isinstance(worker.load(), Loaded)

    def test_what_the_file_replaces_is_said(self):
        source = (
            "import numpy as np\nnp.bool = bool\nnp.allclose = None\n"
            "np.sum._implementation.__code__ = (lambda *a, **k: 0).__code__\n"
            "def f():\n    np.exp = np.log\n    return 1\ndef g(): return 2"
        )
        with Worker("homework.py", source=source) as worker:
            assert set(worker.load().replaced) >= {"numpy.allclose", "numpy.sum"}
            assert "numpy.bool" not in worker.load().replaced
            assert "numpy.exp" not in worker.call("g").replaced
            assert "numpy.exp" in worker.call("f").replaced
        assert load("import numpy as np\nx = np.exp(1)").replaced == ()

    def test_a_main_block_does_not_run(self):
        loaded = load("if __name__ == '__main__':\n    raise SystemExit\nx = 1")
        assert loaded.constants == {"x": 1}

    def test_labels_name_the_cell_of_a_notebook(self):
        labels = [("hw.ipynb, cell 1", 1), ("hw.ipynb, cell 2", 1), ("hw.ipynb, cell 2", 2)]
        source = "import math\ndef f(x):\n    return x[3]"
        with Worker("hw.ipynb", source=source, labels=labels) as worker:
            worker.load()
            crash = worker.call("f", ((1,),))
        assert 'File "hw.ipynb, cell 2", line 2, in f\n    return x[3]' in crash.traceback
        assert crash.line == 3

    def test_a_stub_stands_in_for_a_helper_of_the_course(self, tmp_path):
        stubs = {"course.part.helpers": "def twice(x):\n    return 2 * x\n"}
        source = "from course.part.helpers import twice\ndef f(x):\n    return twice(x)\n"
        with Worker("hw.py", policy=Policy(stubs=stubs), source=source) as worker:
            worker.load()
            assert value_of(worker.call("f", (2.0,))) == 4.0
        (tmp_path / "course" / "part").mkdir(parents=True)
        (tmp_path / "course" / "part" / "helpers.py").write_text("def twice(x):\n    return -x\n")
        with Worker(tmp_path / "hw.py", policy=Policy(stubs=stubs), folder=tmp_path, source=source) as worker:
            worker.load()
            assert value_of(worker.call("f", (2.0,))) == -2.0

    def test_a_plotting_library_is_replaced(self):
        loaded = load(
            """
            import matplotlib.pyplot as plt
            from matplotlib import cm
            from tqdm import tqdm
            fig, axes = plt.subplots(2, 2)
            with plt.style.context("ggplot"):
                axes[0].plot([1, 2]); plt.rcParams["x"] = 3
            done = len([k for k in tqdm([1, 2, 3])])
            """
        )
        assert loaded.constants["done"] == 3
        assert [i.status for i in loaded.imports] == ["inert"] * 3

    def test_a_moot_import_is_reported_and_refused_where_the_policy_says_so(self):
        source = "try:\n    import autograd.numpy as np\nexcept ImportError:\n    found = False\n"
        assert [(i.name, i.status) for i in load(source).imports] == [("autograd.numpy", "moot")]
        crash = load(source, Policy(refused=frozenset({"autograd"})))
        assert (crash.kind, crash.line) == ("refused", 2)
        assert "does not allow" in crash.sentence
        hidden = "try:\n    __import__('auto' + 'grad')\nexcept ImportError:\n    found = False\n"
        assert [(i.name, i.source) for i in load(hidden).imports] == [("autograd", "run")]

    def test_a_package_that_differentiates_cannot_be_had_without_naming_it(self):
        sly = "import sys\nsys.meta_path[:] = sys.meta_path[1:]\n{}\ngrad = __import__('ja' + 'x').grad"
        crash = load(sly.format("# import jax"))
        assert crash.kind == "crashed"
        if crash.error not in ("ModuleNotFoundError", "PermissionError"):
            pytest.skip("the files of packages cannot be hidden here")
        loaded = load(sly.format("'import jax'"))
        assert isinstance(loaded, Crash) or ("jax", "moot") in [(i.name, i.status) for i in loaded.imports]

    def test_a_failing_statement_is_passed_over_if_the_policy_says_so(self):
        source = """
            from __future__ import annotations
            import numpy as np
            data = np.load("missing.npy")
            def f(x: Undefined):
                return 2 * x
            while True:
                pass
            def g(x):
                return x[0]
            print(g([]))
            """
        stopped = load(source)
        assert (stopped.kind, stopped.error) == ("crashed", "FileNotFoundError")
        loaded = load(source, Policy(keep_going=True))
        assert [f.name for f in loaded.functions] == ["f", "g"]
        assert [c.kind for c in loaded.failures] == ["crashed", "timed out", "crashed"]
        assert [c.line for c in loaded.failures[::2]] == [4, 10]

    def test_python_2_is_recognised(self):
        crash = load("import numpy as np\ndef f(x):\n    print 'loss', x\n    return x\n")
        assert crash.python2
        assert "Python 2 (the print statement in line 3)" in crash.sentence
        names = "def f(x):\n    return [i for i in xrange(len(x))]\n"
        loaded = load(names)
        assert (loaded.python2, loaded.python2_signs) == (True, ((2, "xrange"),))
        with Worker("hw.py", policy=Policy(python2_names=True), source=names) as worker:
            worker.load()
            assert value_of(worker.call("f", ((5, 6),))) == [0, 1]

    @pytest.mark.parametrize(
        "source",
        ["def f(x:\n    return x\n", "print('loss', x\n", "x = 1 +\n", "for k in range(3)\n    print(k)\n"],
    )
    def test_a_mistake_in_the_grammar_is_not_python_2(self, source):
        crash = load(source)
        assert not crash.python2
        assert "no valid Python" in crash.sentence
        assert 'File "homework.py"' in crash.traceback

    def test_modern_code_is_not_python_2(self):
        source = "try:\n    xrange\nexcept NameError:\n    xrange = range\nfrom functools import reduce\n"
        assert not load(source).python2

    def test_old_files_are_not_all_in_utf_8(self, tmp_path):
        (tmp_path / "hw.py").write_bytes(b"name = 'M\xfcller'\r\nx = 1\r\n")
        with Worker(tmp_path / "hw.py") as worker:
            assert worker.load().constants == {"name": "Müller", "x": 1}
