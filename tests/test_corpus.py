"""The corpus: its wrong gradients are caught, its right ones not accused; a sample by default, the rest slow.

And the corpus itself: what it calls wrong is wrong, what it calls the same is the same.
"""

from __future__ import annotations

import ast

import numpy as np
import pytest

import gradproof
from tests.benchmarks.gradient_checkers import PEERS, Question
from tests.benchmarks.peers import Score, markdown_of
from tests.corpus.by_hand import BREAKING, BY_HAND
from tests.corpus.exact import relation
from tests.corpus.loading import Copies, tree_of
from tests.corpus.mutation import slips
from tests.corpus.points import hard, ordinary
from tests.corpus.right import right_gradients
from tests.corpus.subjects import named, subjects
from tests.corpus.wrong import (
    Right,
    Wrong,
    backward_functions,
    breaking,
    by_hand,
    catalogued,
    cotangent,
    single_entries,
    slipped,
    tampered,
    tampered_with,
    wrong_gradients,
)

SAMPLE = ("affine_batch", "softmax", "layer_norm", "embedding", "cubes")
BY_NAME = {subject.name: subject for subject in subjects()}

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def checked(subject, vjp, examples=100):
    """The verdict over drawn shapes and values."""
    formula = subject.formula
    return gradproof.check_vjp(
        formula.forward, vjp, formula.signature, domain=dict(formula.domains), examples=examples
    )


def at(case):
    """The verdict at one point."""
    formula = case.subject.formula
    return gradproof.check_vjp(formula.forward, formula.vjp, args=case.point, domain=dict(formula.domains))


# --- gradproof over a sample --------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLE)
def test_wrong_gradients_of_a_sample_are_caught(name):
    subject = BY_NAME[name]
    wrong = [*slipped(subject, 1), *tampered_with(subject, 1), *single_entries(subject, 1)]
    assert len(wrong) == 3
    missed = [str(one) for one in wrong if checked(subject, one.vjp, 20).outcome != "disagrees"]
    assert not missed


@pytest.mark.parametrize("name", SAMPLE)
def test_right_gradients_of_a_sample_agree(name):
    verdict = checked(BY_NAME[name], BY_NAME[name].formula.vjp, 20)
    assert verdict.outcome == "agrees", str(verdict)


@pytest.mark.parametrize("name", ["relu", "softmax_cross_entropy", "log_sum_exp", "max_pool", "absolute_sum"])
def test_right_gradients_at_hard_points_are_not_accused(name):
    cases = list(right_gradients([BY_NAME[name]]))
    assert len(cases) >= 8
    assert not [f"{case}: {at(case)}" for case in cases if at(case).outcome == "disagrees"]


# --- gradproof over the whole -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_at_least_99_of_100_wrong_gradients_are_caught_and_every_mistake_in_a_formula():
    wrong = list(wrong_gradients())
    missed = [one for one in wrong if checked(one.subject, one.vjp).outcome != "disagrees"]
    assert len(wrong) >= 800
    assert len(missed) <= len(wrong) / 100, list(map(str, missed))
    assert not [str(one) for one in missed if one.kind != "single entry"]


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_no_right_gradient_is_accused_in_ten_thousand_drawn_cases():
    verdicts = {subject.name: checked(subject, subject.formula.vjp) for subject in subjects()}
    assert 100 * len(verdicts) >= 10_000
    assert not [str(one) for one in verdicts.values() if one.outcome == "disagrees"]
    undecided = [name for name, one in verdicts.items() if one.outcome == "undecided"]
    assert len(undecided) < len(verdicts) / 50, undecided


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_no_right_gradient_is_accused_at_any_hard_point():
    cases = list(right_gradients())
    assert len(cases) >= 750
    assert not [str(case) for case in cases if at(case).outcome == "disagrees"]


# --- the corpus itself --------------------------------------------------------------------------------


def test_the_corpus_is_as_large_as_it_says():
    assert len(subjects()) >= 150
    assert sum(len(faults) for faults in BY_HAND.values()) + len(BREAKING) + len(catalogued()) >= 100


@pytest.mark.parametrize("name", sorted({*BY_HAND, *BREAKING}))
def test_a_wrong_gradient_by_hand_belongs_to_a_function_and_is_wrong(name):
    made = [*by_hand(named(name)), *breaking(named(name))]
    assert len(made) == len(BY_HAND.get(name, ())) + (name in BREAKING)


def test_copies_with_a_mistake_leave_the_original_alone():
    subject = BY_NAME["sigmoid"]
    (module, function, line) = backward_functions(subject)[-1]
    slip = next(one for one in slips(tree_of(module), function, line) if one.kind == "sign")
    mutated = Copies({module: slip.tree}).formula(subject.module, subject.name)
    z, delta = np.array([0.3, -1.0]), np.ones(2)
    assert mutated.vjp is not subject.formula.vjp
    assert np.array_equal(Copies().formula(subject.module, "sigmoid").vjp(delta, z)[0], delta * _slope(z))
    assert not np.array_equal(mutated.vjp(delta, z)[0], delta * _slope(z))


