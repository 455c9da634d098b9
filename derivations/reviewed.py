"""What was decided by hand: ids with nothing to prove, claims that a test checks, what refutes a wrong form.

The tables are the TOML files of the folder ``review`` beside this module. Reading them needs neither SymPy
nor NumPy.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

__all__ = ["Checked", "Refutation", "checked", "set_aside", "wrong_forms"]


@dataclass(frozen=True)
class Checked:
    """A claim that a test of the project checks, since no theorem and no formula answers for it.

    Attributes:
        test: the test, as pytest names it.
        how: what it does, as one sentence.
    """

    test: str
    how: str


@dataclass(frozen=True)
class Refutation:
    """What refutes a wrong form.

    Attributes:
        formula: the formula of ``reference_impl`` of which the wrong form replaces a part; empty if none.
        part: "forward" or "backward"; empty without a formula.
        fails: "shape" if nothing of the right shape comes out; empty if values do, which are wrong.
        counterexample: one sentence with a point at which it fails; empty with a formula.
    """

    formula: str = ""
    part: str = ""
    fails: str = ""
    counterexample: str = ""


@cache
def set_aside() -> Mapping[str, str]:
    """Catalogue id → why there is nothing to prove in it, as one sentence."""
    return MappingProxyType(_table("set_aside"))


@cache
def checked() -> Mapping[str, Checked]:
    """Catalogue id → the test that checks its claim."""
    return MappingProxyType({name: Checked(**row) for name, row in _table("checked").items()})


@cache
def wrong_forms() -> Mapping[str, Refutation]:
    """Catalogue id → what refutes its wrong form."""
    return MappingProxyType({name: Refutation(**row) for name, row in _table("wrong_forms").items()})


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((files("derivations") / "review" / f"{name}.toml").read_text(encoding="utf-8"))
