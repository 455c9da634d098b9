"""Whole programs on balls: random ones, gradients, control flow, and what rounding leaves undecided."""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax import lax
from jax.extend.core import Primitive
from soundness import (
    LONG,
    as_exact,
    balls_of,
    by_numpy,
    by_xla,
    encloses,
    exact,
    exactly,
    jaxpr_of,
    within,
)

from checkers.rounding import Ball, as_balls, evaluate
from checkers.rounding.evaluate import SMALL

# --- random programs ----------------------------------------------------------------------------------------

STEPS = {
    "negated": lambda _, x, *__: -x,
    "sum": lambda _, x, y: x + y,
    "difference": lambda _, x, y: x - y,
    "product": lambda xp, x, y: xp.multiply(x, y),
    "quotient": lambda xp, x, y: xp.divide(x, y),
    "power": lambda xp, x, y: xp.power(xp.abs(x), y),
    "cube": lambda _, x, *__: x**3,
    "inverse square": lambda xp, x, *_: xp.divide(1.0, x * x),
    "exp": lambda xp, x, *_: xp.exp(x),
    "log": lambda xp, x, *_: xp.log(x),
    "log of the size": lambda xp, x, *_: xp.log(xp.abs(x)),
    "sqrt": lambda xp, x, *_: xp.sqrt(x),
    "cbrt": lambda xp, x, *_: xp.cbrt(x),
    "tanh": lambda xp, x, *_: xp.tanh(x),
    "sin": lambda xp, x, *_: xp.sin(x),
    "arctan": lambda xp, x, *_: xp.arctan(x),
    "log1p": lambda xp, x, *_: xp.log1p(x),
    "expm1": lambda xp, x, *_: xp.expm1(x),
    "sigmoid": lambda xp, x, *_: xp.divide(1.0, 1.0 + xp.exp(-x)),
    "softplus": lambda xp, x, *_: xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.abs(x))),
    "larger": lambda xp, x, y: xp.maximum(x, y),
    "smaller": lambda xp, x, y: xp.minimum(x, y),
    "relu": lambda xp, x, *_: xp.where(x > 0, x, 0.0 * x),
    "either": lambda xp, x, y: xp.where(x < y, x * x, y + x),
    "inner product": lambda xp, x, y: y * xp.matmul(x, y),
    "outer product": lambda xp, x, y: xp.sum(x[:, None] * y[None, :], axis=1),
    "running sum": lambda xp, x, *_: xp.cumsum(x),
    "centred": lambda xp, x, *_: x - xp.divide(xp.sum(x), 1.0 * x.shape[0]),
    "sorted": lambda xp, x, *_: xp.sort(x),
    "softmax": lambda xp, x, *_: xp.divide(xp.exp(x - xp.max(x)), xp.sum(xp.exp(x - xp.max(x)))),
    "shifted far": lambda _, x, *__: (x + 1e8) - 1e8,
}


def program_of(steps):
    """The program that takes these steps and returns every intermediate result."""

    def program(xp, x, y):
        known = [x, y]
        for name, first, second in steps:
            known.append(STEPS[name](xp, known[first % len(known)], known[second % len(known)]))
        return known[2:]

    return program


programs = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=6
).map(program_of)

entries = st.one_of(
    st.floats(-10, 10).map(lambda v: round(v, 4) + 0.0),
    st.integers(-3, 3).map(float),
    st.sampled_from([1 + 2.0**-52, 1 - 2.0**-52, 1e-8, -1e-8]),
)
extremes = st.one_of(entries, st.sampled_from([1e155, -1e200, 1e-155, 1e-200, 1e300, 750.0, -750.0, 1e5]))


def vectors(of):
    return st.integers(1, 4).flatmap(
        lambda n: st.tuples(*[st.lists(of, min_size=n, max_size=n).map(np.array)] * 2)
    )


random_programs = settings(max_examples=150, deadline=None, derandomize=True)


@random_programs
@given(program=programs, arrays=vectors(extremes))
def test_float64_results_of_a_random_program_lie_in_its_balls(program, arrays):
    for ball, result in zip(balls_of(program, arrays), by_numpy(program, arrays), strict=True):
        assert within(ball, result)


@random_programs
@given(program=programs, arrays=vectors(entries))
def test_float32_results_of_a_random_program_lie_in_its_balls(program, arrays):
    shortened = [a.astype(np.float32) for a in arrays]
    for ball, result in zip(balls_of(program, shortened), by_numpy(program, shortened), strict=True):
        assert within(ball, result)


