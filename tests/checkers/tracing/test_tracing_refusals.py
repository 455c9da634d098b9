"""What cannot be traced is refused, with operation and line; a derivative is never lost in silence."""
# ruff: noqa: ARG005 (the code under test takes its argument whether it needs it or not)

from __future__ import annotations

import array
import ast
import copy
import json
import math
import operator
import pickle
import statistics
import struct
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from checkers.errors import TraceError
from checkers.tracing import trace

POINT = [0.5, 1.25, -0.75]

# Each would turn a traced number into a plain one; the second column is what the sentence must name.
REFUSED = {
    "object array": (lambda x: np.asarray(x, dtype=object).sum(), "np.asarray .* dtype object"),
    "astype object": (lambda x: x.astype(object).sum(), "astype .* dtype object"),
    "float of an f-string": (lambda x: float(f"{x[0]:.17g}"), r"float\(\) of text"),
    "float of str": (lambda x: float(str(x[0])), r"float\(\) of text"),
    "float of repr": (lambda x: float(repr(x[0].item())), r"float\(\) of text"),
    "float of %": (lambda x: float("%.17g" % x[0]), r"float\(\) of text"),  # noqa: UP031
    "float of format": (lambda x: float("{:.17g}".format(x[0])), r"float\(\) of text"),  # noqa: UP032
    "float64 of text": (lambda x: np.float64(str(x[0])), r"float64\(\) of text"),
    "array of text": (lambda x: np.array([str(v) for v in x], dtype=float), "np.array of text"),
    "array of text, cast": (lambda x: np.array([str(v) for v in x]).astype(float), "np.array of text"),
    "fromstring": (lambda x: np.fromstring(" ".join(map(str, x)), sep=" "), r"fromstring\(\) of text"),
    "eval": (lambda x: eval(repr(x[0].item())), r"eval\(\) of text"),
    "literal_eval": (lambda x: ast.literal_eval(repr(x[0].item())), r"literal_eval\(\) of text"),
    "json": (lambda x: json.loads(json.dumps([str(v) for v in x])), r"loads\(\) of text"),
    "json of numbers": (lambda x: json.dumps(x.tolist()), "library code"),
    "decimal": (lambda x: float(Decimal(x[0].item())), "library code|Decimal"),
    "decimal of text": (lambda x: float(Decimal(str(x[0]))), r"float\(\) of text"),
    "fraction": (lambda x: float(Fraction(x[0].item())), "as_integer_ratio"),
    "statistics": (lambda x: statistics.fmean(x), "Python number"),
    "struct": (lambda x: struct.unpack("d", struct.pack("d", x[0]))[0], "Python number"),
    "array.array": (lambda x: array.array("d", list(x))[0], "Python number"),
    "complex": (lambda x: complex(x[0]).real, "complex number"),
    "complex array": (lambda x: (x + 0j).real, "np.add .* dtype complex128"),
    "complex dtype": (lambda x: x.astype(np.complex128).real, "astype .* dtype complex128"),
    "fft": (lambda x: np.fft.rfft(x).real, "np.fft.rfft .* dtype complex128"),
    "long double": (lambda x: x.astype(np.longdouble), "astype .* dtype"),
    "pickle": (lambda x: pickle.loads(pickle.dumps(x)), "pickling"),
    "bytes": (lambda x: np.frombuffer(x.tobytes()), "tobytes"),
    "memoryview": (lambda x: np.frombuffer(memoryview(x)), "library code"),
    "hex": (lambda x: float.fromhex(x[0].hex()), "hex"),
    "ratio": (lambda x: operator.truediv(*x[0].as_integer_ratio()), "as_integer_ratio"),
    "view as integers": (lambda x: x.view(np.int64).view(np.float64), "view of float64 as int64"),
    "math of a local import": (lambda x: __import__("math").exp(x[0]), "Python number"),
    "array of a local import": (lambda x: __import__("numpy").array([x[0], x[1]]), "plain NumPy array"),
    "write into a hidden array": (lambda x: HIDDEN[0].__setitem__(0, x[0]), "Python number"),
    "sample at a traced mean": (lambda x: np.random.default_rng(0).normal(x[0]), "normal"),
    "key of a dict": (lambda x: {x[0]: 1}[x[0]] * x, "key"),
    "cached function": (lambda x: cached_square(x[0]), "key"),
    "masked array": (lambda x: np.ma.masked_less(x, 0).sum(), "masked_less"),
    "matrix": (lambda x: np.matrix(x).T, "matrix"),
    "frompyfunc": (lambda x: np.frompyfunc(lambda v: v * v, 1, 1)(x), "vectorized"),
    "spacing": (lambda x: np.spacing(x), "np.spacing .* no rule"),
    "frexp": (lambda x: np.frexp(x)[0], "np.frexp .* no rule"),
    "unwrap": (lambda x: np.unwrap(x), "np.unwrap .* no rule"),
    "polyfit": (lambda x: np.polyfit([1.0, 2.0, 3.0], x, 1), "np.polyfit .* no rule"),
    "histogram": (lambda x: np.histogram(x)[1], "np.histogram .* no rule"),
    "save": (lambda x: np.save("/dev/null", x), "np.save .* what it writes"),
    "where without out": (lambda x: np.exp(x, where=np.array([True, False, True])), "np.exp .* where="),
    "nested results": (lambda x: (x, (x,)), "returned value of type tuple"),
    "a dict of results": (lambda x: {"a": x}, "returned value of type dict"),
    "text as result": (lambda x: "a", "returned value of type str"),
    "trace in a trace": (lambda x: trace(np.exp, [np.ones(2)]).primal[0] * x, "inside of traced code"),
}

