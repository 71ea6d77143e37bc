"""The convolution with literal connections."""

import numpy as np

from thesis_rnn.attribution.matrix.affine import Activations, Affine, active, layer_input
from thesis_rnn.attribution.matrix.convolution import ConvolutionMatrix


class LiteralConvolution:
    """a_t = max(0, W * [x_t, a_{t-1}] - softplus(b)), a_0 = 0 (thesis, section 3.4.3).

    Input [n, steps, rows, columns, channels], output [n, steps, rows, columns, filters]. The output of a step has
    relevance from the layer above and from its own next step. On pixels: equations 3.5 and 3.6.
    """

    def __init__(self, layer, rule, dtype):
        self.layer = layer
        self.rule = rule
        self.kernel = np.asarray(layer.kernel, dtype)
        self.bias = np.asarray(layer.bias, dtype)

    def forward(self, x):
        channels = x.shape[-1]
        from_input = ConvolutionMatrix(self.kernel[:, :, :channels], "same")
        from_output = ConvolutionMatrix(self.kernel[:, :, channels:], "same")
        output = np.zeros((len(x), *x.shape[2:-1], self.layer.filters), x.dtype)
        self.steps, outputs = [], []
        for t in range(x.shape[1]):
            x_t = layer_input(self.layer, self.rule, x[:, t], from_input)
            self.steps.append(Affine(self.rule, x_t, Activations(output, from_output)))
            output = active(self.steps[-1].z, self.bias)
            outputs.append(output)
        return np.stack(outputs, axis=1)

    def backward(self, relevance):
        of_output = 0
        received = []
        for t in reversed(range(len(self.steps))):
            of_x, of_output = self.steps[t].relevance(relevance[:, t] + of_output)
            received.append(of_x)
        return np.stack(received[::-1], axis=1)
