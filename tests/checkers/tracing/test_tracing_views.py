"""Views and writes: what shares memory in NumPy shares it in the trace, in whatever order."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided

from checkers.errors import TraceError
from checkers.tracing import trace


def rows_and_columns(x):
    y = x.copy()
    row, column = y[0], y[:, 1]
    row += 1
    column *= x[:, 0]
    y[1:, ::2] -= row[::2]
    return y, row, column


def transposed(x):
    y = x.copy()
    y.T[0, 1:] = x[1:, 3]
    t = np.transpose(y)
    t[2] *= 3
    return y


def reshaped(x):
    y = np.zeros(12)
    m = y.reshape(3, 4)
    m[:] = x
    m[1] += y[:4]
    flat = m.ravel()
    flat[5] = 7 * x[0, 0]
    return y, m


def copies_are_no_views(x):
    y = x.copy()
    flat = y.flatten()
    flat += 1
    copy = y.T.reshape(-1)
    copy *= 2
    picked = y[[0, 1]]
    picked[:] = 0
    masked = y[y > 0]
    masked *= 0
    return y, flat, copy


def constants_become_traced(x):
    whole = np.zeros((3, 4))
    before = whole[1]
    whole[:, 2] = x[:, 0]
    before += x[0]
    after = whole.T
    return whole, before, after @ x


def diagonals(x):
    y = np.zeros((4, 4))
    np.einsum("ii->i", y)[...] = x[0]
    np.fill_diagonal(y[1:], x[1, :3])
    y[np.diag_indices(4)] *= 2
    return y, np.diagonal(y)


def broadcast_reads(x):
    wide = np.broadcast_to(x[0], (3, 4))
    y = x.copy()
    wider = y[None, :, :]
    y[0] = 5 * x[1]
    return wide * x, wider + wide


def windows_follow_writes(x):
    y = x[0].copy()
    windows = np.lib.stride_tricks.sliding_window_view(y, 2)
    y[1] = x[2, 2]
    return windows * 2


def strided_blocks(x):
    y = x.copy()
    blocks = as_strided(y, (2, 2), (8 * 2, 8))
    blocks[1] = x[2, :2]
    return y


def reversed_and_swapped(x):
    y = x.copy()
    y[::-1, ::-1][0, 0] = 100 * x[0, 0]
    a, b = y[0].copy(), y[1]
    y[0], y[1] = b, a
    y[:, [0, 1]] = y[:, [1, 0]]
    return y


def reversed_views(x):
    y = x.copy()
    backwards = y[::-1, 1:]
    backwards *= x[:, :3]
    steps = y[:, ::-2]
    steps[:] = x[:, :2]
    return y, backwards, steps


def permuted_axes(x):
    y = np.zeros((2, 3, 4))
    moved = y.transpose(2, 0, 1)
    moved[1:, 0] = x.T[1:]
    moved[:, 1, ::-1] += x.T
    return y, moved


def overlapping_copy(x):
    y = x.copy()
    y[1:] = y[:-1]
    y[:, :-1] += y[:, 1:]
    return y


def fortran_order(x):
    y = np.asfortranarray(x)
    y[0, 0] = 3 * x[1, 1]
    flat = y.T.ravel()
    flat[2] = 9
    return y, y.ravel(), y.flatten("K")


def in_place_functions(x):
    y = x.copy()
    np.add(y, 1, out=y)
    np.multiply(y[0], x[1], out=y[2])
    np.clip(y, -1, 1, out=y)
    np.exp(y[:, 1], y[:, 0])
    np.copyto(y[1], x[0], where=x[0] > 0)
    np.negative(y, out=y, where=np.array([True, False, True, True]))
    return y


def methods_in_place(x):
    y = x.copy()
    y[0].fill(4)
    y[1].sort()
    y.flat[9] = x[0, 0]
    y.put([1, 2], x[1, 1])
    np.put_along_axis(y, np.array([[0], [1], [2]]), x[0, 0], axis=1)
    np.place(y, y > 2, [1.0, 2.0])
    np.putmask(y, np.eye(3, 4, dtype=bool), x * 2)
    return y


def repeated_indices(x):
    y = np.zeros(4)
    np.add.at(y, [0, 0, 2], x[0, :3])
    np.subtract.at(y, np.array([1, 1]), x[1, 0])
    np.multiply.at(y, [2], 3.0)
    y[[0, 0]] += x[2, :2]
    np.maximum.at(y, [3], x[0, 3])
    return y


def shape_set_in_place(x):
    y = x.copy()
    y.shape = (4, 3)
    y[0] = x[0, :3]
    return y


def argument_itself(x):
    x *= 2
    x[0] = 0
    return x


CASES = [
    rows_and_columns,
    transposed,
    reshaped,
    copies_are_no_views,
    constants_become_traced,
    diagonals,
    broadcast_reads,
    windows_follow_writes,
    strided_blocks,
    reversed_and_swapped,
    reversed_views,
    permuted_axes,
    overlapping_copy,
    fortran_order,
    in_place_functions,
    methods_in_place,
    repeated_indices,
    shape_set_in_place,
    argument_itself,
]


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")
@pytest.mark.parametrize("function", CASES, ids=lambda function: function.__name__)
def test_views_share_memory_as_in_numpy(function, agrees):
    agrees(function, [(3, 4)])


def traced_row(x, y):
    table = np.zeros((4, 3))
    for k in range(3):
        table[y[k]] += x[k]
        table[1:, y[k] % 3] -= 2 * x[0]
        table[y[k], 1] = x[k, k]
    return table


def traced_row_by_name(x, y):
    table = x.copy()
    row = table[y[0]]
    row += 1
    row[0] = x[0, 0] * 5
    return table, row


def traced_labels(x, y):
    table = x.copy()
    table[np.arange(3), y[:3] % 4] -= 1
    table[y[:3] % 3, [0, 1, 2]] *= 2
    return table


@pytest.mark.parametrize(
    ("function", "shape"), [(traced_row, (3, 3)), (traced_row_by_name, (5, 3)), (traced_labels, (3, 4))]
)
def test_writes_where_traced_integers_say(function, shape, agrees):
    agrees(function, [shape, lambda rng: rng.permutation(4)])


def test_traced_repeated_labels_keep_the_last_write(agrees):
    def last_write(x, y):
        table = np.zeros(4)
        table[y] = x
        return table

    traced = agrees(last_write, [(5,), lambda _: np.array([1, 1, 3, 1, 0])])
    assert traced.value_dependent


def test_stale_view_of_a_traced_row_is_refused():
    def stale(x, y):
        row = x[y[0]]
        x[:] = 0
        return row * 2

    with pytest.raises(TraceError, match="written to after"):
        trace(stale, [np.ones((3, 2)), np.array([1])])


def test_write_into_shared_places_is_refused():
    def shared(x):
        y = np.zeros(3)
        as_strided(y, (2, 2), (8, 8))[...] = x
        return y

    with pytest.raises(TraceError, match="share one place"):
        trace(shared, [np.ones((2, 2))])


def test_read_only_views_raise_what_numpy_raises():
    def write(x):
        np.broadcast_to(x, (2, 3))[0] = 1

    with pytest.raises(ValueError, match="read-only"):
        trace(write, [np.ones(3)])


# --- any views, any writes, in any order

SHAPES = [(3, 4), (4,), (2, 3, 4), (3, 3), (1, 4), (2, 1, 3), (6,)]


def look(a, step, rng):
    """A view (or copy) of an array, of many kinds."""
    if step == 0:
        return a.T
    if step == 1:
        return a.reshape(-1)
    if step == 2:
        rows = rng.choice([k for k in range(1, a.size + 1) if a.size % k == 0])
        return a.reshape(rows, a.size // rows)
    if step == 3:
        return np.swapaxes(a, 0, -1)[np.newaxis]
    if step == 4:
        return np.squeeze(a)
    if step == 5:
        return np.array_split(a, 2, axis=rng.randrange(a.ndim))[1]
    if step == 6:
        return np.broadcast_to(a, (2, *a.shape))
    if step == 7 and a.ndim > 1 and a.shape[0] == a.shape[1]:
        return np.einsum("ii...->i...", a)
    index = []
    for n in a.shape:
        kind = rng.randrange(5)
        low = rng.randrange(n)
        index += [
            [low],
            [slice(None)],
            [slice(low, rng.randint(low, n))],
            [slice(None, None, rng.choice([-1, 2, -2]))],
            [None, slice(None)],
        ][kind]
    return a[tuple(index)]


def write(a, b, value, step, rng):
    """A write into an array, of many kinds."""
    row = rng.randrange(a.shape[0]) if a.ndim else ...
    if step == 0:
        a += value
    elif step == 1:
        a *= 2
    elif step == 2:
        a[...] = value
    elif step == 3:
        a[row] = value * 3
    elif step == 4:
        a[row] += value
    elif step == 5:
        a[a > 0.3] = value
    elif step == 6 and a.ndim:
        a[[row, rng.randrange(a.shape[0])]] = value
    elif step == 7 and a.ndim:
        np.add.at(a, [0, 0], value)
    elif step == 8 and b.shape == a.shape:
        a[...] = b
    else:
        np.copyto(a, value)


def program(steps, shape):
    """NumPy code that looks and writes as ``steps`` say."""

    def run(x, y):
        arrays = [x, x.copy(), np.zeros(shape), np.asfortranarray(x)]
        for seed, is_look, kind in steps:
            rng = random.Random(seed)
            a, b = rng.choice(arrays), rng.choice(arrays)
            if is_look and a.size and a.ndim:
                found = look(a, kind, rng)
                if np.ndim(found):
                    arrays.append(found)
            elif not is_look and a.size and a.flags.writeable:
                write(a, b, y[rng.randrange(y.size)], kind, rng)
        return tuple(arrays)

    return run


STEPS = st.lists(st.tuples(st.integers(0, 2**32), st.booleans(), st.integers(0, 9)), min_size=2, max_size=9)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(steps=STEPS, shape=st.sampled_from(SHAPES))
def test_any_views_and_writes_agree_with_numpy(steps, shape, agrees):
    agrees(program(steps, shape), [shape, (3,)], slopes=False)
