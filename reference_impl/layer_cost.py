"""The video's last layer with several neurons: its cost by weights, biases and the activations before.

    z_j = Σ_k W_jk a_k + b_j,    C_0 = Σ_j (σ(z_j) − y_j)²

    s_j = σ'(z_j) 2 (σ(z_j) − y_j)
    ∂C_0/∂W_jk = a_k s_j,    ∂C_0/∂b_j = s_j,    ∂C_0/∂a_k = Σ_j W_jk s_j

W: (m, n), one row a receiving neuron; a: (n); b, y, s: (m); C_0: scalar. A neuron k before the layer acts on
the cost along m paths, which are summed. Sources: calculus-20 to calculus-28.
"""

from __future__ import annotations

from reference_impl.affine import affine, affine_vjp
from reference_impl.elementwise import sigmoid, sigmoid_derivative
from reference_impl.formula import Array, Formula, ids
from reference_impl.quadratic import squared_error, squared_error_vjp


def layer_cost(W: Array, a: Array, b: Array, y: Array) -> Array:
    """C_0 = Σ_j (σ(Σ_k W_jk a_k + b_j) − y_j)².   W: (m, n); a: (n); b, y: (m).

    Sources: calculus-20, -22, -23.
    """
    return squared_error(sigmoid(affine(W, a, b)), y)


def layer_cost_vjp(delta: Array, W: Array, a: Array, b: Array, y: Array) -> tuple[Array, Array, Array, None]:
    """(s aᵀ, Wᵀ s, s) δ, and nothing for y.   δ: scalar; W: (m, n); a: (n); b, y: (m).

    Sources: calculus-24 to -27.
    """
    z = affine(W, a, b)
    by_activation, _ = squared_error_vjp(delta, sigmoid(z), y)
    s = sigmoid_derivative(z) * by_activation
    return *affine_vjp(s, W, a, b), None


FORMULAS = (
    Formula(
        "layer_cost",
        layer_cost,
        layer_cost_vjp,
        "(m,n),(n),(m),(m)->()",
        ids(
            "calculus-20 calculus-22 calculus-23 calculus-24 calculus-25 calculus-26 calculus-27 calculus-28"
        ),
        convention="the square is not halved, so the factor 2 stays",
        empty=("m", "n"),
    ),
)
