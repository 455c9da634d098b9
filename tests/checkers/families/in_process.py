"""Runs students' code in this process: for tests of files that were written here, and never for others."""

from __future__ import annotations

import contextlib
import sys
import traceback
import types
from dataclasses import replace

import numpy as np

from checkers.families import caller
from checkers.families.division import as_in_python_2
from checkers.families.in_worker import SEED
from checkers.families.reading import COMMONS, STUB
from checkers.families.script import BESIDE, Ref
from checkers.families.session import Reply, StudentCrash


class InProcess:
    """A session that loads a bundle into a module of its own."""

    def __init__(self, bundle):
        self.bundle = bundle
        self.module = types.ModuleType("student")
        commons = sys.modules["_commons"] = types.ModuleType("_commons")
        exec(COMMONS, commons.__dict__)
        added = ["_commons"]
        for name in ("_float", "_int", *bundle.missing):
            self.module.__dict__[name] = getattr(commons, name)
        for name in bundle.stubs:
            parts = name.split(".")
            for k in range(len(parts)):
                dotted = ".".join(parts[: k + 1])
                if dotted not in sys.modules:
                    stub = types.ModuleType(dotted)
                    exec(STUB, stub.__dict__)
                    sys.modules[dotted] = stub
                    added.append(dotted)
        for path, text in bundle.modules.items():
            name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            for k in range(name.count(".")):
                package = ".".join(name.split(".")[: k + 1])
                if package not in sys.modules:
                    sys.modules[package] = types.ModuleType(package)
                    sys.modules[package].__path__ = []
                    added.append(package)
            sys.modules[name] = types.ModuleType(name)
            added.append(name)
            with contextlib.suppress(ImportError):
                exec(compile(text, path, "exec"), sys.modules[name].__dict__)
        try:
            exec(compile(bundle.source.loadable, bundle.source.path, "exec"), self.module.__dict__)
        finally:
            for name in added:
                sys.modules.pop(name, None)

    def replaced(self):
        return ()

    def run_many(self, programs):
        replies = []
        for steps in programs:
            try:
                replies.append(self.run(steps))
            except StudentCrash as crash:
                replies.append(crash)
        return replies

    def run_stepped(self, steps):
        raise StudentCrash("refused", f"{len(steps)} steps are left to a worker")

    def dividing(self):
        text = as_in_python_2(self.bundle.source.loadable)
        if not text:
            return None
        return InProcess(replace(self.bundle, source=replace(self.bundle.source, loadable=text)))

    def run(self, steps):
        values, changed = [], []
        np.random.seed(SEED)  # noqa: NPY002  as in the worker
        with np.errstate(all="ignore"):
            for step in steps:
                args = [_resolved(a, values) for a in step.args]
                kwargs = {k: _resolved(v, values) for k, v in step.kwargs.items()}
                before = [np.array(a) if isinstance(a, np.ndarray) else None for a in args]
                try:
                    values.append(self._do(step, args, kwargs, values))
                except Exception as error:
                    kind, text = type(error).__name__, str(error)
                    tail = "".join(traceback.format_exception_only(error))
                    raise StudentCrash("raised", f"{kind}: {text}", tail, kind) from None
                changed.append(
                    tuple(
                        (k,)
                        for k, (a, b) in enumerate(zip(args, before, strict=True))
                        if b is not None and not np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
                    )
                )
        return Reply(tuple(_sent(v) for v in values), tuple(changed))

    def _do(self, step, args, kwargs, values):
        if step.name.startswith(f"{BESIDE}."):
            return getattr(caller, step.name.rpartition(".")[2])(*args, **kwargs)
        if step.kind in ("call", "construct"):
            owner, _, method = step.name.rpartition(".")
            function = getattr(self.module.__dict__[owner], method) if owner else self.module.__dict__[method]
            return function(*args, **kwargs)
        if step.kind == "global":
            self.module.__dict__[step.name] = args[0]
            return None
        if step.kind == "function":
            return self.module.__dict__[step.name]
        target = _resolved(step.target, values)
        if step.kind == "method":
            return getattr(target, step.name)(*args, **kwargs)
        if step.kind == "set":
            setattr(target, step.name, args[0])
            return None
        return getattr(target, step.name)


def _resolved(value, values):
    if isinstance(value, Ref):
        found = values[value.step]
        for key in value.path:
            try:
                found = found[key]
            except (TypeError, KeyError, IndexError):
                raise TypeError(f"no {key!r}") from None
        return found
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (tuple, list)):
        return type(value)(_resolved(v, values) for v in value)
    if isinstance(value, dict):
        return {k: _resolved(v, values) for k, v in value.items()}
    return value


def _sent(value):
    if isinstance(value, np.ma.MaskedArray):
        return np.asarray(value)
    if isinstance(value, np.ndarray):
        return value.copy() if value.dtype != object else object()
    if isinstance(value, type) or callable(value):
        return object()
    if isinstance(value, (tuple, list)):
        return type(value)(_sent(v) for v in value)
    if isinstance(value, dict):
        return {k: _sent(v) for k, v in value.items()}
    return value
