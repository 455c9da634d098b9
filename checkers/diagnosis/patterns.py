"""What is seen where no mistake can be named: which entries are off, and by what ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from checkers.diagnosis.arrangements import axis_name
from checkers.diagnosis.factors import written
from checkers.diagnosis.witness import Sight, Witness

DIGITS = 1e-3
"""A gradient that is right to this relative error is called inaccurate rather than wrong."""


@dataclass(frozen=True)
class Pattern:
    """What is seen.

    Attributes:
        code: "single-entry", "single-row", "single-column", "single-slice", "inaccurate" or "pattern".
        text: completes a sentence that begins «The gradient for W is».
    """

    code: str
    text: str


def pattern(witnesses: Sequence[Witness], name: str) -> Pattern:
    """A description of the wrong entries of one array in all failing cases."""
    sights = [w.sights[name] for w in witnesses]
    if not all(sight.shaped for sight in sights):
        shapes = dict.fromkeys(f"{s.claimed.shape} for {s.true.shape}" for s in sights)
        return Pattern("pattern", f"of the wrong shape: {', '.join(list(shapes)[:2])}")
    by = _ratio(sights)
    place = _place(sights)
    if place is not None:
        code, where = place
        return Pattern(code, f"right but for {where}{by}")
    worst = max(_relative(sight) for sight in sights)
    if 0 < worst < DIGITS:
        digits = max(int(-np.log10(worst)), 1)
        return Pattern(
            "inaccurate",
            f"right to about {digits} digits only: look for float32 on the way, an ε that the forward does"
            " not have, or finite differences in place of a derivative",
        )
    wrong = sum(int(np.count_nonzero(s.wrong)) for s in sights)
    known = sum(int(np.count_nonzero(s.known | s.wrong)) for s in sights)
    some = "all entries" if wrong == known else f"{wrong} of {known} entries"
    return Pattern("pattern", f"wrong in {some}{by}{_zeros(sights)}{_direction(sights)}")


def _relative(sight: Sight) -> float:
    if not sight.largest:
        return np.inf
    error = np.where(sight.known, np.abs(sight.claimed - sight.true), 0)
    return float(error.max(initial=0.0)) / sight.largest


def _ratio(sights: Sequence[Sight]) -> str:
    """The ratio of claimed to right at the wrong entries, if it is one number."""
    found: list[float] = []
    with np.errstate(all="ignore"):
        for sight in sights:
            usable = sight.wrong & sight.known & (np.abs(sight.true) > 1e3 * sight.bound)
            found += list((sight.claimed[usable] / sight.true[usable]).astype(float))
    if len(found) < 2 or not np.isfinite(found).all():  # the ratio to a tiny number may overflow
        return ""
    low, high = min(found), max(found)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        if low == 0:
            return ", where it is 0"
        return f", where it is {written(low)} times what it should be"
    return ""


def _zeros(sights: Sequence[Sight]) -> str:
    wrong = [sight.claimed[sight.wrong] for sight in sights]
    zero = sum(int(np.count_nonzero(values == 0)) for values in wrong)
    total = sum(values.size for values in wrong)
    if not zero or zero < total / 2:
        return ""
    return f", {'which are all' if zero == total else f'{zero} of which are'} 0"


def _direction(sights: Sequence[Sight]) -> str:
    """The cosine of the angle between claimed and right gradient, if it is telling."""
    cosines = []
    for sight in sights:
        a, b = np.where(sight.known, sight.claimed, 0).ravel(), np.where(sight.known, sight.true, 0).ravel()
        a, b = (x / max(float(np.max(np.abs(x), initial=0.0)), 1e-300) for x in (a, b))
        size = float(np.sqrt((a * a).sum() * (b * b).sum()))
        if size > 0 and np.isfinite(size) and a.size > 1:
            cosines.append(float((a * b).sum()) / size)
    if cosines and min(cosines) > 0.9:
        return ", though it points in nearly the right direction"
    if cosines and max(cosines) < -0.9:
        return ", and points in nearly the opposite direction"
    return ""


def _place(sights: Sequence[Sight]) -> tuple[str, str] | None:
    """The one entry, row, column or slice that is wrong in every case, if it is one."""
    ndim = sights[0].true.ndim
    if ndim == 0 or not all(sight.wrong.any() for sight in sights):
        return None
    large = [sight for sight in sights if sight.true.size > 1]
    indices = [np.argwhere(sight.wrong) for sight in large]
    if large and all(len(index) == 1 for index in indices):
        spoken = _common([tuple(map(int, index[0])) for index in indices], [s.true.shape for s in large])
        return "single-entry", f"one entry, {spoken}" if spoken else "one entry of each case"
    for axis in range(ndim) if ndim > 1 else ():
        long = [sight for sight in sights if sight.true.shape[axis] > 1]
        lines = [np.unique(np.argwhere(sight.wrong)[:, axis]) for sight in long]
        if long and all(len(line) == 1 for line in lines):
            spoken = _common([(int(line[0]),) for line in lines], [(s.true.shape[axis],) for s in long])
            if spoken is not None:
                word = axis_name(axis, ndim).removesuffix("s") if ndim == 2 else f"slice along axis {axis}"
                code = f"single-{word}" if ndim == 2 else "single-slice"
                return code, f"one {word}, {spoken}"
    return None


def _common(places: Sequence[tuple[int, ...]], shapes: Sequence[tuple[int, ...]]) -> str | None:
    """What the places have in common: the same index, or the last one."""
    if len(set(places)) == 1:
        return f"[{', '.join(map(str, places[0]))}]"
    from_end = {tuple(i - n for i, n in zip(p, s, strict=True)) for p, s in zip(places, shapes, strict=True)}
    if len(from_end) == 1:
        return f"[{', '.join(map(str, next(iter(from_end))))}], counted from the end"
    return None
