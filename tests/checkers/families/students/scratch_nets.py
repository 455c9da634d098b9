import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class ReturnsGradients:
    def __init__(self, input_size, hidden_size, output_size):
        self.W1 = np.random.randn(input_size, hidden_size)
        self.W2 = np.random.randn(hidden_size, output_size)

    def forward(self, X):
        self.a1 = sigmoid(X @ self.W1)
        return sigmoid(self.a1 @ self.W2)

    def backward(self, X, y, output):
        d2 = (output - y) * output * (1 - output)
        d1 = d2 @ self.W2.T * self.a1 * (1 - self.a1)
        return X.T @ d1, self.a1.T @ d2


class StepsItself:
    def __init__(self, n_inputs, n_hidden, n_outputs, lr=0.1):
        self.params = {
            "W1": np.random.randn(n_inputs, n_hidden),
            "b1": np.zeros((1, n_hidden)),
            "W2": np.random.randn(n_hidden, n_outputs),
            "b2": np.zeros((1, n_outputs)),
        }
        self.lr = lr

    def forward(self, X):
        p = self.params
        self.h = np.maximum(0, X @ p["W1"] + p["b1"])
        self.p = softmax(self.h @ p["W2"] + p["b2"])
        return self.p

    def backward(self, X, y):
        p, m = self.params, len(X)
        dz2 = self.p.copy()
        dz2[np.arange(m), y] -= 1
        dz2 /= m
        dz1 = dz2 @ p["W2"].T * (self.h > 0)
        p["W1"] -= self.lr * X.T @ dz1
        p["b1"] -= self.lr * dz1.sum(axis=0, keepdims=True)
        p["W2"] -= self.lr * self.h.T @ dz2
        p["b2"] -= self.lr * dz2.sum(axis=0, keepdims=True)


class OfLists:
    def __init__(self, layers):
        self.pesos = [np.random.randn(a, b) for a, b in zip(layers[:-1], layers[1:])]
        self.sesgos = [np.zeros((1, b)) for b in layers[1:]]

    def forward(self, X):
        self.a = [X]
        for w, b in zip(self.pesos, self.sesgos):
            self.a.append(np.tanh(self.a[-1] @ w + b))
        return self.a[-1]

    def backward(self, X, y, learning_rate):
        delta = (y - self.a[-1]) * (1 - self.a[-1] ** 2)
        for k in range(len(self.pesos) - 1, -1, -1):
            step_w, step_b = self.a[k].T @ delta, delta.sum(axis=0, keepdims=True)
            delta = delta @ self.pesos[k].T * (1 - self.a[k] ** 2)
            self.pesos[k] += learning_rate * step_w
            self.sesgos[k] += learning_rate * step_b


class ThreeMatrices:
    def __init__(self, N=2, H=3, O=1):
        self.W1 = np.random.randn(N, H)
        self.W2 = np.random.randn(H, H)
        self.W3 = np.random.randn(H, O)

    def forward(self, X):
        self.z1 = sigmoid(X.dot(self.W1))
        self.z2 = sigmoid(self.z1.dot(self.W2))
        return sigmoid(self.z2.dot(self.W3))

    def backward(self, X, y, o):
        d3 = (y - o) * o * (1 - o)
        d2 = d3.dot(self.W3.T) * self.z2 * (1 - self.z2)
        d1 = d2.dot(self.W2.T) * self.z1 * (1 - self.z1)
        return X.T.dot(d1), self.z1.T.dot(d2), self.z2.T.dot(d3)


class OneOutput:
    def __init__(self, input_dim, hidden_dim):
        self.w1 = np.random.randn(hidden_dim, input_dim)
        self.bias1 = np.zeros((hidden_dim, 1))
        self.w2 = np.random.randn(1, hidden_dim)
        self.bias2 = np.zeros((1, 1))

    def forward(self, X):
        self.A1 = np.tanh(self.w1 @ X + self.bias1)
        self.A2 = sigmoid(self.w2 @ self.A1 + self.bias2)
        return self.A2

    def backward(self, X, Y):
        m = X.shape[1]
        dZ2 = self.A2 - Y
        dZ1 = self.w2.T @ dZ2 * (1 - self.A1**2)
        self.dw1, self.dbias1 = dZ1 @ X.T / m, dZ1.sum(axis=1, keepdims=True) / m
        self.dw2, self.dbias2 = dZ2 @ self.A1.T / m, dZ2.sum(axis=1, keepdims=True) / m


class OfQueries:
    def __init__(self, inputnodes, hiddennodes, outputnodes, learningrate):
        self.wih = np.random.normal(0.0, 1.0, (hiddennodes, inputnodes))
        self.who = np.random.normal(0.0, 1.0, (outputnodes, hiddennodes))
        self.lr = learningrate

    def train(self, inputs_list, targets_list):
        inputs, targets = np.array(inputs_list, ndmin=2).T, np.array(targets_list, ndmin=2).T
        hidden = sigmoid(self.wih @ inputs)
        final = sigmoid(self.who @ hidden)
        output_errors = (targets - final) * final * (1 - final)
        hidden_errors = self.who.T @ output_errors
        self.who += self.lr * output_errors @ hidden.T
        self.wih += self.lr * (hidden_errors * hidden * (1 - hidden)) @ inputs.T

    def query(self, inputs_list):
        return sigmoid(self.who @ sigmoid(self.wih @ np.array(inputs_list, ndmin=2).T))
