"""The theorems as they are read into the book."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from checkers.errors import InputError
from derivations.catalogue import equations
from derivations.kernel.formula import Formula
from derivations.kernel.typeset import latex
from derivations.theorem import Status
from derivations.theorems import subjects, theorems
from gradproof.book import MEANINGS, STRENGTHS, covered, named, read, read_catalogue, with_status
from reports.render.mathml import mathml
from reports.render.unicode_math import text

NAME = "softmax-cross-entropy-error"


@pytest.fixture(scope="module")
def book():
    return read([NAME])


def formulas_of(theorem):
    """Every formula that a theorem prints."""
    for claim in theorem.claims:
        yield from (claim.left, claim.right)
        for step in claim.steps:
            yield from filter(None, (step.formula, step.of))
    for hypothesis in theorem.hypotheses:
        yield from (hypothesis.left, hypothesis.right)
    for mutant in theorem.mutants:
        yield from (one for one in (mutant.left, mutant.right) if isinstance(one, Formula))


@pytest.mark.parametrize("subject", subjects())
def test_every_formula_of_a_theorem_can_be_shown_in_the_browser_and_in_the_terminal(subject):
    for theorem in subjects()[subject]:
        for formula in formulas_of(theorem):
            written = latex(formula)
            root = ElementTree.fromstring(mathml(written))
            shown = "".join(e.text or "" for e in root.iter() if not e.tag.endswith("annotation"))
            assert "\\" not in shown, (theorem.name, written)
            assert "\\" not in text(written), (theorem.name, written)


def test_every_status_has_a_meaning_and_a_strength():
    assert set(MEANINGS) == set(STRENGTHS) == {status.value for status in Status}


def test_every_theorem_covers_catalogued_ids_and_its_wrong_forms_are_catalogued():
    for theorem in theorems().values():
        assert set(theorem.covers) <= set(equations()), theorem.name
        for mutant in theorem.mutants:
            assert not mutant.source or equations()[mutant.source].wrong_form, (theorem.name, mutant.mistake)


def test_a_theorem_is_read_with_what_it_uses(book):
    one = book.derivations[NAME]
    assert (one.status, one.strength, one.rank) == ("proved for all dimensions", "proved", 0)
    assert set(one.uses) <= set(book.derivations)
    assert one.sources == theorems()[NAME].covers
    assert one.claims[0].steps
    assert all(mutant.refuted for mutant in one.mutants)
    assert any("y" in letter for letter, _ in one.letters)
    assert re.search(r"Written out in full with \w = 2", one.evidence[0])


def test_a_chapter_on_which_others_rest_comes_before_them(book):
    keys = [chapter.key for chapter in book.chapters]
    assert keys[0] == "chain-rule"
    assert keys.index("activations") < keys.index("layers")
    assert all(chapter.title and chapter.opening for chapter in book.chapters)


def test_a_hypothesis_is_a_condition_in_words_and_in_symbols(book):
    assert any(
        r"\sum_{" in condition and "= 1$" in condition for condition in book.derivations[NAME].conditions
    )


def test_what_a_name_stands_for_is_no_letter_of_its_own(book):
    one = book.derivations[NAME]
    assert one.definitions
    computed = {definition.partition(" = ")[0] for definition in one.definitions}
    assert not computed & {letter for letter, _ in one.letters}


def test_a_theorem_that_cannot_be_checked_is_failed_and_takes_no_other_with_it(monkeypatch):
    import derivations.theorems

    checked = derivations.theorems.proof

    def proof(name):
        if name == NAME:
            raise RecursionError("too deep")
        return checked(name)

    monkeypatch.setattr(derivations.theorems, "proof", proof)
    found = read([NAME, "softmax-jacobian"]).derivations
    assert found[NAME].strength == "failed"
    assert found[NAME].evidence == ("Checking it ended in RecursionError: too deep",)
    assert found["softmax-jacobian"].strength == "proved"


def test_names_and_ids_are_found_and_others_refused():
    assert named(["softmax-jacobian", "article-101"]) == ["softmax-jacobian"]
    assert named(["cs182-16"])
    with pytest.raises(InputError, match="did you mean softmax-jacobian"):
        named(["softmax-jacobien"])


def test_covering_theorems_reach_the_catalogue(book):
    entries = covered(book, ["article-209", "article-6"]).entries
    assert list(entries) == ["article-6", "article-209"]
    assert entries["article-209"].status == "proved for all dimensions"
    assert "softmax_cross_entropy_for_classes" in entries["article-209"].formulas
    found = with_status(covered(book), "proved")
    assert "article-209" in found.entries
    assert "article-6" not in found.entries


def test_a_theorem_that_refutes_a_wrong_form_is_found_though_it_covers_another_id():
    mutated = {
        (mutant.source, name) for name, one in theorems().items() for mutant in one.mutants if mutant.source
    }
    assert mutated
    source, name = sorted(mutated)[0]
    assert name in read_catalogue([source]).entries[source].refuting
