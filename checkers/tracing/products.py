"""Products of matrices and tensors in JAX, each one ``dot_general`` where it can be."""

# ruff: noqa: ARG001 (the parameters are those of NumPy's functions)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from checkers.tracing.elementwise import spread
from checkers.tracing.gathering import take_flat
from checkers.tracing.rules import Rule, through
from checkers.tracing.traced_array import concrete, lift, static

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def contract(
    x: Any,
    y: Any,
    contracted: tuple[Sequence[int], Sequence[int]],
    batch: tuple[Sequence[int], Sequence[int]] = ((), ()),
) -> Any:
    """Sum of products over the ``contracted`` axes; axes: batch, rest of x, rest of y."""
    if x.dtype != np.bool_:
        return lax.dot_general(x, y, (contracted, batch))
    x, y = lax.convert_element_type(x, np.int32), lax.convert_element_type(y, np.int32)
    return lax.ne(lax.dot_general(x, y, (contracted, batch)), np.int32(0))


def matmul(x: Any, y: Any) -> Any:
    """``x @ y`` for JAX values of one dtype."""
    if y.ndim <= 2:
        return contract(x, y, ((x.ndim - 1,), (max(y.ndim - 2, 0),)))
    if x.ndim == 1:
        node = matmul(lax.reshape(x, (1, x.size)), y)
        return lax.reshape(node, (*node.shape[:-2], node.shape[-1]))
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    x, y = spread(x, (*batch, *x.shape[-2:])), spread(y, (*batch, *y.shape[-2:]))
    depth = len(batch)
    dims = tuple(range(depth))
    return contract(x, y, ((depth + 1,), (depth,)), (dims, dims))


def _vecdot(x: Any, y: Any) -> Any:
    shape = np.broadcast_shapes(x.shape, y.shape)
    dims = tuple(range(len(shape) - 1))
    return contract(spread(x, shape), spread(y, shape), ((len(dims),), (len(dims),)), (dims, dims))


def _matvec(x: Any, y: Any) -> Any:
    node = matmul(x, lax.reshape(y, (*y.shape, 1)))
    return lax.reshape(node, node.shape[:-1])


def _vecmat(x: Any, y: Any) -> Any:
    node = matmul(lax.reshape(x, (*x.shape[:-1], 1, x.shape[-1])), y)
    return lax.reshape(node, (*node.shape[:-2], node.shape[-1]))


GUFUNCS: dict[str, Any] = {"matmul": matmul, "vecdot": _vecdot, "matvec": _matvec, "vecmat": _vecmat}
"""Name of a ufunc on vectors and matrices → its rule, on JAX values of one dtype."""


def _dot(value: Any, a: Any, b: Any) -> Any:
    x, y = _pair(value, a, b)
    if x.ndim == 0 or y.ndim == 0:
        return lax.mul(spread(x, np.shape(value)), spread(y, np.shape(value)))
    return contract(x, y, ((x.ndim - 1,), (max(y.ndim - 2, 0),)))


def _inner(value: Any, a: Any, b: Any) -> Any:
    x, y = _pair(value, a, b)
    if x.ndim == 0 or y.ndim == 0:
        return lax.mul(spread(x, np.shape(value)), spread(y, np.shape(value)))
    return contract(x, y, ((x.ndim - 1,), (y.ndim - 1,)))


def _vdot(value: Any, a: Any, b: Any) -> Any:
    x, y = _pair(value, a, b)
    return contract(lax.reshape(x, (x.size,)), lax.reshape(y, (y.size,)), ((0,), (0,)))


def _outer(value: Any, a: Any, b: Any) -> Any:
    x, y = _pair(value, a, b)
    return lax.mul(
        spread(lax.reshape(x, (x.size, 1)), np.shape(value)),
        spread(lax.reshape(y, (1, y.size)), np.shape(value)),
    )


