"""The derivative of a student's own forward to the last digits, where no reference is known.

The student's code runs, in a worker of its own, on numbers whose imaginary part is a derivative: forward
differentiation, see ``checkers/isolation/inside/stepped.py``. What comes out of a worker may be anything. It
is therefore believed only where finite differences, which are taken on this side, bear it out, and there it
does no more than sharpen them: 10⁻¹⁴ where they tell 10⁻⁹.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.compare import STRONG
from checkers.draw import Case
from checkers.families import reference
from checkers.families.play import Play, Unfinished
from checkers.families.script import Misfit
from checkers.families.session import StudentCrash
from checkers.oracles.estimate import Answer, Estimate

NAME = "complex_step"
"""What records call this oracle."""

FAITHFUL = 1e-9
"""Relative distance within which the code must give the same values on such numbers as on real ones."""

UNCONFIRMED = "finite differences do not bear it out here"

Array = NDArray[Any]


def gradients(
    play: Play,
    case: Case,
    outputs: Sequence[Array],
    delta: Sequence[Array],
    wrt: Sequence[str],
    differences: Answer,
) -> Answer:
    """Σ_i δ_i ∂f_i/∂x for the arguments ``wrt`` of the student's forward.

    Args:
        play: the exercise on the student's functions.
        case: the point.
        outputs: what the forward returned there.
        delta: the cotangents, of the shapes of the outputs.
        wrt: the arguments to differentiate by.
        differences: what finite differences say of the same gradients.

    Returns:
        The gradients, without a bound where differences cannot confirm them; or a refusal, if the code cannot
        be followed, computes something else on such numbers, or contradicts the differences.
    """
    if differences.refusal:
        return Answer(NAME, refusal=differences.refusal)
    names = play.exercise.arguments
    arguments = dict(zip(names, case.arguments, strict=True))

    def forward(values: Mapping[str, Array]) -> list[Array]:
        followed = play.stepped(case, [values[name] for name in names])
        if not all(map(_same, followed, outputs)):
            raise Misfit("on numbers that carry a derivative the forward gives other values")
        return [one.reshape(other.shape) for one, other in zip(followed, outputs, strict=True)]

    try:
        followed = reference.gradients(forward, arguments, wrt, delta)
    except (StudentCrash, Misfit, Unfinished, ValueError, TypeError) as error:
        return Answer(NAME, refusal=f"the student's code cannot be followed: {error}")
    estimates = []
    for name, one, other in zip(wrt, followed.estimates, differences.estimates, strict=True):
        if (np.abs(one.value - other.value) > one.bound + other.bound).any():
            return Answer(NAME, refusal=f"for {name} it contradicts finite differences, which judge alone")
        estimates.append(_confirmed(one, other))
    return Answer(NAME, tuple(estimates))


def _same(followed: Array, output: Array) -> bool:
    """Whether the values are those of the real code."""
    if followed.size != output.size:
        return False
    size = float(np.max(np.abs(output), initial=0.0)) or 1.0
    return bool((np.abs(np.real(followed).reshape(output.shape) - output) <= FAITHFUL * size).all())


def _confirmed(one: Estimate, differences: Estimate) -> Estimate:
    """The estimate, without a bound where differences are no evidence, or see a kink."""
    size = max(float(np.max(np.abs(differences.value), initial=0.0)), np.finfo(float).tiny)
    trusted = (differences.bound <= STRONG * size) & ~differences.kink
    return Estimate(one.value, np.where(trusted, one.bound, np.inf), one.kink, UNCONFIRMED)
