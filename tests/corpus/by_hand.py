"""Mistakes that people make in a function of their own: by the name of the function, what is wrong and how.

Each is a whole backward, written out as it would be found. Contracts are broken here too: shapes, overwritten
arguments, a cotangent that is not heeded, values kept from an earlier call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from tests.corpus.functions.activations import gelu
from tests.corpus.functions.networks import logistic, row_softmax
from tests.corpus.functions.normalisation import EPSILON

Vjp = Callable[..., Any]
_SLOPE = np.sqrt(2 / np.pi)


def _rows(X):
    mean, variance = X.mean(axis=1, keepdims=True), X.var(axis=1, keepdims=True)
    return (X - mean) / np.sqrt(variance + EPSILON), 1 / np.sqrt(variance + EPSILON)


def _columns(X):
    return (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + EPSILON), 1 / np.sqrt(X.var(axis=0) + EPSILON)


def layer_norm_mean_constant(delta, X, gamma, beta):
    y, s = _rows(X)
    d = delta * gamma
    return s * (d - y * (d * y).mean(axis=1, keepdims=True)), (delta * y).sum(axis=0), delta.sum(axis=0)


def layer_norm_variance_constant(delta, X, gamma, beta):
    y, s = _rows(X)
    d = delta * gamma
    return s * (d - d.mean(axis=1, keepdims=True)), (delta * y).sum(axis=0), delta.sum(axis=0)


def layer_norm_without_gamma(delta, X, gamma, beta):
    y, s = _rows(X)
    by_X = s * (delta - delta.mean(axis=1, keepdims=True) - y * (delta * y).mean(axis=1, keepdims=True))
    return by_X, (delta * y).sum(axis=0), delta.sum(axis=0)


def layer_norm_without_epsilon(delta, X, gamma, beta):
    mean, variance = X.mean(axis=1, keepdims=True), X.var(axis=1, keepdims=True)
    s = 1 / np.sqrt(variance + 1e-30)
    y, d = (X - mean) * s, delta * gamma
    by_X = s * (d - d.mean(axis=1, keepdims=True) - y * (d * y).mean(axis=1, keepdims=True))
    return by_X, (delta * y).sum(axis=0), delta.sum(axis=0)


def batch_norm_of_test_time(delta, X, gamma, beta):
    y, s = _columns(X)
    return delta * gamma * s, (delta * y).sum(axis=0), delta.sum(axis=0)


def batch_norm_unbiased(delta, X, gamma, beta):
    y, s = _columns(X)
    m = len(X)
    d = delta * gamma
    by_X = s * (d - d.mean(axis=0) - y * (d * y).sum(axis=0) / max(m - 1, 1))
    return by_X, (delta * y).sum(axis=0), delta.sum(axis=0)


def batch_norm_beta_averaged(delta, X, gamma, beta):
    y, s = _columns(X)
    d = delta * gamma
    by_X = s * (d - d.mean(axis=0) - y * (d * y).mean(axis=0))
    return by_X, (delta * y).sum(axis=0), delta.mean(axis=0)


def batch_norm_gamma_of_input(delta, X, gamma, beta):
    y, s = _columns(X)
    d = delta * gamma
    by_X = s * (d - d.mean(axis=0) - y * (d * y).mean(axis=0))
    return by_X, (delta * X).sum(axis=0), delta.sum(axis=0)


def attention_without_scale(delta, Q, K, V):
    A = row_softmax(Q @ K.T / np.sqrt(Q.shape[1]))
    by_A = delta @ V.T
    by_S = A * (by_A - (by_A * A).sum(axis=1, keepdims=True))
    return by_S @ K, by_S.T @ Q, A.T @ delta


def attention_diagonal_softmax(delta, Q, K, V):
    A = row_softmax(Q @ K.T / np.sqrt(Q.shape[1]))
    by_S = A * (1 - A) * (delta @ V.T) / np.sqrt(Q.shape[1])
    return by_S @ K, by_S.T @ Q, A.T @ delta


def attention_softmax_of_columns(delta, Q, K, V):
    A = row_softmax(Q @ K.T / np.sqrt(Q.shape[1]))
    by_A = delta @ V.T
    by_S = A * (by_A - (by_A * A).sum(axis=0, keepdims=True)) / np.sqrt(Q.shape[1])
    return by_S @ K, by_S.T @ Q, A.T @ delta


def attention_queries_forgotten(delta, Q, K, V):
    A = row_softmax(Q @ K.T / np.sqrt(Q.shape[1]))
    by_A = delta @ V.T
    by_S = A * (by_A - (by_A * A).sum(axis=1, keepdims=True)) / np.sqrt(Q.shape[1])
    return np.zeros_like(Q), by_S.T @ Q, A.T @ delta


def recurrent_one_step(delta, X, U, b):
    """Truncated after the last step."""
    h = before = np.zeros_like(b)
    for x in X:
        before, h = h, np.tanh(x + U @ h + b)
    dz = delta * (1 - h**2)
    by_X = np.concatenate([np.zeros_like(X[:-1]), dz[None, :]])
    return by_X, np.outer(dz, before), dz


def recurrent_without_transpose(delta, X, U, b):
    states = [np.zeros_like(b)]
    for x in X:
        states.append(np.tanh(x + U @ states[-1] + b))
    by_X, by_U, by_b, by_h = np.zeros_like(X), np.zeros_like(U), np.zeros_like(b), delta
    for t in range(len(X) - 1, -1, -1):
        dz = by_h * (1 - states[t + 1] ** 2)
        by_X[t] = dz
        by_U += np.outer(dz, states[t])
        by_b += dz
        by_h = U @ dz
    return by_X, by_U, by_b


def recurrent_overwriting_sums(delta, X, U, b):
    states = [np.zeros_like(b)]
    for x in X:
        states.append(np.tanh(x + U @ states[-1] + b))
    by_X, by_U, by_b, by_h = np.zeros_like(X), np.zeros_like(U), np.zeros_like(b), delta
    for t in range(len(X) - 1, -1, -1):
        dz = by_h * (1 - states[t + 1] ** 2)
        by_X[t], by_U, by_b = dz, np.outer(dz, states[t]), dz
        by_h = U.T @ dz
    return by_X, by_U, by_b


def lstm_cell_output_path_forgotten(delta, z, c):
    i, f, o, g = logistic(z[0]), logistic(z[1]), logistic(z[2]), np.tanh(z[3])
    t = np.tanh(f * c + i * g)
    dc = delta * o * (1 - t**2)
    return np.stack([dc * g * i * (1 - i), dc * c * f * (1 - f), 0 * c, dc * i * (1 - g**2)]), dc * f


def lstm_cell_sigmoid_for_tanh(delta, z, c):
    i, f, o, g = logistic(z[0]), logistic(z[1]), logistic(z[2]), np.tanh(z[3])
    t = np.tanh(f * c + i * g)
    dc = delta * o * (1 - t**2)
    by_z = [dc * g * i * (1 - i), dc * c * f * (1 - f), delta * t * o * (1 - o), dc * i * g * (1 - g)]
    return np.stack(by_z), dc * f


def gelu_as_silu(delta, z):
    """The slope of z σ(1.702 z), which is close."""
    s = logistic(1.702 * z)
    return delta * (s + 1.702 * z * s * (1 - s))


def gelu_without_product_rule(delta, z):
    return delta * 0.5 * (1 + np.tanh(_SLOPE * (z + 0.044715 * z**3)))


def gelu_cube_not_differentiated(delta, z):
    t = np.tanh(_SLOPE * (z + 0.044715 * z**3))
    return delta * (0.5 * (1 + t) + 0.5 * z * (1 - t**2) * _SLOPE)


def gelu_by_differences(delta, z):
    """A difference quotient in place of the derivative."""
    return delta * (gelu(z + 1e-4) - gelu(z - 1e-4)) / 2e-4


def silu_without_first_term(delta, z):
    s = logistic(z)
    return delta * z * s * (1 - s)


def softplus_as_relu(delta, z):
    return delta * (z > 0)


def softplus_wrong_when_saturated(delta, z):
    return np.where(np.abs(z) > 20, 0.999 * delta, delta) / (1 + np.exp(-z))


def elu_of_output_of_one(delta, z):
    return np.where(z > 0, 1.0, np.exp(np.minimum(z, 0)) - 1) * delta


def prelu_slope_of_all(delta, z, c):
    return np.where(z <= 0, c * delta, delta), (delta * z).sum()


def log_sum_exp_as_max(delta, z):
    by_z = np.zeros_like(z)
    by_z[np.argmax(z)] = delta
    return by_z


def log_sum_exp_overwriting(delta, z):
    z -= z.max()
    e = np.exp(z)
    return delta * e / e.sum()


def huber_without_clipping(delta, a, y):
    return delta * (a - y), -delta * (a - y)


def hinge_sum(delta, s, y):
    return np.where(y * s < 1, -y, 0) * delta, None


def hinge_margin_at_zero(delta, s, y):
    return np.where(y * s < 0, -y, 0) * delta / len(s), None


def multiclass_svm_right_class_once(delta, S, t):
    m = S.shape[0]
    over = (S - S[np.arange(m), t][:, None] + 1 > 0).astype(S.dtype)
    over[np.arange(m), t] = -1
    return delta * over / m, None


def softmax_loss_of_rows_sum(delta, S, t):
    p = row_softmax(S)
    p[np.arange(len(t)), t] -= 1
    return delta * p, None


def softmax_loss_of_rows_first_column(delta, S, t):
    p = row_softmax(S)
    p[:, 0] -= 1
    return delta * p / len(t), None


def kl_divergence_without_one(delta, p, q):
    return delta * np.log(p / q), -delta * p / q


def kl_divergence_the_other_way(delta, p, q):
    return -delta * q / p, delta * (np.log(q / p) + 1)


def kl_of_gaussians_sign(delta, mean, log_variance):
    return delta * mean, delta * 0.5 * (1 - np.exp(log_variance))


def kl_of_gaussians_deviation(delta, mean, log_variance):
    return delta * mean, delta * 0.5 * (np.exp(0.5 * log_variance) - 1)


def triplet_always_active(delta, a, p, n):
    return delta * 2 * (n - p), delta * 2 * (p - a), delta * 2 * (a - n)


def gaussian_likelihood_scale(delta, y, mean, log_scale):
    scaled = (y - mean) * np.exp(-2 * log_scale)
    return delta * scaled, -delta * scaled, delta * (1 - 0.5 * (y - mean) * scaled)


def small_scale_zero(delta, x):
    return 0 * delta * x


def offset_square_half(delta, x):
    return delta * x


def inverse_without_transposes(delta, A):
    B = np.linalg.inv(A)
    return -B @ delta @ B


def inverse_positive(delta, A):
    B = np.linalg.inv(A)
    return B.T @ delta @ B.T


def log_determinant_without_transpose(delta, A):
    return delta * np.linalg.inv(A)


def determinant_of_logarithm(delta, A):
    return delta * np.linalg.inv(A).T


def solution_without_transpose(delta, A, b):
    by_b = np.linalg.solve(A, delta)
    return -np.outer(by_b, np.linalg.solve(A, b)), by_b


def quadratic_form_symmetric(delta, A, x):
    return delta * np.outer(x, x), delta * 2 * (A @ x)


def gram_once(delta, X):
    return X @ delta.T


def frobenius_ignoring_the_cotangent(delta, A):
    return 2 * A


def outer_product_exchanged(delta, x, y):
    return delta @ y, delta.T @ x * 1.0 + 0 * y * delta.sum() + y


def convolution_flipped(delta, x, k):
    by_x, by_k = np.zeros_like(x), np.zeros_like(k)
    for i in range(len(delta)):
        by_x[i : i + 3] += delta[i] * k[::-1]
        by_k += delta[i] * x[i : i + 3]
    return by_x, by_k


def convolution_overwriting(delta, x, k):
    by_x, by_k = np.zeros_like(x), np.zeros_like(k)
    for i in range(len(delta)):
        by_x[i : i + 3] = delta[i] * k
        by_k += delta[i] * x[i : i + 3]
    return by_x, by_k


def embedding_assigned(delta, E, t):
    """Rows named twice are counted once."""
    by_E = np.zeros_like(E)
    by_E[t] = delta
    return by_E, None


def embedding_added_in_place(delta, E, t):
    """``+=`` with repeated numbers adds once."""
    by_E = np.zeros_like(E)
    by_E[t] += delta
    return by_E, None


def max_pool_of_all_entries(delta, X):
    return np.repeat(np.repeat(delta, 2, axis=0), 2, axis=1)


def max_pool_averaged(delta, X):
    return np.repeat(np.repeat(delta, 2, axis=0), 2, axis=1) / 4


def mean_pool_not_divided(delta, x):
    return np.repeat(delta, 2)


def ascending_not_put_back(delta, x):
    return delta[np.argsort(x, kind="stable")]


def running_sum_forwards(delta, x):
    return np.cumsum(delta)


def running_product_as_sum(delta, x):
    return np.cumsum((delta * np.cumprod(x))[::-1])[::-1]


def transposed_not(delta, X):
    return delta


def rolled_the_same_way(delta, x):
    return np.roll(delta, 1)


def reversed_order_not(delta, x):
    return delta.copy()


def differences_without_sign(delta, x):
    by_x = np.zeros_like(x)
    by_x[1:] += delta
    by_x[:-1] += delta
    return by_x


def interpolated_weight_sum(delta, x, y, t):
    return (1 - t) * delta, t * delta, delta @ (x + y)


def dropped_out_mask_forgotten(delta, x, mask):
    return 2 * delta, None


def dropped_out_not_scaled(delta, x, mask):
    return mask * delta, None


def cosine_similarity_lengths_constant(delta, u, v):
    lengths = np.sqrt(u @ u) * np.sqrt(v @ v)
    return delta * v / lengths, delta * u / lengths


def normalise_length_constant(delta, x):
    return delta / np.sqrt(x @ x + EPSILON)


def euclidean_norm_squared(delta, x):
    return 2 * delta * x


def variance_mean_constant_unbiased(delta, x):
    return delta * 2 * (x - np.mean(x)) / (x.size - 1) if x.size > 1 else 0 * x


def residual_block_without_skip(delta, x, W1, W2):
    z = W1 @ x
    dz = (W2.T @ delta) * (z > 0)
    return W1.T @ dz, np.outer(dz, x), np.outer(delta, np.maximum(z, 0))


def two_layers_of_rows_overwriting_delta(delta, X, W1, b1, W2, b2):
    hidden = np.maximum(0, X @ W1 + b1)
    dh = delta @ W2.T
    dh[hidden <= 0] = 0
    by_b2 = delta.sum(axis=0)
    by_W2 = hidden.T @ delta
    delta *= 2
    return dh @ W1.T, X.T @ dh, dh.sum(axis=0), by_W2, by_b2


def two_layers_of_rows_linear(delta, X, W1, b1, W2, b2):
    hidden = np.maximum(0, X @ W1 + b1)
    dh = delta @ W2.T
    return dh @ W1.T, X.T @ dh, dh.sum(axis=0), hidden.T @ delta, delta.sum(axis=0)


def gru_cell_gate_constant(delta, x, h, R, U):
    u, r = logistic(U @ h), logistic(R @ h)
    t = np.tanh(x + r * h)
    dt = delta * u * (1 - t**2)
    dr = dt * h * r * (1 - r)
    du = delta * (t - h) * u * (1 - u)
    return dt, delta * (1 - u) + dt * r + R.T @ dr, np.outer(dr, h), np.outer(du, h)


def squeeze_excite_gate_constant(delta, X, w):
    mean = X.mean(axis=0)
    s = logistic(w * mean)
    return delta * s, (delta * X).sum(axis=0) * s * (1 - s) * mean


def deep_sigmoids_last_layer_only(delta, x, W):
    a = [x]
    for _ in range(10):
        a.append(logistic(W @ a[-1]))
    dz = delta * a[10] * (1 - a[10])
    return np.zeros_like(x), np.outer(dz, a[9])


def arctan_inside_out(delta, z):
    return delta / (1 + z) ** 2


def sine_wave_without_inner(delta, z):
    return np.cos(30 * z) * delta


def relu_slope_one_everywhere(delta, z):
    return delta


def relu_of_the_cotangent(delta, z):
    return np.maximum(delta, 0)


def sigmoid_of_activation(delta, z):
    """g' at a instead of z."""
    a = logistic(z)
    b = logistic(a)
    return b * (1 - b) * delta


