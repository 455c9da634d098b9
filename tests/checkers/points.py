"""Cases made by hand: one point each, as the checkers draw them or as a user gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from checkers.draw import FIXED, Case


def point(
    *arguments: Any, limits: Sequence[tuple[float, float] | None] = (), seed: int = 0, **fields: Any
) -> Case:
    """A case at these arguments.

    Args:
        arguments: arrays or numbers; numbers become float64.
        limits: per argument the lowest and highest value of all its entries, or None; none for all reals.
        seed: of the run.
        fields: of the case, where they are not those of a point that a user gave.
    """
    arrays = tuple(np.asarray(a, dtype=None if isinstance(a, np.ndarray) else np.float64) for a in arguments)
    pairs = [*limits, *[None] * (len(arrays) - len(limits))]
    spread = tuple(
        None if pair is None else (np.full(a.shape, pair[0]), np.full(a.shape, pair[1]))
        for pair, a in zip(pairs, arrays, strict=True)
    )
    chosen = {"number": -1, "sizes": {}, "regime": FIXED, "name": "f", **fields}
    return Case(seed=seed, arguments=arrays, limits=spread, **chosen)
