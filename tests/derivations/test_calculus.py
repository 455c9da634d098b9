"""The derivative of index expressions against SymPy's own derivative of the same expressions written out."""

from __future__ import annotations

import random

import pytest
import sympy as sp
from explicit_shapes import TINY, entry, expanded, positions_of, random_point, sizes_for, value

from derivations import definitions
from derivations.definition import Definition
from derivations.kernel import derivative as calculus
from derivations.kernel.derivative import derivative, sift
from derivations.notation import Index, Tensor, dimensions, kronecker, total

SAMPLE = 3
"""How many entries of a large array are tried."""

EXACT = [
    name
    for name, definition in definitions().items()
    if not definition.entry.has(sp.exp, sp.log, sp.tanh, sp.Piecewise)
    and all(power.exp.is_Integer for power in definition.entry.atoms(sp.Pow))
]
"""Definitions that are polynomials: their differences are exactly 0, those of others to forty digits."""

n, m = dimensions("n m")
i, j, k = Index("i", n), Index("j", m), Index("k", n)
W, x, y = Tensor("W", m, n), Tensor("x", n), Tensor("y", n)
at = Index("at", n)


def sampled(rng, positions):
    return positions if len(positions) <= SAMPLE else rng.sample(positions, SAMPLE)


def differences(definition, differentiate):
    """By argument, entry and output: the derivative by our rules minus SymPy's, both written out."""
    rng = random.Random(definition.name)
    sizes = sizes_for(*definition.arguments)
    names = [index.name for index in definition.indices]
    outputs = [
        dict(zip(names, p, strict=True)) for p in sampled(rng, positions_of(definition.cotangent, sizes))
    ]
    written_out = [expanded(definition.entry, sizes, **output) for output in outputs]
    for argument in definition.arguments:
        axes = [Index(f"axis{axis}", d) for axis, d in enumerate(argument.dimensions)]
        general = argument[tuple(sp.S.One if axis.dimension == 1 else axis for axis in axes)]
        slope = differentiate(definition.entry, general)
        for position in sampled(rng, positions_of(argument, sizes)):
            here = dict(zip((axis.name for axis in axes), position, strict=True))
            for output, of_output in zip(outputs, written_out, strict=True):
                by_sympy = sp.diff(of_output, entry(argument, *position))
                yield expanded(slope, sizes, **output, **here) - by_sympy


def agrees(definition, differentiate):
    found = differences(definition, differentiate)
    if definition.name in EXACT:
        return all(sp.expand(difference) == 0 for difference in found)
    point = random_point(definition.name)
    return all(abs(value(difference, point)) < TINY for difference in found)


@pytest.mark.parametrize("name", definitions())
def test_derivative_is_sympys_of_the_definition_written_out(name):
    assert agrees(definitions()[name], derivative)


MUTANTS = {"twice": 2, "sign": -1, "nothing": 0, "off by one part in a billion": 1 + sp.Rational(1, 10**9)}


@pytest.mark.parametrize("mutant", MUTANTS)
@pytest.mark.parametrize(
    "name", ["affine", "softmax", "sigmoid_binary_cross_entropy", "feed_forward_2_sigmoid"]
)
def test_wrong_derivative_is_rejected(name, mutant):
    assert not agrees(definitions()[name], lambda e, by: MUTANTS[mutant] * derivative(e, by))


@pytest.mark.parametrize("name", ["affine", "softmax", "two_layer_tanh"])
def test_derivative_without_kronecker_deltas_is_rejected(name, monkeypatch):
    monkeypatch.setattr(calculus, "kronecker", lambda *_: sp.S.One)
    assert not agrees(definitions()[name], derivative)


def test_derivative_without_new_names_is_rejected(monkeypatch):
    squares = Definition("squares of sums", (x, y), (), total(total(x[k] ** 2 * y[i], k) ** 2, i))
    assert agrees(squares, derivative)
    monkeypatch.setattr(calculus._Differentiation, "_new_name", lambda *_: "k")
    assert not agrees(squares, derivative)


def test_derivative_of_an_entry_by_an_entry_is_kroneckers_delta():
    p, q = Index("p", m), Index("q", n)
    assert derivative(W[j, i], W[p, q]) == kronecker(j, p) * kronecker(i, q)
    assert derivative(W[j, i], x[q]) == 0


def test_sum_over_a_fixed_index_is_carried_out():
    assert derivative(total(x[k] * y[k], k), x[at]) == y[at]
    assert derivative(total(W[j, k] * x[k], k), x[at]) == W[j, at]
    assert sift(kronecker(i, k) * x[i] * y[k], i, k) == total(x[k] * y[k], k)


def test_derivative_by_a_scalar_is_the_ordinary_one():
    c = Tensor("c")
    assert derivative(sp.exp(c[()] * x[i]), c[()]) == x[i] * sp.exp(c[()] * x[i])


@pytest.mark.parametrize("name", ["i", "i.1", "i.2", "x.1"])
def test_free_index_is_never_caught_by_a_sum(name):
    free = Index(name, n)
    assert derivative(total(x[i] ** 2, i), x[free]) == 2 * x[free]
    assert derivative(total(x[i] * y[i], i) * x[free], y[at]) == x[free] * x[at]


def test_derivative_of_a_derivative_keeps_its_indices_apart():
    slope = derivative(sp.exp(total(x[i] ** 2, i)), x[at])
    other = Index("other", n)
    expected = sp.exp(total(x[i] ** 2, i)) * (4 * x[at] * x[other] + 2 * kronecker(at, other))
    sizes = {n: 3}
    for here in ({"at": 1, "other": 1}, {"at": 1, "other": 3}):
        second = derivative(slope, x[other])
        assert sp.expand(expanded(second, sizes, **here) - expanded(expected, sizes, **here)) == 0


def test_cases_are_differentiated_under_their_conditions():
    relu = sp.Piecewise((0, x[i] < 0), (x[i], True), evaluate=False)
    step = sp.Piecewise((0, x[at] < 0), (1, True), evaluate=False)
    assert derivative(total(relu * y[i], i), x[at]) == step * y[at]


def test_expression_without_a_rule_is_refused():
    with pytest.raises(NotImplementedError, match="no rule for the derivative of Product"):
        derivative(sp.Product(x[i], (i, 1, n)), x[at])
