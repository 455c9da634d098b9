"""What a gradient must keep to besides its values.

Each contract has a name and says in a sentence how it is broken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.candidate import Call
from checkers.compare import Claim
from checkers.rounding.ball import Reals
from checkers.rounding.nudge import largest

SCALE = 1024.0
"""A power of two, by which every product and sum of a linear function is multiplied without rounding."""
SLACK = 1e-6
"""How far, relative to its largest entry, a linear function may miss that all the same."""


@dataclass(frozen=True)
class Broken:
    """A contract that a call broke.

    Attributes:
        contract: "runs", "count", "returned", "shape", "dtype", "finite", "unchanged", "linear", "zero" or,
            for a forward, "defined".
        argument: the argument or output concerned; empty if it is the call as a whole.
        sentence: what is wrong and what to do.
    """

    contract: str
    argument: str
    sentence: str


def unchanged(call: Call, kind: str) -> list[Broken]:
    """Inputs and cotangent keep their values."""
    return [
        Broken(
            "unchanged",
            name,
            f"the {kind} overwrites its input {name}: the caller's array is changed; work on a copy",
        )
        for name in dict.fromkeys(call.overwritten)
    ]


def shape(name: str, gradient: NDArray[Any], expected: Sequence[int], what: str) -> Broken | None:
    """A gradient has exactly the shape of its argument; broadcasting is not agreement."""
    if gradient.shape == tuple(expected):
        return None
    hint = ""
    if gradient.shape == tuple(reversed(expected)):
        hint = "; it is the transpose"
    elif gradient.size == int(np.prod(expected)):
        hint = "; the number of entries is right, so reshape it"
    elif gradient.size < int(np.prod(expected)):
        hint = "; an axis has been summed or averaged away, or was never there"
    return Broken(
        "shape",
        name,
        f"the {what} for {name} has shape {gradient.shape}, but {name} has shape {tuple(expected)}{hint}",
    )


def finite(name: str, gradient: NDArray[Any], what: str) -> Broken | None:
    """Where the forward and the true gradient are finite, the claimed one is."""
    bad = ~np.isfinite(gradient)
    if not bad.any():
        return None
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    return Broken(
        "finite",
        name,
        f"the {what} for {name} is {gradient[index]} at {list(index)}, where forward and true {what} are"
        " finite",
    )


def dtype(name: str, gradient: NDArray[Any], asked: Sequence[np.dtype[Any]], what: str) -> Broken | None:
    """A gradient has at least the precision of its argument, or of the outputs where that is less.

    Whole numbers and truth values may be exact, and float64 loses nothing of a float32.

    Args:
        name: the argument.
        gradient: as returned.
        asked: the dtypes of the argument, which is a floating one, and of the outputs.
        what: "gradient" or "tangent".
    """
    floating = [d for d in asked if d.kind == "f"]
    least = min(floating, key=lambda d: d.itemsize)
    if gradient.dtype.kind != "f" or least.itemsize <= gradient.dtype.itemsize:
        return None
    return Broken(
        "dtype",
        name,
        f"the {what} for {name} has dtype {gradient.dtype}, but {name} has dtype {asked[0]}: the digits that"
        f" {gradient.dtype} cannot hold are lost; compute it in {least}",
    )


def aliases(call: Call, names: Sequence[str], what: str) -> list[str]:
    """What is to be said of results that share their memory with an input, or with one another.

    No value is wrong by that, and for a sum of two arrays it is what most people write: so it is a remark.

    Args:
        call: what was returned.
        names: of the results.
        what: "gradient" or "tangent".
    """
    shared = dict(call.aliased) | {k: f"the {what} for {names[j]}" for k, j in call.siblings}
    return [
        f"the {what} for {names[k]} shares its memory with {other}: adding to one in place changes both"
        for k, other in sorted(shared.items())
    ]


def linear(claim: Claim, scaled: NDArray[Any], kind: str) -> Broken | None:
    """A derivative is linear in the cotangent (or in the tangents): 1024 δ gives 1024 times the gradient.

    Args:
        claim: the derivative for δ.
        scaled: the same for ``SCALE`` δ.
        kind: "vjp" or "jvp".
    """
    if scaled.shape != claim.value.shape or not np.isfinite(scaled).all():  # too large for the precision
        return None
    off = np.abs(scaled / SCALE - claim.value) - _excused(claim)
    index = _worst(off)
    if index is None:
        return None
    what, leading = _words(kind)
    return Broken(
        "linear",
        claim.name,
        f"the {kind} is not linear in {leading}: {SCALE:g} times {leading} must give {SCALE:g} times the"
        f" {what} for {claim.name}, but its entry {list(index)} becomes {float(scaled[index]):.6g} instead of"
        f" {SCALE * float(claim.value[index]):.6g}: is something clipped, or compared with a threshold?",
    )


def zero(claim: Claim, nothing: NDArray[Any], kind: str) -> Broken | None:
    """The cotangent 0 gives the gradient 0, and so do tangents of 0.

    Args:
        claim: the derivative for the cotangent that was drawn.
        nothing: the same for a cotangent of zeros.
        kind: "vjp" or "jvp".
    """
    if nothing.shape != claim.value.shape:
        return None
    index = _worst(np.where(np.isnan(nothing), np.inf, np.abs(nothing) - _excused(claim)))
    if index is None:
        return None
    what, leading = _words(kind)
    return Broken(
        "zero",
        claim.name,
        f"with zeros for {leading} the {what} for {claim.name} must be zero, but its entry"
        f" {list(index)} is {float(nothing[index]):.6g}: something is added that does not depend on"
        f" {leading}, or it is divided by {leading}",
    )


def _excused(claim: Claim) -> Reals:
    """How far rounding may have moved a derivative."""
    return 4 * claim.noise + SLACK * largest(claim.value)


def _words(kind: str) -> tuple[str, str]:
    """What is returned, and what it is linear in."""
    return ("tangent", "the tangents") if kind == "jvp" else ("gradient", "delta")


def _worst(off: NDArray[Any]) -> tuple[int, ...] | None:
    """Where the largest positive entry is; None if there is none."""
    if not (off > 0).any():
        return None
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(off)), off.shape))
