"""What is known of one case: every claimed array beside the right one, and the tape of the forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.compare import Finding
from checkers.diagnosis.tape import Alteration, Tape
from checkers.draw import Case
from checkers.errors import GradientCountError, GradproofError, TraceError
from checkers.examine import Examiner
from checkers.examined import Examined
from checkers.rounding.ball import Reals
from checkers.traced import Traced

EXPLAINED = 1e-12
"""Relative error of an explained value: a rebuilt formula adds in another order than the code does."""
READ_OFF = 4.0
"""Where a number was read off the claim so much of the largest allowance is allowed, until it has a name."""
COLUMNS = 60
"""Entries of an argument up to which its whole Jacobian is taken where there is no tape."""
PASSES = 40
"""Entries of the output up to which tangents are rebuilt."""
SHARP = 1e-3
"""A comparison counts as evidence where what is allowed is no more than this share of the error explained."""


@dataclass(frozen=True)
class Sight:
    """One claimed array beside the right one.

    Attributes:
        name: the argument or output.
        claimed: by the code, in float64.
        true: by the sharpest oracle.
        bound: of the oracle's error; same shape as ``true``.
        noise: of the claim's own rounding; same shape as ``claimed``.
        known: where the two can be compared; none if their shapes differ.
        wrong: where the claim is refuted; everywhere if the shapes differ.
        at_kink: where the point is a kink, and the legal values are an interval.
    """

    name: str
    claimed: NDArray[Any]
    true: Reals
    bound: Reals
    noise: Reals
    known: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    at_kink: NDArray[np.bool_]

    @property
    def shaped(self) -> bool:
        """The claim has the shape of the argument."""
        return self.claimed.shape == self.true.shape

    @cached_property
    def largest(self) -> float:
        """The largest right entry."""
        return float(np.max(np.abs(self.true), initial=0.0))

    def allowed(self, explained: Reals) -> Reals:
        """How far the claim may be from ``explained``; an error of the true gradient is scaled along."""
        growth = 0.0
        if self.largest > 0:
            size = np.abs(explained)
            growth = float(np.max(size, initial=0.0, where=np.isfinite(size))) / self.largest
        bound = self.bound if self.shaped else np.max(self.bound, initial=0.0)
        return self.noise + bound * growth + EXPLAINED * np.abs(explained)

    def fits(self, explained: Reals | None, ordinary: bool = True, read_off: bool = False) -> bool:
        """Whether the claim is ``explained`` wherever the two can be compared.

        A number that was read off one entry of the claim (``read_off``) brings that entry's error with it.
        """
        if explained is None or explained.shape != self.claimed.shape:
            return False
        with np.errstate(all="ignore"):
            allowed = self.allowed(explained)
            if read_off:
                largest = np.max(allowed, initial=0.0, where=np.isfinite(allowed))
                allowed = np.full(allowed.shape, READ_OFF * largest)
            off = ~(np.abs(self.claimed - explained) <= allowed)
        compared = self.known if self.shaped else np.ones(self.claimed.shape, dtype=bool)
        if not ordinary:
            compared = compared & np.isfinite(explained)
        return not bool((off & compared).any())

    def evidence(self, explained: Reals) -> int:
        """The number of wrong entries that ``explained`` accounts for sharply."""
        with np.errstate(all="ignore"):
            if not self.shaped:
                return int(np.count_nonzero(self.allowed(explained) < SHARP * np.abs(explained)))
            error = np.abs(self.claimed - self.true)
            return int(np.count_nonzero(self.wrong & self.known & (self.allowed(explained) <= SHARP * error)))


@dataclass
class Witness:
    """One examined case.

    Attributes:
        examined: the case, as examined.
        quantity: what is claimed, "gradient", "tangent" or "forward".
        sights: argument or output -> what is seen of it.
    """

    examined: Examined = field(repr=False)
    examiner: Examiner = field(repr=False)
    traced: Traced = field(repr=False)
    quantity: str
    sights: dict[str, Sight] = field(default_factory=dict, repr=False)
    _pulled: dict[Any, list[NDArray[Any]]] = field(default_factory=dict, repr=False)
    _jacobians: dict[str, list[Reals] | None] = field(default_factory=dict, repr=False)

    @property
    def case(self) -> Case:
        """The case."""
        return self.examined.case

    @property
    def failing(self) -> bool:
        """Some array is wrong here."""
        return any(sight.wrong.any() for sight in self.sights.values())

    @property
    def arguments(self) -> Mapping[str, NDArray[Any]]:
        """Name -> array."""
        return dict(zip(self.examiner.candidate.arguments, self.case.arguments, strict=True))

    @cached_property
    def leading(self) -> tuple[Reals, ...]:
        """The cotangents, or tangents, in float64."""
        return tuple(np.asarray(a, dtype=np.float64) for a in self.examined.leading)

    @cached_property
    def outputs(self) -> tuple[NDArray[Any], ...]:
        """What the forward returns."""
        return self.examiner.candidate.primal(self.case.arguments)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Every length that a factor can be made of, by the name that a programmer would give it."""
        if self.case.sizes:
            return dict(self.case.sizes)
        named: dict[str, int] = {}
        for name, array in self.arguments.items():
            for axis, length in enumerate(array.shape):
                named.setdefault(f"len({name})" if array.ndim == 1 else f"{name}.shape[{axis}]", length)
        return named

    @cached_property
    def judged(self) -> tuple[str, ...]:
        """The names of the arrays that a derivative has: those of the arguments, or of the outputs."""
        if self.quantity == "gradient":
            return tuple(self.arguments)
        return tuple(name for name, _ in self.examiner.mode.expected(self.case, self.outputs))

    @cached_property
    def tape(self) -> Tape | None:
        """The forward at this case; None where it cannot be traced, or something else is judged."""
        if self.quantity not in ("gradient", "tangent"):
            return None
        # A tangent takes one reverse pass per entry of the output.
        if self.quantity == "tangent" and sum(output.size for output in self.outputs) > PASSES:
            return None
        return self.tape_at(self.point)

    def tape_at(self, point: Sequence[NDArray[Any]]) -> Tape | None:
        """The forward at other arguments; None where it cannot be traced there."""
        try:
            return Tape(self.traced.at(point), point)
        except (TraceError, GradproofError, ArithmeticError, ValueError, TypeError, IndexError):
            return None

    @cached_property
    def point(self) -> list[NDArray[Any]]:
        """The arguments in float64."""
        return [a.astype(np.float64) if a.dtype.kind == "f" else a for a in self.case.arguments]

    def derivative(
        self,
        leading: Sequence[Reals] | None = None,
        altered: Alteration | None = None,
        tape: Tape | None = None,
    ) -> list[NDArray[Any]]:
        """What the derivative would be for other cotangents (or tangents), with altered rules, or elsewhere.

        One array per name in ``judged``. A tangent is had from the rows of the Jacobian,
        ẏ_i = Σ_q ∂f_i/∂x_q ẋ_q, each by the reverse pass: so the same alterations serve for both.
        """
        tape = tape or self.tape
        if tape is None:
            raise TraceError("there is no tape of the forward")
        leading = self.leading if leading is None else leading
        if self.quantity == "gradient":
            return tape.pull(leading, altered)
        found = []
        for k, output in enumerate(self.outputs):
            tangent = np.zeros(output.shape, dtype=tape.long)
            for index in np.ndindex(*output.shape):
                units = [np.zeros(other.shape) for other in self.outputs]
                units[k][index] = 1
                rows = tape.pull(units, altered)
                with np.errstate(all="ignore"):
                    tangent[index] = sum((row * t).sum() for row, t in zip(rows, leading, strict=True))
            found.append(tangent)
        return found

    def pulled(self, name: str, leading: Sequence[Reals] | None = None, key: Any = "right") -> Reals | None:
        """The right array of a name, or that for other cotangents or tangents (under a key of their own)."""
        if self.tape is None or name not in self.judged:
            return None
        if key not in self._pulled:
            self._pulled[key] = self.derivative(leading)
        return np.asarray(self._pulled[key][self.judged.index(name)])

    def pulled_altered(self, name: str, altered: Alteration, key: Any) -> Reals | None:
        """The array of that name with rules of the reverse pass altered, kept under that key."""
        if self.tape is None or name not in self.judged:
            return None
        if key not in self._pulled:
            self._pulled[key] = self.derivative(altered=altered)
        return np.asarray(self._pulled[key][self.judged.index(name)])

    def pulled_elsewhere(self, name: str, point: Sequence[NDArray[Any]] | None, key: Any) -> Reals | None:
        """The array of that name at other arguments, kept under that key; None where there is none."""
        if self.tape is None or name not in self.judged or point is None:
            return None
        if key not in self._pulled:
            tape = self.tape_at(point)
            if tape is None:
                return None
            self._pulled[key] = self.derivative(tape=tape)
        return np.asarray(self._pulled[key][self.judged.index(name)])

    def jacobians(self, name: str) -> list[Reals] | None:
        """∂f/∂x per output, of shape (*output, *x), by the first oracle that answers: for what has no tape.

        None where none does, or x is so large that it would take long.
        """
        if name not in self._jacobians:
            self._jacobians[name] = self._jacobians_of(name)
        return self._jacobians[name]

    def _jacobians_of(self, name: str) -> list[Reals] | None:
        number = list(self.arguments).index(name)
        x = self.arguments[name]
        if x.size > COLUMNS or x.dtype.kind != "f":
            return None
        for oracle in self.examiner.oracles:
            columns: list[list[Reals]] = []
            for index in np.ndindex(*x.shape):
                unit = np.zeros(x.shape)
                unit[index] = 1
                tangents = [unit if k == number else None for k in range(len(self.arguments))]
                answer = oracle.pushforward(self.case, tangents)
                if answer.refusal or not all(np.isfinite(e.bound).all() for e in answer.estimates):
                    break
                columns.append([estimate.value for estimate in answer.estimates])
            if len(columns) == x.size:
                return [
                    np.stack(parts, axis=-1).reshape(*parts[0].shape, *x.shape)
                    for parts in zip(*columns, strict=True)
                ]
        return None

    def truth(self, name: str) -> Reals | None:
        """The right array of that name, whether or not one was claimed."""
        return self.sights[name].true if name in self.sights else self.pulled(name)


