"""The finite-difference oracle.

Centred differences on a halving ladder, with an error bar from the ladder itself.

Along one direction, with steps h, h/2, h/4, h/8, the centred differences D_k have errors in even powers of
the step, so Richardson's table T_k,l = T_k,l−1 + (T_k,l−1 − T_k−1,l−1) / (4^l − 1) removes one power per
column. The error of an entry is its larger distance to the two entries it was made of, plus what the noise of
the forward, divided by the steps, contributes. The entry with the least error is taken.

The one-sided slopes (f(x ± h) − f(x)) / h are refined likewise. Where both come out alike the forward is
smooth, and what gap is left between them is added to the error. Where a gap stays there is a kink, and every
number between the two slopes is a legal subgradient; where it grows with smaller steps there is a jump, and
no derivative. What one ladder cannot decide is tried again with steps 64 times smaller, so that kinks near
the point are stepped around and fast oscillations resolved.
Nobody knows on what scale a forward varies: where an entry is small, steps relative to it are tried as well
as steps relative to 1, and if they contradict each other the smaller steps are right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.oracles.estimate import Answer, Estimate
from checkers.rounding.ball import Reals

if TYPE_CHECKING:
    from checkers.draw import Case

NAME = "finite_difference"

RUNGS = 4
FIRST_STEP = math.e / 256
"""Relative to the size of the argument, or absolute where that is below 1.

About 0.01, but no ratio of whole numbers: the period of an oscillation could divide every step of such a
ladder, and hide from it.
"""
SHRINK = 64.0
LADDERS = 4
SAFETY = 8.0
"""How many error bars make a bound: one that held for every smooth function tried, with room to spare."""
CROWD = 1000.0
"""Derivatives from which there are more bars in a bound, because the largest of many errors is larger."""
PROBE, SLACK = 0.0561, 1e-4
"""One more difference, with that share of the last step, must confirm a ladder, up to that relative error.

The steps of a ladder may all come close to multiples of a period: a sine that oscillates faster than they can
follow then looks as smooth as a slow one.
"""
STEEPER = 1000.0
"""Beside a kink slopes are no more than so many times larger over the shortest steps than over the longest.

