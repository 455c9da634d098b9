"""Reverse mode, one operation at a time: from the cotangent of a result to those of the operands.

For a primitive y = f(x_1, …, x_k) a rule takes ȳ and returns x̄_j = Σ ȳ ∂y/∂x_j for every operand, None for
one that is not differentiated. Primitives without a rule here are left to JAX, one equation
at a time.
"""

# ruff: noqa: ARG001, ARG005  (a rule takes everything that any rule needs)

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Slope: TypeAlias = Callable[[Any, Any], Any]
"""dy/dx of an elementwise function from x and y."""
Rule: TypeAlias = Callable[[Array, Sequence[Array], Array, dict[str, Any]], "Sequence[Array | None]"]
"""(ȳ, operands, y, parameters) -> the cotangents of the operands."""

SLOPES: dict[str, Slope] = {
    "neg": lambda x, y: np.full_like(x, -1),
    "exp": lambda x, y: y,
    "exp2": lambda x, y: y * np.log(x.dtype.type(2)),
    "expm1": lambda x, y: y + 1,
    "log": lambda x, y: 1 / x,
    "log1p": lambda x, y: 1 / (1 + x),
    "sqrt": lambda x, y: 1 / (2 * y),
    "rsqrt": lambda x, y: -y / (2 * x),
    "cbrt": lambda x, y: 1 / (3 * y**2),
    "tanh": lambda x, y: 1 - y**2,
    "logistic": lambda x, y: y * (1 - y),
    "sin": lambda x, y: np.cos(x),
    "cos": lambda x, y: -np.sin(x),
    "tan": lambda x, y: 1 + y**2,
    "sinh": lambda x, y: np.cosh(x),
    "cosh": lambda x, y: np.sinh(x),
    "asin": lambda x, y: 1 / np.sqrt(1 - x**2),
    "acos": lambda x, y: -1 / np.sqrt(1 - x**2),
    "atan": lambda x, y: 1 / (1 + x**2),
    "asinh": lambda x, y: 1 / np.sqrt(x**2 + 1),
    "acosh": lambda x, y: 1 / np.sqrt(x**2 - 1),
    "atanh": lambda x, y: 1 / (1 - x**2),
    "abs": lambda x, y: np.sign(x),
    "square": lambda x, y: 2 * x,
    "copy": lambda x, y: np.ones_like(x),
}
"""Elementwise functions of one operand."""

BY_BLAS = 2000
"""Entries from which it is worth while to look for a way to multiply by BLAS."""

FLAT = frozenset({"sign", "floor", "ceil", "round", "stop_gradient", "argmax", "argmin", "iota", "is_finite"})
"""Primitives whose derivative is zero wherever it exists."""

ELEMENTWISE = frozenset(
    {*SLOPES, "integer_pow", "pow", "add", "sub", "mul", "div", "max", "min", "select_n", "clamp", "sign"}
    | {"gt", "ge", "lt", "le", "eq", "ne", "convert_element_type", "add_any", "not", "and", "or", "erf"}
)
"""Primitives that treat every entry alike."""


def summed_to(array: Array, shape: Sequence[int]) -> Array:
    """The cotangent of an operand that was a number beside an array, or had axes of length 1: the sum over
    what it was repeated for.
    """
    if array.shape == tuple(shape):
        return array
    if math.prod(shape) == 1:
        return np.asarray(array.sum()).reshape(shape)
    axes = tuple(k for k, length in enumerate(shape) if length == 1)
    return np.asarray(array.sum(axis=axes, keepdims=True))


def _power_slope(x: Array, n: int) -> Array:
    return np.zeros_like(x) if n == 0 else np.asarray(n * x ** (n - 1) if n >= 1 else n / x ** (1 - n))


def _binary(slopes: Callable[[Any, Any, Any], tuple[Any, Any]]) -> Rule:
    def rule(ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]) -> Sequence[Array]:
        a, b = operands
        by_a, by_b = slopes(a, b, y)
        return summed_to(np.asarray(ct * by_a), a.shape), summed_to(np.asarray(ct * by_b), b.shape)

    return rule


