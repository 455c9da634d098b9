"""JAX's primitives on balls: a table from the name of a primitive to what it does to midpoints and radii."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from checkers.rounding import elementwise as on
from checkers.rounding.ball import Ball, Reals, Rounding, TurnsOnRoundingError, magnitude
from checkers.rounding.windows import gather_positions, scatter_positions

Rule: TypeAlias = Callable[[Sequence[Ball], dict[str, Any], Rounding], Sequence[Ball]]


def _arithmetic(operation: on.Operation) -> Rule:
    """Elementwise on floating balls, plain NumPy on integers, which do not round."""
    return lambda operands, parameters, rounding: [operation(*operands, rounding)]


def _elementwise(operation: on.Operation, on_integers: Callable[..., Any]) -> Rule:
    def rule(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
        if operands[0].mid.dtype.kind != "f":
            return [Ball(np.asarray(on_integers(*(operand.mid for operand in operands))))]
        return [operation(*operands, rounding)]

    return rule


def _boolean(function: Callable[..., Any]) -> Rule:
    """A Boolean operation on Booleans, bitwise on integers."""

    def rule(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
        if operands[0].mid.dtype != bool:
            return [Ball(np.asarray(function(*(operand.mid for operand in operands))))]
        return [on.logical(function)(*operands, rounding)]

    return rule


def _structural(function: Callable[..., Any]) -> Rule:
    """A rearrangement: the same for midpoints and radii. ``function(array, parameters)``."""

    def rule(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
        (x,) = operands
        return [Ball(function(x.mid, parameters), None if x.rad is None else function(x.rad, parameters))]

    return rule


def _joined(balls: Sequence[Ball], join: Callable[[Sequence[Any]], Any]) -> Ball:
    """Several arrays made into one by ``join``."""
    exact = all(ball.rad is None for ball in balls)
    return Ball(join([ball.mid for ball in balls]), None if exact else join([ball.radius for ball in balls]))


def _integer_power(
    operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding
) -> Sequence[Ball]:
    return [on.integer_power(operands[0], rounding, int(parameters["y"]))]


def _power(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    x, y = operands
    return [on.power(x, Ball(y.mid.astype(x.mid.dtype), y.rad), rounding)]


def _select(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    which, *cases = operands
    return [
        on.select(
            Ball(
                np.broadcast_to(which.mid, cases[0].mid.shape),
                None if which.rad is None else np.broadcast_to(which.rad, cases[0].mid.shape),
            ),
            *cases,
        )
    ]


def _clamp(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    low, x, high = operands
    return [on.smaller(on.larger(x, low, rounding), high, rounding)]


def _is_finite(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    """Undecided where the program may have overflowed although the midpoint has not."""
    (x,) = operands
    unsure = np.isinf(x.radius)
    return [Ball(np.isfinite(x.mid), unsure if unsure.any() else None)]


def _convert(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    """A change of dtype: a float is rounded; a Boolean that could be either becomes 1/2 ± 1/2.

    Raises:
        TurnsOnRoundingError: a whole number that turns on rounding; nothing that counts with it has a bound.
    """
    (x,) = operands
    target = np.dtype(parameters["new_dtype"])
    if target.kind == "f":
        return [_to_float(x, rounding)]
    if target.kind == "b":
        return [on.compare(np.not_equal, strict_equality=True)(x, Ball(np.zeros_like(x.mid)), rounding)]
    if x.mid.dtype.kind == "f":
        whole = on.steps(np.trunc)(x, rounding)
        _must_be_decided(whole)
        return [Ball(whole.mid.astype(target))]
    _must_be_decided(x)
    return [Ball(x.mid.astype(target))]


def _to_float(x: Ball, rounding: Rounding) -> Ball:
    if x.mid.dtype.kind == "f":
        rounded = rounding.close(x.mid, 0.0 if x.rad is None else x.rad)
        exact = on.infinite(x)
        return Ball(rounded.mid, np.where(exact, 0, rounded.radius)) if exact.any() else rounded
    mid: Reals = x.mid.astype(np.longdouble)
    if x.mid.dtype != bool:
        exact = np.abs(mid) <= 1 / rounding.unit
        return Ball(mid) if exact.all() else Ball(mid, np.where(exact, 0, rounding.unit * magnitude(mid)))
    if x.rad is None:
        return Ball(mid)
    return Ball(np.where(x.rad, 0.5, mid), np.where(x.rad, 0.5, 0.0))


def _must_be_decided(x: Ball) -> None:
    if x.rad is not None and x.rad.any():
        raise TurnsOnRoundingError("a whole number here turns on how the program rounds")


# --- reductions ---------------------------------------------------------------------------------------------


def _count(x: Ball, axes: Sequence[int]) -> int:
    return int(np.prod([x.mid.shape[axis] for axis in axes], dtype=np.int64))


def _sum(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    """Σ x: the radii add up, and summing n numbers in any order rounds n − 1 times, relative to Σ |x|."""
    (x,) = operands
    axes = tuple(parameters["axes"])
    if x.mid.dtype.kind != "f" or not rounding.bounded:
        return [Ball(np.asarray(x.mid.sum(axis=axes, dtype=x.mid.dtype)))]
    spread = (0.0 if x.rad is None else x.rad.sum(axis=axes)) + max(
        _count(x, axes) - 1, 0
    ) * rounding.unit * x.magnitude.sum(axis=axes)
    return [rounding.close(np.asarray(x.mid.sum(axis=axes)), spread)]


def _product(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    """Π x, one factor after the other."""
    (x,) = operands
    axes = tuple(parameters["axes"])
    if x.mid.dtype.kind != "f":
        return [Ball(np.asarray(x.mid.prod(axis=axes, dtype=x.mid.dtype)))]
    moved = np.moveaxis(x.mid, axes, range(len(axes)))
    rest = moved.shape[len(axes) :]
    mid, rad = moved.reshape(-1, *rest), np.moveaxis(x.radius, axes, range(len(axes))).reshape(-1, *rest)
    result = Ball(np.ones(rest, dtype=x.mid.dtype))
    for factor, radius in zip(mid, rad, strict=True):
        result = on.multiply(result, Ball(factor, radius), rounding)
    return [result]


def _extreme(function: Callable[..., Any], of_none: float) -> Rule:
    """The largest or smallest entry: off by no more than the largest radius of those that could be it.

    A mask of −1e9 has a large radius and is never the largest. Over nothing it is ``of_none``.
    """
    side = -1.0 if of_none > 0 else 1.0

    def rule(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
        (x,) = operands
        axes = tuple(parameters["axes"])
        if _count(x, axes) == 0:
            rest = [n for axis, n in enumerate(x.mid.shape) if axis not in axes]
            return [Ball(np.full(rest, of_none).astype(x.mid.dtype))]
        mid = np.asarray(function(x.mid, axis=axes))
        if x.rad is None:
            return [Ball(mid)]
        least = np.max(side * x.mid - x.rad, axis=axes, keepdims=True)
        possible = ~(side * x.mid + x.rad < least)
        return [Ball(mid, np.asarray(np.max(x.rad, axis=axes, where=possible, initial=0)))]

    return rule


def _truth(function: Callable[..., Any]) -> Rule:
    def rule(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
        (x,) = operands
        axes = tuple(parameters["axes"])
        mid = np.asarray(function(x.mid, axis=axes))
        if x.rad is None:
            return [Ball(mid)]
        unsure = x.rad.astype(bool)
        least, most = function(x.mid & ~unsure, axis=axes), function(x.mid | unsure, axis=axes)
        return [Ball(mid, np.asarray(least != most))]

    return rule


def _position(function: Callable[..., Any]) -> Rule:
    def rule(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
        (x,), (axis,) = operands, parameters["axes"]
        at = np.asarray(function(x.mid, axis=axis))
        if x.rad is not None and x.rad.any():
            first = np.expand_dims(at, axis)
            others = np.arange(x.mid.shape[axis]).reshape([-1 if a == axis else 1 for a in range(x.mid.ndim)])
            gap = magnitude(x.mid - np.take_along_axis(x.mid, first, axis))
            reach = x.rad + np.take_along_axis(x.rad, first, axis)
            _must_be_decided(Ball(at, (~(gap > reach) & (reach > 0) & (others != first)).any(axis=axis)))
        return [Ball(at.astype(parameters["index_dtype"]))]

    return rule


def _cumulative_sum(
    operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding
) -> Sequence[Ball]:
    (x,) = operands
    axis = parameters["axis"]

    def run(array: Any) -> Any:
        return (
            np.flip(np.flip(array, axis).cumsum(axis), axis) if parameters["reverse"] else array.cumsum(axis)
        )

    if x.mid.dtype.kind != "f" or not rounding.bounded:
        return [Ball(run(x.mid))]
    return [rounding.close(run(x.mid), run(x.radius) + x.mid.shape[axis] * rounding.unit * run(x.magnitude))]


def _cumulative(step: on.Operation) -> Rule:
    """A running product, maximum or minimum, entry after entry."""

    def rule(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
        (x,) = operands
        axis = parameters["axis"]
        order = range(x.mid.shape[axis])[:: -1 if parameters["reverse"] else 1]
        results: dict[int, Ball] = {}
        last: Ball | None = None
        for k in order:
            entry = Ball(x.mid.take(k, axis), None if x.rad is None else x.rad.take(k, axis))
            last = entry if last is None else step(last, entry, rounding)
            results[k] = last
        if not results:
            return [x]
        return [_joined([results[k] for k in sorted(results)], lambda parts: np.stack(parts, axis))]

    return rule


def _dot_general(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    """Σ_k x_ik y_kj: |x| r_y + r_x |y| + r_x r_y, and n roundings relative to |x| |y|."""
    x, y = operands
    (contract_x, contract_y), (batch_x, batch_y) = parameters["dimension_numbers"]

    def laid(
        array: Any, contract: Sequence[int], batch: Sequence[int], first: bool
    ) -> tuple[Any, tuple[int, ...]]:
        free = [axis for axis in range(array.ndim) if axis not in contract and axis not in batch]
        order = (*batch, *free, *contract) if first else (*batch, *contract, *free)
        sizes = [
            int(np.prod([array.shape[a] for a in group], dtype=np.int64))
            for group in ((free, contract) if first else (contract, free))
        ]
        return array.transpose(order).reshape([array.shape[a] for a in batch] + sizes), tuple(
            array.shape[a] for a in free
        )

    (A, rows), (B, columns) = laid(x.mid, contract_x, batch_x, True), laid(y.mid, contract_y, batch_y, False)
    shape = (*(x.mid.shape[a] for a in batch_x), *rows, *columns)
    mid = np.matmul(A, B).reshape(shape)
    if mid.dtype.kind != "f" or not rounding.bounded:
        return [Ball(mid)]
    size_A, size_B = magnitude(A), magnitude(B)
    # n roundings of the terms and of their sum, written as a widening of B so that one product serves.
    spread = np.matmul(
        size_A,
        size_B * (rounding.unit * A.shape[-1])
        + (0 if y.rad is None else laid(y.rad, contract_y, batch_y, False)[0]),
    )
    if x.rad is not None:
        spread = spread + np.matmul(
            laid(x.rad, contract_x, batch_x, True)[0],
            size_B if y.rad is None else laid(y.magnitude, contract_y, batch_y, False)[0],
        )
    return [rounding.close(mid, spread.reshape(shape))]


# --- structure ----------------------------------------------------------------------------------------------


def _broadcast_in_dim(array: Any, parameters: dict[str, Any]) -> Any:
    shape = [1] * len(parameters["shape"])
    for axis, length in zip(parameters["broadcast_dimensions"], array.shape, strict=True):
        shape[axis] = length
    return np.broadcast_to(array.reshape(shape), parameters["shape"])


def _reshape(array: Any, parameters: dict[str, Any]) -> Any:
    """A new shape, after the axes have been put in the order ``dimensions`` where there is one."""
    order = parameters.get("dimensions")
    return (array if order is None else array.transpose(order)).reshape(parameters["new_sizes"])


def _slice(array: Any, parameters: dict[str, Any]) -> Any:
    strides = parameters["strides"] or (1,) * array.ndim
    return array[
        tuple(
            slice(*bounds)
            for bounds in zip(parameters["start_indices"], parameters["limit_indices"], strides, strict=True)
        )
    ]


def _corner(operand: Any, sizes: Sequence[int], starts: Sequence[Ball]) -> tuple[slice, ...]:
    """The window of those sizes whose corner is at ``starts``, moved inside the operand as XLA does."""
    firsts = [
        int(np.clip(int(start.mid), 0, length - size))
        for start, length, size in zip(starts, operand.shape, sizes, strict=True)
    ]
    return tuple(slice(first, first + size) for first, size in zip(firsts, sizes, strict=True))


def _dynamic_slice(
    operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding
) -> Sequence[Ball]:
    x, *starts = operands
    window = _corner(x.mid, parameters["slice_sizes"], starts)
    return [Ball(x.mid[window], None if x.rad is None else x.rad[window])]


def _dynamic_update_slice(
    operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding
) -> Sequence[Ball]:
    x, update, *starts = operands
    window = _corner(x.mid, update.mid.shape, starts)
    mid = x.mid.copy()
    mid[window] = update.mid
    if x.rad is None and update.rad is None:
        return [Ball(mid)]
    rad = x.radius.copy()
    rad[window] = update.radius
    return [Ball(mid, rad)]


def _concatenate(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    return [_joined(operands, lambda arrays: np.concatenate(arrays, parameters["dimension"]))]


def _split(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    (x,) = operands
    at = np.cumsum(parameters["sizes"])[:-1]
    mids = np.split(x.mid, at, parameters["axis"])
    rads = [None] * len(mids) if x.rad is None else np.split(x.rad, at, parameters["axis"])
    return [Ball(mid, rad) for mid, rad in zip(mids, rads, strict=True)]


def _pad(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    """Padding with ``low``, ``high`` and interior entries; negative amounts cut away."""
    x, value = operands

    def padded(array: Any, fill: Any) -> Any:
        lengths = [
            low + high + n + max(n - 1, 0) * inner
            for n, (low, high, inner) in zip(array.shape, parameters["padding_config"], strict=True)
        ]
        result = np.full([max(length, 0) for length in lengths], fill, dtype=array.dtype)
        target, source = [], []
        for n, length, (low, _, inner) in zip(
            array.shape, lengths, parameters["padding_config"], strict=True
        ):
            at = low + np.arange(n) * (inner + 1)
            keep = (at >= 0) & (at < length)
            target.append(at[keep])
            source.append(np.flatnonzero(keep))
        result[np.ix_(*target)] = array[np.ix_(*source)]
        return result

    exact = x.rad is None and value.rad is None
    return [Ball(padded(x.mid, value.mid), None if exact else padded(x.radius, value.radius))]


def _iota(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    shape, axis = parameters["shape"], parameters["dimension"]
    along = np.arange(shape[axis], dtype=parameters["dtype"]).reshape(
        [-1 if a == axis else 1 for a in range(len(shape))]
    )
    return [Ball(np.broadcast_to(along, shape))]


def _gather(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    x, starts = operands
    positions, inside = gather_positions(x.mid.shape, starts.mid, parameters)
    fills = "FILL" in str(parameters.get("mode")).upper() and not inside.all()

    def read(array: Any, outside: Any) -> Any:
        if array.size == 0:
            return np.full(positions.shape, outside, dtype=array.dtype)
        taken = array.reshape(-1)[positions]
        return np.where(inside, taken, outside).astype(array.dtype) if fills else taken

    fill = parameters.get("fill_value")
    outside = (np.nan if x.mid.dtype.kind == "f" else 0) if fill is None else fill
    return [Ball(read(x.mid, outside), None if x.rad is None else read(x.rad, 0))]


def _scatter(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    x, starts, updates = operands
    positions, inside = scatter_positions(x.mid.shape, starts.mid, updates.mid.shape, parameters)
    mid = x.mid.flatten()
    mid[positions[inside]] = updates.mid[inside]
    if x.rad is None and updates.rad is None:
        return [Ball(mid.reshape(x.mid.shape))]
    rad = x.radius.flatten()
    rad[positions[inside]] = updates.radius[inside]
    return [Ball(mid.reshape(x.mid.shape), rad.reshape(x.mid.shape))]


def _scatter_add(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    """Additions into one entry round as often as there are of them."""
    x, starts, updates = operands
    positions, inside = scatter_positions(x.mid.shape, starts.mid, updates.mid.shape, parameters)
    mid = x.mid.flatten()
    np.add.at(mid, positions[inside], updates.mid[inside])
    if mid.dtype.kind != "f" or not rounding.bounded:
        return [Ball(mid.reshape(x.mid.shape))]
    rad, size, count = x.radius.flatten(), x.magnitude.flatten(), np.zeros(mid.shape)
    np.add.at(rad, positions[inside], updates.radius[inside])
    np.add.at(size, positions[inside], updates.magnitude[inside])
    np.add.at(count, positions[inside], 1)
    touched = rounding.close(mid, rad + count * rounding.unit * size)
    return [Ball(mid.reshape(x.mid.shape), np.where(count > 0, touched.radius, rad).reshape(x.mid.shape))]


def _sort(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    """Sorting by the midpoints; sorted keys move by no more than the largest radius."""
    axis, keys = parameters["dimension"], parameters["num_keys"]
    if len(operands) > 1 and any(
        operand.rad is not None and operand.rad.any() for operand in operands[:keys]
    ):
        _order_must_be_decided(operands[0], axis)
    order = np.lexsort([operand.mid for operand in reversed(operands[:keys])], axis=axis)
    results = []
    for k, operand in enumerate(operands):
        mid = np.take_along_axis(operand.mid, order, axis)
        if operand.rad is None:
            results.append(Ball(mid))
        elif k == 0 and keys == 1:
            results.append(Ball(mid, np.broadcast_to(operand.rad.max(axis=axis, keepdims=True), mid.shape)))
        else:
            results.append(Ball(mid, np.take_along_axis(operand.rad, order, axis)))
    return results


def _order_must_be_decided(key: Ball, axis: int) -> None:
    """What is sorted along with inexact keys must not be in doubt: neighbouring balls must not overlap."""
    order = np.argsort(key.mid, axis=axis)
    mid, rad = np.take_along_axis(key.mid, order, axis), np.take_along_axis(key.radius, order, axis)
    highest = np.maximum.accumulate(mid + rad, axis=axis)
    before = highest.take(range(mid.shape[axis] - 1), axis)
    after = (mid - rad).take(range(1, mid.shape[axis]), axis)
    apart = (rad.take(range(1, mid.shape[axis]), axis) == 0) & (
        rad.take(range(mid.shape[axis] - 1), axis) == 0
    )
    _must_be_decided(Ball(before, ~(after > before) & ~apart))


def _whole_quotient(x: Any, y: Any) -> Any:
    """Integer division towards zero."""
    return np.sign(x) * np.sign(y) * (np.abs(x) // np.abs(y))


_TO_EVEN = 1
"""The number of ``lax.RoundingMethod.TO_NEAREST_EVEN``."""


def _round(operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding) -> Sequence[Ball]:
    """To the nearest whole number; halves to the even one, or away from zero."""
    to_even = int(parameters.get("rounding_method", _TO_EVEN)) == _TO_EVEN
    return [on.steps(np.round if to_even else _away_from_zero)(operands[0], rounding)]


def _away_from_zero(x: Reals) -> Reals:
    whole = np.trunc(x)
    return np.asarray(whole + np.sign(x) * (magnitude(x - whole) >= 0.5))


def _reduce_precision(
    operands: Sequence[Ball], parameters: dict[str, Any], rounding: Rounding
) -> Sequence[Ball]:
    """Rounding to a format of so many exponent and mantissa bits."""
    (x,) = operands
    widest = 2 ** (parameters["exponent_bits"] - 1)
    one, digits = np.longdouble(1), parameters["mantissa_bits"]
    shorter = Rounding(
        unit=max(rounding.unit, 2.0 ** -(digits + 1)),
        tiny=max(rounding.tiny, np.ldexp(one, 2 - widest)),
        largest=min(rounding.largest, np.ldexp(2 - np.ldexp(one, -digits), widest - 1)),
    )
    return [shorter.close(x.mid, x.radius)]


def _logistic(x: Reals) -> Reals:
    value: Reals = 1 / (1 + np.exp(-x))
    return value


def _logistic_slope(x: Reals, radius: Reals) -> Reals:
    e: Reals = np.exp(-np.maximum(magnitude(x) - radius, 0))
    return np.asarray(e / (1 + e) ** 2)


def _at_most_one(x: Reals, radius: Reals) -> Reals:
    return np.ones_like(radius)


def _unchanged(array: Any, parameters: dict[str, Any]) -> Any:
    return array


RULES: dict[str, Rule] = {
    # arithmetic
    "add": _elementwise(on.add, np.add),
    "add_any": _elementwise(on.add, np.add),
    "sub": _elementwise(on.subtract, np.subtract),
    "mul": _elementwise(on.multiply, np.multiply),
    "div": _elementwise(on.divide, _whole_quotient),
    "rem": _elementwise(on.remainder, np.fmod),
    "neg": _elementwise(on.exact(np.negative), np.negative),
    "abs": _elementwise(on.exact(np.abs), np.abs),
    "sign": _elementwise(on.sign, np.sign),
    "max": _elementwise(on.larger, np.maximum),
    "min": _elementwise(on.smaller, np.minimum),
    "square": lambda operands, parameters, rounding: _integer_power(operands, {"y": 2}, rounding),
    "integer_pow": _integer_power,
    "pow": _power,
    # functions
    "exp": _arithmetic(on.exp),
    "exp2": _arithmetic(on.monotone(np.exp2)),
    "expm1": _arithmetic(on.monotone(np.expm1)),
    "log": _arithmetic(on.log),
    "log1p": _arithmetic(on.log1p),
    "sqrt": _arithmetic(on.monotone(np.sqrt)),
    "rsqrt": _arithmetic(on.monotone(lambda x: 1 / np.sqrt(x))),
    "cbrt": _arithmetic(on.monotone(np.cbrt)),
    "logistic": _arithmetic(on.lipschitz(_logistic, _logistic_slope)),
    "tanh": _arithmetic(on.tanh),
    "sin": _arithmetic(on.lipschitz(np.sin, _at_most_one)),
    "cos": _arithmetic(on.lipschitz(np.cos, _at_most_one)),
    "sinh": _arithmetic(on.monotone(np.sinh)),
    "asin": _arithmetic(on.monotone(np.arcsin)),
    "acos": _arithmetic(on.monotone(np.arccos)),
    "atan": _arithmetic(on.lipschitz(np.arctan, _at_most_one)),
    "asinh": _arithmetic(on.lipschitz(np.arcsinh, _at_most_one)),
    "acosh": _arithmetic(on.monotone(np.arccosh)),
    "atanh": _arithmetic(on.monotone(np.arctanh)),
    "atan2": _arithmetic(on.two_argument_angle),
    "floor": _arithmetic(on.steps(np.floor)),
    "ceil": _arithmetic(on.steps(np.ceil)),
    "round": _round,
    # comparison and choice
    "eq": _arithmetic(on.compare(np.equal, strict_equality=True)),
    "ne": _arithmetic(on.compare(np.not_equal, strict_equality=True)),
    "lt": _arithmetic(on.compare(np.less)),
    "le": _arithmetic(on.compare(np.less_equal)),
    "gt": _arithmetic(on.compare(np.greater)),
    "ge": _arithmetic(on.compare(np.greater_equal)),
    "not": _boolean(np.invert),
    "and": _boolean(np.bitwise_and),
    "or": _boolean(np.bitwise_or),
    "xor": _boolean(np.bitwise_xor),
    "is_finite": _is_finite,
    "select_n": _select,
    "clamp": _clamp,
    "convert_element_type": _convert,
    # reductions
    "reduce_sum": _sum,
    "reduce_prod": _product,
    "reduce_max": _extreme(np.max, -np.inf),
    "reduce_min": _extreme(np.min, np.inf),
    "reduce_and": _truth(np.all),
    "reduce_or": _truth(np.any),
    "argmax": _position(np.argmax),
    "argmin": _position(np.argmin),
    "cumsum": _cumulative_sum,
    "cumprod": _cumulative(on.multiply),
    "cummax": _cumulative(on.larger),
    "cummin": _cumulative(on.smaller),
    "dot_general": _dot_general,
    # structure
    "broadcast_in_dim": _structural(_broadcast_in_dim),
    "reshape": _structural(_reshape),
    "squeeze": _structural(lambda array, parameters: np.squeeze(array, tuple(parameters["dimensions"]))),
    "transpose": _structural(lambda array, parameters: array.transpose(parameters["permutation"])),
    "rev": _structural(lambda array, parameters: np.flip(array, tuple(parameters["dimensions"]))),
    "slice": _structural(_slice),
    "copy": _structural(_unchanged),
    "stop_gradient": _structural(_unchanged),
    "reduce_precision": _reduce_precision,
    "dynamic_slice": _dynamic_slice,
    "dynamic_update_slice": _dynamic_update_slice,
    "concatenate": _concatenate,
    "split": _split,
    "pad": _pad,
    "iota": _iota,
    "gather": _gather,
    "scatter": _scatter,
    "scatter-add": _scatter_add,
    "sort": _sort,
}
"""What is known; a primitive that is not here is left to XLA by ``checkers.rounding.evaluate``."""
