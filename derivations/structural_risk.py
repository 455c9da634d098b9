"""The structural risk: the mean loss of a network with one hidden layer over N examples, plus 1/2 λ ‖W‖².

Sources: nndl-14 to nndl-16.
"""

from __future__ import annotations

from derivations.definition import Definition, mean
from derivations.notation import Index, Tensor, dimensions
from derivations.penalty import l2_penalty
from derivations.two_layer import softmax_loss

_n0, _n1, _n2, _N = dimensions("n0 n1 n2 N")


def _structural_risk() -> Definition:
    s = Index("s", _N)
    X, Y, penalty = Tensor("X", _n0, _N), Tensor("Y", _n2, _N), Tensor("penalty")
    W1, b1, W2, b2 = Tensor("W1", _n1, _n0), Tensor("b1", _n1), Tensor("W2", _n2, _n1), Tensor("b2", _n2)
    risk = mean(softmax_loss(X, Y, (W1, b1, W2, b2), s), s) + l2_penalty(penalty[()], [W1, W2])
    return Definition("structural_risk", (X, Y, penalty, W1, b1, W2, b2), (), risk)


DEFINITIONS = (_structural_risk(),)
