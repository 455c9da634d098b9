"""One step of back-propagation, from the error of a layer to that of the layer before.

    z ↦ W g(z) + b:    δ^[l] = ((W^[l+1])ᵀ δ^[l+1]) ⊙ g'(z^[l])            (errors of the pre-activations)
    a ↦ g(W a + b):    ε^[l−1] = (W^[l])ᵀ (ε^[l] ⊙ g'(z^[l]))               (errors of the activations)

One example: W: (m, n); z or a: (n); b: (m). A batch: W: (p, n); Z or A: (n, m); b: (p, 1), examples as
columns. The matrix product stands inside: multiplying by g' first is another, wrong formula, which square
matrices hide. Sources: nndl-7, nndl-8, nndl-39 to nndl-45, article-165 to article-173, article-211 to
article-218, article-244, article-245, article-253, article-254, calculus-26 to calculus-28, ng-17, ng-18,
ng-32.
"""

from __future__ import annotations

from reference_impl.affine import affine, affine_batch, affine_batch_vjp, affine_vjp
from reference_impl.elementwise import ACTIVATIONS
from reference_impl.formula import Array, Formula, ids


def error_of_previous_layer(W: Array, error: Array, z: Array, activation: str) -> Array:
    """(Wᵀ δ) ⊙ g'(z).   W: (p, n); δ: (p) and z: (n), or (p, m) and (n, m).

    Sources: nndl-44, article-172, -245.
    """
    by_z: Array = (W.T @ error) * ACTIVATIONS[activation].derivative(z)
    return by_z


def _through_pre_activations(activation: str, sources: str) -> Formula:
    """One example, z^[l] ↦ z^[l+1] = W g(z^[l]) + b."""
    g, _ = ACTIVATIONS[activation]

    def forward(W: Array, z: Array, b: Array) -> Array:
        return affine(W, g(z), b)

    def vjp(delta: Array, W: Array, z: Array, b: Array) -> tuple[Array, Array, Array]:
        by_W, _, by_b = affine_vjp(delta, W, g(z), b)
        return by_W, error_of_previous_layer(W, delta, z, activation), by_b

    name = f"error_recursion_{activation}"
    return Formula(name, forward, vjp, "(m,n),(n),(m)->(m)", ids(sources), empty=("m", "n"))


def _through_pre_activations_of_a_batch(activation: str, sources: str) -> Formula:
    """A batch, Z^[l] ↦ Z^[l+1] = W g(Z^[l]) + b."""
    g, _ = ACTIVATIONS[activation]

    def forward(W: Array, Z: Array, b: Array) -> Array:
        return affine_batch(W, g(Z), b)

    def vjp(delta: Array, W: Array, Z: Array, b: Array) -> tuple[Array, Array, Array]:
        by_W, _, by_b = affine_batch_vjp(delta, W, g(Z), b)
        return by_W, error_of_previous_layer(W, delta, Z, activation), by_b

    name = f"error_recursion_batch_{activation}"
    return Formula(name, forward, vjp, "(p,n),(n,m),(p,1)->(p,m)", ids(sources), empty=("n", "m", "p"))


def _through_activations(activation: str, sources: str) -> Formula:
    """One example, a^[l−1] ↦ a^[l] = g(W a^[l−1] + b)."""
    g, slope = ACTIVATIONS[activation]

    def forward(W: Array, a: Array, b: Array) -> Array:
        return g(affine(W, a, b))

    def vjp(delta: Array, W: Array, a: Array, b: Array) -> tuple[Array, Array, Array]:
        return affine_vjp(delta * slope(affine(W, a, b)), W, a, b)

    name = f"activation_error_recursion_{activation}"
    return Formula(name, forward, vjp, "(m,n),(n),(m)->(m)", ids(sources), empty=("m", "n"))


def _through_activations_of_a_batch(activation: str, sources: str) -> Formula:
    """A batch, A^[l−1] ↦ A^[l] = g(W A^[l−1] + b)."""
    g, slope = ACTIVATIONS[activation]

    def forward(W: Array, A: Array, b: Array) -> Array:
        return g(affine_batch(W, A, b))

    def vjp(delta: Array, W: Array, A: Array, b: Array) -> tuple[Array, Array, Array]:
        return affine_batch_vjp(delta * slope(affine_batch(W, A, b)), W, A, b)

    name = f"activation_error_recursion_batch_{activation}"
    return Formula(name, forward, vjp, "(p,n),(n,m),(p,1)->(p,m)", ids(sources), empty=("n", "m", "p"))


FORMULAS = (
    _through_pre_activations(
        "sigmoid",
        "nndl-39 nndl-40 nndl-41 nndl-42 nndl-43 nndl-44 nndl-45 article-165 article-166 article-167",
    ),
    _through_pre_activations(
        "tanh", "nndl-7 nndl-44 article-168 article-169 article-170 article-171 article-172 article-173"
    ),
    _through_pre_activations("relu", "nndl-44 nndl-71 article-172 article-216"),
    _through_pre_activations_of_a_batch("tanh", "article-244 article-245 ng-32"),
    _through_activations(
        "sigmoid",
        "nndl-8 article-55 article-60 article-66 article-67 article-69 article-73 article-74 "
        "article-76 article-212 article-213 article-214 article-215 article-217 article-218 nndl-74",
    ),
    _through_activations_of_a_batch(
        "sigmoid", "article-80 article-81 article-83 article-84 article-86 article-253 article-254"
    ),
)
