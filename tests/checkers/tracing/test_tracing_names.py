"""Names in the user's modules are replaced while a trace runs, wherever the code finds them, and restored."""

from __future__ import annotations

import functools
import math
import sys
import threading
from math import exp as exponential
from types import ModuleType

import numpy as np
import numpy.linalg as la
import pytest
from numpy import array, float32, ones
from numpy import random as npr

from checkers.tracing import swapping, trace

X = np.array([0.5, 1.5, -2.0])
WEIGHTS = np.array([1.0, 2.0, 3.0])
TABLE = {"exp": np.exp, "sqrt": math.sqrt, "weights": [np.ones(3), 2.0]}


def uses_everything(x):
    total = np.sum(x * WEIGHTS) + math.exp(x[0]) + exponential(x[1]) + float(x[2]) + la.norm(x)
    rows = array([x[0], ones(2)[0], TABLE["sqrt"](x[1])]) * float32(2) + TABLE["weights"][0]
    return total * rows + npr.RandomState(0).normal(size=3)


def snapshot():
    module = sys.modules[__name__]
    return {**module.__dict__}, {**TABLE}, [*TABLE["weights"]]


def assert_same(before, after):
    for old, new in zip(before, after, strict=True):
        if isinstance(old, dict):
            assert old.keys() == new.keys()
            assert all(old[key] is new[key] for key in old)
        else:
            assert all(a is b for a, b in zip(old, new, strict=True))


def test_names_are_restored_after_success(agrees):
    before = snapshot()
    agrees(uses_everything, [lambda rng: rng.uniform(0.5, 1.5, 3)])
    assert_same(before, snapshot())
    assert "float" not in globals()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_names_are_restored_after_failure(error):
    before = snapshot()

    def fails(x):
        assert type(np) is not ModuleType
        assert "float" in globals()
        raise error(uses_everything(x).shape)

    with pytest.raises(error):
        trace(fails, [np.abs(X)])
    assert_same(before, snapshot())


def test_names_are_restored_if_an_interrupt_comes_while_they_are(monkeypatch):
    before = snapshot()
    original, calls = swapping._restore_entry, []

    def interrupted(*args):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        original(*args)

    monkeypatch.setattr(swapping, "_restore_entry", interrupted)
    with pytest.raises(KeyboardInterrupt):
        trace(uses_everything, [np.abs(X)])
    assert_same(before, snapshot())


def test_what_the_code_binds_itself_stays():
    module = ModuleType("student")
    exec(
        "import numpy as np\nlast = None\ndef f(x):\n    global last, np\n    last = x * 2\n    return last",
        module.__dict__,
    )
    trace(module.f, [X])
    assert type(module.last) is np.ndarray
    np.testing.assert_array_equal(module.last, X * 2)
    assert module.np is np


def make_module(name, source, **names):
    module = ModuleType(name)
    module.__dict__.update(names)
    exec(compile(source, f"<{name}>", "exec"), module.__dict__)
    return module


HELPERS = make_module(
    "helpers",
    """
import math
import numpy as np
from numpy import zeros

def curve(v):
    out = zeros(3)
    out[0] = math.sin(v[0])
    return out + np.array([v[1], v[2], 0])

class Layer:
    def __init__(self, w):
        self.w = w

    def __call__(self, v):
        out = np.zeros(3)
        out[:] = v * self.w
        return out

    @staticmethod
    def twice(v):
        return np.array([v[0] * 2, 0, 0])

    @classmethod
    def made(cls, v):
        return cls(np.array([v[0], v[1], 1.0]))

    @property
    def size(self):
        return math.exp(self.w[0])
""",
)
curve = HELPERS.curve
Layer = HELPERS.Layer
layer = Layer(np.array([1.0, 2.0, 3.0]))


class Child(Layer):
    """Inherits from a class of another module."""


def by_module(x):
    return HELPERS.curve(x) + HELPERS.Layer.twice(x)


def by_name(x):
    return curve(x) + Layer.made(x)(x) * Layer(x).size


def by_instance(x):
    return layer(x) + Child(x)(x)


def by_table(x):
    return REGISTRY["curve"](x) + LIST[0](x)


REGISTRY = {"curve": HELPERS.curve}
LIST = [HELPERS.Layer.twice]


def by_closure():
    inner, power = HELPERS.curve, math.pow

    def closed(x):
        return inner(x) * power(x[0], 2)

    return closed


def by_defaults(x, function=HELPERS.curve, root=math.sqrt, *, other=math.exp):
    return function(x) * root(x[0]) + other(x[1])


def decorated(function):
    @functools.wraps(function)
    def call(*args):
        return function(*args)

    return call


@decorated
def by_decorator(x):
    return np.array([math.exp(x[0]), x[1], x[2]])


