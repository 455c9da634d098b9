"""SymPy expressions evaluated rigorously: arrays of balls from Arb, with as many digits as it takes.

An expression may hold sums over typed indices, entries of tensors and Kronecker deltas; it is evaluated for
all values of its free indices at once. Every result is a ball that contains the exact value. Where the balls
cannot tell whether a condition of a ``Piecewise`` holds, the result holds every case that can apply: at a
kink the derivative comes out as the ball of all slopes between the two sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from checkers.oracles.arb import arb, as_ball, exact_balls, precision, to_floats
from derivations.notation import Index, ShapeError, Tensor, bound_indices

Balls: TypeAlias = NDArray[np.object_]
"""An object array of balls."""

PRECISIONS = (128, 256, 512, 1024)
"""Bits carried; the next is tried while a result is known to fewer than ``ENOUGH`` of them."""
ENOUGH = 2.0**-50
LEAST = 2.0**-1070
"""A radius below this is as small as float64 can say."""


@dataclass(frozen=True)
class Enclosed:
    """Exact values, enclosed: each lies within ``radius`` of ``value``; both are float64.

    Attributes:
        value: the midpoints.
        radius: infinite where nothing is known, as after an overflow or at a pole.
        cases: more than one case of a ``Piecewise`` could apply somewhere in the computation.
    """

    value: NDArray[np.float64]
    radius: NDArray[np.float64]
    cases: bool


class Enclosure:
    """Float arrays for the tensors of an expression, taken as exact, and whatever has been evaluated on them.

    Args:
        values: tensor name → array.
        tensors: the tensors; they bind the dimensions to the lengths of the arrays.
        unite_ties: at a condition on exactly equal numbers, return all cases instead of the one that is
            written down: right for derivatives, where the equality is a kink.

    Raises:
        ShapeError: two tensors bind one dimension to different lengths.
    """

    def __init__(
        self, values: Mapping[str, NDArray[Any]], tensors: Sequence[Tensor], unite_ties: bool
    ) -> None:
        self.values = values
        self.unite_ties = unite_ties
        self.sizes: dict[sp.Expr, int] = {}
        for tensor in tensors:
            for dimension, length in zip(tensor.dimensions, values[tensor.name].shape, strict=True):
                if self.sizes.setdefault(dimension, length) != length or (
                    dimension.is_Integer and int(dimension) != length
                ):
                    raise ShapeError(
                        f"{tensor.name} has length {length} where {dimension} is {self.sizes[dimension]}"
                    )
        self._evaluations: dict[int, _Evaluation] = {}

    def of(self, expression: sp.Expr, indices: Sequence[Index]) -> Enclosed:
        """The expression for all values of its free ``indices``, which are the axes of the result.

        Raises:
            NotImplementedError: a function without a rule here.
        """
        for bits in PRECISIONS:
            with precision(bits):
                evaluation = self._evaluations.setdefault(
                    bits, _Evaluation(self.values, self.sizes, self.unite_ties)
                )
                evaluation.cases = False
                enclosed = Enclosed(
                    *to_floats(evaluation.of(expression).laid_out(indices, self.sizes)), evaluation.cases
                )
            if (
                enclosed.cases
                or ((enclosed.radius <= ENOUGH * np.abs(enclosed.value)) | (enclosed.radius < LEAST)).all()
            ):
                break
        return enclosed


class _Labelled:
    """An array of balls whose axes are indices."""

    def __init__(self, axes: tuple[Index, ...], balls: Balls) -> None:
        self.axes = axes
        self.balls = balls

    def along(self, axes: Sequence[Index]) -> Balls:
        """The array with these axes in this order, of length 1 where it has none of its own."""
        order = [self.axes.index(axis) for axis in axes if axis in self.axes]
        lengths = dict(zip(self.axes, self.balls.shape, strict=True))
        return self.balls.transpose(order).reshape([lengths.get(axis, 1) for axis in axes])

    def laid_out(self, axes: Sequence[Index], sizes: Mapping[sp.Expr, int]) -> Balls:
        """The array with exactly these axes, at full length."""
        return np.broadcast_to(self.along(axes), [_length(axis, sizes) for axis in axes])


def _length(index: Index, sizes: Mapping[sp.Expr, int]) -> int:
    return int(index.dimension) if index.dimension.is_Integer else sizes[index.dimension]


class _Evaluation:
    """One evaluation.

    The arrays, the lengths, the sub-expressions known so far, and whether cases had to be united.
    """

    def __init__(
        self, values: Mapping[str, NDArray[Any]], sizes: Mapping[sp.Expr, int], unite_ties: bool
    ) -> None:
        self.unite_ties = unite_ties
        self.arrays = {name: exact_balls(array) for name, array in values.items()}
        self.sizes = sizes
        self.cases = False
        self.known: dict[sp.Basic, tuple[_Labelled, bool]] = {}

    def of(self, e: sp.Expr) -> _Labelled:
        """The value of ``e``; ``cases`` becomes true if more than one case was possible inside it."""
        if e not in self.known:
            before, self.cases = self.cases, False
            self.known[e] = self.rule(e), self.cases
            self.cases = before
        value, cases = self.known[e]
        self.cases |= cases
        return value

    def rule(self, e: sp.Expr) -> _Labelled:
        if e.is_Rational:
            return _scalar(as_ball(Fraction(int(e.p), int(e.q))))
        if isinstance(e, sp.Indexed):
            return self.entry(e)
        if isinstance(e, sp.Symbol):
            return self.symbol(e)
        if isinstance(e, sp.Add):
            return self.combined(np.add, e.args)
        if isinstance(e, sp.Mul):
            return self.combined(np.multiply, e.args)
        if isinstance(e, sp.Sum):
            return self.sum(e)
        if isinstance(e, sp.Pow):
            return self.power(e)
        if isinstance(e, sp.KroneckerDelta):
            return self.kronecker(e)
        if isinstance(e, sp.Piecewise):
            return self.piecewise(e)
        if isinstance(e, (sp.Max, sp.Min)):
            return self.combined(LARGEST if isinstance(e, sp.Max) else SMALLEST, e.args)
        if isinstance(e, sp.Heaviside):
            return self.piecewise(sp.Piecewise((0, e.args[0] < 0), (1, True), evaluate=False))
        if isinstance(e, sp.sign):
            return self.piecewise(sp.Piecewise((-1, e.args[0] < 0), (1, True), evaluate=False))
        if type(e) in FUNCTIONS:
            return self.mapped(FUNCTIONS[type(e)], e.args[0])
        if e is sp.pi or e is sp.E:
            return _scalar(arb.pi() if e is sp.pi else arb(1).exp())
        if e.is_Float:
            return _scalar(arb(float(e)))
        raise NotImplementedError(f"{type(e).__name__} has no rigorous evaluation here")

    def entry(self, e: sp.Indexed) -> _Labelled:
        array = self.arrays[str(e.base)]
        axes: list[Index] = []
        for axis in reversed(range(len(e.indices))):
            index = e.indices[axis]
            if not isinstance(index, Index):
                array = np.asarray(array.take(int(index) - 1, axis), dtype=object)
        for index in e.indices:
            if isinstance(index, Index):
                if index in axes:
                    array = np.diagonal(array, axis1=axes.index(index), axis2=len(axes))
                    axes.remove(index)
                axes.append(index)
        return _Labelled(tuple(axes), array)

    def symbol(self, e: sp.Symbol) -> _Labelled:
        if isinstance(e, Index):
            positions = np.arange(1, _length(e, self.sizes) + 1)
            return _Labelled((e,), exact_balls(positions))
        if e in self.sizes:
            return _scalar(arb(self.sizes[e]))
        return _Labelled((), self.arrays[e.name])

    def combined(self, operation: Callable[[Balls, Balls], Balls], terms: Sequence[sp.Expr]) -> _Labelled:
        first, *rest = (self.of(term) for term in terms)
        for term in rest:
            axes = first.axes + tuple(axis for axis in term.axes if axis not in first.axes)
            first = _Labelled(axes, np.asarray(operation(first.along(axes), term.along(axes)), dtype=object))
        return first

    def sum(self, e: sp.Sum) -> _Labelled:
        body = self.of(e.function)
        factor = arb(1)
        for index in bound_indices(e):
            if index in body.axes:
                at = body.axes.index(index)
                # The initial 0 keeps a sum over nothing a ball.
                body = _Labelled(
                    body.axes[:at] + body.axes[at + 1 :],
                    np.asarray(np.add.reduce(body.balls, axis=at, initial=arb(0)), dtype=object),
                )
            else:
                factor = factor * _length(index, self.sizes)
        return _Labelled(body.axes, np.asarray(body.balls * factor, dtype=object))

    def power(self, e: sp.Pow) -> _Labelled:
        base, exponent = e.args
        if exponent.is_Integer:
            n = int(exponent)
            return self.mapped(lambda x: x**n if n >= 0 else 1 / x ** (-n), base)
        if exponent == sp.S.Half:
            return self.mapped(lambda x: x.sqrt(), base)
        return self.combined(POWER, (base, exponent))

    def kronecker(self, e: sp.KroneckerDelta) -> _Labelled:
        i, j = e.args
        zero, one = arb(0), arb(1)
        if isinstance(i, Index) and isinstance(j, Index):
            n = _length(i, self.sizes)
            return _Labelled(
                (i, j),
                np.array(
                    [[one if r == c else zero for c in range(n)] for r in range(n)], dtype=object
                ).reshape(n, n),
            )
        index, fixed = (i, int(j)) if isinstance(i, Index) else (j, int(i))
        return _Labelled(
            (index,),
            np.array(
                [one if k == fixed else zero for k in range(1, _length(index, self.sizes) + 1)], dtype=object
            ),
        )

    def mapped(self, function: Callable[[Any], Any], argument: sp.Expr) -> _Labelled:
        inner = self.of(argument)
        return _Labelled(inner.axes, _each(function)(inner.balls))

    def piecewise(self, e: sp.Piecewise) -> _Labelled:
        """The first case whose condition holds.

        Where a condition turns on equal or indistinguishable numbers, all that can.
        """
        parts = [(self.of(value), self.condition(condition)) for value, condition in e.args]
        axes = tuple(
            dict.fromkeys(
                axis for value, (condition_axes, _) in parts for axis in (*value.axes, *condition_axes)
            )
        )
        shape = [_length(axis, self.sizes) for axis in axes]
        result, open_cases = np.empty(shape, dtype=object), np.ones(shape, dtype=bool)
        for value, (condition_axes, truth) in parts:
            balls = value.laid_out(axes, self.sizes)
            can = np.broadcast_to(_Labelled(condition_axes, truth).along(axes), shape)
            for index in zip(*np.nonzero(open_cases), strict=True) if shape else [()] * bool(open_cases):
                if can[index] != FALSE:
                    result[index] = (
                        balls[index] if result[index] is None else result[index].union(balls[index])
                    )
                if can[index] == TRUE:
                    open_cases[index] = False
        return _Labelled(axes, result)

    def condition(self, condition: sp.Basic) -> tuple[tuple[Index, ...], NDArray[np.object_]]:
        """TRUE, FALSE or EITHER, entry by entry."""
        if condition == sp.true:
            return (), np.array(TRUE, dtype=object)
        if not isinstance(condition, sp.core.relational.Relational):
            raise NotImplementedError(f"the condition {condition} has no rigorous evaluation here")
        difference = self.combined(np.subtract, (condition.lhs, condition.rhs))
        less, greater = condition.rel_op in ("<", "<="), condition.rel_op in (">", ">=")
        if not (less or greater):
            raise NotImplementedError(f"the condition {condition} has no rigorous evaluation here")

        def decide(ball: Any) -> str:
            if ball > 0:
                return TRUE if greater else FALSE
            if ball < 0:
                return TRUE if less else FALSE
            if ball == 0 and not self.unite_ties:
                return TRUE if condition.rel_op in ("<=", ">=") else FALSE
            self.cases = True
            return EITHER

        return difference.axes, _each(decide)(difference.balls)


TRUE, FALSE, EITHER = "true", "false", "either"


def _each(function: Callable[..., Any], operands: int = 1) -> Callable[..., Any]:
    """``function`` on every entry of object arrays; the result is an array also for a single entry."""
    ufunc = np.frompyfunc(function, operands, 1)
    return lambda *arrays: np.asarray(ufunc(*arrays), dtype=object)


LARGEST = _each(lambda x, y: x.max(y), 2)
SMALLEST = _each(lambda x, y: x.min(y), 2)
POWER = _each(lambda x, y: x**y, 2)


def _scalar(ball: Any) -> _Labelled:
    array = np.empty((), dtype=object)
    array[()] = ball
    return _Labelled((), array)


FUNCTIONS: dict[type, Callable[[Any], Any]] = {
    sp.exp: lambda x: x.exp(),
    sp.log: lambda x: x.log(),
    sp.tanh: lambda x: x.tanh(),
    sp.sinh: lambda x: x.sinh(),
    sp.cosh: lambda x: x.cosh(),
    sp.sin: lambda x: x.sin(),
    sp.cos: lambda x: x.cos(),
    sp.tan: lambda x: x.tan(),
    sp.atan: lambda x: x.atan(),
    sp.asin: lambda x: x.asin(),
    sp.acos: lambda x: x.acos(),
    sp.asinh: lambda x: x.asinh(),
    sp.acosh: lambda x: x.acosh(),
    sp.atanh: lambda x: x.atanh(),
    sp.erf: lambda x: x.erf(),
    sp.Abs: abs,
    sp.floor: lambda x: x.floor(),
    sp.ceiling: lambda x: x.ceil(),
}