def witness_of(examined: Examined, examiner: Examiner, traced: Traced, quantity: str) -> Witness:
    """What is known of one examined case about its gradients, its tangents, or the forward itself."""
    witness = Witness(examined, examiner, traced, quantity)
    for finding in examined.findings:
        if finding.quantity != quantity or not finding.per_oracle:
            continue
        if finding.claim.name in (*witness.arguments, *_outputs(finding)):
            witness.sights[finding.claim.name] = _sight(finding)
    if any(broken.contract == "shape" for broken in examined.broken):
        _add_misshapen(witness)
    return witness


def _outputs(finding: Finding) -> tuple[str, ...]:
    """The name of a finding about an output rather than about an argument."""
    return (finding.claim.name,) if finding.quantity != "gradient" else ()


def _sight(finding: Finding) -> Sight:
    views = [entries for _, entries in finding.per_oracle]
    sharpest = min(views, key=lambda entries: float(np.max(entries.bound, initial=0.0)))
    at_kink = np.logical_or.reduce([entries.kink for entries in views])
    with np.errstate(invalid="ignore"):
        noise = np.broadcast_to(np.asarray(finding.claim.noise, dtype=np.float64), finding.claim.value.shape)
    known = sharpest.valid & ~at_kink & np.isfinite(noise) & np.isfinite(sharpest.bound)
    return Sight(
        finding.claim.name,
        finding.claim.value.astype(np.float64),
        sharpest.expected,
        np.where(known, sharpest.bound, 0.0),
        np.where(known, noise, 0.0),
        known,
        finding.refuted,
        at_kink,
    )


def _add_misshapen(witness: Witness) -> None:
    """Claims whose shape is not that of their argument, beside the gradient by the tape."""
    examiner, case = witness.examiner, witness.case
    try:
        call = examiner.mode.call(witness.examined.leading, case, witness.outputs)
    except (GradientCountError, GradproofError):
        return
    for k, name in enumerate(witness.arguments):
        claimed, true = call.arrays[k] if k < len(call.arrays) else None, witness.pulled(name)
        if claimed is None or true is None or name in witness.sights or claimed.shape == true.shape:
            continue
        if not case.ordinary:  # what rounding has done to a claim of another shape is not known
            continue
        value = claimed.astype(np.float64)
        unit = float(np.finfo(claimed.dtype).eps) if claimed.dtype.kind == "f" else 0.0
        noise = np.full(value.shape, 64 * unit * float(np.max(np.abs(value), initial=0.0)))
        everywhere, nowhere = np.ones(value.shape, dtype=bool), np.zeros(value.shape, dtype=bool)
        witness.sights[name] = Sight(
            name, value, true, np.zeros(true.shape), noise, everywhere, everywhere, nowhere
        )
