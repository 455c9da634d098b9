"""The right formula at the wrong place: with an argument left out, turned round, or not transposed.

claimed = ∂f/∂x at (…, y', …),    y' ∈ {1, 0, y flipped, yᵀ, −y}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from checkers.diagnosis.hypothesis import Hypothesis, Subject
from checkers.diagnosis.roles import used_by
from checkers.diagnosis.witness import Witness
from checkers.rounding.ball import Reals

Change = Callable[[Reals], "Reals | None"]
MOST = 8
"""Arguments up to which each is tried."""


def elsewhere(witnesses: Sequence[Witness], name: str) -> Iterator[Hypothesis]:
    """The gradient for ``name`` where another argument, or itself, is not what it is."""
    first = witnesses[0]
    if first.tape is None or name not in first.judged:
        return
    floating = [other for other, a in first.arguments.items() if a.dtype.kind == "f"]
    for other in floating[:MOST]:
        for code, detail, change, say, complexity in _changes(first, other, other == name):
            yield Hypothesis(
                code,
                complexity,
                partial(_predicted, other, detail, change),
                say,
                "nndl-54"
                if code == "missing-factor"
                else "cs182-23"
                if code == "missing-transpose"
                else "nndl-58",
                f"{other} {detail}",
            )


def _changes(
    first: Witness, other: str, own: bool
) -> Iterator[tuple[str, str, Change, Callable[[Subject], str], float]]:
    array = first.arguments[other]
    used = used_by(first, other)
    if used & {"mul", "div"} and "dot_general" not in used:
        yield (
            "missing-factor",
            "1",
            np.ones_like,
            lambda s: (
                f"In {s.inside}, the factor {other} is missing: {s.they} {s.are} what comes out for {other}"
                f" = 1. The forward multiplies by {other}, so its derivative does, too."
            ),
            2.15,
        )
    yield (
        "argument-left-out",
        "0",
        np.zeros_like,
        lambda s: (
            f"In {s.inside}, {other} is left out: {s.they} {s.are} what comes out for {other} = 0. Use the"
            " forward's own values where it is computed once more."
        ),
        2.55,
    )
    for axes, text in ((None, "its axes"), ((-2, -1), "its last two axes")):
        if array.ndim > (0 if axes is None else 2):
            yield (
                "flipped-argument",
                f"flipped along {text}",
                partial(lambda axes, a: np.flip(a, axes), axes),
                partial(
                    lambda text, s: (
                        f"In {s.inside}, {other} is used back to front: {s.they} {s.are} what comes out for"
                        f" {other} reversed along {text}. Turn it round once less, or once more."
                    ),
                    text,
                ),
                2.3,
            )
    if array.ndim == 2:
        yield (
            "missing-transpose",
            "transposed",
            lambda a: a.T if a.shape[0] == a.shape[1] else None,
            lambda s: (
                f"In {s.inside}, {other} is used where its transpose belongs, or the reverse: {s.they}"
                f" {s.are} what comes out for {other}ᵀ. With a matrix that is not square the shapes would"
                " not even fit."
            ),
            2.2,
        )
    if not own:
        return
    yield (
        "sign-of-argument",
        "-1",
        np.negative,
        lambda s: (
            f"In {s.inside}, {other} enters with the wrong sign: {s.they} {s.are} what comes out for"
            f" −{other}."
        ),
        2.6,
    )


def _predicted(other: str, detail: str, change: Change, witness: Witness, name: str) -> Reals | None:
    names = list(witness.arguments)
    changed = change(witness.point[names.index(other)])
    if changed is None:
        return None
    point = [changed if n == other else a for n, a in zip(names, witness.point, strict=True)]
    return witness.pulled_elsewhere(name, point, ("elsewhere", other, detail))
