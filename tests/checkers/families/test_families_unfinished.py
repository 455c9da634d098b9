"""What is not there yet, what crashes, and what cannot be told."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "body",
    [
        "    pass\n",
        "    raise NotImplementedError\n",
        "    # TODO: implement\n    return None\n",
        "    dx, dw, db = None, None, None\n    # YOUR CODE HERE\n    return dx, dw, db\n",
        "    dx, dw, db = None, None, None\n    x, w, b = cache\n    dx = dout @ w.T\n    return dx.reshape(x.shape), dw, db\n",
    ],
)
def test_what_is_unfinished_is_not_wrong(desk, body):
    desk.write(
        "hw.py",
        "def affine_forward(x, w, b):\n    return x.reshape(len(x), -1) @ w + b, (x, w, b)\n\n\n"
        f"def affine_backward(dout, cache):\n{body}",
    )
    assert desk.answers("hw.py")["affine_backward"].outcome == "unfinished"


ZEROS = (
    "import numpy as np\ndef svm_loss_naive(W, X, y, reg):\n    dW = np.zeros(W.shape){}\n"
    "    s = X.dot(W)\n    m = np.maximum(0, s - s[np.arange(len(y)), y][:, None] + 1)\n"
    "    m[np.arange(len(y)), y] = 0\n{}    return m.sum() / len(y) + reg * np.sum(W * W), dW\n"
)


@pytest.mark.parametrize("todo", ["  # TODO: compute the gradient", ""])
def test_the_zero_of_the_handout_is_unfinished(desk, todo):
    desk.write("hw.py", ZEROS.format(todo, ""))
    assert desk.answers("hw.py")["svm_loss_naive"].outcome == "unfinished"


def test_a_zero_that_was_computed_is_wrong(desk):
    desk.write("hw.py", ZEROS.format("", "    dW += X.T.dot(m * 0)\n"))
    answer = desk.answers("hw.py")["svm_loss_naive"]
    assert answer.outcome == "wrong"
    assert answer.explanation.mistake_code == "zero"


def test_a_loss_that_is_still_zero_is_unfinished_too(desk):
    desk.write(
        "hw.py",
        "import numpy as np\ndef softmax_loss_vectorized(W, X, y, reg):\n    loss = 0.0\n"
        "    dW = np.zeros_like(W)\n    # TODO: without loops\n    pass\n    return loss, dW\n",
    )
    assert desk.answers("hw.py")["softmax_loss_vectorized"].outcome == "unfinished"


DROPOUT = (
    "import numpy as np\ndef dropout_forward(x, dropout_param):\n    out, mask = None, None\n"
    "    np.random.seed(dropout_param['seed'])\n    # {}\n{}"
    "    out = out.astype(x.dtype, copy=False)\n    return out, (dropout_param, mask)\n\n\n"
    "def dropout_backward(dout, cache):\n    dropout_param, mask = cache\n    return dout * mask\n"
)


def test_a_none_that_a_handout_left_is_unfinished(desk):
    desk.write("hw.py", DROPOUT.format("TODO: the training phase", "    pass\n"))
    answer = desk.answers("hw.py")["dropout_backward"]
    assert answer.outcome == "unfinished"
    assert answer.sentence.startswith("dropout_forward is not finished")
    desk.write("hw.py", DROPOUT.format("dropped", "    pass\n"))
    assert desk.answers("hw.py")["dropout_backward"].outcome == "undecided"


def test_what_runs_in_some_cases_only_is_not_right(desk):
    desk.change(
        "layers.py",
        "def conv_forward_naive(x, w, b, conv_param):\n",
        "def conv_forward_naive(x, w, b, conv_param):\n    assert conv_param['pad'] == 1\n",
    )
    answer = desk.answers("layers.py", "conv_backward_naive")["conv_backward_naive"]
    assert answer.outcome == "crashed"
    assert "pad = 0" in answer.sentence
    assert "AssertionError" in answer.traceback


def test_a_crash_is_the_students_own(desk):
    desk.change("layers.py", "dw = flat.T @ dout", "dw = flat.T @ dout.reshape(-1, 99)")
    answer = desk.answers("layers.py", "affine_backward")["affine_backward"]
    assert answer.outcome == "crashed"
    assert "reshape" in answer.sentence
    assert "gradproof" not in answer.traceback
    assert "checkers" not in answer.traceback


def test_a_forward_that_does_not_run_leaves_its_backward_undecided(desk):
    desk.change("layers.py", "    out = flat @ w + b", "    out = flat @ b @ w")
    answer = desk.answers("layers.py", "affine_backward")["affine_backward"]
    assert answer.outcome == "undecided"
    assert "forward" in answer.sentence


def test_random_numbers_without_a_seed_are_seeded(desk):
    desk.change("layers.py", "np.random.seed(dropout_param['seed'])", "pass")
    assert desk.answers("layers.py", "dropout_backward")["dropout_backward"].outcome == "right"


def test_random_numbers_that_no_seed_reaches_leave_it_undecided(desk):
    desk.change("layers.py", "np.random.rand(", "np.random.default_rng().random(")
    desk.change("layers.py", "random(*x.shape)", "random(x.shape)")
    answer = desk.answers("layers.py", "dropout_backward")["dropout_backward"]
    assert answer.outcome == "undecided"
    assert "seed" in answer.sentence


def test_what_no_family_knows_is_named(desk):
    desk.write("hw.py", "def attention_backward(a, b, c, d, e, f, g):\n    return a\n")
    answer = desk.answers("hw.py")["attention_backward"]
    assert answer.outcome == "undecided"
    assert "--assignment" in answer.sentence


@pytest.mark.parametrize(
    "name", ["numerical_gradient", "eval_numerical_gradient_array", "grad_check_sparse", "sgd_update"]
)
def test_what_is_no_gradient_is_left_alone(desk, name):
    desk.write("hw.py", f"def {name}(f, x):\n    return x\n")
    assert desk.answers("hw.py") == {}


def test_a_helper_that_is_not_there_is_asked_for(desk):
    desk.write(
        "hw.py",
        "from my_utils import act\ndef relu_forward(x):\n    return act(x) + x, x\ndef relu_backward(dout, cache):\n    return dout\n",
    )
    answer = desk.answers("hw.py")["relu_backward"]
    assert answer.outcome == "undecided"
    assert "my_utils" in answer.sentence


def test_a_size_that_is_a_fraction_in_python_3_is_judged_as_python_2_divides_and_that_is_said(desk):
    desk.change("layers.py", "Ho = 1 + (H + 2 * p - HH) // s", "Ho = 1 + (H + 2 * p - HH) / s")
    answer = desk.answers("layers.py", "conv_backward_naive")["conv_backward_naive"]
    assert answer.outcome == "right"
    assert any("Write // for sizes" in note for note in answer.notes)
    desk.change("layers.py", "dw = np.zeros_like(w)", "dw = np.ones_like(w)")
    answer = desk.answers("layers.py", "conv_backward_naive")["conv_backward_naive"]
    assert answer.outcome == "undecided"
    assert "'float' object cannot be interpreted as an integer" in answer.sentence
