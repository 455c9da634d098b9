import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def forward_prop(data, labels, params):
    h = sigmoid(data @ params['W1'] + params['b1'])
    p = softmax(h @ params['W2'] + params['b2'])
    return h, p, -np.sum(labels * np.log(p)) / len(data)


def backward_prop(data, labels, params, forward_prop_func):
    return backward_prop_regularized(data, labels, params, forward_prop_func, 0)


def backward_prop_regularized(data, labels, params, forward_prop_func, reg):
    h, p, _ = forward_prop_func(data, labels, params)
    d = (p - labels) / len(data)
    dh = d @ params['W2'].T * h * (1 - h)
    return {
        'W2': h.T @ d + 2 * reg * params['W2'], 'b2': d.sum(axis=0),
        'W1': data.T @ dh + 2 * reg * params['W1'], 'b1': dh.sum(axis=0),
    }
