"""Binding the names that user code uses to stand-ins while a trace runs, and back.

From the traced function everything is visited that its code names, as far as it is the user's own and not
Python's or an installed package's: functions and classes, in its module and in others; objects and what is
stored in them; what closures, defaults and partials hold. There NumPy, ``math``, their functions, random
generators and arrays are replaced by stand-ins, and ``float`` and ``type`` are added to the globals.
"""

from __future__ import annotations

import functools
import sys
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from checkers.tracing.namespace import BUILTINS, stand_in
from checkers.tracing.session import is_library_file
from checkers.tracing.traced_array import StandIn, TracedArray, concrete

_ENGINE = __name__.rpartition(".")[0]
_FORMULAS = "reference_impl"
_NUMERICAL = frozenset({"numpy", "scipy", "math", "jax"})
_LONGEST = 1000
_MOST = 20_000
_MISSING = object()
_INERT: tuple[type, ...] = (
    str,
    bytes,
    int,
    float,
    bool,
    complex,
    type(None),
    np.generic,
    np.ndarray,
    np.dtype,
    range,
    slice,
)
_NUMBERS = (str, bytes, int, float, bool, type(None))
_DICTS = (dict, OrderedDict, defaultdict)
_LIBRARY_KINDS = (ModuleType, BuiltinFunctionType, np.ufunc, type(np.sum), type)


@contextmanager
def swapped(function: Callable[..., Any]) -> Iterator[None]:
    """Replace names in everything that ``function`` reaches, and restore them all at the end."""
    swap = _Swap(function)
    try:
        swap.visit(function)
        yield
    finally:
        swap.restore()


