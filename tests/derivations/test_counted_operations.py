"""The counts of the complexity theorems: against multiplications that are really done, and really counted."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from derivations.kernel.concrete import Explicit
from derivations.kernel.formula import Array, formula, hadamard
from derivations.kernel.functions import exp
from derivations.notation import dimensions
from derivations.theorems.complexity import multiplications, numbers

m, n, k = dimensions("m n k")
SIZES = {m: 4, n: 3, k: 5}
W, V = Array("W", m, n), Array("V", n, k)
u, v = Array("u", m), Array("v", n)


class Counting(float):
    """A number that counts how often it is multiplied."""

    done = 0

    def __mul__(self, other):
        Counting.done += 1
        return Counting(float(self) * float(other))

    def __add__(self, other):
        return Counting(float(self) + float(other))


def array(*shape):
    flat = [Counting(1 + place) for place in range(int(np.prod(shape)))]
    return np.array(flat, dtype=object).reshape(shape)


def value(count):
    return int(Explicit(SIZES).entry(count, 1, 1, {}))


@pytest.mark.parametrize(
    ("written", "done"),
    [
        (W * v, lambda: array(4, 3) @ array(3, 1)),
        (W * v + u, lambda: array(4, 3) @ array(3, 1) + array(4, 1)),
        (W.T * u, lambda: array(4, 3).T @ array(4, 1)),
        (u * v.T, lambda: array(4, 1) @ array(3, 1).T),
        (W * V, lambda: array(4, 3) @ array(3, 5)),
        (W * V * V.T, lambda: array(4, 3) @ array(3, 5) @ array(3, 5).T),
        (hadamard(W.T * u, v, v), lambda: (array(4, 3).T @ array(4, 1)) * array(3, 1) * array(3, 1)),
        (W + W, lambda: array(4, 3) + array(4, 3)),
    ],
)
def test_count_is_the_number_of_multiplications_done(written, done):
    Counting.done = 0
    done()
    assert value(multiplications(written)) == Counting.done


def test_numbers_of_an_array():
    assert value(numbers(m, n, k)) == 60
    assert value(numbers(m, sp.S.One)) == 4


@pytest.mark.parametrize("unknown", [exp(u), formula(2) * u])
def test_what_is_not_counted_is_refused(unknown):
    with pytest.raises(TypeError, match="not counted here"):
        multiplications(unknown)
