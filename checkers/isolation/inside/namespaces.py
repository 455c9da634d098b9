"""Namespaces of the worker's own (Linux, no root needed): user, processes, network, mounts, IPC."""

from __future__ import annotations

import os

from . import system

_FLAGS = {
    "user": 0x10000000,
    "processes": 0x20000000,
    "network": 0x40000000,
    "mounts": 0x00020000,
    "IPC": 0x08000000,
    "host name": 0x04000000,
}
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 2, 4, 8, 0x4000, 1 << 18


def enter(left_out: frozenset[str]) -> dict[str, str]:
    """Enters what the kernel allows; for each namespace "" or the reason why not.

    The process namespace holds from the next child on, which becomes its first process: everything in it ends
    with that child.
    """
    user, group = os.getuid(), os.getgid()
    reasons: dict[str, str] = {}
    for name, flag in _FLAGS.items():
        if name in left_out:
            reasons[name] = "left out"
        elif name != "user" and reasons["user"]:
            reasons[name] = f"it needs a user namespace: {reasons['user']}"
        else:
            reasons[name] = _tried(flag)
        if name == "user" and not reasons[name]:
            _map(user, group)
    return reasons


def _tried(flag: int) -> str:
    try:
        system.call("unshare", flag)
    except OSError as error:
        return error.strerror or "refused"
    return ""


def _map(user: int, group: int) -> None:
    """Lets this user keep its number inside."""
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        try:
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 -- no new objects here
                file.write(line)
        except OSError:  # unmapped it goes by the name of nobody, with the same rights
            return


def mount_scratch(folder: str, mib: int) -> str:
    """A file system in memory on the scratch folder, of limited size, that goes away with the worker.

    Returns:
        "" or the reason why not.
    """
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    options = f"size={max(mib, 1)}m,nr_inodes=1000,mode=0700".encode()
    try:
        system.call("mount", None, b"/", None, system.long(_MS_REC | _MS_PRIVATE), None)
        system.call("mount", b"tmpfs", os.fsencode(folder), b"tmpfs", system.long(flags), options)
    except OSError as error:
        return error.strerror or "refused"
    return ""


def unmount(folder: str) -> None:
    """Takes a mount away, also one that is in use.

    Raises:
        OSError: it is none.
    """
    system.call("umount2", os.fsencode(folder), 2)
