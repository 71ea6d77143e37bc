"""The sum over steps of values by weights that the model gives itself: where RETAIN says what it looks at."""

from functools import partial

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.layers.base import PrimitiveLayer


@keras.saving.register_keras_serializable("thesis_rnn")
class WeightedSum(PrimitiveLayer):
    """c = sum_t alpha_t beta_t o v_t, with alpha the softmax of scores over steps (Choi et al., 2016, equation 3).

    Input [scores, beta, v]: a score for each step [batch, steps, 1], a weight for each step and feature [batch, steps,
    features], and the values [batch, steps, features], whose masked steps have no weight; output [batch, features].
    Explanations by propagation give the relevance of c to the values, and to the weights what the composite gives to
    gates.

    Example:
      >>> scores, beta, v = np.zeros((1, 2, 1)), np.array([[[1.0], [2.0]]]), np.array([[[3.0], [1.0]]])
      >>> WeightedSum()([scores, beta, v]).numpy().tolist()
      [[2.5]]
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs, mask=None):
        scores, beta, values = inputs
        weights = primitives.gate(self._alpha(scores, mask and mask[2]), beta)
        weighed = primitives.gate(weights, values, "attention")
        return primitives.pool(weighed, partial(ops.sum, axis=1), layer=self.name)

    def _alpha(self, scores, mask):
        return primitives.softmax(scores, partial(_over_steps, mask=mask), self.name)

    def activations(self, inputs, mask=None) -> dict:
        """The "output" c, and the weights "alpha" and "beta"."""
        inputs = [ops.convert_to_tensor(one) for one in inputs]
        output = self(inputs, mask=mask)
        return {"output": output, "alpha": self._alpha(inputs[0], mask and mask[2]), "beta": inputs[1]}

    def compute_mask(self, inputs, previous_mask):
        """None: the output has no steps."""
        return None

    def compute_output_shape(self, input_shape):
        return (input_shape[2][0], input_shape[2][-1])


def _over_steps(scores, mask):
    if mask is not None:
        scores = ops.where(mask[:, :, None], scores, scores.dtype.min / 2)
    weights = ops.softmax(scores, axis=1)
    return weights if mask is None else weights * ops.cast(mask, weights.dtype)[:, :, None]
