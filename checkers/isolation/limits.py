"""How much a submission may use: time, memory, processes, files and output."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from checkers.errors import InputError


@dataclass(frozen=True)
class Limits:
    """What one worker may use; everything above ends the call, or the worker.

    Attributes:
        load_seconds: wall time for running the file once, from its first line to its last.
        call_seconds: wall time for one call of one function.
        total_seconds: wall time for everything the worker is asked to do, starting up aside.
        cpu_seconds: processor time of the worker, over its life.
        memory_mib: address space of the worker.
        processes: processes that the submission may start besides its own; its threads are counted apart.
        threads: threads that the submission may start, where the system counts them for one worker alone.
        file_mib: all that it may write to its scratch folder; where no mount namespace is allowed, the size
            of one file.
        output_kib: how much is kept of what it prints; the rest is read and dropped.
        reply_mib: the largest value that a call may return, in all its arrays.
        open_files: file descriptors.
    """

    load_seconds: float = 10.0
    call_seconds: float = 5.0
    total_seconds: float = 120.0
    cpu_seconds: int = 60
    memory_mib: int = 2048
    processes: int = 0
    threads: int = 32
    file_mib: int = 16
    output_kib: int = 64
    reply_mib: int = 256
    open_files: int = 64

    def __post_init__(self) -> None:
        for field in fields(self):
            value, least = getattr(self, field.name), _LEAST.get(field.name, 0)
            whole = field.type == "int"
            fits = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
            if not fits or not least <= value < math.inf:
                raise InputError(
                    f"the limit {field.name} is {value!r}, but a {'whole ' if whole else ''}number of at"
                    f" least {least} is needed"
                )


_LEAST: dict[str, float] = {
    "load_seconds": 0.01,
    "call_seconds": 0.01,
    "total_seconds": 0.01,
    "cpu_seconds": 1,
    "memory_mib": 256,
    "reply_mib": 1,
    "open_files": 16,
}
"""Below these nothing would run at all: Python with NumPy alone takes some 150 MiB of address space."""
