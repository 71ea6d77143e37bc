"""The convolution with literal connections, Conv+ in the thesis."""

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import SlidingKernel
from thesis_rnn.layers.base import ExplainableLayer, negative_bias
from thesis_rnn.support.checks import at_least_one


@keras.saving.register_keras_serializable("thesis_rnn")
class LiteralConvolution(ExplainableLayer):
    """A convolution that also sees its own output of the step before (thesis, section 3.4.3, figure 3.15).

        a_t = max(0, W * [x_t, a_{t-1}] - softplus(b)),   a_0 = 0

    Input [batch, steps, rows, columns, channels], output [batch, steps, rows, columns, filters]; zero padding keeps
    rows and columns. The convolution of x_t is computed for all steps at once; only that of a_{t-1} is in the
    loop.

    Args:
      filters: the number of filters.
      size: rows and columns of a filter.

    Example:
      >>> tuple(LiteralConvolution(3, size=2)(np.ones((1, 2, 4, 4, 1), "float32")).shape)
      (1, 2, 4, 4, 3)
    """

    def __init__(self, filters: int, size: int, **kwargs):
        super().__init__(**kwargs)
        at_least_one(filters=filters, size=size)
        self.filters = filters
        self.size = size

    def build(self, input_shape):
        self.kernel = self.add_kernel("kernel", (self.size, self.size, input_shape[-1] + self.filters, self.filters))
        self.bias = self.add_bias("bias", self.filters)

    def call(self, inputs):
        steps, channels = inputs.shape[1], inputs.shape[-1]
        site = primitives.Site(self.name, first=self.domain == "bounded", form=SlidingKernel())
        kernel = ops.convert_to_tensor(self.kernel)
        bias = negative_bias(self.bias)
        input_kernel, feedback_kernel = kernel[:, :, :channels], kernel[:, :, channels:]
        from_input = primitives.by_step(primitives.contribution(inputs, input_kernel, site, self.domain))
        outputs = []
        for step in range(steps):
            z = from_input[step]
            if outputs:
                z = z + primitives.contribution(outputs[-1], feedback_kernel, site)
            outputs.append(primitives.rectify(primitives.preactivation(z, bias, site)))
        return ops.stack(outputs, axis=1)

    def draw(self, graph) -> None:
        """A box and the loop to itself."""
        graph.box(self.name, f"{self.size}x{self.size}x{self.filters}", "convolution", maps=self.output.shape)
        graph.connect(self.name, self.name, "literal", "t-1")

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.filters)

    def get_config(self):
        return super().get_config() | {"filters": self.filters, "size": self.size}
