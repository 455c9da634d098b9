"""Arrays moved by a few units in the last place, to see what rounding does to a result."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from checkers.rounding.ball import Ball, Rounding
from checkers.rounding.evaluate import as_balls, evaluate

if TYPE_CHECKING:
    from jax.extend.core import ClosedJaxpr

ROUNDING_PRIMITIVES = frozenset(
    {
        *("add", "sub", "mul", "div", "add_any", "dot_general", "reduce_sum", "cumsum", "reduce_prod"),
        *("cumprod", "scatter-add", "exp", "exp2", "expm1", "log", "log1p", "sqrt", "rsqrt", "cbrt", "pow"),
        *(
            "integer_pow",
            "square",
            "tanh",
            "logistic",
            "sin",
            "cos",
            "tan",
            "erf",
            "erf_inv",
            "erfc",
            "atan2",
        ),
    }
)
"""Primitives whose results are moved too: not those that pass on values, which may meet their origin."""

SAFETY = 4.0
"""How much further than the farthest entry of one move the rounding of a result is taken to reach."""
ROUNDINGS = 8.0
"""Roundings of its largest entry that a result is charged in any case."""

_TILE = 1 << 13
"""Few enough to stay in a cache."""
_BITS = {2: np.uint16, 4: np.uint32, 8: np.uint64}


def nudged(array: NDArray[Any], seed: int) -> NDArray[Any]:
    """A copy of a floating array with the two lowest bits of every mantissa drawn anew; zeros stay zeros.

    Other arrays, and floats longer than float64, are returned as they are, or moved by a unit or two.

    Args:
        array: of any shape and dtype.
        seed: of the draw; the same bits come again for the same seed.
    """
    if array.dtype.kind != "f":
        return array
    rng = np.random.default_rng(seed)
    if array.dtype.itemsize not in _BITS:
        steps = rng.integers(-2, 3, array.shape).astype(array.dtype)
        return np.asarray(array * (1 + steps * np.finfo(array.dtype).eps))
    moved = np.array(array, order="C")
    kind = _BITS[array.dtype.itemsize]
    bits, tile = moved.reshape(-1).view(kind), rng.integers(0, 4, _TILE).astype(kind)
    for start in range(0, bits.size, _TILE):
        part = bits[start : start + _TILE]
        zero = part << 1 == 0  # the sign bit apart, only a zero has no bit set
        part ^= tile[: part.size]
        if zero.any():
            part[zero] = 0
    return moved


def measured(
    result: NDArray[Any], moved: NDArray[Any], unit: float = float(np.finfo(np.float64).eps)
) -> float:
    """A bound on the rounding of every entry of ``result``, from what it became for inputs moved a little.

    Measured and not proved: several roundings at every input do to a result about what rounding on the way
    does. One bound for all entries, so that an entry that happened not to move is not thought to be exact.

    Args:
        result: as computed.
        moved: the same for inputs moved by ``nudged``.
        unit: the distance from 1 to the next number in the precision of the result.
    """
    if not result.size:
        return 0.0
    with np.errstate(all="ignore"):
        change = np.subtract(result, moved)
        bound = SAFETY * largest(change) + ROUNDINGS * unit * largest(result)
    return bound if bound < np.inf else np.inf  # where something is not a number nothing is known


def largest(array: NDArray[Any]) -> float:
    """The largest absolute value, without an array of absolute values; 0 of an empty array."""
    return max(float(array.max()), -float(array.min())) if array.size else 0.0


def evaluated_nudged(program: ClosedJaxpr, operands: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """The outputs of a program in which every operand, and every result that is rounded, moves a little.

    Unlike moved operands alone that shows rounding which the operands drown in, as in (1e8 + x) − 1e8.

    Raises:
        NotImplementedError: a primitive cannot be evaluated.
    """
    seeds = count()
    moved = as_balls([nudged(a, next(seeds)) for a in operands])

    def watch(name: str, _operands: Sequence[Ball], results: Sequence[Ball]) -> Sequence[Ball]:
        if name not in ROUNDING_PRIMITIVES:
            return results
        return [Ball(nudged(ball.mid, next(seeds)), ball.rad) for ball in results]

    return [ball.mid for ball in evaluate(program, moved, Rounding.unbounded(), watch)]
