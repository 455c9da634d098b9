"""Real mistakes, one at a time: each is found, in the right argument, and named where it can be."""

from __future__ import annotations

import pytest

WRONG = [
    # file, function, what stands there, what a student wrote, arguments, code of the mistake
    ("layers.py", "affine_backward", "db = dout.sum(axis=0)", "db = dout.sum()", ("b",), "shape"),
    ("layers.py", "affine_backward", "db = dout.sum(axis=0)", "db = dout.mean(axis=0)", ("b",), "mean-for-sum"),
    ("layers.py", "affine_backward", "dw = flat.T @ dout", "dw = flat.T @ dout / len(x)", ("w",), "mean-for-sum"),
    ("layers.py", "affine_backward", "dw = flat.T @ dout", "dw = -flat.T @ dout", ("w",), "sign"),
    ("layers.py", "affine_backward", "dw = flat.T @ dout", "dw = 2 * flat.T @ dout", ("w",), "factor"),
    ("layers.py", "affine_backward", "dw = flat.T @ dout", "dw = np.zeros_like(w)", ("w",), "zero"),
    ("layers.py", "affine_backward", "dw = flat.T @ dout", "dw = dout.T @ flat", ("w",), "shape"),
    ("layers.py", "affine_backward", ".reshape(x.shape)\n    dw", "\n    dw", ("x",), "shape"),
    ("layers.py", "relu_backward", "dx = dout * (x > 0)", "dx = np.maximum(dout, 0)", ("x",), "relu-of-gradient"),
    ("layers.py", "relu_backward", "dx = dout * (x > 0)", "dx = dout", ("x",), "no-derivative"),
    ("layers.py", "relu_backward", "dx = dout * (x > 0)", "dx = dout * (x < 0)", ("x",), "mask-the-wrong-way"),
    ("layers.py", "softmax_loss", "    dx /= n\n    return loss, dx\n\n\ndef batchnorm_forward",
     "    return loss, dx\n\n\ndef batchnorm_forward", ("x",), "missing-mean"),
    ("layers.py", "softmax_loss", "    dx /= n\n    return loss, dx\n\n\ndef batchnorm_forward",
     "    dx /= n ** 2\n    return loss, dx\n\n\ndef batchnorm_forward", ("x",), "mean-for-sum"),
    ("layers.py", "svm_loss", "-= dx.sum(axis=1)", "= -1", ("x",), ""),
    ("layers.py", "batchnorm_backward", "dxhat - dxhat.mean(axis=0) - xhat", "dxhat - xhat", ("x",), ""),
    ("layers.py", "batchnorm_backward", "dx = (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0)) / std",
     "dx = dxhat / std", ("x",), ""),
    ("layers.py", "layernorm_backward", "d.mean(axis=1, keepdims=True) - xhat", "d.mean(axis=0, keepdims=True) - xhat", ("x",), ""),
    ("layers.py", "conv_backward_naive", "dxp[n, :, i*s:i*s+HH, j*s:j*s+WW] += dout", "dxp[n, :, i*s:i*s+HH, j*s:j*s+WW] = dout", ("x",), ""),
    ("layers.py", "conv_backward_naive", "* xp[n, :, i*s:i*s+HH, j*s:j*s+WW]\n", "* xp[n, :, i:i+HH, j:j+WW]\n", ("w",), ""),
    ("layers.py", "max_pool_backward_naive", "dx[n, c, i*s:i*s+ph, j*s:j*s+pw] += dout", "dx[n, c, i*s:i*s+ph, j*s:j*s+pw] = dout", ("x",), ""),
    ("layers.py", "rnn_step_backward", "dz = dnext_h * (1 - next_h ** 2)", "dz = dnext_h", ("x", "h", "Wx", "Wh", "b"), ""),
    ("layers.py", "rnn_backward", "dh[:, t] + dprev", "dh[:, t]", ("x", "h0", "Wx", "Wh", "b"), ""),
    ("layers.py", "rnn_backward", "dWx += dWx_t", "dWx = dWx_t", ("Wx",), ""),
    ("layers.py", "lstm_step_backward", "dc = dnext_c + dnext_h", "dc = dnext_h", None, ""),
    ("layers.py", "word_embedding_backward", "np.add.at(dW, x, dout)", "dW[x] += dout", ("W",), ""),
    ("fc_net.py", "TwoLayerNet.loss", "dW2 + self.reg * W2", "dW2", ("W2",), "penalty-factor"),
    ("fc_net.py", "TwoLayerNet.loss", "dW2 + self.reg * W2", "dW2 + 2 * self.reg * W2", ("W2",), "penalty-factor"),
    ("classifiers.py", "svm_loss_naive", "2 * reg * W", "reg * W", ("W",), "penalty-factor"),
    ("classifiers.py", "svm_loss_naive", " + 2 * reg * W", "", ("W",), "penalty-missing"),
    ("classifiers.py", "TwoLayerNet.loss", "dz = d.dot(W2.T) * (z > 0)", "dz = d.dot(W2.T)", ("W1", "b1"), ""),
    ("l_layer.py", "linear_activation_backward", "dZ = relu_backward(dA, activation_cache)",
     "dZ = sigmoid_backward(dA, activation_cache)", ("A", "W", "b"), ""),
    ("l_layer.py", "linear_backward", "dA_prev = W.T.dot(dZ)", "dA_prev = W.T.dot(dZ) / m", ("A",), "mean-for-sum"),
    ("l_layer.py", "L_model_backward", "dA = -(Y / AL - (1 - Y) / (1 - AL))", "dA = AL - Y",
     ("W1", "b1", "W2", "b2", "W3", "b3"), ""),
    ("planar.py", "backward_propagation", "(1 - A1 ** 2)", "A1 * (1 - A1)", ("W1", "b1"), ""),
    ("planar.py", "backward_propagation", "dW2 = dZ2 @ A1.T / m", "dW2 = 2 * dZ2 @ A1.T / m", ("W2",), "factor"),
    ("planar.py", "propagate", "dw = X @ (A - Y).T / m", "dw = X @ (Y - A).T / m", ("w",), "sign"),
    ("digits.py", "backward_prop", "db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)", "db1 = 1 / m * np.sum(dZ1)", ("b1",), "shape"),
    ("network.py", "Network.backprop", "* sigmoid_prime(zs[-l])", "", ("W1", "b1", "W2", "b2"), ""),
    ("network.py", "Network.backprop", "* sigmoid_prime(zs[-1])", "* sigmoid_prime(activations[-1])", None, ""),
    ("objects.py", "Affine.backward", "return dout @ self.W.T", "return dout @ self.dW.T", ("x",), ""),
    ("objects.py", "Layer_Dense.backward", "dvalues.sum(axis=0, keepdims=True)", "dvalues.mean(axis=0, keepdims=True)", ("b",), "mean-for-sum"),
    ("objects.py", "SoftmaxWithLoss.backward", "return dout * (self.y - self.t) / len(self.t)",
     "return dout * self.y * (self.y - self.t) / len(self.t)", ("x",), ""),
    ("pairs.py", "d_tanh", "1 - np.tanh(x) ** 2", "1 - np.tanh(x)", ("z",), "wrong-derivative"),
    ("pairs.py", "softmax_vjp", "a * (delta - np.sum(delta * a))", "a * (1 - a) * delta", ("z",), "softmax-diagonal"),
    ("pairs.py", "affine_vjp", "np.outer(delta, a)", "np.outer(delta, delta)[:, :len(a)]", ("W",), ""),
    ("bikes.py", "NeuralNetwork.backpropagation", "* hidden_outputs * (1 - hidden_outputs)", "", ("W1",), ""),
    ("q2_neural.py", "forward_backward_prop", "* sigmoid_grad(h)", "* sigmoid_grad(data.dot(W1) + b1)", ("W1", "b1"), ""),
    ("q2_neural.py", "softmaxCostAndGradient", "np.outer(p, predicted)", "np.outer(p, p)[:, :len(predicted)]", None, ""),
    ("word2vec.py", "negSamplingLossAndGradient", "grad[k] += (1", "grad[k] = (1", ("outputVectors",), ""),
    ("word2vec.py", "skipgram", "gradCenter[c] += dv", "gradCenter[c] = dv", ("inputVectors",), ""),
    ("word2vec.py", "cbow", "gradIn[k] += dv", "gradIn[k] = dv", ("inputVectors",), ""),
    ("ports.py", "QuadraticCost.delta", "* sigmoid(z) * (1 - sigmoid(z))", "* sigmoid(a) * (1 - sigmoid(a))", ("z",), ""),
    ("ports.py", "Reseau.back_propagate", "            nabla_b[-l] = delta\n", "            nabla_b[-l] = delta * (l > 1)\n", ("b3",), "zero"),
    ("tables.py", "backward_prop_regularized", "2 * reg * params['W1']", "3 * reg * params['W1']", ("W1",), ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "function", "old", "new", "arguments", "code"),
    WRONG,
    ids=[f"{w[1]}-{k}" for k, w in enumerate(WRONG)],
)
def test_a_mistake_is_found_and_named(desk, name, function, old, new, arguments, code):
    desk.change(name, old, new)
    answer = desk.answers(name, function)[function]
    assert answer.outcome in ("wrong", "crashed"), answer.sentence
    if answer.outcome == "crashed":
        assert arguments is None
        return
    one = answer.explanation
    assert one is not None
    if arguments is not None:
        assert one.arguments == arguments
    if code:
        assert one.mistake_code == code, one.mistake
    elif not one.mistake:
        assert one.seen


