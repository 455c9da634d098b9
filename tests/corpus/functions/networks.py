"""Cells and blocks: attention, recurrent cells, gates, residual and two-layer blocks."""

from __future__ import annotations

import numpy as np

from reference_impl.formula import Formula


def logistic(z):
    """σ(z) without an overflow."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def row_softmax(S):
    """Every row a distribution."""
    e = np.exp(S - S.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def attention(Q, K, V):
    """softmax(Q Kᵀ / √d) V.   Q: (m, d); K: (n, d); V: (n, v)."""
    return row_softmax(Q @ K.T / np.sqrt(Q.shape[1])) @ V


def attention_vjp(delta, Q, K, V):
    scale = 1 / np.sqrt(Q.shape[1])
    A = row_softmax(Q @ K.T * scale)
    by_A = delta @ V.T
    by_S = A * (by_A - (by_A * A).sum(axis=1, keepdims=True)) * scale
    return by_S @ K, by_S.T @ Q, A.T @ delta


def causal_attention(Q, K, V):
    """Attention to the past alone, without scale.   Q, K, V: (n, d)."""
    n = len(Q)
    S = np.where(np.tril(np.ones((n, n))) > 0, Q @ K.T, -1e9)
    return row_softmax(S) @ V


def causal_attention_vjp(delta, Q, K, V):
    n = len(Q)
    seen = np.tril(np.ones((n, n))) > 0
    A = row_softmax(np.where(seen, Q @ K.T, -1e9))
    by_A = delta @ V.T
    by_S = np.where(seen, A * (by_A - (by_A * A).sum(axis=1, keepdims=True)), 0)
    return by_S @ K, by_S.T @ Q, A.T @ delta


def recurrent_cell(x, h, W, U, b):
    """tanh(W x + U h + b).   x: (n); h, b: (m); W: (m, n); U: (m, m)."""
    return np.tanh(W @ x + U @ h + b)


def recurrent_cell_vjp(delta, x, h, W, U, b):
    y = np.tanh(W @ x + U @ h + b)
    dz = delta * (1 - y**2)
    return W.T @ dz, U.T @ dz, np.outer(dz, x), np.outer(dz, h), dz


def recurrent_network(X, U, b):
    """The last state of h_t = tanh(x_t + U h_{t−1} + b).   X: (t, m); U: (m, m); b: (m)."""
    h = np.zeros_like(b)
    for x in X:
        h = np.tanh(x + U @ h + b)
    return h


def recurrent_network_vjp(delta, X, U, b):
    """Back through time."""
    states = [np.zeros_like(b)]
    for x in X:
        states.append(np.tanh(x + U @ states[-1] + b))
    by_X, by_U, by_b = np.zeros_like(X), np.zeros_like(U), np.zeros_like(b)
    by_h = delta
    for t in range(len(X) - 1, -1, -1):
        dz = by_h * (1 - states[t + 1] ** 2)
        by_X[t] = dz
        by_U += np.outer(dz, states[t])
        by_b += dz
        by_h = U.T @ dz
    return by_X, by_U, by_b


def lstm_cell(z, c):
    """c' = σ(f) c + σ(i) tanh(g), h = σ(o) tanh(c').   z: (4, n), rows i, f, o, g; c: (n)."""
    i, f, o, g = logistic(z[0]), logistic(z[1]), logistic(z[2]), np.tanh(z[3])
    return o * np.tanh(f * c + i * g)


def lstm_cell_vjp(delta, z, c):
    i, f, o, g = logistic(z[0]), logistic(z[1]), logistic(z[2]), np.tanh(z[3])
    t = np.tanh(f * c + i * g)
    do = delta * t
    dc = delta * o * (1 - t**2)
    by_z = np.stack([dc * g * i * (1 - i), dc * c * f * (1 - f), do * o * (1 - o), dc * i * (1 - g**2)])
    return by_z, dc * f


def gru_cell(x, h, R, U):
    """h' = (1 − u) h + u tanh(x + r h), u = σ(U h), r = σ(R h).   x, h: (n); R, U: (n, n)."""
    u, r = logistic(U @ h), logistic(R @ h)
    return (1 - u) * h + u * np.tanh(x + r * h)


