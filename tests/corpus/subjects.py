"""The functions of the corpus: those of the catalogue that have a backward, and others outside it."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache

import tests.corpus.functions
from reference_impl import formulas
from reference_impl.formula import Formula

OTHERWISE = "_otherwise"
"""Added to the name of a function of the corpus that the catalogue has, too, written in another way."""
UNTRACEABLE = "tests.corpus.functions.untraceable"


@dataclass(frozen=True, eq=False)
class Subject:
    """A function with a right gradient.

    Attributes:
        module: where its formula is written.
        formula: forward, vjp, signature and domains.
    """

    module: str
    formula: Formula

    @property
    def catalogued(self) -> bool:
        """Whether it is a formula of ``reference_impl``."""
        return self.module.startswith("reference_impl.")

    @property
    def name(self) -> str:
        """The name of the formula, unique in the corpus: what the catalogue has, too, is marked."""
        shared = not self.catalogued and self.formula.name in formulas()
        return self.formula.name + OTHERWISE * shared

    @property
    def traceable(self) -> bool:
        """Whether JAX can follow the forward."""
        return self.module != UNTRACEABLE


@cache
def subjects() -> tuple[Subject, ...]:
    """All of them, in the order of the files."""
    catalogue = [
        Subject(_home(formula), formula) for formula in formulas().values() if formula.vjp is not None
    ]
    package = tests.corpus.functions
    others = [
        Subject(f"{package.__name__}.{info.name}", formula)
        for info in pkgutil.iter_modules(package.__path__)
        for formula in importlib.import_module(f"{package.__name__}.{info.name}").FORMULAS
    ]
    found = (*catalogue, *others)
    names = [subject.name for subject in found]
    assert len(set(names)) == len(names), "two subjects have the same name"
    return found


def named(name: str) -> Subject:
    """The function of that name; of two, that of the corpus and not of the catalogue."""
    by_name = {subject.name: subject for subject in subjects()}
    return by_name.get(name + OTHERWISE) or by_name[name]


def _home(formula: Formula) -> str:
    """The module in whose table a formula of the catalogue stands."""
    import reference_impl

    for info in pkgutil.iter_modules(reference_impl.__path__):
        module = f"{reference_impl.__name__}.{info.name}"
        if formula in getattr(importlib.import_module(module), "FORMULAS", ()):
            return module
    raise ValueError(f"{formula.name} stands in no module")
