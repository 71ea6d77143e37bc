"""Ordinary and stationary dropout over sequences, with masks that a saved model carries on."""

import keras
from keras import ops

from thesis_rnn.core.replicas import uniform_of_batch
from thesis_rnn.errors import InputError
from thesis_rnn.layers.base import PrimitiveLayer


@keras.saving.register_keras_serializable("thesis_rnn")
class Dropout(PrimitiveLayer):
    """Sets activations to zero with probability ``rate`` while training and divides the others by 1 - rate.

    Input and output [batch, ...]. Outside training it passes its input through. The position in the stream of
    random numbers is saved with the weights, which Keras' own dropout leaves out: a training that is interrupted and
    resumed draws the same masks as one that was not.

    Args:
      rate: the probability of a zero, in [0, 1).
      seed: seeds the masks.

    Example:
      >>> Dropout(0.5)(np.ones((1, 2), "float32")).numpy().tolist()  # outside training
      [[1.0, 1.0]]
    """

    kind = "ordinary"

    def __init__(self, rate: float, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise InputError(f"dropout rate must lie in [0, 1); received {rate!r}")
        self.rate = rate
        self.seed = seed
        self.supports_masking = True
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, inputs, training=False):
        mask = self.mask(ops.shape(inputs), training)
        return inputs if mask is None else inputs * mask

    def kinds(self) -> tuple[str, ...]:
        """The kind of dropout, "ordinary" or "stationary"; empty if nothing is dropped."""
        return (self.kind,) if self.rate else ()

    def draw(self, graph) -> None:
        """A mark on the arrow to the next layer."""
        graph.dropout += self.kinds()

    def mask(self, shape, training):
        """Zeros and 1/(1 - rate) in ``shape`` [batch, steps, ...]; None where nothing is dropped."""
        if not training or self.rate == 0:
            return None
        kept = uniform_of_batch(self.mask_shape(shape), self.seed_generator) >= self.rate
        return ops.cast(kept, self.compute_dtype) * (1 / (1 - self.rate))

    def mask_shape(self, shape):
        return shape

    def step_masks(self, sequences, units: int, training) -> list:
        """One mask [batch, units] for each step of ``sequences`` [batch, steps, ...]; None where nothing is dropped."""
        batch, steps = ops.shape(sequences)[:2]
        mask = self.mask((batch, steps, units), training)
        if mask is None:
            return [None] * steps
        masks = ops.unstack(mask, axis=1)
        return masks if len(masks) == steps else masks * steps

    def compute_output_shape(self, input_shape):
        return input_shape

    def save_own_variables(self, store):
        super().save_own_variables(store)
        store["seed_state"] = ops.convert_to_numpy(self.seed_generator.state)

    def load_own_variables(self, store):
        self.seed_generator.state.assign(store["seed_state"])

    def get_config(self):
        return super().get_config() | {"rate": self.rate, "seed": self.seed}


@keras.saving.register_keras_serializable("thesis_rnn")
class StationaryDropout(Dropout):
    """Dropout with one mask per sequence, drawn once and used again at every step (thesis, section 3.4.1).

    Input and output [batch, steps, ...]. First proposed by Gal and Ghahramani (2016).

    Example:
      >>> masks = StationaryDropout(0.5, seed=0)(np.ones((1, 2, 4), "float32"), training=True)
      >>> bool((masks[:, 0] == masks[:, 1]).numpy().all())
      True
    """

    kind = "stationary"

    def mask_shape(self, shape):
        return (shape[0], 1, *shape[2:])


def drop(a, mask):
    """``a`` under a mask of ``step_masks``."""
    return a if mask is None else a * mask


def make_dropout(rate: float, stationary: bool, **kwargs) -> Dropout:
    """Makes ordinary dropout, or stationary dropout with one mask per sequence.

    Args:
      rate: the probability of a zero, in [0, 1).
      stationary: whether one mask serves all steps of a sequence.
      **kwargs: those of the layer: ``seed``, ``name``, ``dtype``.

    Returns:
      The layer.

    Raises:
      InputError: for a rate outside [0, 1).

    Example:
      >>> make_dropout(0.2, stationary=True).kinds()
      ('stationary',)
    """
    return (StationaryDropout if stationary else Dropout)(rate, **kwargs)
