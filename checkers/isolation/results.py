"""What the worker answers: values, crashes, what a file defines, and which protections are in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Path: TypeAlias = "tuple[str | int, ...]"
"""Where a part stands in a tree: indices of tuples and lists, keys of dictionaries."""

CrashKind: TypeAlias = Literal["crashed", "timed out", "memory", "refused", "exited", "killed"]

Scalar: TypeAlias = "bool | int | float | str | None"


@dataclass(frozen=True, eq=False)
class Handle:
    """An object that stays in the worker; it is let go there when the last reference here is gone.

    Attributes:
        number: its number in the worker.
        type_name: the name of its type, as the worker tells it.
        sentence: why it is no array, if it nearly is one (an array of objects or strings).
        generation: which start of the worker it belongs to.
    """

    number: int
    type_name: str
    sentence: str = ""
    generation: int = 0

    def __repr__(self) -> str:
        return f"<{self.type_name} in the worker>"


@dataclass(frozen=True)
class Result:
    """What a call returned.

    Attributes:
        value: arrays, numbers, strings, tuples, lists and dictionaries of them; a handle for anything else.
        output: what was printed since the last result.
        inputs_changed: the paths of the array inputs whose values the call changed; the first step is the
            number of a positional argument or the name of a keyword. It is the worker's word.
        aliased: (path in the value, path in the inputs) of arrays that share memory. The worker's word, too.
        types: the paths of arrays that were no plain ndarray, with the name of their type ("MaskedArray",
            "matrix"); masked entries arrive as NaN.
        seconds: wall time of the call, measured in the worker.
        handle: the whole returned object, if the call asked to keep it.
        replaced: the public names of NumPy, ``math`` and Python that the submission has replaced; filled in
            for the last step of a program. The worker's word.
    """

    value: Any
    output: str = ""
    inputs_changed: tuple[Path, ...] = ()
    aliased: tuple[tuple[Path, Path], ...] = ()
    types: dict[Path, str] = field(default_factory=dict)
    seconds: float = 0.0
    handle: Handle | None = None
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True)
class Crash:
    """Why there is no value.

    Attributes:
        kind: "crashed" (an exception), "timed out", "memory", "refused" (by the policy, or an answer that
            breaks the protocol), "exited" (the code ended itself) or "killed" (a signal ended it).
        sentence: what happened, in one sentence.
        traceback: the student's own traceback; none of our frames is in it.
        error: the name of the exception; empty if there was none.
        line: the line of the submission's own text where it happened; None if that is not known.
        output: what was printed since the last result.
        python2: the file is written in Python 2.
        missing: the module that could not be found, with its dots; empty if none was missing.
    """

    kind: CrashKind
    sentence: str
    traceback: str = ""
    error: str = ""
    line: int | None = None
    output: str = ""
    python2: bool = False
    missing: str = ""


@dataclass(frozen=True)
class ParameterInfo:
    """One parameter of a function.

    Attributes:
        name: its name.
        kind: "positional only", "positional", "keyword only", "variadic" (``*args``) or "keywords"
            (``**kwargs``).
        has_default: whether it may be left out.
        default_repr: the default, written out; empty if there is none.
    """

    name: str
    kind: str
    has_default: bool = False
    default_repr: str = ""


@dataclass(frozen=True)
class FunctionInfo:
    """One function or method that the submission defines, or imports from its own folder.

    Attributes:
        name: its name.
        qualname: the name by which it is called: "f", "Layer.forward".
        parameters: in order; ``self`` is among them.
        line: the line of ``def`` in its file; 0 if not known.
        end_line: its last line.
        doc: its docstring.
        is_stub: its body does nothing yet: ``pass``, ``raise NotImplementedError``, or it returns only
            constants, arguments, and names that hold None or zeros.
        file: the file's name; the submission's own, or a module beside it.
        returns: the source text of each ``return``.
    """

    name: str
    qualname: str
    parameters: tuple[ParameterInfo, ...]
    line: int
    end_line: int
    doc: str = ""
    is_stub: bool = False
    file: str = ""
    returns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassInfo:
    """One class that the submission defines, or imports from its own folder.

    Attributes:
        name: its name.
        bases: the names of its bases.
        methods: its methods, inherited ones of the submission's own classes included.
        line: the line of ``class``; 0 if not known.
        end_line: its last line.
        doc: its docstring.
        file: the file's name.
    """

    name: str
    bases: tuple[str, ...]
    methods: tuple[FunctionInfo, ...]
    line: int
    end_line: int
    doc: str = ""
    file: str = ""


@dataclass(frozen=True)
class ImportInfo:
    """One import of the submission.

    Attributes:
        name: what is imported, with its dots.
        line: where; 0 for one that is seen only as the file runs.
        status: "plain", "moot", "refused", "own" (a package of this project) or "inert".
        source: "text" (found in the text before anything ran) or "run" (seen as the file ran).
    """

    name: str
    line: int
    status: str
    source: str


@dataclass(frozen=True)
class Loaded:
    """What a submission defines.

    Attributes:
        functions: its functions, in the order of the file.
        classes: its classes.
        constants: its global numbers, strings and Booleans.
        imports: what it imports.
        output: what it printed.
        python2: it uses names of Python 2.
        python2_signs: (line, what) for each sign of Python 2.
        failures: the statements that failed, if the policy said to go on after them.
        seconds: how long the file ran.
        replaced: the names of NumPy, ``math`` and Python that it has replaced. The worker's word.
    """

    functions: tuple[FunctionInfo, ...]
    classes: tuple[ClassInfo, ...]
    constants: dict[str, Scalar]
    imports: tuple[ImportInfo, ...]
    output: str = ""
    python2: bool = False
    python2_signs: tuple[tuple[int, str], ...] = ()
    failures: tuple[Crash, ...] = ()
    seconds: float = 0.0
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True)
class Protection:
    """One layer of isolation.

    Attributes:
        name: what it is.
        in_force: whether it holds for this worker.
        why: what it does, or why it is not available here.
    """

    name: str
    in_force: bool
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {'in force' if self.in_force else 'not available'} ({self.why})"