def _larger(a: Any, b: Any, y: Any) -> tuple[Any, Any]:
    tie = np.where(a == b, 0.5, 0.0)
    return (a > b) + tie, (b > a) + tie


def _smaller(a: Any, b: Any, y: Any) -> tuple[Any, Any]:
    return _larger(-a, -b, y)


def _pow(a: Any, b: Any, y: Any) -> tuple[Any, Any]:
    return b * a ** (b - 1), np.where(a > 0, y * np.log(np.where(a > 0, a, 1)), 0.0)


def _select(
    ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]
) -> Sequence[Array | None]:
    which = np.broadcast_to(operands[0], ct.shape).astype(int)
    return [None, *(summed_to(ct * (which == k), a.shape) for k, a in enumerate(operands[1:]))]


def _sum(ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]) -> Sequence[Array]:
    (x,) = operands
    return [np.broadcast_to(np.expand_dims(ct, tuple(parameters["axes"])), x.shape)]


def _extreme(ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]) -> Sequence[Array]:
    (x,) = operands
    axes = tuple(parameters["axes"])
    here = (x == np.expand_dims(y, axes)).astype(ct.dtype)
    return [np.expand_dims(ct, axes) * here / here.sum(axis=axes, keepdims=True)]


def _broadcast(ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]) -> Sequence[Array]:
    (x, *_) = operands
    return [np.asarray(ct.sum(axis=broadcast_axes(x.shape, parameters), keepdims=True)).reshape(x.shape)]


def broadcast_axes(shape: Sequence[int], parameters: dict[str, Any]) -> tuple[int, ...]:
    """The axes of the result along which ``broadcast_in_dim`` repeats its operand."""
    kept = {
        axis
        for axis, length in zip(parameters["broadcast_dimensions"], shape, strict=True)
        if length == parameters["shape"][axis]
    }
    return tuple(axis for axis in range(len(parameters["shape"])) if axis not in kept)


def dot_cotangents(
    ct: Array, x: Array, y: Array, numbers: Any, drop: tuple[int, int, bool] | None = None
) -> tuple[Array, Array]:
    """The cotangents of x and y in a ``dot_general``, for examples x̄ = ȳ Yᵀ and ȳ = Xᵀ ȳ of matrices.

    Args:
        ct: the cotangent of the product.
        x: its first operand.
        y: its second.
        numbers: its dimension numbers, ((contracted of x, of y), (batch of x, of y)).
        drop: (operand, index, only): leaves out that index of the sum for an operand, or all others.
    """
    (cx, cy), (bx, by) = numbers
    free_x = [a for a in range(x.ndim) if a not in cx and a not in bx]
    free_y = [a for a in range(y.ndim) if a not in cy and a not in by]
    batch, rows, columns = range(len(bx)), range(100, 100 + len(free_x)), range(200, 200 + len(free_y))
    sums = range(300, 300 + len(cx))
    letters_x, letters_y = [0] * x.ndim, [0] * y.ndim
    for axes, letters, group in ((bx, letters_x, batch), (free_x, letters_x, rows), (cx, letters_x, sums)):
        for axis, letter in zip(axes, group, strict=True):
            letters[axis] = letter
    for axes, letters, group in ((by, letters_y, batch), (free_y, letters_y, columns), (cy, letters_y, sums)):
        for axis, letter in zip(axes, group, strict=True):
            letters[axis] = letter
    out = [*batch, *rows, *columns]
    small = {letter: k for k, letter in enumerate(dict.fromkeys([*letters_x, *letters_y]))}

    def product(a: Array, la: Sequence[int], b: Array, lb: Sequence[int], to: Sequence[int]) -> Array:
        return np.asarray(
            np.einsum(
                a,
                [small[k] for k in la],
                b,
                [small[k] for k in lb],
                [small[k] for k in to],
                optimize=a.size + b.size > BY_BLAS,
            )
        )

    def without(operand: int, free: Sequence[int]) -> Array:
        if drop is None or drop[0] != operand or not free:
            return ct
        axis = out.index(free[-1])
        kept = (np.arange(ct.shape[axis]) == drop[1] % ct.shape[axis]) == drop[2]
        return np.asarray(ct * kept.reshape([-1 if a == axis else 1 for a in range(ct.ndim)]))

    return (
        product(without(0, list(columns)), out, y, letters_y, letters_x),
        product(without(1, list(rows)), out, x, letters_x, letters_y),
    )


