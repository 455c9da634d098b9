"""The right numbers in the wrong place: transposed, flipped, shifted, summed, swapped, cut away.

Everything here is made of the right gradient itself, or of those of other arguments; no tape is needed.
"""

# ruff: noqa: ARG001  (a prediction takes case and name, needed or not)

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from checkers.diagnosis.hypothesis import Hypothesis, Subject
from checkers.diagnosis.roles import equation_of_gradient, equation_of_mean, has
from checkers.diagnosis.witness import Witness
from checkers.rounding.ball import Reals

Change = Callable[[Reals], "Reals | None"]


def arrangements(witnesses: Sequence[Witness], name: str) -> Iterator[Hypothesis]:
    """Every way in which the right numbers can have been misplaced."""
    first = witnesses[0]
    ndim = first.sights[name].true.ndim
    yield _made(
        "zero",
        lambda true: true * 0,
        lambda s: (
            f"{s.the} {s.are} zero everywhere: {'have they' if s.many else 'has it'} been filled in, and"
            f" does every path from {s.listed} to the output count?"
        ),
        0.5,
        "nndl-58",
    )
    yield from _transposes(first, name, ndim)
    for axis in range(ndim):
        yield from _along(axis, ndim)
    yield from _broadcasts(first, name, ndim)
    yield from _entrywise()
    yield from _of_others(first, name)
    if not first.sights[name].shaped:
        yield from _misshapen(first)


def _made(
    code: str,
    change: Change,
    say: Callable[[Subject], str],
    complexity: float,
    equation: str = "",
    detail: str = "",
    free: bool = False,
) -> Hypothesis:
    def predict(witness: Witness, name: str) -> Reals | None:
        true = witness.truth(name)
        return None if true is None else change(true)

    return Hypothesis(code, complexity, predict, say, equation, detail, free)


def axis_name(axis: int, ndim: int) -> str:
    """What people call an axis."""
    if ndim == 1:
        return "entries"
    return {0: "rows", 1: "columns"}[axis] if ndim == 2 else f"slices along axis {axis}"


def _transposes(witness: Witness, name: str, ndim: int) -> Iterator[Hypothesis]:
    for order in itertools.permutations(range(ndim)) if ndim <= 4 else ():
        if order == tuple(range(ndim)):
            continue
        whole = order == tuple(reversed(range(ndim)))
        if ndim == 2:
            reason = "its rows belong to outputs and its columns to inputs, so write δ aᵀ and not a δᵀ"
            if not has(witness, "dot_general"):
                reason = f"entry [i, j] belongs to {name}[i, j]"
            text = f"the transpose of what it should be: {reason}"
        else:
            text = f"what it should be with its axes in the order {order}: transpose it back"

        def say(s: Subject, text: str = text) -> str:
            return f"{s.the} {s.are} {text}."

        yield _made(
            "transposed" if whole else "permuted-axes",
            partial(lambda order, true: true.transpose(order), order),
            say,
            1.0 if whole else 1.5,
            equation_of_gradient(witness, name) or "nndl-24",
            "" if whole else str(order),
        )
    if ndim >= 2:
        yield _made(
            "reshaped-in-wrong-order",
            lambda true: true.ravel(order="F").reshape(true.shape),
            lambda s: (
                f"{s.the} {s.are} filled in the wrong order: the right numbers were reshaped column by"
                " column where rows were meant, or the reverse (NumPy's order is 'C')."
            ),
            1.6,
            "article-44",
        )


def _along(axis: int, ndim: int) -> Iterator[Hypothesis]:
    along = axis_name(axis, ndim)
    yield _made(
        "flipped",
        lambda true: np.flip(true, axis),
        lambda s: (
            f"{s.the} {s.are} flipped: the {along} come in reverse order (a [::-1] too many, or one missing)."
        ),
        1.2,
        "article-44",
        along,
    )
    for step in (1, -1):
        where = "late" if step == 1 else "early"
        yield _made(
            "shifted",
            partial(lambda step, true: np.roll(true, step, axis), step),
            partial(
                lambda where, s: (
                    f"{s.the} {s.are} shifted along the {along}: every entry comes one place too"
                    f" {where}, and the last one wraps round. An index is off by one."
                ),
                where,
            ),
            1.4,
            "article-44",
            f"{along} {step}",
        )
        yield _made(
            "shifted",
            partial(lambda step, true: _pushed(true, step, axis), step),
            partial(
                lambda where, s: (
                    f"{s.the} {s.are} shifted along the {along}: every entry comes one place too"
                    f" {where}, and a zero fills the gap. An index is off by one."
                ),
                where,
            ),
            1.4,
            "article-44",
            f"{along} {step} filled",
        )
    for index, which in ((0, "first"), (-1, "last")):
        yield _made(
            "missing-slice",
            partial(lambda index, true: _without(true, index, axis), index),
            partial(
                lambda which, s: (
                    f"{s.the} {s.are} right but for the {which} of the {along},"
                    f" where {s.they} {s.are} zero: a loop or a slice"
                    f" {'starts one too late' if which == 'first' else 'stops one too early'}."
                ),
                which,
            ),
            1.3,
            "article-44",
            f"{which} {along}",
        )
        yield _made(
            "missing-slice",
            partial(lambda index, true: _only(true, index, axis), index),
            partial(
                lambda which, s: (
                    f"{s.the} {s.are} filled in for the {which} of the {along} only, and zero"
                    " elsewhere: does the loop go on after its first turn?"
                ),
                which,
            ),
            1.3,
            "article-44",
            f"only {which} {along}",
        )
    yield _made(
        "running-sum",
        lambda true: true.cumsum(axis),
        lambda s: (
            f"{s.the} {s.are} summed up along the {along} as {s.they} go: an accumulator is not set back to"
            " zero."
        ),
        1.5,
        "article-44",
        along,
    )


