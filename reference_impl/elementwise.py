"""Activations that act on every entry alone: a row a function, with its derivative.

    a_i = g(z_i),    [da/dz δ]_i = g'(z_i) δ_i

z, a, δ: (n), or any shape. The Jacobian is diag(g'(z)): what stands off the diagonal is zero, so the
vector-Jacobian product is a product entry by entry. Sources: cs182-26, nndl-41, article-37, calculus-3,
calculus-10, ng-5.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from reference_impl.formula import Array, Formula, Forward, Vjp, ids


def binary_step(z: Array) -> Array:
    """Binary step: g(z) = 1 for z > 0, else 0.   z: any shape. Source: article-3."""
    return np.where(z > 0, 1, 0).astype(z.dtype)


def binary_step_derivative(z: Array) -> Array:
    """g'(z) = 0 for z ≠ 0.   z: any shape. At 0 the step jumps: no derivative, 0 is returned.

    Source: article-3.
    """
    return 0 * z


def linear(z: Array, c: Array) -> Array:
    """g(z) = c z.   z: any shape; c: scalar, a constant. Source: article-4."""
    return c * z


def linear_derivative(z: Array, c: Array) -> Array:
    """g'(z) = c.   z: any shape; c: scalar. Source: article-5."""
    return c + 0 * z


def sigmoid(z: Array) -> Array:
    """σ(z) = 1 / (1 + exp(−z)).   z: any shape. Sources: article-6, cs182-25, ng-1.

    For z below −709 exp(−z) overflows to infinity, and 1 / (1 + ∞) = 0 is the right answer: no warning is
    due.
    """
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def sigmoid_derivative(z: Array) -> Array:
    """σ'(z) = σ(z) (1 − σ(z)).   z: any shape. Sources: article-7, cs182-27 to cs182-29, ng-6, nndl-68."""
    a = sigmoid(z)
    return a * (1 - a)


def tanh(z: Array) -> Array:
    """g(z) = (e^z − e^−z) / (e^z + e^−z).   z: any shape. Sources: article-8, cs182-38."""
    return np.tanh(z)


def tanh_derivative(z: Array) -> Array:
    """g'(z) = 1 − tanh²(z).   z: any shape. Sources: article-9, cs182-38, nndl-68."""
    return 1 - np.tanh(z) ** 2


def relu(z: Array) -> Array:
    """g(z) = max(0, z).   z: any shape. Sources: article-10, cs182-1, cs182-2."""
    return np.maximum(0, z)


def relu_derivative(z: Array) -> Array:
    """g'(z) = 1 for z ≥ 0, else 0.   z: any shape. Sources: article-11, cs182-32, nndl-71.

    max(0, z) has no derivative at 0. The lecture takes 1 there, libraries take 0, the article allows both.
    """
    return np.where(z >= 0, 1, 0).astype(z.dtype)


def leaky_relu(z: Array, c: Array) -> Array:
    """g(z) = z for z ≥ 0, c z for z < 0.   z: any shape; c: scalar, a constant. Source: article-12."""
    return np.where(z >= 0, z, c * z)


def leaky_relu_derivative(z: Array, c: Array) -> Array:
    """g'(z) = 1 for z ≥ 0, c for z < 0; at 0 the slope of the right.   z: any shape; c: scalar.

    Source: article-13.
    """
    return np.where(z >= 0, 1 + 0 * z, c)


class Activation(NamedTuple):
    """An activation inside a network: g and g', functions of the pre-activation alone.

    Attributes:
        function: g, of an array of any shape.
        derivative: g', an array of the same shape.
    """

    function: Forward
    derivative: Forward


def _one(z: Array) -> Array:
    """The number 1 of z's own kind of numbers, once for every entry."""
    return 1 + 0 * z


ACTIVATIONS = MappingProxyType(
    {
        "sigmoid": Activation(sigmoid, sigmoid_derivative),
        "tanh": Activation(tanh, tanh_derivative),
        "relu": Activation(relu, relu_derivative),
        "leaky_relu": Activation(
            lambda z: leaky_relu(z, _one(z) / 1000), lambda z: leaky_relu_derivative(z, _one(z) / 1000)
        ),
        "linear": Activation(lambda z: linear(z, _one(z)), lambda z: linear_derivative(z, _one(z))),
    }
)
"""The activations of a network's layers by name; c is 1/1000 in leaky_relu (article-12) and 1 in linear."""


def _backward(derivative: Forward) -> Vjp:
    """The vector-Jacobian product g'(z) δ; constants after z are not differentiated."""

    def vjp(delta: Array, z: Array, *constants: Array) -> tuple[Array | None, ...]:
        return (derivative(z, *constants) * delta, *(None for _ in constants))

    return vjp


def _row(
    name: str,
    forward: Forward,
    derivative: Forward,
    sources: str,
    *,
    constant: str = "",
    convention: str = "",
) -> Formula:
    return Formula(
        name=name,
        forward=forward,
        vjp=_backward(derivative),
        signature="(n),()->(n)" if constant else "(n)->(n)",
        sources=ids(sources),
        domains=MappingProxyType({"c": constant} if constant else {}),
        convention=convention,
        empty=("n",),
    )


FORMULAS = (
    _row("binary_step", binary_step, binary_step_derivative, "article-3"),
    _row("linear", linear, linear_derivative, "article-4 article-5", constant="real"),
    _row(
        "sigmoid",
        sigmoid,
        sigmoid_derivative,
        "article-6 article-7 article-37 article-197 article-201 cs182-25 cs182-26 cs182-27 cs182-28 cs182-29 "
        "cs182-30 ng-6 calculus-3 calculus-10 calculus-23",
    ),
    _row("tanh", tanh, tanh_derivative, "article-8 article-9 cs182-38"),
    _row(
        "relu",
        relu,
        relu_derivative,
        "article-10 article-11 cs182-1 cs182-2 cs182-32 cs182-33 nndl-71",
        convention="relu'(0) = 1, the lecture's choice",
    ),
    _row(
        "leaky_relu",
        leaky_relu,
        leaky_relu_derivative,
        "article-12 article-13",
        constant="real",
        convention="the slope at 0 is that of z > 0",
    ),
)
