"""The cross-entropy with a zero logit, which makes networks build positive evidence."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("thesis_rnn")
class ZeroLogitCrossentropy(keras.losses.Loss):
    """Cross-entropy of a softmax over the logits and one more logit that is always zero (thesis, section 3.1).

        loss = log(1 + sum_c exp(z_c)) - z_y

    To be likelier than the extra class, the true class needs a positive logit: the relevance that LRP and deep Taylor
    decomposition share out. ``y_true`` [batch] class indices, ``y_pred`` [batch, classes] logits; returns [batch].

    Example:
      >>> round(float(ZeroLogitCrossentropy()(np.array([0]), np.array([[0.0]], "float32"))), 4)  # log 2
      0.6931
    """

    def call(self, y_true, y_pred):
        logits = ops.pad(y_pred, ((0, 0), (0, 1)))
        return keras.losses.sparse_categorical_crossentropy(y_true, logits, from_logits=True)
