"""An exercise played on a submission: the student's forward and backward as functions of arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.draw import Case
from checkers.families import drawing
from checkers.families.caller import DoesNotFit, NotThere
from checkers.families.schema import Convention, Exercise
from checkers.families.script import Misfit, Plan, Step, evaluated, spoken
from checkers.families.session import Session, StudentCrash

Array = NDArray[Any]


MOST_ENTRIES = 100_000
"""Entries of an output; the arguments are small."""


class Unfinished(Exception):
    """What was asked for is not there yet: None came back."""


class ForwardCrash(StudentCrash):
    """The student's forward did not come to an end."""


@dataclass
class Played:
    """What one run of forward and backward gave.

    Attributes:
        outputs: of the forward.
        delta: the cotangents that the backward was given.
        gradients: per convention, argument → gradient as returned; None where it is missing.
        misfits: per convention why its gradients cannot be had, if so.
        changed: the names of the arguments whose arrays were overwritten.
    """

    outputs: list[Array]
    delta: tuple[Array, ...]
    gradients: list[dict[str, Array | None]] = field(default_factory=list)
    misfits: list[str] = field(default_factory=list)
    changed: tuple[str, ...] = ()


class Play:
    """One exercise, the names that the student gives its functions, and the session that runs them.

    Args:
        exercise: the exercise.
        names: script name → the student's.
        classes: which of the student's names are classes.
        session: runs the student's code.
        parameters: for functions that are called by name, which value each parameter gets.
    """

    def __init__(
        self,
        exercise: Exercise,
        names: Mapping[str, str],
        classes: frozenset[str],
        session: Session,
        parameters: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.parameters = parameters
        self.exercise = exercise
        self.names = names
        self.classes = classes
        self.session = session
        self._shapes: dict[Any, list[tuple[int, ...]]] = {}

    @property
    def judged(self) -> str:
        """The student's name of the function that is judged."""
        owner, dot, method = self.exercise.judged.rpartition(".")
        if dot:
            return f"{self.names.get(owner, owner)}.{self.names.get(method, method)}"
        return self.names.get(method, method)

    @property
    def conventions(self) -> tuple[Convention, ...]:
        """The readings of what is returned: the plain one first."""
        return (Convention("", self.exercise.gradients), *self.exercise.conventions)

    def point(self, case: Case, arguments: Sequence[Array] | None = None) -> dict[str, Any]:
        """Everything that scripts know at a case: sizes, settings, arguments."""
        values: dict[str, Any] = dict(case.sizes)
        values.update(drawing.settings(self.exercise, case))
        values.update(zip(self.exercise.arguments, arguments or case.arguments, strict=True))
        values.update({name: self.names[name] for name in self.exercise.methods})
        return values

    def forward(self, case: Case, arguments: Sequence[Array] | None = None) -> list[Array]:
        """The outputs of the student's forward.

        Raises:
            ForwardCrash: it did not come to an end.
            Misfit: what it returned is not of the form expected.
            Unfinished: it returned None.
        """
        plan = self._plan(self.point(case, arguments))
        plan.add(self.exercise.forward)
        try:
            reply = self.session.run(plan.steps)
        except StudentCrash as crash:
            _fits(crash)
            raise ForwardCrash(crash.kind, crash.sentence, crash.traceback, crash.error) from crash
        return self._outputs(plan.results(reply.values))

    def forwards(self, case: Case, points: Sequence[Sequence[Array]]) -> list[Sequence[Array] | None]:
        """The outputs of the student's forward for many arguments; None where there are none."""
        plans = [self._plan(self.point(case, arguments)) for arguments in points]
        for plan in plans:
            plan.add(self.exercise.forward)
        found: list[Sequence[Array] | None] = []
        for plan, reply in zip(plans, self.session.run_many([plan.steps for plan in plans]), strict=True):
            try:
                found.append(
                    None if isinstance(reply, StudentCrash) else self._outputs(plan.results(reply.values))
                )
            except (Misfit, Unfinished):
                found.append(None)
        return found

    def stepped(self, case: Case, arguments: Sequence[Array]) -> list[Array]:
        """The outputs of the student's forward at complex arguments, whose imaginary parts are derivatives.

        Raises:
            StudentCrash: it did not come to an end.
            Misfit: what it returned is not of the form expected.
        """
        plan = self._plan(self.point(case, arguments))
        plan.add(self.exercise.forward)
        values = plan.results(self.session.run_stepped(plan.steps).values)
        return [np.asarray(evaluated(expression, values)) for expression in self.exercise.output]

    def both(self, case: Case, arguments: Sequence[Array] | None = None) -> Played:
        """Forward and backward together.

        Args:
            case: the point.
            arguments: other values of its arguments.

        Raises:
            ForwardCrash: the forward did not come to an end.
            StudentCrash: the backward did not.
            Misfit: what they returned is not of the form expected.
            Unfinished: None was returned.
        """
        point = self.point(case, arguments)
        grad = self.exercise.kind == "grad"
        delta: tuple[Array, ...] = ()
        if not grad:
            rng = case.rng("leading")
            shapes = self._shapes_at(case)
            drawn = [np.round(rng.standard_normal(shape), 2) for shape in shapes]
            delta = tuple(np.where(np.abs(d) < 0.05, 0.3, d) for d in drawn)
            point["delta"] = delta[0] if len(delta) == 1 else delta
        plan = self._plan(point)
        plan.add(self.exercise.forward)
        first = len(plan.steps)
        plan.add(self.exercise.backward)
        try:
            reply = self.session.run(plan.steps)
        except StudentCrash as crash:
            _fits(crash)
            if first < len(plan.steps):
                self.forward(case, arguments)  # raises ForwardCrash if that is where it ends
            raise
        values = plan.results(reply.values)
        outputs = self._outputs(values)
        if grad:
            delta = (np.ones(outputs[0].shape),)
        played = Played(outputs, delta, changed=self._changed(plan, reply.changed))
        for convention in self.conventions:
            try:
                played.gradients.append(self._gradients(convention, values))
                played.misfits.append("")
            except Misfit as misfit:
                played.gradients.append({})
                played.misfits.append(str(misfit))
        if all(not g for g in played.gradients):
            raise Misfit(played.misfits[0])
        if all(all(v is None for v in g.values()) for g in played.gradients if g):
            raise Unfinished("it returns None")
        return played

    def _shapes_at(self, case: Case) -> list[tuple[int, ...]]:
        key = tuple(sorted(case.sizes.items())), case.number
        if key not in self._shapes:
            self._shapes[key] = [output.shape for output in self.forward(case)]
        return self._shapes[key]

    def _plan(self, point: Mapping[str, Any]) -> Plan:
        plan = Plan(point, self.names, self.classes, self.parameters)
        for name, expression in self.exercise.globals.items():
            plan.steps.append(Step("global", name, None, (_plain(evaluated(expression, point)),)))
        return plan

    def _outputs(self, values: Mapping[str, Any]) -> list[Array]:
        outputs = []
        for expression in self.exercise.output:
            try:
                value = evaluated(expression, values)
            except Misfit:
                if not self.exercise.assumed:
                    raise
                raise Misfit("what the forward returns does not fit the labels") from None
            if value is None:
                raise Unfinished("the forward returns None")
            array = as_real(value)
            if array is None:
                raise Misfit(f"the forward gives {spoken(value)}, where an array is expected")
            if array.size > MOST_ENTRIES:
                raise Misfit(f"the forward gives {spoken(value)} for arguments of a few entries")
            outputs.append(array)
        if self.exercise.kind == "grad":
            if outputs[0].size != 1:
                raise Misfit(
                    f"the loss is an array of shape {outputs[0].shape}, where a single number is expected"
                )
            outputs[0] = outputs[0].reshape(())
        return outputs

    def _gradients(self, convention: Convention, values: Mapping[str, Any]) -> dict[str, Array | None]:
        found: dict[str, Array | None] = {}
        for name, expression in convention.gradients.items():
            try:
                value = evaluated(expression, values)
            except Misfit:
                if name not in self.exercise.optional:
                    raise
                continue
            if value is None:
                found[name] = None
                continue
            array = as_real(value)
            if array is None:
                raise Misfit(f"the gradient for {name} is {spoken(value)}, where an array is expected")
            found[name] = array
        return found

    def _changed(self, plan: Plan, changed: Sequence[Sequence[Any]]) -> tuple[str, ...]:
        """The names of the arguments that were overwritten, by identity of what was sent."""
        names: dict[int, str] = {
            id(value): name
            for name, value in plan.values.items()
            if isinstance(value, np.ndarray) and (name in self.exercise.arguments or name == "delta")
        }
        found: dict[str, None] = {}
        for step, paths in zip(plan.steps, changed, strict=False):
            for path in paths:
                value: Any = step
                try:
                    head, *rest = path
                    value = step.kwargs[head] if isinstance(head, str) else step.args[head]
                    for key in rest:
                        value = value[key]
                except (KeyError, IndexError, TypeError, ValueError):
                    continue
                if id(value) in names:
                    found.setdefault(names[id(value)])
        return tuple(found)


def _fits(crash: StudentCrash) -> None:
    """Tell what the caller found not to fit from what the student's code raised."""
    said = crash.sentence.partition(": ")[2] or crash.sentence
    if crash.error == DoesNotFit.__name__:
        raise Misfit(said) from crash
    if crash.error == NotThere.__name__:
        raise Unfinished(said) from crash


def as_real(value: Any) -> Array | None:
    """A returned value as a real array; None if it is none."""
    if isinstance(value, (bool, int, float, np.ndarray, np.generic)):
        array = np.asarray(value)
    elif isinstance(value, (list, tuple)):
        try:
            array = np.asarray([np.asarray(item, dtype=np.float64) for item in value])
        except (TypeError, ValueError):
            return None
    else:
        return None
    if array.dtype.kind not in "fiub":
        return None
    return array.astype(np.float64) if array.dtype.kind in "iub" else array


def _plain(value: Any) -> Any:
    """A number of its own, where an expression gave an array without axes."""
    return value.item() if isinstance(value, (np.ndarray, np.generic)) and np.ndim(value) == 0 else value
