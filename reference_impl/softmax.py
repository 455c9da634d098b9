"""Softmax of a vector and of the columns of a matrix, with a sharpness constant, and its Jacobian.

    a_i = e^{z_i} / Σ_k e^{z_k},    ∂a_i/∂z_j = a_i (1[i = j] − a_j)

z, a: (n), or (n, m) with examples as columns. Subtracting the largest entry changes nothing in exact
arithmetic and keeps every exponential at most 1. Sources: article-91 to article-106, cs182-35, nndl-13,
nndl-41.
"""

from __future__ import annotations

import numpy as np

from reference_impl.formula import Array, Formula, ids


def softmax(z: Array) -> Array:
    """Softmax a = e^z / Σ_k e^{z_k} down the first axis.   z, a: (n), or (n, m) with examples as columns.

    Sources: article-91, article-92, cs182-35, nndl-13.
    """
    e = np.exp(z - z.max(axis=0))
    a: Array = e / e.sum(axis=0)
    return a


def log_softmax(z: Array) -> Array:
    """Logarithms ln a_i = z_i − ln Σ_k e^{z_k}, finite where a_i itself underflows.   z: (n), or (n, m).

    Source: cs182-35.
    """
    shifted = z - z.max(axis=0)
    logarithms: Array = shifted - np.log(np.exp(shifted).sum(axis=0))
    return logarithms


def softmax_vjp(delta: Array, z: Array) -> Array:
    """Product a ⊙ (δ − Σ_k δ_k a_k).   δ, z: (n), or (n, m) with examples as columns.

    Sources: article-101, -206.
    """
    a = softmax(z)
    by_z: Array = a * (delta - (delta * a).sum(axis=0))
    return by_z


def softmax_jacobian(z: Array) -> Array:
    """∂a/∂z = diag(a) − a aᵀ.   z: (n); returns (n, n), symmetric.

    Sources: article-99, article-100, article-101.
    """
    a = softmax(z)
    return np.diag(a) - np.outer(a, a)


def softmax_vjp_by_jacobian(delta: Array, z: Array) -> Array:
    """(∂a/∂z)ᵀ δ, with the Jacobian in full.   δ, z: (n). Sources: article-101, nndl-41."""
    return softmax_jacobian(z).T @ delta


def sharp_softmax(z: Array, beta: Array) -> Array:
    """a_i = e^{β z_i} / Σ_k e^{β z_k}.   z, a: (n); β: scalar. For β → ∞ it tends to hardmax.

    Source: article-96.
    """
    return softmax(beta * z)


def sharp_softmax_vjp(delta: Array, z: Array, beta: Array) -> tuple[Array, Array]:
    """(β u, Σ_i z_i u_i) with u = a ⊙ (δ − Σ_k δ_k a_k).   δ, z: (n); β: scalar. Source: article-96."""
    u = softmax_vjp(delta, beta * z)
    return beta * u, z @ u


def two_class_softmax(z: Array) -> Array:
    """a_1 = 1 / (1 + e^{−(z_1 − z_2)}), a_2 = 1 − a_1, without an overflow.   z, a: (2).

    Sources: article-102 to article-106.
    """
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(z[::-1] - z))


def two_class_softmax_vjp(delta: Array, z: Array) -> Array:
    """(d, −d) with d = a_1 a_2 (δ_1 − δ_2).   δ, z: (2). Sources: article-101, article-105."""
    a = two_class_softmax(z)
    d = a[0] * a[1] * (delta[0] - delta[1])
    return np.stack([d, -d])


FORMULAS = (
    Formula(
        "softmax",
        softmax,
        softmax_vjp,
        "(n)->(n)",
        ids("article-91 article-92 article-93 article-101 cs182-35 nndl-13"),
    ),
    Formula(
        "softmax_by_jacobian",
        softmax,
        softmax_vjp_by_jacobian,
        "(n)->(n)",
        ids("article-99 article-100 article-101 article-206 nndl-41"),
        definition="softmax",
    ),
    Formula("softmax_batch", softmax, softmax_vjp, "(n,m)->(n,m)", ids("article-91"), empty=("m",)),
    Formula("sharp_softmax", sharp_softmax, sharp_softmax_vjp, "(n),()->(n)", ids("article-96")),
    Formula(
        "two_class_softmax",
        two_class_softmax,
        two_class_softmax_vjp,
        "(2)->(2)",
        ids("article-102 article-103 article-104 article-105 article-106"),
    ),
)
