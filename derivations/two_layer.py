"""The network with one hidden layer, entry by entry, for one example and as a mean over m examples.

    z1_p = Σ_q W1_pq x_q + b1_p,    z2_i = Σ_p W2_ip g(z1_p) + b2_i

Sources: ng-9, ng-26, ng-27, cs182-35, cs182-37.
"""

from __future__ import annotations

import sympy as sp

from derivations.binary_cross_entropy import loss_of_one_output
from derivations.definition import Definition, mean
from derivations.elementwise import ACTIVATIONS, sigmoid
from derivations.notation import Index, Tensor, dimensions, total
from derivations.softmax import softmax_entry

_n0, _n1, _n2, _m = dimensions("n0 n1 n2 m")
_q, _p, _i = Index("q", _n0), Index("p", _n1), Index("i", _n2)
_ONE = sp.S.One


def softmax_loss(
    x: Tensor, y: Tensor, parameters: tuple[Tensor, Tensor, Tensor, Tensor], *example: Index
) -> sp.Expr:
    """−Σ_i y_i ln softmax(z2)_i with sigmoid hidden units; ``example``: the column, if there are several."""
    W1, b1, W2, b2 = parameters

    def z2(i: Index) -> sp.Expr:
        z1 = total(W1[_p, _q] * x[(_q, *example)], _q) + b1[_p]
        return total(W2[i, _p] * sigmoid(z1), _p) + b2[i]

    return -total(y[(_i, *example)] * sp.log(softmax_entry(z2, _i)), _i)


def _softmax() -> Definition:
    x, y = Tensor("x", _n0), Tensor("y", _n2)
    parameters = (Tensor("W1", _n1, _n0), Tensor("b1", _n1), Tensor("W2", _n2, _n1), Tensor("b2", _n2))
    return Definition("two_layer_softmax", (x, y, *parameters), (), softmax_loss(x, y, parameters))


def _one_example(hidden: str) -> Definition:
    g = ACTIVATIONS[hidden]
    x, y = Tensor("x", _n0), Tensor("y", _n2)
    W1, b1, W2, b2 = Tensor("W1", _n1, _n0), Tensor("b1", _n1), Tensor("W2", _n2, _n1), Tensor("b2", _n2)
    z1 = total(W1[_p, _q] * x[_q], _q) + b1[_p]
    z2 = total(W2[_i, _p] * g(z1), _p) + b2[_i]
    loss = total(loss_of_one_output(sigmoid(z2), y[_i]), _i)
    return Definition(f"two_layer_{hidden}", (x, y, W1, b1, W2, b2), (), loss)


def _batch(hidden: str) -> Definition:
    g = ACTIVATIONS[hidden]
    s = Index("s", _m)
    X, Y = Tensor("X", _n0, _m), Tensor("Y", _n2, _m)
    W1, b1 = Tensor("W1", _n1, _n0), Tensor("b1", _n1, 1)
    W2, b2 = Tensor("W2", _n2, _n1), Tensor("b2", _n2, 1)
    z1 = total(W1[_p, _q] * X[_q, s], _q) + b1[_p, _ONE]
    z2 = total(W2[_i, _p] * g(z1), _p) + b2[_i, _ONE]
    loss = total(loss_of_one_output(sigmoid(z2), Y[_i, s]), _i)
    return Definition(f"two_layer_batch_{hidden}", (X, Y, W1, b1, W2, b2), (), mean(loss, s))


DEFINITIONS = (_one_example("tanh"), _one_example("relu"), _softmax(), _batch("tanh"), _batch("sigmoid"))
