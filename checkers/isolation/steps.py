"""What a worker can be asked to do: one step is one request, a program is a list of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from checkers.isolation.results import Handle, Path


@dataclass(frozen=True)
class Ref:
    """The result of an earlier step of the same program, or a part of it; it does not leave the worker.

    Attributes:
        step: the number of the step, from 0.
        path: the part: indices of tuples and lists, keys of dictionaries, names of attributes.
    """

    step: int
    path: Path = ()


Object: TypeAlias = "Handle | Ref"


@dataclass(frozen=True)
class _Calling:
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    watch: bool = True
    send: bool | Path = True
    keep: bool = False


@dataclass(frozen=True)
class Call(_Calling):
    """Call a function.

    Attributes:
        args: arrays, numbers, strings, None, tuples, lists and dictionaries of them, handles, refs.
        kwargs: the same, by keyword.
        seed: seeds ``np.random`` and ``random`` before the call, so that dropout repeats itself.
        watch: note which array inputs are changed or returned; leave it out where calls are many and small.
        send: what to send back: True for the whole value, False for nothing, a path for a part of it.
        keep: give a handle to the whole value, too.
        target: the function's name ("f", "Layer.method"), or the object itself.
    """

    target: str | Handle | Ref = ""


@dataclass(frozen=True)
class Method(_Calling):
    """Call a method of an object; the other attributes are those of ``Call``.

    Attributes:
        object: whose method.
        name: which.
    """

    object: Handle | Ref | None = None
    name: str = ""


@dataclass(frozen=True)
class Construct(_Calling):
    """Make an object of a class; its value is a handle. The other attributes are those of ``Call``.

    Attributes:
        name: the class.
    """

    name: str = ""


@dataclass(frozen=True)
class GetAttribute:
    """Read an attribute of an object, or, where ``object`` is None, a global name of the submission.

    Attributes:
        object: whose attribute.
        name: which.
        send: as in ``Call``.
        keep: as in ``Call``.
    """

    object: Handle | Ref | None
    name: str
    send: bool | Path = True
    keep: bool = False


@dataclass(frozen=True)
class SetAttribute:
    """Write an attribute of an object, or, where ``object`` is None, a global name of the submission.

    Attributes:
        object: whose attribute.
        name: which; with ``key``, the dictionary or list in which an entry is written.
        value: what to write.
        key: the entry to write: ``object.name[key] = value``; None for the attribute itself.
    """

    object: Handle | Ref | None
    name: str
    value: Any
    key: str | int | None = None


Step: TypeAlias = "Call | Method | Construct | GetAttribute | SetAttribute"
