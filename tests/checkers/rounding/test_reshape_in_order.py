"""JAX may reshape the axes in another order than they have: its derivative of a product does."""

from __future__ import annotations

import numpy as np

import gradproof


def product(x):
    return np.prod(x, axis=1)


def product_vjp(delta, x):
    others = [np.delete(x, k, axis=1).prod(axis=1) for k in range(x.shape[1])]
    return delta[:, None] * np.stack(others, axis=1)


def halved(delta, x):
    return product_vjp(delta, x) / 2


def checked(vjp):
    return gradproof.check_vjp(product, vjp, signature="(m,n)->(m)", oracles=["autodiff"], examples=20)


def test_a_product_along_rows_is_differentiated_rightly():
    verdict = checked(product_vjp)
    assert verdict.ok, str(verdict)


def test_half_of_it_is_rejected():
    assert checked(halved).outcome == "disagrees"
