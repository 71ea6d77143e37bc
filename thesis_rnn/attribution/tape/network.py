"""What the tape engine sees of a Keras model: from the input to logits, in a floating-point type of choice."""

import weakref
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.stock import (
    check_graph,
    compute_dtypes,
    head_activation,
    make_surrogate,
    masking_readers,
)
from thesis_rnn.attribution.stock.graph import operations_of
from thesis_rnn.attribution.stock.masks import mask_of
from thesis_rnn.attribution.stock.recast import live_weights
from thesis_rnn.attribution.stock.signals import passes_on
from thesis_rnn.attribution.stock.surrogate import own_name
from thesis_rnn.attribution.tape.head import Head, find_head
from thesis_rnn.attribution.tape.traces import Traces, all_nodes, making, traced
from thesis_rnn.errors import InputError
from thesis_rnn.layers.base import PrimitiveLayer
from thesis_rnn.support.keras_errors import own_errors

REARRANGING = (keras.layers.InputLayer, keras.layers.Reshape, keras.layers.Permute, keras.layers.Flatten)
"""Stock layers that only rearrange: their ordinary gradients route relevance correctly."""


class Network:
    """A model whose layers are written in primitives. It reads the user's weights, as they are, at every call.

    Args:
      explainable: gives the Keras model that is traced: the user's own, or one that was made from it.
      head: which of its outputs is explained.
      weights: gives the block in which a copy of the model has the user's weights; in any such block, what layers
        would change when they are called (states, seeds, statistics) stays as it is.
      masking: for each input the layers that mask it, if nothing else reads it.
      steady: the inputs that never vary, as they are masks: what is asked at other points has those of the samples.

    Attributes:
      passes: what relevance must pass on its way back; see ``filtering``.
      traces: the compiled explanations of the network.
      by_xla: what was compiled by XLA because it pays, and for which size of batches.
      itself: the user's model, compiled, for its inputs or for samples of one shape.
      masked: whether masks are made in the network; None where no pass has told yet.
      checked: the shapes of inputs for which the forward pass is known to be that of the user's model.
    """

    def __init__(
        self,
        explainable: Callable[[], keras.Model],
        head: Head,
        weights: Callable = keras.StatelessScope,
        masking: dict[str, list] | None = None,
        steady: Sequence[str] = (),
    ):
        self.explainable = explainable
        self.head = head
        self.weights = weights
        self.masking: dict[str, list] = masking or {}
        self.steady = steady
        self.masked: bool | None = None
        self.passes: list = []
        self.traces = Traces()
        self.by_xla: set = set()
        self.itself: dict[tuple, Callable] = {}
        self.checked: set = set()

    def logits(self, x):
        """The logits [n, classes] for a batch."""
        with own_errors(), self.weights():
            return self.head.logits(self.explainable()(x, training=False))

    def activations(self, x, names: Sequence[str]) -> dict[str, tf.Tensor]:
        """What the layers of these names give for a batch.

        Raises:
          InputError: for a layer that the model does not have.
        """
        model = self.explainable()
        known = {own_name(layer): layer for layer in model.layers}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise InputError(f"layers of the model are {', '.join(known)}; received {', '.join(unknown)}")
        inner = keras.Model(model_inputs(model), {name: known[name].output for name in names})
        with own_errors(), self.weights():
            return inner(x, training=False)

    def attention(self, x) -> dict[str, tf.Tensor]:
        """The attention weights of every layer that tells them, by its name."""
        model = self.explainable()
        telling = {own_name(layer): layer for layer in model.layers if tells_attention(layer)}
        if not telling:
            return {}
        inner = keras.Model(model_inputs(model), {name: layer.input for name, layer in telling.items()})
        with own_errors(), self.weights():
            inputs = inner(x, training=False)
            weights = {
                name: layer.attention_weights(inputs[name], tree.map_structure(mask_of, inputs[name]))
                for name, layer in telling.items()
            }
        return {name: one for name, one in weights.items() if one is not None}

    @property
    def dtype(self) -> str:
        """The floating-point type of the logits."""
        return self.explainable().outputs[self.head.index].dtype

    @property
    def input_spec(self):
        """The input, for batches of any size: a tree of specs, as the model's inputs are one."""
        return tree.map_structure(_spec, model_inputs(self.explainable()))


def model_inputs(model: keras.Model):
    """The model's symbolic input, or the list or dict of them."""
    return model.inputs[0] if len(model.inputs) == 1 else model.input