def _tensordot(value: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    x, y = _pair(value, a, b)
    axes = static(axes)
    if isinstance(axes, (int, np.integer)):
        pairs = (tuple(range(x.ndim - int(axes), x.ndim)), tuple(range(int(axes))))
    else:
        pairs = (_axes(axes[0], x.ndim), _axes(axes[1], y.ndim))
    return contract(x, y, pairs)


def _axes(axes: Any, ndim: int) -> tuple[int, ...]:
    return tuple(int(axis) % ndim for axis in np.atleast_1d(axes))


def _pair(value: Any, a: Any, b: Any) -> tuple[Any, Any]:
    dtype = np.asarray(value).dtype
    return lift(a, dtype), lift(b, dtype)


def _einsum(value: Any, *operands: Any, **options: Any) -> Any:
    """``np.einsum``, two operands at a time from the left."""
    dtype = np.asarray(value).dtype
    inputs, output, arrays = _parsed(operands)
    pending = [
        _without_repeats(labels, lift(array, dtype)) for labels, array in zip(inputs, arrays, strict=True)
    ]
    sizes: dict[str, int] = {}
    for labels, node in pending:
        for label, n in zip(labels, node.shape, strict=True):
            sizes[label] = max(n, sizes.get(label, 1)) if n else 0
    pending = [_without_ones(labels, node, sizes) for labels, node in pending]
    labels, node = pending.pop(0)
    while pending:
        other_labels, other = pending.pop(0)
        needed = set(output).union(*(rest for rest, _ in pending))
        labels, node = _sum_out(labels, node, needed | set(other_labels))
        other_labels, other = _sum_out(other_labels, other, needed | set(labels))
        labels, node = _multiplied(labels, node, other_labels, other, needed)
    labels, node = _sum_out(labels, node, set(output))
    missing = [label for label in output if label not in labels]
    node = lax.reshape(node, node.shape + (1,) * len(missing)) if missing else node
    labels += "".join(missing)
    order = tuple(labels.index(label) for label in output)
    node = node if order == tuple(range(len(order))) else lax.transpose(node, order)
    return spread(node, np.shape(value))


def _parsed(operands: tuple[Any, ...]) -> tuple[list[str], str, list[Any]]:
    """Labels of each input and of the output, with the ellipsis written out; and the arrays."""
    if isinstance(operands[0], str):
        text, arrays = operands[0].replace(" ", ""), list(operands[1:])
    else:
        arrays, subscripts = list(operands[0::2]), list(operands[1::2])
        last = None
        if len(arrays) > len(subscripts):
            last = _spelled(arrays.pop())
        text = ",".join(_spelled(subscript) for subscript in subscripts)
        text += "" if last is None else "->" + last
    left, arrow, output = text.partition("->")
    inputs = left.split(",")
    if not arrow:
        letters = left.replace("...", "").replace(",", "")
        output = "..." * ("..." in left) + "".join(sorted(x for x in set(letters) if letters.count(x) == 1))
    free = [letter for letter in _LETTERS if letter not in text]
    depths = [
        np.ndim(concrete(array)) - len(labels.replace("...", ""))
        for labels, array in zip(inputs, arrays, strict=True)
    ]
    rest = "".join(free[: max((d for d, i in zip(depths, inputs, strict=True) if "..." in i), default=0)])
    inputs = [
        labels.replace("...", rest[len(rest) - depth :] if depth else "")
        for labels, depth in zip(inputs, depths, strict=True)
    ]
    return inputs, output.replace("...", rest), arrays


def _spelled(subscript: Any) -> str:
    return "".join("..." if item is Ellipsis else _LETTERS[int(item)] for item in static(subscript))


def _without_repeats(labels: str, node: Any) -> tuple[str, Any]:
    """The diagonal of axes with one label."""
    unique = "".join(dict.fromkeys(labels))
    if unique == labels:
        return labels, node
    ids = np.einsum(f"{labels}->{unique}", np.arange(node.size).reshape(node.shape))
    return unique, take_flat(node, ids)


def _without_ones(labels: str, node: Any, sizes: dict[str, int]) -> tuple[str, Any]:
    """Without the axes of size 1 that are stretched by another operand."""
    stretched = {label for label, n in zip(labels, node.shape, strict=True) if n == 1 and sizes[label] != 1}
    if not stretched:
        return labels, node
    shape = tuple(n for label, n in zip(labels, node.shape, strict=True) if label not in stretched)
    return "".join(label for label in labels if label not in stretched), lax.reshape(node, shape)


def _sum_out(labels: str, node: Any, needed: set[str]) -> tuple[str, Any]:
    axes = tuple(axis for axis, label in enumerate(labels) if label not in needed)
    if not axes:
        return labels, node
    return "".join(label for label in labels if label in needed), lax.reduce_sum(node, axes)


def _multiplied(labels: str, x: Any, other: str, y: Any, needed: set[str]) -> tuple[str, Any]:
    shared = [label for label in labels if label in other]
    batch = [label for label in shared if label in needed]
    summed = [label for label in shared if label not in needed]
    node = contract(
        x,
        y,
        ([labels.index(label) for label in summed], [other.index(label) for label in summed]),
        ([labels.index(label) for label in batch], [other.index(label) for label in batch]),
    )
    rest = [label for label in labels if label not in shared] + [
        label for label in other if label not in shared
    ]
    return "".join(batch + rest), node


RULES: dict[Any, Rule] = {
    np.dot: _dot,
    np.inner: _inner,
    np.vdot: _vdot,
    np.outer: _outer,
    np.tensordot: _tensordot,
    np.einsum: _einsum,
    np.kron: through(jnp.kron, "a", "b"),
    np.cross: through(jnp.cross, "a", "b"),
    np.trace: through(jnp.trace, "a"),
}
"""NumPy function → its rule."""
