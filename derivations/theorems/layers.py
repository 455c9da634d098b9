"""One layer and one example: the error of a layer, its recursion, and the gradients by weights and biases.

z^(l) is the net input of layer l, a^(l) = g^(l)(z^(l)) its activation, and the net input of the layer above
is z^(l+1) = W^(l+1) a^(l) + b^(l+1). The loss L is any differentiable function of z^(l+1), with the gradient
δ^(l+1).
"""

from __future__ import annotations

from derivations.kernel.formula import (
    Array,
    Delta,
    Diagonal,
    Entries,
    Identity,
    Map,
    Named,
    Partial,
    Sum,
    formula,
    hadamard,
)
from derivations.kernel.functions import activation, prime
from derivations.notation import Index, dimensions
from derivations.theorem import Equality, Mutant, Step, Theorem

_n, _k, _r = dimensions("n k r")
_i, _p, _j = Index("i", _n), Index("p", _n), Index("j", _n)
_t, _u = Index("k", _k), Index("t", _k)
_q, _s = Index("q", _r), Index("s", _r)

_W, _b = Array("W", _k, _n, layer="l+1"), Array("b", _k, layer="l+1")
_z = Array("z", _n, layer="l")
_g = activation("g", "l")
_a = Named(Array("a", _n, layer="l"), _g(_z))
_z_above = Named(Array("z", _k, layer="l+1"), _W * _a + _b)
_delta_above = Array("delta", _k, layer="l+1")
_L = Map(Array("L"), _z_above, _delta_above)
_slope = prime(_g)(_z)

_RULE = "multivariate chain rule"
_ELEMENTWISE = ("g^(l) acts on every entry alone and is differentiable at every z_i^(l)",)


def _net_input() -> Theorem:
    return Theorem(
        "layer-net-input",
        "The net input of a layer, from the net input of the layer before",
        claims=(
            Equality(_z_above, _W * _g(_z) + _b, "as a vector"),
            Equality(
                _z_above[_t],
                Sum(_W[_t, _p] * _g(_z[_p]), _p) + _b[_t],
                "entry by entry",
                (
                    Step(
                        Sum(_W[_t, _p] * _a[_p], _p) + _b[_t],
                        "product of a matrix and a column",
                        "Row k of W^(l+1) meets the activations.",
                        uses="affine-entries",
                    ),
                    Step(Sum(_W[_t, _p] * _g(_z[_p]), _p) + _b[_t], "definition", "a_p = g(z_p)."),
                ),
            ),
        ),
        covers=("article-168", "nndl-7"),
        mutants=(Mutant("the activation is left out", lambda: _W * _z + _b),),
        conditions=_ELEMENTWISE[:0],
    )


def _jacobian() -> Theorem:
    return Theorem(
        "layer-jacobian",
        "Derivative of a layer's net input by that of the layer before",
        conditions=_ELEMENTWISE,
        claims=(
            Equality(
                Partial(_z_above[_t], _z[_i]),
                _W[_t, _i] * prime(_g)(_z[_i]),
                "entry by entry",
                (
                    Step(
                        Sum(_W[_t, _p] * Partial(_g(_z[_p]), _z[_i]), _p),
                        "linearity",
                        "The weights and the bias do not depend on z^(l).",
                        uses="layer-net-input",
                    ),
                    Step(
                        Sum(_W[_t, _p] * prime(_g)(_z[_p]) * Delta(_p, _i), _p),
                        "chain rule",
                        "a_p depends on z_p alone.",
                        uses="elementwise-jacobian",
                    ),
                    Step(_W[_t, _i] * prime(_g)(_z[_i]), "sifting", "Only the term with p = i is left."),
                ),
            ),
            Equality(
                Partial(_z_above, _z),
                Diagonal(_slope) * _W.T,
                "as a matrix",
                (
                    Step(
                        Partial(_a, _z) * Partial(_z_above, _a),
                        "chain rule in denominator layout",
                        "z^(l+1) is a function of a^(l), and a^(l) one of z^(l).",
                        uses="chain-rule-denominator-layout",
                    ),
                    Step(
                        Diagonal(_slope) * Partial(_z_above, _a),
                        "elementwise activation",
                        "Its Jacobian is diagonal.",
                        uses="elementwise-jacobian",
                    ),
                    Step(
                        Diagonal(_slope) * _W.T,
                        "affine layer",
                        "∂z^(l+1)/∂a^(l) is the transpose of W^(l+1).",
                        uses="affine-jacobians",
                    ),
                ),
            ),
            Equality(Partial(_z_above, _a), _W.T, "by the activation"),
            Equality(Partial(_z_above[_t], _a[_i]), _W[_t, _i], "by one activation"),
        ),
        covers=("article-170", "article-213", "nndl-40"),
        mutants=(
            Mutant("the derivative of the activation is missing", _W[_t, _i]),
            Mutant("W stands untransposed", lambda: _W, claim=2, source="cs182-22"),
        ),
    )


