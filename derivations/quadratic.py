"""The quadratic loss in the sources' conventions, entry by entry, of one example and as a mean.

Sources: calculus-1, calculus-14, calculus-20, article-111 to article-113, article-239.
"""

from __future__ import annotations

import sympy as sp

from derivations.definition import Definition, mean
from derivations.elementwise import ACTIVATIONS
from derivations.notation import Index, Tensor, dimensions, total

_n, _m = dimensions("n m")
_j, _s = Index("j", _n), Index("s", _m)
_HALF = sp.Rational(1, 2)


def _squared_error_of_one_neuron() -> Definition:
    a, y = Tensor("a"), Tensor("y")
    return Definition("squared_error_of_one_neuron", (a, y), (), (a[()] - y[()]) ** 2)


def _squared_error() -> Definition:
    a, y = Tensor("a", _n), Tensor("y", _n)
    return Definition("squared_error", (a, y), (), total((a[_j] - y[_j]) ** 2, _j))


def _mean_squared_error() -> Definition:
    A, Y = Tensor("A", _n, _m), Tensor("Y", _n, _m)
    return Definition("mean_squared_error", (A, Y), (), mean(total((A[_j, _s] - Y[_j, _s]) ** 2, _j), _s))


def _half_squared_error() -> Definition:
    y_hat, y = Tensor("y_hat", _n), Tensor("y", _n)
    return Definition("half_squared_error", (y_hat, y), (), _HALF * total((y[_j] - y_hat[_j]) ** 2, _j))


def _half_squared_errors() -> Definition:
    Y_hat, Y = Tensor("Y_hat", _n, _m), Tensor("Y", _n, _m)
    loss = _HALF * total((Y[_j, _s] - Y_hat[_j, _s]) ** 2, _j)
    return Definition("half_squared_errors", (Y_hat, Y), (_s,), loss)


def _half_mean_squared_error() -> Definition:
    Y_hat, Y = Tensor("Y_hat", _n, _m), Tensor("Y", _n, _m)
    loss = _HALF * total((Y[_j, _s] - Y_hat[_j, _s]) ** 2, _j)
    return Definition("half_mean_squared_error", (Y_hat, Y), (), mean(loss, _s))


def _half_squared_error_of(activation: str) -> Definition:
    z, y = Tensor("z", _n), Tensor("y", _n)
    loss = _HALF * total((y[_j] - ACTIVATIONS[activation](z[_j])) ** 2, _j)
    return Definition(f"half_squared_error_of_{activation}", (z, y), (), loss)


DEFINITIONS = (
    _squared_error_of_one_neuron(),
    _squared_error(),
    _mean_squared_error(),
    _half_squared_error(),
    _half_squared_errors(),
    _half_mean_squared_error(),
    _half_squared_error_of("linear"),
    _half_squared_error_of("sigmoid"),
    _half_squared_error_of("tanh"),
)
