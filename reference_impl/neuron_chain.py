"""The video's network with one neuron in every layer: its cost by three weights and three biases.

    z^(l) = w^(l) a^(l−1) + b^(l),    a^(l) = σ(z^(l)),    a^(0) = x,    C_0 = (a^(3) − y)²

Every letter is a number; numbers in parentheses are layers, not exponents. Backwards, from ∂C_0/∂a^(3) = 2
(a^(3) − y):

    ∂C_0/∂w^(l) = a^(l−1) σ'(z^(l)) ∂C_0/∂a^(l)
    ∂C_0/∂b^(l) =         σ'(z^(l)) ∂C_0/∂a^(l)
    ∂C_0/∂a^(l−1) = w^(l) σ'(z^(l)) ∂C_0/∂a^(l)

Sources: calculus-1 to calculus-5, calculus-7 to calculus-13, calculus-16 to calculus-19.
"""

from __future__ import annotations

from reference_impl.elementwise import sigmoid, sigmoid_derivative
from reference_impl.formula import Array, Formula, ids


def last_neuron_cost(w: Array, a: Array, b: Array, y: Array) -> Array:
    """C_0 = (σ(w a + b) − y)², a the activation before.   All are scalars. Sources: calculus-1, -2, -3."""
    return (sigmoid(w * a + b) - y) ** 2


def last_neuron_cost_vjp(
    delta: Array, w: Array, a: Array, b: Array, y: Array
) -> tuple[Array, Array, Array, None]:
    """By w, a and b: a s, w s, s with s = σ'(z) 2 (a^(L) − y) δ.   All are scalars.

    Sources: calculus-12, -17, -18.
    """
    z = w * a + b
    s = sigmoid_derivative(z) * 2 * (sigmoid(z) - y) * delta
    return a * s, w * s, s, None


def chain_cost(x: Array, y: Array, w1: Array, b1: Array, w2: Array, b2: Array, w3: Array, b3: Array) -> Array:
    """C_0 = (a^(3) − y)² with a^(l) = σ(w^(l) a^(l−1) + b^(l)).   All are scalars.

    Sources: calculus-4, calculus-5.
    """
    a = x
    for w, b in ((w1, b1), (w2, b2), (w3, b3)):
        a = sigmoid(w * a + b)
    return (a - y) ** 2


def chain_cost_vjp(
    delta: Array, x: Array, y: Array, w1: Array, b1: Array, w2: Array, b2: Array, w3: Array, b3: Array
) -> tuple[Array | None, ...]:
    """The recursion from the last layer to the first; x and y are given.   All are scalars.

    Source: calculus-19.
    """
    a = [x]
    z = []
    for w, b in ((w1, b1), (w2, b2), (w3, b3)):
        z.append(w * a[-1] + b)
        a.append(sigmoid(z[-1]))

    gradients: tuple[Array, ...] = ()
    by_a = 2 * (a[3] - y) * delta
    for layer, w in ((3, w3), (2, w2), (1, w1)):
        by_b = sigmoid_derivative(z[layer - 1]) * by_a
        by_w = a[layer - 1] * by_b
        by_a = w * by_b
        gradients = (by_w, by_b, *gradients)
    return None, None, *gradients


FORMULAS = (
    Formula(
        "last_neuron_cost",
        last_neuron_cost,
        last_neuron_cost_vjp,
        "(),(),(),()->()",
        ids("calculus-3 calculus-7 calculus-10 calculus-11 calculus-12 calculus-13 calculus-17 calculus-18"),
        convention="the square is not halved, so the factor 2 stays",
    ),
    Formula(
        "neuron_chain",
        chain_cost,
        chain_cost_vjp,
        "(),(),(),(),(),(),(),()->()",
        ids("calculus-4 calculus-5 calculus-16 calculus-19"),
        convention="the square is not halved, so the factor 2 stays",
    ),
)
