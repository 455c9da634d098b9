"""Inverse, determinant, solution of equations, quadratic forms, and products of matrices."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from reference_impl.formula import Formula


def regular(rng, shape):
    """A matrix with a strong diagonal: far from singular."""
    return np.round(rng.standard_normal(shape), 2) + (shape[0] + 2) * np.eye(*shape)


def inverse(A):
    """A⁻¹.   A: (n, n)."""
    return np.linalg.inv(A)


def inverse_vjp(delta, A):
    """−A⁻ᵀ δ A⁻ᵀ."""
    B = np.linalg.inv(A)
    return -B.T @ delta @ B.T


def log_determinant(A):
    """ln |det A|.   A: (n, n)."""
    _, value = np.linalg.slogdet(A)
    return value


def log_determinant_vjp(delta, A):
    return delta * np.linalg.inv(A).T


def determinant(A):
    """det A.   A: (n, n)."""
    return np.linalg.det(A)


def determinant_vjp(delta, A):
    return delta * np.linalg.det(A) * np.linalg.inv(A).T


def solution(A, b):
    """A⁻¹ b.   A: (n, n); b: (n)."""
    return np.linalg.solve(A, b)


def solution_vjp(delta, A, b):
    by_b = np.linalg.solve(A.T, delta)
    return -np.outer(by_b, np.linalg.solve(A, b)), by_b


def ridge(X, y):
    """(XᵀX + I)⁻¹ Xᵀ y.   X: (m, n); y: (m)."""
    return np.linalg.solve(X.T @ X + np.eye(X.shape[1]), X.T @ y)


def ridge_vjp(delta, X, y):
    G = X.T @ X + np.eye(X.shape[1])
    w = np.linalg.solve(G, X.T @ y)
    v = np.linalg.solve(G, delta)
    by_G = -np.outer(v, w)
    return X @ (by_G + by_G.T) + np.outer(y, v), X @ v


def gaussian_process(X, y):
    """yᵀ (X Xᵀ + I)⁻¹ y by a Cholesky factor.   X: (m, n); y: (m)."""
    L = np.linalg.cholesky(X @ X.T + np.eye(len(y)))
    half = np.linalg.solve(L, y)
    return half @ half


def gaussian_process_vjp(delta, X, y):
    K = X @ X.T + np.eye(len(y))
    alpha = np.linalg.solve(K, y)
    return -2 * delta * np.outer(alpha, alpha @ X), 2 * delta * alpha


def quadratic_form(A, x):
    """xᵀ A x, A not symmetric.   A: (n, n); x: (n)."""
    return x @ A @ x


def quadratic_form_vjp(delta, A, x):
    return delta * np.outer(x, x), delta * (A @ x + A.T @ x)


def bilinear(x, A, y):
    """xᵀ A y.   x: (m); A: (m, n); y: (n)."""
    return np.einsum("i,ij,j->", x, A, y)


def bilinear_vjp(delta, x, A, y):
    return delta * (A @ y), delta * np.outer(x, y), delta * (x @ A)


def matrix_chain(A, B, C):
    """A B C.   A: (m, n); B: (n, p); C: (p, q)."""
    return A @ B @ C


def matrix_chain_vjp(delta, A, B, C):
    return delta @ C.T @ B.T, A.T @ delta @ C.T, (A @ B).T @ delta


def gram(X):
    """Xᵀ X.   X: (m, n)."""
    return X.T @ X


def gram_vjp(delta, X):
    return X @ (delta + delta.T)


def frobenius(A):
    """‖A‖_F².   A: (m, n)."""
    return np.trace(A.T @ A)


def frobenius_vjp(delta, A):
    return 2 * delta * A


def outer_product(x, y):
    """x yᵀ.   x: (m); y: (n)."""
    return np.outer(x, y)


def outer_product_vjp(delta, x, y):
    return delta @ y, delta.T @ x


def symmetric_product(x):
    """S x with a fixed matrix that is not symmetric.   x: (3)."""
    return np.array([[1.0, 2.0, 0.5], [-1.0, 3.0, 0.0], [4.0, 1.5, -2.0]]) @ x


def symmetric_product_vjp(delta, x):
    return np.array([[1.0, 2.0, 0.5], [-1.0, 3.0, 0.0], [4.0, 1.5, -2.0]]).T @ delta


def distances(X, Y):
    """‖x_i − y_j‖² for all pairs.   X: (m, d); Y: (n, d)."""
    return ((X[:, None, :] - Y[None, :, :]) ** 2).sum(axis=2)


def distances_vjp(delta, X, Y):
    by_X = 2 * (X * delta.sum(axis=1, keepdims=True) - delta @ Y)
    by_Y = 2 * (Y * delta.sum(axis=0)[:, None] - delta.T @ X)
    return by_X, by_Y


def batched_product(A, B):
    """A_s B_s for every s.   A: (s, m, n); B: (s, n, p)."""
    return A @ B


def batched_product_vjp(delta, A, B):
    return np.einsum("smp,snp->smn", delta, B), np.einsum("smn,smp->snp", A, delta)


_REGULAR = MappingProxyType({"A": regular})

FORMULAS = (
    Formula("inverse", inverse, inverse_vjp, "(n,n)->(n,n)", (), _REGULAR),
    Formula("log_determinant", log_determinant, log_determinant_vjp, "(n,n)->()", (), _REGULAR),
    Formula("determinant", determinant, determinant_vjp, "(n,n)->()", (), _REGULAR),
    Formula("solution", solution, solution_vjp, "(n,n),(n)->(n)", (), _REGULAR),
    Formula("ridge", ridge, ridge_vjp, "(m,n),(m)->(n)", ()),
    Formula("gaussian_process", gaussian_process, gaussian_process_vjp, "(m,n),(m)->()", ()),
    Formula("quadratic_form", quadratic_form, quadratic_form_vjp, "(n,n),(n)->()", (), empty=("n",)),
    Formula("bilinear", bilinear, bilinear_vjp, "(m),(m,n),(n)->()", (), empty=("m", "n")),
    Formula(
        "matrix_chain",
        matrix_chain,
        matrix_chain_vjp,
        "(m,n),(n,p),(p,q)->(m,q)",
        (),
        empty=("m", "n", "p", "q"),
    ),
    Formula("gram", gram, gram_vjp, "(m,n)->(n,n)", (), empty=("m", "n")),
    Formula("frobenius", frobenius, frobenius_vjp, "(m,n)->()", ()),
    Formula("outer_product", outer_product, outer_product_vjp, "(m),(n)->(m,n)", (), empty=("m", "n")),
    Formula("symmetric_product", symmetric_product, symmetric_product_vjp, "(3)->(3)", ()),
    Formula("distances", distances, distances_vjp, "(m,d),(n,d)->(m,n)", (), empty=("m", "n")),
    Formula(
        "batched_product",
        batched_product,
        batched_product_vjp,
        "(s,m,n),(s,n,p)->(s,m,p)",
        (),
        empty=("s", "m"),
    ),
)
