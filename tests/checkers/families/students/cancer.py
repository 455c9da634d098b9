import numpy as np


def forward_propagation(x_train, parameters):
    z1 = np.dot(parameters["weight1"], x_train) + parameters["bias1"]
    a1 = np.tanh(z1)
    z2 = np.dot(parameters["weight2"], a1) + parameters["bias2"]
    a2 = 1 / (1 + np.exp(-z2))
    return {"z1": z1, "a1": a1, "z2": z2, "a2": a2}


def backward_propagation(parameters, cache, X, Y):
    dz2 = cache["a2"] - Y
    dw2 = np.dot(dz2, cache["a1"].T) / X.shape[1]
    db2 = np.sum(dz2, axis=1, keepdims=True) / X.shape[1]
    dz1 = np.dot(parameters["weight2"].T, dz2) * (1 - np.power(cache["a1"], 2))
    dw1 = np.dot(dz1, X.T) / X.shape[1]
    db1 = np.sum(dz1, axis=1, keepdims=True) / X.shape[1]
    return {"dweight1": dw1, "dbias1": db1, "dweight2": dw2, "dbias2": db2}


def backward_propagation_with_regularization(X, Y, cache, lambd):
    m = X.shape[1]
    (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3) = cache
    dZ3 = A3 - Y
    dZ2 = np.multiply(np.dot(W3.T, dZ3), np.int64(A2 > 0))
    dZ1 = np.multiply(np.dot(W2.T, dZ2), np.int64(A1 > 0))
    return {"dW3": np.dot(dZ3, A2.T) / m + lambd * W3 / m, "db3": np.sum(dZ3, axis=1, keepdims=True) / m,
            "dW2": np.dot(dZ2, A1.T) / m + lambd * W2 / m, "db2": np.sum(dZ2, axis=1, keepdims=True) / m,
            "dW1": np.dot(dZ1, X.T) / m + lambd * W1 / m, "db1": np.sum(dZ1, axis=1, keepdims=True) / m}
