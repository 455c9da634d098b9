"""Typed indices and tensors: what is ill-shaped cannot be written down, and a sum stays as it was written."""

from __future__ import annotations

import pickle

import pytest
import sympy as sp

from derivations.notation import Index, ShapeError, Tensor, bound_indices, dimensions, kronecker, total

n, m = dimensions("n m")
i, j, k = Index("i", n), Index("j", m), Index("k", n)
W, x = Tensor("W", m, n), Tensor("x", n)


def test_well_shaped_product_is_accepted():
    assert bound_indices(total(W[j, k] * x[k], k)) == (k,)


@pytest.mark.parametrize("indices", [(i, j), (i,), (j, i, k), (), (j, j), (1, i)])
def test_ill_shaped_entry_is_refused(indices):
    with pytest.raises(ShapeError, match="W has axes"):
        W[indices]


def test_one_is_the_index_of_an_axis_of_length_one_only():
    b = Tensor("b", m, 1)
    assert b[j, sp.S.One] == b[j, 1]
    with pytest.raises(ShapeError):
        b[j, i]
    with pytest.raises(ShapeError):
        x[1]


def test_index_is_its_name_and_its_dimension():
    assert Index("i", n) == i
    assert Index("i", m) != i
    assert Index("i", m) + i != 2 * i


def test_index_survives_pickling():
    assert pickle.loads(pickle.dumps(total(W[j, i] * x[i], i))) == total(W[j, i] * x[i], i)


def test_kronecker_compares_indices_of_one_dimension_only():
    assert kronecker(i, i) == 1
    assert kronecker(i, k) == sp.KroneckerDelta(i, k)
    with pytest.raises(ShapeError, match="cannot be compared"):
        kronecker(i, j)


def test_sum_over_an_untyped_or_repeated_index_is_refused():
    s = sp.Symbol("s", integer=True)
    for wrong in (sp.Sum(s, (s, 1, n)), sp.Sum(x[i], (i, 0, n)), sp.Sum(x[i], (i, 1, m)), total(x[i], i, i)):
        with pytest.raises(ShapeError, match="typed indices"):
            bound_indices(wrong)


def test_total_over_nothing_is_the_term():
    assert total(x[i]) == x[i]
    assert bound_indices(total(W[j, i], i, j)) == (i, j)


def test_cases_stay_inside_the_sum_whose_index_they_turn_on():
    relu = sp.Piecewise((0, x[k] < 0), (x[k], True), evaluate=False)
    outer = total(sp.exp(total(relu * W[j, k], k)), j)
    assert isinstance(outer.function, sp.exp)
    renamed = outer.xreplace({j: Index("other", m)})
    assert isinstance(renamed.function, sp.exp)
    assert relu in outer.atoms(sp.Piecewise)
