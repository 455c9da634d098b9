"""Students' functions and objects called whatever their parameters, attributes and keys are called."""

from __future__ import annotations

import numpy as np
import pytest

from checkers.families import caller

FOUND = {
    "layer_styles.py": 17,
    "spellings.py": 5,
    "cancer.py": 2,
    "textbooks.py": 4,
    "engine.py": 1,
    "losses.py": 6,
    "scalar_pairs.py": 3,
    "nets.py": 12,
}


@pytest.mark.parametrize("name", FOUND)
def test_a_right_file_is_right(desk, name):
    answers = desk.answers(name)
    assert {f: a.sentence for f, a in answers.items() if a.outcome != "right"} == {}
    assert len(answers) == FOUND[name]


@pytest.mark.parametrize(
    ("name", "function", "old", "new", "arguments", "line"),
    [
        ("layer_styles.py", "DenseOfBook.backward", "axis=0, keepdims=True)\n        self.dinputs", "keepdims=True)\n        self.dinputs", ("b",), "self.dbiases"),
        ("layer_styles.py", "DenseOfInput.backward", "return dvalues @ self.weights.T", "return -dvalues @ self.weights.T", ("x",), "return"),
        ("layer_styles.py", "LinearOfFunctions.backward", "np.mean(delta, axis=0, keepdims=True)", "np.sum(delta, axis=0, keepdims=True)", ("W", "b"), "self.d"),
        ("layer_styles.py", "LinearOfAveraged.backward", "self.dLdW = dLdZ.T @ self.A / n", "self.dLdW = 2 * dLdZ.T @ self.A / n", ("W",), "self.dLdW"),
        ("layer_styles.py", "LinearModule.backward", 'self.grads["bias"] = dout.sum(axis=0)', 'self.grads["bias"] = dout.mean(axis=0)', ("b",), "self.grads"),
        ("layer_styles.py", "DenseThatSteps.backward", "learning_rate * np.sum(output_gradient, axis=1", "learning_rate * np.mean(output_gradient, axis=1", ("b",), "self.bias"),
        ("layer_styles.py", "DenseOfOptimizer.backward_pass", "update(self.W, self.layer", "update(self.W, 2 * self.layer", ("W",), ""),
        ("layer_styles.py", "FullyConnected.backward", 'return dLdy @ self.parameters["W"].T', 'return 3 * dLdy @ self.parameters["W"].T', ("x",), ""),
        ("layer_styles.py", "Sigmoid.backward", "return self.output * (1 - self.output) * output_grad", "return self.input_ * (1 - self.input_) * output_grad", ("x",), ""),
        ("layer_styles.py", "Convolution.backward", "np.sum(dout, axis=0)\n        self.dW", "np.mean(dout, axis=0)\n        self.dW", ("b",), "self.db"),
        ("layer_styles.py", "Maxpool.backward", "+= mask", "+= 1 * (mask >= 0)", ("x",), "dX"),
        ("layer_styles.py", "BatchNorm.backward", "self.dgamma = np.sum(dout * self.xhat, axis=0)", "self.dgamma = dout * self.xhat", ("gamma",), "self.dgamma"),
        ("layer_styles.py", "Dropout.backward", "dvalues * self.mask", "dvalues * (self.mask > 0)", ("x",), "self.dinputs"),
        ("layer_styles.py", "SoftmaxWithLabels.backward", "y_true] -= 1", "y_true] -= 2", ("x",), "self.dinputs"),
        ("spellings.py", "linear_backward", "keepdims=True) / m", "keepdims=True)", ("b",), "db"),
        ("spellings.py", "model_backwards", "dA = -(Y / AL", "dA = (Y / AL", ("W1", "b1", "W2", "b2", "W3", "b3"), ""),
        ("cancer.py", "backward_propagation", '(1 - np.power(cache["a1"], 2))', 'cache["a1"] * (1 - cache["a1"])', ("W1", "b1"), ""),
        ("cancer.py", "backward_propagation_with_regularization", "lambd * W2 / m", "2 * lambd * W2 / m", ("W2",), ""),
        ("textbooks.py", "nnCostFunction", "theta2_grad[:, 1:] += theta2[:, 1:]", "theta2_grad += theta2", ("theta",), ""),
        ("textbooks.py", "NeuralNetMLP._get_gradient", "self.l1 * np.sign(w2[:, 1:])", "self.l1 * w2[:, 1:]", ("w2",), ""),
        ("textbooks.py", "DNN.backward_pass", 'self.ReLU(params["Z1"], derivative=True)', 'self.ReLU(params["Z1"])', ("W1",), ""),
        ("engine.py", "Value.backward", "self.grad += other.data * out.grad", "self.grad = other.data * out.grad", ("a", "b", "c"), ""),
        ("engine.py", "Value.backward", "(1 - t * t)", "(1 - t)", ("a", "b", "c"), ""),
        ("losses.py", "MSE.loss_derivative", "2 * (predicted - actual) / actual.size", "-2 * (predicted - actual) / actual.size", ("a",), ""),
        ("losses.py", "d_relu", "np.where(z > 0, 1, 0) * dJ_da", "np.where(z < 0, 1, 0) * dJ_da", ("z",), ""),
        ("losses.py", "d_softmax", "y.flatten()] = 1", "y.flatten()] = 2", ("z",), ""),
        ("losses.py", "conv_backward", "+= w[f] * dZ", "= w[f] * dZ", ("x",), "dA"),
        ("nets.py", "SmallNet.backprop", "self.h.T @ d + self.reg * self.W2", "self.h.T @ d + 2 * self.reg * self.W2", ("W2",), ""),
        ("nets.py", "ColumnNet.backward_pass", "@ error * self.A1 * (1 - self.A1)", "@ error * self.A1", ("W1", "b1"), ""),
        ("nets.py", "Perceptron._backward", "delta @ self.weights_output.T) * self.hidden * (1 - self.hidden)", "delta @ self.weights_output.T) * self.hidden", ("W1", "b1"), ""),
        ("nets.py", "DataNet.backprop", "self.layer1 * (1 - self.layer1)", "self.layer1", ("W1",), ""),
        ("nets.py", "DeepNet.backward", "(1 - self.A1**2)", "(1 - self.A1)", ("W1", "b1"), ""),
        ("nets.py", "LinearWithMomentum.backward", "self.dldw = self.x.T", "self.dldw = 2 * self.x.T", ("W",), ""),
        ("nets.py", "SigmoidCrossEntropy.backward", "(self.a - grad_output)", "(grad_output - self.a)", ("x",), ""),
        ("nets.py", "SoftmaxOfOneColumn.backward", "(np.identity(n) - tiled.T)", "np.identity(n)", ("x",), ""),
        ("nets.py", "LayerSetFromOutside.backward", "learning_rate * np.sum(output_gradient, axis=1, keepdims=True) / m", "learning_rate * np.sum(output_gradient, axis=1, keepdims=True)", ("W", "b"), ""),
        ("nets.py", "EuclideanLoss.backward", "(input - target) / len(input)", "(target - input) / len(input)", ("x",), ""),
        ("nets.py", "CalledLoss.gradient", "keepdims=True) - y", "keepdims=True) + y", ("p",), ""),
        ("nets.py", "gradient", "grad1[:, 1:] += lamb * theta1[:, 1:]", "grad1 += lamb * theta1", ("theta",), ""),
    ],
)  # fmt: skip
def test_a_wrong_one_is_wrong(desk, name, function, old, new, arguments, line):
    desk.change(name, old, new)
    answer = desk.answers(name, function)[function]
    assert answer.outcome == "wrong", answer.sentence
    assert set(answer.explanation.arguments) <= set(arguments)
    assert line in answer.explanation.code


