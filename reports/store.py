"""The report folder: written as a run goes on, readable at any moment, never overwritten silently.

    run.json            what was run, with which versions; last its circumstances (times, command, platform)
    comparisons.jsonl   one comparison a line
    verdicts.jsonl      one verdict a line
    summary.json, summary.md, index.html    made from the three above by ``reports.render``

A formula's comparisons are written before its verdict, so that after an interruption every verdict has all
its evidence.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from checkers.errors import InputError
from reports.folder import fresh, write
from reports.record import SCHEMA, Record, lines
from reports.run import KIND, now
from reports.summary import Summary

RUN, COMPARISONS, VERDICTS = "run.json", "comparisons.jsonl", "verdicts.jsonl"
SUMMARY, MARKDOWN, HTML = "summary.json", "summary.md", "index.html"
FILES = (RUN, COMPARISONS, VERDICTS, SUMMARY, MARKDOWN, HTML)
"""Everything that a report folder holds."""


@dataclass
class Report:
    """A run as it can be rendered.

    Attributes:
        folder: where it is stored.
        run: what was run; see ``schema.md``.
        summary: what its records come to.
        verdicts: subject → the records of its verdicts.
        notes: what is worth knowing about the report itself, such as that the run was interrupted.
    """

    folder: Path
    run: Record
    summary: Summary
    verdicts: dict[str, list[Record]]
    notes: list[str] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether the run came to its end."""
        return bool(self.run["status"] == "finished")

    @property
    def noun(self) -> str:
        """What its subjects are: "formula", "check" or "function"."""
        return {"pytest": "check", "check": "function"}.get(self.run["made_by"], "formula")

    @property
    def page(self) -> Path:
        """The report to open in a browser."""
        return self.folder / HTML


class Recorder:
    """Writes the report of one run, subject by subject.

    Args:
        folder: where; see ``prepare``.
        run: the description of the run, from ``reports.run.describe``.
        overwrite: whether an earlier report in that folder is replaced.

    Raises:
        InputError: the folder holds something else than a report, or cannot be written.
    """

    def __init__(self, folder: Path, run: Record, overwrite: bool = False) -> None:
        self.folder = prepare(folder, overwrite)
        self.run = run
        self.summary = Summary()
        self._verdicts: list[Record] = []
        self._write_run()
        self._comparisons_file = _opened(self.folder / COMPARISONS)
        self._verdicts_file = _opened(self.folder / VERDICTS)

    def add(
        self, comparisons: Iterable[Record], verdicts: Sequence[Record], seconds: float | None = None
    ) -> None:
        """Append the records of one subject; on return they are in the files."""
        for record in comparisons:
            self.summary.add(record)
            self._comparisons_file.write(lines([record]))
        self._comparisons_file.flush()
        for verdict in verdicts:
            self.summary.conclude(verdict)
            self._verdicts.append(verdict)
        self._verdicts_file.write(lines(verdicts))
        self._verdicts_file.flush()
        if seconds is not None and verdicts:
            self.run["circumstances"]["seconds_of_subjects"][verdicts[0]["subject"]] = round(seconds, 3)

    def finish(self, status: str = "finished") -> Report:
        """Close the files and give the report.

        Args:
            status: "finished" or "interrupted".
        """
        self._comparisons_file.close()
        self._verdicts_file.close()
        circumstances, end = self.run["circumstances"], now()
        circumstances["finished"] = end.isoformat(timespec="seconds")
        circumstances["seconds"] = (end - datetime.fromisoformat(circumstances["started"])).total_seconds()
        circumstances["seconds"] = round(circumstances["seconds"], 1)
        self.run["status"] = status
        self._write_run()
        return _report(self.folder, self.run, self.summary, self._verdicts, [])

    def _write_run(self) -> None:
        write(self.folder / RUN, json.dumps(self.run, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def prepare(folder: Path, overwrite: bool) -> Path:
    """The folder to write a new report into, made if need be and empty of other reports; see ``fresh``.

    With ``overwrite`` an earlier report is replaced file by file.

    Raises:
        InputError: the path is a file, or a folder that holds something else than a report.
    """
    chosen = fresh(folder, overwrite, is_report, "report")
    if overwrite:
        for name in FILES:
            (chosen / name).unlink(missing_ok=True)
    return chosen


def is_report(folder: Path) -> bool:
    """Whether a folder holds a report of gradproof."""
    try:
        run = json.loads((folder / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(run, dict) and run.get("kind") == KIND


def load(folder: Path) -> Report:
    """A stored report, with everything that is needed to render it again.

    A last line that was cut short when its run was stopped is left out, and so are comparisons whose verdict
    is missing; a note says so.

    Raises:
        InputError: the folder holds no report, one of a later version, or a damaged one.
    """
    if not is_report(folder):
        raise InputError(
            f"{folder} holds no gradproof report: give a folder that 'gradproof verify --report' has written"
        )
    run = json.loads((folder / RUN).read_text(encoding="utf-8"))
    if run["schema"] > SCHEMA:
        raise InputError(
            f"the report in {folder} has schema {run['schema']}, but this gradproof reads up to {SCHEMA}:"
            " update gradproof"
        )
    notes: list[str] = []
    try:
        verdicts = list(_records(folder / VERDICTS, notes))
        summary = _summary(verdicts, _records(folder / COMPARISONS, notes), notes)
    except KeyError as error:
        raise InputError(f"a record in {folder} has no field {error}: the report is damaged") from error
    return _report(folder, run, summary, verdicts, notes)


def _summary(verdicts: Sequence[Record], comparisons: Iterable[Record], notes: list[str]) -> Summary:
    summary, orphans = Summary(), Counter[str]()
    for verdict in verdicts:
        summary.conclude(verdict)
    concluded = {(verdict["subject"], verdict["check"]) for verdict in verdicts}
    for record in comparisons:
        if (record["subject"], record["check"]) in concluded:
            summary.add(record)
        else:
            orphans[record["subject"]] += 1
    notes += [
        f"{count} comparisons of {subject} were recorded without a verdict; they are left out."
        for subject, count in orphans.items()
    ]
    return summary


def _report(folder: Path, run: Record, summary: Summary, verdicts: list[Record], notes: list[str]) -> Report:
    if run["made_by"] == "pytest":
        summary.sort()
    by_subject: dict[str, list[Record]] = {name: [] for name in summary.subjects}
    for verdict in verdicts:
        by_subject[verdict["subject"]].append(verdict)
    report = Report(folder, run, summary, by_subject, notes)
    if not report.finished:
        of = "" if run["subjects"] is None else f" of {run['subjects']}"
        report.notes.insert(
            0, f"The run was interrupted: this report holds {len(summary.subjects)}{of} {report.noun}s."
        )
    return report


def _records(path: Path, notes: list[str]) -> Iterator[Record]:
    if not path.exists():
        notes.append(f"{path.name} is missing.")
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, text in enumerate(file, 1):
            if not text.endswith("\n"):
                notes.append(
                    f"The last line of {path.name} was cut short when the run was stopped; it is left out."
                )
                return
            try:
                record = json.loads(text)
            except ValueError as error:
                raise InputError(
                    f"line {number} of {path} is not JSON ({error}): the report is damaged"
                ) from error
            yield record


def _opened(path: Path) -> IO[str]:
    return path.open("w", encoding="utf-8", newline="\n")
