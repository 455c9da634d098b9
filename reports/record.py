"""One comparison, or one verdict, as a flat record of JSON values: what a report is made from.

``schema.md`` beside this module says what every field means. A record written today must be readable in
years, so a change of meaning raises ``SCHEMA``.
"""

from __future__ import annotations

import json
import math
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from checkers.compare import Comparison
    from checkers.verdict import Example, Mismatch, Verdict

Record: TypeAlias = dict[str, Any]
"""A mapping of names to JSON values."""

SCHEMA = 1
"""The version of the fields."""

MISMATCHES = 20
"""How many wrong entries a verdict's record lists; the number of all is recorded too."""

CRASHED = "crashed"
"""The outcome of a subject whose verification ended in an unexpected exception."""


@dataclass(frozen=True)
class Subject:
    """What a report has a section on: a formula, or a check in a test.

    Attributes:
        name: unique in the report.
        sources: the catalogue ids that it answers for.
        signature: its NumPy signature, if known.
        convention: what sources do differently, if anything.
    """

    name: str
    sources: tuple[str, ...] = ()
    signature: str = ""
    convention: str = ""


def comparison_record(comparison: Comparison, subject: Subject, check: str) -> Record:
    """The record of one comparison, made in the check ``check`` ("vjp", "jvp" or "grad") of a subject."""
    return {
        "schema": SCHEMA,
        "subject": subject.name,
        "check": check,
        "case": comparison.case,
        "seed": comparison.seed,
        "regime": comparison.regime,
        "dtype": comparison.dtype,
        "shapes": {name: list(shape) for name, shape in comparison.shapes.items()},
        "quantity": comparison.quantity,
        "argument": comparison.argument,
        "oracle": comparison.oracle,
        "outcome": comparison.outcome,
        "reason": comparison.reason,
        "compared": comparison.compared,
        "skipped": comparison.skipped,
        "worst": to_json(comparison.worst),
        "index": None if comparison.index is None else list(comparison.index),
        "claimed": to_json(comparison.claimed),
        "expected": to_json(comparison.expected),
        "bound": to_json(comparison.bound),
        "detectable": to_json(comparison.detectable),
    }


def verdict_record(verdict: Verdict, subject: Subject, check: str) -> Record:
    """The record of the verdict that a check ended with."""
    diagnosis, example = verdict.diagnosis, verdict.example
    return {
        **_opening(subject, check),
        "function": verdict.name,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "diagnosis": None
        if diagnosis is None
        else {
            "code": diagnosis.code,
            "sentence": diagnosis.sentence,
            "argument": diagnosis.argument,
            "equation": diagnosis.equation,
            "evidence": diagnosis.evidence,
        },
        "mismatches": [_mismatch(mismatch) for mismatch in verdict.mismatches[:MISMATCHES]],
        "mismatch_count": len(verdict.mismatches),
        "example": None if example is None else _example(example),
        "remarks": list(verdict.remarks),
        "detectable": to_json(verdict.detectable),
        "text": str(verdict),
    }


def crash_record(error: Exception, subject: Subject) -> Record:
    """The record of a subject whose verification ended in an unexpected exception."""
    return {
        **_opening(subject, ""),
        "function": subject.name,
        "outcome": CRASHED,
        "reason": f"{type(error).__name__}: {error}",
        "diagnosis": None,
        "mismatches": [],
        "mismatch_count": 0,
        "example": None,
        "remarks": [],
        "detectable": None,
        "text": "".join(traceback.format_exception(error)).rstrip(),
    }


def _opening(subject: Subject, check: str) -> Record:
    return {
        "schema": SCHEMA,
        "subject": subject.name,
        "check": check,
        "sources": list(subject.sources),
        "signature": subject.signature,
        "convention": subject.convention,
    }


def _mismatch(mismatch: Mismatch) -> Record:
    return {
        "argument": mismatch.argument,
        "index": list(mismatch.index),
        "claimed": to_json(mismatch.claimed),
        "expected": to_json(mismatch.expected),
        "bound": to_json(mismatch.bound),
        "oracle": mismatch.oracle,
        "shapes": {name: list(shape) for name, shape in mismatch.shapes.items()},
        "case": mismatch.case,
    }


def _example(example: Example) -> Record:
    import numpy as np

    def written(array: Any) -> Record:
        text = np.array2string(array, separator=", ", floatmode="unique", max_line_width=100)
        return {"dtype": str(array.dtype), "shape": list(array.shape), "value": text}

    return {
        "arguments": {name: written(array) for name, array in example.arguments.items()},
        "leading": [written(array) for array in example.leading],
        "reproduce": example.reproduce,
    }


def to_json(value: float | None) -> float | str | None:
    """A number as JSON has it: one that is not finite becomes "inf", "-inf" or "nan"."""
    if value is None or math.isfinite(value):
        return None if value is None else float(value)
    return str(float(value))


def to_float(value: float | str | None) -> float | None:
    """The number that ``to_json`` wrote."""
    return None if value is None else float(value)


def line(record: Record) -> str:
    """A record as one line of JSON, with its line end."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def lines(records: Iterable[Record]) -> str:
    """Records as lines of JSON."""
    return "".join(map(line, records))
