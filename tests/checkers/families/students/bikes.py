import numpy as np


class NeuralNetwork(object):
    def __init__(self, input_nodes, hidden_nodes, output_nodes, learning_rate):
        self.weights_input_to_hidden = np.random.normal(0.0, input_nodes ** -0.5, (input_nodes, hidden_nodes))
        self.weights_hidden_to_output = np.random.normal(0.0, hidden_nodes ** -0.5, (hidden_nodes, output_nodes))
        self.lr = learning_rate
        self.activation_function = lambda x: 1 / (1 + np.exp(-x))

    def forward_pass_train(self, X):
        hidden = self.activation_function(np.dot(X, self.weights_input_to_hidden))
        return np.dot(hidden, self.weights_hidden_to_output), hidden

    def backpropagation(self, final_outputs, hidden_outputs, X, y, delta_weights_i_h, delta_weights_h_o):
        error = y - final_outputs
        hidden_error = self.weights_hidden_to_output.dot(error)
        hidden_term = hidden_error * hidden_outputs * (1 - hidden_outputs)
        delta_weights_i_h += X[:, None] * hidden_term
        delta_weights_h_o += hidden_outputs[:, None] * error
        return delta_weights_i_h, delta_weights_h_o
