"""A submission run in a worker of its own: the session that judging really uses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

from checkers.families.division import as_in_python_2
from checkers.families.reading import COMMONS, STUB, Bundle
from checkers.families.script import BESIDE, Ref, Step
from checkers.families.session import Reply, StudentCrash
from checkers.isolation import (
    Call,
    Construct,
    Crash,
    GetAttribute,
    Limits,
    Loaded,
    Method,
    Policy,
    Protection,
    Result,
    SetAttribute,
    Worker,
)
from checkers.isolation import Ref as WorkerRef
from checkers.isolation import Step as WorkerStep

CALLER_TEXT = Path(__file__).with_name("caller.py").read_text(encoding="utf-8")
"""What is loaded beside the student's code to call it."""

SEED = 20
"""Seeds NumPy's and Python's random numbers before every run."""

LIMITS = Limits(load_seconds=10.0, call_seconds=5.0, total_seconds=90.0, reply_mib=32)
"""What a submission may use while its gradients are judged."""

TOGETHER = 64
"""Programs of a few steps that go to the worker in one trip."""

STEPPED_SECONDS = 30.0
"""How long its code may run besides, on numbers that carry derivatives."""


class InWorker(AbstractContextManager["InWorker"]):
    """A bundle loaded into a worker; a worker that dies is started again for the next function.

    Args:
        bundle: the source and its helpers.
        limits: what the submission may use.
        refused: packages that an assignment forbids.
    """

    def __init__(self, bundle: Bundle, limits: Limits = LIMITS, refused: Sequence[str] = ()) -> None:
        source = bundle.source
        self._given = (bundle, limits, refused)
        self._dividing: InWorker | None = None
        stubs = {_module(path): text for path, text in bundle.modules.items()}
        stubs.update({name: STUB for name in bundle.stubs if name not in stubs})
        policy = Policy(
            stubs=stubs, keep_going=True, python2_names=source.python2, refused=frozenset(refused)
        )
        stubs.update({BESIDE: CALLER_TEXT, "_commons": COMMONS})
        usual = f"from _commons import {', '.join(('_float', '_int', *bundle.missing))}"
        loadable = f"{source.loadable}\n{usual}\nimport {BESIDE}\n"
        lines = loadable.count("\n") + 1
        labels = [_label(source.path, source.place(number), number) for number in range(1, lines + 1)]

        def worker(limits: Limits) -> Worker:
            name = PurePosixPath(source.path).name
            return Worker(name, limits, policy, source=loadable, labels=labels)

        self._worker = worker(limits)
        self._beside = worker(replace(limits, total_seconds=min(limits.total_seconds, STEPPED_SECONDS)))
        self.loaded: Loaded | None = None
        self._replaced: dict[str, None] = {}

    def __enter__(self) -> InWorker:
        self._worker.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._worker.close()
        self._beside.close()
        if self._dividing is not None:
            self._dividing.__exit__(kind, error, traceback)

    @property
    def protections(self) -> tuple[Protection, ...]:
        """The layers of isolation, each in force or not."""
        return self._worker.protections

    @property
    def exhausted(self) -> bool:
        """Whether the submission has used up its time."""
        return self._worker.exhausted

    def load(self) -> Loaded:
        """Load the bundle.

        Raises:
            StudentCrash: the file raised, took too long, or did something that is refused.
        """
        loaded = self._worker.load()
        if isinstance(loaded, Crash):
            raise _crash(loaded)
        self.loaded = loaded
        return loaded

    def run(self, steps: Sequence[Step]) -> Reply:
        """Carry out the steps in one round trip.

        Raises:
            StudentCrash: a step raised, took too long, or killed the worker.
        """
        return self._reply(self._run_in(self._worker, steps, stepped=False))

    def run_many(self, programs: Sequence[Sequence[Step]]) -> list[Reply | StudentCrash]:
        """Carry out programs that do not depend on each other, some in one round trip."""
        replies: list[Reply | StudentCrash] = []
        while len(replies) < len(programs):
            trip = programs[len(replies) : len(replies) + TOGETHER]
            try:
                replies += self._together(trip)
            except StudentCrash as crash:  # it cannot be started again
                return [*replies, *[crash] * (len(programs) - len(replies))]
        return replies

    def _together(self, programs: Sequence[Sequence[Step]]) -> list[Reply | StudentCrash]:
        """The replies to all programs, or up to the one at which the worker has died."""
        worker = self._running(self._worker)
        steps: list[WorkerStep] = []
        ends: list[int] = []
        for program in programs:
            first = len(steps)
            steps += _seeded([_step(step, first, watch=False) for step in program])
            ends.append(len(steps))
        results = worker.run(steps)
        replies: list[Reply | StudentCrash] = []
        for program, end in zip(programs, ends, strict=True):
            part = results[end - len(program) : end]
            crash = next((result for result in part if isinstance(result, Crash)), None)
            if crash is not None:
                replies.append(_crash(crash))
                if not worker.alive and crash is results[-1]:  # which all that come after it share
                    break
                continue
            done = [result for result in part if isinstance(result, Result)]
            replies.append(Reply(tuple(result.value for result in done)))
            for result in done:
                self._replaced.update(dict.fromkeys(result.replaced))
        return replies

    def run_stepped(self, steps: Sequence[Step]) -> Reply:
        """Carry out the steps on numbers whose imaginary part is a derivative, in a worker beside the other.

        Raises:
            StudentCrash: a step raised, took too long, or killed the worker.
        """
        results = self._run_in(self._beside, steps, stepped=True)
        for result in results:
            if isinstance(result, Crash):
                raise _crash(result)
        return Reply(tuple(result.value for result in results if isinstance(result, Result)))

    @staticmethod
    def _run_in(worker: Worker, steps: Sequence[Step], stepped: bool) -> list[Result | Crash]:
        return InWorker._running(worker).run(_seeded([_step(step) for step in steps]), stepped)

    @staticmethod
    def _running(worker: Worker) -> Worker:
        """The worker, started again if it has died."""
        if not worker.alive:
            again = worker.restart()
            if isinstance(again, Crash):
                raise _crash(again)
        return worker

    def _reply(self, results: Sequence[Result | Crash]) -> Reply:
        values: list[Any] = []
        changed: list[tuple[Any, ...]] = []
        for result in results:
            if isinstance(result, Crash):
                raise _crash(result)
            values.append(result.value)
            self._replaced.update(dict.fromkeys(result.replaced))
            changed.append(tuple(tuple(path) for path in result.inputs_changed))
        return Reply(tuple(values), tuple(changed))

    def dividing(self) -> InWorker | None:
        """The same bundle in another worker, with whole numbers divided as in Python 2."""
        if self._dividing is None:
            bundle, limits, refused = self._given
            text = as_in_python_2(bundle.source.loadable)
            if not text:
                return None
            divided = replace(bundle, source=replace(bundle.source, loadable=text))
            self._dividing = InWorker(divided, limits, refused).__enter__()
            try:
                self._dividing.load()
            except StudentCrash:
                return None
        return self._dividing

    def replaced(self) -> tuple[str, ...]:
        """What the submission has replaced of NumPy and of Python since it was last asked.

        If calls have done it, it is loaded anew. One that replaces something as it is loaded always has.
        """
        at_once = self.loaded.replaced if self.loaded is not None else ()
        divided = self._dividing.replaced() if self._dividing is not None else ()
        names = tuple(dict.fromkeys((*at_once, *self._replaced, *divided)))
        self._replaced.clear()
        if set(names) - set(at_once):
            self._worker.close()
        return names


