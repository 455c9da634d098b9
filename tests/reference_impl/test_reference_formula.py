"""The record of a formula, and the walk through the folder that finds them all."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import reference_impl
from reference_impl.formula import Formula, ids


def test_arguments_are_those_of_the_forward():
    formula = Formula("twice", lambda x, c: 2 * x * c, None, "(n),()->(n)", ("article-4",))
    assert formula.arguments == ("x", "c")
    assert formula.defined_as == "twice"


def test_arguments_of_a_network_are_named_after_its_layers():
    network = reference_impl.formulas()["feed_forward_3_softmax_l2"]
    assert network.arguments == ("X", "Y", "penalty", "W1", "b1", "W2", "b2", "W3", "b3")


def test_another_way_to_compute_names_the_definition_it_shares():
    assert reference_impl.formulas()["softmax_by_jacobian"].defined_as == "softmax"


def test_ids_are_the_words_of_a_line():
    assert ids("ng-1 ng-2  article-alg-backprop-error") == ("ng-1", "ng-2", "article-alg-backprop-error")


def test_formulas_cannot_be_added_to():
    with pytest.raises(TypeError):
        reference_impl.formulas()["mine"] = None


def test_two_formulas_of_one_name_are_refused(monkeypatch):
    twice = SimpleNamespace(FORMULAS=(reference_impl.formulas()["softmax"],) * 2)
    monkeypatch.setattr(reference_impl.importlib, "import_module", lambda _: twice)
    with pytest.raises(
        ValueError, match="two formulas are called 'softmax': rename the one in reference_impl/"
    ):
        reference_impl.formulas.__wrapped__()
