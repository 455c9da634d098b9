import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(s):
    return s * (1 - s)


def tanh(x):
    return np.tanh(x)


def d_tanh(x):
    return 1 - np.tanh(x) ** 2


def relu(x):
    return np.maximum(0, x)


def relu_grad(x):
    return (x > 0).astype(float)


def leaky(x, deriv=False):
    if deriv:
        return np.where(x > 0, 1, 0.1)
    return np.where(x > 0, x, 0.1 * x)


def mse(y_true, y_pred):
    return np.mean((y_true - y_pred) ** 2)


def mse_prime(y_true, y_pred):
    return 2 * (y_pred - y_true) / y_true.size


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def softmax_vjp(delta, z):
    a = softmax(z)
    return a * (delta - np.sum(delta * a))


def affine(W, a, b):
    return W @ a + b


def affine_vjp(delta, W, a, b):
    return np.outer(delta, a), W.T @ delta, delta


def logistic_loss(w, b, X, y):
    p = sigmoid(X @ w + b)
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    err = (p - y) / len(y)
    return loss, X.T @ err, err.sum()
