"""The categorical cross-entropy, entry by entry, by the outputs and through a softmax; its activation error.

Sources: nndl-14, cs182-35, article-139 to article-142, article-219.
"""

from __future__ import annotations

import sympy as sp

from derivations.definition import Definition, mean
from derivations.kernel.derivative import derivative
from derivations.notation import Index, Tensor, dimensions, total
from derivations.softmax import softmax_entry

_n, _m = dimensions("n m")
_k, _s = Index("k", _n), Index("s", _m)


def _by_outputs() -> Definition:
    y_hat, y = Tensor("y_hat", _n), Tensor("y", _n)
    return Definition("categorical_cross_entropy", (y_hat, y), (), -total(y[_k] * sp.log(y_hat[_k]), _k))


def _cost() -> Definition:
    Y_hat, Y = Tensor("Y_hat", _n, _m), Tensor("Y", _n, _m)
    loss = -total(Y[_k, _s] * sp.log(Y_hat[_k, _s]), _k)
    return Definition("categorical_cross_entropy_cost", (Y_hat, Y), (), mean(loss, _s))


def _of_softmax() -> Definition:
    z, y = Tensor("z", _n), Tensor("y", _n)
    y_hat = softmax_entry(lambda k: z[k], _k)
    return Definition("softmax_cross_entropy", (z, y), (), -total(y[_k] * sp.log(y_hat), _k))


def _cost_of_softmax() -> Definition:
    Z, Y = Tensor("Z", _n, _m), Tensor("Y", _n, _m)
    y_hat = softmax_entry(lambda k: Z[k, _s], _k)
    loss = -total(Y[_k, _s] * sp.log(y_hat), _k)
    return Definition("softmax_cross_entropy_cost", (Z, Y), (), mean(loss, _s))


def _activation_error() -> Definition:
    """−Σ_k y_k/ŷ_k · (∂ŷ_k/∂z_i) / (∂ŷ_i/∂z_i), as article-219 states it, for three classes."""
    i, k = Index("i", 3), Index("k", 3)
    z, y = Tensor("z", 3), Tensor("y", 3)
    of_i, of_k = softmax_entry(lambda j: z[j], i), softmax_entry(lambda j: z[j], k)
    along_z = derivative(of_k, z[i]) / derivative(of_i, z[i])
    return Definition("softmax_activation_error", (z, y), (i,), -total(y[k] / of_k * along_z, k))


DEFINITIONS = (_by_outputs(), _cost(), _of_softmax(), _cost_of_softmax(), _activation_error())
