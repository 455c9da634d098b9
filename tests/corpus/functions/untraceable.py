"""Functions that leave NumPy on the way, so that no autodiff can follow: finite differences judge alone.

Every forward sends its numbers through text, as a program does that calls another one.
"""

from __future__ import annotations

import numpy as np

from reference_impl.formula import Formula


def through_text(x):
    """The same numbers, written out and read in again."""
    written = np.array([float(repr(float(entry))) for entry in np.ravel(x)], dtype=np.asarray(x).dtype)
    return written.reshape(np.shape(x))


def cubes(x):
    """Σ x³ / 3.   x: (n)."""
    return (through_text(x) ** 3).sum() / 3


def cubes_vjp(delta, x):
    return delta * x**2


def tanh_layer(W, x, b):
    """tanh(W x + b).   W: (m, n); x: (n); b: (m)."""
    return np.tanh(through_text(W) @ through_text(x) + through_text(b))


def tanh_layer_vjp(delta, W, x, b):
    dz = delta * (1 - np.tanh(W @ x + b) ** 2)
    return np.outer(dz, x), W.T @ dz, dz


def soft_maximum(z):
    """ln Σ e^z.   z: (n)."""
    z = through_text(z)
    return z.max() + np.log(np.exp(z - z.max()).sum())


def soft_maximum_vjp(delta, z):
    e = np.exp(z - np.max(z))
    return delta * e / e.sum()


def absolute_sum(x):
    """Σ |x|.   x: (n)."""
    return np.abs(through_text(x)).sum()


def absolute_sum_vjp(delta, x):
    return delta * np.sign(x)


def softmax_scores(z):
    """softmax(z).   z: (n)."""
    e = np.exp(through_text(z) - np.max(z))
    return e / e.sum()


def softmax_scores_vjp(delta, z):
    e = np.exp(z - np.max(z))
    a = e / e.sum()
    return a * (delta - a @ delta)


def products(A, B):
    """A B.   A: (m, n); B: (n, p)."""
    return through_text(A) @ through_text(B)


def products_vjp(delta, A, B):
    return delta @ B.T, A.T @ delta


FORMULAS = (
    Formula("cubes", cubes, cubes_vjp, "(n)->()", ()),
    Formula("tanh_layer", tanh_layer, tanh_layer_vjp, "(m,n),(n),(m)->(m)", ()),
    Formula("soft_maximum", soft_maximum, soft_maximum_vjp, "(n)->()", ()),
    Formula("absolute_sum", absolute_sum, absolute_sum_vjp, "(n)->()", ()),
    Formula("softmax_scores", softmax_scores, softmax_scores_vjp, "(n)->(n)", ()),
    Formula("products", products, products_vjp, "(m,n),(n,p)->(m,p)", ()),
)
