"""What is known of missing values: which were observed, and how long ago each feature was."""

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.layers.base import PrimitiveLayer


@keras.saving.register_keras_serializable("thesis_rnn")
class Gaps(PrimitiveLayer):
    """[m, d]: m itself, and the steps since the last observation, d_1 = 0, d_t = 1 + (1 - m_{t-1}) d_{t-1}.

    Input m [batch, steps, features] of 0 and 1; outputs of its shape (Che et al., 2018, equations 1 and 2, with a step
    for a unit of time). No relevance goes through either: what arrives is the ledger's row "constant".

    Example:
      >>> Gaps()(np.array([[[1.0], [0.0], [0.0], [1.0]]], "float32"))[1].numpy().ravel().tolist()
      [0.0, 1.0, 2.0, 3.0]
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs):
        since = ops.cast(since_observed(inputs), inputs.dtype)
        return [primitives.constant(one, self.name) for one in (inputs, ops.stop_gradient(since))]

    def compute_mask(self, inputs, previous_mask):
        """That of the input, for both."""
        return [previous_mask] * 2

    def compute_output_shape(self, input_shape):
        return [input_shape] * 2


def since_observed(observed):
    """d [batch, steps, features] of m: steps since the last observation before, or since the first step."""
    steps = ops.arange(ops.shape(observed)[1])[:, None]
    last = ops.associative_scan(ops.maximum, ops.where(observed > 0, steps, 0), axis=1)
    last = ops.reshape(last, ops.shape(observed))  # the scan forgets it
    return steps - ops.concatenate([ops.zeros_like(last[:, :1]), last[:, :-1]], axis=1)
