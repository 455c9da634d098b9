"""Right files of every family: everything is found, and everything is right, without any option."""

from __future__ import annotations

import pytest

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
        ("classifiers.py", "svm_loss_naive", "reg·ΣW², so its gradient is 2·reg·W"),
        ("classifiers.py", "softmax_loss_vectorized", "½·reg·ΣW², so its gradient is reg·W"),
        ("l_layer.py", "linear_backward", "divided by m"),
        ("q2_neural.py", "forward_backward_prop", "a sum over the examples"),
        ("q2_neural.py", "sigmoid_grad", "in terms of the function's value"),
        ("bikes.py", "NeuralNetwork.backpropagation", "minus the gradient"),
    ],
)
def test_conventions_are_inferred_and_said(desk, name, function, says):
    assert any(says in note for note in desk.answers(name, function)[function].notes)


@pytest.mark.parametrize(
    ("name", "function", "old", "new"),
    [
        # The same gradient in other conventions is as right.
        ("layers.py", "relu_backward", "x > 0", "x >= 0"),
        ("l_layer.py", "linear_backward", "dW = dZ.dot(A_prev.T) / m\n    db = np.sum(dZ, axis=1, keepdims=True) / m",
         "dW = dZ.dot(A_prev.T)\n    db = np.sum(dZ, axis=1, keepdims=True)"),
        ("digits.py", "backward_prop", "    dZ2 = A2", "    m = 1\n    dZ2 = A2"),
        ("bikes.py", "NeuralNetwork.backpropagation", "error = y - final_outputs", "error = final_outputs - y"),
        ("network.py", "Network.backprop", "return nabla_b, nabla_w", "return nabla_w, nabla_b"),
        ("network.py", "Network.backprop", "* sigmoid_prime(zs[-1])", ""),
        ("pairs.py", "sigmoid_derivative", "return s * (1 - s)", "return sigmoid(s) * (1 - sigmoid(s))"),
        ("pairs.py", "mse_prime", "/ y_true.size", ""),
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
