"""The affine layer z = W a + b, entry by entry: z_i = Σ_k W_ik a_k + b_i.

Sources: cs182-11, article-1, article-74, calculus-22.
"""

from __future__ import annotations

import sympy as sp

from derivations.definition import Definition
from derivations.notation import Index, Tensor, dimensions, total

_n, _m, _p = dimensions("n m p")


def _neuron() -> Definition:
    k = Index("k", _n)
    w, x, b = Tensor("w", _n), Tensor("x", _n), Tensor("b")
    return Definition("neuron", (w, x, b), (), total(w[k] * x[k], k) + b[()])


def _affine() -> Definition:
    i, k = Index("i", _m), Index("k", _n)
    W, a, b = Tensor("W", _m, _n), Tensor("a", _n), Tensor("b", _m)
    return Definition("affine", (W, a, b), (i,), total(W[i, k] * a[k], k) + b[i])


def _affine_batch() -> Definition:
    i, k, s = Index("i", _p), Index("k", _n), Index("s", _m)
    W, A, b = Tensor("W", _p, _n), Tensor("A", _n, _m), Tensor("b", _p, 1)
    return Definition("affine_batch", (W, A, b), (i, s), total(W[i, k] * A[k, s], k) + b[i, sp.S.One])


DEFINITIONS = (_neuron(), _affine(), _affine_batch())
