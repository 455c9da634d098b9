"""The exact oracle: the forward and the claimed derivative, unmodified, run on exact numbers and compared.

Inputs are random residues (see ``residue``), so the comparison is one of formulas: it knows no rounding, and
finds a wrong constant of relative size 1e-300 as surely as a wrong sign. The gradient g of an argument is
tested by one pass of the forward along a random direction v: Σ_k g_k v_k must be Σ_i δ_i ḟ_i. A wrong
gradient passes with a probability below ``CHANCE``. Branches are those that the code takes at the drawn
values; the formula is tested on that branch.

What is found equal is equal. What is found different is wrong, unless the code may rest on something that
random inputs do not keep: a relation between values of functions that is not modelled, or one between inputs
that were given or drawn together. Then claim and derivative are compared in balls at the drawn values: a
difference there is a mistake, and where there is none the oracle refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from checkers.oracles.arb import arb, precision, to_floats
from checkers.oracles.code_under_test import (
    Code,
    each,
    moved,
    still,
    tangents_of,
    values_of,
    weighted,
)
from checkers.oracles.dual import Dual, Undecided, Unrunnable
from checkers.oracles.dual_array import dual_arrays
from checkers.oracles.estimate import Answer, Estimate
from checkers.oracles.interval import Interval
from checkers.oracles.literal import fraction_of
from checkers.oracles.object_array import effort
from checkers.oracles.residue import PRIMES, Residue, Symbols
from checkers.rounding.ball import Reals

if TYPE_CHECKING:
    from checkers.draw import Case

NAME = "exact"

CHANCE = 2.0**-40
"""With less than this probability a wrong array passes: formulas of a higher degree are not judged."""
LOOSELY = 2.0**12
"""Relative differences of so many roundings and more are mistakes, not rounding of given numbers."""
CLOSELY = 2.0**-120
"""Relative differences up to here are none of rounding of given numbers, but of the formula."""
BITS = 192
"""Precision of the numbers that decide comparisons, and of the comparison in balls."""
ATTEMPTS = 4
"""How often a difference that may be due to a missing relation is looked at with other random numbers."""
EFFORT = 150_000
"""Entries of arrays that may be computed at one point before the code is given up as too long."""
TOTAL = 1_500_000
"""Entries that may be computed in a run before further cases are left to other oracles."""

TOO_LONG = f"it takes more than {EFFORT} operations in exact arithmetic"
RELATION = (
    "the formulas agree at the drawn values and not for arbitrary inputs: they rest on a relation between"
    " inputs, or between values of functions, that exact arithmetic does not know"
)
UNBOUNDED = "formulas that rest on relations between values of functions are too large here to be enclosed"
STEEP = "the formula has too high a degree to be tested at random inputs"


@dataclass
class Exact:
    """The oracle for one piece of code.

    Attributes:
        code: the forward and the derivative that is claimed for it.
        cases: how many cases are judged; None for as many as ``TOTAL`` allows.
        name: "exact".
    """

    code: Code
    cases: int | None = None
    name: str = field(default=NAME, init=False)
    _judged: set[int] = field(default_factory=set, init=False, repr=False)
    _spent: int = field(default=0, init=False, repr=False)

    def gradients(self, case: Case, cotangents: Sequence[Reals], wrt: Sequence[int]) -> Answer:
        """Whether the claimed gradients by the arguments ``wrt`` are the derivatives."""
        return self._answer(case, cotangents, wrt)

    def pushforward(self, case: Case, tangents: Sequence[Reals | None]) -> Answer:
        """Whether the claimed tangents of all outputs are the derivatives."""
        zeros = [np.zeros(a.shape) if t is None else t for t, a in zip(tangents, case.arguments, strict=True)]
        return self._answer(case, zeros, None)

    def _answer(self, case: Case, leading: Sequence[Reals], wrt: Sequence[int] | None) -> Answer:
        if case.number not in self._judged and (
            self._spent > TOTAL or (self.cases is not None and len(self._judged) >= self.cases)
        ):
            return Answer(self.name, spared=True)
        with precision(BITS), effort(EFFORT) as left:
            try:
                estimates = self._compared(case, leading, wrt)
            except (Undecided, Unrunnable) as error:
                return Answer(self.name, refusal=str(error))
            except OverflowError:
                return Answer(self.name, refusal=TOO_LONG)
            finally:
                self._spent += EFFORT - left[0]
                self.code.restore(case.arguments)
        self._judged.add(case.number)
        return Answer(self.name, estimates)

    def _compared(
        self, case: Case, leading: Sequence[Reals], wrt: Sequence[int] | None
    ) -> tuple[Estimate, ...]:
        rng = case.rng(NAME)
        for _ in range(ATTEMPTS):
            seed = int(rng.integers(2**62))
            test = _Test(self.code, case, leading, wrt, seed)
            right = test.passes()
            if not test.doubtful and right:
                return tuple(_same(a) for a in test.compared)
            if not test.doubtful and _independent(case, test.moving):
                return self._shown(case, leading, wrt, test.located())
            apart, near = self._apart(case, leading, range(len(test.compared)) if wrt is None else wrt)
            if right and not any(estimate.rejected for estimate in apart):
                return tuple(_same(a) for a in test.compared)
            if any(estimate.rejected for estimate in apart):
                return tuple(apart)
            if not test.doubtful:
                here = _Test(self.code, case, leading, wrt, seed, at_values=True)
                if near and not here.passes() and not here.doubtful:
                    return self._shown(case, leading, wrt, here.located())
                break
        raise Undecided(RELATION)

    def _apart(
        self, case: Case, leading: Sequence[Reals], which: Sequence[int]
    ) -> tuple[list[Estimate], bool]:
        """Where claim and derivative differ at the drawn values, beyond what rounding of these explains.

        And whether they are everywhere closer than any rounding makes them.
        """
        estimates, near = [], True
        rounding = LOOSELY * float(np.finfo(case.dtype).eps)
        for difference, derivative in Interval(self.code).differences(case, leading, which):
            balls: list[Any] = list(difference.flat)
            if not all(ball.is_finite() for ball in balls):
                raise Undecided(UNBOUNDED)
            wrong = each(lambda d, x: bool(abs(d) > rounding * abs(x)), difference, derivative)
            value, _ = to_floats(derivative)
            estimates.append(Estimate.compared(~wrong.astype(bool), value))
            close = each(lambda d, x: d == 0 or abs(d) <= CLOSELY * abs(x), difference, derivative)
            near = near and bool(close.astype(bool).all())
        return estimates, near

    def _shown(
        self,
        case: Case,
        leading: Sequence[Reals],
        wrt: Sequence[int] | None,
        same: Sequence[NDArray[np.bool_]],
    ) -> tuple[Estimate, ...]:
        """What is different beside the derivatives, in balls, so that there is a number to show."""
        interval = Interval(self.code)
        try:
            balls = (
                interval.derivatives(case, leading, wrt, [~part for part in same])
                if wrt is not None
                else interval.pushed(
                    case,
                    [
                        t if a.dtype.kind == "f" else None
                        for t, a in zip(leading, case.arguments, strict=True)
                    ],
                )
            )
        except (Undecided, Unrunnable, OverflowError):
            balls = [np.full(part.shape, arb.nan(), dtype=object) for part in same]
        found = []
        for part, exact in zip(same, balls, strict=True):
            value, radius = to_floats(exact)
            found.append(Estimate.compared(part, np.where(np.isfinite(radius), value, np.nan)))
        return tuple(found)


def _same(array: NDArray[Any]) -> Estimate:
    return Estimate.compared(np.ones(array.shape, dtype=bool), np.zeros(array.shape))


class _Test:
    """One test of the code with random numbers of its own.

    Attributes:
        moving: the numbers of the arguments that are differentiated.
        doubtful: a difference may be due to a relation that is not modelled.
        compared: the claimed arrays that are compared, as residues.

    Args:
        code: the code under test.
        case: the point; its values decide comparisons.
        leading: the cotangents or tangents there.
        wrt: the numbers of the arguments that are differentiated; None in forward mode.
        seed: of everything random.
        at_values: take the values of the case for the inputs, as they are, instead of random numbers.

    Raises:
        Unrunnable, Undecided, OverflowError: as ``dual_array.run``.
    """

    def __init__(
        self,
        code: Code,
        case: Case,
        leading: Sequence[Reals],
        wrt: Sequence[int] | None,
        seed: int,
        at_values: bool = False,
    ) -> None:
        self.code = code
        self.symbols = Symbols(seed)
        self.doubtful = False
        self._kind = dual_arrays(self.symbols.constant(0))
        self._zero = self.symbols.constant(0)
        floating = [k for k, a in enumerate(case.arguments) if a.dtype.kind == "f"]
        self.moving = floating if wrt is None else list(wrt)
        self._arguments = [
            a
            if k not in floating
            else self._free(a)
            if k in self.moving and not at_values
            else self._fixed(a)
            for k, a in enumerate(case.arguments)
        ]
        drawn = (
            [k in floating for k in range(len(leading))]
            if wrt is None
            else [code.kind != "grad"] * len(leading)
        )
        self._leading = [
            self._free(np.asarray(one)) if free else self._fixed(np.asarray(one))
            for one, free in zip(leading, drawn, strict=True)
        ]
        claims = code.claimed(self._kind, self._leading, self._arguments)
        if wrt is None:
            along = list(self._arguments)
            for k in self.moving:
                along[k] = moved(along[k], values_of(self._leading[k]))
            self._pushed = [tangents_of(output) for output in code.value(self._kind, along)]
            self.compared = [_values(c, t) for c, t in zip(claims, self._pushed, strict=True)]
        else:
            self._pushed = []
            self.compared = [_values(claims[k], self._arguments[k]) for k in wrt]

    def passes(self) -> bool:
        """Whether everything claimed is the derivative: gradients by one random direction per argument."""
        if self._pushed:
            return all(part.all() for part in self.located())
        return all(
            self._right(k, each(lambda _: self.symbols.direction(), claim), claim)
            for k, claim in zip(self.moving, self.compared, strict=True)
        )

    def located(self) -> list[NDArray[np.bool_]]:
        """Per claimed array the entries that are the derivative."""
        if self._pushed:
            return [
                each(lambda t, claim: self._same(self._zero if t is None else t, claim), *pair).astype(bool)
                for pair in zip(self._pushed, self.compared, strict=True)
            ]
        return [self._entries(k, claim) for k, claim in zip(self.moving, self.compared, strict=True)]

    def _entries(self, k: int, claim: NDArray[Any]) -> NDArray[np.bool_]:
        """By halves: a part that passes along a random direction is right throughout."""
        same = np.ones(claim.size, dtype=bool)
        parts = [range(claim.size)]
        while parts:
            part = parts.pop()
            direction = still(claim)
            for position in part:
                direction.flat[position] = self.symbols.direction()
            if self._right(k, direction, claim):
                continue
            if len(part) == 1:
                same[part[0]] = False
            else:
                half = len(part) // 2
                parts += [part[:half], part[half:]]
        return same.reshape(claim.shape)

    def _right(self, k: int, direction: NDArray[Any], claim: NDArray[Any]) -> bool:
        claimed = weighted([claim], [direction], self._zero)
        return self._same(self._slope(k, direction), claimed)

    def _slope(self, k: int, tangents: NDArray[Any]) -> Residue:
        """Σ_i δ_i ḟ_i where the argument with that number moves."""
        along = [*self._arguments[:k], moved(self._arguments[k], tangents), *self._arguments[k + 1 :]]
        outputs = self.code.value(self._kind, along)
        slope: Residue = weighted(
            [values_of(delta) for delta in self._leading],
            [tangents_of(output) for output in outputs],
            self._zero,
        )
        return slope

    def _same(self, one: Residue, other: Residue) -> bool:
        self.doubtful |= one.doubtful or other.doubtful
        if self.symbols.degrees + one.degree + other.degree > CHANCE * PRIMES[0]:
            raise Unrunnable(STEEP)
        return one.equals(other)

    def _free(self, array: NDArray[Any]) -> NDArray[Any]:
        return each(lambda x: Dual(self.symbols.free(arb(float(x)))), array)

    def _fixed(self, array: NDArray[Any]) -> NDArray[Any]:
        return each(lambda x: Dual(self.symbols.constant(fraction_of(float(x)))), array)


def _values(claim: NDArray[Any] | None, like: NDArray[Any]) -> NDArray[Any]:
    if claim is None or claim.shape != like.shape:
        raise Unrunnable("the derivative has another shape on exact numbers than on floats")
    return values_of(claim)


def _independent(case: Case, moving: Sequence[int]) -> bool:
    """Whether arbitrary entries may stand for those of the case.

    Differentiated arguments must come from a domain of independent entries; of the others whole numbers, such
    as labels, are exactly what they are meant to be.
    """
    if not case.independent:
        return False
    return all(
        case.independent[k] or (k not in moving and bool((a == np.round(a)).all()))
        for k, a in enumerate(case.arguments)
        if a.dtype.kind == "f"
    )
