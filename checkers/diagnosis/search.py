"""The search for what went wrong: every mistake tried on every failing case, the simplest one named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from checkers.diagnosis.arrangements import arrangements
from checkers.diagnosis.backward import Backwards
from checkers.diagnosis.broken import of_contract
from checkers.diagnosis.conditions import Condition, condition
from checkers.diagnosis.cotangents import mistreated
from checkers.diagnosis.diagnosis import Diagnosis
from checkers.diagnosis.elsewhere import elsewhere
from checkers.diagnosis.factors import applied, named, ratio, ratios
from checkers.diagnosis.few import few_among_many
from checkers.diagnosis.hypothesis import Hypothesis, Subject
from checkers.diagnosis.intermediates import intermediates
from checkers.diagnosis.patterns import pattern
from checkers.diagnosis.residuals import residuals
from checkers.diagnosis.stale import stale
from checkers.diagnosis.witness import Witness, witness_of
from checkers.draw import FIXED, Case
from checkers.errors import GradproofError
from checkers.examine import Examiner
from checkers.examined import Examined
from checkers.traced import Traced

PLAIN = frozenset(
    {
        "factor",
        "sign",
        "missing-mean",
        "size-too-many",
        "mean-for-sum",
        "averaged-twice",
        "mean-for-sum-or-averaged-twice",
        "delta-ignored",
    }
)
"""Mistakes that multiply the whole gradient by a number."""
TOLD_BY_NUMBERS = frozenset(
    {
        "relu-of-gradient",
        "absolute-value",
        "squared",
        "sign-only",
        "delta-added",
        "one-added",
        "argument-added",
    }
)
"""Mistakes made of the gradient's numbers alone: where a term explains them as well, both are told."""
SIMPLE = 1.7
"""What assumes less than this is not looked behind."""
WITH_A_FACTOR = 2.45
"""What assumes more is not tried with a factor besides."""
CORE = 8
"""Failing cases on which the search runs; what it finds is confirmed on all."""
CONFIRMED = 60
"""Cases on which it is confirmed at most."""
SPARE = 8
"""Cases that are examined besides, to tell mistakes apart."""
FURTHER = 48
"""The last of those that are examined to find out when a gradient is wrong that is not always so."""
LARGE = 2_000_000
"""Entries of the arguments beyond which a tape with an altered rule would take too long."""
MIDDLING = 8_000
"""Entries beyond which the tape of one case is searched, and for single wrong rules alone."""
PAIRED = 4_000
"""Entries beyond which two wrong rules at once are not looked for."""
TELLING = 0.4
"""The share of failing cases that have to tell: in others a rebuilt formula may overflow, or drown."""
NEAR = 0.2
"""Factors that are as simple as that are rivals: 2 and a size that is 2."""
AS_GOOD = 1.5
"""The same for mistakes that are told by the numbers alone."""
AT_ONE_POINT = 0.2
"""The same for all mistakes where there is one point only, at which much may coincide."""
FREE = 3
"""Wrong entries that a number read off the claim has to account for."""


@dataclass
class Findings:
    """What is known of one wrong array.

    Attributes:
        name: the argument or output.
        wrong: the cases in which it is wrong.
        right: the cases in which it is not.
        fitting: the mistakes that account for every wrong case, the simplest first.
        condition: when it goes wrong, if not always.
    """

    name: str
    wrong: list[Witness]
    right: list[Witness]
    fitting: list[Hypothesis] = field(default_factory=list)
    condition: Condition | None = None


def diagnose(
    examiner: Examiner, examined: Sequence[Examined], spare: Sequence[Case] = ()
) -> Diagnosis | None:
    """The likely mistake.

    Args:
        examiner: of the candidate.
        examined: the cases, failing and not.
        spare: cases that have not been examined, to tell mistakes apart where few have failed.
    """
    traced = Traced(examiner.candidate.forward) if examiner.autodiff is None else examiner.autodiff.forward
    few = few_among_many(examined)
    if few is not None:
        return few
    quantity, witnesses = examiner.quantity, []
    # A forward that is not what its definition says is told of only where the gradient is right.
    for quantity in dict.fromkeys((examiner.quantity, "forward")):
        witnesses = [witness_of(one, examiner, traced, quantity) for one in examined if _tells(one)]
        if any(witness.failing for witness in witnesses):
            break
    else:
        return of_contract(examiner, examined)
    witnesses += _more(examiner, spare[:SPARE], traced, quantity)
    findings = [_findings(witnesses, name) for name in _wrong_names(witnesses)]
    backwards = Backwards(witnesses[0].judged if quantity != "forward" else ())
    further: list[Witness] = []

    def more(name: str) -> Findings:
        if not further:
            further.extend(_more(examiner, spare[SPARE:FURTHER], traced, quantity))
        return _findings(further, name)

    for one in findings:
        one.fitting = _fitting(one, witnesses, backwards, more, len(findings) == 1)
    return _told(findings, witnesses, quantity)


