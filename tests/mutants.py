"""Wrong formulas on purpose: what the catalogues call a wrong form, written straight from it.

A mutant replaces the forward or the backward of one formula. Where the mistake makes shapes that do not fit,
the code breaks a contract on the formula's own shapes; on others, mostly square ones, it runs, and its values
are wrong. A wrong form that no formula computes has a counterexample instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reference_impl import formulas
from reference_impl.affine import affine, affine_batch
from reference_impl.binary_cross_entropy import binary_cross_entropy, sigmoid_binary_cross_entropy
from reference_impl.categorical_cross_entropy import softmax_cross_entropy
from reference_impl.elementwise import relu_derivative, sigmoid, sigmoid_derivative, tanh, tanh_derivative
from reference_impl.formula import Formula
from reference_impl.softmax import softmax
from reference_impl.structural_risk import structural_risk_vjp
from reference_impl.two_layer import softmax_loss


@dataclass(frozen=True)
class Mutant:
    """One wrong form as code.

    Attributes:
        equation: the id of the equation whose wrong form it is.
        formula: the formula that it replaces.
        forward: the wrong forward; None if the backward is wrong.
        vjp: the wrong backward; None if the forward is wrong.
        shapes: a signature on which the shapes of a mistaken product fit; empty for the formula's own.
        breaks: the contract that it breaks, "shape" or "runs"; empty if its values are wrong.
    """

    equation: str
    formula: str
    forward: Callable[..., Any] | None = None
    vjp: Callable[..., Any] | None = None
    shapes: str = ""
    breaks: str = ""

    @property
    def original(self) -> Formula:
        """The formula as it is shipped, on the shapes on which the mutant is tried."""
        formula = formulas()[self.formula]
        return replace(formula, signature=self.shapes or formula.signature)

    @property
    def wrong(self) -> Formula:
        """The mutant as a formula. A wrong forward is judged by itself, without a backward."""
        if self.forward is not None:
            return replace(self.original, forward=self.forward, vjp=None, jvp=None)
        return replace(self.original, vjp=self.vjp)

    def __str__(self) -> str:
        return self.equation + (" where its shapes fit" if self.shapes else "")


SQUARE_LAYER = "(n,n),(n),(n)->(n)"
SQUARE_NETWORK = "(n),(n),(n,n),(n),(n,n),(n)->()"


# --- the affine layer ---------------------------------------------------------------------------------


def calculus_21(W, a, b):
    """W^T a + b: the indices in reading order."""
    return W.T @ a + b


def cs182_6(W, a, b):
    """W + b: the input is lost."""
    return W + b


def cs182_16(delta, W, a, b):
    """dz/dW delta = delta^T."""
    return delta[None, :], W.T @ delta, delta


def cs182_17(delta, W, a, b):
    """dz/dW delta = a delta^T."""
    return np.outer(a, delta), W.T @ delta, delta


def cs182_22(delta, W, a, b):
    """dz/da = W as the matrix of the product dz/da delta."""
    identity = np.eye(len(W))
    return np.einsum("i,ijk->jk", delta, identity[:, :, None] * a), W @ delta, identity @ delta


def cs182_23(delta, W, a, b):
    """dz/da delta = W delta."""
    return np.outer(delta, a), W @ delta, delta


def nndl_3(delta, W, a, b):
    """A bias, and so its gradient, with the shape of the weights."""
    return np.outer(delta, a), W.T @ delta, np.outer(delta, np.ones_like(a))


def nndl_6(W, a, b):
    """W a b: the sum read as a product."""
    return W @ a * b


def nndl_46(delta, W, a, b):
    """dL/dW = delta . a: the transpose of a is lost."""
    return delta @ a, W.T @ delta, delta


# --- activations --------------------------------------------------------------------------------------


def cs182_25(z):
    """exp(-z): the fraction is lost."""
    return np.exp(-z)


def cs182_27(delta, z):
    """-exp(-z) / (1 + exp(-z))^2: the minus sign of the slide."""
    return -np.exp(-z) / (1 + np.exp(-z)) ** 2 * delta


def cs182_29(delta, z):
    """-(1 - sigma) sigma: the same minus sign in the second form."""
    slope = -(1 - sigmoid(z)) * sigmoid(z)
    return slope * delta


def cs182_30(delta, z):
    """[da/dz delta]_i = -(1 - sigma(z_i)) sigma(z_i) delta_i, entry by entry."""
    return np.array([-(1 - sigmoid(z[i])) * sigmoid(z[i]) * delta[i] for i in range(len(z))]).reshape(z.shape)


def nndl_41(delta, z):
    """d softmax / dz = diag(p (1 - p)): the diagonal alone."""
    p = softmax(z)
    return np.diag(p * (1 - p)).T @ delta


# --- costs --------------------------------------------------------------------------------------------


def calculus_1(a, y):
    """1/2 (a - y)^2: another text's cost."""
    return (a - y) ** 2 / 2


