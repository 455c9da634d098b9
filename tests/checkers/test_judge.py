"""From cases to a verdict: one wrong case suffices, agreement needs evidence for every argument."""

from __future__ import annotations

import numpy as np
import pytest
from points import point

from checkers.compare import Claim, Comparison, find
from checkers.contracts import Broken
from checkers.examined import Examined
from checkers.judge import judge
from checkers.oracles.estimate import Answer, Estimate


def compared(claims, number=0, quantity="gradient", natural=1.0, refusals=()):
    """A case in which claims (name: value, {oracle: (value, bound)}) were compared."""
    examined = Examined(point(1.0, number=number))
    for name, (value, oracles) in claims.items():
        claim = Claim(name, np.array([value]), np.array([0.0]))
        answers = [
            Answer(oracle, (Estimate.of(np.array([v]), np.array([b]), "unknown here"),))
            for oracle, (v, b) in oracles.items()
        ]
        found = find(quantity, claim, 0, answers, natural)
        examined.findings.append(found)
        for oracle, view in found.per_oracle:
            outcome, reason = found.outcome(view)
            blank = Comparison(
                "f", number, 0, "normal", "float64", {}, quantity, name, oracle, outcome, reason
            )
            examined.comparisons.append(view.recorded(blank, claim))
    for oracle, reason in refusals:
        examined.comparisons.append(
            Comparison("f", number, 0, "normal", "float64", {}, quantity, "x", oracle, "undecided", reason)
        )
    return examined


RIGHT = {"x": (2.0, {"autodiff": (2.0, 1e-12), "symbolic": (2.0, 1e-13)})}
WRONG = {"x": (2.0, {"autodiff": (3.0, 1e-12), "symbolic": (3.0, 1e-12)})}
TORN = {"x": (2.0, {"autodiff": (2.0, 1e-12), "finite_difference": (3.0, 1e-12)})}
WIDE = {"x": (2.0, {"autodiff": (2.0, 0.5)})}


def test_right_cases_agree_and_name_the_oracles():
    judgement = judge([compared(RIGHT, 0), compared(RIGHT, 1)], "gradient")
    assert judgement.outcome == "agrees"
    assert judgement.reason == (
        "The gradients are within the bounds of JAX's autodiff and the symbolic derivative in 2 cases."
    )
    assert judgement.detectable == pytest.approx(5e-14)


def test_one_wrong_case_among_right_ones_disagrees():
    judgement = judge([compared(RIGHT, 0), compared(WRONG, 1), compared(RIGHT, 2)], "gradient")
    assert judgement.outcome == "disagrees"
    assert judgement.reason.startswith("The gradient for x is wrong in 1 case, by JAX's autodiff")


def test_conflict_is_undecided_and_says_who_stands_alone():
    judgement = judge([compared(RIGHT, 0), compared(TORN, 1)], "gradient")
    assert judgement.outcome == "undecided"
    assert judgement.reason == "The oracles contradict each other on x: finite differences stand alone."


def test_refutation_elsewhere_outweighs_a_conflict():
    assert judge([compared(TORN, 0), compared(WRONG, 1)], "gradient").outcome == "disagrees"


def test_weak_comparisons_are_no_agreement():
    judgement = judge([compared(WIDE)], "gradient")
    assert judgement.outcome == "undecided"
    assert "too wide" in judgement.reason
    assert judge([compared(WIDE, 0), compared(RIGHT, 1)], "gradient").outcome == "agrees"


def test_every_argument_needs_evidence_of_its_own():
    both = {**RIGHT, "y": (2.0, {"autodiff": (2.0, 0.5)})}
    judgement = judge([compared(both)], "gradient")
    assert judgement.outcome == "undecided"
    assert "for y" in judgement.reason


def test_gradient_that_is_zero_throughout_is_no_evidence():
    judgement = judge([compared({"x": (0.0, {"autodiff": (0.0, 0.0)})}, natural=0.0)], "gradient")
    assert judgement.outcome == "undecided"
    assert "zero throughout" in judgement.reason


def test_no_cases_and_no_oracles_are_no_agreement():
    assert judge([], "gradient").outcome == "undecided"
    assert judge([compared({"x": (2.0, {})})], "gradient").outcome == "undecided"


def test_right_forward_is_no_evidence_for_the_gradient_and_a_wrong_one_disagrees():
    assert judge([compared(RIGHT, quantity="forward")], "gradient").outcome == "undecided"
    judgement = judge([compared(WRONG, quantity="forward"), compared(RIGHT, 1)], "gradient")
    assert judgement.outcome == "disagrees"
    assert judgement.reason == "The forward does not compute what its definition says."


def test_broken_contract_disagrees_with_its_own_sentence():
    case = compared(RIGHT)
    case.broken.append(Broken("shape", "x", "the gradient for x has shape (3,)"))
    judgement = judge([compared(RIGHT, 1), case], "gradient")
    assert (judgement.outcome, judgement.reason) == ("disagrees", "The gradient for x has shape (3,).")


def test_randomness_comes_before_everything_else():
    case = compared(WRONG)
    case.unsteady, case.reason = True, "the forward returns different values"
    judgement = judge([case], "gradient")
    assert (judgement.outcome, judgement.detectable) == ("undecided", None)
    assert judgement.reason == "The forward returns different values."


def test_unfinished_derivative_is_undecided():
    case = Examined(point(1.0), reason="the vjp is not implemented", unfinished=True)
    assert judge([compared(RIGHT, 1), case], "gradient").reason == "The vjp is not implemented."


def test_remarks_count_what_was_left_out():
    left_out = [Examined(point(1.0, number=k), reason="the forward is not finite") for k in (1, 2)]
    judgement = judge(
        [compared(RIGHT, refusals=[("finite_difference", "no scale")]), *left_out],
        "gradient",
        {"x": True, "y": False},
    )
    assert "not differentiated, because None was returned: y" in judgement.remarks
    assert "2 cases could not be judged: the forward is not finite" in judgement.remarks
    assert "finite differences took no part: no scale" in judgement.remarks


def test_oracle_that_judged_somewhere_is_not_said_to_have_taken_no_part():
    judgement = judge([compared(RIGHT, refusals=[("autodiff", "no trace")])], "gradient")
    assert not any("took no part" in remark for remark in judgement.remarks)


def test_claim_without_entries_says_so():
    claim = Claim("x", np.zeros(0), np.zeros(0))
    case = Examined(point(np.zeros(0)))
    case.findings.append(
        find("gradient", claim, 0, [Answer("autodiff", (Estimate.of(np.zeros(0), np.zeros(0)),))], 1.0)
    )
    assert "has no entries" in judge([case], "gradient").reason
