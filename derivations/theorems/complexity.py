"""Counted operations: multiplications and numbers, as exact polynomials in the sizes.

``multiplications`` counts what the formula that stands in the theorem costs: every sum over a place and every
product of two numbers in it is read off the formula itself. Additions are not counted.
"""

from __future__ import annotations

import sympy as sp

from derivations.kernel.formula import (
    Array,
    Column,
    Constant,
    Delta,
    Entries,
    Formula,
    Hadamard,
    Identity,
    Map,
    Named,
    Partial,
    Plus,
    Product,
    Sum,
    Transpose,
    formula,
    hadamard,
    sum_over,
)
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Inequality, Kind, Mutant, Step, Theorem

_LETTERS = "ijkl"


def numbers(*sizes: sp.Expr) -> Formula:
    """How many numbers an array of these sizes holds: Σ Σ … 1, one sum for every size that is not 1."""
    places = [Index(letter, size) for letter, size in zip(_LETTERS, sizes, strict=False) if size != 1]
    return sum_over(formula(1), *places)


def multiplications(f: Formula) -> Formula:
    """How many products of two numbers the formula takes, from the left to the right.

    Raises:
        TypeError: it holds something for which no way of computing it is known here.
    """
    if isinstance(f, (Array, Constant, Named)):
        return formula(0)
    if isinstance(f, Transpose):
        return multiplications(f.of)
    if isinstance(f, Plus):
        return _added(*(multiplications(term) for term in f.terms))
    if isinstance(f, Hadamard):
        each = numbers(*f.shape)
        return _added(*(multiplications(factor) for factor in f.factors), *[each] * (len(f.factors) - 1))
    if isinstance(f, Product) and not any(factor.is_scalar for factor in f.factors):
        rows = f.factors[0].shape[0]
        products = [numbers(rows, *factor.shape) for factor in f.factors[1:]]
        return _added(*(multiplications(factor) for factor in f.factors), *products)
    raise TypeError(f"the multiplications in {type(f).__name__} are not counted here")


def _added(*counts: Formula) -> Formula:
    """The sum of counts; 0 is left out."""
    found = [one for one in counts if not (isinstance(one, Constant) and one.value == 0)]
    total = found[0] if found else formula(0)
    for one in found[1:]:
        total = total + one
    return total


_a, _b, _c = dimensions("a b c")
_W1, _b1 = Array("W", _b, _a, layer="1"), Array("b", _b, layer="1")
_W2, _b2 = Array("W", _c, _b, layer="2"), Array("b", _c, layer="2")
_x = Array("x", _a)
_hidden, _slope = Array("a", _b, layer="1"), Array("s", _b, layer="1")
_delta1, _delta2 = Array("delta", _b, layer="1"), Array("delta", _c, layer="2")
_sizes = (
    "The network has two layers, from a inputs over b hidden neurons to c outputs. Every sum of ones below "
    "stands for the products, or the numbers, over which it runs."
)

_forward = _added(multiplications(_W1 * _x + _b1), multiplications(_W2 * _hidden + _b2))
_backward = _added(
    multiplications(_delta2 * _hidden.T),
    multiplications(_W2.T * _delta2),
    multiplications(hadamard(_delta1, _slope)),
    multiplications(_delta1 * _x.T),
)
_parameters = _added(*(numbers(*array.shape) for array in (_W1, _b1, _W2, _b2)))
_cost = Constant(_a) * _b + Constant(_b) * _c
_N = Constant(_b) * (Constant(_a) + 1) + Constant(_c) * (Constant(_b) + 1)
_over_a, _over_b = Constant(_a - 1), Constant(_b - 1)
"""A size less 1, which is never negative."""


def _count_parameters() -> Theorem:
    return Theorem(
        "number-of-parameters",
        "The number of parameters of the two-layer network",
        introduction=_sizes,
        claims=(
            Equality(
                _parameters,
                _N,
                steps=(
                    Step(
                        Constant(_a) * _b + _b + Constant(_b) * _c + _c,
                        "sum of ones",
                        "A matrix has its rows times its columns entries.",
                    ),
                    Step(_N, "distributive law", "Every neuron has a weight for each input, and one bias."),
                ),
            ),
        ),
        covers=("cs182-8",),
        mutants=(
            Mutant("the biases are left out", _cost),
            Mutant("every layer has one bias", _cost + 2),
        ),
    )


