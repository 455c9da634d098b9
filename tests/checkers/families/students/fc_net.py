from builtins import range
from builtins import object
import numpy as np

from layers import *


class TwoLayerNet(object):
    """affine - relu - affine - softmax"""

    def __init__(self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        self.reg = reg
        self.params = {
            'W1': weight_scale * np.random.randn(input_dim, hidden_dim),
            'b1': np.zeros(hidden_dim),
            'W2': weight_scale * np.random.randn(hidden_dim, num_classes),
            'b2': np.zeros(num_classes),
        }

    def loss(self, X, y=None):
        W1, b1, W2, b2 = (self.params[k] for k in ('W1', 'b1', 'W2', 'b2'))
        hidden, cache1 = affine_relu_forward(X, W1, b1)
        scores, cache2 = affine_forward(hidden, W2, b2)
        if y is None:
            return scores
        grads = {}
        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))
        dhidden, dW2, grads['b2'] = affine_backward(dscores, cache2)
        _, dW1, grads['b1'] = affine_relu_backward(dhidden, cache1)
        grads['W2'] = dW2 + self.reg * W2
        grads['W1'] = dW1 + self.reg * W1
        return loss, grads


class FullyConnectedNet(object):
    def __init__(self, hidden_dims, input_dim=3 * 32 * 32, num_classes=10, dropout=1, normalization=None, reg=0.0,
                 weight_scale=1e-2, dtype=np.float32, seed=None):
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}
        dims = [input_dim] + list(hidden_dims) + [num_classes]
        for l in range(self.num_layers):
            self.params['W%d' % (l + 1)] = weight_scale * np.random.randn(dims[l], dims[l + 1])
            self.params['b%d' % (l + 1)] = np.zeros(dims[l + 1])
        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        h, caches = X, []
        for l in range(1, self.num_layers):
            h, cache = affine_relu_forward(h, self.params['W%d' % l], self.params['b%d' % l])
            caches.append(cache)
        L = self.num_layers
        scores, last = affine_forward(h, self.params['W%d' % L], self.params['b%d' % L])
        if y is None:
            return scores
        loss, dout = softmax_loss(scores, y)
        grads = {}
        dout, grads['W%d' % L], grads['b%d' % L] = affine_backward(dout, last)
        for l in range(L - 1, 0, -1):
            dout, grads['W%d' % l], grads['b%d' % l] = affine_relu_backward(dout, caches[l - 1])
        for l in range(1, L + 1):
            W = self.params['W%d' % l]
            loss += 0.5 * self.reg * np.sum(W * W)
            grads['W%d' % l] += self.reg * W
        return loss, grads
