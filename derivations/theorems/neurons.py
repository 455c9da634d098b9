"""One neuron, and what feeding forward means: no layer depends on a later one."""

from __future__ import annotations

from derivations.kernel.formula import Array, Delta, Named, Partial, Sum, Zeros, formula
from derivations.kernel.functions import activation, prime
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Kind, Mutant, Theorem

_n, _k, _r = dimensions("n k r")
_j, _p, _q = Index("j", _n), Index("p", _k), Index("q", _r)
_i, _t = Index("i", _n), Index("t", _k)


def _neuron() -> Theorem:
    w, x, b = Array("w", _n), Array("x", _n), Array("b")
    g = activation("g")
    z = Named(Array("z"), Sum(w[_j] * x[_j], _j) + b)
    return Theorem(
        "neuron-output",
        "The output of a neuron",
        introduction="The net input z is the weighted sum of the inputs plus the bias; g is any activation.",
        kind=Kind.DEFINITION,
        claims=(
            Equality(z, w.T * x + b, "the net input as a dot product"),
            Equality(g(z), g(w.T * x + b), "the output"),
        ),
        covers=("article-2", "article-50"),
        mutants=(
            Mutant("the bias is left out", g(w.T * x), claim=1),
            Mutant("the activation is left out", w.T * x + b, claim=1),
        ),
    )


def _no_feedback() -> Theorem:
    g, f = activation("g", "l"), activation("g", "l+1")
    below = Array("a", _r, layer="l-1")
    W, b = Array("W", _n, _r, layer="l"), Array("b", _n, layer="l")
    later, later_bias = Array("W", _k, _n, layer="l+1"), Array("b", _k, layer="l+1")
    a = Named(Array("a", _n, layer="l"), g(W * below + b))
    above = Named(Array("a", _k, layer="l+1"), f(later * a + later_bias))
    slope = prime(f)((later * a + later_bias)[_t])
    return Theorem(
        "no-feedback",
        "The activation of a layer does not depend on the parameters of a later layer",
        introduction="The graph of a feed-forward network has no circle: activations flow one way.",
        conditions=("g acts on every entry alone and is differentiable at every net input",),
        claims=(
            Equality(Partial(a[_i], later[_p, _j]), formula(0), "by the weights of the next layer"),
            Equality(Partial(a, later_bias), Zeros(_k, _n), "by its biases"),
            Equality(
                Partial(above[_t], later[_p, _j]),
                Delta(_t, _p) * slope * a[_j],
                "the next layer itself does depend on them",
            ),
        ),
        conclusion=(
            "Layers further up use the activation of layer l only through the layers between: "
            "they have no way back."
        ),
        covers=("nndl-5",),
        mutants=(
            Mutant("the next layer does not depend on its own weights", formula(0), claim=2),
            Mutant("every neuron depends on every weight", slope * a[_j], claim=2),
        ),
    )


THEOREMS = (_neuron(), _no_feedback())