def _recursion() -> Theorem:
    sum_of_errors = Sum(_W[_t, _i] * _delta_above[_t], _t)
    return Theorem(
        "error-recursion",
        "The error of a layer from the error of the layer above",
        introduction=(
            "δ^(l) = ∂L/∂z^(l) says how much the loss changes with each net input of layer "
            "l. Whatever the layers "
            "above do, all of it is contained in δ^(l+1)."
        ),
        conditions=_ELEMENTWISE,
        claims=(
            Equality(
                Partial(_L, _z[_i]),
                prime(_g)(_z[_i]) * sum_of_errors,
                "of one neuron",
                (
                    Step(
                        Sum(_delta_above[_t] * Partial(_z_above[_t], _z[_i]), _t),
                        _RULE,
                        "z_i changes every net input of the layer above, and ∂L/∂z_k = δ_k.",
                        uses="chain-rule",
                    ),
                    Step(
                        Sum(_delta_above[_t] * _W[_t, _i] * prime(_g)(_z[_i]), _t),
                        "derivative of the net input",
                        "z_i reaches neuron k through its own activation and the weight w_ki.",
                        uses="layer-jacobian",
                    ),
                    Step(
                        prime(_g)(_z[_i]) * sum_of_errors,
                        "factor out",
                        "g′(z_i) does not depend on k.",
                    ),
                ),
            ),
            Equality(
                Partial(_L, _z),
                hadamard(_W.T * _delta_above, _slope),
                "of the layer",
                (
                    Step(
                        Partial(_a, _z) * Partial(_z_above, _a) * _delta_above,
                        "chain rule in denominator layout",
                        "From z^(l) to a^(l), from a^(l) to z^(l+1), from z^(l+1) to L.",
                        uses="chain-rule-denominator-layout",
                    ),
                    Step(
                        Diagonal(_slope) * _W.T * _delta_above,
                        "the two Jacobians",
                        "That of the activation is diagonal, that of the affine map is the transpose of "
                        "W^(l+1).",
                        uses="layer-jacobian",
                    ),
                    Step(
                        hadamard(_W.T * _delta_above, _slope),
                        "diagonal matrix times a column",
                        "Every entry of the column is multiplied by its own factor.",
                    ),
                ),
            ),
            Equality(Partial(_L, _z), Diagonal(_slope) * (_W.T * _delta_above), "with a diagonal matrix"),
            Equality(
                (_W.T * _delta_above)[_i], sum_of_errors, "an entry of the transposed weights times the error"
            ),
            Equality(
                Partial(_L, _z[_i]),
                (_W.T * _delta_above)[_i] * prime(_g)(_z[_i]),
                "of one neuron, with the product",
            ),
            Equality(
                Partial(_L, _z[_i]),
                Sum(_delta_above[_t] * Partial(_z_above[_t], _z[_i]), _t),
                "the chain rule alone",
            ),
        ),
        covers=(
            *("article-165", "article-167", "article-171", "article-172", "article-173", "article-216"),
            *("nndl-39", "nndl-42", "nndl-43", "nndl-44", "article-226"),
        ),
        mutants=(
            Mutant("the derivative of the activation is missing", _W.T * _delta_above, claim=1),
            Mutant(
                "the activation stands for its derivative",
                hadamard(_g(_z), _W.T * _delta_above),
                claim=1,
                source="nndl-44",
            ),
            Mutant(
                "the derivative is taken at the activation",
                hadamard(_W.T * _delta_above, prime(_g)(_a)),
                claim=1,
            ),
            Mutant(
                "the Hadamard product comes first",
                lambda: _W.T * hadamard(_delta_above, _slope),
                claim=1,
                source="article-173",
            ),
            Mutant("W stands untransposed", lambda: hadamard(_W * _delta_above, _slope), claim=1),
            Mutant(
                "only one neuron above is counted", lambda: _W[_t, _i] * _delta_above[_t] * prime(_g)(_z[_i])
            ),
        ),
    )


