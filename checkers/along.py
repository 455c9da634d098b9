"""A claimed gradient along random directions that move every entry at once.

For arrays so long that finite differences have only a sample of their entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.compare import Claim
from checkers.draw import Case
from checkers.oracles.estimate import Answer, Estimate
from checkers.oracles.finite_difference import NAME as FINITE_DIFFERENCE
from checkers.oracles.finite_difference import UNSAMPLED, FiniteDifference, random_directions

ALONG = " along random directions"
"""What is added to the name of an argument whose entries are compared all at once, along directions."""
DIRECTIONS = 4

UNIT = float(np.finfo(np.float64).eps) / 2


def sampled(answers: Sequence[Answer], number: int) -> int | None:
    """How many entries of the array with that number finite differences tried, if they alone know any.

    None if they tried all or none, or another oracle knows all: then directions through all add nothing.
    """
    found = None
    for answer in answers:
        if answer.refusal:
            continue
        estimate = answer.estimates[number]
        if answer.oracle != FINITE_DIFFERENCE and np.isfinite(estimate.bound).all():
            return None
        tried = int(np.isfinite(estimate.bound).sum())
        if (
            answer.oracle == FINITE_DIFFERENCE
            and estimate.reason == UNSAMPLED
            and tried < estimate.bound.size
        ):
            found = tried
    return found


@dataclass(frozen=True)
class Along:
    """Directions, and how fast δ · f changes along each by finite differences.

    Attributes:
        ways: per direction how the entries of one argument move.
        answer: the slopes.
    """

    ways: tuple[NDArray[Any], ...]
    answer: Answer

    def of(self, claim: Claim) -> Claim:
        """Σ_q g_q v_q for every direction v, of a claimed gradient g."""
        value = np.array([float((claim.value * way).sum()) for way in self.ways])
        noise = np.array(
            [
                float((claim.noise * np.abs(way)).sum())
                + claim.value.size * UNIT * float(np.abs(claim.value * way).sum())
                for way in self.ways
            ]
        )
        return Claim(f"{claim.name}{ALONG}", value, noise)


def along(differences: FiniteDifference, case: Case, leading: Sequence[NDArray[Any]], k: int) -> Along | None:
    """A few random directions that move every entry of an argument; None where nothing is to be had of them.

    Args:
        differences: the oracle.
        case: the case.
        leading: the cotangents.
        k: the number of the argument.
    """
    directions = random_directions(case.arguments, k, case.limits, DIRECTIONS, case.rng("directions"))
    slopes = differences.along(case, directions, leading)
    if isinstance(slopes, str):
        return None
    estimate = Estimate.of(*slopes, "the forward is not smooth enough along this direction")
    ways = tuple(np.asarray(direction.arrays[k]) for direction in directions)
    return Along(ways, Answer(differences.name, (estimate,)))
