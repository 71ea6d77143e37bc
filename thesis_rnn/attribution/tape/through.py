"""Forward passes that look at what layers give on the way, and may change it."""

from collections.abc import Callable

import keras
import tensorflow as tf
from keras import tree
from keras.src import backend

from thesis_rnn.attribution.stock.layer_forwards import forward_of
from thesis_rnn.attribution.stock.passing import rearranged, unchanged
from thesis_rnn.attribution.stock.surrogate import own_name
from thesis_rnn.attribution.tape.network import Network
from thesis_rnn.core.linear_maps import KernelPerSample
from thesis_rnn.core.primitives import ForwardSemantics, explained_by
from thesis_rnn.errors import InputError
from thesis_rnn.support.keras_errors import own_errors


def logits_through(network: Network, x, changes: dict[str, Callable]) -> tf.Tensor:
    """The logits [n, classes] where what each named layer gives is what its function makes of it.

    Args:
      network: the network.
      x: a batch.
      changes: layer or operation -> function of a tensor; it keeps the tensor's mask.

    Raises:
      InputError: for a layer that the model does not have, uses several times, or that gives several tensors.
    """
    model = network.explainable()
    functional = getattr(model, "_functional", model)
    uses = dict.fromkeys(changes, 0)

    def changed(operation):
        name = own_name(operation)
        if name not in changes:
            return operation

        def call(*inputs, **options):
            given = operation(*inputs, **options)
            uses[name] += 1
            if len(tree.flatten(given)) > 1:
                raise InputError(f"layer must give one tensor; received {name!r}, which gives several")
            return _with_mask(changes[name](given), given)

        return call

    known = [own_name(operation) for operation in functional.operations]
    for name in set(changes) - set(known):
        raise InputError(f"layers of the model are {', '.join(known)}; received {name!r}")
    with own_errors(), network.weights():
        outputs = functional._run_through_graph(functional._standardize_inputs(x), operation_fn=changed)
    for name, times in uses.items():
        if times != 1:
            raise InputError(f"layer must be used once; received {name!r}, which is used {times} times")
    return network.head.logits(outputs)


def own_layer(operation):
    """The user's layer that an operation of the explained model stands for."""
    return getattr(operation, "source", operation)


class Attending(ForwardSemantics):
    """The plain forward, which shows the attention weights of every layer, and lets them be changed.

    Args:
      change: (layer, weights [..., out, in]) -> the weights with which values are mixed.
    """

    def __init__(self, change: Callable):
        super().__init__()
        self.change = change

    def product(self, a, b, function, layer="", mixing=None):
        return super().product(a if mixing is None else self.change(layer, a), b, function, layer, mixing)

    def attend(self, weights, layer=""):
        return self.change(layer, weights)

    def contribution(self, a, kernel, site, domain):
        if isinstance(site.form, KernelPerSample):
            kernel = self.change(site.layer, kernel)
        return super().contribution(a, kernel, site, domain)


def _with_mask(tensor, like):
    mask = backend.get_keras_mask(like)
    if mask is not None and tensor is not like:
        backend.set_keras_mask(tensor, mask)
    return tensor


# ---- what is asked, as graphs of (explained, points)


def layer_question(name: str, explained, points):
    """df/dA and A of the layer ``name``."""
    taken = []
    recorder = explained.recorder
    with recorder.masks.held():
        change = {name: lambda given: taken.append(given) or given}
        logits = logits_through(recorder.network, recorder.padded(points), change)
    return _gradient(explained, logits, taken)[0], taken[0]


def log_probability_question(explained, points) -> tf.Tensor:
    """log p of the explained class [n], or the difference of two."""
    return _log_probability(explained, explained.logits(points))


def lost_without_units_question(name: str, explained, points) -> tf.Tensor:
    """By how much log p falls where one unit of the layer ``name`` is 0 everywhere [n, units]."""
    recorder, taken = explained.recorder, []

    def logits(change):
        with recorder.masks.held():
            return logits_through(recorder.network, recorder.padded(points), {name: change})

    given = _log_probability(explained, logits(lambda units: taken.append(units) or units))
    count, dtype = taken[0].shape[-1], taken[0].dtype

    def without(unit):
        kept = 1 - tf.one_hot(unit, count, dtype=dtype)
        return given - _log_probability(explained, logits(lambda units: units * kept))

    return tf.transpose(tf.map_fn(without, tf.range(count), fn_output_signature=given.dtype))


def _log_probability(explained, logits) -> tf.Tensor:
    head = explained.recorder.network.head
    return tf.reduce_sum(explained.selection * head.log_probabilities(logits), axis=-1)


def attention_question(explained, points) -> dict[str, tf.Tensor]:
    """The attention weights of every layer, in the order in which they run."""
    return {layer: _joined(hops) for layer, hops in _attended(explained, points)[1].items()}


def attention_gradient_question(name: str, explained, points):
    """df/dA and A of the attention weights of the layer ``name``."""
    logits, weights = _attended(explained, points)
    return _joined(_gradient(explained, logits, weights[name])), _joined(weights[name])


