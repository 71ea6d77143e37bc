"""What the tape engine sees of a Keras model: from the input to logits, in a floating-point type of choice."""

import weakref
import zlib
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from thesis_rnn.attribution.stock import check_graph, compute_dtypes, head_activation, make_surrogate
from thesis_rnn.attribution.tape.head import Head, find_head
from thesis_rnn.errors import InputError
from thesis_rnn.layers.base import PrimitiveLayer
from thesis_rnn.support.keras_errors import own_errors

REARRANGING = (keras.layers.InputLayer, keras.layers.Reshape, keras.layers.Permute, keras.layers.Flatten)
"""Stock layers that only rearrange: their ordinary gradients route relevance correctly."""


class Network:
    """A model whose layers are written in primitives.

    Args:
      explainable: gives the Keras model that is traced: the user's own, or one that was made from it.
      head: which of its outputs is explained.
      refresh: brings the weights of a model that was made up to date.

    Attributes:
      traces: the compiled explanations of the network, by request.
      checked: the weights and shape for which the forward pass is known to be that of the user's model.
    """

    def __init__(self, explainable: Callable[[], keras.Model], head: Head, refresh: Callable = lambda: None):
        self.explainable = explainable
        self.head = head
        self.refresh = refresh
        self.traces: dict = {}
        self.checked = None

    def logits(self, x):
        """The logits [n, classes] for a batch."""
        with own_errors():
            return self.head.logits(self.explainable()(x, training=False))

    @property
    def dtype(self) -> str:
        """The floating-point type of the logits."""
        return self.explainable().outputs[self.head.index].dtype

    @property
    def input_spec(self) -> tf.TensorSpec:
        """The input, for batches of any size."""
        inputs = self.explainable().inputs[0]
        return tf.TensorSpec((None, *inputs.shape[1:]), inputs.dtype)


_networks: weakref.WeakKeyDictionary[keras.Model, dict] = weakref.WeakKeyDictionary()


def network_of(
    model: keras.Model, dtype: str, head: int = 0, step: int | None = None, derivative: bool = False
) -> Network:
    """The network of ``model`` in ``dtype``, made once and kept as long as the model lives.

    Args:
      model: a model of the thesis, or another Functional or Sequential one.
      dtype: the floating-point type to compute in.
      head, step: see ``find_head``.
      derivative: only derivatives are asked for, which layers that are not covered have as well.

    Raises:
      InputError: if the model has several inputs, or a layer or a head that is not covered.
    """
    known = _networks.setdefault(model, {})
    key = (dtype, head, step, derivative)
    if key not in known:
        known[key] = _make_network(model, *key)
    known[key].refresh()
    return known[key]


def is_thesis_model(model: keras.Model) -> bool:
    """Whether every layer of ``model`` is written in primitives or only rearranges."""
    return all(isinstance(layer, (PrimitiveLayer, *REARRANGING)) for layer in model.layers)


def _make_network(model: keras.Model, dtype: str, head: int, step: int | None, derivative: bool) -> Network:
    check_graph(model)
    reference = weakref.ref(model)  # what is kept must not keep alive the model that it hangs on
    if not is_thesis_model(model):
        surrogate = make_surrogate(model, dtype, derivative)
        return Network(lambda: surrogate, find_head(model, head_activation(model, head), head, step))
    found = find_head(model, "linear", head, step)
    if model.compute_dtype == dtype and model.inputs[0].dtype == dtype:
        return Network(reference, found)
    copy = copied_in(model, dtype)
    return Network(lambda: copy, found, lambda: copy.set_weights(reference().get_weights()))


COMPARED = 32
"""Samples whose forward passes are compared; both run without compilation."""


def check_forward(network: Network, model: keras.Model, x: np.ndarray) -> None:
    """Compares the explained forward pass with the model's own, once for every state of the weights and shape of x.

    Raises:
      InputError: if they differ by more than rounding, on the first samples of ``x``.
    """
    state = (_fingerprint(model), x.shape[1:])
    if network.checked == state:
        return
    check_weights(model)
    x = x[:COMPARED]
    given = np.asarray(network.head.given(model(x, training=False)), np.float64)
    explained = np.asarray(network.head.as_given(network.logits(x)), np.float64)
    tolerance = 1e-4 if compute_dtypes(model) <= {"float32", "float64"} else 2e-2
    if not np.allclose(given, explained, rtol=tolerance, atol=tolerance * max(1.0, np.abs(given).max())):
        raise InputError(
            "the explained forward pass must equal the model's own; a layer of the model does not do what its class "
            f"says; received a difference of {np.abs(given - explained).max():.3g}"
        )
    network.checked = state


def _fingerprint(model: keras.Model) -> tuple[int, ...]:
    """A number for each weight, which another order of its values changes too."""
    arrays = (keras.ops.convert_to_numpy(variable) for variable in model.weights)
    return tuple(zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8)) for array in arrays)


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
