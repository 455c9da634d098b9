"""One claimed array against what the oracles say of it.

Entry by entry, with every bound, into records and one finding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.excerpt import Excerpt, excerpt
from checkers.oracles.estimate import Answer, Estimate
from checkers.oracles.finite_difference import NAME as FINITE_DIFFERENCE
from checkers.rounding.ball import Reals

Outcome: TypeAlias = Literal["agrees", "disagrees", "undecided"]

STRONG = 1e-6
"""An oracle with a relative bound larger than this gives no evidence of agreement."""
FAINT = 1e-8
"""What finite differences may miss below their steps, relative to the natural size of a gradient."""
QUIET = 1e-2
"""Nor does a comparison in which the claim's own rounding is larger than this."""

LEAST = 2.0**-1074
"""How far apart a claim is at least that exact arithmetic refutes, however small the difference."""

SPOKEN = {
    "autodiff": "JAX's autodiff",
    "symbolic": "the symbolic derivative",
    "finite_difference": "finite differences",
    "exact": "exact arithmetic",
    "interval": "interval arithmetic",
    "definition": "its definition",
}
"""What people call the oracles."""

BELOW = "the forward has detail here that is too fine for the steps"
UNBOUNDED = "the claimed gradient's own rounding is without bound here"


@dataclass(frozen=True)
class Comparison:
    """One oracle, or one contract, against one array in one case: what a report stores.

    Attributes:
        subject: the formula or function under test.
        case: the number of the case; −1 for a point that the user gave.
        seed: of the run.
        regime: what kind of values were drawn.
        dtype: the shortest floating dtype of the arguments.
        shapes: argument name → shape.
        quantity: "gradient", "tangent", "forward" or "contract".
        argument: the argument whose gradient it is, or the output; for a contract its name.
        oracle: "autodiff", "symbolic", "finite_difference", "exact", "interval", "definition" or "contract".
        outcome: "agrees", "disagrees" or "undecided".
        reason: one sentence where the outcome is not "agrees"; else empty.
        compared: how many entries were compared.
        skipped: how many were not, because the oracle or the rounding of the claim has no bound there.
        worst: the largest |claimed − expected| in units of what was allowed; None if nothing was compared.
        index: where that is.
        claimed: the claimed value there.
        expected: the oracle's value there.
        bound: what was allowed there: the oracle's bound plus the rounding of the claim.
        detectable: the smallest relative error of an entry that this comparison would have flagged.
    """

    subject: str
    case: int
    seed: int
    regime: str
    dtype: str
    shapes: Mapping[str, tuple[int, ...]]
    quantity: str
    argument: str
    oracle: str
    outcome: Outcome
    reason: str = ""
    compared: int = 0
    skipped: int = 0
    worst: float | None = None
    index: tuple[int, ...] | None = None
    claimed: float | None = None
    expected: float | None = None
    bound: float | None = None
    detectable: float | None = None


@dataclass(frozen=True)
class Claim:
    """An array that the code under test returned, and how much its own rounding may have moved it.

    Attributes:
        name: the argument or output that it belongs to.
        value: as returned.
        noise: bounds of its rounding, infinite where unknown.
    """

    name: str
    value: NDArray[Any]
    noise: Reals

    def noisier(self, other: Reals) -> Claim:
        """The claim with the larger of two bounds of its rounding."""
        return replace(self, noise=np.maximum(self.noise, other))