def _activation_error() -> Theorem:
    epsilon = Partial(_L, _a)
    return Theorem(
        "activation-error-recursion",
        "Activation errors",
        introduction=(
            "ε = ∂L/∂a is the gradient of the loss by an activation. It is reached from the "
            "error of the layer "
            "above by the transposed weights, and turned into the error of its own layer by g′."
        ),
        conditions=_ELEMENTWISE,
        claims=(
            Equality(
                Partial(_L, _a[_i]),
                Sum(_W[_t, _i] * _delta_above[_t], _t),
                "of one neuron",
                (
                    Step(
                        Sum(_delta_above[_t] * Partial(_z_above[_t], _a[_i]), _t),
                        _RULE,
                        "a_i stands in every net input of the layer above.",
                        uses="chain-rule",
                    ),
                    Step(
                        Sum(_W[_t, _i] * _delta_above[_t], _t),
                        "derivative of the net input",
                        "∂z_k/∂a_i = w_ki.",
                        uses="layer-jacobian",
                    ),
                ),
            ),
            Equality(
                epsilon,
                _W.T * _delta_above,
                "of the layer",
                (
                    Step(
                        Partial(_z_above, _a) * _delta_above,
                        "chain rule in denominator layout",
                        "From a^(l) to z^(l+1) to L.",
                        uses="chain-rule-denominator-layout",
                    ),
                    Step(_W.T * _delta_above, "affine layer", "∂z/∂a is Wᵀ.", uses="affine-jacobians"),
                ),
            ),
            Equality(Partial(_L, _a[_i]), (_W.T * _delta_above)[_i], "an entry of the product"),
            Equality(Partial(_L, _z), hadamard(epsilon, _slope), "the error from the activation error"),
            Equality(
                Partial(_L, _z[_i]),
                Partial(_L, _a[_i]) * prime(_g)(_z[_i]),
                "the error of one neuron from its activation error",
            ),
        ),
        covers=(
            *("article-212", "article-214", "article-215", "article-217", "article-218"),
            *("ng-5", "ng-17"),
        ),
        mutants=(
            Mutant("W stands untransposed", lambda: _W * _delta_above, claim=1),
            Mutant("the derivative of the activation is missing", epsilon, claim=3),
            Mutant("the derivative is taken at the activation", hadamard(epsilon, prime(_g)(_a)), claim=3),
        ),
    )


