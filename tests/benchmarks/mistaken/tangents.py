"""Jacobian-vector products and what goes wrong in them: the tangent of one argument, of one term."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.mistaken.losses import softmax
from tests.benchmarks.mistaken.making import NAMELESS, Subject, mistakes


def affine_tanh(W, x, b):
    return np.tanh(W @ x + b)


def affine_tanh_jvp(tangents, W, x, b):
    dW, dx, db = tangents
    a = np.tanh(W @ x + b)
    dz = dW @ x + W @ dx + db
    return (1 - a**2) * dz


def product(u, v):
    return u * np.exp(v)


def product_jvp(tangents, u, v):
    du, dv = tangents
    return du * np.exp(v) + u * np.exp(v) * dv


def softmax_rows(Z):
    return softmax(Z)


def softmax_rows_jvp(tangents, Z):
    (dZ,) = tangents
    A = softmax(Z)
    return A * (dZ - (A * dZ).sum(axis=1, keepdims=True))


def mean_square(x, y):
    return ((x - y) ** 2).mean()


def mean_square_jvp(tangents, x, y):
    dx, dy = tangents
    return 2 * ((x - y) * (dx - dy)).mean()


MISTAKES = [
    *mistakes(
        Subject(affine_tanh, affine_tanh_jvp, "(m,n),(n),(m)->(m)", kind="jvp"),
        ("missing-activation-derivative", "(1 - a**2) * dz", "dz"),
        ("tangent-ignored", "dW @ x + W @ dx + db", "W @ dx + db"),
        ("tangent-ignored", "dW @ x + W @ dx + db", "dW @ x + W @ dx"),
        ("sign", "(1 - a**2)", "(a**2 - 1)"),
        ("sign-of-tangent", "+ W @ dx", "- W @ dx"),
        ("factor", "(1 - a**2)", "2 * (1 - a**2)"),
        ("wrong-activation-derivative", "(1 - a**2)", "a * (1 - a)"),
    ),
    *mistakes(
        Subject(product, product_jvp, "(n),(n)->(n)", kind="jvp"),
        ("tangent-ignored", " + u * np.exp(v) * dv", ""),
        ("missing-factor " + NAMELESS, "u * np.exp(v) * dv", "np.exp(v) * dv"),
        ("sign-of-tangent", "+ u", "- u"),
        (NAMELESS, "du * np.exp(v) + u * np.exp(v) * dv", "du * np.exp(v) * dv"),
    ),
    *mistakes(
        Subject(softmax_rows, softmax_rows_jvp, "(m,n)->(m,n)", kind="jvp"),
        ("softmax-diagonal", "A * (dZ - (A * dZ).sum(axis=1, keepdims=True))", "A * (1 - A) * dZ"),
        ("wrong-softmax-derivative", "A * (dZ - (A * dZ).sum(axis=1, keepdims=True))", "A * dZ"),
    ),
    *mistakes(
        Subject(mean_square, mean_square_jvp, "(n),(n)->()", kind="jvp"),
        ("tangent-ignored", "(dx - dy)", "dx"),
        ("sign-of-tangent", "(dx - dy)", "(dx + dy)"),
        ("missing-mean", ".mean()", ".sum()"),
        ("factor", "2 * ((", "(("),
    ),
]
