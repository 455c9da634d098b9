"""From one layer to the next, entry by entry: z_i ↦ Σ_k W_ik g(z_k) + b_i and a_k ↦ g(Σ_k W_ik a_k + b_i).

Sources: article-74, article-168, nndl-7, nndl-8.
"""

from __future__ import annotations

import sympy as sp

from derivations.definition import Definition
from derivations.elementwise import ACTIVATIONS
from derivations.notation import Index, Tensor, dimensions, total

_n, _m, _p = dimensions("n m p")


def _through_pre_activations(activation: str) -> Definition:
    g = ACTIVATIONS[activation]
    i, k = Index("i", _m), Index("k", _n)
    W, z, b = Tensor("W", _m, _n), Tensor("z", _n), Tensor("b", _m)
    entry = total(W[i, k] * g(z[k]), k) + b[i]
    return Definition(f"error_recursion_{activation}", (W, z, b), (i,), entry)


def _through_pre_activations_of_a_batch(activation: str) -> Definition:
    g = ACTIVATIONS[activation]
    i, k, s = Index("i", _p), Index("k", _n), Index("s", _m)
    W, Z, b = Tensor("W", _p, _n), Tensor("Z", _n, _m), Tensor("b", _p, 1)
    entry = total(W[i, k] * g(Z[k, s]), k) + b[i, sp.S.One]
    return Definition(f"error_recursion_batch_{activation}", (W, Z, b), (i, s), entry)


def _through_activations(activation: str) -> Definition:
    g = ACTIVATIONS[activation]
    i, k = Index("i", _m), Index("k", _n)
    W, a, b = Tensor("W", _m, _n), Tensor("a", _n), Tensor("b", _m)
    entry = g(total(W[i, k] * a[k], k) + b[i])
    return Definition(f"activation_error_recursion_{activation}", (W, a, b), (i,), entry)


def _through_activations_of_a_batch(activation: str) -> Definition:
    g = ACTIVATIONS[activation]
    i, k, s = Index("i", _p), Index("k", _n), Index("s", _m)
    W, A, b = Tensor("W", _p, _n), Tensor("A", _n, _m), Tensor("b", _p, 1)
    entry = g(total(W[i, k] * A[k, s], k) + b[i, sp.S.One])
    return Definition(f"activation_error_recursion_batch_{activation}", (W, A, b), (i, s), entry)


DEFINITIONS = (
    _through_pre_activations("sigmoid"),
    _through_pre_activations("tanh"),
    _through_pre_activations("relu"),
    _through_pre_activations_of_a_batch("tanh"),
    _through_activations("sigmoid"),
    _through_activations_of_a_batch("sigmoid"),
)
