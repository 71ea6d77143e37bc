"""True sum pooling."""

from functools import partial

import keras

from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import sum_windows
from thesis_rnn.layers.base import PrimitiveLayer
from thesis_rnn.support.checks import at_least_one


@keras.saving.register_keras_serializable("thesis_rnn")
class SumPooling(PrimitiveLayer):
    """a_k = the sum of the activations in a ``size`` x ``size`` window; windows do not overlap.

    Input [batch, ..., rows, columns, channels], output [batch, ..., ceil(rows/size), ceil(columns/size), channels]. The
    border is filled with zeros. Sum pooling, unlike max pooling, is a layer whose relevance is shared in proportion
    (Montavon et al., 2018, section 5.1).

    Args:
      size: rows and columns of a window.

    Example:
      >>> SumPooling(2)(np.ones((1, 2, 2, 1), "float32")).numpy().ravel().tolist()
      [4.0]
    """

    def __init__(self, size: int = 2, **kwargs):
        super().__init__(**kwargs)
        at_least_one(size=size)
        self.size = size

    def call(self, inputs):
        return primitives.pool(inputs, partial(sum_windows, size=self.size), layer=self.name)

    def draw(self, graph) -> None:
        """A box."""
        graph.box(self.name, f"{self.size}x{self.size}", "pooling", maps=self.output.shape)

    def compute_output_shape(self, input_shape):
        *batch, rows, columns, channels = input_shape
        return (*batch, -(-rows // self.size), -(-columns // self.size), channels)

    def get_config(self):
        return super().get_config() | {"size": self.size}
