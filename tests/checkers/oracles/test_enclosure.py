"""Expressions enclosed: the ball holds the exact value, is narrow, and spans both slopes at a kink."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.oracles.arb import exact_balls
from checkers.oracles.enclosure import Enclosure
from derivations.notation import Index, ShapeError, Tensor, dimensions, kronecker, total

n, m = dimensions("n m")
i, j, k = Index("i", m), Index("j", m), Index("k", n)
x, y = Tensor("x"), Tensor("y")
X, Y = x[()], y[()]


def at(expression, unite_ties=False, **values):
    """An expression in numbers, enclosed."""
    arrays = {name: np.asarray(value) for name, value in values.items()}
    return Enclosure(arrays, [Tensor(name) for name in arrays], unite_ties).of(expression, ())


def holds(enclosed, truth):
    return bool((np.abs(enclosed.value - truth) <= enclosed.radius).all())


floats = st.floats(-1e6, 1e6, allow_subnormal=False)
steadily = settings(derandomize=True, deadline=None, max_examples=40)


@steadily
@given(floats, floats)
def test_rational_arithmetic_is_enclosed_and_nearly_exact(a, b):
    enclosed = at(X * Y - Y**2 + sp.Rational(1, 3) * X, x=a, y=b)
    p, q = Fraction(a), Fraction(b)
    truth = p * q - q**2 + p / 3
    error = abs(Fraction(float(enclosed.value)) - truth)
    assert error <= Fraction(float(enclosed.radius))
    assert enclosed.radius <= 2.0**-48 * abs(float(truth)) + 1e-300


@pytest.mark.parametrize(
    ("expression", "value", "truth"),
    [
        (sp.exp(X), 1.0, sp.E),
        (sp.log(X), 2.0, sp.log(2)),
        (sp.tanh(X), 0.5, sp.tanh(sp.Rational(1, 2))),
        (sp.sin(X), 1e6, sp.sin(10**6)),
        (sp.sqrt(X), 2.0, sp.sqrt(2)),
        (X ** sp.Rational(1, 3), 2.0, sp.cbrt(2)),
        (1 / X, 3.0, sp.Rational(1, 3)),
        (sp.Max(X, 2), 5.0, 5),
        (sp.Min(X, 2), 5.0, 2),
        (sp.Abs(X), -5.0, 5),
        (sp.pi * X, 1.0, sp.pi),
        (sp.E * X, 1.0, sp.E),
        (sp.erf(X), 0.25, sp.erf(sp.Rational(1, 4))),
        (sp.floor(X), 2.5, 2),
        (sp.Float(0.5) * X, 3.0, sp.Rational(3, 2)),
        (1 / (1 + sp.exp(-X)), 1000.0, 1),
        (sp.log(1 + sp.exp(X)) - X, 300.0, sp.exp(-300)),
    ],
)
def test_functions_agree_with_sympy_to_the_last_digits(expression, value, truth):
    enclosed, number = at(expression, x=value), float(sp.N(truth, 30))
    assert abs(enclosed.value - number) <= enclosed.radius + 2.0**-52 * abs(number)
    assert enclosed.radius <= 2.0**-45 * abs(number)
    assert not holds(enclosed, number * (1 + 1e-9))


def test_cancellation_is_met_with_more_digits():
    enclosed = at((1 + X) ** 2 - 1 - 2 * X, x=2.0**-40)
    assert holds(enclosed, 2.0**-80)
    assert enclosed.radius <= 2.0**-120


@pytest.mark.parametrize(("expression", "value"), [(1 / X, 0.0), (sp.log(X), 0.0), (sp.exp(sp.exp(X)), 1e3)])
def test_pole_and_overflow_have_an_infinite_radius(expression, value):
    assert np.isinf(at(expression, x=value).radius)
    assert np.isfinite(at(expression, x=0.5).radius)


def test_root_of_a_negative_number_is_unknown():
    assert np.isinf(at(sp.sqrt(X), x=-1.0).radius)


def test_sums_run_over_the_length_of_the_arrays():
    W, a = Tensor("W", m, n), Tensor("a", n)
    arrays = {"W": np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 0.25]]), "a": np.array([1.0, -2.0, 4.0])}
    enclosure = Enclosure(arrays, [W, a], False)
    assert holds(enclosure.of(total(W[i, k] * a[k], k), (i,)), arrays["W"] @ arrays["a"])
    assert not holds(enclosure.of(total(W[i, k] * a[k], k), (i,)), arrays["W"] @ arrays["a"] + 1e-12)
    assert holds(enclosure.of(total(a[k], k) / n, ()), 1.0)
    assert holds(enclosure.of(total(sp.Integer(2), k), ()), 6.0)
    assert enclosure.of(a[k] * W[i, k], (k, i)).value.shape == (3, 2)
    assert holds(enclosure.of(W[i, k], (k, i)), arrays["W"].T)


def test_sum_over_nothing_is_zero():
    a = Tensor("a", n)
    assert holds(Enclosure({"a": np.zeros(0)}, [a], False).of(total(a[k] ** 2, k), ()), 0.0)


def test_diagonals_and_deltas_follow_their_indices():
    S = Tensor("S", m, m)
    enclosure = Enclosure({"S": np.arange(9.0).reshape(3, 3)}, [S], False)
    assert holds(enclosure.of(S[i, i], (i,)), np.array([0.0, 4.0, 8.0]))
    assert holds(enclosure.of(kronecker(i, j) * S[i, j], (i, j)), np.diag([0.0, 4.0, 8.0]))
    assert holds(enclosure.of(sp.Symbol.__add__(i, 0) * S[i, i], (i,)), np.array([0.0, 8.0, 24.0]))


def test_lengths_that_contradict_each_other_are_refused():
    a, b = Tensor("a", n), Tensor("b", n)
    with pytest.raises(ShapeError, match="b has length 3 where n is 2"):
        Enclosure({"a": np.ones(2), "b": np.ones(3)}, [a, b], False)


RELU = sp.Piecewise((X, X > 0), (0, True))
STEP = sp.Piecewise((1, X > 0), (0, True))


def test_piecewise_takes_its_case_where_that_is_certain():
    assert holds(at(RELU, x=2.0), 2.0)
    assert holds(at(RELU, x=-2.0), 0.0)
    assert not at(STEP, unite_ties=True, x=1e-300).cases


def test_tie_holds_all_cases_where_they_are_united_and_the_written_one_elsewhere():
    united, written = at(STEP, unite_ties=True, x=0.0), at(STEP, x=0.0)
    assert united.cases
    assert holds(united, 0.0)
    assert holds(united, 1.0)
    assert not holds(united, 1.1)
    assert not written.cases
    assert holds(written, 0.0)
    assert not holds(written, 1.0)


def test_derivative_of_an_absolute_value_at_its_kink_spans_both_slopes():
    enclosed = at(sp.diff(sp.Abs(X), X), unite_ties=True, x=0.0)
    assert enclosed.cases
    assert holds(enclosed, -1.0)
    assert holds(enclosed, 1.0)
    assert not holds(enclosed, 1.01)


def test_condition_that_no_rule_decides_is_refused():
    with pytest.raises(NotImplementedError, match="no rigorous evaluation"):
        at(sp.Piecewise((1, sp.Ne(X, 0)), (0, True)), x=1.0)
    with pytest.raises(NotImplementedError, match="no rigorous evaluation"):
        at(sp.gamma(X), x=1.0)


def test_precision_of_the_library_is_left_as_it_was():
    import flint

    before = flint.ctx.prec
    at((1 + X) ** 2 - 1 - 2 * X, x=2.0**-40)
    assert flint.ctx.prec == before


def test_exact_balls_have_no_radius():
    balls = exact_balls(np.array([[0.1, 2.0]]))
    assert balls.shape == (1, 2)
    assert all(float(ball.rad()) == 0 for ball in balls.flat)
    assert float(balls[0, 0].mid()) == 0.1
