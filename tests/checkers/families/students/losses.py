import numpy as np


class MSE:
    def loss(self, predicted, actual):
        return np.mean((predicted - actual) ** 2)

    def loss_derivative(self, predicted, actual):
        return 2 * (predicted - actual) / actual.size


def error_fn(preds, y):
    return np.mean((preds - y) ** 2)


def loss_derivative(preds, y):
    return 2 * (preds - y) / y.shape[0]


def relu(z):
    return np.maximum(0, z)


def d_relu(z, dJ_da):
    return np.where(z > 0, 1, 0) * dJ_da


def softmax(z):
    exp_z = np.exp(z - np.max(z, axis=1, keepdims=True))
    return exp_z / np.sum(exp_z, axis=1, keepdims=True)


def d_softmax(a, y):
    m = a.shape[0]
    truth = np.zeros(a.shape)
    truth[np.arange(m), y.flatten()] = 1
    return (a - truth) / m


class Activations:
    def __init__(self):
        self.e = 2.718281828459045

    def sigmoid(self, z):
        return 1 / (1 + np.power(self.e, -z))

    def sigmoid_derivative(self, z):
        a = self.sigmoid(z)
        return a * (1 - a)


def conv_forward(A, w, b, stride=1, pad=0):
    N, C, H, W = A.shape
    F, _, KH, KW = w.shape
    rows, columns = (H + 2 * pad - KH) // stride + 1, (W + 2 * pad - KW) // stride + 1
    A_pad = np.pad(A, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    Z = np.zeros((N, F, rows, columns))
    for f in range(F):
        for i in range(rows):
            for j in range(columns):
                patch = A_pad[:, :, i * stride:i * stride + KH, j * stride:j * stride + KW]
                Z[:, f, i, j] = np.sum(patch * w[f], axis=(1, 2, 3)) + float(b[f:f + 1])
    return Z, (A, w, b, stride, pad, A_pad)


def conv_backward(dZ, cache):
    A, w, b, stride, pad, A_pad = cache
    dA, dW = np.zeros_like(A_pad), np.zeros_like(w)
    _, F, rows, columns = dZ.shape
    KH, KW = w.shape[2:]
    for n in range(len(A)):
        for f in range(F):
            for i in range(rows):
                for j in range(columns):
                    a, c = i * stride, j * stride
                    dW[f] += A_pad[n, :, a:a + KH, c:c + KW] * dZ[n, f, i, j]
                    dA[n, :, a:a + KH, c:c + KW] += w[f] * dZ[n, f, i, j]
    H, W = A.shape[2:]
    return dA[:, :, pad:pad + H, pad:pad + W], dW, dZ.sum(axis=(0, 2, 3))
