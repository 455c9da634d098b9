"""One step of gradient descent, entry by entry: θ_i − α ∇_i, and with weight decay W_ij − α (∇_ij + λ W_ij).

Sources: article-148, article-149, article-151, nndl-20.
"""

from __future__ import annotations

from derivations.definition import Definition
from derivations.notation import Index, Tensor, dimensions

_m, _n = dimensions("m n")


def _step() -> Definition:
    i = Index("i", _n)
    theta, gradient, alpha = Tensor("theta", _n), Tensor("gradient", _n), Tensor("alpha")
    entry = theta[i] - alpha[()] * gradient[i]
    return Definition("gradient_descent_step", (theta, gradient, alpha), (i,), entry)


def _weight_decay_step() -> Definition:
    i, j = Index("i", _m), Index("j", _n)
    W, gradient, alpha, penalty = (
        Tensor("W", _m, _n),
        Tensor("gradient", _m, _n),
        Tensor("alpha"),
        Tensor("penalty"),
    )
    entry = W[i, j] - alpha[()] * (gradient[i, j] + penalty[()] * W[i, j])
    return Definition("weight_decay_step", (W, gradient, alpha, penalty), (i, j), entry)


DEFINITIONS = (_step(), _weight_decay_step())
