"""Networks of several depths as formulas: the cost as a function of every weight and bias.

    J(X, Y, λ, W1, b1, W2, b2, …) = 1/m Σ_s L(Ŷ_s, Y_s) + λ/2 Σ_l ‖W_l‖²

X: (n0, m); Y: (nL, m), examples as columns; λ, J: scalar, no λ in a network without penalty; W_l: (n_l,
n_{l−1}); b_l: (n_l, 1). Forward it is forward_propagation, backward one of the four ways of back_propagation;
a formula binds the depth and the activations. Examples and λ are given: gradients by the weights and biases
only. Sources: article-85 to article-90, article-223 to article-230, article-239 to article-254, nndl-9,
nndl-16, nndl-19.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from types import MappingProxyType

from reference_impl.back_propagation import (
    Backward,
    by_activation_errors,
    by_errors,
    gradients,
    one_by_one,
    one_loss_by_activation_errors,
    one_loss_by_errors,
)
from reference_impl.formula import Array, Formula, Forward, Vjp, ids
from reference_impl.forward_propagation import OUTPUTS, cost
from reference_impl.gradient_descent import Parameters


def flat_functions(
    activations: Sequence[str], penalised: bool, backward: Backward = by_errors
) -> tuple[Forward, Vjp]:
    """The cost J of X, Y, λ if penalised, W1, b1, W2, b2, …, and its vector-Jacobian product."""
    given = ["X", "Y", "penalty"] if penalised else ["X", "Y"]
    names = given + [f"{letter}{layer}" for layer in range(1, len(activations) + 1) for letter in "Wb"]

    def arranged(arguments: Sequence[Array]) -> tuple[Parameters, Sequence[str], Array, Array, Array | None]:
        X, Y, *rest = arguments
        penalty = rest.pop(0) if penalised else None
        return list(zip(rest[::2], rest[1::2], strict=True)), activations, X, Y, penalty

    def forward(*arguments: Array) -> Array:
        return cost(*arranged(arguments))

    def vjp(delta: Array, *arguments: Array) -> tuple[Array | None, ...]:
        layers = gradients(*arranged(arguments), backward)
        return *(None for _ in given), *(gradient * delta for layer in layers for gradient in layer)

    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    # A formula reads the names of its arguments off its forward.
    forward.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return forward, vjp


def _row(
    *activations: str, sources: str, penalised: bool = False, backward: Backward = by_errors, way: str = ""
) -> Formula:
    """The network with these activations as a formula; ``way`` tells apart those that compute the same."""
    depth, output = len(activations), activations[-1]
    forward, vjp = flat_functions(activations, penalised, backward)
    network = f"feed_forward_{depth}_{output}" + ("_l2" if penalised else "")
    shapes = ["(n0,m)", f"(n{depth},m)"] + (["()"] if penalised else [])
    shapes += [f"(n{layer},n{layer - 1}),(n{layer},1)" for layer in range(1, depth + 1)]
    widths = range(depth if output == "softmax" else depth + 1)
    domains = {"Y": OUTPUTS[output].labels} | ({"penalty": "nonnegative"} if penalised else {})
    return Formula(
        network + way,
        forward,
        vjp,
        ",".join(shapes) + "->()",
        ids(sources),
        MappingProxyType(domains),
        definition=network if way else "",
        convention="1/m in the cost, 1/2 in a quadratic loss, λ/2 in the penalty; biases are not penalised",
        empty=tuple(f"n{layer}" for layer in widths),
    )


_REGRESSION = ("leaky_relu", "sigmoid", "linear")

FORMULAS = (
    _row("softmax", sources="article-87 article-90 article-107 article-109 article-140 article-243 nndl-11"),
    _row("tanh", "sigmoid", sources="article-85 article-86 article-129 article-203 article-226 nndl-12"),
    _row(
        "relu",
        "tanh",
        "softmax",
        penalised=True,
        sources="article-226 article-243 article-245 nndl-16 nndl-19",
    ),
    _row(
        *_REGRESSION,
        penalised=True,
        sources="article-112 article-240 article-242 article-245 article-246 article-247 article-248 "
        "article-249 article-250 article-251 article-252 article-alg-vectorised-mini-batch-error",
    ),
    _row(
        *_REGRESSION,
        penalised=True,
        backward=by_activation_errors,
        way="_by_activation_errors",
        sources="article-241 article-242 article-253 article-254 "
        "article-alg-vectorised-mini-batch-activation-error",
    ),
    _row(
        *_REGRESSION,
        penalised=True,
        backward=one_by_one(one_loss_by_errors),
        way="_by_errors_one_by_one",
        sources="article-155 article-156 article-157 article-164 article-172 article-181 article-182 "
        "article-187 article-188 article-224 article-225 article-227 article-228 article-229 article-230 "
        "article-alg-backprop-error nndl-37",
    ),
    _row(
        *_REGRESSION,
        penalised=True,
        backward=one_by_one(one_loss_by_activation_errors),
        way="_by_activation_errors_one_by_one",
        sources="article-164 article-211 article-215 article-218 calculus-28 "
        "article-alg-backprop-activation-error",
    ),
    _row(
        "tanh",
        "tanh",
        "tanh",
        "softmax",
        sources="article-210 article-243 nndl-9 nndl-61 nndl-67",
    ),
)
