"""One case.

The code under test is called, every oracle answers, and each array is compared with all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers import contracts
from checkers.candidate import Call, Candidate
from checkers.claimed_noise import ClaimedNoise
from checkers.compare import Claim, Comparison, Entries, Finding, Outcome, find
from checkers.contracts import Broken
from checkers.draw import FIXED, Case
from checkers.errors import FunctionError, GradientCountError, GradproofError, LossError
from checkers.modes import Forward, Mode, Oracle, Reverse
from checkers.oracles.autodiff import NAME as AUTODIFF
from checkers.oracles.autodiff import Autodiff
from checkers.oracles.estimate import Answer, Estimate
from checkers.oracles.finite_difference import NAME as FINITE_DIFFERENCE
from checkers.oracles.finite_difference import UNSAMPLED, FiniteDifference, random_directions
from checkers.oracles.symbolic import Symbolic
from checkers.rounding import is_large
from checkers.rounding.ball import Reals
from checkers.rounding.nudge import nudged
from checkers.traced import Traced

DEFINITION = "definition"
"""What records call the oracle for the forward itself."""

MANY = 5000
"""Entries of the arguments from which finite differences give way to autodiff, where that is to be had."""
DIRECTIONS = 4
ALONG = " along random directions"
"""What is added to the name of an argument whose entries are compared all at once, along directions."""

TRIED = 3
"""Cases in which it is tried whether the derivative uses what the forward has kept."""
WILD = 1e-6
"""Noise of a large claim, relative to its largest entry, from which the code is called once more."""

UNIT = float(np.finfo(np.float64).eps) / 2

UNSTEADY = "the {what} returns different values for the same arguments: fix its random seed"
UNBOUNDED = "the claimed {what} overflows at values this large, so its rounding has no bound"
AT_A_KINK = (
    "the {what} for {name} is not finite at a kink of the forward: any subgradient would do there, such as 0"
)


@dataclass
class Examined:
    """What came of one case.

    Attributes:
        case: the case.
        leading: the cotangents (or tangents) that were drawn.
        comparisons: what reports store.
        findings: one per compared array.
        broken: contracts that were broken.
        reason: why nothing could be compared, if so.
        error: what the forward raised, if it did.
        unsteady: the forward or its derivative gave two results for the same arguments: nothing can be said
            of either.
        unfinished: the derivative says that it is not implemented.
        notes: what is worth knowing of this case, although it proves nothing wrong.
    """

    case: Case
    leading: tuple[NDArray[Any], ...] = ()
    comparisons: list[Comparison] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    reason: str = ""
    error: FunctionError | None = None
    unsteady: bool = False
    unfinished: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """The verdict on this case alone."""
        if self.broken or any(finding.refuted.any() for finding in self.findings):
            return "disagrees"
        if self.reason or any(finding.conflict.any() for finding in self.findings):
            return "undecided"
        return "agrees" if any(finding.strong for finding in self.findings) else "undecided"


class Examiner:
    """Examines cases of one candidate.

    Args:
        candidate: the code under test.
        oracles: those that take part; a ``Symbolic`` among them also judges the forward.
        wrt: the numbers of the arguments to differentiate by; None for those for which the code gives a
            gradient.
    """

    def __init__(
        self, candidate: Candidate, oracles: Sequence[Oracle], wrt: Sequence[int] | None = None
    ) -> None:
        self.candidate = candidate
        self.oracles = tuple(oracles)
        self.wrt = None if wrt is None else tuple(wrt)
        self.mode: Mode = Forward(candidate) if candidate.kind == "jvp" else Reverse(candidate)
        self.autodiff = next((oracle for oracle in oracles if isinstance(oracle, Autodiff)), None)
        self.quantity = "forward" if candidate.derivative is None else self.mode.quantity
        self.definition = next((oracle for oracle in oracles if isinstance(oracle, Symbolic)), None)
        forward = Traced(candidate.forward) if self.autodiff is None else self.autodiff.forward
        self._forward_noise = ClaimedNoise(forward, lambda *arguments: list(candidate.primal(arguments)))
        self._noise: dict[int, ClaimedNoise] = {}
        self._keeps, self._tried = False, 0
        self.given: dict[str, bool] = {}

    def examine(self, case: Case) -> Examined:
        """The case examined.

        Raises:
            GradientCountError: the derivative returned another number of arrays than it must.
            LossError: the forward is a loss, but returned something else than one number.
        """
        examined = Examined(case)
        for name, array in zip(self.candidate.arguments, case.arguments, strict=True):
            if not np.isfinite(array).all():
                return self._unjudged(examined, f"the argument {name} is not finite at this point")
        large = is_large(case.arguments)
        try:
            outputs = self.candidate.primal(case.arguments)
            again = outputs if large else self.candidate.primal(case.arguments)
        except LossError:
            raise
        except FunctionError as error:
            examined.error = error
            return self._without_forward(examined, str(error))
        if not _same(outputs, again):
            examined.unsteady = True
            return self._unjudged(examined, UNSTEADY.format(what="forward"))
        if not all(np.isfinite(output).all() for output in outputs):
            return self._without_forward(examined, "the forward is not finite at this point")
        if self.definition is not None:
            self._judge_forward(examined, outputs, self.definition)
        if self.candidate.derivative is not None:
            self._judge_derivative(examined, outputs)
        return examined

    def steady(self, case: Case) -> bool:
        """Whether the forward gives the same values twice; a case in which it raises counts as steady.

        So does one that is large, until its gradient is seen to be noisy.
        """
        if is_large(case.arguments):
            return True
        try:
            one, other = self.candidate.primal(case.arguments), self.candidate.primal(case.arguments)
        except FunctionError:
            return True
        return _same(one, other)

    def _without_forward(self, examined: Examined, reason: str) -> Examined:
        """The forward has no value here.

        Where its definition has one, at ordinary arguments, that is wrong.
        """
        if self.definition is not None and examined.case.ordinary:
            answer = self.definition.primal(examined.case)
            if not answer.refusal and all(np.isfinite(e.bound).all() for e in answer.estimates):
                self._break(
                    examined, Broken("defined", "output", f"{reason}, where its definition has a value")
                )
                return examined
        return self._unjudged(examined, reason)

    def _unjudged(self, examined: Examined, reason: str) -> Examined:
        examined.reason = reason
        for oracle in self.oracles:
            examined.comparisons.append(
                self._record(examined, self.mode.quantity, "", oracle.name, "undecided", reason)
            )
        return examined

    def _judge_forward(
        self, examined: Examined, outputs: Sequence[NDArray[Any]], definition: Symbolic
    ) -> None:
        """The forward against its definition: a right gradient of another function would be worth nothing."""
        answer = definition.primal(examined.case)
        renamed = Answer(DEFINITION, answer.estimates, answer.refusal)
        largest = max(float(np.max(np.abs(output), initial=0.0)) for output in outputs)
        noise = self._forward_noise.of(
            examined.case.arguments, outputs, largest, lambda: [None] * len(outputs)
        )
        for number, (output, bound) in enumerate(zip(outputs, noise, strict=True)):
            self._judge(examined, Claim("output", output, bound), number, [renamed], "forward", 0.0)

    def _judge_derivative(self, examined: Examined, outputs: Sequence[NDArray[Any]]) -> None:
        case, mode = examined.case, self.mode
        leading = mode.leading(case, outputs)
        examined.leading = tuple(leading)
        call = self._called(examined, lambda: mode.call(leading, case, outputs))
        if call is None:
            return
        expected = mode.expected(case, outputs)
        wanted = [k for k in range(len(expected)) if self._counts(k, expected[k][1])]
        for k in wanted:
            self._note_given(examined, expected[k][0], call.arrays[k] is not None)
        judged = [k for k in wanted if call.arrays[k] is not None]
        judged = [k for k in judged if self._has_shape(examined, *expected[k], call.arrays[k])]
        if not judged:
            examined.reason = examined.reason or "no gradient was returned that could be compared"
            return
        answers = self._answers(case, leading, judged)
        size = _natural_size(case, leading, outputs)
        # At a single point a gradient that is zero throughout says nothing: a wrong factor would not show.
        natural = 0.0 if case.regime == FIXED else size
        # Where an array is empty there is no better point: what acts on nothing has the derivative 0.
        natural = natural or float(any(a.size == 0 for a in (*case.arguments, *outputs)))
        of_jax = self._rounding_of_jax(case, leading, judged, len(expected))
        kept = self._keeps_values(case, call, lambda: mode.call(leading, case, outputs))
        noise = self._noise_of(len(leading)).of(mode.inputs(leading, case), call.arrays, size, of_jax, kept)
        if is_large(case.arguments) and any(_is_wild(a, b) for a, b in zip(call.arrays, noise, strict=True)):
            again = self._called(examined, lambda: mode.call(leading, case, outputs))
            if again is None:
                return
            if not _same(call.arrays, again.arrays):
                self._unsteady(examined)
                return
        for number, k in enumerate(judged):
            claimed = call.arrays[k]
            if claimed is not None and self._is_finite(examined, expected[k][0], claimed, number, answers):
                claim = Claim(expected[k][0], claimed, noise[k])
                if (
                    is_large(case.arguments)
                    and find(mode.quantity, claim, number, answers, natural).refuted.any()
                ):
                    followed = self._noise_of(len(leading)).followed(mode.inputs(leading, case), call.arrays)[
                        k
                    ]
                    claim = claim if followed is None else claim.noisier(followed)
                self._judge(examined, claim, number, answers, mode.quantity, natural)
                if mode.quantity == "gradient" and _sampled(answers, number):
                    self._judge_directions(examined, claim, k, natural)

    def _answers(self, case: Case, leading: Sequence[NDArray[Any]], judged: Sequence[int]) -> list[Answer]:
        """What the oracles say.

        Finite differences need a forward pass per entry, so where autodiff has all of many they are left out.
        """
        answers: list[Answer] = []
        entries = sum(a.size for a in case.arguments)
        for oracle in self.oracles:
            traced = any(answer.oracle == AUTODIFF and not answer.refusal for answer in answers)
            if isinstance(oracle, FiniteDifference) and traced and entries > MANY:
                answers.append(
                    Answer(
                        oracle.name,
                        refusal=f"left out, because autodiff has compared all of {entries} entries",
                    )
                )
            else:
                answers.append(self.mode.answer(oracle, case, leading, judged))
        return [answer for answer in answers if not answer.spared]

    def _judge_directions(self, examined: Examined, claim: Claim, k: int, natural: float) -> None:
        """Where finite differences have only a sample of entries.

        The claim along directions that move all of them at once.
        """
        differences = next(oracle for oracle in self.oracles if isinstance(oracle, FiniteDifference))
        case = examined.case
        directions = random_directions(case.arguments, k, case.limits, DIRECTIONS, case.rng("directions"))
        slopes = differences.along(case, directions, examined.leading)
        if isinstance(slopes, str):
            return
        ways = [np.asarray(direction.arrays[k]) for direction in directions]
        value = np.array([float((claim.value * way).sum()) for way in ways])
        noise = np.array(
            [
                float((claim.noise * np.abs(way)).sum())
                + claim.value.size * UNIT * float(np.abs(claim.value * way).sum())
                for way in ways
            ]
        )
        answer = Answer(
            differences.name, (Estimate.of(*slopes, "the forward is not smooth enough along this direction"),)
        )
        self._judge(
            examined,
            Claim(f"{claim.name}{ALONG}", value, noise),
            0,
            [answer],
            "gradient",
            natural,
        )

    def _called(self, examined: Examined, call: Callable[[], Call]) -> Call | None:
        """What the code under test returns, twice; None if it raises or is not deterministic."""
        try:
            first = call()
            # For millions of entries a second call is made only if the claim looks noisy.
            second = first if is_large(examined.case.arguments) else call()
        except GradientCountError:
            raise
        except FunctionError as error:
            unfinished = isinstance(error.__cause__, NotImplementedError)
            if unfinished:
                examined.unfinished = True
                self._unjudged(examined, f"the {self.candidate.kind} is not implemented")
            else:
                self._break(examined, Broken("runs", "", f"the forward runs here, but {error}"))
            return None
        if not _same(first.arrays, second.arrays):
            self._unsteady(examined)
            return None
        for broken in contracts.unchanged(first, self.candidate.kind):
            self._break(examined, broken)
        return first

    def _unsteady(self, examined: Examined) -> None:
        examined.unsteady = True
        self._unjudged(examined, UNSTEADY.format(what=self.candidate.kind))

    def _counts(self, k: int, like: NDArray[Any]) -> bool:
        if self.mode.quantity == "tangent":
            return True
        return like.dtype.kind == "f" and (self.wrt is None or k in self.wrt)

    def _note_given(self, examined: Examined, name: str, given: bool) -> None:
        """Whether an array is returned must not depend on the case; what was asked for must be returned."""
        before = self.given.setdefault(name, given)
        self.given[name] = before or given
        if before != given:
            some = f"the {self.candidate.kind} returns a {self.mode.quantity} for {name} in some cases"
            self._break(
                examined, Broken("returned", name, f"{some} and None in others: return it always, or never")
            )
        elif not given and (self.wrt is not None or self.mode.quantity == "tangent"):
            sentence = (
                f"the {self.candidate.kind} returns None for {name}, whose {self.mode.quantity} is asked for"
            )
            self._break(examined, Broken("returned", name, sentence))

    def _has_shape(
        self, examined: Examined, name: str, like: NDArray[Any], array: NDArray[Any] | None
    ) -> bool:
        broken = None if array is None else contracts.shape(name, array, like.shape, self.mode.quantity)
        if broken is not None:
            self._break(examined, broken)
        return broken is None

    def _is_finite(
        self, examined: Examined, name: str, array: NDArray[Any], number: int, answers: Sequence[Answer]
    ) -> bool:
        """Whether the claim can be compared. Not finite where the truth is.

        Broken at ordinary values, an overflow at others. A kink has no derivative that the claim could miss:
        at a point that the user gave a number is wanted all the same, at one that was drawn this is noted.
        """
        broken = contracts.finite(name, array, self.mode.quantity)
        if broken is None:
            return True
        estimates = [answer.estimates[number] for answer in answers if not answer.refusal]
        bad = ~np.isfinite(array)
        known, kink = np.zeros_like(bad), np.zeros_like(bad)
        for estimate in estimates:
            known, kink = known | (bad & np.isfinite(estimate.bound)), kink | (bad & estimate.kink)
        if bool((known & ~kink).any()) and examined.case.ordinary:
            self._break(examined, broken)
            return False
        if bool((known & kink).any()) and examined.case.regime == FIXED:
            reason = AT_A_KINK.format(what=self.mode.quantity, name=name)
            self._break(examined, Broken(broken.contract, name, reason))
            return False
        reason = UNBOUNDED.format(what=self.mode.quantity)
        if bool((known & kink).any()):
            reason = AT_A_KINK.format(what=self.mode.quantity, name=name)
            examined.notes.append(reason)
        for answer in answers:
            examined.comparisons.append(
                self._record(examined, self.mode.quantity, name, answer.oracle, "undecided", reason)
            )
        return False

    def _keeps_values(self, case: Case, first: Call, call: Callable[[], Call]) -> bool:
        """Whether the derivative uses what the forward has kept, as that of a layer object does.

        Tried in a few cases: the forward is called a little beside the point, and the derivative without
        it. Afterwards what is kept belongs to the case again.
        """
        if is_large(case.arguments):
            return False
        if not self._keeps and self._tried < TRIED:
            self._tried += 1
            self._forward_again([nudged(a, k) for k, a in enumerate(case.arguments)])
            with suppress(GradproofError):
                self._keeps = not _same(first.arrays, call().arrays)
        self._forward_again(case.arguments)
        return self._keeps

    def _forward_again(self, arguments: Sequence[NDArray[Any]]) -> None:
        with suppress(FunctionError):
            self.candidate.primal(arguments)

    def _noise_of(self, count: int) -> ClaimedNoise:
        if count not in self._noise:
            code = self.mode.code(count)

            def called(*inputs: NDArray[Any]) -> list[NDArray[Any] | None]:
                # What a forward keeps for the derivative has to be that of the same point.
                self._forward_again(inputs[-len(self.candidate.arguments) :])
                returned = code(*(a.copy() for a in inputs))
                items = returned if isinstance(returned, (tuple, list)) else [returned]
                return [None if item is None else np.asarray(item) for item in items]

            self._noise[count] = ClaimedNoise(Traced(code), called)
        return self._noise[count]

    def _rounding_of_jax(
        self, case: Case, leading: Sequence[NDArray[Any]], judged: Sequence[int], count: int
    ) -> Callable[[], list[Reals | None]]:
        """How much JAX's own gradients round in the precision of the case.

        Asked for only where the claim cannot be traced.
        """

        def radii() -> list[Reals | None]:
            others: list[Reals | None] = [None] * count
            if self.autodiff is not None and self.mode.quantity == "gradient":
                for k, radius in zip(judged, self.autodiff.rounding(case, leading, judged), strict=False):
                    others[k] = radius
            return others

        return radii

    def _break(self, examined: Examined, broken: Broken) -> None:
        examined.broken.append(broken)
        examined.comparisons.append(
            self._record(
                examined,
                "contract",
                broken.argument or broken.contract,
                "contract",
                "disagrees",
                broken.sentence,
            )
        )

    def _judge(
        self,
        examined: Examined,
        claim: Claim,
        number: int,
        answers: Sequence[Answer],
        quantity: str,
        natural: float,
    ) -> None:
        finding = find(quantity, claim, number, answers, natural)
        examined.findings.append(finding)
        for answer in answers:
            if answer.refusal:
                examined.comparisons.append(
                    self._record(examined, quantity, claim.name, answer.oracle, "undecided", answer.refusal)
                )
        for oracle, entries in finding.per_oracle:
            examined.comparisons.append(self._compared(examined, quantity, finding, oracle, entries))

    def _compared(
        self, examined: Examined, quantity: str, finding: Finding, oracle: str, entries: Entries
    ) -> Comparison:
        outcome, reason = entries.outcome(finding.refuted, finding.conflict)
        record = self._record(examined, quantity, finding.claim.name, oracle, outcome, reason)
        return finding.recorded(entries, record)

    def _record(
        self, examined: Examined, quantity: str, argument: str, oracle: str, outcome: Outcome, reason: str
    ) -> Comparison:
        case = examined.case
        return Comparison(
            subject=self.candidate.name,
            case=case.number,
            seed=case.seed,
            regime=case.regime,
            dtype=case.dtype,
            shapes={name: a.shape for name, a in zip(self.candidate.arguments, case.arguments, strict=True)},
            quantity=quantity,
            argument=argument,
            oracle=oracle,
            outcome=outcome,
            reason=reason,
        )


def _same(one: Sequence[NDArray[Any] | None], other: Sequence[NDArray[Any] | None]) -> bool:
    """Whether two calls returned the same, entry for entry."""
    return all(
        a is b or (a is not None and b is not None and np.array_equal(a, b, equal_nan=True))
        for a, b in zip(one, other, strict=True)
    )


def _is_wild(claimed: NDArray[Any] | None, noise: Reals) -> bool:
    """Whether a claim moved so much, for inputs moved so little, that it may not be the same twice."""
    if claimed is None or not claimed.size:
        return False
    return not float(noise.max()) <= WILD * max(float(claimed.max()), -float(claimed.min()))


def _sampled(answers: Sequence[Answer], number: int) -> bool:
    """Whether finite differences ran, but not on every entry."""
    return any(
        answer.oracle == FINITE_DIFFERENCE
        and not answer.refusal
        and answer.estimates[number].reason == UNSAMPLED
        and np.isinf(answer.estimates[number].bound).any()
        for answer in answers
    )


def _natural_size(case: Case, leading: Sequence[NDArray[Any]], outputs: Sequence[NDArray[Any]]) -> float:
    """The size that a derivative would ordinarily have: |δ| |f| / |x|, to judge one that is exactly zero."""

    def largest(arrays: Sequence[NDArray[Any]]) -> float:
        floating = [a for a in arrays if a.dtype.kind == "f" and a.size]
        return max((max(float(a.max()), -float(a.min())) for a in floating), default=0.0)

    return largest(leading) * largest(outputs) / max(largest(case.arguments), 1.0)
