"""What a worker says about a file, checked and made into records; by a lie it spoils only its own answer."""

from __future__ import annotations

from typing import Any

from checkers.isolation.channel import printable
from checkers.isolation.inside.frames import FrameError
from checkers.isolation.inside.tree import Path, natural, text
from checkers.isolation.policy import Policy, own_packages
from checkers.isolation.results import (
    ClassInfo,
    Crash,
    CrashKind,
    FunctionInfo,
    ImportInfo,
    ParameterInfo,
    Scalar,
)

_LONGEST_TRACEBACK = 20_000
_KINDS: tuple[CrashKind, ...] = ("crashed", "timed out", "memory", "refused", "exited", "killed")


def words(value: object, longest: int = 300) -> str:
    """A text of the worker that a terminal can show.

    Raises:
        FrameError: it is no text.
    """
    return printable(text(value, longest))


def crash(reported: object, what: str, seconds: float, output: str) -> Crash:
    """The crash that a worker reports.

    Args:
        reported: what it says.
        what: what was being done: "affine_backward", "the file".
        seconds: the time limit that held.
        output: what was printed.

    Raises:
        FrameError: the row is no crash.
    """
    row = _row(reported)
    kind = next((k for k in _KINDS if k == row.get("crash")), None)
    if kind is None:
        raise FrameError("a crash of an unknown kind")
    error, message = words(row.get("error")), " ".join(words(row.get("message"), 500).split())
    line = row.get("line")
    sentences = {
        "crashed": f"{what} raised {error}" + (f": {message}" if message else ""),
        "timed out": f"{what} took longer than {seconds:g} s",
        "memory": f"{what} asked for more memory than it may use",
        "exited": f"{what} ended itself by sys.exit" + (f"({message})" if message else "()"),
        "refused": f"{what} could not be done: {message}",
        "killed": f"{what} was killed",
    }
    return Crash(
        kind=kind,
        sentence=sentences[kind],
        traceback=words(row.get("traceback"), _LONGEST_TRACEBACK),
        error=error,
        line=line if type(line) is int and line > 0 else None,
        output=output,
        missing=words(row.get("missing", "")),
    )


def failures(rows: object, seconds: float) -> tuple[Crash, ...]:
    """The statements of a file that failed and were passed over.

    Raises:
        FrameError: it is no list of crashes.
    """
    return tuple(crash(row, "a statement of the file", seconds, "") for row in _list(rows))


def functions(rows: object) -> tuple[FunctionInfo, ...]:
    """The functions that a worker lists, in the order of the file.

    Raises:
        FrameError: it is no such list.
    """
    found = [_function(row) for row in _list(rows)]
    return tuple(sorted(found, key=lambda f: (f.file, f.line)))


def classes(rows: object) -> tuple[ClassInfo, ...]:
    """The classes that a worker lists, in the order of the file.

    Raises:
        FrameError: it is no such list.
    """
    found = [
        ClassInfo(
            name=words(row.get("name")),
            bases=tuple(words(base) for base in _list(row.get("bases"))),
            methods=functions(row.get("methods")),
            line=natural(row.get("line")),
            end_line=natural(row.get("end_line")),
            doc=words(row.get("doc"), 4000),
            file=words(row.get("file")),
        )
        for row in map(_row, _list(rows))
    ]
    return tuple(sorted(found, key=lambda c: (c.file, c.line)))


def constants(row: object) -> dict[str, Scalar]:
    """The global numbers, strings and Booleans.

    Raises:
        FrameError: it is no such table.
    """
    found: dict[str, Scalar] = {}
    for name, value in _row(row).items():
        if value is not None and type(value) not in (bool, int, float, str):
            raise FrameError("a constant is none")
        found[words(name)] = words(value, 2000) if isinstance(value, str) else value
    return found


def imports(listed: object, noted: object, policy: Policy) -> tuple[ImportInfo, ...]:
    """The imports in the text, and those seen as the file ran that the text does not show.

    Raises:
        FrameError: they are no such lists.
    """
    found = [
        ImportInfo(words(pair[0]), natural(pair[1]), status(words(pair[0]), policy), "text")
        for pair in map(_list, _list(listed))
        if len(pair) == 2
    ]
    known = {i.name.partition(".")[0] for i in found}
    run = dict.fromkeys(words(name).partition(".")[0] for name in _list(noted))
    return (*found, *(ImportInfo(n, 0, status(n, policy), "run") for n in run if n not in known))


def status(name: str, policy: Policy) -> str:
    """What the policy says about a module."""
    package = name.partition(".")[0]
    if package in own_packages():
        return "own"
    if package in policy.refused:
        return "refused"
    if package in policy.moot:
        return "moot"
    return "inert" if package in policy.inert else "plain"


def signs(rows: object) -> tuple[tuple[int, str], ...]:
    """(line, what) for the signs of Python 2.

    Raises:
        FrameError: it is no such list.
    """
    return tuple((natural(pair[0]), words(pair[1])) for pair in map(_list, _list(rows)) if len(pair) == 2)


def names(rows: object) -> tuple[str, ...]:
    """Dotted names.

    Raises:
        FrameError: they are none.
    """
    return tuple(words(row) for row in _list(rows))


def paths(rows: object) -> tuple[Path, ...]:
    """Paths into the inputs of a call.

    Raises:
        FrameError: they are none.
    """
    return tuple(_path(row) for row in _list(rows))


def pairs(rows: object) -> tuple[tuple[Path, Path], ...]:
    """(path in the value, path in the inputs).

    Raises:
        FrameError: they are none.
    """
    return tuple((_path(pair[0]), _path(pair[1])) for pair in map(_list, _list(rows)) if len(pair) == 2)


def _path(row: object) -> Path:
    return tuple(step if type(step) is int else words(step) for step in _list(row))


def _function(value: object) -> FunctionInfo:
    row = _row(value)
    parameters = []
    for entry in map(_list, _list(row.get("parameters"))):
        if len(entry) != 4:
            raise FrameError("a parameter is none")
        parameters.append(ParameterInfo(words(entry[0]), words(entry[1]), entry[2] is True, words(entry[3])))
    return FunctionInfo(
        name=words(row.get("name")),
        qualname=words(row.get("qualname")),
        parameters=tuple(parameters),
        line=natural(row.get("line")),
        end_line=natural(row.get("end_line")),
        doc=words(row.get("doc"), 4000),
        is_stub=row.get("is_stub") is True,
        file=words(row.get("file")),
        returns=tuple(words(source) for source in _list(row.get("returns"))),
    )


def _row(value: object) -> dict[str, Any]:
    if type(value) is not dict:
        raise FrameError("a table is missing in a frame")
    return value


def _list(value: object) -> list[Any]:
    if type(value) is not list:
        raise FrameError("a list is missing in a frame")
    return value
