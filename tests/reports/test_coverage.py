from __future__ import annotations

import pytest
import textbook

from derivations.catalogue import equations
from reports.coverage import CHECKED, IMPLEMENTED, MISSING, UNPROVED, Coverage, Proof, as_json

PROVED = Proof("t", "proved for all dimensions", 0)
TESTED = Proof("u", "identity-tested", 3, "tested")
DEFINED = Proof("d", "definition", 5, "definition")
FAILED = Proof("f", "failed", 7, "failed")


def entry(name: str, *proofs: Proof, **more: object) -> Coverage:
    return Coverage(equations()[name], proofs, **more)  # type: ignore[arg-type]


def test_of_several_theorems_the_weakest_gives_the_status():
    assert entry("article-22", PROVED, TESTED).status == "identity-tested"
    assert entry("article-22", TESTED, PROVED).status == "identity-tested"
    assert entry("article-22", PROVED).status == "proved for all dimensions"


def test_a_definition_beside_a_proof_weakens_nothing():
    assert entry("article-22", PROVED, DEFINED).status == "proved for all dimensions"
    assert entry("article-22", DEFINED).status == "definition"


def test_a_theorem_that_failed_covers_nothing():
    found = entry("article-22", PROVED, FAILED, formulas=("affine",))
    assert found.missing
    assert found.lack == "The theorem f failed."
    assert not entry("article-22", PROVED).missing


def test_code_covers_a_definition_but_no_identity():
    definition, identity = entry("article-6", formulas=["sigmoid"]), entry("article-22", formulas=["affine"])
    assert (definition.status, definition.missing) == (IMPLEMENTED, False)
    assert (identity.status, identity.missing) == (UNPROVED, True)
    assert identity.lack == "Implemented by affine, but of kind identity, which needs a theorem."


@pytest.mark.parametrize("name", ["article-1", "article-22", "nndl-64"])
def test_what_nothing_covers_is_missing(name):
    found = entry(name)
    assert (found.status, found.missing) == (MISSING, True)
    assert found.lack == "Neither theorem nor implementation nor check covers it."


def test_a_test_or_a_reason_covers_what_has_neither_theorem_nor_code():
    made = textbook.coverage().entries
    assert (made["nndl-65"].status, made["nndl-65"].missing) == (CHECKED, False)
    assert (made["article-14"].status, made["article-14"].lack) == ("set aside", "")


def test_a_wrong_form_is_refuted_by_a_theorem_or_by_what_the_data_say():
    made = textbook.coverage().entries
    assert made["nndl-41"].refuted
    assert made["article-1"].refuted, "it has none"
    bare = entry("nndl-41", PROVED)
    assert not bare.refuted
    assert entry("nndl-41", PROVED, refuting=["t"]).refuted
    assert made["nndl-41"].refuting == ("softmax-jacobian",)
    assert made["cs182-29"].refuting == ("sigmoid-slope",)


def test_a_catalogue_counts_chooses_and_finds_what_is_missing():
    made = textbook.coverage()
    assert len(made.entries) == 437
    few = made.chosen(["article-14", "article-22", "article-101"])
    assert list(few.entries) == ["article-14", "article-22", "article-101"]
    assert list(few.missing.entries) == ["article-22"]
    assert few.counts == {"set aside": 1, "failed": 1, "proved for all dimensions": 1}


def test_json_says_what_covers_each_equation():
    row = as_json(textbook.coverage().chosen(["article-7"]))[0]
    assert row["theorems"] == ["sigmoid-slope"]
    assert row["formulas"] == ["sigmoid"]
    assert row["status"] == "identity-tested"
    assert row["missing"] is None
