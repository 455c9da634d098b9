"""Finite differences of functions with known derivatives: the bound holds, and is as narrow as can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from points import point

from checkers.oracles.finite_difference import (
    SAMPLE,
    UNSAMPLED,
    FiniteDifference,
    random_directions,
)

REALS = None
NONNEGATIVE = (0.0, np.inf)
UNIT = (0.0, 1.0)


def oracle(function, rounding=None):
    def forward(*arguments):
        returned = function(*arguments)
        return [np.asarray(item) for item in (returned if isinstance(returned, tuple) else (returned,))]

    return FiniteDifference(forward, rounding)


def slope(function, x, limits=REALS, rounding=None):
    """The estimate of the derivative of a function of one number."""
    case = point(x, limits=[limits])
    return oracle(function, rounding).gradients(case, [np.ones(())], [0]).estimates[0]


def contains(estimate, truth):
    return bool((np.abs(estimate.value - truth) <= estimate.bound).all())


# --- one function, one point --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A function with a known derivative.

    Attributes:
        function: of one number.
        x: where.
        truth: the derivative there.
        bound: how wide the bound may be, relative to the derivative, or to 1 where that is smaller.
        reason: why the bound is wider than for an ordinary function.
        limits: of the domain.
    """

    function: Callable[..., float]
    x: float
    truth: float
    bound: float = 1e-7
    reason: str = ""
    limits: tuple[float, float] | None = REALS


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(x, 0)


ROWS = {
    "square": Row(lambda x: x * x, 1.0, 2.0),
    "line": Row(lambda x: 3 * x + 1, 2.0, 3.0),
    "constant": Row(lambda x: 0 * x + 5, 2.0, 0.0),
    "exp": Row(np.exp, 0.5, np.exp(0.5)),
    "inverse": Row(lambda x: 1 / x, 0.3, -1 / 0.09),
    "root": Row(np.sqrt, 0.01, 5.0),
    "sigmoid": Row(sigmoid, -1.5, sigmoid(-1.5) * sigmoid(1.5)),
    "log cosh": Row(lambda x: np.log(np.cosh(x)), 0.3, np.tanh(0.3)),
    "oscillation": Row(lambda x: np.sin(30 * x), 0.1, 30 * np.cos(3)),
    "fast oscillation": Row(lambda x: np.sin(1e3 * x), 0.1, 1e3 * np.cos(100)),
    "very fast oscillation": Row(
        lambda x: np.sin(1e5 * x), 0.1, 1e5 * np.cos(1e4), 1e-6, "resolved by the finest steps only"
    ),
    "oscillation at the limit": Row(
        lambda x: np.sin(1e7 * x), 0.1, 1e7 * np.cos(1e6), 1e-5, "resolved by the finest steps, barely"
    ),
    "oscillation at a large argument": Row(np.sin, 1e6, np.cos(1e6)),
    "chirp": Row(lambda x: np.cos(1 / x), 0.05, np.sin(20) / 0.0025),
    "oscillation of a period that divides every step": Row(
        lambda x: 100 * x * x + np.sin(2 * np.pi * 800 * x),
        0.3,
        60 + 1600 * np.pi * np.cos(2 * np.pi * 240),
        1e-6,
        "resolved by smaller steps than the first",
    ),
    "beside a kink": Row(np.abs, 1e-3, 1.0),
    "close to a kink": Row(np.abs, -1e-5, -1.0),
    "very close to a kink": Row(
        np.abs, 1e-8, 1.0, 1e-3, "steps as small as that divide the rounding by 1e-10"
    ),
    "relu beside its kink": Row(relu, -1e-4, 0.0),
    "kink that cancels": Row(lambda x: x * abs(x), 0.0, 0.0, 1e-5, "the second derivative jumps"),
    "between steps": Row(lambda x: np.floor(x) + x, 0.3, 1.0),
    "just before a step": Row(np.floor, 0.9999, 0.0),
    "small noise": Row(
        lambda x: np.sin(x) + 1e-9 * np.sin(1e15 * x),
        0.7,
        np.cos(0.7),
        1e-4,
        "noise over step: 1e-9 / 1e-2, safely",
    ),
    "float32 inside": Row(lambda x: np.sin(np.float32(x)), 0.7, np.cos(0.7), 1e-2, "roundings of 1e-7"),
    "float32 product": Row(lambda x: np.float32(x) * np.float32(x), 3.0, 6.0, 1e-2, "roundings of 1e-6"),
    "large argument": Row(lambda x: x * x, 1e8, 2e8),
    "very large argument": Row(lambda x: x * x, 1e25, 2e25),
    "large value": Row(np.exp, 300.0, np.exp(300.0)),
    "small argument": Row(lambda x: x * x, 1e-12, 2e-12),
    "very small argument": Row(lambda x: 3 * x, 1e-25, 3.0),
    "saturated": Row(np.tanh, 30.0, 4 * np.exp(-60.0)),
    "half saturated": Row(sigmoid, 12.0, sigmoid(12.0) * sigmoid(-12.0)),
    "cancellation": Row(
        lambda x: (1e8 + np.sin(x)) - 1e8, 0.7, np.cos(0.7), 1e-3, "eight of sixteen digits cancel"
    ),
    "root near the border": Row(np.sqrt, 1e-4, 50.0, limits=NONNEGATIVE),
    "logarithm near the border": Row(np.log, 1e-6, 1e6, limits=NONNEGATIVE),
    "entropy near the border": Row(
        lambda x: x * np.log(x), 1e-9, np.log(1e-9) + 1, 1e-4, "the steps stay within 1e-9", NONNEGATIVE
    ),
    "on the border": Row(lambda x: np.sqrt(1 + x), 0.0, 0.5, limits=NONNEGATIVE),
    "square on the border": Row(lambda x: x * x, 0.0, 0.0, limits=NONNEGATIVE),
    "power on the border": Row(
        lambda x: x**1.5, 0.0, 0.0, 1e-2, "one-sided steps see half powers, not whole ones", NONNEGATIVE
    ),
    "on the upper border": Row(lambda x: np.sqrt(2 - x * x), 1.0, -1.0, limits=UNIT),
    "kink on the border": Row(np.abs, 0.0, 1.0, limits=NONNEGATIVE),
}


