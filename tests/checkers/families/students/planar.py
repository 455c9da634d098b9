import numpy as np
import sklearn.linear_model
from planar_utils import plot_decision_boundary, sigmoid, load_planar_dataset

X, Y = load_planar_dataset()


def forward_propagation(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def compute_cost(A2, Y, parameters):
    m = Y.shape[1]
    cost = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)).sum() / m
    return float(np.squeeze(cost))


def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = A2 - Y
    dW2 = dZ2 @ A1.T / m
    db2 = dZ2.sum(axis=1, keepdims=True) / m
    dZ1 = (parameters["W2"].T @ dZ2) * (1 - A1 ** 2)
    dW1 = dZ1 @ X.T / m
    db1 = dZ1.sum(axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    cost = -(Y * np.log(A) + (1 - Y) * np.log(1 - A)).sum() / m
    dw = X @ (A - Y).T / m
    db = (A - Y).sum() / m
    return {"dw": dw, "db": db}, cost


def conv_forward(A_prev, W, b, hparameters):
    s, pad = hparameters["stride"], hparameters["pad"]
    m, H, Wd, C = A_prev.shape
    f, _, _, F = W.shape
    Ap = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    h, w = (H + 2 * pad - f) // s + 1, (Wd + 2 * pad - f) // s + 1
    Z = np.zeros((m, h, w, F))
    for i in range(h):
        for j in range(w):
            for c in range(F):
                window = Ap[:, i * s:i * s + f, j * s:j * s + f, :]
                Z[:, i, j, c] = (window * W[..., c]).sum(axis=(1, 2, 3)) + float(b[0, 0, 0, c])
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, pad = hparameters["stride"], hparameters["pad"]
    m, h, w, F = dZ.shape
    f = W.shape[0]
    Ap = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dAp, dW = np.zeros_like(Ap), np.zeros_like(W)
    for k in range(m):
        for i in range(h):
            for j in range(w):
                for c in range(F):
                    rows, cols = slice(i * s, i * s + f), slice(j * s, j * s + f)
                    dAp[k, rows, cols] += W[..., c] * dZ[k, i, j, c]
                    dW[..., c] += Ap[k, rows, cols] * dZ[k, i, j, c]
    db = dZ.sum(axis=(0, 1, 2)).reshape(1, 1, 1, F)
    dA = dAp[:, pad:dAp.shape[1] - pad, pad:dAp.shape[2] - pad, :]
    return dA, dW, db
