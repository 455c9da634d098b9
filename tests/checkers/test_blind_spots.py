"""Where other gradient checkers are blind: wrong gradients that pass them, and right ones that fail.

Every row is a case on which a checker in use today gives the wrong answer. The right derivative stands beside
the wrong ones; each is tried with all oracles together, and with every oracle alone that can tell them apart.
"""
# ruff: noqa: ARG005  (a vjp takes every argument of its forward, needed or not)

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from checkers.check import check_grad, check_jvp, check_vjp

AUTODIFF, SYMBOLIC, DIFFERENCES = "autodiff", "symbolic", "finite_difference"
ALL = (AUTODIFF, SYMBOLIC, DIFFERENCES)
LARGE = (AUTODIFF, DIFFERENCES)
"""The oracles that apply where there are too many entries for symbols."""
CHECKS = {"vjp": check_vjp, "grad": check_grad, "jvp": check_jvp}
EXAMPLES = 24

VECTORS = {"signature": "(n)->(n)"}
SUMS = {"signature": "(n)->()"}


@dataclass(frozen=True)
class Spot:
    """One blind spot.

    Attributes:
        claim: what a checker must know.
        forward: the function.
        right: its derivative.
        wrong: derivatives that pass elsewhere, by what is wrong with them.
        where: shapes, point and domain: options of the check.
        kind: which derivative it is.
        alone: the oracles that can tell right from wrong without the others.
        together: the oracles that take part where all are asked.
    """

    claim: str
    forward: Callable[..., Any]
    right: Callable[..., Any]
    wrong: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=lambda: VECTORS)
    kind: str = "vjp"
    alone: tuple[str, ...] = ALL
    together: tuple[str, ...] = ALL

    def verdict(self, derivative, oracles):
        return CHECKS[self.kind](
            self.forward, derivative, **{"examples": EXAMPLES, **self.where, "oracles": oracles}
        )


def at(*arrays, dtype=np.float64):
    """A point to check at."""
    return {"args": tuple(np.array(a, dtype=dtype) for a in arrays)}


def normal(*shape, dtype=np.float64, seed=0):
    """A point of normal numbers; never the generator that a checker would use for its directions."""
    return at(np.random.default_rng([seed, 20]).standard_normal(shape), dtype=dtype)


def scaled(derivative, factor):
    """A derivative that is wrong by a factor."""
    return lambda *inputs: factor * derivative(*inputs)


def zero(*inputs):
    """A gradient of zeros for the last argument."""
    return 0.0 * inputs[-1]


def altered(derivative, change):
    """A derivative whose result is changed in place."""

    def changed(*inputs):
        result = np.array(derivative(*inputs), dtype=np.float64)
        change(result)
        return result

    return changed


# --- functions ----------------------------------------------------------------------------------------------


def relu(x):
    return np.maximum(x, 0)


def relu_vjp(d, x):
    return d * (x > 0)


def squares(x):
    return (x**2).sum()


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def softmax_vjp(d, x):
    a = softmax(x)
    return a * (d - (d * a).sum())


def batch_norm(x):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)


def batch_norm_vjp(d, x, eps=1e-5):
    s = np.sqrt(x.var(axis=0) + eps)
    y = (x - x.mean(axis=0)) / s
    return (d - d.mean(axis=0) - y * (d * y).mean(axis=0)) / s


def layer_norm(x):
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5)


def layer_norm_vjp(d, x):
    s = np.sqrt(x.var() + 1e-5)
    y = (x - x.mean()) / s
    return (d - d.mean() - y * (d * y).mean()) / s


def variance_grad(x):
    return 2 * (x - x.mean()) / (x.size - 1)


erf = np.vectorize(math.erf, otypes=[np.float64])


def gelu(x):
    return x * (1 + erf(x / math.sqrt(2))) / 2


def gelu_vjp(d, x):
    return d * ((1 + erf(x / math.sqrt(2))) / 2 + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi))


def tanh_gelu(x):
    return x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2


def tanh_gelu_vjp(d, x):
    c = math.sqrt(2 / math.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return d * ((1 + t) / 2 + x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2) / 2)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


DEPTH, WIDTH = 10, 5
START, TARGET = np.linspace(-1, 1, WIDTH), np.linspace(0, 1, WIDTH)


def deep_loss(*weights):
    a = START
    for W in weights:
        a = sigmoid(W @ a)
    return ((a - TARGET) ** 2).sum() / 2


def deep_grad(*weights):
    layers = [START]
    for W in weights:
        layers.append(sigmoid(W @ layers[-1]))
    error = layers[-1] - TARGET
    gradients = []
    for W, a, before in zip(weights[::-1], layers[:0:-1], layers[-2::-1], strict=True):
        error = error * a * (1 - a)
        gradients.insert(0, np.outer(error, before))
        error = W.T @ error
    return tuple(gradients)


