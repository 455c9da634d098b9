"""A run: cases examined one after the other, and what is concluded from them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from checkers.candidate import Candidate
from checkers.diagnosis import Diagnosis
from checkers.diagnosis.search import diagnose
from checkers.draw import Case
from checkers.examine import Examiner
from checkers.examined import Examined
from checkers.judge import judge
from checkers.rounding import is_large
from checkers.shrink import shrink
from checkers.verdict import READABLE, Example, Verdict, as_code, mismatches_of

log = logging.getLogger("gradproof")

STEADY, STEADY_AMONG = 4, 24
"""The forward is run twice on the largest few of the first cases before anything else.

Random numbers in it spoil every comparison.
"""


def run(examiner: Examiner, cases: Sequence[Case], failures: int | None = None) -> list[Examined]:
    """Examine the cases one after the other; stop after that many that fail.

    Raises:
        FunctionError: the forward cannot be run in any case.
    """
    examined: list[Examined] = []
    if not all(examiner.steady(case) for case in sorted(cases[:STEADY_AMONG], key=_entries)[-STEADY:]):
        cases = [case for case in cases if not examiner.steady(case)]
    for case in cases:
        examined.append(examiner.examine(case))
        if failures is not None and sum(one.outcome == "disagrees" for one in examined) >= failures:
            break
    errors = [None if one.broken else one.error for one in examined]
    if errors and all(errors) and errors[0] is not None:
        raise errors[0]
    return examined


def _entries(case: Case) -> int:
    return sum(a.size for a in case.arguments)


def conclude(
    examiner: Examiner,
    examined: Sequence[Examined],
    otherwise: Mapping[str, str] = MappingProxyType({}),
    spare: Sequence[Case] = (),
) -> Verdict:
    """The verdict on examined cases.

    Where they disagree, with the smallest failing case and the likely mistake.

    Args:
        examiner: that examined them.
        examined: the cases.
        otherwise: arguments with other evidence than the cases, and a clause that says which.
        spare: cases that serve to tell mistakes apart.
    """
    judgement = judge(examined, examiner.quantity, examiner.given, otherwise)
    records = [record for one in examined for record in one.comparisons]
    failing = [one for one in examined if one.outcome == "disagrees"]
    if judgement.outcome != "disagrees":
        return Verdict(
            examiner.candidate.name,
            judgement.outcome,
            judgement.reason,
            [],
            None,
            records,
            judgement.detectable,
            judgement.remarks,
        )
    # Before anything is shrunk: code that keeps a cache is to be seen as it was when it failed.
    diagnosis = _diagnosed(examiner, examined, spare)
    smallest = failing[0]
    if not is_large(smallest.case.arguments):
        shrunk = examiner.examine(_smallest(examiner, smallest))
        smallest = shrunk if shrunk.outcome == "disagrees" else smallest
    return Verdict(
        name=examiner.candidate.name,
        outcome=judgement.outcome,
        reason=judgement.reason,
        mismatches=[*mismatches_of(smallest.comparisons), *mismatches_of(records)],
        diagnosis=diagnosis,
        records=records,
        detectable=judgement.detectable,
        remarks=judgement.remarks,
        example=Example(
            dict(zip(examiner.candidate.arguments, smallest.case.arguments, strict=True)),
            smallest.leading,
            _reproduce(examiner.candidate, smallest.case),
        ),
    )


def _diagnosed(examiner: Examiner, examined: Sequence[Examined], spare: Sequence[Case]) -> Diagnosis | None:
    """The likely mistake. A verdict stands without one, so whatever stops the search is only logged."""
    try:
        with np.errstate(all="ignore"):  # what a mistake would make of large values may overflow
            return diagnose(examiner, examined, spare)
    except Exception as error:
        log.warning("%s: its mistake cannot be told: %r", examiner.candidate.name, error)
        return None


def _smallest(examiner: Examiner, failed: Examined) -> Case:
    """The failing case made small, judged by an oracle that refuted it, or by the contract it broke."""
    refuting = {
        oracle
        for finding in failed.findings
        for oracle, entries in finding.per_oracle
        if (entries.rejects & finding.refuted).any()
    }
    chosen = [oracle for oracle in examiner.oracles if oracle.name in refuting][:1]
    quick = Examiner(examiner.candidate, chosen or examiner.oracles, examiner.wrt)
    contracts = {broken.contract for broken in failed.broken}
    wrong = {finding.claim.name for finding in failed.findings if finding.refuted.any()}

    def fails(case: Case) -> bool:
        one = quick.examine(case)
        if contracts:
            return bool(contracts & {broken.contract for broken in one.broken})
        # Simpler values may break what a domain promises, such as labels that sum to one; then right
        # gradients fail too.
        return one.outcome == "disagrees" and wrong.issuperset(
            finding.claim.name for finding in one.findings if finding.refuted.any()
        )

    return shrink(failed.case, fails, examiner.candidate.signature if failed.case.number >= 0 else None)


def _reproduce(candidate: Candidate, case: Case) -> str:
    """One line of Python that checks the candidate at this case.

    Arrays too long to read are called by their names.
    """
    short = sum(a.size for a in case.arguments) <= READABLE
    arrays = ", ".join(
        as_code(a) if short else name for name, a in zip(candidate.arguments, case.arguments, strict=True)
    )
    functions = f"{candidate.name}, {called(candidate.claimed, candidate.kind)}"
    return f"gradproof.check_{candidate.kind}({functions}, args=({arrays},), seed={case.seed})"


def called(function: Callable[..., Any], otherwise: str) -> str:
    """What a function is called in reports: its own name, or ``otherwise`` where it has none."""
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else otherwise