@random_programs
@given(program=programs, arrays=vectors(extremes))
def test_exact_results_of_a_random_program_lie_in_the_balls_of_the_reference(program, arrays):
    for ball, value in zip(balls_of(program, arrays, LONG), exactly(program, arrays), strict=True):
        assert encloses(ball, value)


def test_midpoints_alone_are_not_enough():
    def program(xp, x, y):
        return xp.divide(xp.exp(x) - xp.exp(y), x - y)

    arrays = (np.array([1.0]), np.array([1 + 2.0**-40]))
    (ball,), (result,) = balls_of(program, arrays), by_numpy(program, arrays)
    assert within(ball, result)
    assert not within(Ball(ball.mid, ball.radius * 1e-6), result)


# --- gradients of ordinary programs -------------------------------------------------------------------------

RNG = np.random.default_rng(11)


def normal(*shape):
    return RNG.standard_normal(shape)


def layer_norm(x, g, b):
    c = x - x.mean(1, keepdims=True)
    return c / jnp.sqrt((c * c).mean(1, keepdims=True) + 1e-5) * g + b


def attention(q, k, v):
    scores = jax.nn.softmax(q @ k.T / 2, axis=-1)
    return scores @ v


def network(x, W, b, V, y):
    h = jnp.tanh(x @ W + b)
    return -jnp.take_along_axis(jax.nn.log_softmax(h @ V), y[:, None], 1).mean()


def convolution(x, w):
    return jnp.sum(jnp.sin(lax.conv_general_dilated(x, w, (1, 2), "SAME")))


GRADIENTS = {
    "affine": (lambda W, x, b: (jnp.sin(W @ x + b)).sum(), (normal(3, 4), normal(4), normal(3))),
    "softmax cross-entropy": (lambda z: -jax.nn.log_softmax(z)[:, 1].sum(), (normal(4, 3),)),
    "layer norm": (lambda x, g, b: (layer_norm(x, g, b) ** 2).sum(), (normal(3, 5), normal(5), normal(5))),
    "attention": (
        lambda q, k, v: (attention(q, k, v) ** 2).sum(),
        (normal(4, 3), normal(5, 3), normal(5, 3)),
    ),
    "network": (network, (normal(5, 3), normal(3, 4), normal(4), normal(4, 3), np.array([0, 2, 1, 1, 0]))),
    "convolution": (convolution, (normal(1, 2, 5, 4), normal(3, 2, 2, 2))),
    "largest of pools": (
        lambda x: (lax.reduce_window(x, -jnp.inf, lax.max, (2, 2), (2, 2), "VALID") ** 2).sum(),
        (normal(4, 6),),
    ),
    "log-determinant": (lambda a: jnp.linalg.slogdet(a @ a.T + jnp.eye(3))[1], (normal(3, 3),)),
    "linear solution": (
        lambda a, b: jnp.linalg.solve(a + 4 * jnp.eye(3), b).sum(),
        (normal(3, 3), normal(3, 2)),
    ),
    "median": (lambda x: jnp.median(x) ** 2, (normal(7),)),
    "segments": (lambda x: (jax.ops.segment_sum(x, np.array([0, 1, 0, 2]), 3) ** 3).sum(), (normal(4),)),
    "checkpointed": (lambda x: jax.checkpoint(lambda x: jnp.tanh(x).sum() ** 2)(x), (normal(4),)),
    "error function": (lambda x: (x * (1 + lax.erf(x / np.sqrt(2))) / 2).sum(), (normal(4),)),
    "tangent": (lambda x: jnp.tan(x / 2).sum() + jnp.cosh(x).prod(), (normal(4),)),
    "running products": (lambda x: (jnp.cumprod(x) * jnp.cumsum(x[::-1])).sum(), (normal(4),)),
    "recurrent": (
        lambda W, x: lax.scan(lambda h, u: (jnp.tanh(W @ h + u), h.sum()), jnp.zeros(3), x)[1].sum(),
        (normal(3, 3), normal(4, 3)),
    ),
}


def gradient(name):
    function, arrays = GRADIENTS[name]
    floating = tuple(k for k, a in enumerate(arrays) if a.dtype.kind == "f")
    return lambda _, *given: list(jax.grad(function, argnums=floating)(*given))


def single(arrays):
    return tuple(a.astype(np.float32) if a.dtype.kind == "f" else a for a in arrays)


@cache
def compiled_gradients():
    """By name: what XLA returns in float64 and in float32."""
    double = [(gradient(name), arrays) for name, (_, arrays) in GRADIENTS.items()]
    results = by_xla([*double, *((program, single(arrays)) for program, arrays in double)])
    return {name: (results[k], results[k + len(double)]) for k, name in enumerate(GRADIENTS)}


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.parametrize("short", [False, True], ids=["float64", "float32"])
def test_gradient_by_xla_lies_in_the_balls_of_its_program(name, short):
    _, arrays = GRADIENTS[name]
    balls = balls_of(gradient(name), single(arrays) if short else arrays)
    for ball, result in zip(balls, compiled_gradients()[name][short], strict=True):
        assert within(ball, result)


