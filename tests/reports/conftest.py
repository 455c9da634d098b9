from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import handmade
import pytest

import reports.run
import reports.store
from reports.store import Report


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes on by 42 s each time it is read, and circumstances that are everywhere the same."""
    ticks: Iterator[int] = count()

    def now() -> datetime:
        return datetime(2024, 5, 17, 12, 0, tzinfo=UTC) + timedelta(seconds=42 * next(ticks))

    versions = {"python": "3.11.0", "gradproof": "0.1.0", "numpy": "2.0.0", "sympy": "1.13.0", "jax": None}
    for module in (reports.run, reports.store):
        monkeypatch.setattr(module, "now", now)
    monkeypatch.setattr(reports.run, "versions", lambda: versions)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")


@pytest.fixture
def report(clock: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """A report with one subject of each kind, in the folder ``gradproof-report`` of the working directory."""
    monkeypatch.chdir(tmp_path)
    return handmade.report(Path("gradproof-report"))
