"""Any index: basic, integer arrays, masks and integers that are arguments themselves, in any combination."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.tracing import trace

SHAPE = (3, 4, 2)


def entry(n, labels, kind, a, b):
    """One entry of an index, for an axis of size ``n``: (the entry, how many axes it uses)."""
    if kind == "slice":
        return slice(min(a, b), max(a, b) + 1, 1 + (a + b) % 2), 1
    if kind == "back":
        return slice(None, None, -1), 1
    if kind == "all":
        return slice(None), 1
    if kind == "integer":
        return a % n, 1
    if kind == "new":
        return None, 0
    if kind == "list":
        return [a % n, b % n], 1
    if kind == "array":
        return np.array([[a % n], [b % n]]), 1
    if kind == "mask":
        return np.arange(n) % 2 == a % 2, 1
    if kind == "traced":
        return labels[a % 2 : a % 2 + 2] % n, 1
    if kind == "traced negative":
        return -1 - labels[:2] % n, 1
    if kind == "traced matrix":
        return labels[:4].reshape(2, 2) % n, 1
    return labels[b] % n, 1


KINDS = (
    *("slice", "back", "all", "integer", "new", "list", "array", "mask"),
    *("traced", "traced negative", "traced matrix", "traced scalar"),
)
ENTRIES = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=4
)


def index_of(entries, labels, has_ellipsis):
    index, axis = [], 0
    for kind, a, b in entries:
        if axis == len(SHAPE) and kind != "new":
            break
        part, used = entry(SHAPE[min(axis, 2)], labels, kind, a, b)
        index.append(part)
        axis += used
    if has_ellipsis:
        index.append(...)
    return tuple(index)


def is_valid(entries, has_ellipsis):
    labels = np.array([1, 2, 0, 3])
    try:
        np.zeros(SHAPE)[index_of(entries, labels, has_ellipsis)]
    except IndexError:
        return False
    return True


@settings(max_examples=40, deadline=None, derandomize=True)
@given(entries=ENTRIES, has_ellipsis=st.booleans(), seed=st.integers(0, 99))
def test_any_index_reads_and_writes_what_numpy_does(entries, has_ellipsis, seed, agrees):
    if not is_valid(entries, has_ellipsis):
        return

    def reads_and_writes(x, labels):
        index = index_of(entries, labels, has_ellipsis)
        read = x[index] * 2
        y = x.copy()
        y[index] = 7 * x[0, 0, 0]
        z = np.zeros(SHAPE)
        z[index] += x[1, 1, 1]
        w = np.asfortranarray(x)
        np.add.at(w, index, 3 * x[2, 2, 1])
        return read, y, z, w, x.T[..., 0][0]

    agrees(reads_and_writes, [SHAPE, lambda _: np.random.default_rng(seed).permutation(4)], slopes=False)


def test_traced_integers_are_looked_up_when_the_jaxpr_runs(agrees):
    def pick(p, y):
        return np.log(p[np.arange(3), y]).sum() + p[y[0], y[1]] + p.T[y][0, 0] + p[y].sum()

    traced = agrees(pick, [lambda rng: rng.uniform(0.5, 2, (3, 3)), lambda rng: rng.integers(0, 3, 3)])
    assert not traced.value_dependent


def test_index_out_of_bounds_raises_what_numpy_raises():
    with pytest.raises(IndexError, match="out of bounds"):
        trace(lambda x, y: x[np.arange(2), y], [np.ones((2, 3)), np.array([0, 3])])
