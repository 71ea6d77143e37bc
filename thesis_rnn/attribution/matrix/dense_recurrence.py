"""The recurrence of Shallow, Deep, DeepV2 and ConvDeep."""

import numpy as np

from thesis_rnn.attribution.matrix.affine import Activations, Affine, Matrix, active, layer_input


class DenseRecurrence:
    """hidden_t = max(0, W [x_t, r_t] - softplus(b)), r_{t+1} = max(0, V hidden_t - softplus(c)), r_1 = 0.

    Input [n, steps, features], output hidden_T [n, hidden] (thesis, equations 3.1-3.3). In Shallow the x_t are pixels
    and the r_t activations: equations 3.5 and 3.6.
    """

    def __init__(self, layer, rule, dtype):
        self.layer = layer
        self.rule = rule
        self.kernel = np.asarray(layer.kernel, dtype)
        self.bias = np.asarray(layer.bias, dtype)
        self.recurrent_matrix = Matrix(np.asarray(layer.recurrent_kernel, dtype))
        self.recurrent_bias = np.asarray(layer.recurrent_bias, dtype)

    def forward(self, x):
        n, steps, features = x.shape
        from_input, from_recurrent = Matrix(self.kernel[:features]), Matrix(self.kernel[features:])
        recurrent = np.zeros((n, len(self.kernel) - features), x.dtype)  # one step: W has no rows for r
        self.hidden, self.recurrent = [], []
        for t in range(steps):
            x_t = layer_input(self.layer, self.rule, x[:, t], from_input)
            self.hidden.append(Affine(self.rule, x_t, Activations(recurrent, from_recurrent)))
            hidden = active(self.hidden[-1].z, self.bias)
            if t + 1 < steps:
                self.recurrent.append(Affine(self.rule, Activations(hidden, self.recurrent_matrix)))
                recurrent = active(self.recurrent[-1].z, self.recurrent_bias)
        return hidden

    def backward(self, relevance):
        received = []
        for t in reversed(range(len(self.hidden))):
            of_x, of_recurrent = self.hidden[t].relevance(relevance)
            received.append(of_x)
            if t > 0:
                [relevance] = self.recurrent[t - 1].relevance(of_recurrent)
        return np.stack(received[::-1], axis=1)
