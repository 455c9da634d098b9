"""Right files of every family: everything is found, and everything is right, without any option."""

from __future__ import annotations

import pytest

from checkers.families.reading import read

FOUND = {
    "layers.py": 16,
    "fc_net.py": 2,
    "classifiers.py": 3,
    "l_layer.py": 3,
    "planar.py": 3,
    "digits.py": 2,
    "network.py": 3,
    "objects.py": 8,
    "pairs.py": 8,
    "bikes.py": 1,
    "q2_neural.py": 3,
    "word2vec.py": 4,
    "ports.py": 5,
    "tables.py": 2,
}


@pytest.mark.parametrize("name", FOUND)
def test_a_right_file_is_right(desk, name):
    answers = desk.answers(name)
    assert {
        function: answer.sentence for function, answer in answers.items() if answer.outcome != "right"
    } == {}
    assert len(answers) == FOUND[name]


def test_what_was_compared_is_sharp(desk):
    answer = desk.answers("layers.py", "softmax_loss")["softmax_loss"]
    assert answer.detectable < 1e-12
    assert {record.oracle for record in answer.records} == {"reference", "finite_difference"}


@pytest.mark.parametrize(
    ("name", "function", "says"),
    [
        ("classifiers.py", "svm_loss_naive", "in the loss is reg·ΣW²"),
        ("classifiers.py", "softmax_loss_vectorized", "in the loss is ½·reg·ΣW²"),
        ("l_layer.py", "linear_backward", "divided by m"),
        ("q2_neural.py", "forward_backward_prop", "a sum over the examples"),
        ("q2_neural.py", "sigmoid_grad", "in terms of the function's value"),
        ("bikes.py", "NeuralNetwork.backpropagation", "minus the gradient"),
        ("ports.py", "Reseau.back_propagate", "weights first"),
        ("ports.py", "QuadraticCost.delta", "by z, with a = σ(z)"),
        ("word2vec.py", "cbow", "summed, not averaged"),
    ],
)
def test_conventions_are_inferred_and_said(desk, name, function, says):
    assert any(says in note for note in desk.answers(name, function)[function].notes)


@pytest.mark.parametrize(
    ("name", "function", "old", "new"),
    [
        # The same gradient in other conventions is as right.
        ("ports.py", "Reseau.back_propagate", "return nabla_w, nabla_b", "return nabla_b, nabla_w"),
        ("ports.py", "Reseau.back_propagate", "return a - y", "return 2 * (a - y)"),
        ("word2vec.py", "cbow", "v = inputVectors[context].sum(axis=0)\n    cost, dv, gradOut = word2vecCostAndGradient(v, tokens[currentWord], outputVectors, dataset)",
         "v = inputVectors[context].mean(axis=0)\n    cost, dv, gradOut = word2vecCostAndGradient(v, tokens[currentWord], outputVectors, dataset)\n    dv = dv / len(context)"),
        ("layers.py", "relu_backward", "x > 0", "x >= 0"),
        ("l_layer.py", "linear_backward", "dW = dZ.dot(A_prev.T) / m\n    db = np.sum(dZ, axis=1, keepdims=True) / m",
         "dW = dZ.dot(A_prev.T)\n    db = np.sum(dZ, axis=1, keepdims=True)"),
        ("digits.py", "backward_prop", "    dZ2 = A2", "    m = 1\n    dZ2 = A2"),
        ("bikes.py", "NeuralNetwork.backpropagation", "error = y - final_outputs", "error = final_outputs - y"),
        ("network.py", "Network.backprop", "return nabla_b, nabla_w", "return nabla_w, nabla_b"),
        ("network.py", "Network.backprop", "* sigmoid_prime(zs[-1])", ""),
        ("pairs.py", "sigmoid_derivative", "return s * (1 - s)", "return sigmoid(s) * (1 - sigmoid(s))"),
        ("pairs.py", "mse_prime", "/ y_true.size", ""),
        ("classifiers.py", "softmax_loss_vectorized", "0.5 * reg * np.sum(W * W)\n    p[", "0.5 * reg * np.sum(W * W) / N\n    reg = reg / N\n    p["),
        ("classifiers.py", "softmax_loss_vectorized", "0.5 * reg * np.sum(W * W)\n    p[", "reg * np.sum(W * W)\n    reg = 2 * reg\n    p["),
    ],
)  # fmt: skip
def test_another_convention_is_no_mistake(desk, name, function, old, new):
    desk.change(name, old, new)
    answer = desk.answers(name, function)[function]
    assert answer.outcome == "right", answer.sentence


