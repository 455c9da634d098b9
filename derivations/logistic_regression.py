"""Logistic regression: −y ln σ(z) − (1 − y) ln(1 − σ(z)) with z = Σ_k w_k x_k + b, and its mean.

Sources: ng-1, ng-2, ng-27.
"""

from __future__ import annotations

import sympy as sp

from derivations.binary_cross_entropy import loss_of_one_output
from derivations.definition import Definition, mean
from derivations.elementwise import sigmoid
from derivations.notation import Index, Tensor, dimensions, total

_n, _m = dimensions("n m")
_ONE = sp.S.One


def _logistic_loss() -> Definition:
    k = Index("k", _n)
    x, y, w, b = Tensor("x", _n), Tensor("y"), Tensor("w", _n), Tensor("b")
    a = sigmoid(total(w[k] * x[k], k) + b[()])
    return Definition("logistic_loss", (x, y, w, b), (), loss_of_one_output(a, y[()]))


def _logistic_cost() -> Definition:
    k, s = Index("k", _n), Index("s", _m)
    X, Y, w, b = Tensor("X", _n, _m), Tensor("Y", 1, _m), Tensor("w", _n, 1), Tensor("b")
    a = sigmoid(total(w[k, _ONE] * X[k, s], k) + b[()])
    return Definition("logistic_cost", (X, Y, w, b), (), mean(loss_of_one_output(a, Y[_ONE, s]), s))


DEFINITIONS = (_logistic_loss(), _logistic_cost())
