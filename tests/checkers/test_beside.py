"""A given point at which the gradient is zero: a point beside it tells a right claim from a wrong one."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import gradproof
from checkers.beside import points_beside
from checkers.domains import NAMED
from checkers.draw import FIXED, Case


def cubes(x):
    return (x**3).sum()


def test_a_right_gradient_that_is_zero_at_the_point_agrees_and_a_wrong_one_does_not():
    right = gradproof.check_vjp(cubes, lambda delta, x: 3 * x**2 * delta, args=(np.zeros(3),))
    assert right.outcome == "agrees"
    assert "zero there, and right at a point beside it" in right.reason
    wrong = gradproof.check_vjp(cubes, lambda delta, x: 2 * x**2 * delta, args=(np.zeros(3),))
    assert wrong.outcome == "undecided"
    assert "a wrong factor would not show" in wrong.reason


def relu(x):
    return np.maximum(x, 0)


@pytest.mark.parametrize(("factor", "outcome"), [(1, "agrees"), (2, "undecided")])
def test_values_of_other_signs_are_tried_too(factor, outcome):
    verdict = gradproof.check_vjp(relu, lambda delta, x: factor * delta * (x > 0), args=(-np.ones(4),))
    assert verdict.outcome == outcome


def test_a_gradient_that_relies_on_the_given_point_is_not_refuted_beside_it():
    """2 A x is right for the symmetric matrix that was given."""

    def forward(A, x):
        return x @ A @ x

    def vjp(delta, A, x):
        return delta * np.outer(x, x), 2 * delta * (A @ x)

    given = np.array([[2.0, 1.0], [1.0, 3.0]]), np.zeros(2)
    assert gradproof.check_vjp(forward, vjp, args=given).outcome == "undecided"


def test_what_the_code_says_of_points_that_are_not_the_users_is_not_shown():
    def forward(x):
        return np.log(x) ** 2

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdict = gradproof.check_vjp(forward, lambda delta, x: 2 * delta * np.log(x) / x, args=(np.ones(2),))
    assert verdict.outcome == "agrees"


def test_points_beside_keep_shapes_dtypes_domains_and_what_is_given():
    arguments = np.full((2, 3), -0.5, dtype=np.float32), np.array([0.25, 0.5]), np.array([1, 0])
    domains = (NAMED["real"], NAMED["probability"], NAMED["real"])
    case = Case(-1, 0, {}, FIXED, arguments, (None, None, None), "name")
    first, second = points_beside(case, domains, moved={0, 1})
    assert (first.arguments[0] < 0).all()
    for moved in (first, second):
        assert [a.dtype for a in moved.arguments] == [a.dtype for a in arguments]
        assert [a.shape for a in moved.arguments] == [a.shape for a in arguments]
        assert moved.arguments[2] is arguments[2]
        assert moved.number < -1
    assert ((second.arguments[1] > 0) & (second.arguments[1] < 1)).all()


def test_a_gradient_that_is_zero_everywhere_agrees_and_one_that_is_only_zero_here_does_not():
    def penalty(W, b):
        return (W**2).sum() + 0 * b.sum()

    given = np.ones((2, 2)), np.ones(3)
    right = gradproof.check_vjp(penalty, lambda delta, W, b: (2 * delta * W, 0 * b), args=given)
    assert right.outcome == "agrees", str(right)
    wrong = gradproof.check_vjp(penalty, lambda delta, W, b: (2 * delta * W, delta * (b - 1)), args=given)
    assert wrong.outcome == "undecided", str(wrong)