@pytest.mark.parametrize("name", ROWS)
def test_bound_holds_and_is_narrow(name):
    row = ROWS[name]
    estimate = slope(row.function, row.x, row.limits)
    assert contains(estimate, row.truth)
    assert not contains(estimate, row.truth + 2 * row.bound * max(1.0, abs(row.truth)))
    assert estimate.bound <= row.bound * max(1.0, abs(row.truth))
    assert not estimate.kink
    assert bool(row.reason) == (row.bound != Row.bound)


KINKS = {
    "absolute value": (np.abs, 0.0, -1.0, 1.0),
    "relu": (relu, 0.0, 0.0, 1.0),
    "leaky relu": (lambda x: np.where(x > 0, x, 0.01 * x), 0.0, 0.01, 1.0),
    "larger of two lines": (lambda x: np.maximum(x, 2 * x), 0.0, 1.0, 2.0),
    "kink beside a square": (lambda x: abs(x - 1) + x * x, 1.0, 1.0, 3.0),
    "weak kink": (lambda x: 1e-3 * abs(x - 0.1) + np.sin(x), 0.1, np.cos(0.1) - 1e-3, np.cos(0.1) + 1e-3),
    "rectified sine": (lambda x: abs(np.sin(x)), np.pi, -1.0, 1.0),
    "kink at a large argument": (lambda x: abs(x - 1e6), 1e6, -1.0, 1.0),
}


