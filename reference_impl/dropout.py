"""Inverted dropout with a given mask: what is kept is divided by the share that is kept.

    out_ij = x_ij m_ij / q

x, m, out: (n, k), or any shape; m: 0 or 1, drawn once and remembered; q: the probability of keeping, scalar.
Given the mask, dropout is linear, and its backward multiplies by the same mask.
"""

from __future__ import annotations

from reference_impl.formula import Array, Formula


def dropout(x: Array, mask: Array, keep: Array) -> Array:
    """Kept entries x m over the share q.   x, m: (n, k); q: scalar."""
    return x * mask / keep


def dropout_vjp(delta: Array, x: Array, mask: Array, keep: Array) -> tuple[Array, None, None]:  # noqa: ARG001
    """(δ ⊙ m / q, None, None): the mask and the share are no variables.   δ: (n, k)."""
    return delta * mask / keep, None, None


FORMULAS = (
    Formula(
        "dropout",
        dropout,
        dropout_vjp,
        "(n,m),(n,m),()->(n,m)",
        (),
        {"mask": "binary", "keep": "probability"},
        convention="q is the probability of keeping; some courses give the probability of dropping, 1 − q",
    ),
)
