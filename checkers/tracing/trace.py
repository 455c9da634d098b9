"""Plain NumPy code as a JAX program: ``trace`` runs it once, and returns a jaxpr of what it did."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr

from checkers.errors import TraceError
from checkers.tracing.namespace import stand_in
from checkers.tracing.operators import install
from checkers.tracing.session import Session, current, is_library_file, is_user_file, refusal, refuse, running
from checkers.tracing.swapping import swapped
from checkers.tracing.traced_array import TracedArray, adopted, concrete, dtype_of, followed, lift

install()

_one_at_a_time = threading.RLock()


@dataclass(frozen=True)
class Trace:
    """NumPy code as a JAX program, at one point.

    Attributes:
        jaxpr: flat arguments → flat outputs, one array each; float64 stays float64.
        primal: the outputs as NumPy itself computed them.
        positions: for each returned item its place among the outputs, None where the code returned None.
        single: the code returned one item, not a tuple or list of items.
        value_dependent: the jaxpr is right at these argument values only: the code looked at a value, in a
            branch, an ``int()``, a boolean mask.
    """

    jaxpr: ClosedJaxpr
    primal: tuple[np.ndarray, ...]
    positions: tuple[int | None, ...]
    single: bool
    value_dependent: bool


class _StoppedError(Exception):
    """Leaves JAX's tracing when the traced code raises; what it raised is kept beside."""


def trace(function: Callable[..., Any], arguments: Sequence[np.ndarray]) -> Trace:
    """Run ``function(*arguments)`` once, unmodified NumPy code, and return what it did as a jaxpr.

    The arguments are not written to, and names that are replaced in the user's modules are restored.

    Args:
        function: NumPy code that returns an array, or a tuple or list of arrays and None.
        arguments: real arrays or scalars, of floating, integer or boolean dtype.

    Raises:
        TraceError: the code does something that JAX cannot follow, or that would lose the derivative.
        Exception: whatever ``function`` itself raises.
    """
    if current() is not None:
        refuse("trace() inside of traced code", "one trace runs at a time")
    values = [_own(argument) for argument in arguments]
    shapes = [_shape_of(value) for value in values]
    session = Session()
    outcome = _Outcome()

    def program(*nodes: Any) -> list[Any]:
        try:
            traced = [
                followed("an argument", value, node, True) for value, node in zip(values, nodes, strict=True)
            ]
            with swapped(
                function
            ):  # what it returns is taken before its containers are cleared of traced arrays
                return outcome.take(stand_in(function)(*traced), session)
        except BaseException as error:
            outcome.error = error
            raise _StoppedError from None

    with _one_at_a_time, jax.enable_x64(True), running(session):
        try:
            closed = jax.make_jaxpr(program)(*shapes)
        except _StoppedError:
            closed = None
    error = outcome.error
    if closed is None:
        outcome.error = None
        raise _explained(error, session)
    return Trace(
        closed, tuple(outcome.primal), tuple(outcome.positions), outcome.single, session.value_dependent
    )


def _shape_of(value: Any) -> Any:
    """What JAX needs to know of an argument."""
    describe: Callable[..., Any] = jax.ShapeDtypeStruct
    return describe(np.shape(value), dtype_of("an argument", value))


def _own(argument: Any) -> Any:
    """A copy of an argument that the traced code may write to; scalars stay scalars."""
    if isinstance(argument, (np.generic, float, int)):
        return argument
    return np.array(argument, order="K", copy=True)


class _Outcome:
    """What the traced code returned, or raised."""

    def __init__(self) -> None:
        self.primal: list[np.ndarray] = []
        self.positions: list[int | None] = []
        self.single = True
        self.error: BaseException | None = None

    def take(self, result: Any, session: Session) -> list[Any]:
        """The JAX values of the returned arrays."""
        if session.failure is not None:
            raise session.failure
        self.single = not isinstance(result, (tuple, list))
        nodes: list[Any] = []
        for item in (result,) if self.single else result:
            if item is None:
                self.positions.append(None)
                continue
            array = _returned(item)
            self.positions.append(len(nodes))
            self.primal.append(np.array(concrete(array)))
            nodes.append(lift(array, dtype_of("a returned value", concrete(array))))
        if session.detached and any(
            np.isnan(value).any() for value in self.primal if value.dtype.kind == "f"
        ):
            refuse(
                "a write into an array that was made outside of the function",
                "the result is not a number, so another name for the array may have been read",
                session.place_of_write,
            )
        return nodes


def _returned(item: Any) -> Any:
    """A returned array, traced or not."""
    if isinstance(item, TracedArray):
        return item
    if isinstance(item, (bool, int, float, np.generic)):
        return item
    if isinstance(item, np.ndarray):
        return adopted(item)
    return refuse(
        f"a returned value of type {type(item).__name__}",
        "a function returns an array, or a tuple of arrays and None",
    )


def _explained(error: BaseException | None, session: Session) -> BaseException:
    """The exception to raise: the first refusal, if there was one; else what the traced code raised."""
    if isinstance(error, TraceError) or error is None:
        return session.failure or error or TraceError("the trace stopped without a reason")
    if not isinstance(error, Exception):
        return error
    if session.failure is not None:
        session.failure.__cause__ = error
        return session.failure
    places = list(_frames(error))
    if places[-1][0].startswith(_JAX):
        reason = f"JAX cannot do it ({error})"
    elif isinstance(error, (TypeError, AttributeError)) and _is_foreign(error, places[-1][0]):
        reason = f"it is not known there ({error})"
    else:
        return error
    users = [place for place in places if is_user_file(place[0])]
    refused = refusal("a traced array in library code", reason, users[-1] if users else ("", 0))
    refused.__cause__ = error
    return refused


_JAX = str(Path(jax.__file__).parent)
_NUMPY = str(Path(np.__file__).parent)


def _frames(error: BaseException) -> Iterator[tuple[str, int]]:
    """File and line of each frame that the exception went through, innermost last."""
    step = error.__traceback__
    while step is not None:
        yield step.tb_frame.f_code.co_filename, step.tb_lineno
        step = step.tb_next


def _is_foreign(error: Exception, filename: str) -> bool:
    """Whether code other than the user's and NumPy's raised it, or C code that names ``TracedArray``."""
    is_foreign = is_library_file(filename) and not filename.startswith(_NUMPY)
    return is_foreign or TracedArray.__name__ in str(error)
