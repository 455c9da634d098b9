import numpy as np


class DenseOfBook:                      # as in nnfs: outputs and gradients are left in the layer
    def __init__(self, n_inputs, n_neurons):
        self.weight = 0.1 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs):
        self.inputs = inputs
        self.outputs = np.dot(inputs, self.weight) + self.biases

    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weight.T)


class DenseOfInput:                     # its backward wants the input again, and returns the gradient
    def __init__(self, n_inputs, n_neurons):
        self.weights = np.zeros((n_inputs, n_neurons))
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs):
        self.output = inputs @ self.weights + self.biases

    def backward(self, dvalues, inputs):
        self.dweights = inputs.T @ dvalues
        self.dbiases = dvalues.sum(axis=0, keepdims=True)
        return dvalues @ self.weights.T


class LinearOfFunctions:                # as in mytorch: made with functions, averaged
    def __init__(self, in_feature, out_feature, weight_init_fn, bias_init_fn):
        self.W = weight_init_fn(in_feature, out_feature)
        self.b = bias_init_fn(out_feature)
        self.dW = np.zeros((in_feature, out_feature))
        self.db = np.zeros((1, out_feature))

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, delta):
        self.dW = np.dot(self.x.T, delta) / len(delta)
        self.db = np.mean(delta, axis=0, keepdims=True)
        return np.dot(delta, self.W.T)


class LinearOfAveraged:                 # single precision at first, outputs by inputs, dLdW averaged
    def __init__(self, in_features, out_features, debug=False):
        self.W = np.zeros((out_features, in_features), dtype="f")
        self.b = np.zeros((out_features, 1), dtype="f")

    def forward(self, A):
        self.A = A
        return A @ self.W.T + self.b.T

    def backward(self, dLdZ):
        n = len(self.A)
        self.dLdW = dLdZ.T @ self.A / n
        self.dLdb = dLdZ.T @ np.ones((n, 1)) / n
        return dLdZ @ self.W


class LinearModule:                     # as at UvA, with a flat bias
    def __init__(self, in_features, out_features):
        self.params = {"weight": np.zeros((out_features, in_features)), "bias": np.zeros(out_features)}
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, dout):
        self.grads["weight"] = dout.T @ self.x
        self.grads["bias"] = dout.sum(axis=0)
        return dout @ self.params["weight"]


class DenseThatSteps:                   # columns; changes its own weights
    def __init__(self, input_size, output_size):
        self.weights = np.random.randn(output_size, input_size)
        self.bias = np.zeros((output_size, 1))

    def forward(self, input):
        self.input = input
        return np.dot(self.weights, input) + self.bias

    def backward(self, output_gradient, learning_rate):
        input_gradient = np.dot(self.weights.T, output_gradient)
        self.weights -= learning_rate * np.dot(output_gradient, self.input.T)
        self.bias -= learning_rate * np.sum(output_gradient, axis=1, keepdims=True)
        return input_gradient


class DenseOfOne:                       # the same for one example at a time
    def __init__(self, input_size, output_size):
        self.weights = np.random.randn(output_size, input_size)
        self.bias = np.random.randn(output_size, 1)

    def forward(self, input):
        self.input = input
        return np.dot(self.weights, self.input) + self.bias

    def backward(self, output_derivative, learning_rate):
        input_gradient = np.dot(self.weights.T, output_derivative)
        self.weights -= learning_rate * np.dot(output_derivative, self.input.T)
        self.bias -= learning_rate * output_derivative
        return input_gradient


class DenseOfOptimizer:                 # as in ML-From-Scratch
    def __init__(self, n_units, input_shape=None):
        self.input_shape = input_shape
        self.n_units = n_units

    def initialize(self, optimizer):
        self.W = np.random.uniform(-1, 1, (self.input_shape[0], self.n_units))
        self.w0 = np.zeros((1, self.n_units))
        self.W_opt = optimizer
        self.w0_opt = optimizer

    def forward_pass(self, X, training=True):
        self.layer_input = X
        return X.dot(self.W) + self.w0

    def backward_pass(self, accum_grad):
        W = self.W
        self.W = self.W_opt.update(self.W, self.layer_input.T.dot(accum_grad))
        self.w0 = self.w0_opt.update(self.w0, np.sum(accum_grad, axis=0, keepdims=True))
        return accum_grad.dot(W.T)


class FullyConnected:                   # as in numpy-ml: makes its weights when it sees an input
    def __init__(self, n_out, act_fn=None):
        self.n_out = n_out
        self.parameters = {"W": None, "b": None}
        self.gradients = {"W": None, "b": None}
        self.is_initialized = False

    def forward(self, X, retain_derived=True):
        if not self.is_initialized:
            self.parameters["W"] = np.random.randn(X.shape[1], self.n_out)
            self.parameters["b"] = np.zeros((1, self.n_out))
            self.gradients = {"W": np.zeros((X.shape[1], self.n_out)), "b": np.zeros((1, self.n_out))}
            self.is_initialized = True
        self.X = X
        return X @ self.parameters["W"] + self.parameters["b"]

    def backward(self, dLdy, retain_grads=True):
        self.gradients["W"] += self.X.T @ dLdy
        self.gradients["b"] += dLdy.sum(axis=0, keepdims=True)
        return dLdy @ self.parameters["W"].T


