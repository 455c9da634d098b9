"""Runs a submission's file once and lists what it defines."""

from __future__ import annotations

import ast
import builtins
import functools
import sys
import time
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeAlias

from . import alarm, survey
from .trouble import Files, described

Row: TypeAlias = "dict[str, Any]"

MOST_ROWS = 2000
MOST_FAILURES = 20


class Submission:
    """One file: its text, its namespace, and what it defines.

    Args:
        source: the text.
        file: the name under which it is compiled.
        name: the module name.
        files: where its text is kept for tracebacks.
    """

    def __init__(self, source: str, file: str, name: str, files: Files) -> None:
        self.module = ModuleType(name)
        self.module.__file__ = file
        self.names["__builtins__"] = builtins  # those of every module, not the copy that belongs to this one
        self._source, self._file, self._files = source, file, files
        self._tree: ast.Module | None = None
        self._functions: dict[str, Row] = {}
        self._classes: dict[str, Row] = {}
        files.add(file, source)

    @property
    def names(self) -> dict[str, Any]:
        """The global names of the file."""
        return self.module.__dict__

    def survey(self) -> Row:
        """What the text says; nothing of it has run yet."""
        try:
            self._tree = survey.parsed(self._source, self._file)
        except SyntaxError as error:
            signs = survey.signs_of_python2(self._source, None)
            error.__traceback__ = None
            return {"imports": [], "python2": signs, "syntax": described(error, self._files)}
        self._functions, self._classes = survey.definitions(self._tree, self._source)
        return {
            "imports": survey.imports(self._tree)[:MOST_ROWS],
            "python2": survey.signs_of_python2(self._source, self._tree),
            "syntax": None,
        }

    def run(self, keep_going: bool, seconds: float) -> list[Row]:
        """Runs the file; the failures that were passed over.

        Statement by statement, each may take half of the time that is left, so that one which never ends
        does not hide the definitions below it.
        """
        tree = self._tree
        if tree is None:
            raise SyntaxError("the file does not parse")
        sys.modules[self.module.__name__] = self.module
        if not keep_going:
            alarm.start(seconds)
            exec(compile(tree, self._file, "exec"), self.names)
            alarm.stop()
            return []
        failures: list[Row] = []
        end = time.monotonic() + seconds
        future = [s for s in tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__"]
        flags = 0
        for line in future:
            flags |= compile(ast.Module([line], []), self._file, "exec").co_flags
        for statement in tree.body:
            try:
                code = compile(
                    ast.Module([statement], []), self._file, "exec", flags & ~0xFF, dont_inherit=True
                )
                alarm.start(max((end - time.monotonic()) / 2, 0.01))
                exec(code, self.names)
                alarm.stop()
            except BaseException as error:
                alarm.off()
                failures.append(described(error, self._files))
                if len(failures) >= MOST_FAILURES:
                    raise
        return failures

    def listing(self) -> Row:
        """Functions, classes and constants that are there after the run."""
        functions, classes, constants = [], [], {}
        for name, value in list(self.names.items())[:MOST_ROWS]:
            if type(name) is not str or name.startswith("__"):
                continue
            kind = type(value)
            if kind in (int, float, str, bool) or value is None:
                if kind is not int or abs(value) < 1 << 63:
                    constants[name] = value[:2000] if kind is str else value
                continue
            function = _function_of(value)
            if function is not None and self._files.is_the_students(function.__code__.co_filename):
                functions.append(self._function(function, name, name))
            elif issubclass(kind, type):
                row = self._class(value, name)
                classes += [row] if row is not None else []
            elif name in self._functions and callable(value):
                row = {"name": name, "qualname": name, "parameters": [["args", "variadic", False, ""]]}
                functions.append({**row, **self._functions[name], "file": self._label(self._file)})
        return {"functions": functions, "classes": classes, "constants": constants}

    def _label(self, file: str) -> str:
        return self._files.place(file, 0)[0]

    def _function(self, function: FunctionType, name: str, qualname: str) -> Row:
        code = function.__code__
        known = self._functions.get(qualname) if code.co_filename == self._file else None
        lines = [line for *_, line in code.co_lines() if line is not None]
        row = known or {
            "line": code.co_firstlineno,
            "end_line": max(lines, default=code.co_firstlineno),
            "doc": function.__doc__ if type(function.__doc__) is str else "",
            "is_stub": False,
            "returns": [],
        }
        return {
            "name": name,
            "qualname": qualname,
            "parameters": _parameters(function, code),
            "file": self._label(code.co_filename),
            **row,
            "doc": row["doc"][:4000],
        }

    def _class(self, value: type, name: str) -> Row | None:
        methods: dict[str, Row] = {}
        own = False
        for part in type.__dict__["__mro__"].__get__(value):
            for key, item in list(type.__dict__["__dict__"].__get__(part).items()):
                function = _function_of(item)
                if function is None or not self._files.is_the_students(function.__code__.co_filename):
                    continue
                own |= part is value
                methods.setdefault(key, self._function(function, key, f"{_name(part)}.{key}"))
        module = type.__dict__["__dict__"].__get__(value).get("__module__")
        if not own and not (module == self.module.__name__ and name in self._classes):
            return None
        row = self._classes.get(name) or {"line": 0, "end_line": 0, "doc": ""}
        file = next((m["file"] for m in methods.values()), self._label(self._file))
        return {
            "name": name,
            "bases": [_name(b) for b in type.__dict__["__bases__"].__get__(value) if b is not object],
            "methods": list(methods.values()),
            "file": file,
            **row,
            "doc": row["doc"][:4000],
        }


def _name(value: type) -> str:
    """The name of a class, whatever its metaclass says."""
    found: str = type.__dict__["__name__"].__get__(value)
    return found[:200]


def _function_of(value: Any) -> FunctionType | None:
    """The function behind a name: itself, that of a static or class method, or what a decorator wrapped."""
    if type(value) in (staticmethod, classmethod):
        value = value.__func__
    for _ in range(10):
        if type(value) is not FunctionType:
            return None
        inner = value.__dict__.get("__wrapped__")
        if inner is None:
            return value
        value = inner
    return None


def _parameters(function: FunctionType, code: CodeType) -> list[list[Any]]:
    """[name, kind, has a default, the default written out] of each parameter."""
    names = code.co_varnames
    count, only, keyword = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
    defaults = function.__defaults__ or ()
    keyword_defaults = function.__kwdefaults__ or {}
    rows: list[list[Any]] = []
    for k, name in enumerate(names[:count]):
        place = k - (count - len(defaults))
        given = place >= 0
        kind = "positional only" if k < only else "positional"
        rows.append([name, kind, given, _written(defaults[place]) if given else ""])
    position = count + keyword
    if code.co_flags & 0x04:
        rows.append([names[position], "variadic", False, ""])
        position += 1
    for name in names[count : count + keyword]:
        given = name in keyword_defaults
        rows.append([name, "keyword only", given, _written(keyword_defaults[name]) if given else ""])
    if code.co_flags & 0x08:
        rows.append([names[position], "keywords", False, ""])
    return rows[:200]


def _written(value: Any) -> str:
    """A default as it would be written; only of types whose repr is not the submission's."""
    if type(value) in (int, float, bool, str) or value is None:
        return repr(value)[:200]
    if type(value) in (tuple, list, dict):
        return repr(value)[:200] if not value else f"<{type(value).__name__}>"
    return f"<{type(value).__name__[:100]}>"


def define_names_of_python2() -> None:
    """Defines the names that Python 3 dropped as built-in functions and types."""
    import pickle
    from typing import cast

    names = cast(Any, builtins)
    names.xrange, names.raw_input, names.unicode = range, input, str
    names.unichr, names.long, names.basestring, names.reduce = chr, int, str, functools.reduce
    sys.modules.setdefault("cPickle", pickle)
