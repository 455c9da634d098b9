"""From examined cases to a verdict: any refuted entry or broken contract disagrees.

Agreement needs evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

from checkers.along import ALONG
from checkers.compare import SPOKEN, Comparison, Finding, Outcome
from checkers.draw import FIXED
from checkers.errors import counted
from checkers.examined import Examined
from checkers.oracles.finite_difference import NAME as FINITE_DIFFERENCE

RESOLUTION = 2.0**-53
"""No smaller relative error can stand in a float64 at all."""

Gap: TypeAlias = Literal["empty", "zero", "rounded", "unknown"]
"""Why the comparisons of an argument are no evidence: it has no entries, its gradient is zero throughout, the
bounds are too wide, or there are none.
"""


@dataclass(frozen=True)
class Judgement:
    """The outcome of a run, before it is explained.

    Attributes:
        outcome: "agrees", "disagrees" or "undecided".
        reason: one sentence.
        detectable: the smallest relative error of one entry that would have been flagged, in the argument
            where that is largest.
        remarks: what else is worth knowing.
    """

    outcome: Outcome
    reason: str
    detectable: float | None
    remarks: tuple[str, ...]


def judge(
    examined: Sequence[Examined],
    quantity: str,
    returned: Mapping[str, bool] = MappingProxyType({}),
    otherwise: Mapping[str, str] = MappingProxyType({}),
) -> Judgement:
    """The verdict on all cases together.

    A single case that disagrees is enough. Otherwise oracles that contradict each other leave it undecided,
    and so does an argument for which no comparison was sharp enough to have seen a relative error of one in a
    million.

    Args:
        examined: the cases.
        quantity: what must agree: "gradient", "tangent", or "forward" where there is no derivative.
        returned: per argument (or output) whether the code returns a derivative for it.
        otherwise: arguments with other evidence, and a clause that says which (``checkers.confirm``).
    """
    records = [record for case in examined for record in case.comparisons]
    detectable = _detectable(records, quantity)
    remarks = tuple(_remarks(examined, records, returned))

    def judged(outcome: Outcome, sentence: str) -> Judgement:
        return Judgement(outcome, _sentence(sentence), detectable, remarks)

    unsteady = next((case.reason for case in examined if case.unsteady), "")
    if unsteady:
        return Judgement("undecided", _sentence(unsteady), None, ())
    broken = [broken for case in examined for broken in case.broken]
    if broken:
        return judged("disagrees", broken[0].sentence)
    wrong = [record for record in records if record.outcome == "disagrees"]
    if wrong:
        return judged("disagrees", _what_is_wrong(wrong, quantity))
    unfinished = next((case.reason for case in examined if case.unfinished), "")
    if unfinished:
        return judged("undecided", unfinished)
    findings = [finding for case in examined for finding in case.findings]
    conflict = next((finding for finding in findings if finding.conflict.any()), None)
    if conflict is not None:
        return judged("undecided", _who_stands_alone(conflict))
    untied = next((case.untied for case in examined if case.untied and case.case.regime == FIXED), "")
    if untied:
        return judged("undecided", untied)
    evidence = _evidence(examined, quantity)
    weak = _weak(evidence)
    if evidence and otherwise.keys() >= set(weak):
        return judged("agrees", _agreement(records, quantity, {name: otherwise[name] for name in weak}))
    if not evidence:
        return judged(
            "undecided", _commonest(records) or f"no {quantity} was returned that could be compared"
        )
    return judged("undecided", _why_weak(weak[0], evidence[weak[0]], records, quantity))


def gaps(examined: Sequence[Examined], quantity: str) -> dict[str, Gap]:
    """The arguments for which other evidence would make these cases agree, and why the cases are none."""
    if any(case.outcome == "disagrees" or case.unsteady or case.unfinished for case in examined):
        return {}
    if any(finding.conflict.any() for case in examined for finding in case.findings):
        return {}
    evidence = _evidence(examined, quantity)
    return {name: _gap(evidence[name]) for name in _weak(evidence)}


def confirmed(examined: Sequence[Examined], quantity: str) -> set[str]:
    """The arguments for which these cases are evidence; none if one of the cases disagrees."""
    if any(case.outcome == "disagrees" for case in examined):
        return set()
    evidence = _evidence(examined, quantity)
    return set(evidence) - set(_weak(evidence))


def _evidence(examined: Sequence[Examined], quantity: str) -> dict[str, list[Finding]]:
    """The findings by argument."""
    evidence: dict[str, list[Finding]] = {}
    for case in examined:
        for finding in case.findings:
            if finding.quantity == quantity:
                evidence.setdefault(finding.claim.name, []).append(finding)
    return evidence


def _weak(evidence: Mapping[str, Sequence[Finding]]) -> list[str]:
    """The arguments for which no comparison was sharp enough.

    Empty arrays need none unless all are, and neither do directions where every single entry has been judged.
    """
    entries = {name: sum(finding.claim.value.size for finding in found) for name, found in evidence.items()}
    if not any(entries.values()):
        return list(entries)
    return [
        name
        for name, found in evidence.items()
        if entries[name]
        and not any(finding.strong for finding in found)
        and not any(_is_complete(finding) for finding in evidence.get(name.removesuffix(ALONG), ()))
    ]


def _gap(findings: Sequence[Finding]) -> Gap:
    """Why these comparisons are no evidence."""
    if not any(finding.claim.value.size for finding in findings):
        return "empty"
    if not any(entries.valid.any() for finding in findings for _, entries in finding.per_oracle):
        return "unknown"
    return "zero" if all(_is_zero(finding) for finding in findings) else "rounded"


def _is_zero(finding: Finding) -> bool:
    """Whether the gradient is 0 by the claim or an oracle, and nothing in it is certainly something else."""
    claim, views = finding.claim, [entries for _, entries in finding.per_oracle if entries.valid.any()]
    if any(entries.largest_certain for entries in views) or (np.abs(claim.value) > claim.noise).any():
        return False
    return not claim.value.any() or any(not entries.expected[entries.valid].any() for entries in views)


def _is_complete(finding: Finding) -> bool:
    """Every entry has been judged, so that directions through all of them add nothing."""
    return finding.strong and not finding.undecided.any()


def _who_stands_alone(conflict: Finding) -> str:
    alone = [
        SPOKEN[oracle]
        for oracle, entries in conflict.per_oracle
        if (entries.rejects & conflict.conflict).any()
    ]
    verb = "stand" if len(alone) > 1 or alone == [SPOKEN[FINITE_DIFFERENCE]] else "stands"
    return f"the oracles contradict each other on {conflict.claim.name}: {_listed(alone)} {verb} alone"


def _why_weak(name: str, findings: Sequence[Finding], records: Sequence[Comparison], quantity: str) -> str:
    gap = _gap(findings)
    if gap == "empty":
        return f"the {quantity} for {name} has no entries, so that nothing could be compared"
    if gap == "unknown":
        reason = _commonest(records, name) or "no oracle took part"
        return f"the {quantity} for {name} could not be compared: {reason}"
    if gap == "zero":
        return (
            f"the {quantity} for {name} is zero throughout, where a wrong factor would not show: "
            "try another point"
        )
    return f"the bounds on the {quantity} for {name} are too wide for agreement to mean much"


def _what_is_wrong(wrong: Sequence[Comparison], quantity: str) -> str:
    if wrong[0].quantity == "forward":
        return "the forward does not compute what its definition says"
    names = _listed(list(dict.fromkeys(record.argument.removesuffix(ALONG) for record in wrong)))
    cases = counted(len({record.case for record in wrong}), "case")
    oracles = _listed(list(dict.fromkeys(SPOKEN[record.oracle] for record in wrong)))
    return f"the {quantity} for {names} is wrong in {cases}, by {oracles}"


def _agreement(records: Sequence[Comparison], quantity: str, otherwise: Mapping[str, str]) -> str:
    made = [record for record in records if record.compared and record.quantity == quantity]
    oracles = _listed(list(dict.fromkeys(SPOKEN[record.oracle] for record in made)))
    cases = counted(len({record.case for record in made}), "case")
    said = [f"the {quantity}s are within the bounds of {oracles} in {cases}"] if made else []
    for clause in dict.fromkeys(otherwise.values()):
        names = _listed([name for name in otherwise if otherwise[name] == clause])
        said.append(f"{'that' if said else f'the {quantity}'} for {names} is {clause}")
    return "; ".join(said)


def _detectable(records: Iterable[Comparison], quantity: str) -> float | None:
    best: dict[str, float] = {}
    for record in records:
        # What shows along a direction through all entries is no error of a single one.
        alone = not record.argument.endswith(ALONG)
        if alone and record.quantity == quantity and record.detectable is not None:
            best[record.argument] = min(best.get(record.argument, record.detectable), record.detectable)
    return max((max(value, RESOLUTION) for value in best.values()), default=None)


def _remarks(
    examined: Sequence[Examined], records: Sequence[Comparison], returned: Mapping[str, bool]
) -> Iterable[str]:
    missing = [name for name, given in returned.items() if not given]
    if missing:
        yield f"not differentiated, because None was returned: {_listed(missing)}"
    skipped = Counter(case.reason for case in examined if case.reason)
    for reason, count in skipped.most_common():
        yield f"{counted(count, 'case')} could not be judged: {reason}"
    noted = Counter(note for case in examined for note in case.notes)
    for note, count in noted.most_common():
        yield f"in {counted(count, 'case')} {note}"
    untied = [case.untied for case in examined if case.untied and case.case.regime != FIXED]
    if untied:
        yield f"in {counted(len(untied), 'case')} ties are given too much or too little: in one, {untied[0]}"
    told = {record.oracle for record in records if record.compared}
    silent = Counter(
        (record.oracle, record.reason)
        for record in records
        if record.outcome == "undecided"
        and record.oracle not in told
        and record.reason not in skipped
        and record.reason not in noted
    )
    for (oracle, reason), _ in silent.most_common(4):
        yield f"{SPOKEN[oracle]} took no part: {reason}"
    kinked = sum(int(finding.kinked.sum()) for case in examined for finding in case.findings)
    if kinked:
        yield f"{counted(kinked, 'entry', 'entries')} at a kink: any legal subgradient was accepted there"


def _commonest(records: Sequence[Comparison], name: str = "") -> str:
    """The commonest reason; of an oracle that took part and was stopped, before one that refused."""
    told = [r for r in records if r.reason and (not name or r.argument in (name, ""))]
    stopped = [r for r in told if r.skipped]
    reasons = Counter(r.reason for r in stopped or told)
    return reasons.most_common(1)[0][0] if reasons else ""


def _listed(names: Sequence[str]) -> str:
    """«a», «a and b», «a, b and c»."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")
