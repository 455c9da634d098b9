"""Renaming the free indices of a sum: its bound ones stand in their standard order afterwards."""

from __future__ import annotations

import itertools

import pytest
from index_expressions import UNKNOWN, C, E, n

from derivations.kernel.normal_form import NormalForm
from derivations.notation import Index, kronecker, total

a, i, k, q, *others = (Index(name, n) for name in ("a", "i", "k", "q", "j", "l", "p", "r"))


def chain(row, column):
    """f(Σ_ki E_row,k E_column,i E_ki): both bound indices are of one dimension."""
    return UNKNOWN[0](total(E[row, k] * E[column, i] * E[k, i], k, i)) * C[row]


@pytest.mark.parametrize(("x", "y"), list(itertools.permutations(others, 2)))
def test_renamed_sum_has_the_normal_form_of_the_sum_with_the_new_names(x, y):
    kernel = NormalForm()
    assert kernel.equal(total(kronecker(a, x) * chain(a, y), a), chain(x, y))
    assert not kernel.equal(total(kronecker(a, x) * chain(a, y), a), chain(x, q))
    transposed = total(kronecker(a, x) * UNKNOWN[0](total(E[a, k] * E[y, i] * E[i, k], k, i)) * C[a], a)
    assert not kernel.equal(transposed, chain(x, y))
