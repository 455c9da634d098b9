"""The penalty on the weights of two matrices, entry by entry; the biases do not occur in it.

Sources: nndl-15, nndl-16, nndl-18.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from derivations.definition import Definition
from derivations.notation import Index, Tensor, dimensions, total

_n0, _n1, _n2 = dimensions("n0 n1 n2")


def squared_norm(weights: Sequence[Tensor]) -> sp.Expr:
    """Σ_l Σ_ij (W^(l)_ij)². Source: nndl-15."""
    terms = []
    for W in weights:
        i, j = Index("i", W.dimensions[0]), Index("j", W.dimensions[1])
        terms.append(total(W[i, j] ** 2, i, j))
    return sp.Add(*terms)


def l2_penalty(penalty: sp.Expr, weights: Sequence[Tensor]) -> sp.Expr:
    """1/2 λ ‖W‖². Source: nndl-16."""
    return sp.Rational(1, 2) * penalty * squared_norm(weights)


def _squared_norm() -> Definition:
    W1, W2 = Tensor("W1", _n1, _n0), Tensor("W2", _n2, _n1)
    return Definition("squared_norm", (W1, W2), (), squared_norm([W1, W2]))


def _l2_penalty() -> Definition:
    W1, b1, W2, b2 = Tensor("W1", _n1, _n0), Tensor("b1", _n1), Tensor("W2", _n2, _n1), Tensor("b2", _n2)
    penalty = Tensor("penalty")
    return Definition("l2_penalty", (penalty, W1, b1, W2, b2), (), l2_penalty(penalty[()], [W1, W2]))


DEFINITIONS = (_squared_norm(), _l2_penalty())
