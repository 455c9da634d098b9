import numpy as np


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z)), Z


def relu(Z):
    return np.maximum(0, Z), Z


def sigmoid_backward(dA, act_cache):
    a = 1 / (1 + np.exp(-act_cache))
    return dA * a * (1 - a)


def relu_backward(dA, act_cache):
    dZ = np.copy(dA)
    dZ[act_cache <= 0] = 0
    return dZ


def linear_forward(W, A, b):
    return np.dot(W, A) + b, (W, A, b)


def linear_activation_forward(W, A_prev, b, activation):
    Z, linear_cache = linear_forward(W, A_prev, b)
    if activation == "sigmoid":
        A, act_cache = sigmoid(Z)
    elif activation == "relu":
        A, act_cache = relu(Z)
    return A, (linear_cache, act_cache)


def model_forward(X, parameters):
    L = len(parameters) // 2
    A, cache = X, []
    for l in range(1, L + 1):
        kind = "sigmoid" if l == L else "relu"
        A, one = linear_activation_forward(parameters[f"w{l}"], A, parameters[f"bias_{l}"], kind)
        cache.append(one)
    return A, cache


def cost_func(AL, Y):
    return -(1 / AL.shape[1]) * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))


def linear_backward(dZ, linear_cache):
    W, A_prev, b = linear_cache
    m = A_prev.shape[1]
    dW = dZ.dot(A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    return dW, np.dot(W.T, dZ), db


def linear_activation_backward(dA, cache, activation):
    linear_cache, act_cache = cache
    dZ = relu_backward(dA, act_cache) if activation == "relu" else sigmoid_backward(dA, act_cache)
    return linear_backward(dZ, linear_cache)


def model_backwards(AL, Y, cache):
    grads = {}
    dA = -(Y / AL - (1 - Y) / (1 - AL))
    for l in reversed(range(1, len(cache) + 1)):
        kind = "sigmoid" if l == len(cache) else "relu"
        dW, dA, db = linear_activation_backward(dA, cache[l - 1], kind)
        grads[f"dw{l}"], grads[f"dbias_{l}"] = dW, db
    return grads
