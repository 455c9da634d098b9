"""The running trace: what has been learnt about it, where it stands in the user's code, and how it fails.

One trace runs at a time in a thread; ``current()`` finds it. Traced arrays that outlive it (in an object's
cache, say) lose their JAX value when it closes, and are plain NumPy values from then on.
"""

from __future__ import annotations

import site
import sys
import sysconfig
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn, Protocol

import numpy as np

from checkers.errors import TraceError


class Holder(Protocol):
    """What holds a JAX value and must let go of it when the trace ends."""

    def release(self) -> None:
        """Forget the JAX value."""


class Session:
    """What one call of ``trace`` has found out so far.

    Attributes:
        value_dependent: a concrete value decided what happens next.
        formatted: a traced number has been turned into text, so that text may carry its value.
        failure: the first refusal, raised again at the end if the traced code swallows it.
        adopted: memory of the user's own arrays, by the identity of the array that owns it.
        detached: adopted memory that has been written to: the user's array, and the buffer that replaces it.
        place_of_write: file and line of the first such write.
        read: the identities of the buffers whose JAX values have been read lately.
    """

    __slots__ = (
        "_holders",
        "adopted",
        "detached",
        "failure",
        "formatted",
        "place_of_write",
        "read",
        "value_dependent",
    )

    def __init__(self) -> None:
        self.value_dependent = False
        self.formatted = False
        self.failure: TraceError | None = None
        self.adopted: dict[int, tuple[np.ndarray, Any]] = {}
        self.detached: list[tuple[np.ndarray, Any]] = []
        self.read: set[int] = set()
        self.place_of_write: tuple[str, int] | None = None
        self._holders: list[weakref.ref[Any]] = []

    def hold(self, holder: Holder) -> None:
        """Remember that ``holder`` has a JAX value, to be released at the end."""
        self._holders.append(weakref.ref(holder))

    def close(self) -> None:
        """Release every JAX value and put what was written to the user's own arrays where it belongs."""
        for original, buffer in self.detached:
            original[...] = buffer.value
        for reference in self._holders:
            holder = reference()
            if holder is not None:
                holder.release()
        self._holders.clear()
        self.adopted.clear()
        self.detached.clear()


_active = threading.local()


def current() -> Session | None:
    """The session of the trace that runs in this thread, or None."""
    session: Session | None = getattr(_active, "session", None)
    return session


@contextmanager
def running(session: Session) -> Iterator[None]:
    """Make ``session`` the current one, and close it at the end."""
    _active.session = session
    try:
        yield
    finally:
        _active.session = None
        session.close()


def depend_on_value() -> None:
    """Note that the trace is valid at these argument values only."""
    session = current()
    if session is not None:
        session.value_dependent = True


def note_text() -> None:
    """Note that a traced number has been turned into text."""
    session = current()
    if session is not None:
        session.formatted = True


def refuse(operation: str, reason: str, place: tuple[str, int] | None = None) -> NoReturn:
    """Raise ``TraceError``: what cannot be traced, the line of the user's code (``place`` if given), and why.

    The first refusal of a trace is kept: code that catches it must not end in a derivative that is wrong.
    """
    raise refusal(operation, reason, place or user_place())


def refusal(operation: str, reason: str, place: tuple[str, int]) -> TraceError:
    """The ``TraceError`` that ``refuse`` raises."""
    name, line = place
    where = f" ({Path(name).name}, line {line})" if name else ""
    error = TraceError(f"{operation} cannot be traced{where}: {reason}.", f"{name}:{line}" if name else "")
    session = current()
    if session is not None and session.failure is None:
        session.failure = error
    return error


_HERE = str(Path(__file__).parent)


def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders.update(site.getsitepackages())
    folders.add(site.getusersitepackages())
    folders.add(str(Path(np.__file__).parent))
    return (*(Path(folder).as_posix() + "/" for folder in folders), "<frozen ")


_LIBRARY_FOLDERS = _library_folders()


@lru_cache(maxsize=4096)
def is_library_file(filename: str) -> bool:
    """Whether a source file belongs to Python or to an installed package, rather than to the user."""
    return filename.replace("\\", "/").startswith(_LIBRARY_FOLDERS)


def is_user_file(filename: str) -> bool:
    """Whether a source file belongs to the user, rather than to a library or to this package."""
    return not filename.startswith(_HERE) and not is_library_file(filename)


def user_place() -> tuple[str, int]:
    """File and line of the innermost frame that is the user's code; an empty name if there is none."""
    frame = sys._getframe(1)
    while frame is not None:
        filename = frame.f_code.co_filename
        if is_user_file(filename):
            return filename, frame.f_lineno
        if frame.f_back is None:
            break
        frame = frame.f_back
    return "", 0