@pytest.mark.parametrize("name", KINKS)
def test_kink_gives_the_interval_between_the_one_sided_slopes(name):
    function, x, low, high = KINKS[name]
    estimate = slope(function, x)
    assert estimate.kink
    assert contains(estimate, low)
    assert contains(estimate, high)
    assert estimate.bound <= (high - low) / 2 + 1e-4
    assert not contains(estimate, high + 1e-3)
    assert not contains(estimate, low - 1e-3)


JUMPS = {
    "step": (lambda x: (x >= 0.5) + x, 0.5),
    "sign": (np.sign, 0.0),
    "floor": (np.floor, 1.0),
    "small step": (lambda x: x + 1e-3 * (x >= 0.5), 0.5),
    "step with a slope": (lambda x: np.where(x > 2, 10 * x, np.sin(x)), 2.0),
}


@pytest.mark.parametrize("name", JUMPS)
def test_jump_gives_no_estimate(name):
    function, x = JUMPS[name]
    estimate = slope(function, x)
    assert np.isinf(estimate.bound)
    assert estimate.value == 0
    assert np.isfinite(slope(function, x + 0.25).bound)


@pytest.mark.parametrize("name", JUMPS)
def test_jump_is_called_a_jump(name):
    assert slope(*JUMPS[name]).reason == "the forward jumps here"


ERRATIC = {
    "noise": (lambda x: np.sin(x) + 1e-2 * np.sin(1e15 * x), 0.7),
    "oscillation beyond resolution": (lambda x: np.sin(1e12 * x), 0.1),
    "pole beside the point": (lambda x: np.where(x == 1, 0.0, 1 / (x - 1)), 1.0),
    "not a number beside the point": (lambda x: np.where(x == 1, 0.0, np.nan), 1.0),
}


@pytest.mark.parametrize("name", ERRATIC)
def test_erratic_function_gives_no_estimate(name):
    estimate = slope(*ERRATIC[name])
    assert np.isinf(estimate.bound)
    assert estimate.reason == "the forward is not finite or too noisy around this point"


INFINITE = {
    "root": (np.sqrt, 0.0, NONNEGATIVE),
    "cube root": (np.cbrt, 0.0, NONNEGATIVE),
    "entropy": (lambda x: x * np.log(np.where(x > 0, x, 1)), 0.0, NONNEGATIVE),
    "arc sine": (np.arcsin, 1.0, UNIT),
    "cube root among all reals": (np.cbrt, 0.0, REALS),
}


@pytest.mark.parametrize("name", INFINITE)
def test_infinite_slope_gives_no_estimate(name):
    function, x, limits = INFINITE[name]
    assert np.isinf(slope(function, x, limits).bound)


COARSE = {
    "sum in float32": lambda x: np.float32(np.sin(x)),
    "sum of a hundred in float32": lambda x: np.float32(100 + np.sin(x)),
    "sum of ten thousand in float32": lambda x: np.float32(10_000 + np.sin(x)),
    "sum of a million in float32": lambda x: np.float32(1e6 + np.sin(x)),
    "sum of 1e12": lambda x: 1e12 + np.sin(x),
    "sum of 1e15": lambda x: 1e15 + np.sin(x),
}


@pytest.mark.parametrize("name", COARSE)
@pytest.mark.parametrize("x", [0.7, -1.3])
def test_coarse_rounding_of_the_forward_is_in_the_bound(name, x):
    assert contains(slope(COARSE[name], x), np.cos(x))


def test_rounding_that_somebody_knows_is_in_the_bound():
    def hidden(x):
        return (1e15 + np.sin(x)) - 1e15

    estimate = slope(hidden, 0.7, rounding=lambda _: [np.array(0.25)])
    assert contains(estimate, np.cos(0.7))


def test_point_without_room_has_no_estimate():
    assert np.isinf(slope(lambda x: x, 1.0, (1.0, 1.0)).bound)


# --- hundreds of functions ----------------------------------------------------------------------------------

