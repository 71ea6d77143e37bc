"""An LSTM that chooses, at every step, which features of the input to look at: the first stage of DA-RNN."""

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import Einsum
from thesis_rnn.layers.loop import Loop


@keras.saving.register_keras_serializable("thesis_rnn")
class InputAttentionLSTM(Loop):
    """An LSTM of alpha_t o x_t, alpha_t the softmax over features of e_t (Qin et al., 2017, equations 8 to 11).

        e^k_t = v . tanh(W [h_{t-1}, c_{t-1}] + U x^k),   x^k the series of feature k, all of its steps

    Input [batch, steps, features], of a known number of steps; output h_T [batch, units], or h of every step.
    Explanations by propagation give the relevance of alpha_t o x_t to x, and alpha what the composite gives to gates.

    Args:
      units, return_sequences, domain, seed: see ``Loop``.

    Example:
      >>> tuple(InputAttentionLSTM(5)(np.ones((2, 4, 3), "float32")).shape)
      (2, 5)
    """

    def build(self, input_shape):
        _, steps, features = input_shape
        self.series_kernel = self.xavier("series_kernel", (steps, steps), 0)
        self.state_kernel = self.xavier("state_kernel", (2 * self.units, steps), 1)
        self.score_kernel = self.xavier("score_kernel", (steps, 1), 2)
        self.gate_kernel = self.xavier("gate_kernel", (features + self.units, 3 * self.units), 3)
        self.gate_bias = self.zeros("gate_bias", 3 * self.units)
        self.kernel = self.xavier("kernel", (features + self.units, self.units), 4)
        self.bias = self.zeros("bias", self.units)

    def call(self, inputs, mask=None):
        of_states, of_scores = (self.site(part, controls=True) for part in ("states", "scores"))
        of_series = self.site("series", Einsum("btn,tp->bnp", 1), controls=True)
        seen, gates = self.site("candidate"), self.site("gates", controls=True)
        weights = (self.state_kernel, self.score_kernel, self.gate_kernel, self.gate_bias, self.kernel, self.bias)
        state_kernel, score_kernel, gate_kernel, gate_bias, kernel, bias = map(ops.convert_to_tensor, weights)
        none = ops.zeros((), inputs.dtype)
        series_kernel = ops.convert_to_tensor(self.series_kernel)
        series = primitives.affine(inputs, series_kernel, none, of_series, self.domain)

        def step(inputs, states):
            [x], (h, c) = inputs, states
            state = primitives.affine(ops.concatenate([h, c], axis=-1), state_kernel, none, of_states, "real")
            state = ops.broadcast_to(state[:, None], ops.shape(series))
            total = primitives.squash(primitives.add(series, state, f"{self.name}/scores"), ops.tanh, controls=True)
            scores = primitives.affine(total, score_kernel, none, of_scores, "real")[..., 0]
            alpha = primitives.softmax(scores, layer=self.name)
            read = ops.concatenate([primitives.gate(alpha, x), h], axis=-1)
            g = primitives.affine(read, gate_kernel, gate_bias, gates, self.domain)
            h, c = self.lstm(g, primitives.affine(read, kernel, bias, seen, self.domain), c)
            return h, [h, c]

        return self.run(step, [inputs], self.before(inputs, (self.units,), (self.units,)), mask)
