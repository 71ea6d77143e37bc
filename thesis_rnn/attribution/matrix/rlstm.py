"""The R-LSTM."""

from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit

from thesis_rnn.attribution.matrix.affine import Activations, Affine, Matrix, active, layer_input
from thesis_rnn.attribution.matrix.rule import divide


class Step(NamedTuple):
    """What one step of the R-LSTM stores: its candidate layer, and the two terms of C_t."""

    candidate: Affine
    kept: Any
    written: Any


class RLSTM:
    """R-LSTM cells (thesis, section 3.4.2).

        i_t, f_t, o_t = sigmoid(W [x_t, h_{t-1}] + b)
        c_t = max(0, V [x_t, h_{t-1}] - softplus(d))
        C_t = f_t * C_{t-1} + i_t * c_t,   h_t = o_t * C_t,   h_0 = C_0 = 0

    Input [n, steps, features], output h_T [n, units]. On the way back gates are constants and their products give all
    relevance to the signal (Arras et al., 2017): h_t to C_t, i_t * c_t to c_t, f_t * C_{t-1} to C_{t-1}. The two terms
    of C_t receive relevance in proportion.
    """

    def __init__(self, layer, rule, dtype):
        self.layer = layer
        self.rule = rule
        self.gate_kernel = np.asarray(layer.gate_kernel, dtype)
        self.gate_bias = np.asarray(layer.gate_bias, dtype)
        self.kernel = np.asarray(layer.candidate_kernel, dtype)
        self.bias = np.asarray(layer.candidate_bias, dtype)

    def forward(self, x):
        features = x.shape[-1]
        from_input, from_hidden = Matrix(self.kernel[:features]), Matrix(self.kernel[features:])
        cell = hidden = np.zeros((len(x), self.layer.units), x.dtype)
        self.steps = []
        for t in range(x.shape[1]):
            gates = expit(np.concatenate([x[:, t], hidden], axis=1) @ self.gate_kernel + self.gate_bias)
            input_gate, forget_gate, output_gate = np.split(gates, 3, axis=1)
            x_t = layer_input(self.layer, self.rule, x[:, t], from_input)
            candidate = Affine(self.rule, x_t, Activations(hidden, from_hidden))
            kept, written = forget_gate * cell, input_gate * active(candidate.z, self.bias)
            self.steps.append(Step(candidate, kept, written))
            cell = kept + written
            hidden = output_gate * cell
        return hidden

    def backward(self, relevance):
        of_hidden, of_cell = relevance, 0
        received = []
        for candidate, kept, written in reversed(self.steps):
            shares = divide(of_cell + of_hidden, kept + written)
            of_cell = kept * shares
            of_x, of_hidden = candidate.relevance(written * shares)
            received.append(of_x)
        return np.stack(received[::-1], axis=1)
