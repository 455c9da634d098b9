"""Recurrent cells, entry by entry: h'_sj = tanh(Σ_p x_sp W_pj + Σ_q h_sq V_qj + b_j), and LSTM gates."""

from __future__ import annotations

import sympy as sp

from derivations.definition import Definition
from derivations.elementwise import sigmoid
from derivations.notation import Index, Tensor, dimensions, total

_n, _d, _k = dimensions("n d k")
_r = Index("r", _n)


def _rnn_step() -> Definition:
    s, j = Index("s", _n), Index("j", _k)
    p, q = Index("p", _d), Index("q", _k)
    x, h = Tensor("x", _n, _d), Tensor("h", _n, _k)
    W_x, W_h, b = Tensor("W_x", _d, _k), Tensor("W_h", _k, _k), Tensor("b", _k)
    z = total(x[s, p] * W_x[p, j], p) + total(h[s, q] * W_h[q, j], q) + b[j]
    return Definition("rnn_step", (x, h, W_x, W_h, b), (s, j), sp.tanh(z))


def _state(i: Tensor, f: Tensor, g: Tensor, c: Tensor) -> sp.Expr:
    return sigmoid(f[_r]) * c[_r] + sigmoid(i[_r]) * sp.tanh(g[_r])


def _lstm_cell() -> Definition:
    i, f, g, c = (Tensor(name, _n) for name in "ifgc")
    return Definition("lstm_cell", (i, f, g, c), (_r,), _state(i, f, g, c))


def _lstm_step() -> Definition:
    i, f, o, g, c = (Tensor(name, _n) for name in "ifogc")
    return Definition("lstm_step", (i, f, o, g, c), (_r,), sigmoid(o[_r]) * sp.tanh(_state(i, f, g, c)))


DEFINITIONS = (_rnn_step(), _lstm_cell(), _lstm_step())
