"""The symbolic oracle for code without a definition.

The forward run on arrays of SymPy symbols, at small sizes.

The unmodified NumPy forward builds the expressions; SymPy differentiates them; the derivative is enclosed at
the drawn values. Nothing of JAX is involved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from checkers.oracles.enclosure import Enclosed, Enclosure
from checkers.oracles.estimate import Answer
from checkers.oracles.symbol_array import run_on_symbols
from checkers.oracles.symbolic import NAME, estimate_of
from checkers.rounding.ball import Reals
from derivations.notation import Tensor

if TYPE_CHECKING:
    from checkers.draw import Case

INPUTS = 16
"""Entries of the arguments up to which the forward is run on symbols."""
OPERATIONS = 400
"""Operations in the outputs up to which they are differentiated."""
POINTS = 6
"""Cases of a run that are judged symbolically: the others would add time and nothing new."""
THIN = 2
"""How many of them may have a size of 1, where a missing sum or mean does not show."""
EFFORT = 20_000
"""Entries of symbolic arrays that may be computed before the forward is given up as too long."""


@dataclass(frozen=True)
class Expressions:
    """A forward on symbols.

    Attributes:
        symbols: one array per argument.
        outputs: one array of expressions per output.
        cotangents: one array of symbols per output.
    """

    symbols: Sequence[NDArray[Any]]
    outputs: Sequence[NDArray[Any]]
    cotangents: Sequence[NDArray[Any]]
    _gradients: dict[int, NDArray[Any]] = field(default_factory=dict, init=False, repr=False)

    def gradient(self, k: int) -> NDArray[Any]:
        """Σ_i δ_i ∂f_i/∂x for the argument ``k``, with symbols for δ: made once for all cotangents."""
        if k not in self._gradients:
            weighted = [
                weight * output
                for cotangent, outputs in zip(self.cotangents, self.outputs, strict=True)
                for weight, output in zip(cotangent.flat, outputs.flat, strict=True)
            ]
            self._gradients[k] = _each(partial(sp.diff, sp.Add(*weighted)), self.symbols[k])
        return self._gradients[k]


@dataclass
class SymbolicCode:
    """The oracle for a NumPy forward.

    Attributes:
        forward: plain NumPy.
        name: "symbolic".
    """

    forward: Callable[..., Any]
    name: str = field(default=NAME, init=False)
    _known: dict[Any, Expressions | str] = field(default_factory=dict, init=False, repr=False)
    _judged: dict[int, bool] = field(default_factory=dict, init=False, repr=False)

    def gradients(self, case: Case, cotangents: Sequence[Reals], wrt: Sequence[int]) -> Answer:
        """Σ_i δ_i ∂f_i/∂x for the arguments ``wrt``."""
        found = self._expressions(case)
        if isinstance(found, str):
            return Answer(self.name, refusal=found)
        values = zip(found.cotangents, cotangents, strict=True)
        return self._enclosed(case, found, values, lambda: [found.gradient(k) for k in wrt])

    def pushforward(self, case: Case, tangents: Sequence[Reals | None]) -> Answer:
        """The tangents of the outputs for tangents of the arguments (None: that argument stays)."""
        found = self._expressions(case)
        if isinstance(found, str):
            return Answer(self.name, refusal=found)
        ways = [
            (symbol, _exactly(t))
            for symbols, tangent in zip(found.symbols, tangents, strict=True)
            if tangent is not None
            for symbol, t in zip(symbols.flat, np.asarray(tangent).flat, strict=True)
        ]

        def moved(output: sp.Expr) -> sp.Expr:
            return sp.Add(*(t * sp.diff(output, symbol) for symbol, t in ways))

        return self._enclosed(case, found, (), lambda: [_each(moved, output) for output in found.outputs])

    def _expressions(self, case: Case) -> Expressions | str:
        """The forward on symbols of the shapes of the case, or one sentence why there is none."""
        shapes = tuple(a.shape for a in case.arguments)
        if sum(a.size for a in case.arguments) > INPUTS:
            return f"more than {INPUTS} entries: expressions would grow too large"
        thin = any(1 in shape for shape in shapes)
        enough = len(self._judged) >= POINTS or (thin and sum(self._judged.values()) >= THIN)
        if enough and case.number not in self._judged:
            return "enough cases have been judged symbolically"
        if any(a.dtype.kind != "f" for a in case.arguments):
            return "an argument holds whole numbers, which cannot be symbols"
        if shapes not in self._known:
            self._known[shapes] = self._built(case.arguments)
        if not isinstance(self._known[shapes], str):
            self._judged[case.number] = thin
        return self._known[shapes]

    def _built(self, arguments: Sequence[NDArray[Any]]) -> Expressions | str:
        symbols = _symbols("x", arguments)
        try:
            outputs = run_on_symbols(self.forward, symbols, EFFORT)
        except (
            Exception
        ) as error:  # whatever SymPy or the code raises means the same: it cannot be run on symbols
            return f"the forward cannot be run on symbols: {type(error).__name__}: {error}"
        entries = [entry for output in outputs for entry in output.flat]
        if not all(isinstance(entry, sp.Expr) for entry in entries):
            return "the forward makes entries of symbols that are arrays themselves"
        size = sum(sp.count_ops(entry) for entry in entries)
        if size > OPERATIONS:
            return f"the outputs have {size} operations, more than the {OPERATIONS} that are differentiated"
        if any(entry.has(sp.nan, sp.zoo, sp.oo) for entry in entries):
            return "the forward is not finite on symbols"
        return Expressions(symbols, outputs, _symbols("d", outputs))

    def _enclosed(
        self,
        case: Case,
        found: Expressions,
        others: Iterable[tuple[NDArray[Any], Reals]],
        differentiated: Callable[[], Sequence[NDArray[Any]]],
    ) -> Answer:
        """The derivatives at the point, with ``others`` for (symbols, values) that are no arguments."""
        values = {
            symbol.name: np.asarray(value)
            for symbols, x in (*zip(found.symbols, case.arguments, strict=True), *others)
            for symbol, value in zip(symbols.flat, np.asarray(x).flat, strict=True)
        }
        enclosure = Enclosure(values, [Tensor(name) for name in values], unite_ties=True)
        try:
            derivatives = differentiated()
            balls = [[enclosure.of(entry, ()) for entry in array.flat] for array in derivatives]
        except NotImplementedError as error:
            return Answer(self.name, refusal=str(error))
        except Exception as error:  # SymPy may raise anything over expressions that were not written for it
            return Answer(
                self.name,
                refusal=f"the outputs cannot be differentiated as symbols: {type(error).__name__}: {error}",
            )
        estimates = [estimate_of(_joined(b, a.shape)) for b, a in zip(balls, derivatives, strict=True)]
        return Answer(self.name, tuple(estimates))


def _each(function: Callable[[Any], Any], array: NDArray[Any]) -> NDArray[Any]:
    """``function`` of every entry of an object array."""
    result = np.empty(array.shape, dtype=object)
    for index in np.ndindex(*array.shape):
        result[index] = function(array[index])
    return result


def _symbols(letter: str, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """An array of symbols per array, of its shape."""
    made = []
    for k, a in enumerate(arrays):
        names = [f"{letter}{k}_{'_'.join(map(str, index))}" for index in np.ndindex(*a.shape)]
        made.append(np.array([sp.Symbol(name, real=True) for name in names], dtype=object).reshape(a.shape))
    return made


def _exactly(value: Any) -> sp.Rational:
    """A float as the rational number it is."""
    return sp.Rational(*float(value).as_integer_ratio())


def _joined(entries: Sequence[Enclosed], shape: tuple[int, ...]) -> Enclosed:
    return Enclosed(
        np.array([float(e.value) for e in entries]).reshape(shape),
        np.array([float(e.radius) for e in entries]).reshape(shape),
        any(e.cases for e in entries),
    )