def sigmoid_only_for_negative(delta, z):
    a = logistic(z)
    return np.where(z > 0, a * (1 - a) * 1.001, a * (1 - a)) * delta


def tanh_not_squared(delta, z):
    return (1 - np.tanh(z)) * delta


def softmax_as_sigmoid(delta, z):
    a = np.exp(z - z.max(axis=0))
    a = a / a.sum(axis=0)
    return a * (1 - a) * delta


def softmax_without_the_sum(delta, z):
    a = np.exp(z - z.max(axis=0))
    a = a / a.sum(axis=0)
    return a * delta


def softmax_of_all_ones(delta, z):
    """Right for a cotangent of ones, and for no other."""
    return 0 * delta * z


def softmax_cross_entropy_of_ones(delta, z, y):
    e = np.exp(z - z.max())
    return (e / e.sum() - y) * delta, None


def affine_batch_bias_averaged(delta, W, A, b):
    return delta @ A.T, W.T @ delta, delta.mean(axis=1, keepdims=True)


def affine_batch_bias_of_first(delta, W, A, b):
    return delta @ A.T, W.T @ delta, delta[:, :1]


def affine_batch_last_example_dropped(delta, W, A, b):
    return delta[:, :-1] @ A[:, :-1].T, W.T @ delta, delta.sum(axis=1, keepdims=True)


