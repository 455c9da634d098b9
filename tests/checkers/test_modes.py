"""Reverse and forward mode: what is drawn, how the code is called, and what must come back."""

# ruff: noqa: ARG002, ARG005  (what is called takes all its arguments, needed or not)

from __future__ import annotations

import numpy as np
import pytest
from points import point

from checkers.candidate import Candidate
from checkers.modes import Forward, Reverse
from checkers.oracles.estimate import Answer, Estimate

X, K = np.array([1.0, -2.0, 0.5]), np.array([1, 2, 3])


def product(x, k):
    return x * k


def candidate(kind, derivative, forward=product, arguments=("x", "k")):
    return Candidate(forward, derivative, kind, "product", arguments)


def reverse(kind="vjp", derivative=lambda d, x, k: (d * k, None)):
    return Reverse(candidate(kind, derivative))


def forward_mode(derivative=lambda t, x, k: t[0] * k):
    return Forward(candidate("jvp", derivative))


class Recorded:
    """An oracle that notes what it is asked."""

    name = "recorded"

    def __init__(self):
        self.asked = None

    def gradients(self, case, cotangents, wrt):
        self.asked = (cotangents, wrt)
        return Answer(self.name)

    def pushforward(self, case, tangents):
        self.asked = tangents
        return Answer(self.name, [Estimate.of(np.full(3, k), np.zeros(3)) for k in range(2)])


def test_cotangents_have_the_shapes_of_the_outputs_and_two_decimals():
    outputs = [np.zeros((2, 3)), np.zeros((), np.float32), np.zeros(4, int)]
    drawn = reverse().leading(point(X, K), outputs)
    assert [d.shape for d in drawn] == [(2, 3), (), (4,)]
    assert [d.dtype for d in drawn] == [np.float64, np.float32, np.float64]
    np.testing.assert_array_equal(drawn[0], np.round(drawn[0], 2))
    assert (drawn[0] < 0).any()


def test_same_case_draws_the_same_and_another_something_else():
    def drawn(number):
        return reverse().leading(point(X, K, number=number), [X])[0].tolist()

    assert drawn(0) == drawn(0)
    assert len({tuple(drawn(k)) for k in range(5)}) == 5


def test_cotangent_of_a_loss_is_1():
    (delta,) = reverse("grad").leading(point(X, K), [np.array(3.0)])
    assert delta == 1.0


def test_tangents_have_the_shapes_of_the_arguments_and_whole_numbers_stay():
    by_x, by_k = forward_mode().leading(point(X, K), [X])
    assert by_x.shape == X.shape
    assert by_x.any()
    assert not by_k.any()


def test_call_gives_one_array_per_argument_or_output():
    case = point(X, K)
    assert [a is None for a in reverse().call([np.ones(3)], case, [X]).arrays] == [False, True]
    (tangent,) = forward_mode().call([np.ones(3), np.zeros(3)], case, [X]).arrays
    np.testing.assert_array_equal(tangent, K)


def test_gradients_are_expected_in_the_shape_of_arguments_and_tangents_of_outputs():
    case = point(X, K)
    assert [name for name, _ in reverse().expected(case, [X])] == ["x", "k"]
    assert [name for name, _ in forward_mode().expected(case, [X])] == ["output"]
    assert [(name, a.shape) for name, a in forward_mode().expected(case, [X, np.zeros(())])] == [
        ("output 0", (3,)),
        ("output 1", ()),
    ]


def test_oracles_are_asked_for_what_is_judged():
    oracle = Recorded()
    reverse().answer(oracle, point(X, K), [np.ones(3)], [0])
    assert oracle.asked[1] == [0]
    answer = forward_mode().answer(oracle, point(X, K), [np.ones(3), np.zeros(3)], [1])
    assert oracle.asked[1] is None
    assert [estimate.value.tolist() for estimate in answer.estimates] == [[1, 1, 1]]


@pytest.mark.parametrize("count", [1, 2])
def test_code_takes_bare_arrays(count):
    def vjp(delta, x, k):
        return (delta if count == 1 else delta[0] + delta[1]) * k, None

    mode = reverse(derivative=vjp)
    leading = [np.ones(3)] * count
    inputs = mode.inputs(leading, point(X, K))
    assert len(inputs) == count + 2
    np.testing.assert_array_equal(mode.code(count)(*inputs)[0], count * K)


def test_code_of_a_grad_takes_the_arguments_alone_and_that_of_a_jvp_the_tangents_first():
    mode = reverse("grad", lambda x, k: (k * 1.0, None))
    np.testing.assert_array_equal(mode.code(1)(*mode.inputs([np.ones(())], point(X, K)))[0], K)
    mode = forward_mode()
    np.testing.assert_array_equal(mode.code(2)(*mode.inputs([np.ones(3), np.zeros(3)], point(X, K))), K)
