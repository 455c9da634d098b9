"""One function traced once for every combination of shapes and dtypes."""

from __future__ import annotations

import numpy as np
import pytest

from checkers.errors import TraceError
from checkers.traced import Traced

X = np.array([1.0, -2.0])


def counted(function):
    calls = []

    def forward(*arguments):
        calls.append(1)
        return function(*arguments)

    return Traced(forward), calls


def test_same_shapes_and_dtypes_are_traced_once():
    traced, calls = counted(np.sin)
    assert traced.at([X]) is traced.at([2 * X])
    assert len(calls) == 1
    for other in (np.ones(3), np.ones((2, 1)), X.astype(np.float32), np.array([1, 2])):
        assert traced.at([other]) is not traced.at([X])


def test_trace_that_depends_on_values_is_made_anew():
    traced, calls = counted(lambda x: x**2 if x[0] > 0 else x)
    assert traced.at([X]) is not traced.at([X])
    assert len(calls) == 2


def test_refusal_is_remembered():
    traced, calls = counted(lambda x: np.frombuffer(x.tobytes()))
    for _ in range(2):
        with pytest.raises(TraceError):
            traced.at([X])
    assert len(calls) == 1


def test_exception_of_the_code_becomes_a_trace_error():
    with pytest.raises(TraceError, match="it raises ZeroDivisionError on traced arrays"):
        Traced(lambda x: x * (1 // 0)).at([X])


def test_values_are_those_of_the_code_and_the_arguments_are_safe():
    def forward(x):
        x *= 2
        return x, x.sum()

    x = X.copy()
    doubled, total = Traced(forward).values([x])
    np.testing.assert_array_equal(doubled, 2 * X)
    assert total == -2.0
    np.testing.assert_array_equal(x, X)
    assert len(Traced(np.sin).values([X])) == 1
