"""One case examined: contracts, what the oracles say, and what is undecided with its reason."""

# ruff: noqa: ARG005  (functions take the arguments that they are called with, needed or not)

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from points import point

from checkers.along import ALONG
from checkers.candidate import Candidate
from checkers.errors import LossError
from checkers.examine import MANY, Examiner
from checkers.oracles.symbolic import Symbolic
from checkers.panel import oracles_for
from derivations.definition import Definition
from derivations.notation import Index, Tensor, dimensions

X = np.array([0.5, -1.25, 2.0])
ALL = ("autodiff", "symbolic", "finite_difference")


def square(x):
    return x**2


def square_vjp(delta, x):
    return 2 * x * delta


def examiner(vjp=square_vjp, forward=square, oracles=ALL, kind="vjp", wrt=None, arguments=("x",)):
    candidate = Candidate(forward, vjp, kind, "f", arguments)
    return Examiner(candidate, oracles_for(candidate, oracles), wrt)


def examined(vjp=square_vjp, *arguments, **options):
    return examiner(vjp, **options).examine(point(*(arguments or (X,))))


def contracts(one):
    return [broken.contract for broken in one.broken]


def test_right_gradient_agrees_and_a_wrong_one_disagrees():
    assert examined().outcome == "agrees"
    wrong = examined(lambda d, x: x * d)
    assert wrong.outcome == "disagrees"
    assert wrong.findings[0].refuted.all()
    assert {record.oracle for record in wrong.comparisons} == set(ALL)


def overwrite(delta, x):
    x *= 2
    return x * delta


RETURNED = {
    "runs": lambda d, x: 1 // 0,
    "shape": lambda d, x: np.ones(2),
    "finite": lambda d, x: np.full_like(x, np.nan),
    "unchanged": overwrite,
}


@pytest.mark.parametrize("contract", RETURNED)
def test_broken_contract_is_named(contract):
    one = examined(RETURNED[contract])
    assert one.outcome == "disagrees"
    assert contract in contracts(one)
    assert any(record.oracle == "contract" and record.reason for record in one.comparisons)


def test_gradient_in_some_cases_and_none_in_others_breaks_a_contract():
    judge = examiner(lambda d, x: 2 * x * d if x.size > 1 else None)
    assert judge.examine(point(X)).outcome == "agrees"
    assert contracts(judge.examine(point(X[:1]))) == ["returned"]


def test_gradient_that_is_asked_for_must_be_returned():
    def vjp(d, x, y):
        return d * y, None

    options = {"forward": lambda x, y: x * y, "arguments": ("x", "y")}
    assert examined(vjp, X, X + 1, **options).outcome == "agrees"
    assert contracts(examined(vjp, X, X + 1, wrt=[1], **options)) == ["returned"]


@pytest.mark.parametrize(
    ("vjp", "sentence"),
    [
        (lambda d, x: (d, d), "vjp of f returned 2 gradients for 1 argument (x)"),
        (lambda d, x: (), "0 gradients for 1 argument (x)"),
    ],
)
def test_another_number_of_gradients_than_of_arguments_is_wrong(vjp, sentence):
    one = examined(vjp)
    assert one.outcome == "disagrees"
    assert contracts(one) == ["count"]
    assert sentence in one.broken[0].sentence


def test_another_number_of_tangents_than_of_outputs_is_wrong():
    one = examined(lambda t, x: (t[0], t[0]), kind="jvp")
    assert contracts(one) == ["count"]
    assert "2 tangents for 1 output" in one.broken[0].sentence


def test_loss_of_an_array_is_an_error():
    with pytest.raises(LossError):
        examined(lambda x: x, kind="grad")


def test_forward_that_raises_is_kept_as_the_error():
    one = examined(forward=lambda x: x @ np.ones(7))
    assert (one.outcome, type(one.error).__name__) == ("undecided", "FunctionError")
    assert {record.outcome for record in one.comparisons} == {"undecided"}


@pytest.mark.parametrize(
    ("forward", "x", "reason"),
    [
        (lambda x: x / 0.0, X, "the forward is not finite"),
        (square, X * np.nan, "the argument x is not finite"),
    ],
)
def test_what_is_not_finite_is_undecided(forward, x, reason):
    one = examined(square_vjp, x, forward=forward)
    assert one.outcome == "undecided"
    assert reason in one.reason


def test_randomness_is_undecided_in_the_forward_and_in_the_derivative():
    rng = np.random.default_rng(0)
    one = examined(forward=lambda x: x * rng.random(), oracles=("finite_difference",))
    assert one.unsteady
    assert "the forward returns different values" in one.reason
    one = examined(lambda d, x: 2 * x * d * rng.random())
    assert one.unsteady
    assert "the vjp returns different values" in one.reason
    assert not examiner(forward=lambda x: x * rng.random()).steady(point(X))
    assert examiner().steady(point(X))


