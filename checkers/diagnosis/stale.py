"""Gradients that belong to an earlier call: computed from a cache that was not refreshed."""

# ruff: noqa: ARG001  (a prediction takes case and name, needed or not)

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from checkers.diagnosis.hypothesis import Hypothesis
from checkers.diagnosis.witness import Witness
from checkers.rounding.ball import Reals

EARLIER = 4
"""Earlier cases of the same shapes whose values may have stayed in a cache."""


def stale(witnesses: Sequence[Witness], everything: Sequence[Witness], name: str) -> Iterator[Hypothesis]:
    """The gradient at the arguments (or at one argument, or for the cotangent) of an earlier case."""
    if not any(_earlier(witness, everything) for witness in witnesses):
        return

    def at(witness: Witness, n: str, which: str) -> Reals | None:
        for other in _earlier(witness, everything):
            predicted, sight = _mixed(witness, other, n, which), witness.sights[n]
            if predicted is None or predicted.shape != sight.claimed.shape:
                continue
            if sight.fits(predicted, witness.case.ordinary):
                return predicted
            # What was cached from float32 arguments has been rounded to that.
            if other.case.dtype == "float32" and np.allclose(
                sight.claimed, predicted.astype(float), 1e-5, 1e-7
            ):
                return sight.claimed
        # In the first of its shape nothing is stale but the rounding, which is not that of a constant.
        sight = witness.sights[n]
        if sight.shaped and np.allclose(sight.claimed, sight.true.astype(float), 1e-13, 0):
            return sight.claimed
        return None

    yield Hypothesis(
        "stale",
        1.5,
        lambda w, n: at(w, n, ""),
        lambda s: (
            f"{s.the} {s.are} those of an earlier call: a cache is filled once and not refreshed when the"
            " arguments change."
            if s.many
            else f"{s.the} is that of an earlier call: a cache is filled once and not refreshed when the"
            " arguments change."
        ),
        "",
    )
    for argument, array in witnesses[0].arguments.items():
        if array.dtype.kind != "f":
            continue
        yield Hypothesis(
            "stale",
            1.7,
            partial(lambda argument, w, n: at(w, n, argument), argument),
            partial(
                lambda argument, s: (
                    f"{s.the} {s.are} computed with the {argument} of an earlier call: a cached"
                    f" {argument} is not refreshed when it changes."
                ),
                argument,
            ),
            "",
            argument,
        )


def _earlier(witness: Witness, everything: Sequence[Witness]) -> list[Witness]:
    """Cases of the same shapes that came before, the first and the latest of them."""
    shapes = [a.shape for a in witness.case.arguments]
    found: list[Witness] = []
    for other in everything:
        if other is witness:
            break
        if [a.shape for a in other.case.arguments] == shapes:
            found.append(other)
    return found[:EARLIER] + found[EARLIER:][-EARLIER:]


def _mixed(witness: Witness, other: Witness, name: str, which: str) -> Reals | None:
    """The gradient with all arguments, or the one named, taken from the other case."""
    point = [
        theirs if not which or argument == which else own
        for argument, own, theirs in zip(witness.arguments, witness.point, other.point, strict=True)
    ]
    return witness.pulled_elsewhere(name, point, ("stale", other.case.number, which))
