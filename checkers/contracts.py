"""What a gradient must keep to besides its values.

Each contract has a name and says in a sentence how it is broken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.candidate import Call


@dataclass(frozen=True)
class Broken:
    """A contract that a call broke.

    Attributes:
        contract: "runs", "returned", "shape", "finite", "unchanged" or, for a forward, "defined".
        argument: the argument or output concerned; empty if it is the call as a whole.
        sentence: what is wrong and what to do.
    """

    contract: str
    argument: str
    sentence: str


def unchanged(call: Call, kind: str) -> list[Broken]:
    """Inputs and cotangent keep their values."""
    return [
        Broken(
            "unchanged",
            name,
            f"the {kind} overwrites its input {name}: the caller's array is changed; work on a copy",
        )
        for name in dict.fromkeys(call.overwritten)
    ]


def shape(name: str, gradient: NDArray[Any], expected: Sequence[int], what: str) -> Broken | None:
    """A gradient has exactly the shape of its argument; broadcasting is not agreement."""
    if gradient.shape == tuple(expected):
        return None
    hint = ""
    if gradient.shape == tuple(reversed(expected)):
        hint = "; it is the transpose"
    elif gradient.size == int(np.prod(expected)):
        hint = "; the number of entries is right, so reshape it"
    elif gradient.size < int(np.prod(expected)):
        hint = "; an axis has been summed or averaged away, or was never there"
    return Broken(
        "shape",
        name,
        f"the {what} for {name} has shape {gradient.shape}, but {name} has shape {tuple(expected)}{hint}",
    )


def finite(name: str, gradient: NDArray[Any], what: str) -> Broken | None:
    """Where the forward and the true gradient are finite, the claimed one is."""
    bad = ~np.isfinite(gradient)
    if not bad.any():
        return None
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    return Broken(
        "finite",
        name,
        f"the {what} for {name} is {gradient[index]} at {list(index)}, where forward and true {what} are"
        " finite",
    )