@dataclass(frozen=True)
class Entries:
    """One oracle's view of every entry of a claimed array.

    Attributes:
        expected, bound: the oracle's values and bounds.
        noise: how much the claim's own rounding may have moved it.
        allowed: the bound plus the rounding of the claim; 0 where no comparison is possible.
        distance: |claimed − expected|; 0 where no comparison is possible.
        valid: where a comparison is possible.
        kink: where the oracle's interval holds several legal values.
        excused: where it is more than allowed, but only because the point is a kink and conventions differ.
        reason: why the oracle cannot tell, where it cannot.
        exact: the oracle has compared the formulas themselves: where they are the same, nothing is rounded
            and the rounding of the claim does not matter.
    """

    expected: Reals
    bound: Reals
    noise: Reals
    allowed: Reals
    distance: Reals
    valid: NDArray[np.bool_]
    kink: NDArray[np.bool_]
    excused: NDArray[np.bool_]
    reason: str
    exact: bool = False

    @staticmethod
    def of(claim: Claim, estimate: Estimate) -> Entries:
        """The claim beside one estimate, before kinks are settled."""
        if estimate.same is not None:
            return Entries._compared(claim, estimate.value, estimate.same)
        known = np.isfinite(estimate.bound)
        valid = known & np.isfinite(claim.noise)
        return Entries(
            expected=estimate.value,
            bound=estimate.bound,
            noise=claim.noise,
            allowed=np.where(valid, estimate.bound + np.where(valid, claim.noise, 0), 0),
            distance=np.where(valid, np.abs(claim.value - estimate.value), 0),
            valid=valid,
            kink=estimate.kink & valid,
            excused=np.zeros(claim.value.shape, dtype=bool),
            reason=UNBOUNDED if known.all() else estimate.reason,
        )

    @staticmethod
    def _compared(claim: Claim, value: Reals, same: NDArray[np.bool_]) -> Entries:
        """The claim beside an estimate whose oracle has done the comparison."""
        expected = np.where(same | ~np.isfinite(value), claim.value, value)
        nothing, never = np.zeros(same.shape), np.zeros(same.shape, dtype=bool)
        distance = np.where(same, 0, np.maximum(np.abs(claim.value - expected), LEAST))
        return Entries(
            expected=expected,
            bound=nothing,
            noise=np.where(np.isfinite(claim.noise), claim.noise, 0),
            allowed=nothing,
            distance=distance,
            valid=~never,
            kink=never,
            excused=never,
            reason="",
            exact=True,
        )

    @property
    def rejects(self) -> NDArray[np.bool_]:
        """Where the claim is farther off than allowed, and that counts."""
        return self.valid & (self.distance > self.allowed) & ~self.excused

    @property
    def accepts(self) -> NDArray[np.bool_]:
        """Where the claim is within what is allowed."""
        return self.valid & (self.distance <= self.allowed)

    def is_evidence(self, natural: float) -> bool:
        """Whether some entry was compared sharply enough, for its own size, to be evidence.

        Where nothing but zeros is expected, for the size that the gradient would naturally have.
        """
        size = np.maximum(np.abs(self.expected), natural)
        if self.exact:
            return bool((self.accepts & (size > 0)).any())
        sharp = (self.bound <= STRONG * size) & (self.noise <= QUIET * size) & (size > 0)
        kink = self.kink & (self.noise <= QUIET * self.bound)
        return bool((self.accepts & (sharp | kink)).any())

    def recorded(self, record: Comparison, claim: Claim) -> Comparison:
        """The record completed with counts and with the entry that is farthest off."""
        compared = int(np.count_nonzero(self.valid & ~self.excused))
        record = replace(record, compared=compared, skipped=self.valid.size - compared)
        if not compared:
            return record
        units = np.where(self.excused, 0, self.units)
        index = tuple(
            int(i)
            for i in np.unravel_index(
                int(np.argmax(np.where(self.valid & ~self.excused, units, -1))), units.shape
            )
        )
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            relative = np.where(
                self.accepts & (self.expected != 0), self.allowed / np.abs(self.expected), np.inf
            )
        detectable = float(np.min(relative, initial=np.inf))
        detectable = detectable if detectable < 1 else np.inf
        return replace(
            record,
            worst=float(units[index]),
            index=index,
            claimed=float(claim.value[index]),
            expected=float(self.expected[index]),
            bound=float(self.allowed[index]),
            detectable=detectable if np.isfinite(detectable) else None,
        )

    @property
    def largest_certain(self) -> float:
        """The largest absolute value that is certainly not 0; 0.0 if there is none."""
        return float(
            np.max(
                np.abs(self.expected),
                where=self.valid & (np.abs(self.expected) > 2 * self.bound),
                initial=0.0,
            )
        )

    @property
    def units(self) -> Reals:
        """The distance in units of what is allowed; 0 where both are 0 or nothing is compared."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.where(self.valid & (self.distance > 0), self.distance / self.allowed, 0)


@dataclass(frozen=True)
class Finding:
    """What all oracles together say of one claimed array.

    Attributes:
        quantity: "gradient", "tangent" or "forward".
        claim: the array.
        per_oracle: one (oracle, Entries) for each that had an estimate.
        refuted: entries that an oracle rejects and none that could contradict it accepts.
        conflict: entries where oracles exclude each other, so that no verdict is possible.
        undecided: entries that nothing could judge.
        kinked: entries at a kink whose claimed value is a legal subgradient.
        strong: an entry was compared sharply enough to count as evidence.
        part: which entries of a very large array all of these arrays are about; None for all of them.
    """

    quantity: str
    claim: Claim
    per_oracle: tuple[tuple[str, Entries], ...]
    refuted: NDArray[np.bool_]
    conflict: NDArray[np.bool_]
    undecided: NDArray[np.bool_]
    kinked: NDArray[np.bool_]
    strong: bool
    part: Excerpt | None = None

    def outcome(self, entries: Entries) -> tuple[Outcome, str]:
        """What one oracle says of the whole array, and why where it does not agree."""
        wrong = entries.rejects & self.refuted
        if wrong.any():
            size = entries.valid.size if self.part is None else self.part.size
            return "disagrees", f"{np.count_nonzero(wrong)} of {size} entries are outside the bounds"
        if (entries.rejects & self.conflict).any():
            return "undecided", "the oracles contradict each other here"
        if entries.valid.size and not entries.accepts.any():
            choice = entries.excused.any() and entries.reason != BELOW
            return "undecided", "a kink: its value is one choice among several" if choice else entries.reason
        return "agrees", ""

    def recorded(self, entries: Entries, record: Comparison) -> Comparison:
        """A record of what one oracle says, about all entries of the array."""
        record = entries.recorded(record, self.claim)
        if self.part is None or record.index is None:
            return record
        left_out = self.part.size - len(self.part.places) if self.part.rest else 0
        return replace(record, compared=record.compared + left_out, index=self.part.index(record.index[0]))


def find(
    quantity: str,
    claim: Claim,
    number: int,
    answers: Sequence[Answer],
    natural: float,
    part: Excerpt | None = None,
) -> Finding:
    """Compare a claim with the estimates numbered ``number`` in the answers of all oracles.

    Args:
        quantity: what is compared, "gradient", "tangent" or "forward".
        claim: finite everywhere, and of the shape of the estimates.
        number: which of the estimates belongs to it.
        answers: of the oracles that ran.
        natural: the size that a gradient would ordinarily have here, to judge one that is exactly zero; 0 if
            such a gradient is no evidence at all.
        part: which entries of a larger array claim and estimates are about; None for all of them.
    """
    running = [answer for answer in answers if not answer.refusal]
    estimates = [answer.estimates[number] for answer in running]
    chosen = excerpt(claim.value, claim.noise, estimates) if part is None else None
    if chosen is not None:
        part = chosen
        claim = Claim(claim.name, part.of(claim.value), np.asarray(part.of(claim.noise), dtype=np.float64))
        estimates = [part.of_estimate(estimate) for estimate in estimates]
    views = [
        (answer.oracle, Entries.of(claim, estimate))
        for answer, estimate in zip(running, estimates, strict=True)
    ]
    views = _with_kinks_settled(claim, views)
    scale = max((view.largest_certain for _, view in views), default=0.0) or natural
    views = _without_faint_contradictions(views, max(scale, natural))
    shape = claim.value.shape
    rejected, accepted, conflict = np.zeros(shape, bool), np.zeros(shape, bool), np.zeros(shape, bool)
    kinked = np.zeros(shape, bool)
    for _, view in views:
        rejected, accepted = rejected | view.rejects, accepted | view.accepts
        kinked = kinked | view.kink
    for k, (_, one) in enumerate(views):
        for _, other in views[:k]:
            apart = (
                one.valid & other.valid & (np.abs(one.expected - other.expected) > one.bound + other.bound)
            )
            conflict = conflict | (apart & (one.rejects ^ other.rejects))
    conflict &= ~kinked
    # Beside entries that have a size, zeros are no evidence: a wrong factor would not show in them.
    alone = 0.0 if any(view.largest_certain for _, view in views) else natural
    strong = any(view.is_evidence(alone) for _, view in views)
    undecided = ~(rejected | accepted)
    return Finding(
        quantity,
        claim,
        tuple(views),
        rejected & ~conflict,
        conflict,
        undecided,
        kinked & accepted,
        strong,
        part,
    )


def _with_kinks_settled(claim: Claim, views: list[tuple[str, Entries]]) -> list[tuple[str, Entries]]:
    """At entries that some oracle finds to be at a kink, excuse rejections that only follow another
    convention.

    Where finite differences see a smooth entry all the same, the pieces fit together and they are right.
    Elsewhere a value is legal if it lies between the one-sided derivatives, or if all who know the
    conventions say that the chain rule makes it of one. Where nobody knows them, a value that they might give
    is not rejected either. Nor is, where finite differences alone see a kink, a value that another oracle
    gives: it is the derivative of a piece that ends there, such as one order of the entries where a sort
    has ties, and may lie outside the slopes along a single entry.
    """
    kink = np.zeros(claim.value.shape, dtype=bool)
    for _, view in views:
        kink = kink | view.kink
    if not kink.any():
        return views
    known, convention = np.zeros_like(kink), np.ones_like(kink)
    smooth, fits, between, possible = (np.zeros_like(kink) for _ in range(4))
    of_a_piece = np.zeros_like(kink)
    for oracle, view in views:
        if oracle == FINITE_DIFFERENCE:
            smooth, fits, between = view.valid & ~view.kink, view.accepts, view.kink & view.accepts
            possible = view.kink & _of_meeting_kinks(claim.value, view)
        else:
            known = known | view.kink
            convention = convention & (view.accepts | ~view.kink)
            of_a_piece = of_a_piece | (view.accepts & ~view.kink)
    legal = between | np.where(known, convention, possible | of_a_piece)
    return [
        (
            oracle,
            replace(
                view,
                excused=view.rejects & kink & np.where(smooth, fits & (oracle != FINITE_DIFFERENCE), legal),
            ),
        )
        for oracle, view in views
    ]


def _without_faint_contradictions(
    views: list[tuple[str, Entries]], scale: float
) -> list[tuple[str, Entries]]:
    """Excuse what finite differences alone reject by less than they can see, where two others accept it.

    Detail on a scale far below their steps, such as two kinks 1e-4 apart with slopes of 1e-10, leaves values
    that look smooth.
    """
    accepting = np.zeros((), dtype=int)
    for oracle, view in views:
        if oracle != FINITE_DIFFERENCE:
            accepting = accepting + view.accepts
    if len(views) < 3 or not np.any(accepting >= 2):
        return views

    def faint(view: Entries) -> NDArray[np.bool_]:
        return np.asarray(view.rejects & (accepting >= 2) & (view.distance <= FAINT * scale))

    return [
        (
            oracle,
            replace(
                view,
                excused=view.excused | faint(view),
                reason=BELOW if faint(view).any() else view.reason,
            )
            if oracle == FINITE_DIFFERENCE
            else view,
        )
        for oracle, view in views
    ]


def _of_meeting_kinks(value: NDArray[Any], view: Entries) -> NDArray[np.bool_]:
    """Whether kinks that meet in one point could make a value of some convention.

    Σ_i v_i relu(w_i x) has the slopes D+ and D− at 0, but a convention relu'(0) = c makes c (D+ + D−) of it,
    which may lie outside.
    """
    low, high = view.expected - view.allowed, view.expected + view.allowed
    least, most = np.minimum(low, np.minimum(0, low + high)), np.maximum(high, np.maximum(0, low + high))
    slack = STRONG * (np.abs(low) + np.abs(high))  # the slopes on both sides are known no better than this
    return np.asarray((least - slack <= value) & (value <= most + slack))
