"""What course functions are meant to compute: forwards in the courses' own layouts.

Plain NumPy. They run on complex numbers too, for that is how their gradients are had: with a step of i·10⁻⁴⁰
there is nothing to subtract and nothing to choose, so Im f(x + ih)/h is the derivative to the last digit.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from checkers.errors import InputError
from checkers.oracles.estimate import Answer, Estimate
from checkers.rounding.ball import Reals

NAME = "reference"
"""What records call this oracle."""

Array: TypeAlias = Any
"""An array, real or complex."""

STEP = 1e-40
SAFETY = 64.0 if np.finfo(np.longdouble).eps < np.finfo(np.float64).eps else 4096.0
"""Roundings of the largest entry that an entry may be off by."""


def gradients(
    forward: Callable[[Mapping[str, Array]], Sequence[Array]],
    arguments: Mapping[str, Array],
    wrt: Sequence[str],
    cotangents: Sequence[Array],
) -> Answer:
    """Σ_i δ_i ∂f_i/∂x for the arguments ``wrt`` by complex steps.

    Args:
        forward: from arguments by name to the outputs; smooth, or with kinks decided by the real part.
        arguments: the point.
        wrt: the arguments to differentiate by.
        cotangents: one per output.
    """
    estimates = []
    for name in wrt:
        value = _by_complex_steps(forward, arguments, name, cotangents).astype(np.float64)
        largest = float(np.max(np.abs(value), initial=0.0))
        bound = np.full(value.shape, SAFETY * np.finfo(np.float64).eps * largest)
        estimates.append(Estimate.of(value, bound, "the reference is not finite here"))
    return Answer(NAME, tuple(estimates))


def _by_complex_steps(
    forward: Callable[[Mapping[str, Array]], Sequence[Array]],
    arguments: Mapping[str, Array],
    name: str,
    cotangents: Sequence[Array],
) -> Reals:
    """One gradient, in the longest precision there is: its own rounding is far below a float64's."""
    point = {
        key: np.asarray(a, dtype=np.clongdouble) if a.dtype.kind == "f" else a for key, a in arguments.items()
    }
    result = np.zeros(arguments[name].shape, dtype=np.longdouble)
    with np.errstate(all="ignore"):
        for index in np.ndindex(*result.shape):
            moved = np.array(point[name])
            moved[index] += 1j * STEP
            outputs = forward({**point, name: moved})
            slope = sum(
                (np.sum(delta * np.imag(output)) for delta, output in zip(cotangents, outputs, strict=True)),
                np.longdouble(0),
            )
            result[index] = slope / STEP
    return result


def sigmoid(Z: Array) -> Array:
    """1 / (1 + e^−Z).   Z: any shape."""
    return 1 / (1 + np.exp(-Z))


def relu(Z: Array) -> Array:
    """max(0, Z), decided by the real part.   Z: any shape."""
    return np.where(np.real(Z) > 0, Z, 0)


def leaky_relu(Z: Array, slope: float = 0.01) -> Array:
    """Z where it is positive, else slope · Z.   Z: any shape."""
    return np.where(np.real(Z) > 0, Z, slope * Z)


def elu(Z: Array, alpha: float = 1.0) -> Array:
    """Z where it is positive, else α (e^Z − 1).   Z: any shape."""
    return np.where(np.real(Z) > 0, Z, alpha * (np.exp(np.where(np.real(Z) > 0, 0, Z)) - 1))


def tanh(Z: Array) -> Array:
    """Tanh Z.   Z: any shape."""
    return np.tanh(Z)


def identity(Z: Array) -> Array:
    """Z itself."""
    return Z


def relu_of_x(x: Array) -> Array:
    """``relu`` of an argument called x."""
    return relu(x)


def sigmoid_of_x(x: Array) -> Array:
    """``sigmoid`` of an argument called x."""
    return sigmoid(x)


def tanh_of_x(x: Array) -> Array:
    """``tanh`` of an argument called x."""
    return np.tanh(x)


def affine_of_W(x: Array, W: Array, b: Array) -> Array:
    """X W + b.   x: (N, D); W: (D, M); b: (M) or (1, M)."""
    return x @ W + np.reshape(b, -1)


def softplus(Z: Array) -> Array:
    """ln(1 + e^Z).   Z: any shape."""
    return np.log(1 + np.exp(Z))


def _absolute(Z: Array) -> Array:
    return np.where(np.real(Z) < 0, -Z, Z)


