"""Whole networks: two, three and four layers differentiated directly, and any depth by induction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import sympy as sp

from derivations.kernel.formula import (
    Array,
    Diagonal,
    Entries,
    Formula,
    Map,
    Named,
    Ones,
    Partial,
    ScalarFunction,
    Sum,
    Trace,
    formula,
    hadamard,
)
from derivations.kernel.functions import activation, exp, log, prime, sigmoid
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Hypothesis, Kind, Mutant, Step, Theorem

_DIRECT = (
    "The whole cost is written as one formula in the parameters and differentiated as it stands, without the "
    "chain rule for arbitrary functions: a check that the recursion is applied rightly."
)


@dataclass(frozen=True)
class _Network:
    """A feed-forward network, for one example (m = 1) or for several as columns."""

    weights: Sequence[Array]
    biases: Sequence[Array]
    net_inputs: Sequence[Named]
    activations: Sequence[Formula]
    functions: Sequence[ScalarFunction]

    @property
    def output(self) -> Formula:
        return self.activations[-1]

    def errors(self, last: Formula) -> list[Formula]:
        """The errors of all layers by the recursion, from that of the last."""
        found = [last]
        for W, g, Z in zip(
            reversed(self.weights[1:]),
            reversed(self.functions[:-1]),
            reversed(self.net_inputs[:-1]),
            strict=True,
        ):
            found.insert(0, hadamard(W.T * found[0], prime(g)(Z)))
        return found


def _softmax(Z: Formula) -> Formula:
    rows, columns = Z.shape
    i, k = Index("i", rows), Index("k", rows)
    s = Index("s", columns) if columns != 1 else sp.S.One
    return Entries(exp(Z[i, s]) / Sum(exp(Z[k, s]), k), i, s)


def _network(
    widths: Sequence[sp.Expr], examples: sp.Expr, functions: Sequence[ScalarFunction | None]
) -> _Network:
    """A network of these widths; None stands for a softmax."""
    letters = ("x", "z", "a") if examples == 1 else ("X", "Z", "A")
    below: Formula = Array(letters[0], widths[0], examples)
    weights, biases, net_inputs, activations = [], [], [], [below]
    for number, (before, after) in enumerate(pairwise(widths), 1):
        layer = str(number)
        W, b = Array("W", after, before, layer=layer), Array("b", after, layer=layer)
        net_input = W * below + (b if examples == 1 else b * Ones(sp.S.One, examples))
        Z = Named(Array(letters[1], after, examples, layer=layer), net_input)
        g = functions[number - 1]
        below = Named(Array(letters[2], after, examples, layer=layer), _softmax(Z) if g is None else g(Z))
        weights.append(W)
        biases.append(b)
        net_inputs.append(Z)
        activations.append(below)
    known = [g if g is not None else exp for g in functions]
    return _Network(weights, biases, net_inputs, activations, known)


def _gradient_claims(network: _Network, cost: Formula, errors: Sequence[Formula]) -> tuple[Equality, ...]:
    """∂J/∂W = E Aᵀ and ∂J/∂b = E 1 for every layer, the errors being derivatives of the cost."""
    claims = []
    examples = network.output.shape[1]
    for W, b, E, A in zip(network.weights, network.biases, errors, network.activations, strict=False):
        claims.append(Equality(Partial(cost, W), E * A.T, f"the weights of layer {W.layer}"))
        sums = E if examples == 1 else E * Ones(examples)
        claims.append(Equality(Partial(cost, b), sums, f"the biases of layer {b.layer}"))
    return tuple(claims)


def _quadratic(depth: int, covers: tuple[str, ...] = ()) -> Theorem:
    *widths, m = dimensions(" ".join([*(f"n{layer}" for layer in range(depth + 1)), "m"]))
    network = _network(widths, m, [activation("g", str(layer)) for layer in range(1, depth + 1)])
    Y = Array("Y", widths[-1], m)
    difference = network.output - Y
    cost = Named(Array("J"), Trace(difference.T * difference) / (2 * m))
    errors = network.errors(hadamard(difference / m, prime(network.functions[-1])(network.net_inputs[-1])))
    claims = _gradient_claims(network, cost, errors)
    first = 0
    without = hadamard(network.weights[1].T * errors[1], network.activations[1])
    return Theorem(
        f"{('two', 'three', 'four')[depth - 2]}-layer-quadratic",
        f"A network with {('two', 'three', 'four')[depth - 2]} layers and quadratic cost, directly",
        introduction=_DIRECT,
        conditions=("every activation acts on every entry alone and is differentiable",),
        claims=claims,
        covers=covers,
        mutants=(
            Mutant("1/m is missing", m * errors[0] * network.activations[0].T, claim=first),
            Mutant(
                "the activation stands for its derivative", without * network.activations[0].T, claim=first
            ),
            Mutant(
                "the derivative of the last activation is missing",
                difference / m * network.activations[-2].T,
                claim=len(claims) - 2,
            ),
        ),
    )


def _two_layer_softmax() -> Theorem:
    n0, n1, n2 = dimensions("n0 n1 n2")
    network = _network((n0, n1, n2), sp.S.One, (sigmoid, None))
    y = Array("y", n2)
    k = Index("k", n2)
    p, a = network.output, network.activations[1]
    cost = Named(Array("L"), -Sum(y[k] * log(p[k]), k))
    above = p - y
    below = hadamard(network.weights[1].T * above, Ones(n1) - a, a)
    return Theorem(
        "two-layer-softmax",
        "Linear, sigmoid, linear, softmax and cross-entropy, directly",
        introduction=_DIRECT,
        hypotheses=(Hypothesis(Sum(y[k], k), formula(1), "The labels sum to 1."),),
        claims=_gradient_claims(network, cost, (below, above)),
        covers=("cs182-37",),
        mutants=(
            Mutant("the labels need not sum to 1", claim=2, without_hypotheses=True),
            Mutant(
                "the derivative of the sigmoid is missing",
                network.weights[1].T * above * network.activations[0].T,
            ),
        ),
    )


def _two_layer_softmax_batch() -> Theorem:
    n0, n1, n2, m = dimensions("n0 n1 n2 m")
    network = _network((n0, n1, n2), m, (activation("g", "1"), None))
    Y = Array("Y", n2, m)
    k, s = Index("k", n2), Index("s", m)
    cost = Named(Array("J"), -Sum(Sum(Y[k, s] * log(network.output[k, s]), k), s) / m)
    errors = network.errors((network.output - Y) / m)
    return Theorem(
        "two-layer-softmax-batch",
        "Two layers, softmax and cross-entropy for many examples, directly",
        introduction=_DIRECT,
        hypotheses=(Hypothesis(Sum(Y[k, s], k), formula(1), "The labels of every example sum to 1.", (s,)),),
        conditions=("g^(1) acts on every entry alone and is differentiable",),
        claims=_gradient_claims(network, cost, errors),
        mutants=(
            Mutant("1/m is missing", m * errors[1] * network.activations[1].T, claim=2),
            Mutant("the labels need not sum to 1", claim=2, without_hypotheses=True),
        ),
    )


def _logistic_loss(output: Formula, y: Formula, k: Index, *example: Index) -> Formula:
    a, target = output[(k, *(example or (sp.S.One,)))], y[(k, *(example or (sp.S.One,)))]
    return Sum(-target * log(a) - (1 - target) * log(1 - a), k)


def _two_layer_one_example() -> Theorem:
    n0, n1, n2 = dimensions("n0 n1 n2")
    network = _network((n0, n1, n2), sp.S.One, (activation("g", "1"), sigmoid))
    y, k = Array("y", n2), Index("k", n2)
    W, x = network.weights[1], network.activations[0]
    hidden, output = network.activations[1], network.output
    z1, z2 = network.net_inputs
    cost = Named(Array("L"), _logistic_loss(output, y, k))
    above = output - y
    below = hadamard(W.T * above, prime(network.functions[0])(z1))
    return Theorem(
        "two-layer-logistic",
        "The six equations of the two-layer network, one example",
        introduction=(
            "x, linear, g, linear, sigmoid, logistic loss, summed over the outputs if there are several."
        ),
        conditions=("g^(1) acts on every entry alone and is differentiable",),
        claims=(
            Equality(Partial(cost, z2), above, "dz of layer 2"),
            *_gradient_claims(network, cost, (below, above))[2:],
            Equality(Partial(cost, hidden), W.T * above, "da of layer 1"),
            Equality(Partial(cost, z1), below, "dz of layer 1"),
            *_gradient_claims(network, cost, (below, above))[:2],
        ),
        uses=("multi-label-error", "error-recursion", "layer-gradients"),
        covers=(
            *("ng-12", "ng-14", "ng-15", "ng-17", "ng-18", "ng-20", "ng-21", "ng-22", "ng-23", "ng-24"),
            "ng-10",
        ),
        mutants=(
            Mutant("the transpose is missing", lambda: above * hidden, claim=1, source="ng-14"),
            Mutant(
                "the Hadamard product comes first",
                lambda: W.T * hadamard(above, prime(network.functions[0])(z1)),
                claim=4,
                source="ng-18",
            ),
            Mutant("the derivative of the activation is missing", W.T * above, claim=4),
            Mutant("the input stands for the hidden layer", lambda: above * x.T, claim=1),
        ),
    )


def _logistic_regression() -> Theorem:
    (n,) = dimensions("n")
    w, b, x, y = Array("w", n), Array("b"), Array("x", n), Array("y")
    z = Named(Array("z"), w.T * x + b)
    a = Named(Array("a"), sigmoid(z))
    loss = Named(Array("L"), -y * log(a) - (1 - y) * log(1 - a))
    W, hidden, c = Array("W", 1, n), Array("a", n, layer="1"), Array("b", layer="2")
    z2 = Named(Array("z", layer="2"), W * hidden + c)
    a2 = Named(Array("a", layer="2"), sigmoid(z2))
    loss2 = Named(Array("L"), -y * log(a2) - (1 - y) * log(1 - a2))
    return Theorem(
        "logistic-regression-gradients",
        "Gradients of logistic regression, one example",
        introduction=(
            "One neuron with a column w of weights; the same neuron as a layer has the row wᵀ as its matrix."
        ),
        claims=(
            Equality(
                Partial(loss, w),
                (a - y) * x,
                "by the weights",
                (
                    Step(
                        Partial(z, w) * Partial(loss, z),
                        "chain rule in denominator layout",
                        "From w to z to L.",
                        uses="chain-rule-denominator-layout",
                    ),
                    Step(
                        x * (a - y),
                        "the two derivatives",
                        "∂z/∂w = x and dz = a − y.",
                        uses="binary-cross-entropy-error",
                    ),
                    Step((a - y) * x, "a number times a column", "The order does not matter."),
                ),
            ),
            Equality(Partial(loss, b), a - y, "by the bias"),
            Equality(Partial(loss2, W), (a2 - y) * hidden.T, "by a row of weights: the transpose"),
        ),
        covers=("ng-7", "ng-8", "ng-16"),
        mutants=(
            Mutant("the input is missing", lambda: (a - y) * Ones(n)),
            Mutant("the transpose is missing", lambda: (a2 - y) * hidden, claim=2),
        ),
    )


def _two_layer_batch() -> Theorem:
    n0, n1, n2, m = dimensions("n0 n1 n2 m")
    network = _network((n0, n1, n2), m, (activation("g", "1"), sigmoid))
    Y, k, s = Array("Y", n2, m), Index("k", n2), Index("s", m)
    cost = Named(Array("J"), Sum(_logistic_loss(network.output, Y, k, s), s) / m)
    above = Named(Array("dZ", n2, m, layer="2"), network.output - Y)
    below = Named(
        Array("dZ", n1, m, layer="1"),
        hadamard(network.weights[1].T * above, prime(network.functions[0])(network.net_inputs[0])),
    )
    (one, two), X, A = network.net_inputs, network.activations[0], network.activations[1]
    ones = Ones(m)
    return Theorem(
        "two-layer-logistic-batch",
        "The vectorised equations of the two-layer network",
        introduction="dZ holds derivatives of the single losses; dW and db are derivatives of the cost.",
        conditions=("g^(1) acts on every entry alone and is differentiable",),
        claims=(
            Equality(Partial(cost, two), above / m, "by the net inputs of layer 2"),
            Equality(Partial(cost, network.weights[1]), above * A.T / m, "by the weights of layer 2"),
            Equality(Partial(cost, network.biases[1]), above * ones / m, "by the biases of layer 2"),
            Equality(Partial(cost, one), below / m, "by the net inputs of layer 1"),
            Equality(Partial(cost, network.weights[0]), below * X.T / m, "by the weights of layer 1"),
            Equality(Partial(cost, network.biases[0]), below * ones / m, "by the biases of layer 1"),
        ),
        uses=("batch-sigmoid-cross-entropy", "batch-error-recursion", "batch-gradients"),
        covers=("ng-29", "ng-30", "ng-31", "ng-32", "ng-33"),
        mutants=(
            Mutant("1/m is missing", above * A.T, claim=1, source="ng-30"),
            Mutant("1/m is missing", above, source="ng-29"),
            Mutant("the derivative of the activation is missing", network.weights[1].T * above / m, claim=3),
        ),
    )


# ---------------------------------------------------------------------- any depth


_n, _k, _r, _q = dimensions("n k r q")
_i = Index("i", _n)
_z_below = Array("z", _n, layer="l")
_g = activation("g", "l")
_a = Named(Array("a", _n, layer="l"), _g(_z_below))
_W, _b = Array("W", _k, _n, layer="l+1"), Array("b", _k, layer="l+1")
_z_above = Named(Array("z", _k, layer="l+1"), _W * _a + _b)
_slope = prime(_g)(_z_below)
_last_g = activation("g", "L")
_z_last = Array("z", _q, layer="L")
_y_hat = Named(Array("y_hat", _q), _last_g(_z_last))
_gamma = Array("gamma", _q)
_last_loss = Map(Array("L"), _y_hat, _gamma)
_last_error = hadamard(_gamma, prime(_last_g)(_z_last))


def _any_depth() -> Theorem:
    delta = Array("delta", _k, layer="l+1")
    loss = Map(Array("L"), _z_above, delta)
    below = Array("a", _r, layer="l-1")
    W, b = Array("W", _n, _r, layer="l"), Array("b", _n, layer="l")
    z = Named(Array("z", _n, layer="l"), W * below + b)
    own = Array("delta", _n, layer="l")
    own_loss = Map(Array("L"), z, own)
    return Theorem(
        "backpropagation",
        "Backpropagation through any number of layers",
        introduction=(
            "The errors of the last layer are known. If those of layer l + 1 are known, "
            "those of layer l follow; so "
            "all are known, from the last layer to the first, and with them all gradients."
        ),
        kind=Kind.INDUCTION,
        conditions=(
            "the activations act on every entry alone and are differentiable; the last may be a softmax",
        ),
        claims=(
            Equality(Partial(_last_loss, _z_last), _last_error, "the last layer", role="base"),
            Equality(
                Partial(loss, _z_below),
                hadamard(_W.T * delta, _slope),
                "from layer l + 1 to layer l",
                (
                    Step(
                        Partial(_a, _z_below) * Partial(_z_above, _a) * delta,
                        "chain rule in denominator layout",
                        "δ^(l+1) holds all that happens above.",
                        uses="chain-rule-denominator-layout",
                    ),
                    Step(
                        hadamard(_W.T * delta, _slope),
                        "the two Jacobians",
                        "As for one layer.",
                        uses="error-recursion",
                    ),
                ),
                role="step",
            ),
            Equality(
                Partial(own_loss, W), own * below.T, "the weights of a layer, from its error", role="step"
            ),
            Equality(Partial(own_loss, b), own, "the biases of a layer, from its error", role="step"),
        ),
        uses=("output-error", "layer-gradients", "softmax-cross-entropy-error"),
        covers=(
            *("nndl-38", "nndl-61", "article-alg-backprop-error", "article-alg-backprop-activation-error"),
            "calculus-28",
        ),
        conclusion=(
            "For every layer l from L down to 1, δ^(l) is ∂L/∂z^(l), δ^(l) (a^(l−1))ᵀ is "
            "∂L/∂W^(l), and δ^(l) is "
            "∂L/∂b^(l)."
        ),
        mutants=(
            Mutant("the derivative of the activation is missing", _W.T * delta, claim=1),
            Mutant("the derivative of the last activation is missing", _gamma),
            Mutant("W stands untransposed", lambda: hadamard(_W * delta, _slope), claim=1),
        ),
    )


def _unrolled() -> Theorem:
    product = Array("P", _k, _q)
    error = Array("delta", _q, layer="L")
    loss = Map(Array("L"), _z_above, product * error)
    last = Map(Array("L"), Array("z", _q, layer="L"), error)
    return Theorem(
        "error-recursion-unrolled",
        "The error of any layer as a product of matrices times the error of the last",
        introduction=(
            "P stands for the product of the matrices of the layers above layer l + 1: D_{l+1} (W^(l+2))ᵀ … "
            "D_{L−1} (W^(L))ᵀ, with D_k = diag(g^(k)′(z^(k))); for l + 1 = L it is the identity."
        ),
        kind=Kind.INDUCTION,
        conditions=("the activations of the layers below the last act on every entry alone",),
        claims=(
            Equality(Partial(last, last.of), error, "the last layer: the product is empty", role="base"),
            Equality(
                Partial(loss, _z_below),
                Diagonal(_slope) * _W.T * product * error,
                "one more layer: two more factors",
                role="step",
            ),
        ),
        uses=("error-recursion",),
        covers=("nndl-67",),
        conclusion="δ^(l) = D_l (W^(l+1))ᵀ D_{l+1} (W^(l+2))ᵀ … D_{L−1} (W^(L))ᵀ δ^(L) for every l < L.",
        mutants=(
            Mutant("the factors are exchanged", lambda: _W.T * Diagonal(_slope) * product * error, claim=1),
            Mutant("the derivative of the activation is missing", _W.T * product * error, claim=1),
        ),
    )


def _nested() -> Theorem:
    rest = Array("R", _k)
    loss = Map(Array("L"), _z_above, rest)
    t = Index("k", _k)
    first = Array("z", _r, layer="L-2")
    g2, g1 = activation("g", "L-2"), activation("g", "L-1")
    W1, b1 = Array("W", _n, _r, layer="L-1"), Array("b", _n, layer="L-1")
    W2, b2 = Array("W", _q, _n, layer="L"), Array("b", _q, layer="L")
    middle = Named(Array("z", _n, layer="L-1"), W1 * g2(first) + b1)
    last = Named(Array("z", _q, layer="L"), W2 * g1(middle) + b2)
    top = Map(Array("L"), Named(Array("y_hat", _q), _last_g(last)), _gamma)
    one = hadamard(W2.T * hadamard(_gamma, prime(_last_g)(last)), prime(g1)(middle))
    two = hadamard(W1.T * one, prime(g2)(first))
    i, u, v = Index("i", _r), Index("u", _n), Index("v", _q)
    inner = Sum(W2[v, u] * prime(_last_g)(last[v]) * _gamma[v], v)
    paths = prime(g2)(first[i]) * Sum(W1[u, i] * prime(g1)(middle[u]) * inner, u)
    each = Sum(
        Sum(
            prime(g2)(first[i])
            * W1[u, i]
            * prime(g1)(middle[u])
            * W2[v, u]
            * prime(_last_g)(last[v])
            * _gamma[v],
            v,
        ),
        u,
    )
    return Theorem(
        "error-of-any-layer",
        "The error of any layer, nested down from the output, and as a sum over paths",
        introduction=(
            "γ = ∂L/∂ŷ. Layers L−1 and L−2 are differentiated directly. R stands for the "
            "error of layer l + 1, "
            "however it is written: nested, or as a sum over the paths from its neurons to the output."
        ),
        kind=Kind.INDUCTION,
        conditions=("every activation acts on every entry alone: the output is not a softmax",),
        claims=(
            Equality(Partial(_last_loss, _z_last), _last_error, "layer L", role="base"),
            Equality(
                Partial(loss, _z_below),
                hadamard(_W.T * rest, _slope),
                "from layer l + 1 to layer l",
                role="step",
            ),
            Equality(
                Partial(loss, _z_below[_i]),
                prime(_g)(_z_below[_i]) * Sum(_W[t, _i] * rest[t], t),
                "of one neuron: every path gets one more weight and one more derivative",
                role="step",
            ),
            Equality(Partial(top, middle), one, "layer L−1 directly"),
            Equality(Partial(top, first), two, "layer L−2 directly"),
            Equality(Partial(top, first[i]), paths, "one neuron of layer L−2, sum inside sum"),
            Equality(paths, each, "one neuron of layer L−2, path by path"),
        ),
        uses=("output-error", "error-recursion"),
        covers=("article-226", "article-227", "article-228", "article-229", "article-230"),
        conclusion=(
            "δ^(l) = (W^(l+1))ᵀ(… (W^(L))ᵀ(γ ⊙ g^(L)′(z^(L))) ⊙ g^(L−1)′(z^(L−1)) …) ⊙ "
            "g^(l)′(z^(l)) for every l < L; "
            "multiplied out it is the sum over all paths from a neuron to the output."
        ),
        mutants=(
            Mutant("the derivative of the activation is missing", W1.T * one, claim=4),
            Mutant("only the last derivative is kept", hadamard(W2.T * _gamma, prime(g1)(middle)), claim=3),
            Mutant(
                "the middle derivative is missing on the paths",
                prime(g2)(first[i]) * Sum(W1[u, i] * inner, u),
                claim=5,
            ),
        ),
    )


def _functions_in_a_chain() -> Theorem:
    p, n, m = dimensions("p n m")
    x, theta, delta = Array("x", n), Array("theta", p), Array("delta", m)
    f = Map(Array("f", m), x, Array("F", n, m))
    of_parameters = Map(Array("f", m), theta, Array("T", p, m))
    loss, loss_of_parameters = Map(Array("L"), f, delta), Map(Array("L"), of_parameters, delta)
    last = Map(Array("L"), Array("f", m), delta)
    return Theorem(
        "reverse-chain",
        "Backpropagation through a chain of any functions",
        introduction=(
            "Every function of the chain must provide two products only: of each of its Jacobians with δ."
        ),
        kind=Kind.INDUCTION,
        claims=(
            Equality(
                Partial(last, last.of), delta, "the loss by the output of the last function", role="base"
            ),
            Equality(Partial(loss, x), Array("F", n, m) * delta, "δ for the function before", role="step"),
            Equality(
                Partial(loss_of_parameters, theta), Array("T", p, m) * delta, "the parameters", role="step"
            ),
        ),
        uses=("vector-jacobian-product",),
        covers=("cs182-34",),
        conclusion="From the last function to the first the products are the gradients by all parameters.",
        mutants=(
            Mutant("δ is doubled", 2 * Array("F", n, m) * delta, claim=1),
            Mutant("δ is left out", lambda: Array("F", n, m), claim=1),
        ),
    )


# ---------------------------------------------------------------------- the video's chain of neurons


def _last_neuron() -> Theorem:
    sigma = activation("sigma")
    w, b, before, y = Array("w", layer="L"), Array("b", layer="L"), Array("a", layer="L-1"), Array("y")
    z = Named(Array("z", layer="L"), w * before + b)
    a = Named(Array("a", layer="L"), sigma(z))
    cost = Named(Array("C_0"), (a - y) ** 2)
    rest = prime(sigma)(z) * (2 * (a - y))
    return Theorem(
        "last-neuron-gradients",
        "One neuron after another: the gradients of the last layer",
        introduction="Three links lead from the weight to the cost: w to z, z to a, a to C.",
        conditions=("σ is differentiable at z",),
        claims=(
            Equality(
                Partial(cost, w),
                before * rest,
                "by the weight",
                (
                    Step(
                        Partial(z, w) * Partial(a, z) * Partial(cost, a),
                        "chain rule",
                        "One factor for each link.",
                        uses="chain-rule-scalars",
                    ),
                    Step(
                        before * prime(sigma)(z) * (2 * (a - y)),
                        "the three derivatives",
                        "w is multiplied by the previous activation; a = σ(z); the cost is a square.",
                        uses="squared-difference-derivative",
                    ),
                    Step(before * rest, "regroup", "The last two factors are those of the bias."),
                ),
            ),
            Equality(
                Partial(cost, w), Partial(z, w) * Partial(a, z) * Partial(cost, a), "the chain rule alone"
            ),
            Equality(Partial(a, z), prime(sigma)(z), "the activation by the weighted sum"),
            Equality(Partial(z, w), before, "the weighted sum by the weight"),
            Equality(Partial(z, b), formula(1), "the weighted sum by the bias"),
            Equality(Partial(cost, b), rest, "by the bias"),
            Equality(Partial(cost, w), before * Partial(cost, b), "the weight's from the bias's"),
            Equality(Partial(z, before), w, "the weighted sum by the previous activation"),
            Equality(Partial(cost, before), w * rest, "by the previous activation"),
        ),
        covers=(
            *("calculus-7", "calculus-10", "calculus-11", "calculus-12", "calculus-13", "calculus-17"),
            "calculus-18",
        ),
        mutants=(
            Mutant("the derivative of the activation is missing", before * (2 * (a - y))),
            Mutant("the factor 2 is missing", w * prime(sigma)(z) * (a - y), claim=8),
            Mutant("the activation stands for the weight", before * rest, claim=8),
        ),
    )


def _chain_of_neurons() -> Theorem:
    sigma = activation("sigma")
    w, b, before = Array("w", layer="l"), Array("b", layer="l"), Array("a", layer="l-1")
    z = Named(Array("z", layer="l"), w * before + b)
    a = Named(Array("a", layer="l"), sigma(z))
    c = Array("c", layer="l")
    cost = Map(Array("C_0"), a, c)
    last, y = Array("a", layer="L"), Array("y")
    return Theorem(
        "neuron-chain",
        "A chain of neurons, one in every layer",
        introduction="c^(l) stands for ∂C_0/∂a^(l): all that happens after layer l.",
        kind=Kind.INDUCTION,
        conditions=("σ is differentiable at every z^(l)",),
        claims=(
            Equality(Partial((last - y) ** 2, last), 2 * (last - y), "the last layer", role="base"),
            Equality(
                Partial(cost, before), w * prime(sigma)(z) * c, "by the previous activation", role="step"
            ),
            Equality(Partial(cost, w), before * prime(sigma)(z) * c, "by the weight", role="step"),
            Equality(Partial(cost, b), prime(sigma)(z) * c, "by the bias", role="step"),
        ),
        uses=("squared-difference-derivative",),
        covers=("calculus-19",),
        conclusion="Run for l = L, …, 1 the recursion gives the derivatives by all weights and biases.",
        mutants=(
            Mutant("the weight is missing", prime(sigma)(z) * c, claim=1),
            Mutant("the factor 2 is missing", last - y),
        ),
    )


def _several_neurons() -> Theorem:
    n, m = dimensions("n m")
    sigma = activation("sigma")
    W, b = Array("W", m, n, layer="L"), Array("b", m, layer="L")
    before, y = Array("a", n, layer="L-1"), Array("y", m)
    z = Named(Array("z", m, layer="L"), W * before + b)
    a = Named(Array("a", m, layer="L"), sigma(z))
    i, j, k = Index("i", m), Index("j", m), Index("k", n)
    cost = Named(Array("C_0"), Sum((a[i] - y[i]) ** 2, i))
    rest = prime(sigma)(z[j]) * (2 * (a[j] - y[j]))
    link = Partial(a[j], z[j]) * Partial(cost, a[j])
    return Theorem(
        "layer-of-neurons-gradients",
        "Several neurons in the last layer",
        introduction="A weight has one path to the cost; a previous activation has one through every neuron.",
        conditions=("σ is differentiable at every z_j",),
        claims=(
            Equality(Partial(cost, W[j, k]), before[k] * rest, "by one weight"),
            Equality(Partial(cost, W[j, k]), Partial(z[j], W[j, k]) * link, "by one weight, the chain rule"),
            Equality(Partial(cost, b[j]), rest, "by one bias"),
            Equality(
                Partial(cost, before[k]),
                Sum(W[j, k] * rest, j),
                "by a previous activation",
                (
                    Step(
                        Sum(Partial(z[j], before[k]) * link, j),
                        "multivariate chain rule",
                        "The previous activation reaches the cost through every neuron of the layer.",
                        uses="chain-rule",
                    ),
                    Step(
                        Sum(W[j, k] * rest, j),
                        "the three derivatives",
                        "∂z_j/∂a_k = w_jk.",
                        uses="affine-jacobians",
                    ),
                ),
            ),
            Equality(
                Partial(cost, before),
                W.T * hadamard(prime(sigma)(z), 2 * (a - y)),
                "by all previous activations, as a matrix product",
            ),
        ),
        covers=("calculus-24", "calculus-25", "calculus-26", "calculus-27"),
        mutants=(
            Mutant("a single path is followed", lambda: W[j, k] * rest, claim=3, source="calculus-26"),
            Mutant(
                "W stands untransposed",
                lambda: W * hadamard(prime(sigma)(z), 2 * (a - y)),
                claim=4,
                source="calculus-27",
            ),
            Mutant("the factor 2 is missing", before[k] * prime(sigma)(z[j]) * (a[j] - y[j])),
        ),
    )


THEOREMS = (
    _logistic_regression(),
    _two_layer_one_example(),
    _two_layer_batch(),
    _two_layer_softmax(),
    _two_layer_softmax_batch(),
    _quadratic(2),
    _quadratic(3),
    _quadratic(4),
    _any_depth(),
    _unrolled(),
    _nested(),
    _functions_in_a_chain(),
    _last_neuron(),
    _chain_of_neurons(),
    _several_neurons(),
)
