"""The theorems of the book, one module for each subject, each with its ``THEOREMS``.

The folder is walked: a new module needs no other place to be named.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from derivations.proof import Proof, prove
from derivations.theorem import Theorem

__all__ = ["proof", "subjects", "theorems"]


@cache
def subjects() -> Mapping[str, tuple[Theorem, ...]]:
    """The theorems of every module by its name."""
    found = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        found[module] = tuple(getattr(importlib.import_module(f"{__name__}.{module}"), "THEOREMS", ()))
    return MappingProxyType(found)


@cache
def theorems() -> Mapping[str, Theorem]:
    """All theorems by name, whatever a theorem uses before it.

    Raises:
        ValueError: two have the same name, one uses a name that is none, or they use each other in a circle.
    """
    named: dict[str, Theorem] = {}
    for module, found in subjects().items():
        for theorem in found:
            if theorem.name in named:
                raise ValueError(
                    f"two theorems are called {theorem.name!r}: rename one in theorems/{module}.py"
                )
            named[theorem.name] = theorem
    ordered: dict[str, Theorem] = {}

    def place(name: str, above: tuple[str, ...]) -> None:
        if name in ordered:
            return
        if name in above:
            raise ValueError(f"theorems use each other in a circle: {' uses '.join((*above, name))}")
        if name not in named:
            raise ValueError(f"theorem {above[-1]!r} uses {name!r}, which is none: name one that is there")
        for used in named[name].needs:
            place(used, (*above, name))
        ordered[name] = named[name]

    for name in named:
        place(name, ())
    return MappingProxyType(ordered)


@cache
def proof(name: str) -> Proof:
    """The proof of the theorem of that name, with that of all it uses; made once.

    Raises:
        KeyError: there is no such theorem.
    """
    theorem = theorems()[name]
    return prove(theorem, {used: proof(used) for used in theorem.needs})
