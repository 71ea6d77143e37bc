"""minGRU: a gated recurrence that is linear in its state, whose gates see the input alone."""

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.layers.loop import Loop


@keras.saving.register_keras_serializable("thesis_rnn")
class MinGRU(Loop):
    """h_t = (1 - z_t) h_{t-1} + z_t W x_t,   z_t = sigmoid(V x_t + b),   h_0 = 0 (Feng et al., 2024, section 3.1).

    Input [batch, steps, features]; output h_T [batch, units], or h of every step. Products with x are computed for all
    steps at once; the loop multiplies and adds. With gates as constants, as explanations by propagation take them, h is
    linear in x: LRP without a stabiliser gives z_t prod_{s > t} (1 - z_s) W x_t, and all of the relevance arrives.

    Args:
      units, return_sequences, domain, seed: see ``Loop``.

    Example:
      >>> tuple(MinGRU(5)(np.ones((2, 4, 3), "float32")).shape)
      (2, 5)
    """

    def build(self, input_shape):
        self.kernel = self.xavier("kernel", (input_shape[-1], self.units), 0)
        self.gate_kernel = self.xavier("gate_kernel", (input_shape[-1], self.units), 1)
        self.gate_bias = self.zeros("gate_bias", self.units)

    def call(self, inputs, mask=None):
        kernel, gate_kernel, gate_bias = map(ops.convert_to_tensor, (self.kernel, self.gate_kernel, self.gate_bias))
        nothing = ops.zeros_like(gate_bias)
        candidates = primitives.affine(inputs, kernel, nothing, self.site("candidate"), self.domain)
        gates = primitives.affine(inputs, gate_kernel, gate_bias, self.site("gate", controls=True), self.domain)
        keep = primitives.squash(gates, _kept, controls=True)

        def step(inputs, states):
            (candidate, keep), [h] = inputs, states
            h = self.hidden(self.mixed(keep, h, candidate))
            return h, [h]

        return self.run(step, [candidates, keep], self.before(inputs, (self.units,)), mask)


def _kept(z):
    """1 - sigmoid(z)."""
    return ops.sigmoid(-z)