SMOOTH = {
    "sin": (np.sin, np.cos),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "softplus": (lambda z: np.logaddexp(0, z), sigmoid),
    "bell": (lambda z: np.exp(-z * z), lambda z: -2 * z * np.exp(-z * z)),
    "hill": (lambda z: 1 / (1 + z * z), lambda z: -2 * z / (1 + z * z) ** 2),
    "cube": (lambda z: z**3, lambda z: 3 * z * z),
}


def random_network(rng, steepest):
    """Σ_i v_i φ_i(w_i x + b_i) of three numbers, and its gradient."""
    names = rng.choice(list(SMOOTH), 3)
    W, b = rng.normal(size=(3, 3)) * 10 ** rng.uniform(-1, steepest, (3, 1)), rng.normal(size=3)
    v = rng.normal(size=3) * 10 ** rng.uniform(-3, 3, 3)

    def function(x):
        return sum(v[i] * SMOOTH[names[i]][0](W[i] @ x + b[i]) for i in range(3))

    def gradient(x):
        return sum(v[i] * SMOOTH[names[i]][1](W[i] @ x + b[i]) * W[i] for i in range(3))

    return function, gradient


@pytest.mark.parametrize(
    ("steepest", "smallest", "largest", "narrow"),
    [(0, -0.5, 0.5, 1e-8), (1.5, -1, 1, 1e-8), (0.5, -6, -2, 1e-8), (0, 1, 3, 1e-7)],
    ids=["ordinary", "steep", "small arguments", "large arguments"],
)
def test_bound_holds_for_every_random_smooth_function(steepest, smallest, largest, narrow):
    rng = np.random.default_rng(17)
    widths = []
    for seed in range(120):
        function, gradient = random_network(rng, steepest)
        x = rng.normal(size=3) * 10 ** rng.uniform(smallest, largest)
        case = point(x, seed=seed)
        (estimate,) = oracle(function).gradients(case, [np.ones(())], [0]).estimates
        with np.errstate(over="ignore"):
            truth = gradient(x)
        assert contains(estimate, truth)
        assert not estimate.kink.any()
        widths.extend(estimate.bound / np.max(np.abs(truth)))
    assert np.median(widths) < narrow
    assert np.mean(np.isfinite(widths)) > 0.95


def test_bound_holds_at_and_beside_random_kinks():
    rng = np.random.default_rng(23)
    told = {"at": 0, "beside": 0}
    for seed in range(300):
        x, (a, b) = rng.normal() * 10 ** rng.uniform(-2, 2), rng.normal(size=2) * 10 ** rng.uniform(-2, 2, 2)
        where = "at" if seed % 3 == 0 else "beside"
        shift = 0.0 if where == "at" else rng.choice([-1, 1]) * 10 ** rng.uniform(-14, 0) * max(abs(x), 1e-3)
        at, w = x + shift, 10 ** rng.uniform(-1, 1)

        def function(z, at=at, a=a, b=b, w=w):
            return np.where(z > at, a * (z - at), b * (z - at)) + np.sin(w * z)

        slopes = {"at": (a, b)}.get(where, (b,) if x < at else (a,))
        (estimate,) = oracle(function).gradients(point(x, seed=seed), [np.ones(())], [0]).estimates
        assert all(contains(estimate, one + w * np.cos(w * x)) for one in slopes)
        assert where == "beside" or estimate.bound <= abs(a - b) / 2 * 1.01 + 1e-6 * (abs(a) + abs(b))
        told[where] += bool(np.isfinite(estimate.bound))
    assert told["at"] == 100
    assert told["beside"] > 160


# --- arrays -------------------------------------------------------------------------------------------------

W, X = np.array([[1.0, -2.0, 0.5], [0.3, 4.0, -1.0]]), np.array([0.2, -0.7, 1.5])


def layer(W, x):
    return np.tanh(W @ x), (W * x).sum()


def layer_gradients(W, x, delta, epsilon):
    back = delta * (1 - np.tanh(W @ x) ** 2)
    return np.outer(back, x) + epsilon * x, back @ W + epsilon * W.sum(axis=0)


