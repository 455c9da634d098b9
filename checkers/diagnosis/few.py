"""A few wrong entries among very many: which they are is all there is to say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from checkers.compare import Finding
from checkers.diagnosis.diagnosis import Diagnosis
from checkers.errors import counted
from checkers.examined import Examined

NAMED = 3
"""Entries that are named; of more only the number is told."""


def few_among_many(examined: Sequence[Examined]) -> Diagnosis | None:
    """What is seen where an excerpt of a very large array holds all of its wrong entries; else None."""
    wrong = [finding for one in examined for finding in one.findings if finding.refuted.any()]
    found = next((finding for finding in wrong if finding.part is not None and not finding.part.rest), None)
    if found is not None:
        return _found(found)
    if not wrong or any(finding.part is None for finding in wrong):
        return None
    return _described(wrong[0])


def _found(finding: Finding) -> Diagnosis | None:
    """One entry that a search among too many to compare has found."""
    part, name = finding.part, finding.claim.name
    if part is None:
        return None
    return Diagnosis(
        code="single-entry",
        sentence=(
            f"The {finding.quantity} for {name} is wrong at {name}{list(part.index(0))}, and a sample of its"
            " other entries is right: look for what is done there alone."
        ),
        argument=name,
        equation="",
        evidence=f"found among {part.size:,} entries by slopes along directions, cut again and again",
    )


def _described(finding: Finding) -> Diagnosis | None:
    part, name = finding.part, finding.claim.name
    if part is None:
        return None
    places = np.flatnonzero(finding.refuted)
    named = [f"{name}{list(part.index(int(place)))}" for place in places[:NAMED]]
    others = len(places) - len(named)
    more = f" and {counted(others, 'other entry', 'other entries')}" if others else ""
    return Diagnosis(
        code="single-entry" if len(places) == 1 else "few-entries",
        sentence=(
            f"The {finding.quantity} for {name} is right in all of its {part.size:,} entries but for"
            f" {', '.join(named)}{more}: look for what is done there alone."
        ),
        argument=name,
        equation="",
        evidence=f"{counted(len(places), 'entry', 'entries')} of {part.size:,} outside the bounds",
    )
