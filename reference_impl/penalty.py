"""The penalty on the weights: the squared Frobenius norm of all weight matrices, halved and multiplied by λ.

    ‖W‖² = Σ_l Σ_ij (W^[l]_ij)²,    λ/2 ‖W‖²,    ∂/∂W^[l] = λ W^[l],    ∂/∂b^[l] = 0

W^[l]: (n_l, n_{l−1}); λ: scalar. Biases are not penalised, and the penalty is added once, not averaged over
examples. Sources: nndl-15, nndl-18.
"""
# ruff: noqa: ARG001  (a vjp takes every argument of its forward, needed or not)

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from reference_impl.formula import Array, Formula, ids


def squared_norm(weights: Sequence[Array]) -> Array:
    """‖W‖² = Σ_l Σ_ij (W^[l]_ij)².   weights: one or more matrices; the value is a scalar.

    Source: nndl-15.
    """
    total: Array = sum((W**2).sum() for W in weights)
    return total


def l2_penalty(penalty: Array, weights: Sequence[Array]) -> Array:
    """λ/2 ‖W‖².   λ: scalar; weights: one or more matrices; the value is a scalar.

    Sources: nndl-16, nndl-18.
    """
    return penalty / 2 * squared_norm(weights)


def _squared_norm(W1: Array, W2: Array) -> Array:
    return squared_norm([W1, W2])


def squared_norm_vjp(delta: Array, W1: Array, W2: Array) -> tuple[Array, Array]:
    """2 W^[l] δ for every matrix.   δ: scalar; W1: (n1, n0); W2: (n2, n1). Source: nndl-15."""
    return 2 * W1 * delta, 2 * W2 * delta


def _l2_penalty(penalty: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Array:
    return l2_penalty(penalty, [W1, W2])


def l2_penalty_vjp(
    delta: Array, penalty: Array, W1: Array, b1: Array, W2: Array, b2: Array
) -> tuple[Array, Array, Array, Array, Array]:
    """‖W‖²/2 δ by λ, λ W^[l] δ by the weights, 0 by the biases.

    δ, λ: scalar; W1: (n1, n0); b1: (n1); W2: (n2, n1); b2: (n2). Source: nndl-18.
    """
    return squared_norm([W1, W2]) / 2 * delta, penalty * W1 * delta, 0 * b1, penalty * W2 * delta, 0 * b2


FORMULAS = (
    Formula(
        "squared_norm",
        _squared_norm,
        squared_norm_vjp,
        "(n1,n0),(n2,n1)->()",
        ids("nndl-15"),
        empty=("n0", "n1", "n2"),
    ),
    Formula(
        "l2_penalty",
        _l2_penalty,
        l2_penalty_vjp,
        "(),(n1,n0),(n1),(n2,n1),(n2)->()",
        ids("nndl-16 nndl-18"),
        MappingProxyType({"penalty": "nonnegative"}),
        convention="λ/2, not λ and not λ/(2m); biases are not penalised",
        empty=("n0", "n1", "n2"),
    ),
)
