"""A report as Markdown, for a pull request or a README: counts, table, disagreements in full, reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reports.record import CRASHED, Record
from reports.render.words import (
    count,
    duration,
    entries,
    evidence,
    heading,
    name,
    seed,
    sentence,
    sources,
    totals,
    units,
    verdict_title,
)
from reports.store import Report
from reports.summary import OracleSummary, SubjectSummary


def summary(report: Report) -> str:
    """The text of ``summary.md``."""
    parts = [
        "# gradproof report",
        f"**{totals(report)}.** {sentence(evidence(report))} {sentence(seed(report))}",
    ]
    parts += [f"> {note}" for note in report.notes]
    failing = [v for v in _verdicts(report) if v["outcome"] in ("disagrees", CRASHED)]
    if failing:
        parts += ["## Disagreements", *(part for verdict in failing for part in _failure(verdict))]
    parts += _undecided(report)
    if report.summary.subjects:
        parts += [
            f"## {report.noun.capitalize()}s",
            "For every oracle: entries compared, and the worst discrepancy in units of its error bound"
            " (up to 1 agrees); in brackets the worst over values of ordinary size.",
            _table(report),
        ]
    parts += ["## Run", _run(report)]
    return "\n\n".join(parts) + "\n"


def _verdicts(report: Report) -> Iterable[Record]:
    return (verdict for verdicts in report.verdicts.values() for verdict in verdicts)


def _failure(verdict: Record) -> list[str]:
    outcome = "crashed" if verdict["outcome"] == CRASHED else "disagrees"
    return [f"### {_code(verdict_title(verdict))} {outcome}", _fenced(verdict["text"])]


def _undecided(report: Report) -> list[str]:
    parts = []
    subjects = [
        f"- {_code(verdict_title(v))}: {_plain(v['reason'])}"
        for v in _verdicts(report)
        if v["outcome"] == "undecided"
    ]
    reasons = report.summary.undecided()
    if subjects or reasons:
        parts.append("## Undecided")
    if subjects:
        parts.append("\n".join(subjects))
    if reasons:
        rows = [
            (count(one.comparisons), name(one.oracle), _plain(one.reason), count(len(one.subjects)))
            for one in reasons
        ]
        parts += [
            "Comparisons in which an oracle could not tell:",
            _rows(("comparisons", "oracle", "reason", f"{report.noun}s"), rows, "rllr"),
        ]
    return parts


def _table(report: Report) -> str:
    oracles = report.summary.oracles
    header = (report.noun, "sources", *map(heading, oracles), "outcome")
    rows = [_row(subject, oracles) for subject in report.summary.subjects.values()]
    return _rows(header, rows, "ll" + "r" * len(oracles) + "l")


def _row(subject: SubjectSummary, oracles: Sequence[str]) -> tuple[str, ...]:
    outcome = subject.outcome if subject.outcome == "agrees" else f"**{subject.outcome}**"
    return (
        _code(subject.name),
        sources(subject.sources),
        *(_cell(subject.oracles.get(oracle)) for oracle in oracles),
        outcome,
    )


def _cell(oracle: OracleSummary | None) -> str:
    if oracle is None or not oracle.entries:
        return entries(oracle)
    return f"{entries(oracle)}: {units(oracle.worst)} ({units(oracle.worst_ordinary)})"


def _run(report: Report) -> str:
    run, circumstances = report.run, report.run["circumstances"]
    versions = ", ".join(
        f"{package} {version or 'not installed'}" for package, version in run["versions"].items()
    )
    facts = [f"Versions: {versions}"]
    if run["examples"] is not None:
        facts.append(f"Cases per {report.noun}: {run['examples']}")
    time = f"Started {circumstances['started']}" + (f", took {duration(report)}" if duration(report) else "")
    facts += [
        f"{time}, on {circumstances['platform']}",
        f"Command: {_code(' '.join(circumstances['command']))}",
    ]
    return "\n".join(f"- {fact}" for fact in facts)


def _rows(header: Sequence[str], rows: Iterable[Sequence[str]], alignment: str) -> str:
    marks = ["--:" if side == "r" else "---" for side in alignment]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in (header, marks, *rows)
    )


def _code(text: str) -> str:
    """Text as code, in as many backticks as it needs."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    ticks = "`" * (longest + 1)
    return f"{ticks}{text}{ticks}" if not longest else f"{ticks} {text} {ticks}"


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _plain(text: str) -> str:
    """A sentence in which nothing is taken for markup."""
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", text.replace("\n", " "))
