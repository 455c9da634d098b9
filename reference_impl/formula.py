"""What a hand-written formula is: a forward, its backward, and what a checker must know to draw inputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
"""A real array of any shape; the docstrings of the formulas say which."""

Forward: TypeAlias = Callable[..., Array]
"""``forward(*arguments)``: the value of the formula."""

Vjp: TypeAlias = Callable[..., "Array | tuple[Array | None, ...]"]
"""``vjp(delta, *arguments)``: one gradient per argument, None where it is not differentiated."""

Jvp: TypeAlias = Callable[..., Array]
"""``jvp(tangents, *arguments)``: the tangent of the output."""


@dataclass(frozen=True)
class Formula:
    """One hand-written formula of the sources, ready to be checked.

    Attributes:
        name: what ``gradproof verify NAME`` calls it.
        forward: plain NumPy, ``forward(*arguments) -> array``.
        vjp: the hand-written backward, ``vjp(delta, *arguments)``; None for a formula that is a value only.
        signature: NumPy gufunc signature of ``forward``, such as ``"(m,n),(n),(m)->(m)"``.
        sources: the catalogue ids that the formula answers for.
        domains: argument name → domain; what is not named is ``"real"``.
        jvp: the hand-written forward-mode derivative, if there is one.
        definition: the name of its definition in ``derivations``, where several formulas compute the same
            thing in different ways; empty for a definition of the formula's own name.
        convention: one sentence on what sources and libraries do differently; empty if they agree.
        empty: the sizes of the signature that may be 0.
    """

    name: str
    forward: Forward
    vjp: Vjp | None
    signature: str
    sources: tuple[str, ...]
    domains: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    jvp: Jvp | None = None
    definition: str = ""
    convention: str = ""
    empty: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the arguments, in the order of ``forward``."""
        return tuple(inspect.signature(self.forward).parameters)

    @property
    def defined_as(self) -> str:
        """The name of the definition in ``derivations`` that says what ``forward`` must compute."""
        return self.definition or self.name


def ids(catalogued: str) -> tuple[str, ...]:
    """The catalogue ids that stand in a line of text: ``ids("ng-1 ng-2")``."""
    return tuple(catalogued.split())