def _dot(ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]) -> Sequence[Array]:
    a, b = operands
    return dot_cotangents(ct, a, b, parameters["dimension_numbers"])


def _slice(ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]) -> Sequence[Array]:
    (x,) = operands
    strides = parameters["strides"] or (1,) * x.ndim
    by_x = np.zeros(x.shape, dtype=ct.dtype)
    bounds = zip(parameters["start_indices"], parameters["limit_indices"], strides, strict=True)
    by_x[tuple(slice(*one) for one in bounds)] = ct
    return [by_x]


def _concatenate(
    ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]
) -> Sequence[Array]:
    axis = parameters["dimension"]
    return np.split(ct, np.cumsum([x.shape[axis] for x in operands])[:-1], axis)


def _clamp(
    ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]
) -> Sequence[Array | None]:
    low, x, high = operands
    return [None, np.asarray(ct * ((x > low) & (x < high))), None]


def _reshaped(ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]) -> Sequence[Array]:
    order = parameters.get("dimensions")  # of a squeeze they are something else, and change nothing
    if order is None or len(order) != operands[0].ndim or "new_sizes" not in parameters:
        return [ct.reshape(operands[0].shape)]
    return [ct.reshape([operands[0].shape[axis] for axis in order]).transpose(np.argsort(order))]


def _transpose(ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]) -> Sequence[Array]:
    return [ct.transpose(np.argsort(parameters["permutation"]))]


def _reverse(ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]) -> Sequence[Array]:
    return [np.flip(ct, tuple(parameters["dimensions"]))]


def _cumulative_sum(
    ct: Array, operands: Sequence[Array], y: Array, parameters: dict[str, Any]
) -> Sequence[Array]:
    axis = parameters["axis"]
    if parameters["reverse"]:
        return [ct.cumsum(axis)]
    return [np.flip(np.flip(ct, axis).cumsum(axis), axis)]


RULES: dict[str, Rule] = {
    "add": _binary(lambda a, b, y: (1, 1)),
    "add_any": _binary(lambda a, b, y: (1, 1)),
    "sub": _binary(lambda a, b, y: (1, -1)),
    "mul": _binary(lambda a, b, y: (b, a)),
    "div": _binary(lambda a, b, y: (1 / b, -y / b)),
    "max": _binary(_larger),
    "min": _binary(_smaller),
    "pow": _binary(_pow),
    "select_n": _select,
    "clamp": _clamp,
    "integer_pow": lambda ct, xs, y, p: [np.asarray(ct * _power_slope(xs[0], int(p["y"])))],
    "reduce_sum": _sum,
    "reduce_max": _extreme,
    "reduce_min": _extreme,
    "broadcast_in_dim": _broadcast,
    "dot_general": _dot,
    "reshape": _reshaped,
    "squeeze": _reshaped,
    "expand_dims": _reshaped,
    "convert_element_type": lambda ct, xs, y, p: [ct],
    "reduce_precision": lambda ct, xs, y, p: [ct],
    "transpose": _transpose,
    "rev": _reverse,
    "slice": _slice,
    "concatenate": _concatenate,
    "cumsum": _cumulative_sum,
}


def rule_for(name: str) -> Rule | None:
    """The rule of a primitive; None if JAX has to differentiate it."""
    if name in SLOPES:
        slope = SLOPES[name]
        return lambda ct, xs, y, p: [np.asarray(ct * slope(xs[0], y))]
    if name in FLAT:
        return lambda ct, xs, y, p: [None] * len(xs)
    return RULES.get(name)
