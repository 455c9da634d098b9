"""The convolution of deep learning (a correlation) with stride and padding, and pooling.

    out_fij = Σ_cpq w_fcpq x̃_c,si+p,sj+q + b_f

x̃ is x with a border of zeros; s is the stride. x: (c, h, w), one example; w: (f, c, p, q); b: (f). Backward,
every window of the input receives its filter times δ, and windows that overlap add up.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reference_impl.formula import Array, Formula


def _padded(x: Array, pad: int) -> Array:
    """X with a border of zeros along its last two axes."""
    return np.pad(x, [(0, 0)] * (x.ndim - 2) + [(pad, pad)] * 2)


def _windows(
    rows: int, columns: int, height: int, width: int, stride: int
) -> Iterator[tuple[int, int, tuple[slice, slice]]]:
    """Every entry of the output with its window in the input."""
    for i in range((rows - height) // stride + 1):
        for j in range((columns - width) // stride + 1):
            top, left = i * stride, j * stride
            yield i, j, (slice(top, top + height), slice(left, left + width))


def correlation(x: Array, w: Array, b: Array, stride: int, pad: int) -> Array:
    """Every filter at every place.   x: (c, h, w); w: (f, c, p, q); b: (f); returns (f, rows, columns)."""
    padded = _padded(x, pad)
    _, rows, columns = padded.shape
    height, width = w.shape[2:]
    filters = w.reshape(len(w), -1)
    places = [
        filters @ padded[:, r, c].reshape(-1) + b
        for _, _, (r, c) in _windows(rows, columns, height, width, stride)
    ]
    across = (columns - width) // stride + 1
    out: Array = np.stack(places, axis=1).reshape(len(w), -1, across)
    return out


def correlation_vjp(delta: Array, x: Array, w: Array, stride: int, pad: int) -> tuple[Array, Array, Array]:
    """(Σ windows filter · δ, Σ places δ · window, Σ places δ).   δ: (f, rows, columns)."""
    padded = _padded(x, pad)
    _, rows, columns = padded.shape
    height, width = w.shape[2:]
    by_padded, by_w = np.zeros(padded.shape, delta.dtype), np.zeros(w.shape, delta.dtype)
    for i, j, (r, c) in _windows(rows, columns, height, width, stride):
        by_padded[:, r, c] += np.einsum("f,fcpq->cpq", delta[:, i, j], w)
        by_w += np.einsum("f,cpq->fcpq", delta[:, i, j], padded[:, r, c])
    by_x = by_padded[:, pad : rows - pad, pad : columns - pad]
    return by_x.copy(), by_w, delta.sum(axis=(1, 2))


def convolution(x: Array, w: Array, b: Array) -> Array:
    """Stride 1, no padding.   x: (c, 4, 4); w: (f, c, 3, 3); b: (f); returns (f, 2, 2)."""
    return correlation(x, w, b, 1, 0)


def convolution_vjp(delta: Array, x: Array, w: Array, b: Array) -> tuple[Array, Array, Array]:  # noqa: ARG001
    """The gradients of ``convolution``.   δ: (f, 2, 2)."""
    return correlation_vjp(delta, x, w, 1, 0)


def strided_convolution(x: Array, w: Array, b: Array) -> Array:
    """Stride 2, a border of one zero.   x: (c, 3, 3); w: (f, c, 3, 3); b: (f); returns (f, 2, 2)."""
    return correlation(x, w, b, 2, 1)


def strided_convolution_vjp(
    delta: Array,
    x: Array,
    w: Array,
    b: Array,  # noqa: ARG001  (a vjp takes every argument of its forward)
) -> tuple[Array, Array, Array]:
    """The gradients of ``strided_convolution``.   δ: (f, 2, 2)."""
    return correlation_vjp(delta, x, w, 2, 1)


def max_pool(x: Array) -> Array:
    """The larger of every two neighbours of a row, stride 1.   x: (n, 3); returns (n, 2)."""
    return np.maximum(x[:, :-1], x[:, 1:])


def max_pool_vjp(delta: Array, x: Array) -> Array:
    """δ goes to the larger neighbour, to the first of equals; windows that overlap add up.   δ: (n, 2)."""
    first = x[:, :-1] >= x[:, 1:]
    by_x = np.zeros(x.shape, delta.dtype)
    by_x[:, :-1] += np.where(first, delta, 0)
    by_x[:, 1:] += np.where(first, 0, delta)
    return by_x


def average_pool(x: Array) -> Array:
    """The mean of every two neighbours of a row, stride 1.   x: (n, 3); returns (n, 2)."""
    out: Array = (x[:, :-1] + x[:, 1:]) / 2
    return out


def average_pool_vjp(delta: Array, x: Array) -> Array:
    """Half of δ goes to either neighbour.   δ: (n, 2)."""
    by_x = np.zeros(x.shape, delta.dtype)
    by_x[:, :-1] += delta / 2
    by_x[:, 1:] += delta / 2
    return by_x


FORMULAS = (
    Formula("convolution", convolution, convolution_vjp, "(c,4,4),(f,c,3,3),(f)->(f,2,2)", ()),
    Formula(
        "convolution_strided",
        strided_convolution,
        strided_convolution_vjp,
        "(c,3,3),(f,c,3,3),(f)->(f,2,2)",
        (),
    ),
    Formula(
        "max_pool",
        max_pool,
        max_pool_vjp,
        "(n,3)->(n,2)",
        (),
        convention="of equal entries the first receives the gradient; some courses give it to all",
    ),
    Formula("average_pool", average_pool, average_pool_vjp, "(n,3)->(n,2)", ()),
)
