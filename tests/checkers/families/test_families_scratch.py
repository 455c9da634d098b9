"""Networks from scratch, as classes: however they are made, and wherever their gradients are."""

from __future__ import annotations

import pytest

NAME = "scratch_nets.py"


def test_a_right_file_is_right(desk):
    answers = desk.answers(NAME)
    assert {f: a.sentence for f, a in answers.items() if a.outcome != "right"} == {}
    assert len(answers) == 6


@pytest.mark.parametrize(
    ("function", "old", "new", "arguments"),
    [
        ("ReturnsGradients.backward", "* self.a1 * (1 - self.a1)\n        return", "* self.a1\n        return", ("W1",)),
        ("StepsItself.backward", 'p["W1"] -= self.lr * X.T @ dz1', 'p["W1"] -= 2 * self.lr * X.T @ dz1', ("W1",)),
        ("OfLists.backward", "(1 - self.a[k] ** 2)", "(1 - self.a[k])", ("W1", "b1")),
        ("ThreeMatrices.backward", "d2 = d3.dot(self.W3.T)", "d2 = (y - o).dot(self.W3.T)", ("W1", "W2")),
        ("OneOutput.backward", "dZ1.sum(axis=1, keepdims=True) / m", "dZ1.sum(axis=1, keepdims=True)", ("b1",)),
        ("OfQueries.train", "output_errors\n        self.who", "(targets - final)\n        self.who", ("W1",)),
    ],
)  # fmt: skip
def test_a_wrong_one_is_wrong(desk, function, old, new, arguments):
    desk.change(NAME, old, new)
    answer = desk.answers(NAME, function)[function]
    assert answer.outcome == "wrong", answer.sentence
    assert answer.explanation.arguments == arguments


def test_biases_that_a_network_does_not_have_are_not_called_right(desk):
    desk.change(NAME, "d2 = d3.dot(self.W3.T)", "d2 = (y - o).dot(self.W3.T)")
    answer = desk.answers(NAME, "ThreeMatrices.backward")["ThreeMatrices.backward"]
    assert answer.explanation.right == ("W3",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("d2 = (output - y) * output", "d2 = 2 * (output - y) * output"),
        ("d2 = (output - y) * output", "d2 = (output - y) / len(X) * output"),
        ("d2 = (output - y) * output", "d2 = 2 * (output - y) / y.size * output"),
        ("d2 = (output - y) * output * (1 - output)", "d2 = output - y"),
    ],
)
def test_another_loss_is_no_mistake(desk, old, new):
    desk.change(NAME, old, new)
    assert desk.answers(NAME, "ReturnsGradients.backward")["ReturnsGradients.backward"].outcome == "right"


def test_a_penalty_of_which_nothing_is_said_is_not_held_against_it(desk):
    desk.change(NAME, "* X.T @ dz1", "* (X.T @ dz1 + 0.1 * p['W1'])")
    assert desk.answers(NAME, "StepsItself.backward")["StepsItself.backward"].outcome == "undecided"


def test_a_network_with_more_weights_than_are_known_is_not_judged(desk):
    desk.change(NAME, "        self.W3 = np", "        self.W4 = np.ones((H, H))\n        self.W3 = np")
    assert desk.answers(NAME, "ThreeMatrices.backward")["ThreeMatrices.backward"].outcome == "undecided"


def test_a_bias_without_a_gradient_is_not_taken_for_one_that_is_not_there(desk):
    desk.change("ports.py", "nabla_b[-l] = delta", "nabla_b[-l] += delta * (l > 1)")
    assert desk.answers("ports.py", "Reseau.back_propagate")["Reseau.back_propagate"].outcome == "wrong"
