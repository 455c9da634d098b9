"""Numerical differentiation: difference quotients of a function of a number, and of an array entry by entry.

    forward:  (f(x + Δx) − f(x)) / Δx            error in proportion to Δx
    centred:  (f(x + Δx) − f(x − Δx)) / (2 Δx)    error in proportion to Δx²

x: any shape, f(x): scalar; Δx: scalar. Too large a step truncates, too small a step rounds: with ε the
machine precision the best forward step is near √ε, the best centred one near ∛ε. N parameters take N + 1 or
2N evaluations of f, which is why a network is not trained so. The two quotients of the notes' logistic
function are formulas in x and Δx of their own and can be differentiated like any other. Sources: nndl-49 to
nndl-52, calculus-6.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np

from reference_impl.elementwise import sigmoid, sigmoid_derivative
from reference_impl.formula import Array, Formula, ids


def forward_difference(f: Callable[[Array], Array], x: Array, dx: Array) -> Array:
    """(f(x + Δx) − f(x)) / Δx.   x, Δx, f(x): scalar. Sources: nndl-49, nndl-50."""
    return (f(x + dx) - f(x)) / dx


def centred_difference(f: Callable[[Array], Array], x: Array, dx: Array) -> Array:
    """(f(x + Δx) − f(x − Δx)) / (2 Δx).   x, Δx, f(x): scalar. Source: nndl-51."""
    return (f(x + dx) - f(x - dx)) / (2 * dx)


def gradient_by_forward_differences(f: Callable[[Array], Array], x: Array, dx: float) -> Array:
    """The gradient of f by N + 1 evaluations, one entry of x moved at a time.   x: any shape; f(x): scalar.

    Sources: nndl-49, nndl-52.
    """
    at_x = f(x)
    gradient = np.zeros_like(x)
    for entry in np.ndindex(x.shape):
        gradient[entry] = (f(_moved(x, entry, dx)) - at_x) / dx
    return gradient


def gradient_by_centred_differences(f: Callable[[Array], Array], x: Array, dx: float) -> Array:
    """The gradient of f by 2N evaluations, one entry of x moved at a time.   x: any shape; f(x): scalar.

    Sources: nndl-51, nndl-52.
    """
    gradient = np.zeros_like(x)
    for entry in np.ndindex(x.shape):
        gradient[entry] = (f(_moved(x, entry, dx)) - f(_moved(x, entry, -dx))) / (2 * dx)
    return gradient


def _moved(x: Array, entry: tuple[int, ...], dx: float) -> Array:
    """A copy of x with ``dx`` added to one entry."""
    moved = x.copy()
    moved[entry] += dx
    return moved


def _forward_difference(x: Array, dx: Array) -> Array:
    return forward_difference(sigmoid, x, dx)


def forward_difference_vjp(delta: Array, x: Array, dx: Array) -> tuple[Array, Array]:
    """The quotient q of σ: by x (σ'(x + Δx) − σ'(x)) / Δx, by Δx (σ'(x + Δx) − q) / Δx.   All scalars.

    Source: nndl-49.
    """
    by_x = forward_difference(sigmoid_derivative, x, dx)
    by_dx = (sigmoid_derivative(x + dx) - forward_difference(sigmoid, x, dx)) / dx
    return by_x * delta, by_dx * delta


def _centred_difference(x: Array, dx: Array) -> Array:
    return centred_difference(sigmoid, x, dx)


def centred_difference_vjp(delta: Array, x: Array, dx: Array) -> tuple[Array, Array]:
    """The quotient q of σ: by x that of σ', by Δx ((σ'(x + Δx) + σ'(x − Δx)) / 2 − q) / Δx.   All scalars.

    Source: nndl-51.
    """
    by_x = centred_difference(sigmoid_derivative, x, dx)
    mean_slope = (sigmoid_derivative(x + dx) + sigmoid_derivative(x - dx)) / 2
    by_dx = (mean_slope - centred_difference(sigmoid, x, dx)) / dx
    return by_x * delta, by_dx * delta


FORMULAS = (
    Formula(
        "forward_difference",
        _forward_difference,
        forward_difference_vjp,
        "(),()->()",
        ids("nndl-49 nndl-50 calculus-6"),
        MappingProxyType({"dx": "positive"}),
    ),
    Formula(
        "centred_difference",
        _centred_difference,
        centred_difference_vjp,
        "(),()->()",
        ids("nndl-51"),
        MappingProxyType({"dx": "positive"}),
    ),
)