def _tells(one: Examined) -> bool:
    """Whether a case can tell mistakes apart: it was judged, and no array in it is empty."""
    return not one.reason and all(a.size for a in (*one.case.arguments, *one.leading))


def _more(examiner: Examiner, spare: Sequence[Case], traced: Traced, quantity: str) -> list[Witness]:
    """Further cases, judged by the first oracle alone."""
    quick = Examiner(examiner.candidate, examiner.oracles[:1], examiner.wrt)
    found = []
    for case in spare:
        try:
            one = quick.examine(case)
        except GradproofError:
            continue
        if _tells(one):
            found.append(witness_of(one, examiner, traced, quantity))
    return found


def _wrong_names(witnesses: Sequence[Witness]) -> list[str]:
    seen = {name for w in witnesses for name, sight in w.sights.items() if sight.wrong.any()}
    order = [*witnesses[0].examiner.candidate.arguments, *sorted(seen)]
    return [name for name in dict.fromkeys(order) if name in seen]


def _findings(witnesses: Sequence[Witness], name: str) -> Findings:
    here = [w for w in witnesses if name in w.sights]
    wrong = [w for w in here if w.sights[name].wrong.any()]
    right = [w for w in here if not w.sights[name].wrong.any()]
    return Findings(name, sorted(wrong, key=lambda w: _dull(w, name)), right)


def _dull(witness: Witness, name: str) -> tuple[bool, bool, bool, int, int]:
    """Cases that tell mistakes apart come first: ordinary values, float64, different sizes, many entries."""
    sizes = list(witness.sizes.values())
    alike = len(sizes) - len(set(sizes)) + sizes.count(1)
    return (
        not witness.case.ordinary,
        witness.case.regime not in ("normal", FIXED),  # ties may make a matrix symmetric
        witness.case.dtype != "float64",
        alike,
        -int(np.count_nonzero(witness.sights[name].wrong)),
    )


def _fitting(
    one: Findings,
    everything: Sequence[Witness],
    backwards: Backwards,
    more: Callable[[str], Findings],
    alone: bool,
) -> list[Hypothesis]:
    """The mistakes that account for one array.

    ``more`` gives further cases; ``alone`` says that no other array is wrong, so that there
    is no need to look for what they have in common.
    """
    entries = max(sum(a.size for a in w.case.arguments) for w in one.wrong[:CORE])
    core = one.wrong[: CORE if entries <= MIDDLING else 1]
    found = list(_accepted(_tried(_simple(core, everything, one.name), core, one.name), core, one))
    simple = any(
        h.complexity < SIMPLE and h.code not in TOLD_BY_NUMBERS and _everywhere(h, one) for h in found
    )
    if core[0].case.arguments and entries <= LARGE and core[0].tape is not None and not (simple and alone):
        deeper = [*_tried(backwards.singles(core[0]), core, one.name)]
        deeper += _tried(backwards.unsummed(core[0], one.name), core, one.name)
        if entries <= MIDDLING:
            deeper += _tried(backwards.of_uses(core[0], one.name), core, one.name, False)
            deeper += _tried(elsewhere(core, one.name), core, one.name, False)
            deeper += _tried(intermediates(core, one.name), core, one.name, False)
            deeper += [term for term, _ in backwards.of_terms(core, one.name)]
        found += _accepted(deeper, core, one)
        if entries <= PAIRED and not any(_everywhere(h, one) for h in found):
            found += _accepted(_tried(backwards.pairs(core, one.name), core, one.name, False), core, one)
    everywhere = sorted((h for h in found if _everywhere(h, one)), key=lambda h: h.complexity)
    if everywhere:
        return everywhere
    others = more(one.name)
    one.wrong, one.right = [*one.wrong, *others.wrong], [*one.right, *others.right]
    found = [h for h in found if h.fits(others.wrong, one.name)]
    # Cases that are right may be so because the mistake is only made under some condition.
    for hypothesis in sorted(found, key=lambda h: h.complexity):
        spared = [w for w in one.right if not hypothesis.fits([w], one.name)]
        one.condition = condition(one.wrong, spared, one.name)
        if one.condition is not None:
            return [hypothesis]
    one.condition = condition(one.wrong, one.right, one.name)
    return []


