"""Giving up rights: the user root, capabilities, and the way to new ones."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence

from . import system

NOBODY = 65534
_PR_SET_DUMPABLE, _PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 4, 1, 36, 38
_CAPABILITY_VERSION_3 = 0x20080522


def leave_root(user: int, needed: Sequence[str], scratch: str) -> str:
    """Becomes an ordinary user that nobody else is; the reason why not, or "" if it did.

    Args:
        user: its number; 65534 takes its place where the system does not know numbers that large.
        needed: paths that it has to be able to read.
        scratch: the folder that it shall own.
    """
    for number in (user, NOBODY):
        try:
            os.seteuid(number)
        except OSError:
            continue
        unreadable = [path for path in needed if not os.access(path, os.R_OK, effective_ids=True)]
        os.seteuid(0)
        if unreadable:
            return f"an ordinary user could not read {unreadable[0]}"
        os.chown(scratch, number, number)
        os.setgroups([])
        os.setresgid(number, number, number)
        os.setresuid(number, number, number)
        prctl(_PR_SET_DUMPABLE, 1)  # else it would not own its files in /proc, and could not map its user
        return ""
    return "the system knows no other user"


def prctl(option: int, value: int) -> None:
    """``prctl(2)`` with one argument.

    Raises:
        OSError: the kernel refused.
    """
    system.call("prctl", option, system.long(value), system.long(0), system.long(0), system.long(0))


def die_with_parent() -> None:
    """Lets the kernel kill this process when the supervisor ends."""
    prctl(_PR_SET_PDEATHSIG, 9)


def adopt_orphans() -> None:
    """Makes processes whose parent has died children of this one."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1)


def gain_no_more() -> None:
    """No program that is started gives new privileges; the kernel asks for it before a filter."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Gives up every capability.

    Raises:
        OSError: the kernel refused.
    """
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)()
    system.call("capset", header, data)
