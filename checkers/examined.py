"""What came of one case: findings, broken contracts, and the records that reports store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from checkers.compare import Comparison, Finding, Outcome
from checkers.contracts import Broken
from checkers.draw import Case
from checkers.errors import FunctionError
from checkers.oracles.estimate import Answer


@dataclass
class Examined:
    """What came of one case.

    Attributes:
        case: the case.
        subject: the formula or function under test.
        arguments: the names of its arguments.
        leading: the cotangents (or tangents) that were drawn.
        comparisons: what reports store.
        findings: one per compared array.
        broken: contracts that were broken.
        reason: why nothing could be compared, if so.
        error: what the forward raised, if it did.
        unsteady: the forward or its derivative gave two results for the same arguments: nothing can be said
            of either.
        unfinished: the derivative says that it is not implemented.
        notes: what is worth knowing of this case, although it proves nothing wrong.
        untied: which tied entries have a gradient together that no subgradient has, in a sentence; empty if
            none do.
    """

    case: Case
    subject: str = ""
    arguments: tuple[str, ...] = ()
    leading: tuple[NDArray[Any], ...] = ()
    comparisons: list[Comparison] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    reason: str = ""
    error: FunctionError | None = None
    unsteady: bool = False
    unfinished: bool = False
    notes: list[str] = field(default_factory=list)
    untied: str = ""

    @property
    def outcome(self) -> Outcome:
        """The verdict on this case alone."""
        if self.broken or any(finding.refuted.any() for finding in self.findings):
            return "disagrees"
        if self.reason or any(finding.conflict.any() for finding in self.findings):
            return "undecided"
        return "agrees" if any(finding.strong for finding in self.findings) else "undecided"

    def breaks(self, broken: Broken) -> None:
        """Note that a contract is broken."""
        self.broken.append(broken)
        where = broken.argument or broken.contract
        self._record("contract", where, "contract", "disagrees", broken.sentence)

    def notes_that(self, sentence: str) -> None:
        """Note, once, what is worth knowing although it proves nothing wrong."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def is_left_undecided(self, reason: str, quantity: str, oracles: Iterable[str]) -> None:
        """Note why nothing could be compared."""
        self.reason = reason
        self.leaves_out(quantity, "", oracles, reason)

    def leaves_out(self, quantity: str, argument: str, oracles: Iterable[str], reason: str) -> None:
        """Note why these oracles could not be compared with one array."""
        for oracle in oracles:
            self._record(quantity, argument, oracle, "undecided", reason)

    def finds(self, finding: Finding, answers: Sequence[Answer]) -> None:
        """Note what all oracles say of one array; ``answers`` are those that it was found from."""
        self.findings.append(finding)
        for answer in answers:
            if answer.refusal:
                self.leaves_out(finding.quantity, finding.claim.name, [answer.oracle], answer.refusal)
        for oracle, entries in finding.per_oracle:
            outcome, reason = finding.outcome(entries)
            self._record(finding.quantity, finding.claim.name, oracle, outcome, reason)
            self.comparisons[-1] = finding.recorded(entries, self.comparisons[-1])

    def _record(self, quantity: str, argument: str, oracle: str, outcome: Outcome, reason: str) -> None:
        case = self.case
        self.comparisons.append(
            Comparison(
                subject=self.subject,
                case=case.number,
                seed=case.seed,
                regime=case.regime,
                dtype=case.dtype,
                shapes={name: a.shape for name, a in zip(self.arguments, case.arguments, strict=True)},
                quantity=quantity,
                argument=argument,
                oracle=oracle,
                outcome=outcome,
                reason=reason,
            )
        )
