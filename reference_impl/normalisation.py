"""Batch and layer normalisation: centred, divided by the standard deviation, scaled and shifted.

    x̂ = (x − μ) / √(σ² + ε),    out = γ x̂ + β

μ and σ² are taken over the examples (rows) for every feature, or over the features for every example. They
depend on x, so the gradient by x has three terms: with d = δ γ, dx = (d − mean d − x̂ mean (d x̂)) / √(σ² + ε).
x, out: (n, d), examples as rows; γ, β: (d); ε: scalar, a constant.
"""

from __future__ import annotations

import numpy as np

from reference_impl.formula import Array, Formula


def _normalised(x: Array, eps: Array, axis: int) -> tuple[Array, Array]:
    """x̂ and √(σ² + ε), the statistics taken along an axis."""
    centred = x - x.mean(axis=axis, keepdims=True)
    spread: Array = np.sqrt((centred * centred).mean(axis=axis, keepdims=True) + eps)
    return centred / spread, spread


def _vjp(delta: Array, x: Array, gamma: Array, eps: Array, axis: int) -> tuple[Array, Array, Array, None]:
    normalised, spread = _normalised(x, eps, axis)
    d = delta * gamma
    by_x = d - d.mean(axis=axis, keepdims=True)
    by_x = by_x - normalised * (d * normalised).mean(axis=axis, keepdims=True)
    return by_x / spread, (delta * normalised).sum(axis=0), delta.sum(axis=0), None


def batch_norm(x: Array, gamma: Array, beta: Array, eps: Array) -> Array:
    """γ (x − μ) / √(σ² + ε) + β, with μ and σ² over the examples.   x: (n, d); γ, β: (d); ε: scalar."""
    out: Array = gamma * _normalised(x, eps, 0)[0] + beta
    return out


def batch_norm_vjp(
    delta: Array,
    x: Array,
    gamma: Array,
    beta: Array,  # noqa: ARG001  (a vjp takes every argument of its forward)
    eps: Array,
) -> tuple[Array, Array, Array, None]:
    """((d − mean d − x̂ mean (d x̂)) / √(σ² + ε), Σ δ x̂, Σ δ, None), d = δ γ.   δ: (n, d)."""
    return _vjp(delta, x, gamma, eps, 0)


def layer_norm(x: Array, gamma: Array, beta: Array, eps: Array) -> Array:
    """γ (x − μ) / √(σ² + ε) + β, with μ and σ² over the features.   x: (n, d); γ, β: (d); ε: scalar."""
    out: Array = gamma * _normalised(x, eps, 1)[0] + beta
    return out


def layer_norm_vjp(
    delta: Array,
    x: Array,
    gamma: Array,
    beta: Array,  # noqa: ARG001  (a vjp takes every argument of its forward)
    eps: Array,
) -> tuple[Array, Array, Array, None]:
    """As for ``batch_norm``, with means over the features; γ and β still sum over the examples."""
    return _vjp(delta, x, gamma, eps, 1)


FORMULAS = (
    Formula("batch_norm", batch_norm, batch_norm_vjp, "(n,d),(d),(d),()->(n,d)", (), {"eps": "positive"}),
    Formula("layer_norm", layer_norm, layer_norm_vjp, "(n,d),(d),(d),()->(n,d)", (), {"eps": "positive"}),
)
