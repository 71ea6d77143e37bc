"""Positions: what a network that sees all steps at once has to be told."""

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.layers.base import PrimitiveLayer


@keras.saving.register_keras_serializable("thesis_rnn")
class Positions(PrimitiveLayer):
    """x_t + p_t, with a learned p_t for each step (Vaswani et al., 2017, section 3.5).

    Input and output [batch, steps, features]. No input made p: relevance that arrives there is the ledger's row
    "constant".

    Args:
      seed: seeds the start of p, N(0, 0.02^2).

    Example:
      >>> Positions()(np.zeros((2, 3, 4), "float32")).shape
      TensorShape([2, 3, 4])
    """

    def __init__(self, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.supports_masking = True

    def build(self, input_shape):
        start = keras.initializers.RandomNormal(stddev=0.02, seed=self.seed)
        self.table = self.add_weight(name="table", shape=input_shape[1:], initializer=start)

    def call(self, inputs):
        table = ops.broadcast_to(ops.cast(self.table, inputs.dtype), ops.shape(inputs))
        return primitives.add(inputs, primitives.constant(table, self.name), self.name)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"seed": self.seed}
