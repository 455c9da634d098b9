"""A jaxpr evaluated in NumPy on balls: every value with a bound on what rounding can have done to it.

Small programs are evaluated with midpoints in ``longdouble``, where the platform has one that is longer than
``double``;
that is more precise than what they are compared with, and no compiler is involved: XLA would compile anew for
every shape. A primitive without a rule is left to XLA.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.rounding.ball import Ball, Rounding
from checkers.rounding.linear_algebra import cholesky, linear_solve, lu, triangular_solve
from checkers.rounding.primitives import RULES
from checkers.rounding.xla import by_xla

if TYPE_CHECKING:
    from jax.extend.core import ClosedJaxpr

Watch: TypeAlias = Callable[[str, Sequence[Ball], Sequence[Ball]], Sequence[Ball]]
"""Called after every primitive with its name, operands and results.

What it returns stands for the results.
"""

LONG = np.dtype(np.longdouble)

SHORT = 20
"""Binary digits up to which a constant is taken to be meant exactly."""

SMALL = 20_000
"""Entries of the arguments up to which programs are evaluated in the longest floating type instead of
float64.
"""


OTHERWISE = 1024.0
"""How many times as far as its rounding a traced program may be from code that goes another way."""


def as_balls(arrays: Sequence[NDArray[Any]]) -> list[Ball]:
    """Exact balls around arrays, in the precision in which programs of that size are evaluated."""
    dtype = LONG if sum(a.size for a in arrays) <= SMALL else np.dtype(np.float64)
    return [Ball(a.astype(dtype, copy=False) if a.dtype.kind == "f" else a) for a in arrays]


def is_large(arrays: Sequence[NDArray[Any]]) -> bool:
    """Whether arrays have so many entries that rounding is measured instead of followed.

    Followed over millions of entries, bounds grow far beyond what really happens, and cost several passes.
    """
    return sum(a.size for a in arrays) > SMALL


def evaluate(
    program: ClosedJaxpr,
    arguments: Sequence[Ball],
    rounding: Rounding | None = None,
    watch: Watch | None = None,
) -> list[Ball]:
    """The outputs of ``program`` at ``arguments``.

    Args:
        program: a jaxpr over real, integer and Boolean arrays.
        arguments: one ball array per input; the dtype of the floating midpoints is that of the whole
            evaluation.
        rounding: how the program is taken to round; None for the rounding of each operation's own dtype,
            which bounds the error of the program as it was written.
        watch: called after every primitive; it may replace the results.

    Raises:
        NotImplementedError: a primitive that neither NumPy nor XLA can evaluate here.
    """
    wide = all(ball.mid.dtype == LONG for ball in arguments if ball.mid.dtype.kind == "f")
    with np.errstate(all="ignore"):
        return _Evaluation(wide, rounding, watch).of(program, arguments)


class _Evaluation:
    def __init__(self, wide: bool, rounding: Rounding | None, watch: Watch | None) -> None:
        self.dtype = LONG if wide else np.dtype(np.float64)
        self.rounding = rounding
        self.watch = watch
        self.roundings: dict[np.dtype[Any], Rounding] = {}

    def without_bounds(self) -> _Evaluation:
        """The same precision, for midpoints alone."""
        return _Evaluation(self.dtype == LONG, Rounding.unbounded(), None)

    def of(self, program: ClosedJaxpr, arguments: Sequence[Ball]) -> list[Ball]:
        return self.run(program.jaxpr, [self.constant(value) for value in program.consts], arguments)

    def run(self, jaxpr: Any, constants: Sequence[Ball], arguments: Sequence[Ball]) -> list[Ball]:
        values: dict[Any, Ball] = dict(
            zip((*jaxpr.constvars, *jaxpr.invars), (*constants, *arguments), strict=True)
        )
        needed = {
            variable: k
            for k, equation in enumerate(jaxpr.eqns)
            for variable in equation.invars
            if not hasattr(variable, "val")
        }
        needed.update(
            {variable: len(jaxpr.eqns) for variable in jaxpr.outvars if not hasattr(variable, "val")}
        )

        def read(variable: Any) -> Ball:
            return self.constant(variable.val) if hasattr(variable, "val") else values[variable]

        for k, equation in enumerate(jaxpr.eqns):
            operands = [read(variable) for variable in equation.invars]
            results = self.apply(equation, operands)
            values.update(
                (variable, result)
                for variable, result in zip(equation.outvars, results, strict=True)
                if needed.get(variable, -1) > k
            )
            for variable in equation.invars:
                if not hasattr(variable, "val") and needed[variable] == k:
                    values.pop(variable, None)
        return [read(variable) for variable in jaxpr.outvars]

    def constant(self, value: Any) -> Ball:
        """A constant of the program.

        A reference takes it for what was meant: it may itself be a rounded number, as 0.1 is, unless it is
        short, as 2 or 0.125 are. The program as it was written computes with just that number in float64;
        in a shorter dtype it has rounded what was meant.
        """
        array = np.asarray(value)
        if array.dtype.kind != "f":
            return Ball(array)
        mid = array.astype(self.dtype)
        if self.rounding is None and array.dtype == np.float64:
            return Ball(mid)
        mantissa, _ = np.frexp(array.astype(np.float64))
        rounded = mantissa * 2.0**SHORT != np.round(mantissa * 2.0**SHORT)
        if not rounded.any():
            return Ball(mid)
        return Ball(mid, np.where(rounded, Rounding.of(array.dtype).unit, 0.0) * np.abs(mid))

    def rounding_of(self, equation: Any) -> Rounding:
        """The rounding of the shortest floating dtype that the operation returns, or of the evaluation as a
        whole.
        """
        dtypes = [
            np.dtype(v.aval.dtype)
            for v in equation.outvars
            if hasattr(v.aval, "dtype") and np.issubdtype(v.aval.dtype, np.floating)
        ]
        dtype = min(dtypes, key=lambda dtype: dtype.itemsize, default=np.dtype(np.float64))
        if self.rounding is not None and dtype.itemsize >= 8:
            return self.rounding
        if dtype not in self.roundings:
            self.roundings[dtype] = Rounding.of(dtype)
        return self.roundings[dtype]

    def apply(self, equation: Any, operands: Sequence[Ball]) -> Sequence[Ball]:
        name, parameters = equation.primitive.name, equation.params
        inner = _called(parameters) if name in CALLS else None
        if inner is not None:
            return self.of(inner, operands)
        if name in CONTROL:
            return CONTROL[name](self, operands, parameters)
        rounding = self.rounding_of(equation)
        found = (
            RULES[name](operands, parameters, rounding)
            if name in RULES
            else FACTORISATIONS.get(name, by_xla)(equation, operands, rounding)
        )
        results = [self.in_working_precision(ball) for ball in found]
        return results if self.watch is None else self.watch(name, operands, results)

    def in_working_precision(self, ball: Ball) -> Ball:
        if ball.mid.dtype.kind != "f" or ball.mid.dtype == self.dtype:
            return ball
        return Ball(ball.mid.astype(self.dtype), None if ball.rad is None else ball.rad.astype(self.dtype))


CALLS = frozenset(
    {
        "pjit",
        "jit",
        "closed_call",
        "core_call",
        "custom_jvp_call",
        "custom_vjp_call",
        "custom_vjp_call_jaxpr",
        "custom_lin",
        "remat",
        "checkpoint",
        "remat2",
    }
)
"""Primitives that only call another jaxpr."""


def _called(parameters: dict[str, Any]) -> Any:
    for key in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        if key in parameters:
            called = parameters[key]
            return called if hasattr(called, "consts") else _Closed(called)
    return None


class _Closed:
    """A jaxpr without constants, in the form of a closed one."""

    consts: tuple[Any, ...] = ()

    def __init__(self, jaxpr: Any) -> None:
        self.jaxpr = jaxpr


def _cond(evaluation: _Evaluation, operands: Sequence[Ball], parameters: dict[str, Any]) -> Sequence[Ball]:
    which, *rest = operands
    branches = parameters["branches"]
    return evaluation.of(branches[int(np.clip(int(which.mid), 0, len(branches) - 1))], rest)


def _while(evaluation: _Evaluation, operands: Sequence[Ball], parameters: dict[str, Any]) -> Sequence[Ball]:
    n_cond, n_body = parameters["cond_nconsts"], parameters["body_nconsts"]
    cond_constants, body_constants, state = (
        operands[:n_cond],
        operands[n_cond : n_cond + n_body],
        list(operands[n_cond + n_body :]),
    )
    while bool(evaluation.of(parameters["cond_jaxpr"], [*cond_constants, *state])[0].mid):
        state = evaluation.of(parameters["body_jaxpr"], [*body_constants, *state])
    return state


def _scan(evaluation: _Evaluation, operands: Sequence[Ball], parameters: dict[str, Any]) -> Sequence[Ball]:
    n_constants, n_carry, length = parameters["num_consts"], parameters["num_carry"], parameters["length"]
    constants, carry, scanned = (
        operands[:n_constants],
        list(operands[n_constants : n_constants + n_carry]),
        operands[n_constants + n_carry :],
    )
    stacked: dict[int, list[Ball]] = {}
    for k in range(length)[:: -1 if parameters["reverse"] else 1]:
        slices = [Ball(x.mid[k], None if x.rad is None else x.rad[k]) for x in scanned]
        results = evaluation.of(parameters["jaxpr"], [*constants, *carry, *slices])
        carry, stacked[k] = results[:n_carry], results[n_carry:]
    if not length:
        empty = [
            Ball(np.zeros(v.aval.shape, v.aval.dtype)[None][:0])
            for v in parameters["jaxpr"].jaxpr.outvars[n_carry:]
        ]
        return [*carry, *empty]
    columns = zip(*(stacked[k] for k in range(length)), strict=True)
    return [
        *carry,
        *(
            Ball(np.stack([b.mid for b in column]), np.stack([b.radius for b in column]))
            for column in columns
        ),
    ]


CONTROL = {"cond": _cond, "while": _while, "scan": _scan, "custom_linear_solve": linear_solve}
"""Control flow: branches and loops follow the midpoints. And systems given by programs."""

FACTORISATIONS = {"lu": lu, "cholesky": cholesky, "triangular_solve": triangular_solve}
"""What XLA has a part in."""
