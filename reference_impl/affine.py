"""The affine layer z = W a + b, for one neuron, for one example and for a batch.

The lecture's convention: the derivative by an argument times δ has the shape of the argument, so dz/dW δ = δ
aᵀ, dz/da δ = Wᵀ δ and dz/db δ = δ. Sources: cs182-6 to cs182-24, article-1, article-49 to article-86, nndl-6,
calculus-22.
"""
# ruff: noqa: ARG001  (a vjp takes every argument of its forward, needed or not)

from __future__ import annotations

import numpy as np

from reference_impl.formula import Array, Formula, ids


def neuron(w: Array, x: Array, b: Array) -> Array:
    """Net input z = wᵀ x + b.   w, x: (n); b, z: scalar. Sources: article-1, article-49, ng-1, calculus-2."""
    z: Array = w @ x + b
    return z


def neuron_vjp(delta: Array, w: Array, x: Array, b: Array) -> tuple[Array, Array, Array]:
    """(δ x, δ w, δ).   δ: scalar; gradients as w, x, b. Sources: ng-7, ng-8, calculus-11, calculus-18."""
    return delta * x, delta * w, delta


def affine(W: Array, a: Array, b: Array) -> Array:
    """Net inputs z = W a + b.   W: (m, n); a: (n); b, z: (m).

    Sources: cs182-6, article-65, nndl-6, calculus-22.
    """
    z: Array = W @ a + b
    return z


def affine_vjp(delta: Array, W: Array, a: Array, b: Array) -> tuple[Array, Array, Array]:
    """(δ aᵀ, Wᵀ δ, δ).   δ: (m); gradients (m, n), (n), (m).

    Sources: cs182-16, -19, -23, nndl-46, article-188.
    """
    return np.outer(delta, a), W.T @ delta, delta


def affine_jacobians(W: Array, a: Array) -> tuple[Array, Array, Array]:
    """The Jacobians of W a + b by W, a and b in full, numerator index first.

        ∂z_i/∂W_jk = 1[i = j] a_k,    ∂z_i/∂a_k = W_ik,    ∂z_i/∂b_j = 1[i = j]

    W: (m, n); a: (n). Returns arrays (m, m, n), (m, n), (m, m). Sources: cs182-13, cs182-14, cs182-18,
    cs182-20.
    """
    identity = np.eye(len(W), dtype=W.dtype)
    return identity[:, :, None] * a, W, identity


def affine_vjp_by_jacobians(delta: Array, W: Array, a: Array, b: Array) -> tuple[Array, Array, Array]:
    """Σ_i δ_i dz_i/dW, Σ_i δ_i dz_i/da, Σ_i δ_i dz_i/db: the products with the Jacobians in full.

    δ: (m); gradients (m, n), (n), (m). Nobody would compute them so: the array dz/dW has m²n entries of which
    mn can differ from zero. Sources: cs182-10, cs182-12, cs182-15.
    """
    by_W, by_a, by_b = affine_jacobians(W, a)
    return (
        np.einsum("i,ijk->jk", delta, by_W),
        np.einsum("i,ik->k", delta, by_a),
        np.einsum("i,ij->j", delta, by_b),
    )


def affine_batch(W: Array, A: Array, b: Array) -> Array:
    """Z = W A + b, the column b added to every column.   W: (p, n); A: (n, m); b: (p, 1); Z: (p, m).

    Sources: article-18, article-77, article-85, ng-26.
    """
    Z: Array = W @ A + b
    return Z


def affine_batch_vjp(delta: Array, W: Array, A: Array, b: Array) -> tuple[Array, Array, Array]:
    """(δ Aᵀ, Wᵀ δ, Σ_s δ_s): the bias was added to every column, so its gradient is the sum of the columns.

    δ: (p, m); gradients (p, n), (n, m), (p, 1). Sources: article-249, article-252, article-254.
    """
    return delta @ A.T, W.T @ delta, delta.sum(axis=1, keepdims=True)


FORMULAS = (
    Formula(
        "neuron",
        neuron,
        neuron_vjp,
        "(n),(n),()->()",
        ids("article-1 article-47 article-48 article-49 ng-1 calculus-2 calculus-11"),
        empty=("n",),
    ),
    Formula(
        "affine",
        affine,
        affine_vjp,
        "(m,n),(n),(m)->(m)",
        ids(
            "cs182-6 cs182-11 cs182-16 cs182-17 cs182-19 cs182-23 cs182-24 nndl-2 nndl-3 nndl-4 nndl-6 "
            "nndl-46 nndl-47 article-58 article-59 article-62 article-63 article-64 article-65 article-68 "
            "article-181 article-182 article-185 article-187 article-188 calculus-21 calculus-22"
        ),
        empty=("m", "n"),
    ),
    Formula(
        "affine_by_jacobians",
        affine,
        affine_vjp_by_jacobians,
        "(m,n),(n),(m)->(m)",
        ids(
            "cs182-10 cs182-12 cs182-13 cs182-14 cs182-15 cs182-18 cs182-20 cs182-22 "
            "article-183 article-184 article-186 nndl-33 nndl-34 nndl-35 nndl-36 nndl-40"
        ),
        definition="affine",
        empty=("m", "n"),
    ),
    Formula(
        "affine_batch",
        affine_batch,
        affine_batch_vjp,
        "(p,n),(n,m),(p,1)->(p,m)",
        ids(
            "article-18 article-71 article-75 article-77 article-78 article-79 article-82 article-85 "
            "article-249 article-252 article-254 ng-26"
        ),
        convention="δ is the derivative of the cost, so the 1/m of the sources' gradients is part of it",
        empty=("n", "m", "p"),
    ),
)
