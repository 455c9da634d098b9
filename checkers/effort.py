"""How long finite differences will take, told before they start where that is long."""

from __future__ import annotations

import logging
import time

from checkers.candidate import Candidate
from checkers.draw import Case

LONG = 10.0
"""Seconds from which it is told."""

log = logging.getLogger("gradproof")


def announce(candidate: Candidate, case: Case, calls: int) -> None:
    """Log how long so many calls of the forward at this case will take, if that is long.

    Nothing but the log depends on the time that is measured here.
    """
    started = time.perf_counter()
    candidate.primal(case.arguments)
    seconds = calls * (time.perf_counter() - started)
    if seconds >= LONG:
        log.warning(
            "%s: finite differences will call the forward about %s times, which takes about %.0f s",
            candidate.name,
            f"{calls:,}",
            seconds,
        )