class _Swap:
    """What has been visited and replaced."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._seen: dict[int, Any] = {}
        self._undo: list[Callable[[], None]] = []
        self._containers: list[Any] = []
        self._named: dict[int, tuple[dict[str, Any], set[str]]] = {}
        self._pending: list[Any] = []
        self._packages = {_FORMULAS, *_package_of(function)}

    def visit(self, start: Any) -> None:
        """Replace names in everything that can be reached from ``start``."""
        self._pending.append(start)
        while self._pending and len(self._seen) < _MOST:
            x = self._pending.pop()
            if isinstance(x, _INERT) or id(x) in self._seen:
                continue
            self._seen[id(x)] = x  # keeps it alive, and so its id its own
            self._visit_one(x)

    def _visit_one(self, x: Any) -> None:
        kind = type(x)
        if kind is FunctionType:
            self._visit_function(x)
        elif kind is MethodType:
            self._pending += [x.__func__, x.__self__]
        elif isinstance(x, functools.partial):
            self._visit_partial(x)
        elif kind in _DICTS:
            self._visit_entries(x, list(x.items()))
        elif kind is list:
            if not _is_data(x):
                self._visit_entries(x, list(enumerate(x[:_LONGEST])))
        elif kind in (tuple, set, frozenset):
            self._pending += list(x)[:_LONGEST]
        elif isinstance(x, type):
            self._visit_class(x)
        elif kind is np.vectorize:
            self._pending.append(x.pyfunc)
        elif kind is not ModuleType:
            attributes = getattr(x, "__dict__", None)
            if self._is_user_class(kind):
                self._pending.append(kind)
                if type(attributes) is dict:
                    self._visit_entries(attributes, list(attributes.items()))
            elif callable(x) and type(attributes) is dict:
                self._pending.append(attributes.get("__wrapped__"))

    def _visit_function(self, function: FunctionType) -> None:
        names = _names_in(function.__code__)
        if self._is_user_namespace(function.__globals__):
            self._visit_namespace(function.__globals__, names)
        for cell in function.__closure__ or ():
            self._visit_cell(cell)
        defaults = function.__defaults__
        if defaults:
            replaced = tuple(stand_in(x) for x in defaults)
            if any(new is not old for new, old in zip(replaced, defaults, strict=True)):
                function.__defaults__ = replaced
                self._undo.append(functools.partial(setattr, function, "__defaults__", defaults))
            self._pending += defaults
        if function.__kwdefaults__:
            self._pending.append(function.__kwdefaults__)
        if hasattr(function, "__wrapped__"):
            self._pending.append(function.__wrapped__)

    def _visit_partial(self, partial: functools.partial[Any]) -> None:
        function, args = partial.func, partial.args
        self._pending += [function, *args, partial.keywords]
        new_function, new_args = stand_in(function), tuple(stand_in(x) for x in args)
        if new_function is not function or any(
            new is not old for new, old in zip(new_args, args, strict=True)
        ):
            rest = partial.keywords, partial.__dict__
            set_state: Callable[[tuple[Any, ...]], None] = partial.__setstate__  # type: ignore[attr-defined]
            set_state((new_function, new_args, *rest))
            self._undo.append(functools.partial(set_state, (function, args, *rest)))

    def _visit_namespace(self, namespace: dict[str, Any], names: frozenset[str]) -> None:
        """The globals of a module: NumPy and ``math`` are always replaced, the rest where code names it."""
        if id(namespace) not in self._seen:
            self._seen[id(namespace)] = namespace
            self._named[id(namespace)] = (namespace, set())
            for builtin, new in BUILTINS.items():
                if builtin not in namespace:
                    self._bind(namespace, builtin, _MISSING, new)
            for name, old in list(namespace.items()):
                if type(old) in _LIBRARY_KINDS and not name.startswith("__"):
                    self._replace(namespace, name, old)
        self._named[id(namespace)][1].update(names)
        for name in names & namespace.keys():
            old = namespace[name]
            if type(old) is ModuleType:
                if self._is_user_namespace(old.__dict__):
                    self._visit_namespace(old.__dict__, names)
            elif not isinstance(old, (StandIn, TracedArray)) and type(old) not in _LIBRARY_KINDS:
                self._replace(namespace, name, old)
                self._pending.append(old)
            elif type(old) is type:
                self._pending.append(old)

    def _visit_cell(self, cell: CellType) -> None:
        try:
            old = cell.cell_contents
        except ValueError:
            return
        self._containers.append(cell)
        new = stand_in(old)
        if new is not old:
            cell.cell_contents = new
            self._undo.append(functools.partial(_restore_cell, cell, old, new))
        self._pending.append(old)

    def _visit_entries(self, container: Any, entries: list[tuple[Any, Any]]) -> None:
        """The items of a dict, or the numbered items of a list."""
        self._containers.append(container)
        for key, old in entries:
            self._replace(container, key, old)
            self._pending.append(old)

    def _visit_class(self, cls: type) -> None:
        if not self._is_user_class(cls):
            return
        self._pending += [base for base in cls.__mro__[1:] if base is not object]
        for name, old in list(vars(cls).items()):
            inner = old.__func__ if isinstance(old, (staticmethod, classmethod)) else old
            inner = inner.fget if isinstance(inner, property) else inner
            if name.startswith("__") and type(inner) is not FunctionType:
                continue
            new = stand_in(inner)
            if new is not inner and inner is old:
                setattr(cls, name, new)
                self._undo.append(functools.partial(setattr, cls, name, old))
            self._pending.append(inner)

    def _replace(self, container: Any, key: Any, old: Any) -> None:
        new = stand_in(old)
        if new is not old:
            self._bind(container, key, old, new)

    def _bind(self, container: Any, key: Any, old: Any, new: Any) -> None:
        container[key] = new
        self._undo.append(functools.partial(_restore_entry, container, key, old, new))

    def restore(self) -> None:
        """Undo every replacement, and leave plain NumPy values where the traced code stored traced ones."""
        interruption: KeyboardInterrupt | None = None
        while self._undo:
            try:
                self._undo[-1]()
                self._undo.pop()
            except KeyboardInterrupt as error:
                interruption = error
        swept: set[int] = set()
        for container in self._containers:
            _sweep(container, swept)
        for namespace, names in self._named.values():
            for name in names & namespace.keys():
                new = _plain(namespace[name], swept)
                if new is not namespace[name]:
                    namespace[name] = new
        if interruption is not None:
            raise interruption

    def _is_user_namespace(self, namespace: dict[str, Any]) -> bool:
        name = namespace.get("__name__", "")
        if not isinstance(name, str) or _is_engine(name):
            return False
        return name.partition(".")[0] in self._packages or _is_user_module(namespace)

    def _is_user_class(self, cls: type) -> bool:
        if _is_engine(cls.__module__):
            return False
        known = _user_classes.get(cls)
        if known is None:
            module = sys.modules.get(cls.__module__)
            known = module is None or _is_user_module(module.__dict__)
            _user_classes[cls] = known
        return known or cls.__module__.partition(".")[0] in self._packages


_user_classes: WeakKeyDictionary[type, bool] = WeakKeyDictionary()


@functools.lru_cache(maxsize=4096)
def _names_in(code: CodeType) -> frozenset[str]:
    """The names of globals and attributes in a function's code, and in that of the functions in it."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _names_in(constant)
    return frozenset(names)


