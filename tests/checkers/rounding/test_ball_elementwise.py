"""Operations on balls: wherever in their balls the operands are, the exact result is in its ball."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from soundness import DIGITS, LONG, as_exact, exact, mpf_of, real

from checkers.rounding import Ball, Rounding
from checkers.rounding import elementwise as on
from checkers.rounding.primitives import RULES

DOUBLE, SINGLE = Rounding.of(np.dtype(np.float64)), Rounding.of(np.dtype(np.float32))


def rule(name):
    """A rule of the table of primitives, as an operation."""
    return lambda *operands: RULES[name](operands[:-1], {}, operands[-1])[0]


def power_of(n):
    return lambda x, rounding: on.integer_power(x, rounding, n), lambda x: exact.power(x, n)


FUNCTIONS = {
    "neg": lambda x: exact.subtract(mpmath.mpf(0), x),
    "abs": exact.abs,
    "exp2": exact.exp2,
    "expm1": exact.expm1,
    "sqrt": exact.sqrt,
    "rsqrt": lambda x: exact.divide(mpmath.mpf(1), exact.sqrt(x)),
    "cbrt": exact.cbrt,
    "logistic": exact.logistic,
    "tanh": exact.tanh,
    "sin": exact.sin,
    "cos": exact.cos,
    "sinh": exact.sinh,
    "asin": exact.arcsin,
    "acos": exact.arccos,
    "atan": exact.arctan,
    "asinh": exact.arcsinh,
    "acosh": exact.arccosh,
    "atanh": exact.arctanh,
    "floor": exact.floor,
    "ceil": exact.ceil,
    "round": exact.rint,
}

UNARY = {
    "exp": (on.exp, exact.exp),
    "log": (on.log, exact.log),
    "log1p": (on.log1p, exact.log1p),
    "sign": (on.sign, exact.sign),
    **{name: (rule(name), function) for name, function in FUNCTIONS.items()},
    **{f"power of {n}": power_of(n) for n in (-3, -2, -1, 0, 1, 2, 3, 6)},
}

BINARY = {
    "add": (on.add, exact.add),
    "subtract": (on.subtract, exact.subtract),
    "multiply": (on.multiply, exact.multiply),
    "divide": (on.divide, exact.divide),
    "power": (on.power, exact.power),
    "larger": (on.larger, exact.maximum),
    "smaller": (on.smaller, exact.minimum),
    "remainder": (on.remainder, exact.fmod),
    "two-argument angle": (on.two_argument_angle, exact.arctan2),
}

# Adding 0.0 turns −0.0, which exact arithmetic does not know, into 0.0.
mids = st.one_of(
    st.floats(-4, 4).map(lambda mid: round(mid, 12)),
    st.floats(-1e3, 1e3).map(lambda mid: round(mid, 6)),
    st.integers(-6, 6).map(float),
    st.sampled_from([1 + 2.0**-52, 1 - 2.0**-53, 1e-300, -1e-300, 1e200, -1e200, 709.0, -2e4, 0.5, -1.5]),
).map(lambda mid: mid + 0.0)
radii = st.one_of(
    st.just(0.0),
    st.integers(-70, 3).map(lambda exponent: 2.0**exponent),
    st.sampled_from([1e-300, np.inf]),
)
spots = st.one_of(st.sampled_from([-1.0, 1.0, 0.0]), st.floats(-1, 1))
"""A place inside a ball: from −1, its lower end, to 1, its upper end."""

everywhere = st.sampled_from(
    [0.0, 1e-300, -1e-300, 0.3, -0.3, 1.0, -1.0, 40.0, -40.0, 1e5, -1e5, 1e300, -1e300]
)
"""A place inside a ball without bound."""

operands = st.tuples(mids, radii, spots, everywhere)

sampled = settings(max_examples=100, deadline=None, derandomize=True)


def ball_of(mid, rad):
    exactly = rad == 0
    return Ball(
        np.array([mid], dtype=np.longdouble), None if exactly else np.array([rad], dtype=np.longdouble)
    )


def place_in(operand):
    mid, rad, spot, anywhere = operand
    if np.isinf(rad):
        return mpmath.mpf(anywhere)
    return mpmath.mpf(mid) + mpmath.mpf(spot) * mpmath.mpf(rad)


SLACK = 2.0**-56
"""A radius is itself computed with rounding, in longdouble."""

CUT = 1e-50
"""What is lost of a place in a ball in 60 digits."""


def holds(result, value):
    """Whether a ball holds the exact value; where there is none, it must not claim one."""
    (mid,), (rad,) = result.mid, result.radius
    if np.isinf(rad):
        return True
    if not real(value):
        return not np.isfinite(mid)
    return bool(abs(mpf_of(mid) - value) <= mpf_of(rad) + SLACK * mpf_of(rad) + CUT * abs(value))


def sound(operation, function, given_operands, rounding=LONG):
    with np.errstate(all="ignore"), mpmath.workdps(DIGITS):
        result = operation(*(ball_of(mid, rad) for mid, rad, _, _ in given_operands), rounding)
        value = function(*(np.asarray(place_in(operand), dtype=object) for operand in given_operands))
        return holds(result, value[()])


@pytest.mark.parametrize("name", UNARY)
@sampled
@given(operand=operands)
@example(operand=(-2e4, 3e4, 1.0, 0.0))
@example(operand=(-2e4, np.inf, 0.0, 1.0))
@example(operand=(1.0, 2.0, -1.0, 0.0))
def test_result_of_one_operand_is_inside_its_ball(name, operand):
    assert sound(*UNARY[name], [operand])


@pytest.mark.parametrize("name", BINARY)
@sampled
@given(first=operands, second=operands)
def test_result_of_two_operands_is_inside_its_ball(name, first, second):
    assert sound(*BINARY[name], [first, second])


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide"])
@sampled
@given(near=st.integers(-4, 4), radius=st.sampled_from([0.0, 2.0**-60, 2.0**-50]), spot=spots)
def test_cancellation_keeps_the_whole_error_of_the_operands(name, near, radius, spot):
    x, y = (1 + near * 2.0**-52, radius, spot, 0.0), (1.0, radius, -spot, 0.0)
    assert sound(*BINARY[name], [x, y])


@pytest.mark.parametrize(
    ("name", "at", "moved"),
    [("floor", -1.0, -1), ("floor", 1.0, -1), ("ceil", 512.0, 1), ("round", -0.5, -1), ("round", 1.5, -1)],
)
@pytest.mark.parametrize("radius", [2.0**-40, 2.0**-64, 2.0**-70])
def test_jump_beside_a_midpoint_is_seen_however_small_the_radius(name, at, moved, radius):
    assert sound(*UNARY[name], [(at, radius, float(moved), 0.0)])


@pytest.mark.parametrize("radius", [2.0**-40, 2.0**-65])
def test_jump_of_a_remainder_is_seen_however_small_the_radius(radius):
    assert sound(*BINARY["remainder"], [(-1.0, radius, 1.0, 0.0), (1.0, 0.0, 0.0, 0.0)])


@pytest.mark.parametrize("base", [8.0, 1e-200, 1e300])
@pytest.mark.parametrize("radius", [2.0**-40, 2.0**-62, 2.0**-64])
def test_power_spreads_with_its_exponent_however_small_the_radius(base, radius):
    assert sound(*BINARY["power"], [(base, 0.0, 0.0, 0.0), (1.5, radius, 1.0, 0.0)])


def test_the_property_can_fail():
    def without_radius(x, rounding):
        return Ball(np.exp(x.mid), np.zeros(x.mid.shape))

    assert not sound(without_radius, exact.exp, [(1.0, 2.0**-40, 1.0, 0.0)])
    assert sound(on.exp, exact.exp, [(1.0, 2.0**-40, 1.0, 0.0)])


@pytest.mark.parametrize("name", sorted(set(UNARY) - {"floor", "ceil", "round", "sign"}))
def test_radius_is_no_more_than_twice_what_the_function_spreads(name):
    operation, function = UNARY[name]
    mid, rad = (1.7 if name == "acosh" else 0.7), 2.0**-20
    result = operation(ball_of(mid, rad), DOUBLE)
    with mpmath.workdps(DIGITS):
        ends = [function(np.asarray(mpmath.mpf(mid) + t * rad, dtype=object))[()] for t in (-1, 1)]
        spread = max(float(abs(end - mpf_of(result.mid[0]))) for end in ends)
    assert result.radius[0] <= 2 * spread + 1e-15


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("exp", -20, 20),
        ("expm1", -3, 3),
        ("exp2", -20, 20),
        ("log", 0.01, 100),
        ("log1p", -0.9, 10),
        ("sqrt", 0.01, 10),
        ("cbrt", -10, 10),
        ("tanh", -5, 5),
        ("sin", -20, 20),
        ("cos", -20, 20),
        ("sinh", -5, 5),
        ("asin", -1, 1),
        ("acos", -1, 1),
        ("atan", -10, 10),
        ("asinh", -10, 10),
        ("acosh", 1, 10),
        ("atanh", -0.99, 0.99),
    ],
)
def test_rounding_of_numpys_functions_is_covered_at_exact_operands(name, low, high, dtype):
    by_numpy = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh"}
    by_numpy |= {"acosh": "arccosh", "atanh": "arctanh"}
    x = np.random.default_rng(5).uniform(low, high, 20_000).astype(dtype)
    ball = rule(name)(Ball(x.astype(np.longdouble)), Rounding.of(np.dtype(dtype)))
    result = getattr(np, by_numpy.get(name, name))(x)
    assert (np.abs(ball.mid - result) <= ball.radius).all()
    assert (ball.radius <= 20 * Rounding.of(np.dtype(dtype)).unit * np.abs(ball.mid) + 1e-37).all()


# --- rounding itself ----------------------------------------------------------------------------------------


@sampled
@given(x=st.floats(-(2.0**100), 2.0**100, width=32), y=st.floats(-(2.0**100), 2.0**100, width=32))
@example(x=2.0**-100, y=2.0**-100)
@example(x=1.0, y=2.0**-24)
def test_one_operation_rounds_at_most_by_what_its_dtype_allows(x, y):
    for dtype, rounding in ((np.float64, DOUBLE), (np.float32, SINGLE)):
        pair = [np.array([v], dtype=dtype) for v in (x, y)]
        balls = [Ball(a.astype(np.longdouble)) for a in pair]
        with np.errstate(all="ignore"):
            for function, operation in ((np.add, on.add), (np.multiply, on.multiply), (np.divide, on.divide)):
                ball, result = operation(*balls, rounding), function(*pair)
                assert np.abs(ball.mid - result) <= ball.radius or not np.isfinite(result)
                assert np.isfinite(result) or np.isinf(ball.radius)


def test_rounding_in_a_shorter_dtype_is_wider():
    x, y = Ball(np.array([1.0], np.longdouble)), Ball(np.array([3.0], np.longdouble))
    radii = [on.divide(x, y, rounding).radius[0] for rounding in (LONG, DOUBLE, SINGLE)]
    assert radii[0] < 1e-18 < radii[1] < 1e-15 < 1e-8 < radii[2] < 1e-7


@pytest.mark.parametrize(("rounding", "size"), [(DOUBLE, 1e160), (SINGLE, 1e20)])
def test_overflow_of_the_program_is_unknown_although_the_midpoint_is_finite(rounding, size):
    x = Ball(np.array([size, 1.0], dtype=np.longdouble))
    product = on.multiply(x, x, rounding)
    assert np.isfinite(product.mid).all()
    assert np.isinf(product.radius).tolist() == [True, False]


def test_underflow_of_the_program_is_within_the_smallest_normal_number():
    x = Ball(np.array([1e-200], dtype=np.longdouble))
    product = on.multiply(x, x, DOUBLE)
    assert 1e-308 < product.radius[0] < 1e-307
    again = on.multiply(product, Ball(np.array([1e300], dtype=np.longdouble)), DOUBLE)
    assert again.radius[0] > 1e-9


def test_not_a_number_is_unknown():
    ball = DOUBLE.close(np.array([np.nan, np.inf, 1.0]))
    assert np.isinf(ball.radius).tolist() == [True, True, False]


def test_zero_times_a_bounded_unknown_is_zero():
    zero, wide = Ball(np.zeros(1, np.longdouble)), ball_of(5.0, 1e3)
    assert on.multiply(zero, wide, DOUBLE).radius[0] <= 1e-307


def test_logarithm_and_division_are_unknown_where_the_ball_reaches_zero():
    for operation in (on.log, lambda x, rounding: on.divide(ball_of(1.0, 0.0), x, rounding)):
        with np.errstate(all="ignore"):
            assert np.isinf(operation(ball_of(0.5, 0.5), DOUBLE).radius[0])
        assert np.isfinite(operation(ball_of(0.5, 0.4), DOUBLE).radius[0])


# --- comparison and choice ----------------------------------------------------------------------------------

COMPARISONS = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}


@pytest.mark.parametrize("name", COMPARISONS)
@sampled
@given(first=operands, second=operands)
def test_decided_comparison_holds_everywhere_in_the_balls(name, first, second):
    with np.errstate(all="ignore"), mpmath.workdps(DIGITS):
        ball = rule(name)(ball_of(*first[:2]), ball_of(*second[:2]), DOUBLE)
        truth = bool(COMPARISONS[name](place_in(first), place_in(second)))
    assert bool(ball.mid[0]) == truth or bool(ball.radius[0])


@pytest.mark.parametrize("name", COMPARISONS)
def test_comparison_of_balls_apart_is_decided(name):
    ball = rule(name)(ball_of(1.0, 0.4), ball_of(2.0, 0.5), DOUBLE)
    assert not ball.radius.astype(bool).any()
    assert ball.mid[0] == COMPARISONS[name](1.0, 2.0)


@pytest.mark.parametrize("name", COMPARISONS)
def test_comparison_with_a_number_that_does_not_exist_is_undecided(name):
    with np.errstate(all="ignore"):
        unknown = on.log(ball_of(-1e-17, 1e-16), DOUBLE)
        assert np.isinf(unknown.radius[0])
        assert bool(rule(name)(unknown, ball_of(0.0, 0.0), DOUBLE).radius[0])


def test_equality_is_undecided_only_between_different_midpoints():
    assert bool(rule("eq")(ball_of(1.0, 0.5), ball_of(1.25, 0.0), DOUBLE).radius[0])
    same = rule("eq")(ball_of(1.0, 0.5), ball_of(1.0, 0.0), DOUBLE)
    assert same.mid[0]
    assert not same.radius[0]
    assert not rule("ne")(ball_of(1.0, 0.1), ball_of(2.0, 0.1), DOUBLE).radius.any()


booleans = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=4)


@pytest.mark.parametrize("name", ["and", "or", "xor"])
@sampled
@given(pairs=st.lists(st.tuples(*[st.booleans()] * 4), min_size=1, max_size=4))
def test_boolean_operation_is_undecided_exactly_where_the_result_could_turn(name, pairs):
    x, x_open, y, y_open = (np.array(column) for column in zip(*pairs, strict=True))
    function = {"and": np.logical_and, "or": np.logical_or, "xor": np.logical_xor}[name]
    ball = rule(name)(Ball(x, x_open), Ball(y, y_open), DOUBLE)
    possible = [function(x ^ (x_open & s), y ^ (y_open & t)) for s in (False, True) for t in (False, True)]
    assert (ball.mid == function(x, y)).all()
    assert (ball.radius.astype(bool) == (np.ptp(np.array(possible).astype(int), axis=0) > 0)).all()


def test_negation_of_an_undecided_boolean_is_undecided():
    ball = rule("not")(Ball(np.array([True, True]), np.array([True, False])), DOUBLE)
    assert ball.mid.tolist() == [False, False]
    assert ball.radius.tolist() == [True, False]


@sampled
@given(which=st.booleans(), open_=st.booleans(), no=operands, yes=operands, other=st.booleans())
def test_choice_holds_the_chosen_case_and_every_case_where_it_is_open(which, open_, no, yes, other):
    condition = Ball(np.array([which]), np.array([open_]))
    with np.errstate(all="ignore"), mpmath.workdps(DIGITS):
        ball = on.select(condition, ball_of(*no[:2]), ball_of(*yes[:2]))
        chosen = other if open_ else which
        assert holds(ball, place_in(yes if chosen else no))


def test_decided_choice_is_as_sharp_as_the_chosen_case():
    ball = on.select(Ball(np.array([True])), ball_of(100.0, 50.0), ball_of(1.0, 2.0**-60))
    assert (ball.mid[0], ball.radius[0]) == (1.0, 2.0**-60)


def test_choice_among_booleans_is_open_where_the_cases_differ():
    condition = Ball(np.array([True, True]), np.array([True, True]))
    ball = on.select(condition, Ball(np.array([True, False])), Ball(np.array([True, True])))
    assert ball.mid.tolist() == [True, True]
    assert ball.radius.tolist() == [False, True]


def test_open_choice_of_a_case_that_overflows_is_unknown():
    condition = Ball(np.array([True]), np.array([True]))
    assert np.isinf(on.select(condition, Ball(np.array([np.nan])), Ball(np.array([1.0]))).radius[0])


def test_exact_operands_stay_exact_where_nothing_rounds():
    x = Ball(as_exact(np.array([0.0])).astype(np.longdouble) + 3)
    assert rule("neg")(x, DOUBLE).rad is None
    assert rule("abs")(x, DOUBLE).rad is None
    assert rule("floor")(x, DOUBLE).rad is None
    assert on.larger(x, x, DOUBLE).rad is None
