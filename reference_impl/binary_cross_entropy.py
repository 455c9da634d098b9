"""The binary cross-entropy of sigmoid outputs: one output, several labels, and the mean over a batch.

    L = −Σ_i [y_i ln ŷ_i + (1 − y_i) ln(1 − ŷ_i)],    ∂L/∂ŷ_i = −y_i/ŷ_i + (1 − y_i)/(1 − ŷ_i)

ŷ, y: (n), or (n, m) with examples as columns; a cost is the mean of the m losses. With ŷ = σ(z) the loss is
Σ_i [ln(1 + e^{z_i}) − y_i z_i], which overflows nowhere, and ∂L/∂z = ŷ − y. The labels y are constants: no
gradient. Sources: ng-2 to ng-4, ng-12, ng-13, ng-27 to ng-29, article-121 to article-130, article-195 to
article-203.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from reference_impl.elementwise import sigmoid
from reference_impl.formula import Array, Formula, ids


def binary_cross_entropy(y_hat: Array, y: Array) -> Array:
    """L = −Σ_i [y_i ln ŷ_i + (1 − y_i) ln(1 − ŷ_i)].   ŷ, y: (n), or two numbers; L: scalar.

    Sources: ng-2, article-122, article-130, article-195, article-199.
    """
    L: Array = -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat)).sum()
    return L


def output_gradient(y_hat: Array, y: Array) -> Array:
    """∂L/∂ŷ = −y/ŷ + (1 − y)/(1 − ŷ), entry by entry.   ŷ, y: any shape.

    Sources: ng-3, ng-13, article-196, -200.
    """
    return -y / y_hat + (1 - y) / (1 - y_hat)


def binary_cross_entropy_vjp(delta: Array, y_hat: Array, y: Array) -> tuple[Array, None]:
    """∂L/∂ŷ δ, and nothing for y.   δ: scalar; ŷ, y: (n), or two numbers.

    Sources: ng-3, article-196, article-200.
    """
    return output_gradient(y_hat, y) * delta, None


def binary_cross_entropy_cost(Y_hat: Array, Y: Array) -> Array:
    """J = 1/m Σ_s L_s.   Ŷ, Y: (n, m); J: scalar. Sources: ng-27, article-121, article-123, article-129."""
    m: int = Y.shape[1]
    return binary_cross_entropy(Y_hat, Y) / m


def binary_cross_entropy_cost_vjp(delta: Array, Y_hat: Array, Y: Array) -> tuple[Array, None]:
    """∂L/∂Ŷ δ / m.   δ: scalar; Ŷ, Y: (n, m). Sources: article-129, article-200, ng-27."""
    m: int = Y.shape[1]
    return output_gradient(Y_hat, Y) * delta / m, None


def sigmoid_binary_cross_entropy(z: Array, y: Array) -> Array:
    """The loss of ŷ = σ(z): L = Σ_i [ln(1 + e^{z_i}) − y_i z_i].   z, y: (n); L: scalar.

    Sources: ng-6, article-199.
    """
    L: Array = (np.logaddexp(0, z) - y * z).sum()
    return L


def sigmoid_binary_cross_entropy_vjp(delta: Array, z: Array, y: Array) -> tuple[Array, None]:
    """(σ(z) − y) δ.   δ: scalar; z, y: (n). Sources: ng-4, ng-12, article-198, article-202, article-203."""
    return (sigmoid(z) - y) * delta, None


def sigmoid_binary_cross_entropy_vjp_in_two_steps(delta: Array, z: Array, y: Array) -> tuple[Array, None]:
    """First da = −y/a + (1 − y)/(1 − a), then dz = da ⊙ a ⊙ (1 − a).   δ: scalar; z, y: (n).

    For 1 − a stands σ(−z), which does not cancel; for |z| above 700 one of the two is 0 and a quotient 0/0.
    Sources: ng-13, article-198.
    """
    a, rest = sigmoid(z), sigmoid(-z)
    da = (-y / a + (1 - y) / rest) * delta
    return da * a * rest, None


def sigmoid_binary_cross_entropy_cost(Z: Array, Y: Array) -> Array:
    """J = 1/m Σ_s L_s, the losses those of Ŷ = σ(Z).   Z, Y: (n, m); J: scalar.

    Sources: ng-27, article-129.
    """
    m: int = Y.shape[1]
    return sigmoid_binary_cross_entropy(Z, Y) / m


def sigmoid_binary_cross_entropy_cost_vjp(delta: Array, Z: Array, Y: Array) -> tuple[Array, None]:
    """(σ(Z) − Y) δ / m.   δ: scalar; Z, Y: (n, m). The lesson's dZ = A − Y is m times this.

    Sources: ng-28, ng-29.
    """
    m: int = Y.shape[1]
    return (sigmoid(Z) - Y) * delta / m, None


_BY_OUTPUT = MappingProxyType({"y_hat": "probability", "y": "binary"})
_BY_OUTPUTS = MappingProxyType({"Y_hat": "probability", "Y": "binary"})
_LABEL = MappingProxyType({"y": "binary"})
_LABELS = MappingProxyType({"Y": "binary"})
_SUMMED = "summed over the outputs of an example, averaged over the examples"

FORMULAS = (
    Formula(
        "binary_cross_entropy_of_one_output",
        binary_cross_entropy,
        binary_cross_entropy_vjp,
        "(),()->()",
        ids("ng-2 ng-3 article-122 article-195 article-196"),
        _BY_OUTPUT,
    ),
    Formula(
        "binary_cross_entropy",
        binary_cross_entropy,
        binary_cross_entropy_vjp,
        "(n),(n)->()",
        ids("article-130 article-199 article-200"),
        _BY_OUTPUT,
        convention="summed over the outputs, not averaged over them",
        empty=("n",),
    ),
    Formula(
        "binary_cross_entropy_cost",
        binary_cross_entropy_cost,
        binary_cross_entropy_cost_vjp,
        "(n,m),(n,m)->()",
        ids("article-120 article-121 article-123 article-129 ng-27"),
        _BY_OUTPUTS,
        convention=_SUMMED,
        empty=("n",),
    ),
    Formula(
        "sigmoid_binary_cross_entropy",
        sigmoid_binary_cross_entropy,
        sigmoid_binary_cross_entropy_vjp,
        "(n),(n)->()",
        ids("ng-4 ng-6 ng-12 article-198 article-202 article-203"),
        _LABEL,
        empty=("n",),
    ),
    Formula(
        "sigmoid_binary_cross_entropy_in_two_steps",
        sigmoid_binary_cross_entropy,
        sigmoid_binary_cross_entropy_vjp_in_two_steps,
        "(n),(n)->()",
        ids("ng-5 ng-13 article-161 article-164 article-198"),
        _LABEL,
        definition="sigmoid_binary_cross_entropy",
        convention="∂L/∂ŷ first, then times σ'(z): divides by ŷ and 1 − ŷ, so only for |z| below 700",
        empty=("n",),
    ),
    Formula(
        "sigmoid_binary_cross_entropy_cost",
        sigmoid_binary_cross_entropy_cost,
        sigmoid_binary_cross_entropy_cost_vjp,
        "(n,m),(n,m)->()",
        ids("ng-27 ng-28 ng-29"),
        _LABELS,
        convention="the derivative of the cost has the factor 1/m, the lesson's dZ has not",
        empty=("n",),
    ),
)
