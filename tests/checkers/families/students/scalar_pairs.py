"""Activations written for one number, or for one vector, at a time."""

import math

import numpy as np


def relu(z):
    return max(0.0, z)


def relu_prime(z):
    if z > 0:
        return 1
    return 0


def logistic(z):
    return 1 / (1 + math.exp(-z))


def logistic_derivative(z):
    return logistic(z) * (1 - logistic(z))


def ramp(v):
    out = np.zeros(len(v))
    for i in range(len(v)):
        out[i] = v[i] if v[i] > 0 else 0.1 * v[i]
    return out


def d_ramp(v):
    slopes = np.ones(v.shape)
    slopes[v <= 0] = 0.1
    return slopes