@pytest.mark.parametrize(
    "function",
    [
        by_module,
        by_name,
        by_instance,
        by_table,
        by_closure(),
        by_defaults,
        by_decorator,
        functools.partial(by_defaults, root=math.tan),
        functools.partial(lambda f, x: f(x), HELPERS.curve),
        layer,
        layer.__call__,
        HELPERS.Layer.twice,
        lambda x: getattr(np, "array")([x[0], 1.0]) + getattr(np.linalg, "norm")(x),  # noqa: B009
        lambda x: (lambda np: np.array([x[0], x[1]]))(np),
    ],
)
def test_helpers_are_found_wherever_they_are(function, agrees):
    inside = (HELPERS.__dict__.copy(), vars(Layer).copy(), by_defaults.__defaults__, layer.w)
    agrees(function, [lambda rng: rng.uniform(0.5, 1.5, 3)])
    for name, value in inside[0].items():
        assert HELPERS.__dict__[name] is value
    assert "float" not in HELPERS.__dict__
    for name, value in inside[1].items():
        assert vars(Layer)[name] is value
    assert by_defaults.__defaults__ is inside[2]
    assert layer.w is inside[3]


def test_modules_of_others_are_left_alone():
    import statistics

    seen = {}

    def looks(x):
        seen["math"] = statistics.math if hasattr(statistics, "math") else math
        seen["numpy"] = sys.modules["numpy"]
        return x

    trace(looks, [X])
    assert type(seen["numpy"]) is ModuleType
    assert seen["numpy"].zeros(2).sum() == 0


def test_stand_ins_look_like_their_originals():
    def looks(x):
        first = x[0]
        assert isinstance(x, np.ndarray)
        assert isinstance(first, float)
        assert isinstance(first, np.floating)
        assert isinstance(first, np.float64)
        assert not isinstance(x, (list, float))
        assert type(x) is np.ndarray
        assert type(first) is np.float64
        assert type(float(first)) is float
        assert isinstance(3.0, float)
        assert not isinstance(3, float)
        assert issubclass(type(first), np.floating)
        assert issubclass(bool, int)
        assert x.dtype == float
        assert x.dtype == np.float64
        assert np.issubdtype(x.dtype, np.floating)
        assert np.dtype(float) == np.float64
        assert np.zeros(2, dtype=float).dtype == np.zeros(2, np.float32).astype(np.float64).dtype
        assert np.finfo(float).eps == np.finfo(np.float64).eps == np.finfo(x.dtype).eps
        assert isinstance(np.exp, np.ufunc)
        assert np.exp.nin == 1
        assert np.exp in {np.exp: 1}
        assert np.sum.__name__ == "sum"
        assert np.random.default_rng(1).integers(5) < 5
        assert isinstance(np.random.default_rng(1), np.random.Generator)
        assert float("inf") > 0
        assert float("1.5") == 1.5
        assert type("T", (), {}).__name__ == "T"
        assert isinstance(int, type)
        assert np.pi == math.pi
        assert callable(np.zeros)
        return x

    looks(X.copy())
    trace(looks, [X])


def test_plain_python_use_of_constants_works():
    def uses(x):
        count = int(np.prod(x.shape))
        steps = list(range(np.prod((2, 2))))
        order = np.zeros(3, dtype=int)
        chosen = [10, 20, 30][np.argmax(np.array([0, 5, 1]))]
        text = f"{np.zeros(2)} {np.arange(3)[1]:d} {np.ones(1)[0]:.1f}"
        np.random.seed(1)  # noqa: NPY002
        noise = np.random.rand(*x.shape)  # noqa: NPY002
        noise[0] = x[0]
        noise *= x
        np.random.shuffle(order)  # noqa: NPY002
        assert (count, steps, chosen, text) == (3, [0, 1, 2, 3], 20, "[0. 0.] 1 1.0")
        return x[order] * noise + x.shape[0] * np.eye(3)[1]

    traced = trace(uses, [X])
    assert not traced.value_dependent
    np.testing.assert_array_equal(traced.primal[0], uses(X.copy()))


def test_other_threads_see_plain_numpy_meanwhile():
    results = []

    def slow(x):
        thread = threading.Thread(
            target=lambda: results.append((np.zeros(2), float(np.float64(1)), np.exp(0.0)))
        )
        thread.start()
        thread.join()
        return np.zeros(3) + x

    trace(slow, [X])
    zeros, number, one = results[0]
    assert type(zeros) is np.ndarray
    assert type(number) is float
    assert one == 1


def test_scipy_functions_are_followed(agrees):
    special = pytest.importorskip("scipy.special")
    module = make_module(
        "uses_scipy",
        """
import scipy.special
from scipy.special import expit, logsumexp, softmax as soft

def f(x):
    a = logsumexp(x, axis=1, keepdims=True) + soft(x, axis=1) + expit(x) + scipy.special.erf(x)
    return a + scipy.special.log_softmax(x) + scipy.special.xlogy(x, x) + scipy.special.gammaln(x)
""",
    )
    agrees(module.f, [lambda rng: rng.uniform(0.5, 1.5, (2, 3))])
    with pytest.raises(Exception, match="jv cannot be traced"):
        trace(lambda x: special.jv(1, x), [X])


def test_bare_functions_of_numpy_are_forwards(agrees):
    for function in (np.sort, np.tanh, np.linalg.norm, np.cumsum):
        agrees(function, [lambda rng: rng.uniform(0.5, 1.5, 3)])
