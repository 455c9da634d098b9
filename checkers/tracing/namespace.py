"""Stand-ins for what user code calls by name: ``np``, ``math``, ``float``, ``np.float64``, random generators.

NumPy's own protocols reach a traced array only where it is an argument itself. ``np.zeros`` has no such
argument, ``np.array([x, y])`` has one in a list, ``math.exp(x)`` and ``float(x)`` know no protocol at all.
During a trace these names are bound to stand-ins that give traced arrays; outside of one a stand-in does
what its original does.
"""

from __future__ import annotations

from functools import cache
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
from jax import lax

from checkers.tracing.callbacks import CALLBACKS, RANDOM, Joiner, Vectorized
from checkers.tracing.dispatch import apply, apply_rule
from checkers.tracing.session import current
from checkers.tracing.text import MODULES, READERS, Evaluator, TextReader, refuse_text
from checkers.tracing.traced_array import (
    ScalarType,
    StandIn,
    TracedArray,
    adopted,
    concrete,
    followed,
    is_followed,
    lift,
)
from checkers.tracing.ufuncs import apply_ufunc

_GENERATORS = (np.random.Generator, np.random.RandomState)
_SCIPY = ("scipy", "scipy.special", "scipy.signal")
_UFUNC_METHODS = ("reduce", "accumulate", "outer", "at", "reduceat")


class Function(StandIn):
    """Takes the place of a function, ufunc or class of NumPy: equal to its original, and of the same type."""

    __slots__ = ("_method",)

    def __init__(self, original: Any, method: str = "__call__") -> None:
        self.original = original
        self._method = method

    @property  # type: ignore[misc]  # object's has a setter, which nobody needs here
    def __class__(self) -> Any:
        """The type of the original."""
        return type(self.original)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the original gives, as traced arrays while a trace runs."""
        original = self.original
        if current() is None:
            plain = original if self._method == "__call__" else getattr(original, self._method)
            return plain(*concrete(args), **concrete(kwargs))
        if type(original) is np.ufunc:
            return apply_ufunc(original, self._method, args, kwargs)
        callback = CALLBACKS.get(original)
        if callback is not None:
            return callback(*args, **kwargs)
        if original.__name__ in RANDOM and isinstance(getattr(original, "__self__", None), _GENERATORS):
            return RANDOM[original.__name__](original, *args, **kwargs)
        refuse_text(f"np.{original.__name__}", *args)
        result = apply(original, args, kwargs)
        return Generator(result) if type(result) in _GENERATORS else result

    def __getattr__(self, name: str) -> Any:
        original = object.__getattribute__(self, "original")
        if name in _UFUNC_METHODS and type(original) is np.ufunc:
            return Function(original, name)
        return getattr(original, name)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, self.original)

    def __subclasscheck__(self, subclass: Any) -> bool:
        return issubclass(concrete(subclass), self.original)

    def __eq__(self, other: object) -> bool:
        return bool(self.original == concrete(other))

    def __hash__(self) -> int:
        return hash(self.original)

    def __repr__(self) -> str:
        return repr(self.original)

    def __reduce__(self) -> Any:
        return _itself, (self.original,)


def _itself(original: Any) -> Any:
    return original


class Generator(StandIn):
    """Takes the place of a random generator: what it draws are constants that can be written to."""

    __slots__ = ()

    def __init__(self, original: Any) -> None:
        self.original = original

    @property  # type: ignore[misc]  # object's has a setter, which nobody needs here
    def __class__(self) -> Any:
        """The type of the original."""
        return type(self.original)

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(object.__getattribute__(self, "original"), name)
        return Function(attribute) if callable(attribute) else attribute

    def __reduce__(self) -> Any:
        return _itself, (self.original,)


class Namespace(ModuleType):
    """Takes the place of a module: its attributes are the stand-ins of the module's."""

    def __init__(self, original: ModuleType) -> None:
        super().__init__(original.__name__, original.__doc__)
        self.original = original

    def __getattr__(self, name: str) -> Any:
        found = stand_in(getattr(self.original, name))
        self.__dict__[name] = found
        return found

    def __dir__(self) -> list[str]:
        return dir(self.original)


