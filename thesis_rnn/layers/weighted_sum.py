"""The sum of values by weights that the model gives itself: where RETAIN and IMV-LSTM say what they look at."""

import math
from functools import partial

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.layers.base import PrimitiveLayer


@keras.saving.register_keras_serializable("thesis_rnn")
class WeightedSum(PrimitiveLayer):
    """c = sum_t alpha_t beta_t o v_t, with alpha the softmax of scores over steps (Choi et al., 2016, equation 3).

    Input [scores, beta, v], or [scores, v] where beta is 1: scores, whose last axis is 1, weights and values, each
    [batch, steps, ..., features], of whose steps the masked ones have no weight; output [batch, ..., features].
    Explanations by propagation give the relevance of c to the values, and to the weights what the composite gives to
    gates.

    Args:
      of_steps: the second axis are the steps of the series, so that alpha can be read as attention to them.

    Example:
      >>> scores, beta, v = np.zeros((1, 2, 1)), np.array([[[1.0], [2.0]]]), np.array([[[3.0], [1.0]]])
      >>> WeightedSum()([scores, beta, v]).numpy().tolist()
      [[2.5]]
    """

    def __init__(self, of_steps: bool = True, **kwargs):
        super().__init__(**kwargs)
        self.of_steps = of_steps
        self.supports_masking = True

    def call(self, inputs, mask=None):
        scores, *beta, values = inputs
        weights = self._alpha(scores, mask and mask[-1])
        for one in beta:
            weights = primitives.gate(weights, one)
        weighed = primitives.gate(weights, values, "attention")
        return primitives.pool(weighed, partial(ops.sum, axis=1), layer=self.name)

    def _alpha(self, scores, mask):
        alpha = primitives.softmax(scores, partial(_over_steps, mask=mask), self.name)
        if not self.of_steps:
            return alpha
        seen = primitives.attend(_by_hops(alpha), self.name)
        return ops.reshape(ops.swapaxes(seen, 1, 3), ops.shape(alpha))

    def activations(self, inputs, mask=None) -> dict:
        """The "output" c, and the weights "alpha" and, where they are given, "beta"."""
        inputs = [ops.convert_to_tensor(one) for one in inputs]
        alpha = self._alpha(inputs[0], mask and mask[-1])
        beta = {"beta": inputs[1]} if len(inputs) == 3 else {}
        return {"output": self(inputs, mask=mask), "alpha": alpha} | beta

    def attention_weights(self, inputs, mask=None):
        """alpha [batch, hops, 1, steps], a hop for each score of a step; None where it is not of steps."""
        if not self.of_steps:
            return None
        return _by_hops(self._alpha(ops.convert_to_tensor(inputs[0]), mask and mask[-1]))

    def compute_mask(self, inputs, previous_mask):
        """None: the output has no steps."""
        return None

    def compute_output_shape(self, input_shape):
        return (input_shape[-1][0], *input_shape[-1][2:])

    def get_config(self):
        return super().get_config() | {"of_steps": self.of_steps}


def _by_hops(alpha):
    """[batch, steps, ...] -> [batch, hops, 1, steps]."""
    return ops.swapaxes(ops.reshape(alpha, (*ops.shape(alpha)[:2], 1, math.prod(alpha.shape[2:]))), 1, 3)


def _over_steps(scores, mask):
    if mask is None:
        return ops.softmax(scores, axis=1)
    mask = ops.reshape(mask, (*ops.shape(mask), *[1] * (len(scores.shape) - 2)))
    weights = ops.softmax(ops.where(mask, scores, scores.dtype.min / 2), axis=1)
    return weights * ops.cast(mask, weights.dtype)