def _output_error() -> Theorem:
    y_hat = Named(Array("y_hat", _n), _g(_z))
    gradient = Array("gamma", _n)
    loss = Map(Array("L"), y_hat, gradient)
    return Theorem(
        "output-error",
        "The error of the last layer",
        introduction=(
            "The loss is any differentiable function of the outputs ŷ = g(z) of the last "
            "layer, and γ = ∂L/∂ŷ its "
            "gradient by them."
        ),
        conditions=("g acts on every entry alone: not a softmax",),
        claims=(
            Equality(
                Partial(loss, _z[_i]),
                gradient[_i] * prime(_g)(_z[_i]),
                "of one neuron",
                (
                    Step(
                        Sum(Partial(loss, y_hat[_p]) * Partial(y_hat[_p], _z[_i]), _p),
                        _RULE,
                        "z_i could change every output.",
                        uses="chain-rule",
                    ),
                    Step(
                        Sum(gradient[_p] * (Delta(_p, _i) * prime(_g)(_z[_p])), _p),
                        "elementwise activation",
                        "Output p depends on its own net input only.",
                        uses="elementwise-jacobian",
                    ),
                    Step(gradient[_i] * prime(_g)(_z[_i]), "sifting", "Only the term with p = i is left."),
                ),
            ),
            Equality(
                Partial(loss, _z[_i]),
                Partial(loss, y_hat[_i]) * Partial(y_hat[_i], _z[_i]),
                "one term of the chain rule is left",
            ),
            Equality(Partial(loss, _z), hadamard(gradient, _slope), "as a vector"),
            Equality(y_hat[_i], _g(_z[_i]), "an output"),
            Equality(
                Partial(loss, _z[_i]),
                Sum(Partial(loss, y_hat[_p]) * Partial(y_hat[_p], _z[_i]), _p),
                "the chain rule alone, which holds for a softmax too",
            ),
        ),
        covers=("article-159", "article-161", "article-162", "article-163", "article-164"),
        mutants=(
            Mutant("the derivative of the activation is missing", gradient, claim=2),
            Mutant("the derivative is taken at the output", hadamard(gradient, prime(_g)(y_hat)), claim=2),
        ),
    )


def _bias_as_a_function() -> Theorem:
    W, below, z = Array("W", _n, _r, layer="l"), Array("a", _r, layer="l-1"), Array("z", _n, layer="l")
    b = Named(Array("b", _n, layer="l"), z - W * below)
    beta = Array("beta", _n)
    loss = Map(Array("L"), b, beta)
    error = Partial(loss, z[_i])
    return Theorem(
        "error-through-the-biases",
        "The error of a layer through its biases",
        introduction=(
            "With weights and previous activations held fixed, b = z − W a is a function of "
            "z, and so is the loss; "
            "β = ∂L/∂b. This is how the article finds the gradient by the biases."
        ),
        conditions=("one example; W^(l) and a^(l−1) are held fixed",),
        claims=(
            Equality(b[_p] + Sum(W[_p, _q] * below[_q], _q), z[_p], "the bias from the net input"),
            Equality(error, Sum(beta[_p] * Partial(b[_p], z[_i]), _p), "the chain rule"),
            Equality(Partial(b[_p], z[_i]), Delta(_p, _i), "a bias belongs to one net input"),
            Equality(Partial(b[_i], z[_i]), formula(1), "with slope 1"),
            Equality(
                Partial(Sum(W[_p, _q] * below[_q], _q), z[_i]), formula(0), "the weighted sum is held fixed"
            ),
            Equality(error, beta[_i] * Partial(b[_i], z[_i]), "one term is left"),
            Equality(Partial(loss, z), beta, "the error is the gradient by the biases"),
        ),
        covers=(
            *("article-174", "article-175", "article-176", "article-177", "article-178", "article-179"),
            "article-180",
        ),
        mutants=(
            Mutant("a bias belongs to all net inputs", formula(1), claim=2),
            Mutant("the sign is wrong", -beta, claim=6),
        ),
    )


