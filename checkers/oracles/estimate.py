"""What an oracle answers: values, each with a bound on its own error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from checkers.rounding.ball import Reals


@dataclass(frozen=True)
class Estimate:
    """One array as an oracle sees it: the exact value lies within ``bound`` of ``value``.

    Attributes:
        value: the oracle's value, in float64 or longer.
        bound: same shape; infinite where the oracle cannot tell.
        kink: where the interval ``value ± bound`` spans the one-sided derivatives of a kink at the point
            itself, so that every number in it is a legal subgradient.
        reason: why the bound is infinite where it is.
        same: where the claim is the derivative, by an oracle that has compared them itself, exactly; None if
            value and bound are to be compared.
    """

    value: Reals
    bound: Reals
    kink: NDArray[np.bool_]
    reason: str = ""
    same: NDArray[np.bool_] | None = None

    @staticmethod
    def of(value: Reals, bound: Reals, reason: str = "") -> Estimate:
        """An estimate without kinks; where value or bound is not a number it cannot tell."""
        unknown = ~np.isfinite(value) | ~np.isfinite(bound)
        return Estimate(
            np.where(unknown, 0, value),
            np.where(unknown, np.inf, bound),
            np.zeros(np.shape(value), dtype=bool),
            reason,
        )

    @staticmethod
    def compared(same: NDArray[np.bool_], value: Reals) -> Estimate:
        """What an oracle says that has compared the claim itself; ``value`` is shown where it differs."""
        bound = np.zeros(same.shape)
        return Estimate(value, bound, np.zeros(same.shape, dtype=bool), same=same)

    @property
    def rejected(self) -> bool:
        """Whether an oracle that has compared the claim itself found a difference."""
        return self.same is not None and not self.same.all()

    @staticmethod
    def everywhere(value: Reals, bound: float, reason: str = "") -> Estimate:
        """An estimate without kinks and with one bound for all entries."""
        bounds = np.broadcast_to(np.float64(bound), value.shape)
        if not np.isfinite(bound) or not _is_finite(value):
            return Estimate.of(value, bounds, reason)
        return Estimate(value, bounds, np.broadcast_to(np.False_, value.shape), reason)


def _is_finite(value: Reals) -> bool:
    """Whether all entries are: without an array of answers."""
    return not value.size or bool(np.isfinite(value.max()) and np.isfinite(value.min()))


@dataclass(frozen=True)
class Answer:
    """An oracle's estimates of all the arrays asked for, or the reason why it has none.

    Attributes:
        oracle: its name.
        estimates: one per array, empty if the oracle could not run.
        refusal: one sentence if it could not run, else empty.
        spared: the oracle has judged enough cases and was not asked about this one: nothing to record.
    """

    oracle: str
    estimates: Sequence[Estimate] = field(default_factory=tuple)
    refusal: str = ""
    spared: bool = False