def _pushed(true: Reals, step: int, axis: int) -> Reals:
    rolled = np.moveaxis(np.roll(true, step, axis), axis, 0).copy()
    if len(rolled):
        rolled[0 if step == 1 else -1] = 0
    return np.moveaxis(rolled, 0, axis)


def _without(true: Reals, index: int, axis: int) -> Reals:
    result = np.moveaxis(true.copy(), axis, 0)
    if len(result):
        result[index] = 0
    return np.moveaxis(result, 0, axis)


def _only(true: Reals, index: int, axis: int) -> Reals:
    return true - _without(true, index, axis)


def _broadcasts(witness: Witness, name: str, ndim: int) -> Iterator[Hypothesis]:
    axes = [(axis,) for axis in range(ndim)] + ([tuple(range(ndim))] if ndim > 1 else [])
    for group in axes:
        over = "all entries" if len(group) == ndim else f"the {axis_name(group[0], ndim)}"
        for kind, reduce in (("summed", np.sum), ("averaged", np.mean)):
            for keepdims in (True, False):

                def change(
                    true: Reals,
                    group: tuple[int, ...] = group,
                    reduce: Callable[..., Reals] = reduce,
                    keepdims: bool = keepdims,
                ) -> Reals | None:
                    return np.asarray(reduce(true, axis=group, keepdims=keepdims))

                yield _made(
                    f"{kind}-away",
                    change,
                    partial(
                        lambda kind, over, s: (
                            f"{s.the} {s.are} {kind} over {over}, which belong to"
                            f" different entries of {s.listed}: keep them apart."
                        ),
                        kind,
                        over,
                    ),
                    1.5,
                    "ng-20",
                    f"{kind} {over} {keepdims}",
                )
            if ndim:
                yield _made(
                    f"{kind}-over",
                    partial(
                        lambda group, reduce, true: np.broadcast_to(
                            reduce(true, axis=group, keepdims=True), true.shape
                        ),
                        group,
                        reduce,
                    ),
                    partial(
                        lambda kind, over, s: (
                            f"{s.the} {s.are} {kind} over {over} and the same number is put everywhere:"
                            f" those entries belong to different entries of {s.listed}, keep them apart."
                        ),
                        kind,
                        over,
                    ),
                    1.5,
                    equation_of_gradient(witness, name) or "article-44",
                    over,
                )
        yield _made(
            "centred",
            partial(lambda group, true: true - true.mean(axis=group, keepdims=True), group),
            partial(
                lambda over, s: (
                    f"{s.the} {s.are} what it should be less its mean over {over}: a mean is"
                    " subtracted that the forward does not subtract."
                ),
                over,
            ),
            1.8,
            equation_of_mean(witness, name),
            over,
        )
    for shape, text in (
        ((-1,), "flattened to one axis"),
        ((-1, 1), "made a column"),
        ((1, -1), "made a row"),
    ):
        yield _made(
            "reshaped",
            partial(lambda shape, true: true.reshape(shape) if true.size else None, shape),
            partial(
                lambda text, s: (
                    f"{s.the} {s.are} right in values but {text}: give {s.they} the shape of"
                    f" {s.listed}, with reshape or keepdims=True."
                ),
                text,
            ),
            1.2,
            "ng-20",
            text,
        )


