"""The interval oracle: the NumPy forward run on dual numbers over balls encloses its derivative rigorously.

At least 57 decimal digits are carried. Comparisons are decided by the balls, so ReLU, maxima and the stable
softmax are differentiated as the branches say that are taken; where a comparison turns on numbers that cannot
be told apart the oracle refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from checkers.oracles.arb import arb, precision, to_floats
from checkers.oracles.ball import BallNumber
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
from checkers.oracles.enclosure import ENOUGH, LEAST
from checkers.oracles.estimate import Answer, Estimate
from checkers.oracles.object_array import effort
from checkers.rounding.ball import Reals

if TYPE_CHECKING:
    from checkers.draw import Case

NAME = "interval"

PRECISIONS = (192, 384, 1024)
"""Bits carried; the next is tried while a result is known to fewer than 50 of them, or a branch is open."""
EFFORT = 150_000
"""Entries of arrays that may be computed at one point before the forward is given up as too long."""
TOTAL = 1_500_000
"""Entries that may be computed in a run before further cases are left to other oracles."""

TOO_LONG = f"it takes more than {EFFORT} operations on balls"
UNKNOWN = "the derivative is infinite, undefined or too large for float64 here"

_ZERO = BallNumber(arb(0))


@dataclass
class Interval:
    """The oracle for one piece of code.

    Attributes:
        code: the forward; its derivative is run only by ``differences``.
        cases: how many cases are judged; None for as many as ``TOTAL`` allows.
        name: "interval".
    """

    code: Code
    cases: int | None = None
    name: str = field(default=NAME, init=False)
    _judged: set[int] = field(default_factory=set, init=False, repr=False)
    _spent: int = field(default=0, init=False, repr=False)

    def gradients(self, case: Case, cotangents: Sequence[Reals], wrt: Sequence[int]) -> Answer:
        """Σ_i δ_i ∂f_i/∂x for the arguments ``wrt``."""
        return self._answer(case, lambda: self.derivatives(case, cotangents, wrt))

    def pushforward(self, case: Case, tangents: Sequence[Reals | None]) -> Answer:
        """The tangents of the outputs for tangents of the arguments (None: that argument stays)."""
        return self._answer(case, lambda: self.pushed(case, tangents))

    def derivatives(
        self,
        case: Case,
        cotangents: Sequence[Reals],
        wrt: Sequence[int],
        where: Sequence[NDArray[np.bool_]] | None = None,
    ) -> list[NDArray[np.object_]]:
        """The gradients as arrays of balls, in the precision that is set.

        Args:
            case: the point.
            cotangents: δ, one per output.
            wrt: the numbers of the arguments.
            where: per argument the entries that are wanted; the others come out as 0. None for all.

        Raises:
            Unrunnable, Undecided, OverflowError: as ``dual_array.run``.
        """
        arguments, deltas = _numbers(case.arguments, wrt), [_constants(delta) for delta in cotangents]
        kind, one = dual_arrays(_ZERO), BallNumber(arb(1))
        found = []
        for number, k in enumerate(wrt):
            gradient = np.full(case.arguments[k].shape, arb(0), dtype=object)
            wanted = np.ones(gradient.shape, dtype=bool) if where is None else where[number]
            for index in zip(*np.nonzero(wanted), strict=True) if gradient.ndim else [()] * int(wanted):
                unit = still(gradient)
                unit[index] = one
                along = [*arguments[:k], moved(arguments[k], unit), *arguments[k + 1 :]]
                outputs = self.code.value(kind, along)
                gradient[index] = weighted(
                    [values_of(delta) for delta in deltas], [tangents_of(output) for output in outputs], _ZERO
                ).ball
            found.append(gradient)
        return found

    def pushed(self, case: Case, tangents: Sequence[Reals | None]) -> list[NDArray[np.object_]]:
        """The tangents of the outputs as arrays of balls, in the precision that is set.

        Raises:
            Unrunnable, Undecided, OverflowError: as ``dual_array.run``.
        """
        moving = [k for k, tangent in enumerate(tangents) if tangent is not None]
        arguments = _numbers(case.arguments, moving)
        for k in moving:
            arguments[k] = moved(arguments[k], values_of(_constants(np.asarray(tangents[k]))))
        outputs = self.code.value(dual_arrays(_ZERO), arguments)
        return [each(lambda x: arb(0) if x is None else x.ball, tangents_of(output)) for output in outputs]

    def differences(
        self, case: Case, leading: Sequence[Reals], wrt: Sequence[int]
    ) -> list[tuple[NDArray[np.object_], NDArray[np.object_]]]:
        """Claimed minus derivative, and the derivative, both as arrays of balls.

        The claimed derivative is run on balls as well, so that nothing but the formula is compared.

        Args:
            case: the point.
            leading: cotangents of the outputs, or tangents of the arguments.
            wrt: the numbers of the arguments, or of the outputs, in which it is compared.

        Raises:
            Unrunnable, Undecided, OverflowError: as ``dual_array.run``.
        """
        pushing = self.code.kind == "jvp"
        floating = [k for k, a in enumerate(case.arguments) if a.dtype.kind == "f"]
        if pushing:
            tangents = [t if k in floating else None for k, t in enumerate(leading)]
            pushed = self.pushed(case, tangents)
            derivatives = [pushed[k] for k in wrt]
        else:
            derivatives = self.derivatives(case, leading, wrt)
        claims = self.code.claimed(
            dual_arrays(_ZERO),
            [_constants(np.asarray(one)) for one in leading],
            _numbers(case.arguments, floating if pushing else wrt),
        )
        return [
            (each(lambda x, y: x.value.ball - y, _shaped(claims[k], derivative), derivative), derivative)
            for k, derivative in zip(wrt, derivatives, strict=True)
        ]

    def _answer(self, case: Case, compute: Callable[[], list[NDArray[np.object_]]]) -> Answer:
        if case.number not in self._judged and (
            self._spent > TOTAL or (self.cases is not None and len(self._judged) >= self.cases)
        ):
            return Answer(self.name, spared=True)
        refusal, estimates = "", None
        with effort(EFFORT) as left:
            try:
                for bits in PRECISIONS:
                    with precision(bits):
                        try:
                            estimates = [to_floats(balls) for balls in compute()]
                        except Undecided as error:
                            refusal = str(error)
                            continue
                    if all(_sharp(value, radius) for value, radius in estimates):
                        break
            except Unrunnable as error:
                refusal = str(error)
            except OverflowError:
                refusal = TOO_LONG
            self._spent += EFFORT - left[0]
        self.code.restore(case.arguments)
        if estimates is None:
            return Answer(self.name, refusal=refusal)
        self._judged.add(case.number)
        return Answer(self.name, tuple(Estimate.of(value, radius, UNKNOWN) for value, radius in estimates))


def _sharp(value: Reals, radius: Reals) -> bool:
    return bool(((radius <= ENOUGH * np.abs(value)) | (radius < LEAST)).all())


def _numbers(arguments: Sequence[NDArray[Any]], moving: Sequence[int]) -> list[NDArray[Any]]:
    """The arguments as dual numbers; those in ``moving`` depend on what is differentiated."""
    return [
        each(lambda x, k=k: Dual(BallNumber(arb(float(x)), k in moving)), a) if a.dtype.kind == "f" else a
        for k, a in enumerate(arguments)
    ]


def _constants(array: NDArray[Any]) -> NDArray[Any]:
    return each(lambda x: Dual(BallNumber(arb(float(x)))), array)


def _shaped(claim: NDArray[Any] | None, like: NDArray[Any]) -> NDArray[Any]:
    if claim is None or claim.shape != like.shape:
        raise Unrunnable("the derivative has another shape on exact numbers than on floats")
    return claim
