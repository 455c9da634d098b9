"""Activations on a tape: a value that depends on one earlier value alone, and which function of it it is.

A region leads from u to v = F(u). If it treats every entry alike, F is an activation with the derivative
F'(u); if it mixes entries, as softmax does, it has a Jacobian.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from checkers.diagnosis.local_rules import ELEMENTWISE
from checkers.diagnosis.tape import REARRANGING, Step, Tape

Array: TypeAlias = NDArray[Any]
Function: TypeAlias = Callable[[Array], Array]

SAME = 1e-9
"""Two functions that agree so well at every entry are one."""
PER_ENTRY = 10
"""Regions that are looked at for every value that could begin one."""


def _sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


FUNCTIONS: dict[str, tuple[Function, Function]] = {
    "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * (1 - _sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "1 − sigmoid": (lambda z: _sigmoid(-z), lambda z: -_sigmoid(z) * (1 - _sigmoid(z))),
    "exp": (np.exp, np.exp),
    "log": (lambda z: np.log(np.where(z > 0, z, np.nan)), lambda z: 1 / z),
    "square": (lambda z: z**2, lambda z: 2 * z),
    "square root": (lambda z: np.sqrt(np.where(z >= 0, z, np.nan)), lambda z: 0.5 / np.sqrt(z)),
    "softplus": (lambda z: np.logaddexp(0, z), _sigmoid),
    "sine": (np.sin, np.cos),
    "cosine": (np.cos, lambda z: -np.sin(z)),
    "absolute value": (np.abs, np.sign),
    "reciprocal": (lambda z: 1 / z, lambda z: -1 / z**2),
    "cube": (lambda z: z**3, lambda z: 3 * z**2),
}
"""Named elementwise functions and their derivatives."""

ACTIVATIONS = ("sigmoid", "tanh", "ReLU", "leaky ReLU", "softplus")
"""Those that layers are made of."""

EQUATIONS = {
    "sigmoid": "article-7",
    "tanh": "article-9",
    "ReLU": "article-11",
    "leaky ReLU": "article-13",
    "softmax": "article-101",
}
"""Where the derivative of a named function stands."""


@dataclass(frozen=True)
class Region:
    """v = F(u).

    Attributes:
        start, end: the slots of u and v.
        elementwise: every entry is treated alike.
        function: the name of F; "activation" where it has none.
    """

    start: int
    end: int
    elementwise: bool
    function: str

    @property
    def the(self) -> str:
        """What a sentence calls F."""
        return self.function if self.function[0].isdigit() else f"the {self.function}"


def regions(tape: Tape) -> Iterator[Region]:
    """All regions of a tape whose ends have one shape."""
    for start in _starts(tape):
        inside = {start}
        plain = {start}
        found = 0
        curved: set[int] = set()
        for step in tape.steps:
            varying = [slot for slot in step.inputs if tape.varying[slot]]
            if not varying or not all(slot in inside for slot in varying):
                continue
            inside.update(step.outputs)
            shape = tape.values[start].shape
            out = step.outputs[0]
            if not _is_linear(tape, step) or any(slot in curved for slot in varying):
                curved.update(step.outputs)
            same = tape.values[out].shape == shape
            if (
                step.name in ELEMENTWISE
                and all(slot in plain for slot in varying)
                and same
                and all(tape.values[s].shape in ((), shape) for s in step.inputs)
            ):
                plain.add(out)
            if same and tape.varying[out] and len(step.outputs) == 1 and found < PER_ENTRY:
                elementwise = out in plain
                function = _function(tape, start, out, elementwise)
                if out in curved and (
                    function != "activation" or _leaves(tape, out, inside) or _enters(tape, out)
                ):
                    found += 1
                    yield Region(start, out, elementwise, function)


LINEAR = (
    frozenset({"neg", "add", "sub", "add_any", "convert_element_type", "copy", "reduce_sum"}) | REARRANGING
)
"""Primitives that are linear in all their operands."""


def _is_linear(tape: Tape, step: Step) -> bool:
    """Whether an operation is linear in what varies."""
    if step.name in ("mul", "div", "dot_general"):
        varying = [k for k, slot in enumerate(step.inputs) if tape.varying[slot]]
        return varying == [0] or (len(varying) == 1 and step.name != "div")
    return step.name in LINEAR


def _leaves(tape: Tape, slot: int, inside: set[int]) -> bool:
    """Whether the value is used together with others, or is an output."""
    return slot in tape.results or any(
        not all(not tape.varying[other] or other in inside for other in step.inputs)
        for step, _ in tape.users.get(slot, [])
    )


def _enters(tape: Tape, slot: int) -> bool:
    """Whether the value goes into another function with a name, as the inner one of a chain."""
    return any(step.name in ("exp", "tanh", "logistic", "log") for step, _ in tape.users.get(slot, []))


def _starts(tape: Tape) -> Iterator[int]:
    """The values that do not depend on one earlier value alone, entry by entry."""
    for slot in tape.arguments:
        if tape.varying[slot] and slot in tape.users:
            yield slot
    for step in tape.steps:
        varying = {slot for slot in step.inputs if tape.varying[slot]}
        users = tape.users.get(step.outputs[0], [])
        if not varying or not users:
            continue
        # What is scaled first, or used in several places, is the z of a softmax or an activation, too.
        scaled = step.name in ("mul", "div") and (
            len({user.number for user, _ in users}) > 1 or users[0][0].name == "exp"
        )
        inner = any(user.name in ("tanh", "logistic", "max") for user, _ in users)
        if len(varying) > 1 or step.name not in ELEMENTWISE or scaled or inner:
            yield step.outputs[0]


def _function(tape: Tape, start: int, end: int, elementwise: bool) -> str:
    u, v = tape.values[start], tape.values[end]
    if not u.size or not np.isfinite(v).all():
        return "activation"
    with np.errstate(all="ignore"):
        if elementwise:
            for name, (function, _) in FUNCTIONS.items():
                if _same(function(u), v):
                    return name
            if _same(np.where(u > 0, u, 0), np.where(u > 0, v, 0)) and (u < 0).any():
                slopes = v[u < 0] / u[u < 0]
                if np.ptp(slopes) <= SAME and 0 < slopes[0] < 1:
                    return "leaky ReLU"
            return "activation"
        for axis in range(u.ndim):
            e = np.exp(u - u.max(axis=axis, keepdims=True))
            if _same(e / e.sum(axis=axis, keepdims=True), v):
                return "softmax"
    return "activation"


def _same(one: Array, other: Array) -> bool:
    return bool((np.abs(one - other) <= SAME * (np.abs(other) + 1e-30)).all())


def slope(tape: Tape, region: Region, at: Array | None = None) -> Array:
    """F'(u) of an elementwise region, or F' at another array."""
    u = tape.values[region.start]
    return tape.pull_within(region.end, region.start, np.ones_like(u), at)


def diagonal(tape: Tape, region: Region) -> Array:
    """∂v_i/∂u_i of a region that mixes entries, one entry after the other."""
    u = tape.values[region.start]
    result = np.zeros_like(u)
    for index in np.ndindex(*u.shape):
        unit = np.zeros_like(u)
        unit[index] = 1
        result[index] = tape.pull_within(region.end, region.start, unit)[index]
    return result