BY_XLA = {
    "convolution",
    "largest of pools",
    "log-determinant",
    "linear solution",
    "error function",
    "tangent",
}
"""Gradients with primitives that have no rule: XLA evaluates them in float64, and probes bound the error."""


@pytest.mark.parametrize("name", GRADIENTS)
def test_bound_of_an_ordinary_gradient_is_below_two_thousand_roundings(name):
    """Probes count eightfold, and linear algebra is charged a rounding per entry: hence the larger factor."""
    most = 30_000 if name in BY_XLA else 2000
    for ball in balls_of(gradient(name), GRADIENTS[name][1]):
        assert (ball.radius <= most * 2.0**-53 * max(1.0, np.max(np.abs(ball.mid)))).all()


@pytest.mark.parametrize("name", GRADIENTS)
def test_reference_is_a_thousand_times_sharper_than_what_it_judges(name):
    program, (_, arrays) = gradient(name), GRADIENTS[name]
    for fine, coarse in zip(balls_of(program, arrays, LONG), balls_of(program, arrays), strict=True):
        assert (np.abs(fine.mid - coarse.mid) <= fine.radius + coarse.radius).all()
        assert (fine.radius <= (2 * coarse.radius if name in BY_XLA else coarse.radius / 1000)).all()


# --- control flow and calls ---------------------------------------------------------------------------------


@jax.custom_jvp
def with_own_tangent(x):
    return jnp.log1p(jnp.exp(x))


with_own_tangent.defjvp(lambda primals, tangents: (with_own_tangent(*primals), tangents[0] * 0.25))


@jax.custom_vjp
def with_own_cotangent(x):
    return x**3


with_own_cotangent.defvjp(lambda x: (x**3, x), lambda x, delta: (7 * x * delta,))


def newton(x):
    """√x by Newton's steps until they no longer change much."""
    return lax.while_loop(
        lambda s: jnp.abs(s * s - x).max() > 1e-9, lambda s: (s + x / s) / 2, jnp.ones_like(x)
    )


def branch(k, x):
    return lax.switch(k, [lambda x: x * 0.1, jnp.exp, lambda x: x - x.mean()], x)


def scanned(x, reverse=False):
    (last, count), out = lax.scan(
        lambda carry, row: ((carry[0] * 0.9 + row, carry[1] + 1), (carry[0].sum(), row > 0, carry[1])),
        (jnp.zeros(3), 0),
        x,
        reverse=reverse,
    )
    return [last, count, *out]


ROWS, VECTOR = normal(4, 3), normal(4)

FLOW = {
    "first branch": (lambda x: branch(0, x), (VECTOR,)),
    "branch by an argument": (branch, (np.array(2), VECTOR)),
    "branch beyond the last": (branch, (np.array(9), VECTOR)),
    "branch by a value": (lambda x: lax.cond(x.sum() > -100, jnp.sin, jnp.cos, x), (VECTOR,)),
    "while": (newton, (np.array([2.0, 9.0]),)),
    "for": (lambda x: lax.fori_loop(0, 5, lambda k, s: s + x[k % 4] / (k + 1), 0.0), (VECTOR,)),
    "scan": (scanned, (ROWS,)),
    "scan backwards": (lambda x: scanned(x, reverse=True), (ROWS,)),
    "scan over nothing": (lambda x: scanned(x[:0]), (ROWS,)),
    "gradient of a scan": (jax.grad(lambda x: (scanned(x)[2] ** 2).sum()), (ROWS,)),
    "mapped": (jax.vmap(lambda row: jnp.dot(row, row[::-1])), (ROWS,)),
    "jitted": (jax.jit(lambda x: jnp.tanh(x) @ x), (VECTOR,)),
    "custom tangent": (with_own_tangent, (VECTOR,)),
    "gradient of a custom tangent": (jax.grad(lambda x: with_own_tangent(x).sum()), (VECTOR,)),
    "custom cotangent": (with_own_cotangent, (VECTOR,)),
    "gradient of a custom cotangent": (jax.grad(lambda x: with_own_cotangent(x).sum()), (VECTOR,)),
    "an argument returned as it is": (lambda x: [x, 2 * x, x], (VECTOR,)),
    "a constant returned": (lambda x: [jnp.array([0.1, 2.0]), x], (VECTOR,)),
    "no operation": (lambda x: x, (VECTOR,)),
    "empty arrays": (lambda x: [x[:0] * 2, x[:0].sum(), jnp.outer(x[:0], x)], (VECTOR,)),
}


