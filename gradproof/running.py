"""A verification run: a formula that crashes does not take the others' results with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from dataclasses import dataclass

from checkers.verify import Verified, verify
from gradproof.exits import AGREED, DISAGREED, UNDECIDED
from reports.record import CRASHED, Record, Subject, comparison_record, crash_record, verdict_record
from reports.store import Report


@dataclass(frozen=True)
class Crashed:
    """A formula whose verification ended in an unexpected exception.

    Attributes:
        name: the formula.
        error: the exception.
        seconds: how long it took, which is not known.
    """

    name: str
    error: Exception
    seconds: float = 0.0


def results(names: Sequence[str], examples: int, seed: int, jobs: int) -> Generator[Verified | Crashed]:
    """What ``checkers.verify.verify`` yields for the same arguments; the exception of a formula that crashes.

    Results come in the order of the names. If the iterator is closed early, processes are interrupted.
    """
    others = set(multiprocessing.active_children())
    try:
        yield from _results(list(names), examples, seed, jobs)
    except BaseException:
        # Not ended outright: of one that is just sending a result the pool would await the rest for ever.
        for process in set(multiprocessing.active_children()) - others:
            if process.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGINT)
        raise


def _results(remaining: list[str], examples: int, seed: int, jobs: int) -> Iterator[Verified | Crashed]:
    while remaining:
        try:
            for verified in verify(remaining.copy(), examples, seed, jobs):
                remaining.remove(verified.name)
                yield verified
            return
        except BrokenExecutor:
            # A process died: of the formulas under way, the next shows by itself whether it was the cause.
            yield _alone(remaining.pop(0), examples, seed)
        except Exception as error:
            yield Crashed(remaining.pop(0), error)


def _alone(name: str, examples: int, seed: int) -> Verified | Crashed:
    try:
        return next(verify([name], examples, seed, jobs=2))
    except Exception as error:
        return Crashed(name, error)


def subject_of(one: Verified | Crashed) -> Subject:
    """The formula as a report's subject."""
    if isinstance(one, Verified):
        return Subject(one.name, one.sources, one.signature, one.convention)
    from reference_impl import formulas

    formula = formulas().get(one.name)
    return (
        Subject(one.name)
        if formula is None
        else Subject(one.name, formula.sources, formula.signature, formula.convention)
    )


def records_of(one: Verified | Crashed) -> tuple[Iterator[Record], list[Record]]:
    """The records of all comparisons made on a formula, and of the verdicts."""
    subject = subject_of(one)
    if isinstance(one, Crashed):
        return iter(()), [crash_record(one.error, subject)]
    checks = [("vjp", one.verdict), *([] if one.jvp is None else [("jvp", one.jvp)])]
    comparisons = (
        comparison_record(made, subject, check) for check, verdict in checks for made in verdict.records
    )
    return comparisons, [verdict_record(verdict, subject, check) for check, verdict in checks]


def exit_code(report: Report) -> int:
    """What the outcome of a run is as an exit code."""
    counts = report.summary.counts
    if counts["disagrees"] or counts[CRASHED]:
        return DISAGREED
    return AGREED if counts["agrees"] and not counts["undecided"] and report.finished else UNDECIDED


def usable_cpus() -> int:
    """How many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