def _simple(core: Sequence[Witness], everything: Sequence[Witness], name: str) -> Iterator[Hypothesis]:
    yield from arrangements(core, name)
    yield from mistreated(core, name)
    yield from residuals(core, name)
    yield from stale(core, everything, name)


def _tried(
    hypotheses: Iterator[Hypothesis], core: Sequence[Witness], name: str, with_factors: bool = True
) -> Iterator[Hypothesis]:
    """The hypotheses that fit the first case, and those that do so up to a factor."""
    first, sight = core[0], core[0].sights[name]
    seen = ratios(_truth, core, name)
    if seen:
        for factor in named(seen, name):
            yield applied(factor, None, _truth)
    for hypothesis in hypotheses:
        predicted = hypothesis.predicted(first, name)
        if predicted is None or predicted.shape != sight.claimed.shape:
            continue
        if sight.fits(predicted, first.case.ordinary):
            yield hypothesis
            continue
        if not with_factors or seen or hypothesis.free or hypothesis.complexity > WITH_A_FACTOR:
            continue
        c = ratio(sight, predicted)
        if c is None or c == 0 or not sight.fits(predicted * c, first.case.ordinary, True):
            continue
        several = ratios(hypothesis.predict, core, name)
        for factor in named(several, name) if several else ():
            yield applied(factor, hypothesis, hypothesis.predict)


def _truth(witness: Witness, name: str) -> np.ndarray | None:
    return witness.truth(name)


def _accepted(
    hypotheses: Iterator[Hypothesis] | list[Hypothesis], core: Sequence[Witness], one: Findings
) -> Iterator[Hypothesis]:
    """Those that fit every wrong case, with enough to go by."""
    for hypothesis in hypotheses:
        if not hypothesis.fits(core, one.name):
            continue
        evidence = hypothesis.evidence(core, one.name)
        enough = sum(evidence) >= (FREE if hypothesis.free else 1)
        telling = sum(number > 0 for number in evidence) >= TELLING * len(core)
        if enough and telling and hypothesis.fits(one.wrong[CORE:CONFIRMED], one.name):
            yield hypothesis


def _everywhere(hypothesis: Hypothesis, one: Findings) -> bool:
    """It does not make wrong what is right."""
    return hypothesis.fits(one.right[:CONFIRMED], one.name)


# --- saying it ------------------------------------------------------------------------------------------


def _told(findings: Sequence[Findings], witnesses: Sequence[Witness], quantity: str) -> Diagnosis:
    parts = [_part(group, quantity) for group in _grouped(findings)]
    named_parts = [part for part in parts if part.code != "pattern"] or parts[:1]
    wrong = [one.name for one in findings]
    right = [
        name
        for name in witnesses[0].arguments
        if name not in wrong and any(name in w.sights for w in witnesses)
    ]
    shown = [
        *named_parts[:2],
        *([] if len(named_parts) > 2 else [p for p in parts if p not in named_parts][:1]),
    ]
    sentence = " ".join(part.sentence for part in shown)
    if len(parts) > len(shown):
        sentence += " There is more besides."
    if right and quantity == "gradient":
        others = Subject(tuple(right), "gradient")
        sentence += f" {others.the} {others.are} right."
    codes = dict.fromkeys(part.code for part in named_parts)
    return Diagnosis(
        "+".join(codes),
        sentence,
        ", ".join(dict.fromkeys(name for part in named_parts for name in part.names)),
        next((part.equation for part in named_parts if part.equation), ""),
        "; ".join(dict.fromkeys(part.evidence for part in shown)),
    )


@dataclass(frozen=True)
class Part:
    """One mistake, told."""

    names: tuple[str, ...]
    code: str
    sentence: str
    equation: str
    evidence: str