def deep_grad_without_the_first(*weights):
    first, *others = deep_grad(*weights)
    return 0 * first, *others


def least_squares(A, x, b):
    return ((A @ x - b) ** 2).sum() / 2


def least_squares_grad(A, x, b):
    return None, A.T @ (A @ x - b), None


def mean_loss(X, w, y):
    return ((X @ w - y) ** 2).mean()


def mean_loss_grad(X, w, y):
    return None, 2 * X.T @ (X @ w - y) / len(y), None


def cross_entropy(z, y):
    shifted = z - z.max()
    return -(y * (shifted - np.log(np.exp(shifted).sum()))).sum()


def cross_entropy_grad(z, y):
    return softmax(z) - y, None


def diluted(name, others):
    """A mean of 1000 ReLUs beside a line; at 0.3 just one of them is at its kink."""
    kinks = np.concatenate([[0.3], others])

    def grad(x):
        return 1 + (x > kinks).sum() / kinks.size

    return Spot(
        f"one kink among a thousand, the others {name}",
        lambda x: relu(x - kinks).mean() + x,
        grad,
        {"below both slopes": lambda x: grad(x) - 1e-4, "above both slopes": lambda x: grad(x) + 1.1e-3},
        at(0.3),
        "grad",
        # JAX knows one of the two slopes; an expression of 1000 maxima is none for SymPy.
        alone=(DIFFERENCES,),
        together=LARGE,
    )


def overwriting_relu_vjp(d, x):
    d[x <= 0] = 0
    return d.copy()


def zeroing_grad(x):
    x[...] = 0
    return np.zeros_like(x)


def zeroing_grad_with_the_right_value(x):
    gradient = 2 * x
    x[...] = 0
    return gradient


def orthogonal(size):
    """A vector of norm 10 at right angles to the direction that a fixed seed would draw."""
    direction = np.random.default_rng(0).standard_normal(size)
    other = np.arange(1.0, size + 1)
    other -= direction * (other @ direction) / (direction @ direction)
    return 10 * other / np.linalg.norm(other)


# --- wrong gradients that pass elsewhere --------------------------------------------------------------------


def tiny(factor):
    return Spot(
        f"a gradient of {factor:g} is not zero",
        lambda x: factor * x,
        lambda d, x: factor * d,
        {"zero": zero, "half": lambda d, x: factor / 2 * d},
    )


def constant_factor(name, factor):
    return Spot(
        f"a relative error of {name} is an error",
        lambda x: np.exp(x).sum(),
        lambda x: np.exp(x),
        {f"times {factor!r}": scaled(np.exp, factor)},
        normal(10),
        "grad",
    )


def large_identity(size, mistake, wrong, alone=LARGE):
    return Spot(
        f"identity of {size} elements",
        lambda x: 1 * x,
        lambda d, x: 1 * d,
        {mistake: wrong},
        normal(size),
        alone=alone,
    )


def large_transpose(size):
    return Spot(
        f"transpose of {size} x {size}",
        lambda x: 1 * x.T,
        lambda d, x: 1 * d.T,
        {"not transposed": lambda d, x: 1 * d},
        normal(size, size),
        # Of 10 000 entries and more, finite differences see a few, and take their time.
        alone=LARGE if size <= 50 else (AUTODIFF,),
    )


def large_tangent(size, dtype, mistake, factor):
    return Spot(
        f"tangent of {size} elements in {np.dtype(dtype)}",
        np.sin,
        lambda t, x: np.cos(x) * t[0],
        {mistake: lambda t, x: (factor * np.cos(x) * t[0]).astype(dtype)},
        normal(size, dtype=dtype),
        "jvp",
        alone=LARGE,
    )


def large_component(dtype):
    return Spot(
        f"a large component does not mask a small one in {np.dtype(dtype)}",
        lambda x: 10000 * x[0] + np.sin(x[1]) / 10,
        lambda x: np.stack([10000 + 0 * x[0], np.cos(x[1]) / 10]),
        {"second component dropped": lambda x: np.stack([10000 + 0 * x[0], 0 * x[1]])},
        normal(2, dtype=dtype),
        "grad",
    )


def flip(index):
    def change(g):
        g[index] *= -1

    return change


def nearly(index, error):
    def change(g):
        g[index] *= 1 + error

    return change


def drop_every(step):
    def change(g):
        g[::step] = 0

    return change


