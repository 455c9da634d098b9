"""Back-propagation through a network of any depth, in four ways that give the same gradients.

By error terms E = ∂L/∂Z, all of them before any gradient:

    E^[L] = Ŷ − Y,    E^[l] = ((W^[l+1])ᵀ E^[l+1]) ⊙ g'(Z^[l])

or by activation errors E_a = ∂L/∂A, the gradients of a layer on the way:

    E^[l] = E_a^[l] ⊙ g'(Z^[l]),    E_a^[l−1] = (W^[l])ᵀ E^[l]

and each for the whole batch at once or for one example after the other:

    ∂J/∂W^[l] = 1/m E^[l] (A^[l−1])ᵀ + λ W^[l],    ∂J/∂b^[l] = 1/m Σ_s E^[l]_s

X: (n0, m) and Y: (nL, m), examples as columns; W^[l]: (n_l, n_{l−1}); b^[l]: (n_l, 1); Z^[l], A^[l], E^[l],
E_a^[l]: (n_l, m). The columns of E are derivatives of single losses; 1/m stands in the gradients only.
Sources: article-155 to article-188, article-210 to article-230, article-239 to article-254, the article's
algorithms, nndl-37 to nndl-48, calculus-28.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from reference_impl.affine import affine_batch_vjp, affine_vjp
from reference_impl.elementwise import ACTIVATIONS
from reference_impl.error_recursion import error_of_previous_layer
from reference_impl.formula import Array
from reference_impl.forward_propagation import OUTPUTS, forward_propagation
from reference_impl.gradient_descent import Parameters

Gradients: TypeAlias = list[tuple[Array, Array]]
"""The gradients by W^[l] and b^[l] for l = 1, …, L."""

Backward: TypeAlias = Callable[[Parameters, Sequence[str], Array, Array], Gradients]
"""``backward(parameters, activations, X, Y)``: the gradients of the mean loss, without the penalty."""


def error_terms(
    parameters: Parameters, activations: Sequence[str], Z: list[Array], Y_hat: Array, Y: Array
) -> list[Array]:
    """E^[1], …, E^[L], from the last to the first.   Z^[l]: (n_l, m), or (n_l).

    Sources: article-210, -226, -245.
    """
    errors: list[Array] = [Y_hat - Y]
    for layer in range(len(parameters) - 1, 0, -1):
        W, _ = parameters[layer]
        errors.insert(0, error_of_previous_layer(W, errors[0], Z[layer - 1], activations[layer - 1]))
    return errors


def output_error(activation: str, Z: Array, Y_hat: Array, Y: Array) -> Array:
    """E^[L] from the activation error ∂L/∂Ŷ.   Z^[L], Ŷ, Y: (nL, m), or (nL). Sources: article-164, -242.

    An output of a softmax depends on all net inputs, so there is no g' to multiply with, and E^[L] = Ŷ − Y is
    taken at once. Sources: article-210, article-243.
    """
    gradient = OUTPUTS[activation].gradient
    return Y_hat - Y if gradient is None else gradient(Y_hat, Y) * ACTIVATIONS[activation].derivative(Z)


def by_errors(parameters: Parameters, activations: Sequence[str], X: Array, Y: Array) -> Gradients:
    """The whole batch by error matrices.   X: (n0, m); Y: (nL, m).

    Source: article-alg-vectorised-mini-batch-error.
    """
    m: int = X.shape[1]
    Z, A = forward_propagation(parameters, activations, X)
    errors = error_terms(parameters, activations, Z, A[-1], Y)
    return [
        (E @ A_before.T / m, E.sum(axis=1, keepdims=True) / m)
        for E, A_before in zip(errors, A[:-1], strict=True)
    ]


def by_activation_errors(parameters: Parameters, activations: Sequence[str], X: Array, Y: Array) -> Gradients:
    """The whole batch by activation error matrices.   X: (n0, m); Y: (nL, m).

    Source: article-alg-vectorised-mini-batch-activation-error.
    """
    m: int = X.shape[1]
    Z, A = forward_propagation(parameters, activations, X)
    E = output_error(activations[-1], Z[-1], A[-1], Y)
    gradients: Gradients = []
    for layer in range(len(parameters) - 1, -1, -1):
        W, b = parameters[layer]
        by_W, E_a, by_b = affine_batch_vjp(E, W, A[layer], b)
        gradients.insert(0, (by_W / m, by_b / m))
        if layer > 0:
            E = E_a * ACTIVATIONS[activations[layer - 1]].derivative(Z[layer - 1])
    return gradients


def one_loss_by_errors(parameters: Parameters, activations: Sequence[str], x: Array, y: Array) -> Gradients:
    """One example by error terms.   x: (n0); y: (nL); b^[l]: (n_l). Source: article-alg-backprop-error."""
    z, a = forward_propagation(parameters, activations, x)
    errors = error_terms(parameters, activations, z, a[-1], y)
    return [(np.outer(error, a_before), error) for error, a_before in zip(errors, a[:-1], strict=True)]


def one_loss_by_activation_errors(
    parameters: Parameters, activations: Sequence[str], x: Array, y: Array
) -> Gradients:
    """One example by activation errors.   x: (n0); y: (nL); b^[l]: (n_l).

    Source: article-alg-backprop-activation-error.
    """
    z, a = forward_propagation(parameters, activations, x)
    error = output_error(activations[-1], z[-1], a[-1], y)
    gradients: Gradients = []
    for layer in range(len(parameters) - 1, -1, -1):
        W, b = parameters[layer]
        by_W, activation_error, by_b = affine_vjp(error, W, a[layer], b)
        gradients.insert(0, (by_W, by_b))
        if layer > 0:
            error = activation_error * ACTIVATIONS[activations[layer - 1]].derivative(z[layer - 1])
    return gradients


def one_by_one(gradients_of_one_loss: Backward) -> Backward:
    """The mean of the gradients of one loss over a loop through the examples.

    Sources: article-224, article-225.
    """

    def backward(parameters: Parameters, activations: Sequence[str], X: Array, Y: Array) -> Gradients:
        m: int = X.shape[1]
        flat = [(W, b[:, 0]) for W, b in parameters]
        examples = [gradients_of_one_loss(flat, activations, X[:, s], Y[:, s]) for s in range(m)]
        return [
            (
                np.stack([by_W for by_W, _ in layer]).sum(axis=0) / m,
                np.stack([by_b for _, by_b in layer], axis=1).sum(axis=1, keepdims=True) / m,
            )
            for layer in zip(*examples, strict=True)
        ]

    return backward


def gradients(
    parameters: Parameters,
    activations: Sequence[str],
    X: Array,
    Y: Array,
    penalty: Array | None = None,
    backward: Backward = by_errors,
) -> Gradients:
    """∂J/∂W^[l] and ∂J/∂b^[l], with λ W^[l] where λ is given.   X: (n0, m); Y: (nL, m); λ: scalar.

    Source: nndl-19.
    """
    of_losses = backward(parameters, activations, X, Y)
    if penalty is None:
        return of_losses
    return [(by_W + penalty * W, by_b) for (by_W, by_b), (W, _) in zip(of_losses, parameters, strict=True)]