def _module(path: str) -> str:
    name = path.removesuffix(".py").removesuffix("/__init__")
    return name.replace("/", ".")


def _label(path: str, place: str, number: int) -> tuple[str, int]:
    """The file and line that a traceback shows; of a notebook the cell and its line."""
    if not place.startswith("cell"):
        return PurePosixPath(path).name, number
    cell, _, line = place.partition(", line ")
    return f"{PurePosixPath(path).name}, {cell}", int(line)


def _crash(crash: Crash) -> StudentCrash:
    kind = "timed out" if crash.kind == "timed out" else crash.kind
    sentence = re.sub(rf"^{BESIDE}\.\w+", "it", crash.sentence)
    return StudentCrash(kind, sentence, _OUR_FRAME.sub("", _as_written(crash.traceback)), crash.error)


def _as_written(text: str) -> str:
    """A line of the student's as it was before ``float`` and ``int`` were made tolerant."""
    return re.sub(r"\b_(float|int)\(", r"\1(", text)


_OUR_FRAME = re.compile(rf'^  File "<{BESIDE}>", line \d+, in \S+\n(    .*\n)?', re.M)


def _seeded(steps: Sequence[WorkerStep]) -> list[WorkerStep]:
    """The steps with a seed before the first call: what draws at random repeats itself from run to run."""
    found = list(steps)
    for k, step in enumerate(found):
        if isinstance(step, (Call, Construct, Method)):
            found[k] = replace(step, seed=SEED)
            break
    return found


def _step(step: Step, first: int = 0, watch: bool = True) -> WorkerStep:
    """A step as the worker takes it; its program begins with the step numbered ``first``."""
    args = tuple(_sent(value, first) for value in step.args)
    kwargs = {name: _sent(value, first) for name, value in step.kwargs.items()}
    if step.kind == "call":
        return Call(args, kwargs, watch=watch, target=step.name)
    if step.kind == "construct":
        return Construct(args, kwargs, watch=watch, name=step.name)
    if step.kind == "global":
        return SetAttribute(None, step.name, args[0])
    if step.kind == "function":
        return GetAttribute(None, step.name)
    assert step.target is not None
    target = WorkerRef(first + step.target.step, step.target.path)
    if step.kind == "method":
        return Method(args, kwargs, watch=watch, object=target, name=step.name)
    if step.kind == "set":
        return SetAttribute(target, step.name, args[0])
    return GetAttribute(target, step.name)


def _sent(value: Any, first: int) -> Any:
    """A value as the worker takes it: references in its own form."""
    if isinstance(value, Ref):
        return WorkerRef(first + value.step, value.path)
    if isinstance(value, (tuple, list)):
        return type(value)(_sent(item, first) for item in value)
    if isinstance(value, dict):
        return {key: _sent(item, first) for key, item in value.items()}
    return value
