"""The activations that act on every entry alone, and their derivatives."""

from __future__ import annotations

from derivations.kernel.formula import Array, Diagonal, Ones, Partial, hadamard
from derivations.kernel.functions import exp, sigmoid
from derivations.notation import dimensions
from derivations.theorem import Equality, Mutant, Step, Theorem

(_n,) = dimensions("n")
_z = Array("z")
_Z = Array("z", _n)


def _sigmoid() -> Theorem:
    s, e = sigmoid(_z), exp(-_z)
    return Theorem(
        "sigmoid-derivative",
        "Derivative of the sigmoid",
        introduction="σ(z) = 1 / (1 + e^−z). Its derivative is made of σ itself.",
        claims=(
            Equality(
                Partial(s, _z),
                s * (1 - s),
                steps=(
                    Step(Partial(1 / (1 + e), _z), "definition", "The sigmoid written out."),
                    Step(
                        e / (1 + e) ** 2,
                        "chain rule",
                        "The derivative of 1/u is −1/u², that of u = 1 + e^−z is −e^−z; the signs cancel.",
                    ),
                    Step(
                        1 / (1 + e) * ((1 + e) / (1 + e) - 1 / (1 + e)),
                        "add and subtract 1",
                        "e^−z = (1 + e^−z) − 1.",
                    ),
                    Step(s * (1 - s), "definition", "Both quotients are sigmoids."),
                ),
            ),
        ),
        covers=("article-7", "cs182-27", "cs182-28", "cs182-29", "ng-6", "calculus-10"),
        mutants=(Mutant("the second factor is missing", s), Mutant("the sign is wrong", -s * (1 - s))),
    )


def _sigmoid_layer() -> Theorem:
    s = sigmoid(_Z)
    return Theorem(
        "sigmoid-jacobian",
        "Jacobian of a sigmoid layer",
        claims=(Equality(Partial(s, _Z), Diagonal(hadamard(s, Ones(_n) - s))),),
        uses=("sigmoid-derivative",),
        covers=("cs182-30",),
        mutants=(Mutant("the second factor is missing", Diagonal(s)),),
    )


THEOREMS = (_sigmoid(), _sigmoid_layer())