PASSING_ELSEWHERE = [
    # An absolute floor hides small gradients.
    tiny(5e-6),
    tiny(1e-7),
    tiny(5e-5),
    Spot(
        "a mean over 150 000 elements has a gradient",
        lambda x: x.mean(),
        lambda x: np.full_like(x, 1 / x.size),
        {"zero": zero},
        normal(150_000),
        "grad",
        alone=LARGE,
    ),
    Spot(
        "a sum scaled by 1e-10 has a gradient",
        lambda x: 1e-10 * np.exp(x).sum(),
        lambda x: 1e-10 * np.exp(x),
        {"half": lambda x: 0.5e-10 * np.exp(x)},
        SUMS,
        "grad",
    ),
    # A relative tolerance lets small relative errors pass.
    constant_factor("0.1 %", 1.0009),
    constant_factor("0.05 %", 1.0005),
    constant_factor("0.03 %, within what Taylor orders show,", 1.0003),
    constant_factor("one in a million", 1 + 1e-6),
    Spot(
        "the epsilon of batch norm counts",
        batch_norm,
        batch_norm_vjp,
        {"epsilon ignored": lambda d, x: batch_norm_vjp(d, x, eps=0.0)},
        normal(4, 3),
        alone=LARGE,
    ),
    *(
        Spot(
            f"a variance of {size} elements divides by {size - 1}",
            lambda x: ((x - x.mean()) ** 2).sum() / (x.size - 1),
            variance_grad,
            {"divides by N": lambda x: 2 * (x - x.mean()) / x.size},
            normal(size),
            "grad",
            alone=LARGE,
        )
        for size in (20, 2000)
    ),
    Spot(
        "exact and approximate GELU differ: tanh forward",
        tanh_gelu,
        tanh_gelu_vjp,
        {"backward of the exact GELU": gelu_vjp},
        at(np.linspace(-6, 6, 9)),
    ),
    Spot(
        "exact and approximate GELU differ: exact forward",
        gelu,
        gelu_vjp,
        {"backward of the tanh approximation": tanh_gelu_vjp},
        at(np.linspace(-6, 6, 9)),
        alone=(DIFFERENCES,),
    ),
    # Projections on one non-negative vector, with a tolerance that grows with the size.
    large_identity(3000, "reversed", lambda d, x: d[::-1].copy()),
    large_identity(3000, "rolled", lambda d, x: np.roll(d, 1)),
    large_transpose(20),
    large_transpose(50),
    large_transpose(100),
    large_transpose(200),
    Spot(
        "one flipped sign among 300",
        lambda x: 1 * x,
        lambda d, x: 1 * d,
        {"sign flipped": altered(lambda d, x: d, flip(123))},
        normal(300),
        alone=LARGE,
    ),
    large_identity(10_000, "one in 10 dropped", altered(lambda d, x: d, drop_every(10)), (AUTODIFF,)),
    large_tangent(400, np.float32, "zero", 0),
    large_tangent(400, np.float32, "doubled", 2),
    large_tangent(1000, np.float32, "negated", -1),
    large_tangent(1000, np.float64, "one per cent too large", 1.01),
    large_tangent(100_000, np.float64, "zero", 0),
    Spot(
        "one of 100 000 elements is wrong by 1e-12",
        lambda x: x * x,
        lambda d, x: 2 * x * d,
        {"one element": altered(lambda d, x: 2 * x * d, nearly(54_321, 1e-12))},
        normal(100_000),
        alone=(AUTODIFF,),
    ),
    # One fixed direction, one norm, one large number.
    Spot(
        "an error at right angles to the drawn direction",
        lambda x: np.sin(x).sum(),
        np.cos,
        {"plus a vector of norm 10": lambda x: np.cos(x) + orthogonal(3)},
        normal(3),
        "grad",
    ),
    large_component(np.float64),
    large_component(np.float32),
    Spot(
        "a vanished block in a deep network",
        deep_loss,
        deep_grad,
        {"dW1 is 0": deep_grad_without_the_first},
        at(*np.random.default_rng(1).standard_normal((DEPTH, WIDTH, WIDTH))),
        "grad",
        alone=LARGE,
    ),
    # Comparisons that are false, or true, for the wrong reason.
    Spot(
        "nan is no gradient",
        squares,
        lambda x: 2 * x,
        {
            "all nan": lambda x: np.full_like(x, np.nan),
            "one nan": altered(lambda x: 2 * x, lambda g: g.put(0, np.nan)),
            "one infinite": altered(lambda x: 2 * x, lambda g: g.put(0, np.inf)),
        },
        SUMS,
        "grad",
    ),
    Spot(
        "sqrt where it is defined",
        np.sqrt,
        lambda d, x: d / (2 * np.sqrt(x)),
        {"7 times": lambda d, x: 7 * d / (2 * np.sqrt(x))},
        {"signature": "(n)->(n)", "domain": "positive"},
    ),
    Spot(
        "the shape of a gradient is that of its argument",
        lambda x: x.sum(),
        np.ones_like,
        {
            "a lone 1": lambda x: 1.0,
            "a column": lambda x: np.ones((x.size, 1)),
            "a row": lambda x: np.ones((1, x.size)),
        },
        at(np.arange(5.0)),
        "grad",
    ),
    # Points, shapes and cotangents that hide a mistake: drawn ones do not.
    Spot(
        "the cube beside the point 0",
        lambda x: x**3,
        lambda d, x: 3 * x**2 * d,
        {"2 x squared": lambda d, x: 2 * x**2 * d},
        {"signature": "(n)->(n)", **at(np.zeros(3))},
    ),
    Spot(
        "a matrix beside a symmetric one",
        lambda S, x: S @ x,
        lambda d, S, x: (np.outer(d, x), S.T @ d),
        {"not transposed": lambda d, S, x: (np.outer(d, x), S @ d)},
        {"signature": "(n,n),(n)->(n)", **at([[2.0, 1.0], [1.0, 3.0]], [1.0, -2.0])},
    ),
    Spot(
        "square shapes hide an exchanged product",
        lambda x, W: x @ W,
        lambda d, x, W: (d @ W.T, x.T @ d),
        {"G times x transposed": lambda d, x, W: (d @ W.T, d @ x.T)},
        {"signature": "(n,n),(n,n)->(n,n)"},
    ),
    Spot(
        "rectangular shapes do not",
        lambda x, W: x @ W,
        lambda d, x, W: (d @ W.T, x.T @ d),
        {"G times x transposed": lambda d, x, W: (d @ W.T, d @ x.T)},
        {"signature": "(k,m),(m,n)->(k,n)"},
    ),
    Spot(
        "softmax under a cotangent of ones",
        softmax,
        softmax_vjp,
        {"zero": zero, "tripled": scaled(softmax_vjp, 3)},
        alone=ALL,
    ),
    Spot(
        "batch norm under a cotangent of ones",
        batch_norm,
        batch_norm_vjp,
        {"zero": zero, "tripled": scaled(batch_norm_vjp, 3)},
        {"signature": "(m,n)->(m,n)"},
    ),
    Spot(
        "the mean over a batch of one",
        mean_loss,
        mean_loss_grad,
        {"1/N missing": lambda X, w, y: (None, 2 * X.T @ (X @ w - y), None)},
        {"signature": "(m,n),(n),(m)->()", **at([[2.0, 1.0]], [1.0, 0.5], [3.0])},
        "grad",
    ),
    # Arguments and cotangents that are written to.
    Spot(
        "a gradient that moves the point",
        squares,
        lambda x: 2 * x,
        {"zeroes x": zeroing_grad, "zeroes x and is right": zeroing_grad_with_the_right_value},
        at([1.0, -2.0, 3.0]),
        "grad",
    ),
    Spot(
        "a backward that overwrites its cotangent",
        relu,
        relu_vjp,
        {"writes to delta": overwriting_relu_vjp},
        at([1.0, -2.0, 3.0, -0.5]),
    ),
    # Oracles that are wrong: a complex step off analytic code, a symmetric difference across a kink.
    Spot(
        "the slope of the absolute value",
        np.abs,
        lambda d, x: d * np.sign(x),
        {"zero everywhere": zero},
    ),
    Spot(
        "the gradient of a norm",
        lambda x: np.sqrt((x**2).sum()),
        lambda x: x / np.sqrt((x**2).sum()),
        {"zero": zero},
        at([3.0, 4.0]),
        "grad",
    ),
    Spot(
        "the gradient of a squared norm",
        lambda x: x @ x,
        lambda x: 2 * x,
        {"zero": zero},
        at([3.0, 4.0]),
        "grad",
    ),
    *(
        Spot(
            f"ReLU at {place:g} is a line",
            relu,
            relu_vjp,
            {"a half": lambda d, x: d / 2, "zero": zero},
            at([place]),
        )
        for place in (9e-3, 9e-5, 5e-5, 9e-7, 5e-7, 1e-9)
    ),
    diluted("far away", np.random.default_rng(3).choice([-1.0, 1.0], 999) * 5),
    diluted("close by", np.random.default_rng(3).uniform(-1, 1, 999)),
    # A forward and a reverse mode that are wrong in the same way.
    Spot(
        "sine in reverse mode", np.sin, lambda d, x: d * np.cos(x), {"sin' = sin": lambda d, x: d * np.sin(x)}
    ),
    Spot(
        "sine in forward mode",
        np.sin,
        lambda t, x: t[0] * np.cos(x),
        {"sin' = sin": lambda t, x: t[0] * np.sin(x)},
        kind="jvp",
    ),
]