def _parameters_of_any_depth() -> Theorem:
    n, k, below = dimensions("n k N")
    W, b = Array("W", k, n, layer="l"), Array("b", k, layer="l")
    first, bias = Array("W", k, n, layer="1"), Array("b", k, layer="1")
    layer = k * (Constant(n) + 1)
    return Theorem(
        "number-of-parameters-of-any-depth",
        "The number of parameters of a network of any depth",
        introduction=(
            "Layer l has k neurons, the layer below it n, and the layers below layer l hold N parameters."
        ),
        kind=Kind.INDUCTION,
        claims=(
            Equality(
                _added(numbers(*first.shape), numbers(*bias.shape)),
                layer,
                "the first layer alone",
                role="base",
            ),
            Equality(
                Constant(below) + _added(numbers(*W.shape), numbers(*b.shape)),
                Constant(below) + layer,
                "layer l and all below it",
                (
                    Step(
                        Constant(below) + Constant(k) * n + k,
                        "sum of ones",
                        "W^(l) has k n entries and b^(l) has k.",
                    ),
                    Step(Constant(below) + layer, "distributive law", "k n + k = k (n + 1)."),
                ),
                "step",
            ),
        ),
        uses=("number-of-parameters",),
        covers=("article-150",),
        mutants=(
            Mutant("the biases are left out", Constant(k) * n),
            Mutant("the layers below are not counted", layer, claim=1),
            Mutant("every layer has one bias", Constant(below) + Constant(k) * n + 1, claim=1),
        ),
        conclusion=(
            "Every layer adds k (n + 1) parameters: in all they are the sum of these numbers over the layers."
        ),
    )


def _forward_pass() -> Theorem:
    return Theorem(
        "cost-of-a-forward-pass",
        "The multiplications of a forward pass",
        introduction=_sizes,
        claims=(
            Equality(
                _forward,
                _cost,
                "one for every weight",
                (Step(_cost, "sum of ones", "Every weight is multiplied by one activation."),),
            ),
            Inequality(_cost, _N, formula(_b) + _c, "never more than there are parameters"),
            Inequality(_N, 2 * _cost, _b * _over_a + _c * _over_b, "and never fewer than half of them"),
        ),
        uses=("number-of-parameters",),
        mutants=(
            Mutant("the bias is multiplied, too", _N),
            Mutant("only the first layer is counted", Constant(_a) * _b),
            Mutant("the bound is the cost itself", _cost, claim=2),
        ),
        conclusion="A forward pass costs a fixed multiple of the number of parameters.",
    )


def _numerical() -> Theorem:
    forward_quotients = (_N + 1) * _cost
    centred_quotients = 2 * _N * _cost
    slack = formula(_b) + _c
    return Theorem(
        "cost-of-numerical-differentiation",
        "The multiplications of numerical differentiation",
        introduction=(
            "With N parameters, forward differences take a forward pass for each of them and one more, "
            "centred differences two for each. A forward pass takes C multiplications, and N / 2 ≤ C ≤ N."
        ),
        claims=(
            Equality(
                _parameters * _forward + _forward,
                forward_quotients,
                "forward differences: (N + 1) C",
                (
                    Step(
                        _N * _cost + _cost,
                        "counts",
                        "A pass for each of the N parameters, and one at the point itself.",
                        uses="cost-of-a-forward-pass",
                    ),
                    Step(forward_quotients, "distributive law", "C is taken out."),
                ),
            ),
            Equality(2 * _parameters * _forward, centred_quotients, "centred differences: 2 N C"),
            Inequality(
                forward_quotients,
                _N * (_N + 1),
                slack * (_N + 1),
                "forward differences cost at most N (N + 1)",
            ),
            Inequality(
                _N * _N / 2,
                forward_quotients,
                _N * (_b * _over_a + _c * _over_b) / 2 + _cost,
                "and at least N² / 2",
            ),
            Inequality(
                centred_quotients, 2 * _N * _N, 2 * _N * slack, "centred differences cost at most 2 N²"
            ),
            Inequality(_N * _N, centred_quotients, _N * (_b * _over_a + _c * _over_b), "and at least N²"),
        ),
        uses=("cost-of-a-forward-pass", "forward-difference-error", "centred-difference-error"),
        covers=("nndl-52",),
        mutants=(
            Mutant("the pass at the point itself is forgotten", _N * _cost),
            Mutant("one pass for each parameter is enough", _N * _cost, claim=1),
            Mutant("a few passes are enough", 3 * _cost, claim=2),
            Mutant("it is at most N² / 4", _N * _N / 4, claim=4),
        ),
        conclusion="Both numbers lie between fixed multiples of N²: the order is N².",
    )