def gru_cell_vjp(delta, x, h, R, U):
    u, r = logistic(U @ h), logistic(R @ h)
    t = np.tanh(x + r * h)
    dt = delta * u * (1 - t**2)
    du = delta * (t - h) * u * (1 - u)
    dr = dt * h * r * (1 - r)
    return dt, delta * (1 - u) + dt * r + U.T @ du + R.T @ dr, np.outer(dr, h), np.outer(du, h)


def residual_block(x, W1, W2):
    """x + W2 max(0, W1 x).   x: (n); W1: (m, n); W2: (n, m)."""
    return x + W2 @ np.maximum(W1 @ x, 0)


def residual_block_vjp(delta, x, W1, W2):
    z = W1 @ x
    dz = (W2.T @ delta) * (z > 0)
    return delta + W1.T @ dz, np.outer(dz, x), np.outer(delta, np.maximum(z, 0))


def two_layers_of_rows(X, W1, b1, W2, b2):
    """CS231n's network: rows are examples, scores out.   X: (m, n); W1: (n, h); W2: (h, k)."""
    return np.maximum(0, X @ W1 + b1) @ W2 + b2


def two_layers_of_rows_vjp(delta, X, W1, b1, W2, b2):
    hidden = np.maximum(0, X @ W1 + b1)
    dh = delta @ W2.T
    dh[hidden <= 0] = 0
    return dh @ W1.T, X.T @ dh, dh.sum(axis=0), hidden.T @ delta, delta.sum(axis=0)


def squeeze_excite(X, w):
    """Columns scaled by the logistic of w times their mean.   X: (m, n); w: (n)."""
    return X * logistic(w * X.mean(axis=0))


def squeeze_excite_vjp(delta, X, w):
    mean = X.mean(axis=0)
    s = logistic(w * mean)
    ds = (delta * X).sum(axis=0) * s * (1 - s)
    return delta * s + ds * w / len(X), ds * mean


def mixture(x, G, E):
    """Experts E x weighted by softmax(G x).   x: (n); G: (k, n); E: (k, n)."""
    return row_softmax(G @ x) @ (E @ x)


def mixture_vjp(delta, x, G, E):
    p = row_softmax(G @ x)
    y = E @ x
    dz = delta * p * (y - p @ y)
    return G.T @ dz + delta * (E.T @ p), np.outer(dz, x), delta * np.outer(p, x)


def deep_sigmoids(x, W):
    """Ten sigmoid layers with one matrix.   x: (n); W: (n, n)."""
    a = x
    for _ in range(10):
        a = logistic(W @ a)
    return a


def deep_sigmoids_vjp(delta, x, W):
    a = [x]
    for _ in range(10):
        a.append(logistic(W @ a[-1]))
    by_W = np.zeros_like(W)
    by_a = delta
    for layer in range(10, 0, -1):
        dz = by_a * a[layer] * (1 - a[layer])
        by_W += np.outer(dz, a[layer - 1])
        by_a = W.T @ dz
    return by_a, by_W


FORMULAS = (
    Formula("attention", attention, attention_vjp, "(m,d),(n,d),(n,v)->(m,v)", (), empty=("m",)),
    Formula("causal_attention", causal_attention, causal_attention_vjp, "(n,d),(n,d),(n,d)->(n,d)", ()),
    Formula("recurrent_cell", recurrent_cell, recurrent_cell_vjp, "(n),(m),(m,n),(m,m),(m)->(m)", ()),
    Formula("recurrent_network", recurrent_network, recurrent_network_vjp, "(t,m),(m,m),(m)->(m)", ()),
    Formula("lstm_cell", lstm_cell, lstm_cell_vjp, "(4,n),(n)->(n)", ()),
    Formula("gru_cell", gru_cell, gru_cell_vjp, "(n),(n),(n,n),(n,n)->(n)", ()),
    Formula("residual_block", residual_block, residual_block_vjp, "(n),(m,n),(n,m)->(n)", ()),
    Formula(
        "two_layers_of_rows",
        two_layers_of_rows,
        two_layers_of_rows_vjp,
        "(m,n),(n,h),(h),(h,k),(k)->(m,k)",
        (),
        empty=("m",),
    ),
    Formula("squeeze_excite", squeeze_excite, squeeze_excite_vjp, "(m,n),(n)->(m,n)", ()),
    Formula("mixture", mixture, mixture_vjp, "(n),(k,n),(k,n)->()", ()),
    Formula("deep_sigmoids", deep_sigmoids, deep_sigmoids_vjp, "(n),(n,n)->(n)", ()),
)
