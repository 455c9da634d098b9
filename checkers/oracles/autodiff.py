"""The autodiff oracle.

JAX traces and differentiates the unmodified NumPy forward, NumPy evaluates the result with bounds.

JAX is asked only for the derivative as a program (a jaxpr), in 64-bit arithmetic. Evaluating that program is
left to ``checkers.rounding``, which returns a bound with every value and needs no compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from checkers.errors import TraceError
from checkers.oracles.estimate import Answer, Estimate
from checkers.oracles.ties import evaluate_at_ties
from checkers.rounding import OTHERWISE, Ball, Rounding, as_balls, evaluate, is_large
from checkers.rounding.ball import Reals
from checkers.rounding.nudge import evaluated_nudged, measured
from checkers.traced import Traced

if TYPE_CHECKING:
    from jax.extend.core import ClosedJaxpr

    from checkers.draw import Case
    from checkers.tracing import Trace

NAME = "autodiff"
OVERFLOWS = "JAX's derivative overflows here"
UNFAITHFUL = "JAX's trace of the forward gives other values here than NumPy does"


@dataclass
class Autodiff:
    """The oracle for one forward.

    It remembers the derivatives that JAX has made of it, by the shapes of the arguments.

    Attributes:
        forward: plain NumPy, ``forward(*arguments)`` -> array or tuple of arrays.
        name: "autodiff".
    """

    forward: Traced
    name: str = field(default=NAME, init=False)
    _programs: dict[Any, _Programs | str] = field(default_factory=dict, init=False, repr=False)

    def gradients(self, case: Case, cotangents: Sequence[Reals], wrt: Sequence[int]) -> Answer:
        """Σ_i δ_i ∂f_i/∂x for the arguments ``wrt``: JAX's vector-Jacobian product."""
        point = _in_float64(case.arguments)
        programs = self._traced(point)
        if isinstance(programs, str):
            return Answer(self.name, refusal=programs)
        return self._answer(
            programs, point, programs.pullback(tuple(wrt)), [*_in_float64(cotangents), *point]
        )

    def pushforward(self, case: Case, tangents: Sequence[Reals | None]) -> Answer:
        """The tangents of the outputs for tangents of the arguments (None: that argument stays).

        JAX's Jacobian-vector product.
        """
        point = _in_float64(case.arguments)
        programs = self._traced(point)
        if isinstance(programs, str):
            return Answer(self.name, refusal=programs)
        moving = tuple(k for k, tangent in enumerate(tangents) if tangent is not None)
        operands = [*_in_float64([t for t in tangents if t is not None]), *point]
        return self._answer(programs, point, programs.pushforward(moving), operands)

    def rounding(self, case: Case, cotangents: Sequence[Reals], wrt: Sequence[int]) -> list[Reals]:
        """How much JAX's vector-Jacobian product rounds in the precision of the case.

        Empty where JAX cannot tell.
        """
        point = _in_float64(case.arguments)
        programs = self._traced(point)
        if isinstance(programs, str):
            return []
        try:
            results = evaluate(
                programs.pullback(tuple(wrt)),
                as_balls([*_in_float64(cotangents), *point]),
                Rounding.of(np.dtype(case.dtype)),
            )
        except NotImplementedError:
            return []
        return [ball.radius for ball in results]

    def forward_rounding(self, arguments: Sequence[NDArray[Any]]) -> list[Reals] | None:
        """Bounds on the rounding of the forward's outputs in float64; None where JAX cannot trace it."""
        point = _in_float64(arguments)
        programs = self._traced(point)
        return (
            None
            if isinstance(programs, str)
            else [ball.radius for ball in evaluate(programs.trace.jaxpr, as_balls(point))]
        )

    def _answer(
        self,
        programs: _Programs,
        point: Sequence[NDArray[Any]],
        program: ClosedJaxpr,
        operands: Sequence[NDArray[Any]],
    ) -> Answer:
        if is_large(point):
            return self._measured(programs, point, program, operands)
        try:
            outputs = evaluate(programs.trace.jaxpr, as_balls(point))
            if not _faithful(outputs, self.forward.values(point)):
                return Answer(self.name, refusal=UNFAITHFUL)
            results, kinks = evaluate_at_ties(program, operands)
        except NotImplementedError as error:
            return Answer(self.name, refusal=str(error))
        return Answer(self.name, tuple(map(_estimate, results, kinks)))

    def _measured(
        self,
        programs: _Programs,
        point: Sequence[NDArray[Any]],
        program: ClosedJaxpr,
        operands: Sequence[NDArray[Any]],
    ) -> Answer:
        """The derivative in float64, its rounding measured by how far it moves when its operands do."""
        plain = Rounding.unbounded()
        try:
            if not programs.traced_at(point):
                outputs = evaluate(programs.trace.jaxpr, as_balls(point), plain)
                values = self.forward.values(point)
                if not all(_close(ball.mid, value) for ball, value in zip(outputs, values, strict=True)):
                    return Answer(self.name, refusal=UNFAITHFUL)
            results, kinks = evaluate_at_ties(program, operands, plain)
            moved = evaluated_nudged(program, operands)
        except NotImplementedError as error:
            return Answer(self.name, refusal=str(error))
        return Answer(
            self.name,
            tuple(
                _estimate(Ball(here.mid, here.radius + measured(here.mid, beside)), kink)
                if kink.any()
                else Estimate.everywhere(here.mid, measured(here.mid, beside), OVERFLOWS)
                for here, beside, kink in zip(results, moved, kinks, strict=True)
            ),
        )

    def _traced(self, point: Sequence[NDArray[Any]]) -> _Programs | str:
        key = tuple((a.shape, a.dtype.str) for a in point)
        if key in self._programs:
            return self._programs[key]
        programs = self._derived(point)
        if isinstance(programs, str) or not programs.trace.value_dependent:
            self._programs[key] = programs
        return programs

    def _derived(self, point: Sequence[NDArray[Any]]) -> _Programs | str:
        try:
            trace = self.forward.at(point)
        except TraceError as error:
            return f"JAX cannot trace the forward: {error}"
        return _Programs(trace, point)


