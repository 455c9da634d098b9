"""The formulas of the sources by hand: forward and backward in plain NumPy, one operation a file.

Every module of this folder that defines ``FORMULAS`` is found by walking the folder: a new formula needs no
other place to be named.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reference_impl.formula import Formula

__all__ = ["formulas"]


@cache
def formulas() -> Mapping[str, Formula]:
    """All hand-written formulas by name, in the order of the files and of the rows in them.

    Raises:
        ValueError: two formulas have the same name.
    """
    found: dict[str, Formula] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        for formula in getattr(importlib.import_module(f"{__name__}.{module}"), "FORMULAS", ()):
            if formula.name in found:
                raise ValueError(
                    f"two formulas are called {formula.name!r}: rename the one in reference_impl/{module}.py"
                )
            found[formula.name] = formula
    return MappingProxyType(found)
