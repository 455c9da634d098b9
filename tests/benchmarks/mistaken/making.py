"""A mistake is made: a piece of the source of a right backward is replaced."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Function = Callable[..., Any]
NAMELESS = "nameless"
"""What has no name: a description is all that is right, and any name is false."""


@dataclass(frozen=True)
class Subject:
    """A function with a right derivative.

    Attributes:
        forward, backward: the right code.
        signature, domain: as ``gradproof.check_vjp`` takes them.
        kind: "vjp", "grad" or "jvp".
    """

    forward: Function
    backward: Function
    signature: str
    domain: Any = None
    kind: str = "vjp"

    @property
    def name(self) -> str:
        """The name of the forward."""
        return self.forward.__name__


@dataclass(frozen=True)
class Mistake:
    """One mistake in a subject's derivative.

    Attributes:
        subject: what is wrong.
        codes: the names that are true of it; ``a+b`` where it takes both.
        changes: what stands in the right source, and what stands there instead.
        signature: other shapes than the subject's, such as square ones.
    """

    subject: Subject
    codes: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]
    signature: str = ""

    def __str__(self) -> str:
        changed = "; ".join(f"{old} → {new or 'nothing'}" for old, new in self.changes)
        return f"{self.subject.name}: {changed}"

    @property
    def nameless(self) -> bool:
        """Whether only a description is right."""
        return self.codes == (NAMELESS,)

    @property
    def shapes(self) -> str:
        """The signature that it is checked with."""
        return self.signature or self.subject.signature

    def made(self) -> Function:
        """The wrong derivative, made anew: nothing is kept in it from an earlier run.

        Raises:
            ValueError: the right source does not have what is to be replaced.
        """
        right = self.subject.backward
        source = textwrap.dedent(inspect.getsource(right))
        for old, new in self.changes:
            if old not in source:
                raise ValueError(f"{right.__name__} has no {old!r}")
            source = source.replace(old, new)
        scope = dict(right.__globals__)
        exec(compile(source, f"<{right.__name__} with a mistake>", "exec"), scope)
        return scope[right.__name__]


def mistakes(subject: Subject, *rows: Sequence[str], signature: str = "") -> list[Mistake]:
    """The mistakes of a table: (names, old, new, old, new, …)."""
    made = []
    for codes, *changes in rows:
        pairs = tuple(zip(changes[::2], changes[1::2], strict=True))
        made.append(Mistake(subject, tuple(codes.split()), pairs, signature))
    return made


def wrong_arguments(mistake: Mistake, points: Sequence[Sequence[np.ndarray]]) -> set[int]:
    """The numbers of the arrays that differ from the right ones at some point that begins with δ."""
    wrong, wrong_code = set(), mistake.made()
    for point in points:
        right, made = (
            _arrays(function(*(np.copy(a) for a in point)))
            for function in (mistake.subject.backward, wrong_code)
        )
        for k, (one, other) in enumerate(zip(right, made, strict=True)):
            if one is None or other is None:
                continue
            if np.shape(one) != np.shape(other) or not np.allclose(one, other, 1e-11, 1e-13):
                wrong.add(k)
    return wrong


def _arrays(returned: Any) -> Sequence[Any]:
    return returned if isinstance(returned, tuple) else (returned,)
