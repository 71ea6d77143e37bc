"""The thesis' fully connected layer."""

import keras

from thesis_rnn.core import primitives
from thesis_rnn.layers.base import ExplainableLayer, negative_bias
from thesis_rnn.support.checks import at_least_one


@keras.saving.register_keras_serializable("thesis_rnn")
class Dense(ExplainableLayer):
    """a_k = max(0, sum_j w_jk a_j - softplus(b_k)) over the last axis (thesis, section 3.1).

    Input [batch, ..., features], output [batch, ..., units].

    Args:
      units: the number of neurons.
      rectified: False leaves out the ReLU, for logits.

    Example:
      >>> tuple(Dense(3)(np.ones((2, 4), "float32")).shape)
      (2, 3)
    """

    def __init__(self, units: int, rectified: bool = True, **kwargs):
        super().__init__(**kwargs)
        at_least_one(units=units)
        self.units = units
        self.rectified = rectified

    def build(self, input_shape):
        self.kernel = self.add_kernel("kernel", (input_shape[-1], self.units))
        self.bias = self.add_bias("bias", self.units)

    def call(self, inputs):
        site = primitives.Site(self.name, first=self.domain == "bounded")
        z = primitives.affine(inputs, self.kernel, negative_bias(self.bias), site, self.domain)
        return primitives.rectify(z) if self.rectified else z

    def draw(self, graph) -> None:
        """A box."""
        graph.box(self.name, str(self.units), "dense")

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        return super().get_config() | {"units": self.units, "rectified": self.rectified}
