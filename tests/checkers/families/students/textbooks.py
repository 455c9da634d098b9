import numpy as np


def nnCostFunction(nn_params, input_layer_size, hidden_layer_size, num_labels, X, y, lam):
    split = hidden_layer_size * (input_layer_size + 1)
    theta1 = nn_params[:split].reshape(hidden_layer_size, input_layer_size + 1)
    theta2 = nn_params[split:].reshape(num_labels, hidden_layer_size + 1)
    m = len(y)
    a1 = np.c_[np.ones((m, 1)), X]
    a2 = np.c_[np.ones((m, 1)), 1 / (1 + np.exp(-a1.dot(theta1.T)))]
    a3 = 1 / (1 + np.exp(-a2.dot(theta2.T)))
    ym = np.eye(num_labels)[np.array([int(k) for k in y])]
    J = np.sum(-ym * np.log(a3) - (1 - ym) * np.log(1 - a3)) / m
    J = J + (np.sum(theta1[:, 1:] ** 2) + np.sum(theta2[:, 1:] ** 2)) * lam / 2 / m
    delta3 = a3 - ym
    delta2 = (delta3.dot(theta2) * a2 * (1 - a2))[:, 1:]
    theta1_grad = delta2.T.dot(a1) / m
    theta2_grad = delta3.T.dot(a2) / m
    theta1_grad[:, 1:] += theta1[:, 1:] * lam / m
    theta2_grad[:, 1:] += theta2[:, 1:] * lam / m
    return J, np.hstack([theta1_grad.ravel(), theta2_grad.ravel()])


class NeuralNetMLP:
    def __init__(self, n_output, n_features, n_hidden=30, l1=0.0, l2=0.0, epochs=500):
        self.n_output, self.n_features, self.n_hidden = n_output, n_features, n_hidden
        self.l1, self.l2 = l1, l2

    def _sigmoid(self, z):
        return 1 / (1 + np.exp(-z))

    def _sigmoid_gradient(self, z):
        sg = self._sigmoid(z)
        return sg * (1 - sg)

    def _add_bias_unit(self, X, how="column"):
        one = np.ones((X.shape[0], 1)) if how == "column" else np.ones((1, X.shape[1]))
        return np.concatenate([one, X], axis=1 if how == "column" else 0)

    def _feedforward(self, X, w1, w2):
        a1 = self._add_bias_unit(X)
        z2 = w1.dot(a1.T)
        a2 = self._add_bias_unit(self._sigmoid(z2), how="row")
        z3 = w2.dot(a2)
        return a1, z2, a2, z3, self._sigmoid(z3)

    def _get_cost(self, y_enc, output, w1, w2):
        cost = np.sum(-y_enc * np.log(output) - (1 - y_enc) * np.log(1 - output))
        cost += self.l2 / 2 * (np.sum(w1[:, 1:] ** 2) + np.sum(w2[:, 1:] ** 2))
        return cost + self.l1 * (np.abs(w1[:, 1:]).sum() + np.abs(w2[:, 1:]).sum())

    def _get_gradient(self, a1, a2, a3, z2, y_enc, w1, w2):
        sigma3 = a3 - y_enc
        z2 = self._add_bias_unit(z2, how="row")
        sigma2 = (w2.T.dot(sigma3) * self._sigmoid_gradient(z2))[1:, :]
        grad1 = sigma2.dot(a1)
        grad2 = sigma3.dot(a2.T)
        grad1[:, 1:] += w1[:, 1:] * self.l2 + self.l1 * np.sign(w1[:, 1:])
        grad2[:, 1:] += w2[:, 1:] * self.l2 + self.l1 * np.sign(w2[:, 1:])
        return grad1, grad2


class DNN:
    def __init__(self, sizes, epochs=10, lr=0.001):
        self.params = {f"W{k + 1}": np.random.randn(sizes[k + 1], sizes[k]) for k in range(3)}

    def softmax(self, x):
        exps = np.exp(x - x.max())
        return exps / np.sum(exps, axis=0)

    def ReLU(self, x, derivative=False):
        return np.where(x > 0, 1.0, 0.0) if derivative else np.maximum(0, x)

    def forward_pass(self, x_train):
        params = self.params
        params["A0"] = x_train
        params["Z1"] = np.dot(params["W1"], params["A0"])
        params["A1"] = self.ReLU(params["Z1"])
        params["Z2"] = np.dot(params["W2"], params["A1"])
        params["A2"] = self.ReLU(params["Z2"])
        return self.softmax(np.dot(params["W3"], params["A2"]))

    def backward_pass(self, y_train, output):
        params, change_w = self.params, {}
        error = output - y_train
        change_w["W3"] = np.outer(error, params["A2"])
        error = np.dot(params["W3"].T, error) * self.ReLU(params["Z2"], derivative=True)
        change_w["W2"] = np.outer(error, params["A1"])
        error = np.dot(params["W2"].T, error) * self.ReLU(params["Z1"], derivative=True)
        change_w["W1"] = np.outer(error, params["A0"])
        return change_w
