"""Convolution and pooling, entry by entry.

    out_fij = Σ_cpq w_fcpq Σ_uv [u = s (i − 1) + p − pad] [v = s (j − 1) + q − pad] x_cuv + b_f

Indices run from 1; where u or v would lie in the border of zeros, no term of the sum is left.
"""

from __future__ import annotations

import itertools

import sympy as sp

from derivations.definition import Definition
from derivations.notation import Index, Tensor, dimensions, total

_c, _f = dimensions("c f")


def _at(u: Index, i: Index, p: Index, stride: int, pad: int) -> sp.Expr:
    """[u = s (i − 1) + p − pad], written with deltas that compare an index with a number."""
    places = itertools.product(range(1, int(i.dimension) + 1), range(1, int(p.dimension) + 1))
    return sp.Add(
        *(
            sp.KroneckerDelta(i, a)
            * sp.KroneckerDelta(p, b)
            * sp.KroneckerDelta(u, stride * (a - 1) + b - pad)
            for a, b in places
            if 1 <= stride * (a - 1) + b - pad <= int(u.dimension)
        )
    )


def _convolution(name: str, side: int, stride: int, pad: int) -> Definition:
    x, w, b = Tensor("x", _c, side, side), Tensor("w", _f, _c, 3, 3), Tensor("b", _f)
    f, i, j = Index("f", _f), Index("i", 2), Index("j", 2)
    c, p, q = Index("c", _c), Index("p", 3), Index("q", 3)
    u, v = Index("u", side), Index("v", side)
    row, column = _at(u, i, p, stride, pad), _at(v, j, q, stride, pad)
    return Definition(
        name, (x, w, b), (f, i, j), total(w[f, c, p, q] * row * column * x[c, u, v], c, p, q, u, v) + b[f]
    )


_n = dimensions("n")[0]
_x = Tensor("x", _n, 3)
_i, _j = Index("i", _n), Index("j", 2)


def _entry(offset: int) -> sp.Expr:
    """The entry of the window at (i, j) with that offset: x_i,j+offset."""
    v = Index("v", 3)
    return total(
        sp.Add(*(sp.KroneckerDelta(_j, a) * sp.KroneckerDelta(v, a + offset) for a in (1, 2))) * _x[_i, v], v
    )


_LEFT, _RIGHT = _entry(0), _entry(1)

DEFINITIONS = (
    _convolution("convolution", 4, 1, 0),
    _convolution("convolution_strided", 3, 2, 1),
    Definition(
        "max_pool", (_x,), (_i, _j), sp.Piecewise((_RIGHT, _LEFT < _RIGHT), (_LEFT, True), evaluate=False)
    ),
    Definition("average_pool", (_x,), (_i, _j), (_LEFT + _RIGHT) / 2),
)
