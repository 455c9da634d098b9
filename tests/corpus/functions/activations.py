"""Activations that no catalogued source has, and the soft maximum; z, δ: (n) unless a line says otherwise."""

from __future__ import annotations

import numpy as np

from reference_impl.formula import Formula


def silu(z):
    """z σ(z)."""
    with np.errstate(over="ignore"):
        return z / (1 + np.exp(-z))


def silu_vjp(delta, z):
    """σ + z σ (1 − σ)."""
    with np.errstate(over="ignore"):
        s = 1 / (1 + np.exp(-z))
    return delta * (s + z * s * (1 - s))


def gelu(z):
    """z/2 (1 + tanh(√(2/π) (z + 0.044715 z³)))."""
    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def gelu_vjp(delta, z):
    t = np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))
    slope = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * z**2)
    return delta * (0.5 * (1 + t) + 0.5 * z * (1 - t**2) * slope)


def elu(z):
    """z above 0, e^z − 1 below."""
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def elu_vjp(delta, z):
    return np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))) * delta


def softplus(z):
    """ln(1 + e^z), without an overflow."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def softplus_vjp(delta, z):
    with np.errstate(over="ignore"):
        return delta / (1 + np.exp(-z))


def softplus_vjp_by_half_planes(delta, z):
    """The same slope from e^−|z| alone, which never overflows."""
    e = np.exp(-np.abs(z))
    return delta * np.where(z >= 0, 1, e) / (1 + e)


def mish(z):
    """z tanh(ln(1 + e^z))."""
    return z * np.tanh(np.log1p(np.exp(z)))


def mish_vjp(delta, z):
    e = np.exp(z)
    t = np.tanh(np.log1p(e))
    return delta * (t + z * (1 - t**2) * e / (1 + e))


def selu(z):
    """1.0507 z above 0, 1.0507 · 1.6733 (e^z − 1) below."""
    return 1.0507 * np.where(z > 0, z, 1.6733 * (np.exp(np.minimum(z, 0)) - 1))


def selu_vjp(delta, z):
    return 1.0507 * np.where(z > 0, 1.0, 1.6733 * np.exp(np.minimum(z, 0))) * delta


def hard_tanh(z):
    """z held between −1 and 1."""
    return np.clip(z, -1, 1)


def hard_tanh_vjp(delta, z):
    return np.where(np.abs(z) < 1, delta, 0)


def prelu(z, c):
    """z above 0, c z below, the slope c learned."""
    return np.where(z > 0, z, c * z)


def prelu_vjp(delta, z, c):
    below = z <= 0
    return np.where(below, c * delta, delta), (delta * z * below).sum()


def log_sum_exp(z):
    """ln Σ e^z, shifted."""
    top = z.max()
    return top + np.log(np.exp(z - top).sum())


def log_sum_exp_vjp(delta, z):
    e = np.exp(z - z.max())
    return delta * e / e.sum()


def log_sum_exp_plain(z):
    """ln Σ e^z as it stands: overflows early."""
    return np.log(np.sum(np.exp(z)))


def log_sum_exp_plain_vjp(delta, z):
    return delta * np.exp(z) / np.sum(np.exp(z))


def log_softmax_rows(Z):
    """Row by row.   Z: (m, n)."""
    shifted = Z - Z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def log_softmax_rows_vjp(delta, Z):
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return delta - p * delta.sum(axis=1, keepdims=True)


def maxout(Z):
    """The larger of two halves.   Z: (2, n)."""
    return np.maximum(Z[0], Z[1])


def maxout_vjp(delta, Z):
    first = Z[0] > Z[1]
    return np.stack([np.where(first, delta, 0), np.where(first, 0, delta)])


def gated(Z, G):
    """Z ⊙ σ(G).   Z, G: (m, n)."""
    with np.errstate(over="ignore"):
        return Z / (1 + np.exp(-G))


def gated_vjp(delta, Z, G):
    with np.errstate(over="ignore"):
        s = 1 / (1 + np.exp(-G))
    return delta * s, delta * Z * s * (1 - s)


def arctan(z):
    """The angle of slope z."""
    return np.arctan(z)


def arctan_vjp(delta, z):
    return delta / (1 + z**2)


def sine_wave(z):
    """sin(30 z): oscillates faster than most steps."""
    return np.sin(30 * z)


def sine_wave_vjp(delta, z):
    return 30 * np.cos(30 * z) * delta


FORMULAS = (
    Formula("silu", silu, silu_vjp, "(n)->(n)", (), empty=("n",)),
    Formula("gelu", gelu, gelu_vjp, "(n)->(n)", (), empty=("n",)),
    Formula("elu", elu, elu_vjp, "(n)->(n)", (), empty=("n",)),
    Formula("softplus", softplus, softplus_vjp, "(n)->(n)", (), empty=("n",)),
    Formula("softplus_by_half_planes", softplus, softplus_vjp_by_half_planes, "(n)->(n)", ()),
    Formula("mish", mish, mish_vjp, "(n)->(n)", (), empty=("n",)),
    Formula("selu", selu, selu_vjp, "(n)->(n)", ()),
    Formula("hard_tanh", hard_tanh, hard_tanh_vjp, "(n)->(n)", ()),
    Formula("prelu", prelu, prelu_vjp, "(n),()->(n)", (), empty=("n",)),
    Formula("log_sum_exp", log_sum_exp, log_sum_exp_vjp, "(n)->()", ()),
    Formula("log_sum_exp_plain", log_sum_exp_plain, log_sum_exp_plain_vjp, "(n)->()", ()),
    Formula("log_softmax_rows", log_softmax_rows, log_softmax_rows_vjp, "(m,n)->(m,n)", (), empty=("m",)),
    Formula("maxout", maxout, maxout_vjp, "(2,n)->(n)", ()),
    Formula("gated", gated, gated_vjp, "(m,n),(m,n)->(m,n)", (), empty=("m",)),
    Formula("arctan", arctan, arctan_vjp, "(n)->(n)", ()),
    Formula("sine_wave", sine_wave, sine_wave_vjp, "(n)->(n)", ()),
)
