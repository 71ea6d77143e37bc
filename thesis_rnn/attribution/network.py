"""What the tape engine sees of a Keras model: from the input to logits, in a floating-point type of choice."""

import weakref
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from thesis_rnn.errors import InputError
from thesis_rnn.layers import Dropout, SumPooling
from thesis_rnn.layers.base import ExplainableLayer

REARRANGING = (keras.layers.InputLayer, keras.layers.Reshape, keras.layers.Permute, keras.layers.Flatten)
"""Stock layers that only rearrange: their ordinary gradients route relevance correctly."""


class Network:
    """A model whose layers are written in primitives.

    Args:
      explainable: gives the Keras model that is traced: the user's own, or one that was made from it.
      refresh: brings the weights of a model that was made up to date.

    Attributes:
      traces: the compiled explanations of the network, by request.
    """

    def __init__(self, explainable: Callable[[], keras.Model], refresh: Callable[[], None] = lambda: None):
        self.explainable = explainable
        self.refresh = refresh
        self.traces: dict = {}

    @property
    def dtype(self) -> str:
        """The floating-point type of the logits."""
        return self.explainable().outputs[0].dtype

    @property
    def classes(self) -> int:
        """The number of logits."""
        return self.explainable().outputs[0].shape[-1]

    @property
    def input_spec(self) -> tf.TensorSpec:
        """The input, for batches of any size."""
        inputs = self.explainable().inputs[0]
        return tf.TensorSpec((None, *inputs.shape[1:]), inputs.dtype)


_networks: weakref.WeakKeyDictionary[keras.Model, dict[str, Network]] = weakref.WeakKeyDictionary()


def network_of(model: keras.Model, dtype: str) -> Network:
    """The network of ``model`` in ``dtype``, made once and kept as long as the model lives.

    Raises:
      InputError: if the model has a layer that is not covered.
    """
    known = _networks.setdefault(model, {})
    if dtype not in known:
        known[dtype] = _make_network(model, dtype)
    known[dtype].refresh()
    return known[dtype]


def _make_network(model: keras.Model, dtype: str) -> Network:
    reference = weakref.ref(model)  # what is kept must not keep alive the model that it hangs on
    for layer in model.layers:
        if not isinstance(layer, (ExplainableLayer, SumPooling, Dropout, *REARRANGING)):
            raise InputError(f"no rule covers layer {layer.name!r} of class {type(layer).__name__}")
    if model.compute_dtype == dtype and model.inputs[0].dtype == dtype:
        return Network(reference)
    copy = copied_in(model, dtype)
    return Network(lambda: copy, lambda: copy.set_weights(reference().get_weights()))


def copied_in(model: keras.Model, dtype: str) -> keras.Model:
    """A copy of a model of the thesis that computes in ``dtype``, with weights of its own."""

    def copy(layer):
        return layer.__class__.from_config(layer.get_config() | {"dtype": dtype})

    inputs = keras.Input(model.inputs[0].shape[1:], dtype=dtype, name=model.inputs[0].name)
    return keras.models.clone_model(model, input_tensors=inputs, clone_function=copy)


def check_weights(model: keras.Model) -> None:
    """Refuses a model with weights that are NaN or infinite, by the name of the first."""
    for variable in model.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(variable)).all():
            raise InputError(
                f"weights must be finite, train the model again; received NaN or infinity in {variable.path}"
            )
