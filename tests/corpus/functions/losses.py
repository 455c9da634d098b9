"""Losses and divergences; arrays of predictions and targets of the same shape, the loss a scalar."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from reference_impl.formula import Formula


def huber(a, y):
    """Σ of r²/2 where |r| ≤ 1, |r| − 1/2 elsewhere, r = a − y.   a, y: (n)."""
    r = a - y
    return np.where(np.abs(r) <= 1, r**2 / 2, np.abs(r) - 0.5).sum()


def huber_vjp(delta, a, y):
    r = a - y
    return delta * np.clip(r, -1, 1), -delta * np.clip(r, -1, 1)


def hinge(s, y):
    """Mean of max(0, 1 − y s).   s, y: (n), y = ±1."""
    return np.maximum(0, 1 - y * s).mean()


def hinge_vjp(delta, s, y):
    return np.where(y * s < 1, -y, 0) * delta / len(s), None


def multiclass_svm(S, t):
    """CS231n's loss: Σ_{j ≠ t} max(0, s_j − s_t + 1), mean over rows.   S: (m, k); t: (m) class numbers."""
    m = S.shape[0]
    margins = np.maximum(0, S - S[np.arange(m), t][:, None] + 1)
    margins[np.arange(m), t] = 0
    return margins.sum() / m


def multiclass_svm_vjp(delta, S, t):
    m = S.shape[0]
    over = (S - S[np.arange(m), t][:, None] + 1 > 0).astype(S.dtype)
    over[np.arange(m), t] = 0
    over[np.arange(m), t] -= over.sum(axis=1)
    return delta * over / m, None


def softmax_loss_of_rows(S, t):
    """Mean of −ln softmax(s)_t.   S: (m, k); t: (m) class numbers."""
    shifted = S - S.max(axis=1, keepdims=True)
    logarithms = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -logarithms[np.arange(len(t)), t].mean()


def softmax_loss_of_rows_vjp(delta, S, t):
    m = S.shape[0]
    e = np.exp(S - S.max(axis=1, keepdims=True))
    by_S = e / e.sum(axis=1, keepdims=True)
    by_S[np.arange(m), t] -= 1
    return delta * by_S / m, None


def kl_divergence(p, q):
    """Σ p ln(p/q).   p, q: (n), positive."""
    return (p * np.log(p / q)).sum()


def kl_divergence_vjp(delta, p, q):
    return delta * (np.log(p / q) + 1), -delta * p / q


def kl_of_gaussians(mean, log_variance):
    """−1/2 Σ (1 + ln σ² − μ² − σ²): of a code from the standard normal.   μ, ln σ²: (n)."""
    return -0.5 * np.sum(1 + log_variance - mean**2 - np.exp(log_variance))


def kl_of_gaussians_vjp(delta, mean, log_variance):
    return delta * mean, delta * 0.5 * (np.exp(log_variance) - 1)


def jensen_shannon(p, q):
    """Half the divergences of p and q from their mean.   p, q: (n), positive."""
    m = (p + q) / 2
    return 0.5 * (p * np.log(p / m)).sum() + 0.5 * (q * np.log(q / m)).sum()


def jensen_shannon_vjp(delta, p, q):
    m = (p + q) / 2
    return delta * 0.5 * np.log(p / m), delta * 0.5 * np.log(q / m)


def log_cosh(a, y):
    """Σ ln cosh(a − y), without an overflow.   a, y: (n)."""
    r = np.abs(a - y)
    return (r + np.log1p(np.exp(-2 * r)) - np.log(2)).sum()


def log_cosh_vjp(delta, a, y):
    return delta * np.tanh(a - y), delta * np.tanh(y - a)


def focal(p, y):
    """−Σ [y (1 − p)² ln p + (1 − y) p² ln(1 − p)].   p, y: (n), p in (0, 1), y 0 or 1."""
    return -(y * (1 - p) ** 2 * np.log(p) + (1 - y) * p**2 * np.log(1 - p)).sum()


def focal_vjp(delta, p, y):
    of_one = 2 * (1 - p) * np.log(p) - (1 - p) ** 2 / p
    of_zero = p**2 / (1 - p) - 2 * p * np.log(1 - p)
    return delta * (y * of_one + (1 - y) * of_zero), None