def test_derivative_that_is_not_written_yet_is_undecided():
    def vjp(d, x):
        raise NotImplementedError

    one = examined(vjp)
    assert one.unfinished
    assert one.outcome == "undecided"


def test_overflow_of_the_claim_is_no_fault_at_extreme_values_but_at_ordinary_ones():
    def vjp(d, x):
        return 2 * x * d * (np.exp(x**2) / np.exp(x**2))

    big = np.array([30.0])
    assert contracts(examined(vjp, big)) == ["finite"]
    one = examiner(vjp).examine(point(big, regime="huge", number=3))
    assert one.outcome == "undecided"


def test_whole_numbers_are_not_judged():
    one = examined(
        lambda d, x, k: (d * k, d * x), X, np.array([1, 2, 3]), forward=np.multiply, arguments=("x", "k")
    )
    assert {record.argument for record in one.comparisons} == {"x"}


def test_tangents_are_judged_output_by_output():
    options = {"forward": lambda x: (x**2, x.sum()), "kind": "jvp"}
    one = examined(lambda t, x: (2 * x * t[0], t[0].sum()), **options)
    assert one.outcome == "agrees"
    one = examined(lambda t, x: (2 * x * t[0], t[0].mean()), **options)
    assert {f.claim.name for f in one.findings if f.refuted.any()} == {"output 1"}


def test_finite_differences_give_way_where_autodiff_has_all_of_many_entries():
    one = examined(square_vjp, np.linspace(1, 2, MANY + 1), oracles=("autodiff", "finite_difference"))
    left = [record for record in one.comparisons if record.oracle == "finite_difference"]
    assert "left out" in left[0].reason
    assert one.outcome == "agrees"


def test_sample_of_entries_is_completed_by_directions():
    x = np.linspace(1, 2, 300)

    def wrong_in_one_place(d, x):
        gradient = 2 * x * d
        gradient[137] *= 2
        return gradient

    one = examined(wrong_in_one_place, x, oracles=("finite_difference",))
    assert one.outcome == "disagrees"
    assert f"x{ALONG}" in {record.argument for record in one.comparisons}
    assert examined(square_vjp, x, oracles=("finite_difference",)).outcome == "agrees"


# --- the definition -----------------------------------------------------------------------------------------

(n,) = dimensions("n")
i, x = Index("i", n), Tensor("x", n)


def defined(forward, definition=None):
    candidate = Candidate(forward, square_vjp, "vjp", "square", ("x",))
    symbolic = Symbolic(Definition("square", (x,), (i,), x[i] ** 2 if definition is None else definition))
    return Examiner(candidate, [symbolic])


def test_forward_is_compared_with_its_definition():
    assert defined(square).examine(point(X)).outcome == "agrees"
    wrong = defined(lambda x: x**2 + 1).examine(point(X))
    assert wrong.outcome == "disagrees"
    assert {r.oracle for r in wrong.comparisons if r.outcome == "disagrees"} == {"definition"}


def test_forward_without_a_value_where_its_definition_has_one_is_wrong():
    one = defined(lambda x: x**2 / np.zeros(3)).examine(point(X))
    assert contracts(one) == ["defined"]
    one = defined(lambda x: x**2 / np.zeros(3), sp.log(x[i] - 100)).examine(point(X))
    assert one.outcome == "undecided"


SQUARE_AT_OTHER_COTANGENTS = {
    "linear": lambda d, x: np.clip(2 * x * d, -30, 30),
    "zero": lambda d, x: 2 * x * d * (d @ d) / (d @ d),
    "dtype": lambda d, x: (2 * x * d).astype(np.float32),
}


@pytest.mark.parametrize("contract", SQUARE_AT_OTHER_COTANGENTS)
def test_contract_that_values_alone_do_not_show_is_named(contract):
    one = examined(SQUARE_AT_OTHER_COTANGENTS[contract])
    assert contracts(one) == [contract]
    assert one.outcome == "disagrees"
    assert not any(finding.refuted.any() for finding in one.findings)


def test_linearity_is_not_asked_of_a_gradient_that_is_wrong_anyway():
    assert contracts(examined(lambda d, x: np.clip(3 * x * d, -30, 30))) == []


def test_jvp_is_linear_in_its_tangents():
    right, clipped = (lambda t, x: 2 * x * t[0]), (lambda t, x: np.clip(2 * x * t[0], -30, 30))
    assert examined(right, kind="jvp").outcome == "agrees"
    assert contracts(examined(clipped, kind="jvp")) == ["linear"]


def test_cotangent_returned_as_it_came_is_right_and_remarked():
    one = examined(lambda d, x: d, forward=lambda x: x + 1)
    assert one.outcome == "agrees"
    assert one.notes == [
        "the gradient for x shares its memory with delta: adding to one in place changes both"
    ]
    assert examined(lambda d, x: d.copy(), forward=lambda x: x + 1).notes == []