def calculus_8(delta, a, y):
    """A - y: the derivative of another text's cost."""
    return (a - y) * delta, None


def calculus_15(delta, A, Y):
    """The sum of the gradients, not their mean."""
    return 2 * (A - Y) * delta, None


def calculus_20(a, y):
    """The mean over the outputs."""
    return ((a - y) ** 2).sum() / len(a)


def ng_27(Y_hat, Y):
    """1/m times the sum over n examples."""
    n, m = Y.shape
    return sum(binary_cross_entropy(Y_hat[:, i], Y[:, i]) for i in range(n)) / m


def ng_29(delta, Z, Y):
    """dJ/dZ = A - Y."""
    return (sigmoid(Z) - Y) * delta, None


def nndl_14(y_hat, y):
    """-y log y_hat: no longer a number."""
    return -y * np.log(y_hat)


def nndl_16(X, Y, penalty, W1, b1, W2, b2):
    """The penalty multiplies the mean loss."""
    losses = [softmax_loss(X[:, s], Y[:, s], W1, b1, W2, b2) for s in range(X.shape[1])]
    return sum(losses) / len(losses) * (penalty / 2 * ((W1**2).sum() + (W2**2).sum()))


def nndl_19(delta, X, Y, penalty, W1, b1, W2, b2):
    """The mean of the gradients multiplies the weight decay."""
    *_, by_W1, by_b1, by_W2, by_b2 = structural_risk_vjp(delta, X, Y, 0 * penalty, W1, b1, W2, b2)
    return None, None, None, by_W1 * penalty * W1, by_b1, by_W2 * penalty * W2, by_b2


# --- layers and networks ------------------------------------------------------------------------------


def calculus_4(x, y, w1, b1, w2, b2, w3, b3):
    """a^(2) = (a^(1))^2: the number of a layer read as an exponent."""
    a1 = sigmoid(w1 * x + b1)
    return (sigmoid(w3 * a1**2 + b3) - y) ** 2


def calculus_26(delta, W, a, b, y):
    """One path only, through neuron 0."""
    z = affine(W, a, b)
    s = sigmoid_derivative(z) * 2 * (sigmoid(z) - y) * delta
    return np.outer(s, a), W[0] * s[0], s, None


def calculus_27(delta, W, a, b, y):
    """W s: the transpose is lost."""
    z = affine(W, a, b)
    s = sigmoid_derivative(z) * 2 * (sigmoid(z) - y) * delta
    return np.outer(s, a), W @ s, s, None


def article_173(delta, W, z, b):
    """W^T (delta * g'(z)): the star before the matrix product."""
    return np.outer(delta, tanh(z)), W.T @ (delta * tanh_derivative(z)), delta


def nndl_30(delta, W, z, b):
    """Denominator layout in the order of numerator layout: (da/dz)(dz/da) exchanged."""
    by_inner, by_outer = np.diag(sigmoid_derivative(z)), W.T
    return np.outer(delta, sigmoid(z)), by_outer @ by_inner @ delta, delta


def nndl_42(delta, W, z, b):
    """The last entry of W^T delta with column M_(l+1) in place of M_l."""
    product = W.T @ delta
    product[-1] = W[:, len(W) - 1] @ delta
    return np.outer(delta, sigmoid(z)), product * sigmoid_derivative(z), delta


