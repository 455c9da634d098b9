"""Powers of e that overflow: their size is known, so that a quotient by them is."""

from __future__ import annotations

import numpy as np
import pytest

import gradproof
from checkers.rounding import elementwise as on
from checkers.rounding.ball import Ball, Rounding

DOUBLE, SINGLE = Rounding.of(np.dtype(np.float64)), Rounding.of(np.dtype(np.float32))
ONE = Ball(np.ones(()))


def ball(values, radius=0.0):
    mid = np.asarray(values, dtype=np.longdouble)
    return Ball(mid, np.full(mid.shape, radius, dtype=np.longdouble) if radius else None)


def logistic(z, rounding):
    """1 / (1 + e^−z), operation by operation."""
    return on.divide(
        ONE, on.add(on.exp(on.exact(np.negative)(z, rounding), rounding), ONE, rounding), rounding
    )


@pytest.mark.parametrize("radius", [0.0, 1e-9, 0.1])
@pytest.mark.parametrize(("rounding", "dtype"), [(DOUBLE, np.float64), (SINGLE, np.float32)])
def test_a_logistic_function_of_anything_is_bounded_and_holds_what_the_program_computes(
    rounding, dtype, radius
):
    z = np.array([-1e5, -12000.0, -800.0, -710.0, -709.0, -90.0, -88.0, -1.0, 0.0, 3.0, 800.0])
    with np.errstate(all="ignore"):
        bound = logistic(ball(z, radius), rounding)
        computed = 1 / (1 + np.exp(-z.astype(dtype)))
    assert np.isfinite(bound.radius).all()
    assert (np.abs(bound.mid - computed) <= bound.radius).all()
    assert (bound.radius[z <= -800] < (1e-36 if dtype == np.float32 else 1e-306)).all()


def test_an_overflow_that_is_not_certain_is_not_called_one():
    with np.errstate(all="ignore"):
        for power in (on.exp(ball([800.0], 200.0), DOUBLE), on.exp(ball([709.0]), DOUBLE)):
            assert power.past is None
        assert not np.isfinite(on.divide(ONE, on.exp(ball([800.0], 200.0), DOUBLE), DOUBLE).radius).any()


def test_what_could_bring_an_overflow_back_makes_its_size_unknown():
    with np.errstate(all="ignore"):
        power = on.exp(ball([800.0]), DOUBLE)
        assert on.add(power, ball([1e200]), DOUBLE).past.all()
        assert not on.add(power, ball([-1e308]), DOUBLE).past.any()
        assert not on.add(power, on.exact(np.negative)(power, DOUBLE), DOUBLE).past
        assert not np.isfinite(on.divide(ONE, on.add(power, ball([-1e308]), DOUBLE), DOUBLE).radius).any()


def sigmoid(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize(("factor", "outcome"), [(1, "agrees"), (1.001, "disagrees")])
def test_a_layer_with_an_overflowing_sigmoid_is_judged(factor, outcome):
    def forward(W, z):
        return W @ sigmoid(z)

    def vjp(delta, W, z):
        a = sigmoid(z)
        return factor * np.outer(delta, a), W.T @ delta * a * (1 - a)

    arguments = np.array([[1.0, -0.5, 2.0], [0.3, 0.7, -1.1]]), np.array([-900.0, 0.4, 1.5])
    verdict = gradproof.check_vjp(forward, vjp, args=arguments)
    assert verdict.outcome == outcome, str(verdict)
