"""The right gradient times a value of the forward, entry by entry: a missing division, a factor too many.

claimed = right ⊙ vᵖ,    p ∈ {1, −1, 2, −2},    v a value that the forward computes
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from checkers.diagnosis.hypothesis import Hypothesis, Subject
from checkers.diagnosis.tape import REARRANGING, Tape
from checkers.diagnosis.witness import Witness
from checkers.rounding.ball import Reals

LONGEST = 150
"""Operations up to which every value is tried."""
WORDS = {
    "sqrt": "the square root",
    "exp": "the exponential",
    "log": "the logarithm",
    "tanh": "the tanh",
    "logistic": "the sigmoid",
    "reduce_sum": "a sum",
    "reduce_max": "the maximum",
    "dot_general": "a product of matrices or vectors",
    "div": "a quotient",
    "mul": "a product",
    "add": "a sum",
    "sub": "a difference",
    "integer_pow": "a power",
    "square": "a square",
}
"""What sentences call the value of an operation."""


def intermediates(witnesses: Sequence[Witness], name: str) -> Iterator[Hypothesis]:
    """Each value of the forward that fits beside the gradient, as a factor and as a divisor."""
    first = witnesses[0]
    if first.tape is None or name not in first.sights or not first.sights[name].shaped:
        return
    steps = _values(first.tape)
    for number, slot in enumerate(steps[:LONGEST]):
        word = WORDS.get(first.tape.makers[slot].name)
        if word is None or _spread(first.tape.values[slot], first.sights[name].true.shape) is None:
            continue
        for power in (1, -1, 2, -2):
            yield Hypothesis(
                "extra-factor" if power > 0 else "missing-factor",
                2.65 + 0.1 * abs(power),
                partial(_predicted, number, power),
                partial(_say, word, power),
                "nndl-54",
                f"{word} {power}",
            )


def _values(tape: Tape) -> list[int]:
    """The values that tapes of other shapes have, too, in order."""
    return [
        step.outputs[0]
        for step in tape.steps
        if step.name not in REARRANGING and tape.varying[step.outputs[0]]
    ]


def _predicted(number: int, power: int, witness: Witness, name: str) -> Reals | None:
    if witness.tape is None:
        return None
    slots, true = _values(witness.tape), witness.truth(name)
    if number >= len(slots) or true is None:
        return None
    value = _spread(witness.tape.values[slots[number]], true.shape)
    return None if value is None else np.asarray(true * value.astype(witness.tape.long) ** float(power))


def _spread(value: Reals, shape: Sequence[int]) -> Reals | None:
    if value.dtype.kind != "f" or value.ndim > len(shape):
        return None
    try:
        return np.broadcast_to(value, tuple(shape))
    except ValueError:
        return None


def _say(word: str, power: int, s: Subject) -> str:
    times = "" if abs(power) == 1 else "twice "
    if power > 0:
        return (
            f"{s.the} {s.are}, entry by entry, {times}multiplied by {word} that the forward computes: a"
            " division by it is missing, or a factor is there that does not belong."
        )
    return (
        f"{s.the} {s.are}, entry by entry, {times}divided by {word} that the forward computes: a factor is"
        " missing, or a division is there that does not belong."
    )