def softsign(Z: Array) -> Array:
    """Z / (1 + |Z|).   Z: any shape."""
    return Z / (1 + _absolute(Z))


def swish(Z: Array) -> Array:
    """Z σ(Z).   Z: any shape."""
    return Z * sigmoid(Z)


def gelu_by_tanh(Z: Array) -> Array:
    """The GELU in its approximation by tanh.   Z: any shape."""
    return 0.5 * Z * (1 + np.tanh(np.sqrt(2 / np.pi) * (Z + 0.044715 * Z**3)))


def softmax_rows(x: Array) -> Array:
    """Softmax along the last axis.   x: (N, C), or any shape."""
    e = np.exp(x - np.max(np.real(x), axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_columns(x: Array) -> Array:
    """Softmax down the first axis.   x: (C, m)."""
    return softmax_rows(np.asarray(x).T).T


def affine_rows(x: Array, w: Array, b: Array) -> Array:
    """X w + b, every example made flat.   x: (N, d1, …, dk); w: (D, M); b: (M)."""
    return x.reshape(len(x), -1) @ w + np.reshape(b, -1)


def affine_columns(A: Array, W: Array, b: Array) -> Array:
    """W A + b.   A: (n, m); W: (p, n); b: (p, 1)."""
    return W @ A + np.reshape(b, (-1, 1))


def affine_relu(x: Array, w: Array, b: Array) -> Array:
    """max(0, x w + b); shapes as ``affine_rows``."""
    return relu(affine_rows(x, w, b))


def linear_activation(A: Array, W: Array, b: Array, activation: str) -> Array:
    """The activation of that name of W A + b; shapes as ``affine_columns``."""
    return {"relu": relu, "sigmoid": sigmoid, "tanh": tanh}[activation](affine_columns(A, W, b))


def norm_of(W: Array) -> Array:
    """Σ W², without the modulus of a complex number."""
    return (W * W).sum()


def softmax_loss(x: Array, y: Array) -> Array:
    """Mean cross-entropy of the rows' softmax.   x: (N, C); y: (N), labels."""
    return -np.mean(np.log(softmax_rows(x)[np.arange(len(x)), y]))


def softmax_loss_of_z(z: Array, y: Array) -> Array:
    """``softmax_loss`` with scores called z."""
    return softmax_loss(z, y)


def softmax_loss_sum(x: Array, y: Array) -> Array:
    """The same as a sum over the examples."""
    return len(x) * softmax_loss(x, y)


def svm_loss(x: Array, y: Array, margin: float = 1.0) -> Array:
    """Mean over the examples of Σ_{j≠y} max(0, x_j − x_y + margin).   x: (N, C); y: (N), labels."""
    rows = np.arange(len(x))
    margins = relu(x - x[rows, y][:, None] + margin)
    margins[rows, y] = 0
    return margins.sum() / len(x)


def softmax_classifier(W: Array, X: Array, y: Array, reg: float, penalty: float) -> Array:
    """``softmax_loss`` of X W plus penalty · reg · ΣW².   W: (D, C); X: (N, D); y: (N)."""
    return softmax_loss(X @ W, y) + penalty * reg * norm_of(W)


def softmax_classifier_shared(W: Array, X: Array, y: Array, reg: float, penalty: float) -> Array:
    """``softmax_loss`` of X W plus penalty · reg · ΣW² / N.   W: (D, C); X: (N, D); y: (N)."""
    return softmax_loss(X @ W, y) + penalty * reg * norm_of(W) / len(X)


def svm_classifier_shared(W: Array, X: Array, y: Array, reg: float, penalty: float) -> Array:
    """``svm_loss`` of X W plus penalty · reg · ΣW² / N.   W: (D, C); X: (N, D); y: (N)."""
    return svm_loss(X @ W, y) + penalty * reg * norm_of(W) / len(X)


def svm_classifier(W: Array, X: Array, y: Array, reg: float, penalty: float) -> Array:
    """``svm_loss`` of X W plus penalty · reg · ΣW².   W: (D, C); X: (N, D); y: (N)."""
    return svm_loss(X @ W, y) + penalty * reg * norm_of(W)


def softmax_classifier_columns(W: Array, X: Array, y: Array, reg: float, penalty: float) -> Array:
    """``softmax_loss`` of (W X)ᵀ plus penalty · reg · ΣW².   W: (C, D); X: (D, N); y: (N)."""
    return softmax_loss((W @ X).T, y) + penalty * reg * norm_of(W)


def svm_classifier_columns(W: Array, X: Array, y: Array, reg: float, penalty: float) -> Array:
    """``svm_loss`` of (W X)ᵀ plus penalty · reg · ΣW².   W: (C, D); X: (D, N); y: (N)."""
    return svm_loss((W @ X).T, y) + penalty * reg * norm_of(W)


def two_layer_net(
    X: Array, W1: Array, b1: Array, W2: Array, b2: Array, y: Array, reg: float, penalty: float
) -> Array:
    """``softmax_loss`` of relu(X W1 + b1) W2 + b2, plus the penalty.

    X: (N, D); W1: (D, H); W2: (H, C); y: (N).
    """
    scores = relu(X @ W1 + b1) @ W2 + b2
    return softmax_loss(scores, y) + penalty * reg * (norm_of(W1) + norm_of(W2))


def three_layer_net(
    X: Array,
    W1: Array,
    b1: Array,
    W2: Array,
    b2: Array,
    W3: Array,
    b3: Array,
    y: Array,
    reg: float,
    penalty: float,
) -> Array:
    """The same with two hidden layers."""
    scores = relu(relu(X @ W1 + b1) @ W2 + b2) @ W3 + b3
    return softmax_loss(scores, y) + penalty * reg * (norm_of(W1) + norm_of(W2) + norm_of(W3))


def batch_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """γ (x − μ) / √(σ² + ε) + β, the statistics over the examples.   x: (N, D); γ, β: (D)."""
    centred = x - x.mean(axis=0)
    return gamma * centred / np.sqrt((centred * centred).mean(axis=0) + eps) + beta


def layer_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """The same with the statistics over the features."""
    centred = x - x.mean(axis=1, keepdims=True)
    return gamma * centred / np.sqrt((centred * centred).mean(axis=1, keepdims=True) + eps) + beta


def spatial_batch_norm(x: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Batch normalisation per channel.   x: (N, C, H, W); γ, β: (C)."""
    centred = x - x.mean(axis=(0, 2, 3), keepdims=True)
    scaled = centred / np.sqrt((centred * centred).mean(axis=(0, 2, 3), keepdims=True) + eps)
    return gamma.reshape(1, -1, 1, 1) * scaled + beta.reshape(1, -1, 1, 1)


def group_norm(x: Array, gamma: Array, beta: Array, groups: int, eps: float) -> Array:
    """Normalisation per example and group of channels.   x: (N, C, H, W); γ, β: (1, C, 1, 1)."""
    N, C, H, W = x.shape
    grouped = x.reshape(N, groups, -1)
    centred = grouped - grouped.mean(axis=2, keepdims=True)
    scaled = (centred / np.sqrt((centred * centred).mean(axis=2, keepdims=True) + eps)).reshape(N, C, H, W)
    return gamma.reshape(1, -1, 1, 1) * scaled + beta.reshape(1, -1, 1, 1)


def convolution(x: Array, w: Array, b: Array, stride: int, pad: int) -> Array:
    """The convolution of deep learning.   x: (N, C, H, W); w: (F, C, HH, WW); b: (F)."""
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    rows, columns = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    out = np.zeros((N, F, rows, columns), dtype=np.result_type(x, w, b))
    for i in range(rows):
        for j in range(columns):
            window = padded[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            out[:, :, i, j] = np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3])) + b
    return out


def affine_of_W_transposed(x: Array, W: Array, b: Array) -> Array:
    """X Wᵀ + b.   x: (N, D); W: (M, D); b: (M)."""
    return x @ W.T + np.reshape(b, -1)


def affine_of_columns(x: Array, W: Array, b: Array) -> Array:
    """W X + b.   x: (D, N); W: (M, D); b: (M)."""
    return W @ x + np.reshape(b, (-1, 1))


ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "identity": lambda z: 1 * z,
    "relu": relu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "softmax": softmax_rows,
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "square": lambda z: z * z,
    "exp": np.exp,
    "elu": lambda z: np.where(np.real(z) > 0, z, np.exp(z) - 1),
    "swish": lambda z: z * sigmoid(z),
    **{
        f"leaky_relu_{slope}": partial(lambda slope, z: np.where(np.real(z) > 0, z, slope * z), slope)
        for slope in (0.01, 0.1, 0.2, 0.4)
    },
}
"""Functions of single entries (and the softmax of rows) that layers are likely to be."""


def activation_of_x(x: Array, kind: str) -> Array:
    """One of ``ACTIVATIONS``, by name.   x: any shape; the softmax along its last axis."""
    return ACTIVATIONS[kind](x)


def activation_of_z(z: Array, kind: str) -> Array:
    """The same of z."""
    return ACTIVATIONS[kind](z)


def pool_of_x(x: Array, mode: str) -> Array:
    """The largest entry or the mean of every 2 × 2 window, two apart.   x: (N, C, H, W)."""
    return pool_channels_last(x.transpose(0, 2, 3, 1), 2, 2, mode).transpose(0, 3, 1, 2)


def rows_of_x(x: Array) -> Array:
    """Every example made flat.   x: (N, …)."""
    return x.reshape(len(x), -1)


def convolution_of_W(x: Array, W: Array, b: Array, stride: int, pad: int) -> Array:
    """``convolution`` with its filters called W."""
    return convolution(x, W, b, stride, pad)


def convolution_channels_last(A: Array, W: Array, b: Array, stride: int, pad: int) -> Array:
    """The same, channels last.   A: (m, H, W, C); W: (f, f, C, F); b: (1, 1, 1, F)."""
    out = convolution(A.transpose(0, 3, 1, 2), W.transpose(3, 2, 0, 1), b.reshape(-1), stride, pad)
    return out.transpose(0, 2, 3, 1)


def max_pool(x: Array, height: int, width: int, stride: int) -> Array:
    """The largest entry of every window.   x: (N, C, H, W)."""
    N, C, H, W = x.shape
    rows, columns = (H - height) // stride + 1, (W - width) // stride + 1
    out = np.zeros((N, C, rows, columns), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i * stride : i * stride + height, j * stride : j * stride + width].reshape(
                N, C, -1
            )
            best = np.argmax(np.real(window), axis=2)
            out[:, :, i, j] = np.take_along_axis(window, best[:, :, None], axis=2)[:, :, 0]
    return out


def pool_channels_last(A: Array, f: int, stride: int, mode: str) -> Array:
    """The largest entry or the mean of every f × f window.   A: (m, H, W, C)."""
    x = A.transpose(0, 3, 1, 2)
    if mode == "max":
        return max_pool(x, f, f, stride).transpose(0, 2, 3, 1)
    N, C, H, W = x.shape
    rows, columns = (H - f) // stride + 1, (W - f) // stride + 1
    out = np.zeros((N, C, rows, columns), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            out[:, :, i, j] = x[:, :, i * stride : i * stride + f, j * stride : j * stride + f].mean(
                axis=(2, 3)
            )
    return out.transpose(0, 2, 3, 1)


def conv_relu(x: Array, w: Array, b: Array, stride: int, pad: int) -> Array:
    """The convolution followed by a ReLU; shapes as there."""
    return relu(convolution(x, w, b, stride, pad))


def conv_relu_pool(
    x: Array, w: Array, b: Array, stride: int, pad: int, height: int, width: int, by: int
) -> Array:
    """The same followed by max pooling with stride ``by``."""
    return max_pool(conv_relu(x, w, b, stride, pad), height, width, by)


def affine_bn_relu(x: Array, w: Array, b: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """The affine layer followed by batch normalisation and a ReLU; shapes as there."""
    return relu(batch_norm(affine_rows(x, w, b), gamma, beta, eps))


def rnn_step(x: Array, h: Array, Wx: Array, Wh: Array, b: Array) -> Array:
    """tanh(x Wx + h Wh + b).   x: (N, D); h: (N, H); Wx: (D, H); Wh: (H, H); b: (H)."""
    return np.tanh(x @ Wx + h @ Wh + b)


def rnn(x: Array, h0: Array, Wx: Array, Wh: Array, b: Array) -> Array:
    """The states of all steps.   x: (N, T, D); h0: (N, H); returns (N, T, H)."""
    states, h = [], h0
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, Wx, Wh, b)
        states.append(h)
    return np.stack(states, axis=1)


def lstm_step(x: Array, h: Array, c: Array, Wx: Array, Wh: Array, b: Array) -> tuple[Array, Array]:
    """(h', c') with gates i, f, o, g in this order.

    x: (N, D); h, c: (N, H); Wx: (D, 4H); Wh: (H, 4H); b: (4H).
    """
    i, f, o, g = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def lstm(x: Array, h0: Array, Wx: Array, Wh: Array, b: Array) -> Array:
    """The states of all steps from c = 0.   x: (N, T, D); h0: (N, H); returns (N, T, H)."""
    states, h, c = [], h0, 0 * h0
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, Wx, Wh, b)
        states.append(h)
    return np.stack(states, axis=1)


def dropout(x: Array, dropout_param: Mapping[str, Any], keep: bool) -> Array:
    """x times the mask of the seed, with mean 1; ``keep``: p is the probability to keep, else to drop."""
    p = dropout_param["p"]
    drawn = np.random.RandomState(dropout_param["seed"]).rand(*x.shape)
    return x * ((drawn < p) / p if keep else (drawn > p) / (1 - p))


def embedding(W: Array, x: Array) -> Array:
    """The rows of W that x names.   W: (V, D); x: whole numbers of any shape."""
    return W[x]


def temporal_affine(x: Array, w: Array, b: Array) -> Array:
    """X w + b at every step.   x: (N, T, D); w: (D, M); b: (M)."""
    return x @ w + b


def temporal_softmax_loss(x: Array, y: Array, mask: Array) -> Array:
    """Cross-entropy of all steps that the mask keeps, over N.   x: (N, T, C); y, mask: (N, T)."""
    N, T, _ = x.shape
    chosen = np.log(softmax_rows(x))[np.arange(N)[:, None], np.arange(T), y]
    return -(np.where(mask, chosen, 0)).sum() / N


def binary_cross_entropy(AL: Array, Y: Array) -> Array:
    """Mean over the columns, summed over the rows of outputs."""
    return -(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)).sum() / Y.shape[1]


def logistic_cost(w: Array, b: Array, X: Array, Y: Array) -> Array:
    """``binary_cross_entropy`` of σ(wᵀ X + b).   w: (n, 1); b: scalar; X: (n, m); Y: (1, m)."""
    return binary_cross_entropy(sigmoid(w.T @ X + b), Y)


def planar_cost(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    """``binary_cross_entropy`` of σ(W2 tanh(W1 X + b1) + b2).   X: (n, m); Y: (1, m)."""
    return binary_cross_entropy(sigmoid(W2 @ np.tanh(W1 @ X + b1) + b2), Y)


def two_layer_relu_cost(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    """The same with ReLU in place of tanh."""
    return binary_cross_entropy(sigmoid(W2 @ relu(W1 @ X + b1) + b2), Y)


def three_layer_cost(
    W1: Array, b1: Array, W2: Array, b2: Array, W3: Array, b3: Array, X: Array, Y: Array, lambd: float = 0.0
) -> Array:
    """``binary_cross_entropy`` of a relu-relu-sigmoid network plus λ/2m ΣW².   X: (n, m); Y: (1, m)."""
    A2 = relu(W2 @ relu(W1 @ X + b1) + b2)
    penalty = lambd / (2 * Y.shape[1]) * (norm_of(W1) + norm_of(W2) + norm_of(W3))
    return binary_cross_entropy(sigmoid(W3 @ A2 + b3), Y) + penalty


def softmax_cost_columns(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    """Mean cross-entropy of softmax(W2 relu(W1 X + b1) + b2) with integer labels."""
    return softmax_loss((W2 @ relu(W1 @ X + b1) + b2).T, Y)


def binary_network_columns(W1: Array, b1: Array, W2: Array, b2: Array, X: Array, Y: Array) -> Array:
    """Mean binary cross-entropy of σ(W2 relu(W1 X + b1) + b2).   Y: (1, m)."""
    a = sigmoid(W2 @ relu(W1 @ X + b1) + b2)
    return -(Y * np.log(a) + (1 - Y) * np.log(1 - a)).sum() / X.shape[1]


def back_prop_cost(W1: Array, W2: Array, b1: Array, b2: Array, x: Array, y: Array) -> Array:
    """Mean cross-entropy with one-hot columns y."""
    p = softmax_columns(W2 @ relu(W1 @ x + b1) + b2)
    return -(y * np.log(p)).sum() / x.shape[1]


def sigmoid_network_sum(W1: Array, b1: Array, W2: Array, b2: Array, data: Array, labels: Array) -> Array:
    """Summed cross-entropy of softmax(σ(X W1 + b1) W2 + b2).   data: (N, Dx); labels: (N, Dy), one-hot."""
    p = softmax_rows(sigmoid(data @ W1 + b1) @ W2 + b2)
    return -(labels * np.log(p)).sum()


def sigmoid_network_mean(W1: Array, b1: Array, W2: Array, b2: Array, data: Array, labels: Array) -> Array:
    """The same as a mean over the examples."""
    return sigmoid_network_sum(W1, b1, W2, b2, data, labels) / len(data)


def word2vec_softmax(predicted: Array, outputVectors: Array, target: int) -> Array:
    """−ln softmax(U v)_target.   predicted v: (D); outputVectors U: (V, D)."""
    return -np.log(softmax_rows(outputVectors @ predicted))[target]


def word2vec_negative_sampling(
    predicted: Array, outputVectors: Array, target: int, samples: Sequence[int]
) -> Array:
    """−ln σ(u_target·v) − Σ ln σ(−u_k·v) over the samples k.   predicted v: (D), outputVectors U: (V, D)."""
    z = outputVectors @ predicted
    return -np.log(sigmoid(z[target])) - np.log(sigmoid(-z[list(samples)])).sum()


def word2vec_skip_gram(
    inputVectors: Array, outputVectors: Array, center: int, context: Sequence[int]
) -> Array:
    """−Σ ln softmax(U v_center)_o over the context words o.   inputVectors, outputVectors: (V, D)."""
    return -np.log(softmax_rows(outputVectors @ inputVectors[center]))[list(context)].sum()


def word2vec_bag_of_words(
    inputVectors: Array, outputVectors: Array, center: int, context: Sequence[int], parts: int
) -> Array:
    """−ln softmax(U v)_center with v the sum of the context's vectors over ``parts``."""
    v = inputVectors[list(context)].sum(axis=0) / parts
    return -np.log(softmax_rows(outputVectors @ v))[center]


def sigmoid_network_quadratic(
    x: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array, W3: Array, b3: Array
) -> Array:
    """½ ‖a − y‖² of a sigmoid network with two hidden layers.   x: (n, 1); y: (k, 1)."""
    a = sigmoid(W3 @ sigmoid(W2 @ sigmoid(W1 @ x + b1) + b2) + b3)
    return norm_of(a - y) / 2


def sigmoid_network_cross_entropy(
    x: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array, W3: Array, b3: Array
) -> Array:
    """The cross-entropy of the same network, summed over the outputs."""
    a = sigmoid(W3 @ sigmoid(W2 @ sigmoid(W1 @ x + b1) + b2) + b3)
    return -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum()


def linear_output_network(X: Array, y: Array, W1: Array, W2: Array) -> Array:
    """Half the squared error of one record with a sigmoid hidden layer and a linear output."""
    return norm_of(sigmoid(X @ W1) @ W2 - y) / 2


def cross_entropy_rows(x: Array, t: Array) -> Array:
    """Mean cross-entropy of softmax with one-hot rows t."""
    return -(t * np.log(softmax_rows(x))).sum() / len(x)


def cross_entropy_of_probabilities(p: Array, t: Array) -> Array:
    """−Σ t ln p over the number of rows.   p, t: (N, C)."""
    return -(t * np.log(p)).sum() / len(p)


def mean_squared_error(a: Array, y: Array) -> Array:
    """The mean of (a − y)² over all entries.   a, y: one shape."""
    return ((a - y) * (a - y)).mean()


@dataclass(frozen=True)
class Forward:
    """A reference by name, called with arguments by name.

    Attributes:
        function: the NumPy function.
        given: parameters with fixed values.
    """

    function: Callable[..., Any]
    given: Mapping[str, Any]

    def __call__(self, values: Mapping[str, Any]) -> list[Array]:
        """The outputs, for arguments and settings by name; what the function does not take is left out."""
        parameters = inspect.signature(self.function).parameters
        taken = {name: values[name] for name in parameters if name in values}
        returned = self.function(**{**taken, **self.given})
        items = returned if isinstance(returned, (tuple, list)) else [returned]
        return [np.asarray(item) for item in items]


def find(name: str, given: Mapping[str, Any], path: Path | None) -> Forward:
    """The reference of that name: from this module, from ``reference_impl``, or from a teacher's file.

    Raises:
        InputError: there is none.
    """
    if path is not None:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise InputError(f"the reference file {path} cannot be loaded: name a Python file")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        function = getattr(module, name, None)
        if not callable(function):
            raise InputError(f"the reference file {path} has no function {name!r}")
        return Forward(function, given)
    function = globals().get(name)
    if callable(function) and getattr(function, "__module__", "") == __name__:
        return Forward(function, given)
    from reference_impl import formulas

    if name in formulas():
        return Forward(formulas()[name].forward, given)
    raise InputError(f"there is no reference {name!r}")