def test_a_gradient_of_another_shape_with_the_same_numbers_is_right_with_a_note(desk):
    desk.change(
        "digits.py", "db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)", "db2 = 1 / m * np.sum(dZ2, axis=1)"
    )
    answer = desk.answers("digits.py", "backward_prop")["backward_prop"]
    assert answer.outcome == "right"
    assert any("keepdims" in note for note in answer.notes)


def test_overwriting_an_input_is_said(desk):
    desk.change("layers.py", "    dx = dout * (x > 0)\n", "    dout[x <= 0] = 0\n    dx = dout\n")
    answer = desk.answers("layers.py", "relu_backward")["relu_backward"]
    assert answer.outcome == "right"
    assert any("overwrites the upstream gradient" in note for note in answer.notes)


@pytest.mark.parametrize(("mask", "derivative"), [("x > 0", "derivative 0,"), ("x >= 0", "derivative 1,")])
def test_the_derivative_at_the_kink_of_the_relu_is_said(desk, mask, derivative):
    desk.change("layers.py", "x > 0", mask)
    answer = desk.answers("layers.py", "relu_backward")["relu_backward"]
    assert answer.outcome == "right"
    assert any(derivative in note for note in answer.notes)
    smooth = desk.answers("pairs.py", "d_tanh")["d_tanh"]
    assert not any("kink" in note for note in smooth.notes)


def test_an_epsilon_in_the_loss_only_is_no_mistake_but_is_said(desk):
    desk.change("objects.py", "np.log(self.y)", "np.log(self.y + 1e-7)")
    answer = desk.answers("objects.py", "SoftmaxWithLoss.backward")["SoftmaxWithLoss.backward"]
    assert answer.outcome == "right"
    assert "epsilon" in answer.sentence


FLAT = """\
import numpy as np
from q1_softmax import softmax
from my_sigmoid import sigmoid, sigmoid_grad
def forward_backward_prop(data, labels, params, dimensions):
    Dx, H, Dy = dimensions
    W1 = params[:Dx * H].reshape(Dx, H)
    b1 = params[Dx * H:(Dx + 1) * H]
    W2 = params[(Dx + 1) * H:(Dx + 1) * H + H * Dy].reshape(H, Dy)
    b2 = params[(Dx + 1) * H + H * Dy:]
    h = sigmoid(data @ W1 + b1)
    p = softmax(h @ W2 + b2)
    N = len(data)
    cost = -np.sum(np.log(p[labels == 1])) / N
    d = p.copy()
    d[labels == 1] -= 1
    d /= N
    dh = d @ W2.T * sigmoid_grad(h)
    grad = np.concatenate([(data.T @ dh).ravel(), dh.sum(0), (h.T @ d).ravel(), d.sum(0)])
    return cost, grad
"""


def test_labels_that_are_compared_with_one_are_not_rounded(desk):
    desk.write("net.py", FLAT)
    assert desk.answers("net.py")["forward_backward_prop"].outcome == "right"
    desk.write("net.py", FLAT.replace("dh.sum(0)", "dh.sum(0) * 1.01"))
    assert desk.answers("net.py")["forward_backward_prop"].outcome == "wrong"


def test_helpers_that_are_not_handed_in_are_stood_in_for_and_that_is_said(desk):
    desk.write("net.py", FLAT)
    (bundle,) = read(desk.folder / "net.py")
    assert bundle.supplied == ("q1_softmax", "my_sigmoid")
    assert any("q1_softmax, my_sigmoid" in note for note in bundle.notes)
    assert not bundle.stubs


SIGMOID_NOTEBOOK = """\
import numpy as np
def sigmoid(Z):
    e = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1 / (1 + e), e / (1 + e))
def softmax(Z):
    e = np.exp(Z - Z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)
def one_hot(Y):
    hot = np.zeros((10, Y.size), dtype=np.float32)
    hot[Y, np.arange(Y.size)] = 1
    return hot
def forward_prop(W1, b1, W2, b2, X):
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    Z2 = W2 @ A1 + b2
    return Z1, A1, Z2, softmax(Z2)
def backward_prop(Z1, A1, Z2, A2, W1, W2, X, Y):
    m = Y.size
    dZ2 = A2 - one_hot(Y)
    dZ1 = (W2.T @ dZ2) * (A1 * (1 - A1))
    return dZ1 @ X.T / m, dZ1.sum(1, keepdims=True) / m, dZ2 @ A1.T / m, dZ2.sum(1, keepdims=True) / m
"""


def test_an_exact_gradient_of_a_function_that_no_reference_knows_is_no_difference_quotient(desk):
    desk.write("net.py", SIGMOID_NOTEBOOK)
    answer = desk.answers("net.py", "backward_prop")["backward_prop"]
    assert answer.outcome == "right", answer.sentence
    desk.write("net.py", SIGMOID_NOTEBOOK.replace("A1 * (1 - A1)", "A1 * (1 + A1)"))
    answer = desk.answers("net.py", "backward_prop")["backward_prop"]
    assert answer.outcome == "wrong"
    assert answer.explanation.arguments == ("W1", "b1")


