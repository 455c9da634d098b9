"""The catalogues' wrong forms of a backward pass, and what is said of each."""

from __future__ import annotations

import pytest
from mutants import MUTANTS

from checkers.diagnosis.search import diagnose
from checkers.run import run
from checkers.verify import prepared

EXAMPLES = 24

CODES = {
    "cs182-16": "delta-alone",
    "cs182-17": "transposed",
    "cs182-22": "missing-transpose",
    "cs182-23": "missing-transpose",
    "nndl-3": "repeated",
    "nndl-46": "inner-for-outer",
    "cs182-27": "sign",
    "cs182-29": "sign",
    "cs182-30": "sign",
    "nndl-41": "softmax-diagonal",
    "calculus-8": "factor",
    "calculus-15": "missing-mean",
    "ng-29": "missing-mean",
    "nndl-19": "pattern",  # a product of data term and penalty: nothing of the right gradient is left
    "calculus-26": "one-term-only",
    "calculus-27": "missing-transpose",
    "article-173": "misplaced-parenthesis",
    "nndl-30": "misplaced-parenthesis",
    "nndl-42": "single-entry",  # one entry is of another column: there is nothing more to be seen
    "nndl-44": "activation-for-derivative",
    "nndl-58": "one-term-only",
    "ng-14": "products-do-not-fit",
    "ng-18": "misplaced-parenthesis",
    "ng-19": "pattern",  # two gradients of wrong shapes: nothing more can be said
    "ng-30": "missing-mean",
    "nndl-28": "products-do-not-fit",
    "nndl-45": "squared",
}
WRONG_BACKWARDS = [mutant for mutant in MUTANTS if mutant.vjp is not None]


@pytest.mark.parametrize("mutant", WRONG_BACKWARDS, ids=str)
def test_what_is_said_of_it(mutant):
    examiner, cases = prepared(mutant.wrong, "vjp", EXAMPLES, 0)
    diagnosis = diagnose(examiner, run(examiner, cases))
    assert diagnosis is not None
    assert diagnosis.code == CODES[mutant.equation], diagnosis.sentence


def test_all_but_four_are_named():
    described = {"pattern", "single-entry"}
    assert sum(CODES[mutant.equation] in described for mutant in WRONG_BACKWARDS) == 4
