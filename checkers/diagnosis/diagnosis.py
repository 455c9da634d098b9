"""What a diagnosis says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnosis:
    """A likely mistake.

    Attributes:
        code: a short name, such as "missing-mean"; joined by "+" for two mistakes, by "-or-" for two that the
            cases cannot tell apart; "pattern" where the sentence only describes what is seen.
        sentence: what a tutor would say.
        argument: whose gradient shows it; several are joined by commas.
        equation: the catalogue id of the equation that has it right; empty if none is closer than another.
        evidence: how well it fits.
    """

    code: str
    sentence: str
    argument: str
    equation: str
    evidence: str
