"""The code under test run on arrays of dual numbers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.candidate import Kind
from checkers.oracles.dual import Dual, Unrunnable
from checkers.oracles.dual_array import run
from checkers.oracles.object_array import ObjectArray

Duals = NDArray[Any]
"""An object array of dual numbers, or an array of whole numbers as it is."""


@dataclass(frozen=True)
class Code:
    """A forward and the derivative that is claimed for it.

    Attributes:
        forward: plain NumPy, ``forward(*arguments)`` -> array or tuple of arrays.
        derivative: ``vjp(delta, *arguments)``, ``grad(*arguments)`` or ``jvp(tangents, *arguments)``.
        kind: which of the three.
    """

    forward: Callable[..., Any]
    derivative: Callable[..., Any]
    kind: Kind

    def value(self, arrays: type[ObjectArray], arguments: Sequence[Duals]) -> list[Duals]:
        """The outputs of the forward, with their tangents.

        Raises:
            Unrunnable, Undecided, OverflowError: as ``dual_array.run``.
        """
        return _ran("forward", arrays, self.forward, arguments)

    def restore(self, arguments: Sequence[NDArray[Any]]) -> None:
        """Call the forward on the arrays again: what it keeps for its derivative must be arrays of floats."""
        with suppress(Exception), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            self.forward(*(a.copy() for a in arguments))

    def claimed(
        self, arrays: type[ObjectArray], leading: Sequence[Duals], arguments: Sequence[Duals]
    ) -> list[Duals | None]:
        """What the derivative returns for these cotangents or tangents, called after the forward, as it may
        use what that has kept.

        Raises:
            Unrunnable, Undecided, OverflowError: as ``dual_array.run``.
        """
        self.value(arrays, arguments)
        derivative, count = self.derivative, len(leading)
        if self.kind == "grad":
            return _ran(self.kind, arrays, derivative, arguments)
        if self.kind == "vjp" and count == 1:
            return _ran(self.kind, arrays, derivative, [*leading, *arguments])
        return _ran(
            self.kind,
            arrays,
            lambda *inputs: derivative(inputs[:count], *inputs[count:]),
            [*leading, *arguments],
        )


def _ran(
    what: str, arrays: type[ObjectArray], function: Callable[..., Any], arguments: Sequence[Duals]
) -> list[Any]:
    try:
        return run(arrays, function, arguments)
    except Unrunnable as error:
        raise Unrunnable(f"the {what} cannot be run on exact numbers: {error}") from error


def each(function: Callable[..., Any], *arrays: NDArray[Any]) -> NDArray[Any]:
    """``function`` of the entries of arrays of one shape, as an object array."""
    result = np.empty(arrays[0].shape, dtype=object)
    for index in np.ndindex(*result.shape):
        result[index] = function(*(array[index] for array in arrays))
    return result


def moved(array: Duals, tangents: NDArray[Any]) -> Duals:
    """The array with these tangents; None for 0."""
    return each(lambda x, tangent: Dual(x.value, tangent), array, tangents)


def still(array: Duals) -> NDArray[Any]:
    """No tangents, for an array of that shape."""
    return np.full(array.shape, None, dtype=object)


def weighted(weights: Sequence[NDArray[Any]], numbers: Sequence[NDArray[Any]], zero: Any) -> Any:
    """Σ weight · number over all entries, a number None being 0."""
    total = zero
    for weight, array in zip(weights, numbers, strict=True):
        for w, x in zip(weight.flat, array.flat, strict=True):
            if x is not None:
                total = total + w * x
    return total


def values_of(array: Duals) -> NDArray[Any]:
    """The values of dual numbers."""
    return each(lambda x: x.value, array)


def tangents_of(array: Duals) -> NDArray[Any]:
    """The tangents of dual numbers; None where they are 0."""
    return each(lambda x: x.tangent, array)