def _backpropagation() -> Theorem:
    counted = Constant(_a) * _b + 2 * (Constant(_b) * _c) + _b
    one_by_one = _N * _cost
    return Theorem(
        "cost-of-backpropagation",
        "The multiplications of backpropagation",
        introduction=(
            "Backwards there are δ a^(1)ᵀ and W^(2)ᵀ δ in the upper layer, the Hadamard product with the "
            "slopes, and δ xᵀ in the lower one. C is the number of multiplications of a forward pass."
        ),
        claims=(
            Equality(
                _backward,
                counted,
                "counted",
                (
                    Step(
                        Constant(_b) * _c + Constant(_b) * _c + _b + Constant(_a) * _b,
                        "sum of ones",
                        "A product of an m × n matrix and a vector takes m n multiplications, and so does an "
                        "outer product.",
                    ),
                    Step(counted, "sum of numbers", "The upper layer comes twice."),
                ),
            ),
            Inequality(
                counted,
                2 * _cost + formula(_b),
                Constant(_a) * _b,
                "at most twice a forward pass, and one for each hidden neuron",
            ),
            Inequality(
                counted, 3 * _cost, Constant(_a) * _b + Constant(_b) * _c + _b * _over_a, "at most 3 C"
            ),
            Inequality(
                one_by_one,
                _N * counted,
                _N * (Constant(_b) * _c + _b),
                "doing it anew for each of the N parameters takes at least N C",
            ),
            Inequality(
                _N * counted,
                3 * one_by_one,
                _N * (Constant(_a) * _b + Constant(_b) * _c + _b * _over_a),
                "and at most 3 N C",
            ),
        ),
        uses=("cost-of-a-forward-pass", "layer-gradients", "error-recursion"),
        covers=("nndl-32",),
        mutants=(
            Mutant("the product with the transposed weights is forgotten", _cost + formula(_b)),
            Mutant("at most a forward pass", _cost, claim=2),
            Mutant("all parameters together cost as much as one", left=counted, claim=3),
            Mutant("it costs as much as N passes", _N * _cost),
        ),
        conclusion=(
            "Backpropagation costs at most three forward passes, whatever the number of parameters; one "
            "parameter at a time costs N times as much as a pass."
        ),
    )


def _jacobian_not_built() -> Theorem:
    m, n = dimensions("m n")
    i, p, q, o = Index("i", m), Index("p", m), Index("q", n), Index("o", n)
    W, a, b, delta = Array("W", m, n), Array("a", n), Array("b", m), Array("delta", m)
    z = Named(Array("z", m), W * a + b)
    entry = Partial(z[i], W[p, q])
    return Theorem(
        "jacobian-by-weights-is-not-built",
        "The Jacobian by the weights need not be built",
        introduction="z = W a + b, with m outputs and n inputs, and δ the gradient of the loss by z.",
        claims=(
            Equality(
                Entries(Sum(entry * delta[i], i), p, q),
                delta * a.T,
                "its product with δ",
                (
                    Step(
                        Entries(Sum(Delta(i, p) * a[q] * delta[i], i), p, q),
                        "derivative of the net input",
                        "z_i depends on row i of W alone.",
                        uses="affine-jacobians",
                    ),
                    Step(delta * a.T, "sifting", "Only the term with i = p is left: δ_p a_q."),
                ),
            ),
            Equality(numbers(m, m, n), Constant(m) ** 2 * n, "the numbers in the Jacobian"),
            Equality(
                sum_over(Delta(i, p), i, p, o),
                Constant(m) * n,
                "those that are not 0 whatever a is: δ_ip is 1 for i = p only",
            ),
            Equality(multiplications(delta * a.T), Constant(m) * n, "the multiplications of δ aᵀ"),
        ),
        covers=("cs182-10",),
        mutants=(
            Mutant("the factors are exchanged", lambda: a * delta.T),
            Mutant("the Jacobian is a matrix", Constant(m) * n, claim=1),
            Mutant("all of its numbers count", Constant(m) ** 2 * n, claim=2),
            Mutant("the product takes as many as the Jacobian has", Constant(m) ** 2 * n, claim=3),
        ),
    )