HIDDEN = (np.zeros(3),)


@lru_cache
def cached_square(v):
    return v * v


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_operation_and_line(name):
    function, operation = REFUSED[name]
    with pytest.raises(TraceError, match=f"(?s){operation}") as caught:
        trace(function, [np.array(POINT)])
    if not name.endswith(("results", "result")):  # these have no line of their own
        line = function.__code__.co_firstlineno
        assert caught.value.location == f"{__file__}:{line}"
        assert f"{Path(__file__).name}, line {line}" in str(caught.value)
    assert str(caught.value).endswith(".")


# Ways to lose a derivative that are followed instead.
FOLLOWED = {
    "float": lambda x: float(x[0]) * 2 + float(x[1]) ** 2,
    "item": lambda x: x[0].item() * x.item(1) * x[2:].item(),
    "tolist": lambda x: np.array(x.tolist()) * 2,
    "sum of tolist": lambda x: sum(v * v for v in x.tolist()),
    "list of floats": lambda x: np.array([float(v) for v in x]),
    "map of floats": lambda x: np.array(list(map(float, x))),
    "math": lambda x: math.exp(x[0]) + math.log(x[1]) + math.sqrt(x[1]) + math.pow(x[1], 2) + math.fabs(x[2]),
    "more math": lambda x: math.hypot(x[0], x[1]) + math.tanh(x[2]) + math.log(x[1], 2) + math.erf(x[0]),
    "math of many": lambda x: math.fsum(x) + math.prod([x[0], 2.0]) + math.dist([x[0]], [x[1]]),
    "math by names": lambda x: math.atan2(x[0], x[1]) + math.log2(x[1]) + math.cos(x[0]) + math.lgamma(x[1]),
    "float64": lambda x: np.float64(x[0]) * 2 + np.double(x[1]),
    "float64 of a list": lambda x: np.float64([x[0], x[1]]),
    "round": lambda x: round(x[0], 2) + round(x[1].item(), 3) + x[2],
    "int": lambda x: int(x[0] * 10) * x + round(x[1]) * x + np.int64(x[1] * 3) * x,
    "bool": lambda x: bool(x[0] > 0) * x,
    "floor": lambda x: math.floor(x[0]) * x + math.ceil(x[1]) * x + math.trunc(x[1]) * x,
    "is_integer": lambda x: (1 + x[0].is_integer()) * x,
    "copies": lambda x: copy.deepcopy(x) * copy.copy(x) + copy.deepcopy({"a": [x]})["a"][0],
    "vectorize of math": lambda x: np.vectorize(math.exp)(x),
    "vectorize before": lambda x: VECTORIZED(x),
    "map of math": lambda x: np.array(list(map(math.tanh, x))),
    "sorted": lambda x: np.array(sorted(x)) + max(x) * min(x) + max(x, key=float),
    "text for people": lambda x: (repr(x), f"{x} {x[0]:.2f}", "%s %d %f" % (x, 3, x[0]), x * 2)[-1],  # noqa: UP031
    "text, then infinity": lambda x: (str(x), np.minimum(x, float("inf")) * 2)[-1],
    "text, then words": lambda x: (str(x), np.array(["a", "b"]), x * 2)[-1],
    "eval of a formula": lambda x: eval("x * 2"),
    "fromiter": lambda x: np.fromiter((v * v for v in x), float),
    "local import": lambda x: (lambda n: n.exp(x) + n.ones(3))(__import__("numpy")),
    "assertions": lambda x: (np.testing.assert_allclose(x, x), x * 2)[-1],
    "divide where": lambda x: np.divide(1.0, x - x[0], out=np.zeros(3), where=np.array([False, True, True])),
    "set in an array": lambda x: GLOBAL.__setitem__(slice(None), x) or GLOBAL * 2,
    "out of an array": lambda x: np.multiply(np.add(GLOBAL, x, out=GLOBAL), 2) + GLOBAL,
}

VECTORIZED = np.vectorize(math.sinh)
GLOBAL = np.zeros(3)


