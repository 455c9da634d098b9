"""Hypothesis strategies as a source of arrays: one draw for one seed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
from hypothesis import HealthCheck, Phase, currently_in_test_context, given, settings
from hypothesis import seed as seeded
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

Found = TypeVar("Found")

DRAWS = 4
"""Hypothesis begins with the simplest values; the draw after these is taken."""


def draw_from(strategy: SearchStrategy[Any], shape: tuple[int, ...], seed: int) -> NDArray[Any]:
    """One array of ``shape`` from a strategy for arrays, or for the entries of one.

    The same for the same seed.
    """
    value = outside(lambda: _one(strategy, seed))
    if np.ndim(value) == 0 and shape:
        entries = arrays(np.float64, shape, elements=strategy, fill=None)
        value = outside(lambda: _one(entries, seed))
    return np.asarray(value)


def _one(strategy: SearchStrategy[Any], seed: int) -> Any:
    drawn: list[Any] = []

    @seeded(seed)
    @settings(
        max_examples=DRAWS,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        drawn.append(value)

    collect()
    return drawn[-1]


def outside(run: Callable[[], Found]) -> Found:
    """``run()``, which makes Hypothesis draw, also where a test of Hypothesis is under way.

    It forbids one inside of another in the same thread.
    """
    if not currently_in_test_context():
        return run()
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(run).result()