# --- right gradients that fail elsewhere --------------------------------------------------------------------


def beside_a_large_number(offset, name, function, slope, dtype):
    return Spot(
        f"{offset:g} + {name} in {np.dtype(dtype)}",
        lambda x: offset + function(x),
        lambda d, x: slope(x) * d,
        {"half": lambda d, x: slope(x) * d / 2},
        at([0.3, -1.2, 2.0], dtype=dtype),
    )


def oscillation(dtype):
    return Spot(
        f"sin(1000 x) in {np.dtype(dtype)}",
        lambda x: np.sin(1000 * x),
        lambda d, x: 1000 * np.cos(1000 * x) * d,
        {"the inner derivative missing": lambda d, x: np.cos(1000 * x) * d},
        at([0.3, -1.2], dtype=dtype),
    )


def scaled_exponentials(scale):
    return Spot(
        f"exponentials scaled by {scale:g}",
        lambda x: scale * np.exp(x).sum(),
        lambda x: scale * np.exp(x),
        {"half": lambda x: scale / 2 * np.exp(x)},
        at([0.3, -1.2, 2.0]),
        "grad",
    )


def critical(name, function, vjp, wrong):
    return Spot(
        f"{name} at its critical point",
        function,
        vjp,
        {"a wrong factor": wrong},
        {"signature": "(n)->(n)", **at(np.zeros(2))},
    )


