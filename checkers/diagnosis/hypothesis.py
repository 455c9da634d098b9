"""A mistake, what it makes of a gradient, and how a tutor says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from checkers.diagnosis.witness import Witness
from checkers.errors import GradproofError
from checkers.rounding.ball import Reals

Predict: TypeAlias = Callable[[Witness, str], "Reals | None"]
"""(case, name) -> what the mistaken formula gives there; None where it cannot be said."""


@dataclass(frozen=True)
class Subject:
    """The arrays that a sentence is about.

    Attributes:
        names: of the arguments or outputs.
        quantity: "gradient", "tangent" or "forward".
    """

    names: tuple[str, ...]
    quantity: str

    @property
    def listed(self) -> str:
        """«W», «W and b», «W, b and x»."""
        return " and ".join(filter(None, [", ".join(self.names[:-1]), *self.names[-1:]]))

    @property
    def the(self) -> str:
        """«The gradient for W», «The gradients for W and b», «The output»."""
        return self.inside[0].upper() + self.inside[1:]

    @property
    def inside(self) -> str:
        """The same within a sentence."""
        if self.quantity == "forward":
            return f"the {self.listed}"
        preposition = "for" if self.quantity == "gradient" else "of the"
        return f"the {self.quantity}{'s' if self.many else ''} {preposition} {self.listed}"

    @property
    def many(self) -> bool:
        """There is more than one."""
        return len(self.names) > 1

    @property
    def are(self) -> str:
        """«is» or «are»."""
        return "are" if self.many else "is"

    @property
    def lack(self) -> str:
        """«lacks» or «lack»."""
        return "lack" if self.many else "lacks"

    @property
    def arriving(self) -> str:
        """What a derivative is multiplied by on its way."""
        return "the tangent of z" if self.quantity == "tangent" else "the error that arrives at a = g(z)"

    @property
    def delta(self) -> str:
        """What it is called in a formula."""
        return "ż" if self.quantity == "tangent" else "δ"

    @property
    def they(self) -> str:
        """«it» or «they»."""
        return "they" if self.many else "it"


Say: TypeAlias = Callable[[Subject], str]


@dataclass(frozen=True)
class Hypothesis:
    """One mistake.

    Attributes:
        code: its short name.
        complexity: how much it assumes; of those that fit the simplest is named.
        predict: what it makes of a gradient.
        say: the sentence.
        equation: the catalogue id of what is right; empty if none fits.
        detail: tells apart hypotheses of one code.
        free: it holds a number that was read off the claim, so that one matching entry proves nothing.
    """

    code: str
    complexity: float
    predict: Predict
    say: Say
    equation: str = ""
    detail: str = ""
    free: bool = False

    @property
    def label(self) -> tuple[str, str]:
        """The same for the same mistake, whichever argument shows it."""
        return self.code, self.detail

    def predicted(self, witness: Witness, name: str) -> Reals | None:
        """What the mistake makes of a gradient; None where it has no meaning for arrays of these shapes."""
        try:
            with np.errstate(all="ignore"):  # what a mistake makes of large values may overflow
                return self.predict(witness, name)
        except (GradproofError, ValueError, IndexError, ArithmeticError):
            return None

    def fits(self, witnesses: Sequence[Witness], name: str) -> bool:
        """Whether the claim for ``name`` is what the mistake gives, in every one of these cases."""
        for witness in witnesses:
            if name not in witness.sights:
                continue
            predicted = self.predicted(witness, name)
            # Where values are huge or saturated, a mistaken formula cannot always be rebuilt.
            if predicted is None and not witness.case.ordinary:
                continue
            if predicted is None or not witness.sights[name].fits(predicted, witness.case.ordinary):
                return False
        return True

    def evidence(self, witnesses: Sequence[Witness], name: str) -> list[int]:
        """Per case how many wrong entries it accounts for sharply."""
        found = []
        for witness in witnesses:
            predicted = self.predicted(witness, name) if name in witness.sights else None
            found.append(0 if predicted is None else witness.sights[name].evidence(predicted))
        return found
