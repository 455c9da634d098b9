"""The code under test, called with care.

Copies go in, plain arrays come out, and what it breaks on the way is noted.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.errors import (
    FunctionError,
    GradientCountError,
    InputError,
    LossError,
    SignatureError,
    counted,
)
from checkers.signature import Signature

Kind: TypeAlias = Literal["vjp", "grad", "jvp"]

Gradients: TypeAlias = "list[NDArray[Any] | None]"


@dataclass
class Call:
    """What one call of a function returned, and what it did to its inputs.

    Attributes:
        arrays: the results; None where the function returned None.
        overwritten: the names of the inputs whose values it changed.
        aliased: for each result that shares memory with an input, (number of the result, name of the input).
        siblings: for each result that shares memory with an earlier one and with no input, both numbers.
    """

    arrays: Gradients
    overwritten: list[str] = field(default_factory=list)
    aliased: list[tuple[int, str]] = field(default_factory=list)
    siblings: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Candidate:
    """A forward and the derivative that is claimed for it.

    Attributes:
        forward: ``forward(*arguments)`` -> array or tuple of arrays.
        derivative: ``vjp(delta, *arguments)``, ``grad(*arguments)`` or ``jvp(tangents, *arguments)``; None if
            only the value is to be checked.
        kind: which of the three.
        name: as reports call it.
        arguments: the names of the arguments.
        signature: what shapes the outputs must have; None if that is open.
    """

    forward: Callable[..., Any]
    derivative: Callable[..., Any] | None
    kind: Kind
    name: str
    arguments: tuple[str, ...]
    signature: Signature | None = None

    @property
    def claimed(self) -> Callable[..., Any]:
        """The derivative, where there is one.

        Raises:
            InputError: there is none.
        """
        if self.derivative is None:
            raise InputError(f"{self.name} has no {self.kind} to be checked")
        return self.derivative

    def primal(self, arguments: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], ...]:
        """The outputs of the forward.

        Raises:
            FunctionError: it raised, or returned something that is not a real array, or not of the shape of
                the signature.
            LossError: the candidate is a gradient, and the loss returned not just one number.
        """
        returned = _called("forward", self.forward, [_copied(a) for a in arguments])
        items = returned if isinstance(returned, (tuple, list)) else (returned,)
        if not items:
            raise FunctionError(
                f"forward returned an empty {type(returned).__name__}: return an array, or a tuple of arrays"
            )
        outputs = tuple(
            _real(item, f"output {k} of forward" if len(items) > 1 else "the output of forward")
            for k, item in enumerate(items)
        )
        if self.kind == "grad" and (len(outputs) != 1 or outputs[0].size != 1):
            shapes = " and ".join(str(o.shape) for o in outputs)
            raise LossError(
                f"the loss returned {'arrays' if len(outputs) > 1 else 'an array'} of shape {shapes}, but a"
                " gradient belongs to a single number: return a scalar, or use check_vjp"
            )
        if self.signature is not None:
            try:
                self.signature.bind([a.shape for a in arguments], [o.shape for o in outputs])
            except SignatureError as error:
                raise FunctionError(str(error)) from error
        return outputs

    def values(self, *arguments: NDArray[Any]) -> list[NDArray[Any]]:
        """The outputs of the forward, called bare: nothing is copied, nothing checked."""
        returned = self.forward(*arguments)
        return [
            np.asarray(item) for item in (returned if isinstance(returned, (tuple, list)) else (returned,))
        ]

    def pulled_back(self, cotangents: Sequence[NDArray[Any]], arguments: Sequence[NDArray[Any]]) -> Call:
        """What the vjp or grad returns for these cotangents, one entry per argument.

        Raises:
            FunctionError: it raised, or returned something that is not a real array.
            GradientCountError: it returned another number of gradients than there are arguments.
        """
        inputs = [_copied(a) for a in arguments]
        deltas = [_copied(c) for c in cotangents]
        names = list(self.arguments)
        if self.kind == "grad":
            call = self._watched(self.claimed, inputs, inputs, names)
        else:
            delta = deltas[0] if len(deltas) == 1 else tuple(deltas)
            call = self._watched(
                self.claimed, [delta, *inputs], [*deltas, *inputs], ["delta"] * len(deltas) + names
            )
        if len(call.arrays) != len(arguments):
            raise GradientCountError(
                f"the {self.kind} of {self.name} returned {counted(len(call.arrays), 'gradient')} for"
                f" {counted(len(arguments), 'argument')} ({', '.join(self.arguments)}): return one per"
                " argument, None for an argument that is not differentiated"
            )
        return call

    def pushed_forward(
        self, tangents: Sequence[NDArray[Any]], arguments: Sequence[NDArray[Any]], outputs: int
    ) -> Call:
        """What the jvp returns for these tangents, one entry per output.

        Raises:
            FunctionError: it raised, or returned something that is not a real array.
            GradientCountError: it returned another number of tangents than there are outputs.
        """
        inputs, moving = [_copied(a) for a in arguments], [_copied(t) for t in tangents]
        call = self._watched(
            self.claimed,
            [tuple(moving), *inputs],
            [*moving, *inputs],
            ["the tangents"] * len(moving) + list(self.arguments),
        )
        if len(call.arrays) != outputs:
            raise GradientCountError(
                f"the jvp of {self.name} returned {counted(len(call.arrays), 'tangent')} for"
                f" {counted(outputs, 'output')}: return one per output"
            )
        return call

    def _watched(
        self,
        function: Callable[..., Any],
        passed: Sequence[Any],
        inputs: Sequence[NDArray[Any]],
        names: Sequence[str],
    ) -> Call:
        before = [a.copy() for a in inputs]
        returned = _called(self.kind, function, passed)
        items = list(returned) if isinstance(returned, (tuple, list)) else [returned]
        overwritten = [
            name
            for name, a, b in zip(names, inputs, before, strict=True)
            if not (np.array_equal(a, b) or np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
        ]
        arrays: Gradients = [
            None if item is None else _real(item, f"item {k} returned by {self.kind}")
            for k, item in enumerate(items)
        ]
        aliased = [
            (k, name)
            for k, item in enumerate(items)
            for name, a in zip(names, inputs, strict=True)
            if _share(item, a)
        ]
        own = [k for k in range(len(items)) if k not in dict(aliased)]
        siblings = [(k, j) for k in own for j in own if j < k and _share(items[j], items[k])]
        # The results are copied: the function may keep them and write to them in a later call.
        return Call([None if a is None else a.copy() for a in arrays], overwritten, aliased, siblings)


def same(one: Sequence[NDArray[Any] | None], other: Sequence[NDArray[Any] | None]) -> bool:
    """Whether two calls returned the same, entry for entry; not a number is the same as itself."""
    return all(
        a is b or (a is not None and b is not None and np.array_equal(a, b, equal_nan=True))
        for a, b in zip(one, other, strict=True)
    )


def argument_names(forward: Callable[..., Any], count: int) -> tuple[str, ...]:
    """The names of the first ``count`` positional parameters, x0, x1, … where the function does not tell."""
    try:
        parameters = [
            p
            for p in inspect.signature(forward).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters[:count]]
    return tuple(names + [f"x{k}" for k in range(len(names), count)])


def argument_count(forward: Callable[..., Any]) -> int | None:
    """How many positional arguments the function takes; None if that is open."""
    try:
        parameters = inspect.signature(forward).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind == p.VAR_POSITIONAL for p in parameters):
        return None
    return sum(
        p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty for p in parameters
    )


def most_arguments(function: Callable[..., Any]) -> int | None:
    """How many positional arguments the function takes at most; None if that is open."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind == p.VAR_POSITIONAL for p in parameters):
        return None
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)


