"""The theorems of the book: every one is established, every mutant refuted, every status computed."""

from __future__ import annotations

import dataclasses
import re

import pytest
import sympy as sp

from derivations import proof as proofs
from derivations.catalogue import equations
from derivations.kernel.errors import UnsupportedError
from derivations.kernel.formula import Array, Constant, Map, Named, Partial, Sum, formula
from derivations.kernel.functions import exp, log, sigmoid
from derivations.kernel.typeset import latex, unicode
from derivations.notation import Index, ShapeError, dimensions
from derivations.proof import prove
from derivations.theorem import Equality, Hypothesis, Inequality, Kind, Mutant, Status, Step, Theorem
from derivations.theorems import proof, theorems

ESTABLISHED = {Status.PROVED, Status.INDUCTION, Status.DEFINITION, Status.ASSUMPTION}
n, k = dimensions("n k")
i, j = Index("i", n), Index("j", n)
W, a, z, y = Array("W", n, k), Array("a", k), Array("z", n), Array("y", n)
net_input = Named(Array("u", n), W * a + z)


def theorem(*claims, **more):
    nonsense = Mutant("three times too much", 3 * claims[0].right)
    return Theorem("trial", "A trial", claims, **{"mutants": (nonsense,), **more})


@pytest.mark.parametrize("name", theorems())
def test_theorem_is_established_and_its_mutants_are_refuted(name):
    found = proof(name)
    assert [claim.trouble for claim in found.claims if claim.trouble] == []
    assert [mutant.how for mutant in found.mutants if not mutant.refuted] == []
    assert found.status in ESTABLISHED


def test_the_chain_rule_is_listed_wherever_an_arbitrary_map_stands():
    for name, one in theorems().items():
        if one.has_maps and one.kind is not Kind.ASSUMPTION:
            assert "chain-rule" in proof(name).rests_on


def test_every_covered_id_and_every_wrong_form_is_catalogued():
    known = equations()
    covered = {source for one in theorems().values() for source in one.covers}
    assert covered <= set(known)
    wrong = {mutant.source for one in theorems().values() for mutant in one.mutants if mutant.source}
    assert {source for source in wrong if not known[source].wrong_form} == set()


def test_at_least_150_ids_are_proved_for_all_dimensions_or_by_induction():
    exact = {Status.PROVED, Status.INDUCTION}
    covered = {s for name, one in theorems().items() if proof(name).status in exact for s in one.covers}
    assert len(covered) >= 150


@pytest.mark.parametrize("name", theorems())
def test_every_formula_can_be_printed(name):
    for claim in theorems()[name].claims:
        for one in (claim.left, claim.right, *(step.formula for step in claim.steps)):
            assert latex(one).count("{") == latex(one).count("}")
            assert unicode(one)
            assert "#" not in latex(one) + unicode(one)


@pytest.mark.parametrize("name", theorems())
def test_every_name_is_in_lower_case_with_hyphens(name):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)


def test_wrong_claim_fails():
    wrong = theorem(Equality(Partial(net_input, a), 2 * W.T))
    found = prove(wrong, {})
    assert found.status is Status.FAILED
    assert "the sides differ" in found.claims[0].trouble


def test_wrong_step_fails_though_the_claim_is_right():
    steps = (Step(2 * W.T, "nonsense", "None."), Step(W.T, "more nonsense", "None."))
    found = prove(theorem(Equality(Partial(net_input, a), W.T, steps=steps)), {})
    assert found.status is Status.FAILED
    assert [one.holds for one in found.claims[0].steps] == [False, False]


def test_last_step_has_to_lead_to_the_right_side():
    steps = (Step(Partial(net_input, a), "definition", "None."),)
    assert prove(theorem(Equality(Partial(net_input, a), W.T, steps=steps)), {}).status is Status.PROVED
    aside = (Step(W, "nonsense", "None.", of=W * 2),)
    assert prove(theorem(Equality(Partial(net_input, a), W.T, steps=aside)), {}).status is Status.FAILED


def test_mutant_that_is_true_fails_the_theorem():
    right = Equality(Partial(net_input, a), W.T)
    found = prove(theorem(right, mutants=(Mutant("nothing is wrong", W.T * 1),)), {})
    assert found.status is Status.FAILED
    assert found.mutants[0].how == "the kernel proves it"


