"""A file tree of the worker's own: what it may read is mounted there, read-only, and nothing else exists.

It needs a mount namespace. Where Landlock is missing it takes its place; where both hold, a submission cannot
even ask whether a file is there.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence

from . import system

_NEW_NAMESPACE = 0x00020000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND, _REC = 1, 2, 4, 8, 32, 4096, 16384
_KEPT = _NOSUID | _NODEV | _NOEXEC | 1024 | 2048 | (1 << 21)
"""Flags of a mount that must be given again as they are: also those of access times."""
_DETACH = 2
_SETATTR, _EMPTY_PATH, _RECURSIVE = 442, 0x1000, 0x8000
_ROOT = ".root"


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("namespace", ctypes.c_uint64),
    )


def enter(paths: Sequence[tuple[str, str]], scratch: str, needed: Sequence[str]) -> int:
    """Makes the tree and enters it; how many places were mounted.

    Args:
        paths: (path, right) of all that shall be there; of a path that may be listed, what of it is shown.
        scratch: the folder that may be written; it is a mount already.
        needed: files that must be there, or the old tree stays.

    Raises:
        OSError: the kernel refused, or something would be missing; all is as it was.
    """
    system.call("unshare", _NEW_NAMESPACE)  # the supervisor keeps the old tree
    root = f"{scratch}/{_ROOT}"
    os.mkdir(root, 0o700)  # noqa: PTH102 -- no new objects here
    try:
        _mount("tmpfs", root, "tmpfs", _NOSUID | _NODEV | _NOEXEC, "mode=0755,size=1m")
        try:
            places = _filled(root, paths)
            _linked(root, [*sys.path, *needed, *(entry.path for entry in os.scandir("/"))])
            _made(root + scratch, folder=True)
            _mount(scratch, root + scratch, None, _BIND)
            missing = [path for path in needed if not os.path.exists(root + path)]  # noqa: PTH110
            if missing:
                raise OSError(f"{missing[0]} would be missing")
            _mount(None, root, None, _REMOUNT | _RDONLY | _NOSUID | _NODEV | _NOEXEC)
            os.chdir(root)
            system.call("pivot_root", b".", b".")
        except OSError:
            os.chdir(scratch)
            system.call("umount2", os.fsencode(root), _DETACH)
            raise
        system.call("umount2", b".", _DETACH)
    finally:
        os.chdir(scratch)
        os.rmdir(_ROOT)  # noqa: PTH106
    return places


def _filled(root: str, paths: Sequence[tuple[str, str]]) -> int:
    """Mounts every path below the root; one within another that is there already is passed over."""
    places: list[str] = []
    for path, right in sorted(paths):
        real = os.path.realpath(path)
        if right == "list" or not os.path.exists(path) or _is_below(path, places):  # noqa: PTH110
            continue
        target = root + path
        _made(target, folder=os.path.isdir(path))  # noqa: PTH112
        _mount(real, target, None, _BIND | _REC)
        if right == "read":
            _protect(target)
        places.append(path)
    return len(places)


def _linked(root: str, paths: Sequence[str]) -> None:
    """Links where a path leads through links: ``/lib`` to ``/usr/lib``, the folder of a user to its disk."""
    for path in paths:
        parts = path.strip("/").split("/") if path.startswith("/") else []
        for k in range(1, len(parts) + 1):
            here = "/" + "/".join(parts[:k])
            if os.path.islink(here) and not os.path.lexists(root + here):  # noqa: PTH114
                _made(os.path.dirname(root + here), folder=True)  # noqa: PTH120
                os.symlink(os.path.realpath(here), root + here)  # noqa: PTH211
                break


def _protect(target: str) -> None:
    """Makes a mount read-only, and all that is mounted below it; before Linux 5.12, itself alone."""
    attributes = _Attributes(_RDONLY | _NOSUID)
    place = os.open(target, os.O_PATH | os.O_CLOEXEC)
    try:
        system.call(
            "syscall",
            system.long(_SETATTR),
            system.long(place),
            b"",
            system.long(_EMPTY_PATH | _RECURSIVE),
            ctypes.byref(attributes),
            system.long(ctypes.sizeof(attributes)),
        )
    except OSError:
        kept = os.statvfs(target).f_flag & _KEPT
        _mount(None, target, None, _REMOUNT | _BIND | _RDONLY | _NOSUID | kept)
    finally:
        os.close(place)


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str = "") -> None:
    system.call(
        "mount",
        None if source is None else os.fsencode(source),
        os.fsencode(target),
        None if kind is None else kind.encode(),
        system.long(flags),
        options.encode() or None,
    )


def _made(target: str, folder: bool) -> None:
    """The mount point: a folder, or an empty file."""
    os.makedirs(target if folder else os.path.dirname(target), mode=0o755, exist_ok=True)  # noqa: PTH103, PTH120
    if not folder:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))


def _is_below(path: str, places: Sequence[str]) -> bool:
    return any(path == place or path.startswith(place + "/") for place in places)
