"""Networks with W1, b1, W2, b2 under many names, and layers that keep their gradients in their own way."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class SmallNet:
    """Softmax, its own loss with a penalty, labels, gradients in attributes."""

    def __init__(self, input_size, hidden_size, output_size, reg=0.3):
        self.reg = reg
        self.W1 = np.random.randn(input_size, hidden_size)
        self.b1 = np.zeros(hidden_size)
        self.W2 = np.random.randn(hidden_size, output_size)
        self.b2 = np.zeros(output_size)

    def forward(self, X):
        self.h = np.tanh(X @ self.W1 + self.b1)
        scores = self.h @ self.W2 + self.b2
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        self.probs = e / e.sum(axis=1, keepdims=True)
        return self.probs

    def compute_loss(self, y, y_hat):
        data = -np.mean(np.log(y_hat[np.arange(len(y)), y]))
        return data + self.reg / 2 * (np.sum(self.W1**2) + np.sum(self.W2**2))

    def backprop(self, X, y, y_hat):
        d = y_hat.copy()
        d[np.arange(len(y)), y] -= 1
        d /= len(y)
        self.dW2 = self.h.T @ d + self.reg * self.W2
        self.db2 = d.sum(axis=0)
        d = (d @ self.W2.T) * (1 - self.h**2)
        self.dW1 = X.T @ d + self.reg * self.W1
        self.db1 = d.sum(axis=0)


class ColumnNet:
    """Columns, sizes of its own, weights made in a method, a sum over the examples."""

    def __init__(self):
        self.n_in, self.n_hidden = 2, 8
        self.W1, self.b1, self.W2, self.b2 = [], [], [], []
        self.Z1, self.A1, self.Z2, self.A2 = [], [], [], []

    def feed_forward(self, X):
        self.Z1 = self.W1 @ X + self.b1
        self.A1 = sigmoid(self.Z1)
        self.Z2 = self.W2 @ self.A1 + self.b2
        self.A2 = sigmoid(self.Z2)

    def backward_pass(self, X, Y):
        error = self.A2 - Y
        self.dW2 = error @ self.A1.T
        self.db2 = np.sum(error, axis=1, keepdims=True)
        hidden = self.W2.T @ error * self.A1 * (1 - self.A1)
        self.dW1 = hidden @ X.T
        self.db1 = np.sum(hidden, axis=1, keepdims=True)


class Perceptron:
    """Squared error, and a step that adds."""

    def __init__(self, n_inputs, n_hidden, n_outputs, learning_rate=0.1):
        self.learning_rate = learning_rate
        self.weights_hidden = np.random.randn(n_inputs, n_hidden)
        self.bias_hidden = np.zeros(n_hidden)
        self.weights_output = np.random.randn(n_hidden, n_outputs)
        self.bias_output = np.zeros(n_outputs)

    def _forward(self, X):
        self.hidden = sigmoid(X @ self.weights_hidden + self.bias_hidden)
        self.output = sigmoid(self.hidden @ self.weights_output + self.bias_output)

    def _backward(self, X, y, output):
        delta = (y - output) * output * (1 - output)
        hidden = (delta @ self.weights_output.T) * self.hidden * (1 - self.hidden)
        self.weights_output += self.learning_rate * self.hidden.T @ delta
        self.bias_output += self.learning_rate * delta.sum(axis=0)
        self.weights_hidden += self.learning_rate * X.T @ hidden
        self.bias_hidden += self.learning_rate * hidden.sum(axis=0)


class DataNet:
    """The data in its constructor, no biases; what it keeps is minus the gradient, and is added."""

    def __init__(self, x, y):
        self.input = x
        self.weights1 = np.random.rand(x.shape[1], 4)
        self.weights2 = np.random.rand(4, 1)
        self.y = y
        self.output = np.zeros(y.shape)

    def feedforward(self):
        self.layer1 = sigmoid(self.input @ self.weights1)
        self.output = sigmoid(self.layer1 @ self.weights2)

    def backprop(self):
        d = 2 * (self.y - self.output) * self.output * (1 - self.output)
        self.d_weights2 = self.layer1.T @ d
        self.d_weights1 = self.input.T @ ((d @ self.weights2.T) * self.layer1 * (1 - self.layer1))
        self.weights1 += self.d_weights1
        self.weights2 += self.d_weights2


class DeepNet:
    """Three layers, one-hot rows."""

    def __init__(self, n_x, n_h1, n_h2, n_y):
        self.W1, self.b1 = np.random.randn(n_x, n_h1), np.zeros((1, n_h1))
        self.W2, self.b2 = np.random.randn(n_h1, n_h2), np.zeros((1, n_h2))
        self.W3, self.b3 = np.random.randn(n_h2, n_y), np.zeros((1, n_y))

    def forward(self, X):
        self.X = X
        self.A1 = np.tanh(X @ self.W1 + self.b1)
        self.A2 = np.tanh(self.A1 @ self.W2 + self.b2)
        e = np.exp(self.A2 @ self.W3 + self.b3)
        self.A3 = e / e.sum(axis=1, keepdims=True)
        return self.A3

    def backward(self, y, y_hat):
        m = y.shape[0]
        dZ3 = (y_hat - y) / m
        dZ2 = (dZ3 @ self.W3.T) * (1 - self.A2**2)
        dZ1 = (dZ2 @ self.W2.T) * (1 - self.A1**2)
        self.dW3, self.db3 = self.A2.T @ dZ3, dZ3.sum(axis=0, keepdims=True)
        self.dW2, self.db2 = self.A1.T @ dZ2, dZ2.sum(axis=0, keepdims=True)
        self.dW1, self.db1 = self.X.T @ dZ1, dZ1.sum(axis=0, keepdims=True)


class LinearWithMomentum:
    """Dw is what is added to w; dldw is the gradient."""

    def __init__(self, W, b):
        self.w, self.b = W, b
        self.Dw, self.Db = np.zeros_like(W), np.zeros_like(b)

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, grad_output, learning_rate=0.0, momentum=0.0):
        dx = grad_output @ self.w.T
        self.dldw = self.x.T @ grad_output
        self.dldb = grad_output.sum(axis=0, keepdims=True)
        self.Dw = momentum * self.Dw - learning_rate * self.dldw
        self.Db = momentum * self.Db - learning_rate * self.dldb
        self.w = self.w + self.Dw
        self.b = self.b + self.Db
        return dx


class SigmoidCrossEntropy:
    """Its backward takes the labels under the name of a gradient."""

    def forward(self, x):
        self.a = sigmoid(x)
        return self.a

    def backward(self, grad_output=None, learning_rate=0.0):
        return (self.a - grad_output) / grad_output.shape[0]


class SoftmaxOfOneColumn:
    def forward(self, input):
        e = np.exp(input)
        self.output = e / np.sum(e)
        return self.output

    def backward(self, output_gradient, learning_rate):
        n = np.size(self.output)
        tiled = np.tile(self.output, n)
        return (tiled * (np.identity(n) - tiled.T)) @ output_gradient


class LayerSetFromOutside:
    def __init__(self):
        self.input = None
        self.weights = None
        self.bias = None

    def forward(self, input):
        self.input = input
        return self.weights @ input + self.bias

    def backward(self, output_gradient, learning_rate):
        m = self.input.shape[1]
        dx = self.weights.T @ output_gradient
        self.weights -= learning_rate * output_gradient @ self.input.T / m
        self.bias -= learning_rate * np.sum(output_gradient, axis=1, keepdims=True) / m
        return dx


class EuclideanLoss:
    def __init__(self, name):
        self.name = name

    def forward(self, input, target):
        return np.sum((input - target) ** 2) / (2 * len(input))

    def backward(self, input, target):
        return (input - target) / len(input)


class CalledLoss:
    """The softmax of columns in it: the targets must sum to one."""

    def __call__(self, y, Z):
        return -np.sum(y * (Z - np.log(np.sum(np.exp(Z), axis=0, keepdims=True))), axis=0)

    def gradient(self, y, Z):
        return np.exp(Z) / np.sum(np.exp(Z), axis=0, keepdims=True) - y


def _theta(nn_params, hidden_layer_size, num_labels, n):
    k = hidden_layer_size * (n + 1)
    return nn_params[:k].reshape(hidden_layer_size, n + 1), nn_params[k:].reshape(num_labels, -1)


def _run(theta1, theta2, X):
    a1 = np.c_[np.ones(len(X)), X]
    a2 = np.c_[np.ones(len(X)), sigmoid(a1 @ theta1.T)]
    return a1, a2, sigmoid(a2 @ theta2.T)


def cost(nn_params, hidden_layer_size, num_labels, X, y, lamb=0.1):
    theta1, theta2 = _theta(nn_params, hidden_layer_size, num_labels, X.shape[1])
    a3 = _run(theta1, theta2, X)[2]
    Y = np.eye(num_labels)[y.ravel() - 1]
    penalty = np.sum(theta1[:, 1:] ** 2) + np.sum(theta2[:, 1:] ** 2)
    return -np.sum(Y * np.log(a3) + (1 - Y) * np.log(1 - a3)) / len(X) + lamb / (2 * len(X)) * penalty


def gradient(nn_params, hidden_layer_size, num_labels, X, y, lamb=0.1):
    theta1, theta2 = _theta(nn_params, hidden_layer_size, num_labels, X.shape[1])
    a1, a2, a3 = _run(theta1, theta2, X)
    delta3 = a3 - np.eye(num_labels)[y.ravel() - 1]
    delta2 = (delta3 @ theta2 * a2 * (1 - a2))[:, 1:]
    grad1, grad2 = delta2.T @ a1, delta3.T @ a2
    grad1[:, 1:] += lamb * theta1[:, 1:]
    grad2[:, 1:] += lamb * theta2[:, 1:]
    return np.r_[grad1.ravel(), grad2.ravel()] / len(X)
