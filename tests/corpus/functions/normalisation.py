"""Normalisations of vectors, of rows and of columns, with and without scale and shift, and norms."""

from __future__ import annotations

import numpy as np

from reference_impl.formula import Formula

EPSILON = 1e-5


def layer_norm(X, gamma, beta):
    """Rows of mean 0 and variance 1, scaled and shifted.   X: (m, n); γ, β: (n)."""
    mean = X.mean(axis=1, keepdims=True)
    variance = ((X - mean) ** 2).mean(axis=1, keepdims=True)
    return gamma * (X - mean) / np.sqrt(variance + EPSILON) + beta


def layer_norm_vjp(delta, X, gamma, beta):
    mean = X.mean(axis=1, keepdims=True)
    variance = ((X - mean) ** 2).mean(axis=1, keepdims=True)
    inverse = 1 / np.sqrt(variance + EPSILON)
    normal = (X - mean) * inverse
    by_normal = delta * gamma
    by_X = inverse * (
        by_normal
        - by_normal.mean(axis=1, keepdims=True)
        - normal * (by_normal * normal).mean(axis=1, keepdims=True)
    )
    return by_X, (delta * normal).sum(axis=0), delta.sum(axis=0)


def batch_norm(X, gamma, beta):
    """Columns of mean 0 and variance 1 over the batch, scaled and shifted.   X: (m, n); γ, β: (n)."""
    return gamma * (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + EPSILON) + beta


def batch_norm_vjp(delta, X, gamma, beta):
    """Step by step, as the courses teach it."""
    m = X.shape[0]
    centred = X - X.mean(axis=0)
    variance = (centred**2).sum(axis=0) / m
    deviation = np.sqrt(variance + EPSILON)
    normal = centred / deviation
    by_normal = delta * gamma
    by_variance = (by_normal * centred).sum(axis=0) * -0.5 / deviation**3
    by_mean = -by_normal.sum(axis=0) / deviation - 2 * by_variance * centred.sum(axis=0) / m
    by_X = by_normal / deviation + 2 * by_variance * centred / m + by_mean / m
    return by_X, (delta * normal).sum(axis=0), delta.sum(axis=0)


def batch_norm_vjp_at_once(delta, X, gamma, beta):
    """In one line: γ / (m s) (m δ − Σ δ − x̂ Σ δ x̂)."""
    m = X.shape[0]
    s = np.sqrt(X.var(axis=0) + EPSILON)
    normal = (X - X.mean(axis=0)) / s
    by_gamma = np.einsum("ij,ij->j", delta, normal)
    by_beta = np.einsum("ij->j", delta)
    return gamma / (m * s) * (m * delta - by_beta - normal * by_gamma), by_gamma, by_beta


def rms_norm(x, g):
    """g x / √(mean x² + ε).   x, g: (n)."""
    return g * x / np.sqrt((x**2).mean() + EPSILON)


def rms_norm_vjp(delta, x, g):
    n = len(x)
    r = np.sqrt((x**2).mean() + EPSILON)
    weighted = delta * g
    return weighted / r - x * (weighted @ x) / (n * r**3), delta * x / r


def normalise(x):
    """x / √(‖x‖² + ε).   x: (n)."""
    return x / np.sqrt(x @ x + EPSILON)


def normalise_vjp(delta, x):
    norm = np.sqrt(x @ x + EPSILON)
    y = x / norm
    return (delta - y * (y @ delta)) / norm


def cosine_similarity(u, v):
    """uᵀ v / (‖u‖ ‖v‖).   u, v: (n)."""
    return u @ v / (np.sqrt(u @ u) * np.sqrt(v @ v))


def cosine_similarity_vjp(delta, u, v):
    length_u, length_v = np.sqrt(u @ u), np.sqrt(v @ v)
    c = u @ v / (length_u * length_v)
    by_u = v / (length_u * length_v) - c * u / length_u**2
    by_v = u / (length_u * length_v) - c * v / length_v**2
    return delta * by_u, delta * by_v


def euclidean_norm(x):
    """‖x‖₂.   x: (n)."""
    return np.sqrt((x**2).sum())


def euclidean_norm_vjp(delta, x):
    return delta * x / np.sqrt((x**2).sum())


def euclidean_norm_of_library(x):
    """‖x‖₂ by NumPy's own function."""
    return np.linalg.norm(x)


def euclidean_norm_of_library_vjp(delta, x):
    return delta * x / np.sqrt((x**2).sum())


def sum_norm(x):
    """‖x‖₁.   x: (n)."""
    return np.abs(x).sum()


def sum_norm_vjp(delta, x):
    return delta * np.sign(x)


def largest_norm(x):
    """‖x‖∞.   x: (n)."""
    return np.max(np.abs(x))


def largest_norm_vjp(delta, x):
    by_x = np.zeros_like(x)
    where = np.argmax(np.abs(x))
    by_x[where] = delta * np.sign(x[where])
    return by_x


def variance(x):
    """Σ (x − x̄)² / n.   x: (n)."""
    return np.var(x)


def variance_vjp(delta, x):
    return delta * 2 * (x - np.mean(x)) / x.size


def standard_scores(X):
    """(X − mean) / √(var + ε) down the columns.   X: (m, n)."""
    return (X - np.mean(X, axis=0)) / np.sqrt(np.var(X, axis=0) + EPSILON)


def standard_scores_vjp(delta, X):
    m = len(X)
    by_X = np.zeros_like(X)
    for j in range(X.shape[1]):
        x, d = X[:, j], delta[:, j]
        s = np.sqrt(((x - x.sum() / m) ** 2).sum() / m + EPSILON)
        y = (x - x.sum() / m) / s
        by_X[:, j] = (d - d.sum() / m - y * (y * d).sum() / m) / s
    return by_X


FORMULAS = (
    Formula("layer_norm", layer_norm, layer_norm_vjp, "(m,n),(n),(n)->(m,n)", (), empty=("m",)),
    Formula("batch_norm", batch_norm, batch_norm_vjp, "(m,n),(n),(n)->(m,n)", (), empty=("n",)),
    Formula("batch_norm_at_once", batch_norm, batch_norm_vjp_at_once, "(m,n),(n),(n)->(m,n)", ()),
    Formula("rms_norm", rms_norm, rms_norm_vjp, "(n),(n)->(n)", ()),
    Formula("normalise", normalise, normalise_vjp, "(n)->(n)", (), empty=("n",)),
    Formula("cosine_similarity", cosine_similarity, cosine_similarity_vjp, "(n),(n)->()", ()),
    Formula("euclidean_norm", euclidean_norm, euclidean_norm_vjp, "(n)->()", ()),
    Formula(
        "euclidean_norm_of_library", euclidean_norm_of_library, euclidean_norm_of_library_vjp, "(n)->()", ()
    ),
    Formula("sum_norm", sum_norm, sum_norm_vjp, "(n)->()", (), empty=("n",)),
    Formula("largest_norm", largest_norm, largest_norm_vjp, "(n)->()", ()),
    Formula("variance", variance, variance_vjp, "(n)->()", ()),
    Formula("standard_scores", standard_scores, standard_scores_vjp, "(m,n)->(m,n)", (), empty=("n",)),
)
