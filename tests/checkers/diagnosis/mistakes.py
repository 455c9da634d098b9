"""Wrong gradients, each with the code of the mistake that was made: formulas of the catalogue and others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# --- right ----------------------------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z, axis=0):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def affine(W, a, b):
    return W @ a + b


def affine_batch(W, X, b):
    return W @ X + b


def rows(X, w, b):
    return X @ w + b


def squares(a, y):
    return ((a - y) ** 2).sum()


def mean_squares(A, Y):
    return ((A - Y) ** 2).sum() / A.shape[1]


def cross_entropy(Z, Y):
    """Softmax and cross-entropy, examples as columns, the mean over them; Y: one-hot."""
    return -(Y * np.log(softmax(Z))).sum() / Z.shape[1]


def network(X, W1, b1, W2, b2):
    return W2 @ np.tanh(W1 @ X + b1) + b2


def sigmoid_network(X, W1, b1, W2, b2):
    return W2 @ sigmoid(W1 @ X + b1) + b2


def relu_layer(W, x, b):
    return np.maximum(W @ x + b, 0)


def ridge(X, w, y, lam):
    return ((X @ w - y) ** 2).sum() / len(y) + lam / 2 * (w**2).sum()


def swish(z):
    return z * sigmoid(z)


def layer_norm(x):
    return (x - x.mean()) / np.sqrt(x.var() + 1e-5)


def quotient(u, v):
    return u / (1 + v**2)


def entropy(p):
    return -(p * np.log(p)).sum()


def bits(p):
    return -(p * np.log2(p)).sum()


def distance(x, c):
    return np.sqrt(((x - c) ** 2).sum())


def attention(Q, K, V):
    return softmax(Q @ K.T, axis=1) @ V


def embedding(E):
    return E[np.array([0, 1, 1, 0, 1])]


def network_pieces(delta, X, W1, b1, W2, b2):
    Z = W1 @ X + b1
    A = np.tanh(Z)
    return Z, A, W2.T @ delta


def network_vjp(delta, X, W1, b1, W2, b2):
    _, A, dA = network_pieces(delta, X, W1, b1, W2, b2)
    dZ = dA * (1 - A**2)
    return W1.T @ dZ, dZ @ X.T, dZ.sum(1, keepdims=True), delta @ A.T, delta.sum(1, keepdims=True)


def ridge_vjp(delta, X, w, y, lam):
    r = X @ w - y
    m = len(y)
    return (
        2 * np.outer(r, w) / m * delta,
        (2 * X.T @ r / m + lam * w) * delta,
        -2 * r / m * delta,
        0.5 * (w**2).sum() * delta,
    )


AFFINE = {"signature": "(m,n),(n),(m)->(m)"}
BATCH = {"signature": "(p,n),(n,m),(p,1)->(p,m)"}
ROWS = {"signature": "(m,n),(n,c),(c)->(m,c)"}
NETWORK = {"signature": "(n,m),(h,n),(h,1),(k,h),(k,1)->(k,m)"}
RIDGE = {"signature": "(m,n),(n),(m),()->()"}
CLASSES = {"signature": "(c,m),(c,m)->()", "domain": ["real", "one_hot"]}
VECTOR = {"signature": "(n)->(n)"}


@dataclass(frozen=True)
class Mistake:
    """One wrong gradient.

    Attributes:
        name: of the mistake and the formula.
        codes: what it may be called.
        argument: whose gradient is wrong; empty where several are.
        forward, vjp: the code.
        options: of the check.
    """

    name: str
    codes: tuple[str, ...]
    argument: str
    forward: Callable[..., Any]
    vjp: Callable[..., Any]
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self):
        return self.name


MISTAKES: list[Mistake] = []


def mistake(codes, argument, forward, **options):
    """Registers a wrong vjp under the codes that are right for it, separated by blanks."""

    def register(vjp):
        name = f"{codes.split()[0]} in {forward.__name__} ({vjp.__name__})"
        MISTAKES.append(Mistake(name, tuple(codes.split()), argument, forward, vjp, options))
        return vjp

    return register


# --- constant factors -----------------------------------------------------------------------------------


@mistake("sign", "a", squares, signature="(n),(n)->()")
def negative_squares(delta, a, y):
    return -2 * (a - y) * delta, None


@mistake("sign", "W", affine, **AFFINE)
def negative_weights(delta, W, a, b):
    return -np.outer(delta, a), W.T @ delta, delta


@mistake("factor", "a", squares, signature="(n),(n)->()")
def without_the_two(delta, a, y):
    return (a - y) * delta, None


@mistake("factor", "W2", network, **NETWORK)
def doubled_second_weights(delta, *x):
    dX, dW1, db1, dW2, db2 = network_vjp(delta, *x)
    return dX, dW1, db1, 2 * dW2, db2


@mistake("factor", "b1", network, **NETWORK)
def four_times_first_bias(delta, *x):
    dX, dW1, db1, dW2, db2 = network_vjp(delta, *x)
    return dX, dW1, 4 * db1, dW2, db2


@mistake("missing-mean", "A", mean_squares, signature="(n,m),(n,m)->()")
def sum_for_mean(delta, A, Y):
    return 2 * (A - Y) * delta, None


@mistake("missing-mean", "Z", cross_entropy, **CLASSES)
def cross_entropy_without_mean(delta, Z, Y):
    return (softmax(Z) - Y) * delta, None


@mistake("mean-for-sum", "W", affine_batch, **BATCH)
def mean_in_a_layer(delta, W, X, b):
    return delta @ X.T / X.shape[1], W.T @ delta, delta.sum(1, keepdims=True)


@mistake("mean-for-sum", "b", rows, **ROWS)
def mean_of_bias(delta, X, w, b):
    return delta @ w.T, X.T @ delta, delta.mean(0)


@mistake("averaged-twice", "Z", cross_entropy, **CLASSES)
def cross_entropy_averaged_twice(delta, Z, Y):
    return (softmax(Z) - Y) * delta / Z.shape[1] ** 2, None


@mistake("averaged-twice", "A", mean_squares, signature="(n,m),(n,m)->()")
def squares_averaged_twice(delta, A, Y):
    return 2 * (A - Y) * delta / A.shape[1] ** 2, None


@mistake("wrong-axis-size", "Z", cross_entropy, **CLASSES)
def divided_by_the_classes(delta, Z, Y):
    return (softmax(Z) - Y) * delta / Z.shape[0], None


@mistake("wrong-axis-size", "A", mean_squares, signature="(n,m),(n,m)->()")
def divided_by_the_rows(delta, A, Y):
    return 2 * (A - Y) * delta / len(A), None


@mistake("log-base", "p", bits, signature="(n)->()", domain="positive")
def natural_for_binary(delta, p):
    return -(np.log(p) + 1) * delta


@mistake("log-base", "x", lambda x: np.log10(x), signature="(n)->(n)", domain="positive")
def log10_as_ln(delta, x):
    return delta / x


@mistake("degrees", "x", lambda x: np.sin(np.pi / 180 * x), signature="(n)->(n)")
def degrees(delta, x):
    return delta * np.cos(np.pi / 180 * x)


# --- arrangement ----------------------------------------------------------------------------------------


@mistake("transposed", "W", affine, signature="(n,n),(n),(n)->(n)")
def outer_the_other_way(delta, W, a, b):
    return np.outer(a, delta), W.T @ delta, delta


@mistake("transposed", "W", affine, **AFFINE)
def outer_of_the_wrong_shape(delta, W, a, b):
    return np.outer(a, delta), W.T @ delta, delta


@mistake("transposed", "W1", network, signature="(n,m),(n,n),(n,1),(n,n),(n,1)->(n,m)")
def transposed_first_weights(delta, *x):
    dX, dW1, db1, dW2, db2 = network_vjp(delta, *x)
    return dX, dW1.T, db1, dW2, db2


@mistake("flipped", "a", affine, **AFFINE)
def flipped_input(delta, W, a, b):
    return np.outer(delta, a), (W.T @ delta)[::-1], delta


@mistake("flipped", "z", swish, signature="(m,n)->(m,n)")
def flipped_columns(delta, z):
    s = sigmoid(z)
    return (delta * (s + z * s * (1 - s)))[:, ::-1]


@mistake("shifted", "a", affine, **AFFINE)
def shifted_input(delta, W, a, b):
    return np.outer(delta, a), np.roll(W.T @ delta, 1), delta


@mistake("shifted", "x", lambda x: np.cumsum(x**2), signature="(n)->(n)")
def late_by_one(delta, x):
    right = 2 * x * np.cumsum(delta[::-1])[::-1]
    return np.concatenate([[0], right[:-1]])


@mistake("reshaped-in-wrong-order", "W", affine, signature="(m,n),(n),(m)->(m)")
def filled_by_columns(delta, W, a, b):
    return np.outer(delta, a).ravel(order="F").reshape(W.shape), W.T @ delta, delta


@mistake("missing-slice", "a", affine, **AFFINE)
def last_entry_forgotten(delta, W, a, b):
    da = np.zeros_like(a)
    for k in range(len(a) - 1):
        da[k] = W[:, k] @ delta
    return np.outer(delta, a), da, delta


@mistake("missing-slice", "z", swish, signature="(m,n)->(m,n)")
def first_row_forgotten(delta, z):
    s = sigmoid(z)
    right = delta * (s + z * s * (1 - s))
    right[:1] = 0
    return right


@mistake("zero", "b", affine, **AFFINE)
def bias_forgotten(delta, W, a, b):
    return np.outer(delta, a), W.T @ delta, np.zeros_like(b)


@mistake("zero", "X", network, **NETWORK)
def input_forgotten(delta, X, *x):
    return (np.zeros_like(X), *network_vjp(delta, X, *x)[1:])


@mistake("wrong-argument", "", lambda u, v: u * v**2, signature="(n),(n)->(n)")
def exchanged(delta, u, v):
    return 2 * u * v * delta, v**2 * delta


@mistake("wrong-argument", "b", affine, signature="(n,n),(n),(n)->(n)")
def bias_as_input(delta, W, a, b):
    return np.outer(delta, a), W.T @ delta, W.T @ delta


@mistake("summed-away summed-over", "a", affine, **AFFINE)
def summed_input(delta, W, a, b):
    return np.outer(delta, a), np.full_like(a, (W.T @ delta).sum()), delta


@mistake("reshaped", "b", affine_batch, **BATCH)
def bias_without_keepdims(delta, W, X, b):
    return delta @ X.T, W.T @ delta, delta.sum(1)


@mistake("unsummed", "b", affine_batch, **BATCH)
def bias_not_summed(delta, W, X, b):
    return delta @ X.T, W.T @ delta, delta


@mistake("unsummed", "b", rows, **ROWS)
def bias_of_every_row(delta, X, w, b):
    return delta @ w.T, X.T @ delta, delta


# --- the cotangent --------------------------------------------------------------------------------------


@mistake("delta-ignored", "z", swish, **VECTOR)
def swish_without_delta(delta, z):
    s = sigmoid(z)
    return s + z * s * (1 - s)


@mistake("delta-ignored", "", cross_entropy, **CLASSES)
def cross_entropy_without_delta(delta, Z, Y):
    return (softmax(Z) - Y) / Z.shape[1], None


@mistake("delta-ignored", "b", affine_batch, **BATCH)
def bias_without_delta(delta, W, X, b):
    return delta @ X.T, W.T @ delta, np.full_like(b, X.shape[1])


@mistake("nonlinear-in-delta", "z", swish, **VECTOR)
def swish_with_delta_twice(delta, z):
    s = sigmoid(z)
    return (s + z * s * (1 - s)) * delta**2


@mistake("nonlinear-in-delta", "W", affine, **AFFINE)
def absolute_delta(delta, W, a, b):
    return np.outer(abs(delta), a), W.T @ delta, delta


@mistake("delta-added", "z", swish, **VECTOR)
def delta_added(delta, z):
    s = sigmoid(z)
    return s + z * s * (1 - s) + delta


@mistake("delta-alone missing-activation-derivative", "z", swish, **VECTOR)
def delta_passed_on(delta, z):
    return delta.copy()


# --- activations ----------------------------------------------------------------------------------------


@mistake("missing-activation-derivative", "", network, **NETWORK)
def network_without_derivative(delta, X, W1, b1, W2, b2):
    _, A, dZ = network_pieces(delta, X, W1, b1, W2, b2)
    return W1.T @ dZ, dZ @ X.T, dZ.sum(1, keepdims=True), delta @ A.T, delta.sum(1, keepdims=True)


@mistake("missing-activation-derivative", "W1", network, **NETWORK)
def first_weights_without_derivative(delta, X, W1, b1, W2, b2):
    _, _, dA = network_pieces(delta, X, W1, b1, W2, b2)
    dX, _, db1, dW2, db2 = network_vjp(delta, X, W1, b1, W2, b2)
    return dX, dA @ X.T, db1, dW2, db2


@mistake("missing-activation-derivative", "", relu_layer, signature="(m,n),(n),(m)->(m)")
def relu_without_mask(delta, W, x, b):
    return np.outer(delta, x), W.T @ delta, delta


@mistake("relu-of-gradient", "", relu_layer, signature="(m,n),(n),(m)->(m)")
def relu_on_the_gradient(delta, W, x, b):
    d = np.maximum(delta, 0)
    return np.outer(d, x), W.T @ d, d


@mistake("derivative-of-activation", "", sigmoid_network, **NETWORK)
def sigmoid_twice(delta, X, W1, b1, W2, b2):
    A = sigmoid(W1 @ X + b1)
    dZ = (W2.T @ delta) * sigmoid(A) * (1 - sigmoid(A))
    return W1.T @ dZ, dZ @ X.T, dZ.sum(1, keepdims=True), delta @ A.T, delta.sum(1, keepdims=True)


@mistake("derivative-of-activation", "z", lambda z: np.tanh(z), **VECTOR)
def tanh_of_tanh(delta, z):
    return delta * (1 - np.tanh(np.tanh(z)) ** 2)


@mistake("wrong-activation-derivative", "", network, **NETWORK)
def sigmoid_for_tanh(delta, X, W1, b1, W2, b2):
    _, A, dA = network_pieces(delta, X, W1, b1, W2, b2)
    dZ = dA * A * (1 - A)
    return W1.T @ dZ, dZ @ X.T, dZ.sum(1, keepdims=True), delta @ A.T, delta.sum(1, keepdims=True)


@mistake("wrong-activation-derivative", "z", lambda z: sigmoid(z), **VECTOR)
def tanh_for_sigmoid(delta, z):
    return delta * (1 - sigmoid(z) ** 2)


@mistake("derivative-at-wrong-variable", "z", lambda z: sigmoid(z), **VECTOR)
def form_of_a_with_z(delta, z):
    return delta * z * (1 - z)


@mistake("derivative-at-wrong-variable", "", network, **NETWORK)
def tanh_form_with_z(delta, X, W1, b1, W2, b2):
    _, A, dA = network_pieces(delta, X, W1, b1, W2, b2)
    dZ = dA * (1 - (W1 @ X + b1) ** 2)
    return W1.T @ dZ, dZ @ X.T, dZ.sum(1, keepdims=True), delta @ A.T, delta.sum(1, keepdims=True)


@mistake("activation-for-derivative", "", sigmoid_network, **NETWORK)
def value_for_slope(delta, X, W1, b1, W2, b2):
    A = sigmoid(W1 @ X + b1)
    dZ = (W2.T @ delta) * A
    return W1.T @ dZ, dZ @ X.T, dZ.sum(1, keepdims=True), delta @ A.T, delta.sum(1, keepdims=True)


@mistake("softmax-diagonal", "z", lambda z: softmax(z), **VECTOR)
def diagonal(delta, z):
    a = softmax(z)
    return a * (1 - a) * delta


@mistake("softmax-diagonal", "", attention, signature="(m,d),(n,d),(n,e)->(m,e)")
def attention_by_the_diagonal(delta, Q, K, V):
    P = softmax(Q @ K.T, axis=1)
    dP = delta @ V.T
    dS = P * (1 - P) * dP
    return dS @ K, dS.T @ Q, P.T @ delta


@mistake("missing-softmax-derivative", "", attention, signature="(m,d),(n,d),(n,e)->(m,e)")
def attention_without_softmax(delta, Q, K, V):
    P = softmax(Q @ K.T, axis=1)
    dS = delta @ V.T
    return dS @ K, dS.T @ Q, P.T @ delta


@mistake("misplaced-parenthesis", "", network, signature="(n,m),(n,n),(n,1),(n,n),(n,1)->(n,m)")
def parenthesis(delta, X, W1, b1, W2, b2):
    _, A, _ = network_pieces(delta, X, W1, b1, W2, b2)
    dZ = W2.T @ (delta * (1 - A**2))
    return W1.T @ dZ, dZ @ X.T, dZ.sum(1, keepdims=True), delta @ A.T, delta.sum(1, keepdims=True)


@mistake("misplaced-parenthesis", "z", lambda W, z: W @ sigmoid(z), signature="(n,n),(n)->(n)")
def parenthesis_of_a_layer(delta, W, z):
    s = sigmoid(z)
    return np.outer(delta, s), W.T @ (delta * s * (1 - s))


@mistake("missing-transpose", "a", affine, signature="(n,n),(n),(n)->(n)")
def untransposed(delta, W, a, b):
    return np.outer(delta, a), W @ delta, delta


@mistake("missing-transpose", "", network, signature="(n,m),(n,n),(n,1),(n,n),(n,1)->(n,m)")
def untransposed_in_the_network(delta, X, W1, b1, W2, b2):
    _, A, _ = network_pieces(delta, X, W1, b1, W2, b2)
    dZ = (W2 @ delta) * (1 - A**2)
    return W1.T @ dZ, dZ @ X.T, dZ.sum(1, keepdims=True), delta @ A.T, delta.sum(1, keepdims=True)


@mistake("wrong-variable", "W2", network, **NETWORK)
def pre_activation_for_activation(delta, *x):
    Z, _, _ = network_pieces(delta, *x)
    dX, dW1, db1, _, db2 = network_vjp(delta, *x)
    return dX, dW1, db1, delta @ Z.T, db2


# --- the penalty ----------------------------------------------------------------------------------------


def with_ridge(of_w):
    def vjp(delta, X, w, y, lam):
        dX, _, dy, dlam = ridge_vjp(delta, X, w, y, lam)
        return dX, of_w(X, w, y, lam) * delta, dy, dlam

    return vjp


def data(X, w, y):
    return 2 * X.T @ (X @ w - y) / len(y)


for code, wrong in {
    "missing-penalty": lambda X, w, y, _: data(X, w, y),
    "doubled-penalty": lambda X, w, y, lam: data(X, w, y) + 2 * lam * w,
    "penalty-without-lambda": lambda X, w, y, _: data(X, w, y) + w,
    "penalty-over-m": lambda X, w, y, lam: data(X, w, y) + lam * w / len(y),
    "halved-penalty": lambda X, w, y, lam: data(X, w, y) + lam * w / 2,
    "sign-of-penalty": lambda X, w, y, lam: data(X, w, y) - lam * w,
    "missing-mean": lambda X, w, y, lam: data(X, w, y) * len(y) + lam * w,
    "factor-of-a-term": lambda X, w, y, lam: data(X, w, y) / 2 + lam * w,
}.items():
    mistake(code, "w", ridge, **RIDGE)(with_ridge(wrong))


def ridge_with_bias(X, w, b, y, lam):
    return ((X @ w + b - y) ** 2).sum() + lam / 2 * (w**2).sum()


@mistake("penalty-on-unpenalised", "b", ridge_with_bias, signature="(m,n),(n),(1),(m),()->()")
def penalty_on_the_bias(delta, X, w, b, y, lam):
    r = 2 * (X @ w + b - y)
    return None, (X.T @ r + lam * w) * delta, (r.sum(keepdims=True) + lam * b) * delta, None, None


# --- sums -----------------------------------------------------------------------------------------------


@mistake("missing-batch-sum", "b", affine_batch, **BATCH)
def bias_of_the_first(delta, W, X, b):
    return delta @ X.T, W.T @ delta, delta[:, :1]


@mistake("missing-batch-sum", "b", rows, **ROWS)
def bias_of_the_last(delta, X, w, b):
    return delta @ w.T, X.T @ delta, delta[-1]


@mistake("dropped-example", "W", affine_batch, **BATCH)
def without_the_last(delta, W, X, b):
    return delta[:, :-1] @ X[:, :-1].T, W.T @ delta, delta.sum(1, keepdims=True)


@mistake("dropped-example", "b", rows, **ROWS)
def without_the_first(delta, X, w, b):
    return delta @ w.T, X.T @ delta, delta[1:].sum(0)


@mistake("overwritten-not-accumulated", "E", embedding, signature="(3,d)->(5,d)")
def written_over(delta, E):
    dE = np.zeros_like(E)
    dE[np.array([0, 1, 1, 0, 1])] = delta
    return dE


@mistake("statistics-as-constants", "x", layer_norm, **VECTOR)
def statistics_taken_for_constants(delta, x):
    return delta / np.sqrt(x.var() + 1e-5)


@mistake("missing-term", "x", lambda x: x * np.tanh(x.sum()), **VECTOR)
def one_path_only(delta, x):
    return delta * np.tanh(x.sum())


@mistake("missing-term", "z", swish, **VECTOR)
def product_rule_by_half(delta, z):
    return delta * sigmoid(z)


@mistake("sign-of-a-term", "z", swish, **VECTOR)
def product_rule_with_minus(delta, z):
    s = sigmoid(z)
    return delta * (s - z * s * (1 - s))


@mistake("sign-of-a-term", "p", entropy, signature="(n)->()", domain="positive")
def sign_of_one(delta, p):
    return -(np.log(p) - 1) * delta


@mistake("sign", "v", quotient, signature="(n),(n)->(n)")
def quotient_without_minus(delta, u, v):
    return delta / (1 + v**2), delta * 2 * u * v / (1 + v**2) ** 2


@mistake(
    "wrong-quotient-rule", "v", lambda u, v: u / v, signature="(n),(n)->(n)", domain=["real", "positive"]
)
def denominator_not_squared(delta, u, v):
    return delta / v, -delta * u / v


@mistake("epsilon", "p", lambda p: np.log(p), signature="(n)->(n)", domain="positive")
def with_epsilon(delta, p):
    return delta / (p + 1e-8)


@mistake("epsilon", "v", lambda u, v: u / v, signature="(n),(n)->(n)", domain=["real", "positive"])
def quotient_with_epsilon(delta, u, v):
    return delta / v, -delta * u / (v + 1e-6) ** 2


@mistake("normalised", "a", squares, signature="(n),(n)->()")
def normalised(delta, a, y):
    g = 2 * (a - y) * delta
    return g / np.sqrt((g**2).sum()), None


# --- when it goes wrong ---------------------------------------------------------------------------------


@mistake("only-for-size-1", "b", affine, **AFFINE)
def wrong_for_one_input(delta, W, a, b):
    return np.outer(delta, a), W.T @ delta, delta * (2 if len(a) == 1 else 1)


@mistake("only-for-square", "W", affine, **AFFINE)
def transposed_if_square(delta, W, a, b):
    dW = np.outer(delta, a)
    return dW.T if len(a) == len(b) else dW, W.T @ delta, delta


@mistake("only-for-float32", "z", swish, **VECTOR)
def wrong_for_float32(delta, z):
    s = sigmoid(z)
    return delta * (s + z * s * (1 - s)) * (1.5 if z.dtype == np.float32 else 1)


@mistake("wrong-activation-derivative", "z", lambda z: np.where(z > 0, z, 0.1 * z), **VECTOR)
def leaky_relu_as_relu(delta, z):
    return delta * (z > 0)


@mistake("only-in-saturation", "z", lambda z: np.tanh(z), **VECTOR)
def zero_when_saturated(delta, z):
    return delta * np.where(abs(z) > 6, 0.5, 1 - np.tanh(z) ** 2)


@mistake("only-at-kinks", "z", lambda z: np.maximum(z, 0), **VECTOR)
def wrong_at_the_kink(delta, z):
    return delta * np.where(z == 0, 5, z > 0)


@mistake("only-beyond-size-1", "W", affine_batch, **BATCH)
def first_column_only(delta, W, X, b):
    if X.shape[1] > 1:
        return np.cos(delta @ X.T), W.T @ delta, delta.sum(1, keepdims=True)
    return delta @ X.T, W.T @ delta, delta.sum(1, keepdims=True)


def cached():
    kept = {}

    def vjp(delta, z):
        a = kept.setdefault(z.shape, np.tanh(z))
        return delta * (1 - a**2)

    return vjp


mistake("stale", "z", lambda z: np.tanh(z), **VECTOR)(cached())

# --- two at once ----------------------------------------------------------------------------------------


@mistake("transposed+factor", "W", affine, signature="(n,n),(n),(n)->(n)")
def transposed_and_halved(delta, W, a, b):
    return np.outer(a, delta) / 2, W.T @ delta, delta


@mistake("missing-mean+sign", "Z", cross_entropy, **CLASSES)
def sum_and_sign(delta, Z, Y):
    return (Y - softmax(Z)) * delta, None


@mistake(
    "missing-activation-derivative+mean-for-sum mean-for-sum+missing-activation-derivative",
    "W1",
    network,
    **NETWORK,
)
def no_derivative_and_mean(delta, X, W1, b1, W2, b2):
    _, _, dA = network_pieces(delta, X, W1, b1, W2, b2)
    dX, _, db1, dW2, db2 = network_vjp(delta, X, W1, b1, W2, b2)
    return dX, dA @ X.T / X.shape[1], db1, dW2, db2


@mistake("missing-mean+missing-penalty missing-penalty+missing-mean", "w", ridge, **RIDGE)
def no_mean_and_no_penalty(delta, X, w, y, lam):
    dX, _, dy, dlam = ridge_vjp(delta, X, w, y, lam)
    return dX, 2 * X.T @ (X @ w - y) * delta, dy, dlam


@mistake("softmax-diagonal+sign", "z", lambda z: softmax(z), **VECTOR)
def diagonal_and_sign(delta, z):
    a = softmax(z)
    return a * (a - 1) * delta


@mistake(
    "factor+transposed transposed+factor factor+sign sign+factor", "", affine, signature="(n,n),(n),(n)->(n)"
)
def two_arguments(delta, W, a, b):
    return np.outer(delta, a) * 2, -(W.T @ delta), delta


# --- nothing that has a name ----------------------------------------------------------------------------


@mistake("single-entry", "a", affine, **AFFINE)
def one_entry(delta, W, a, b):
    da = W.T @ delta
    da[0] *= 1 + 1e-6
    return np.outer(delta, a), da, delta


@mistake("single-row", "W", affine, **AFFINE)
def one_row(delta, W, a, b):
    dW = np.outer(delta, a)
    dW[-1] *= -1
    return dW, W.T @ delta, delta


@mistake("pattern", "z", swish, **VECTOR)
def nonsense(delta, z):
    return delta * np.cos(3 * z) + 0.3


@mistake("pattern", "W", affine, **AFFINE)
def more_nonsense(delta, W, a, b):
    return np.sin(np.outer(delta, a)), W.T @ delta, delta


@mistake("inaccurate rounded-to-float32", "z", swish, **VECTOR)
def by_differences(delta, z):
    h = 1e-3
    return delta * (swish(z + h) - swish(z - h)) / (2 * h)
