"""What the mathematics says: the definition of every formula in SymPy, and the derivatives that follow.

Every module of this folder that defines ``DEFINITIONS`` is found by walking the folder: a new definition
needs no other place to be named.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derivations.definition import Definition

__all__ = ["definitions"]


@cache
def definitions() -> Mapping[str, Definition]:
    """All definitions by name, in the order of the files and of the rows in them.

    Raises:
        ValueError: two definitions have the same name.
    """
    found: dict[str, Definition] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        for definition in getattr(importlib.import_module(f"{__name__}.{module}"), "DEFINITIONS", ()):
            if definition.name in found:
                raise ValueError(
                    f"two definitions are called {definition.name!r}: rename one in derivations/{module}.py"
                )
            found[definition.name] = definition
    return MappingProxyType(found)
