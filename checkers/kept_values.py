"""What a forward keeps for its derivative, as a layer object does, and what that asks of the checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from numpy.typing import NDArray

from checkers.candidate import Call, Candidate, same
from checkers.draw import Case
from checkers.errors import FunctionError, GradproofError
from checkers.rounding.nudge import nudged

TRIED = 3
"""Cases in which it is tried whether the derivative uses what the forward has kept."""


class KeptValues:
    """Whether the derivative of one candidate uses values that its forward has kept.

    Args:
        candidate: the code under test.
    """

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self._used, self._tried = False, 0

    def used(self, case: Case, first: Call, call: Callable[[], Call]) -> bool:
        """Whether they are used.

        Tried in a few cases: the forward is called a little beside the point, and the derivative without
        it. Afterwards what is kept belongs to the case again.

        Args:
            case: the case.
            first: what the derivative returned there.
            call: calls the derivative there again.
        """
        if not self._used and self._tried < TRIED:
            self._tried += 1
            self.renewed([nudged(a, k) for k, a in enumerate(case.arguments)])
            with suppress(GradproofError):
                self._used = not same(first.arrays, call().arrays)
        self.renewed(case.arguments)
        return self._used

    def renewed(self, arguments: Sequence[NDArray[Any]]) -> None:
        """Call the forward, so that what it keeps is that of these arguments."""
        with suppress(FunctionError):
            self.candidate.primal(arguments)