def test_there_are_thirty_ways_at_least():
    assert len(WRONG) >= 30


def test_the_line_is_the_one_that_makes_the_gradient(desk):
    desk.change("fc_net.py", "grads['W2'] = dW2 + self.reg * W2", "grads['W2'] = dW2")
    one = desk.answers("fc_net.py", "TwoLayerNet.loss")["TwoLayerNet.loss"].explanation
    assert one.code == "grads['W2'] = dW2"
    assert one.place == f"line {one.line}"


def test_the_smallest_example_is_small_and_shows_the_mistake(desk):
    desk.change("layers.py", "dx = dout * (x > 0)", "dx = np.maximum(dout, 0)")
    one = desk.answers("layers.py", "relu_backward")["relu_backward"].explanation
    assert one.example["x"].size == 1
    (compared,) = one.compared
    assert compared.claimed != compared.expected


def test_a_right_gradient_of_another_function_is_told_apart(desk):
    desk.change(
        "layers.py",
        "flat = x.reshape(x.shape[0], -1)\n    out = flat @ w + b",
        "flat = x.reshape(x.shape[0], -1)\n    out = flat @ w + 2 * b",
    )
    desk.change("layers.py", "db = dout.sum(axis=0)", "db = 2 * dout.sum(axis=0)")
    answer = desk.answers("layers.py", "affine_backward")["affine_backward"]
    assert answer.outcome == "wrong"
    assert answer.sentence.startswith(
        "The gradient is right for the function you wrote, but that function is not the affine"
    )


