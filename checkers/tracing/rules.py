"""What a rule for a NumPy function is, and the two kinds that need no code of their own.

``rule(value, *args, **kwargs)`` gets NumPy's result and the arguments as the user wrote them (``out``
taken out), with traced arrays among them, and returns the JAX value of the result: one, or one for each
item of a tuple.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from jax import lax

from checkers.tracing.gathering import take_flat
from checkers.tracing.traced_array import TracedArray, concrete, is_followed, lift, static, traced_in

Rule = Callable[..., Any]


def through(function: Callable[..., Any], *arrays: str, cast: bool = True) -> Rule:
    """The rule that hands the arguments to a ``jax.numpy`` function of the same signature.

    Args:
        function: the function of JAX.
        arrays: names of the parameters that are arrays; all others are made concrete.
        cast: whether the arrays are first cast to the dtype of a floating result, as NumPy does it.
    """

    def rule(value: Any, *args: Any, **kwargs: Any) -> Any:
        first = value[0] if isinstance(value, tuple) else value
        dtype = np.asarray(first).dtype
        bound = signature_of(function).bind(*args, **kwargs)
        for name, argument in bound.arguments.items():
            if name not in arrays:
                bound.arguments[name] = static(argument)
                continue
            target = dtype if cast and dtype.kind == "f" and _is_number(argument) else None
            bound.arguments[name] = lift(argument, target)
        return function(*bound.args, **bound.kwargs)

    return rule


@cache
def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """The signature of ``function``."""
    return inspect.signature(function)


def _is_number(argument: Any) -> bool:
    return np.asarray(concrete(argument)).dtype.kind != "b"


def moved(function: Callable[..., Any], *places: int) -> Rule:
    """The rule for a function that only moves elements: NumPy moves their numbers, and JAX takes those.

    Zero stands for an element that the function itself puts there, which must be 0.

    Args:
        function: the NumPy function.
        places: the positions of its parameters that are arrays, or lists of arrays; the first one by default.
    """
    chosen = places or (0,)

    def rule(value: Any, *args: Any, **kwargs: Any) -> Any:
        parts: list[Any] = [np.zeros(1, value.dtype)]
        numbered = [
            _numbered(argument, parts, value.dtype) if place in chosen else static(argument)
            for place, argument in enumerate(args)
        ]
        numbers = function(*numbered, **{name: static(argument) for name, argument in kwargs.items()})
        return _taken(parts, np.asarray(numbers), value)

    return rule


def written(function: Callable[..., Any], place: int) -> Rule:
    """The rule for a function that writes elements of the parameter at ``place`` into its first parameter."""

    def rule(value: Any, *args: Any, **kwargs: Any) -> Any:
        parts: list[Any] = [np.zeros(1, value.dtype)]
        numbered = [
            _numbered(argument, parts, value.dtype) if position in (0, place) else static(argument)
            for position, argument in enumerate(args)
        ]
        function(*numbered, **{name: static(argument) for name, argument in kwargs.items()})
        return _taken(parts, numbered[0], value)

    return rule


def _numbered(argument: Any, parts: list[Any], dtype: np.dtype[Any]) -> Any:
    """The elements of ``argument`` numbered on from those in ``parts``, to which they are added."""
    if isinstance(argument, (list, tuple)) and _is_nested(argument):
        return type(argument)([_numbered(item, parts, dtype) for item in argument])
    node = lift(argument, dtype)
    first = sum(part.size for part in parts)
    parts.append(node)
    numbers = np.arange(first, first + node.size).reshape(node.shape)
    plain = concrete(argument)
    return np.asfortranarray(numbers) if is_f_order(plain) else numbers


def _is_nested(argument: Any) -> bool:
    return any(isinstance(item, (TracedArray, np.ndarray, list, tuple)) for item in argument)


def is_f_order(array: Any) -> bool:
    """Whether an array lies in memory in the order of Fortran, and not in that of C."""
    return isinstance(array, np.ndarray) and array.flags.f_contiguous and not array.flags.c_contiguous


def _taken(parts: list[Any], numbers: np.ndarray, value: Any) -> Any:
    if not (numbers == 0).any():
        parts = parts[1:]
        numbers = numbers - 1
    flat = [lax.reshape(part, (part.size,)) for part in parts if part.size]
    if not flat:
        return lax.full(np.shape(value), 0, value.dtype)
    return take_flat(flat[0] if len(flat) == 1 else lax.concatenate(flat, 0), numbers)


def is_smooth(*arguments: Any) -> bool:
    """Whether a derivative can flow through one of the arguments."""
    return any(part._buffer.smooth for argument in arguments for part in traced_in(argument))


def is_any_followed(*arguments: Any) -> bool:
    """Whether one of the arguments depends on arguments of the trace."""
    return any(is_followed(part) for argument in arguments for part in traced_in(argument))
