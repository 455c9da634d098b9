"""Kinks inside a derivative program: choices between cases that are tied at a point.

Where an operation such as max(x, y) meets x = y, its derivative is a matter of convention; JAX returns one of
several legal values. Here the program is evaluated once for each of several conventions, so that the result
is a ball that holds what
they give: every tie to one side, every tie to the other, and what holds a little beside the point. A tie that
is still there after the arguments have moved a little is no kink but built into the program, as between a
maximum and the entry it was taken from; it is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.rounding import Ball, Rounding, as_balls, evaluate
from checkers.rounding.ball import magnitude

if TYPE_CHECKING:
    from jax.extend.core import ClosedJaxpr

MOVE = 1e-6
"""How far the arguments move to tell a tie at the point from one that is built in.

Relative, and squared for zeros.
"""

LARGER, SMALLER, EQUAL = frozenset({"gt", "ge"}), frozenset({"lt", "le"}), frozenset({"eq", "ne"})
CHOICES = LARGER | SMALLER | EQUAL | {"sign"}
"""The primitives by which derivative programs choose between cases."""

SPREADING = frozenset({"reshape", "broadcast_in_dim", "squeeze", "stop_gradient"})
"""The primitives that lay an extreme beside the entries it was taken from."""

Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Choice:
    """One choice that a program made.

    Attributes:
        name: the primitive.
        tied: the entries whose operands cannot be told apart.
        result: what was chosen: truth values, or signs.
        side: for the test whether one operand of a maximum (or minimum) equals it, 1 for the first operand
            and 2 for the second; else 0.
    """

    name: str
    tied: Mask
    result: NDArray[Any]
    side: int


def evaluate_at_ties(
    program: ClosedJaxpr, operands: Sequence[NDArray[Any]], rounding: Rounding | None = None
) -> tuple[list[Ball], list[Mask]]:
    """The outputs of a derivative program, and where they hold more than one legal value because of a tie.

    Args:
        program: a derivative that JAX has made.
        operands: cotangents or tangents and the point; all floating ones are moved to tell the ties apart.
        rounding: as for ``checkers.rounding.evaluate``; that of the evaluation itself if None.
    """
    balls = as_balls(operands)
    rounding = Rounding.of(balls[0].mid.dtype) if rounding is None else rounding
    outputs, here = _followed(program, balls, rounding)
    none = [np.zeros(ball.mid.shape, dtype=bool) for ball in outputs]
    if not any(choice.tied.any() for choice in here):
        return outputs, none
    beside = [_followed(program, as_balls(moved), rounding)[1] for moved in _moved(operands)]
    if not all(
        _alike(choices, here) for choices in beside
    ):  # a loop took another number of turns: nothing to go by
        return [Ball(ball.mid, np.full(ball.mid.shape, np.inf)) for ball in outputs], none
    loose = [
        c.tied & ~np.logical_and.reduce([choices[k].tied for choices in beside]) for k, c in enumerate(here)
    ]
    if not any(mask.any() for mask in loose):
        return outputs, none
    conventions = [*_conventions(here), *([choice.result for choice in choices] for choices in beside)]
    variants = [outputs, *(_decided(program, balls, rounding, loose, results) for results in conventions)]
    with np.errstate(invalid="ignore"):  # infinite radii
        return _united(outputs, variants)


def _united(outputs: Sequence[Ball], variants: Sequence[Sequence[Ball]]) -> tuple[list[Ball], list[Mask]]:
    united, kinks = [], []
    for k, plain in enumerate(outputs):
        low = np.min([variant[k].mid - variant[k].radius for variant in variants], axis=0)
        high = np.max([variant[k].mid + variant[k].radius for variant in variants], axis=0)
        kink = np.asarray(high - low > 4 * plain.radius)
        known = np.isfinite(low) & np.isfinite(high)
        mid, rad = np.where(known, (low + high) / 2, plain.mid), np.where(known, (high - low) / 2, np.inf)
        united.append(Ball(np.where(kink, mid, plain.mid), np.where(kink, rad, plain.radius)))
        kinks.append(kink & known)
    return united, kinks


def _conventions(choices: Sequence[Choice]) -> Iterator[list[NDArray[Any]]]:
    """What the choices come out as if all ties are broken alike.

    The larger-than tests one way, the smaller-than ones
    the same or the other way, and either operand of every maximum the winner.
    """
    for larger, smaller, winner in ((True, True, 1), (False, False, 2), (True, False, 1), (False, True, 2)):
        results = []
        for choice in choices:
            if choice.name == "sign":
                results.append(np.full(choice.result.shape, 1 if larger else -1))
            elif choice.name in EQUAL:
                equal = (
                    choice.result if choice.side == 0 else np.full(choice.result.shape, choice.side == winner)
                )
                results.append(~equal if choice.name == "ne" and choice.side else equal)
            else:
                results.append(np.full(choice.result.shape, larger if choice.name in LARGER else smaller))
        yield results


def _followed(
    program: ClosedJaxpr, balls: Sequence[Ball], rounding: Rounding
) -> tuple[list[Ball], list[Choice]]:
    """The outputs and the choices, in the order in which they were made."""
    choices: list[Choice] = []
    # A maximum and its operands, by the identity of the result; the balls are kept so that no identity is
    # used twice.
    maxima: dict[int, tuple[Ball, Sequence[Ball]]] = {}
    extremes: dict[int, tuple[Ball, Ball]] = {}

    def watch(name: str, operands: Sequence[Ball], results: Sequence[Ball]) -> Sequence[Ball]:
        if name in ("max", "min"):
            maxima[id(results[0])] = results[0], operands
        elif name in ("reduce_max", "reduce_min"):
            extremes[id(results[0])] = results[0], operands[0]
        elif name in SPREADING and id(operands[0]) in extremes:
            extremes[id(results[0])] = results[0], extremes[id(operands[0])][1]
        if _chooses(name, operands):
            tied = _tied(name, operands)
            side, compared = _side(operands, maxima)
            if side:  # one of them always equals their maximum: it is a tie if both do
                tied = tied & _tied("eq", compared)
            elif name == "eq" and tied.any():
                tied = tied & ~_alone(tied, operands, extremes)
            choices.append(Choice(name, tied, results[0].mid, side))
        return results

    return evaluate(program, balls, rounding, watch), choices


def _decided(
    program: ClosedJaxpr,
    balls: Sequence[Ball],
    rounding: Rounding,
    loose: Sequence[Mask],
    decisions: Sequence[NDArray[Any]],
) -> list[Ball]:
    """The outputs with the loose ties decided as given."""
    following = iter(zip(loose, decisions, strict=True))

    def watch(name: str, operands: Sequence[Ball], results: Sequence[Ball]) -> Sequence[Ball]:
        if not _chooses(name, operands):
            return results
        mask, decision = next(following, (np.zeros(0, dtype=bool), results[0].mid))
        if not mask.any():
            return results
        (result,) = results
        mid = np.where(mask, decision, result.mid).astype(result.mid.dtype)
        return [
            Ball(mid, None if result.rad is None else np.where(mask, 0, result.rad).astype(result.rad.dtype))
        ]

    return evaluate(program, balls, rounding, watch)


def _chooses(name: str, operands: Sequence[Ball]) -> bool:
    return name in CHOICES and operands[0].mid.dtype.kind == "f"


def _tied(name: str, operands: Sequence[Ball]) -> Mask:
    if name == "sign":
        (x,) = operands
        return np.asarray(magnitude(x.mid) <= x.radius)
    x, y = operands
    return np.asarray(magnitude(x.mid - y.mid) <= x.radius + y.radius)


def _alone(tied: Mask, operands: Sequence[Ball], extremes: dict[int, tuple[Ball, Ball]]) -> Mask:
    """Where an entry equals the largest (or smallest) of a group because it is the only one that is.

    The group is what the extreme was taken over: the axes along which it has been spread.
    """
    for entries, extreme in (operands, operands[::-1]):
        if id(extreme) in extremes and extremes[id(extreme)][1] is entries:
            mid = extreme.mid
            spread = tuple(
                axis
                for axis in range(mid.ndim)
                if mid.shape[axis] == 1 or mid.strides[axis] == 0 or tied.shape[axis] != mid.shape[axis]
            )
            if not spread:  # laid out in full: which axes were spread does not show
                break
            return np.asarray(tied & (np.count_nonzero(tied, axis=spread, keepdims=True) == 1))
    return np.zeros_like(tied)


def _side(
    operands: Sequence[Ball], maxima: dict[int, tuple[Ball, Sequence[Ball]]]
) -> tuple[int, Sequence[Ball]]:
    """Which operand of a maximum is compared with it here, 1 or 2, or 0 if none is; and both operands."""
    for one, other in (operands, operands[::-1]) if len(operands) == 2 else ():
        if id(other) in maxima:
            for side, operand in enumerate(maxima[id(other)][1], 1):
                if operand is one or (
                    operand.mid.shape == one.mid.shape and np.array_equal(operand.mid, one.mid)
                ):
                    return side, maxima[id(other)][1]
    return 0, ()


def _alike(choices: Sequence[Choice], others: Sequence[Choice]) -> bool:
    return [(c.name, c.result.shape) for c in choices] == [(c.name, c.result.shape) for c in others]


def _moved(operands: Sequence[NDArray[Any]]) -> Iterator[list[NDArray[Any]]]:
    """Moves and their opposites.

    Whichever of two tied numbers the one makes larger, the other makes smaller.
    """
    for seed in (0, 1):
        rng = np.random.default_rng(seed)
        ways = [
            MOVE * rng.standard_normal(a.shape) * np.maximum(np.abs(a), MOVE) if a.dtype.kind == "f" else None
            for a in operands
        ]
        for sign in (1, -1):
            yield [a if way is None else a + sign * way for a, way in zip(operands, ways, strict=True)]
