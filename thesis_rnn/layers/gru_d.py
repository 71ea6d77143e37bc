"""GRU-D: a GRU for series with missing values, in which what was seen last fades (Che et al., 2018)."""

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import Diagonal
from thesis_rnn.layers.loop import Loop

DECAY = 0.1
"""Where decays start: at 0, where the published code has them, max(0, .) has no derivative and they never train."""


@keras.saving.register_keras_serializable("thesis_rnn")
class GRUD(Loop):
    """A GRU of x^ = m x + (1 - m) g l, whose state fades by g' (Che et al., 2018, equations 10 to 17).

        g = exp(-max(0, w d + v)),   g' = exp(-max(0, W d + u)),   l the last observed value
        z, r = sigmoid(A x^ + B (g' h) + C m + b),   h <- (1 - z) g' h + z tanh(V x^ + Y (r g' h) + U m + c)

    Input [x, m, d], each [batch, steps, features]: values, 1 where they are observed and 0 where not, and the steps
    since the last observation (see ``Gaps``). A value fades to 0, the mean of features that are standardised; before
    the first observation it is 0. Output [batch, units], or of every step.

    Explanations by propagation share relevance between x and m; d decides how much passes, as gates do.

    Args:
      units, return_sequences, domain, seed: see ``Loop``.

    Example:
      >>> x, m, d = np.ones((2, 4, 3), "float32"), np.ones((2, 4, 3), "float32"), np.ones((2, 4, 3), "float32")
      >>> tuple(GRUD(5)([x, m, d]).shape)
      (2, 5)
    """

    def build(self, input_shape):
        features, units = input_shape[0][-1], self.units
        self.gate_kernel = self.xavier("gate_kernel", (features, 2 * units), 0)
        self.gate_recurrent = self.xavier("gate_recurrent_kernel", (units, 2 * units), 1)
        self.gate_observed = self.xavier("gate_mask_kernel", (features, 2 * units), 2)
        self.gate_bias = self.zeros("gate_bias", 2 * units)
        self.kernel = self.xavier("kernel", (features, units), 3)
        self.recurrent = self.xavier("recurrent_kernel", (units, units), 4)
        self.observed = self.xavier("mask_kernel", (features, units), 5)
        self.bias = self.zeros("bias", units)
        self.decay = self._decay("input_decay", (features,), DECAY)
        self.decay_bias = self.zeros("input_decay_bias", features)
        self.state_decay = self._decay("state_decay", (features, units), DECAY / features)
        self.state_decay_bias = self.zeros("state_decay_bias", units)

    def _decay(self, name: str, shape: tuple[int, ...], start: float):
        return self.add_weight(name=name, shape=shape, initializer=keras.initializers.Constant(start))

    def decays(self, since):
        """(g, g') [batch, steps, features] and [batch, steps, units]."""
        weights = [self.decay, self.decay_bias, self.state_decay, self.state_decay_bias]
        w, v, of_state, u = map(ops.convert_to_tensor, weights)
        of_input = primitives.affine(since, w, v, self.site("input_decay", Diagonal(), controls=True), "positive")
        of_state = primitives.affine(since, of_state, u, self.site("state_decay", controls=True), "positive")
        return [primitives.squash(primitives.rectify(z), _fading, controls=True) for z in (of_input, of_state)]

    def call(self, inputs, mask=None):
        x, m, since = inputs
        seen, gates = self.site("candidate"), self.site("gates", controls=True)
        decay, state_decay = self.decays(since)
        hidden = primitives.squash(m, _complement, controls=True)
        faded = primitives.gate(hidden, decay)
        weights = [self.gate_kernel, self.gate_recurrent, self.gate_bias, self.kernel, self.recurrent, self.bias]
        gate_kernel, gate_recurrent, gate_bias, kernel, recurrent, bias = map(ops.convert_to_tensor, weights)

        def step(inputs, states):
            (x, m, hidden, faded, state_decay, g, z), (h, last) = inputs, states
            new, h = primitives.gate(m, x, "input"), primitives.gate(state_decay, h, "forget")
            value = primitives.add(new, primitives.gate(faded, last, "forget"), f"{self.name}/value")
            last = primitives.add(new, primitives.gate(hidden, last, "forget"), f"{self.name}/last")
            g = g + primitives.contribution(value, gate_kernel, gates, self.domain)
            g = g + primitives.contribution(h, gate_recurrent, gates, "real")
            g = primitives.squash(primitives.preactivation(g, gate_bias, gates), ops.sigmoid, controls=True)
            update, reset = ops.split(g, 2, axis=-1)
            z = z + primitives.contribution(value, kernel, seen, self.domain)
            fed = primitives.gate(reset, h, "output")
            z = primitives.preactivation(z + primitives.contribution(fed, recurrent, seen, "real"), bias, seen)
            keep = primitives.squash(update, _complement, controls=True)
            h = self.hidden(self.mixed(keep, h, primitives.squash(z, ops.tanh, layer=self.name)))
            return h, [h, self.hidden(last, "last")]

        of_mask = [
            primitives.contribution(m, self.gate_observed, gates, "positive"),
            primitives.contribution(m, self.observed, seen, "positive"),
        ]
        states = self.before(x, (self.units,), (x.shape[-1],))
        return self.run(step, [x, m, hidden, faded, state_decay, *of_mask], states, mask and mask[0])

    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(input_shape[0])


def _complement(gate):
    return 1 - gate


def _fading(z):
    return ops.exp(-z)
