"""The likely mistake behind a wrong gradient.

Explanations that must fit every failing case within the bounds.

An explanation turns the true gradient into what the mistake would have made of it. It is named only if the
claimed gradient is that, entry by entry, in every failing case that was kept; otherwise nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.compare import Finding
from checkers.examine import Examined
from checkers.rounding.ball import Reals


@dataclass(frozen=True)
class Diagnosis:
    """A likely mistake.

    Attributes:
        code: a short name, such as "missing-mean".
        sentence: what a tutor would say.
        argument: whose gradient shows it.
        equation: the catalogue id of the equation that has it right; empty if none is closer than another.
        evidence: how well it fits.
    """

    code: str
    sentence: str
    argument: str
    equation: str
    evidence: str


@dataclass(frozen=True)
class Sight:
    """One wrong array beside the right one.

    Attributes:
        claimed: by the code.
        true: by the sharpest oracle.
        allowed: how far the claim may be off, entry by entry.
        sizes: every length that occurs in the case, by name.
    """

    claimed: NDArray[Any]
    true: Reals
    allowed: Reals
    sizes: dict[str, int]

    def fits(self, explained: Reals) -> bool:
        """Whether the claim is ``explained``; the error of the true gradient may have been scaled with it."""
        if explained.shape != self.claimed.shape:
            return False
        true, scaled = (float(np.max(np.abs(array), initial=0.0)) for array in (self.true, explained))
        growth = scaled / true if true > 0 else 1.0
        within = self.allowed * (1 + growth) + ROUNDINGS * np.abs(explained)
        return bool((np.abs(self.claimed - explained) <= within).all())


ROUNDINGS = 1e-13
"""Relative error of an explained gradient: a factor that is itself read off the claim is known no better."""


@dataclass(frozen=True)
class Explanation:
    """A mistake and what it makes of the true gradient."""

    code: str
    explain: Callable[[Sight], Reals]
    sentence: str
    equation: str


def diagnose(examined: Sequence[Examined]) -> Diagnosis | None:
    """The first explanation that fits every failing case of one argument; None if none does."""
    wrong = [(case, finding) for case in examined for finding in case.findings if finding.refuted.any()]
    wrong = [(case, finding) for case, finding in wrong if finding.quantity != "forward"]
    for name in dict.fromkeys(finding.claim.name for _, finding in wrong):
        sights = [_sight(case, finding) for case, finding in wrong if finding.claim.name == name]
        for explanation in _explanations(name, sights):
            if all(sight.fits(explanation.explain(sight)) for sight in sights):
                evidence = f"fits {len(sights)} of {len(sights)} failing cases within the error bounds"
                return Diagnosis(explanation.code, explanation.sentence, name, explanation.equation, evidence)
    return None


def _sight(case: Examined, finding: Finding) -> Sight:
    views = [entries for _, entries in finding.per_oracle]
    sharpest = min(views, key=lambda entries: float(np.max(entries.bound, initial=0.0)))
    sizes = dict(case.case.sizes) or {f"the length {n}": n for a in case.case.arguments for n in a.shape}
    if len(sizes) > 1:
        sizes["the number of entries"] = finding.claim.value.size
    allowed = sharpest.noise if sharpest.exact else sharpest.allowed
    return Sight(finding.claim.value, sharpest.expected, allowed, sizes)


def _explanations(name: str, sights: Sequence[Sight]) -> Iterator[Explanation]:
    of = f"The gradient for {name}"
    yield Explanation(
        "zero",
        lambda sight: 0 * sight.true,
        f"{of} is zero everywhere: has it been filled in, and does every path from {name} to the output"
        " count?",
        "",
    )
    yield Explanation("sign", lambda sight: -sight.true, f"{of} has the wrong sign throughout.", "cs182-29")
    for size in sights[0].sizes:
        if any(sight.sizes.get(size, 1) > 1 for sight in sights):
            yield Explanation(
                "missing-mean",
                partial(_times, size),
                f"{of} is {size} times too large: the forward averages over {size}, so divide by it.",
                "ng-30",
            )
            yield Explanation(
                "mean-for-sum",
                partial(_divided, size),
                f"{of} is {size} times too small: the forward sums over {size}, so do not divide by it.",
                "cs182-15",
            )
    factor = _common_ratio(sights)
    if factor is not None:
        yield Explanation(
            "factor",
            lambda sight: sight.true * factor,
            f"{of} is {factor:.6g} times what it should be:"
            " look for a factor, such as the 2 of a square or a 1/2 in the cost.",
            "calculus-8",
        )
    if any(sight.true.ndim > 1 and min(sight.true.shape) > 1 for sight in sights):
        yield Explanation(
            "transposed",
            lambda sight: sight.true.T,
            f"{of} is the transpose of what it should be: its rows belong to outputs, its columns to inputs.",
            "cs182-17",
        )


def _times(size: str, sight: Sight) -> Reals:
    return sight.true * sight.sizes.get(size, 1)


def _divided(size: str, sight: Sight) -> Reals:
    return np.asarray(sight.true / max(sight.sizes.get(size, 1), 1))


def _common_ratio(sights: Sequence[Sight]) -> float | None:
    """Claimed over true at the entry known best.

    None unless several entries can confirm it, and where it is 1.
    """
    if sum(int(np.count_nonzero(sight.true)) for sight in sights) < 2:
        return None
    best, ratio = np.inf, None
    for sight in sights:
        size = np.abs(sight.true)
        relative = np.where(size > 0, sight.allowed / np.where(size > 0, size, 1), np.inf)
        if relative.size and float(relative.min()) < best:
            index = np.unravel_index(int(np.argmin(relative)), relative.shape)
            best, ratio = float(relative[index]), float(sight.claimed[index] / sight.true[index])
    if ratio is None or abs(ratio - 1) < 1e-6:
        return None
    rounded = round(ratio, 6)
    return rounded if abs(rounded - ratio) <= 1e-9 * abs(ratio) else ratio
