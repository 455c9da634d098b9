"""The structural risk of a network with one hidden layer: the mean loss of the examples plus the penalty.

    R = 1/N Σ_s L(y_s, ŷ_s) + λ/2 ‖W‖²
    ∂R/∂W^(l) = 1/N Σ_s ∂L_s/∂W^(l) + λ W^(l),    ∂R/∂b^(l) = 1/N Σ_s ∂L_s/∂b^(l)

X: (n0, N) and Y: (n2, N), examples as columns; λ: scalar; W1: (n1, n0); b1: (n1); W2: (n2, n1); b2: (n2). The
network has sigmoid hidden units, a softmax output and the cross-entropy; one example's loss and gradients are
those of two_layer. The penalty is added once, outside the mean. Sources: nndl-16, nndl-19.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from reference_impl.formula import Array, Formula, ids
from reference_impl.penalty import l2_penalty
from reference_impl.two_layer import softmax_loss, softmax_loss_vjp


def structural_risk(X: Array, Y: Array, penalty: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Array:
    """R = 1/N Σ_s L_s + λ/2 ‖W‖².   X: (n0, N); Y: (n2, N); λ, R: scalar; parameters as above.

    Source: nndl-16.
    """
    N: int = X.shape[1]
    losses = np.stack([softmax_loss(X[:, s], Y[:, s], W1, b1, W2, b2) for s in range(N)])
    R: Array = losses.sum() / N + l2_penalty(penalty, [W1, W2])
    return R


def structural_risk_vjp(
    delta: Array, X: Array, Y: Array, penalty: Array, W1: Array, b1: Array, W2: Array, b2: Array
) -> tuple[Array | None, ...]:
    """The mean of the examples' gradients plus λ W for the weights, times δ; λ is given.   δ: scalar.

    Source: nndl-19.
    """
    N: int = X.shape[1]
    examples = [softmax_loss_vjp(delta, X[:, s], Y[:, s], W1, b1, W2, b2)[2:] for s in range(N)]
    dW1, db1, dW2, db2 = (np.stack(gradients).sum(axis=0) / N for gradients in zip(*examples, strict=True))
    return None, None, None, dW1 + penalty * W1 * delta, db1, dW2 + penalty * W2 * delta, db2


FORMULAS = (
    Formula(
        "structural_risk",
        structural_risk,
        structural_risk_vjp,
        "(n0,N),(n2,N),(),(n1,n0),(n1),(n2,n1),(n2)->()",
        ids("nndl-13 nndl-14 nndl-16 nndl-19"),
        MappingProxyType({"Y": "one_hot", "penalty": "nonnegative"}),
        convention="the penalty is added once, not averaged; biases are not penalised",
        empty=("n0", "n1"),
    ),
)
