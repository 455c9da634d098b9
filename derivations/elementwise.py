"""The activations that act on every entry alone, as the sources define them and as layers use them."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TypeAlias

import sympy as sp

from derivations.definition import Definition
from derivations.notation import Index, Tensor, dimensions


def binary_step(z: sp.Expr) -> sp.Expr:
    """0 for z ≤ 0, 1 for z > 0. Source: article-3."""
    return sp.Piecewise((0, z <= 0), (1, True), evaluate=False)


def sigmoid(z: sp.Expr) -> sp.Expr:
    """1 / (1 + e^−z). Sources: article-6, cs182-25."""
    return 1 / (1 + sp.exp(-z))


def tanh(z: sp.Expr) -> sp.Expr:
    """The hyperbolic tangent, written with exponentials as in article-8, (e^z − e^−z) / (e^z + e^−z)."""
    return (sp.exp(z) - sp.exp(-z)) / (sp.exp(z) + sp.exp(-z))


def relu(z: sp.Expr) -> sp.Expr:
    """0 for z < 0, z for z ≥ 0. Sources: article-10, cs182-1."""
    return sp.Piecewise((0, z < 0), (z, True), evaluate=False)


def leaky_relu(z: sp.Expr, c: sp.Expr) -> sp.Expr:
    """The product c z for z < 0, z for z ≥ 0. Source: article-12."""
    return sp.Piecewise((c * z, z < 0), (z, True), evaluate=False)


def linear(z: sp.Expr, c: sp.Expr) -> sp.Expr:
    """The product c z. Source: article-4."""
    return c * z


Activation: TypeAlias = Callable[[sp.Expr], sp.Expr]
"""g of one number."""

_ACTIVATIONS: dict[str, Activation] = {
    "sigmoid": sigmoid,
    # SymPy's own: the four exponentials of article-8 would be copied into every layer above.
    "tanh": lambda z: sp.tanh(z),
    "relu": relu,
    "leaky_relu": lambda z: leaky_relu(z, sp.Rational(1, 1000)),
    "linear": lambda z: linear(z, sp.S.One),
}
ACTIVATIONS = MappingProxyType(_ACTIVATIONS)
"""The activations of a network's layers by name; c is 1/1000 in leaky_relu (article-12) and 1 in linear."""

(_n,) = dimensions("n")
_i = Index("i", _n)
_z, _c = Tensor("z", _n), Tensor("c")


def _row(name: str, function: Callable[..., sp.Expr], *constants: Tensor) -> Definition:
    entry = function(_z[_i], *(constant[()] for constant in constants))
    return Definition(name, (_z, *constants), (_i,), entry)


DEFINITIONS = (
    _row("binary_step", binary_step),
    _row("linear", linear, _c),
    _row("sigmoid", sigmoid),
    _row("tanh", tanh),
    _row("relu", relu),
    _row("leaky_relu", leaky_relu, _c),
)
