"""What ``trace`` returns, when the trace holds at other points too, and what it leaves behind."""
# ruff: noqa: ARG005 (the code under test takes its argument whether it needs it or not)

from __future__ import annotations

import gc
import math
import subprocess
import sys
import weakref

import jax
import numpy as np
import pytest
from jax.extend.core import jaxpr_as_fun

import checkers.tracing
from checkers.tracing import Trace, trace

X = np.array([0.5, 1.5, -2.0])


def evaluate(traced, *arguments):
    with jax.enable_x64(True):
        return [np.asarray(out) for out in jaxpr_as_fun(traced.jaxpr)(*arguments)]


def test_public_names():
    assert checkers.tracing.__all__ == ["Trace", "trace"]


@pytest.mark.parametrize(
    ("function", "positions", "single", "count"),
    [
        (lambda x: x * 2, (0,), True, 1),
        (lambda x: (x * 2,), (0,), False, 1),
        (lambda x: [x, None, x * 2], (0, None, 1), False, 2),
        (lambda x: (None, x), (None, 0), False, 1),
        (lambda x: None, (None,), True, 0),
        (lambda x: (), (), False, 0),
        (lambda x: 3.0, (0,), True, 1),
        (lambda x: (x, x, 7, np.zeros(2), True), (0, 1, 2, 3, 4), False, 5),
    ],
)
def test_positions_say_where_each_result_is(function, positions, single, count):
    traced = trace(function, [X])
    assert (traced.positions, traced.single) == (positions, single)
    assert len(traced.primal) == len(traced.jaxpr.jaxpr.outvars) == count
    result = function(X)
    items = [item for item in ([result] if single else result) if item is not None]
    for out, primal, item in zip(evaluate(traced, X), traced.primal, items, strict=True):
        assert type(primal) is np.ndarray
        np.testing.assert_array_equal(primal, item)
        np.testing.assert_allclose(out, item)


def test_jaxpr_takes_the_arguments_one_by_one():
    traced = trace(lambda x, n, b: x * n + b, [X, np.array([1, 2, 3], np.int32), np.array(True)])
    assert [str(v.aval) for v in traced.jaxpr.jaxpr.invars] == ["float64[3]", "int32[3]", "bool[]"]
    assert [str(v.aval) for v in traced.jaxpr.jaxpr.outvars] == ["float64[3]"]
    assert isinstance(traced, Trace)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_dtype_of_the_code_is_kept(dtype):
    traced = trace(lambda x: np.exp(x) * 2.0 + x.mean() + np.float32(1), [X.astype(dtype)])
    expected = np.result_type(dtype, np.float32)
    assert traced.primal[0].dtype == expected
    assert traced.jaxpr.jaxpr.outvars[0].aval.dtype == expected
    np.testing.assert_allclose(evaluate(traced, X.astype(dtype))[0], traced.primal[0], rtol=1e-2)


@pytest.mark.parametrize("kind", [np.array, np.float64, float])
def test_scalar_arguments_keep_their_kind(kind):
    seen = []

    def function(x):
        seen.append(type(x))
        return x * 2

    traced = trace(function, [kind(1.5)])
    assert traced.primal[0].shape == ()
    assert evaluate(traced, 1.5)[0] == 3.0


def test_default_precision_of_jax_is_not_touched():
    before = jax.config.jax_enable_x64
    trace(lambda x: x, [X])
    assert jax.config.jax_enable_x64 == before


# value_dependent: (code, whether it holds at other points)
ANYWHERE = {
    "arithmetic": lambda x: np.exp(x).sum() / x.size,
    "shape": lambda x: x.reshape(len(x), -1) * np.prod(x.shape) if x.ndim == 1 else x,
    "where": lambda x: np.where(x > 0, x, -x),
    "a mask set to a number": lambda x: (lambda y: (y.__setitem__(y < 0, 0.0), y)[1])(x.copy()),
    "a mask set to a row": lambda x: (lambda y: (y.__setitem__(x > 0, x), y)[1])(np.outer(x, x)),
    "maximum": lambda x: np.maximum(x, 0) + np.clip(x, 0, 1) + abs(x),
    "any": lambda x: np.any(x > 0) * x,
    "argmax as index": lambda x: x[np.argmax(x)],
    "sort": lambda x: np.sort(x)[::-1] + x[np.argsort(x)],
    "iteration": lambda x: sum(v * v for v in x),
    "printing": lambda x: (f"{x[0]:.3f} {x} %d" % x[1], x)[1],
    "isinstance": lambda x: x if isinstance(x[0], float) and np.isscalar(x[0]) else 2 * x,
}
HERE = {
    "branch": lambda x: x if x[0] > 0 else -x,
    "and": lambda x: x * 2 if x[0] > 0 and x[1] > 0 else x,
    "assert": lambda x: (np.testing.assert_array_equal(x, x), x)[1],
    "int": lambda x: x * int(x[1]),
    "round": lambda x: x * round(x[1]),
    "range": lambda x: sum(x[k] for k in range(int(x[1]))),
    "reading a mask": lambda x: x[x > 0].sum(),
    "a mask set to values": lambda x: (lambda y: (y.__setitem__(y > 0, x[x > 0] ** 2), y)[1])(x.copy()),
    "nonzero": lambda x: x[np.nonzero(x > 0)],
    "unique": lambda x: np.unique(x),
    "builtin max": lambda x: max(x),
    "builtin sorted": lambda x: np.array(sorted(x)),
    "membership": lambda x: x * (0.5 in x),
    "size from a value": lambda x: np.zeros(int(x[1])) + x[0],
    "trim": lambda x: np.trim_zeros(x),
    "isclose": lambda x: np.isclose(x, 0.5) * x,
    "array_equal": lambda x: x if np.array_equal(x, x) else 0 * x,
    "while": lambda x: grown(x),
}


