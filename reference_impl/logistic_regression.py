"""Logistic regression: a sigmoid neuron with the binary cross-entropy, for one example and for m of them.

    z = wᵀ x + b,    a = σ(z),    L = −y ln a − (1 − y) ln(1 − a)
    dz = a − y,    dw = dz x,    db = dz

One example: x, w: (n); b, y: scalar. m examples as columns: X: (n, m); Y: (1, m); w: (n, 1); b: scalar, and
the cost J is the mean of the losses, so that dw = 1/m X dZᵀ and db = 1/m Σ_s dZ_s. Sources: ng-1 to ng-8,
ng-27, ng-34, nndl-12.
"""

from __future__ import annotations

from types import MappingProxyType

from reference_impl.affine import neuron
from reference_impl.binary_cross_entropy import (
    sigmoid_binary_cross_entropy,
    sigmoid_binary_cross_entropy_cost,
)
from reference_impl.elementwise import sigmoid
from reference_impl.formula import Array, Formula, ids


def logistic_loss(x: Array, y: Array, w: Array, b: Array) -> Array:
    """The loss of one example.   x, w: (n); y, b, L: scalar. Sources: ng-1, ng-2."""
    return sigmoid_binary_cross_entropy(neuron(w, x, b), y)


def logistic_loss_vjp(
    delta: Array, x: Array, y: Array, w: Array, b: Array
) -> tuple[None, None, Array, Array]:
    """By w and b: dz x and dz with dz = (a − y) δ.   δ, y, b: scalar; x, w: (n).

    Sources: ng-4, ng-7, ng-8.
    """
    dz = (sigmoid(neuron(w, x, b)) - y) * delta
    return None, None, dz * x, dz


def logistic_cost(X: Array, Y: Array, w: Array, b: Array) -> Array:
    """J = 1/m Σ_s L_s.   X: (n, m); Y: (1, m); w: (n, 1); b, J: scalar. Sources: ng-1, ng-25, ng-27."""
    return sigmoid_binary_cross_entropy_cost(w.T @ X + b, Y)


def logistic_cost_vjp(
    delta: Array, X: Array, Y: Array, w: Array, b: Array
) -> tuple[None, None, Array, Array]:
    """By w and b: X dZᵀ δ / m and Σ_s dZ_s δ / m with dZ = A − Y.   X: (n, m); Y: (1, m); w: (n, 1).

    Source: ng-34.
    """
    m: int = X.shape[1]
    dZ = sigmoid(w.T @ X + b) - Y
    return None, None, X @ dZ.T * delta / m, dZ.sum() * delta / m


FORMULAS = (
    Formula(
        "logistic_loss",
        logistic_loss,
        logistic_loss_vjp,
        "(n),(),(n),()->()",
        ids("ng-1 ng-2 ng-3 ng-4 ng-5 ng-6 ng-7 ng-8 nndl-12"),
        MappingProxyType({"y": "binary"}),
        empty=("n",),
    ),
    Formula(
        "logistic_cost",
        logistic_cost,
        logistic_cost_vjp,
        "(n,m),(1,m),(n,1),()->()",
        ids("article-108 article-110 ng-16 ng-25 ng-27 ng-34"),
        MappingProxyType({"Y": "binary"}),
        convention="w is a column; the cost is the mean over the examples",
        empty=("n",),
    ),
)