class _NumberType(ScalarType):
    """The class of the stand-ins for ``float``, ``np.float64`` and so on: types that give traced scalars."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        original = self.original
        if current() is None or not args:
            return original(*concrete(args), **concrete(kwargs))
        refuse_text(f"{original.__name__}()", args[0])
        if original is float:
            return _to_float(args[0])
        return apply_rule(f"np.{original.__name__}", original, _cast, args, kwargs)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, self.original)

    def __subclasscheck__(self, subclass: Any) -> bool:
        return issubclass(concrete(subclass), self.original)

    def __getattr__(self, name: str) -> Any:
        return getattr(type.__getattribute__(self, "original"), name)

    def __eq__(self, other: object) -> bool:
        return bool(self.original is concrete(other))

    def __hash__(self) -> int:
        return hash(self.original)

    def __repr__(self) -> str:
        return repr(self.original)


def _to_float(x: Any) -> Any:
    value = float(concrete(x))
    if not is_followed(x):
        return value
    return followed("float()", value, lax.reshape(lift(x, np.dtype(float)), ()), x._buffer.smooth)


def _cast(value: Any, x: Any) -> Any:
    return lax.reshape(lift(x, value.dtype), np.shape(value))


class _Type(ScalarType):
    """The class of the stand-in for ``type``: ``type(x)`` of a traced array is NumPy's type."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) != 1 or kwargs:
            return type(*args, **kwargs)
        x = args[0]
        kind: Any = x.__class__ if type(x) is TracedArray or isinstance(x, StandIn) else type(x)
        return scalar_type(kind) if kind in _NUMBER_TYPES else kind

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, type)

    def __subclasscheck__(self, subclass: Any) -> bool:
        return issubclass(subclass, type)

    def __getattr__(self, name: str) -> Any:
        return getattr(type, name)

    def __eq__(self, other: object) -> bool:
        return other is type or other is self

    def __hash__(self) -> int:
        return hash(type)


_ABSTRACT_TYPES = (
    np.generic,
    np.number,
    np.integer,
    np.signedinteger,
    np.unsignedinteger,
    np.inexact,
    np.floating,
)
_NUMBER_TYPES: frozenset[Any] = frozenset(
    {float, *_ABSTRACT_TYPES, *(kind for kind in np.sctypeDict.values() if np.dtype(kind).kind in "biuf")}
)


@cache
def scalar_type(original: Any) -> Any:
    """The stand-in for a scalar type."""
    members = {"original": original}
    if original not in _ABSTRACT_TYPES:
        members["dtype"] = np.dtype(original)
    return _NumberType(original.__name__, (), members)


@cache
def _function(original: Any) -> Function:
    return Function(original)


@cache
def _namespace(original: ModuleType) -> Namespace:
    return Namespace(original)


BUILTINS: dict[str, Any] = {
    "float": scalar_type(float),
    "type": _Type("type", (), {"original": type}),
    "eval": Evaluator(eval),
}
"""Name of a builtin → its stand-in."""

_FUNCTIONS = (
    *(FunctionType, BuiltinFunctionType, BuiltinMethodType, MethodType),
    *(type(np.sum), type(np.random.default_rng), type(np.random.seed)),
)


def stand_in(x: Any) -> Any:
    """What takes the place of ``x`` during a trace; ``x`` itself if nothing does."""
    kind = type(x)
    if kind is np.ufunc:
        return _function(x)
    if kind is ModuleType:
        return _namespace(x) if x.__name__ in MODULES or _is_numerical(x.__name__) else x
    if kind in _FUNCTIONS:
        return _stand_in_for_function(x)
    if kind is np.ndarray:
        return adopted(x) if current() is not None and x.dtype.kind in "biuf" else x
    if isinstance(x, type):
        return _stand_in_for_type(x)
    if kind in _GENERATORS:
        return Generator(x)
    if kind is np.vectorize:
        return Vectorized.of(x, stand_in(x.pyfunc))
    if x is np.r_ or x is np.c_:
        return Joiner(x, columns=x is np.c_)
    return x


def _stand_in_for_type(x: type) -> Any:
    if x in _NUMBER_TYPES and x is not float:
        return scalar_type(x)
    return _function(x) if x in CALLBACKS or x in _GENERATORS else x


def _is_numerical(module: str) -> bool:
    return module == "math" or module.split(".")[0] == "numpy" or module in _SCIPY


def _stand_in_for_function(x: Any) -> Any:
    if isinstance(getattr(x, "__self__", None), _GENERATORS):
        return Function(x)
    if x in READERS:
        return TextReader(x)
    module = getattr(x, "__module__", None) or ""
    return _function(x) if _is_numerical(module) or module.startswith(_SCIPY[1:]) else x