@pytest.mark.parametrize(
    ("name", "function", "says"),
    [
        ("layer_styles.py", "LinearOfFunctions.backward", "divided by the number of examples"),
        ("layer_styles.py", "DenseOfOne.backward", "one example at a time"),
        ("layer_styles.py", "SoftmaxWithLabels.backward", "fused"),
        ("cancer.py", "backward_propagation_with_regularization", "stand in"),
        ("losses.py", "d_softmax", "fused with the cross-entropy"),
        ("nets.py", "ColumnNet.backward_pass", "sum over the examples"),
        ("nets.py", "DataNet.backprop", "the squared error, summed"),
        ("nets.py", "LayerSetFromOutside.backward", "divided by the number of examples"),
    ],
)
def test_what_was_assumed_is_said(desk, name, function, says):
    assert any(says in note for note in desk.answers(name, function)[function].notes)


def test_the_l1_penalty_with_its_weights_is_named(desk):
    desk.change("textbooks.py", "self.l1 * np.sign(w1[:, 1:])", "self.l1 * w1[:, 1:]")
    answer = desk.answers("textbooks.py", "NeuralNetMLP._get_gradient")["NeuralNetMLP._get_gradient"]
    assert answer.explanation.mistake_code == "penalty-l1"
    assert "1 of 2 cases" in answer.sentence