def _slope(z):
    a = 1 / (1 + np.exp(-z))
    return a * (1 - a)


def test_every_slip_changes_one_place_of_the_source():
    subject = BY_NAME["affine_batch"]
    module, function, line = backward_functions(subject)[0]
    source = ast.unparse(tree_of(module)).splitlines()
    found = list(slips(tree_of(module), function, line))
    assert {"swap", "drop", "transpose", "axis", "off by one", "exchange", "sign"} <= {s.kind for s in found}
    for slip in found:
        changed = ast.unparse(slip.tree).splitlines()
        assert sum(a != b for a, b in zip(source, changed, strict=True)) == 1, str(slip)


def test_a_slip_that_changes_nothing_is_recognised_and_one_that_does_is_proven():
    subject = BY_NAME["tanh"]
    right = Right.of(subject)
    same = tampered(right.exact, lambda gradients: [(g + g) / 2 for g in gradients])
    other = tampered(right.exact, lambda gradients: [g * (1 + 2.0**-40) for g in gradients])
    points = [(delta, *point) for delta, point in zip(right.deltas, right.points, strict=True)]
    assert relation(right.exact, same, points) == "equal"
    assert relation(right.exact, other, points) == "different"


def test_what_cannot_be_run_exactly_is_not_called_different():
    def cannot(delta, z):
        raise TypeError("no exact run")

    right = Right.of(BY_NAME["tanh"])
    points = [(delta, *point) for delta, point in zip(right.deltas, right.points, strict=True)]
    assert relation(right.exact, cannot, points) == "unsettled"


def test_every_backward_of_the_corpus_can_be_run_exactly():
    for subject in subjects():
        right = Right.of(subject)
        points = [(delta, *point) for delta, point in zip(right.deltas, right.points, strict=True)]
        assert relation(right.exact, right.exact, points[:1]) == "equal", subject.name


def test_hard_points_are_what_their_names_say():
    points = hard(BY_NAME["affine_batch"])
    assert all(a.dtype == np.float32 for a in points["float32"])
    assert not any(a.flags.writeable for a in points["read-only"])
    assert any(a.size == 0 for a in points["empty"])
    assert max(float(np.abs(a).max()) for a in points["huge"]) > 100
    assert any((a == 0).any() for a in points["kinked"])


def test_a_corpus_is_the_same_every_time():
    subject = BY_NAME["layer_norm"]
    assert [str(one) for one in slipped(subject)] == [str(one) for one in slipped(subject)]
    assert all(np.array_equal(a, b) for a, b in zip(ordinary(subject, 3), ordinary(subject, 3), strict=True))


# --- the other checkers -------------------------------------------------------------------------------


@pytest.mark.parametrize("peer", [pytest.param(peer, id=peer.name) for peer in PEERS if peer.present])
@pytest.mark.parametrize("name", ["affine", "softmax_cross_entropy", "tanh"])
def test_every_checker_accepts_a_right_gradient_and_rejects_one_twice_as_large(peer, name):
    subject = BY_NAME[name]
    point = ordinary(subject)
    delta, forward, vjp = cotangent(subject, point), subject.formula.forward, subject.formula.vjp
    doubled = tampered(vjp, lambda gradients: [2 * g for g in gradients])
    assert peer.answer(Question(forward, vjp, point, delta)) == "accepts"
    assert peer.answer(Question(forward, doubled, point, delta)) == "rejects"


# --- the score ------------------------------------------------------------------------------------------


def scored(relative, answer):
    """A wrong gradient with a single entry off, and the answer to it."""
    subject = BY_NAME["tanh"]
    point = ordinary(subject)
    wrong = Wrong(
        subject, subject.formula.vjp, "single entry", "", relative, point, cotangent(subject, point)
    )
    return wrong, lambda: answer


def test_the_resolution_is_the_smallest_error_that_is_caught_with_all_larger_ones():
    score = Score("a checker")
    for relative, answer in ((1e-2, "rejects"), (1e-4, "rejects"), (1e-6, "accepts"), (1e-8, "rejects")):
        wrong, ask = scored(relative, answer)
        score.ask(ask, wrong)
    assert score.resolution == 1e-4
    assert score.wrong == {"rejects": 3, "accepts": 1}
    assert score.errors == ["wrong accepts: tanh: "]
    assert Score("another").resolution is None


def test_the_table_counts_what_is_caught_accused_and_undecided():
    score = Score("a checker")
    right = next(right_gradients([BY_NAME["tanh"]]))
    for answer in ("accepts", "rejects", "undecided"):
        score.ask(lambda answer=answer: answer, right)
    wrong, ask = scored(1e-2, "rejects")
    score.ask(ask, wrong)
    assert score.cells()[1:7] == ["1 of 1", "100.0 %", "1 of 3", "0", "1", "1e-02"]
    assert "| a checker | 1 of 1 |" in markdown_of([score], ["an absent one"])
    assert "| an absent one | absent |" in markdown_of([score], ["an absent one"])