def products_exchanged_order(delta, A, B):
    return delta @ B.T, A.T @ delta * 1.01


def absolute_sum_of_plain_sum(delta, x):
    return delta * np.ones_like(x)


def soft_maximum_squared(delta, z):
    e = np.exp(2 * (z - np.max(z)))
    return delta * e / e.sum()


_ALL: tuple[tuple[str, Vjp], ...] = (
    ("layer_norm", layer_norm_mean_constant),
    ("layer_norm", layer_norm_variance_constant),
    ("layer_norm", layer_norm_without_gamma),
    ("layer_norm", layer_norm_without_epsilon),
    ("batch_norm", batch_norm_of_test_time),
    ("batch_norm", batch_norm_unbiased),
    ("batch_norm", batch_norm_beta_averaged),
    ("batch_norm", batch_norm_gamma_of_input),
    ("attention", attention_without_scale),
    ("attention", attention_diagonal_softmax),
    ("attention", attention_softmax_of_columns),
    ("attention", attention_queries_forgotten),
    ("recurrent_network", recurrent_one_step),
    ("recurrent_network", recurrent_without_transpose),
    ("recurrent_network", recurrent_overwriting_sums),
    ("lstm_cell", lstm_cell_output_path_forgotten),
    ("lstm_cell", lstm_cell_sigmoid_for_tanh),
    ("gelu", gelu_as_silu),
    ("gelu", gelu_without_product_rule),
    ("gelu", gelu_cube_not_differentiated),
    ("gelu", gelu_by_differences),
    ("silu", silu_without_first_term),
    ("softplus", softplus_as_relu),
    ("elu", elu_of_output_of_one),
    ("prelu", prelu_slope_of_all),
    ("log_sum_exp", log_sum_exp_as_max),
    ("huber", huber_without_clipping),
    ("hinge", hinge_sum),
    ("hinge", hinge_margin_at_zero),
    ("multiclass_svm", multiclass_svm_right_class_once),
    ("softmax_loss_of_rows", softmax_loss_of_rows_sum),
    ("softmax_loss_of_rows", softmax_loss_of_rows_first_column),
    ("kl_divergence", kl_divergence_without_one),
    ("kl_divergence", kl_divergence_the_other_way),
    ("kl_of_gaussians", kl_of_gaussians_sign),
    ("kl_of_gaussians", kl_of_gaussians_deviation),
    ("triplet", triplet_always_active),
    ("gaussian_likelihood", gaussian_likelihood_scale),
    ("small_scale", small_scale_zero),
    ("offset_square", offset_square_half),
    ("inverse", inverse_without_transposes),
    ("inverse", inverse_positive),
    ("log_determinant", log_determinant_without_transpose),
    ("determinant", determinant_of_logarithm),
    ("solution", solution_without_transpose),
    ("quadratic_form", quadratic_form_symmetric),
    ("gram", gram_once),
    ("outer_product", outer_product_exchanged),
    ("convolution", convolution_flipped),
    ("convolution", convolution_overwriting),
    ("embedding", embedding_assigned),
    ("embedding", embedding_added_in_place),
    ("max_pool", max_pool_of_all_entries),
    ("max_pool", max_pool_averaged),
    ("mean_pool", mean_pool_not_divided),
    ("ascending", ascending_not_put_back),
    ("running_sum", running_sum_forwards),
    ("running_product", running_product_as_sum),
    ("rolled", rolled_the_same_way),
    ("reversed_order", reversed_order_not),
    ("differences", differences_without_sign),
    ("interpolated", interpolated_weight_sum),
    ("dropped_out", dropped_out_mask_forgotten),
    ("dropped_out", dropped_out_not_scaled),
    ("cosine_similarity", cosine_similarity_lengths_constant),
    ("normalise", normalise_length_constant),
    ("euclidean_norm", euclidean_norm_squared),
    ("variance", variance_mean_constant_unbiased),
    ("residual_block", residual_block_without_skip),
    ("two_layers_of_rows", two_layers_of_rows_linear),
    ("gru_cell", gru_cell_gate_constant),
    ("squeeze_excite", squeeze_excite_gate_constant),
    ("deep_sigmoids", deep_sigmoids_last_layer_only),
    ("arctan", arctan_inside_out),
    ("sine_wave", sine_wave_without_inner),
    ("relu", relu_slope_one_everywhere),
    ("relu", relu_of_the_cotangent),
    ("sigmoid", sigmoid_of_activation),
    ("sigmoid", sigmoid_only_for_negative),
    ("tanh", tanh_not_squared),
    ("softmax", softmax_as_sigmoid),
    ("softmax", softmax_without_the_sum),
    ("softmax", softmax_of_all_ones),
    ("softmax_cross_entropy", softmax_cross_entropy_of_ones),
    ("affine_batch", affine_batch_bias_averaged),
    ("affine_batch", affine_batch_bias_of_first),
    ("affine_batch", affine_batch_last_example_dropped),
    ("products", products_exchanged_order),
    ("absolute_sum", absolute_sum_of_plain_sum),
    ("soft_maximum", soft_maximum_squared),
)

BREAKING: Mapping[str, Vjp] = MappingProxyType(
    {
        "log_sum_exp": log_sum_exp_overwriting,
        "frobenius": frobenius_ignoring_the_cotangent,
        "transposed": transposed_not,
        "two_layers_of_rows": two_layers_of_rows_overwriting_delta,
        "softplus": softplus_wrong_when_saturated,
    }
)
"""What an ordinary point and a cotangent of 1 do not show as a wrong value of the right shape."""

BY_HAND: Mapping[str, Mapping[str, Vjp]] = MappingProxyType(
    {
        name: MappingProxyType(
            {
                vjp.__name__.removeprefix(f"{name}_").replace("_", " "): vjp
                for other, vjp in _ALL
                if other == name
            }
        )
        for name in dict.fromkeys(name for name, _ in _ALL)
    }
)