def _passes() -> Theorem:
    n, m = dimensions("n m")
    i, j, o = Index("i", n), Index("j", m), Index("o", n)
    x, y, J = Array("x", n), Array("y", m), Array("J", n, m)
    f = Named(y, Map(Array("y", m), x, J))
    jacobian = Partial(f, x, "numerator")
    loss = Map(Array("f"), x, Array("g", n))
    return Theorem(
        "passes-of-forward-and-reverse-mode",
        "The passes that a Jacobian takes",
        introduction=(
            "y = f(x) with n inputs and m outputs. A pass in forward mode multiplies the Jacobian by a "
            "seed of the inputs, a pass in reverse mode a seed of the outputs by the Jacobian. Seeds are "
            "columns e_o of the identity matrix."
        ),
        conditions=("f is differentiable at x",),
        claims=(
            Equality(
                jacobian * Column(Identity(n), o),
                Column(jacobian, o),
                "a pass in forward mode gives a column",
                (
                    Step(
                        Column(jacobian * Identity(n), o),
                        "a matrix times a matrix of columns",
                        "Column o of J I is J times column o of I.",
                        uses="partitioned-products",
                    ),
                    Step(Column(jacobian, o), "identity matrix", "J I = J."),
                ),
            ),
            Equality(
                Column(Identity(m), j).T * jacobian,
                Column(jacobian.T, j).T,
                "a pass in reverse mode gives a row",
                (
                    Step(
                        (jacobian.T * Column(Identity(m), j)).T,
                        "transpose of a product",
                        "The factors change places.",
                        uses="transpose-of-product",
                    ),
                    Step(Column(jacobian.T, j).T, "identity matrix", "As above, for the transpose."),
                ),
            ),
            Equality(
                Entries((jacobian * Column(Identity(n), i))[j], j, i),
                Entries((Column(Identity(m), j).T * jacobian)[i], j, i),
                "all columns and all rows are the same matrix",
            ),
            Equality(numbers(n), Constant(n), "passes in forward mode: one for each input"),
            Equality(numbers(m), Constant(m), "passes in reverse mode: one for each output"),
            Equality(
                Partial(loss, x) * formula(1),
                Array("g", n),
                "of a scalar function the seed 1 gives all derivatives in one pass in reverse mode",
            ),
            Equality(
                Partial(loss, x).T * Column(Identity(n), o),
                Partial(loss, x[o]),
                "a pass in forward mode gives only one of them",
            ),
        ),
        uses=("chain-rule-denominator-layout",),
        covers=("nndl-62", "nndl-63"),
        mutants=(
            Mutant("a pass in forward mode gives a row", lambda: Column(jacobian.T, j).T),
            Mutant("the transposed matrix comes out", lambda: jacobian.T, claim=2),
            Mutant("one pass for each output", Constant(m), claim=3),
            Mutant("one pass for each input", Constant(n), claim=4),
            Mutant("a pass in forward mode gives them all", lambda: Array("g", n), claim=6),
        ),
        conclusion=(
            "For n > m reverse mode takes fewer passes; for a risk, with m = 1, it takes one instead of n."
        ),
    )


def _image() -> Theorem:
    h, w, c, M = dimensions("h w c M")
    sides = (formula(100) * 100 * 3, formula(30000))
    return Theorem(
        "weights-for-an-image",
        "The number of weights for an image",
        introduction=(
            "An image has h × w points with c values each; every one of the M neurons of the first hidden "
            "layer is connected to all of them."
        ),
        claims=(
            Equality(numbers(h, w, c), Constant(h) * w * c, "the weights of one neuron"),
            Equality(numbers(M, h, w, c), Constant(h) * w * c * M, "the weights of the layer"),
            Equality(*sides, "with 100 × 100 points and 3 channels"),
            Equality(
                sides[0] * M,
                30000 * Constant(M),
                "and in the layer",
                (Step(30000 * Constant(M), "product of numbers", "100 · 100 · 3 = 30000."),),
            ),
        ),
        covers=("nndl-72",),
        mutants=(
            Mutant("the channels are forgotten", Constant(h) * w),
            Mutant("the neurons share their weights", Constant(h) * w * c, claim=1),
            Mutant(
                "the sign = is lost: 100 × 100 × 330000",
                formula(100) * 100 * 330000,
                claim=2,
                source="nndl-72",
            ),
            Mutant("every neuron has one weight for each point", 10000 * Constant(M), claim=3),
        ),
    )


THEOREMS = (
    _count_parameters(),
    _parameters_of_any_depth(),
    _forward_pass(),
    _numerical(),
    _backpropagation(),
    _jacobian_not_built(),
    _passes(),
    _image(),
)
