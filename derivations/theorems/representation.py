"""What networks can and cannot represent: without biases, with zero weights at the start, with two layers."""

from __future__ import annotations

import sympy as sp

from derivations.kernel.formula import Array, Formula, Map, Named, Ones, Partial, Zeros, formula, hadamard
from derivations.kernel.functions import activation, log, prime, relu, sigmoid, tanh
from derivations.notation import dimensions
from derivations.theorem import Equality, Kind, Mutant, Step, Theorem

_k, _n, _r = dimensions("k n r")


def _zero_input() -> Theorem:
    first, W = Array("W", _n, _r, layer="1"), Array("W", _k, _n, layer="l")
    x, below = Zeros(_r), Named(Array("a", _n, layer="l-1"), Zeros(_n))
    zero = Zeros(_k)
    return Theorem(
        "zero-input-without-biases",
        "Without biases a zero input gives zero in every layer",
        introduction=(
            "Every layer is a = g(W a) without a bias, and g(0) = 0: the identity, ReLU and tanh are taken "
            "one by one. The induction assumes that the activation below is 0."
        ),
        conditions=("g(0) = 0: not so for the sigmoid",),
        kind=Kind.INDUCTION,
        claims=(
            Equality(first * x, Zeros(_n), "the first net input", role="base"),
            Equality(W * below, zero, "the net input of layer l", role="step"),
            Equality(
                tanh(W * below),
                zero,
                "its activation with tanh",
                (
                    Step(tanh(zero), "product with zeros", "Every term of every sum is 0."),
                    Step(zero, "value at 0", "(e⁰ − e⁰) / (e⁰ + e⁰) = 0."),
                ),
                "step",
            ),
            Equality(relu(W * below), zero, "its activation with ReLU", role="step"),
        ),
        covers=("cs182-3", "cs182-4"),
        mutants=(
            Mutant("the sigmoid is taken", left=sigmoid(W * below), claim=2, source="cs182-4"),
            Mutant("there is a bias", left=W * below + Array("b", _k), claim=1),
            Mutant("the net input is 1", Ones(_n)),
        ),
        conclusion="For x = 0 every net input and every activation is 0, whatever the weights.",
    )


def _odd_part() -> Theorem:
    W, x, v = Array("W", _k, _n), Array("x", _n), Array("v", _k)

    def f(of: Formula) -> Formula:
        return v.T * sigmoid(W * of)

    return Theorem(
        "sigmoid-layer-without-biases",
        "A layer of sigmoids without biases is odd but for a constant",
        introduction="f(x) = vᵀ σ(W x): one hidden layer without biases, and a linear output.",
        conditions=("one hidden layer: a second layer of sigmoids could build a constant",),
        claims=(
            Equality(
                f(x) + f(-x),
                2 * f(Zeros(_n)),
                steps=(
                    Step(
                        v.T * (sigmoid(W * x) + sigmoid(-(W * x))),
                        "distributive law",
                        "vᵀ is taken out, and W (−x) = −W x.",
                    ),
                    Step(v.T * Ones(_k), "symmetry of the sigmoid", "σ(u) + σ(−u) = 1."),
                    Step(2 * f(Zeros(_n)), "value at 0", "σ(0) = 1/2."),
                ),
            ),
        ),
        uses=("zero-input-without-biases",),
        covers=("cs182-5",),
        mutants=(
            Mutant("the function is odd", formula(0)),
            Mutant("the value at 0 counts once", f(Zeros(_n))),
            Mutant("the function is even", 2 * f(x)),
        ),
        conclusion=(
            "With g(0) = 0 a network without biases is 0 at 0; with sigmoids f(x) + f(−x) is the same for "
            "all x. Neither family holds every continuous function."
        ),
    )


