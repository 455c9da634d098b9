"""Proofs: every claim, every step and every mutant of a theorem put before the kernel and the second path."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from derivations.kernel import formula as fm
from derivations.kernel.concrete import SecondPath
from derivations.kernel.errors import UnsupportedError
from derivations.kernel.formula import Array, Formula, walk
from derivations.kernel.functions import exp
from derivations.kernel.lowering import Lowering
from derivations.kernel.normal_form import NormalForm
from derivations.notation import ShapeError
from derivations.theorem import Claim, Equality, Inequality, Kind, Mutant, Status, Step, Theorem

__all__ = ["ClaimResult", "MutantResult", "Proof", "StepResult", "prove"]

_NEUTRAL = (Status.DEFINITION, Status.ASSUMPTION)
_ORDER = (
    Status.PROVED,
    Status.INDUCTION,
    Status.SHAPES,
    Status.IDENTITY_TESTED,
    Status.WITNESSED,
    Status.FAILED,
)


@dataclass(frozen=True)
class StepResult:
    """One step as it was checked.

    Attributes:
        step: the step.
        holds: whether the kernel proves it equal to the one before.
    """

    step: Step
    holds: bool


@dataclass(frozen=True)
class ClaimResult:
    """One claim as it was checked.

    Attributes:
        claim: the claim.
        proved: whether the kernel proves it for all dimensions.
        agrees: whether the second path finds both sides equal.
        sizes: the sizes at which it was written out, by the name of the dimension.
        steps: its steps, the last of which leads to the right side.
        trouble: why it does not hold; empty if it does.
    """

    claim: Claim
    proved: bool
    agrees: bool
    sizes: Mapping[str, int]
    steps: tuple[StepResult, ...]
    trouble: str

    @property
    def status(self) -> Status:
        """PROVED, or SHAPES where only the second path finds the sides equal, or FAILED."""
        if not self.agrees or not all(one.holds for one in self.steps):
            return Status.FAILED
        return Status.PROVED if self.proved else Status.SHAPES


@dataclass(frozen=True)
class MutantResult:
    """One mutant as it was checked.

    Attributes:
        mutant: the mutant.
        refuted: whether the kernel does not prove it and the second path shows where it is wrong.
        how: what shows it, or what went wrong.
    """

    mutant: Mutant
    refuted: bool
    how: str


@dataclass(frozen=True)
class Proof:
    """A theorem as it was checked.

    Attributes:
        theorem: the theorem.
        status: its status, the worst of its own claims and of the theorems it uses.
        claims: its claims, in their order.
        mutants: its mutants, in their order.
        rests_on: the names of all definitions and assumptions below it.
        weakest: the name of the used theorem that lowers its status; empty if none does.
        seconds: how long the check took.
    """

    theorem: Theorem
    status: Status
    claims: tuple[ClaimResult, ...]
    mutants: tuple[MutantResult, ...]
    rests_on: tuple[str, ...]
    weakest: str
    seconds: float


def prove(theorem: Theorem, below: Mapping[str, Proof]) -> Proof:
    """Check a theorem.

    Args:
        theorem: the theorem.
        below: the proofs of all that it uses, by name.

    Raises:
        KeyError: it uses a theorem that ``below`` lacks.
    """
    start = time.perf_counter()
    kernel = _Kernel(theorem, hypotheses=True)
    claims = tuple(kernel.claim(claim) for claim in theorem.claims)
    mutants = tuple(_refuted(theorem, mutant, kernel) for mutant in theorem.mutants)
    own = _own_status(theorem, claims, mutants)
    used = [below[name] for name in theorem.needs]
    rests_on = dict.fromkeys(
        name
        for proof in used
        for name in (*proof.rests_on, *([proof.theorem.name] if proof.status in _NEUTRAL else []))
    )
    status, weakest = own, ""
    for proof in used:
        if own not in _NEUTRAL and proof.status not in _NEUTRAL and _worse(proof.status, status):
            status, weakest = proof.status, proof.theorem.name
    return Proof(theorem, status, claims, mutants, tuple(rests_on), weakest, time.perf_counter() - start)


def _worse(one: Status, other: Status) -> bool:
    return _ORDER.index(one) > _ORDER.index(other)


def _own_status(
    theorem: Theorem, claims: tuple[ClaimResult, ...], mutants: tuple[MutantResult, ...]
) -> Status:
    if not all(mutant.refuted for mutant in mutants):
        return Status.FAILED
    worst = max((claim.status for claim in claims), key=_ORDER.index, default=Status.PROVED)
    if worst is Status.FAILED:
        return worst
    if theorem.kind in (Kind.DEFINITION, Kind.ASSUMPTION):
        return Status.DEFINITION if theorem.kind is Kind.DEFINITION else Status.ASSUMPTION
    return Status.INDUCTION if theorem.kind is Kind.INDUCTION and worst is Status.PROVED else worst


class _Kernel:
    """The kernel under the hypotheses and conditions of one theorem."""

    def __init__(self, theorem: Theorem, *, hypotheses: bool) -> None:
        arrays = {
            one
            for claim in theorem.claims
            for side in (claim.left, claim.right)
            for one in walk(side)
            if isinstance(one, Array)
        }
        self.hypotheses = [(h.left, h.right, h.forall) for h in theorem.hypotheses] if hypotheses else []
        self.lowering = Lowering()
        self.normal = NormalForm(
            [array.symbol for array in arrays if array.sign == "positive"],
            [array.symbol for array in arrays if array.sign == "negative"],
            [self._general(condition) for condition in theorem.positive],
        )
        sides = [side for claim in theorem.claims for side in _sides(claim)]
        self.second_path = SecondPath(sides, self.hypotheses)
        for left, right, forall in self.hypotheses:
            self.normal.assume(self.lowering.entry(left), self.lowering.entry(right), forall)

    def _general(self, condition: Formula) -> sp.Expr:
        return self.lowering.entry(condition, *(self.lowering.position(d) for d in condition.shape))

    def equal(self, left: Formula, right: Formula) -> bool:
        """Whether the kernel proves left = right."""
        return self.normal.equal(*self.lowering.equality(left, right))

    def claim(self, claim: Claim) -> ClaimResult:
        """Check a claim and its steps."""
        left, right = _sides(claim)
        trouble = ""
        try:
            proved = self.equal(left, right)
            if isinstance(claim, Inequality):
                proved = proved and is_visibly_nonnegative(claim.excess)
        except (UnsupportedError, ZeroDivisionError) as error:
            proved, trouble = False, str(error)
        place = self.second_path.differing_place(left, right, every=not proved)
        steps = self._steps(left, right, claim.steps)
        broken = next((number for number, one in enumerate(steps, 1) if not one.holds), 0)
        if place:
            trouble = f"the sides differ: {place}, with {_written(self.second_path.sizes)}"
        elif broken:
            trouble = f"step {broken} does not follow"
        elif not proved:
            trouble = trouble or "the kernel finds no proof"
        return ClaimResult(
            claim,
            proved,
            place is None,
            {str(d): n for d, n in self.second_path.sizes.items()},
            steps,
            trouble,
        )

    def _steps(self, left: Formula, right: Formula, steps: tuple[Step, ...]) -> tuple[StepResult, ...]:
        before, results = left, []
        for step in steps:
            results.append(
                StepResult(step, self._follows(before if step.of is None else step.of, step.formula))
            )
            if step.of is None:
                before = step.formula
        if steps and results[-1].holds and not self._follows(before, right):
            results[-1] = StepResult(steps[-1], False)
        return tuple(results)

    def _follows(self, before: Formula, after: Formula) -> bool:
        try:
            return self.equal(before, after)
        except (UnsupportedError, ZeroDivisionError, ShapeError):
            return False


def _sides(claim: Claim) -> tuple[Formula, Formula]:
    """The two formulas that must be equal."""
    if isinstance(claim, Equality):
        return claim.left, claim.right
    return claim.right - claim.left, claim.excess


def _refuted(theorem: Theorem, mutant: Mutant, kernel: _Kernel) -> MutantResult:
    claim = theorem.claims[mutant.claim]
    if mutant.without_hypotheses:
        kernel = _Kernel(theorem, hypotheses=False)
    try:
        right = mutant.right() if callable(mutant.right) else mutant.right or claim.right
        left, wrong = mutant.left or claim.left, right
        if isinstance(claim, Inequality):
            left, wrong = right - left, claim.excess
        proved = kernel.equal(left, wrong)
    except ShapeError as error:
        return MutantResult(mutant, True, f"ill-shaped: {error}")
    except (UnsupportedError, ZeroDivisionError):
        proved = False
    if proved:
        return MutantResult(mutant, False, "the kernel proves it")
    place = kernel.second_path.differing_place(left, wrong, every=True)
    sizes = _written(kernel.second_path.sizes)
    if place is None:
        return MutantResult(mutant, False, f"it is true with {sizes}")
    return MutantResult(mutant, True, f"wrong in {place}, with {sizes}")


def _written(sizes: Mapping[sp.Expr, int]) -> str:
    return ", ".join(f"{d} = {n}" for d, n in sizes.items()) or "scalars"


def is_visibly_nonnegative(f: Formula) -> bool:
    """Whether a formula is made of even powers and positive quantities, by sums, products and quotients."""
    if isinstance(f, fm.Constant):
        return bool(f.value.is_nonnegative)
    if isinstance(f, Array):
        return f.sign == "positive"
    if isinstance(f, fm.Power):
        even = isinstance(f.exponent, fm.Constant) and bool(f.exponent.value.is_even)
        return even or is_visibly_nonnegative(f.base)
    if isinstance(f, fm.Apply):
        return f.function is exp
    if isinstance(f, fm.Named):
        return is_visibly_nonnegative(f.value)
    if isinstance(f, (fm.Plus, fm.Product, fm.Hadamard, fm.Quotient, fm.Sum, fm.Entry, fm.Transpose)):
        return all(map(is_visibly_nonnegative, f.parts))
    return False
