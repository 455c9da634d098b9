"""Every wrong form of the catalogues is rejected by every oracle alone, and the shipped formula accepted.

A formula that fails, or gives nothing, where its definition has a value is not accepted either.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from mutants import COUNTEREXAMPLES, MUTANTS

from checkers.errors import FunctionError
from checkers.examine import Examiner
from checkers.judge import judge
from checkers.run import conclude, run
from checkers.verify import prepared
from derivations.catalogue import equations
from derivations.reviewed import wrong_forms
from reference_impl import formulas

EXAMPLES = 16
ORACLES = ("autodiff", "symbolic", "finite_difference", "exact", "interval")

WRONG_FORMS = {equation.id for equation in equations().values() if equation.wrong_form}
WRONG_VALUES = [mutant for mutant in MUTANTS if not mutant.breaks]
WRONG_BACKWARDS = [mutant for mutant in WRONG_VALUES if mutant.vjp is not None]
WRONG_FORWARDS = [mutant for mutant in WRONG_VALUES if mutant.forward is not None]
BROKEN_BACKWARDS = [mutant for mutant in MUTANTS if mutant.breaks and mutant.vjp is not None]
BROKEN_FORWARDS = [mutant for mutant in MUTANTS if mutant.breaks and mutant.forward is not None]
SHIPPED = {(mutant.formula, mutant.shapes): mutant.original for mutant in MUTANTS}


def examined(formula, oracle, failures=None):
    """What is compared, and the cases of a formula examined by one oracle alone, to the first failures."""
    prepared_for, cases = prepared(formula, "vjp", EXAMPLES, 0)
    alone = [one for one in prepared_for.oracles if one.name == oracle]
    examiner = Examiner(prepared_for.candidate, alone)
    return examiner.mode.quantity, run(examiner, cases, failures)


def judged(formula, oracle):
    """The verdict on a formula by one oracle alone, and the cases up to the first that fails."""
    quantity, cases = examined(formula, oracle, failures=1)
    return judge(cases, quantity), cases


def test_every_wrong_form_is_refuted_by_a_mutant_or_a_counterexample():
    mutated = {mutant.equation for mutant in MUTANTS}
    assert mutated | set(COUNTEREXAMPLES) == WRONG_FORMS
    assert mutated & set(COUNTEREXAMPLES) == set()
    assert len(WRONG_FORMS) == 48


def test_the_data_name_what_refutes_each_wrong_form():
    replaced = {(m.equation, m.formula, "backward" if m.forward is None else "forward") for m in MUTANTS}
    named = {(name, one.formula, one.part) for name, one in wrong_forms().items() if one.formula}
    assert named == replaced
    by_value = {mutant.equation for mutant in WRONG_VALUES}
    assert {name for name, one in wrong_forms().items() if one.fails} == {
        mutant.equation for mutant in MUTANTS if mutant.equation not in by_value
    }
    told = {name: one.counterexample for name, one in wrong_forms().items() if not one.formula}
    assert set(told) == set(COUNTEREXAMPLES)
    assert all(sentence.endswith(".") for sentence in told.values())
    assert set(wrong_forms()) == WRONG_FORMS


def test_a_mutant_is_named_after_its_equation():
    for mutant in MUTANTS:
        code = mutant.forward or mutant.vjp
        assert code.__name__ == mutant.equation.replace("-", "_")


@pytest.mark.parametrize("equation", COUNTEREXAMPLES)
def test_a_wrong_form_that_no_formula_computes_fails_at_a_point_where_the_right_one_holds(equation):
    point = COUNTEREXAMPLES[equation]
    assert point.right_form()
    assert not point.wrong_form()


@pytest.mark.parametrize("oracle", ORACLES)
@pytest.mark.parametrize("mutant", WRONG_BACKWARDS, ids=str)
def test_a_wrong_backward_is_rejected_by_every_oracle_alone(mutant, oracle):
    judgement, cases = judged(mutant.wrong, oracle)
    assert judgement.outcome == "disagrees", judgement
    refuting = {
        (record.quantity, record.oracle)
        for case in cases
        for record in case.comparisons
        if record.outcome == "disagrees"
    }
    assert ("gradient", oracle) in refuting
    assert ("forward", "definition") not in refuting


@pytest.mark.parametrize("mutant", WRONG_FORWARDS, ids=str)
def test_a_wrong_forward_is_rejected_by_its_definition(mutant):
    judgement, _ = judged(mutant.wrong, "symbolic")
    assert judgement.outcome == "disagrees", judgement
    assert "its definition" in judgement.reason


@pytest.mark.parametrize("oracle", ORACLES)
@pytest.mark.parametrize("mutant", BROKEN_BACKWARDS, ids=str)
def test_a_backward_of_the_wrong_shape_breaks_a_contract(mutant, oracle):
    judgement, cases = judged(mutant.wrong, oracle)
    assert judgement.outcome == "disagrees", judgement
    assert {broken.contract for case in cases for broken in case.broken} == {mutant.breaks}


@pytest.mark.parametrize("mutant", BROKEN_FORWARDS, ids=str)
def test_a_forward_of_the_wrong_shape_is_never_accepted(mutant):
    try:
        judgement, _ = judged(mutant.wrong, "symbolic")
    except FunctionError:  # it could not be run in any case
        return
    assert judgement.outcome == "disagrees", judgement


@pytest.mark.parametrize("oracle", ORACLES)
@pytest.mark.parametrize("formula", [pytest.param(f, id=f"{n}{s}") for (n, s), f in SHIPPED.items()])
def test_the_shipped_formula_is_accepted_by_every_oracle_alone(formula, oracle):
    quantity, cases = examined(formula, oracle)
    judgement = judge(cases, quantity)
    assert judgement.outcome == "agrees", judgement


# --- formulas that fail, or give nothing ----------------------------------------------------------------


def verified(formula, kind="vjp"):
    """The verdict on a formula by all oracles."""
    examiner, cases = prepared(formula, kind, EXAMPLES, 0)
    return conclude(examiner, run(examiner, cases))


AFFINE, GRAPH = formulas()["affine"], formulas()["computation_graph"]


def affine_that_raises(W, a, b):
    if len(a) > len(b):
        raise ValueError("no wide matrices")
    return AFFINE.forward(W, a, b)


def affine_that_is_not_a_number(W, a, b):
    return np.full_like(b, np.nan) if len(a) > len(b) else AFFINE.forward(W, a, b)


@pytest.mark.parametrize("forward", [affine_that_raises, affine_that_is_not_a_number])
def test_a_forward_that_fails_where_its_definition_has_a_value_is_rejected(forward):
    verdict = verified(replace(AFFINE, forward=forward))
    assert verdict.outcome == "disagrees", str(verdict)


def unwritten(*inputs):
    raise NotImplementedError


@pytest.mark.parametrize("kind", ["vjp", "jvp"])
def test_a_derivative_that_is_not_written_is_not_accepted(kind):
    verdict = verified(replace(GRAPH, **{kind: unwritten}), kind)
    assert verdict.outcome != "agrees", str(verdict)


def test_a_backward_that_gives_nothing_for_some_shapes_is_not_accepted():
    def vjp(delta, W, a, b):
        return (None, None, None) if len(a) > len(b) else AFFINE.vjp(delta, W, a, b)

    verdict = verified(replace(AFFINE, vjp=vjp))
    assert verdict.outcome != "agrees", str(verdict)