def test_a_layer_that_climbs_is_right_for_minus_the_gradient(desk):
    desk.change(
        "layer_styles.py",
        "self.weights -= learning_rate * np.dot(output_gradient",
        "self.weights += learning_rate * np.dot(output_gradient",
    )
    desk.change(
        "layer_styles.py",
        "self.bias -= learning_rate * np.sum(output_gradient",
        "self.bias += learning_rate * np.sum(output_gradient",
    )
    answer = desk.answers("layer_styles.py", "DenseThatSteps.backward")["DenseThatSteps.backward"]
    assert answer.outcome == "right"
    assert any("climbs" in note for note in answer.notes)


def test_the_order_of_the_arguments_is_told_by_their_names(desk):
    desk.change("losses.py", "def d_relu(z, dJ_da)", "def d_relu(dJ_da, z)")
    assert desk.answers("losses.py", "d_relu")["d_relu"].outcome == "right"
    desk.change("losses.py", "np.where(z > 0, 1, 0) * dJ_da", "np.where(dJ_da > 0, 1, 0) * z")
    assert desk.answers("losses.py", "d_relu")["d_relu"].outcome == "wrong"


def test_a_cost_without_its_gradient_is_unfinished(desk):
    desk.change("textbooks.py", "return J, np.hstack([theta1_grad.ravel(), theta2_grad.ravel()])", "return J")
    answer = desk.answers("textbooks.py", "nnCostFunction")["nnCostFunction"]
    assert answer.outcome == "unfinished"
    assert "no gradient" in answer.sentence


def test_methods_that_subclasses_fill_in_are_no_work_left_undone(desk):
    answers = desk.answers("layer_styles.py")
    assert not any(name.startswith(("Operation.", "ParamOperation.")) for name in answers)
    assert not any("_grad" in name for name in answers)  # judged with the backward that calls it


def test_a_forward_that_raises_is_no_layer_of_another_kind(desk):
    desk.change(
        "layer_styles.py", "return np.ones_like(self.input_) * output_grad", "return output_grad.nothing"
    )
    answer = desk.answers("layer_styles.py", "BiasAdd.backward")["BiasAdd.backward"]
    assert answer.outcome == "crashed"
    assert "nothing" in answer.sentence


def test_a_wrong_loss_that_the_file_does_not_state_is_left_open(desk):
    desk.change(
        "textbooks.py", "error = output - y_train\n", "error = (output - y_train) * output * (1 - output)\n"
    )
    answer = desk.answers("textbooks.py", "DNN.backward_pass")["DNN.backward_pass"]
    assert answer.outcome == "undecided"
    assert "which loss" in answer.sentence


def test_activations_of_a_missing_module_return_what_the_file_expects(desk):
    text = (
        "import numpy as np\nfrom dnn_utils import {}\n\n\ndef linear_activation_forward(A_prev, W, b, activation):\n"
        "    Z = np.dot(W, A_prev) + b\n    act = relu if activation == 'relu' else sigmoid\n    {}\n    return A, ((A_prev, W, b), Z)\n\n\n"
        "def linear_activation_backward(dA, cache, activation):\n    (A_prev, W, b), Z = cache\n"
        "    dZ = relu_backward(dA, Z) if activation == 'relu' else sigmoid_backward(dA, Z)\n    m = A_prev.shape[1]\n"
        "    return W.T @ dZ, dZ @ A_prev.T / m, dZ.sum(axis=1, keepdims=True) / m\n"
    )
    names = "relu, sigmoid, relu_backward, sigmoid_backward"
    for line in ("A = act(Z)", "A, activation_cache = act(Z)"):
        desk.write("net.py", text.format(names, line))
        assert desk.answers("net.py")["linear_activation_backward"].outcome == "right"


FUSED = (
    "import numpy as np\n\n\nclass Softmax:\n    def forward(self, x):\n        e = np.exp(x - x.max(axis=1, keepdims=True))\n"
    "        return e / e.sum(axis=1, keepdims=True)\n\n    def backward(self, output_gradient, learning_rate):\n        return {}\n"
)


def test_a_softmax_that_hands_its_gradient_on_is_not_accused(desk):
    desk.write("net.py", FUSED.format("output_gradient"))
    answer = desk.answers("net.py")["Softmax.backward"]
    assert answer.outcome == "undecided"
    assert "by the scores" in answer.sentence
    desk.write("net.py", FUSED.format("2 * output_gradient"))
    assert desk.answers("net.py")["Softmax.backward"].outcome == "wrong"


