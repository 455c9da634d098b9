"""Forward propagation through a network of any depth, and its cost.

    Z^[l] = W^[l] A^[l−1] + b^[l],    A^[l] = g^[l](Z^[l]),    A^[0] = X,    Ŷ = A^[L]
    J = 1/m Σ_s L(Ŷ_s, Y_s) + λ/2 Σ_l ‖W^[l]‖²

X: (n0, m) and Y: (nL, m), examples as columns; W^[l]: (n_l, n_{l−1}); b^[l]: (n_l, 1); λ, J: scalar. The
activation of the output chooses the loss: softmax the categorical cross-entropy, sigmoid the binary one,
linear half the squared error. Sources: article-67, article-85 to article-90, article-112, article-129,
article-140, article-223, nndl-9, nndl-16.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import NamedTuple

from reference_impl.affine import affine_batch
from reference_impl.binary_cross_entropy import output_gradient, sigmoid_binary_cross_entropy_cost
from reference_impl.categorical_cross_entropy import softmax_cross_entropy_cost
from reference_impl.elementwise import ACTIVATIONS, sigmoid
from reference_impl.formula import Array, Forward
from reference_impl.gradient_descent import Parameters
from reference_impl.penalty import l2_penalty
from reference_impl.quadratic import half_mean_squared_error
from reference_impl.softmax import softmax


class Output(NamedTuple):
    """An output layer with its loss; with each of them E^[L] = ∂L/∂Z^[L] = Ŷ − Y.

    Attributes:
        activation: Ŷ of Z^[L].
        cost: the mean loss of Z^[L] and Y, finite where Ŷ is rounded to 0 or 1.
        gradient: ∂L/∂Ŷ of Ŷ and Y; None where the outputs depend on each other.
        labels: the domain of Y.
    """

    activation: Forward
    cost: Forward
    gradient: Forward | None
    labels: str


OUTPUTS = MappingProxyType(
    {
        "softmax": Output(softmax, softmax_cross_entropy_cost, None, "one_hot"),
        "sigmoid": Output(sigmoid, sigmoid_binary_cross_entropy_cost, output_gradient, "binary"),
        "linear": Output(
            ACTIVATIONS["linear"].function, half_mean_squared_error, lambda Y_hat, Y: Y_hat - Y, "real"
        ),
    }
)
"""The output layers by the name of their activation."""


def forward_propagation(
    parameters: Parameters, activations: Sequence[str], X: Array
) -> tuple[list[Array], list[Array]]:
    """Z^[1], …, Z^[L] and A^[0], …, A^[L].   X: (n0, m); or one example (n0), b^[l]: (n_l).

    ``activations`` names g^[1], …, g^[L]: keys of ACTIVATIONS, the last one of OUTPUTS. Sources: article-67,
    article-86.
    """
    hidden = [ACTIVATIONS[name].function for name in activations[:-1]]
    Z: list[Array] = []
    A = [X]
    for (W, b), g in zip(parameters, [*hidden, OUTPUTS[activations[-1]].activation], strict=True):
        Z.append(affine_batch(W, A[-1], b))
        A.append(g(Z[-1]))
    return Z, A


def cost(
    parameters: Parameters, activations: Sequence[str], X: Array, Y: Array, penalty: Array | None = None
) -> Array:
    """J, with the penalty where λ is given.   X: (n0, m); Y: (nL, m); λ, J: scalar.

    Sources: article-223, nndl-16.
    """
    Z, _ = forward_propagation(parameters, activations, X)
    J = OUTPUTS[activations[-1]].cost(Z[-1], Y)
    return J if penalty is None else J + l2_penalty(penalty, [W for W, _ in parameters])