def _misshapen(witness: Witness) -> Iterator[Hypothesis]:
    """Claims of another shape: δ or an inner product for the outer product, the same numbers repeated."""

    def delta_alone(w: Witness, n: str) -> Reals | None:
        if len(w.leading) != 1 or w.leading[0].size != w.sights[n].claimed.size:
            return None
        return w.leading[0].reshape(w.sights[n].claimed.shape)

    def repeated(w: Witness, n: str) -> Reals | None:
        true, shape = w.truth(n), w.sights[n].claimed.shape
        if true is None or len(shape) <= true.ndim:
            return None
        for axes in itertools.combinations(range(len(shape)), len(shape) - true.ndim):
            spread = np.expand_dims(true, axes)
            if all(a in (1, b) for a, b in zip(spread.shape, shape, strict=True)):
                found = np.broadcast_to(spread, shape)
                if w.sights[n].fits(found):
                    return found
        return None

    yield Hypothesis(
        "delta-alone",
        1.75,
        delta_alone,
        lambda s: (
            f"{s.the} {s.are} the cotangent δ alone, in another shape: multiply it by the derivative of the"
            f" forward with respect to {s.listed} (for weights the outer product δ aᵀ)."
        ),
        "nndl-46" if has(witness, "dot_general") else "cs182-9",
    )
    yield Hypothesis(
        "repeated",
        1.3,
        repeated,
        lambda s: (
            f"{s.the} {s.are} right but repeated along an axis that {s.listed} does not have: give {s.they}"
            f" the shape of {s.listed}."
        ),
        "ng-20",
    )
    for other in witness.arguments:

        def inner(w: Witness, n: str, other: str = other) -> Reals | None:
            a, delta = w.arguments[other], w.leading[0] if w.leading else None
            if delta is None or a.ndim != 1 or delta.shape != a.shape:
                return None
            return np.asarray(delta @ a.astype(np.float64))

        yield Hypothesis(
            "inner-for-outer",
            1.3,
            inner,
            partial(
                lambda other, s: (
                    f"{s.the} {s.are} a single number, the inner product of δ and {other}: weights get"
                    f" their outer product, δ {other}ᵀ (np.outer)."
                ),
                other,
            ),
            "nndl-46",
            other,
        )


def _entrywise() -> Iterator[Hypothesis]:
    yield _made(
        "relu-of-gradient",
        lambda true: np.maximum(true, 0),
        lambda s: (
            f"{s.the} {s.are} cut off at zero: the mask was made of the gradient's sign where it must be"
            " made of the sign of the pre-activation z. Use (z > 0)."
        ),
        1.2,
        "cs182-33",
    )
    yield _made(
        "absolute-value",
        np.abs,
        lambda s: (
            f"{s.the} {s.are} right but for the signs, which are all positive, as if an absolute value"
            " were taken."
        ),
        1.2,
        "",
    )
    yield _made(
        "squared",
        lambda true: true**2,
        lambda s: (
            f"{s.the} {s.are} the square, entry by entry, of what {s.they} should be: the same factors are"
            " multiplied in twice."
        ),
        1.3,
        "nndl-45",
    )
    yield _made(
        "sign-only",
        np.sign,
        lambda s: f"{s.the} {s.are} only the signs of what {s.they} should be.",
        1.3,
        "",
    )
    yield _made(
        "rounded-to-float32",
        lambda true: true.astype(np.float32).astype(np.float64),
        lambda s: (
            f"{s.the} {s.are} right to seven digits only: {s.they} {s.are} rounded to float32 on the way."
            " Keep the dtype of the arguments."
        ),
        1.0,
        "",
    )
    yield _made(
        "rounded-to-float16",
        lambda true: true.astype(np.float16).astype(np.float64),
        lambda s: (
            f"{s.the} {s.are} right to three digits only: {s.they} {s.are} rounded to float16 on the way."
            " Keep the dtype of the arguments."
        ),
        1.1,
        "",
    )
    yield _made(
        "whole-numbers",
        np.trunc,
        lambda s: (
            f"{s.the} {s.are} cut to whole numbers: an integer array or integer division is in the way."
            " Make the array a float one."
        ),
        1.1,
        "",
    )
    yield _made(
        "normalised",
        lambda true: true / np.sqrt((true**2).sum()) if (true**2).sum() > 0 else None,
        lambda s: (
            f"{s.the} {s.are} divided by {'their' if s.many else 'its'} length: a gradient is not normalised."
        ),
        1.3,
        "article-41",
    )


def _of_others(witness: Witness, name: str) -> Iterator[Hypothesis]:
    for other in witness.arguments:
        if other == name or witness.arguments[other].dtype.kind != "f":
            continue
        for flip in (False, True):
            if flip and witness.arguments[other].ndim < 2:
                continue

            def predict(w: Witness, _: str, other: str = other, flip: bool = flip) -> Reals | None:
                true = w.truth(other)
                return None if true is None else true.T if flip else true

            turned = "the transpose of " if flip else ""
            yield Hypothesis(
                "wrong-argument",
                (1.4 if witness.sights[name].shaped else 1.8) + flip,
                predict,
                partial(
                    lambda other, turned, s: (
                        f"{s.the} {s.are} {turned}the gradient for {other}: return the"
                        " gradients in the order of the arguments."
                    ),
                    other,
                    turned,
                ),
                "cs182-24" if has(witness, "dot_general") else "ng-20",
                f"{other}{'ᵀ' if flip else ''}",
            )
