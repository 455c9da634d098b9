"""Points beside a given one at which a gradient is zero throughout.

There the claim may be right for the wrong reason: 2x² and 3x² agree at 0. A point of ordinary values with
the same shapes tells them apart. What is found there can confirm the claim; it never refutes it, because the
given point may have had a property that the gradient relies on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.domains import Domain
from checkers.draw import BESIDE, Case


def points_beside(case: Case, domains: Sequence[Domain], moved: Collection[int]) -> Iterator[Case]:
    """Two cases with other values of the arguments numbered ``moved``: first of the same signs, then of any.

    Args:
        case: the given point.
        domains: one per argument; the second case is drawn from them.
        moved: the arguments that are differentiated; the others stay as they are.
    """
    rng = case.rng("beside")
    same_signs = [
        np.where(a < 0, -1, 1) * np.round(rng.uniform(0.2, 1.5, a.shape), 2) for a in case.arguments
    ]
    drawn = [
        domain.draw(rng, a.shape, "normal", case.sizes)
        for domain, a in zip(domains, case.arguments, strict=True)
    ]
    for number, others in enumerate((same_signs, drawn), start=1):
        arguments = tuple(
            _like(other, a) if k in moved else a
            for k, (other, a) in enumerate(zip(others, case.arguments, strict=True))
        )
        limits = tuple(d.limits(a) for d, a in zip(domains, arguments, strict=True))
        yield replace(
            case, number=case.number - 1000 * number, regime=BESIDE, arguments=arguments, limits=limits
        )


def _like(values: NDArray[Any], array: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(values).astype(array.dtype)