def poisson(z, y):
    """Mean of e^z − y z.   z, y: (n)."""
    return np.mean(np.exp(z) - y * z)


def poisson_vjp(delta, z, y):
    return delta * (np.exp(z) - y) / z.size, None


def gaussian_likelihood(y, mean, log_scale):
    """Σ [(y − μ)² e^{−2s}/2 + s].   y, μ, s: (n)."""
    return (0.5 * (y - mean) ** 2 * np.exp(-2 * log_scale) + log_scale).sum()


def gaussian_likelihood_vjp(delta, y, mean, log_scale):
    scaled = (y - mean) * np.exp(-2 * log_scale)
    return delta * scaled, -delta * scaled, delta * (1 - (y - mean) * scaled)


def triplet(a, p, n):
    """max(0, ‖a − p‖² − ‖a − n‖² + 1).   a, p, n: (d)."""
    return np.maximum(0, ((a - p) ** 2).sum() - ((a - n) ** 2).sum() + 1)


def triplet_vjp(delta, a, p, n):
    active = ((a - p) ** 2).sum() - ((a - n) ** 2).sum() + 1 > 0
    by = delta * active
    return by * 2 * (n - p), by * 2 * (p - a), by * 2 * (a - n)


def weighted_squares(X, w, b, y):
    """‖X w + b − y‖² / (2m).   X: (m, n); w: (n); b: scalar; y: (m)."""
    return ((X @ w + b - y) ** 2).sum() / (2 * len(y))


def weighted_squares_vjp(delta, X, w, b, y):
    r = (X @ w + b - y) * delta / len(y)
    return np.outer(r, w), X.T @ r, r.sum(), -r


def offset_square(x):
    """10⁹ + Σ x²: the value has few digits left for x.   x: (n)."""
    return 1e9 + (x**2).sum()


def offset_square_vjp(delta, x):
    return 2 * delta * x


def small_scale(x):
    """10⁻⁷ Σ sin x.   x: (n)."""
    return 1e-7 * np.sin(x).sum()


def small_scale_vjp(delta, x):
    return delta * 1e-7 * np.cos(x)


_CLASSES = MappingProxyType({"t": "label"})
_DISTRIBUTIONS = MappingProxyType({"p": "positive", "q": "positive"})

FORMULAS = (
    Formula("huber", huber, huber_vjp, "(n),(n)->()", (), empty=("n",)),
    Formula("hinge", hinge, hinge_vjp, "(n),(n)->()", ()),
    Formula("multiclass_svm", multiclass_svm, multiclass_svm_vjp, "(m,k),(m)->()", (), _CLASSES),
    Formula(
        "softmax_loss_of_rows", softmax_loss_of_rows, softmax_loss_of_rows_vjp, "(m,k),(m)->()", (), _CLASSES
    ),
    Formula("kl_divergence", kl_divergence, kl_divergence_vjp, "(n),(n)->()", (), _DISTRIBUTIONS),
    Formula("kl_of_gaussians", kl_of_gaussians, kl_of_gaussians_vjp, "(n),(n)->()", (), empty=("n",)),
    Formula("jensen_shannon", jensen_shannon, jensen_shannon_vjp, "(n),(n)->()", (), _DISTRIBUTIONS),
    Formula("log_cosh", log_cosh, log_cosh_vjp, "(n),(n)->()", (), empty=("n",)),
    Formula(
        "focal",
        focal,
        focal_vjp,
        "(n),(n)->()",
        (),
        MappingProxyType({"p": "probability", "y": "binary"}),
    ),
    Formula("poisson", poisson, poisson_vjp, "(n),(n)->()", ()),
    Formula(
        "gaussian_likelihood",
        gaussian_likelihood,
        gaussian_likelihood_vjp,
        "(n),(n),(n)->()",
        (),
        empty=("n",),
    ),
    Formula("triplet", triplet, triplet_vjp, "(d),(d),(d)->()", ()),
    Formula("weighted_squares", weighted_squares, weighted_squares_vjp, "(m,n),(n),(),(m)->()", ()),
    Formula("offset_square", offset_square, offset_square_vjp, "(n)->()", ()),
    Formula("small_scale", small_scale, small_scale_vjp, "(n)->()", ()),
)
