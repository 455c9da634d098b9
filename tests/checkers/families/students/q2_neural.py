#!/usr/bin/env python
import numpy as np
import random
from q2_gradcheck import gradcheck_naive


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_grad(s):
    return s * (1 - s)


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def forward_backward_prop(data, labels, params, dimensions):
    Dx, H, Dy = dimensions[0], dimensions[1], dimensions[2]
    ofs = 0
    W1 = np.reshape(params[ofs:ofs + Dx * H], (Dx, H))
    ofs += Dx * H
    b1 = np.reshape(params[ofs:ofs + H], (1, H))
    ofs += H
    W2 = np.reshape(params[ofs:ofs + H * Dy], (H, Dy))
    ofs += H * Dy
    b2 = np.reshape(params[ofs:ofs + Dy], (1, Dy))
    h = sigmoid(data.dot(W1) + b1)
    yhat = softmax(h.dot(W2) + b2)
    cost = -np.sum(labels * np.log(yhat))
    d2 = yhat - labels
    gradW2 = h.T.dot(d2)
    gradb2 = d2.sum(axis=0)
    d1 = d2.dot(W2.T) * sigmoid_grad(h)
    gradW1 = data.T.dot(d1)
    gradb1 = d1.sum(axis=0)
    grad = np.concatenate((gradW1.flatten(), gradb1.flatten(), gradW2.flatten(), gradb2.flatten()))
    return cost, grad


def softmaxCostAndGradient(predicted, target, outputVectors, dataset):
    p = softmax(outputVectors.dot(predicted))
    cost = -np.log(p[target])
    p[target] -= 1
    return cost, outputVectors.T.dot(p), np.outer(p, predicted)
