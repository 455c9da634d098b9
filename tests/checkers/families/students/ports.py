import numpy as np


def relu(z):
    return np.maximum(0, z)


def relu_prime(z):
    return np.where(z > 0, 1, 0)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class QuadraticCost:
    @staticmethod
    def fn(a, y):
        return 0.5 * np.linalg.norm(a - y) ** 2

    @staticmethod
    def delta(z, a, y):
        return (a - y) * sigmoid(z) * (1 - sigmoid(z))


class CrossEntropyCost:
    @staticmethod
    def fn(a, y):
        return np.sum(np.nan_to_num(-y * np.log(a) - (1 - y) * np.log(1 - a)))

    @staticmethod
    def delta(z, a, y):
        return a - y


class Reseau:
    def __init__(self, tailles):
        self.num_layers = len(tailles)
        self.biais = [np.random.randn(y, 1) for y in tailles[1:]]
        self.poids = [np.random.randn(y, x) for x, y in zip(tailles[:-1], tailles[1:])]

    def feed_forward(self, a):
        for b, w in zip(self.biais, self.poids):
            a = relu(w @ a + b)
        return a

    @staticmethod
    def cost_prime(a, y):
        return a - y

    def back_propagate(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biais]
        nabla_w = [np.zeros(w.shape) for w in self.poids]
        a, activations, zs = x, [x], []
        for b, w in zip(self.biais, self.poids):
            zs.append(w @ a + b)
            a = relu(zs[-1])
            activations.append(a)
        delta = self.cost_prime(a, y) * relu_prime(zs[-1])
        for l in range(1, self.num_layers):
            nabla_b[-l] = delta
            nabla_w[-l] = delta @ activations[-l - 1].T
            if l + 1 < self.num_layers:
                delta = self.poids[-l].T @ delta * relu_prime(zs[-l - 1])
        return nabla_w, nabla_b