def grown(x):
    while x.sum() < 10:
        x = x * x + 1
    return x


@pytest.mark.parametrize("name", ANYWHERE)
def test_trace_that_holds_anywhere(name, agrees):
    assert not agrees(ANYWHERE[name], [(3,)], slopes=name != "any").value_dependent


@pytest.mark.parametrize("name", HERE)
def test_trace_that_holds_here_only(name, agrees):
    assert agrees(HERE[name], [lambda rng: X + rng.uniform(0.1, 0.2)]).value_dependent


@pytest.mark.parametrize(
    ("function", "is_here_only"),
    [
        (lambda x, n: x * n, False),
        (lambda x, n: x[n], False),
        (lambda x, n: x[: n + 1], True),
        (lambda x, n: np.repeat(x, n), True),
        (lambda x, n: x.reshape(n + 1, -1), True),
        (lambda x, n: np.zeros(n) + x[0], True),
        (lambda x, n: np.full((n, 2), x[0]), True),
        (lambda x, n: np.sum(np.outer(x, x), axis=n - 1), True),
        (lambda x, n: [1.0, 2.0, 3.0][n] * x, True),
        (lambda x, n: np.linalg.matrix_power(np.outer(x, x), n), True),
        (lambda x, n: np.eye(3)[n] * x, False),
        (lambda x, n: np.split(x, n)[0], True),
        (lambda x, n: x**n, False),
    ],
)
def test_integer_argument_that_decides_a_size(function, is_here_only, agrees):
    traced = agrees(
        function, [(4,) if "split" in function.__code__.co_names else (3,), lambda _: np.array(2)]
    )
    assert traced.value_dependent is is_here_only


def test_constant_is_held_once():
    weights = np.random.default_rng(0).normal(size=(3, 3))

    def repeated(x):
        for _ in range(5):
            x = np.tanh(weights @ x)
        return x

    def changed(x):
        y = weights @ x
        weights[0] = 7
        return y + weights @ x

    assert len(trace(repeated, [X]).jaxpr.consts) == 1
    expected = weights @ X
    traced = trace(changed, [X])
    np.testing.assert_allclose(evaluate(traced, X)[0], expected + weights @ X)


@pytest.mark.parametrize("function", [np.exp, np.linalg.norm, np.add.reduce, math.exp, np.float32])
def test_library_function_itself(function):
    argument = np.float64(0.5) if function is math.exp else X
    traced = trace(function, [argument])
    np.testing.assert_allclose(evaluate(traced, argument)[0], function(argument), rtol=1e-7)


def test_function_is_called_once():
    calls = []

    def counted(x):
        calls.append(None)
        return x * 2

    trace(counted, [X])
    assert len(calls) == 1


def test_nothing_is_kept_alive():
    kept = []

    class Cache:
        pass

    store = Cache()

    def function(x):
        big = np.ones(1000) * x[0]
        kept.append(weakref.ref(big._buffer))
        store.z = x * 2
        store.items = {"a": [x + 1], "b": (x, 3)}
        return big.sum()

    before = weakref.ref(function)
    trace(function, [X])
    gc.collect()
    assert kept[0]() is None
    assert type(store.z) is np.ndarray
    assert type(store.items["a"][0]) is np.ndarray
    assert type(store.items["b"][0]) is np.ndarray
    np.testing.assert_array_equal(store.items["a"][0], X + 1)
    function = store = None
    gc.collect()
    assert before() is None


def test_array_that_outlives_its_trace_is_plain_numpy():
    escaped = set()

    class Sink:
        __slots__ = ("array",)

    sink = Sink()

    def function(x):
        sink.array = x * 2
        escaped.add(id(sink.array))
        return sink.array.sum()

    trace(function, [X])
    assert isinstance(sink.array, np.ndarray)
    for result in (
        sink.array + 1,
        np.exp(sink.array),
        sink.array[:2] * 1,
        np.asarray(sink.array),
        sink.array.sum(axis=0, keepdims=True),
    ):
        assert type(result) is np.ndarray
    assert type(float(sink.array[0])) is float
    again = trace(lambda x: x + sink.array, [X])
    np.testing.assert_array_equal(evaluate(again, X)[0], X + X * 2)


def test_import_does_not_start_a_backend_of_jax():
    code = "import checkers.tracing, jax._src.xla_bridge as b; assert not b._backends"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_traces_in_several_threads_take_turns():
    import threading

    results = {}

    def work(k):
        results[k] = trace(lambda x: np.array([x[0] * k, float(x[1])]), [X]).primal[0]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k in range(8):
        np.testing.assert_array_equal(results[k], [X[0] * k, X[1]])
