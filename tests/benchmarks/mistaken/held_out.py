"""Mistakes written after the diagnosis, in other functions, and scored once before anything was mended."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.mistaken.losses import one_hot_rows
from tests.benchmarks.mistaken.making import NAMELESS, Subject, mistakes


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def mish(x):
    return x * np.tanh(np.log(1 + np.exp(x)))


def mish_vjp(delta, x):
    t = np.tanh(np.log(1 + np.exp(x)))
    return delta * (t + x * (1 - t**2) * sigmoid(x))


def squared_hinge(w, X, y):
    margin = np.maximum(0, 1 - y * (X @ w))
    return (margin**2).mean()


def squared_hinge_grad(w, X, y):
    n = len(y)
    margin = np.maximum(0, 1 - y * (X @ w))
    return -2 / n * X.T @ (margin * y), None, None


def signs(rng, shape):
    return rng.choice([-1.0, 1.0], shape)


def autoencoder(X, W, b, c):
    """Tied weights: tanh(X W + b) Wᵀ + c, examples as rows."""
    return np.tanh(X @ W + b) @ W.T + c


def autoencoder_vjp(delta, X, W, b, c):
    H = np.tanh(X @ W + b)
    dH = delta @ W
    dZ = dH * (1 - H**2)
    dW = X.T @ dZ + delta.T @ H
    dX = dZ @ W.T
    return dX, dW, dZ.sum(axis=0), delta.sum(axis=0)


def temperature_softmax_loss(logits, labels, T):
    """Cross-entropy of a softmax with temperature, summed; labels are one-hot."""
    scaled = logits / T
    return (np.log(np.exp(scaled).sum(axis=1)) - (labels * scaled).sum(axis=1)).sum()


def temperature_softmax_loss_grad(logits, labels, T):
    scaled = logits / T
    e = np.exp(scaled)
    p = e / e.sum(axis=1, keepdims=True)
    dlogits = (p - labels) / T
    dT = -((p - labels) * logits).sum() / T**2
    return dlogits, None, dT


def poisson_loss(w, X, y):
    rate = np.exp(X @ w)
    return np.mean(rate - y * (X @ w))


def poisson_loss_grad(w, X, y):
    rate = np.exp(X @ w)
    error = (rate - y) / len(y)
    return X.T @ error, None, None


def gated_unit(x, V, W, b):
    """(x V) ⊙ σ(x W + b)."""
    return (x @ V) * sigmoid(x @ W + b)


def gated_unit_vjp(delta, x, V, W, b):
    u = x @ V
    g = sigmoid(x @ W + b)
    du = delta * g
    dz = delta * u * g * (1 - g)
    return du @ V.T + dz @ W.T, x.T @ du, x.T @ dz, dz.sum(axis=0)


def lstm_step(z, c):
    """i, f, o, g in the rows of z."""
    i, f, o, g = sigmoid(z[0]), sigmoid(z[1]), sigmoid(z[2]), np.tanh(z[3])
    return o * np.tanh(f * c + i * g)


def lstm_step_vjp(delta, z, c):
    i, f, o, g = sigmoid(z[0]), sigmoid(z[1]), sigmoid(z[2]), np.tanh(z[3])
    t = np.tanh(f * c + i * g)
    do = delta * t
    dc = delta * o * (1 - t**2)
    dz = np.stack([dc * g * i * (1 - i), dc * c * f * (1 - f), do * o * (1 - o), dc * i * (1 - g**2)])
    return dz, dc * f


def standardise(X):
    return (X - X.mean(axis=0)) / np.sqrt(((X - X.mean(axis=0)) ** 2).sum(axis=0) / (len(X) - 1) + 1e-3)


def standardise_vjp(delta, X):
    n = len(X)
    C = X - X.mean(axis=0)
    s = np.sqrt((C**2).sum(axis=0) / (n - 1) + 1e-3)
    Y = C / s
    return (delta - delta.mean(axis=0) - Y * (delta * Y).sum(axis=0) / (n - 1)) / s


def triplet(a, p, n):
    return np.maximum(((a - p) ** 2).sum() - ((a - n) ** 2).sum() + 1, 0)


def triplet_vjp(delta, a, p, n):
    on = float(((a - p) ** 2).sum() - ((a - n) ** 2).sum() + 1 > 0)
    return delta * on * 2 * (n - p), delta * on * 2 * (p - a), delta * on * 2 * (a - n)


def causal_mean(x):
    return np.cumsum(x, axis=0) / np.arange(1, len(x) + 1)[:, None]


def causal_mean_vjp(delta, x):
    d = delta / np.arange(1, len(x) + 1)[:, None]
    return np.cumsum(d[::-1], axis=0)[::-1]


def factorisation(U, V, R):
    E = U @ V.T - R
    return 0.5 * (E**2).sum() + 0.05 * ((U**2).sum() + (V**2).sum())


def factorisation_grad(U, V, R):
    E = U @ V.T - R
    return E @ V + 0.1 * U, E.T @ U + 0.1 * V, None


def average_pool(x):
    return x.reshape(3, 4).mean(axis=1)


def average_pool_vjp(delta, x):
    return np.repeat(delta, 4) / 4


def solve(A, b):
    return np.linalg.solve(A + 5 * np.eye(len(b)), b)


def solve_vjp(delta, A, b):
    M = A + 5 * np.eye(len(b))
    y = np.linalg.solve(M, b)
    u = np.linalg.solve(M.T, delta)
    return -np.outer(u, y), u


MISTAKES = [
    *mistakes(
        Subject(mish, mish_vjp, "(n)->(n)"),
        ("missing-term", "t + x * (1 - t**2) * sigmoid(x)", "t"),
        ("missing-activation-derivative missing-factor", "* sigmoid(x)", ""),
        ("missing-activation-derivative", "(1 - t**2) * ", ""),
        ("wrong-activation-derivative", "(1 - t**2)", "t * (1 - t)"),
        ("sign-of-a-term", "t + x", "t - x"),
    ),
    *mistakes(
        Subject(squared_hinge, squared_hinge_grad, "(n),(m,n),(m)->()", ["real", "real", signs], "grad"),
        ("sign", "-2 / n", "2 / n"),
        ("factor", "-2 / n", "-1 / n"),
        ("missing-mean", "-2 / n", "-2"),
        ("missing-factor", "(margin * y)", "margin"),
        (
            "missing-activation-derivative wrong-activation-derivative derivative-of-activation",
            "np.maximum(0, 1 - y * (X @ w))\n    return",
            "1 - y * (X @ w)\n    return",
        ),
        ("dropped-example", "X.T @ (margin * y)", "X[:-1].T @ (margin * y)[:-1]"),
    ),
    *mistakes(
        Subject(autoencoder, autoencoder_vjp, "(m,n),(n,h),(h),(n)->(m,n)"),
        ("missing-term", "X.T @ dZ + delta.T @ H", "X.T @ dZ"),
        ("missing-term", "X.T @ dZ + delta.T @ H", "delta.T @ H"),
        ("missing-activation-derivative", "dZ = dH * (1 - H**2)", "dZ = dH"),
        ("sign-of-a-term", "X.T @ dZ + delta", "X.T @ dZ - delta"),
        ("mean-for-sum", "delta.sum(axis=0)", "delta.mean(axis=0)"),
        ("missing-batch-sum", "dZ.sum(axis=0)", "dZ[0]"),
        ("wrong-activation-derivative", "(1 - H**2)", "H * (1 - H)"),
    ),
    *mistakes(
        Subject(
            temperature_softmax_loss,
            temperature_softmax_loss_grad,
            "(m,c),(m,c),()->()",
            ["real", one_hot_rows, "positive"],
            "grad",
        ),
        (
            "missing-factor-of-argument extra-factor-of-argument missing-factor extra-factor",
            "(p - labels) / T\n",
            "(p - labels)\n",
        ),
        ("sign", "-((p", "((p"),
        ("mean-for-sum", "(p - labels) / T\n", "(p - labels) / T / len(p)\n"),
        ("missing-term", "(p - labels) / T\n", "p / T\n"),
        ("sign", "(p - labels) / T\n", "(labels - p) / T\n"),
    ),
    *mistakes(
        Subject(
            poisson_loss, poisson_loss_grad, "(n),(m,n),(m)->()", ["real", "real", "nonnegative"], "grad"
        ),
        ("missing-mean", " / len(y)", ""),
        ("sign-of-a-term", "(rate - y)", "(rate + y)"),
        ("missing-term", "(rate - y)", "rate"),
        ("wrong-axis-size", "len(y)", "len(w)"),
        ("missing-activation-derivative", "(rate - y)", "(1 - y)"),
    ),
    *mistakes(
        Subject(gated_unit, gated_unit_vjp, "(m,n),(n,h),(n,h),(h)->(m,h)"),
        ("missing-activation-derivative", "u * g * (1 - g)", "u"),
        ("missing-term", "du @ V.T + dz @ W.T", "du @ V.T"),
        ("missing-factor", "du = delta * g", "du = delta"),
        ("activation-for-derivative", "u * g * (1 - g)", "u * g"),
        ("wrong-argument", "x.T @ du, x.T @ dz", "x.T @ dz, x.T @ du"),
        ("unsummed", "dz.sum(axis=0)", "dz"),
    ),
    *mistakes(
        Subject(lstm_step, lstm_step_vjp, "(4,n),(n)->(n)"),
        (NAMELESS + " missing-activation-derivative", "do * o * (1 - o)", "do"),
        ("missing-activation-derivative", "delta * o * (1 - t**2)", "delta * o"),
        ("wrong-activation-derivative", "(1 - g**2)", "(1 - g)"),
        ("missing-factor", "dc * f\n", "dc\n"),
        ("sign", "dc * f\n", "-dc * f\n"),
    ),
    *mistakes(
        Subject(standardise, standardise_vjp, "(m,n)->(m,n)", None),
        ("missing-term", " - delta.mean(axis=0)", ""),
        (
            "statistics-as-constants",
            "(delta - delta.mean(axis=0) - Y * (delta * Y).sum(axis=0) / (n - 1)) / s",
            "delta / s",
        ),
        ("extra-factor", ") / s", ")"),
    ),
    *mistakes(
        Subject(triplet, triplet_vjp, "(n),(n),(n)->()"),
        ("factor", "delta * on * 2 * (p - a)", "delta * on * (p - a)"),
        ("sign", "2 * (a - n)", "2 * (n - a)"),
        (
            "missing-activation-derivative",
            "on = float(((a - p) ** 2).sum() - ((a - n) ** 2).sum() + 1 > 0)",
            "on = 1.0",
        ),
    ),
    *mistakes(
        Subject(causal_mean, causal_mean_vjp, "(m,n)->(m,n)"),
        (NAMELESS, "[::-1], axis=0)[::-1]", ", axis=0)"),
        ("flipped", "[::-1], axis=0)[::-1]", "[::-1], axis=0)"),
        (NAMELESS, "d = delta / np.arange(1, len(x) + 1)[:, None]", "d = delta / len(x)"),
    ),
    *mistakes(
        Subject(factorisation, factorisation_grad, "(m,k),(n,k),(m,n)->()", kind="grad"),
        ("missing-penalty", "E @ V + 0.1 * U", "E @ V"),
        ("halved-penalty", "0.1 * U", "0.05 * U"),
        ("doubled-penalty", "0.1 * V", "0.2 * V"),
        ("factor-of-a-term", "E @ V +", "2 * E @ V +"),
        ("sign-of-penalty extra-term", "E.T @ U + 0.1 * V", "E.T @ U - 0.1 * V"),
    ),
    *mistakes(
        Subject(average_pool, average_pool_vjp, "(12)->(3)"),
        ("factor", " / 4", ""),
        (NAMELESS, "np.repeat(delta, 4)", "np.tile(delta, 4)"),
    ),
    *mistakes(
        Subject(solve, solve_vjp, "(n,n),(n)->(n)"),
        ("sign", "-np.outer", "np.outer"),
        ("transposed", "-np.outer(u, y)", "-np.outer(y, u)"),
        ("missing-transpose", "np.linalg.solve(M.T, delta)", "np.linalg.solve(M, delta)"),
        ("delta-alone missing-jacobian", "-np.outer(u, y), u", "-np.outer(u, y), delta.copy()"),
        ("wrong-variable " + NAMELESS, "-np.outer(u, y)", "-np.outer(u, b)"),
    ),
]
