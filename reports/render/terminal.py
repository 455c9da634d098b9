"""A report in the terminal: a table, what disagrees in full, what is undecided and why, a closing line."""

from __future__ import annotations

import re
from textwrap import shorten
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from reports.record import CRASHED, Record
from reports.render.words import (
    count,
    duration,
    entries,
    evidence,
    heading,
    seed,
    sources,
    totals,
    units,
    verdict_title,
)
from reports.store import Report
from reports.summary import OracleSummary, SubjectSummary

if TYPE_CHECKING:
    from rich.console import Console

WIDE = 110
"""Columns from which a row of the table takes one line."""

MINIMUM, OUTCOME, GAP = 16, 9, 2
"""Columns: of a name at least, of the longest outcome, between columns."""

SOURCES = 50
"""Letters of the list of sources that a row shows; the page has all of it."""

REASONS = 10
"""How many reasons for undecided comparisons are listed; the page has all of them."""

STYLES = {"agrees": "green", "disagrees": "bold red", "undecided": "yellow", CRASHED: "bold red"}


def show(report: Report, console: Console, brief: bool = False) -> None:
    """Print a report.

    Args:
        report: what to print.
        console: where; its width decides on the layout.
        brief: without the table and the reasons of undecided comparisons.
    """
    if not brief and report.summary.subjects:
        console.print(table(report, console.width))
        console.print(
            Text(
                "Entries compared, and the worst discrepancy in units of its error bound: up to 1 agrees.\n",
                style="dim",
            )
        )
    _print_failures(report, console)
    if not brief:
        _print_undecided(report, console)
    for note in report.notes:
        console.print(Text(f"Note: {note}", style="yellow"))
    console.print(closing(report), soft_wrap=True)


def table(report: Report, width: int) -> Table:
    """One row per subject: sources, what each oracle compared and how far off it was at most, the outcome."""
    wide = width >= WIDE
    sourced = wide and any(subject.sources for subject in report.summary.subjects.values())
    oracles = report.summary.oracles
    figures = {oracle: _width(report, oracle, wide) for oracle in oracles}
    taken, columns = 2 + sum(figures.values()) + OUTCOME, len(oracles) + 1 + sourced
    gap = GAP if width - taken - GAP * columns >= MINIMUM else 1
    left = width - taken - gap * columns
    longest = max(len(name) for name in report.summary.subjects)
    names = max(MINIMUM, min(longest, left * 5 // 9 if sourced else left))
    found = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, gap - 1, 0, 0))
    found.add_column(report.noun, overflow="fold", width=names)
    if sourced:
        found.add_column("sources", overflow="fold", max_width=max(MINIMUM, left - names))
    for oracle in oracles:
        found.add_column(heading(oracle), justify="right", width=figures[oracle])
    found.add_column("outcome", no_wrap=True)
    for subject in report.summary.subjects.values():
        cells = [_cell(subject.oracles.get(oracle), wide) for oracle in oracles]
        outcome = Text(subject.outcome, style=STYLES[subject.outcome])
        found.add_row(*_opening(subject, names, wide, sourced), *cells, outcome)
    return found


def closing(report: Report) -> Text:
    """The line that a report ends with."""
    parts = [evidence(report), seed(report), *([duration(report)] if duration(report) else [])]
    text = Text()
    counts = report.summary.counts
    worst = next((one for one in (CRASHED, "disagrees", "undecided", "agrees") if counts[one]), "undecided")
    text.append(totals(report), style=STYLES[worst])
    return text.append(f"; {'; '.join(parts)}; report: {report.page}")


def _width(report: Report, oracle: str, wide: bool) -> int:
    """The width of an oracle's column: of its widest cell, or of the longest word of its heading."""
    rows = [
        line
        for subject in report.summary.subjects.values()
        for line in _cell(subject.oracles.get(oracle), wide).plain.split("\n")
    ]
    return max(map(len, [*rows, *heading(oracle).split()]))


def _opening(subject: SubjectSummary, width: int, wide: bool, sourced: bool) -> list[Text]:
    """The cells that a row begins with: the name and, in one of its own if there is room, the sources."""
    name = Text(folded(subject.name, width))
    if sourced:
        return [name, Text(shorten(sources(subject.sources), SOURCES, placeholder=" …"), style="dim")]
    if not wide and subject.sources:
        name.append(f"\n{count(len(subject.sources), 'source')}", style="dim")
    return [name]


def folded(name: str, width: int) -> str:
    """A name in lines of at most that width, broken behind an underscore, a slash or a colon."""
    lines = [""]
    for part in re.split(r"(?<=[_/:])", name):
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _cell(oracle: OracleSummary | None, wide: bool) -> Text:
    if oracle is None or not oracle.entries:
        return Text(entries(oracle), style="dim")
    worst = units(oracle.worst)
    return Text(
        f"{entries(oracle)} {worst:>6}" if wide else f"{entries(oracle)}\n{worst}",
        style="bold red" if oracle.disagreements else "",
    )


def _print_failures(report: Report, console: Console) -> None:
    for verdicts in report.verdicts.values():
        for verdict in verdicts:
            if verdict["outcome"] in ("disagrees", CRASHED):
                _print_verdict(verdict, console)


def _print_verdict(verdict: Record, console: Console) -> None:
    if verdict["outcome"] == CRASHED:
        console.print(
            Text(f"{verdict['subject']}: crashed. {verdict['reason']}", style="bold red"), soft_wrap=True
        )
        console.print(Text(verdict["text"], style="dim"), soft_wrap=True)
    else:
        head, _, rest = verdict["text"].partition("\n")
        if verdict_title(verdict) != verdict["function"]:
            head = f"{verdict_title(verdict)}: {head}"
        console.print(Text(head, style="bold red"), soft_wrap=True)
        if rest:
            # Not wrapped: the line that repeats a failure must survive being copied.
            console.print(Text(rest), soft_wrap=True)
    console.print()


def _print_undecided(report: Report, console: Console) -> None:
    undecided = [
        verdict
        for verdicts in report.verdicts.values()
        for verdict in verdicts
        if verdict["outcome"] == "undecided"
    ]
    for verdict in undecided:
        console.print(Text(f"{verdict_title(verdict)}: undecided. {verdict['reason']}", style="yellow"))
    if undecided:
        console.print()
    reasons = report.summary.undecided()
    if not reasons:
        return
    found = Table(
        title="Comparisons in which an oracle could not tell",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    found.add_column("comparisons", justify="right")
    found.add_column("oracle", no_wrap=True)
    found.add_column("reason", overflow="fold")
    found.add_column(f"{report.noun}s", justify="right")
    for one in reasons[:REASONS]:
        found.add_row(count(one.comparisons), heading(one.oracle), Text(one.reason), count(len(one.subjects)))
    console.print(found)
    if len(reasons) > REASONS:
        console.print(
            Text(f"… and {count(len(reasons) - REASONS, 'more reason')}: see {report.page}", style="dim"),
            soft_wrap=True,
        )
        console.print()
