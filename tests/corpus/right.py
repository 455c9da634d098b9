"""The right gradients at hard points: huge, tiny, saturated, kinked, cancelling, float32, size 1, empty …

A point counts where forward and backward are finite: where a right formula overflows there is nothing that a
checker could accept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tests.corpus.points import Point, hard
from tests.corpus.subjects import Subject, subjects
from tests.corpus.wrong import arrays, cotangent


@dataclass(frozen=True)
class HardPoint:
    """A right gradient at a point where checkers go wrong.

    Attributes:
        subject: the function.
        what: what makes the point hard.
        point: the arguments.
        delta: a cotangent.
    """

    subject: Subject
    what: str
    point: Point
    delta: np.ndarray

    def __str__(self) -> str:
        return f"{self.subject.name}, {self.what}"


def right_gradients(chosen: Sequence[Subject] | None = None) -> Iterator[HardPoint]:
    """All right gradients at all hard points at which they are finite."""
    for subject in subjects() if chosen is None else chosen:
        for what, point in hard(subject).items():
            with np.errstate(all="ignore"):
                try:
                    delta = cotangent(subject, point)
                except (ValueError, np.linalg.LinAlgError):  # no value at all, as of a singular matrix
                    continue
                delta = delta.astype(np.float32) if what == "float32" else delta
                value = np.asarray(subject.formula.forward(*point))
                gradients = arrays(subject.formula.vjp(delta.copy(), *point))
            if all(np.isfinite(array).all() for array in (value, *gradients)):
                yield HardPoint(subject, what, point, delta)
