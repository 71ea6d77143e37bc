"""True sum pooling of images, pooling over the steps of a series, and its last step."""

from functools import partial

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import sum_windows
from thesis_rnn.errors import InputError
from thesis_rnn.layers.base import PrimitiveLayer
from thesis_rnn.support.checks import at_least_one


@keras.saving.register_keras_serializable("thesis_rnn")
class SumPooling(PrimitiveLayer):
    """a_k = the sum of the activations in a ``size`` x ``size`` window; windows do not overlap.

    Input [batch, ..., rows, columns, channels], output [batch, ..., ceil(rows/size), ceil(columns/size), channels]. The
    border is filled with zeros. Sum pooling, unlike max pooling, is a layer whose relevance is shared in proportion
    (Montavon et al., 2018, section 5, special layers).

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


@keras.saving.register_keras_serializable("thesis_rnn")
class StepPooling(PrimitiveLayer):
    """a_k = the mean, the sum or the maximum of the activations over the steps that are not masked.

    Input [batch, steps, features], output [batch, features]. Over no step at all the result is 0, where Keras' own
    average is NaN. Relevance of a mean or a sum is shared in proportion; of a maximum as the composite says.

    Args:
      kind: "mean", "sum" or "max". Sums are the advice of Montavon et al. (2018), section 6, for networks that are to
        be explained.

    Example:
      >>> StepPooling("max")(np.array([[[1.0], [3.0]]], "float32")).numpy().tolist()
      [[3.0]]
    """

    def __init__(self, kind: str = "mean", **kwargs):
        super().__init__(**kwargs)
        if kind not in ("mean", "sum", "max"):
            raise InputError(f"kind must be mean, sum or max; received {kind!r}")
        self.kind = kind
        self.supports_masking = True

    def call(self, inputs, mask=None):
        mean = partial(_mean_of_steps, mask=mask)
        if self.kind != "max":
            linear = mean if self.kind == "mean" else partial(_sum_of_steps, mask=mask)
            return primitives.pool(inputs, linear, layer=self.name)
        return primitives.pool(inputs, partial(_largest_step, mask=mask), mean, layer=self.name)

    def compute_mask(self, inputs, previous_mask):
        """None: the output has no steps."""
        return None

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])

    def get_config(self):
        return super().get_config() | {"kind": self.kind}


@keras.saving.register_keras_serializable("thesis_rnn")
class LastStep(PrimitiveLayer):
    """a_T, the last step that is not masked; 0 where all are.

    Input [batch, steps, ...], output [batch, ...].

    Example:
      >>> LastStep()(np.array([[[1.0], [3.0]]], "float32")).numpy().tolist()
      [[3.0]]
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs, mask=None):
        return primitives.pool(inputs, partial(_last_step, mask=mask), layer=self.name)

    def compute_mask(self, inputs, previous_mask):
        """None: the output has no steps."""
        return None

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *input_shape[2:])


def _last_step(a, mask):
    if mask is None:
        return a[:, -1]
    own = ops.cast(mask, "int32")
    later = ops.flip(ops.cumsum(ops.flip(own, axis=1), axis=1), axis=1)  # own steps from here on, this one among them
    is_last = ops.cast(own * later == 1, a.dtype)
    return ops.einsum("bt,bt...->b...", is_last, a)


def _sum_of_steps(a, mask):
    return ops.sum(a if mask is None else a * ops.cast(mask, a.dtype)[:, :, None], axis=1)


def _mean_of_steps(a, mask):
    if mask is None:
        return ops.mean(a, axis=1)
    own = ops.cast(mask, a.dtype)[:, :, None]
    return ops.sum(a * own, axis=1) / ops.maximum(ops.sum(own, axis=1), 1)


def _largest_step(a, mask):
    if mask is None:
        return ops.max(a, axis=1)
    visible = ops.expand_dims(mask, -1)
    largest = ops.max(ops.where(visible, a, a.dtype.min), axis=1)
    return ops.where(ops.any(visible, axis=1), largest, ops.zeros_like(largest))
