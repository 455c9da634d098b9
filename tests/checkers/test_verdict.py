"""What a person reads, and what a test gets: the report, the exceptions, the entries that are wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from checkers.compare import Comparison
from checkers.errors import GradientMismatch, GradientUndecided
from checkers.verdict import READABLE, SHOWN, Example, Mismatch, Verdict, as_code, mismatches_of


def comparison(argument="x", outcome="disagrees", claimed=2.0, expected=1.0, bound=0.5, **fields):
    return Comparison(
        "f", 0, 7, "normal", "float64", {"x": (3,)}, "gradient", argument, "autodiff", outcome,
        index=(1,), claimed=claimed, expected=expected, bound=bound, **fields,
    )  # fmt: skip


def mismatch(argument="x", index=(1,), oracle="autodiff"):
    return Mismatch(argument, index, 2.0, 1.0, 0.5, oracle, {"x": (3,)}, 7, 0)


def example(*arrays, leading=(1.5,)):
    names = {f"x{k}": np.asarray(a) for k, a in enumerate(arrays)}
    return Example(names, tuple(np.array(d) for d in leading), "gradproof.check_vjp(f, vjp)")


@pytest.mark.parametrize(
    ("outcome", "error"),
    [("disagrees", GradientMismatch), ("undecided", GradientUndecided), ("agrees", None)],
)
def test_outcome_decides_what_is_raised(outcome, error):
    verdict = Verdict("f", outcome, "A reason.")
    assert verdict.ok == (error is None)
    if error is None:
        verdict.raise_if_not_ok()
    else:
        with pytest.raises(error) as caught:
            verdict.raise_if_not_ok()
        assert str(caught.value) == str(verdict)


def test_report_opens_with_name_outcome_and_reason_and_repr_is_short():
    verdict = Verdict("f", "agrees", "All is well.", records=[comparison()] * 3)
    assert str(verdict) == "f: agrees. All is well."
    assert repr(verdict) == "<Verdict f: agrees, 3 comparisons>"


def test_report_has_everything_and_ends_with_the_line_that_repeats_it():
    verdict = Verdict(
        "f", "disagrees", "It is wrong.", [mismatch()], None, [], 1e-9, ("look here",), example([1.0, 2.5])
    )
    lines = str(verdict).splitlines()
    assert "  x[1] is 2 by the code, 1 by JAX's autodiff (error 1, allowed 0.5)" in lines
    assert "    x0 = [1. , 2.5]" in lines
    assert "    delta = 1.5" in lines
    assert "  Note: look here" in lines
    assert "  A relative error of 1.0e-09 in a single entry would have been seen." in lines
    assert lines[-1] == "  Repeat: gradproof.check_vjp(f, vjp)"


def test_only_the_first_mismatch_of_an_argument_is_shown_and_of_few_arguments():
    names = [f"W{k}" for k in range(SHOWN + 2)]
    many = [mismatch(name, (k,)) for name in names for k in range(3)]
    text = str(Verdict("f", "disagrees", "It is wrong.", many))
    assert text.count(" is 2 by the code") == SHOWN
    assert "W0[0]" in text
    assert "W0[1]" not in text
    assert "… and 2 more arguments." in text


def test_several_cotangents_are_numbered_and_large_arrays_are_described():
    text = str(Verdict("f", "disagrees", "No.", example=example(np.ones(READABLE + 1), leading=(1.0, 2.0))))
    assert "delta[0] = 1." in text
    assert "delta[1] = 2." in text
    assert f"x0 = array of shape ({READABLE + 1},), float64" in text


@pytest.mark.parametrize(("index", "place"), [((), "x"), ((0,), "x[0]"), ((1, 2), "x[1, 2]")])
def test_place_of_a_mismatch_is_written_like_an_index(index, place):
    assert mismatch(index=index).place == place


def test_mismatches_are_the_wrong_records_the_worst_of_each_argument_first():
    records = [
        comparison("b", claimed=1.5),
        comparison("b", claimed=9.0),
        comparison("a"),
        comparison("a", outcome="agrees"),
        comparison("a", claimed=None),
    ]
    found = mismatches_of(records)
    assert [(m.argument, m.claimed) for m in found] == [("a", 2.0), ("b", 9.0), ("b", 1.5)]
    assert found[0].seed == 7


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.int8, np.dtype(">f8")]),
        array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    )
)
def test_array_as_code_gives_it_back_exactly(array):
    back = eval(as_code(array), {"np": np})
    assert back.dtype == array.dtype.newbyteorder("=")
    assert back.shape == array.shape
    np.testing.assert_array_equal(back, array)
