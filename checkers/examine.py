"""One case.

The code under test is called, every oracle answers, and each array is compared with all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers import contracts
from checkers.along import Along, along, sampled
from checkers.candidate import Call, Candidate, same
from checkers.claimed_noise import ClaimedNoise
from checkers.compare import Claim, Finding, find
from checkers.contracts import Broken
from checkers.draw import FIXED, Case
from checkers.effort import announce
from checkers.errors import FunctionError, GradientCountError, LossError
from checkers.examined import Examined
from checkers.joint import unbalanced
from checkers.kept_values import KeptValues
from checkers.locate import located
from checkers.modes import Forward, Mode, Oracle, Reverse
from checkers.oracles.autodiff import NAME as AUTODIFF
from checkers.oracles.autodiff import Autodiff
from checkers.oracles.estimate import Answer
from checkers.oracles.finite_difference import FiniteDifference
from checkers.oracles.symbolic import Symbolic
from checkers.rounding import is_large
from checkers.rounding.ball import Reals
from checkers.rounding.nudge import largest
from checkers.traced import Traced

DEFINITION = "definition"
"""What records call the oracle for the forward itself."""

MANY = 5000
"""Entries of the arguments from which finite differences give way to autodiff, where that is to be had."""

SCALED = 8
"""In so many cases, the first ones, it is tried whether the derivative is linear in the cotangent."""

UNSTEADY = "the {what} returns different values for the same arguments: fix its random seed"
UNBOUNDED = "the claimed {what} overflows at these values, so its rounding has no bound"
SHORTENED = (
    "the {what} is rounded to {dtype} on its way, with {digits} digits: smaller errors are taken for rounding"
)
AT_A_KINK = (
    "the {what} for {name} is not finite at a kink of the forward: any subgradient would do there, such as 0"
)


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
        self._kept = KeptValues(candidate)
        self.given: dict[str, bool] = {}

    def examine(self, case: Case) -> Examined:
        """The case examined.

        Raises:
            LossError: the forward is a loss, but returned something else than one number.
        """
        examined = Examined(case, self.candidate.name, self.candidate.arguments)
        for name, array in zip(self.candidate.arguments, case.arguments, strict=True):
            if not np.isfinite(array).all():
                return self._unjudged(examined, f"the argument {name} is not finite at this point")
        try:
            outputs = self.candidate.primal(case.arguments)
            # Over many entries all is called a second time only where something seems to be wrong.
            again = outputs if is_large(case.arguments) else self.candidate.primal(case.arguments)
        except LossError:
            raise
        except FunctionError as error:
            examined.error = error
            return self._without_forward(examined, str(error))
        if not same(outputs, again):
            return self._unsteady(examined, "forward")
        if not all(np.isfinite(output).all() for output in outputs):
            return self._without_forward(examined, "the forward is not finite at this point")
        if self.definition is not None:
            self._judge_forward(examined, outputs, self.definition)
        if self.candidate.derivative is not None:
            self._judge_derivative(examined, outputs)
        return examined

    def steady(self, case: Case) -> bool:
        """Whether the forward gives the same values twice; a case in which it raises counts as steady.

        So does one that is large, until its gradient seems to be wrong.
        """
        if is_large(case.arguments):
            return True
        try:
            one, other = self.candidate.primal(case.arguments), self.candidate.primal(case.arguments)
        except FunctionError:
            return True
        return same(one, other)

    def _without_forward(self, examined: Examined, reason: str) -> Examined:
        """The forward has no value here.

        Where its definition has one, at ordinary arguments, that is wrong.
        """
        if self.definition is not None and examined.case.ordinary:
            answer = self.definition.primal(examined.case)
            if not answer.refusal and all(np.isfinite(e.bound).all() for e in answer.estimates):
                examined.breaks(Broken("defined", "output", f"{reason}, where its definition has a value"))
                return examined
        return self._unjudged(examined, reason)

    def _unjudged(self, examined: Examined, reason: str) -> Examined:
        examined.is_left_undecided(reason, self.mode.quantity, [oracle.name for oracle in self.oracles])
        return examined

    def _unsteady(self, examined: Examined, what: str) -> Examined:
        examined.unsteady = True
        return self._unjudged(examined, UNSTEADY.format(what=what))

    def _judge_forward(
        self, examined: Examined, outputs: Sequence[NDArray[Any]], definition: Symbolic
    ) -> None:
        """The forward against its definition: a right gradient of another function would be worth nothing."""
        answers = [replace(definition.primal(examined.case), oracle=DEFINITION)]
        natural = max(map(largest, outputs))
        noise = self._forward_noise.of(
            examined.case.arguments, outputs, natural, lambda: [None] * len(outputs)
        )
        for number, (output, bound) in enumerate(zip(outputs, noise, strict=True)):
            claim = Claim("output", output, bound)
            examined.finds(find("forward", claim, number, answers, 0.0), answers)

    def _judge_derivative(self, examined: Examined, outputs: Sequence[NDArray[Any]]) -> None:
        case, mode = examined.case, self.mode
        leading = mode.leading(case, outputs)
        examined.leading = tuple(leading)
        call = self._called(examined, lambda: mode.call(leading, case, outputs))
        if call is None:
            return
        judged = self._comparable(examined, call, outputs)
        if not judged:
            examined.reason = examined.reason or "no gradient was returned that could be compared"
            return
        answers = self._answers(case, leading, judged)
        size = _natural_size(case, leading, outputs)
        questions = self._questions(examined, call, outputs, judged, answers, size)
        # At a single point a gradient that is zero throughout says nothing: a wrong factor would not show.
        # Where an array is empty there is no better point: what acts on nothing has the derivative 0.
        empty = any(a.size == 0 for a in (*case.arguments, *outputs))
        natural = (0.0 if case.regime == FIXED else size) or float(empty)
        findings = [question.answered(mode.quantity, natural) for question in questions]
        if is_large(case.arguments) and any(finding.refuted.any() for finding in findings):
            noise, repeated = self._noise_of(len(leading)).in_full(
                mode.inputs(leading, case), call.arrays, size
            )
            if not self._is_steady(examined, call, outputs, repeated):
                return
            questions = [question.noisier(noise[question.k]) for question in questions]
            findings = [question.answered(mode.quantity, natural) for question in questions]
        for question, finding in zip(questions, findings, strict=True):
            examined.finds(finding, question.answers)
        self._locate(examined, questions, findings)
        self._judge_linearity(examined, outputs)
        if mode.quantity == "gradient" and examined.outcome == "agrees":
            values, names = self.candidate.values, self.candidate.arguments
            examined.untied = unbalanced(values, names, case, leading, examined.findings)

    def _comparable(self, examined: Examined, call: Call, outputs: Sequence[NDArray[Any]]) -> list[int]:
        """The numbers of the returned arrays that have the shapes they must."""
        expected = self.mode.expected(examined.case, outputs)
        wanted = [k for k in range(len(expected)) if self._counts(k, expected[k][1])]
        for sentence in contracts.aliases(call, [name for name, _ in expected], self.mode.quantity):
            examined.notes_that(sentence)
        judged = []
        for k in wanted:
            name, like = expected[k]
            array = call.arrays[k]
            self._note_given(examined, name, array is not None)
            if array is None:
                continue
            asked = [like.dtype, *(output.dtype for output in outputs)]
            broken = contracts.shape(name, array, like.shape, self.mode.quantity)
            if broken is not None:
                examined.breaks(broken)
                continue
            judged.append(k)
            broken = contracts.dtype(name, array, asked, self.mode.quantity)
            if broken is not None:
                examined.breaks(broken)
        return judged

    def _questions(
        self,
        examined: Examined,
        call: Call,
        outputs: Sequence[NDArray[Any]],
        judged: Sequence[int],
        answers: Sequence[Answer],
        size: float,
    ) -> list[Question]:
        """What is to be compared with what.

        Arrays of which only a sample has been judged are compared along directions, too.
        """
        case, mode, leading = examined.case, self.mode, examined.leading
        expected = mode.expected(case, outputs)
        kept = not is_large(case.arguments) and self._kept.used(
            case, call, lambda: mode.call(leading, case, outputs)
        )
        of_jax = self._rounding_of_jax(case, leading, judged, len(expected))
        noise = self._noise_of(len(leading)).of(mode.inputs(leading, case), call.arrays, size, of_jax, kept)
        shortened = self._noise_of(len(leading)).shortened
        if shortened:
            digits = np.finfo(shortened).precision
            examined.notes_that(SHORTENED.format(what=mode.quantity, dtype=shortened, digits=digits))
        questions = []
        for number, k in enumerate(judged):
            claimed = call.arrays[k]
            if claimed is None or not self._is_finite(examined, expected[k][0], claimed, number, answers):
                continue
            questions.append(Question(k, Claim(expected[k][0], claimed, noise[k]), number, answers))
            tried = sampled(answers, number) if mode.quantity == "gradient" else None
            if tried is not None:
                examined.notes_that(
                    f"finite differences tried {tried} of the {claimed.size:,} entries of"
                    f" {expected[k][0]} one by one, and the others together along a few directions"
                )
                differences = next(oracle for oracle in self.oracles if isinstance(oracle, FiniteDifference))
                directions = along(differences, case, leading, k)
                if directions is not None:
                    whole = replace(questions[-1], number=0, answers=[directions.answer], along=directions)
                    questions.append(whole)
        return questions

    def _locate(self, examined: Examined, questions: Sequence[Question], findings: Sequence[Finding]) -> None:
        """Name the entry that is wrong where only directions through all entries have shown that one is."""
        wrong = {question.k for question, one in zip(questions, findings, strict=True) if one.refuted.any()}
        seen = {
            question.k
            for question, one in zip(questions, findings, strict=True)
            if one.refuted.any() and question.along is None
        }
        for question in questions:
            if question.along is not None and question.k in wrong - seen:
                differences = next(oracle for oracle in self.oracles if isinstance(oracle, FiniteDifference))
                entry = located(
                    differences, examined.case, examined.leading, question.claim, question.k, question.along
                )
                if entry is not None:
                    examined.finds(entry, [])

    def _answers(self, case: Case, leading: Sequence[NDArray[Any]], judged: Sequence[int]) -> list[Answer]:
        """What the oracles say.

        Finite differences need a forward pass per entry, so where autodiff has all of many they are left out.
        """
        answers: list[Answer] = []
        entries = sum(a.size for a in case.arguments)
        for oracle in self.oracles:
            traced = any(answer.oracle == AUTODIFF and not answer.refusal for answer in answers)
            if isinstance(oracle, FiniteDifference) and traced and entries > MANY:
                reason = f"left out, because autodiff has compared all of {entries} entries"
                answers.append(Answer(oracle.name, refusal=reason))
            else:
                if isinstance(oracle, FiniteDifference) and is_large(case.arguments):
                    announce(self.candidate, case, oracle.calls(case, sum(a.size for a in leading), judged))
                answers.append(self.mode.answer(oracle, case, leading, judged))
        return [answer for answer in answers if not answer.spared]

    def _called(self, examined: Examined, call: Callable[[], Call]) -> Call | None:
        """What the code under test returns, twice; None if it raises or is not deterministic."""
        try:
            first = call()
            second = first if is_large(examined.case.arguments) else call()
        except GradientCountError as error:
            examined.breaks(Broken("count", "", str(error)))
            return None
        except FunctionError as error:
            unfinished = isinstance(error.__cause__, NotImplementedError)
            if unfinished:
                examined.unfinished = True
                self._unjudged(examined, f"the {self.candidate.kind} is not implemented")
            else:
                examined.breaks(Broken("runs", "", f"the forward runs here, but {error}"))
            return None
        if not same(first.arrays, second.arrays):
            self._unsteady(examined, self.candidate.kind)
            return None
        for broken in contracts.unchanged(first, self.candidate.kind):
            examined.breaks(broken)
        return first

    def _is_steady(
        self, examined: Examined, call: Call, outputs: Sequence[NDArray[Any]], repeated: bool
    ) -> bool:
        """Whether forward and, unless that is known, derivative return once more what they returned.

        Asked over many entries before anything is called wrong.
        """
        case = examined.case
        try:
            if not same(outputs, self.candidate.primal(case.arguments)):
                self._unsteady(examined, "forward")
            elif not repeated and not same(
                call.arrays, self.mode.call(examined.leading, case, outputs).arrays
            ):
                self._unsteady(examined, self.candidate.kind)
        except FunctionError:
            self._unsteady(examined, self.candidate.kind)
        return not examined.unsteady

    def _judge_linearity(self, examined: Examined, outputs: Sequence[NDArray[Any]]) -> None:
        """Whether a derivative that agrees is linear in the cotangent, tried in a few cases.

        The oracles compare at one cotangent. What is clipped, or compared with a threshold, shows at others.
        """
        case, mode = examined.case, self.mode
        if examined.outcome != "agrees" or case.number >= SCALED or self.candidate.kind == "grad":
            return
        if is_large(case.arguments) or not case.ordinary:
            return
        numbers = {name: k for k, (name, _) in enumerate(mode.expected(case, outputs))}
        returned = []
        for factor in (contracts.SCALE, 0.0):
            self._kept.renewed(case.arguments)
            leading = [np.asarray(factor * a, dtype=a.dtype) for a in examined.leading]
            try:
                returned.append(mode.call(leading, case, outputs).arrays)
            except FunctionError as error:
                examined.breaks(Broken("runs", "", f"for {factor:g} times the same cotangent {error}"))
                return
        for claim in [one.claim for one in examined.findings if one.quantity == mode.quantity]:
            if claim.name not in numbers:  # all entries at once, along directions
                continue
            scaled, nothing = (arrays[numbers[claim.name]] for arrays in returned)
            for contract, array in ((contracts.linear, scaled), (contracts.zero, nothing)):
                broken = None if array is None else contract(claim, array, self.candidate.kind)
                if broken is not None:
                    examined.breaks(broken)

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
            examined.breaks(
                Broken("returned", name, f"{some} and None in others: return it always, or never")
            )
        elif not given and (self.wrt is not None or self.mode.quantity == "tangent"):
            sentence = (
                f"the {self.candidate.kind} returns None for {name}, whose {self.mode.quantity} is asked for"
            )
            examined.breaks(Broken("returned", name, sentence))

    def _is_finite(
        self, examined: Examined, name: str, array: NDArray[Any], number: int, answers: Sequence[Answer]
    ) -> bool:
        """Whether the claim can be compared. Not finite where the truth is.

        Broken at ordinary values, an overflow at others, and where the truth is too large for the dtype. A
        kink has no derivative that the claim could miss: at a point that the user gave a number is wanted all
        the same, at one that was drawn this is noted.
        """
        broken = contracts.finite(name, array, self.mode.quantity)
        if broken is None:
            return True
        estimates = [answer.estimates[number] for answer in answers if not answer.refusal]
        bad = ~np.isfinite(array)
        known, kink = np.zeros_like(bad), np.zeros_like(bad)
        most = np.finfo(array.dtype if array.dtype.kind == "f" else np.float64).max
        for estimate in estimates:
            fits = np.abs(estimate.value) + estimate.bound <= most
            known, kink = known | (bad & fits), kink | (bad & estimate.kink)
        if bool((known & ~kink).any()) and examined.case.ordinary:
            examined.breaks(broken)
            return False
        if bool((known & kink).any()) and examined.case.regime == FIXED:
            reason = AT_A_KINK.format(what=self.mode.quantity, name=name)
            examined.breaks(Broken(broken.contract, name, reason))
            return False
        reason = UNBOUNDED.format(what=self.mode.quantity)
        if bool((known & kink).any()):
            reason = AT_A_KINK.format(what=self.mode.quantity, name=name)
            examined.notes_that(reason)
        examined.leaves_out(self.mode.quantity, name, [answer.oracle for answer in answers], reason)
        return False

    def _noise_of(self, count: int) -> ClaimedNoise:
        if count not in self._noise:
            code = self.mode.code(count)

            def called(*inputs: NDArray[Any]) -> list[NDArray[Any] | None]:
                # What a forward keeps for the derivative has to be that of the same point.
                self._kept.renewed(inputs[-len(self.candidate.arguments) :])
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


@dataclass(frozen=True)
class Question:
    """One claimed array that the oracles are asked about.

    Attributes:
        k: its number among the returned arrays.
        claim: the array, and how much it rounds.
        number: its number among the estimates of an oracle.
        answers: what the oracles say.
        along: the directions along which all of its entries are compared at once, or None.
    """

    k: int
    claim: Claim
    number: int
    answers: Sequence[Answer]
    along: Along | None = None

    def answered(self, quantity: str, natural: float) -> Finding:
        """What they say; see ``find``."""
        claim = self.claim if self.along is None else self.along.of(self.claim)
        return find(quantity, claim, self.number, self.answers, natural)

    def noisier(self, noise: Reals) -> Question:
        """The same with a larger bound of the claim's rounding."""
        return replace(self, claim=self.claim.noisier(noise))


def _natural_size(case: Case, leading: Sequence[NDArray[Any]], outputs: Sequence[NDArray[Any]]) -> float:
    """The size that a derivative would ordinarily have: |δ| |f| / |x|, to judge one that is exactly zero."""

    def size(arrays: Sequence[NDArray[Any]]) -> float:
        return max((largest(a) for a in arrays if a.dtype.kind == "f"), default=0.0)

    return size(leading) * size(outputs) / max(size(case.arguments), 1.0)
