"""Right gradients of catalogued functions in other hands: einsum, loops, other orders, other stabilisations.

Shapes as in ``reference_impl``: examples as columns there, as rows where a line says so.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from reference_impl.affine import affine, affine_batch
from reference_impl.binary_cross_entropy import (
    sigmoid_binary_cross_entropy,
    sigmoid_binary_cross_entropy_cost,
)
from reference_impl.categorical_cross_entropy import softmax_cross_entropy, softmax_cross_entropy_cost
from reference_impl.elementwise import relu, sigmoid, tanh
from reference_impl.formula import Formula
from reference_impl.quadratic import mean_squared_error
from reference_impl.softmax import softmax


def affine_vjp_by_loops(delta, W, a, b):
    """Entry by entry."""
    by_W, by_a, by_b = np.zeros_like(W), np.zeros_like(a), np.zeros_like(b)
    for i in range(W.shape[0]):
        by_b[i] = delta[i]
        for j in range(W.shape[1]):
            by_W[i, j] = delta[i] * a[j]
            by_a[j] += delta[i] * W[i, j]
    return by_W, by_a, by_b


def affine_batch_vjp_by_einsum(delta, W, A, b):
    return (
        np.einsum("ps,ns->pn", delta, A),
        np.einsum("pn,ps->ns", W, delta),
        np.einsum("ps->p", delta)[:, None],
    )


def affine_batch_vjp_by_tensordot(delta, W, A, b):
    by_b = np.ones((1, delta.shape[1])) @ delta.T
    return np.tensordot(delta, A, axes=(1, 1)), np.tensordot(W, delta, axes=(0, 0)), by_b.T


def affine_batch_vjp_by_examples(delta, W, A, b):
    """Sums of the single examples' outer products, one after the other."""
    by_W = np.zeros_like(W)
    for s in range(A.shape[1]):
        by_W = by_W + np.outer(delta[:, s], A[:, s])
    by_A = np.stack([W.T @ delta[:, s] for s in range(A.shape[1])], axis=1)
    return by_W, by_A, np.sum(delta, axis=1).reshape(-1, 1)


def sigmoid_vjp_by_exponential(delta, z):
    """e^−z / (1 + e^−z)²: another order, overflows below −354."""
    e = np.exp(-z)
    return delta * e / (1 + e) ** 2


def sigmoid_vjp_by_both_sides(delta, z):
    """σ(z) σ(−z), which does not cancel."""
    with np.errstate(over="ignore"):
        return delta / (1 + np.exp(-z)) / (1 + np.exp(z))


def sigmoid_vjp_by_tanh(delta, z):
    """(1 − tanh²(z/2)) / 4."""
    return 0.25 * (1 - np.tanh(0.5 * z) ** 2) * delta


def tanh_vjp_by_cosh(delta, z):
    """1 / cosh²."""
    return delta / np.cosh(np.clip(z, -300, 300)) ** 2


def tanh_vjp_by_factors(delta, z):
    """(1 − a)(1 + a)."""
    a = np.tanh(z)
    return (1 - a) * (1 + a) * delta


