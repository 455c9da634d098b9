"""The catalogue verified: every hand-written formula against its definition and all oracles, case by case."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from signal import SIGINT, signal
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

from checkers.errors import InputError

if TYPE_CHECKING:
    from checkers.candidate import Kind
    from checkers.draw import Case
    from checkers.examine import Examiner
    from checkers.modes import Oracle
    from checkers.verdict import Verdict
    from reference_impl.formula import Formula


EXACT_CASES = 4
"""Cases of a formula that are judged by formula and in balls: the first have sizes that are all different,
sizes of 1 among them, and more would add time and little else.
"""


@dataclass(frozen=True)
class Verified:
    """One formula verified.

    Attributes:
        name: the formula.
        sources: the catalogue ids that it answers for.
        signature: its NumPy signature.
        convention: what sources do differently, if anything.
        verdict: on its vjp, or on its value where it has no derivative.
        jvp: the verdict on its forward-mode derivative, if it has one.
        seconds: how long it took.
    """

    name: str
    sources: tuple[str, ...]
    signature: str
    convention: str
    verdict: Verdict
    jvp: Verdict | None
    seconds: float

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """All verdicts on the formula."""
        return (self.verdict,) if self.jvp is None else (self.verdict, self.jvp)


def selected(names: Sequence[str]) -> list[str]:
    """The names of the formulas to verify: those given, or all.

    A name that is not a formula's selects the formulas that begin with it, or that the file of that name
    holds.

    Raises:
        InputError: a name selects nothing.
    """
    from reference_impl import formulas

    known = formulas()
    chosen: list[str] = []
    for name in names:
        found = [name] if name in known else [other for other in known if _belongs(known[other], name)]
        if not found:
            near = difflib.get_close_matches(name, known, n=3) or list(known)[:3]
            raise InputError(f"there is no formula {name!r}: did you mean {' or '.join(near)}?")
        chosen += [one for one in found if one not in chosen]
    return chosen if names else list(known)


def _belongs(formula: Formula, name: str) -> bool:
    return formula.name.startswith(f"{name}_") or formula.forward.__module__.endswith(f".{name}")


def verify(names: Sequence[str], examples: int, seed: int, jobs: int) -> Iterator[Verified]:
    """Verify the formulas with those names.

    Results come in the order of the names, each as soon as it and those before are done.

    Args:
        names: formulas of ``reference_impl``.
        examples: cases per formula.
        seed: reproduces the run, whatever ``jobs`` is.
        jobs: processes to use; 1 for none besides this one.
    """
    if jobs == 1:
        for name in names:
            yield verify_formula(name, examples, seed)
        return
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=signal, initargs=(SIGINT, _interrupt)
    )
    try:
        futures: list[Future[Verified]] = [pool.submit(_in_pool, name, examples, seed) for name in names]
        for future in futures:
            yield future.result()
    finally:
        # Without this an interrupted run would wait for every formula that is still queued.
        pool.shutdown(wait=False, cancel_futures=True)


_BUSY, _STOPPED = Event(), Event()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Ctrl-C in a process of the pool: ends the formula under way and those it would be given.

    Never the sending of a result: the pool would wait for the rest of it for ever.
    """
    _STOPPED.set()
    if _BUSY.is_set():
        raise KeyboardInterrupt


def _in_pool(name: str, examples: int, seed: int) -> Verified:
    if _STOPPED.is_set():
        raise KeyboardInterrupt
    _BUSY.set()
    try:
        return verify_formula(name, examples, seed)
    finally:
        _BUSY.clear()


def verify_formula(name: str, examples: int, seed: int) -> Verified:
    """One formula of the catalogue, over ``examples`` drawn cases."""
    from checkers.run import conclude, run
    from reference_impl import formulas

    started = time.perf_counter()
    formula = formulas()[name]
    examiner, cases = prepared(formula, "vjp", examples, seed)
    verdict = conclude(examiner, run(examiner, cases))
    jvp = None
    if formula.jvp is not None:
        examiner, cases = prepared(formula, "jvp", examples, seed)
        jvp = conclude(examiner, run(examiner, cases))
    return Verified(
        name,
        formula.sources,
        formula.signature,
        formula.convention,
        verdict,
        jvp,
        time.perf_counter() - started,
    )


def prepared(formula: Formula, kind: Kind, examples: int, seed: int) -> tuple[Examiner, list[Case]]:
    """An examiner for one formula and the cases drawn for it."""
    from checkers.candidate import Candidate
    from checkers.draw import Drawing, domains_for
    from checkers.examine import Examiner
    from checkers.oracles.autodiff import Autodiff
    from checkers.oracles.code_under_test import Code
    from checkers.oracles.exact import Exact
    from checkers.oracles.finite_difference import FiniteDifference
    from checkers.oracles.interval import Interval
    from checkers.oracles.symbolic import Symbolic
    from checkers.signature import Signature
    from checkers.traced import Traced
    from derivations import definitions

    definition = definitions().get(formula.defined_as)
    if definition is None:
        module = formula.forward.__module__.rpartition(".")[2]
        raise InputError(
            f"the formula {formula.name} has no definition to be checked against:"
            f" define {formula.defined_as} in derivations/{module}.py"
        )
    signature = Signature.parse(formula.signature)
    derivative = formula.jvp if kind == "jvp" else formula.vjp
    candidate = Candidate(formula.forward, derivative, kind, formula.name, formula.arguments, signature)
    drawing = Drawing(
        signature,
        domains_for(signature, formula.arguments, dict(formula.domains)),
        None,
        seed,
        formula.name,
        formula.empty,
    )
    autodiff = Autodiff(Traced(formula.forward))
    oracles: list[Oracle] = [
        autodiff,
        Symbolic(definition),
        FiniteDifference(candidate.values, autodiff.forward_rounding),
    ]
    if derivative is not None:
        code = Code(formula.forward, derivative, kind)
        oracles += [Exact(code, EXACT_CASES), Interval(code, EXACT_CASES)]
    return Examiner(candidate, oracles), [drawing.case(number) for number in range(examples)]
