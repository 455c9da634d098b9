"""Gradient descent: one step, and training with all examples, with one at a time, or with mini-batches.

    θ ← θ − α ∇J(θ)

θ, ∇J: any shape, the same for both; α: scalar. Training takes the parameters as a list of tuples of arrays,
one tuple a layer, and a function ``gradient(parameters, X, Y)`` that returns the gradients of the mean loss
of the examples it is given, arranged as the parameters; X: (n0, m) and Y: (nL, m) have examples as columns. A
pass over all examples is an epoch. Sources: article-148 to article-154, article-224 to article-238, nndl-20,
nndl-21, nndl-48, calculus-29.
"""
# ruff: noqa: ARG001  (a vjp takes every argument of its forward, needed or not)

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from reference_impl.formula import Array, Formula, ids

Parameters: TypeAlias = Sequence[tuple[Array, ...]]
"""The parameters of every layer, such as (W, b)."""

Gradient: TypeAlias = Callable[[Parameters, Array, Array], Parameters]
"""``gradient(parameters, X, Y)``: the gradients of the cost of these examples, arranged as the parameters."""


def step(theta: Array, gradient: Array, alpha: Array | float) -> Array:
    """Step to θ − α ∇.   θ, ∇: (n), or any shape; α: scalar.

    Sources: article-148, article-153, article-154.
    """
    return theta - alpha * gradient


def step_vjp(delta: Array, theta: Array, gradient: Array, alpha: Array) -> tuple[Array, Array, Array]:
    """(δ, −α δ, −Σ_i δ_i ∇_i).   δ, θ, ∇: (n); α: scalar. Source: article-149."""
    return delta, -alpha * delta, -(delta @ gradient)


def weight_decay_step(W: Array, gradient: Array, alpha: Array, penalty: Array) -> Array:
    """Step to W − α (∇ + λ W), a shrunken W minus α ∇.   W, ∇: (m, n); α, λ: scalar.

    Sources: nndl-20, nndl-48.
    """
    return step(W, gradient + penalty * W, alpha)


def weight_decay_step_vjp(
    delta: Array, W: Array, gradient: Array, alpha: Array, penalty: Array
) -> tuple[Array, Array, Array, Array]:
    """((1 − αλ) δ, −α δ, −Σ δ ⊙ (∇ + λ W), −α Σ δ ⊙ W).   δ, W, ∇: (m, n); α, λ: scalar. Source: nndl-20."""
    by_alpha = -(delta * (gradient + penalty * W)).sum()
    return (1 - alpha * penalty) * delta, -alpha * delta, by_alpha, -alpha * (delta * W).sum()


def batch_gradient_descent(
    gradient: Gradient, parameters: Parameters, X: Array, Y: Array, alpha: float, epochs: int
) -> Parameters:
    """Train with the gradient over all examples, one step an epoch.   X: (n0, m); Y: (nL, m).

    Returns new parameters. Sources: article-224, article-225, article-alg-batch-gradient-descent.
    """
    for _ in range(epochs):
        parameters = _step_everywhere(parameters, gradient(parameters, X, Y), alpha)
    return parameters


def stochastic_gradient_descent(
    gradient: Gradient,
    parameters: Parameters,
    X: Array,
    Y: Array,
    alpha: float,
    epochs: int,
    rng: np.random.Generator,
) -> Parameters:
    """Train with one example at a time, in a new random order every epoch.   X: (n0, m); Y: (nL, m).

    Returns new parameters. Sources: article-231, article-232, nndl-48,
    article-alg-stochastic-gradient-descent.
    """
    return mini_batch_gradient_descent(gradient, parameters, X, Y, alpha, epochs, 1, rng)


def mini_batch_gradient_descent(
    gradient: Gradient,
    parameters: Parameters,
    X: Array,
    Y: Array,
    alpha: float,
    epochs: int,
    size: int,
    rng: np.random.Generator,
) -> Parameters:
    """Train with ``size`` examples at a time, in a new random order every epoch.   X: (n0, m); Y: (nL, m).

    Where ``size`` does not divide m the last mini-batch is smaller and its mean is over its own examples.
    Returns new parameters. Sources: article-233 to article-238, article-alg-mini-batch-gradient-descent.
    """
    m: int = X.shape[1]
    for _ in range(epochs):
        shuffled = rng.permutation(m)
        for first in range(0, m, size):
            batch = shuffled[first : first + size]
            parameters = _step_everywhere(parameters, gradient(parameters, X[:, batch], Y[:, batch]), alpha)
    return parameters


def _step_everywhere(parameters: Parameters, gradients: Parameters, alpha: float) -> Parameters:
    """One step for every array of every layer, all gradients taken before any step."""
    return [
        tuple(step(theta, by_theta, alpha) for theta, by_theta in zip(layer, by_layer, strict=True))
        for layer, by_layer in zip(parameters, gradients, strict=True)
    ]


FORMULAS = (
    Formula(
        "gradient_descent_step",
        step,
        step_vjp,
        "(n),(n),()->(n)",
        ids(
            "article-144 article-148 article-149 article-151 article-152 article-153 article-154 "
            "nndl-21 calculus-29"
        ),
        MappingProxyType({"alpha": "positive"}),
        empty=("n",),
    ),
    Formula(
        "weight_decay_step",
        weight_decay_step,
        weight_decay_step_vjp,
        "(m,n),(m,n),(),()->(m,n)",
        ids("nndl-20 nndl-48"),
        MappingProxyType({"alpha": "positive", "penalty": "nonnegative"}),
        convention="the gradient is that of the mean loss alone; the penalty's λ W is added in the step",
        empty=("m", "n"),
    ),
)