def dropout(x):
    return x * (np.random.default_rng(7).random(x.shape) < 0.5)


OPTIMUM = np.array([1.0, -2.0, 0.5])
DESIGN = np.random.default_rng(4).standard_normal((4, 3))
WEIGHTS = np.array([2.0, -1.0, 0.5])

FAILING_ELSEWHERE = [
    *(
        beside_a_large_number(offset, name, function, slope, dtype)
        for offset, name, function, slope in (
            (1e9, "x squared", lambda x: x**2, lambda x: 2 * x),
            (1e4, "x squared", lambda x: x**2, lambda x: 2 * x),
            (1e6, "sin x", np.sin, np.cos),
        )
        for dtype in (np.float64, np.float32)
    ),
    Spot(
        "a step that would vanish beside 1e10",
        lambda x: x**2 / 1e10,
        lambda d, x: 2 * x / 1e10 * d,
        {"half": lambda d, x: x / 1e10 * d},
        at([1e10]),
    ),
    Spot(
        "a step that would vanish beside 1e6 in float32",
        lambda x: x**2,
        lambda d, x: 2 * x * d,
        {"half": lambda d, x: x * d},
        at([1e6], dtype=np.float32),
    ),
    oscillation(np.float64),
    oscillation(np.float32),
    Spot(
        "sine in float32",
        np.sin,
        lambda d, x: np.cos(x) * d,
        {"sin' = -cos": lambda d, x: -np.cos(x) * d},
        at([0.3, -1.2, 2.0], dtype=np.float32),
    ),
    Spot(
        "least squares 1e-4 from the optimum",
        least_squares,
        least_squares_grad,
        {"half": lambda A, x, b: (None, A.T @ (A @ x - b) / 2, None)},
        at(DESIGN, OPTIMUM + 1e-4, DESIGN @ OPTIMUM),
        "grad",
        alone=LARGE,
    ),
    scaled_exponentials(1e6),
    scaled_exponentials(1e10),
    scaled_exponentials(1e-10),
    Spot(
        "a linear functional",
        lambda x: x @ WEIGHTS,
        lambda x: 1 * WEIGHTS,
        {"reversed": lambda x: WEIGHTS[::-1].copy()},
        at([0.3, -1.2, 2.0]),
        "grad",
    ),
    critical("x cubed", lambda x: x**3, lambda d, x: 3 * x**2 * d, lambda d, x: 2 * x**2 * d),
    critical("x to the fourth", lambda x: x**4, lambda d, x: 4 * x**3 * d, lambda d, x: 3 * x**3 * d),
    critical(
        "cos(3000 x)",
        lambda x: np.cos(3000 * x),
        lambda d, x: -3000 * np.sin(3000 * x) * d,
        lambda d, x: -np.sin(3000 * x) * d,
    ),
    Spot(
        "whole numbers as the point",
        squares,
        lambda x: 2 * x,
        {"three times": lambda x: 3 * x},
        {"args": ([1, 2, -3],)},
        "grad",
    ),
    Spot(
        "cross-entropy where the right class is almost certain",
        cross_entropy,
        cross_entropy_grad,
        {"labels forgotten": lambda z, y: (softmax(z), None)},
        at([38.0, 0.0, -3.0], [1.0, 0.0, 0.0]),
        "grad",
    ),
    Spot(
        "layer norm, thousands of roundings off in some entries",
        layer_norm,
        layer_norm_vjp,
        {"variance not differentiated": lambda d, x: (d - d.mean()) / np.sqrt(x.var() + 1e-5)},
        normal(24),
        alone=LARGE,
    ),
    Spot(
        "a product of matrices, thousands of roundings off in some entries",
        lambda A, B: A @ B,
        lambda d, A, B: (d @ B.T, A.T @ d),
        {"not transposed": lambda d, A, B: (d @ B, A @ d)},
        at(*np.random.default_rng(5).standard_normal((2, 12, 12))),
        alone=LARGE,
    ),
    Spot(
        "dropout with a seed",
        dropout,
        lambda d, x: dropout(d),
        {"mask forgotten": lambda d, x: 1 * d},
        at([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
    ),
    Spot(
        "acosh where it is defined",
        np.arccosh,
        lambda d, x: d / np.sqrt(x**2 - 1),
        {"asinh'": lambda d, x: d / np.sqrt(x**2 + 1)},
        {"signature": "(n)->(n)", "domain": lambda rng, shape: rng.uniform(1.1, 4, shape)},
    ),
]

SPOTS = [*PASSING_ELSEWHERE, *FAILING_ELSEWHERE]
MISTAKES = [
    pytest.param(spot, wrong, id=f"{spot.claim}: {mistake}")
    for spot in SPOTS
    for mistake, wrong in spot.wrong.items()
]
ALONE = [pytest.param(spot, oracle, id=f"{spot.claim}: {oracle}") for spot in SPOTS for oracle in spot.alone]


@pytest.mark.parametrize(("spot", "wrong"), MISTAKES)
def test_the_wrong_gradient_is_rejected(spot, wrong):
    verdict = spot.verdict(wrong, spot.together)
    assert verdict.outcome == "disagrees", str(verdict)


@pytest.mark.parametrize("spot", SPOTS, ids=lambda spot: spot.claim)
def test_the_right_gradient_is_accepted(spot):
    verdict = spot.verdict(spot.right, spot.together)
    assert verdict.outcome == "agrees", str(verdict)


@pytest.mark.parametrize(("spot", "oracle"), ALONE)
def test_one_oracle_alone_rejects_the_wrong_and_does_not_accuse_the_right(spot, oracle):
    for mistake, wrong in spot.wrong.items():
        verdict = spot.verdict(wrong, (oracle,))
        # Finite differences alone do not know what a convention makes of kinks that meet in one point.
        rejected = (
            ("disagrees", "undecided") if oracle == DIFFERENCES and "kink" in spot.claim else ("disagrees",)
        )
        assert verdict.outcome in rejected, f"{mistake}: {verdict}"
    verdict = spot.verdict(spot.right, (oracle,))
    assert verdict.outcome != "disagrees", str(verdict)


# --- points at which nothing can be told --------------------------------------------------------------------


@pytest.mark.parametrize(("factor", "outcome"), [(2, "undecided"), (3, "agrees")])
def test_a_gradient_of_zero_at_a_single_point_is_no_evidence_without_a_point_beside_it(factor, outcome):
    verdict = check_vjp(lambda x: x**3, lambda d, x: factor * x**2 * d, **at(np.zeros(2)))
    assert verdict.outcome == outcome
    assert verdict.records[0].compared
    assert "nothing could be compared" not in verdict.reason


@pytest.mark.parametrize("vjp", [lambda d, x: d / np.sqrt(x**2 - 1), lambda d, x: 7 * d / np.sqrt(x**2 - 1)])
def test_what_is_undefined_on_both_sides_is_undecided(vjp):
    verdict = check_vjp(np.arccosh, vjp, **at([0.0, 0.5, 0.9]))
    assert verdict.outcome == "undecided"
    assert "forward is not finite" in verdict.reason


def test_a_multiple_of_the_gradient_is_not_accepted_where_there_is_none():
    verdict = check_vjp(np.sqrt, lambda d, x: 7 * d / (2 * np.sqrt(x)), **at([-1.0, -4.0]))
    assert verdict.outcome == "undecided"
    assert "forward is not finite" in verdict.reason


def test_code_that_is_undefined_in_places_warns_nobody():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check_vjp(lambda x: np.where(x > 0, x, np.nan), lambda d, x: 1 * d, **VECTORS)
    assert caught == []


def test_a_broken_contract_is_not_noted_as_an_oracle_that_took_no_part():
    verdict = check_grad(squares, lambda x: np.full_like(x, np.nan), **at([1.0]))
    assert verdict.outcome == "disagrees"
    assert not any(remark.startswith("contract took no part") for remark in verdict.remarks)


def test_dropout_without_a_seed_is_undecided_and_its_randomness_is_named():
    rng = np.random.default_rng()
    verdict = check_vjp(lambda x: x * (rng.random(x.shape) < 0.5), lambda d, x: d, **at(np.ones(32)))
    assert verdict.outcome == "undecided"
    assert "random seed" in verdict.reason


def unwritten(d, x):
    raise NotImplementedError


@pytest.mark.parametrize("vjp", [lambda d, x: 2 * x * d if x.size == 1 else None, unwritten])
def test_a_gradient_that_is_missing_for_most_shapes_is_not_accepted(vjp):
    verdict = check_vjp(lambda x: x**2, vjp, **VECTORS)
    assert verdict.outcome != "agrees", str(verdict)


def test_an_argument_without_entries_is_judged():
    verdict = check_grad(lambda x: np.abs(x).max(initial=1), lambda x: 0 * x, **at([]))
    assert verdict.outcome != "disagrees", str(verdict)


def test_a_mistake_that_takes_many_entries_to_show_is_reported():
    def grad(x):
        return 2 * x * (1 if np.count_nonzero(x) < 16 else 1.5)

    verdict = check_grad(squares, grad, **normal(50), oracles=(AUTODIFF,))
    assert verdict.outcome == "disagrees"
    assert np.count_nonzero(verdict.example.arguments["x"]) >= 16


# --- kinks, where libraries disagree ------------------------------------------------------------------------


@dataclass(frozen=True)
class Kink:
    """A function of the whole argument at a point where it has a kink.

    Attributes:
        claim: the function and the point.
        forward: the function; its output is a number.
        point: the arguments.
        legal: gradients by the first argument, each within the one-sided derivatives.
        illegal: gradients outside of them.
        alone: the oracles that know the one-sided derivatives without the others.
    """

    claim: str
    forward: Callable[..., Any]
    point: tuple[Any, ...]
    legal: tuple[Any, ...]
    illegal: tuple[Any, ...]
    alone: tuple[str, ...] = (SYMBOLIC, DIFFERENCES)

    def verdict(self, gradient, oracles=ALL):
        others = (None,) * (len(self.point) - 1)
        return check_grad(
            self.forward,
            lambda *inputs: (np.array(gradient, dtype=np.float64), *others),
            **at(*self.point),
            oracles=oracles,
        )


NUMBERS = np.arange(20.0)
"""Too many for symbols; the first is 0."""

HIDDEN = np.random.default_rng(6).standard_normal((6, 4))
HIDDEN[2] = 0
BIAS = np.array([0.3, -0.2, 0.0, 0.5, -0.1, 0.4])
OUTPUT = np.array([1.0, -2.0, 0.5, 3.0, -1.5, 0.7])
INPUT = np.array([0.5, -1.0, 0.25, 2.0])


def hidden_layer(x, W, b):
    return relu(W @ x + b) @ OUTPUT


def through_the_hidden_layer(x, b, convention=0.0):
    """The gradient of ``hidden_layer`` by x, with that slope of ReLU at 0."""
    return HIDDEN.T @ (OUTPUT * np.heaviside(HIDDEN @ x + b, convention))


KINKS = [
    Kink("abs at 0", np.abs, (0.0,), (-1, -0.5, 0, 0.5, 1), (-1.01, 1.01, 2)),
    Kink("clip at its lower end", lambda x: np.clip(x, 0, 1), (0.0,), (0, 0.5, 1), (-0.5, 1.5)),
    Kink("clip at its upper end", lambda x: np.clip(x, 0, 1), (1.0,), (0, 0.5, 1), (-0.5, 1.5)),
    Kink("leaky ReLU at 0", lambda x: np.where(x >= 0, x, 0.01 * x), (0.0,), (0.01, 0.5, 1), (0, 1.01)),
    Kink("maximum with 0 at 0", relu, (0.0,), (0, 0.5, 1), (-0.1, 1.1)),
    Kink("ReLU by where at 0", lambda x: np.where(x > 0, x, 0), (0.0,), (0, 0.5, 1), (-0.1, 1.1)),
    Kink("root of a square at 0", lambda x: np.sqrt(x**2), (0.0,), (-1, 0, 1), (-1.5, 1.5, np.nan)),
    Kink(
        "relu(x) - relu(-x) at 0 is x",
        lambda x: relu(x) - relu(-x),
        (0.0,),
        (1,),
        (0, 0.5, 2),
        # That the two kinks cancel shows in the values alone.
        alone=(DIFFERENCES,),
    ),
    Kink("|x| + 3 x at 0", lambda x: np.abs(x) + 3 * x, (0.0,), (2, 3, 4), (1.9, 4.1, 0)),
    Kink(
        "the larger of two equal numbers", lambda x, y: np.maximum(x, y), (2.0, 2.0), (0, 0.5, 1), (-0.5, 1.5)
    ),
    Kink(
        "the largest of numbers with a tie",
        lambda x: x.max(),
        ([2.0, 2.0, 1.0],),
        ([1, 0, 0], [0, 1, 0], [0.5, 0.5, 0]),
        ([1.5, -0.5, 0], [0.5, 0.5, 0.5], [0, 0, 1]),
    ),
    Kink(
        "one kink beside smooth entries",
        lambda x: np.abs(x).sum(),
        ([0.0, 3.0],),
        ([0, 1], [1, 1], [-1, 1]),
        ([0, 0], [0, -1], [2, 1]),
    ),
    Kink(
        "one kink beside many smooth entries",
        lambda x: np.abs(x).sum(),
        (NUMBERS,),
        (np.sign(NUMBERS), np.sign(NUMBERS) + np.eye(20)[0], np.sign(NUMBERS) - np.eye(20)[0]),
        (0 * NUMBERS, -np.sign(NUMBERS), np.sign(NUMBERS) + np.eye(20)[7] / 2),
        alone=(DIFFERENCES,),
    ),
    Kink(
        "a layer with one dead unit just at its kink",
        hidden_layer,
        (INPUT, HIDDEN, BIAS),
        (through_the_hidden_layer(INPUT, BIAS), through_the_hidden_layer(INPUT, BIAS, 1.0)),
        tuple(factor * through_the_hidden_layer(INPUT, BIAS) for factor in (0, -1, 5)),
        alone=(DIFFERENCES,),
    ),
]
CONVENTIONS = [
    pytest.param(kink, gradient, id=f"{kink.claim}: {number}")
    for kink in KINKS
    for number, gradient in enumerate(kink.legal)
]
NO_CONVENTIONS = [
    pytest.param(kink, gradient, id=f"{kink.claim}: {number}")
    for kink in KINKS
    for number, gradient in enumerate(kink.illegal)
]


@pytest.mark.parametrize(("kink", "gradient"), CONVENTIONS)
def test_every_convention_at_a_kink_is_accepted(kink, gradient):
    verdict = kink.verdict(gradient)
    assert verdict.outcome == "agrees", str(verdict)


@pytest.mark.parametrize(("kink", "gradient"), NO_CONVENTIONS)
def test_what_lies_outside_the_one_sided_derivatives_is_rejected(kink, gradient):
    verdict = kink.verdict(gradient)
    assert verdict.outcome == "disagrees", str(verdict)


@pytest.mark.parametrize("oracle", ALL)
@pytest.mark.parametrize(("kink", "gradient"), CONVENTIONS)
def test_one_oracle_alone_does_not_accuse_a_convention(kink, gradient, oracle):
    assert kink.verdict(gradient, (oracle,)).outcome != "disagrees"


@pytest.mark.parametrize(
    ("kink", "oracle"),
    [pytest.param(kink, oracle, id=f"{kink.claim}: {oracle}") for kink in KINKS for oracle in kink.alone],
)
def test_one_oracle_that_knows_both_sides_rejects_what_lies_outside(kink, oracle):
    for gradient in kink.illegal:
        verdict = kink.verdict(gradient, (oracle,))
        rejected = ("disagrees", "undecided") if oracle == DIFFERENCES else ("disagrees",)
        assert verdict.outcome in rejected, f"{gradient}: {verdict}"


# Where every unit is at its kink, what backpropagation makes of a convention may lie outside the one-sided
# derivatives.
@pytest.mark.parametrize("oracles", [ALL, (AUTODIFF,), LARGE, (DIFFERENCES,)])
@pytest.mark.parametrize("convention", [0.0, 0.5, 1.0])
def test_a_layer_whose_input_is_zero_is_not_accused_of_its_convention(convention, oracles):
    gradient = through_the_hidden_layer(0 * INPUT, 0 * BIAS, convention)
    verdict = check_grad(
        hidden_layer,
        lambda *inputs: (gradient.copy(), None, None),
        **at(0 * INPUT, HIDDEN, 0 * BIAS),
        oracles=oracles,
    )
    assert verdict.outcome != "disagrees", str(verdict)


def test_no_convention_makes_the_gradient_of_a_layer_large():
    verdict = check_grad(
        hidden_layer,
        lambda x, W, b: (np.full_like(x, 100), None, None),
        **at(0 * INPUT, HIDDEN, 0 * BIAS),
    )
    assert verdict.outcome == "disagrees", str(verdict)


@pytest.mark.parametrize("convention", [0, 0.5, 1])
def test_a_convention_for_ReLU_is_accepted_over_drawn_shapes(convention):
    vjp_of = {0: relu_vjp, 1: lambda d, x: d * (x >= 0), 0.5: lambda d, x: d * np.heaviside(x, 0.5)}
    verdict = check_vjp(relu, vjp_of[convention], **VECTORS)
    assert verdict.outcome == "agrees", str(verdict)
