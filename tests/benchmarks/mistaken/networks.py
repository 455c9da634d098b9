"""Networks of two and three layers, normalisation, attention, convolution, pooling, recurrence."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.mistaken.losses import log_softmax, one_hot_rows, softmax
from tests.benchmarks.mistaken.making import NAMELESS, Subject, mistakes

# --- two layers with a penalty, as in a course ----------------------------------------------------------


def two_layer_loss(W1, b1, W2, b2, X, Y, reg):
    H = np.maximum(0, X @ W1 + b1)
    scores = H @ W2 + b2
    data = -(Y * log_softmax(scores)).sum() / len(X)
    return data + 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))


def two_layer_grad(W1, b1, W2, b2, X, Y, reg):
    N = X.shape[0]
    Z = X @ W1 + b1
    H = np.maximum(0, Z)
    P = softmax(H @ W2 + b2)
    dscores = (P - Y) / N
    dW2 = H.T @ dscores + reg * W2
    db2 = dscores.sum(axis=0)
    dH = dscores @ W2.T
    dZ = dH * (Z > 0)
    dW1 = X.T @ dZ + reg * W1
    db1 = dZ.sum(axis=0)
    return dW1, db1, dW2, db2, None, None, None


TWO_LAYERS = Subject(
    two_layer_loss,
    two_layer_grad,
    "(n,h),(h),(h,c),(c),(m,n),(m,c),()->()",
    ["real", "real", "real", "real", "real", one_hot_rows, "positive"],
    "grad",
)

PENALISED = mistakes(
    TWO_LAYERS,
    ("missing-activation-derivative", "dZ = dH * (Z > 0)", "dZ = dH"),
    ("relu-of-gradient", "dH * (Z > 0)", "dH * (dH > 0)"),
    ("wrong-activation-derivative", "dH * (Z > 0)", "dH * (Z < 0)"),
    ("missing-penalty", " + reg * W1", ""),
    ("missing-penalty", " + reg * W2", ""),
    ("doubled-penalty", "+ reg * W2", "+ 2 * reg * W2"),
    ("doubled-penalty", "+ reg * W1", "+ 2 * reg * W1", "+ reg * W2", "+ 2 * reg * W2"),
    ("halved-penalty", "+ reg * W1", "+ 0.5 * reg * W1"),
    ("penalty-without-lambda", "+ reg * W1", "+ W1"),
    ("penalty-over-m", "+ reg * W2", "+ reg * W2 / N"),
    ("sign-of-penalty", "+ reg * W2", "- reg * W2"),
    ("penalty-on-unpenalised", "db2 = dscores.sum(axis=0)", "db2 = dscores.sum(axis=0) + reg * b2"),
    ("penalty-on-unpenalised", "db1 = dZ.sum(axis=0)", "db1 = dZ.sum(axis=0) + 2 * reg * b1"),
    ("missing-mean", "(P - Y) / N", "(P - Y)"),
    ("sign+sign-of-a-term", "(P - Y)", "(Y - P)"),
    ("mean-for-sum averaged-twice", "db2 = dscores.sum(axis=0)", "db2 = dscores.mean(axis=0)"),
    ("missing-batch-sum", "db1 = dZ.sum(axis=0)", "db1 = dZ[0]"),
    ("wrong-variable", "dW2 = H.T", "dW2 = Z.T"),
    ("missing-activation-derivative", "dW1 = X.T @ dZ", "dW1 = X.T @ dH"),
    ("dropped-example", "dW1 = X.T @ dZ", "dW1 = X[1:].T @ dZ[1:]"),
    ("wrong-axis-size sign-of-a-term", "(P - Y) / N", "(P - Y) / Y.shape[1]"),
    ("missing-term penalty-alone", "dW1 = X.T @ dZ + reg * W1", "dW1 = reg * W1"),
    ("stale " + NAMELESS, "dH = dscores @ W2.T", "W2 = W2 - 0.1 * dW2; dH = dscores @ W2.T"),
    (
        "wrong-argument missing-activation-derivative " + NAMELESS,
        "return dW1, db1, dW2, db2",
        "return dW1, dH.sum(axis=0), dW2, db2",
    ),
    ("zero", "db1 = dZ.sum(axis=0)", "db1 = np.zeros_like(b1)"),
    (
        "missing-penalty+missing-batch-sum missing-batch-sum+missing-penalty",
        " + reg * W1",
        "",
        "db1 = dZ.sum(axis=0)",
        "db1 = dZ[0]",
    ),
    (
        "missing-mean+missing-activation-derivative missing-activation-derivative+missing-mean",
        "(P - Y) / N",
        "(P - Y)",
        "dZ = dH * (Z > 0)",
        "dZ = dH",
    ),
)

# --- three layers, examples as columns, helper functions and a cache --------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def linear(A, W, b):
    return W @ A + b, (A, W)


def linear_backward(dZ, kept):
    A, W = kept
    return W.T @ dZ, dZ @ A.T, dZ.sum(axis=1, keepdims=True)


def three_layers(X, W1, b1, W2, b2, W3, b3):
    A1 = np.tanh(W1 @ X + b1)
    A2 = sigmoid(W2 @ A1 + b2)
    return W3 @ A2 + b3


def three_layers_vjp(delta, X, W1, b1, W2, b2, W3, b3):
    Z1, kept1 = linear(X, W1, b1)
    A1 = np.tanh(Z1)
    Z2, kept2 = linear(A1, W2, b2)
    A2 = sigmoid(Z2)
    _, kept3 = linear(A2, W3, b3)
    dA2, dW3, db3 = linear_backward(delta, kept3)
    dZ2 = dA2 * A2 * (1 - A2)
    dA1, dW2, db2 = linear_backward(dZ2, kept2)
    dZ1 = dA1 * (1 - A1**2)
    dX, dW1, db1 = linear_backward(dZ1, kept1)
    return dX, dW1, db1, dW2, db2, dW3, db3


THREE = Subject(three_layers, three_layers_vjp, "(n,m),(h,n),(h,1),(k,h),(k,1),(c,k),(c,1)->(c,m)")
DEEP = [
    *mistakes(
        THREE,
        ("missing-activation-derivative", "dZ2 = dA2 * A2 * (1 - A2)", "dZ2 = dA2"),
        ("missing-activation-derivative", "dZ1 = dA1 * (1 - A1**2)", "dZ1 = dA1"),
        (
            "missing-activation-derivative",
            "dZ1 = dA1 * (1 - A1**2)",
            "dZ1 = dA1",
            "dZ2 = dA2 * A2 * (1 - A2)",
            "dZ2 = dA2",
        ),
        ("wrong-activation-derivative", "A2 * (1 - A2)", "(1 - A2**2)"),
        ("wrong-activation-derivative", "(1 - A1**2)", "A1 * (1 - A1)"),
        ("derivative-of-activation", "A2 * (1 - A2)", "sigmoid(A2) * (1 - sigmoid(A2))"),
        ("derivative-at-wrong-variable", "(1 - A1**2)", "(1 - Z1**2)"),
        ("activation-for-derivative", "A2 * (1 - A2)", "A2"),
        ("derivative-twice", "A2 * (1 - A2)", "A2 * (1 - A2) * A2 * (1 - A2)"),
        ("sign", "return dX, dW1", "return -dX, dW1"),
        ("mean-for-sum", "return dX, dW1, db1, dW2", "return dX, dW1, db1, dW2 / X.shape[1]"),
        (
            "wrong-variable",
            "linear(A1, W2, b2)",
            "linear(Z1, W2, b2)",
            "A2 = sigmoid(Z2)",
            "A2 = sigmoid(W2 @ A1 + b2)",
        ),
        ("zero", "return dX, dW1, db1, dW2, db2", "return dX, dW1, db1, dW2, 0 * db2"),
        ("factor", "return dX, dW1, db1", "return dX, dW1, 2 * db1"),
        ("delta-ignored-midway", "dZ2 = dA2 * A2 * (1 - A2)", "dZ2 = A2 * (1 - A2)"),
        ("reshaped", "return dX, dW1, db1, dW2, db2", "return dX, dW1, db1, dW2, db2[:, 0]"),
        ("derivative-twice wrong-activation-derivative", "(1 - A1**2)", "(1 - A1**2)**2"),
        (
            "missing-activation-derivative+zero zero+missing-activation-derivative",
            "dZ1 = dA1 * (1 - A1**2)",
            "dZ1 = dA1",
            "db3\n",
            "0 * db3\n",
        ),
    ),
    *mistakes(
        THREE,
        ("missing-transpose", "linear_backward(dZ1, kept1)", "linear_backward(dZ1, kept1); dX = W1 @ dZ1"),
        ("missing-transpose", "dZ1 = dA1 *", "dA1 = W2 @ dZ2; dZ1 = dA1 *"),
        ("transposed", "return dX, dW1, db1, dW2,", "return dX, dW1, db1, dW2.T,"),
        ("misplaced-parenthesis", "dZ1 = dA1 * (1 - A1**2)", "dZ1 = W2.T @ (dZ2 * (1 - A1**2))"),
        ("wrong-variable stale", "dZ1 = dA1 *", "dA1 = W3.T @ dZ2; dZ1 = dA1 *"),
        (
            "wrong-variable",
            "dW3, db3 = linear_backward(delta, kept3)",
            "dW3, db3 = linear_backward(delta, kept3); dW3 = delta @ A1.T",
        ),
        ("wrong-argument", "dW1, db1, dW2, db2", "dW2, db1, dW1, db2"),
        signature="(n,m),(n,n),(n,1),(n,n),(n,1),(n,n),(n,1)->(n,m)",
    ),
]

# --- a layer as an object with a cache ------------------------------------------------------------------


class Affine:
    """A layer that keeps its input for the backward pass."""

    def forward(self, x, w, b):
        self.x, self.w = x, w
        return x @ w + b

    def backward(self, delta):
        return delta @ self.w.T, self.x.T @ delta, delta.sum(axis=0)


def object_layers(x, w1, b1, w2, b2):
    first, second = Affine(), Affine()
    return second.forward(np.maximum(first.forward(x, w1, b1), 0), w2, b2)


def object_layers_vjp(delta, x, w1, b1, w2, b2):
    first, second = Affine(), Affine()
    z = first.forward(x, w1, b1)
    h = np.maximum(z, 0)
    second.forward(h, w2, b2)
    dh, dw2, db2 = second.backward(delta)
    dz = np.where(z > 0, dh, 0)
    dx, dw1, db1 = first.backward(dz)
    return dx, dw1, db1, dw2, db2


_LATEST: dict = {}


OBJECTS = mistakes(
    Subject(object_layers, object_layers_vjp, "(m,n),(n,h),(h),(h,c),(c)->(m,c)"),
    ("missing-activation-derivative", "first.backward(dz)", "first.backward(dh)"),
    ("wrong-variable", "second.forward(h, w2, b2)", "second.forward(z, w2, b2)"),
    ("relu-of-gradient", "np.where(z > 0, dh, 0)", "np.maximum(dh, 0)"),
    ("activation-for-derivative", "np.where(z > 0, dh, 0)", "h * dh"),
    ("mean-for-sum", "return dx, dw1, db1, dw2, db2", "return dx, dw1, db1, dw2, db2 / len(x)"),
    (
        "stale",
        "dw2, db2 = second.backward(delta)",
        "dw2, db2 = second.backward(delta); dw2 = _LATEST.setdefault(h.shape + w2.shape, h).T @ delta",
    ),
    (
        "missing-activation-derivative derivative-of-activation",
        "np.where(z > 0, dh, 0)",
        "np.where(h >= 0, dh, 0)",
    ),
)

# --- normalisation --------------------------------------------------------------------------------------


def layer_norm(x, gamma, beta):
    mu = x.mean(axis=1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=1, keepdims=True)
    return gamma * (x - mu) / np.sqrt(var + 1e-5) + beta


def layer_norm_vjp(delta, x, gamma, beta):
    mu = x.mean(axis=1, keepdims=True)
    var = ((x - mu) ** 2).mean(axis=1, keepdims=True)
    std = np.sqrt(var + 1e-5)
    xhat = (x - mu) / std
    dgamma = (delta * xhat).sum(axis=0)
    dbeta = delta.sum(axis=0)
    d = delta * gamma
    mean_d = d.mean(axis=1, keepdims=True)
    mean_dx = (d * xhat).mean(axis=1, keepdims=True)
    dx = (d - mean_d - xhat * mean_dx) / std
    return dx, dgamma, dbeta


def batch_norm(X, gamma, beta):
    mu = np.mean(X, axis=0)
    var = np.var(X, axis=0)
    return gamma * (X - mu) / np.sqrt(var + 1e-5) + beta


def batch_norm_vjp(delta, X, gamma, beta):
    m = X.shape[0]
    mu = np.mean(X, axis=0)
    var = np.var(X, axis=0)
    inv = 1 / np.sqrt(var + 1e-5)
    centred = X - mu
    xhat = centred * inv
    dxhat = delta * gamma
    dvar = np.sum(dxhat * centred * -0.5 * inv**3, axis=0)
    dmu = np.sum(-dxhat * inv, axis=0)
    dX = dxhat * inv + dvar * 2 * centred / m + dmu / m
    dgamma = np.sum(delta * xhat, axis=0)
    dbeta = np.sum(delta, axis=0)
    return dX, dgamma, dbeta


def rms_norm(x, g):
    return g * x / np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5)


def rms_norm_vjp(delta, x, g):
    r = 1 / np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5)
    d = delta * g
    dx = r * d - r**3 * x * (d * x).mean(axis=1, keepdims=True)
    dg = (delta * x * r).sum(axis=0)
    return dx, dg


NORMS = [
    *mistakes(
        Subject(layer_norm, layer_norm_vjp, "(m,n),(n),(n)->(m,n)"),
        ("statistics-as-constants", "(d - mean_d - xhat * mean_dx) / std", "d / std"),
        ("missing-term", "d - mean_d - xhat * mean_dx", "d - mean_d"),
        ("missing-term", "d - mean_d - xhat", "d - xhat"),
        ("missing-factor", "d = delta * gamma", "d = delta"),
        ("mean-for-sum", "delta.sum(axis=0)", "delta.mean(axis=0)"),
        ("missing-batch-sum", "delta.sum(axis=0)", "delta[0]"),
        ("wrong-variable missing-factor " + NAMELESS, "(delta * xhat)", "(delta * x)"),
        ("mean-for-sum", "(delta * xhat).sum", "(delta * xhat).mean"),
        ("sign-of-a-term", "- xhat * mean_dx", "+ xhat * mean_dx"),
        ("extra-factor", "mean_dx) / std", "mean_dx)"),
        ("unsummed", "(delta * xhat).sum(axis=0)", "delta * xhat"),
        ("factor-of-a-term missing-mean " + NAMELESS, "(d * xhat).mean(", "(d * xhat).sum("),
    ),
    *mistakes(
        Subject(batch_norm, batch_norm_vjp, "(m,n),(n),(n)->(m,n)"),
        ("statistics-as-constants", " + dvar * 2 * centred / m + dmu / m", ""),
        ("missing-term", " + dmu / m", ""),
        ("missing-term", " + dvar * 2 * centred / m", ""),
        ("factor-of-a-term", "dvar * 2 *", "dvar *"),
        ("missing-mean", "dmu / m", "dmu"),
        ("missing-factor", "dxhat = delta * gamma", "dxhat = delta"),
        ("sign-of-a-term", "+ dmu", "- dmu"),
        ("sign-of-a-term", "np.sum(-dxhat * inv", "np.sum(dxhat * inv"),
        ("mean-for-sum", "dbeta = np.sum", "dbeta = np.mean"),
        ("wrong-quotient-rule", "inv**3", "inv**2"),
        (
            "sign",
            "-0.5",
            "0.5",
            "dvar * 2 * centred / m",
            "-dvar * 2 * centred / m",
            "return dX",
            "return -dX",
        ),
    ),
    *mistakes(
        Subject(rms_norm, rms_norm_vjp, "(m,n),(n)->(m,n)"),
        ("missing-term statistics-as-constants", " - r**3 * x * (d * x).mean(axis=1, keepdims=True)", ""),
        ("sign-of-a-term", "r * d - r", "r * d + r"),
        ("missing-factor", "d = delta * g", "d = delta"),
        (NAMELESS + " wrong-variable missing-factor", "delta * x * r", "delta * x"),
        ("missing-mean " + NAMELESS, "(d * x).mean(", "(d * x).sum("),
        ("wrong-quotient-rule", "r**3", "r**2"),
    ),
]

# --- attention, recurrence, residuals, dropout ------------------------------------------------------------


def attention(Q, K, V):
    P = softmax(Q @ K.T / np.sqrt(Q.shape[1]))
    return P @ V


def attention_vjp(delta, Q, K, V):
    d = Q.shape[1]
    P = softmax(Q @ K.T / np.sqrt(d))
    dP = delta @ V.T
    dS = P * (dP - (dP * P).sum(axis=1, keepdims=True))
    dS = dS / np.sqrt(d)
    dQ = dS @ K
    dK = dS.T @ Q
    dV = P.T @ delta
    return dQ, dK, dV


def rnn(x, h0, Wx, Wh, b):
    h = h0
    for t in range(len(x)):
        h = np.tanh(Wx @ x[t] + Wh @ h + b)
    return h


def rnn_vjp(delta, x, h0, Wx, Wh, b):
    hs = [h0]
    for t in range(len(x)):
        hs.append(np.tanh(Wx @ x[t] + Wh @ hs[-1] + b))
    dx, dWx, dWh, db = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    dh = delta
    for t in reversed(range(len(x))):
        dz = dh * (1 - hs[t + 1] ** 2)
        dWx += np.outer(dz, x[t])
        dWh += np.outer(dz, hs[t])
        db += dz
        dx[t] = Wx.T @ dz
        dh = Wh.T @ dz
    return dx, dh, dWx, dWh, db


def residual(x, W1, W2):
    return x + np.maximum(x @ W1, 0) @ W2


def residual_vjp(delta, x, W1, W2):
    z = x @ W1
    h = np.maximum(z, 0)
    dW2 = h.T @ delta
    dh = delta @ W2.T
    dz = dh * (z > 0)
    dW1 = x.T @ dz
    dx = delta + dz @ W1.T
    return dx, dW1, dW2


def dropout_layer(x, W, mask):
    return np.tanh(x @ W) * mask / 0.8


def dropout_layer_vjp(delta, x, W, mask):
    a = np.tanh(x @ W)
    da = delta * mask / 0.8
    dz = da * (1 - a**2)
    return dz @ W.T, x.T @ dz, None


def gru_gate(x, h, Wz, Uz, c):
    """z ⊙ h + (1 − z) ⊙ c with the gate z = σ(Wz x + Uz h)."""
    z = sigmoid(Wz @ x + Uz @ h)
    return z * h + (1 - z) * c


def gru_gate_vjp(delta, x, h, Wz, Uz, c):
    z = sigmoid(Wz @ x + Uz @ h)
    dz = delta * (h - c)
    da = dz * z * (1 - z)
    dh = delta * z + Uz.T @ da
    dc = delta * (1 - z)
    return Wz.T @ da, dh, np.outer(da, x), np.outer(da, h), dc


SEQUENCES = [
    *mistakes(
        Subject(attention, attention_vjp, "(m,d),(n,d),(n,e)->(m,e)"),
        ("softmax-diagonal", "P * (dP - (dP * P).sum(axis=1, keepdims=True))", "P * (1 - P) * dP"),
        ("missing-softmax-derivative", "dS = P * (dP - (dP * P).sum(axis=1, keepdims=True))", "dS = dP"),
        (
            "wrong-softmax-derivative statistics-as-constants",
            "P * (dP - (dP * P).sum(axis=1, keepdims=True))",
            "P * dP",
        ),
        ("wrong-power-of-size missing-scale", "dS = dS / np.sqrt(d)", "pass"),
        ("wrong-power-of-size", "dS = dS / np.sqrt(d)", "dS = dS / d"),
        ("sign", "return dQ, dK, dV", "return dQ, -dK, dV"),
        ("zero", "return dQ, dK, dV", "return 0 * dQ, dK, dV"),
        ("sign", "(dP - (dP * P).sum(axis=1, keepdims=True))", "((dP * P).sum(axis=1, keepdims=True) - dP)"),
    ),
    *mistakes(
        Subject(attention, attention_vjp, "(m,d),(n,d),(n,e)->(m,e)"),
        (
            "missing-softmax-derivative missing-transpose wrong-variable " + NAMELESS,
            "dV = P.T @ delta",
            "dV = P @ delta",
        ),
        ("wrong-variable", "dQ = dS @ K", "dQ = dS @ Q"),
        ("wrong-variable", "dQ = dS @ K", "dQ = dS @ V"),
        ("transposed missing-transpose " + NAMELESS, "dK = dS.T @ Q", "dK = dS @ Q"),
        ("wrong-argument", "return dQ, dK, dV", "return dK, dQ, dV"),
        signature="(n,n),(n,n),(n,n)->(n,n)",
    ),
    *mistakes(
        Subject(rnn, rnn_vjp, "(3,n),(h),(h,n),(h,h),(h)->(h)"),
        ("overwritten-not-accumulated", "db += dz", "db = dz"),
        ("overwritten-not-accumulated", "dWh += np", "dWh = np"),
        ("missing-activation-derivative", "dz = dh * (1 - hs[t + 1] ** 2)", "dz = dh"),
        (NAMELESS + " wrong-variable derivative-of-activation", "hs[t + 1] ** 2", "hs[t] ** 2"),
        ("missing-transpose", "dh = Wh.T @ dz", "dh = Wh @ dz"),
        ("wrong-variable", "dWh += np.outer(dz, hs[t])", "dWh += np.outer(dz, hs[t + 1])"),
        ("sign", "db += dz", "db -= dz"),
        ("flipped", "dx[t] =", "dx[2 - t] ="),
        ("transposed", "dWh += np.outer(dz, hs[t])", "dWh += np.outer(hs[t], dz)"),
        ("truncated missing-term+zero", "dh = Wh.T @ dz", "dh = np.zeros_like(dz)"),
    ),
    *mistakes(
        Subject(residual, residual_vjp, "(m,n),(n,h),(h,n)->(m,n)"),
        ("missing-term", "delta + dz @ W1.T", "dz @ W1.T"),
        ("missing-term delta-alone", "delta + dz @ W1.T", "delta.copy()"),
        ("sign-of-a-term", "delta + dz", "delta - dz"),
        ("missing-activation-derivative", "dz = dh * (z > 0)", "dz = dh"),
        ("factor-of-a-term delta-added", "delta + dz", "2 * delta + dz"),
        ("dropped-example", "h.T @ delta", "h[:-1].T @ delta[:-1]"),
        ("wrong-variable", "h.T @ delta", "z.T @ delta"),
    ),
    *mistakes(
        Subject(dropout_layer, dropout_layer_vjp, "(m,n),(n,h),(m,h)->(m,h)", ["real", "real", "binary"]),
        ("missing-factor", "delta * mask", "delta"),
        ("factor", " / 0.8", ""),
        ("missing-activation-derivative", "da * (1 - a**2)", "da"),
        ("wrong-activation-derivative " + NAMELESS, "(1 - a**2)", "(1 - (a * mask / 0.8)**2)"),
        ("factor", "delta * mask / 0.8", "delta * mask * 0.8"),
    ),
    *mistakes(
        Subject(gru_gate, gru_gate_vjp, "(n),(h),(h,n),(h,h),(h)->(h)"),
        ("missing-term", "delta * z + Uz.T @ da", "delta * z"),
        ("missing-term", "delta * z + Uz.T @ da", "Uz.T @ da"),
        ("missing-term argument-left-out", "(h - c)", "h"),
        ("sign-of-a-term wrong-activation-derivative", "(h - c)", "(h + c)"),
        ("sign+sign-of-a-term", "(h - c)", "(c - h)"),
        ("missing-activation-derivative", "dz * z * (1 - z)", "dz"),
        ("missing-transpose", "Uz.T @ da", "Uz @ da"),
        ("wrong-variable", "dc = delta * (1 - z)", "dc = delta * z"),
        ("missing-term delta-alone", "dc = delta * (1 - z)", "dc = delta.copy()"),
        ("sign", "dc = delta * (1 - z)", "dc = -delta * (1 - z)"),
    ),
]

# --- convolution, pooling, lookups ----------------------------------------------------------------------


def conv1d(x, w):
    """Valid cross-correlation."""
    n = x.shape[0] - w.shape[0] + 1
    return np.array([(x[i : i + len(w)] * w).sum() for i in range(n)])


def conv1d_vjp(delta, x, w):
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(len(delta)):
        dx[i : i + len(w)] += delta[i] * w
        dw += delta[i] * x[i : i + len(w)]
    return dx, dw


def conv2d(x, w, b):
    """Valid cross-correlation of one image with several 2×2 filters.   x: (5, 6); w: (f, 2, 2); b: (f)."""
    out = np.zeros((w.shape[0], x.shape[0] - 1, x.shape[1] - 1))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            out[:, i, j] = (x[i : i + 2, j : j + 2] * w).sum(axis=(1, 2)) + b
    return out


def conv2d_vjp(delta, x, w, b):
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    db = delta.sum(axis=(1, 2))
    for f in range(len(w)):
        for i in range(delta.shape[1]):
            for j in range(delta.shape[2]):
                dx[i : i + 2, j : j + 2] += delta[f, i, j] * w[f]
                dw[f] += delta[f, i, j] * x[i : i + 2, j : j + 2]
    return dx, dw, db


def max_pool(x):
    """Pairs of neighbours."""
    return x.reshape(-1, 2).max(axis=1)


def max_pool_vjp(delta, x):
    pairs = x.reshape(-1, 2)
    mask = pairs == pairs.max(axis=1, keepdims=True)
    return (mask * delta[:, None]).reshape(x.shape)


def mean_pool(x):
    """2×2 blocks.   x: (4, 6)."""
    return x.reshape(2, 2, 3, 2).mean(axis=(1, 3))


def mean_pool_vjp(delta, x):
    return np.repeat(np.repeat(delta, 2, axis=0), 2, axis=1) / 4


def lookup(E, idx):
    return np.tanh(E[idx])


def lookup_vjp(delta, E, idx):
    dE = np.zeros_like(E)
    np.add.at(dE, idx, delta * (1 - np.tanh(E[idx]) ** 2))
    return dE, None


def labels_of_five(rng, shape):
    return rng.integers(0, 5, shape)


IMAGES = [
    *mistakes(
        Subject(conv1d, conv1d_vjp, "(7),(3)->(5)"),
        ("flipped-argument", "delta[i] * w", "delta[i] * w[::-1]"),
        ("overwritten-not-accumulated", "dx[i : i + len(w)] +=", "dx[i : i + len(w)] ="),
        ("overwritten-not-accumulated one-slice-only", "dw += delta", "dw = delta"),
        ("dropped-slice missing-term", "range(len(delta))", "range(len(delta) - 1)"),
        ("sign", "dw += delta", "dw -= delta"),
        ("flipped", "return dx, dw", "return dx, dw[::-1]"),
        ("delta-ignored", "delta[i] * x", "x"),
        ("factor", "return dx, dw", "return dx, dw / len(delta)"),
    ),
    *mistakes(
        Subject(conv2d, conv2d_vjp, "(5,6),(f,2,2),(f)->(f,4,5)"),
        ("permuted-axes", "x[i : i + 2, j : j + 2]\n", "x[i : i + 2, j : j + 2].T\n"),
        ("overwritten-not-accumulated", "j : j + 2] += delta", "j : j + 2] = delta"),
        ("factor", "delta.sum(axis=(1, 2))", "delta.mean(axis=(1, 2))"),
        ("flipped-argument", "delta[f, i, j] * w[f]", "delta[f, i, j] * w[f][::-1, ::-1]"),
        (
            "missing-batch-sum one-term-only overwritten-not-accumulated",
            "delta.sum(axis=(1, 2))",
            "delta[:, 0, 0]",
        ),
        ("factor", "return dx, dw", "return dx, dw / 2"),
        ("dropped-slice missing-term", "range(delta.shape[2])", "range(delta.shape[2] - 1)"),
    ),
    *mistakes(
        Subject(max_pool, max_pool_vjp, "(8)->(4)"),
        ("maximum-everywhere", "mask * delta", "np.ones_like(mask) * delta"),
        ("delta-ignored", "mask * delta[:, None]", "mask * 1.0"),
        ("sign-of-argument", "pairs.max(", "pairs.min("),
        ("factor", "delta[:, None])", "delta[:, None] / 2)"),
    ),
    *mistakes(
        Subject(mean_pool, mean_pool_vjp, "(4,6)->(2,3)"),
        ("factor", " / 4", ""),
        ("factor", " / 4", " / 2"),
        ("averaged-twice factor", " / 4", " / 16"),
        (
            "missing-slice " + NAMELESS,
            "np.repeat(np.repeat(delta, 2, axis=0), 2, axis=1) / 4",
            "np.kron(delta, [[0.25, 0], [0, 0]])",
        ),
        (NAMELESS, "np.repeat(np.repeat(delta, 2, axis=0), 2, axis=1)", "np.tile(delta, (2, 2))"),
    ),
    *mistakes(
        Subject(lookup, lookup_vjp, "(5,d),(m)->(m,d)", ["real", labels_of_five]),
        (
            "overwritten-not-accumulated",
            "np.add.at(dE, idx, delta * (1 - np.tanh(E[idx]) ** 2))",
            "dE[idx] = delta * (1 - np.tanh(E[idx]) ** 2)",
        ),
        (
            "overwritten-not-accumulated",
            "np.add.at(dE, idx, delta * (1 - np.tanh(E[idx]) ** 2))",
            "dE[idx] += delta * (1 - np.tanh(E[idx]) ** 2)",
        ),
        ("missing-activation-derivative", " * (1 - np.tanh(E[idx]) ** 2)", ""),
        ("delta-ignored", "delta * (1", "(1"),
        ("mean-for-sum", "return dE", "return dE / len(idx)"),
        (
            "dropped-example",
            "np.add.at(dE, idx, delta * (1 - np.tanh(E[idx]) ** 2))",
            "np.add.at(dE, idx[1:], (delta * (1 - np.tanh(E[idx]) ** 2))[1:])",
        ),
    ),
]

MISTAKES = [*PENALISED, *DEEP, *OBJECTS, *NORMS, *SEQUENCES, *IMAGES]