An oscillation of which every step spans many periods has slopes that grow as the steps shrink.
"""
SHARP = 1e-8
"""An estimate this sharp, relative to its size, needs no further ladder."""
CENTRED = 0.5
"""The least ratio by which halving the step must shrink what is left: it is 1/4 for a smooth function."""
ONE_SIDED = 0.85
"""The same on a border of the domain, where it is 1/2 for a smooth function and √½ for x^1.5."""
SAMPLE = 64
"""Coordinates tried at a point with more of them; random directions cover the rest."""
EFFORT = 20_000_000
"""Entries of arguments and outputs that may pass through the forward for one point before the sample is cut
down.
"""

WITHIN = 1e30
"""Arguments that are larger than this, or smaller than its inverse, leave no scale for a step to be chosen
on.
"""

SPACINGS = (2.0**-20, 2.0**-34, 2.0**-48)
"""Distances, relative to the arguments, at which noise is looked for."""
SUSPECT = 64.0
"""How many roundings may be noise without a second look."""

ERRATIC = 1e-3
"""Noise of this size, relative to the output, may as well be an oscillation too fast to follow."""

PIECES = 24
"""Points beside a kink in several entries at which it is seen which other slopes meet there."""
ASIDE = 1e-6
"""How far beside, relative to the size of the argument, or absolute where that is 0."""
SEVERAL = 0.25
"""Where more than that share of the slopes are different, there may be others that were not seen."""

UNSAMPLED = "not in the sample of coordinates"

UNIT = float(np.finfo(np.float64).eps) / 2
TINY = float(np.finfo(np.float64).smallest_normal)

Forward: TypeAlias = Callable[..., Sequence[NDArray[Any]]]
"""``forward(*arguments)`` -> outputs."""
Many: TypeAlias = Callable[[Sequence[Sequence[NDArray[Any]]]], Sequence["Sequence[NDArray[Any]] | None"]]
"""The same for a list of points."""

RoundingOf: TypeAlias = Callable[[Sequence[NDArray[Any]]], "Sequence[Reals] | None"]
"""``rounding(arguments)`` -> bounds per output, or None."""

Limits: TypeAlias = "tuple[Reals, Reals] | None"
"""The lowest and highest values that an argument may take, entry by entry; None for all reals."""


Contracted: TypeAlias = "tuple[Reals, Reals, NDArray[np.bool_]]"
"""Values, bounds and kinks of Σ_i δ_i of the slopes, for every direction."""


@dataclass(frozen=True)
class Direction:
    """A way to move the arguments: by ``t`` times ``arrays``.

    Attributes:
        arrays: one per argument; None for an argument that stays.
        low: the largest multiple that may be subtracted, because of the argument's domain.
        high: the largest multiple that may be added.
        scale: the size of the argument along the direction, 1 at least: the first steps are relative to it.
        small: the size of the argument where that is much below 1: steps relative to it are tried in any
            case; else 0.
        entry: the (argument, index) that moves, if only one does: its step is corrected for the rounding of x
            + h.
    """

    arrays: tuple[Reals | None, ...]
    low: float = np.inf
    high: float = np.inf
    scale: float = 1.0
    small: float = 0.0
    entry: tuple[int, tuple[int, ...]] | None = None

    @property
    def steps(self) -> tuple[float, ...]:
        """The first step of every ladder, in the order in which they are tried."""
        relative = (FIRST_STEP * self.small,) if self.small else ()
        absolute = tuple(FIRST_STEP * self.scale / SHRINK**k for k in range(LADDERS))
        return absolute[:1] + relative + absolute[1:]


@dataclass(frozen=True)
class Slopes:
    """The derivatives of every output along several directions: arrays (directions, outputs).

    Attributes:
        value: the derivatives.
        bound: bounds of their errors, infinite where unknown.
        kink: where ``value ± bound`` spans two one-sided slopes at the point itself.
        jump: where the forward jumps at the point itself.
        coarse: the largest slopes to either side over the first, longest steps.
    """

    value: Reals
    bound: Reals
    kink: NDArray[np.bool_]
    jump: NDArray[np.bool_]
    coarse: Reals

    def contracted(self, delta: Reals) -> Contracted:
        """Σ_i δ_i of the slopes, for every direction: values, bounds and kinks.

        Outputs with δ_i = 0 do not matter.
        """
        counts = delta != 0
        value, bound = np.where(counts, self.value, 0), np.where(counts, self.bound, 0)
        rounding = delta.size * UNIT * np.abs(value)
        return value @ delta, (bound + rounding) @ np.abs(delta), (self.kink & counts).any(axis=1)


@dataclass(frozen=True)
class FiniteDifference:
    """The oracle for one forward.

    Attributes:
        forward: called with float64 arguments only.
        rounding: bounds on the rounding of the forward's outputs, where somebody knows.
        many: the forward at many points, where that costs less than one call for each; None for the outputs
            where it raises.
        name: "finite_difference".
    """

    forward: Forward
    rounding: RoundingOf | None = None
    many: Many | None = None
    name: str = field(default=NAME, init=False)

    def gradients(self, case: Case, cotangents: Sequence[Reals], wrt: Sequence[int]) -> Answer:
        """Σ_i δ_i ∂f_i/∂x for the arguments ``wrt``, entry by entry.

        Of arguments with many entries only a sample is estimated; the other entries have an infinite bound.
        """
        rng = case.rng(self.name)
        around = _Neighbourhood(self, case, rng)
        if around.refusal:
            return Answer(self.name, refusal=around.refusal)
        delta = _flat(cotangents)
        found = []
        for k, share in zip(wrt, _sampled(case, delta.size, wrt), strict=True):
            size = case.arguments[k].size
            chosen = np.arange(size) if share >= size else np.sort(rng.choice(size, share, replace=False))
            directions = [coordinate(around.point, k, int(flat), case.limits[k]) for flat in chosen]
            slopes = around.slopes(directions)
            found.append((chosen, directions, slopes, slopes.contracted(delta)))
        if sum(np.count_nonzero(kink) for *_, (_, _, kink) in found) > 1:
            beside = around.points_beside(case.limits, rng)
            found = [
                (chosen, directions, slopes, around.with_pieces(beside, directions, contracted, delta))
                for chosen, directions, slopes, contracted in found
            ]
        return Answer(
            self.name,
            tuple(
                _spread(case.arguments[k].shape, chosen, slopes, contracted)
                for k, (chosen, _, slopes, contracted) in zip(wrt, found, strict=True)
            ),
        )

    def calls(self, case: Case, outputs: int, wrt: Sequence[int]) -> int:
        """About how often ``gradients`` will call the forward, which has so many outputs."""
        return len(SPACINGS) * 7 + (2 * RUNGS + 2) * sum(_sampled(case, outputs, wrt))

    def pushforward(self, case: Case, tangents: Sequence[Reals | None]) -> Answer:
        """The tangents of the outputs for tangents of the arguments (None: that argument stays).

        One directional derivative.
        """
        around = _Neighbourhood(self, case, case.rng(self.name))
        if around.refusal:
            return Answer(self.name, refusal=around.refusal)
        ways = tuple(None if t is None else np.asarray(t, dtype=np.float64) for t in tangents)
        slopes = around.slopes([direction(around.point, ways, case.limits)])
        estimates, start = [], 0
        for shape in around.shapes:
            part = slice(start, start + math.prod(shape))
            start = part.stop
            estimates.append(
                _estimate(slopes.value[0, part], slopes.bound[0, part], slopes.kink[0, part], slopes, shape)
            )
        return Answer(self.name, tuple(estimates))

    def along(
        self,
        case: Case,
        directions: Sequence[Direction],
        cotangents: Sequence[Reals],
        ladders: int = LADDERS + 1,
    ) -> tuple[Reals, Reals] | str:
        """Σ_i δ_i of the derivative along each direction, with bounds, or one sentence why there is none.

        With fewer ladders it is quicker, and knows less.
        """
        around = _Neighbourhood(self, case, case.rng(self.name))
        if around.refusal:
            return around.refusal
        value, bound, _ = around.slopes(directions, ladders).contracted(_flat(cotangents))
        return value, bound


def direction(
    point: Sequence[NDArray[Any]], ways: tuple[Reals | None, ...], limits: Sequence[Limits]
) -> Direction:
    """The direction that moves every argument along its way, as far as the domains allow."""
    size = max(
        (
            float(np.max(np.abs(x), initial=0.0))
            for x, way in zip(point, ways, strict=True)
            if way is not None
        ),
        default=0.0,
    )
    low = high = np.inf
    for x, way, limit in zip(point, ways, limits, strict=True):
        if way is not None and limit is not None:
            up, down = (
                np.where(way > 0, limit[1] - x, x - limit[0]),
                np.where(way > 0, x - limit[0], limit[1] - x),
            )
            speed = np.where(way == 0, np.inf, np.abs(way))
            high, low = (
                min(high, float(np.min(up / speed, initial=np.inf))),
                min(low, float(np.min(down / speed, initial=np.inf))),
            )
    return Direction(ways, low=low, high=high, scale=max(1.0, size), small=size if size < 1 / SHRINK else 0.0)


def coordinate(point: Sequence[Reals], argument: int, flat: int, limits: Limits) -> Direction:
    """The direction that moves one entry of one argument, given by its flat position."""
    x = point[argument]
    index = tuple(int(i) for i in np.unravel_index(flat, x.shape))
    unit = np.zeros(x.shape)
    unit[index] = 1.0
    low, high = (
        (np.inf, np.inf)
        if limits is None
        else (float(x[index] - limits[0][index]), float(limits[1][index] - x[index]))
    )
    size = abs(float(x[index])) or float(np.max(np.abs(x)))
    return Direction(
        tuple(unit if k == argument else None for k in range(len(point))),
        low=low,
        high=high,
        scale=max(1.0, size),
        small=size if size < 1 / SHRINK else 0.0,
        entry=(argument, index),
    )


def random_directions(
    point: Sequence[NDArray[Any]],
    argument: int,
    limits: Sequence[Limits],
    count: int,
    rng: np.random.Generator,
) -> list[Direction]:
    """Directions that move all entries of one argument at once, with random signs and sizes between 1/2 and
    2.
    """
    shape = point[argument].shape
    ways = [
        rng.choice([-1.0, 1.0], size=shape) * np.exp2(rng.uniform(-1, 1, size=shape)) for _ in range(count)
    ]
    return [
        direction(point, tuple(way if k == argument else None for k in range(len(point))), limits)
        for way in ways
    ]


def _sampled(case: Case, outputs: int, wrt: Sequence[int]) -> list[int]:
    """How many entries of each argument are estimated one by one."""
    sizes = [case.arguments[k].size for k in wrt]
    passing = 2 * RUNGS * (sum(a.size for a in case.arguments) + outputs)
    sample = min(SAMPLE, max(4, EFFORT // max(passing, 1)))
    return [size if sum(sizes) <= sample else max(1, sample * size // sum(sizes)) for size in sizes]


def _flat(arrays: Sequence[NDArray[Any]]) -> Reals:
    return np.concatenate([np.ravel(array).astype(np.float64) for array in arrays])


def _spread(
    shape: tuple[int, ...], chosen: NDArray[np.intp], slopes: Slopes, contracted: Contracted
) -> Estimate:
    """The contracted slopes laid out in the shape of the argument.

    What was not chosen has an infinite bound.
    """
    value, bound, kink = contracted
    full = _estimate(np.zeros(shape), np.full(shape, np.inf), np.zeros(shape, dtype=bool), slopes, shape)
    part = _estimate(value, bound, kink, slopes, value.shape)
    for target, source in ((full.value, part.value), (full.bound, part.bound), (full.kink, part.kink)):
        target.reshape(-1)[chosen] = source
    return full if len(chosen) < full.value.size else Estimate(full.value, full.bound, full.kink, part.reason)


def _estimate(
    value: Reals, bound: Reals, kink: NDArray[np.bool_], slopes: Slopes, shape: tuple[int, ...]
) -> Estimate:
    """An estimate in that shape; what is not known has an infinite bound."""
    known = np.isfinite(value) & np.isfinite(bound)
    if slopes.jump.any():
        reason = "the forward jumps here"
    elif not np.isfinite(slopes.bound).all():
        reason = "the forward is not finite or too noisy around this point"
    else:
        reason = UNSAMPLED
    return Estimate(
        np.where(known, value, 0).reshape(shape),
        np.where(known, bound, np.inf).reshape(shape),
        kink.reshape(shape),
        reason,
    )


class _Neighbourhood:
    """The forward around one point: its value, its noise, and its slopes along directions."""

    def __init__(self, oracle: FiniteDifference, case: Case, rng: np.random.Generator) -> None:
        self.forward = oracle.forward
        self.many = oracle.many
        self.rounding = oracle.rounding
        self.point = [np.array(a, dtype=np.float64) if a.dtype.kind == "f" else a for a in case.arguments]
        self.refusal = ""
        self.base: Reals = np.zeros(0)
        self.units: Reals = np.zeros(0)
        self.shapes: list[tuple[int, ...]] = []
        sizes = [float(np.max(np.abs(a), initial=0.0)) for a in self.point if a.dtype.kind == "f"]
        if any(size > WITHIN or 0 < size < 1 / WITHIN for size in sizes):
            self.refusal = f"arguments beyond {WITHIN:g} or below its inverse leave no scale for a step"
            return
        with np.errstate(all="ignore"):
            self.base = self.at_point(self.point)
            if not np.isfinite(self.base).all():
                self.refusal = "the forward is not finite at this point"
            else:
                self.noise = self.measured_noise(case.limits, rng)

    def at_point(self, arguments: Sequence[NDArray[Any]]) -> Reals:
        """The outputs, one after the other; not numbers where the forward raises."""
        try:
            outputs = self.forward(*(a.copy() for a in arguments))
        except Exception:  # a point that the forward refuses tells as much as one where it is not finite
            return self._flattened(None)
        return self._flattened(outputs)

    def _flattened(self, outputs: Sequence[NDArray[Any]] | None) -> Reals:
        if outputs is None:
            return np.full(max(self.base.size, 1), np.nan)
        shapes = [output.shape for output in outputs]
        if not self.shapes:
            self.shapes = shapes
            self.units = np.concatenate([np.full(output.size, _unit_of(output)) for output in outputs])
        return _flat(outputs) if shapes == self.shapes else np.full(self.base.size, np.nan)

    def measured_noise(self, limits: Sequence[Limits], rng: np.random.Generator) -> Reals:
        """How much evaluation noise each output has.

        From fourth differences over steps too small for the function to bend.

        For values f_0 … f_6 that differ from a cubic only by independent noise of standard deviation σ, a
        fourth difference has variance 70 σ². The points lie to one side, so that neither a kink nor a jump at
        the point itself is taken for noise; where the forward is not finite that far from the point, they
        are moved closer. A saturated part of the forward, such as the logarithm of a probability that rounds
        to 1, shows no noise at all, and neither does one that rounds to few digits: so the noise is at least
        what tracing says, or else the rounding of a number of size 1 in the precision of the outputs.
        """
        radii = self.rounding(self.point) if self.rounding is not None else None
        hidden = (
            4 * self.units * np.maximum(np.abs(self.base), 1.0)
            if radii is None
            else np.nan_to_num(_flat(radii), posinf=0.0) / SAFETY
        )
        least = np.maximum(4 * UNIT * np.abs(self.base) + TINY, hidden)
        ways = [
            _inward(a, limit, rng) if a.dtype.kind == "f" else None
            for a, limit in zip(self.point, limits, strict=True)
        ]
        sigma = np.full(self.base.shape, np.inf)
        for spacing in SPACINGS:
            values = [
                self.at_point(
                    [a if w is None else a + k * spacing * w for a, w in zip(self.point, ways, strict=True)]
                )
                for k in range(1, 8)
            ]
            closer = np.sqrt(np.mean(np.diff(np.array(values), n=4, axis=0) ** 2, axis=0) / 70)
            # Noise is as large at every distance: what shrinks was a function that bends, as √x does at 0.
            # What vanishes may have been rounded away.
            known = np.isfinite(closer)
            bends = known & (closer < sigma / 16) & ((closer > 0) | np.isinf(sigma))
            sigma = np.where(bends, closer, sigma)
            if (np.isfinite(sigma) & (sigma <= SUSPECT * least)).all():
                break
        return np.asarray(np.maximum(least, np.where(np.isfinite(sigma), 4 * sigma, 0)))

    def at(self, direction: Direction, t: float) -> tuple[Reals, float]:
        """The outputs at the point moved by ``t``, and the step that was really made."""
        arguments = self._moved(direction, t)
        return self.at_point(arguments), self._step(direction, t, arguments)

    def at_all(self, moves: Sequence[tuple[Direction, float]]) -> list[tuple[Reals, float]]:
        """``at`` for many moves."""
        if self.many is None:
            return [self.at(direction, t) for direction, t in moves]
        points = [self._moved(direction, t) for direction, t in moves]
        return [
            (self._flattened(outputs), self._step(direction, t, point))
            for (direction, t), point, outputs in zip(moves, points, self.many(points), strict=True)
        ]

    def _moved(self, direction: Direction, t: float) -> list[NDArray[Any]]:
        return [a if d is None else a + t * d for a, d in zip(self.point, direction.arrays, strict=True)]

    def _step(self, direction: Direction, t: float, arguments: Sequence[NDArray[Any]]) -> float:
        if direction.entry is None:
            return t
        argument, index = direction.entry
        return float(arguments[argument][index] - self.point[argument][index])

    def slopes(self, directions: Sequence[Direction], ladders: int = LADDERS + 1) -> Slopes:
        """The derivatives along the directions, each by the first ladder that is sharp, or the sharpest."""
        shape = (len(directions), self.base.size)
        result = Slopes(
            np.zeros(shape),
            np.full(shape, np.inf),
            np.zeros(shape, dtype=bool),
            np.zeros(shape, dtype=bool),
            np.full(shape, np.inf),
        )
        chunk = max(1, 200_000 // max(1, self.base.size))
        with np.errstate(all="ignore"):
            for start in range(0, len(directions), chunk):
                pending = list(range(start, min(start + chunk, len(directions))))
                for number in range(ladders):
                    pending = [k for k in pending if number < len(directions[k].steps)]
                    if not pending:
                        break
                    final = [number == len(directions[k].steps) - 1 for k in pending]
                    unsettled = _Ladder(self, [directions[k] for k in pending], number).add_to(
                        result, np.array(pending), np.array(final)
                    )
                    pending = [
                        k
                        for k, more in zip(pending, unsettled, strict=True)
                        if more or (number == 0 and directions[k].small)
                    ]
        return result

    def points_beside(self, limits: Sequence[Limits], rng: np.random.Generator) -> list[list[NDArray[Any]]]:
        """The point with all entries moved a little, at random; what has limits stays."""
        beside = []
        for _ in range(PIECES):
            ways = [
                ASIDE * (float(np.max(np.abs(a), initial=0.0)) or 1.0) * rng.uniform(-1, 1, a.shape)
                if a.dtype.kind == "f" and limit is None
                else 0
                for a, limit in zip(self.point, limits, strict=True)
            ]
            beside.append([a + way for a, way in zip(self.point, ways, strict=True)])
        return beside

    def with_pieces(
        self,
        beside: Sequence[Sequence[NDArray[Any]]],
        directions: Sequence[Direction],
        contracted: Contracted,
        delta: Reals,
    ) -> Contracted:
        """Intervals at kinks made to hold the slopes of all pieces that meet there.

        Where a sort has three equal entries, moving the middle one leads to the first and to the last place
        of them and never shows the slope of the middle one. Where there are many pieces, some may not have
        been seen: then the interval reaches beyond those that were.
        """
        value, bound, kink = contracted
        value, bound = value.copy(), bound.copy()
        with np.errstate(all="ignore"):
            for k in np.flatnonzero(kink).tolist():
                slopes = self._slopes_at(beside, directions[k], delta)
                if not slopes.size:
                    continue
                low, high = value[k] - bound[k], value[k] + bound[k]
                least, most = min(low, float(slopes.min())), max(high, float(slopes.max()))
                if most - least <= (1 + SLACK) * (high - low):
                    continue
                apart = np.diff(np.sort(slopes)) > SLACK * (most - least)
                share = (1 + np.count_nonzero(apart)) / PIECES
                reach = (most - least) * (share if share > SEVERAL else SLACK)
                value[k], bound[k] = (least + most) / 2, (most - least) / 2 + reach
        return value, bound, kink

    def _slopes_at(
        self, beside: Sequence[Sequence[NDArray[Any]]], direction: Direction, delta: Reals
    ) -> Reals:
        """Σ_i δ_i of the slopes along a direction at other points, over steps that hardly leave them."""
        slopes = []
        for point in beside:
            h = ASIDE**1.5 * direction.scale
            ends = [
                [a if d is None else a + t * d for a, d in zip(point, direction.arrays, strict=True)]
                for t in (h, -h)
            ]
            slopes.append(float((self.at_point(ends[0]) - self.at_point(ends[1])) @ delta) / (2 * h))
        found = np.array(slopes)
        return np.asarray(found[np.isfinite(found)])


def _unit_of(output: NDArray[Any]) -> float:
    """The unit roundoff of the precision in which an output was computed, as far as it shows.

    A forward that is given float64 and returns float32 has rounded to it.
    """
    return float(np.finfo(output.dtype).eps) / 2 if output.dtype.kind == "f" else UNIT


def _inward(x: Reals, limits: Limits, rng: np.random.Generator) -> Reals:
    """A random direction for all entries, relative to their size, that leads away from the nearer limit."""
    way = rng.choice([-1.0, 1.0], x.shape) * rng.uniform(0.5, 1, x.shape) * np.maximum(np.abs(x), 2.0**-20)
    if limits is None:
        return way
    low, high = limits
    return np.where(
        x - low < high - x, np.abs(way), np.where(np.isinf(low) & np.isinf(high), way, -np.abs(way))
    )


class _Ladder:
    """Differences with the steps of one ladder.

    Arrays (rungs, directions, outputs), or (directions, outputs) once refined.
    """

    def __init__(self, around: _Neighbourhood, directions: Sequence[Direction], number: int) -> None:
        n, outputs = len(directions), around.base.size
        plus, minus = np.full((RUNGS, n, outputs), np.nan), np.full((RUNGS, n, outputs), np.nan)
        up, down = np.ones((RUNGS, n, 1)), -np.ones((RUNGS, n, 1))
        probes = np.full((2, n, outputs), np.nan)
        reach = np.ones((2, n, 1)) * [[[1.0]], [[-1.0]]]
        self.safety = SAFETY * float(np.cbrt(max(1.0, n * outputs / CROWD)))
        self.open = np.ones((n, 1), dtype=bool)
        tried: list[tuple[Direction, float]] = []
        places: list[tuple[Reals, Reals]] = []
        entries: list[int] = []
        for j, direction in enumerate(directions):
            # Next to a border of the domain the steps stay within half the way to it; on it only one side is
            # tried.
            rooms = [room / 2 for room in (direction.low, direction.high) if room > 0]
            h = min([direction.steps[number], *rooms])
            self.open[j] = direction.low > 0 and direction.high > 0
            steps = [PROBE * h / 2 ** (RUNGS - 1), *(h / 2**k for k in range(RUNGS))]
            if direction.high > 0:
                tried += [(direction, t) for t in steps]
                places += [(probes[0], reach[0]), *((plus[k], up[k]) for k in range(RUNGS))]
            if direction.low > 0:
                tried += [(direction, -t) for t in steps]
                places += [(probes[1], reach[1]), *((minus[k], down[k]) for k in range(RUNGS))]
            entries += [j] * (len(tried) - len(entries))
        for (values, widths), j, (value, width) in zip(places, entries, around.at_all(tried), strict=True):
            values[j], widths[j] = value, width
        # Away from the point the outputs may be much larger, and so is their rounding.
        noise = np.maximum(around.noise, 4 * UNIT * np.fmax(np.abs(plus), np.abs(minus)))
        size = np.fmax.reduce(np.fmax(np.abs(plus), np.abs(minus)), axis=0)
        moves = ((plus != around.base) & np.isfinite(plus)).any(axis=0) | (
            (minus != around.base) & np.isfinite(minus)
        ).any(axis=0)
        self.erratic = moves & (around.noise > ERRATIC * np.maximum(size, np.abs(around.base)))
        right, left = (plus - around.base) / up, (minus - around.base) / down
        centred = (plus - minus) / (up - down)
        self.centred = _refined(centred, 2 * noise / np.abs(up - down), 4.0)
        to_the_right = _converges(right, 2 * noise / np.abs(up), ONE_SIDED)
        to_the_left = _converges(left, 2 * noise / np.abs(down), ONE_SIDED)
        self.resolved = np.where(
            self.open,
            _converges(centred, 2 * noise / np.abs(up - down), CENTRED),
            to_the_right | to_the_left,
        )
        self.right, self.left = (
            _refined(right, 2 * noise / np.abs(up), 2.0),
            _refined(left, 2 * noise / np.abs(down), 2.0),
        )
        self.probed = self._probed(around, probes, reach)
        self.last = np.where(self.open, centred[-1], np.where(np.isnan(right[-1]), left[-1], right[-1]))
        self.gap = np.where(self.open, np.abs(self.right[0] - self.left[0]), 0)
        apart = self.open & (self.gap > SAFETY * (self.right[1] + self.left[1]))
        raw = np.abs(right - left)
        loud = SAFETY * (noise[-1] + around.noise)
        self.jump = self.open & (_leaps(right, up, loud) | _leaps(left, down, loud))
        self.kink = apart & ~self.jump & (raw[-1] < 1.5 * raw[-2])
        self.number = number
        self.settled = to_the_right | to_the_left
        self.steepest = np.fmax.reduce(np.fmax(np.abs(right), np.abs(left)), axis=0)

    def _probed(self, around: _Neighbourhood, probes: Reals, reach: Reals) -> tuple[Reals, Reals]:
        """The slopes over a much smaller step, and their noise; from one side on a border of the domain."""
        (above, below), (up, down) = probes, reach
        noise = np.maximum(around.noise, 4 * UNIT * np.fmax(np.abs(above), np.abs(below)))
        ends = np.where(np.isnan(above), around.base, above) - np.where(np.isnan(below), around.base, below)
        width = np.where(np.isnan(above), 0, up) - np.where(np.isnan(below), 0, down)
        return ends / width, 2 * noise / np.abs(width)

    def confirmed(self, value: Reals, bound: Reals) -> NDArray[np.bool_]:
        """Whether the smaller step gives these slopes, too: they must not have become worse."""
        slope, noise = self.probed
        allowed = bound + SAFETY * noise + np.abs(self.last - value) + SLACK * np.abs(value)
        return np.asarray(~(np.abs(slope - value) > allowed))

    def add_to(self, result: Slopes, rows: NDArray[np.intp], final: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Keep in ``result`` what this ladder knows better; say which directions should try another one."""
        value, bar = self.centred
        for side_value, side_bar in (self.right, self.left):
            better = ~self.open & np.isfinite(side_value) & ~(side_bar >= bar)
            value, bar = np.where(better, side_value, value), np.where(better, side_bar, bar)
        unknown = self.kink | self.jump | self.erratic | ~self.resolved | ~np.isfinite(value)
        bound = np.where(unknown, np.inf, self.safety * bar + self.gap)
        bound = np.where(self.confirmed(value, bound), bound, np.inf)
        contradicts = np.isfinite(bound) & (np.abs(value - result.value[rows]) > bound + result.bound[rows])
        better = (bound < result.bound[rows]) | contradicts
        result.value[rows] = np.where(better, value, result.value[rows])
        result.bound[rows] = np.where(better, bound, result.bound[rows])
        self.settle(result, rows, final)
        size = np.abs(result.value[rows])
        sharp = result.bound[rows] <= np.maximum(
            SHARP * np.maximum(size, size.max(axis=0, initial=0.0)), SAFETY * RUNGS * TINY
        )
        unsettled: NDArray[np.bool_] = ~(sharp | final[:, None]).all(axis=1)
        return unsettled

    def settle(self, result: Slopes, rows: NDArray[np.intp], final: NDArray[np.bool_]) -> None:
        """With the finest steps a gap that is still there belongs to the point itself.

        Take the interval of the slopes. Oscillation that the steps do not resolve leaves a gap, too; but its
        slopes settle on neither side, grow as the steps shrink, and lie elsewhere over a much smaller step.
        """
        (right, right_bar), (left, left_bar) = self.right, self.left
        low = np.minimum(right - SAFETY * right_bar, left - SAFETY * left_bar)
        high = np.maximum(right + SAFETY * right_bar, left + SAFETY * left_bar)
        known = np.isfinite(low) & np.isfinite(high)
        kink = final[:, None] & self.kink & known & ((high - low) / 2 < result.bound[rows])
        if self.number == 0:
            result.coarse[rows] = self.steepest
        kink &= self.settled & ~(self.steepest > STEEPER * result.coarse[rows])
        kink &= self.confirmed((low + high) / 2, (high - low) / 2)
        result.value[rows] = np.where(kink, (low + high) / 2, result.value[rows])
        result.bound[rows] = np.where(kink, (high - low) / 2, result.bound[rows])
        result.kink[rows] |= kink
        result.jump[rows] |= final[:, None] & self.jump & np.isinf(result.bound[rows])


