"""What the notes say of symbolic and automatic differentiation in general: nndl-53, nndl-64, nndl-65.

No formula and no theorem answers for these claims: they are about the ways of differentiating, which all
formulas are differentiated by here.
"""

from __future__ import annotations

import math
from pathlib import Path

import jax
import numpy as np
import pytest
import sympy as sp

from checkers.verify import prepared
from derivations.catalogue import equations
from derivations.elementwise import sigmoid, tanh
from derivations.reviewed import checked
from reference_impl import formulas

ROOT = Path(__file__).parents[1]
BACKWARDS = [name for name, formula in formulas().items() if formula.vjp is not None]
x, h, w, b = sp.symbols("x h w b", real=True)

ONE_NUMBER = {
    "sigmoid": sigmoid(x),
    "tanh": tanh(x),
    "the graph of the notes": 1 / (sp.exp(-(w * x + b)) + 1),
    "half the squared error of a sigmoid": (sigmoid(x) - b) ** 2 / 2,
    "a power": (3 * x + b) ** 4,
}


@pytest.mark.parametrize("expression", ONE_NUMBER.values(), ids=ONE_NUMBER)
def test_the_value_of_a_symbolic_derivative_is_the_limit_of_the_difference_quotient(expression):
    point = {w: sp.Rational(3, 2), b: sp.Rational(-1, 3)}
    derivative = sp.diff(expression, x)
    at_point = expression.subs(point)
    x0 = sp.Rational(2, 5)
    limit = sp.limit((at_point.subs(x, x0 + h) - at_point.subs(x, x0)) / h, h, 0)
    for form in (derivative, sp.together(derivative), sp.factor(derivative)):
        value = form.subs(point).subs(x, x0)
        assert abs(sp.N(value - limit, 60)) < sp.Float(10, 60) ** -55
        assert abs(sp.N(-value - limit, 60)) > sp.Float(10, 60) ** -5, "a wrong sign would have been seen"


class Node:
    """A number that remembers what it was computed from: the graph is recorded while a function runs."""

    def __init__(self, value, *parents):
        self.value, self.parents, self.bar = value, parents, 0.0

    def __add__(self, other):
        return Node(self.value + other.value, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        return Node(self.value * other.value, (self, other.value), (other, self.value))

    def exp(self):
        value = math.exp(self.value)
        return Node(value, (self, value))

    def order(self, seen):
        """The nodes that this one needs, each behind those that it needs itself."""
        if self not in seen:
            for parent, _ in self.parents:
                parent.order(seen)
            seen[self] = None
        return list(seen)

    def backward(self):
        self.bar = 1.0
        for node in reversed(self.order({})):
            for parent, slope in node.parents:
                parent.bar += node.bar * slope


def several_paths(u, v, exp):
    """e^(u v) + u e^v + u² v: from each argument several paths lead to the value."""
    return exp(u * v) + u * exp(v) + u * u * v


def with_a_loop(u, v, exp):
    """Four layers of one neuron each, h ← e^(v h) + u."""
    for_next = u
    for _ in range(4):
        for_next = exp(v * for_next) + u
    return for_next


@pytest.mark.parametrize("function", [several_paths, with_a_loop])
def test_a_graph_built_beforehand_gives_the_gradient_of_one_built_on_the_way(function):
    rng = np.random.default_rng(0)
    with jax.enable_x64(True):
        static = jax.jit(jax.grad(lambda u, v: function(u, v, jax.numpy.exp), argnums=(0, 1)))
        static(0.3, -0.2)  # traced and compiled here, only evaluated below
        for _ in range(5):
            point = rng.uniform(-0.5, 0.5, 2)
            u, v = map(Node, point)
            function(u, v, Node.exp).backward()
            np.testing.assert_allclose(static(*point), (u.bar, v.bar), rtol=1e-12)


@pytest.mark.parametrize("name", BACKWARDS)
def test_symbolic_and_automatic_differentiation_agree_in_value(name):
    examiner, cases = prepared(formulas()[name], "vjp", 1, seed=3)
    case = cases[0]
    outputs = examiner.candidate.primal(case.arguments)
    cotangents = [np.ones(output.shape) for output in outputs]
    wrt = [k for k, a in enumerate(case.arguments) if a.dtype.kind == "f"]
    by_name = {oracle.name: oracle.gradients(case, cotangents, wrt) for oracle in examiner.oracles}
    symbolic, automatic = by_name["symbolic"], by_name["autodiff"]
    assert not symbolic.refusal
    assert not automatic.refusal
    for left, right in zip(symbolic.estimates, automatic.estimates, strict=True):
        sure = np.isfinite(left.bound) & np.isfinite(right.bound) & ~left.kink & ~right.kink
        assert (np.abs(left.value - right.value) <= left.bound + right.bound)[sure].all()


def test_every_claim_that_a_test_checks_is_catalogued_and_its_test_exists():
    for name, entry in checked().items():
        assert name in equations()
        file, _, test = entry.test.partition("::")
        assert f"\ndef {test}(" in (ROOT / file).read_text("utf-8")
