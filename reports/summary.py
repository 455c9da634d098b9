"""What the records of a run come to: per formula and oracle, in totals, and why comparisons were undecided.

A ``Summary`` is made by adding records one by one and keeps none of them, so it can be made while a run goes
on, or again from its files.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from reports.record import CRASHED, SCHEMA, Record, to_float, to_json

ORDINARY = frozenset({"normal", "integers", "ties", "zeros", "kinks", "fixed"})
"""Regimes of values at which no right gradient overflows or drowns in rounding; "fixed" is a given point."""

OUTCOMES = ("agrees", "disagrees", "undecided", CRASHED)
"""What can come of a subject."""

ORACLES = ("definition", "autodiff", "symbolic", "finite_difference", "exact", "interval")
"""The order in which oracles are shown; others follow by name."""

CONTRACT = "contract"
"""What stands in place of an oracle where a contract was broken."""

STEP = 0.5
"""The width of the classes in which discrepancies are counted, in powers of ten."""


@dataclass
class OracleSummary:
    """What one oracle came to on one subject.

    Attributes:
        comparisons: arrays that it was asked about.
        entries: single entries compared.
        skipped: entries that could not be, in arrays of which others were.
        disagreements: arrays that it refutes.
        worst: the largest discrepancy in units of what was allowed; None if nothing was compared.
        worst_ordinary: the same over ordinary values.
        undecided: why it could not tell → in how many comparisons.
    """

    comparisons: int = 0
    entries: int = 0
    skipped: int = 0
    disagreements: int = 0
    worst: float | None = None
    worst_ordinary: float | None = None
    undecided: Counter[str] = field(default_factory=Counter)

    def add(self, record: Record) -> None:
        """Count one comparison."""
        self.comparisons += 1
        self.entries += record["compared"]
        self.skipped += record["skipped"] if record["compared"] else 0
        self.disagreements += record["outcome"] == "disagrees"
        if record["outcome"] == "undecided":
            self.undecided[record["reason"]] += 1
        worst = _discrepancy(record)
        self.worst = _larger(self.worst, worst)
        if record["regime"] in ORDINARY:
            self.worst_ordinary = _larger(self.worst_ordinary, worst)


@dataclass
class SubjectSummary:
    """What came of one formula or check.

    Attributes:
        name: of the subject.
        sources, signature, convention: of the subject.
        outcomes: of its verdicts, in the order of the checks.
        oracles: what each oracle came to; a broken contract counts under "contract".
        cases: how many different cases were examined.
        detectable: the smallest relative error of one entry that every check would have flagged.
    """

    name: str
    sources: tuple[str, ...] = ()
    signature: str = ""
    convention: str = ""
    outcomes: list[str] = field(default_factory=list)
    oracles: dict[str, OracleSummary] = field(default_factory=dict)
    detectable: float | None = None
    _cases: set[int] = field(default_factory=set)
    _forwards: set[tuple[int, str]] = field(default_factory=set)

    @property
    def outcome(self) -> str:
        """The gravest outcome of its verdicts."""
        return next(
            (one for one in (CRASHED, "disagrees", "undecided", "agrees") if one in self.outcomes),
            "undecided",
        )

    @property
    def cases(self) -> int:
        """How many different cases were examined."""
        return len(self._cases)

    @property
    def entries(self) -> int:
        """Single entries compared, by all oracles together."""
        return sum(oracle.entries for oracle in self.oracles.values())

    def add(self, record: Record) -> bool:
        """Count one comparison; False if it repeats one, as each check of a formula compares its forward."""
        if record["quantity"] == "forward":
            key = (record["case"], record["argument"])
            if key in self._forwards:
                return False
            self._forwards.add(key)
        self._cases.add(record["case"])
        self.oracles.setdefault(record["oracle"], OracleSummary()).add(record)
        return True

    def conclude(self, verdict: Record) -> None:
        """Take note of a verdict."""
        self.sources, self.signature, self.convention = (
            tuple(verdict["sources"]),
            verdict["signature"],
            verdict["convention"],
        )
        self.outcomes.append(verdict["outcome"])
        self.detectable = _larger(self.detectable, to_float(verdict["detectable"]))


@dataclass
class Summary:
    """What a run came to.

    Attributes:
        subjects: by name, in the order in which they were recorded.
        distribution: oracle → class of discrepancy → comparisons; see ``class_of``.
    """

    subjects: dict[str, SubjectSummary] = field(default_factory=dict)
    distribution: dict[str, Counter[float]] = field(default_factory=dict)

    def add(self, comparison: Record) -> None:
        """Count one comparison."""
        counted = self._subject(comparison["subject"]).add(comparison)
        worst = _discrepancy(comparison)
        if counted and worst is not None:
            self.distribution.setdefault(comparison["oracle"], Counter())[class_of(worst)] += 1

    def conclude(self, verdict: Record) -> None:
        """Take note of a verdict, or of a crash."""
        self._subject(verdict["subject"]).conclude(verdict)

    def sort(self) -> None:
        """List the subjects by name."""
        self.subjects = dict(sorted(self.subjects.items()))

    def _subject(self, name: str) -> SubjectSummary:
        return self.subjects.setdefault(name, SubjectSummary(name))

    @property
    def counts(self) -> dict[str, int]:
        """Outcome → subjects."""
        found = Counter(subject.outcome for subject in self.subjects.values())
        return {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def oracles(self) -> list[str]:
        """The oracles that took part, in the order in which they are shown."""
        found = {oracle for subject in self.subjects.values() for oracle in subject.oracles} - {CONTRACT}
        return [*(name for name in ORACLES if name in found), *sorted(found.difference(ORACLES))]

    @property
    def entries(self) -> int:
        """Single entries compared, by all oracles together."""
        return sum(subject.entries for subject in self.subjects.values())

    @property
    def cases(self) -> int:
        """Cases examined."""
        return sum(subject.cases for subject in self.subjects.values())

    def undecided(self) -> list[Undecided]:
        """Why comparisons were undecided, the commonest reason first."""
        found: dict[tuple[str, str], Undecided] = {}
        for subject in self.subjects.values():
            for oracle, summary in subject.oracles.items():
                for reason, count in summary.undecided.items():
                    one = found.setdefault((oracle, reason), Undecided(oracle, reason))
                    one.comparisons += count
                    one.subjects.append(subject.name)
        return sorted(found.values(), key=lambda one: (-one.comparisons, one.oracle, one.reason))

    def as_json(self) -> Record:
        """The summary as JSON values: what ``summary.json`` holds."""
        return {
            "schema": SCHEMA,
            "totals": {
                "subjects": len(self.subjects),
                **self.counts,
                "cases": self.cases,
                "comparisons": sum(o.comparisons for s in self.subjects.values() for o in s.oracles.values()),
                "entries": self.entries,
            },
            "subjects": [_subject_as_json(subject) for subject in self.subjects.values()],
            "undecided": [
                {
                    "oracle": one.oracle,
                    "reason": one.reason,
                    "comparisons": one.comparisons,
                    "subjects": one.subjects,
                }
                for one in self.undecided()
            ],
            "distribution": {
                oracle: [
                    {"up_to": to_json(highest), "comparisons": count}
                    for highest, count in sorted(classes.items())
                ]
                for oracle, classes in sorted(self.distribution.items())
            },
        }


@dataclass
class Undecided:
    """One reason for which an oracle could not tell.

    Attributes:
        oracle: which.
        reason: one sentence.
        comparisons: how many it concerns.
        subjects: the formulas or checks in which it occurs.
    """

    oracle: str
    reason: str
    comparisons: int = 0
    subjects: list[str] = field(default_factory=list)


def class_of(discrepancy: float) -> float:
    """The upper end, included, of the half-decade that a discrepancy is counted in; 0 and infinity stay."""
    if discrepancy == 0 or math.isinf(discrepancy):
        return discrepancy
    return float(f"{10 ** (math.ceil(math.log10(discrepancy) / STEP) * STEP):.6g}")


def _subject_as_json(subject: SubjectSummary) -> Record:
    return {
        "name": subject.name,
        "sources": list(subject.sources),
        "outcome": subject.outcome,
        "outcomes": subject.outcomes,
        "cases": subject.cases,
        "detectable": to_json(subject.detectable),
        "oracles": {
            oracle: {
                "comparisons": one.comparisons,
                "entries": one.entries,
                "skipped": one.skipped,
                "disagreements": one.disagreements,
                "worst": to_json(one.worst),
                "worst_ordinary": to_json(one.worst_ordinary),
                "undecided": dict(sorted(one.undecided.items())),
            }
            for oracle, one in sorted(subject.oracles.items())
        },
    }


def _discrepancy(record: Record) -> float | None:
    """The discrepancy of a comparison; one that is not a number counts as infinite."""
    worst = to_float(record["worst"])
    return math.inf if worst is not None and math.isnan(worst) else worst


def _larger(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else max(one, other)
