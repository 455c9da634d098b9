"""The shipped NumPy code, unmodified, is the derivative in exact arithmetic: every formula, to no error.

And in balls it is within one part in 10⁵⁵ of it, proved at the drawn points.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import flint
import numpy as np
import pytest

from checkers.examine import Examiner
from checkers.oracles.arb import precision
from checkers.oracles.code_under_test import Code
from checkers.oracles.dual import Undecided
from checkers.oracles.exact import Exact
from checkers.oracles.interval import Interval
from checkers.oracles.object_array import effort
from checkers.verify import prepared
from reference_impl import formulas

CASES = 12
CHECKS = [
    pytest.param(name, kind, id=name if kind == "vjp" else f"{name} ({kind})")
    for name, formula in formulas().items()
    for kind in ("vjp", "jvp")
    if getattr(formula, kind) is not None
]
VALUES_ONLY = {"softmax_activation_error"}
"""Formulas without a derivative: there is nothing to run beside the forward."""
REASONS = {
    "it compares two numbers that are equal here, or too close to be told apart",
    "the forward is not finite at this point",
    "the claimed gradient overflows at these values, so its rounding has no bound",
}
"""Why a drawn point may not be judged: a kink, or no value in float64. Never because of the code."""


@cache
def checked(name, kind):
    """The examiner of a formula with the exact oracle alone, and cases."""
    examiner, cases = prepared(formulas()[name], kind, CASES, 0)
    return examiner.candidate, cases


def exactly(candidate, cases):
    """The comparisons of one candidate by the exact oracle."""
    code = Code(candidate.forward, candidate.claimed, candidate.kind)
    examiner = Examiner(candidate, [Exact(code)])
    return [record for case in cases for record in examiner.examine(case).comparisons]


def test_every_formula_with_a_derivative_is_checked():
    assert {param.values[0] for param in CHECKS} == set(formulas()) - VALUES_ONLY


@pytest.mark.parametrize(("name", "kind"), CHECKS)
def test_the_shipped_code_is_the_derivative_exactly(name, kind):
    records = exactly(*checked(name, kind))
    assert {record.outcome for record in records} <= {"agrees", "undecided"}
    assert {record.reason for record in records if record.outcome == "undecided"} <= REASONS
    judged = {record.case for record in records if record.compared}
    assert len(judged) >= CASES / 2
    assert all(record.worst == 0 and record.bound == 0 for record in records if record.compared)


@pytest.mark.parametrize(("name", "kind"), CHECKS)
def test_one_part_in_10_to_the_300_is_refuted(name, kind):
    candidate, cases = checked(name, kind)

    def off(array):
        if array is None or np.asarray(array).dtype != object:
            return array
        return array + array / 10**300

    def wrong(*inputs):
        returned = candidate.claimed(*inputs)
        return tuple(map(off, returned)) if isinstance(returned, tuple) else off(returned)

    records = exactly(replace(candidate, derivative=wrong), cases[:4])
    refuted = {record.argument for record in records if record.outcome == "disagrees"}
    zero = {"binary_step": {"z"}, "l2_penalty": {"b1", "b2"}}.get(name, set())
    assert refuted == {record.argument for record in records if record.compared} - zero


@pytest.mark.parametrize(("name", "kind"), CHECKS)
def test_the_shipped_code_is_within_1e_55_of_the_derivative(name, kind):
    candidate, cases = checked(name, kind)
    interval = Interval(Code(candidate.forward, candidate.claimed, candidate.kind))
    examiner = Examiner(candidate, [])
    witnessed = 0
    for case in (case for case in cases if case.ordinary):
        outputs = candidate.primal(case.arguments)
        leading = examiner.mode.leading(case, outputs)
        call = examiner.mode.call(leading, case, outputs)
        which = [k for k, array in enumerate(call.arrays) if array is not None]
        with precision(256), effort(10**6):
            try:
                found = interval.differences(case, leading, which)
            except Undecided:
                continue
            for difference, derivative in found:
                largest = max((abs(x).upper() for x in derivative.flat), default=flint.arb(0))
                scale = largest if largest > 1 else flint.arb(1)
                assert all(abs(d) <= scale * flint.arb(10) ** -55 for d in difference.flat)
        witnessed += 1
        if witnessed == 3:
            break
    assert witnessed >= 2
