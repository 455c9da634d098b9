"""A submission checked from beginning to end: read, loaded in a worker, graded, answered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from checkers.errors import InputError, counted
from gradproof.exits import AGREED, DISAGREED, UNDECIDED, UNUSABLE
from reports.answers import Sheet

if TYPE_CHECKING:
    from checkers.families.grading import Answer, Graded
    from checkers.families.schema import Family

PATIENCE = 5
"""Files of one submission that may use up all their time before the others are left."""

Told = Callable[["Answer"], None]


def chosen_families(name: str | None, assignment: Path | None) -> list[Family]:
    """The families that are considered: one by name, an assignment's own, or all.

    Raises:
        InputError: both are given, there is no such family, or the assignment cannot be used.
    """
    from checkers.families.schema import families, load

    if name is not None and assignment is not None:
        raise InputError("give --family or --assignment, not both")
    if assignment is not None:
        if not assignment.is_file():
            raise InputError(f"the assignment file {assignment} does not exist")
        return [load(assignment)]
    if name is not None:
        if name not in families():
            raise InputError(f"there is no family {name!r}: choose from {', '.join(families())}")
        return [families()[name]]
    return list(families().values())


def check(
    path: Path,
    families: Sequence[Family],
    sheet: Sheet,
    opened: Callable[[Graded], None],
    told: Told,
) -> Sheet:
    """Check a submission and fill the sheet.

    Args:
        path: a file, a folder or a notebook.
        families: those that are considered.
        sheet: what is filled in; its seed and number of examples are used.
        opened: is told of every file before its first answer.
        told: is told every answer as soon as it is there.

    Raises:
        InputError: there is nothing to check.
    """
    from checkers.families.grading import grade, survey
    from checkers.families.in_worker import InWorker
    from checkers.families.reading import read
    from checkers.families.session import StudentCrash

    exhausted = 0
    refused = [name for family in families for name in family.policy.get("refuse", [])]
    for bundle in read(path):
        graded = survey(bundle, families)
        name = bundle.source.path
        sheet.hashes[name] = _digest(bundle.file)
        if exhausted >= PATIENCE and not graded.problem:
            graded.problem = (
                f"It was not judged: {counted(PATIENCE, 'file')} of this submission used up all the time"
            )
        if graded.problem:
            sheet.problems[name] = (graded.problem, "")
            opened(graded)
            continue
        if not graded.matched and not graded.unknown:
            continue
        with InWorker(graded.bundle, refused=refused) as session:
            try:
                loaded = session.load()
            except StudentCrash as crash:
                graded.problem, graded.traceback = crash.sentence, crash.traceback
                sheet.problems[name] = (crash.sentence, crash.traceback)
                opened(graded)
                continue
            finally:
                for one in session.protections:
                    sheet.protections.setdefault(one.name, (one.in_force, one.why))
            for used in dict.fromkeys(i.name.partition(".")[0] for i in loaded.imports if i.status == "moot"):
                graded.notes.append(
                    f"It imports {used}, which differentiates by itself: what is derived with it is not"
                    " derived by hand."
                )
            sheet.notes[name] = list(graded.notes)
            opened(graded)
            for answer in grade(graded, session, sheet.examples, sheet.seed):
                sheet.answers.append(answer)
                told(answer)
            exhausted += session.exhausted
    return sheet


def _digest(file: Path) -> str:
    """The SHA-256 of a file; empty for one that is not to be read."""
    from checkers.families.reading import LARGEST_NOTEBOOK

    try:
        if not file.is_file() or file.stat().st_size > LARGEST_NOTEBOOK:
            return ""
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def exit_code(sheet: Sheet) -> int:
    """What the answers come to as an exit code."""
    counts = sheet.counts
    if counts["wrong"] or counts["crashed"] or counts["timed out"]:
        return DISAGREED
    if sheet.problems:
        return UNUSABLE
    return AGREED if counts["right"] and len(sheet.answers) == counts["right"] else UNDECIDED
