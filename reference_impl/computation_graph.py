"""The notes' computation graph, f(x; w, b) = 1 / (exp(−(w x + b)) + 1), in forward and in reverse mode.

    h1 = w x,  h2 = h1 + b,  h3 = −h2,  h4 = e^{h3},  h5 = h4 + 1,  f = h6 = 1/h5

Every letter is a number. The derivative of f is the product of the steps' local derivatives along the path
from an argument to f, summed over the paths. Forward mode carries tangents in the order of the computation,
one pass an input; reverse mode carries cotangents in the reverse order, one pass an output: back-propagation.
e^{h3} overflows where w x + b is below −709. Sources: nndl-54 to nndl-63.
"""

from __future__ import annotations

import numpy as np

from reference_impl.formula import Array, Formula, ids


def graph(x: Array, w: Array, b: Array) -> tuple[Array, Array, Array, Array, Array, Array]:
    """The six steps h1, …, h6.   All are scalars. Source: nndl-56."""
    h1 = w * x
    h2 = h1 + b
    h3 = -h2
    h4 = np.exp(h3)
    h5 = h4 + 1
    h6 = 1 / h5
    return h1, h2, h3, h4, h5, h6


def graph_value(x: Array, w: Array, b: Array) -> Array:
    """The value f(x; w, b), the last step.   All are scalars. Source: nndl-55."""
    return graph(x, w, b)[-1]


def graph_jvp(tangents: tuple[Array, Array, Array], x: Array, w: Array, b: Array) -> Array:
    """Forward mode: the tangent of every step from those before it.   All are scalars. Source: nndl-59."""
    x_dot, w_dot, b_dot = tangents
    _, _, _, h4, h5, _ = graph(x, w, b)
    h1_dot = w * x_dot + x * w_dot
    h2_dot = h1_dot + b_dot
    h3_dot = -h2_dot
    h4_dot = h4 * h3_dot
    h5_dot = h4_dot
    return -h5_dot / h5**2


def graph_vjp(delta: Array, x: Array, w: Array, b: Array) -> tuple[Array, Array, Array]:
    """Reverse mode: the cotangent of every step from those after it; by x, w and b.   All are scalars.

    Source: nndl-60.
    """
    _, _, _, h4, h5, _ = graph(x, w, b)
    h5_bar = -delta / h5**2
    h4_bar = h5_bar
    h3_bar = h4_bar * h4
    h2_bar = -h3_bar
    h1_bar = h2_bar
    return h1_bar * w, h1_bar * x, h2_bar


FORMULAS = (
    Formula(
        "computation_graph",
        graph_value,
        graph_vjp,
        "(),(),()->()",
        ids("nndl-54 nndl-55 nndl-56 nndl-57 nndl-58 nndl-59 nndl-60 nndl-62 nndl-63"),
        jvp=graph_jvp,
    ),
)
