"""What a run was: seed, size, versions; and its circumstances, which may differ though the results do not."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from reports.record import SCHEMA, Record

KIND = "gradproof report"
"""What ``run.json`` says it belongs to: by this a folder is known as a report."""

PACKAGES = ("gradproof", "numpy", "sympy", "jax")


def describe(
    command: Sequence[str],
    subjects: int | None,
    seed: int | None,
    examples: int | None,
    jobs: int | None = None,
    made_by: str = "verify",
) -> Record:
    """The description that a report folder opens with, in ``run.json``.

    Args:
        command: the words of the command line.
        subjects: how many formulas are to be verified; None if that is not known beforehand.
        seed: of the run; None if every check has its own.
        examples: cases per formula; None if every check has its own number.
        jobs: processes used.
        made_by: "verify", whose subjects are formulas in their order, "pytest", whose subjects are checks,
            listed by name, or "check", whose subjects are a student's functions.
    """
    return {
        "kind": KIND,
        "schema": SCHEMA,
        "status": "running",
        "seed": seed,
        "examples": examples,
        "subjects": subjects,
        "made_by": made_by,
        "versions": versions(),
        "circumstances": {
            "command": list(command),
            "jobs": jobs,
            "platform": f"{platform.system()} {platform.machine()}",
            "started": now().isoformat(timespec="seconds"),
            "finished": None,
            "seconds": None,
            "seconds_of_subjects": {},
        },
    }


def versions() -> dict[str, str | None]:
    """The versions of Python and of the packages that results depend on; None if one is not installed.

    None of them is imported for it.
    """
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