@cache
def compiled_flow():
    results = by_xla([(lambda _, *a, f=f: f(*a), arrays) for f, arrays in FLOW.values()])
    return dict(zip(FLOW, results, strict=True))


@pytest.mark.parametrize("name", FLOW)
def test_control_flow_and_calls_by_xla_lie_in_their_balls(name):
    function, arrays = FLOW[name]
    balls = balls_of(lambda _, *given: function(*given), arrays)
    results = compiled_flow()[name]
    assert len(balls) == len(results)
    for ball, result in zip(balls, results, strict=True):
        assert within(ball, result)


def test_custom_derivatives_are_the_users_own():
    x = VECTOR
    (ball,) = balls_of(lambda _, x: jax.grad(lambda x: with_own_tangent(x).sum())(x), (x,))
    np.testing.assert_array_equal(ball.mid, 0.25)
    (ball,) = balls_of(lambda _, x: jax.grad(lambda x: with_own_cotangent(x).sum())(x), (x,))
    np.testing.assert_allclose(ball.mid.astype(float), 7 * x, rtol=1e-15)


# --- constants and precision --------------------------------------------------------------------------------


def test_constant_that_may_be_rounded_carries_its_rounding():
    (ball,) = balls_of(lambda _, x: x * 0 + 0.1, (np.zeros(1),), LONG)
    assert 1e-18 < ball.radius[0] < 1e-16
    assert abs(ball.mid[0] - np.longdouble(1) / 10) <= ball.radius[0]
    (ball,) = balls_of(lambda _, x: x * 0 + 0.125, (np.zeros(1),), LONG)
    assert ball.radius[0] < 1e-19


def test_midpoints_of_small_programs_are_longer_than_float64():
    assert {ball.mid.dtype for ball in as_balls([np.ones(3), np.ones(2, np.float32)])} == {
        np.dtype(np.longdouble)
    }
    assert as_balls([np.arange(3), np.ones(2)])[0].mid.dtype == np.arange(3).dtype
    assert as_balls([np.ones(SMALL + 1)])[0].mid.dtype == np.float64