def _equal_units() -> Theorem:
    ones, row = Ones(_k), Ones(sp.S.One, _k)
    v, u, x, beta = Array("v", _n), Array("u", _r), Array("x", _n), Array("beta")
    alpha, delta = Array("alpha"), Array("delta", _r, layer="2")
    g = activation("g")
    W1 = Named(Array("W", _k, _n, layer="1"), ones * v.T)
    b1 = Named(Array("b", _k, layer="1"), beta * ones)
    W2 = Named(Array("W", _r, _k, layer="2"), u * row)
    z = W2 * g(W1 * x + b1) + Array("b", _r, layer="2")
    loss = Map(Array("L"), z, delta)
    net_input = v.T * x + beta
    error = Named(Array("s"), (u.T * delta) * prime(g)(net_input))
    return Theorem(
        "equal-hidden-units-stay-equal",
        "Hidden units that start equal stay equal",
        introduction=(
            "All rows of W^(1) are vᵀ, all entries of b^(1) are β, and all columns of W^(2) are u. The "
            "loss is any differentiable function of the net input of the upper layer."
        ),
        conditions=("all hidden units have the same activation g, differentiable",),
        kind=Kind.INDUCTION,
        claims=(
            Equality(Zeros(_k, _n), ones * Zeros(_n).T, "zero weights: all rows are equal", role="base"),
            Equality(Zeros(_r, _k), Zeros(_r) * row, "zero weights: all columns are equal", role="base"),
            Equality(
                Partial(loss, W1),
                ones * (error * x).T,
                "all rows of the gradient by the lower weights are equal",
                (
                    Step(
                        hadamard(W2.T * delta, prime(g)(W1 * x + b1)) * x.T,
                        "gradient of a layer",
                        "The hidden error times the transposed input.",
                        uses="error-recursion",
                    ),
                    Step(
                        hadamard(ones * (u.T * delta), prime(g)(net_input * ones)) * x.T,
                        "equal units",
                        "W^(2)ᵀ = 1 uᵀ, and all hidden units have the net input vᵀ x + β.",
                    ),
                    Step(error * ones * x.T, "Hadamard product", "All entries of both factors are equal."),
                    Step(ones * (error * x).T, "outer product", "The number s may stand anywhere."),
                ),
                "step",
            ),
            Equality(Partial(loss, b1), error * ones, "so are the entries by the biases", role="step"),
            Equality(
                Partial(loss, W2),
                (g(net_input) * delta) * row,
                "and the columns by the upper weights",
                role="step",
            ),
            Equality(
                W1 - alpha * Partial(loss, W1),
                ones * (v - alpha * error * x).T,
                "after a step all rows of the lower weights are equal",
                role="step",
            ),
            Equality(
                b1 - alpha * Partial(loss, b1),
                (beta - alpha * error) * ones,
                "all entries of the bias are equal",
                role="step",
            ),
            Equality(
                W2 - alpha * Partial(loss, W2),
                (u - alpha * g(net_input) * delta) * row,
                "and all columns of the upper weights are equal",
                role="step",
            ),
        ),
        uses=("layer-gradients", "error-recursion"),
        covers=("ng-35",),
        mutants=(
            Mutant("the rows move apart", Array("R", _k, _n), claim=5),
            Mutant("nothing is learned", W1, claim=5),
            Mutant("the slope of the activation is missing", ones * ((u.T * delta) * x).T, claim=2),
        ),
        conclusion=(
            "After any number of steps of gradient descent all rows of W^(1) are equal, and the hidden "
            "units compute the same. A random start breaks the symmetry."
        ),
    )


def _not_convex() -> Theorem:
    x, w1, t = Array("x"), Array("w", layer="1"), Array("t")
    w2 = Named(Array("w", layer="2"), formula(0))
    y = sigmoid(w2 * sigmoid(w1 * x))
    product = x * prime(sigmoid)(formula(0)) * prime(sigmoid)(w1 * x)

    def determinant(of: Formula) -> Formula:
        mixed = Partial(Partial(of, w1), w2)
        return Partial(Partial(of, w1), w1) * Partial(Partial(of, w2), w2) - mixed**2

    squared = (y - t) ** 2 / 2
    entropy = -(t * log(y)) - (1 - t) * log(1 - y)
    return Theorem(
        "two-layers-are-not-convex",
        "Two layers already make a problem that is not convex",
        introduction=(
            "y = σ(w^(2) σ(w^(1) x)) has one neuron in each layer. All derivatives are taken at w^(2) = 0, "
            "where y = 1/2. A twice differentiable function whose Hessian has a negative determinant is "
            "neither convex nor concave."
        ),
        conditions=("x ≠ 0", "t ≠ 1/2 for the losses"),
        claims=(
            Equality(Partial(Partial(y, w1), w1), formula(0), "y does not depend on w^(1) where w^(2) = 0"),
            Equality(
                Partial(Partial(y, w1), w2),
                product,
                "the mixed derivative",
                (
                    Step(
                        Partial(prime(sigmoid)(w2 * sigmoid(w1 * x)) * w2 * prime(sigmoid)(w1 * x) * x, w2),
                        "chain rule",
                        "First by w^(1).",
                        uses="sigmoid-derivative",
                    ),
                    Step(
                        product,
                        "product rule",
                        "At w^(2) = 0 only the term is left in which the factor w^(2) is differentiated.",
                    ),
                ),
            ),
            Equality(determinant(y), -(product**2), "the determinant of the Hessian of y"),
            Equality(
                determinant(squared),
                -(((formula(1) / 2 - t) * product) ** 2),
                "of the squared error against a target t",
            ),
            Equality(
                determinant(entropy),
                -(((2 - 4 * t) * product) ** 2),
                "of the cross-entropy against a target t",
            ),
        ),
        covers=("nndl-66",),
        mutants=(
            Mutant("the determinant is positive", product**2, claim=2),
            Mutant("the determinant is 0", formula(0), claim=2),
            Mutant("the target does not matter", -(product**2), claim=3),
            Mutant("the target does not matter", -(product**2), claim=4),
        ),
    )


THEOREMS = (_zero_input(), _odd_part(), _equal_units(), _not_convex())