VIDEO = """\
import numpy as np
def relu(Z):
    return np.maximum(Z, 0)
def softmax(Z):
    return np.exp(Z) / sum(np.exp(Z))
def one_hot(Y):
    hot = np.zeros((Y.size, Y.max() + 1))
    hot[np.arange(Y.size), Y] = 1
    return hot.T
def forward_prop(X, W1, b1, W2, b2):
    Z1 = W1.dot(X) + b1
    A1 = relu(Z1)
    Z2 = W2.dot(A1) + b2
    return Z1, A1, Z2, softmax(Z2)
def backward_prop(Z1, A1, A2, W2, X, Y):
    m = X.shape[1]
    dZ2 = A2 - one_hot(Y)
    dZ1 = W2.T.dot(dZ2) * (Z1 > 0)
    return dZ1.dot(X.T) / m, dZ1.sum(1, keepdims=True) / m, dZ2.dot(A1.T) / m, dZ2.sum(1, keepdims=True) / m
"""
VIDEO_CLASS = """\
import numpy as np
class Net:
    def __init__(self, m):
        self.m = m
        self.W1, self.b1, self.W2, self.b2 = (np.random.rand(*s) for s in ((10, 784), (10, 1), (10, 10), (10, 1)))
    def forward_prop(self, X):
        Z1 = self.W1.dot(X) + self.b1
        A1 = np.maximum(Z1, 0)
        Z2 = self.W2.dot(A1) + self.b2
        return Z1, A1, Z2, np.exp(Z2) / sum(np.exp(Z2))
    def backward_prop(self, Z1, A1, Z2, A2, X, Y):
        dZ2 = A2 - np.eye(Y.max() + 1)[Y].T
        dZ1 = self.W2.T.dot(dZ2) * (Z1 > 0)
        return (dZ1.dot(X.T) / self.m, dZ1.sum(1, keepdims=True) / self.m,
                dZ2.dot(A1.T) / self.m, dZ2.sum(1, keepdims=True) / self.m)
"""


@pytest.mark.parametrize(
    ("text", "function"),
    [
        (VIDEO, "backward_prop"),
        (
            VIDEO.replace("np.exp(Z) / sum(np.exp(Z))", "1 / (1 + np.exp(-Z))")
            .replace("one_hot(Y)", "Y", 2)
            .replace("def Y", "def one_hot(Y)"),
            "backward_prop",
        ),
        (VIDEO.replace("A2 - one_hot(Y)", "A2 - Y.T"), "backward_prop"),
        (VIDEO.replace("A2 - one_hot(Y)", "A2 - Y"), "backward_prop"),
        (
            VIDEO.replace("np.maximum(Z, 0)", "np.tanh(Z)").replace("(Z1 > 0)", "(1 - A1 ** 2)"),
            "backward_prop",
        ),
        (VIDEO_CLASS, "Net.backward_prop"),
    ],
    ids=["order", "sigmoid", "one-hot rows", "one-hot columns", "tanh", "class"],
)
def test_the_notebook_is_known_in_its_variants(desk, text, function):
    desk.write("net.py", text)
    answer = desk.answers("net.py", function)[function]
    assert answer.outcome == "right", answer.sentence
    desk.write("net.py", text.replace("dZ2.dot(A1.T) /", "2 * dZ2.dot(A1.T) /"))
    answer = desk.answers("net.py", function)[function]
    assert answer.outcome == "wrong"
    assert answer.explanation.arguments == ("W2",)


def test_a_loss_that_is_nowhere_stated_is_not_held_against_a_gradient(desk):
    desk.write(
        "net.py",
        VIDEO.replace("softmax(Z2)", "np.exp(-Z2 ** 2)").replace("A2 - one_hot(Y)", "A2 ** 3 - one_hot(Y)"),
    )
    answer = desk.answers("net.py", "backward_prop")["backward_prop"]
    assert answer.outcome == "undecided"
    assert "which loss" in answer.sentence


def test_a_stand_in_replaces_nothing_of_the_students(desk):
    text = (desk.folder / "layers.py").read_text(encoding="utf-8")
    wrong = text.replace(
        "dx[n, c, i*s:i*s+ph, j*s:j*s+pw] += dout", "dx[n, c, i*s:i*s+ph, j*s:j*s+pw] = dout"
    )
    assert wrong != text
    desk.write("mine.py", f"{wrong}\nfrom cs231n.fast_layers import *\n")
    (bundle,) = read(desk.folder / "mine.py")
    assert bundle.supplied == ("cs231n.fast_layers",)
    answer = desk.answers("mine.py", "max_pool_backward_naive")["max_pool_backward_naive"]
    assert answer.outcome == "wrong"


