"""Ufuncs on traced arrays: calls, in-place writes, operators, and reduce, accumulate, outer, reduceat, at."""

# ruff: noqa: ARG001 (the parameters are those of NumPy's methods)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jax import lax

from checkers.tracing import products, reductions
from checkers.tracing.dispatch import apply, apply_rule, name_of, nodes_of, result_of, wrapped
from checkers.tracing.elementwise import RULES as LOOPS
from checkers.tracing.elementwise import spread
from checkers.tracing.indexing import write_at
from checkers.tracing.rules import Rule, is_any_followed, is_smooth
from checkers.tracing.session import depend_on_value, refuse
from checkers.tracing.traced_array import (
    TracedArray,
    adopted,
    as_it_was,
    begin_write,
    concrete,
    dtype_of,
    end_write,
    lift,
)


def apply_ufunc(ufunc: np.ufunc, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """``ufunc(*args, **kwargs)``, or one of its methods, on traced arrays."""
    if method == "__call__":
        return _call(ufunc, args, kwargs)
    if method == "at":
        return _at(ufunc, args)
    function = getattr(ufunc, method)
    return apply_rule(f"np.{ufunc.__name__}.{method}", function, _method_rule(ufunc, method), args, kwargs)


def apply_operator(function: Callable[..., Any], ufunc: np.ufunc, *operands: Any) -> Any:
    """``function(*operands)`` for an operator of Python and the ufunc that it stands for."""
    value = function(*concrete(operands))
    if not is_any_followed(*operands):
        return wrapped(value)
    return _results(ufunc, value, operands, {})


def _call(ufunc: np.ufunc, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if len(args) > ufunc.nin:
        kwargs = {**kwargs, "out": args[ufunc.nin :]}
        args = args[: ufunc.nin]
    out = kwargs.get("out")
    if out is not None:
        return _call_into(ufunc, out if isinstance(out, tuple) else (out,), args, kwargs)
    value = ufunc(*concrete(args), **concrete(kwargs))
    if not is_any_followed(args, kwargs.get("where")):
        return wrapped(value)
    if kwargs.get("where", True) is not True:
        refuse(name_of(ufunc), "where= leaves elements undefined unless out= is given as well")
    return _results(ufunc, value, args, kwargs)


def _results(ufunc: np.ufunc, value: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    name = name_of(ufunc)
    smooth = is_smooth(args)
    if ufunc.nout == 1:
        return result_of(name, value, _nodes(ufunc, name, [value], args, kwargs)[0], smooth)
    nodes = _nodes(ufunc, name, list(value), args, kwargs)
    return tuple(result_of(name, item, node, smooth) for item, node in zip(value, nodes, strict=True))


def _call_into(ufunc: np.ufunc, outs: tuple[Any, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A ufunc with ``out=``, which in-place operators are too."""
    name = name_of(ufunc)
    where = kwargs.get("where", True)
    targets = [None if out is None else out if type(out) is TracedArray else adopted(out) for out in outs]
    if not is_any_followed(args, where, targets):
        value = ufunc(*concrete(args), **{**concrete(kwargs), "out": concrete(tuple(targets))})
        return wrapped(value, targets)
    for target in targets:
        if target is not None:
            begin_write(target)
    operands, where = as_it_was(args), as_it_was(where)
    old = [None if target is None or where is True else lift(target) for target in targets]
    value = ufunc(*concrete(args), **{**concrete(kwargs), "out": concrete(tuple(targets))})
    items = value if isinstance(value, tuple) else (value,)
    others = {key: item for key, item in kwargs.items() if key not in ("out", "where")}
    nodes = _nodes(ufunc, name, list(items), _harmless(operands, where), others)
    smooth = is_smooth(operands)
    results: list[Any] = []
    for target, item, node, before in zip(targets, items, nodes, old, strict=True):
        if target is None:
            results.append(result_of(name, item, node, smooth))
            continue
        shape, dtype = target._value.shape, dtype_of(name, target._value)
        new = lift(item) if node is None else node
        new = spread(new if new.dtype == dtype else lax.convert_element_type(new, dtype), shape)
        if where is not True:
            new = lax.select(spread(lift(where, np.dtype(bool)), shape), new, spread(before, shape))
        end_write(target, new, smooth)
        results.append(target)
    return tuple(results) if isinstance(value, tuple) else results[0]


def _harmless(args: tuple[Any, ...], where: Any) -> tuple[Any, ...]:
    """The operands with 1 where ``where=`` leaves them out: the derivative of 1/0 would be no number."""
    if where is True:
        return args
    ones = [np.ones((), concrete(x).dtype) if isinstance(concrete(x), np.ndarray) else 1 for x in args]
    return tuple(apply(np.where, (where, x, one), {}) for x, one in zip(args, ones, strict=True))


def _nodes(
    ufunc: np.ufunc, name: str, items: list[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[Any]:
    """The JAX value of each output of a ufunc; None where NumPy's value itself is the result."""
    rule = products.GUFUNCS.get(ufunc.__name__)
    elementwise = LOOPS.get(ufunc.__name__) if rule is None else None

    def on_operands(*operands: Any) -> Any:
        dtypes = _loop_dtypes(ufunc, operands, kwargs)
        lifted = [lift(x, dtype) for x, dtype in zip(operands, dtypes, strict=True)]
        if rule is not None:
            return rule(*lifted)
        shape = np.broadcast_shapes(*(x.shape for x in lifted))
        return elementwise(*(_operand(x, shape) for x in lifted)) if elementwise else None

    is_known = rule is not None or elementwise is not None
    return nodes_of(name, on_operands if is_known else None, items, args, {}, is_smooth(args))


def _operand(x: Any, shape: tuple[int, ...]) -> Any:
    """An operand in the shape of the result; a constant scalar stays one."""
    if isinstance(x, np.ndarray) and x.ndim == 0:
        return x[()]
    return spread(x, shape)


def _loop_dtypes(ufunc: np.ufunc, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[np.dtype[Any]]:
    """The dtypes in which NumPy computes."""
    kinds: list[Any] = []
    for x in args:
        plain = concrete(x)
        if type(plain) is float or type(plain) is int:
            kinds.append(type(plain))
        else:
            kinds.append(
                plain.dtype if isinstance(plain, (np.ndarray, np.generic)) else np.asarray(plain).dtype
            )
    if all(kind is float or kind is int for kind in kinds):
        kinds = [np.dtype(kind) for kind in kinds]
    first = kinds[0]
    if len(set(kinds)) == 1 and first in (np.float64, np.float32) and "dtype" not in kwargs:
        return kinds
    asked: dict[str, Any] = {"casting": "unsafe"}
    if kwargs.get("dtype") is not None:
        asked["signature"] = (*(None,) * ufunc.nin, *(np.dtype(concrete(kwargs["dtype"])),) * ufunc.nout)
    resolved = ufunc.resolve_dtypes((*kinds, *(None,) * ufunc.nout), **asked)
    return list(resolved[: ufunc.nin])


def _at(ufunc: np.ufunc, args: tuple[Any, ...]) -> None:
    array, index, *rest = args
    target = array if type(array) is TracedArray else adopted(array)
    if not is_any_followed(target, index, rest):
        ufunc.at(target._value, concrete(index), *concrete(rest))
        return
    new = lift(rest[0]) if rest else None
    begin_write(target)
    ufunc.at(target._value, concrete(index), *concrete(rest))
    write_at(ufunc.__name__, target, index, rest[0] if new is not None else 1)


def _method_rule(ufunc: np.ufunc, method: str) -> Rule | None:
    name = ufunc.__name__
    if method == "reduce":
        known = reductions.REDUCTIONS.get(name)
        return _folded(ufunc) if known is None else _with_axis_0(known)
    if method == "accumulate":
        known = reductions.CUMULATIVE.get(name)
        return _scanned(ufunc) if known is None else _with_axis_0(known)
    if method == "outer":
        return _outer(ufunc)
    return _reduced_at(ufunc) if method == "reduceat" else None


def _with_axis_0(rule: Rule) -> Rule:
    """The same rule with the default of ``ufunc.reduce``, which is the first axis."""

    def with_axis_0(value: Any, a: Any, axis: Any = 0, dtype: Any = None, *rest: Any, **kwargs: Any) -> Any:
        return rule(value, a, axis, dtype, *rest, **kwargs)

    return with_axis_0


def _along_first(x: TracedArray, axis: Any) -> list[Any]:
    """The slices of ``x`` along ``axis``."""
    ahead = apply(np.moveaxis, (x, concrete(axis), 0), {})
    return [ahead[k] for k in range(len(concrete(ahead)))]


def _folded(ufunc: np.ufunc) -> Rule:
    """Any other reduction: the ufunc applied from the first element to the last."""

    def rule(value: Any, a: Any, axis: Any = 0, dtype: Any = None, keepdims: Any = False) -> Any:
        total, *others = _along_first(a, axis)
        for item in others:
            total = _call(ufunc, (total, item), {})
        return lax.reshape(lift(total, np.asarray(value).dtype), np.shape(value))

    return rule


def _scanned(ufunc: np.ufunc) -> Rule:
    def rule(value: Any, a: Any, axis: Any = 0, dtype: Any = None) -> Any:
        total, *others = _along_first(a, axis)
        steps = [total]
        for item in others:
            total = _call(ufunc, (total, item), {})
            steps.append(total)
        stacked = lax.concatenate(
            [lax.reshape(x, (1, *x.shape)) for x in (lift(s, value.dtype) for s in steps)], 0
        )
        order = list(range(1, value.ndim))
        order.insert(int(concrete(axis)) % value.ndim, 0)
        return lax.transpose(stacked, order)

    return rule


def _outer(ufunc: np.ufunc) -> Rule:
    def rule(value: Any, a: Any, b: Any, **kwargs: Any) -> Any:
        first = apply(np.reshape, (a, np.shape(concrete(a)) + (1,) * np.ndim(concrete(b))), {})
        return lift(_call(ufunc, (first, b), kwargs))

    return rule


def _reduced_at(ufunc: np.ufunc) -> Rule:
    def rule(value: Any, a: Any, indices: Any, axis: Any = 0, dtype: Any = None) -> Any:
        if is_any_followed(indices):
            depend_on_value()
        starts = [int(start) for start in concrete(indices)]
        ahead = apply(np.moveaxis, (a, concrete(axis), 0), {})
        parts = []
        for start, stop in zip(starts, [*starts[1:], len(concrete(ahead))], strict=True):
            part = apply_ufunc(ufunc, "reduce", (ahead[start : max(stop, start + 1)],), {})
            parts.append(lift(part, value.dtype))
        stacked = lax.concatenate([lax.reshape(part, (1, *part.shape)) for part in parts], 0)
        order = list(range(1, value.ndim))
        order.insert(int(concrete(axis)) % value.ndim, 0)
        return lax.transpose(stacked, order)

    return rule
