"""Residues, balls and dual numbers over both, against SymPy on random expressions."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import flint
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.oracles.arb import precision
from checkers.oracles.ball import BallNumber
from checkers.oracles.dual import Dual, Undecided, Unrunnable
from checkers.oracles.literal import meant
from checkers.oracles.residue import LAST, MODULUS, PRIMES, Symbols

X, Y = sp.symbols("x y")
POINT = {X: Fraction(3, 8), Y: Fraction(5, 4)}


def leaves():
    rational = st.fractions(min_value=-4, max_value=4, max_denominator=7).map(
        lambda q: sp.Rational(q.numerator, q.denominator)
    )
    return st.sampled_from([X, Y, X, Y]) | rational


def grown(inner):
    return (
        st.builds(lambda a, b: a + b, inner, inner)
        | st.builds(lambda a, b: a * b, inner, inner)
        | st.builds(lambda a, b: a - b, inner, inner)
        | st.builds(lambda a: 1 / (1 + a**2), inner)
        | st.builds(lambda a, n: a**n, inner, st.integers(0, 3))
    )


RATIONAL = st.recursive(leaves(), grown, max_leaves=8)
ANALYTIC = st.recursive(
    leaves(),
    lambda inner: grown(inner) | st.builds(sp.exp, inner) | st.builds(sp.tanh, inner),
    max_leaves=6,
)
PROPERTY = settings(derandomize=True, deadline=None, max_examples=120)


def evaluated(e, environment, one):
    """A SymPy expression on dual numbers, without its help."""
    if e.is_Symbol:
        return environment[e]
    if e is sp.E:
        return one.exp()
    if e.is_Rational:
        return one.lifted(Fraction(int(e.p), int(e.q)))
    parts = [evaluated(part, environment, one) for part in e.args]
    if e.is_Add or e.is_Mul:
        total = parts[0]
        for part in parts[1:]:
            total = total + part if e.is_Add else total * part
        return total
    if e.is_Pow and e.args[1].is_Integer:
        return parts[0] ** int(e.args[1])
    if e.is_Pow and e.args[0] is sp.E:
        return parts[1].exp()
    return getattr(parts[0], type(e).__name__)()


def residues(seed, along=None):
    symbols = Symbols(seed)
    one = Dual(symbols.constant(1))
    with precision(128):
        environment = {
            v: Dual(symbols.free(flint.arb(float(value))), symbols.constant(1) if v == along else None)
            for v, value in POINT.items()
        }
    return environment, one


def tangent(number, one):
    return one.lifted(0).value if number.tangent is None else number.tangent


# --- residues -------------------------------------------------------------------------------------------


def test_the_primes_form_a_tower():
    assert all(sp.isprime(p) for p in PRIMES)
    assert PRIMES[0] == 2**61 - 1
    assert all((p - 1) % q == 0 for q, p in pairwise(PRIMES))
    assert all(p % 4 == 3 for p in PRIMES)


@PROPERTY
@given(RATIONAL, st.integers(0, 2**30))
def test_rewritten_rational_expressions_are_equal(e, seed):
    environment, one = residues(seed)
    direct = evaluated(e, environment, one).value
    assert direct.equals(evaluated(sp.together(sp.expand(e)), environment, one).value)
    assert direct.equals(evaluated(sp.factor(e), environment, one).value)


@PROPERTY
@given(RATIONAL, st.integers(0, 2**30), st.integers(1, 300))
def test_any_difference_shows(e, seed, digits):
    environment, one = residues(seed)
    value = evaluated(e, environment, one)
    off = value + environment[X] * Fraction(1, 10**digits)
    assert not value.value.equals(off.value)


@PROPERTY
@given(ANALYTIC, st.integers(0, 2**30), st.sampled_from([X, Y]))
def test_tangents_are_sympys_derivatives(e, seed, along):
    environment, one = residues(seed, along)
    value = evaluated(e, environment, one)
    still = {v: Dual(x.value) for v, x in environment.items()}
    derivative = evaluated(sp.diff(e, along), still, one)
    assert tangent(value, one).equals(derivative.value)
    off = derivative + Fraction(1, 10**300)
    assert not tangent(value, one).equals(off.value)


@PROPERTY
@given(RATIONAL, RATIONAL, st.integers(0, 2**30))
def test_exp_of_a_sum_is_the_product(a, b, seed):
    environment, one = residues(seed)
    x, y = evaluated(a, environment, one), evaluated(b, environment, one)
    assert (x + y).exp().value.equals((x.exp() * y.exp()).value)
    inner = (x.exp() * y.exp()).exp()
    assert inner.value.equals((x + y).exp().exp().value)
    assert ((2 * x).exp() - 1).value.equals((((2 * x).exp() + 1) * x.tanh()).value)
    off = (x + y).exp() * (1 + Fraction(1, 10**300))
    assert not off.value.equals((x.exp() * y.exp()).value)


def test_logarithms_and_roots_know_their_relations():
    environment, one = residues(3)
    x, y = environment[X], environment[Y]

    def same(a, b):
        return a.value.equals(b.value)

    assert same((x * y).log(), x.log() + y.log())
    assert same((x / y).log(), x.log() - y.log())
    assert same(x.exp().log(), x)
    assert same(x.log().exp(), x)
    assert same(x.sqrt() * x.sqrt(), x)
    assert same((x * y).sqrt(), x.sqrt() * y.sqrt())
    total = x.exp() + y.exp()
    assert same(total.log().exp(), total)
    assert same((x - total.log()).exp(), x.exp() / total)
    assert same((1 / total).log(), -total.log())
    assert not same((x + y).log(), x.log() + y.log())
    assert not same(total.log(), x + y)
    angle = x + y
    assert same(angle.sin() ** 2 + angle.cos() ** 2, one)
    assert same((-angle).sin(), -angle.sin())
    assert not same(angle.sin(), angle.cos())


def test_a_root_of_a_sum_may_have_either_sign_and_says_so():
    environment, _ = residues(4)
    square = (environment[X] + environment[Y]) ** 2 + 1
    assert square.sqrt().value.doubtful
    assert not environment[X].sqrt().value.doubtful


def test_a_negative_input_has_the_logarithm_of_its_absolute_value():
    symbols = Symbols(0)
    with precision(128):
        x = Dual(symbols.free(flint.arb(-2.5)))
        assert abs(x).log().value.equals((x * x).log().value * symbols.constant(Fraction(1, 2)))
        assert (x * x).sqrt().value.equals((-x).value)
        with pytest.raises(Undecided, match="logarithm"):
            x.log()


def test_comparisons_go_by_the_actual_values_and_ties_are_not_broken():
    symbols = Symbols(0)
    with precision(128):
        x, y, z = (Dual(symbols.free(flint.arb(v))) for v in (1.0, 2.0, 2.0))
        assert x < y
        assert y > x
        assert x <= x * 1
        assert x == x * 1
        assert abs(x - y).value.equals((y - x).value)
        with pytest.raises(Undecided, match="equal here"):
            _ = y < z
        with pytest.raises(Undecided, match="divides by 0"):
            _ = x / (y - y)


def test_the_innermost_exponential_is_odd_in_its_logarithm():
    symbols, rng = Symbols(1), random.Random(0)
    x = rng.randrange(MODULUS)
    assert symbols.exponential(x) * symbols.exponential(-x % MODULUS) % MODULUS == 1
    assert symbols.exponential(x) % LAST != symbols.exponential(2 * x % MODULUS) % LAST


@pytest.mark.parametrize("x", [1, True, 0.5, -0.375, 1e22, 3.0, 0.0, Fraction(1, 3)])
def test_literals_that_are_what_they_say(x):
    assert meant(x) == Fraction(x)


@pytest.mark.parametrize(
    "x", [0.1, 1 / 3, 3.141592653589793, 1e-5, 1e300, float("inf"), float("nan"), "1", None]
)
def test_literals_that_are_not(x):
    with pytest.raises(Unrunnable):
        meant(x)


# --- balls ----------------------------------------------------------------------------------------------


@PROPERTY
@given(ANALYTIC, st.sampled_from([X, Y]))
def test_balls_enclose_sympys_derivatives(e, along):
    derivative = sp.diff(e, along).subs(
        {v: sp.Rational(q.numerator, q.denominator) for v, q in POINT.items()}
    )
    exact = sp.N(derivative, 40)
    if not exact.is_number or not exact.is_finite:
        return
    with precision(256):
        one = Dual(BallNumber(flint.arb(1)))
        environment = {
            v: Dual(BallNumber(flint.arb(float(q)), True), BallNumber(flint.arb(1)) if v == along else None)
            for v, q in POINT.items()
        }
        ball = tangent(evaluated(e, environment, one), one).ball
        if ball.is_finite():
            off = abs(ball - flint.arb(str(exact)))
            assert off <= abs(ball) * flint.arb(10) ** -37 + flint.arb(10) ** -37


def test_balls_decide_only_what_is_certain():
    with precision(128):
        x, zero = BallNumber(flint.arb(0), moving=True), BallNumber(flint.arb(0))
        assert zero.compare(BallNumber(flint.arb(0))) == 0
        assert x.compare(x) == 0
        assert zero.compare(BallNumber(flint.arb(1))) == -1
        with pytest.raises(Undecided):
            x.compare(zero)
        third = BallNumber(1 / flint.arb(3))
        with pytest.raises(Undecided):
            third.compare(BallNumber(1 - flint.arb(2) / 3))