def permuted_attention_question(permutations: int, seed: int, explained, points):
    """The median, over permutations of all attention weights, of the total variation between probabilities [n]."""
    head = explained.recorder.network.head
    given = head.outputs(_logits(explained, points), "probability")

    def change(number):
        def permute(layer, weights):
            key = (seed, number * 1000 + sum(map(ord, layer)) % 1000)
            return permuted(weights, tf.random.stateless_uniform(tf.shape(weights)[1:], key))

        with explained_by(Attending(permute)):
            other = head.outputs(_logits(explained, points), "probability")
        return tf.reduce_sum(tf.abs(given - other), axis=-1) / 2

    changes = tf.map_fn(change, tf.range(permutations), fn_output_signature=given.dtype)
    return tf.sort(changes, axis=0)[(permutations - 1) // 2]


def permuted(weights, noise):
    """The weights [..., keys] that are not 0 in another order, that of ``noise``, which is the same for all samples."""
    places = tf.cast(tf.range(tf.shape(weights)[-1]), noise.dtype)
    last = tf.where(weights > 0, 0.0, 2.0)  # what receives nothing comes after all noise, and stays where it is
    source = tf.argsort(noise + last, axis=-1, stable=True)
    target = tf.argsort(places / tf.cast(tf.size(places), noise.dtype) + last, axis=-1, stable=True)
    order = tf.gather(source, tf.argsort(target, axis=-1), batch_dims=weights.shape.rank - 1)
    return tf.where(weights > 0, tf.gather(weights, order, batch_dims=weights.shape.rank - 1), weights)


def _attended(explained, points):
    """The logits, and the attention weights of every layer: one tensor, or one for each hop that has its own."""
    weights: dict[str, list[tf.Tensor]] = {}

    def take(place, given):
        layer, _, hop = place.partition("/hop ")
        if layer in weights and not hop:
            raise InputError(f"attention is read of layers that are used once; received {layer!r}")
        weights.setdefault(layer, []).append(given)
        return given

    with explained_by(Attending(take)):
        logits = _logits(explained, points)
    return logits, weights


def _logits(explained, points):
    return explained.recorder.logits_and_outputs(explained.recorder.padded(points))[0]


def _joined(hops: list) -> tf.Tensor:
    return hops[0] if len(hops) == 1 else tf.stack(hops, axis=1)


def _gradient(explained, logits, wanted: list) -> list:
    outputs = explained.recorder.network.head.outputs(logits, explained.recorder.output)
    return tf.gradients(outputs, wanted, explained.selection, unconnected_gradients="zero")


# ---- which layer is meant

PLACES_STAY = (
    "Concatenate",
    "Stack",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "Cropping1D",
    "Cropping2D",
    "UpSampling1D",
    "Cast",
)
"""What rearranges, but leaves places in their order."""
CONVOLUTIONS = ("Conv1D", "Conv2D", "SeparableConv1D", "SeparableConv2D", "DepthwiseConv1D", "DepthwiseConv2D")


def mapping_layer(network: Network, name: str) -> str:
    """``name``, or the last convolution; refused where its places are not those of the input, in their order."""
    operations = operations_of(network)
    if not name:
        names = [own_name(one) for one in operations if type(own_layer(one)).__name__ in CONVOLUTIONS]
        if not names:
            raise InputError(
                "name the layer whose maps are weighed, layer=; received a model without stock convolutions"
            )
        name = names[-1]
    by_name = {own_name(operation): operation for operation in operations}
    if name not in by_name:
        raise InputError(f"layer must be one of the model's, {', '.join(by_name)}; received {name!r}")
    for operation in above(by_name[name]):
        if not _keeps_places(own_layer(operation)):
            raise InputError(
                f"maps are laid over the input where their places are its own; received {name!r}, which is reached "
                f"through {own_name(operation)!r} of class {type(own_layer(operation)).__name__}"
            )
    return name


def averaged_layer(network: Network) -> str:
    """What is averaged over its places before the one dense layer of the head; refused for other heads."""
    model = network.explainable()
    operation = model.outputs[network.head.index]._keras_history.operation
    chain = [operation]
    if type(own_layer(operation)).__name__ in ("Softmax", "Activation"):
        chain = [_parent(operation)]
    if not isinstance(own_layer(chain[0]), keras.layers.Dense) or not _is_linear(own_layer(chain[0])):
        raise _no_cam(chain[0])
    below = _parent(chain[0])
    while forward_of(own_layer(below)) is unchanged:
        below = _parent(below)
    if type(own_layer(below)).__name__ not in ("GlobalAveragePooling1D", "GlobalAveragePooling2D"):
        raise _no_cam(below)
    return mapping_layer(network, own_name(_parent(below)))


def _no_cam(operation) -> InputError:
    return InputError(
        "cam is exact, and defined, for a head of global average pooling and one linear Dense; use grad_cam or another "
        f"method; received {own_name(operation)!r} of class {type(own_layer(operation)).__name__}"
    )


def _is_linear(dense) -> bool:
    return getattr(dense.activation, "__name__", "") in ("linear", "softmax", "sigmoid")


def _keeps_places(layer) -> bool:
    name = type(layer).__name__
    if isinstance(layer, keras.layers.InputLayer) or name in PLACES_STAY:
        return True
    if getattr(layer, "go_backwards", False) or getattr(layer, "data_format", None) == "channels_first":
        return False
    forward = forward_of(layer)
    reduces = name.startswith("Global") or name in ("Mean", "Sum", "Max")
    return forward is not None and forward is not rearranged and not reduces


def above(operation) -> list:
    """The operation and all that feed it."""
    found, waiting = [], [operation]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.append(one)
            waiting += [
                tensor._keras_history.operation for node in one._inbound_nodes[:1] for tensor in node.input_tensors
            ]
    return found


def _parent(operation):
    tensors = operation._inbound_nodes[0].input_tensors if operation._inbound_nodes else []
    if len(tensors) != 1:
        raise _no_cam(operation)
    return tensors[0]._keras_history.operation


def operations_of(network: Network) -> list:
    """The layers and operations of the network, in the order in which they run."""
    model = network.explainable()
    return list(getattr(model, "_functional", model).operations)
