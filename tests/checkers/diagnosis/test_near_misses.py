"""Gradients that are nearly some mistake, and are not: they must not get its name."""

from __future__ import annotations

import numpy as np
import pytest
from mistakes import (
    AFFINE,
    BATCH,
    NETWORK,
    VECTOR,
    affine,
    affine_batch,
    network,
    network_pieces,
    sigmoid,
    softmax,
)

import gradproof


def code_of(forward, vjp, **options):
    verdict = gradproof.check_vjp(
        forward, vjp, examples=60, oracles=("autodiff", "finite_difference"), **options
    )
    assert verdict.outcome == "disagrees", str(verdict)
    return "" if verdict.diagnosis is None else verdict.diagnosis.code


def tanh(z):
    return np.tanh(z)


def of_softmax(z):
    return softmax(z)


def of_weights(change):
    return lambda delta, W, a, _: (change(np.outer(delta, a)), W.T @ delta, delta)


NEARLY = {
    "twice but for one entry": (
        affine,
        of_weights(lambda dW: 2 * dW + 1e-3 * (np.arange(dW.size).reshape(dW.shape) == 0)),
        AFFINE,
        "factor",
    ),
    "a factor that differs from case to case": (
        affine,
        of_weights(lambda dW: dW * (2 + np.sin(dW.sum()))),
        AFFINE,
        "factor",
    ),
    "the transpose with a sign that alternates": (
        affine,
        of_weights(lambda dW: dW.T * (-1.0) ** np.arange(len(dW))),
        {"signature": "(n,n),(n),(n)->(n)"},
        "transposed",
    ),
    "the square of the number of examples, less one": (
        affine_batch,
        lambda delta, W, X, _: (
            delta @ X.T * (X.shape[1] ** 2 + 0.5),
            W.T @ delta,
            delta.sum(1, keepdims=True),
        ),
        BATCH,
        "missing-mean",
    ),
    "most of the derivative of tanh": (
        tanh,
        lambda delta, z: delta * (1 - 0.99 * np.tanh(z) ** 2),
        VECTOR,
        "missing-activation-derivative",
    ),
    "the derivative of a sigmoid that is twice as steep": (
        tanh,
        lambda delta, z: delta * 2 * sigmoid(2 * z) * (1 - sigmoid(2 * z)),
        VECTOR,
        "wrong-activation-derivative",
    ),
    "the diagonal and a little more": (
        of_softmax,
        lambda delta, z: softmax(z) * (1 - softmax(z)) * delta + 1e-6 * delta.sum(),
        VECTOR,
        "softmax-diagonal",
    ),
    "the cotangent to the power 1.1": (
        tanh,
        lambda delta, z: np.sign(delta) * abs(delta) ** 1.1 * (1 - np.tanh(z) ** 2),
        VECTOR,
        "nonlinear-in-delta",
    ),
    "a derivative that is missing for one neuron": (
        network,
        lambda delta, X, W1, b1, W2, b2: _for_one_neuron(delta, X, W1, b1, W2, b2),
        NETWORK,
        "missing-activation-derivative",
    ),
    "the first row and a trace of the others": (
        affine,
        of_weights(lambda dW: dW * (1 - 0.999 * (np.arange(len(dW))[:, None] > 0))),
        AFFINE,
        "missing-slice",
    ),
}


def _for_one_neuron(delta, X, W1, b1, W2, b2):
    _, A, dA = network_pieces(delta, X, W1, b1, W2, b2)
    slope = 1 - A**2
    slope[:1] = 1
    dZ = dA * slope
    return W1.T @ dZ, dZ @ X.T, dZ.sum(1, keepdims=True), delta @ A.T, delta.sum(1, keepdims=True)


@pytest.mark.parametrize("what", NEARLY)
def test_what_is_nearly_a_mistake_does_not_get_its_name(what):
    forward, vjp, options, name = NEARLY[what]
    assert name not in code_of(forward, vjp, **options).split("+")


def test_a_right_gradient_has_no_diagnosis():
    verdict = gradproof.check_vjp(tanh, lambda delta, z: delta * (1 - np.tanh(z) ** 2), **VECTOR)
    assert verdict.diagnosis is None


def test_a_factor_that_is_also_a_size_is_left_open():
    """At a single point nothing tells a factor 2 from the number of two examples."""
    X, y = np.array([[1.0, -2.0], [0.5, 3.0], [2.5, 1.0]]), np.zeros((3, 2))

    def cost(A):
        return ((A - y) ** 2).sum() / A.shape[1]

    verdict = gradproof.check_vjp(cost, lambda delta, A: 2 * (A - y) * delta, args=(X,))
    assert verdict.diagnosis is not None
    assert "cannot tell the two apart" in verdict.diagnosis.sentence
    assert set(verdict.diagnosis.code.split("-or-")) == {"factor", "missing-mean"}


def test_drawn_sizes_do_tell_them_apart():
    def cost(A, Y):
        return ((A - Y) ** 2).sum() / A.shape[1]

    assert (
        code_of(cost, lambda delta, A, Y: (2 * (A - Y) * delta, None), signature="(n,m),(n,m)->()")
        == "missing-mean"
    )