def tanh_vjp_by_exponentials(delta, z):
    """1 − ((e^z − e^−z)/(e^z + e^−z))², cancelling."""
    a = (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
    return (1 - a * a) * delta


def relu_vjp_taking_zero(delta, z):
    """0 at the kink."""
    return delta * (z > 0)


def relu_vjp_taking_half(delta, z):
    """1/2 at the kink."""
    return delta * 0.5 * (1 + np.sign(z))


def relu_vjp_by_mask(delta, z):
    """A copy with zeros written where z is negative."""
    by_z = delta.copy()
    by_z[z < 0] = 0
    return by_z


def softmax_vjp_by_loops(delta, z):
    """Σ_i δ_i a_i (1[i = j] − a_j)."""
    a = np.exp(z - np.max(z)) / np.sum(np.exp(z - np.max(z)))
    by_z = np.zeros_like(z)
    for j in range(len(z)):
        for i in range(len(z)):
            by_z[j] += delta[i] * a[i] * ((i == j) - a[j])
    return by_z


def softmax_vjp_by_diagonal(delta, z):
    """diag(a) δ − a aᵀ δ."""
    a = softmax(z)
    return np.diag(a) @ delta - a * (a @ delta)


def softmax_vjp_unshifted(delta, z):
    """Without the shift: overflows at 710."""
    a = np.exp(z) / np.exp(z).sum()
    return a * delta - a * (a * delta).sum()


def softmax_vjp_by_logarithms(delta, z):
    """a as e^{z − ln Σ e^z}."""
    top = np.max(z)
    a = np.exp(z - top - np.log(np.exp(z - top).sum()))
    return a * (delta - delta @ a)


def softmax_cross_entropy_vjp_by_where(delta, z, y):
    """p minus one at the class that y marks."""
    e = np.exp(z - z.max())
    return delta * np.where(y == 1, e / e.sum() - 1, e / e.sum()), None


def softmax_cross_entropy_cost_vjp_by_columns(delta, Z, Y):
    m = Y.shape[1]
    columns = [(softmax(Z[:, s]) - Y[:, s]) / m for s in range(m)]
    return delta * np.column_stack(columns), None


def logistic_vjp_by_cases(delta, z, y):
    """y = 1: −σ(−z); y = 0: σ(z)."""
    return delta * np.where(y == 1, -sigmoid(-z), sigmoid(z)), None


def logistic_cost_vjp_by_mean(delta, Z, Y):
    return delta * ((1 - Y) * sigmoid(Z) - Y * sigmoid(-Z)) / Z.shape[1], None


def mean_squared_error_vjp_by_parts(delta, A, Y):
    """2A/m − 2Y/m: cancels where they are close."""
    m = A.shape[1]
    return delta * (2 * A / m - 2 * Y / m), None


def layer(W, X, b):
    """σ(W X + b).   W: (p, n); X: (n, m); b: (p, 1)."""
    return sigmoid(W @ X + b)


def layer_vjp_by_einsum(delta, W, X, b):
    A = layer(W, X, b)
    E = delta * A * (1 - A)
    return np.einsum("ij,kj->ik", E, X), np.einsum("ki,kj->ij", W, E), E.sum(axis=1)[:, np.newaxis]


def hidden_layers(X, W1, b1, W2, b2):
    """W2 tanh(W1 X + b1) + b2.   X: (n, m)."""
    return W2 @ tanh(W1 @ X + b1) + b2


def hidden_layers_vjp_by_cache(delta, X, W1, b1, W2, b2):
    """With a dictionary, as courses keep their values."""
    cache = {"A0": X}
    cache["Z1"] = np.dot(W1, cache["A0"]) + b1
    cache["A1"] = np.tanh(cache["Z1"])
    gradients = {"dZ2": delta}
    gradients["dW2"] = np.dot(gradients["dZ2"], cache["A1"].T)
    gradients["db2"] = np.sum(gradients["dZ2"], axis=1, keepdims=True)
    gradients["dA1"] = np.dot(W2.T, gradients["dZ2"])
    gradients["dZ1"] = np.multiply(gradients["dA1"], 1 - np.power(cache["A1"], 2))
    gradients["dW1"] = np.dot(gradients["dZ1"], cache["A0"].T)
    gradients["db1"] = np.sum(gradients["dZ1"], axis=1, keepdims=True)
    gradients["dX"] = np.dot(W1.T, gradients["dZ1"])
    return tuple(gradients[name] for name in ("dX", "dW1", "db1", "dW2", "db2"))


_ONE_HOT = MappingProxyType({"y": "one_hot"})
_ONE_HOTS = MappingProxyType({"Y": "one_hot"})
_BINARY = MappingProxyType({"y": "binary"})
_BINARIES = MappingProxyType({"Y": "binary"})
_BATCH = "(p,n),(n,m),(p,1)->(p,m)"

FORMULAS = (
    Formula("affine_by_loops", affine, affine_vjp_by_loops, "(m,n),(n),(m)->(m)", (), empty=("m", "n")),
    Formula("affine_batch_by_einsum", affine_batch, affine_batch_vjp_by_einsum, _BATCH, (), empty=("m",)),
    Formula("affine_batch_by_tensordot", affine_batch, affine_batch_vjp_by_tensordot, _BATCH, ()),
    Formula("affine_batch_by_examples", affine_batch, affine_batch_vjp_by_examples, _BATCH, ()),
    Formula("sigmoid_by_exponential", sigmoid, sigmoid_vjp_by_exponential, "(n)->(n)", (), empty=("n",)),
    Formula("sigmoid_by_both_sides", sigmoid, sigmoid_vjp_by_both_sides, "(n)->(n)", ()),
    Formula("sigmoid_by_tanh", sigmoid, sigmoid_vjp_by_tanh, "(n)->(n)", ()),
    Formula("tanh_by_cosh", tanh, tanh_vjp_by_cosh, "(n)->(n)", ()),
    Formula("tanh_by_factors", tanh, tanh_vjp_by_factors, "(n)->(n)", ()),
    Formula("tanh_by_exponentials", tanh, tanh_vjp_by_exponentials, "(n)->(n)", ()),
    Formula("relu_taking_zero", relu, relu_vjp_taking_zero, "(n)->(n)", (), empty=("n",)),
    Formula("relu_taking_half", relu, relu_vjp_taking_half, "(n)->(n)", ()),
    Formula("relu_by_mask", relu, relu_vjp_by_mask, "(n)->(n)", ()),
    Formula("softmax_by_loops", softmax, softmax_vjp_by_loops, "(n)->(n)", ()),
    Formula("softmax_by_diagonal", softmax, softmax_vjp_by_diagonal, "(n)->(n)", ()),
    Formula("softmax_unshifted", softmax, softmax_vjp_unshifted, "(n)->(n)", ()),
    Formula("softmax_by_logarithms", softmax, softmax_vjp_by_logarithms, "(n)->(n)", ()),
    Formula(
        "softmax_cross_entropy_by_where",
        softmax_cross_entropy,
        softmax_cross_entropy_vjp_by_where,
        "(n),(n)->()",
        (),
        _ONE_HOT,
    ),
    Formula(
        "softmax_cross_entropy_cost_by_columns",
        softmax_cross_entropy_cost,
        softmax_cross_entropy_cost_vjp_by_columns,
        "(n,m),(n,m)->()",
        (),
        _ONE_HOTS,
    ),
    Formula(
        "logistic_by_cases", sigmoid_binary_cross_entropy, logistic_vjp_by_cases, "(n),(n)->()", (), _BINARY
    ),
    Formula(
        "logistic_cost_by_mean",
        sigmoid_binary_cross_entropy_cost,
        logistic_cost_vjp_by_mean,
        "(n,m),(n,m)->()",
        (),
        _BINARIES,
    ),
    Formula(
        "mean_squared_error_by_parts",
        mean_squared_error,
        mean_squared_error_vjp_by_parts,
        "(n,m),(n,m)->()",
        (),
    ),
    Formula("layer_by_einsum", layer, layer_vjp_by_einsum, _BATCH, (), empty=("m",)),
    Formula(
        "hidden_layers_by_cache",
        hidden_layers,
        hidden_layers_vjp_by_cache,
        "(n0,m),(n1,n0),(n1,1),(n2,n1),(n2,1)->(n2,m)",
        (),
        empty=("m",),
    ),
)
