"""The catalogue verified: formulas selected by name, and the same result with any number of jobs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from checkers.errors import InputError
from checkers.run import conclude, run
from checkers.verify import prepared, selected, verify, verify_formula
from reference_impl import formulas


def test_no_names_select_all_formulas_in_their_order():
    assert selected([]) == list(formulas())


def test_name_of_a_formula_selects_it_and_a_beginning_or_a_file_all_of_it():
    assert selected(["sigmoid"]) == ["sigmoid"]
    assert {"softmax_cross_entropy", "softmax"} & set(selected(["softmax"])) == {"softmax"}
    of_file = selected(["quadratic"])
    assert len(of_file) > 3
    assert all(formulas()[name].forward.__module__ == "reference_impl.quadratic" for name in of_file)


def test_name_given_twice_is_verified_once():
    assert selected(["sigmoid", "tanh", "sigmoid"]) == ["sigmoid", "tanh"]


def test_name_that_selects_nothing_gets_the_nearest_ones():
    with pytest.raises(InputError, match=r"no formula 'sigmoyd': did you mean sigmoid"):
        selected(["tanh", "sigmoyd"])


def test_formula_agrees_and_says_what_it_is():
    verified = verify_formula("sigmoid", 8, 0)
    assert verified.verdict.ok
    assert verified.name == "sigmoid"
    assert (verified.sources, verified.signature) == (
        formulas()["sigmoid"].sources,
        formulas()["sigmoid"].signature,
    )
    assert verified.seconds > 0
    assert {"definition", "autodiff", "symbolic", "finite_difference"} <= {
        record.oracle for record in verified.verdict.records
    }
    assert verified.verdicts[0] is verified.verdict


def concluded(formula, kind="vjp"):
    examiner, cases = prepared(formula, kind, 8, 0)
    return conclude(examiner, run(examiner, cases))


def test_wrong_vjp_and_wrong_forward_of_a_formula_disagree():
    right = formulas()["sigmoid"]
    assert concluded(right).ok
    wrong = replace(right, vjp=lambda delta, z: (2 * right.vjp(delta, z)[0],))
    assert concluded(wrong).outcome == "disagrees"
    shifted = replace(right, forward=lambda z: right.forward(z) + 1e-9, definition="sigmoid")
    verdict = concluded(shifted)
    assert verdict.outcome == "disagrees"
    assert "definition" in verdict.reason


def test_formula_without_a_definition_is_refused_with_the_place_for_one():
    unknown = replace(formulas()["sigmoid"], definition="not_there")
    with pytest.raises(InputError, match=r"define not_there in derivations/\w+\.py"):
        prepared(unknown, "vjp", 2, 0)


def test_same_seed_gives_the_same_cases_and_records():
    one, other = (verify_formula("relu", 6, 3).verdict for _ in range(2))
    assert str(one) == str(other)
    assert repr(one.records) == repr(other.records)
    assert repr(verify_formula("relu", 6, 4).verdict.records) != repr(one.records)


def test_jobs_change_nothing_but_the_time():
    (alone,), (in_a_pool,) = (list(verify(["relu"], 4, 0, jobs)) for jobs in (1, 2))
    assert alone.name == in_a_pool.name == "relu"
    assert repr(alone.verdict.records) == repr(in_a_pool.verdict.records)


def test_results_come_one_by_one():
    results = verify(["sigmoid", "no formula of this name"], 2, 0, 1)
    assert next(results).name == "sigmoid"
    with pytest.raises(KeyError):
        next(results)


def test_cases_are_drawn_by_seed_and_name():
    (_, one), (_, other) = (prepared(formulas()[name], "vjp", 3, 0) for name in ("sigmoid", "tanh"))
    assert not np.array_equal(one[0].arguments[0], other[0].arguments[0])
