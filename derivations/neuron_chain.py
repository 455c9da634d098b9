"""The video's chain with one neuron in every layer: C_0 = (a^(3) − y)², a^(l) = σ(w^(l) a^(l−1) + b^(l)).

Sources: calculus-1 to calculus-5.
"""

from __future__ import annotations

from derivations.definition import Definition
from derivations.elementwise import sigmoid
from derivations.notation import Tensor


def _last_neuron_cost() -> Definition:
    w, a, b, y = Tensor("w"), Tensor("a"), Tensor("b"), Tensor("y")
    activation = sigmoid(w[()] * a[()] + b[()])
    return Definition("last_neuron_cost", (w, a, b, y), (), (activation - y[()]) ** 2)


def _neuron_chain() -> Definition:
    x, y = Tensor("x"), Tensor("y")
    w1, b1, w2, b2, w3, b3 = (Tensor(f"{letter}{layer}") for layer in (1, 2, 3) for letter in "wb")
    a1 = sigmoid(w1[()] * x[()] + b1[()])
    a2 = sigmoid(w2[()] * a1 + b2[()])
    a3 = sigmoid(w3[()] * a2 + b3[()])
    return Definition("neuron_chain", (x, y, w1, b1, w2, b2, w3, b3), (), (a3 - y[()]) ** 2)


DEFINITIONS = (_last_neuron_cost(), _neuron_chain())
