"""The verdict on a claimed gradient.

Outcome, reason, the entries that are wrong, and the report a person reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.compare import SPOKEN, Comparison, Outcome
from checkers.diagnosis import Diagnosis
from checkers.errors import GradientMismatch, GradientUndecided

EXACT = "exact"
"""The oracle that compares formulas: what it refutes may be too close for a number to show."""
SHOWN = 4
"""Arguments whose worst entry the report names."""
UNNAMED = frozenset(
    {
        "pattern",
        "inaccurate",
        "single-entry",
        "single-row",
        "single-column",
        "single-slice",
        "few-entries",
        "ratio-at-this-point",
    }
)
"""Codes of diagnoses that describe what is seen and name no mistake."""
READABLE = 40
"""Entries up to which an array is written out in full."""


@dataclass(frozen=True)
class Mismatch:
    """One entry that is wrong.

    Attributes:
        argument: whose gradient it is (or which output).
        index: the entry.
        claimed: the value by the code under test.
        expected: the value by the oracle.
        bound: how far apart the two may be.
        oracle: which oracle.
        shapes: argument name → shape of the case.
        seed: of the run.
        case: the number of the case.
    """

    argument: str
    index: tuple[int, ...]
    claimed: float
    expected: float
    bound: float
    oracle: str
    shapes: Mapping[str, tuple[int, ...]]
    seed: int
    case: int

    @property
    def place(self) -> str:
        """The entry as it is written: ``W[0, 2]``."""
        return self.argument + (f"[{', '.join(map(str, self.index))}]" if self.index else "")

    def __str__(self) -> str:
        error = abs(self.claimed - self.expected)
        claimed, expected = f"{self.claimed:.10g}", f"{self.expected:.10g}"
        if claimed == expected:  # as many digits as it takes to see the difference
            claimed, expected = f"{self.claimed:.17g}", f"{self.expected:.17g}"
        allowed = "the formulas differ" if self.oracle == EXACT else f"allowed {self.bound:.3g}"
        return (
            f"{self.place} is {claimed} by the code, {expected} by {SPOKEN.get(self.oracle, self.oracle)}"
            f" (error {error:.3g}, {allowed})"
        )


@dataclass(frozen=True)
class Example:
    """The smallest case that fails.

    Attributes:
        arguments: name → array.
        leading: the cotangents or tangents that went with it.
        reproduce: one line that shows the failure again.
    """

    arguments: Mapping[str, NDArray[Any]]
    leading: tuple[NDArray[Any], ...]
    reproduce: str


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes:
        name: the function or formula under test.
        outcome: "agrees", "disagrees" or "undecided".
        reason: one sentence, always.
        mismatches: wrong entries, the worst of each argument first.
        diagnosis: the likely mistake, or None.
        records: every comparison made.
        detectable: the smallest relative error of one entry that this run would have flagged; None if nothing
            was compared.
        remarks: what else is worth knowing, such as cases that could not be judged.
        example: the smallest failing case, or None.
    """

    name: str
    outcome: Outcome
    reason: str
    mismatches: list[Mismatch] = field(default_factory=list)
    diagnosis: Diagnosis | None = None
    records: list[Comparison] = field(default_factory=list)
    detectable: float | None = None
    remarks: tuple[str, ...] = ()
    example: Example | None = None

    @property
    def ok(self) -> bool:
        """Whether the outcome is "agrees"."""
        return self.outcome == "agrees"

    def raise_if_not_ok(self) -> None:
        """Return if the gradient agrees.

        Raises:
            GradientMismatch: it disagrees.
            GradientUndecided: nothing could tell.
        """
        __tracebackhide__ = True  # pytest shows the line of the test, not this one
        if self.outcome == "disagrees":
            raise GradientMismatch(str(self))
        if self.outcome == "undecided":
            raise GradientUndecided(str(self))

    def __repr__(self) -> str:
        return f"<Verdict {self.name}: {self.outcome}, {len(self.records)} comparisons>"

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.outcome}. {self.reason}"]
        if self.diagnosis is not None:
            see = f" See {self.diagnosis.equation}." if self.diagnosis.equation else ""
            told = "Seen" if self.diagnosis.code in UNNAMED else "Likely mistake"
            lines.append(f"  {told}: {self.diagnosis.sentence}{see}")
        shown = _worst_of_each(self.mismatches)
        lines += [f"  {mismatch}" for mismatch in shown[:SHOWN]]
        if len(shown) > SHOWN:
            lines.append(f"  … and {len(shown) - SHOWN} more arguments.")
        if self.example is not None:
            lines.append("  Smallest failing case:")
            lines += [f"    {name} = {_written(array)}" for name, array in self.example.arguments.items()]
            lines += [
                f"    {_leading_name(k, self.example)} = {_written(array)}"
                for k, array in enumerate(self.example.leading)
            ]
        lines += [f"  Note: {remark}" for remark in self.remarks]
        if self.detectable is not None:
            lines.append(
                f"  A relative error of {self.detectable:.1e} in a single entry would have been seen."
            )
        if self.example is not None:
            lines.append(f"  Repeat: {self.example.reproduce}")
        return "\n".join(lines)


def _worst_of_each(mismatches: Sequence[Mismatch]) -> list[Mismatch]:
    """Per argument the mismatch that comes first.

    The smallest example's, by the first oracle that refutes it.
    """
    first: dict[str, Mismatch] = {}
    for mismatch in mismatches:
        first.setdefault(mismatch.argument, mismatch)
    return list(first.values())


def _leading_name(k: int, example: Example) -> str:
    return "delta" if len(example.leading) == 1 else f"delta[{k}]"


def _written(array: NDArray[Any]) -> str:
    if array.size > READABLE:
        return f"array of shape {array.shape}, {array.dtype}"
    return np.array2string(array, separator=", ", floatmode="unique", max_line_width=10_000).replace(
        "\n", ""
    ) + ("" if array.dtype == np.float64 else f"  ({array.dtype})")


def as_code(array: NDArray[Any]) -> str:
    """An array as Python source that gives it back exactly, with ``np`` as the only name."""
    dtype = "" if array.dtype == np.float64 else f", dtype=np.{array.dtype.name}"
    if not array.size:
        return f"np.zeros({array.shape}{dtype})"
    entries = re.sub("nan|inf", r"np.\g<0>", repr(array.tolist()))
    return f"np.array({entries}{dtype})"


def mismatches_of(records: Sequence[Comparison]) -> list[Mismatch]:
    """The worst entry of every comparison that disagrees, by argument and size of the error."""
    found = [
        Mismatch(
            r.argument, r.index or (), r.claimed, r.expected, r.bound, r.oracle, r.shapes, r.seed, r.case
        )
        for r in records
        if r.outcome == "disagrees"
        and r.claimed is not None
        and r.expected is not None
        and r.bound is not None
    ]
    return sorted(found, key=lambda m: (m.argument, -abs(m.claimed - m.expected) / max(m.bound, 1e-300)))
