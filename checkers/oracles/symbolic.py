"""The symbolic oracle: the exact derivative of a definition written in SymPy, enclosed at the drawn arrays.

The definition is independent of the NumPy forward, so it also judges the forward itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from checkers.oracles.enclosure import Enclosed, Enclosure
from checkers.oracles.estimate import Answer, Estimate
from checkers.rounding.ball import Reals
from derivations.definition import Definition, Derived

if TYPE_CHECKING:
    from checkers.draw import Case
    from derivations.notation import Tensor

NAME = "symbolic"

UNKNOWN = "the exact value is infinite, undefined or too large for float64 here"


@dataclass(frozen=True)
class Symbolic:
    """The oracle for one definition.

    Attributes:
        definition: what the forward must compute.
        name: "symbolic".
    """

    definition: Definition
    name: str = field(default=NAME, init=False)

    def primal(self, case: Case) -> Answer:
        """What the forward must return."""
        return self._answer(case.arguments, [self.definition.output], {}, derivatives=False)

    def gradients(self, case: Case, cotangents: Sequence[Reals], wrt: Sequence[int]) -> Answer:
        """Σ_i δ_i ∂f_i/∂x for the arguments ``wrt``."""
        (delta,) = cotangents
        return self._answer(
            case.arguments, [self.definition.gradient(k) for k in wrt], {self.definition.cotangent: delta}
        )

    def pushforward(self, case: Case, tangents: Sequence[Reals | None]) -> Answer:
        """The tangent of the output for tangents of the arguments (None: that argument stays)."""
        moving = [k for k, tangent in enumerate(tangents) if tangent is not None]
        extra = {self.definition.tangent(k): tangents[k] for k in moving}
        return self._answer(case.arguments, [self.definition.pushforward(moving)], extra)

    def _answer(
        self,
        arguments: Sequence[NDArray[Any]],
        wanted: Sequence[Derived],
        extra: dict[Tensor, Any],
        derivatives: bool = True,
    ) -> Answer:
        tensors = [*self.definition.arguments, *extra]
        arrays = [*arguments, *extra.values()]
        enclosure = Enclosure(
            {t.name: np.asarray(a) for t, a in zip(tensors, arrays, strict=True)},
            tensors,
            unite_ties=derivatives,
        )
        try:
            found = [enclosure.of(derived.expression, derived.indices) for derived in wanted]
        except NotImplementedError as error:
            return Answer(self.name, refusal=str(error))
        return Answer(self.name, tuple(map(estimate_of, found)))


def estimate_of(enclosed: Enclosed) -> Estimate:
    """An enclosure as an estimate; where it is wide because several cases apply, the point is a kink."""
    estimate = Estimate.of(enclosed.value, enclosed.radius, UNKNOWN)
    wide = estimate.bound > 2.0**-40 * np.abs(estimate.value)
    return Estimate(
        estimate.value, estimate.bound, wide & np.isfinite(estimate.bound) & enclosed.cases, UNKNOWN
    )
