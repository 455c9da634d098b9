"""Layers and chains of activations, examples as rows or as columns."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.mistaken.making import NAMELESS, Subject, mistakes

# --- activations by themselves --------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_vjp(delta, z):
    a = sigmoid(z)
    return delta * a * (1 - a)


def elu(z):
    return np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1)


def elu_vjp(delta, z):
    slope = np.where(z > 0, 1, np.exp(np.minimum(z, 0)))
    return delta * slope


def leaky(z):
    return np.where(z > 0, z, 0.01 * z)


def leaky_vjp(delta, z):
    dz = np.array(delta, copy=True)
    dz[z <= 0] *= 0.01
    return dz


def softplus(z):
    return np.log(1 + np.exp(-np.abs(z))) + np.maximum(z, 0)


def softplus_vjp(delta, z):
    s = sigmoid(z)
    return delta * s


def swish(z):
    return z / (1 + np.exp(-z))


def swish_vjp(delta, z):
    s = sigmoid(z)
    return delta * (s + z * s * (1 - s))


def gelu(z):
    inner = np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)
    return 0.5 * z * (1 + np.tanh(inner))


def gelu_vjp(delta, z):
    inner = np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)
    t = np.tanh(inner)
    slope = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * z**2)
    return delta * (0.5 * (1 + t) + 0.5 * z * (1 - t**2) * slope)


def softsign(x):
    return x / (1 + np.abs(x))


def softsign_vjp(delta, x):
    return delta / (1 + np.abs(x)) ** 2


def gaussian(x):
    return np.exp(-(x**2))


def gaussian_vjp(delta, x):
    return delta * (-2 * x) * np.exp(-(x**2))


def root(x):
    return np.sqrt(x)


def root_vjp(delta, x):
    return delta / (2 * np.sqrt(x))


ENTRYWISE = "(n)->(n)"

ACTIVATIONS = [
    *mistakes(
        Subject(sigmoid, sigmoid_vjp, ENTRYWISE),
        ("activation-for-derivative", "a * (1 - a)", "a"),
        ("derivative-at-wrong-variable", "a * (1 - a)", "z * (1 - z)"),
        ("derivative-of-activation", "a = sigmoid(z)", "a = sigmoid(sigmoid(z))"),
        ("sign", "(1 - a)", "(a - 1)"),
        ("sign-of-a-term wrong-activation-derivative", "(1 - a)", "(1 + a)"),
        ("delta-ignored", "delta * ", ""),
        ("derivative-twice squared", "a * (1 - a)", "(a * (1 - a)) ** 2"),
        ("wrong-activation-derivative missing-factor", "a * (1 - a)", "(1 - a)"),
        ("missing-activation-derivative delta-alone", " * a * (1 - a)", ""),
        ("delta-added", "delta * a", "delta + a"),
        ("divided-by-derivative", "* a * (1 - a)", "/ (a * (1 - a))"),
    ),
    *mistakes(
        Subject(elu, elu_vjp, "(m,n)->(m,n)"),
        ("only-for-negative wrong-activation-derivative", "np.exp(np.minimum(z, 0))", "0"),
        ("only-for-negative", "np.exp(np.minimum(z, 0))", "np.exp(np.minimum(z, 0)) - 1"),
        ("only-for-negative", "np.exp(np.minimum(z, 0))", "1 - np.exp(np.minimum(z, 0))"),
        ("activation-for-derivative only-for-positive", "np.where(z > 0, 1,", "np.where(z > 0, z,"),
        (
            "wrong-activation-derivative activation-for-derivative",
            "np.where(z > 0, 1, np.exp(np.minimum(z, 0)))",
            "elu(z)",
        ),
    ),
    *mistakes(
        Subject(leaky, leaky_vjp, ENTRYWISE),
        ("wrong-activation-derivative only-for-negative zero missing-term", "*= 0.01", "= 0"),
        ("missing-activation-derivative delta-alone only-for-negative", "dz[z <= 0] *= 0.01", "pass"),
        ("factor-of-a-term only-for-negative", "*= 0.01", "*= 0.1"),
        (NAMELESS, "z <= 0", "delta <= 0"),
        (NAMELESS + " only-for-positive", "z <= 0", "z <= 1"),
    ),
    *mistakes(
        Subject(softplus, softplus_vjp, ENTRYWISE),
        ("derivative-twice wrong-activation-derivative", "delta * s", "delta * s * (1 - s)"),
        ("wrong-activation-derivative missing-term", "delta * s", "delta * (z > 0)"),
        ("wrong-activation-derivative sign-of-argument", "delta * s", "delta * (1 - s)"),
        ("missing-activation-derivative delta-alone", "delta * s", "delta.copy()"),
        ("activation-for-derivative", "delta * s", "delta * softplus(z)"),
    ),
    *mistakes(
        Subject(swish, swish_vjp, "(m,n)->(m,n)"),
        ("missing-term wrong-activation-derivative", "s + z * s * (1 - s)", "s"),
        ("missing-term", "s + z * s * (1 - s)", "z * s * (1 - s)"),
        ("sign-of-a-term", "s + z", "s - z"),
        ("wrong-activation-derivative derivative-of-activation", "s + z * s * (1 - s)", "s * (1 - s)"),
        ("activation-for-derivative", "s + z * s * (1 - s)", "z * s"),
    ),
    *mistakes(
        Subject(gelu, gelu_vjp, ENTRYWISE),
        ("missing-term", " + 0.5 * z * (1 - t**2) * slope", ""),
        ("factor-of-a-term", "0.5 * z", "z"),
        ("wrong-activation-derivative factor-of-a-term", "3 * 0.044715", "0.044715"),
        ("missing-activation-derivative", " * slope", ""),
        ("factor", "0.5 * (1 + t) + 0.5 * z", "(1 + t) + z"),
        ("sign-of-a-term", "0.5 * (1 + t) + 0.5 * z", "0.5 * (1 + t) - 0.5 * z"),
    ),
    *mistakes(
        Subject(softsign, softsign_vjp, ENTRYWISE),
        ("missing-term statistics-as-constants", "** 2", ""),
        ("wrong-activation-derivative " + NAMELESS, "(1 + np.abs(x)) ** 2", "(1 + x) ** 2"),
        ("wrong-activation-derivative " + NAMELESS, "(1 + np.abs(x)) ** 2", "(1 + x**2)"),
        ("sign", "delta / ", "-delta / "),
    ),
    *mistakes(
        Subject(gaussian, gaussian_vjp, ENTRYWISE),
        ("sign", "(-2 * x)", "(2 * x)"),
        ("factor", "(-2 * x)", "(-x)"),
        ("activation-for-derivative missing-factor missing-activation-derivative", "(-2 * x) * ", ""),
        ("factor+sign sign+factor factor", "(-2 * x)", "x"),
    ),
    *mistakes(
        Subject(root, root_vjp, ENTRYWISE, "positive"),
        ("factor", "(2 * np.sqrt(x))", "np.sqrt(x)"),
        (
            "activation-for-derivative+factor extra-factor",
            "delta / (2 * np.sqrt(x))",
            "delta * np.sqrt(x) / 2",
        ),
        ("factor", "delta / (2 * np.sqrt(x))", "delta * 2 / np.sqrt(x)"),
        ("epsilon", "np.sqrt(x))", "np.sqrt(x + 1e-8))"),
        ("epsilon " + NAMELESS, "np.sqrt(x))", "np.sqrt(x) + 1e-6)"),
    ),
]

# --- one layer, examples as rows ------------------------------------------------------------------------


def dense_sigmoid(X, W, b):
    return sigmoid(X @ W + b)


def dense_sigmoid_vjp(delta, X, W, b):
    A = sigmoid(X @ W + b)
    dZ = delta * A * (1 - A)
    dX = dZ @ W.T
    dW = X.T @ dZ
    db = dZ.sum(axis=0)
    return dX, dW, db


SQUARE_ROWS = "(m,n),(n,n),(n)->(m,n)"
ROWS = Subject(dense_sigmoid, dense_sigmoid_vjp, "(m,n),(n,c),(c)->(m,c)")

DENSE_ROWS = [
    *mistakes(
        ROWS,
        ("missing-activation-derivative", "delta * A * (1 - A)", "delta"),
        ("derivative-of-activation", "delta * A * (1 - A)", "delta * sigmoid(A) * (1 - sigmoid(A))"),
        ("wrong-activation-derivative", "A * (1 - A)", "(1 - A**2)"),
        ("derivative-at-wrong-variable", "A * (1 - A)", "(X @ W + b) * (1 - (X @ W + b))"),
        ("derivative-twice", "A * (1 - A)", "(A * (1 - A))**2"),
        ("activation-for-derivative", "A * (1 - A)", "A"),
        ("delta-ignored", "delta * A", "A"),
        ("mean-for-sum", "dZ.sum(axis=0)", "dZ.mean(axis=0)"),
        ("mean-for-sum", "X.T @ dZ", "X.T @ dZ / len(X)"),
        ("missing-batch-sum", "dZ.sum(axis=0)", "dZ[0]"),
        ("missing-batch-sum", "dZ.sum(axis=0)", "dZ[-1]"),
        ("dropped-example", "X.T @ dZ", "X[:-1].T @ dZ[:-1]"),
        ("dropped-example", "dZ.sum(axis=0)", "dZ[1:].sum(axis=0)"),
        ("missing-activation-derivative", "dZ @ W.T", "delta @ W.T"),
        ("missing-activation-derivative", "X.T @ dZ", "X.T @ delta"),
        ("missing-activation-derivative", "dZ.sum(axis=0)", "delta.sum(axis=0)"),
        ("sign", "X.T @ dZ", "-X.T @ dZ"),
        ("zero", "dZ @ W.T", "np.zeros_like(X)"),
        ("absolute-value", "X.T @ dZ", "np.abs(X.T @ dZ)"),
        ("unsummed", "dZ.sum(axis=0)", "dZ"),
        ("reshaped", "dZ.sum(axis=0)", "dZ.sum(axis=0, keepdims=True)"),
        ("summed-away", "dZ.sum(axis=0)", "dZ.sum()"),
        (
            "wrong-axis-size mean-for-sum+wrong-axis-size mean-for-sum",
            "dZ.sum(axis=0)",
            "dZ.sum(axis=0) / W.shape[1]",
        ),
        ("one-term-only one-example-only", "X.T @ dZ", "np.outer(X[0], dZ[0])"),
        (
            "overwritten-not-accumulated one-term-only one-example-only",
            "dW = X.T @ dZ",
            "for x, d in zip(X, dZ): dW = np.outer(x, d)",
        ),
    ),
    *mistakes(
        ROWS,
        ("missing-transpose", "dZ @ W.T", "dZ @ W"),
        ("transposed", "X.T @ dZ", "dZ.T @ X"),
        ("misplaced-parenthesis", "dZ @ W.T", "(delta @ W.T) * A * (1 - A)"),
        ("flipped", "dZ.sum(axis=0)", "dZ.sum(axis=0)[::-1]"),
        ("wrong-argument transposed", "X.T @ dZ", "(X.T @ dZ).T"),
        ("summed-wrong-axis " + NAMELESS, "dZ.sum(axis=0)", "dZ.sum(axis=1)"),
        signature="(n,n),(n,n),(n)->(n,n)",
    ),
]

# --- one layer, examples as columns ---------------------------------------------------------------------


def dense_tanh(W, X, b):
    return np.tanh(W @ X + b)


def dense_tanh_vjp(delta, W, X, b):
    m = X.shape[1]
    Z = W @ X + b
    A = np.tanh(Z)
    dZ = delta * (1 - A**2)
    dW = np.zeros_like(W)
    for i in range(m):
        dW += np.outer(dZ[:, i], X[:, i])
    db = np.sum(dZ, axis=1, keepdims=True)
    dX = np.dot(W.T, dZ)
    return dW, dX, db


COLUMNS = Subject(dense_tanh, dense_tanh_vjp, "(p,n),(n,m),(p,1)->(p,m)")

DENSE_COLUMNS = [
    *mistakes(
        COLUMNS,
        ("overwritten-not-accumulated one-term-only one-example-only", "dW += np.outer", "dW = np.outer"),
        ("dropped-example", "range(m)", "range(m - 1)"),
        ("dropped-example", "range(m)", "range(1, m)"),
        ("sign", "dW += np.outer", "dW -= np.outer"),
        ("wrong-activation-derivative", "(1 - A**2)", "(1 - A)"),
        ("derivative-at-wrong-variable wrong-activation-derivative", "(1 - A**2)", "(1 - Z**2)"),
        ("derivative-of-activation", "(1 - A**2)", "(1 - np.tanh(A)**2)"),
        ("sign-of-a-term wrong-activation-derivative", "(1 - A**2)", "(1 + A**2)"),
        ("wrong-activation-derivative activation-for-derivative squared", "(1 - A**2)", "A**2"),
        ("wrong-activation-derivative", "(1 - A**2)", "A * (1 - A)"),
        ("mean-for-sum", "keepdims=True)", "keepdims=True) / m"),
        ("mean-for-sum", "return dW", "return dW / m"),
        ("factor", "np.dot(W.T, dZ)", "2 * np.dot(W.T, dZ)"),
        ("factor", "return dW, dX, db", "return dW, dX, db / 2"),
        ("reshaped", ", keepdims=True", ""),
        ("nonlinear-in-delta", "dZ = delta *", "dZ = delta * delta *"),
        ("relu-of-gradient", "np.dot(W.T, dZ)", "np.maximum(np.dot(W.T, dZ), 0)"),
        ("running-sum", "np.dot(W.T, dZ)", "np.cumsum(np.dot(W.T, dZ), axis=0)"),
        ("shifted", "np.dot(W.T, dZ)", "np.roll(np.dot(W.T, dZ), 1, axis=0)"),
        ("missing-slice", "np.dot(W.T, dZ)", "np.dot(W.T, dZ); dX[0] = 0"),
        ("rounded-to-float32", "np.dot(W.T, dZ)", "np.dot(W.T, dZ).astype(np.float32).astype(W.dtype)"),
        ("missing-activation-derivative+mean-for-sum", "db = np.sum(dZ,", "db = np.mean(delta,"),
        ("sign+mean-for-sum mean-for-sum+sign", "return dW", "return -dW / m"),
        (
            "factor+missing-activation-derivative missing-activation-derivative+factor",
            "np.dot(W.T, dZ)",
            "2 * np.dot(W.T, delta)",
        ),
    ),
    *mistakes(
        COLUMNS,
        ("missing-transpose", "np.dot(W.T, dZ)", "np.dot(W, dZ)"),
        ("transposed", "np.outer(dZ[:, i], X[:, i])", "np.outer(X[:, i], dZ[:, i])"),
        ("wrong-variable", "X[:, i])", "A[:, i])"),
        ("wrong-variable", "X[:, i])", "Z[:, i])"),
        ("missing-activation-derivative+missing-transpose", "np.dot(W.T, dZ)", "np.dot(W, delta)"),
        ("misplaced-parenthesis", "np.dot(W.T, dZ)", "np.dot(W.T, delta) * (1 - A**2)"),
        ("missing-matrix-product", "np.dot(W.T, dZ)", "dZ.copy()"),
        signature="(n,n),(n,m),(n,1)->(n,m)",
    ),
    *mistakes(
        COLUMNS,
        ("elementwise-product", "np.dot(W.T, dZ)", "W.T * dZ"),
        signature="(n,n),(n,n),(n,1)->(n,n)",
    ),
]

MISTAKES = [*ACTIVATIONS, *DENSE_ROWS, *DENSE_COLUMNS]
