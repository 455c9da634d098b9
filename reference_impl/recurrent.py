"""Recurrent cells: one step of a vanilla network, and what an LSTM makes of its gates.

    h' = tanh(x W_x + h W_h + b)
    c' = σ(f) c + σ(i) tanh(g),    h' = σ(o) tanh(c')

x: (n, d), h, h': (n, k), examples as rows; W_x: (d, k); W_h: (k, k); b: (k). i, f, o, g are the net inputs of
the gates, c and c' the cell states, all of one shape; the net inputs themselves are affine.
"""

from __future__ import annotations

import numpy as np

from reference_impl.elementwise import sigmoid, sigmoid_derivative
from reference_impl.formula import Array, Formula


def rnn_step(x: Array, h: Array, W_x: Array, W_h: Array, b: Array) -> Array:
    """H' = tanh(x W_x + h W_h + b).   x: (n, d); h: (n, k); W_x: (d, k); W_h: (k, k); b: (k)."""
    out: Array = np.tanh(x @ W_x + h @ W_h + b)
    return out


def rnn_step_vjp(
    delta: Array, x: Array, h: Array, W_x: Array, W_h: Array, b: Array
) -> tuple[Array, Array, Array, Array, Array]:
    """(ε W_xᵀ, ε W_hᵀ, xᵀ ε, hᵀ ε, Σ ε) with ε = δ (1 − h'²).   δ: (n, k)."""
    error = delta * (1 - rnn_step(x, h, W_x, W_h, b) ** 2)
    return error @ W_x.T, error @ W_h.T, x.T @ error, h.T @ error, error.sum(axis=0)


def lstm_cell(i: Array, f: Array, g: Array, c: Array) -> Array:
    """C' = σ(f) c + σ(i) tanh(g).   i, f, g, c: any one shape."""
    out: Array = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return out


def lstm_cell_vjp(delta: Array, i: Array, f: Array, g: Array, c: Array) -> tuple[Array, Array, Array, Array]:
    """(δ σ'(i) tanh g, δ σ'(f) c, δ σ(i) (1 − tanh² g), δ σ(f)).   δ: as the arguments."""
    return (
        delta * sigmoid_derivative(i) * np.tanh(g),
        delta * sigmoid_derivative(f) * c,
        delta * sigmoid(i) * (1 - np.tanh(g) ** 2),
        delta * sigmoid(f),
    )


def lstm_step(i: Array, f: Array, o: Array, g: Array, c: Array) -> Array:
    """H' = σ(o) tanh(c') with c' = σ(f) c + σ(i) tanh(g).   i, f, o, g, c: any one shape."""
    out: Array = sigmoid(o) * np.tanh(lstm_cell(i, f, g, c))
    return out


def lstm_step_vjp(
    delta: Array, i: Array, f: Array, o: Array, g: Array, c: Array
) -> tuple[Array, Array, Array, Array, Array]:
    """By o: δ σ'(o) tanh c'; by the others through c' with δ σ(o) (1 − tanh² c').   δ: as the arguments."""
    squashed = np.tanh(lstm_cell(i, f, g, c))
    by_i, by_f, by_g, by_c = lstm_cell_vjp(delta * sigmoid(o) * (1 - squashed**2), i, f, g, c)
    return by_i, by_f, delta * sigmoid_derivative(o) * squashed, by_g, by_c


FORMULAS = (
    Formula("rnn_step", rnn_step, rnn_step_vjp, "(n,d),(n,k),(d,k),(k,k),(k)->(n,k)", ()),
    Formula("lstm_cell", lstm_cell, lstm_cell_vjp, "(n),(n),(n),(n)->(n)", ()),
    Formula("lstm_step", lstm_step, lstm_step_vjp, "(n),(n),(n),(n),(n)->(n)", ()),
)