class Operation:                        # as in Weidman's book
    def forward(self, input_):
        self.input_ = input_
        self.output = self._output()
        return self.output

    def backward(self, output_grad):
        assert_same_shape(self.output, output_grad)
        self.input_grad = self._input_grad(output_grad)
        return self.input_grad

    def _output(self):
        raise NotImplementedError()

    def _input_grad(self, output_grad):
        raise NotImplementedError()


class ParamOperation(Operation):
    def __init__(self, param):
        self.param = param

    def backward(self, output_grad):
        self.input_grad = self._input_grad(output_grad)
        self.param_grad = self._param_grad(output_grad)
        return self.input_grad

    def _param_grad(self, output_grad):
        raise NotImplementedError()


class WeightMultiply(ParamOperation):
    def _output(self):
        return np.dot(self.input_, self.param)

    def _input_grad(self, output_grad):
        return np.dot(output_grad, self.param.T)

    def _param_grad(self, output_grad):
        return np.dot(self.input_.T, output_grad)


class BiasAdd(ParamOperation):
    def _output(self):
        return self.input_ + self.param

    def _input_grad(self, output_grad):
        return np.ones_like(self.input_) * output_grad

    def _param_grad(self, output_grad):
        return np.sum(output_grad, axis=0).reshape(1, -1)


class Sigmoid(Operation):
    def _output(self):
        return 1 / (1 + np.exp(-self.input_))

    def _input_grad(self, output_grad):
        return self.output * (1 - self.output) * output_grad


class Convolution:                      # as in Deep Learning from Scratch; im2col is the book's
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        FN, C, FH, FW = self.W.shape
        N, C, H, W = x.shape
        out_h = int(1 + (H + 2 * self.pad - FH) / self.stride)
        out_w = int(1 + (W + 2 * self.pad - FW) / self.stride)
        col = im2col(x, FH, FW, self.stride, self.pad)
        self.x, self.col, self.col_W = x, col, self.W.reshape(FN, -1).T
        out = np.dot(col, self.col_W) + self.b
        return out.reshape(N, out_h, out_w, -1).transpose(0, 3, 1, 2)

    def backward(self, dout):
        FN, C, FH, FW = self.W.shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.db = np.sum(dout, axis=0)
        self.dW = np.dot(self.col.T, dout).transpose(1, 0).reshape(FN, C, FH, FW)
        return col2im(np.dot(dout, self.col_W.T), self.x.shape, FH, FW, self.stride, self.pad)


class Maxpool:                          # as in deepnet: returns a pair
    def __init__(self, X_dim, size, stride):
        self.size, self.stride = size, stride

    def forward(self, X):
        self.X = X
        N, C, H, W = X.shape
        rows, columns = (H - self.size) // self.stride + 1, (W - self.size) // self.stride + 1
        out = np.zeros((N, C, rows, columns))
        for i in range(rows):
            for j in range(columns):
                a, b = i * self.stride, j * self.stride
                out[:, :, i, j] = X[:, :, a:a + self.size, b:b + self.size].max(axis=(2, 3))
        self.out = out
        return out

    def backward(self, dout):
        dX = np.zeros(self.X.shape)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                a, b = i * self.stride, j * self.stride
                window = self.X[:, :, a:a + self.size, b:b + self.size]
                mask = window == self.out[:, :, i:i + 1, j:j + 1]
                dX[:, :, a:a + self.size, b:b + self.size] += mask * dout[:, :, i:i + 1, j:j + 1]
        return dX, []


class BatchNorm:
    def __init__(self, num_features):
        self.gamma = np.ones((1, num_features))
        self.beta = np.zeros((1, num_features))

    def forward(self, x):
        self.std = np.sqrt(x.var(axis=0) + 1e-8)
        self.xhat = (x - x.mean(axis=0)) / self.std
        return self.gamma * self.xhat + self.beta

    def backward(self, dout):
        self.dgamma = np.sum(dout * self.xhat, axis=0)
        self.dbeta = np.sum(dout, axis=0)
        d = dout * self.gamma
        return (d - d.mean(axis=0) - self.xhat * (d * self.xhat).mean(axis=0)) / self.std


class Dropout:
    def __init__(self, rate):
        self.rate = 1 - rate

    def forward(self, inputs, training):
        self.mask = np.random.binomial(1, self.rate, size=inputs.shape) / self.rate
        self.output = inputs * self.mask

    def backward(self, dvalues):
        self.dinputs = dvalues * self.mask


class SoftmaxWithLabels:                # the loss is fused with the activation
    def forward(self, inputs):
        exp = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self.output = exp / exp.sum(axis=1, keepdims=True)

    def backward(self, dvalues, y_true):
        self.dinputs = dvalues.copy()
        self.dinputs[range(len(dvalues)), y_true] -= 1
        self.dinputs = self.dinputs / len(dvalues)
