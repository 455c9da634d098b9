"""The video's last layer with several neurons: C_0 = Σ_j (σ(Σ_k W_jk a_k + b_j) − y_j)².

Sources: calculus-20, calculus-22, calculus-23.
"""

from __future__ import annotations

from derivations.definition import Definition
from derivations.elementwise import sigmoid
from derivations.notation import Index, Tensor, dimensions, total

_m, _n = dimensions("m n")


def _layer_cost() -> Definition:
    j, k = Index("j", _m), Index("k", _n)
    W, a, b, y = Tensor("W", _m, _n), Tensor("a", _n), Tensor("b", _m), Tensor("y", _m)
    activation = sigmoid(total(W[j, k] * a[k], k) + b[j])
    return Definition("layer_cost", (W, a, b, y), (), total((activation - y[j]) ** 2, j))


DEFINITIONS = (_layer_cost(),)
