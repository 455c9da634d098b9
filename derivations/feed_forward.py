"""Networks of several depths, entry by entry.

    a^[0]_ks = X_ks,    a^[l]_is = g^[l](Σ_k W^[l]_ik a^[l−1]_ks + b^[l]_i)
    J = 1/m Σ_s L_s + 1/2 λ Σ_l Σ_ij (W^[l]_ij)²

L_s is the categorical cross-entropy of a softmax output, the binary one of a sigmoid output, half the squared
error of a linear output. Sources: article-73, article-74, article-112, article-129, article-140, nndl-9,
nndl-16.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from derivations.binary_cross_entropy import loss_of_one_output
from derivations.definition import Definition, mean
from derivations.elementwise import ACTIVATIONS
from derivations.notation import Index, Tensor, dimensions, total
from derivations.penalty import l2_penalty
from derivations.softmax import softmax_entry


def _loss(output: str, z: Callable[[Index], sp.Expr], y: Callable[[Index], sp.Expr], i: Index) -> sp.Expr:
    """The loss of one example of its last net inputs z and its labels y, functions of the output i."""
    if output == "softmax":
        return -total(y(i) * sp.log(softmax_entry(z, i)), i)
    y_hat = ACTIVATIONS[output](z(i))
    if output == "sigmoid":
        return total(loss_of_one_output(y_hat, y(i)), i)
    return sp.Rational(1, 2) * total((y(i) - y_hat) ** 2, i)


def network(*activations: str, penalised: bool = False) -> Definition:
    """The cost of the network with these activations: of X, Y, λ if penalised, W1, b1, W2, b2, …."""
    depth, output = len(activations), activations[-1]
    *widths, m = dimensions(" ".join(f"n{layer}" for layer in range(depth + 1)) + " m")
    s = Index("s", m)
    X, Y, penalty = Tensor("X", widths[0], m), Tensor("Y", widths[-1], m), Tensor("penalty")
    W = [Tensor(f"W{layer}", widths[layer], widths[layer - 1]) for layer in range(1, depth + 1)]
    b = [Tensor(f"b{layer}", widths[layer], 1) for layer in range(1, depth + 1)]

    def net_input(layer: int, i: Index) -> sp.Expr:
        """z^[layer]_is; every layer sums over an index of its own name."""
        k = Index(f"k{layer}", widths[layer - 1])
        before = X[k, s] if layer == 1 else ACTIVATIONS[activations[layer - 2]](net_input(layer - 1, k))
        return total(W[layer - 1][i, k] * before, k) + b[layer - 1][i, sp.S.One]

    loss = _loss(output, lambda i: net_input(depth, i), lambda i: Y[i, s], Index("i", widths[-1]))
    parameters = [tensor for layer in zip(W, b, strict=True) for tensor in layer]
    if not penalised:
        return Definition(f"feed_forward_{depth}_{output}", (X, Y, *parameters), (), mean(loss, s))
    cost = mean(loss, s) + l2_penalty(penalty[()], W)
    return Definition(f"feed_forward_{depth}_{output}_l2", (X, Y, penalty, *parameters), (), cost)


DEFINITIONS = (
    network("softmax"),
    network("tanh", "sigmoid"),
    network("relu", "tanh", "softmax", penalised=True),
    network("leaky_relu", "sigmoid", "linear", penalised=True),
    network("tanh", "tanh", "tanh", "softmax"),
)
