"""Reverse and forward mode.

What is drawn besides the arguments, what the code under test is asked, and what comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from checkers.candidate import Call, Candidate
from checkers.draw import Case
from checkers.oracles.estimate import Answer
from checkers.rounding.ball import Reals

Arrays = Sequence[NDArray[Any]]


class Oracle(Protocol):
    """What every oracle can do at a case."""

    @property
    def name(self) -> str:
        """What records call it."""

    def gradients(self, case: Case, cotangents: Sequence[Reals], wrt: Sequence[int]) -> Answer:
        """Σ_i δ_i ∂f_i/∂x for the arguments ``wrt``: one estimate per argument."""

    def pushforward(self, case: Case, tangents: Sequence[Reals | None]) -> Answer:
        """The tangents of the outputs for tangents of the arguments: one estimate per output."""


class Mode(Protocol):
    """One way to differentiate.

    Attributes:
        quantity: what is compared, "gradient" or "tangent".
    """

    quantity: str

    def leading(self, case: Case, outputs: Arrays) -> list[NDArray[Any]]:
        """The cotangents of the outputs, or the tangents of the arguments."""

    def call(self, leading: Arrays, case: Case, outputs: Arrays) -> Call:
        """What the code under test returns."""

    def expected(self, case: Case, outputs: Arrays) -> list[tuple[str, NDArray[Any]]]:
        """Per returned array its name and an array of the shape that it must have."""

    def answer(self, oracle: Oracle, case: Case, leading: Arrays, wrt: Sequence[int]) -> Answer:
        """An oracle's estimates of the returned arrays with the numbers ``wrt``."""

    def code(self, count: int) -> Callable[..., Any]:
        """The code under test as a function of arrays alone: ``count`` leading ones, then the arguments."""

    def inputs(self, leading: Arrays, case: Case) -> list[NDArray[Any]]:
        """The arrays for ``code``."""


class Reverse:
    """Vector-Jacobian products: cotangents of the outputs in, a gradient per argument out."""

    quantity = "gradient"

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate

    def leading(self, case: Case, outputs: Arrays) -> list[NDArray[Any]]:
        """1 for the gradient of a scalar.

        Else random numbers with two decimals, in the dtype of the outputs.
        """
        if self.candidate.kind == "grad":
            return [np.ones(output.shape) for output in outputs]
        return _drawn(case, outputs)

    def call(self, leading: Arrays, case: Case, outputs: Arrays) -> Call:
        """One gradient per argument, None where it is not differentiated."""
        return self.candidate.pulled_back(leading, case.arguments)

    def expected(self, case: Case, outputs: Arrays) -> list[tuple[str, NDArray[Any]]]:
        """A gradient has the shape of its argument."""
        return list(zip(self.candidate.arguments, case.arguments, strict=True))

    def answer(self, oracle: Oracle, case: Case, leading: Arrays, wrt: Sequence[int]) -> Answer:
        """Gradients by the arguments ``wrt``."""
        return oracle.gradients(case, leading, wrt)

    def code(self, count: int) -> Callable[..., Any]:
        """``vjp(delta, *arguments)`` with the cotangents unpacked; a grad as it is."""
        derivative = self.candidate.claimed
        if self.candidate.kind == "grad" or count == 1:
            return derivative
        return lambda *inputs: derivative(inputs[:count], *inputs[count:])

    def inputs(self, leading: Arrays, case: Case) -> list[NDArray[Any]]:
        """Cotangents, then arguments; a grad takes arguments only."""
        return [*([] if self.candidate.kind == "grad" else leading), *case.arguments]


class Forward:
    """Jacobian-vector products: tangents of the arguments in, a tangent per output out."""

    quantity = "tangent"

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate

    def leading(self, case: Case, outputs: Arrays) -> list[NDArray[Any]]:
        """Random tangents with two decimals; zeros for arguments of whole numbers."""
        return [
            t if a.dtype.kind == "f" else np.zeros(a.shape)
            for t, a in zip(_drawn(case, case.arguments), case.arguments, strict=True)
        ]

    def call(self, leading: Arrays, case: Case, outputs: Arrays) -> Call:
        """One tangent per output."""
        return self.candidate.pushed_forward(leading, case.arguments, len(outputs))

    def expected(self, case: Case, outputs: Arrays) -> list[tuple[str, NDArray[Any]]]:
        """A tangent has the shape of its output."""
        return [
            ("output" if len(outputs) == 1 else f"output {k}", output) for k, output in enumerate(outputs)
        ]

    def answer(self, oracle: Oracle, case: Case, leading: Arrays, wrt: Sequence[int]) -> Answer:
        """Tangents of all outputs."""
        moving = [t if a.dtype.kind == "f" else None for t, a in zip(leading, case.arguments, strict=True)]
        answer = oracle.pushforward(case, moving)
        if answer.refusal or answer.spared:
            return answer
        return replace(answer, estimates=[answer.estimates[k] for k in wrt])

    def code(self, count: int) -> Callable[..., Any]:
        """``jvp(tangents, *arguments)`` with the tangents unpacked."""
        derivative = self.candidate.claimed
        return lambda *inputs: derivative(tuple(inputs[:count]), *inputs[count:])

    def inputs(self, leading: Arrays, case: Case) -> list[NDArray[Any]]:
        """Tangents, then arguments."""
        return [*leading, *case.arguments]


def _drawn(case: Case, like: Arrays) -> list[NDArray[Any]]:
    """Random numbers with two decimals in the shapes and dtypes of other arrays."""
    rng = case.rng("leading")
    return [
        np.asarray(
            np.round(rng.standard_normal(a.shape), 2), dtype=a.dtype if a.dtype.kind == "f" else np.float64
        )
        for a in like
    ]
