"""Calling NumPy on traced arrays: NumPy computes the values, and a rule says what JAX does.

Whatever the function, the same happens: NumPy is called with its own values; what it returns as a view is
a view of the traced array; what depends on no argument of the trace stays a constant; and the rest gets
its JAX value from the rule. Without a rule, a result through which no derivative can flow (integers,
booleans) is taken as it is, and the trace is then valid at this point only; a floating one is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from jax import lax

from checkers.errors import TraceError
from checkers.tracing import analysis, choosing, linear_algebra, products, reductions, shaping
from checkers.tracing.elementwise import spread
from checkers.tracing.rules import Rule, is_any_followed, is_smooth
from checkers.tracing.session import current, depend_on_value, note_text, refuse
from checkers.tracing.traced_array import (
    TracedArray,
    adopted,
    as_it_was,
    begin_write,
    concrete,
    constant,
    dtype_of,
    end_write,
    followed,
    is_followed,
    is_supported,
    lift,
    reading,
    traced_in,
    view_of,
)
from checkers.tracing.views import owner_of

RULES: dict[Any, Rule] = {
    **reductions.RULES,
    **products.RULES,
    **linear_algebra.RULES,
    **shaping.RULES,
    **choosing.RULES,
    **analysis.RULES,
    **analysis.MATH,
}
"""Function of NumPy or ``math`` → its rule."""

_VALUE_FREE = {
    np.shape,
    np.ndim,
    np.size,
    np.isscalar,
    np.iterable,
    np.result_type,
    np.can_cast,
    np.iscomplexobj,
    np.isrealobj,
    np.broadcast_shapes,
    np.common_type,
    np.may_share_memory,
    np.shares_memory,
    np.zeros_like,
    np.ones_like,
    np.empty_like,
    np.einsum_path,
}
"""What says nothing about the values of its arguments, only about their shapes and dtypes."""

_CUTTING = {np.trim_zeros}
"""What gives a view whose shape the values decide."""

_TEXTS = {np.array2string, np.array_repr, np.array_str}

_OUT = {np.dot: 2, np.clip: 3, np.concatenate: 2}
"""Where ``out`` stands among the positional parameters, for functions that cannot be asked."""


def name_of(function: Callable[..., Any]) -> str:
    """How a user writes ``function``: ``np.linalg.inv``, ``math.exp``."""
    module = _module_of(function)
    if isinstance(function, np.ufunc):
        return f"np.{function.__name__}" if hasattr(np, function.__name__) else function.__name__
    if module.startswith("numpy"):
        middle = module.removeprefix("numpy").removeprefix(".")
        middle = "" if middle.startswith(("_", "lib", "core")) else middle
        return ".".join(["np", middle, function.__name__] if middle else ["np", function.__name__])
    return f"{module}.{getattr(function, '__name__', function)}".removeprefix(".")


def apply(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """``function(*args, **kwargs)`` for a function of NumPy, ``math`` or SciPy that is no ufunc."""
    if _module_of(function).startswith("numpy.testing"):
        depend_on_value()
        return function(*concrete(args), **concrete(kwargs))
    writer = shaping.WRITERS.get(function)
    if writer is not None:
        return _write(name_of(function), function, writer, args, kwargs)
    return apply_rule(name_of(function), function, _rule_for(function), args, kwargs)


def _module_of(function: Callable[..., Any]) -> str:
    return getattr(function, "__module__", None) or ""


def _rule_for(function: Callable[..., Any]) -> Rule | None:
    module = _module_of(function)
    if module.startswith("scipy."):
        return analysis.SCIPY.get(f"{module.split('.')[1]}.{getattr(function, '__name__', '')}")
    return RULES.get(function)


def apply_rule(
    name: str, function: Callable[..., Any], rule: Rule | None, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """``function(*args, **kwargs)``, where ``rule`` says what it is in JAX; None if nothing does."""
    out, args, kwargs = _without_out(function, args, kwargs)
    traced = [*traced_in(args), *traced_in(kwargs)]
    if out is not None:
        return _apply_to_out(name, function, rule, out, args, kwargs)
    value = function(*concrete(args), **concrete(kwargs))
    if not any(is_followed(array) for array in traced):
        return wrapped(value, args, kwargs)
    if function in _VALUE_FREE:
        if any(is_followed(array) and isinstance(array._value, (int, np.integer)) for array in traced):
            depend_on_value()
        return wrapped(value, args, kwargs)
    if function in _TEXTS:
        note_text()
        return value
    items = value if isinstance(value, (tuple, list)) else (value,)
    results: list[Any] = [_shared(item, traced) for item in items]
    read = {id(array._buffer) for array in results if array is not None}
    if any(item is None for item in results):
        with reading() as buffers:
            nodes = _nodes(name, rule, value, args, kwargs)
        read |= buffers
        smooth = is_smooth(args, kwargs)
        for place, (item, node) in enumerate(zip(items, nodes, strict=True)):
            if results[place] is None:
                results[place] = result_of(name, item, node, smooth)
    if function in _CUTTING or any(is_followed(x) and id(x._buffer) not in read for x in traced):
        depend_on_value()  # NumPy used a value that JAX has not been told of: a size, an axis
    if not isinstance(value, (tuple, list)):
        return results[0]
    return type(value)(*results) if hasattr(value, "_fields") else type(value)(results)


def _nodes(
    name: str, rule: Rule | None, value: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[Any]:
    """The JAX value of each result; None where NumPy's value itself is the result."""
    items = list(value) if isinstance(value, (tuple, list)) else [value]
    if rule is None and value is None:
        refuse(name, "what it writes is not known")
    return nodes_of(name, rule, items, (value, *args), kwargs, is_smooth(args, kwargs))


