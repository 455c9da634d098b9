"""Functions as students write them, traced unmodified: the values and the derivatives are right."""
# ruff: noqa: NPY002, PERF401, RUF059, T201, UP031 (students write so)

from __future__ import annotations

import math
from functools import partial, reduce

import numpy as np
import pytest
from numpy import exp, log, zeros
from numpy import sum as nsum
from numpy.lib.stride_tricks import as_strided

EPSILON = 1e-8


def positive(*shape):
    return lambda rng: rng.uniform(0.5, 2.0, shape)


def probabilities(*shape):
    return lambda rng: rng.uniform(0.05, 0.95, shape)


def labels(high, *shape):
    return lambda rng: rng.integers(0, high, shape)


def one_hot(rows, columns):
    return lambda rng: np.eye(columns)[rng.integers(0, columns, rows)]


# --- activations


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_stable(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))


def sigmoid_by_masks(z):
    result = np.zeros_like(z)
    positive_part = z >= 0
    result[positive_part] = 1 / (1 + np.exp(-z[positive_part]))
    e = np.exp(z[~positive_part])
    result[~positive_part] = e / (1 + e)
    return result


def relu_by_product(z):
    return z * (z > 0)


def relu_in_place(z):
    a = z.copy()
    a[a < 0] = 0
    return a


def leaky_relu(z, alpha=0.01):
    a = np.array(z)
    a[a < 0] *= alpha
    return a


def prelu(z, alpha):
    return np.maximum(0, z) + alpha * np.minimum(0, z)


def elu(z, alpha=1.0):
    return np.where(z > 0, z, alpha * (np.exp(z) - 1))


def selu(z):
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return scale * ((z > 0) * z + (z <= 0) * (alpha * np.exp(z) - alpha))


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def gelu_by_vectorize(x):
    erf = np.vectorize(math.erf)
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))


def softplus(z):
    return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0)


def swish(z, beta):
    return z * sigmoid(beta * z)


def mish(z):
    return z * np.tanh(softplus(z))


def hard_tanh(z):
    return np.clip(z, -1, 1)


def maxout(x, w, b):
    z = np.stack([x @ w[k] + b[k] for k in range(w.shape[0])])
    return z.max(axis=0)


def relu_by_loop(z):
    out = []
    for row in z:
        out.append([v if v > 0 else 0.0 for v in row])
    return np.array(out)


def relu_by_max(z):
    return np.array([[max(0, v) for v in row] for row in z])


# --- softmax and cross-entropy


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_of_columns(z):
    shifted = z - z.max(axis=0)
    e = np.exp(shifted)
    return e / np.sum(e, axis=0)


def softmax_by_loop(z):
    out = np.zeros_like(z)
    for i in range(z.shape[0]):
        row = z[i]
        row_exp = np.exp(row - np.max(row))
        out[i, :] = row_exp / np.sum(row_exp)
    return out


def softmax_in_place(x):
    """The course code that changes its argument's shape and content."""
    orig_shape = x.shape
    if len(x.shape) > 1:
        x = x.copy()
        x -= np.max(x, axis=1)[:, np.newaxis]
        np.exp(x, x)
        x /= np.sum(x, axis=1)[:, np.newaxis]
    else:
        x = x - np.max(x)
        x = np.exp(x) / np.sum(np.exp(x))
    assert x.shape == orig_shape
    return x


def softmax_of_lists(z):
    e = [math.exp(v) for v in z]
    total = sum(e)
    return np.array([v / total for v in e])


def log_softmax(z):
    m = z.max(axis=1, keepdims=True)
    return z - m - np.log(np.exp(z - m).sum(axis=1, keepdims=True))


def softmax_jacobian(z):
    s = softmax(z).reshape(-1, 1)
    return np.diagflat(s) - np.dot(s, s.T)


