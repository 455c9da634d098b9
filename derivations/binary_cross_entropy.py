"""The binary cross-entropy, entry by entry: of one output, of several, through a sigmoid, and as a mean.

Sources: ng-2, ng-27, article-121, article-122, article-129, article-130.
"""

from __future__ import annotations

import sympy as sp

from derivations.definition import Definition, mean
from derivations.elementwise import sigmoid
from derivations.notation import Index, Tensor, dimensions, total

_n, _m = dimensions("n m")
_i, _s = Index("i", _n), Index("s", _m)


def loss_of_one_output(y_hat: sp.Expr, y: sp.Expr) -> sp.Expr:
    """−y ln ŷ − (1 − y) ln(1 − ŷ). Sources: ng-2, article-122."""
    return -y * sp.log(y_hat) - (1 - y) * sp.log(1 - y_hat)


def _of_one_output() -> Definition:
    y_hat, y = Tensor("y_hat"), Tensor("y")
    return Definition(
        "binary_cross_entropy_of_one_output", (y_hat, y), (), loss_of_one_output(y_hat[()], y[()])
    )


def _of_outputs() -> Definition:
    y_hat, y = Tensor("y_hat", _n), Tensor("y", _n)
    return Definition("binary_cross_entropy", (y_hat, y), (), total(loss_of_one_output(y_hat[_i], y[_i]), _i))


def _cost() -> Definition:
    Y_hat, Y = Tensor("Y_hat", _n, _m), Tensor("Y", _n, _m)
    loss = total(loss_of_one_output(Y_hat[_i, _s], Y[_i, _s]), _i)
    return Definition("binary_cross_entropy_cost", (Y_hat, Y), (), mean(loss, _s))


def _of_sigmoids() -> Definition:
    z, y = Tensor("z", _n), Tensor("y", _n)
    loss = total(loss_of_one_output(sigmoid(z[_i]), y[_i]), _i)
    return Definition("sigmoid_binary_cross_entropy", (z, y), (), loss)


def _cost_of_sigmoids() -> Definition:
    Z, Y = Tensor("Z", _n, _m), Tensor("Y", _n, _m)
    loss = total(loss_of_one_output(sigmoid(Z[_i, _s]), Y[_i, _s]), _i)
    return Definition("sigmoid_binary_cross_entropy_cost", (Z, Y), (), mean(loss, _s))


DEFINITIONS = (_of_one_output(), _of_outputs(), _cost(), _of_sigmoids(), _cost_of_sigmoids())
