"""Landlock: the worker reads what it is shown, writes to its scratch folder, and opens no TCP connection."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence

from . import system

_CREATE, _ADD, _RESTRICT = 444, 445, 446

_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
_REMOVE, _MAKE_DIRECTORY, _MAKE_FILE, _MAKE_LINK = 16 | 32, 1 << 7, 1 << 8, 1 << 12
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_ALL_OF_ABI_1 = (1 << 13) - 1
_SCRATCH = _WRITE | _READ | _LIST | _REMOVE | _MAKE_DIRECTORY | _MAKE_FILE | _MAKE_LINK | _REFER | _TRUNCATE
_TCP = 3
_SCOPES = 3  # abstract Unix sockets, signals

RIGHTS = {"read": _READ | _LIST, "list": _LIST, "use": _READ | _WRITE, "own": _SCRATCH}
"""What can be granted for a path: read all below it; list folders only; read and write; everything."""

_ON_A_FILE = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The version of the interface that the kernel offers.

    Raises:
        OSError: none.
    """
    return system.call("syscall", system.long(_CREATE), None, system.long(0), system.long(1))


def restrict(paths: Sequence[tuple[str, str]]) -> int:
    """Confines this thread, and all that it starts, to (path, right); the version used.

    Raises:
        OSError: the kernel has no Landlock, or refused.
    """
    abi = version()
    handled = _ALL_OF_ABI_1
    for least, later in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL)):
        handled |= later if abi >= least else 0
    attributes = (ctypes.c_uint64 * 3)(handled, _TCP if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    rules = system.call("syscall", system.long(_CREATE), attributes, system.long(size), system.long(0))
    try:
        for path, right in paths:
            _allow(rules, path, RIGHTS[right] & handled)
        system.call("syscall", system.long(_RESTRICT), system.long(rules), system.long(0))
    finally:
        os.close(rules)
    return abi


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not there, so there is nothing to read
        return
    try:
        if not os.path.isdir(path):  # noqa: PTH112 -- no new objects here
            rights &= _ON_A_FILE
        rule = _Beneath(rights, place)
        system.call(
            "syscall",
            system.long(_ADD),
            system.long(rules),
            system.long(1),
            ctypes.byref(rule),
            system.long(0),
        )
    finally:
        os.close(place)
