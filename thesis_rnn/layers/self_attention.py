"""Self-attention over the outputs of a recurrent layer: which steps a sequence is read out from."""

import keras
from keras import ops

from thesis_rnn.layers.attention_hops import AttentionHops, at_least_float32
from thesis_rnn.layers.attention_weights import hide, whole_weights


@keras.saving.register_keras_serializable("thesis_rnn")
class SelfAttention(AttentionHops):
    """M = A H with A = softmax(W2 tanh(W1 H^T)), over all steps (Lin et al., 2017, equation 6).

    Input H [batch, steps, features]; output [batch, features], the mean over hops, or [batch, hops * features] for
    "flatten". Masked steps get no attention; where all are masked, M is zero. Explanations by propagation take the
    weights as constants.

    Args:
      units, hops, variant: see ``AttentionHops``.
      domain: where H lives; the outputs of tanh cells are "real".

    Example:
      >>> tuple(SelfAttention(units=2, hops=2)(np.ones((1, 4, 3), "float32")).shape)
      (1, 3)
    """

    def __init__(self, units: int = 50, hops: int = 20, variant: str = "mean", domain: str = "real", **kwargs):
        super().__init__(units, hops, variant, domain=domain, **kwargs)

    def call(self, inputs, mask=None):
        h = at_least_float32(inputs)
        scores, h = hide(self.scores(h), h, mask)
        output = self._mixed(whole_weights(scores)[:, :, None], h)[:, 0]
        return ops.cast(output, self.compute_dtype)

    def attention_weights(self, inputs, mask=None):
        """A [batch, hops, steps], zero where masked."""
        h = at_least_float32(ops.convert_to_tensor(inputs))
        return whole_weights(hide(self.scores(h), h, mask)[0])

    def activations(self, inputs) -> dict:
        """``output`` M, and the ``attention`` weights."""
        return {"output": self(inputs), "attention": self.attention_weights(inputs)}

    def compute_mask(self, inputs, previous_mask):
        """None: the output has no steps."""
        return None

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self._features(input_shape[-1]))
