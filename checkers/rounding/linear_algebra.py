"""Linear algebra on balls: factorisations and linear systems, with midpoints in the working precision.

Errors are relative to the entries themselves: an LU factorisation holds L, about 1, and U, of the size of the
matrix, in one array, and a bound relative to the largest entry of both would lose U where it is small.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from checkers.rounding import elementwise as on
from checkers.rounding.ball import Ball, Reals, Rounding, magnitude
from checkers.rounding.xla import PROBES, SAFETY, by_xla

SMALL = 24
"""Rows up to which elimination is followed entry by entry; larger systems are left to XLA."""
REFINEMENTS = 3
"""Each adds the digits of float64, less those of the condition, to a solution."""

_root = on.monotone(np.sqrt)


class Evaluation(Protocol):
    """What evaluates the programs inside a program.

    Attributes:
        dtype: of the midpoints.
        rounding: of the evaluation as a whole; None for that of every operation's own dtype.
    """

    dtype: np.dtype[Any]
    rounding: Rounding | None

    def of(self, program: Any, arguments: Sequence[Ball]) -> list[Ball]:
        """The outputs of a program."""

    def without_bounds(self) -> Evaluation:
        """The same precision, for midpoints alone."""


def lu(equation: Any, operands: Sequence[Ball], rounding: Rounding) -> list[Ball]:
    """P A = L U by Gaussian elimination, with the rows in the order that XLA chooses."""
    factors, pivots, permutation = by_xla(equation, operands, rounding)
    (a,) = operands
    if not rounding.bounded or a.mid.ndim != 2 or max(a.mid.shape) > SMALL:
        return [factors, pivots, permutation]
    rows = permutation.mid
    table = _Table(a.mid[rows], a.radius[rows])
    for k in range(min(a.mid.shape)):
        below, right = slice(k + 1, None), slice(k + 1, None)
        table[below, k] = on.divide(table[below, k], table[k, k], rounding)
        product = on.multiply(table[below, slice(k, k + 1)], table[slice(k, k + 1), right], rounding)
        table[below, right] = on.subtract(table[below, right], product, rounding)
    return [table.ball, pivots, permutation]


def cholesky(equation: Any, operands: Sequence[Ball], rounding: Rounding) -> list[Ball]:
    """A = L Lᵀ from the lower triangle of A, column by column."""
    (a,) = operands
    if not rounding.bounded or a.mid.ndim != 2 or max(a.mid.shape) > SMALL:
        return by_xla(equation, operands, rounding)
    table = _Table(np.tril(a.mid), np.tril(a.radius))
    for k in range(a.mid.shape[0]):
        below, rest = slice(k + 1, None), slice(k + 1, None)
        table[k, k] = _root(table[k, k], rounding)
        column = on.divide(table[below, k], table[k, k], rounding)
        table[below, k] = column
        row, other = table[below, slice(k, k + 1)], Ball(column.mid[None, :], column.radius[None, :])
        table[below, rest] = on.subtract(table[below, rest], on.multiply(row, other, rounding), rounding)
    return [Ball(np.tril(table.ball.mid), np.tril(table.ball.radius))]


def triangular_solve(equation: Any, operands: Sequence[Ball], rounding: Rounding) -> list[Ball]:
    """X with A X = B or X A = B, for a triangular A, row by row."""
    a, b = operands
    parameters = equation.params
    if not rounding.bounded or a.mid.ndim != 2 or a.mid.shape[0] > SMALL:
        return by_xla(equation, operands, rounding)
    lower = parameters["lower"] != parameters["transpose_a"]
    if parameters["transpose_a"]:
        a = _transposed(a)
    if not parameters["left_side"]:
        a, b, lower = _transposed(a), _transposed(b), not lower
    matrix, table = _Table(a.mid, a.radius), _Table(b.mid, b.radius)
    n = a.mid.shape[0]
    for i in range(n) if lower else reversed(range(n)):
        for j in range(i) if lower else range(i + 1, n):
            table[i] = on.subtract(table[i], on.multiply(matrix[i, j], table[j], rounding), rounding)
        if not parameters["unit_diagonal"]:
            table[i] = on.divide(table[i], matrix[i, i], rounding)
    return [table.ball if parameters["left_side"] else _transposed(table.ball)]


def linear_solve(evaluation: Evaluation, operands: Sequence[Ball], parameters: dict[str, Any]) -> list[Ball]:
    """X with A X = B for an operator A that is given by what it does, and a way to solve with it.

    XLA's solution is refined until the midpoint has the digits of the working precision. What is left of the
    residual, with the rounding of A X, is as large a right-hand side as rounding can make; it is solved for
    with random signs, and the largest solution taken ``SAFETY``-fold.
    """
    lengths, programs = parameters["const_lengths"], parameters["jaxprs"]
    ends = np.cumsum([lengths.matvec, lengths.vecmat, lengths.solve, lengths.transpose_solve])
    of_matrix, of_solver = operands[: ends[0]], operands[ends[1] : ends[2]]
    right = operands[ends[3] :]
    solve = _solver(programs.solve, of_solver)
    plain = evaluation.without_bounds()
    try:
        x: list[Reals] = [part.astype(evaluation.dtype) for part in solve([b.mid for b in right])]
        for _ in range(REFINEMENTS):
            product = plain.of(programs.matvec, [*map(_bare, of_matrix), *map(Ball, x)])
            missing = [b.mid - p.mid for b, p in zip(right, product, strict=True)]
            x = [part + more for part, more in zip(x, solve(missing), strict=True)]
        if evaluation.rounding is not None and not evaluation.rounding.bounded:
            return list(map(Ball, x))
        product = evaluation.of(programs.matvec, [*of_matrix, *map(Ball, x)])
        left = [magnitude(b.mid - p.mid) + b.radius + p.radius for b, p in zip(right, product, strict=True)]
        rng = np.random.default_rng(0)
        reach: list[Reals] = [np.zeros(part.shape) for part in x]
        for _ in range(PROBES):
            found = solve([part * rng.choice([-1.0, 1.0], part.shape) for part in left])
            reach = [np.maximum(r, np.abs(f)) for r, f in zip(reach, found, strict=True)]
    except Exception as error:  # whatever XLA raises here means the same: no value
        raise NotImplementedError(f"the linear system cannot be solved: {error}") from error
    unit = float(np.finfo(np.float64).eps) if evaluation.rounding is None else evaluation.rounding.unit
    return [
        Ball(part, np.where(np.isnan(r), np.inf, SAFETY * r + unit * magnitude(part)).astype(part.dtype))
        for part, r in zip(x, reach, strict=True)
    ]


def _solver(program: Any, constants: Sequence[Ball]) -> Callable[[Sequence[Reals]], list[Reals]]:
    """Solves in the precision of the program."""
    import jax
    import jax.extend.core as jex

    run = jex.jaxpr_as_fun(program)
    dtypes = [variable.aval.dtype for variable in program.jaxpr.invars]
    factors = [ball.mid for ball in constants]

    def solve(right: Sequence[Reals]) -> list[Reals]:
        inputs = [np.asarray(a, dtype) for a, dtype in zip([*factors, *right], dtypes, strict=True)]
        with jax.enable_x64(True):
            return [np.asarray(part) for part in run(*inputs)]

    return solve


def _bare(ball: Ball) -> Ball:
    return Ball(ball.mid)


def _transposed(ball: Ball) -> Ball:
    return Ball(ball.mid.T, ball.radius.T)


class _Table:
    """Balls that are computed one part after another."""

    def __init__(self, mid: Reals, rad: Reals) -> None:
        self.ball = Ball(mid.copy(), np.array(rad, dtype=mid.dtype))

    def __getitem__(self, where: Any) -> Ball:
        return Ball(self.ball.mid[where], self.ball.radius[where])

    def __setitem__(self, where: Any, part: Ball) -> None:
        self.ball.mid[where], self.ball.radius[where] = part.mid, part.radius