def _grouped(findings: Sequence[Findings]) -> list[list[tuple[Findings, list[Hypothesis]]]]:
    """Arrays that one and the same mistake explains, with the hypotheses for each; the most at once first."""
    left = list(findings)
    groups: list[list[tuple[Findings, list[Hypothesis]]]] = []
    while left:
        labels: dict[tuple[str, str], list[Findings]] = {}
        for one in left:
            for hypothesis in one.fitting:
                holders = labels.setdefault(hypothesis.label, [])
                if one not in holders:
                    holders.append(one)
        if not labels:
            return [*groups, *_unexplained(left)]

        def worth(
            label: tuple[str, str], labels: dict[tuple[str, str], list[Findings]] = labels
        ) -> tuple[int, float]:
            holders = labels[label]
            return -len(holders), sum(_of_label(one, label)[0].complexity for one in holders)

        best = min(labels, key=worth)
        groups.append([(one, _of_label(one, best)) for one in labels[best]])
        left = [one for one in left if one not in labels[best]]
    return groups


def _unexplained(left: Sequence[Findings]) -> list[list[tuple[Findings, list[Hypothesis]]]]:
    """Arrays without an explanation, those of which the same is seen together."""
    alike: dict[object, list[tuple[Findings, list[Hypothesis]]]] = {}
    for one in left:
        alike.setdefault((one.condition, pattern(one.wrong, one.name)), []).append((one, []))
    return list(alike.values())


def _of_label(one: Findings, label: tuple[str, str]) -> list[Hypothesis]:
    """The hypotheses of that label, then others that are as simple and say something else."""
    own = [h for h in one.fitting if h.label == label]
    alone = len({tuple(a.tobytes() for a in w.case.arguments) for w in one.wrong}) == 1
    near = AT_ONE_POINT if alone else NEAR if own[0].code in PLAIN else 0.0
    rivals = [
        h
        for h in one.fitting
        if h.code != own[0].code
        and (
            h.complexity <= own[0].complexity + (near if alone or h.code in PLAIN else 0.0)
            or (own[0].code in TOLD_BY_NUMBERS and h.complexity <= own[0].complexity + AS_GOOD and not h.free)
        )
    ]
    return [own[0], *rivals]


def _part(group: Sequence[tuple[Findings, list[Hypothesis]]], quantity: str) -> Part:
    names = tuple(one.name for one, _ in group)
    subject = Subject(names, quantity)
    first, hypotheses = group[0]
    if not hypotheses:
        return _undiagnosed(first, subject)
    chosen = hypotheses[0]
    rivals = [
        h for h in hypotheses[1:] if all(any(other.code == h.code for other in those) for _, those in group)
    ]
    sentence, code = chosen.say(subject), chosen.code
    if rivals:
        sentence += f" Or else: {rivals[0].say(subject)} These cases cannot tell the two apart."
        code = f"{code}-or-{rivals[0].code}"
    if first.condition is not None:
        code = first.condition.code
        sentence = (
            f"{subject.the} {subject.are} wrong only {first.condition.text}: {first.condition.hint}."
            f" There it goes so: {sentence[:1].lower() + sentence[1:]}"
        )
    wrong = sum(int(np.count_nonzero(w.sights[one.name].wrong)) for one, _ in group for w in one.wrong)
    cases = len({id(w) for one, _ in group for w in one.wrong})
    evidence = f"accounts for all {wrong} wrong entries of {cases} failing cases, within the error bounds"
    if cases == 1:
        evidence = f"accounts for all {wrong} wrong entries of the failing case, within the error bounds"
    return Part(names, code, sentence, chosen.equation, evidence)


def _undiagnosed(one: Findings, subject: Subject) -> Part:
    """What is seen: when it goes wrong, and where."""
    seen = pattern(one.wrong, one.name)
    cases = f"seen in {len(one.wrong)} failing cases" if len(one.wrong) > 1 else "seen in the failing case"
    if one.condition is not None:
        sentence = f"{subject.the} {subject.are} wrong only {one.condition.text}: {one.condition.hint}."
        return Part(subject.names, one.condition.code, sentence, "", cases)
    return Part(subject.names, seen.code, f"{subject.the} {subject.are} {seen.text}.", "", cases)