def sorted_gradient(tied, delta):
    case = point(np.zeros(tied))
    return oracle(np.sort).gradients(case, [delta], [0]).estimates[0]


@pytest.mark.parametrize("tied", [3, 4, 10])
def test_where_pieces_meet_in_several_entries_the_interval_holds_the_slopes_of_all(tied):
    """A sort of equal entries: every entry may go to every place."""
    delta = np.linspace(-1, 1, tied) ** 3 + np.arange(tied) % 3
    estimate = sorted_gradient(tied, delta)
    assert estimate.kink.all()
    for place in delta:
        assert contains(estimate, np.full(tied, place))
    assert not contains(estimate, np.full(tied, 2.6 * delta.max()))


def test_where_two_pieces_meet_the_interval_stays_as_it_is():
    """max(x, y) at x = y: 0 or δ and what is between, nothing beyond."""
    case = point(np.zeros(2), np.zeros(2))
    for estimate in oracle(np.maximum).gradients(case, [np.array([1.0, -2.0])], [0, 1]).estimates:
        assert estimate.kink.all()
        assert contains(estimate, [0.0, 0.0])
        assert contains(estimate, [1.0, -2.0])
        assert not (np.abs(estimate.value - [1.001, -2.002]) <= estimate.bound).any()


def test_gradients_of_several_outputs_by_several_arguments():
    delta, epsilon = np.array([1.5, -0.3]), np.array(0.4)
    answer = oracle(layer).gradients(point(W, X), [delta, epsilon], [0, 1])
    for estimate, truth in zip(answer.estimates, layer_gradients(W, X, delta, epsilon), strict=True):
        assert estimate.value.shape == truth.shape
        assert contains(estimate, truth)
        assert estimate.bound.max() < 1e-8
    assert answer.oracle == "finite_difference"
    assert not answer.refusal


def test_only_the_arguments_asked_for_are_answered():
    (estimate,) = oracle(layer).gradients(point(W, X), [np.ones(2), np.ones(())], [1]).estimates
    assert contains(estimate, layer_gradients(W, X, np.ones(2), 1.0)[1])


def test_tangents_of_all_outputs():
    dW, dx = np.ones((2, 3)), np.array([0.5, 1.0, -2.0])
    first, second = oracle(layer).pushforward(point(W, X), [dW, dx]).estimates
    slope_of_tanh = 1 - np.tanh(W @ X) ** 2
    assert contains(first, slope_of_tanh * (dW @ X + W @ dx))
    assert contains(second, (dW * X).sum() + (W * dx).sum())
    assert max(first.bound.max(), second.bound.max()) < 1e-8


def test_argument_without_a_tangent_stays():
    first, _ = oracle(layer).pushforward(point(W, X), [None, X]).estimates
    assert contains(first, (1 - np.tanh(W @ X) ** 2) * (W @ X))


def test_tangent_at_a_kink_is_an_interval():
    (estimate,) = oracle(relu).pushforward(point(np.array([0.0, 1.0])), [np.array([2.0, 3.0])]).estimates
    assert estimate.kink.tolist() == [True, False]
    assert contains(estimate, np.array([0.0, 3.0]))
    assert contains(estimate, np.array([2.0, 3.0]))


def test_outputs_that_do_not_count_do_no_harm():
    def forward(x):
        return np.array([np.sin(x[0]), np.sign(x[0])])

    (estimate,) = oracle(forward).gradients(point(np.zeros(1)), [np.array([2.0, 0.0])], [0]).estimates
    assert contains(estimate, 2.0)
    (estimate,) = oracle(forward).gradients(point(np.zeros(1)), [np.array([2.0, 1.0])], [0]).estimates
    assert np.isinf(estimate.bound).all()