def _spec(tensor) -> tf.TensorSpec:
    return tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype, name=tensor.name)


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
      InputError: for a layer or a head that is not covered.
    """
    key = (dtype, head, step, derivative)
    with making():
        known = _networks.setdefault(model, {})
        if key not in known:
            known[key] = _make_network(model, *key)
        return known[key]


def tells_attention(layer: keras.layers.Layer) -> bool:
    """Whether the layer, or the one that it stands for, tells its attention weights."""
    return isinstance(getattr(layer, "source", layer), PrimitiveLayer)


def is_thesis_model(model: keras.Model) -> bool:
    """Whether every layer of ``model`` is written in primitives or only rearranges, and so does every operation."""
    return hasattr(model, "inputs") and all(
        isinstance(operation, (PrimitiveLayer, *REARRANGING))
        or (not isinstance(operation, keras.layers.Layer) and passes_on(operation))
        for operation in operations_of(model)
    )


def _make_network(model: keras.Model, dtype: str, head: int, step: int | None, derivative: bool) -> Network:
    check_graph(model)
    if not is_thesis_model(model):
        surrogate = make_surrogate(model, dtype, derivative)
        found = find_head(model, head_activation(model, head), head, step)
        steady = [tensor.name for tensor in model.inputs if tensor.dtype == "bool"]
        return Network(lambda: surrogate, found, masking=masking_readers(model), steady=steady)
    found = find_head(model, "linear", head, step)
    if model.compute_dtype == dtype and all(tensor.dtype == dtype for tensor in model.inputs):
        return Network(weakref.ref(model), found)  # what is kept must not keep alive the model that it hangs on
    copy, given = copied_in(model, dtype), list(model.weights)
    return Network(lambda: copy, found, lambda: live_weights(copy.weights, given))


COMPARED = 32
"""Samples whose forward passes are compared."""


def fixed_batch_size(model: keras.Model, n: int) -> int | None:
    """The only size of batches that ``model`` takes; None if it takes any.

    Raises:
      InputError: unless ``n`` samples are whole batches of it.
    """
    size = model.inputs[0].shape[0]
    if size is not None and n % size:
        raise InputError(f"the model takes batches of {size} samples: give a multiple of it; received {n} samples")
    return size


def outputs_to_compare(network: Network, model: keras.Model, x, batch_size: int) -> np.ndarray | None:
    """What ``model`` itself gives for the first samples of ``x``; None where its forward pass is known to be explained.

    The user's layers run compiled, and change nothing of the model: neither states nor seeds.
    """
    if _shapes(x) in network.checked:
        return None
    here = weakref.ref(model)  # a graph that is kept must not keep alive the model that it hangs on

    def run(x):
        with keras.StatelessScope():
            return network.head.given(here()(x, training=False))

    spec = _known_lengths(model, network.input_spec, x)
    key = tuple(leaf.shape for leaf in tree.flatten(spec))
    with making():
        if key not in network.itself:
            made = traced(run, [spec])
            _check_assigns_nothing(made.graph)
            network.itself[key] = made
    size = min(COMPARED, batch_size) if model.inputs[0].shape[0] is None else batch_size
    return network.itself[key](tree.map_structure(lambda leaf: leaf[:size], x)).numpy().astype(np.float64)


def _known_lengths(model: keras.Model, spec, x):
    """The specs of inputs, with the lengths of ``x`` where Keras needs them.

    In a graph of unknown length TimeDistributed maps its layer over steps with one batch for all: of convolutions it
    gives outputs of another shape (Keras 3.15).
    """
    if not any(isinstance(layer, keras.layers.TimeDistributed) for layer in model._flatten_layers()):
        return spec
    return tree.map_structure(
        lambda one, leaf: tf.TensorSpec((one.shape[0], *leaf.shape[1:]), one.dtype, one.name), spec, x
    )


def _check_assigns_nothing(graph: tf.Graph) -> None:
    """Refuses layers that change a variable that Keras does not know of, which no scope holds back."""
    assigning = [node.name for node in all_nodes(graph) if node.op.startswith("Assign")]
    if assigning:
        raise InputError(
            "a layer assigns to a tf.Variable when it is called, and explaining must change nothing; make it a weight, "
            f"by add_weight; received the assignment {assigning[0]}"
        )


def check_forward(network: Network, model: keras.Model, x, given: np.ndarray, logits: np.ndarray) -> None:
    """Compares the explained forward pass with the model's own, once for each shape of x: code is tested, not weights.

    Args:
      network, model: what was explained, and the user's model.
      x: the samples.
      given: what the model gives for the first of them.
      logits: those that were explained.

    Raises:
      InputError: if they differ by more than rounding.
    """
    explained = np.asarray(network.head.as_given(logits[: len(given)]), np.float64)
    if not np.isfinite(given).all():
        check_weights(model)
    tolerance = 1e-4 if compute_dtypes(model) <= {"float32", "float64"} else 2e-2
    if not np.allclose(given, explained, rtol=tolerance, atol=tolerance * max(1.0, np.abs(given).max())):
        raise InputError(
            "the explained forward pass must equal the model's own; a layer of the model does not do what its class "
            f"says; received a difference of {np.abs(given - explained).max():.3g}"
        )
    network.checked.add(_shapes(x))


def _shapes(x) -> tuple:
    return tuple(leaf.shape[1:] for leaf in tree.flatten(x))


def copied_in(model: keras.Model, dtype: str) -> keras.Model:
    """A copy of a model of the thesis that computes in ``dtype``, with weights of its own."""

    def copy(layer):
        return layer.__class__.from_config(layer.get_config() | {"dtype": dtype})

    inputs = tree.map_structure(
        lambda tensor: keras.Input(tensor.shape[1:], dtype=dtype, name=tensor.name),
        model_inputs(model),
    )
    return keras.models.clone_model(model, input_tensors=inputs, clone_function=copy)


def check_weights(model: keras.Model) -> None:
    """Refuses a model with weights that are NaN or infinite, by the name of the first."""
    for variable in model.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(variable)).all():
            raise InputError(
                f"weights must be finite, train the model again; received NaN or infinity in {variable.path}"
            )