def _estimate(ball: Ball, kink: NDArray[np.bool_]) -> Estimate:
    estimate = Estimate.of(ball.mid, ball.radius, OVERFLOWS)
    return Estimate(estimate.value, estimate.bound, kink & np.isfinite(estimate.bound), estimate.reason)


def _faithful(outputs: Sequence[Ball], values: Sequence[NDArray[Any]]) -> bool:
    """Whether the values of a traced program are those of the code itself, within its rounding.

    And a little beyond: NumPy may go another way, for a determinant by way of logarithms.
    """
    return all(
        ball.mid.shape == value.shape
        and not (np.isfinite(value) & (_distance(ball.mid, value) > OTHERWISE * ball.radius)).any()
        for ball, value in zip(outputs, values, strict=True)
    )


def _distance(one: NDArray[Any], other: NDArray[Any]) -> Reals:
    """|one − other|; truth values count as 0 and 1."""
    with np.errstate(invalid="ignore"):  # infinite values have no distance
        difference: Reals = np.subtract(one, other, dtype=np.result_type(one, other, np.float64))
    return np.abs(difference)


class _Programs:
    """A traced forward and the derivatives that JAX made of it."""

    def __init__(self, trace: Trace, point: Sequence[NDArray[Any]]) -> None:
        self.trace = trace
        self._point = tuple(point)
        self._derived: dict[Any, ClosedJaxpr] = {}

    def traced_at(self, point: Sequence[NDArray[Any]]) -> bool:
        """Whether the forward was traced at this very point, so that the trace has its values."""
        return all(one is other for one, other in zip(self._point, point, strict=True))

    def pullback(self, wrt: tuple[int, ...]) -> ClosedJaxpr:
        """The program (cotangents…, arguments…) -> gradients by the arguments ``wrt``."""
        return self._made("pullback", wrt, self._pull, self.trace.jaxpr.out_avals)

    def pushforward(self, moving: tuple[int, ...]) -> ClosedJaxpr:
        """The program (tangents of the arguments ``moving``…, arguments…) -> tangents of the outputs."""
        return self._made("pushforward", moving, self._push, [self.trace.jaxpr.in_avals[k] for k in moving])

    def _made(
        self, kind: str, which: tuple[int, ...], build: Callable[..., Any], leading: Sequence[Any]
    ) -> ClosedJaxpr:
        import jax

        if (kind, which) not in self._derived:
            shapes = [np.zeros(aval.shape, aval.dtype) for aval in (*leading, *self.trace.jaxpr.in_avals)]
            with jax.enable_x64(True):
                self._derived[kind, which] = jax.make_jaxpr(build(which, len(leading)))(*shapes)
        return self._derived[kind, which]

    def _split(self, which: tuple[int, ...], point: Sequence[Any]) -> Callable[..., Any]:
        """The forward as a function of the arguments ``which`` alone."""
        import jax.extend.core as jex

        forward = jex.jaxpr_as_fun(self.trace.jaxpr)

        def of_some(*chosen: Any) -> Any:
            arguments = list(point)
            for k, value in zip(which, chosen, strict=True):
                arguments[k] = value
            return forward(*arguments)

        return of_some

    def _pull(self, which: tuple[int, ...], leading: int) -> Callable[..., Any]:
        import jax

        def program(*operands: Any) -> Any:
            cotangents, point = operands[:leading], operands[leading:]
            _, pull = jax.vjp(self._split(which, point), *(point[k] for k in which))
            return pull(list(cotangents))

        return program

    def _push(self, which: tuple[int, ...], leading: int) -> Callable[..., Any]:
        import jax

        def program(*operands: Any) -> Any:
            tangents, point = operands[:leading], operands[leading:]
            _, pushed = jax.jvp(self._split(which, point), tuple(point[k] for k in which), tuple(tangents))
            return pushed

        return program


def _close(value: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two arrays of outputs are the same but for rounding, relative to the largest entry."""
    size = float(np.max(np.abs(other), initial=0.0, where=np.isfinite(other)))
    return value.shape == other.shape and bool((np.abs(value - other) <= 1e-9 * size).all())


def _in_float64(arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    return [a.astype(np.float64, copy=False) if a.dtype.kind == "f" else a for a in arrays]