def test_whole_numbers_are_passed_on_and_not_moved():
    labels = np.array([2, 0])

    def forward(x, y):
        assert y.dtype.kind == "i"
        return x[y].sum()

    (estimate,) = oracle(forward).gradients(point(X, labels), [np.ones(())], [0]).estimates
    assert contains(estimate, np.array([1.0, 0.0, 1.0]))


def test_float32_arguments_are_moved_in_float64():
    seen = set()

    def forward(x):
        seen.add(x.dtype)
        return np.sin(x).sum()

    x = X.astype(np.float32)
    (estimate,) = oracle(forward).gradients(point(x), [np.ones((), np.float32)], [0]).estimates
    assert seen == {np.dtype(np.float64)}
    assert contains(estimate, np.cos(x.astype(np.float64)))
    assert estimate.bound.max() < 1e-8


def test_arrays_of_the_case_are_left_alone():
    def forward(x):
        x *= 2
        return x.sum()

    x = X.copy()
    (estimate,) = oracle(forward).gradients(point(x), [np.ones(())], [0]).estimates
    np.testing.assert_array_equal(x, X)
    assert contains(estimate, 2.0)


def test_empty_arguments_and_outputs():
    (estimate,) = oracle(lambda x: x.sum()).gradients(point(np.zeros((0, 3))), [np.ones(())], [0]).estimates
    assert estimate.value.shape == (0, 3)
    (estimate,) = oracle(lambda x: x[:0]).gradients(point(X), [np.ones(0)], [0]).estimates
    assert contains(estimate, np.zeros(3))


def test_limits_hold_for_every_evaluation():
    seen = []

    def forward(p):
        seen.append(p.copy())
        return np.log(p).sum() + np.log1p(-p).sum()

    p = np.array([1e-9, 0.5, 1 - 1e-6])
    (estimate,) = oracle(forward).gradients(point(p, limits=[UNIT]), [np.ones(())], [0]).estimates
    assert all(((q > 0) & (q < 1)).all() for q in seen)
    assert contains(estimate, 1 / p - 1 / (1 - p))


def test_forward_that_raises_beside_the_point_is_tried_closer():
    def forward(x):
        if x < 0.999:
            raise ValueError("too small")
        return np.log(x)

    assert contains(slope(forward, 1.0), 1.0)


# --- many entries -------------------------------------------------------------------------------------------


def test_all_entries_are_estimated_up_to_the_size_of_the_sample():
    x = np.linspace(-1, 1, SAMPLE)
    (estimate,) = oracle(lambda x: np.sin(x).sum()).gradients(point(x), [np.ones(())], [0]).estimates
    assert contains(estimate, np.cos(x))
    assert np.isfinite(estimate.bound).all()


def test_of_many_entries_a_sample_is_estimated_and_the_rest_is_open():
    x, y = np.linspace(-1, 1, 300).reshape(3, 100), np.array([0.5, 2.0])
    case = point(x, y)
    answer = oracle(lambda x, y: np.sin(x).sum() * y.sum()).gradients(case, [np.ones(())], [0, 1])
    of_x, of_y = answer.estimates
    known = np.isfinite(of_x.bound)
    assert 40 < known.sum() <= SAMPLE
    assert contains(of_x, np.cos(x) * 2.5)
    assert of_x.reason == UNSAMPLED
    assert np.isfinite(of_y.bound).any()


def test_sample_follows_from_the_case():
    x = np.linspace(-1, 1, 300)

    def sampled(**fields):
        (estimate,) = oracle(np.sum).gradients(point(x, **fields), [np.ones(())], [0]).estimates
        return np.isfinite(estimate.bound).tolist()

    assert sampled() == sampled()
    assert sampled() != sampled(seed=1)
    assert sampled() != sampled(number=4)


def test_estimates_are_the_same_again():
    one, other = (oracle(layer).gradients(point(W, X), [np.ones(2), np.ones(())], [0, 1]) for _ in range(2))
    for first, second in zip(one.estimates, other.estimates, strict=True):
        np.testing.assert_array_equal(first.value, second.value)
        np.testing.assert_array_equal(first.bound, second.bound)