@pytest.mark.parametrize("name", FOLLOWED)
def test_followed_where_python_would_lose_it(name, agrees):
    def fresh(x):
        GLOBAL[:] = 0
        return FOLLOWED[name](x)

    agrees(fresh, [lambda rng: np.array(POINT) + rng.uniform(0, 0.1)])


def test_global_array_holds_what_a_plain_call_leaves():
    GLOBAL[:] = 0
    trace(FOLLOWED["out of an array"], [np.array(POINT)])
    assert type(GLOBAL) is np.ndarray
    np.testing.assert_array_equal(GLOBAL, POINT)


def test_hidden_name_of_a_written_array_is_not_read_in_silence():
    def through_a_hidden_name(x):
        np.add(HIDDEN[0], x, out=HIDDEN[0])
        doubled = [item * 2 for item in HIDDEN]
        return doubled[0]

    def through_the_same_name(x):
        hidden = HIDDEN[0]
        hidden += x
        return hidden * 2

    HIDDEN[0][:] = 0
    with pytest.raises(TraceError, match="made outside of the function") as caught:
        trace(through_a_hidden_name, [np.array(POINT)])
    assert caught.value.location.endswith(f":{through_a_hidden_name.__code__.co_firstlineno + 1}")
    HIDDEN[0][:] = 0
    traced = trace(through_the_same_name, [np.array(POINT)])
    np.testing.assert_array_equal(traced.primal[0], np.array(POINT) * 2)
    np.testing.assert_array_equal(HIDDEN[0], POINT)


def test_refusal_that_the_code_swallows_is_raised_at_the_end():
    def swallows(x):
        try:
            return __import__("math").exp(x[0])
        except Exception:
            return 1.0

    with pytest.raises(TraceError, match="Python number"):
        trace(swallows, [np.array(POINT)])


class CourseError(Exception):
    pass


def raises_its_own(x):
    if x.sum() > 0:
        raise CourseError("mine")
    return x


@pytest.mark.parametrize(
    ("function", "error", "sentence"),
    [
        (raises_its_own, CourseError, "^mine$"),
        (lambda x: x + np.ones(4), ValueError, "could not be broadcast together"),
        (lambda x: np.add(x, np.ones(4), out=np.zeros(3)), ValueError, "could not be broadcast together"),
        (lambda x: x.reshape(2, 2), ValueError, "cannot reshape array of size 3"),
        (lambda x: x[5], IndexError, "out of bounds"),
        (lambda x: operator.setitem(x[0], 0, 1), TypeError, "does not support item assignment"),
        (lambda x: x["a"], IndexError, "only integers"),
        (lambda x: x @ np.ones(2), ValueError, "matmul"),
        (lambda x: np.linalg.inv(np.outer(x, 0 * x)), np.linalg.LinAlgError, "Singular"),
        (lambda x: bool(x), ValueError, "ambiguous"),
        (lambda x: int(x), TypeError, "only .* can be converted to Python scalars"),
        (lambda x: hash(x), TypeError, "unhashable type: 'numpy.ndarray'"),
        (lambda x: x.foo, AttributeError, "ndarray' object has no attribute 'foo'"),
        (lambda x: np.foo(x), AttributeError, "has no attribute 'foo'"),
        (lambda x: math.sqrt(x[2]), ValueError, "domain|nonnegative"),
        (lambda x: float(x[0]) / 0.0, ZeroDivisionError, "division"),
        (lambda x: np.put(x, [7], 1.0), IndexError, "out of bounds"),
        (lambda x: undefined_name, NameError, "undefined_name"),  # noqa: F821
        (lambda x: {}["missing"], KeyError, "missing"),
        (lambda x: x + "text", TypeError, "did not contain a loop"),
        (lambda x: x + None, TypeError, "unsupported operand"),
    ],
)
def test_exceptions_of_the_code_pass_through(function, error, sentence):
    with pytest.raises(error, match=sentence) as caught:
        trace(function, [np.array(POINT)])
    with pytest.raises(error, match=sentence) as plain:
        function(np.array(POINT))
    assert type(caught.value) is type(plain.value)
    assert str(caught.value) == str(plain.value)


def test_warnings_are_those_of_numpy():
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        traced = trace(lambda x: np.log(x * 0), [np.array(POINT)])
    assert np.isinf(traced.primal[0]).all()


def test_errstate_holds_in_the_trace(agrees):
    def guarded(x):
        with np.errstate(divide="ignore"):
            return np.where(x > 9, np.log(x * 0), x)

    agrees(guarded, [(3,)], slopes=False)


@pytest.mark.parametrize("argument", [np.array([1j]), np.array([None]), np.array(["a"]), np.zeros(2, "g")])
def test_argument_that_is_no_real_array_is_refused(argument):
    with pytest.raises(TraceError, match=r"an argument cannot be traced .* dtype"):
        trace(lambda x: x, [argument])
