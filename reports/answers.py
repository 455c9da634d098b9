"""The answer on a submission as data: JSON for machines, records for a report folder.

How much of an explanation is given away depends on the level of hints: 1 says where, 2 also what kind of
mistake, 3 everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reports.record import (
    CRASHED,
    Record,
    Subject,
    comparison_record,
    to_json,
    verdict_record,
)

if TYPE_CHECKING:
    from checkers.families.grading import Answer

WHERE, KIND, EVERYTHING = 1, 2, 3
"""The levels of hints."""

SCHEMA = 1
"""The version of the JSON answer."""

VERDICTS = {
    "right": "agrees",
    "wrong": "disagrees",
    "unfinished": "undecided",
    "undecided": "undecided",
    "crashed": CRASHED,
    "timed out": CRASHED,
}
"""What an answer is called in a report."""


@dataclass
class Sheet:
    """All answers on one submission, and under what conditions they were found.

    Attributes:
        submission: what was handed in.
        seed: of the cases.
        examples: cases per gradient.
        hints: the level of hints.
        hashes: file → SHA-256 of its bytes.
        answers: in the order in which they came.
        notes: file → what to say of it as a whole.
        problems: file → (why it could not be read or loaded, the student's traceback).
        protections: the layers of isolation: name, in force or not, why.
    """

    submission: str
    seed: int
    examples: int
    hints: int
    hashes: dict[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, tuple[str, str]] = field(default_factory=dict)
    protections: dict[str, tuple[bool, str]] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[str]:
        """Outcome → number of functions."""
        return Counter(answer.outcome for answer in self.answers)

    def as_json(self) -> Record:
        """Everything, with as much of the explanations as the hints allow."""
        return {
            "schema": SCHEMA,
            "submission": self.submission,
            "seed": self.seed,
            "examples": self.examples,
            "hints": self.hints,
            "counts": dict(self.counts),
            "files": [
                {
                    "file": name,
                    "sha256": digest,
                    "notes": self.notes.get(name, []),
                    "problem": self.problems.get(name, ("", ""))[0],
                    "traceback": self.problems.get(name, ("", ""))[1],
                }
                for name, digest in self.hashes.items()
            ],
            "functions": [as_json(answer, self.hints) for answer in self.answers],
            "protections": [
                {"name": name, "in_force": holds, "why": why}
                for name, (holds, why) in self.protections.items()
            ],
        }


def as_json(answer: Answer, hints: int) -> Record:
    """One answer."""
    return {
        "file": answer.file,
        "function": answer.function,
        "line": answer.line,
        "place": answer.place,
        "outcome": answer.outcome,
        "sentence": answer.sentence,
        "family": answer.family,
        "exercise": answer.exercise,
        "notes": list(answer.notes),
        "detectable": to_json(answer.detectable),
        "traceback": answer.traceback,
        "explanation": None if answer.explanation is None else _explanation(answer, hints),
    }


def _explanation(answer: Answer, hints: int) -> Record:
    one = answer.explanation
    assert one is not None
    record: Record = {
        "arguments": list(one.arguments),
        "right": list(one.right),
        "line": one.line,
        "place": one.place,
        "code": one.code,
    }
    if hints >= KIND:
        record["kind"] = one.kind
    if hints >= EVERYTHING:
        record |= {
            "mistake": {"code": one.mistake_code, "sentence": one.mistake} if one.mistake else None,
            "seen": one.seen,
            "equation": one.equation,
            "example": {name: _written(a) for name, a in one.example.items()},
            "settings": {
                name: value for name, value in one.settings.items() if not isinstance(value, np.ndarray)
            },
            "delta": [_written(a) for a in one.delta],
            "compared": [
                {"argument": c.argument, "claimed": _written(c.claimed), "expected": _written(c.expected)}
                for c in one.compared
            ],
        }
    return record


def _written(array: Any) -> Record:
    array = np.asarray(array)
    flat = [to_json(float(x)) if array.dtype.kind == "f" else int(x) for x in array.ravel().tolist()]
    return {"dtype": str(array.dtype), "shape": list(array.shape), "values": flat}


def records(answer: Answer, hints: int) -> tuple[list[Record], list[Record]]:
    """The comparisons and the verdict on one function, for a report folder."""
    from checkers.diagnosis import Diagnosis
    from checkers.verdict import Verdict, mismatches_of

    name = f"{answer.file}: {answer.function}"
    one = answer.explanation
    equations = (one.equation,) if one is not None and "-" in one.equation else ()
    subject = Subject(name, equations, "", " ".join(answer.notes))
    comparisons = [replace(record, subject=name) for record in answer.records]
    diagnosis = None
    if one is not None and one.mistake and hints >= EVERYTHING:
        diagnosis = Diagnosis(one.mistake_code, one.mistake, ", ".join(one.arguments), one.equation, "")
    verdict = Verdict(
        answer.function,
        "disagrees" if answer.outcome == "wrong" else "agrees" if answer.outcome == "right" else "undecided",
        answer.sentence,
        mismatches_of(comparisons) if hints >= EVERYTHING else [],
        diagnosis,
        comparisons,
        answer.detectable,
        answer.notes,
    )
    record = verdict_record(verdict, subject, "check") | {
        "outcome": VERDICTS[answer.outcome],
        "answer": answer.outcome,
    }
    if answer.traceback:
        record["text"] = answer.traceback
    return [comparison_record(made, subject, "check") for made in comparisons], [record]


def totals(counts: Mapping[str, int], outcomes: Sequence[str]) -> str:
    """«3 right, 1 wrong»."""
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in outcomes if counts.get(outcome))
