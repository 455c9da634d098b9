"""Exceptions of a submission, written out for its author: its own frames and messages, none of ours."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from .alarm import TooLong

LONGEST_MESSAGE = 2000
MOST_FRAMES = 12
MOST_CAUSES = 3


class Files:
    """The names under which a submission's files are shown, their text, and our own files, which are not.

    Attributes:
        main: the file name under which the submission itself is compiled.
        ours: the files whose frames are left out.
    """

    def __init__(self, main: str, ours: frozenset[str], folder: str) -> None:
        self.main = main
        self.ours = ours
        self._folder = folder
        self._lines: dict[str, list[str]] = {}
        self._labels: list[list[Any]] = []
        self._firsts: list[int] = []

    def add(self, file: str, source: str) -> None:
        """Keeps the text of a file, so that a traceback can quote it."""
        self._lines[file] = source.splitlines()

    def relabel(self, labels: list[list[Any]]) -> None:
        """Gives the lines of the submission's text their place: [first line, label, its number there]."""
        self._labels = labels
        self._firsts = [first for first, _, _ in labels]

    def place(self, file: str, line: int) -> tuple[str, int]:
        """The name and line to show."""
        run = bisect_right(self._firsts, line) if file == self.main else 0
        if run:
            first, label, number = self._labels[run - 1]
            return label, number + line - first
        if self._folder and file.startswith(self._folder):
            return file[len(self._folder) :].lstrip("/\\"), line
        for part in ("site-packages", "dist-packages", "lib"):
            _, found, rest = file.rpartition(f"/{part}/")
            if found:
                return rest, line
        return file, line

    def quote(self, file: str, line: int) -> str:
        """The text of a line; empty if it is not known."""
        lines = self._lines.get(file, ())
        return lines[line - 1].strip()[:200] if 0 < line <= len(lines) else ""

    def is_the_students(self, file: str) -> bool:
        """Whether a frame belongs to the submission."""
        return (
            file == self.main or file in self._lines or bool(self._folder and file.startswith(self._folder))
        )


def kind(error: BaseException) -> str:
    """Which kind of crash an exception is."""
    if isinstance(error, TooLong):
        return "timed out"
    if isinstance(error, MemoryError):
        return "memory"
    return "exited" if isinstance(error, SystemExit) else "crashed"


def described(error: BaseException, files: Files) -> dict[str, Any]:
    """Kind, name, message, traceback and line of an exception, and the module that it misses."""
    parts: list[str] = []
    line = None
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(parts) < MOST_CAUSES:
        seen.add(id(current))
        frames = _frames(current, files)
        if current is error:
            line = next((number for file, number, _ in reversed(frames) if file == files.main), None)
        parts.append(_part(current, frames, files))
        cause = current.__cause__
        current = cause if cause is not None or current.__suppress_context__ else current.__context__
    joined = "\n\nDuring handling of this, or because of it:\n\n".join(reversed(parts))
    return {
        "crash": kind(error),
        "error": name_of(error),
        "message": message(error),
        "traceback": joined,
        "line": line,
        "missing": _missing(error),
    }


def _missing(error: BaseException) -> str:
    """The module that an import did not find."""
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    return name[:200] if type(name) is str else ""


def name_of(error: BaseException) -> str:
    """The name of an exception's class, whatever its metaclass says."""
    found: str = type.__dict__["__name__"].__get__(type(error))
    return found[:200]


def message(error: BaseException) -> str:
    """What an exception says; its ``__str__`` may be hostile."""
    if isinstance(error, TooLong):
        return ""
    try:
        return str.__str__(str(error))[:LONGEST_MESSAGE]
    except BaseException:
        return "(its message cannot be read)"


def _frames(error: BaseException, files: Files) -> list[tuple[str, int, str]]:
    """(file, line, function) of each frame, from the submission's first one on."""
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename not in files.ours:
            frames.append((code.co_filename, traceback.tb_lineno, code.co_name))
        traceback = traceback.tb_next
    first = next((k for k, frame in enumerate(frames) if files.is_the_students(frame[0])), len(frames))
    return frames[first:]


def _part(error: BaseException, frames: list[tuple[str, int, str]], files: Files) -> str:
    shown = []
    left_out = len(frames) - MOST_FRAMES
    for k, (file, line, function) in enumerate(frames):
        if left_out > 0 and MOST_FRAMES // 2 <= k < MOST_FRAMES // 2 + left_out:
            if k == MOST_FRAMES // 2:
                shown.append(f"  ... {left_out} more calls ...")
            continue
        label, number = files.place(file, line)
        shown.append(f'  File "{label}", line {number}, in {function[:200]}')
        text = files.quote(file, line)
        shown += [f"    {text}"] if text else []
    if isinstance(error, TooLong):
        return "\n".join(["Where it was when its time was up:", *shown])
    name, said = name_of(error), message(error)
    if isinstance(error, SyntaxError) and type(error.lineno) is int and type(error.filename) is str:
        label, number = files.place(error.filename, error.lineno)
        shown.append(f'  File "{label}", line {number}')
        text = files.quote(error.filename, error.lineno)
        shown += [f"    {text}"] if text else []
        said = str(error.msg)[:LONGEST_MESSAGE]
    head = ["Traceback (most recent call last):"] if shown else []
    return "\n".join([*head, *shown, f"{name}: {said}" if said else name])
