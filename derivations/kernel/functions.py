"""The functions of one number that theorems speak of: exp, log, the activations, and any differentiable g.

The sigmoid and tanh are written with exponentials, so that what is proved of them is proved from their
definition. Of an ``activation("g")`` nothing is known but that it has a derivative, g′.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from derivations.kernel.formula import ScalarFunction


class Unknown(sp.Function):  # type: ignore[misc]  # SymPy has no types
    """A differentiable function of one real number of which nothing else is known.

    Its subclasses, made by ``unknown``, are named after it; the derivative of g is the unknown function g'.
    """

    is_commutative = True

    def fdiff(self, argindex: int = 1) -> sp.Expr:  # noqa: ARG002  SymPy passes it
        """g′ at the argument."""
        return unknown(type(self).__name__ + "'")(*self.args)


@cache
def unknown(name: str) -> Any:
    """The unknown function of that name, as a SymPy function class."""
    return type(name, (Unknown,), {})


class Held(sp.Function):  # type: ignore[misc]  # SymPy has no types
    """A value that counts as a constant when one differentiates; the normal form takes it for the value."""

    is_commutative = True

    def fdiff(self, argindex: int = 1) -> sp.Expr:  # noqa: ARG002  SymPy passes it
        """0."""
        return sp.S.Zero


def activation(name: str, layer: str = "") -> ScalarFunction:
    """Any differentiable function g; with ``layer`` the one of that layer."""
    symbol = f"{name}^({layer})" if layer else name
    return ScalarFunction(symbol, lambda z: unknown(symbol)(z))


def prime(g: ScalarFunction) -> ScalarFunction:
    """The derivative g′ of a function, as a function: of a known one the expression that calculus gives."""

    def meaning(z: sp.Expr) -> sp.Expr:
        slot = sp.Dummy("z", real=True)
        value = g.meaning(slot)
        slope = value.fdiff(1) if isinstance(value, Unknown) else sp.diff(value, slot)
        return slope.xreplace({slot: z})

    return ScalarFunction(g.name + "'", meaning)


def _sigmoid(z: sp.Expr) -> sp.Expr:
    return 1 / (1 + sp.exp(-z))


def _tanh(z: sp.Expr) -> sp.Expr:
    return (sp.exp(z) - sp.exp(-z)) / (sp.exp(z) + sp.exp(-z))


exp = ScalarFunction("exp", lambda z: sp.exp(z))
log = ScalarFunction("log", lambda z: sp.log(z))
sigmoid = ScalarFunction("sigma", _sigmoid)
tanh = ScalarFunction("tanh", _tanh)
relu = ScalarFunction("ReLU", lambda z: sp.Piecewise((0, z < 0), (z, True), evaluate=False))


def leaky_relu(c: sp.Expr) -> ScalarFunction:
    """The leaky ReLU with the slope c for negative arguments, c being a symbol or a number."""
    return ScalarFunction("LeakyReLU", lambda z: sp.Piecewise((c * z, z < 0), (z, True), evaluate=False))
