"""The network with one hidden layer and its six equations, for one example and vectorised over m.

    z1 = W1 x + b1,    a1 = g(z1),    z2 = W2 a1 + b2,    a2 = σ(z2)
    L = −Σ_i [y_i ln a2_i + (1 − y_i) ln(1 − a2_i)]

    dz2 = a2 − y,    dW2 = dz2 a1ᵀ,    db2 = dz2,    dz1 = (W2ᵀ dz2) ⊙ g'(z1),    dW1 = dz1 xᵀ,    db1 = dz1

x: (n0); y, b2: (n2); W1: (n1, n0); b1: (n1); W2: (n2, n1). Of m examples as columns, X: (n0, m), Y: (n2, m),
b1: (n1, 1), b2: (n2, 1), the cost is the mean; dW and db then have the factor 1/m, and dZ, the derivatives of
the single losses, have not. With a softmax for the last σ and the categorical cross-entropy again dz2 = a2 −
y. Sources: ng-9 to ng-34, cs182-34, cs182-37.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from reference_impl.affine import affine, affine_batch
from reference_impl.binary_cross_entropy import (
    sigmoid_binary_cross_entropy,
    sigmoid_binary_cross_entropy_cost,
)
from reference_impl.categorical_cross_entropy import softmax_cross_entropy
from reference_impl.elementwise import ACTIVATIONS, sigmoid
from reference_impl.formula import Array, Formula, ids
from reference_impl.softmax import softmax

Gradients: TypeAlias = tuple[None, None, Array, Array, Array, Array]
"""None for the input, None for the labels, then dW1, db1, dW2, db2."""


def propagate(
    x: Array, W1: Array, b1: Array, W2: Array, b2: Array, hidden: str
) -> tuple[Array, Array, Array]:
    """z1, a1 and z2 of one example.   x: (n0); the parameters as above; g by its name. Source: ng-9."""
    z1 = affine(W1, x, b1)
    a1 = ACTIVATIONS[hidden].function(z1)
    return z1, a1, affine(W2, a1, b2)


def six_equations(
    dz2: Array, x: Array, z1: Array, a1: Array, W2: Array, hidden: str
) -> tuple[Array, Array, Array, Array]:
    """dW1, db1, dW2, db2 of one example from dz2.   dz2: (n2); x: (n0); z1, a1: (n1); W2: (n2, n1).

    Source: ng-24.
    """
    dW2 = np.outer(dz2, a1)
    db2 = dz2
    dz1 = (W2.T @ dz2) * ACTIVATIONS[hidden].derivative(z1)
    dW1 = np.outer(dz1, x)
    db1 = dz1
    return dW1, db1, dW2, db2


def softmax_loss(x: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Array:
    """Loss of one example, sigmoid hidden units and softmax outputs.   x: (n0); y: (n2).

    Sources: cs182-35, -37.
    """
    _, _, z2 = propagate(x, W1, b1, W2, b2, "sigmoid")
    return softmax_cross_entropy(z2, y)


def softmax_loss_vjp(
    delta: Array, x: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array
) -> Gradients:
    """The six equations from dz2 = (p − y) δ, for labels that sum to one.   δ: scalar. Source: cs182-37."""
    z1, a1, z2 = propagate(x, W1, b1, W2, b2, "sigmoid")
    return None, None, *six_equations((softmax(z2) - y) * delta, x, z1, a1, W2, "sigmoid")


def _sigmoid_output(hidden: str, sources: str) -> Formula:
    """One example, hidden activation by name, sigmoid outputs with the binary cross-entropy."""

    def forward(x: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Array:
        _, _, z2 = propagate(x, W1, b1, W2, b2, hidden)
        return sigmoid_binary_cross_entropy(z2, y)

    def vjp(delta: Array, x: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Gradients:
        z1, a1, z2 = propagate(x, W1, b1, W2, b2, hidden)
        return None, None, *six_equations((sigmoid(z2) - y) * delta, x, z1, a1, W2, hidden)

    return Formula(
        f"two_layer_{hidden}",
        forward,
        vjp,
        "(n0),(n2),(n1,n0),(n1),(n2,n1),(n2)->()",
        ids(sources),
        MappingProxyType({"y": "binary"}),
        empty=("n0", "n1", "n2"),
    )


def _batch(hidden: str, sources: str) -> Formula:
    """The mean loss of m examples, vectorised; hidden activation by name, sigmoid outputs."""
    g, slope = ACTIVATIONS[hidden]

    def forward(X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Array:
        A1 = g(affine_batch(W1, X, b1))
        return sigmoid_binary_cross_entropy_cost(affine_batch(W2, A1, b2), Y)

    def vjp(delta: Array, X: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Gradients:
        m: int = X.shape[1]
        Z1 = affine_batch(W1, X, b1)
        A1 = g(Z1)
        dZ2 = sigmoid(affine_batch(W2, A1, b2)) - Y
        dW2 = dZ2 @ A1.T / m
        db2 = dZ2.sum(axis=1, keepdims=True) / m
        dZ1 = (W2.T @ dZ2) * slope(Z1)
        dW1 = dZ1 @ X.T / m
        db1 = dZ1.sum(axis=1, keepdims=True) / m
        return None, None, dW1 * delta, db1 * delta, dW2 * delta, db2 * delta

    return Formula(
        f"two_layer_batch_{hidden}",
        forward,
        vjp,
        "(n0,m),(n2,m),(n1,n0),(n1,1),(n2,n1),(n2,1)->()",
        ids(sources),
        MappingProxyType({"Y": "binary"}),
        convention="the factor 1/m stands in dW and db, not in dZ",
        empty=("n0", "n1", "n2"),
    )


FORMULAS = (
    _sigmoid_output(
        "tanh",
        "ng-9 ng-10 ng-11 ng-12 ng-13 ng-14 ng-15 ng-16 ng-17 ng-18 ng-20 ng-21 ng-22 ng-23 ng-24",
    ),
    _sigmoid_output("relu", "ng-9 ng-18 ng-19 ng-24"),
    Formula(
        "two_layer_softmax",
        softmax_loss,
        softmax_loss_vjp,
        "(n0),(n2),(n1,n0),(n1),(n2,n1),(n2)->()",
        ids("cs182-8 cs182-9 cs182-31 cs182-34 cs182-37"),
        MappingProxyType({"y": "one_hot"}),
        empty=("n0", "n1"),
    ),
    _batch("tanh", "ng-25 ng-26 ng-27 ng-28 ng-30 ng-31 ng-32 ng-33 ng-34"),
    _batch("sigmoid", "ng-26 ng-27 ng-30 ng-31 ng-33 ng-34"),
)