WHOLE = {
    "an argument": (
        lambda xp, y: xp.exp(-y * 1.0 if xp is not exact else as_exact(-1.0 * y)),
        (np.arange(4),),
    ),
    "a root of an argument": (
        lambda xp, y: xp.sqrt(y * 1.0 if xp is not exact else as_exact(1.0 * y)),
        (np.arange(4),),
    ),
    "beside a real argument": (
        lambda xp, y, x: x * xp.log(y * 1.0 if xp is not exact else as_exact(1.0 * y)),
        (np.array([2, 3, 5]), np.array([1.5, -0.3, 0.7])),
    ),
    "positions": (lambda xp, x: x * xp.exp(-xp.arange(3.0)), (np.array([1.5, -0.3, 0.7]),)),
    "counted positions": (lambda xp, x: x * xp.sin(1.0 * xp.arange(3)), (np.array([1.5, -0.3, 0.7]),)),
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers_become_as_precise_as_the_rest(name):
    program, arrays = WHOLE[name]
    (ball,), (value,) = balls_of(program, arrays, LONG), exactly(program, arrays)
    assert encloses(ball, value)
    (ball,), (result,) = balls_of(program, arrays), by_numpy(program, arrays)
    assert within(ball, result)


@pytest.mark.parametrize(
    "program",
    [
        lambda _, x: x.sum(),
        lambda xp, x: xp.exp(-x * x).mean(),
        lambda xp, x: xp.matmul(x, x[::-1]),
        lambda xp, x: xp.cumsum(x)[::1000],
        lambda _, x: x - x.max(),
    ],
)
def test_large_programs_are_bounded_in_float64(program):
    x = np.random.default_rng(3).standard_normal(SMALL + 5000)
    (ball,), (result,) = balls_of(program, [x]), by_numpy(program, [x])
    assert ball.mid.dtype == np.float64
    assert within(ball, result)
    exactly_enough = np.asarray(by_numpy(program, [x.astype(np.longdouble)])[0])
    assert (np.abs(exactly_enough - ball.mid) <= ball.radius).all()
    assert (ball.radius <= 1e-9 * np.abs(x).sum()).all()


def test_float16_is_bounded_in_its_own_precision():
    x = np.array([1.0, 3.0, -0.7], np.float16)

    def program(xp, x):
        return xp.divide(x * x, x + xp.sum(x))

    (ball,), (result,) = balls_of(program, [x]), by_numpy(program, [x])
    assert result.dtype == np.float16
    assert within(ball, result)
    assert (ball.radius > 1e-5).any()


# --- what rounding leaves undecided -------------------------------------------------------------------------

U = 2.0**-53
DOUBTFUL = (np.array([1.0]), np.array([U]))


def doubtful(one, u):
    """1.5 u by mathematics, −0.5 u in float64."""
    return (((one + u) + u) - one) - u / 2


def test_the_doubtful_number_has_another_sign_in_float64():
    (result,) = by_numpy(lambda _, *given: doubtful(*given), DOUBTFUL)
    (value,) = exactly(lambda _, *given: doubtful(*given), DOUBTFUL)
    assert result[0] < 0 < value[0]


UNDECIDED = {
    "chosen": lambda xp, d: xp.where(d > 0, 1.0, 2.0),
    "chosen whole number": lambda xp, d: (xp.where(d > 0, 1, 2) + 1) * 1.0,
    "sign": lambda xp, d: xp.sign(d),
    "step": lambda xp, d: xp.floor(d),
    "mask as a number": lambda _, d: (d > 0).astype(np.float64) * 3,
    "count": lambda xp, d: xp.sum(d > 0) * 1.0,
    "mean over those that count": lambda xp, d: xp.divide(5.0, 1 + xp.sum(d > 0)),
    "position of the largest": lambda xp, d: xp.argmax(xp.concatenate([d, 0 * d])) * 1.0,
    "value at the position of the largest": lambda xp, d: xp.asarray([5.0, 7.0])[
        xp.argmax(xp.concatenate([d, 0 * d]))
    ],
    "order": lambda xp, d: xp.asarray([5.0, 7.0])[xp.argsort(xp.concatenate([d, 0 * d]))],
    "all": lambda xp, d: xp.where(xp.all(d > 0), 1.0, 2.0),
    "neither": lambda xp, d: xp.where(~((d > 0) | (d > 1)), 1.0, 2.0),
    "logarithm that may not exist": lambda xp, d: xp.where(xp.log(-d) < 0, 1.0, 2.0),
    "saturated": lambda xp, d: xp.divide(1.0, 1.0 + xp.exp(xp.divide(-1.0, d))),
    "absolute value": lambda xp, d: xp.abs(d),
    "inverse": lambda xp, d: xp.divide(1.0, d),
    "truncated": lambda _, d: (1 + d).astype(int) * 1.0,
    "finite": lambda xp, d: xp.where(xp.isfinite(xp.exp(800 + d)), 1.0, 2.0),
}


@pytest.mark.parametrize("name", UNDECIDED)
def test_result_that_turns_on_rounding_is_in_the_ball_or_refused(name):
    def program(xp, *given):
        return UNDECIDED[name](xp, doubtful(*given))

    (result,) = by_numpy(program, DOUBTFUL)
    try:
        (ball,) = balls_of(program, DOUBTFUL)
    except NotImplementedError:
        return
    assert within(ball, result)


@pytest.mark.parametrize("name", sorted(set(UNDECIDED) - {"finite", "logarithm that may not exist"}))
def test_result_that_does_not_turn_on_rounding_is_sharp(name):
    arrays = (np.array([1.0]), np.array([0.25]))

    def program(xp, *given):
        return UNDECIDED[name](xp, doubtful(*given))

    (ball,), (result,) = balls_of(program, arrays), by_numpy(program, arrays)
    assert within(ball, result)
    assert (ball.radius <= 1e-14).all()


# --- the evaluation itself ----------------------------------------------------------------------------------


def test_watch_sees_every_primitive_and_may_replace_its_results():
    seen = []

    def watch(name, operands, results):
        seen.append(name)
        return [Ball(np.ones_like(ball.mid)) for ball in results] if name == "tanh" else results

    program = jaxpr_of(lambda xp, x: jax.jit(lambda x: xp.tanh(x) * 2)(x).sum(), [VECTOR])
    (ball,) = evaluate(program, as_balls([VECTOR]), watch=watch)
    assert seen == ["tanh", "mul", "reduce_sum"]
    assert ball.mid == 2 * VECTOR.size


def test_primitive_that_nobody_can_evaluate_is_refused():
    unheard_of = Primitive("unheard_of")
    unheard_of.def_abstract_eval(lambda x: x)
    program = jaxpr_of(lambda _, x: 2 * unheard_of.bind(x), [VECTOR])
    with pytest.raises(NotImplementedError, match="the primitive unheard_of cannot be evaluated"):
        evaluate(program, as_balls([VECTOR]))