TRAINED = (
    "import numpy as np\n\n\nclass NeuralNetwork:\n    def __init__(self, input_nodes, hidden_nodes, output_nodes, learning_rate):\n"
    "        self.lr = learning_rate\n        self.weights_input_to_hidden = np.zeros((input_nodes, hidden_nodes))\n"
    "        self.weights_hidden_to_output = np.zeros((hidden_nodes, output_nodes))\n\n    def run(self, X):\n"
    "        self.h = 1 / (1 + np.exp(-X @ self.weights_input_to_hidden))\n        return self.h @ self.weights_hidden_to_output\n\n"
    "    def train(self, X, y):\n        error = (y[:, None] - self.run(X)) / len(X)\n"
    "        back = error @ self.weights_hidden_to_output.T * {}\n        self.weights_hidden_to_output += self.lr * self.h.T @ error\n"
    "        self.weights_input_to_hidden += self.lr * X.T @ back\n"
)


def test_a_training_step_is_judged_by_what_it_changes(desk):
    desk.write("bike.py", TRAINED.format("self.h * (1 - self.h)"))
    assert desk.answers("bike.py")["NeuralNetwork.train"].outcome == "right"
    desk.write("bike.py", TRAINED.format("(1 - self.h)"))
    answer = desk.answers("bike.py")["NeuralNetwork.train"]
    assert answer.outcome == "wrong"
    assert answer.explanation.arguments == ("W1",)


def test_arrays_of_one_entry_are_numbers_as_they_once_were(desk):
    text = (
        "import numpy as np\n\n\ndef propagate(w, b, X, Y):\n    A = 1 / (1 + np.exp(-(w.T @ X + b)))\n    m = X.shape[1]\n"
        "    cost = float(-(Y @ np.log(A).T + (1 - Y) @ np.log(1 - A).T) / m)\n"
        "    return {'dw': X @ (A - Y).T / m, 'db': float(np.sum(A - Y, axis=1) / m)}, cost\n"
    )
    desk.write("hw.py", text)
    assert desk.answers("hw.py")["propagate"].outcome == "right"


def test_a_parameter_that_nothing_is_known_of_does_not_fit():
    class Strange:
        def __init__(self, temperature, colour):
            pass

        def forward(self, x):
            return x

    with pytest.raises(caller.DoesNotFit, match="temperature"):
        caller.layer(Strange)


def test_gradients_are_found_under_any_spelling():
    shapes = {"W1": (2, 3), "b1": (2, 1)}
    W, b = np.ones((2, 3)), np.ones((2, 1))
    for returned in ({"dW1": W, "db1": b}, {"dweight_1": W, "d_bias1": b}, (b, W), ([W], [b])):
        found = caller._named_gradients(returned, shapes)
        assert found["W1"] is W
        assert found["b1"] is b
    with pytest.raises(caller.DoesNotFit):
        caller._named_gradients((W,), shapes)


def test_parameters_are_found_under_any_spelling():
    parameters = caller.Parameters({"W1": 1, "b1": 2})
    assert [parameters[k] for k in ("W1", "w1", "weight1", "W_1", "bias1", "b_1")] == [1, 1, 1, 1, 2, 2]
    with pytest.raises(KeyError):
        parameters["W2"]


def test_functions_of_one_number_are_called_number_by_number(desk):
    desk.change("scalar_pairs.py", "return logistic(z) * (1 - logistic(z))", "return 1 - logistic(z)")
    desk.change("scalar_pairs.py", "        return 1\n", "        return -1\n")
    answers = desk.answers("scalar_pairs.py")
    assert {name: a.outcome for name, a in answers.items()} == {
        "relu_prime": "wrong", "logistic_derivative": "wrong", "d_ramp": "right",
    }  # fmt: skip
    assert any("one number, or one row" in note for note in answers["d_ramp"].notes)


def test_a_network_of_a_loss_that_cannot_be_told_is_not_accused(desk):
    desk.change("nets.py", "error = self.A2 - Y", "error = np.tanh(self.A2 - Y)")
    answer = desk.answers("nets.py", "ColumnNet.backward_pass")["ColumnNet.backward_pass"]
    assert answer.outcome == "undecided"
    assert "which loss" in answer.sentence


def test_a_network_made_of_layers_is_no_layer(desk):
    desk.write(
        "container.py",
        "class Net:\n    def __init__(self):\n        self.layers = []\n"
        "    def forward(self, x):\n        for one in self.layers:\n            x = one.forward(x)\n        return x\n"
        "    def backward(self, grad, lr):\n        for one in reversed(self.layers):\n"
        "            grad = one.backward(grad, lr)\n",
    )
    answer = desk.answers("container.py", "Net.backward")["Net.backward"]
    assert answer.outcome == "undecided"
