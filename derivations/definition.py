"""What a formula must compute: its definition entry by entry, and the gradients that follow by calculus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import sympy as sp

from derivations.kernel.derivative import derivative, sift
from derivations.notation import Index, Tensor, total


@dataclass(frozen=True)
class Derived:
    """An array given entry by entry: ``expression`` is the entry at ``indices``."""

    indices: tuple[Index, ...]
    expression: sp.Expr


@dataclass(frozen=True)
class Definition:
    """The definition of an operation, for all dimensions, independent of the NumPy code.

    Attributes:
        name: the formula's name in ``reference_impl``.
        arguments: the tensors that the operation takes, in the order of the NumPy function.
        indices: the free indices of one entry of the output; none for a scalar.
        entry: that entry, an expression in the arguments' entries.
    """

    name: str
    arguments: tuple[Tensor, ...]
    indices: tuple[Index, ...]
    entry: sp.Expr
    _gradients: dict[int, Derived] = field(default_factory=dict, repr=False, compare=False)
    _pushforwards: dict[tuple[int, ...], Derived] = field(default_factory=dict, repr=False, compare=False)

    @property
    def output(self) -> Derived:
        """The output, entry by entry."""
        return Derived(self.indices, self.entry)

    @cached_property
    def cotangent(self) -> Tensor:
        """The cotangent δ of the output: a tensor of the output's dimensions."""
        return Tensor("delta", *(index.dimension for index in self.indices))

    def tangent(self, argument: int) -> Tensor:
        """The tangent of one argument: a tensor of the argument's dimensions."""
        tensor = self.arguments[argument]
        return Tensor(f"dot_{tensor.name}", *tensor.dimensions)

    def gradient(self, argument: int) -> Derived:
        """Σ_i δ_i ∂f_i/∂x_q: the gradient by the argument with that number, entry by entry."""
        if argument not in self._gradients:
            tensor = self.arguments[argument]
            indices = _fresh(tensor)
            contracted = self.cotangent[self.indices] * derivative(self.entry, tensor[_written(indices)])
            self._gradients[argument] = Derived(
                indices, sift(sp.expand_mul(contracted, deep=False), *self.indices)
            )
        return self._gradients[argument]

    def pushforward(self, arguments: Sequence[int]) -> Derived:
        """Σ_q ∂f_i/∂x_q ẋ_q over the arguments with those numbers: the output's tangent, entry by entry."""
        chosen = tuple(arguments)
        if chosen not in self._pushforwards:
            terms = []
            for argument in chosen:
                indices = _fresh(self.arguments[argument])
                slope = derivative(self.entry, self.arguments[argument][_written(indices)])
                terms.append(
                    sift(
                        sp.expand_mul(slope * self.tangent(argument)[_written(indices)], deep=False), *indices
                    )
                )
            self._pushforwards[chosen] = Derived(self.indices, sp.Add(*terms))
        return self._pushforwards[chosen]


def _fresh(tensor: Tensor) -> tuple[Index, ...]:
    """Indices for one entry of ``tensor`` whose names no definition uses."""
    return tuple(
        Index(f"{tensor.name}.{axis}", dimension) for axis, dimension in enumerate(tensor.dimensions, 1)
    )


def _written(indices: tuple[Index, ...]) -> tuple[sp.Expr, ...]:
    """The indices as they stand in an entry: the number 1 along an axis of length 1."""
    return tuple(sp.S.One if index.dimension == 1 else index for index in indices)


def mean(term: sp.Expr, index: Index) -> sp.Expr:
    """(1/m) Σ_s of ``term``, s being the index and m its dimension."""
    return total(term, index) / index.dimension