def test_random_directions_cover_every_entry_of_one_argument():
    x = np.linspace(-1, 1, 500)
    case = point(np.ones(2), x)
    directions = random_directions(case.arguments, 1, case.limits, 3, case.rng("directions"))
    for way in directions:
        assert way.arrays[0] is None
        assert (np.abs(way.arrays[1]) >= 0.5).all()
        assert (np.abs(way.arrays[1]) <= 2).all()
    value, bound = oracle(lambda s, x: s.sum() * np.sin(x).sum()).along(case, directions, [np.ones(())])
    truth = np.array([(2 * np.cos(x) * way.arrays[1]).sum() for way in directions])
    assert (np.abs(value - truth) <= bound).all()
    assert (bound < 1e-6 * np.abs(truth).max()).all()


def test_directions_stay_inside_the_domain():
    seen = []

    def forward(p):
        seen.append(p.copy())
        return np.log(p).sum()

    case = point(np.array([1e-6, 0.5, 2.0]), limits=[NONNEGATIVE])
    directions = random_directions(case.arguments, 0, case.limits, 4, case.rng("directions"))
    value, bound = oracle(forward).along(case, directions, [np.ones(())])
    assert all((p > 0).all() for p in seen)
    truth = np.array([(way.arrays[0] / case.arguments[0]).sum() for way in directions])
    assert (np.abs(value - truth) <= bound).all()


# --- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "x", "sentence"),
    [
        (np.log, -1.0, "the forward is not finite at this point"),
        (lambda x: 1 / x, 0.0, "the forward is not finite at this point"),
        (lambda x: np.linalg.inv(x), 1.0, "the forward is not finite at this point"),
        (np.sin, 1e31, "leave no scale for a step"),
        (np.sin, 1e-31, "leave no scale for a step"),
    ],
)
def test_point_that_cannot_be_examined_is_refused_in_a_sentence(function, x, sentence):
    case = point(x)
    for answer in (
        oracle(function).gradients(case, [np.ones(())], [0]),
        oracle(function).pushforward(case, [np.ones(())]),
    ):
        assert sentence in answer.refusal
        assert not answer.estimates
    directions = random_directions(case.arguments, 0, case.limits, 1, case.rng("directions"))
    assert sentence in oracle(function).along(case, directions, [np.ones(())])


def test_zeros_have_a_scale():
    assert contains(slope(lambda x: 3 * x, 0.0), 3.0)


@pytest.mark.parametrize("x", [-4720.36393, 463.106577])
def test_steps_near_multiples_of_a_period_are_not_taken_for_a_slow_function(x):
    estimate = slope(lambda x: np.sin(x) * 3, x)
    assert contains(estimate, 3 * np.cos(x))
    assert not contains(estimate, 3 * np.cos(x) + 1e-6)


# --- many points at once ------------------------------------------------------------------------------------


def test_many_points_at_once_say_what_they_say_one_by_one():
    def rooted(x, y):
        if (x < 0).any():
            raise ValueError
        return np.sqrt(x) * y + np.abs(y)

    def many(points):
        sizes.append(len(points))
        found = []
        for values in points:
            try:
                found.append([rooted(*values)])
            except ValueError:
                found.append(None)
        return found

    sizes = []
    case = point(np.array([0.0, 0.5, 2.0]), np.array([0.0, 1.0, -3.0]), limits=[NONNEGATIVE, REALS])
    one = oracle(rooted)
    together = FiniteDifference(one.forward, many=many)
    answers = [each.gradients(case, [np.array([1.0, -2.0, 0.5])], [0, 1]) for each in (one, together)]
    for single, joint in zip(answers[0].estimates, answers[1].estimates, strict=True):
        np.testing.assert_array_equal(single.value, joint.value)
        np.testing.assert_array_equal(single.bound, joint.bound)
        np.testing.assert_array_equal(single.kink, joint.kink)
    assert max(sizes) > 20