def nndl_44(delta, W, z, b):
    """f(z) in place of f'(z)."""
    return np.outer(delta, sigmoid(z)), sigmoid(z) * (W.T @ delta), delta


def nndl_58(delta, W, z, b):
    """The product along a single path, through the first neuron of the layer above."""
    return np.outer(delta, sigmoid(z)), sigmoid_derivative(z) * W[0] * delta[0], delta


def nndl_7(x, y, W1, b1, W2, b2):
    """W^(l-1) f(z^(l-1)) + b^(l): the weights of the layer before."""
    return sigmoid_binary_cross_entropy(affine(W1, tanh(affine(W1, x, b1)), b2), y)


def nndl_13(x, y, W1, b1, W2, b2):
    """Softmax of a hidden layer's net input."""
    return softmax_cross_entropy(affine(W1, x, b1), y)


def ng_14(delta, x, y, W1, b1, W2, b2):
    """dW2 = dz2 a1: two columns multiplied without a transpose."""
    z1, a1, dz2 = _two_layer(delta, x, y, W1, b1, W2, b2)
    dz1 = W2.T @ dz2 * tanh_derivative(z1)
    return None, None, np.outer(dz1, x), dz1, dz2[:, None] @ a1[:, None], dz2


def ng_18(delta, x, y, W1, b1, W2, b2):
    """dz1 = W2^T (dz2 * g'(z1))."""
    z1, a1, dz2 = _two_layer(delta, x, y, W1, b1, W2, b2)
    dz1 = W2.T @ (dz2 * tanh_derivative(z1))
    return None, None, np.outer(dz1, x), dz1, np.outer(dz2, a1), dz2


def ng_19(delta, x, y, W1, b1, W2, b2):
    """dz2 taken to be n2 x n1."""
    z1 = affine(W1, x, b1)
    a1 = np.maximum(0, z1)
    dz2 = (sigmoid(affine(W2, a1, b2)) - y) * delta
    dz1 = W2.T @ np.outer(dz2, np.ones_like(z1)) * relu_derivative(z1)[:, None]
    return None, None, np.outer(dz1, x), dz1, np.outer(dz2, a1), dz2


def ng_30(delta, X, Y, W1, b1, W2, b2):
    """dW2 = dZ2 A1^T: the mean is forgotten."""
    m = X.shape[1]
    Z1 = affine_batch(W1, X, b1)
    A1 = tanh(Z1)
    dZ2 = (sigmoid(affine_batch(W2, A1, b2)) - Y) * delta
    dZ1 = W2.T @ dZ2 * tanh_derivative(Z1)
    by_b1, by_b2 = dZ1.sum(axis=1, keepdims=True) / m, dZ2.sum(axis=1, keepdims=True) / m
    return None, None, dZ1 @ X.T / m, by_b1, dZ2 @ A1.T, by_b2


def nndl_28(delta, x, y, W1, b1, W2, b2):
    """Five functions of b1 in the order of numerator layout, their Jacobians in denominator layout."""
    z1 = affine(W1, x, b1)
    a1 = sigmoid(z1)
    p = softmax(affine(W2, a1, b2))
    first, second, third = np.eye(len(b1)), np.diag(sigmoid_derivative(z1)), W2.T
    fourth, fifth = np.diag(p) - np.outer(p, p), -(y / p)[:, None] * delta
    by_b1 = (fifth @ fourth @ third @ second @ first)[:, 0]
    dz2 = (p - y) * delta
    return None, None, np.outer(by_b1, x), by_b1, np.outer(dz2, a1), dz2


def nndl_45(delta, x, y, W1, b1, W2, b2):
    """Two expressions for the gradient by one weight, read as their product."""
    z1 = affine(W1, x, b1)
    a1 = sigmoid(z1)
    dz2 = (softmax(affine(W2, a1, b2)) - y) * delta
    dz1 = W2.T @ dz2 * sigmoid_derivative(z1)
    return None, None, np.outer(dz1, x) * np.outer(dz1, x), dz1, np.outer(dz2, a1), dz2


