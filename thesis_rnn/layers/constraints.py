"""Constraints on weights that keep a network explainable."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("thesis_rnn")
class NonPositive(keras.constraints.Constraint):
    """min(w, 0): after each update, what has become positive is 0.

    For biases (Montavon et al., 2018, section 6; those of the thesis' own layers are never positive): a neuron that
    nothing excites then stays silent, and no relevance belongs to its bias.

    Example:
      >>> NonPositive()(np.array([-1.0, 2.0])).numpy().tolist()
      [-1.0, 0.0]
    """

    def __call__(self, w):
        return ops.minimum(w, 0)