def nodes_of(
    name: str,
    rule: Rule | None,
    items: list[Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    smooth: bool,
) -> list[Any]:
    """The JAX values that ``rule(*args, **kwargs)`` gives for NumPy's results ``items``.

    Where no derivative can flow, None is as good: NumPy's values at this point then stand in for the result.
    """
    if smooth:
        for item in items:
            if isinstance(item, (np.ndarray, np.generic, complex)):
                dtype_of(name, item)
        if rule is None and any(_is_inexact(item) for item in items):
            refuse(name, "no rule says how JAX differentiates it")
    if rule is not None and (smooth or all(is_supported(item) for item in items)):
        try:
            nodes = rule(*args, **kwargs)
            return list(nodes) if isinstance(nodes, (tuple, list)) else [nodes]
        except TraceError:
            raise
        except Exception as error:
            if smooth:
                refuse(name, f"with these arguments JAX cannot do it: {_first_line(error)}")
    depend_on_value()
    return [None] * len(items)


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__).rstrip(".")


def _is_inexact(item: Any) -> bool:
    if isinstance(item, (tuple, list)):
        return any(_is_inexact(part) for part in item)
    if isinstance(item, (np.ndarray, np.generic)):
        return item.dtype.kind not in "biuSU"
    return not isinstance(item, (bool, int, str, type(None)))


def result_of(name: str, value: Any, node: Any, smooth: bool) -> Any:
    """The traced array of NumPy's ``value`` and JAX's ``node``; a constant if the node is no JAX value."""
    if node is None or isinstance(node, (np.ndarray, np.generic)):
        return constant(value) if isinstance(value, np.ndarray) else value
    return followed(name, value, node, smooth)


def _shared(value: Any, traced: list[TracedArray]) -> TracedArray | None:
    """The traced array whose memory ``value`` is, if NumPy gave back an argument or a view of one."""
    if not isinstance(value, np.ndarray):
        return None
    for array in traced:
        if value is array._value:
            return array
    owner = owner_of(value)
    for array in traced:
        if owner is array._buffer.value:
            return view_of(array._buffer, value)
    return None


def wrapped(value: Any, *sources: Any) -> Any:
    """A result that depends on no argument of the trace: arrays become traced ones, scalars stay NumPy's."""
    if current() is None:
        return value
    kind = type(value)
    if kind is tuple or kind is list:
        return kind([wrapped(item, *sources) for item in value])
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return kind(*(wrapped(item, *sources) for item in value))
    if kind is not np.ndarray or value.dtype.kind not in "biufc":
        return value
    known = _shared(value, [array for source in sources for array in traced_in(source)])
    if known is not None:
        return known
    owner = owner_of(value)
    for array in _arrays_in(sources):
        if owner_of(array) is owner:
            return adopted(value)
    return constant(value)


def _arrays_in(x: Any) -> list[np.ndarray]:
    if isinstance(x, np.ndarray):
        return [x]
    if isinstance(x, (list, tuple)):
        return [array for item in x for array in _arrays_in(item)]
    return [array for item in x.values() for array in _arrays_in(item)] if isinstance(x, dict) else []


@cache
def _place_of_out(function: Callable[..., Any]) -> int | None:
    if function in _OUT:
        return _OUT[function]
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    names = [parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    return names.index("out") if "out" in names else None


def _without_out(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """The ``out`` argument, and the arguments without it."""
    if "out" in kwargs:
        out = kwargs["out"]
        return out, args, {name: item for name, item in kwargs.items() if name != "out"}
    place = _place_of_out(function) if len(args) > 2 else None
    if place is None or len(args) <= place:
        return None, args, kwargs
    if place < len(args) - 1:
        names = list(inspect.signature(function).parameters)[place + 1 : len(args)]
        kwargs = {**dict(zip(names, args[place + 1 :], strict=True)), **kwargs}
    return args[place], args[:place], kwargs


def _apply_to_out(
    name: str,
    function: Callable[..., Any],
    rule: Rule | None,
    out: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """A function with ``out=``."""
    out = out[0] if isinstance(out, tuple) else out
    target = out if type(out) is TracedArray else adopted(out)
    if not is_any_followed(target, args, kwargs):
        function(*concrete(args), out=target._value, **concrete(kwargs))
        return target
    smooth = is_smooth(args, kwargs)
    fresh = function(*concrete(args), **concrete(kwargs))
    nodes = _nodes(name, rule, fresh, args, kwargs)
    node = lift(fresh) if nodes[0] is None else nodes[0]
    begin_write(target)
    function(*concrete(args), out=target._value, **concrete(kwargs))
    _store(name, target, node, smooth)
    return target


def _store(name: str, target: TracedArray, node: Any, smooth: bool) -> None:
    dtype = dtype_of(name, target._value)
    node = node if node.dtype == dtype else lax.convert_element_type(node, dtype)
    end_write(target, spread(node, target._value.shape), smooth)


def _write(
    name: str, function: Callable[..., Any], rule: Rule, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    if not args:
        args, kwargs = tuple(kwargs.values())[:1], dict(list(kwargs.items())[1:])
    target = args[0] if type(args[0]) is TracedArray else adopted(args[0])
    if not is_any_followed(target, args, kwargs):
        function(*concrete(args), **concrete(kwargs))
        return
    begin_write(target)
    before, options = as_it_was((target, *args[1:])), as_it_was(kwargs)
    function(target._value, *concrete(args[1:]), **concrete(kwargs))
    smooth = is_smooth(before[1:], options)
    nodes = _nodes(name, rule, target._value, before, options)
    _store(name, target, nodes[0], smooth)
