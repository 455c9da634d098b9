"""What a worker must not leave behind."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from checkers.isolation import Limits, scratch

SHORT = Limits(
    load_seconds=1.0, call_seconds=0.5, cpu_seconds=10, memory_mib=768, file_mib=2, output_kib=8, reply_mib=64
)


@pytest.fixture
def short() -> Limits:
    return SHORT


@pytest.fixture
def nothing_left() -> Callable[[], list[str]]:
    """Says what is there that was not there before the test: processes, files, descriptors."""
    before = _remains()
    return lambda: sorted(_remains() - before)


def _remains() -> set[str]:
    found = {str(p) for p in Path(tempfile.gettempdir()).glob(f"{scratch.PREFIX}*{os.getpid()}*")}
    found |= {str(p) for p in Path("/tmp").glob("gradproof-owned*")}
    project = Path(__file__).parents[3]
    found |= {str(project / name) for name in ("owned", "pickled") if (project / name).exists()}
    if Path("/proc/self/fd").exists():
        found |= _descriptors()
        found |= set(_processes(f"{scratch.PREFIX}{os.getpid()}-"))
    return found


def _descriptors() -> set[str]:
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # the one that lists them is gone
            found.add(f"descriptor {path.name} of {path.readlink()}")
    return found


def _processes(marker: str) -> list[str]:
    """Processes that were started for a worker of this process: its scratch folder is their home."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                environment = Path(entry.path, "environ").read_bytes()
            except OSError:  # it has ended, or belongs to somebody else
                continue
            if marker.encode() in environment:
                found.append(f"process {entry.name}")
    return found