def _leaps(slopes: Reals, steps: Reals, loud: Reals) -> NDArray[np.bool_]:
    """Whether halving the step doubles the slope, as it does over a jump higher than the noise."""
    size = np.abs(slopes)
    doubles = (size[1:] >= 1.8 * size[:-1]) & (size[1:] <= 2.2 * size[:-1])
    return np.asarray(doubles.all(axis=0) & (size[-1] * np.abs(steps[-1]) > loud))


def _converges(first: Reals, noise: Reals, ratio: float) -> NDArray[np.bool_]:
    """Whether the differences between neighbouring rungs shrink at least by ``ratio``.

    They must once the steps resolve the function; where the slope is infinite they never do.
    """
    change = np.abs(np.diff(first, axis=0))
    loud = noise[1:] + noise[:-1]
    return np.asarray((change[1:] <= ratio * change[:-1] + 2 * loud[1:]).all(axis=0))


def _refined(first: Reals, noise: Reals, ratio: float) -> tuple[Reals, Reals]:
    """The best entry of Richardson's table whose first column is ``first`` (rungs, …), and its error bar.

    ``ratio`` is the factor by which halving the step divides the leading error: 4 for centred differences, 2
    for one-sided ones. ``noise`` bounds the noise of the first column.
    """
    column, spread = first, np.broadcast_to(noise, first.shape)
    best, error = first[-1], np.full(first.shape[1:], np.inf)
    for level in range(1, len(first)):
        factor = ratio**level
        refined = column[1:] + (column[1:] - column[:-1]) / (factor - 1)
        noise_of = (factor * spread[1:] + spread[:-1]) / (factor - 1)
        bars = np.maximum(np.abs(refined - column[1:]), np.abs(refined - column[:-1])) + noise_of
        for entry, bar in zip(refined, bars, strict=True):
            better = bar < error
            best, error = np.where(better, entry, best), np.where(better, bar, error)
        column, spread = refined, noise_of
    return best, error
