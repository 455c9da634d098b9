"""Numbers, names and sentences as every rendering writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from reports.record import CRASHED, Record
from reports.store import Report
from reports.summary import OracleSummary

HEADINGS = {
    "definition": "definition",
    "autodiff": "autodiff",
    "symbolic": "symbolic",
    "finite_difference": "finite diff.",
    "exact": "exact",
    "interval": "interval",
}
"""Oracle → its heading in a table."""

NAMES = {
    "definition": "definition of the forward",
    "autodiff": "JAX's autodiff",
    "symbolic": "symbolic derivative",
    "finite_difference": "finite differences",
    "exact": "exact arithmetic",
    "interval": "interval arithmetic",
    "contract": "contract",
}
"""Oracle → its name where there is room for it."""

VERBS = {
    "agrees": ("agrees", "agree"),
    "disagrees": ("disagrees", "disagree"),
    "undecided": ("is undecided", "are undecided"),
    CRASHED: ("crashed", "crashed"),
}
"""Outcome → what one subject, or several, does."""


def heading(oracle: str) -> str:
    """The heading of an oracle's column."""
    return HEADINGS.get(oracle, oracle.replace("_", " "))


def name(oracle: str) -> str:
    """An oracle's name where there is room for it."""
    return NAMES.get(oracle, oracle.replace("_", " "))


def count(number: int, noun: str = "", plural: str = "") -> str:
    """A whole number, with its noun if there is one: "1 formula", "12,345 entries"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}" if noun else f"{number:,}"


def units(discrepancy: float | None) -> str:
    """A discrepancy in units of its bound, with two digits; never rounded across 1."""
    if discrepancy is None:
        return "–"
    if discrepancy == float("inf"):
        return "∞"
    if 0 < discrepancy < 1e-3 or discrepancy >= 1e4:
        mantissa, exponent = f"{discrepancy:.1e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    text = f"{discrepancy:.2g}" if discrepancy < 100 else f"{discrepancy:.0f}"
    return text if text != "1" or discrepancy == 1 else "<1" if discrepancy < 1 else ">1"


def entries(oracle: OracleSummary | None) -> str:
    """How many entries an oracle compared; "–" if it was never asked."""
    return "–" if oracle is None or not oracle.comparisons else count(oracle.entries)


def sources(ids: Sequence[str]) -> str:
    """Catalogue ids in short: the prefix said once, neighbours joined, as in "ng-3–5, 9; cs182-2"."""
    groups: dict[str, list[int]] = {}
    for one in ids:
        match = re.fullmatch(r"(.+-)(\d+)", one)
        prefix, number = (match[1], [int(match[2])]) if match else (one, [])
        groups.setdefault(prefix, []).extend(number)
    return "; ".join(prefix + ", ".join(_runs(sorted(numbers))) for prefix, numbers in groups.items())


def _runs(numbers: Sequence[int]) -> Iterator[str]:
    # In a run of neighbours, number and position differ by the same.
    for _, group in groupby(enumerate(numbers), key=lambda item: item[1] - item[0]):
        run = [number for _, number in group]
        yield str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}"


def totals(report: Report) -> str:
    """How many subjects came to what: "67 formulas agree, 1 disagrees"."""
    found = [(number, outcome) for outcome, number in report.summary.counts.items() if number]
    if not found:
        return f"No {report.noun} was verified"
    parts = [f"{number} {VERBS[outcome][number != 1]}" for number, outcome in found]
    first = found[0][0]
    return ", ".join([f"{count(first, report.noun)} {parts[0].split(' ', 1)[1]}", *parts[1:]])


def evidence(report: Report) -> str:
    """What the outcome rests on: "123 entries compared in 100 cases"."""
    summary = report.summary
    return f"{count(summary.entries, 'entry', 'entries')} compared in {count(summary.cases, 'case')}"


def seed(report: Report) -> str:
    """The seed of the run."""
    return "seeds from the names of the tests" if report.run["seed"] is None else f"seed {report.run['seed']}"


def duration(report: Report) -> str:
    """How long the run took; empty if it did not end."""
    seconds = report.run["circumstances"]["seconds"]
    if seconds is None:
        return ""
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


def sentence(text: str) -> str:
    """A text that begins with a capital letter and ends with a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def plain_conditions(conditions: str) -> str:
    """Conditions of the catalogue, which call a wrong form by the name of its field, as a reader knows it."""
    called = re.sub(r"(^|\. )wrong_form\b", r"\1The form to be rejected", conditions)
    return called.replace("wrong_form", "the form to be rejected")


def verdict_title(verdict: Record) -> str:
    """The subject of a verdict, with the kind of derivative if that is not the usual one."""
    return f"{verdict['subject']} (jvp)" if verdict["check"] == "jvp" else str(verdict["subject"])