def _two_layer(delta, x, y, W1, b1, W2, b2):
    """z1, a1 and dz2 of a network with tanh inside and a sigmoid output."""
    z1 = affine(W1, x, b1)
    a1 = tanh(z1)
    return z1, a1, (sigmoid(affine(W2, a1, b2)) - y) * delta


# --- the computation graph, differences and steps ------------------------------------------------------


def nndl_20(W, gradient, alpha, penalty):
    """The gradient multiplies the weight decay."""
    return W - alpha * (gradient * penalty * W)


def nndl_49(x, dx):
    """(f(x dx) - f(x)) / dx."""
    return (sigmoid(x * dx) - sigmoid(x)) / dx


def nndl_51(x, dx):
    """(f(x + dx) - f(x + dx)) / (2 dx)."""
    return (sigmoid(x + dx) - sigmoid(x + dx)) / (2 * dx)


def nndl_55(x, w, b):
    """1 / (exp(-(w x b)) 1): every plus sign is lost."""
    return 1 / (np.exp(-(w * x * b)) * 1)


MUTANTS = (
    Mutant("calculus-21", "affine", forward=calculus_21, breaks="runs"),
    Mutant("calculus-21", "affine", forward=calculus_21, shapes=SQUARE_LAYER),
    Mutant("cs182-6", "affine", forward=cs182_6, breaks="runs"),
    Mutant("cs182-16", "affine", vjp=cs182_16, breaks="shape"),
    Mutant("cs182-17", "affine", vjp=cs182_17, breaks="shape"),
    Mutant("cs182-17", "affine", vjp=cs182_17, shapes=SQUARE_LAYER),
    Mutant("cs182-22", "affine_by_jacobians", vjp=cs182_22, breaks="runs"),
    Mutant("cs182-22", "affine_by_jacobians", vjp=cs182_22, shapes=SQUARE_LAYER),
    Mutant("cs182-23", "affine", vjp=cs182_23, breaks="runs"),
    Mutant("cs182-23", "affine", vjp=cs182_23, shapes=SQUARE_LAYER),
    Mutant("nndl-3", "affine", vjp=nndl_3, breaks="shape"),
    Mutant("nndl-6", "affine", forward=nndl_6),
    Mutant("nndl-46", "affine", vjp=nndl_46, breaks="runs"),
    Mutant("nndl-46", "affine", vjp=nndl_46, shapes=SQUARE_LAYER, breaks="shape"),
    Mutant("cs182-25", "sigmoid", forward=cs182_25),
    Mutant("cs182-27", "sigmoid", vjp=cs182_27),
    Mutant("cs182-29", "sigmoid", vjp=cs182_29),
    Mutant("cs182-30", "sigmoid", vjp=cs182_30),
    Mutant("nndl-41", "softmax_by_jacobian", vjp=nndl_41),
    Mutant("calculus-1", "squared_error_of_one_neuron", forward=calculus_1),
    Mutant("calculus-8", "squared_error_of_one_neuron", vjp=calculus_8),
    Mutant("calculus-15", "mean_squared_error", vjp=calculus_15),
    Mutant("calculus-20", "squared_error", forward=calculus_20),
    Mutant("ng-27", "binary_cross_entropy_cost", forward=ng_27),
    Mutant("ng-29", "sigmoid_binary_cross_entropy_cost", vjp=ng_29),
    Mutant("nndl-14", "categorical_cross_entropy", forward=nndl_14, breaks="runs"),
    Mutant("nndl-16", "structural_risk", forward=nndl_16),
    Mutant("nndl-19", "structural_risk", vjp=nndl_19),
    Mutant("calculus-4", "neuron_chain", forward=calculus_4),
    Mutant("calculus-26", "layer_cost", vjp=calculus_26),
    Mutant("calculus-27", "layer_cost", vjp=calculus_27, breaks="runs"),
    Mutant("calculus-27", "layer_cost", vjp=calculus_27, shapes="(n,n),(n),(n),(n)->()"),
    Mutant("article-173", "error_recursion_tanh", vjp=article_173, breaks="runs"),
    Mutant("article-173", "error_recursion_tanh", vjp=article_173, shapes=SQUARE_LAYER),
    Mutant("nndl-30", "error_recursion_sigmoid", vjp=nndl_30, breaks="runs"),
    Mutant("nndl-30", "error_recursion_sigmoid", vjp=nndl_30, shapes=SQUARE_LAYER),
    Mutant("nndl-42", "error_recursion_sigmoid", vjp=nndl_42, breaks="runs"),
    Mutant("nndl-42", "error_recursion_sigmoid", vjp=nndl_42, shapes="(2,3),(3),(2)->(2)"),
    Mutant("nndl-44", "error_recursion_sigmoid", vjp=nndl_44),
    Mutant("nndl-58", "error_recursion_sigmoid", vjp=nndl_58),
    Mutant("nndl-7", "two_layer_tanh", forward=nndl_7, shapes=SQUARE_NETWORK),
    Mutant("nndl-13", "two_layer_softmax", forward=nndl_13, shapes=SQUARE_NETWORK),
    Mutant("ng-14", "two_layer_tanh", vjp=ng_14, breaks="runs"),
    Mutant("ng-18", "two_layer_tanh", vjp=ng_18, breaks="runs"),
    Mutant("ng-18", "two_layer_tanh", vjp=ng_18, shapes=SQUARE_NETWORK),
    Mutant("ng-19", "two_layer_relu", vjp=ng_19, breaks="shape"),
    Mutant("ng-30", "two_layer_batch_tanh", vjp=ng_30),
    Mutant("nndl-28", "two_layer_softmax", vjp=nndl_28, breaks="runs"),
    Mutant("nndl-45", "two_layer_softmax", vjp=nndl_45),
    Mutant("nndl-20", "weight_decay_step", forward=nndl_20),
    Mutant("nndl-49", "forward_difference", forward=nndl_49),
    Mutant("nndl-51", "centred_difference", forward=nndl_51),
    Mutant("nndl-55", "computation_graph", forward=nndl_55),
)