@pytest.mark.parametrize(
    "quotient",
    [
        "(softplus(z + 1e-5) - softplus(z - 1e-5)) / 2e-5",
        "(softplus(z + 1e-6) - softplus(z)) / 1e-6",
        "(softplus(z + 1e-4) - softplus(z - 1e-4)) / (2 * 1e-4)",
    ],
)
def test_a_difference_quotient_posing_as_a_backward_is_told(desk, quotient):
    text = "import numpy as np\ndef softplus(z):\n    return np.log(1 + np.exp(z))\ndef softplus_backward(dA, z):\n    return dA * {}\n"
    desk.write("mine.py", text.format(quotient))
    answer = desk.answers("mine.py")["softplus_backward"]
    assert answer.outcome == "wrong"
    assert answer.explanation.mistake_code == "finite-difference"
    desk.write("mine.py", text.format("1 / (1 + np.exp(-z))"))
    assert desk.answers("mine.py")["softplus_backward"].outcome == "right"


def test_a_numerical_gradient_of_a_loss_is_told(desk):
    old = "    dw = X @ (A - Y).T / m\n"
    new = (
        "    dw = np.zeros_like(w)\n    for k in range(len(w)):\n        up, down = w.copy(), w.copy()\n"
        "        up[k] += 1e-5\n        down[k] -= 1e-5\n        J = []\n        for v in (up, down):\n"
        "            a = sigmoid(v.T @ X + b)\n"
        "            J.append(-(Y * np.log(a) + (1 - Y) * np.log(1 - a)).sum() / m)\n"
        "        dw[k] = (J[0] - J[1]) / 2e-5\n"
    )
    desk.change("planar.py", old, new)
    answer = desk.answers("planar.py", "propagate")["propagate"]
    assert answer.outcome == "wrong"
    assert answer.explanation.mistake_code == "finite-difference"


def test_an_empty_slice_is_told_with_the_setting_in_which_it_is_empty(desk):
    desk.change("layers.py", "dx = dxp[:, :, p:p+H, p:p+W]", "dx = dxp[:, :, p:-p, p:-p]")
    answer = desk.answers("layers.py", "conv_backward_naive")["conv_backward_naive"]
    assert answer.outcome == "wrong"
    assert "pad = 0" in answer.sentence
    assert "pad:-pad" in answer.explanation.mistake
    assert "pad:-pad" not in answer.sentence  # which stands there whatever hints are asked for


def test_a_penalty_shared_among_the_examples_in_the_loss_alone_is_wrong(desk):
    desk.change(
        "classifiers.py", "0.5 * reg * np.sum(W * W)\n    p[", "0.5 * reg * np.sum(W * W) / N\n    p["
    )
    answer = desk.answers("classifiers.py", "softmax_loss_vectorized")["softmax_loss_vectorized"]
    assert answer.outcome == "wrong"
    assert answer.explanation.arguments == ("W",)
