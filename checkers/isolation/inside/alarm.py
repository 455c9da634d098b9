"""The end of a submission's time, raised in its own code, so that a traceback shows where it was."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

_setitimer: Callable[..., Any] | None = getattr(signal, "setitimer", None)
_REAL: int = getattr(signal, "ITIMER_REAL", 0)
_rung = [False]


class TooLong(BaseException):
    """Raised in the submission's code when its time is up."""


def install() -> None:
    """Makes the alarm raise TooLong; where there is none (Windows), the judge's clock alone counts."""
    if _setitimer is not None:
        signal.signal(signal.SIGALRM, _ring)


def start(seconds: float) -> None:
    """Lets the alarm ring after so many seconds."""
    _rung[0] = False
    if _setitimer is not None:
        _setitimer(_REAL, seconds)


def stop() -> None:
    """Calls the alarm off.

    Raises:
        TooLong: it has rung, but the code went on, as a finaliser does.
    """
    off()
    if _rung[0]:
        raise TooLong


def off() -> None:
    """Calls the alarm off, whether it has rung or not."""
    if _setitimer is not None:
        _setitimer(_REAL, 0)


def _ring(_signal: int, frame: Any) -> None:
    del frame
    _rung[0] = True
    raise TooLong
