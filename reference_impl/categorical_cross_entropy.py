"""The categorical cross-entropy, by the outputs and through a softmax, of one example and as a mean.

    L = −Σ_k y_k ln ŷ_k,    ∂L/∂ŷ_k = −y_k/ŷ_k,    ∂L/∂z = (Σ_k y_k) ŷ − y  for ŷ = softmax(z)

z, ŷ, y: (n), or (n, m) with examples as columns; a cost is the mean of the m losses. For labels that sum to
one, one-hot or not, ∂L/∂z = ŷ − y. The labels y are constants: no gradient. Sources: nndl-14, nndl-38,
cs182-35, cs182-36, article-140 to article-142, article-204 to article-210, -219 to -222.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from reference_impl.formula import Array, Formula, ids
from reference_impl.softmax import log_softmax, softmax, softmax_jacobian


def categorical_cross_entropy(y_hat: Array, y: Array) -> Array:
    """L = −Σ_k y_k ln ŷ_k.   ŷ, y: (n); L: scalar. Sources: nndl-14, article-141, article-204."""
    L: Array = -(y * np.log(y_hat)).sum()
    return L


def categorical_cross_entropy_vjp(delta: Array, y_hat: Array, y: Array) -> tuple[Array, None]:
    """−y/ŷ δ, the outputs taken as independent, and nothing for y.   δ: scalar; ŷ, y: (n).

    Source: article-205.
    """
    return -y / y_hat * delta, None


def categorical_cross_entropy_cost(Y_hat: Array, Y: Array) -> Array:
    """J = 1/m Σ_s L_s.   Ŷ, Y: (n, m); J: scalar. Sources: article-140, article-142."""
    m: int = Y.shape[1]
    return categorical_cross_entropy(Y_hat, Y) / m


def categorical_cross_entropy_cost_vjp(delta: Array, Y_hat: Array, Y: Array) -> tuple[Array, None]:
    """−Y/Ŷ δ / m.   δ: scalar; Ŷ, Y: (n, m). Sources: article-140, article-204."""
    m: int = Y.shape[1]
    return -Y / Y_hat * delta / m, None


def softmax_cross_entropy(z: Array, y: Array) -> Array:
    """The loss of ŷ = softmax(z): L = −Σ_k y_k ln ŷ_k.   z, y: (n), or (n, m) summed; L: scalar.

    Source: cs182-35.
    """
    L: Array = -(y * log_softmax(z)).sum()
    return L


def softmax_cross_entropy_vjp(delta: Array, z: Array, y: Array) -> tuple[Array, None]:
    """((Σ_k y_k) ŷ − y) δ for any y.   δ: scalar; z, y: (n). Sources: article-207, cs182-36."""
    return (y.sum() * softmax(z) - y) * delta, None


def softmax_cross_entropy_vjp_for_classes(delta: Array, z: Array, y: Array) -> tuple[Array, None]:
    """(ŷ − y) δ, for labels that sum to one.   δ: scalar; z, y: (n).

    Sources: article-209, article-210, nndl-38.
    """
    return (softmax(z) - y) * delta, None


def softmax_cross_entropy_vjp_in_two_steps(delta: Array, z: Array, y: Array) -> tuple[Array, None]:
    """(diag(ŷ) − ŷ ŷᵀ) (−y/ŷ) δ: by the outputs first, then the whole Jacobian of the softmax.

    δ: scalar; z, y: (n). Only while no ŷ underflows to 0. Sources: article-205, article-206, article-207.
    """
    by_output = -y / softmax(z) * delta
    return softmax_jacobian(z).T @ by_output, None


def softmax_cross_entropy_cost(Z: Array, Y: Array) -> Array:
    """J = 1/m Σ_s L_s, the losses those of Ŷ = softmax(Z) by columns.   Z, Y: (n, m).

    Sources: article-139, -142.
    """
    m: int = Y.shape[1]
    return softmax_cross_entropy(Z, Y) / m


def softmax_cross_entropy_cost_vjp(delta: Array, Z: Array, Y: Array) -> tuple[Array, None]:
    """(Ŷ − Y) δ / m, for columns of Y that sum to one.   δ: scalar; Z, Y: (n, m).

    Sources: article-223, -243.
    """
    m: int = Y.shape[1]
    return (softmax(Z) - Y) * delta / m, None


def softmax_activation_error(z: Array, y: Array) -> Array:
    """ε = −y/ŷ + (1 − y)/(1 − ŷ) at ŷ = softmax(z), for labels that sum to one.   z, y, ε: (n) with n ≥ 2.

    The derivative of L by ŷ_i along z_i, where the other outputs follow; ε_i ŷ_i (1 − ŷ_i) = ŷ_i − y_i, so
    that the algorithm with activation errors goes on from it as from a sigmoid output. It is not −y/ŷ, the
    partial derivative by an independent output, and does not go with the whole Jacobian. Sources: article-219
    to article-222.
    """
    y_hat = softmax(z)
    return -y / y_hat + (1 - y) / (1 - y_hat)


_ONE_HOT = MappingProxyType({"y": "one_hot"})

FORMULAS = (
    Formula(
        "categorical_cross_entropy",
        categorical_cross_entropy,
        categorical_cross_entropy_vjp,
        "(n),(n)->()",
        ids("nndl-14 article-141 article-204"),
        MappingProxyType({"y_hat": "simplex", "y": "one_hot"}),
        convention="the outputs are independent arguments, not tied by their sum",
    ),
    Formula(
        "categorical_cross_entropy_cost",
        categorical_cross_entropy_cost,
        categorical_cross_entropy_cost_vjp,
        "(n,m),(n,m)->()",
        ids("article-140 article-142"),
        MappingProxyType({"Y_hat": "simplex", "Y": "one_hot"}),
    ),
    Formula(
        "softmax_cross_entropy",
        softmax_cross_entropy,
        softmax_cross_entropy_vjp,
        "(n),(n)->()",
        ids("cs182-35 cs182-36 article-205 article-207"),
        convention="the labels need not sum to one: the derivative is (Σ y) ŷ − y",
    ),
    Formula(
        "softmax_cross_entropy_for_classes",
        softmax_cross_entropy,
        softmax_cross_entropy_vjp_for_classes,
        "(n),(n)->()",
        ids("cs182-36 nndl-38 article-208 article-209 article-210"),
        _ONE_HOT,
        definition="softmax_cross_entropy",
        convention="the labels sum to one: the derivative is ŷ − y",
    ),
    Formula(
        "softmax_cross_entropy_in_two_steps",
        softmax_cross_entropy,
        softmax_cross_entropy_vjp_in_two_steps,
        "(n),(n)->()",
        ids("article-159 article-205 article-206 article-207"),
        definition="softmax_cross_entropy",
    ),
    Formula(
        "softmax_cross_entropy_cost",
        softmax_cross_entropy_cost,
        softmax_cross_entropy_cost_vjp,
        "(n,m),(n,m)->()",
        ids("article-139 article-142 article-223 article-243"),
        MappingProxyType({"Y": "one_hot"}),
        convention="the derivative of the cost has the factor 1/m, the article's error matrix has not",
    ),
    Formula(
        "softmax_activation_error",
        softmax_activation_error,
        None,
        "(3),(3)->(3)",
        ids("article-211 article-219 article-220 article-221 article-222"),
        _ONE_HOT,
        convention="derivative along z_i, the other outputs following; at least two classes, three are drawn",
    ),
)
