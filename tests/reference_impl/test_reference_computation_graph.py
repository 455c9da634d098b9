"""The computation graph: its value, and forward mode and reverse mode against each other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reference_impl.computation_graph import graph, graph_jvp, graph_value, graph_vjp
from reference_impl.elementwise import sigmoid

numbers = st.floats(-5, 5).map(np.float64)
threes = st.tuples(numbers, numbers, numbers)


@given(threes)
def test_value_is_the_sigmoid_of_the_net_input(point):
    x, w, b = point
    np.testing.assert_allclose(graph_value(x, w, b), sigmoid(w * x + b), rtol=1e-13)
    assert len(graph(x, w, b)) == 6


@given(threes)
def test_forward_mode_gives_by_three_passes_what_reverse_mode_gives_by_one(point):
    passes = [graph_jvp(tuple(seed), *point) for seed in np.eye(3)]
    np.testing.assert_allclose(graph_vjp(np.float64(1), *point), passes, rtol=1e-13, atol=1e-300)


@given(threes, threes, numbers)
def test_modes_are_adjoint(point, tangents, delta):
    forward = delta * graph_jvp(tangents, *point)
    terms = [g * t for g, t in zip(graph_vjp(delta, *point), tangents, strict=True)]
    np.testing.assert_allclose(np.sum(terms), forward, rtol=1e-10, atol=1e-12)


@given(threes)
def test_derivatives_are_those_along_the_paths(point):
    x, w, b = point
    f = graph_value(x, w, b)
    by_x, by_w, by_b = graph_vjp(np.float64(1), x, w, b)
    np.testing.assert_allclose([by_x, by_w, by_b], np.array([w, x, 1]) * f * (1 - f), rtol=1e-9, atol=1e-15)


def test_derivatives_at_the_example_are_a_quarter():
    _, by_w, by_b = graph_vjp(*map(np.float64, (1, 1, 0, 0)))
    assert by_w == by_b == 1 / 4