def _parameters() -> Theorem:
    W, b = Array("W", _n, _r, layer="l"), Array("b", _n, layer="l")
    below = Array("a", _r, layer="l-1")
    z = Named(Array("z", _n, layer="l"), W * below + b)
    delta = Array("delta", _n, layer="l")
    loss = Map(Array("L"), z, delta)
    by_weight = Partial(loss, W[_i, _q])
    return Theorem(
        "layer-gradients",
        "Gradients of the loss by the weights and the biases of a layer",
        introduction="Once the error δ^(l) is known, the gradients of its layer need no further chain rule.",
        claims=(
            Equality(
                by_weight,
                delta[_i] * below[_q],
                "by one weight",
                (
                    Step(
                        Sum(delta[_p] * Partial(z[_p], W[_i, _q]), _p),
                        _RULE,
                        "The weight could change every net input of its layer.",
                        uses="chain-rule",
                    ),
                    Step(
                        delta[_i] * Partial(z[_i], W[_i, _q]),
                        "one term is left",
                        "Net input p does not depend on the weights of another neuron.",
                        uses="affine-jacobians",
                    ),
                    Step(
                        delta[_i] * below[_q],
                        "derivative of the net input",
                        "The weight is multiplied by a_q.",
                    ),
                ),
            ),
            Equality(Partial(loss, W), delta * below.T, "by the weight matrix"),
            Equality(Partial(loss, b[_i]), delta[_i], "by one bias"),
            Equality(
                Partial(loss, b),
                delta,
                "by the bias vector",
                (
                    Step(
                        Partial(z, b) * delta,
                        "chain rule in denominator layout",
                        "From b^(l) to z^(l) to L.",
                        uses="chain-rule-denominator-layout",
                    ),
                    Step(Identity(_n) * delta, "affine layer", "∂z/∂b is I.", uses="affine-jacobians"),
                    Step(delta, "identity matrix", "I δ = δ."),
                ),
            ),
            Equality(by_weight, Partial(z, W[_i, _q]) * delta, "by one weight, a row times a column"),
            Equality(
                by_weight, Sum(Partial(loss, z[_p]) * Partial(z[_p], W[_i, _q]), _p), "the chain rule alone"
            ),
            Equality(Partial(z[_p], W[_i, _q]), Delta(_p, _i) * below[_q], "a weight acts on one net input"),
            Equality(
                Partial(z, W[_i, _q]),
                Entries(Delta(_p, _i) * below[_q], _p).T,
                "the net input by one weight: a row with one entry",
            ),
            Equality(Partial(z, b), Identity(_n), "the net input by the bias"),
            Equality(by_weight, delta[_i] * Partial(z[_i], W[_i, _q]), "one term of the chain rule is left"),
        ),
        covers=(
            *("article-181", "article-182", "article-183", "article-184", "article-185", "article-186"),
            *("article-187", "article-188", "nndl-33", "nndl-34", "nndl-35", "nndl-36", "nndl-45", "nndl-46"),
            *("nndl-47", "calculus-11"),
        ),
        mutants=(
            Mutant("the transpose is missing", lambda: delta * below, claim=1, source="nndl-46"),
            Mutant("the factors are exchanged", lambda: below * delta.T, claim=1),
            Mutant("the activation is missing", delta[_i]),
            Mutant("the gradient by the bias is doubled", 2 * delta, claim=3),
        ),
    )


def _one_weight_of_a_hidden_layer() -> Theorem:
    W, b = Array("W", _n, _r, layer="l"), Array("b", _n, layer="l")
    below = Array("a", _r, layer="l-1")
    z = Named(Array("z", _n, layer="l"), W * below + b)
    a = Named(Array("a", _n, layer="l"), _g(z))
    above = Named(Array("z", _k, layer="l+1"), _W * a + _b)
    loss = Map(Array("L"), above, _delta_above)
    return Theorem(
        "hidden-weight-gradient",
        "The gradient by one weight of a hidden layer, from the errors of the layer above",
        conditions=_ELEMENTWISE,
        claims=(
            Equality(
                Partial(loss, W[_i, _q]),
                below[_q] * prime(_g)(z[_i]) * Sum(_W[_u, _i] * _delta_above[_u], _u),
            ),
            Equality(Partial(loss, b), hadamard(prime(_g)(z), _W.T * _delta_above), "the bias"),
        ),
        uses=("layer-gradients", "error-recursion"),
        covers=("nndl-45",),
        mutants=(
            Mutant(
                "the derivative of the activation is missing",
                below[_q] * Sum(_W[_u, _i] * _delta_above[_u], _u),
            ),
            Mutant(
                "two expressions are multiplied that are equal",
                below[_q]
                * Partial(loss, z[_i])
                * below[_q]
                * prime(_g)(z[_i])
                * Sum(_W[_u, _i] * _delta_above[_u], _u),
                source="nndl-45",
            ),
        ),
    )


THEOREMS = (
    _net_input(),
    _jacobian(),
    _recursion(),
    _activation_error(),
    _output_error(),
    _bias_as_a_function(),
    _parameters(),
    _one_weight_of_a_hidden_layer(),
)
