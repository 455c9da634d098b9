"""Hypothesis strategies as a source of arrays: one draw for one seed."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import SearchStrategy
from numpy.typing import NDArray

DRAWS = 4
"""Hypothesis begins with the simplest values; the draw after these is taken."""


def draw_from(strategy: SearchStrategy[Any], shape: tuple[int, ...], seed: int) -> NDArray[Any]:
    """One array of ``shape`` from a strategy for arrays, or for the entries of one.

    The same for the same seed.
    """
    value = _one(strategy, seed)
    if np.ndim(value) == 0 and shape:
        value = _one(arrays(np.float64, shape, elements=strategy, fill=None), seed)
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
