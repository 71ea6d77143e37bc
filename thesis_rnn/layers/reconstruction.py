"""A code from which its series can be told again: the decoder of a sequence autoencoder, which only training sees."""

import keras
from keras import ops

from thesis_rnn.errors import InputError
from thesis_rnn.layers.base import PrimitiveLayer


@keras.saving.register_keras_serializable("thesis_rnn")
class Reconstruction(PrimitiveLayer):
    """The code itself; in training it adds the mean of (x - x^)^2 over own steps and features to the model's loss.

    Input [code, x], a vector [batch, units] and the series it is a code of [batch, steps, features], whose masked steps
    do not count; output the code. x^ is read by a dense layer from an LSTM that is given the code at every step
    (Srivastava et al., 2015, section 2.1, unconditioned, in the order of the series). No gradient goes into x, so that
    an embedding cannot make it easy to tell. Outside of training nothing is decoded: relevance passes unchanged.

    Args:
      units: of the decoder.
      weight: of the mean beside the model's loss.
      seed: of the decoder's kernels.

    Raises:
      InputError: for other inputs than a code and its series.

    Example:
      >>> code, x = np.ones((2, 3), "float32"), np.zeros((2, 4, 5), "float32")
      >>> layer = Reconstruction(units=3)
      >>> layer([code, x]).shape, layer.activations([code, x])["reconstruction"].shape
      (TensorShape([2, 3]), TensorShape([2, 4, 5]))
    """

    def __init__(self, units: int, weight: float = 1.0, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.units, self.weight, self.seed = units, weight, seed
        self.supports_masking = True

    def build(self, input_shape):
        if len(input_shape) != 2 or [len(shape) for shape in input_shape] != [2, 3]:
            raise InputError(f"a code [batch, units] and its series [batch, steps, features]; received {input_shape}")
        (_, size), (_, steps, features) = input_shape
        starts = [keras.initializers.GlorotUniform(None if self.seed is None else self.seed + k) for k in range(3)]
        self.decoder = keras.layers.LSTM(
            self.units,
            return_sequences=True,
            kernel_initializer=starts[0],
            recurrent_initializer=starts[1],
            name="decoder",
        )
        self.reader = keras.layers.Dense(features, kernel_initializer=starts[2], name="reader")
        self.decoder.build((None, steps, size))
        self.reader.build((None, steps, self.units))

    def call(self, inputs, mask=None, training=None):
        code, x = inputs
        if training:
            own = None if mask is None else mask[1]
            self.add_loss(self.weight * _mean_square(ops.stop_gradient(x) - self._decoded(code, x), own))
        return code

    def _decoded(self, code, x):
        return self.reader(self.decoder(ops.repeat(code[:, None], ops.shape(x)[1], axis=1)))

    def activations(self, inputs, mask=None) -> dict:
        """The "output", which is the code, and the "reconstruction" x^ [batch, steps, features]."""
        code, x = (ops.convert_to_tensor(one) for one in inputs)
        return {"output": self([code, x]), "reconstruction": self._decoded(code, x)}

    def compute_mask(self, inputs, previous_mask):
        """None: a code has no steps."""
        return None

    def compute_output_shape(self, input_shape):
        return input_shape[0]

    def get_config(self):
        return super().get_config() | {"units": self.units, "weight": self.weight, "seed": self.seed}


def _mean_square(gap, own):
    """The mean of gap^2 [batch, steps, features] over the ``own`` steps [batch, steps]; over all without them."""
    square = ops.mean(ops.square(gap), axis=-1)
    if own is None:
        return ops.mean(square)
    own = ops.cast(own, square.dtype)
    return ops.sum(square * own) / ops.maximum(ops.sum(own), 1)
