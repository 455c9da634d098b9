"""Other evidence for a gradient that the comparisons at a given point leave open.

Four things leave an argument open although nothing is wrong with it: its gradient is zero throughout, it has
no entries, it loses its digits to cancellation, or no bound on its rounding is known. The first two are tried
at points beside the given one (``beside``). For the others the formula itself may tell: run with longer
mantissas, in which the rounding of a right formula shrinks and the error of a wrong one does not; or run on
exact numbers, where it is the same as the derivative or is not. None of this ever refutes a gradient.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial

import numpy as np

from checkers.along import ALONG
from checkers.beside import LONGER, WIDER, points_beside, points_of_other_sizes
from checkers.claimed_noise import ClaimedNoise
from checkers.compare import Claim, Finding, find
from checkers.domains import Domain
from checkers.draw import Case
from checkers.errors import GradproofError
from checkers.examine import Examiner
from checkers.examined import Examined
from checkers.judge import Gap, confirmed, gaps
from checkers.oracles.code_under_test import Code
from checkers.oracles.estimate import Answer, Estimate
from checkers.oracles.exact import Exact
from checkers.traced import Traced

BESIDE = "zero there, and right at a point beside it"
LARGER = "zero there, and right for larger arrays"
LONGER_ARRAYS = "without entries there, and right for longer arrays"
MANTISSA = "lost to rounding there, and right in arithmetic with longer mantissas"
EXACTLY = "right in exact arithmetic"

NOTHING = frozenset({"empty", "zero"})
"""Where nothing that a formula says shows, its branch at that point says nothing either."""

NEAR = 1e-6
"""A claim of which no bound on its rounding is known must be as close as that, relative to the largest entry.

Otherwise what was computed is not what the formula says."""


def confirm(
    examiner: Examiner, examined: Sequence[Examined], domains: Sequence[Domain], exactly: bool
) -> dict[str, str]:
    """What confirms the arguments that are open after these cases at one given point: name → clause.

    Args:
        examiner: that examined them.
        examined: one case per cotangent.
        domains: one per argument.
        exactly: exact arithmetic may take part.
    """
    open_ones = gaps(examined, examiner.quantity)
    if not open_ones:
        return {}
    found: dict[str, str] = {}
    for clause, attempt in _attempts(examiner, examined, open_ones, domains):
        if clause == EXACTLY and not exactly:
            continue
        with suppress(GradproofError), warnings.catch_warnings(), np.errstate(all="ignore"):
            # What the code says of points and numbers that are not the user's is not for the user.
            warnings.simplefilter("ignore")
            found.update({name: clause for name in attempt() if name in open_ones and name not in found})
        if found.keys() == open_ones.keys():
            break
    return found


def _attempts(
    examiner: Examiner, examined: Sequence[Examined], open_ones: dict[str, Gap], domains: Sequence[Domain]
) -> Iterator[tuple[str, Callable[[], Iterable[str]]]]:
    """What may confirm the open arguments, the cheapest first."""
    point, names = examined[0].case, examiner.candidate.arguments
    moved = [
        k
        for k, a in enumerate(point.arguments)
        if a.dtype.kind == "f" and (examiner.candidate.kind == "jvp" or examiner.given.get(names[k]))
    ]
    if "empty" in open_ones.values():
        for case in points_of_other_sizes(point, domains, moved, LONGER):
            yield LONGER_ARRAYS, partial(_right_at, [case], examiner)
    if "zero" in open_ones.values():
        beside = list(points_beside(point, domains, moved))
        yield BESIDE, partial(_right_at, beside[:2], examiner)
        for case in beside[2:]:
            yield BESIDE, partial(_right_at, [case], examiner)
        for case in points_of_other_sizes(point, domains, moved, WIDER):
            yield LARGER, partial(_right_at, [case], examiner)
    if "rounded" in open_ones.values():
        yield MANTISSA, partial(_in_longer_mantissas, examiner, examined[0], open_ones)
    if not NOTHING.issuperset(open_ones.values()):
        yield EXACTLY, partial(_in_exact_arithmetic, examiner, examined[0], open_ones)


def _right_at(cases: Sequence[Case], examiner: Examiner) -> set[str]:
    """The arguments for which these cases are evidence; none if the gradient is wrong at one of them.

    Where it is zero there as well, it is so by its nature, as that of a step.
    """
    return confirmed([examiner.examine(case) for case in cases], examiner.quantity)


def _in_longer_mantissas(examiner: Examiner, examined: Examined, open_ones: dict[str, Gap]) -> Iterator[str]:
    """The arguments that agree when the claim is computed as its trace says, in extended precision."""
    if np.finfo(np.longdouble).eps >= np.finfo(np.float64).eps:
        return
    mode, case, leading = examiner.mode, examined.case, examined.leading
    inputs = mode.inputs(leading, case)
    code = mode.code(len(leading))
    results = ClaimedNoise(Traced(code), code).in_extended_precision(inputs)
    outputs = examiner.candidate.primal(case.arguments)
    names = [name for name, _ in mode.expected(case, outputs)]
    for finding in examined.findings:
        name = finding.claim.name
        result = results[names.index(name)] if name in names else None
        if open_ones.get(name) == "rounded" and result is not None and finding.part is None:
            claim = Claim(name, result.mid, result.radius)
            away = np.abs(finding.claim.value - result.mid)
            if claim.value.shape != finding.claim.value.shape or (away > finding.claim.noise).any():
                continue
            again = find(finding.quantity, claim, 0, _answers(finding), 0.0)
            if again.strong and not (again.refuted.any() or again.conflict.any()):
                yield name


def _answers(finding: Finding) -> list[Answer]:
    """What the oracles said, as answers on the one array."""
    return [
        Answer(oracle, (Estimate(e.expected, e.bound, e.kink),))
        for oracle, e in finding.per_oracle
        if not e.exact
    ]


def _in_exact_arithmetic(examiner: Examiner, examined: Examined, open_ones: dict[str, Gap]) -> Iterator[str]:
    """The arguments whose claimed formula is that of the derivative, for arbitrary inputs.

    What was computed must be near the truth where nothing bounds its rounding.
    """
    candidate = examiner.candidate
    code = Code(candidate.forward, candidate.claimed, candidate.kind)
    case, leading = examined.case, examined.leading
    findings = {finding.claim.name: finding for finding in examined.findings}
    for name, gap in open_ones.items():
        finding = findings.get(name)
        if finding is None or gap in NOTHING or not _is_near(finding):
            continue
        exact = Exact(code)
        if candidate.kind == "jvp":
            answer = exact.pushforward(case, leading)
            number = list(findings).index(name)
        else:
            argument = candidate.arguments.index(name.removesuffix(ALONG))
            answer, number = exact.gradients(case, leading, [argument]), 0
        if not answer.refusal and not answer.spared and not answer.estimates[number].rejected:
            yield name


def _is_near(finding: Finding) -> bool:
    """Whether the claim is close to some oracle's values wherever its rounding has no bound."""
    unbounded = ~np.isfinite(finding.claim.noise)
    if not unbounded.any():
        return True
    for _, entries in finding.per_oracle:
        known = np.isfinite(entries.bound)
        size = float(np.max(np.abs(entries.expected), where=known, initial=0.0))
        apart = np.abs(finding.claim.value - entries.expected)
        if (known & (apart <= NEAR * size + entries.bound))[unbounded].all():
            return True
    return False
