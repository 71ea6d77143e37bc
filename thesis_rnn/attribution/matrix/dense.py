"""The fully connected layer."""

import numpy as np

from thesis_rnn.attribution.matrix.affine import Affine, Matrix, active, layer_input, softplus


class Dense:
    """a_k = max(0, sum_j w_jk a_j - softplus(b_k)), at every step alike; logits have no max.

    Input [n, ..., features], output [n, ..., units].
    """

    def __init__(self, layer, rule, dtype):
        self.layer = layer
        self.rule = rule
        self.matrix = Matrix(np.asarray(layer.kernel, dtype))
        self.bias = np.asarray(layer.bias, dtype)

    def forward(self, a):
        self.affine = Affine(self.rule, layer_input(self.layer, self.rule, a, self.matrix))
        z = self.affine.z
        return active(z, self.bias) if self.layer.rectified else z - softplus(self.bias)

    def backward(self, relevance):
        [received] = self.affine.relevance(relevance)
        return received
