"""Copies of the modules that hold hand-written gradients, with one function replaced or another NumPy.

Every copy is independent of the modules themselves and of other copies: a mistake put into ``sigmoid`` for
the backward leaves the forward as it is.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from reference_impl.formula import Formula

COPIED = ("reference_impl.", "tests.corpus.functions.")
SHARED = ("reference_impl.formula",)
"""What the copies share with the originals: it holds no formula."""


@cache
def path_of(module: str) -> Path:
    """The file of a module."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ValueError(f"there is no module {module}")
    return Path(spec.origin)


@cache
def tree_of(module: str) -> ast.Module:
    """The source of a module, parsed; not to be changed."""
    return ast.parse(path_of(module).read_text(encoding="utf-8"))


@cache
def _code_of(module: str) -> CodeType:
    return compile(tree_of(module), str(path_of(module)), "exec")


class Copies:
    """A set of copies that import one another.

    Args:
        mutated: module → its mutated source.
        numpy: what ``import numpy`` gives in the copies.
    """

    def __init__(self, mutated: Mapping[str, ast.Module] | None = None, numpy: Any = np) -> None:
        self._mutated = dict(mutated or {})
        self._numpy = numpy
        self._modules: dict[str, ModuleType] = {}

    def load(self, name: str) -> ModuleType:
        """The copy of one module."""
        if name not in self._modules:
            path = path_of(name)
            module = ModuleType(name)
            self._modules[name] = module
            module.__file__ = str(path)
            module.__package__ = name.rpartition(".")[0]
            module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self._import}
            mutated = self._mutated.get(name)
            code = _code_of(name) if mutated is None else compile(mutated, str(path), "exec")
            exec(code, module.__dict__)
        return self._modules[name]

    def formula(self, module: str, name: str) -> Formula:
        """One formula of a module, by its name."""
        return next(one for one in self.load(module).FORMULAS if one.name == name)

    def _import(
        self,
        name: str,
        globals_: Mapping[str, Any] | None = None,
        locals_: Mapping[str, Any] | None = None,
        fromlist: tuple[str, ...] = (),
        level: int = 0,
    ) -> Any:
        if name == "numpy":
            return self._numpy
        if name.startswith(COPIED) and name not in SHARED:
            return self.load(name)
        return builtins.__import__(name, globals_, locals_, fromlist, level)