def _package_of(function: Any) -> Iterator[str]:
    """The top-level package of the traced function, which is the user's wherever it is installed.

    Unless it is NumPy's own: a bare ``np.sort`` is a forward, too.
    """
    while isinstance(function, functools.partial):
        function = function.func
    module = getattr(function, "__module__", None)
    package = module.partition(".")[0] if isinstance(module, str) else ""
    if package and package not in _NUMERICAL:
        yield package


def _is_engine(module: str) -> bool:
    """Whether a module is one of ours, which hold the stand-ins themselves: never to be visited or swept."""
    return module == _ENGINE or module.startswith(_ENGINE + ".")


def _is_user_module(namespace: dict[str, Any]) -> bool:
    filename = namespace.get("__file__")
    if isinstance(filename, str):
        return not is_library_file(filename)
    return namespace.get("__spec__") is None


def _is_data(items: list[Any]) -> bool:
    """Whether a list is long, and starts and ends with numbers or text: there is nothing to find in it."""
    return len(items) > 32 and type(items[0]) in _NUMBERS and type(items[-1]) in _NUMBERS


def _restore_cell(cell: CellType, old: Any, new: Any) -> None:
    """Put ``old`` back, unless the traced code has bound the variable anew."""
    if cell.cell_contents is new:
        cell.cell_contents = old


def _restore_entry(container: Any, key: Any, old: Any, new: Any) -> None:
    """Put ``old`` back, unless the traced code has bound the entry anew."""
    try:
        now = container[key]
    except (KeyError, IndexError):
        return
    if now is not new:
        return
    if old is _MISSING:
        del container[key]
    else:
        container[key] = old


def _sweep(x: Any, swept: set[int]) -> None:
    """Replace traced arrays and stand-ins, in a container and what it contains, by what they stand for."""
    if id(x) in swept:
        return
    swept.add(id(x))
    if isinstance(x, CellType):
        try:
            x.cell_contents = _plain(x.cell_contents, swept)
        except ValueError:
            return
        return
    entries = x.items() if isinstance(x, dict) else enumerate(x[:_LONGEST])
    for key, item in list(entries):
        if not isinstance(item, _INERT) or type(item) is TracedArray:
            new = _plain(item, swept)
            if new is not item:
                x[key] = new


def _plain(x: Any, swept: set[int]) -> Any:
    kind = type(x)
    if kind is TracedArray or issubclass(kind, StandIn):
        return concrete(x)
    if kind is tuple:
        items = [_plain(item, swept) for item in x]
        return tuple(items) if any(new is not old for new, old in zip(items, x, strict=True)) else x
    if kind in _DICTS or (kind is list and not _is_data(x)):
        _sweep(x, swept)
    elif _user_classes.get(kind) and type(getattr(x, "__dict__", None)) is dict:
        _sweep(x.__dict__, swept)
    return x
