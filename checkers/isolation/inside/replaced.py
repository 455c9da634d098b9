"""What a submission has put in the place of NumPy's functions and of built-in names.

Whoever replaces ``numpy.maximum`` changes what other functions of the same file compute, so that their text
no longer says what they do. Replacing is not prevented; it is seen, and said.
"""

from __future__ import annotations

import builtins
import math
import sys
from operator import is_not
from types import FunctionType
from typing import Any

_MOST_NAMES = 50
_PUBLIC = ("builtins", "math", "numpy", "numpy.linalg", "numpy.random", "numpy.fft", "numpy.ma")
_OLD_ALIASES = frozenset(("bool", "int", "float", "complex", "object", "str", "long", "unicode"))
_BUILT_IN_TYPES = tuple(value for value in vars(builtins).values() if type(value) is type)


class Watch:
    """Remembers what NumPy, ``math`` and the built-in names were when it was made."""

    def __init__(self) -> None:
        numpy = [name for name in sys.modules if name.partition(".")[0] == "numpy"]
        self._modules = {name: _Names(name, sys.modules[name]) for name in dict.fromkeys((*_PUBLIC, *numpy))}
        self._functions = {
            id(function): (f"{name}.{key}", function, function.__code__, function.__defaults__)
            for name, kept in reversed(self._modules.items())  # the public name of a function is kept
            for key, value in kept.items
            if (function := _function(value)) is not None
        }

    def in_public(self) -> list[str]:
        """The public names that are no longer what they were: a look that costs some 20 µs."""
        return [name for module in _PUBLIC for name in self._modules[module].changed()][:_MOST_NAMES]

    def anywhere(self) -> list[str]:
        """The same in every module of NumPy's that was loaded, and inside its functions written in Python."""
        found = [name for module in self._modules.values() for name in module.changed()]
        found += [
            label
            for label, function, code, defaults in self._functions.values()
            if function.__code__ is not code or function.__defaults__ is not defaults
        ]
        return found[:_MOST_NAMES]


class _Names:
    """The names of one module and their values."""

    def __init__(self, label: str, module: Any) -> None:
        self._label = label
        self._dict = vars(module)
        self.items = [(key, value) for key, value in self._dict.items() if not key.startswith("__")]
        self._keys = [key for key, _ in self.items]
        self._values = [value for _, value in self.items]

    def changed(self) -> list[str]:
        if not any(map(is_not, map(self._dict.get, self._keys), self._values)):
            return []
        return [
            f"{self._label}.{key}"
            for key, value in self.items
            if self._dict.get(key) is not value and not _is_old_alias(self._label, key, self._dict.get(key))
        ]


def _is_old_alias(module: str, key: str, value: Any) -> bool:
    """``np.bool = bool``: what makes old files run with a NumPy that has dropped such names."""
    return module == "numpy" and key in _OLD_ALIASES and any(value is one for one in _BUILT_IN_TYPES)


def _function(value: Any) -> FunctionType | None:
    """A function written in Python, also one that NumPy wraps to let arrays of other types override it."""
    found = value if type(value) is FunctionType else getattr(value, "_implementation", None)
    return found if type(found) is FunctionType else None


assert math.__name__ in _PUBLIC
