"""Resource limits of the worker process (POSIX)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

resource: Any
try:
    import resource
except ImportError:  # Windows
    resource = None

MIB = 1 << 20


def set_limits(limits: Mapping[str, Any], tasks: int | None) -> tuple[list[str], list[str]]:
    """Sets what the system offers; the names of the limits that were set and of those that were not.

    Args:
        limits: the fields of ``checkers.isolation.Limits``.
        tasks: how many processes and threads the user of the worker may have; None to leave that open.
    """
    if resource is None:
        return [], ["all: this system has no resource limits"]
    wanted: dict[str, tuple[int, int]] = {
        "CPU": (limits["cpu_seconds"], limits["cpu_seconds"] + 1),
        "AS": (limits["memory_mib"] * MIB,) * 2,
        "FSIZE": (limits["file_mib"] * MIB,) * 2,
        "NOFILE": (limits["open_files"],) * 2,
        "CORE": (0, 0),
        "MEMLOCK": (0, 0),
    }
    if tasks is not None:
        wanted["NPROC"] = (tasks, tasks)
    done, failed = [], []
    for name, pair in wanted.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        try:
            if number is None:
                raise OSError("not known here")
            hard = resource.getrlimit(number)[1]
            most = pair[1] if hard == resource.RLIM_INFINITY else min(pair[1], hard)
            resource.setrlimit(number, (min(pair[0], most), most))
            done.append(name)
        except (OSError, ValueError) as error:
            failed.append(f"{name} ({error})")
    return done, failed


def tasks_of_user() -> int:
    """How many processes and threads the user of this process has now."""
    count, user = 0, os.getuid()
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                if entry.stat().st_uid == user:
                    count += sum(1 for _ in os.scandir(f"/proc/{entry.name}/task"))
            except OSError:  # it has ended
                continue
    return count
