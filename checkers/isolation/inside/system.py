"""The C library by ctypes: calls that Python does not offer, with errno turned into OSError."""

from __future__ import annotations

import ctypes
import os
import sys

LINUX = sys.platform.startswith("linux")

_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def call(name: str, *arguments: object) -> int:
    """A function of the C library that returns -1 on failure.

    Raises:
        OSError: it failed, or is not there.
    """
    if _libc is None or not hasattr(_libc, name):
        raise OSError(38, f"{name} is not available")
    result: int = getattr(_libc, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def long(value: int) -> ctypes.c_long:
    """An argument of a variadic call in its full width."""
    return ctypes.c_long(value)
