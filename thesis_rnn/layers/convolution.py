"""The thesis' convolution, over one image or over every image of a sequence at once."""

import keras

from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import SlidingKernel
from thesis_rnn.layers.base import ExplainableLayer, negative_bias
from thesis_rnn.support.checks import at_least_one


@keras.saving.register_keras_serializable("thesis_rnn")
class Convolution(ExplainableLayer):
    """a = max(0, W * x - softplus(b)), stride 1 (thesis, sections 3.1 and 3.3.1).

    Input [batch, ..., rows, columns, channels], output [batch, ..., rows', columns', filters]; rows' = rows with
    padding "same" (zeros around the image), rows - size + 1 with "valid".

    Args:
      filters: the number of filters.
      size: rows and columns of a filter.
      padding: "same" or "valid".

    Example:
      >>> tuple(Convolution(3, size=2, padding="valid")(np.ones((1, 4, 4, 1), "float32")).shape)
      (1, 3, 3, 3)
    """

    def __init__(self, filters: int, size: int, padding: str = "same", **kwargs):
        super().__init__(**kwargs)
        at_least_one(filters=filters, size=size)
        self.filters = filters
        self.size = size
        self.padding = padding

    def build(self, input_shape):
        self.kernel = self.add_kernel("kernel", (self.size, self.size, input_shape[-1], self.filters))
        self.bias = self.add_bias("bias", self.filters)

    def call(self, inputs):
        form = SlidingKernel(padding=self.padding)
        site = primitives.Site(self.name, first=self.domain == "bounded", form=form)
        return primitives.rectify(primitives.affine(inputs, self.kernel, negative_bias(self.bias), site, self.domain))

    def draw(self, graph) -> None:
        """A box."""
        graph.box(self.name, f"{self.size}x{self.size}x{self.filters}", "convolution", maps=self.output.shape)

    def compute_output_shape(self, input_shape):
        *batch, rows, columns, _ = input_shape
        lost = 0 if self.padding == "same" else self.size - 1
        return (*batch, rows - lost, columns - lost, self.filters)

    def get_config(self):
        return super().get_config() | {"filters": self.filters, "size": self.size, "padding": self.padding}