COMPOSED = """\
import numpy as np
from cs231n.layers import *
from cs231n.fast_layers import *
def conv_relu_pool_forward(x, w, b, conv_param, pool_param):
    a, c1 = conv_forward_fast(x, w, b, conv_param)
    s, c2 = relu_forward(a)
    out, c3 = max_pool_forward_fast(s, pool_param)
    return out, (c1, c2, c3)
def conv_relu_pool_backward(dout, cache):
    c1, c2, c3 = cache
    return conv_backward_fast(relu_backward(max_pool_backward_fast(dout, c3), c2), c1)
def conv_relu_forward(x, w, b, conv_param):
    a, c1 = conv_forward_fast(x, w, b, conv_param)
    out, c2 = relu_forward(a)
    return out, (c1, c2)
def conv_relu_backward(dout, cache):
    return conv_backward_fast(relu_backward(dout, cache[1]), cache[0])
def affine_bn_relu_forward(x, w, b, gamma, beta, bn_param):
    a, c1 = affine_forward(x, w, b)
    n, c2 = batchnorm_forward(a, gamma, beta, bn_param)
    out, c3 = relu_forward(n)
    return out, (c1, c2, c3)
def affine_bn_relu_backward(dout, cache):
    c1, c2, c3 = cache
    dn, dgamma, dbeta = batchnorm_backward(relu_backward(dout, c3), c2)
    return (*affine_backward(dn, c1), dgamma, dbeta)
"""


def test_layers_that_are_composed_of_the_courses_are_known(desk):
    desk.write("layer_utils.py", COMPOSED)
    answers = desk.answers("layer_utils.py")
    assert {name: a.outcome for name, a in answers.items()} == dict.fromkeys(
        ("conv_relu_pool_backward", "conv_relu_backward", "affine_bn_relu_backward"), "right"
    )
    desk.write("layer_utils.py", COMPOSED.replace("relu_backward(dout, cache[1])", "dout"))
    assert desk.answers("layer_utils.py", "conv_relu_backward")["conv_relu_backward"].outcome == "wrong"


LONE = """\
import numpy as np
def ReLU_deriv(Z):
    return Z > 0
def dsigmoid(a):
    return a * (1 - a)
def tanh_prime(z):
    return 1 - np.tanh(z)
"""


def test_the_derivative_of_a_named_activation_needs_no_activation_beside_it(desk):
    desk.write("lone.py", LONE)
    answers = desk.answers("lone.py")
    assert {name: a.outcome for name, a in answers.items()} == {
        "ReLU_deriv": "right", "dsigmoid": "right", "tanh_prime": "wrong"
    }  # fmt: skip
    # With one beside it that is what counts.
    leaky = "def relu(z):\n    return np.where(z > 0, z, 0.1 * z)\ndef relu_deriv(z):\n    return {}\n"
    desk.write("lone.py", f"import numpy as np\n{leaky.format('np.where(z > 0, 1, 0.1)')}")
    assert desk.answers("lone.py")["relu_deriv"].outcome == "right"
    desk.write("lone.py", f"import numpy as np\n{leaky.format('z > 0')}")
    assert desk.answers("lone.py")["relu_deriv"].outcome == "wrong"


@pytest.mark.parametrize(
    ("old", "new", "function"),
    [
        ("back_propagate", "backPropagate", "Reseau.backPropagate"),
        ("feed_forward", "FeedForward", "Reseau.back_propagate"),
        ("cost_prime", "costPrime", "Reseau.costPrime"),
        ("biais", "Biais", "Reseau.back_propagate"),
        ("relu_prime", "RELU_prime", "RELU_prime"),
    ],
)
def test_names_are_known_however_they_are_spelt(desk, old, new, function):
    text = (desk.folder / "ports.py").read_text(encoding="utf-8")
    desk.write("ports.py", text.replace(old, new))
    assert desk.answers("ports.py", function)[function].outcome == "right"


METHODS = """\
import numpy as np
class Net:
    def __init__(self, sizes):
        self.sizes = sizes
    @staticmethod
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))
    def d_sigmoid(self, z):
        return self.sigmoid(z) * (1 - self.sigmoid(z))
"""


def test_a_derivative_may_need_the_object_it_belongs_to(desk):
    desk.write("net.py", METHODS)
    assert desk.answers("net.py")["Net.d_sigmoid"].outcome == "right"
    desk.write("net.py", METHODS.replace("* (1 -", "* (2 -"))
    assert desk.answers("net.py")["Net.d_sigmoid"].outcome == "wrong"
