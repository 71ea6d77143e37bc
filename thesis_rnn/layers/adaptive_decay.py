"""The recurrent convolution of Lei et al., whose decays say how long each unit remembers n-grams of the input."""

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import Diagonal
from thesis_rnn.layers.loop import Loop
from thesis_rnn.support.checks import at_least_one


@keras.saving.register_keras_serializable("thesis_rnn")
class AdaptiveDecay(Loop):
    """h_t = tanh(c^n_t + b): weighted n-grams, with decays for each step and unit (Lei et al., 2016, section 5).

        lambda_t = sigmoid(V x_t + U h_{t-1} + d)
        c^1_t = lambda_t c^1_{t-1} + (1 - lambda_t) W^1 x_t
        c^k_t = lambda_t c^k_{t-1} + (1 - lambda_t) (c^{k-1}_{t-1} + W^k x_t)

    Input [batch, steps, features]; output h_T [batch, units], or h of every step.

    Args:
      order: n.
      units, return_sequences, domain, seed: see ``Loop``.

    Example:
      >>> tuple(AdaptiveDecay(5)(np.ones((2, 4, 3), "float32")).shape)
      (2, 5)
    """

    def __init__(self, units: int, order: int = 2, **kwargs):
        super().__init__(units, **kwargs)
        at_least_one(order=order)
        self.order = order

    def build(self, input_shape):
        features, units = input_shape[-1], self.units
        self.kernels = [self.xavier(f"kernel_{k}", (features, units), k) for k in range(1, self.order + 1)]
        self.bias = self.zeros("bias", units)
        self.decay_kernel = self.xavier("decay_kernel", (features, units), 0)
        self.decay_recurrent = self.xavier("decay_recurrent_kernel", (units, units), self.order + 1)
        self.decay_bias = self.zeros("decay_bias", units)

    def call(self, inputs, mask=None):
        site, of_bias = self.site("decay", controls=True), primitives.Site(f"{self.name}/output", form=Diagonal())
        weights = (self.decay_recurrent, self.decay_bias, self.bias)
        recurrent, decay_bias, bias = map(ops.convert_to_tensor, weights)
        one = ops.ones((), bias.dtype)

        def step(inputs, states):
            (g, *read), (h, *grams) = inputs, states
            g = g + primitives.contribution(h, recurrent, site, "real")
            decay = primitives.squash(primitives.preactivation(g, decay_bias, site), ops.sigmoid, controls=True)
            longer = [
                new if not k else primitives.add(grams[k - 1], new, f"{self.name}/{k + 1}-gram")
                for k, new in enumerate(read)
            ]
            grams = [self.hidden(self.mixed(decay, *pair), "cell") for pair in zip(grams, longer, strict=True)]
            z = primitives.affine(grams[-1], one, bias, of_bias, "real")
            h = self.hidden(primitives.squash(z, ops.tanh, layer=self.name))
            return h, [h, *grams]

        g = primitives.contribution(inputs, self.decay_kernel, site, self.domain)
        nothing = ops.zeros_like(bias)
        read = [
            primitives.affine(inputs, ops.convert_to_tensor(kernel), nothing, self.site(f"{k + 1}-gram"), self.domain)
            for k, kernel in enumerate(self.kernels)
        ]
        states = self.before(inputs, *[(self.units,)] * (self.order + 1))
        return self.run(step, [g, *read], states, mask)

    def get_config(self):
        return super().get_config() | {"order": self.order}
