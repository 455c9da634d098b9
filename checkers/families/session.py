"""What playing a script needs of whoever runs the student's code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from checkers.families.script import Step


@dataclass(frozen=True)
class Reply:
    """What a program returned.

    Attributes:
        values: per step its value; objects that stay in the worker are opaque.
        changed: per step the positions of the arguments whose arrays it changed.
    """

    values: tuple[Any, ...]
    changed: tuple[tuple[str, ...], ...] = ()


class StudentCrash(Exception):
    """The student's code did not come to an end.

    Attributes:
        kind: "raised", "timed out", "out of memory", "died" or "refused".
        sentence: what happened.
        traceback: the student's own part of the traceback; empty if there is none.
        error: the name of the exception's class, if it raised.
    """

    def __init__(self, kind: str, sentence: str, traceback: str = "", error: str = "") -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
        self.traceback = traceback
        self.error = error


class Session(Protocol):
    """A loaded submission that evaluates its functions on arrays."""

    def replaced(self) -> tuple[str, ...]:
        """What it has replaced of NumPy and of Python since it was last asked.

        If calls have done it, the submission is loaded anew, so that what is judged next does not suffer.
        """

    def run_many(self, programs: Sequence[Sequence[Step]]) -> list[Reply | StudentCrash]:
        """Carry out programs that do not depend on each other, in fewer trips; what changes is not noted."""

    def run_stepped(self, steps: Sequence[Step]) -> Reply:
        """Carry out the steps on numbers whose imaginary part is a derivative, apart from all other runs.

        Raises:
            StudentCrash: a step raised, took too long, or killed the worker; or it cannot be done here.
        """

    def dividing(self) -> Session | None:
        """The same submission with whole numbers divided as in Python 2; None if it divides nothing."""

    def run(self, steps: Sequence[Step]) -> Reply:
        """Carry out the steps, in order, in a fresh frame of mind.

        Raises:
            StudentCrash: a step raised, took too long, or killed the worker.
        """
