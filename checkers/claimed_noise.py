"""How much rounding alone can have moved a claimed gradient.

Where JAX can trace the code under test, its own operations are followed with a running error bound, in the
precision in which they are carried out. Where it cannot, two things stand in: how far the result moves when
every input moves by a rounding or two, and how much JAX's derivative of the forward would round in the same
precision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.errors import TraceError
from checkers.rounding import OTHERWISE, Ball, Rounding, TurnsOnRoundingError, as_balls, evaluate, is_large
from checkers.rounding.ball import Reals, magnitude
from checkers.rounding.nudge import ROUNDINGS, evaluated_nudged, largest, measured, nudged
from checkers.traced import Traced

MOVES = 4
SAFETY = 8.0
"""How much further than in the moves that were tried the rounding is taken to reach."""

VANISHING, NOTHING = 1e-100, 1e-200
"""What is so much smaller than a result would ordinarily be, or than 1, is as good as 0.

Code that stays clear of an overflow may hold cosh x at 1e130 and 1/cosh² x at 1e-260, where it is 1e-1000;
or take the derivative of a sigmoid for 1e-217 whose argument is held at −500, and which does not move there.
"""

Called: TypeAlias = Callable[..., Sequence["NDArray[Any] | None"]]


Others: TypeAlias = Callable[[], Sequence["Reals | None"]]


class ClaimedNoise:
    """The rounding of one function of arrays.

    Args:
        code: the function as it stands, for JAX to trace: (inputs…) -> whatever it returns.
        called: the same function called with care: (inputs…) -> a list of arrays or None.

    Attributes:
        shortened: the floating dtype, shorter than all inputs, to which the function, as it was last
            followed, rounds longer numbers on its way; empty if to none.
    """

    def __init__(self, code: Traced, called: Called) -> None:
        self.code = code
        self.called = called
        self.shortened = ""

    def of(
        self,
        inputs: Sequence[NDArray[Any]],
        results: Sequence[NDArray[Any] | None],
        natural: float,
        others: Others,
        kept: bool = False,
    ) -> list[Reals]:
        """Bounds for every result, in the order of ``results``; a single 0 where a result is None.

        Args:
            inputs: what the function was called with.
            results: what it returned.
            natural: the size that a result would ordinarily have.
            others: gives, per result, the rounding of another program for the same array, or None.
            kept: the function uses values that another one has kept; no trace of it shows their rounding.
        """
        self.shortened = ""
        if is_large(inputs):
            return self._in_any_case(inputs, results, natural)
        traced = [None] * len(results) if kept else self._by_trace(inputs, results, natural)
        if all(bound is not None for bound in traced):
            return [bound for bound in traced if bound is not None]
        moved = self._by_moving(inputs, results, natural, others())
        return [known if bound is None else bound for bound, known in zip(traced, moved, strict=True)]

    def _by_trace(
        self, inputs: Sequence[NDArray[Any]], results: Sequence[NDArray[Any] | None], natural: float
    ) -> Sequence[Reals | None]:
        """None for a result whose rounding the trace does not show."""
        unknown = [None] * len(results)
        try:
            trace = self.code.at(inputs)
            outputs = evaluate(trace.jaxpr, as_balls(inputs))
        except TurnsOnRoundingError:  # moving the inputs would hardly ever meet the other way
            return [np.zeros(()) if result is None else np.full(result.shape, np.inf) for result in results]
        except (TraceError, NotImplementedError):
            return unknown
        shortened = _shortened_to(trace.jaxpr.jaxpr)
        if shortened and np.finfo(shortened).bits < _shortest(inputs).bits:
            self.shortened = shortened
        computed = _computed_from_inputs(trace.jaxpr.jaxpr)
        bounds: list[Reals | None] = []
        for position, result in zip(trace.positions, results, strict=True):
            if (position is None) != (result is None):
                return unknown
            if position is None or result is None:
                bounds.append(np.zeros(()))
                continue
            ball = outputs[position]
            if ball.mid.shape != result.shape:
                return unknown
            with np.errstate(invalid="ignore"):  # infinite results have no distance
                away = np.where(np.isfinite(result), magnitude(ball.mid - result), 0.0)
            if not (
                away <= OTHERWISE * ball.radius
            ).all():  # the code computes something else: the bounds say nothing
                return unknown
            # The exact value lies in the ball, too, but not in its middle where a choice turned on rounding.
            # A result that was there before the call was computed elsewhere, with roundings of its own.
            nothing = max(VANISHING * natural, NOTHING)
            bounds.append(ball.radius + away + nothing if computed[position] else None)
        return bounds

    def _in_any_case(
        self, inputs: Sequence[NDArray[Any]], results: Sequence[NDArray[Any] | None], natural: float
    ) -> list[Reals]:
        """What every result of many entries is charged at first: a few roundings of its largest entry."""
        unit = float(_shortest(inputs).eps)
        return [
            np.zeros(())
            if result is None
            else np.broadcast_to(np.float64(ROUNDINGS * unit * (largest(result) or natural)), result.shape)
            for result in results
        ]

    def in_full(
        self, inputs: Sequence[NDArray[Any]], results: Sequence[NDArray[Any] | None], natural: float
    ) -> tuple[list[Reals], bool]:
        """For many entries, a closer look at the rounding, before a result is called wrong.

        Every operation is followed where JAX can trace the code and nothing in it was computed elsewhere;
        otherwise all inputs are moved. Also whether the code, run once more for that, gave the same results
        but for rounding.

        Args:
            inputs: what the function was called with.
            results: what it returned.
            natural: the size that a result would ordinarily have.
        """
        followed = self._followed(inputs, results)
        if all(bound is not None for bound in followed):
            return [bound for bound in followed if bound is not None], True
        moved = self._by_one_move(inputs, results, natural)
        return [
            here if bound is None else np.maximum(bound, here)
            for bound, here in zip(followed, moved, strict=True)
        ], False

    def in_extended_precision(self, inputs: Sequence[NDArray[Any]]) -> Sequence[Ball | None]:
        """What the code computes for these inputs, and its rounding, if its floats had longer mantissas.

        None for a result that is None, and for all where JAX cannot trace the code, or where it computes in a
        precision that the inputs do not have.
        """
        try:
            trace = self.code.at(inputs)
            outputs = evaluate(trace.jaxpr, as_balls(inputs), Rounding.of(np.dtype(np.longdouble)))
        except (TraceError, NotImplementedError):
            return [None] * len(inputs)
        return [None if position is None else outputs[position] for position in trace.positions]

    def _by_one_move(
        self, inputs: Sequence[NDArray[Any]], results: Sequence[NDArray[Any] | None], natural: float
    ) -> list[Reals]:
        """One bound for all entries of a result, from a single further call."""
        unit = float(_shortest(inputs).eps)
        with np.errstate(all="ignore"):
            moved = self.called(*(nudged(a, k) for k, a in enumerate(inputs)))
        bounds = []
        for result, other in zip(results, moved, strict=True):
            if result is None or other is None or other.shape != result.shape:
                bounds.append(np.zeros(()) if result is None else np.full(result.shape, np.inf))
            else:
                bound = measured(result, other, unit) or ROUNDINGS * unit * natural
                bounds.append(np.broadcast_to(np.float64(bound), result.shape))
        return bounds

    def _followed(
        self, inputs: Sequence[NDArray[Any]], results: Sequence[NDArray[Any] | None]
    ) -> Sequence[Reals | None]:
        """The rounding of each result with every operation moved; None where the trace does not show it.

        Shows rounding in which moved inputs drown.
        """
        unknown = [None] * len(results)
        try:
            trace = self.code.at(inputs)
            moved = evaluated_nudged(trace.jaxpr, inputs)
        except (TraceError, NotImplementedError):
            return unknown
        if any(np.asarray(constant).dtype.kind == "f" for constant in trace.jaxpr.consts):
            return unknown  # it may be kept from another call, with roundings of its own
        unit = float(_shortest(inputs).eps)
        bounds: list[Reals | None] = []
        for position, result in zip(trace.positions, results, strict=True):
            if position is None and result is None:
                bounds.append(np.zeros(()))
                continue
            if position is None or result is None or moved[position].shape != result.shape:
                return unknown
            # Followed in float64, whatever the precision of the code.
            bound = measured(trace.primal[position], moved[position]) * unit / np.finfo(np.float64).eps
            with np.errstate(invalid="ignore"):
                away = largest(np.subtract(result, trace.primal[position]))
            if not away <= bound:  # the code computes something else, or not the same twice
                return unknown
            bounds.append(np.broadcast_to(np.float64(bound), result.shape))
        return bounds

    def _by_moving(
        self,
        inputs: Sequence[NDArray[Any]],
        results: Sequence[NDArray[Any] | None],
        natural: float,
        others: Sequence[Reals | None],
    ) -> list[Reals]:
        """What can be said without following the operations.

        Roundings are charged relative to the largest entry.
        """
        info = _shortest(inputs)
        spread = [np.zeros(()) if result is None else np.zeros(result.shape) for result in results]
        with np.errstate(all="ignore"):
            for move in range(MOVES):
                moved = self.called(*(nudged(a, len(inputs) * move + k) for k, a in enumerate(inputs)))
                for k, (result, other) in enumerate(zip(results, moved, strict=True)):
                    if result is not None and other is not None and other.shape == result.shape:
                        spread[k] = np.fmax(spread[k], np.abs(other.astype(np.float64) - result))
        bounds: list[Reals] = []
        for result, change, other in zip(results, spread, others, strict=True):
            if result is None:
                bounds.append(np.zeros(()))
                continue
            largest = max(natural, float(np.max(np.abs(result), initial=0.0)))
            own = SAFETY * (change + float(info.eps) * largest + float(info.smallest_normal))
            bounds.append(own if other is None else np.where(np.isfinite(other), np.maximum(own, other), own))
        return bounds


def _shortened_to(jaxpr: Any) -> str:
    """The shortest floating dtype to which a program rounds a longer one on its way; empty if to none."""
    from jax.extend.core import subjaxprs

    found = {
        str(equation.outvars[0].aval.dtype)
        for equation in jaxpr.eqns
        if equation.primitive.name == "convert_element_type"
        and 0 < _bits(equation.outvars[0]) < _bits(equation.invars[0])
    }
    for inner in subjaxprs(jaxpr):
        found.add(_shortened_to(inner))
    return min(found - {""}, key=lambda name: np.dtype(name).itemsize, default="")


def _bits(variable: Any) -> int:
    """The length of a floating dtype; 0 of any other."""
    dtype = np.dtype(variable.aval.dtype)
    return 8 * dtype.itemsize if dtype.kind == "f" else 0


def _computed_from_inputs(jaxpr: Any) -> list[bool]:
    """Which outputs of a jaxpr depend on its inputs."""
    dependent = set(jaxpr.invars)
    for equation in jaxpr.eqns:
        if any(not hasattr(variable, "val") and variable in dependent for variable in equation.invars):
            dependent.update(equation.outvars)
    return [not hasattr(variable, "val") and variable in dependent for variable in jaxpr.outvars]


def _shortest(inputs: Sequence[NDArray[Any]]) -> np.finfo[Any]:
    """The precision of the shortest floating input."""
    return min(
        (np.finfo(a.dtype) for a in inputs if a.dtype.kind == "f"),
        key=lambda info: info.bits,
        default=np.finfo(np.float64),
    )
