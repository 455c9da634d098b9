"""Completeness: every formula has its definition, every definition its formula, every source id its entry."""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from pathlib import Path

import pytest

import derivations
import reference_impl

CATALOGUES = Path(derivations.__file__).parent / "sources"


def modules(package, rows):
    """Row name → module name, for all modules of a package that have rows."""
    return {
        row.name: info.name
        for info in pkgutil.iter_modules(package.__path__)
        for row in getattr(importlib.import_module(f"{package.__name__}.{info.name}"), rows, ())
    }


FORMULAS = modules(reference_impl, "FORMULAS")
DEFINITIONS = modules(derivations, "DEFINITIONS")


def missing_definitions(formulas, found):
    """One sentence per formula that has no definition to be checked against."""
    return [
        f"derivations/{FORMULAS.get(name, '?')}.py lacks {formula.defined_as!r}: "
        f"formula {name!r} has no definition to be checked against"
        for name, formula in formulas.items()
        if formula.defined_as not in found
    ]


def missing_formulas(formulas, found):
    """One sentence per definition that no formula computes."""
    wanted = {formula.defined_as for formula in formulas.values()}
    return [
        f"reference_impl/{module}.py lacks {name!r}: the definition has no formula that computes it"
        for name, module in found.items()
        if name not in wanted
    ]


def missing_files(ours, others, folder, row):
    """One sentence per file that has no file of the same name on the other side."""
    return [
        f"{folder}/{module}.py is missing: its {row} have nothing to be compared with"
        for module in sorted(set(ours.values()) - set(others.values()))
    ]


def test_every_formula_has_its_definition():
    assert missing_definitions(reference_impl.formulas(), derivations.definitions()) == []


def test_every_definition_has_its_formula():
    assert missing_formulas(reference_impl.formulas(), DEFINITIONS) == []


def test_files_of_formulas_and_definitions_have_the_same_names():
    assert missing_files(FORMULAS, DEFINITIONS, "derivations", "formulas") == []
    assert missing_files(DEFINITIONS, FORMULAS, "reference_impl", "definitions") == []


def test_what_is_missing_is_named_with_its_file():
    formulas = {"softmax": reference_impl.formulas()["softmax"]}
    assert missing_definitions(formulas, {}) == [
        "derivations/softmax.py lacks 'softmax': formula 'softmax' has no definition to be checked against"
    ]
    assert missing_formulas(formulas, {"softmax": "softmax", "gelu": "gelu"}) == [
        "reference_impl/gelu.py lacks 'gelu': the definition has no formula that computes it"
    ]
    assert missing_files({"gelu": "gelu"}, {}, "derivations", "formulas") == [
        "derivations/gelu.py is missing: its formulas have nothing to be compared with"
    ]


@pytest.mark.parametrize("name", reference_impl.formulas())
def test_formula_and_definition_take_the_same_arguments(name):
    formula = reference_impl.formulas()[name]
    definition = derivations.definitions()[formula.defined_as]
    assert formula.arguments == tuple(tensor.name for tensor in definition.arguments)


def catalogued():
    """The ids of all entries of the catalogues."""
    return {
        entry["id"]
        for file in sorted(CATALOGUES.glob("*.toml"))
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["equation"]
    }


def test_every_source_that_a_formula_names_is_catalogued():
    known = catalogued()
    assert len(known) > 400
    unknown = {
        f"{name} names {source}"
        for name, formula in reference_impl.formulas().items()
        for source in formula.sources
        if source not in known
    }
    assert unknown == set()
    assert "article-999" not in known


def test_sources_of_a_formula_are_named_once():
    twice = {
        name: formula.sources
        for name, formula in reference_impl.formulas().items()
        if len(set(formula.sources)) != len(formula.sources)
    }
    assert twice == {}
