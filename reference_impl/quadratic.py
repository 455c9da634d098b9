"""The quadratic loss in the conventions of the sources: with and without 1/2, of one example and as a mean.

    C_0 = Σ_j (a_j − y_j)²,    ∂C_0/∂a = 2 (a − y)            (the video)
    L = 1/2 Σ_j (ŷ_j − y_j)²,    ∂L/∂ŷ = ŷ − y                (the article)

a, ŷ, y: (n), or (n, m) with examples as columns; a cost is a number, the mean of the m losses. Through an
output activation ŷ = g(z) the output error is ∂L/∂z = (ŷ − y) ⊙ g'(z). The targets y are constants: no
gradient. Sources: calculus-1, calculus-8, calculus-14, calculus-20, article-111 to article-113, article-189
to article-194.
"""

from __future__ import annotations

from reference_impl.elementwise import ACTIVATIONS
from reference_impl.formula import Array, Formula, ids


def squared_error(a: Array, y: Array) -> Array:
    """C_0 = Σ_j (a_j − y_j)².   a, y: (n), or two numbers; C_0: scalar. Sources: calculus-1, calculus-20."""
    C: Array = ((a - y) ** 2).sum()
    return C


def squared_error_vjp(delta: Array, a: Array, y: Array) -> tuple[Array, None]:
    """2 (a − y) δ, and nothing for y.   δ: scalar; a, y: (n), or two numbers.

    Sources: calculus-8, calculus-9.
    """
    return 2 * (a - y) * delta, None


def mean_squared_error(A: Array, Y: Array) -> Array:
    """C = 1/m Σ_s Σ_j (A_js − Y_js)².   A, Y: (n, m); C: scalar. Sources: calculus-14, calculus-20."""
    m: int = Y.shape[1]
    return squared_error(A, Y) / m


def mean_squared_error_vjp(delta: Array, A: Array, Y: Array) -> tuple[Array, None]:
    """2 (A − Y) δ / m: the mean of the gradients.   δ: scalar; A, Y: (n, m). Source: calculus-15."""
    m: int = Y.shape[1]
    return 2 * (A - Y) * delta / m, None


def half_squared_error(y_hat: Array, y: Array) -> Array:
    """L = 1/2 Σ_j (ŷ_j − y_j)².   ŷ, y: (n); L: scalar. Sources: article-111, article-113, article-189."""
    return squared_error(y_hat, y) / 2


def half_squared_error_vjp(delta: Array, y_hat: Array, y: Array) -> tuple[Array, None]:
    """(ŷ − y) δ: the factor 2 of the square meets the 1/2.   δ: scalar; ŷ, y: (n).

    Sources: article-190 to -192.
    """
    return (y_hat - y) * delta, None


def half_squared_errors(Y_hat: Array, Y: Array) -> Array:
    """Loss of every example: L_s = 1/2 Σ_j (Ŷ_js − Y_js)².   Ŷ, Y: (n, m); L: (m). Source: article-239."""
    L: Array = ((Y_hat - Y) ** 2).sum(axis=0) / 2
    return L


def half_squared_errors_vjp(delta: Array, Y_hat: Array, Y: Array) -> tuple[Array, None]:
    """(Ŷ − Y) with column s times δ_s.   δ: (m); Ŷ, Y: (n, m). For δ = 1 it is ∂L/∂Ŷ. Source: article-241."""
    return (Y_hat - Y) * delta, None


def half_mean_squared_error(Y_hat: Array, Y: Array) -> Array:
    """J = 1/(2m) Σ_s Σ_j (Ŷ_js − Y_js)².   Ŷ, Y: (n, m); J: scalar. Sources: article-112, article-113."""
    return mean_squared_error(Y_hat, Y) / 2


def half_mean_squared_error_vjp(delta: Array, Y_hat: Array, Y: Array) -> tuple[Array, None]:
    """(Ŷ − Y) δ / m.   δ: scalar; Ŷ, Y: (n, m). Sources: article-112, article-192, article-223."""
    m: int = Y.shape[1]
    return (Y_hat - Y) * delta / m, None


def output_error(z: Array, y: Array, activation: str) -> Array:
    """Output error (g(z) − y) ⊙ g'(z) of the loss 1/2 ‖g(z) − y‖².   z, y: (n).

    Sources: article-193, article-194.
    """
    g, slope = ACTIVATIONS[activation]
    return (g(z) - y) * slope(z)


def _through(activation: str, sources: str) -> Formula:
    """The half squared error as a function of the pre-activation, 1/2 ‖g(z) − y‖²."""

    def forward(z: Array, y: Array) -> Array:
        return half_squared_error(ACTIVATIONS[activation].function(z), y)

    def vjp(delta: Array, z: Array, y: Array) -> tuple[Array, None]:
        return output_error(z, y, activation) * delta, None

    name = f"half_squared_error_of_{activation}"
    return Formula(name, forward, vjp, "(n),(n)->()", ids(sources), convention=_HALF, empty=("n",))


_WHOLE = "the square is not halved, so the derivative is 2 (a − y)"
_HALF = "the square is halved, so the derivative is ŷ − y"

FORMULAS = (
    Formula(
        "squared_error_of_one_neuron",
        squared_error,
        squared_error_vjp,
        "(),()->()",
        ids("calculus-1 calculus-8 calculus-9"),
        convention=_WHOLE,
    ),
    Formula(
        "squared_error",
        squared_error,
        squared_error_vjp,
        "(n),(n)->()",
        ids("calculus-20"),
        convention=_WHOLE,
        empty=("n",),
    ),
    Formula(
        "mean_squared_error",
        mean_squared_error,
        mean_squared_error_vjp,
        "(n,m),(n,m)->()",
        ids("calculus-14 calculus-15 calculus-20"),
        convention="mean over the examples, sum over the outputs, not halved",
        empty=("n",),
    ),
    Formula(
        "half_squared_error",
        half_squared_error,
        half_squared_error_vjp,
        "(n),(n)->()",
        ids("article-111 article-189 article-190 article-191 article-192"),
        convention=_HALF,
        empty=("n",),
    ),
    Formula(
        "half_squared_errors",
        half_squared_errors,
        half_squared_errors_vjp,
        "(n,m),(n,m)->(m)",
        ids("article-111 article-239 article-241"),
        convention="one loss for every example, no mean: column s of the gradient belongs to example s alone",
        empty=("n", "m"),
    ),
    Formula(
        "half_mean_squared_error",
        half_mean_squared_error,
        half_mean_squared_error_vjp,
        "(n,m),(n,m)->()",
        ids("article-112 article-113 article-223"),
        convention="the factor 1/(2m): half the usual mean squared error",
        empty=("n",),
    ),
    _through("linear", "article-193 article-194"),
    _through(
        "sigmoid", "article-160 article-161 article-162 article-163 article-164 article-193 article-194"
    ),
    _through("tanh", "article-193 article-194"),
)
