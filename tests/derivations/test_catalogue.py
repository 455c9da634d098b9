from __future__ import annotations

import dataclasses
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from derivations import catalogue
from derivations.catalogue import Equation, equations, sources
from reports.render.mathml import mathml


def test_all_437_equations_are_there_under_their_own_id():
    found = equations()
    assert len(found) == 437
    assert all(equation.id == name for name, equation in found.items())


def test_equations_come_source_by_source_in_the_order_of_each():
    order = [equation.source for equation in equations().values()]
    assert list(dict.fromkeys(order)) == [source.title for source in sources().values()]
    assert order == sorted(order, key=[source.title for source in sources().values()].index)
    ids = list(equations())
    assert ids.index("ng-1") < ids.index("ng-2") < ids.index("ng-10")


def test_five_sources_say_what_they_take_for_granted():
    assert list(sources()) == [
        "article-equations",
        "backprop-calculus",
        "cs182-lecture",
        "ng-backprop",
        "nndl-notes",
    ]
    assert all(source.title and source.conventions["layout"] for source in sources().values())


def test_every_equation_has_a_title_a_statement_a_claim_and_a_kind():
    for equation in equations().values():
        assert all((equation.title, equation.statement, equation.shapes, equation.kind, equation.claim)), (
            equation.id
        )


def test_optional_parts_are_empty_where_a_source_has_none():
    assert equations()["ng-1"].erratum == equations()["ng-1"].section == ""
    assert equations()["article-1"].section == "The neuron model"
    assert equations()["cs182-1"].erratum.startswith("The transcript says")


def test_every_dependency_exists():
    known = equations()
    missing = {(e.id, other) for e in known.values() for other in e.depends_on if other not in known}
    assert not missing


def test_every_statement_and_wrong_form_is_well_formed_mathml_without_left_over_latex():
    trouble = []
    for equation in equations().values():
        for latex in filter(None, (equation.statement, equation.wrong_form)):
            try:
                root = ElementTree.fromstring(mathml(latex))
            except (ValueError, ElementTree.ParseError) as error:
                trouble.append(f"{equation.id}: {error}")
                continue
            shown = [e.text or "" for e in root.iter() if not e.tag.endswith("annotation")]
            trouble += [f"{equation.id}: {text} is shown as it is" for text in shown if "\\" in text]
    assert not trouble


def test_entries_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        equations()["ng-1"].title = "another"  # type: ignore[misc]
    with pytest.raises(TypeError):
        equations()["ng-1"] = equations()["ng-2"]  # type: ignore[index]
    assert isinstance(equations()["ng-1"], Equation)


def test_an_id_given_twice_is_an_error(monkeypatch):
    row = {"id": "a-1", "title": "", "statement": "", "shapes": "", "kind": "", "claim": "", "depends_on": []}
    tables = {
        "one": {"source": {"title": "One"}, "equation": [row]},
        "two": {"source": {"title": "Two"}, "equation": [row]},
    }
    monkeypatch.setattr(catalogue, "_tables", lambda: tables)
    with pytest.raises(ValueError, match=r"two equations have the id 'a-1'.*two\.toml"):
        equations.__wrapped__()


def test_reading_the_catalogue_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from derivations.catalogue import equations\n"
        "equations()\n"
        "print([name for name in ('numpy', 'sympy', 'jax', 'flint') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