def as_argument(value: Any, name: str) -> NDArray[Any]:
    """A value that a user passed as an argument, as a real array; integers and Booleans keep their dtype.

    Raises:
        InputError: it holds objects, strings or complex numbers, numbers longer than float64, or masked ones.
    """
    if isinstance(value, np.ma.MaskedArray) and np.ma.getmaskarray(value).any():
        raise InputError(
            f"argument {name} is masked in places, but every entry must be a number: fill it, or leave the"
            " masked entries out"
        )
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise InputError(
            f"argument {name} is no array ({error}): pass an array or nested lists of one length"
        ) from error
    if array.dtype.kind not in "fiub":
        raise InputError(
            f"argument {name} has dtype {array.dtype}, but real numbers are needed: pass a float or integer"
            " array"
        )
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        raise InputError(
            f"argument {name} has dtype {array.dtype}, but no oracle differentiates at numbers longer than"
            " float64: pass it as float64"
        )
    return array


def _share(one: Any, other: Any) -> bool:
    """Whether two arrays overlap in memory."""
    if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)):
        return False
    return np.may_share_memory(one, other) and bool(np.shares_memory(one, other))


def _copied(array: NDArray[Any]) -> NDArray[Any]:
    """A copy with the same memory order; read-only if the original is."""
    copy = np.array(array, order="K")
    copy.flags.writeable = array.flags.writeable
    return copy


def _called(what: str, function: Callable[..., Any], passed: Sequence[Any]) -> Any:
    """``function(*passed)``, floating-point warnings aside."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            return function(*passed)
        except Exception as error:
            shapes = ", ".join(str(np.shape(a)) for a in passed if not isinstance(a, tuple))
            raise FunctionError(
                f"{what} raised {type(error).__name__}: {error} (for arrays of shapes {shapes})"
            ) from error


def _real(item: Any, what: str) -> NDArray[Any]:
    """What a function returned, as a plain real array; masked entries are not numbers."""
    if isinstance(item, np.ma.MaskedArray):
        item = np.where(np.ma.getmaskarray(item), np.nan, item.data)
    try:
        array = np.asarray(item)
    except ValueError as error:
        raise FunctionError(f"{what} is no array ({error}): return a NumPy array") from error
    if array.dtype.kind not in "fiub":
        raise FunctionError(
            f"{what} has dtype {array.dtype}, but real numbers are needed: return a float array"
        )
    return array