def test_hypothesis_is_needed_where_it_is_used():
    hypothesis = Hypothesis(Sum(y[i], i), formula(1), "The labels sum to 1.")
    claim = Equality(Sum(2 * y[j], j), formula(2))
    assert prove(theorem(claim, hypotheses=(hypothesis,)), {}).status is Status.PROVED
    assert prove(theorem(claim), {}).status is Status.FAILED


def test_worst_status_of_what_is_used_wins_and_assumptions_are_listed():
    weak = dataclasses.replace(proof("affine-entries"), status=Status.SHAPES)
    right = theorem(Equality(Partial(net_input, a), W.T), uses=("affine-entries", "chain-rule"))
    found = prove(right, {"affine-entries": weak, "chain-rule": proof("chain-rule")})
    assert found.status is Status.SHAPES
    assert found.weakest == "affine-entries"
    assert found.rests_on == ("chain-rule",)


def test_equality_that_the_kernel_does_not_see_is_proved_for_shapes_only(monkeypatch):
    monkeypatch.setattr(proofs.NormalForm, "equal", lambda *_: False)
    found = prove(theorem(Equality(Partial(net_input, a), W.T)), {})
    assert found.status is Status.SHAPES
    assert found.claims[0].sizes == {"k": 2, "n": 3}


def test_kernel_and_second_path_must_agree(monkeypatch):
    monkeypatch.setattr(proofs.NormalForm, "equal", lambda *_: True)
    assert prove(theorem(Equality(Partial(net_input, a), 2 * W.T)), {}).status is Status.FAILED


def test_bound_needs_a_visible_certificate():
    s = sigmoid(Array("t"))
    quarter = formula(sp.Rational(1, 4))
    right = Inequality(s * (1 - s), quarter, (formula(sp.Rational(1, 2)) - s) ** 2)
    mutant = Mutant("the bound is 1/5", formula(sp.Rational(1, 5)))
    assert prove(theorem(right, mutants=(mutant,)), {}).status is Status.PROVED
    hidden = Inequality(s * (1 - s), quarter, quarter - s + s * s)
    assert prove(theorem(hidden, mutants=(mutant,)), {}).status is not Status.PROVED


def test_induction_needs_both_parts():
    step = Equality(Partial(net_input, a), W.T, role="step")
    with pytest.raises(ValueError, match="needs a base case and an induction step"):
        theorem(step, kind=Kind.INDUCTION)


def test_theorem_needs_a_mutant():
    with pytest.raises(ValueError, match="needs a claim and a mutant"):
        theorem(Equality(W.T, W.T), mutants=())


@pytest.mark.parametrize(
    "ill_shaped",
    [
        lambda: W * z,
        lambda: W + W.T,
        lambda: W[i, j],
        lambda: Partial(W, a),
        lambda: Map(Array("L"), z, Array("delta", k)),
        lambda: Named(Array("u", k), W * a),
        lambda: exp(z) ** z,
    ],
)
def test_ill_shaped_formula_is_refused(ill_shaped):
    with pytest.raises(ShapeError):
        ill_shaped()


def test_float_is_refused():
    with pytest.raises(TypeError, match="write the exact number"):
        formula(0.1)


def test_second_derivative_of_an_arbitrary_map_is_not_taken_for_zero():
    loss = Map(Array("L"), net_input, Array("delta", n))
    slope = Partial(loss, a[Index("q", k)])
    with pytest.raises(UnsupportedError, match="differentiated again"):
        Partial(slope, a)
    with pytest.raises(UnsupportedError, match="differentiated again"):
        Partial(Sum(loss * Array("delta", n)[i], i), a)


def test_logarithm_is_taken_apart_only_for_positive_factors():
    t, u = Array("t"), Array("u")
    claim = Equality(log(t * u), log(t) + log(u))
    assert prove(theorem(claim), {}).claims[0].proved is False
    t, u = Array("t", sign="positive"), Array("u", sign="positive")
    assert prove(theorem(Equality(log(t * u), log(t) + log(u))), {}).claims[0].proved


def test_bound_index_catches_no_free_one():
    k_index = Index("k", n)
    total = Sum(y[k_index], k_index)
    u = Named(Array("v", n), y * total)
    assert prove(theorem(Equality(u[k_index], y[k_index] * Sum(y[j], j))), {}).status is Status.PROVED
    assert prove(theorem(Equality(Sum(u[k_index], k_index), total * total)), {}).status is Status.PROVED
    assert Constant(n).is_scalar
