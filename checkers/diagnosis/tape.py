"""The traced forward as a tape: every intermediate value, and reverse mode with a rule altered at will.

    x̄_j = Σ_{y uses x_j} ȳ ∂y/∂x_j,    from the last operation to the first

An alteration changes what reaches one operand (``Edge``), or replaces the whole way from one value to another
(``Jump``): so a mistaken backward pass of any function is had from its forward.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.diagnosis.local_rules import FLAT, rule_for
from checkers.errors import TraceError
from checkers.rounding import Ball, Rounding, as_balls, evaluate
from checkers.rounding.ball import Reals
from checkers.rounding.primitives import RULES as VALUES
from checkers.rounding.xla import by_xla

if TYPE_CHECKING:
    from checkers.tracing import Trace

Array: TypeAlias = NDArray[Any]

CALLS = {"jaxpr", "call_jaxpr", "fun_jaxpr"}
REARRANGING = frozenset(
    {"transpose", "reshape", "broadcast_in_dim", "squeeze", "expand_dims", "convert_element_type", "copy"}
)
"""Primitives that only put values elsewhere."""
NESTED = frozenset({"cond", "while", "scan"})
CANCELS = 1e-12
"""Relative change of a gradient below which a path makes no difference to it."""
LONGEST = 600
"""Operations up to which a tape is made; beyond, one altered rule among so many tells little."""


@dataclass(frozen=True)
class Step:
    """One operation of the forward.

    Attributes:
        number: its place on the tape.
        name: of the primitive.
        parameters: of the primitive.
        inputs, outputs: slots, the numbers of values on the tape.
        equation: as JAX wrote it.
    """

    number: int
    name: str
    parameters: dict[str, Any]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    equation: Any


Edge: TypeAlias = Callable[[Array, Array], Array]
"""(what reaches an operand by the right rule, cotangent of the result) -> what reaches it instead."""


@dataclass(frozen=True)
class Jump:
    """From the cotangent of one value straight to that of another, past the operations in between.

    Attributes:
        target: the slot that it reaches.
        carry: cotangent of the source -> what is added to the target's.
    """

    target: int
    carry: Callable[[Array], Array]


@dataclass(frozen=True)
class Alteration:
    """Changes of the reverse pass.

    Attributes:
        edges: (step, number of the operand) -> Edge.
        jumps: source slot -> Jump.
    """

    edges: Mapping[tuple[int, int], Edge] = field(default_factory=lambda: MappingProxyType({}))
    jumps: Mapping[int, Jump] = field(default_factory=lambda: MappingProxyType({}))

    def and_then(self, other: Alteration) -> Alteration:
        """Both at once."""
        return Alteration({**self.edges, **other.edges}, {**self.jumps, **other.jumps})


class Tape:
    """A forward at one point.

    Attributes:
        steps: the operations in order.
        values: per slot its value, in the longest floating type where the program is small.
        arguments: the slots of the arguments.
        results: the slots of the outputs.
        varying: per slot whether it depends on a floating argument.

    Raises:
        TraceError: the forward is too long, or has an operation without a value.
    """

    def __init__(self, trace: Trace, point: Sequence[Array]) -> None:
        self.steps: list[Step] = []
        self.values: list[Array] = []
        self.varying: list[bool] = []
        self._pullbacks: dict[int, Any] = {}
        balls = as_balls([a.astype(np.float64) if a.dtype.kind == "f" else a for a in point])
        self.long = max((b.mid.dtype for b in balls if b.mid.dtype.kind == "f"), default=np.dtype(np.float64))
        self._rounding = Rounding.of(np.dtype(np.float64))
        self.arguments = [self._new(ball.mid, ball.mid.dtype.kind == "f") for ball in balls]
        with np.errstate(all="ignore"):
            constants = [self._constant(value) for value in trace.jaxpr.consts]
            self.results = self._run(trace.jaxpr.jaxpr, constants, self.arguments)

    @cached_property
    def form(self) -> tuple[Any, ...]:
        """What the tapes of two points have in common if their steps can be matched number by number."""
        return tuple((step.name, step.inputs) for step in self.steps)

    @cached_property
    def _stabilisers(self) -> frozenset[int]:
        """The maxima (by their steps) that are subtracted and added again: their derivatives cancel."""
        maxima = [step.number for step in self.steps if step.name == "reduce_max"]
        if not maxima:
            return frozenset()
        rng = np.random.default_rng(0)
        cotangents = [rng.standard_normal(self.values[slot].shape) for slot in self.results]
        right = self.pull(cotangents, stabilised=False)
        found = []
        for number in maxima:
            cut = Alteration({(number, 0): lambda grad, _: np.zeros_like(grad)})
            without = self.pull(cotangents, cut, stabilised=False)
            with np.errstate(all="ignore"):
                if all(
                    (np.abs(a - b) <= CANCELS * np.max(np.abs(a), initial=0.0)).all()
                    for a, b in zip(right, without, strict=True)
                ):
                    found.append(number)
        return frozenset(found)

    @cached_property
    def users(self) -> dict[int, list[tuple[Step, int]]]:
        """Per slot the steps that use it, with the number of the operand."""
        found: dict[int, list[tuple[Step, int]]] = {}
        for step in self.steps:
            for k, slot in enumerate(step.inputs):
                found.setdefault(slot, []).append((step, k))
        return found

    @cached_property
    def makers(self) -> dict[int, Step]:
        """Per slot the step that made it."""
        return {slot: step for step in self.steps for slot in step.outputs}

    def pull(
        self, cotangents: Sequence[Reals], altered: Alteration | None = None, stabilised: bool = True
    ) -> list[Array]:
        """Σ_i δ_i ∂f_i/∂x for every argument, with the altered rules in force; zeros if nothing arrives.

        Nothing comes back through a maximum that is only subtracted for the sake of stability: it would
        cancel in the right gradient, and nobody writes it down (``stabilised``).
        """
        altered = altered or Alteration()
        idle = self._stabilisers if stabilised else frozenset()
        bars: dict[int, Array] = {}
        with np.errstate(all="ignore"):
            for slot, cotangent in zip(self.results, cotangents, strict=True):
                self._add(bars, slot, cotangent.astype(self.long))
            for step in reversed(self.steps):
                if step.number not in idle:
                    self._pull_step(step, bars, altered)
        return [
            bars[slot] if slot in bars else np.zeros(self.values[slot].shape, self.long)
            for slot in self.arguments
        ]

    def pull_within(self, source: int, target: int, cotangent: Array, at: Array | None = None) -> Array:
        """The cotangent that reaches ``target`` from ``source``, a value that depends on it alone.

        With ``at`` the target is taken to have that value instead of its own.
        """
        values, steps = self.values, self.between(source, target)
        with np.errstate(all="ignore"):
            if at is not None:
                values = self._rerun(steps, {target: at})
            bars: dict[int, Array] = {source: cotangent}
            for step in reversed(steps):
                cts = [bars.get(slot) for slot in step.outputs]
                if any(ct is not None for ct in cts):
                    for k, grad in enumerate(self._local(step, cts, values)):
                        if grad is not None:
                            self._add(bars, step.inputs[k], grad)
        return bars[target] if target in bars else np.zeros(self.values[target].shape, self.long)

    def between(self, source: int, target: int) -> list[Step]:
        """The steps that lead from ``target`` to ``source``."""
        inside, steps = {target}, []
        for step in self.steps:
            if any(slot in inside for slot in step.inputs):
                inside.update(step.outputs)
                steps.append(step)
        needed, kept = {source}, []
        for step in reversed(steps):
            if any(slot in needed for slot in step.outputs):
                needed.update(step.inputs)
                kept.append(step)
        return kept[::-1]

    def _rerun(self, steps: Sequence[Step], given: Mapping[int, Array]) -> list[Array]:
        values = list(self.values)
        for slot, value in given.items():
            values[slot] = value
        for step in steps:
            for slot, value in zip(step.outputs, self._evaluated(step, values), strict=True):
                values[slot] = value
        return values

    def _pull_step(self, step: Step, bars: dict[int, Array], altered: Alteration) -> None:
        cts = [bars.get(slot) for slot in step.outputs]
        if all(ct is None for ct in cts) or not any(self.varying[slot] for slot in step.inputs):
            return
        if step.outputs[0] in altered.jumps:
            jump = altered.jumps[step.outputs[0]]
            if cts[0] is not None:
                self._add(bars, jump.target, jump.carry(cts[0]))
            return
        for k, grad in enumerate(self._local(step, cts, self.values)):
            slot = step.inputs[k]
            if grad is None or not self.varying[slot]:
                continue
            edge = altered.edges.get((step.number, k))
            if edge is not None and cts[0] is not None:
                grad = edge(grad, cts[0])
            self._add(bars, slot, grad)

    def _local(
        self, step: Step, cts: Sequence[Array | None], values: Sequence[Array]
    ) -> Sequence[Array | None]:
        rule = rule_for(step.name) if len(cts) == 1 else None
        operands = [values[slot] for slot in step.inputs]
        if rule is not None and cts[0] is not None:
            return rule(cts[0], operands, values[step.outputs[0]], step.parameters)
        filled = [
            np.zeros(values[slot].shape, self.long) if ct is None else ct
            for ct, slot in zip(cts, step.outputs, strict=True)
        ]
        return self._by_jax(step, filled, operands)

    def _by_jax(self, step: Step, cts: Sequence[Array], operands: Sequence[Array]) -> Sequence[Array | None]:
        """The rule that JAX has for the primitive, evaluated in NumPy."""
        import jax

        floating = [k for k, a in enumerate(operands) if a.dtype.kind == "f"]
        if step.number not in self._pullbacks:
            primitive, parameters = step.equation.primitive, step.parameters

            def program(cts: Any, point: Any) -> Any:
                def some(*chosen: Any) -> Any:
                    inputs = list(point)
                    for k, value in zip(floating, chosen, strict=True):
                        inputs[k] = value
                    results = primitive.bind(*inputs, **parameters)
                    return list(results) if primitive.multiple_results else [results]

                return jax.vjp(some, *(point[k] for k in floating))[1](list(cts))

            shapes = [
                [np.zeros(a.shape, np.float64 if a.dtype.kind == "f" else a.dtype) for a in group]
                for group in (cts, operands)
            ]
            with jax.enable_x64(True):
                self._pullbacks[step.number] = jax.make_jaxpr(program)(*shapes)
        try:
            found = evaluate(self._pullbacks[step.number], [Ball(np.asarray(a)) for a in (*cts, *operands)])
        except NotImplementedError as error:
            raise TraceError(str(error)) from error
        grads: list[Array | None] = [None] * len(operands)
        for k, ball in zip(floating, found, strict=True):
            grads[k] = ball.mid
        return grads

    @staticmethod
    def _add(bars: dict[int, Array], slot: int, grad: Array) -> None:
        bars[slot] = bars[slot] + grad if slot in bars else grad

    def _new(self, value: Array, varying: bool) -> int:
        self.values.append(np.asarray(value))
        self.varying.append(varying)
        return len(self.values) - 1

    def _constant(self, value: Any) -> int:
        array = np.asarray(value)
        return self._new(array.astype(self.long) if array.dtype.kind == "f" else array, False)

    def _run(self, jaxpr: Any, constants: Sequence[int], arguments: Sequence[int]) -> list[int]:
        slots: dict[Any, int] = dict(
            zip((*jaxpr.constvars, *jaxpr.invars), (*constants, *arguments), strict=True)
        )

        def read(variable: Any) -> int:
            return self._constant(variable.val) if hasattr(variable, "val") else slots[variable]

        for equation in jaxpr.eqns:
            inputs = [read(variable) for variable in equation.invars]
            name = equation.primitive.name
            inner = next((equation.params[key] for key in CALLS if key in equation.params), None)
            if len(self.steps) > LONGEST:
                raise TraceError(f"there is no tape of more than {LONGEST} operations")
            if inner is not None and not _branches(inner):
                closed = inner if hasattr(inner, "consts") else None
                program = inner.jaxpr if closed is not None else inner
                held = [self._constant(value) for value in closed.consts] if closed is not None else []
                outputs = self._run(program, held, inputs)
            else:
                outputs = self._record(name, equation, inputs)
            slots.update(zip(equation.outvars, outputs, strict=True))
        return [read(variable) for variable in jaxpr.outvars]

    def _record(self, name: str, equation: Any, inputs: Sequence[int]) -> list[int]:
        first = len(self.values)
        outputs = tuple(range(first, first + len(equation.outvars)))
        step = Step(len(self.steps), name, dict(equation.params), tuple(inputs), outputs, equation)
        depends = name not in FLAT and any(self.varying[slot] for slot in inputs)
        for value in self._evaluated(step, self.values):
            self._new(value, depends and value.dtype.kind == "f")
        self.steps.append(step)
        return list(outputs)

    def _evaluated(self, step: Step, values: Sequence[Array]) -> list[Array]:
        operands = [Ball(values[slot]) for slot in step.inputs]
        try:
            if step.name in VALUES:
                results = VALUES[step.name](operands, step.parameters, self._rounding)
            else:
                results = by_xla(step.equation, operands, self._rounding)
        except NotImplementedError as error:
            raise TraceError(str(error)) from error
        return [
            ball.mid.astype(self.long) if ball.mid.dtype.kind == "f" else np.asarray(ball.mid)
            for ball in results
        ]


def _branches(program: Any) -> bool:
    """Whether a called jaxpr has branches or loops inside, so that it is kept as one operation."""
    jaxpr = program.jaxpr if hasattr(program, "consts") else program
    for equation in jaxpr.eqns:
        inner = next((equation.params[key] for key in CALLS if key in equation.params), None)
        if equation.primitive.name in NESTED or (inner is not None and _branches(inner)):
            return True
    return False
