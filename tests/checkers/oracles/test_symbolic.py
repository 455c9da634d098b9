"""The derivative of a definition, enclosed: exact, and open where there is no value."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from points import point

from checkers.oracles.enclosure import Enclosed
from checkers.oracles.symbolic import Symbolic, estimate_of
from derivations.definition import Definition
from derivations.notation import Index, Tensor, dimensions, total

n, m = dimensions("n m")
i, k = Index("i", m), Index("k", n)
W, a = Tensor("W", m, n), Tensor("a", n)
LAYER = Symbolic(Definition("layer", (W, a), (i,), sp.tanh(total(W[i, k] * a[k], k))))
POINT = point(np.array([[0.5, -1.0, 0.25], [1.0, 2.0, -0.5]]), np.array([0.3, -0.7, 1.1]))
DELTA = np.array([2.0, -0.5])


def slopes():
    W, a = POINT.arguments
    return DELTA * (1 - np.tanh(W @ a) ** 2)


def near(estimate, truth):
    return bool((np.abs(estimate.value - truth) <= estimate.bound + 8e-15 * np.abs(truth)).all())


def test_primal_is_the_value_of_the_definition():
    W, a = POINT.arguments
    (estimate,) = LAYER.primal(POINT).estimates
    assert near(estimate, np.tanh(W @ a))
    assert not near(estimate, np.tanh(W @ a) + 1e-12)


def test_gradients_are_those_of_the_calculus():
    W, a = POINT.arguments
    by_W, by_a = LAYER.gradients(POINT, [DELTA], [0, 1]).estimates
    assert near(by_W, np.outer(slopes(), a))
    assert near(by_a, W.T @ slopes())
    assert not near(by_a, W.T @ DELTA)


def test_only_the_arguments_asked_for_are_differentiated_in_their_order():
    W, a = POINT.arguments
    by_a, by_W = LAYER.gradients(POINT, [DELTA], [1, 0]).estimates
    assert (by_a.value.shape, by_W.value.shape) == (a.shape, W.shape)


def test_pushforward_moves_only_the_arguments_with_tangents():
    W, a = POINT.arguments
    t = np.array([1.0, -1.0, 0.5])
    (estimate,) = LAYER.pushforward(POINT, [None, t]).estimates
    assert near(estimate, (1 - np.tanh(W @ a) ** 2) * (W @ t))
    (both,) = LAYER.pushforward(POINT, [np.ones_like(W), t]).estimates
    assert near(both, (1 - np.tanh(W @ a) ** 2) * (W @ t + a.sum()))


def test_function_without_a_rule_is_a_refusal():
    x = Tensor("x")
    answer = Symbolic(Definition("gamma", (x,), (), sp.gamma(x[()]))).primal(point(1.5))
    assert "no rigorous evaluation" in answer.refusal
    assert answer.estimates == ()


def test_pole_has_an_infinite_bound_and_a_reason():
    x = Tensor("x")
    oracle = Symbolic(Definition("inverse", (x,), (), 1 / x[()]))
    (estimate,) = oracle.gradients(point(0.0), [np.ones(())], [0]).estimates
    assert np.isinf(estimate.bound)
    assert "undefined" in estimate.reason
    (estimate,) = oracle.gradients(point(0.5), [np.ones(())], [0]).estimates
    assert near(estimate, -4.0)


@pytest.mark.parametrize(("at", "kink"), [(0.0, True), (1e-300, False), (-1.0, False)])
def test_kink_is_marked_at_the_point_and_not_beside_it(at, kink):
    x = Tensor("x")
    relu = Symbolic(Definition("relu", (x,), (), sp.Piecewise((x[()], x[()] > 0), (0, True))))
    (estimate,) = relu.gradients(point(at), [np.ones(())], [0]).estimates
    assert bool(estimate.kink) == kink
    if kink:
        assert abs(0.0 - estimate.value) <= estimate.bound
        assert abs(1.0 - estimate.value) <= estimate.bound < 0.51


def test_primal_at_a_tie_is_what_is_written_down():
    x = Tensor("x")
    step = Symbolic(Definition("step", (x,), (), sp.Piecewise((1, x[()] >= 0), (0, True))))
    (estimate,) = step.primal(point(0.0)).estimates
    assert near(estimate, 1.0)
    assert not near(estimate, 0.0)


def test_wide_enclosure_is_a_kink_only_where_cases_were_united():
    value, radius = np.array([0.5]), np.array([0.5])
    assert estimate_of(Enclosed(value, radius, True)).kink.all()
    assert not estimate_of(Enclosed(value, radius, False)).kink.any()
    assert not estimate_of(Enclosed(value, 0 * radius, True)).kink.any()
    assert not estimate_of(Enclosed(value, np.array([np.inf]), True)).kink.any()
