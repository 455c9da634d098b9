"""Batch and layer normalisation, entry by entry: γ_j (x_sj − μ) / √(σ² + ε) + β_j, μ and σ² being means."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from derivations.definition import Definition, mean
from derivations.notation import Index, Tensor, dimensions

_n, _d = dimensions("n d")
_s, _j = Index("s", _n), Index("j", _d)


def _normalised(
    entry: Callable[[Index], sp.Expr], at: Index, over: Index, again: Index, eps: sp.Expr
) -> sp.Expr:
    """(f(at) − mean f) / √(mean (f − mean f)² + ε), with two names for the index of the means."""
    average = mean(entry(over), over)
    variance = mean((entry(again) - average) ** 2, again)
    return (entry(at) - average) / sp.sqrt(variance + eps)


def _batch_norm() -> Definition:
    x, gamma, beta, eps = Tensor("x", _n, _d), Tensor("gamma", _d), Tensor("beta", _d), Tensor("eps")
    t, u = Index("t", _n), Index("u", _n)
    normalised = _normalised(lambda s: x[s, _j], _s, t, u, eps[()])
    return Definition("batch_norm", (x, gamma, beta, eps), (_s, _j), gamma[_j] * normalised + beta[_j])


def _layer_norm() -> Definition:
    x, gamma, beta, eps = Tensor("x", _n, _d), Tensor("gamma", _d), Tensor("beta", _d), Tensor("eps")
    k, q = Index("k", _d), Index("q", _d)
    normalised = _normalised(lambda j: x[_s, j], _j, k, q, eps[()])
    return Definition("layer_norm", (x, gamma, beta, eps), (_s, _j), gamma[_j] * normalised + beta[_j])


DEFINITIONS = (_batch_norm(), _layer_norm())
