"""The positions that gathers read and scatters write, against XLA, for random windows in every mode."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from soundness import by_xla, jaxpr_of

from checkers.rounding.windows import gather_positions, scatter_positions

COUNT = 40
MODES = ("clip", "fill", "promise_in_bounds")


@dataclass(frozen=True)
class Windows:
    """How windows lie in an operand.

    Attributes:
        shape: of the operand.
        sizes: of every window.
        starts: the corners, one row per window.
        start_axes: the axes of the operand that the corners are given for.
        dropped: axes of the operand, of size 1 in a window, that the result does not have.
        batch: axes of the operand that run along with the first axis of the corners: at most one.
        offsets: the axes of the result that run over a window.
        mode: what happens to windows that reach outside.
    """

    shape: tuple[int, ...]
    sizes: tuple[int, ...]
    starts: np.ndarray
    start_axes: tuple[int, ...]
    dropped: tuple[int, ...]
    batch: tuple[int, ...]
    offsets: tuple[int, ...]
    mode: str

    @property
    def batched(self) -> tuple[int, ...]:
        return (0,) * len(self.batch)

    @property
    def result(self) -> tuple[int, ...]:
        """The shape of what is gathered."""
        window = iter(
            self.sizes[axis] for axis in range(len(self.shape)) if axis not in (*self.dropped, *self.batch)
        )
        rows = iter(self.starts.shape[:-1])
        rank = len(self.offsets) + self.starts.ndim - 1
        return tuple(next(window) if axis in self.offsets else next(rows) for axis in range(rank))

    def gathered(self, x):
        numbers = lax.GatherDimensionNumbers(
            self.offsets, self.dropped, self.start_axes, self.batch, self.batched
        )
        return lax.gather(x, self.starts, numbers, self.sizes, mode=self.mode)

    def scattered(self, x, updates):
        numbers = lax.ScatterDimensionNumbers(
            self.offsets, self.dropped, self.start_axes, self.batch, self.batched
        )
        return lax.scatter_add(x, self.starts, updates, numbers, mode=self.mode)


def drawn(seed: int) -> Windows:
    """Windows of every kind: dropped axes, partial and whole ones, batches, corners inside and outside."""
    rng = np.random.default_rng([seed, 31])
    mode = MODES[seed % 3]
    shape = tuple(int(n) for n in rng.integers(1, 5, rng.integers(1, 4)))
    roles = [
        str(rng.choice(["dropped", "partial", "whole", "batch"], p=[0.35, 0.25, 0.2, 0.2])) for _ in shape
    ]
    roles = ["whole" if role == "batch" and "batch" in roles[:k] else role for k, role in enumerate(roles)]
    if not {"dropped", "partial"} & set(roles):  # XLA's scatter adds once only where no axis has a corner
        roles[-1] = "partial"
    sizes = tuple(
        {"dropped": 1, "batch": 1, "whole": n}.get(role, int(rng.integers(1, n + 1)))
        for n, role in zip(shape, roles, strict=True)
    )
    start_axes = [k for k, role in enumerate(roles) if role in ("dropped", "partial")]
    rng.shuffle(start_axes)
    batch = tuple(k for k, role in enumerate(roles) if role == "batch")
    rows = tuple(int(n) for n in rng.integers(1, 4, rng.integers(1, 3)))
    rows = (shape[batch[0]], *rows[1:]) if batch else rows
    starts = np.stack([rng.integers(-1, shape[axis] + 1, rows) for axis in start_axes], -1)
    if mode == "promise_in_bounds":
        starts = np.clip(starts, 0, [shape[axis] - sizes[axis] for axis in start_axes])
    windowed = sum(role in ("partial", "whole") for role in roles)
    offsets = tuple(sorted(int(k) for k in rng.choice(windowed + len(rows), windowed, replace=False)))
    dropped = tuple(k for k, role in enumerate(roles) if role == "dropped")
    return Windows(shape, sizes, starts, tuple(start_axes), dropped, batch, offsets, mode)


DRAWN = [drawn(seed) for seed in range(COUNT)]


def operand(windows: Windows) -> np.ndarray:
    return np.arange(1.0, 1 + np.prod(windows.shape)).reshape(windows.shape)


def updates(windows: Windows) -> np.ndarray:
    return 100.0 * np.arange(1, 1 + np.prod(windows.result)).reshape(windows.result)


def parameters_of(function, name, *arrays):
    (equation,) = [
        e for e in jaxpr_of(lambda _, *a: function(*a), arrays).jaxpr.eqns if e.primitive.name == name
    ]
    return equation.params


@cache
def compiled():
    gathers = [(lambda _, x, w=w: w.gathered(x), [operand(w)]) for w in DRAWN]
    scatters = [(lambda _, x, y, w=w: w.scattered(x, y), [operand(w), updates(w)]) for w in DRAWN]
    results = by_xla([*gathers, *scatters])
    return [(results[k][0], results[k + COUNT][0]) for k in range(COUNT)]


@pytest.mark.parametrize("seed", range(COUNT))
def test_gather_reads_what_xla_reads(seed):
    windows = DRAWN[seed]
    x = operand(windows)
    positions, inside = gather_positions(
        x.shape, windows.starts, parameters_of(windows.gathered, "gather", x)
    )
    assert positions.shape == inside.shape == windows.result
    read = x.reshape(-1)[positions]
    np.testing.assert_array_equal(np.where(inside, read, np.nan), compiled()[seed][0])


@pytest.mark.parametrize("seed", range(COUNT))
def test_scatter_writes_where_xla_writes(seed):
    windows = DRAWN[seed]
    x, y = operand(windows), updates(windows)
    positions, inside = scatter_positions(
        x.shape, windows.starts, y.shape, parameters_of(windows.scattered, "scatter-add", x, y)
    )
    written = x.reshape(-1).copy()
    np.add.at(written, positions[inside], y[inside])
    np.testing.assert_array_equal(written.reshape(x.shape), compiled()[seed][1])


def test_windows_of_every_kind_are_drawn():
    assert any(w.batch for w in DRAWN)
    assert any(w.dropped for w in DRAWN)
    assert any(set(w.offsets) and min(w.offsets) == 0 for w in DRAWN)
    assert any(w.starts.ndim == 3 for w in DRAWN)
    assert {w.mode for w in DRAWN} == set(MODES)
    outside = [
        not gather_positions(w.shape, w.starts, parameters_of(w.gathered, "gather", operand(w)))[1].all()
        for w in DRAWN
        if w.mode == "fill"
    ]
    assert any(outside)
    assert not all(outside)


def test_clipped_windows_stay_whole():
    x = jnp.arange(5.0)
    windows = Windows((5,), (3,), np.array([[4], [-7]]), (0,), (), (), (1,), "clip")
    parameters = parameters_of(windows.gathered, "gather", np.asarray(x))
    positions, inside = gather_positions((5,), windows.starts, parameters)
    assert positions.tolist() == [[2, 3, 4], [0, 1, 2]]
    assert inside.all()


def test_window_that_reaches_outside_is_outside_as_a_whole():
    windows = Windows((5,), (3,), np.array([[3], [1]]), (0,), (), (), (1,), "fill")
    parameters = parameters_of(windows.gathered, "gather", np.arange(5.0))
    _, inside = gather_positions((5,), windows.starts, parameters)
    assert inside.tolist() == [[False] * 3, [True] * 3]
