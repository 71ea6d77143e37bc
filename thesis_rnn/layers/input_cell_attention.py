"""Input-cell attention: a recurrent cell that looks at all inputs so far instead of the last one."""

import keras
from keras import ops

from thesis_rnn.layers.attention_hops import AttentionHops, at_least_float32
from thesis_rnn.layers.attention_weights import hide, prefix_weights
from thesis_rnn.layers.prefix_attention import prefix_mixture, window_mixture
from thesis_rnn.support.checks import at_least_one


@keras.saving.register_keras_serializable("thesis_rnn")
class InputCellAttention(AttentionHops):
    """M_t = A_t X_t with A_t = softmax(W2 tanh(W1 X_t^T)), X_t = (x_1, ..., x_t) (Ismail et al., 2019, equation 3).

    It stands in front of any recurrent layer, whose cells then read M_t in place of x_t (equation 2):

        x = keras.Input((100, 100))
        h = keras.layers.LSTM(5)(InputCellAttention()(x))

    Weights do not depend on the state of the cell, so that all M_t are known before the loop over time starts. All
    prefixes share their work: training takes a time that is linear in the number of steps. Explanations by
    propagation take the weights as constants (Arras et al., 2017) and hold them all, steps^2 numbers for each sample.

    Input [batch, steps, features]; output [batch, steps, features] for "mean", [batch, steps, hops * features] for
    "flatten". Masked steps get no attention; where a step and all before it are masked, M_t is zero.

    Args:
      units, hops, variant: see ``AttentionHops``.
      window: attend to the last ``window`` inputs only, x_t among them; None: to all so far.
      last_steps: attend at the last ``last_steps`` unmasked steps only, to all inputs so far; at the steps before,
        every hop sees x_t alone. None: attend at every step. (Figure 10 of the paper: "attention applied to the last 10
        time steps only".)

    Example:
      >>> tuple(InputCellAttention(units=2, hops=2)(np.ones((1, 4, 3), "float32")).shape)
      (1, 4, 3)
    """

    def __init__(
        self,
        units: int = 50,
        hops: int = 20,
        variant: str = "mean",
        window: int | None = None,
        last_steps: int | None = None,
        domain: str = "bounded",
        **kwargs,
    ):
        super().__init__(units, hops, variant, domain=domain, **kwargs)
        at_least_one(**{name: k for name, k in (("window", window), ("last_steps", last_steps)) if k is not None})
        self.window = window
        self.last_steps = last_steps

    def call(self, inputs, mask=None):
        x = at_least_float32(inputs)
        scores, x = hide(self.scores(x), x, mask)
        if self._differentiable():
            output = self._attended(self._mixtures(scores, x), x, mask)
        else:
            output = self._mixed(self._weights(scores, mask), x)
        return ops.cast(output, self.compute_dtype)

    def attention_weights(self, inputs, mask=None):
        """A_t of each step t [batch, hops, steps t, steps s], zero where s is after t or masked; quadratic in steps."""
        x = at_least_float32(ops.convert_to_tensor(inputs))
        scores, _ = hide(self.scores(x), x, mask)
        return self._weights(scores, mask)

    def activations(self, inputs) -> dict:
        """``output`` M_t, and the ``attention`` weights."""
        return {"output": self(inputs), "attention": self.attention_weights(inputs)}

    def _mixtures(self, scores, x):
        """M_t at every step, in a time that is linear in their number."""
        mean = self.variant == "mean"
        if self.window is None or (x.shape[1] is not None and self.window >= x.shape[1]):
            mixtures = prefix_mixture(scores, x, mean)
        else:
            mixtures = window_mixture(scores, x, self.window, mean)
        return mixtures if mean else ops.reshape(mixtures, (-1, ops.shape(x)[1], self.hops * x.shape[-1]))

    def _attended(self, mixtures, x, mask):
        """``mixtures`` where the layer attends, and x_t for every hop elsewhere."""
        if self.last_steps is None:
            return mixtures
        alone = x if self.variant == "mean" else ops.tile(x, (1, 1, self.hops))
        return ops.where(self._attends(x, mask)[..., None], mixtures, alone)

    def _weights(self, scores, mask):
        weights = prefix_weights(scores, self.window)
        if self.last_steps is None:
            return weights
        return ops.where(self._attends(scores, mask)[:, None, :, None], weights, prefix_weights(scores, window=1))

    def _attends(self, steps, mask):
        """Whether each step is among the last ``last_steps`` that are not masked, [batch or 1, steps]."""
        mask = ops.ones((1, ops.shape(steps)[1]), "bool") if mask is None else mask
        left = ops.flip(ops.cumsum(ops.flip(ops.cast(mask, "int32"), axis=1), axis=1), axis=1)
        return left <= self.last_steps

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self._features(input_shape[-1]))

    def get_config(self):
        return super().get_config() | {"window": self.window, "last_steps": self.last_steps}
