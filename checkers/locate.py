"""Which entry is wrong, where only directions that move all entries have told that one is.

The slope along a direction is the sum of what its blocks contribute. So the direction is cut into blocks, the
block that is farthest off is cut again, and so on down to one entry: some tens of forward passes for every
factor of eight in the number of entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.along import Along
from checkers.compare import Claim, Finding, find
from checkers.draw import Case
from checkers.excerpt import Excerpt
from checkers.oracles.estimate import Answer, Estimate
from checkers.oracles.finite_difference import (
    LADDERS,
    Direction,
    FiniteDifference,
    coordinate,
    direction,
)
from checkers.rounding.ball import Reals

BLOCKS = 8
"""Into how many blocks a direction is cut at a time."""
ROUGH = "the forward is not smooth enough here"


@dataclass(frozen=True)
class _Search:
    """The search in one argument, along one direction.

    Attributes:
        differences: the oracle.
        case: the case.
        leading: the cotangents.
        claim: the gradient for the argument.
        k: the number of the argument.
        way: how its entries move.
    """

    differences: FiniteDifference
    case: Case
    leading: Sequence[NDArray[Any]]
    claim: Claim
    k: int
    way: Reals

    def worst(self, block: tuple[int, int]) -> tuple[int, int] | None:
        """The part of a block that is farthest off in units of what is allowed.

        None if none is outside the bounds.
        """
        cuts = np.linspace(*block, min(BLOCKS, block[1] - block[0]) + 1).astype(int).tolist()
        parts = list(pairwise(cuts))
        return self._worst_of(parts, 1) or self._worst_of(parts, LADDERS + 1)

    def _worst_of(self, blocks: Sequence[tuple[int, int]], ladders: int) -> tuple[int, int] | None:
        ways = [self._only(*block) for block in blocks]
        moves = [self._direction(way) for way in ways]
        slopes = self.differences.along(self.case, moves, self.leading, ladders)
        if isinstance(slopes, str):
            return None
        value, bound = slopes
        claimed = Along(tuple(ways), Answer(self.differences.name)).of(self.claim)
        allowed = np.maximum(bound + claimed.noise, np.finfo(np.float64).tiny)
        off = np.abs(claimed.value - value) / allowed
        best = int(np.argmax(np.nan_to_num(off, nan=0.0)))
        return blocks[best] if off[best] > 1 else None

    def entry(self, flat: int) -> Finding:
        """What finite differences say of a single entry."""
        point = [a.astype(np.float64) if a.dtype.kind == "f" else a for a in self.case.arguments]
        move = coordinate(point, self.k, flat, self.case.limits[self.k])
        slopes = self.differences.along(self.case, [move], self.leading)
        value, bound = (np.zeros(1), np.full(1, np.inf)) if isinstance(slopes, str) else slopes
        part = Excerpt(self.claim.value.shape, np.array([flat], dtype=np.intp), rest=False)
        claim = Claim(
            self.claim.name,
            part.of(self.claim.value),
            np.asarray(part.of(self.claim.noise), dtype=np.float64),
        )
        answers = [Answer(self.differences.name, (Estimate.of(value, bound, ROUGH),))]
        return find("gradient", claim, 0, answers, 0.0, part)

    def _only(self, start: int, stop: int) -> Reals:
        """The direction with all entries at rest but those of one block."""
        way = np.zeros(self.way.size)
        way[start:stop] = self.way.reshape(-1)[start:stop]
        return way.reshape(self.way.shape)

    def _direction(self, way: Reals) -> Direction:
        arguments = self.case.arguments
        ways = tuple(way if k == self.k else None for k in range(len(arguments)))
        return direction(arguments, ways, self.case.limits)


def located(
    differences: FiniteDifference,
    case: Case,
    leading: Sequence[NDArray[Any]],
    claim: Claim,
    k: int,
    directions: Along,
) -> Finding | None:
    """The finding on the wrong entry; None if the error is lost in the bounds on the way down.

    Args:
        differences: the oracle.
        case: the case.
        leading: the cotangents.
        claim: the gradient for the argument ``k``, wrong along one of the directions at least.
        k: the number of the argument.
        directions: along which it was compared.
    """
    whole, estimate = directions.of(claim), directions.answer.estimates[0]
    off = np.abs(whole.value - estimate.value) / (estimate.bound + whole.noise)
    search = _Search(differences, case, leading, claim, k, directions.ways[int(np.argmax(off))])
    block: tuple[int, int] | None = (0, claim.value.size)
    while block is not None and block[1] - block[0] > 1:
        block = search.worst(block)
    if block is None:
        return None
    finding = search.entry(block[0])
    return finding if finding.refuted.any() else None
