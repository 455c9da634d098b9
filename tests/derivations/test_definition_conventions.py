"""The constants of the sources' conventions, by values worked out by hand: 2, 1/2, 1/m and λ/2."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from explicit_shapes import DIGITS, TINY, expanded, value
from sympy import Rational, log, sympify

from derivations import definitions


def at(name, *arrays, **where):
    """The value of one entry of a definition's output for arrays of whole numbers or fractions."""
    definition = definitions()[name]
    arrays = [np.asarray(array, dtype=object) for array in arrays]
    values, sizes = {}, {}
    for tensor, array in zip(definition.arguments, arrays, strict=True):
        sizes.update(zip(tensor.dimensions, array.shape, strict=True))
        for position in np.ndindex(array.shape):
            values["_".join((tensor.name, *(str(p + 1) for p in position)))] = mpmath.mpf(array[position])
    return value(expanded(definition.entry, sizes, **where), lambda symbol: values[symbol.name])


@pytest.fixture(autouse=True)
def fifty_digits():
    with mpmath.workdps(DIGITS):
        yield


A, ZERO = [[1, 2], [3, 4]], [[0, 0], [0, 0]]
HALVES = [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize(
    ("name", "arrays", "where", "expected"),
    [
        ("squared_error_of_one_neuron", (3, 1), {}, 4),
        ("squared_error", ([3, 1], [1, 2]), {}, 5),
        ("half_squared_error", ([3, 1], [1, 2]), {}, Rational(5, 2)),
        ("mean_squared_error", (A, ZERO), {}, 15),
        ("half_mean_squared_error", (A, ZERO), {}, Rational(15, 2)),
        ("half_squared_errors", (A, ZERO), {"s": 2}, 10),
        ("half_squared_error_of_sigmoid", ([0, 0], [1, 1]), {}, Rational(1, 4)),
        ("binary_cross_entropy_of_one_output", (0.25, 1), {}, log(4)),
        ("binary_cross_entropy_of_one_output", (0.25, 0), {}, log(Rational(4, 3))),
        ("binary_cross_entropy_cost", (HALVES, A), {}, 2 * log(2)),
        ("sigmoid_binary_cross_entropy_cost", (ZERO, A), {}, 2 * log(2)),
        ("categorical_cross_entropy", ([0.25, 0.75], [1, 0]), {}, log(4)),
        ("categorical_cross_entropy_cost", (HALVES, [[1, 0], [0, 1]]), {}, log(2)),
        ("softmax_cross_entropy_cost", (ZERO, [[1, 0], [0, 1]]), {}, log(2)),
        ("softmax_activation_error", ([0, 0, 0], [1, 0, 0]), {"i": 1}, -3),
        ("softmax_activation_error", ([0, 0, 0], [1, 0, 0]), {"i": 2}, Rational(3, 2)),
        ("squared_norm", (A, [[5, 6]]), {}, 91),
        ("l2_penalty", (3, A, [7, 7], [[5, 6]], [7]), {}, Rational(273, 2)),
        ("gradient_descent_step", ([5, 7], [2, 3], 10), {"i": 2}, -23),
        ("weight_decay_step", ([[5]], [[2]], 10, 3), {"i": 1, "j": 1}, -165),
        ("last_neuron_cost", (0, 5, 0, 1), {}, Rational(1, 4)),
        ("layer_cost", ([[0], [0]], [5], [0, 0], [1, 1]), {}, Rational(1, 2)),
        ("logistic_cost", ([[1, 2]], [[1, 0]], [[0]], 0), {}, log(2)),
        ("feed_forward_1_softmax", ([[1, 2]], [[1, 0], [0, 1]], [[0], [0]], [[0], [0]]), {}, log(2)),
        ("leaky_relu", ([-2], 3), {"i": 1}, -6),
        ("binary_step", ([0],), {"i": 1}, 0),
        ("error_recursion_relu", ([[2, 3]], [-1, 5], [7]), {"i": 1}, 22),
    ],
)
def test_value_is_the_one_worked_out_by_hand(name, arrays, where, expected):
    assert abs(at(name, *arrays, **where) - value(sympify(expected), None)) < TINY