def softmax_loss_course(x, y):
    probs = np.exp(x - np.max(x, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    N = x.shape[0]
    loss = -np.sum(np.log(probs[np.arange(N), y])) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx


def softmax_loss_naive(W, X, y, reg):
    loss = 0.0
    dW = np.zeros_like(W)
    for i in range(X.shape[0]):
        scores = X[i].dot(W)
        scores -= np.max(scores)
        p = np.exp(scores) / np.sum(np.exp(scores))
        loss += -np.log(p[y[i]])
        for j in range(W.shape[1]):
            dW[:, j] += (p[j] - (j == y[i])) * X[i]
    loss /= X.shape[0]
    loss += reg * np.sum(W * W)
    return loss, dW / X.shape[0] + 2 * reg * W


def cross_entropy_mean(p, y):
    m = y.shape[0]
    return -np.log(p[range(m), y] + EPSILON).mean()


def cross_entropy_of_one_hot(a, y):
    return -np.mean(np.sum(y * np.log(a + 1e-12), axis=1))


def binary_cross_entropy(a, y):
    m = y.shape[1]
    cost = (-1 / m) * np.sum(np.multiply(y, np.log(a)) + np.multiply(1 - y, np.log(1 - a)))
    cost = np.squeeze(cost)
    assert cost.shape == ()
    return cost


def binary_cross_entropy_clipped(a, y):
    a = np.clip(a, 1e-7, 1 - 1e-7)
    return -(y * np.log(a) + (1 - y) * np.log(1 - a)).mean(axis=-1)


def binary_cross_entropy_by_dot(a, y):
    m = y.shape[1]
    return float(np.squeeze(-(np.dot(y, np.log(a).T) + np.dot(1 - y, np.log(1 - a).T)) / m))


def cross_entropy_by_indicator(p, y):
    targets = np.zeros_like(p)
    targets[np.arange(len(y)), y] = 1
    return -(targets * log(p)).sum() / len(y)


def label_smoothing(z, y):
    k = z.shape[1]
    target = np.full(z.shape, 0.1 / (k - 1))
    target[np.arange(z.shape[0]), y] = 0.9
    return -(target * log_softmax(z)).sum(axis=1).mean()


def focal_loss(p, y):
    pt = np.where(y == 1, p, 1 - p)
    return np.mean(-((1 - pt) ** 2) * np.log(pt))


def kl_divergence(p, q):
    return np.sum(p * np.log(p / q))


def logsumexp(x):
    c = x.max()
    return c + np.log(np.sum(np.exp(x - c)))


# --- other losses


def quadratic(a, y):
    return 0.5 * np.linalg.norm(a - y) ** 2


def mse(a, y):
    return np.square(np.subtract(y, a)).mean()


def rmse(a, y):
    return math.sqrt(np.mean((a - y) ** 2))


def mean_absolute(a, y):
    return np.mean(np.abs(a - y))


def huber(a, y, delta=1.0):
    error = a - y
    small = np.abs(error) <= delta
    return np.sum(np.where(small, 0.5 * error**2, delta * (np.abs(error) - 0.5 * delta)))


def huber_by_branch(a, y):
    total = 0
    for e in a - y:
        if abs(e) < 1:
            total += 0.5 * e**2
        else:
            total += abs(e) - 0.5
    return total


def log_cosh(a, y):
    return np.log(np.cosh(a - y)).sum()


def hinge(w, b, X, y):
    margins = np.maximum(0, 1 - y * (X @ w + b))
    return np.mean(margins) + 0.5 * np.dot(w, w)


def svm_loss(x, y):
    N = x.shape[0]
    correct = x[np.arange(N), y]
    margins = np.maximum(0, x - correct[:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N
    num_pos = np.sum(margins > 0, axis=1)
    dx = np.zeros_like(x)
    dx[margins > 0] = 1
    dx[np.arange(N), y] -= num_pos
    dx /= N
    return loss, dx


def svm_loss_naive(W, X, y, reg):
    num_classes = W.shape[1]
    num_train = X.shape[0]
    loss = 0.0
    dW = np.zeros(W.shape)
    for i in range(num_train):
        scores = X[i].dot(W)
        correct_class_score = scores[y[i]]
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - correct_class_score + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    return loss / num_train + reg * np.sum(W * W), dW / num_train + 2 * reg * W


def svm_loss_vectorized(W, X, y, reg):
    scores = X.dot(W)
    correct = scores[list(range(X.shape[0])), list(y)].reshape(-1, 1)
    margins = np.maximum(0, scores - correct + 1)
    margins[range(X.shape[0]), list(y)] = 0
    return margins.sum() / X.shape[0] + 0.5 * reg * np.sum(W**2)


def triplet(a, p, n):
    return np.maximum(np.sum((a - p) ** 2, 1) - np.sum((a - n) ** 2, 1) + 0.5, 0).mean()


def cosine_similarity(x, y):
    return np.dot(x, y) / (np.linalg.norm(x) * np.linalg.norm(y))


def gaussian_nll(x, mu, log_var):
    return 0.5 * np.sum(log_var + (x - mu) ** 2 / np.exp(log_var) + np.log(2 * np.pi))


def vae_kl(mu, log_var):
    return -0.5 * np.sum(1 + log_var - mu**2 - np.exp(log_var), axis=-1)


def multivariate_normal(x, mu, cov):
    d = x - mu
    return -0.5 * (d @ np.linalg.solve(cov, d) + np.linalg.slogdet(cov)[1] + len(x) * np.log(2 * np.pi))


def regularised(W1, W2, lambd):
    return lambd / (2 * 7) * (np.sum(np.square(W1)) + np.sum(np.square(W2))) + 0.1 * np.abs(W1).sum()


# --- layers


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, _ = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db


def affine(x, w, b):
    return affine_forward(x, w, b)[0]


def affine_vjp(dout, x, w, b):
    _, cache = affine_forward(x, w, b)
    return affine_backward(dout, cache)


def affine_by_loops(x, w, b):
    out = np.zeros((x.shape[0], w.shape[1]))
    for i in range(x.shape[0]):
        for j in range(w.shape[1]):
            total = 0
            for k in range(w.shape[0]):
                total += x[i, k] * w[k, j]
            out[i][j] = total + b[j]
    return out


def relu_backward(dout, x):
    dx = dout.copy()
    dx[x <= 0] = 0
    return dx


def dropout_with_seed(x, p=0.4):
    np.random.seed(7)
    mask = (np.random.rand(*x.shape) < p) / p
    return x * mask


def dropout_with_generator(x):
    rng = np.random.default_rng(3)
    mask = rng.random(x.shape) > 0.5
    mask = mask.astype(x.dtype)
    mask /= 0.5
    out = rng.normal(size=x.shape)
    out *= 0.01
    out += x * mask
    return out


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    if mode == "train":
        mu = 1 / float(N) * np.sum(x, axis=0)
        xmu = x - mu
        var = 1 / float(N) * np.sum(xmu**2, axis=0)
        ivar = 1.0 / np.sqrt(var + eps)
        xhat = xmu * ivar
        out = gamma * xhat + beta
        running_mean *= 0.9
        running_mean += 0.1 * mu
        cache = (xhat, gamma, xmu, ivar, eps)
    else:
        raise ValueError(mode)
    bn_param["running_mean"] = running_mean
    return out, cache


def batchnorm(x, gamma, beta):
    out, _ = batchnorm_forward(x, gamma, beta, {"mode": "train"})
    return out


def batchnorm_vjp(dout, x, gamma, beta):
    _, (xhat, gamma, _, ivar, _) = batchnorm_forward(x, gamma, beta, {"mode": "train"})
    m = dout.shape[0]
    dxhat = dout * gamma
    dx = ivar / m * (m * dxhat - np.sum(dxhat, axis=0) - xhat * np.sum(dxhat * xhat, axis=0))
    return dx, np.sum(dout * xhat, axis=0), dout.sum(axis=0)


def layernorm(x, gamma, beta):
    mean = x.mean(axis=1, keepdims=True)
    std = x.std(axis=1, keepdims=True)
    return gamma * (x - mean) / (std + 1e-5) + beta


def rms_norm(x, g):
    return x / np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + 1e-6) * g


def spatial_groupnorm(x, gamma, beta):
    N, C, H, W = x.shape
    G = 2
    grouped = x.reshape(N, G, C // G, H, W)
    mean = np.mean(grouped, axis=(2, 3, 4), keepdims=True)
    var = np.var(grouped, axis=(2, 3, 4), keepdims=True)
    xhat = ((grouped - mean) / np.sqrt(var + 1e-5)).reshape(x.shape)
    return gamma[None, :, None, None] * xhat + beta.reshape(1, -1, 1, 1)


def conv_naive(x, w, b):
    stride, pad = 2, 1
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho = 1 + (H + 2 * pad - HH) // stride
    Wo = 1 + (W + 2 * pad - WW) // stride
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant")
    out = np.zeros((N, F, Ho, Wo))
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Wo):
                    window = xp[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return out


def conv_naive_vjp(dout, x, w):
    N, F, Ho, Wo = dout.shape
    HH, WW = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Wo):
                    dw[f] += xp[n, :, 2 * i : 2 * i + HH, 2 * j : 2 * j + WW] * dout[n, f, i, j]
                    dxp[n, :, 2 * i : 2 * i + HH, 2 * j : 2 * j + WW] += w[f] * dout[n, f, i, j]
    return dxp[:, :, 1:-1, 1:-1], dw, np.sum(dout, axis=(0, 2, 3))


def im2col(x, hh, ww, stride):
    n, c, h, w = x.shape
    ho, wo = (h - hh) // stride + 1, (w - ww) // stride + 1
    i0 = np.tile(np.repeat(np.arange(hh), ww), c)
    i1 = stride * np.repeat(np.arange(ho), wo)
    j0 = np.tile(np.arange(ww), hh * c)
    j1 = stride * np.tile(np.arange(wo), ho)
    i = i0.reshape(-1, 1) + i1.reshape(1, -1)
    j = j0.reshape(-1, 1) + j1.reshape(1, -1)
    k = np.repeat(np.arange(c), hh * ww).reshape(-1, 1)
    cols = x[:, k, i, j]
    return cols.transpose(1, 2, 0).reshape(hh * ww * c, -1), (k, i, j)


def conv_im2col(x, w, b):
    cols, _ = im2col(x, w.shape[2], w.shape[3], 1)
    res = w.reshape((w.shape[0], -1)).dot(cols) + b.reshape(-1, 1)
    side = x.shape[2] - w.shape[2] + 1
    return res.reshape(w.shape[0], side, side, x.shape[0]).transpose(3, 0, 1, 2)


def col2im(cols, x):
    _, (k, i, j) = im2col(x, 2, 2, 1)
    out = np.zeros(x.shape)
    np.add.at(out, (slice(None), k, i, j), cols)
    return out


def im2col_by_slices(img, filter_h=2, filter_w=2, stride=1):
    N, C, H, W = img.shape
    out_h, out_w = (H - filter_h) // stride + 1, (W - filter_w) // stride + 1
    col = np.zeros((N, C, filter_h, filter_w, out_h, out_w))
    for y in range(filter_h):
        y_max = y + stride * out_h
        for x in range(filter_w):
            x_max = x + stride * out_w
            col[:, :, y, x, :, :] = img[:, :, y:y_max:stride, x:x_max:stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * out_h * out_w, -1)


def col2im_by_slices(col, N=2, C=2, H=4, W=4, filter_h=2, filter_w=2):
    out_h, out_w = H - filter_h + 1, W - filter_w + 1
    col = col.reshape(N, out_h, out_w, C, filter_h, filter_w).transpose(0, 3, 4, 5, 1, 2)
    img = np.zeros((N, C, H, W))
    for y in range(filter_h):
        for x in range(filter_w):
            img[:, :, y : y + out_h, x : x + out_w] += col[:, :, y, x, :, :]
    return img


def conv_by_strides(x, w):
    n, c, h, wd = x.shape
    f, _, kh, kw = w.shape
    s = x.strides
    windows = as_strided(
        x, (n, c, h - kh + 1, wd - kw + 1, kh, kw), (s[0], s[1], s[2], s[3], s[2], s[3]), writeable=False
    )
    return np.einsum("nchwkl,fckl->nfhw", windows, w)


def conv_by_windows(x, w):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)
    return np.tensordot(windows, w, axes=((2, 3), (0, 1)))


def max_pool_naive(x):
    N, C, H, W = x.shape
    out = np.zeros((N, C, H // 2, W // 2))
    for i in range(H // 2):
        for j in range(W // 2):
            out[:, :, i, j] = np.max(x[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2], axis=(2, 3))
    return out


def max_pool_by_reshape(x):
    N, C, H, W = x.shape
    return x.reshape(N, C, H // 2, 2, W // 2, 2).max(axis=3).max(axis=4)


def max_pool_vjp(dout, x):
    dx = np.zeros_like(x)
    for i in range(dout.shape[0]):
        for j in range(dout.shape[1]):
            window = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            mask = window == np.max(window)
            dx[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += mask * dout[i, j]
    return dx


def max_pool_by_argmax(x):
    n, h, w = x.shape
    cols = x.reshape(n, h // 2, 2, w // 2, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 4)
    best = np.argmax(cols, axis=1)
    return cols[np.arange(best.size), best].reshape(n, h // 2, w // 2)


def average_pool(x):
    return x.reshape(x.shape[0] // 2, 2, x.shape[1] // 2, 2).mean(axis=(1, 3))


# --- recurrent networks


def rnn_step(x, h, Wx, Wh, b):
    return np.tanh(x.dot(Wx) + h.dot(Wh) + b)


def rnn_forward(x, h0, Wx, Wh, b):
    N, T, _ = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    prev_h = h0
    cache = []
    for t in range(T):
        h[:, t, :] = rnn_step(x[:, t, :], prev_h, Wx, Wh, b)
        cache.append((x[:, t, :], prev_h))
        prev_h = h[:, t, :]
    return h


def rnn_with_dict(x, Wx, Wh):
    hs = {-1: np.zeros((Wh.shape[0], 1))}
    loss = 0
    for t in range(len(x)):
        hs[t] = np.tanh(np.dot(Wx, x[t].reshape(-1, 1)) + np.dot(Wh, hs[t - 1]))
        loss += np.sum(hs[t] ** 2)
    return loss


def lstm_step(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = np.dot(x, Wx) + np.dot(prev_h, Wh) + b
    i, f, o, g = (
        sigmoid(a[:, :H]),
        sigmoid(a[:, H : 2 * H]),
        sigmoid(a[:, 2 * H : 3 * H]),
        np.tanh(a[:, 3 * H :]),
    )
    next_c = f * prev_c + i * g
    return o * np.tanh(next_c), next_c


def lstm_by_split(x, h, c, W, b):
    ai, af, ao, ag = np.split(np.hstack([x, h]) @ W + b, 4, axis=1)
    c = sigmoid(af) * c + sigmoid(ai) * np.tanh(ag)
    return sigmoid(ao) * np.tanh(c), c


def gru_step(x, h, W, U):
    z = sigmoid(x @ W[0] + h @ U[0])
    r = sigmoid(x @ W[1] + h @ U[1])
    return (1 - z) * h + z * np.tanh(x @ W[2] + (r * h) @ U[2])


def word_embedding(x, W):
    return W[x, :]


def word_embedding_vjp(dout, x):
    dW = np.zeros((6, 3))
    np.add.at(dW, x, dout)
    return dW


def temporal_softmax(x, y):
    N, T, V = x.shape
    flat = x.reshape(N * T, V)
    y_flat = y.reshape(N * T)
    probs = np.exp(flat - np.max(flat, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    return -np.sum(np.log(probs[np.arange(N * T), y_flat])) / N


def skip_gram(center, outside, target):
    p = softmax(outside @ center)
    return -np.log(p[target])


def negative_sampling(v, U):
    return -np.log(sigmoid(U[0] @ v)) - np.sum(np.log(sigmoid(-U[1:] @ v)))


# --- attention


def attention(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[-1])
    return softmax(scores) @ v


def causal_attention(q, k, v):
    n = q.shape[0]
    scores = q @ k.T / math.sqrt(k.shape[1])
    mask = np.triu(np.ones((n, n)), k=1).astype(bool)
    scores[mask] = -1e9
    return softmax(scores) @ v


def causal_attention_by_infinity(q, k, v):
    scores = (q @ k.T) / q.shape[-1] ** 0.5
    weights = softmax(np.where(np.tril(np.ones_like(scores)) == 0, -np.inf, scores))
    return weights @ v


def multi_head(x, Wq, Wk, Wv, Wo):
    T, D = x.shape
    heads = 2
    q, k, v = ((x @ W).reshape(T, heads, D // heads).transpose(1, 0, 2) for W in (Wq, Wk, Wv))
    weights = softmax(q @ k.transpose(0, 2, 1) / np.sqrt(D // heads))
    return (weights @ v).transpose(1, 0, 2).reshape(T, D) @ Wo


def attention_by_einsum(q, k, v):
    scores = np.einsum("bhid,bhjd->bhij", q, k) / np.sqrt(q.shape[-1])
    return np.einsum("bhij,bhjd->bhid", softmax(scores), v)


def positional_encoding(x):
    n, d = x.shape
    pe = np.zeros((n, d))
    position = np.arange(n)[:, np.newaxis]
    div = np.exp(np.arange(0, d, 2) * -(np.log(10000.0) / d))
    pe[:, 0::2] = np.sin(position * div)
    pe[:, 1::2] = np.cos(position * div)
    return x + pe


def rotary(x):
    half = x.shape[-1] // 2
    angles = np.arange(x.shape[0])[:, None] / 10 ** np.arange(half)
    x1, x2 = x[..., :half], x[..., half:]
    return np.concatenate(
        [x1 * np.cos(angles) - x2 * np.sin(angles), x1 * np.sin(angles) + x2 * np.cos(angles)], -1
    )


# --- whole networks


def two_layer(W1, b1, W2, b2, X, Y):
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2)
    m = X.shape[1]
    return -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)).sum() / m


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    if activation == "sigmoid":
        A = 1 / (1 + np.exp(-Z))
    elif activation == "relu":
        A = np.maximum(0, Z)
    assert A.shape == Z.shape
    return A, ((A_prev, W, b), Z)


def l_model(X, W1, b1, W2, b2, W3, b3):
    parameters = {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "W3": W3, "b3": b3}
    caches = []
    A = X
    L = len(parameters) // 2
    for layer in range(1, L):
        A_prev = A
        A, cache = linear_activation_forward(
            A_prev, parameters["W" + str(layer)], parameters[f"b{layer}"], "relu"
        )
        caches.append(cache)
    AL, cache = linear_activation_forward(A, parameters["W%d" % L], parameters["b%d" % L], "sigmoid")
    caches.append(cache)
    return AL


def backward_of_two_layers(X, y, W1, b1, W2, b2):
    z1 = X.dot(W1) + b1
    a1 = np.tanh(z1)
    scores = a1.dot(W2) + b2
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    delta3 = probs
    delta3[range(len(X)), y] -= 1
    dW2 = (a1.T).dot(delta3)
    db2 = np.sum(delta3, axis=0, keepdims=True)
    delta2 = delta3.dot(W2.T) * (1 - np.power(a1, 2))
    dW1 = np.dot(X.T, delta2)
    db1 = np.sum(delta2, axis=0)
    grads = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
    for name in grads:
        if name.startswith("dW"):
            grads[name] += 0.01 * {"dW1": W1, "dW2": W2}[name]
    return tuple(grads.values())


class Dense:
    def __init__(self, weights, bias):
        self.weights, self.bias = weights, bias
        self.calls = 0

    def forward(self, x):
        self.x = x
        self.calls += 1
        return np.dot(x, self.weights) + self.bias

    def backward(self, dout):
        self.dweights = np.dot(self.x.T, dout)
        self.dbias = dout.sum(axis=0)
        return np.dot(dout, self.weights.T)


class ReLU:
    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dout[self.mask] = 0
        return dout


class SoftmaxWithLoss:
    def forward(self, x, t):
        self.t, self.y = t, softmax(x)
        if self.y.ndim == 1:
            self.t = t.reshape(1, t.size)
        if self.t.size == self.y.size:
            self.t = self.t.argmax(axis=1)
        batch_size = self.y.shape[0]
        self.loss = -np.sum(np.log(self.y[np.arange(batch_size), self.t] + 1e-7)) / batch_size
        return self.loss

    def backward(self, dout=1):
        dx = self.y.copy()
        dx[np.arange(self.t.shape[0]), self.t] -= 1
        return dx * dout / self.t.shape[0]


class Network:
    def __init__(self, *layers):
        self.layers = list(layers)
        self.loss = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def __call__(self, x, t):
        return self.loss.forward(self.predict(x), t)

    def gradient(self, x, t):
        self(x, t)
        dout = self.loss.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


def network_loss(x, t, w1, b1, w2, b2):
    return Network(Dense(w1, b1), ReLU(), Dense(w2, b2))(x, t)


def network_gradient(x, t, w1, b1, w2, b2):
    net = Network(Dense(w1, b1), ReLU(), Dense(w2, b2))
    dx = net.gradient(x, t)
    return dx, net.layers[0].dweights, net.layers[0].dbias, net.layers[2].dweights, net.layers[2].dbias


class NetworkWithState:
    """Weights, a preallocated buffer and running statistics live in the object, made before the trace."""

    def __init__(self):
        rng = np.random.default_rng(5)
        self.params = {"W": rng.normal(size=(4, 3)), "b": np.zeros(3)}
        self.hidden = np.zeros((6, 3))
        self.running_mean = np.zeros(3)
        self.history = []
        self.activation = np.tanh
        self.rng = rng

    def loss(self, x):
        for t in range(x.shape[0]):
            self.hidden[t] = self.activation(x[t] @ self.params["W"] + self.params["b"])
        self.running_mean *= 0.9
        self.running_mean += 0.1 * self.hidden[: len(x)].mean(axis=0)
        self.history.append(float(np.sum(self.hidden)))
        print(f"loss {self.history[-1]:.3f}")
        return self.hidden[: len(x)] ** 2 + self.running_mean


def nielsen_feedforward(a, w1, b1, w2, b2):
    biases, weights = [b1, b2], [w1, w2]
    for b, w in zip(biases, weights, strict=True):
        a = sigmoid(np.dot(w, a) + b)
    return a


def nielsen_backprop(x, y, w1, b1, w2, b2):
    biases, weights = [b1, b2], [w1, w2]
    nabla_b = [np.zeros(b.shape) for b in biases]
    nabla_w = [np.zeros(w.shape) for w in weights]
    activation, activations, zs = x, [x], []
    for b, w in zip(biases, weights, strict=True):
        z = np.dot(w, activation) + b
        zs.append(z)
        activation = sigmoid(z)
        activations.append(activation)
    delta = (activations[-1] - y) * sigmoid(zs[-1]) * (1 - sigmoid(zs[-1]))
    nabla_b[-1] = delta
    nabla_w[-1] = np.dot(delta, activations[-2].transpose())
    for layer in range(2, 3):
        sp = sigmoid(zs[-layer]) * (1 - sigmoid(zs[-layer]))
        delta = np.dot(weights[-layer + 1].transpose(), delta) * sp
        nabla_b[-layer] = delta
        nabla_w[-layer] = np.dot(delta, activations[-layer - 1].transpose())
    return (*nabla_b, *nabla_w)


def flat_parameters(params, X, y):
    Dx, H, Dy = 4, 3, 2
    ofs = 0
    W1 = np.reshape(params[ofs : ofs + Dx * H], (Dx, H))
    ofs += Dx * H
    b1 = np.reshape(params[ofs : ofs + H], (1, H))
    ofs += H
    W2 = np.reshape(params[ofs : ofs + H * Dy], (H, Dy))
    ofs += H * Dy
    b2 = np.reshape(params[ofs : ofs + Dy], (1, Dy))
    h = sigmoid(X.dot(W1) + b1)
    yhat = softmax(h.dot(W2) + b2)
    return -np.sum(y * np.log(yhat))


def flat_gradient(W1, W2):
    return np.concatenate((W1.flatten(), W2.ravel(order="F"), (W1[0] * 2).flatten()))


def logistic_propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dw = 1 / m * np.dot(X, (A - Y).T)
    db = 1 / m * np.sum(A - Y)
    return cost, dw, db


def gradient_descent(w, X, y):
    for _ in range(3):
        gradient = X.T @ (X @ w - y) / len(y)
        w = w - 0.1 * gradient
    return w


def momentum_in_place(w, g):
    v = np.zeros_like(w)
    w = w.copy()
    for _ in range(2):
        v *= 0.9
        v -= 0.1 * g
        w += v
    return w


def adam_step(w, g):
    m, v, t = 0.1 * g, 0.001 * g**2, 1
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return w - 0.01 * m_hat / (np.sqrt(v_hat) + 1e-8)


def newton_sqrt(x):
    guess = x / 2
    while abs(guess * guess - x) > 1e-9:
        guess = (guess + x / guess) / 2
    return guess


def polynomial(x, c):
    return reduce(lambda acc, coefficient: acc * x + coefficient, c)


def pairwise_distances(x, y):
    return np.sqrt(((x[:, None, :] - y[None, :, :]) ** 2).sum(-1) + 1e-9)


def rbf_kernel(x, y):
    sq = np.sum(x**2, 1).reshape(-1, 1) + np.sum(y**2, 1) - 2 * np.dot(x, y.T)
    return np.exp(-0.5 * sq)


def graph_convolution(a, x, w):
    a_hat = a + np.eye(a.shape[0])
    d = np.diag(np.power(a_hat.sum(axis=1), -0.5))
    return np.maximum(d @ a_hat @ d @ x @ w, 0)


def names_without_module(z):
    out = zeros(z.shape)
    out[:] = exp(z) / nsum(exp(z), axis=0)
    return out


def scalar_neuron(w, x, b):
    z = 0.0
    for wi, xi in zip(w, x, strict=True):
        z += float(wi) * xi
    return 1.0 / (1.0 + math.exp(-(z + b)))


def list_cache(x, w):
    history = [x]
    for _ in range(3):
        history.append(np.tanh(history[-1] @ w))
    return sum(history[1:]), history[-1]


def nested_helpers(x):
    def scaled(v):
        return v * scale

    scale = x.max()
    return scaled(x) + partial(np.multiply, 2.0)(x)


def normalised_columns(x):
    x = x - x.mean(axis=0)
    x /= x.std(axis=0, ddof=1)
    return x


def standardised_by_apply(x):
    return np.apply_along_axis(lambda c: (c - c.mean()) / c.std(), 0, x)


def whitening(x):
    x = x - x.mean(axis=0)
    cov = x.T @ x / x.shape[0] + np.eye(x.shape[1])
    L = np.linalg.cholesky(np.linalg.inv(cov))
    return x @ L


def none_for_labels(x, y):
    return x * y[:, None], None, x.sum(axis=1)


N2C2 = (2, 2, 4, 4)
CASES = {
    "sigmoid": (sigmoid, [(3, 4)]),
    "sigmoid stable": (sigmoid_stable, [(3, 4)]),
    "sigmoid by masks": (sigmoid_by_masks, [(3, 4)]),
    "relu by product": (relu_by_product, [(3, 4)]),
    "relu in place": (relu_in_place, [(3, 4)]),
    "relu by loop": (relu_by_loop, [(2, 3)]),
    "relu by max": (relu_by_max, [(2, 3)]),
    "leaky relu": (leaky_relu, [(3, 4)]),
    "prelu": (prelu, [(3, 4), (4,)]),
    "elu": (elu, [(3, 4)]),
    "selu": (selu, [(3, 4)]),
    "gelu tanh": (gelu_tanh, [(3, 4)]),
    "gelu by vectorize": (gelu_by_vectorize, [(3, 2)]),
    "softplus": (softplus, [(3, 4)]),
    "swish": (swish, [(3, 4), ()]),
    "mish": (mish, [(3, 4)]),
    "hard tanh": (hard_tanh, [(3, 4)]),
    "maxout": (maxout, [(3, 4), (2, 4, 3), (2, 3)]),
    "softmax": (softmax, [(3, 4)]),
    "softmax of columns": (softmax_of_columns, [(4, 3)]),
    "softmax by loop": (softmax_by_loop, [(3, 4)]),
    "softmax in place": (softmax_in_place, [(3, 4)]),
    "softmax in place of a vector": (softmax_in_place, [(4,)]),
    "softmax of lists": (softmax_of_lists, [(4,)]),
    "log softmax": (log_softmax, [(3, 4)]),
    "softmax jacobian": (softmax_jacobian, [(4,)]),
    "softmax loss": (softmax_loss_course, [(3, 4), labels(4, 3)]),
    "softmax loss naive": (softmax_loss_naive, [(4, 3), (2, 4), labels(3, 2), positive()]),
    "cross-entropy mean": (cross_entropy_mean, [probabilities(3, 4), labels(4, 3)]),
    "cross-entropy of one-hot": (cross_entropy_of_one_hot, [probabilities(3, 4), one_hot(3, 4)]),
    "binary cross-entropy": (binary_cross_entropy, [probabilities(1, 5), probabilities(1, 5)]),
    "binary cross-entropy clipped": (
        binary_cross_entropy_clipped,
        [probabilities(3, 4), probabilities(3, 4)],
    ),
    "binary cross-entropy by dot": (binary_cross_entropy_by_dot, [probabilities(1, 5), probabilities(1, 5)]),
    "cross-entropy by indicator": (cross_entropy_by_indicator, [probabilities(3, 4), labels(4, 3)]),
    "label smoothing": (label_smoothing, [(3, 4), labels(4, 3)]),
    "focal loss": (focal_loss, [probabilities(5), labels(2, 5)]),
    "kl divergence": (kl_divergence, [probabilities(5), probabilities(5)]),
    "logsumexp": (logsumexp, [(5,)]),
    "quadratic": (quadratic, [(3, 1), (3, 1)]),
    "mse": (mse, [(3, 2), (3, 2)]),
    "rmse": (rmse, [(3, 2), (3, 2)]),
    "mean absolute": (mean_absolute, [(3, 2), (3, 2)]),
    "huber": (huber, [(5,), (5,)]),
    "huber by branch": (huber_by_branch, [(4,), (4,)]),
    "log cosh": (log_cosh, [(5,), (5,)]),
    "hinge": (hinge, [(4,), (), (5, 4), lambda rng: rng.choice([-1, 1], 5)]),
    "svm loss": (svm_loss, [(3, 4), labels(4, 3)]),
    "svm loss naive": (svm_loss_naive, [(4, 3), (3, 4), labels(3, 3), positive()]),
    "svm loss vectorized": (svm_loss_vectorized, [(4, 3), (3, 4), labels(3, 3), positive()]),
    "triplet": (triplet, [(3, 4), (3, 4), (3, 4)]),
    "cosine similarity": (cosine_similarity, [(4,), (4,)]),
    "gaussian nll": (gaussian_nll, [(4,), (4,), (4,)]),
    "vae kl": (vae_kl, [(3, 4), (3, 4)]),
    "multivariate normal": (
        multivariate_normal,
        [(3,), (3,), lambda rng: (lambda m: m @ m.T + np.eye(3))(rng.normal(size=(3, 3)))],
    ),
    "regularised": (regularised, [(3, 2), (2, 3), positive()]),
    "affine": (affine, [(2, 2, 3), (6, 4), (4,)]),
    "affine vjp": (affine_vjp, [(2, 4), (2, 2, 3), (6, 4), (4,)]),
    "affine by loops": (affine_by_loops, [(2, 3), (3, 2), (2,)]),
    "relu backward": (relu_backward, [(3, 4), (3, 4)]),
    "dropout with seed": (dropout_with_seed, [(3, 4)]),
    "dropout with generator": (dropout_with_generator, [(3, 4)]),
    "batch norm": (batchnorm, [(5, 3), (3,), (3,)]),
    "batch norm vjp": (batchnorm_vjp, [(5, 3), (5, 3), (3,), (3,)]),
    "layer norm": (layernorm, [(3, 5), (5,), (5,)]),
    "rms norm": (rms_norm, [(3, 5), (5,)]),
    "spatial group norm": (spatial_groupnorm, [(2, 4, 2, 2), (4,), (4,)]),
    "conv naive": (conv_naive, [(1, 2, 4, 4), (2, 2, 3, 3), (2,)]),
    "conv naive vjp": (conv_naive_vjp, [(1, 2, 2, 2), (1, 2, 4, 4), (2, 2, 3, 3)]),
    "conv by im2col": (conv_im2col, [(2, 2, 4, 4), (3, 2, 2, 2), (3,)]),
    "col2im": (col2im, [(2, 8, 9), N2C2]),
    "im2col by slices": (im2col_by_slices, [N2C2]),
    "col2im by slices": (col2im_by_slices, [(18, 8)]),
    "conv by strides": (conv_by_strides, [N2C2, (2, 2, 3, 3)]),
    "conv by windows": (conv_by_windows, [(5, 5), (2, 3)]),
    "max pool naive": (max_pool_naive, [N2C2]),
    "max pool by reshape": (max_pool_by_reshape, [N2C2]),
    "max pool vjp": (max_pool_vjp, [(2, 2), (4, 4)]),
    "max pool by argmax": (max_pool_by_argmax, [(2, 4, 4)]),
    "average pool": (average_pool, [(4, 6)]),
    "rnn": (rnn_forward, [(2, 3, 4), (2, 3), (4, 3), (3, 3), (3,)]),
    "rnn with dict": (rnn_with_dict, [(3, 4), (3, 4), (3, 3)]),
    "lstm step": (lstm_step, [(2, 3), (2, 2), (2, 2), (3, 8), (2, 8), (8,)]),
    "lstm by split": (lstm_by_split, [(2, 3), (2, 2), (2, 2), (5, 8), (8,)]),
    "gru step": (gru_step, [(2, 3), (2, 2), (3, 3, 2), (3, 2, 2)]),
    "word embedding": (word_embedding, [labels(6, 2, 4), (6, 3)]),
    "word embedding vjp": (word_embedding_vjp, [(2, 4, 3), labels(6, 2, 4)]),
    "temporal softmax": (temporal_softmax, [(2, 3, 4), labels(4, 2, 3)]),
    "skip-gram": (skip_gram, [(4,), (5, 4), labels(5)]),
    "negative sampling": (negative_sampling, [(4,), (5, 4)]),
    "attention": (attention, [(3, 4), (5, 4), (5, 2)]),
    "causal attention": (causal_attention, [(3, 4), (3, 4), (3, 2)]),
    "causal attention by infinity": (causal_attention_by_infinity, [(3, 4), (3, 4), (3, 2)]),
    "multi-head attention": (multi_head, [(3, 4), (4, 4), (4, 4), (4, 4), (4, 4)]),
    "attention by einsum": (attention_by_einsum, [(1, 2, 3, 4), (1, 2, 3, 4), (1, 2, 3, 4)]),
    "positional encoding": (positional_encoding, [(3, 4)]),
    "rotary": (rotary, [(3, 4)]),
    "two layers": (two_layer, [(4, 3), (4, 1), (1, 4), (1, 1), (3, 5), probabilities(1, 5)]),
    "l model": (l_model, [(4, 3), (3, 4), (3, 1), (2, 3), (2, 1), (1, 2), (1, 1)]),
    "backward of two layers": (
        backward_of_two_layers,
        [(4, 3), labels(2, 4), (3, 4), (1, 4), (4, 2), (1, 2)],
    ),
    "network of layers": (network_loss, [(4, 3), labels(2, 4), (3, 4), (4,), (4, 2), (2,)]),
    "network of layers, one-hot": (network_loss, [(4, 3), one_hot(4, 2), (3, 4), (4,), (4, 2), (2,)]),
    "gradient of layers": (network_gradient, [(4, 3), labels(2, 4), (3, 4), (4,), (4, 2), (2,)]),
    "feedforward of lists": (nielsen_feedforward, [(3, 1), (4, 3), (4, 1), (2, 4), (2, 1)]),
    "backprop of lists": (nielsen_backprop, [(3, 1), (2, 1), (4, 3), (4, 1), (2, 4), (2, 1)]),
    "flat parameters": (flat_parameters, [(23,), (5, 4), one_hot(5, 2)]),
    "flat gradient": (flat_gradient, [(2, 3), (3, 2)]),
    "logistic": (logistic_propagate, [(3, 1), (), (3, 5), probabilities(1, 5)]),
    "gradient descent": (gradient_descent, [(3,), (5, 3), (5,)]),
    "momentum in place": (momentum_in_place, [(3, 2), (3, 2)]),
    "adam": (adam_step, [(3,), positive(3)]),
    "newton": (newton_sqrt, [positive()]),
    "polynomial": (polynomial, [(3,), (4,)]),
    "pairwise distances": (pairwise_distances, [(3, 2), (4, 2)]),
    "rbf kernel": (rbf_kernel, [(3, 2), (4, 2)]),
    "graph convolution": (graph_convolution, [positive(3, 3), (3, 2), (2, 4)]),
    "names without module": (names_without_module, [(3, 4)]),
    "scalar neuron": (scalar_neuron, [(3,), (3,), ()]),
    "list cache": (list_cache, [(2, 3), (3, 3)]),
    "nested helpers": (nested_helpers, [(2, 3)]),
    "normalised columns": (normalised_columns, [(4, 3)]),
    "standardised by apply": (standardised_by_apply, [(4, 3)]),
    "whitening": (whitening, [(4, 3)]),
    "none among the results": (none_for_labels, [(3, 4), labels(2, 3)]),
}


@pytest.mark.parametrize("name", CASES)
def test_student_code_is_traced_unmodified(name, agrees):
    function, specs = CASES[name]
    agrees(function, specs)


def test_object_with_state_is_left_as_a_plain_call_leaves_it(agrees, capsys):
    net, reference = NetworkWithState(), NetworkWithState()
    x = np.random.default_rng(0).normal(size=(2, 4))
    expected = reference.loss(x)
    text = capsys.readouterr().out
    hidden, weights = net.hidden, net.params["W"]
    from checkers.tracing import trace

    traced = trace(net.loss, [x])
    assert capsys.readouterr().out == text
    np.testing.assert_array_equal(traced.primal[0], expected)
    assert net.hidden is hidden
    assert net.params["W"] is weights
    assert type(net.running_mean) is np.ndarray
    assert type(net.history[0]) is float
    np.testing.assert_array_equal(net.hidden, reference.hidden)
    np.testing.assert_array_equal(net.running_mean, reference.running_mean)
    assert net.activation is np.tanh
    assert type(net.rng) is np.random.Generator


class Recorder:
    outputs: list = []  # noqa: RUF012

    def forward(self, x):
        self.outputs.clear()
        for k in range(3):
            self.outputs.append(x[k] * k)
        return self.outputs


def test_result_that_is_stored_as_well_keeps_its_derivative(agrees):
    recorder = Recorder()
    agrees(recorder.forward, [(3, 2)])
    assert [type(item) for item in recorder.outputs] == [np.ndarray] * 3


def test_object_with_state_has_the_right_derivative(agrees):
    agrees(lambda x: NetworkWithState().loss(x), [(2, 4)])