# --- wrong forms that no formula computes --------------------------------------------------------------


@dataclass(frozen=True)
class Counterexample:
    """A point at which a wrong form fails and the right one holds, in exact or rigorous arithmetic.

    Attributes:
        right_form: whether the catalogue's statement holds at the point.
        wrong_form: whether the wrong form holds there.
    """

    right_form: Callable[[], bool]
    wrong_form: Callable[[], bool]


def merged_as(weight, bias):
    """article-89: whether two layers with activation 2 z, weights 1 and biases 0 are this one layer, at 1."""
    two_layers = 2 * (1 * (2 * (1 * 1 + 0)) + 0)
    return two_layers == 2 * (weight * 1 + bias)


def silent_at_zero(activation):
    """cs182-4: whether the activations of two layers without biases are 0 for the input 0."""
    W = np.array([[1.0, -2.0], [3.0, 0.5]])
    first = activation(W @ np.zeros(2))
    return not first.any() and not activation(W @ first).any()


def error_of_the_layer_below(bound):
    """nndl-70: whether |w δ|, the error term below a neuron with f(z) = z and w = 2, is ≤ ``bound`` |δ|."""
    W, delta = np.array([[2.0]]), np.array([3.0])
    return bool(np.linalg.norm(W.T @ delta) <= bound * np.linalg.norm(delta))


COUNTEREXAMPLES = {
    "article-89": Counterexample(
        lambda: merged_as(2 * 1 * 1, 2 * 1 * 0 + 0), lambda: merged_as(1 * 1, 1 * 0 + 0)
    ),
    "cs182-4": Counterexample(lambda: silent_at_zero(tanh), lambda: silent_at_zero(sigmoid)),
    "nndl-68": Counterexample(
        lambda: sigmoid_derivative(0.0) <= 1 / 4 and tanh_derivative(0.0) <= 1,
        lambda: 2 / math.sqrt(math.pi) * math.exp(0) <= 1,
    ),
    "nndl-70": Counterexample(lambda: error_of_the_layer_below(1 * 2), lambda: error_of_the_layer_below(1)),
    "nndl-72": Counterexample(lambda: 100 * 100 * 3 == 30000, lambda: 100 * 100 * 330000 == 30000),
}
"""The wrong forms that no formula computes; ``derivations.reviewed`` has a sentence on each of the points."""
