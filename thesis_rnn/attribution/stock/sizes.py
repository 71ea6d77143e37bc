"""The number of samples where the code of a layer asks for it: known only when the layer runs.

``ops.shape(x)[0]`` of a symbolic tensor is None, and ``ops.zeros((None, 4))`` fails. Such a call is traced for a number
that stands for the samples and that none of its sizes has: what it makes of that number is cut to the samples that
there are.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf
from keras import ops, tree

from thesis_rnn.attribution.stock.layer_forwards import WAYS_OUT, LayerContext, NotCovered
from thesis_rnn.errors import InputError

STAND_INS = (101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199)
"""Primes, one of which no size of a layer is a multiple of."""

PLACED = ("Range", "LinSpace", "Cumsum")
"""How the types of operations begin that give other numbers at other places."""

DIFFERENT = "what a layer adds to samples must be the same for all"


@contextmanager
def one_for_all() -> Iterator[None]:
    """A block in which graphs run.

    Raises:
      InputError: for a layer whose constants differ from sample to sample: the place of a sample is none of its inputs.
    """
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        if DIFFERENT not in str(error):
            raise
        raise InputError(f"{DIFFERENT}, whatever their places in a batch; received other numbers") from None


def check_alike(function: keras.Function, standing: int) -> None:
    """Refuses a call that makes other constants for other places among the ``standing`` samples.

    Raises:
      NotCovered: for numbers that are counted or drawn.
    """
    nodes = [node for operation in function.operations for node in operation._inbound_nodes]
    for one in tree.flatten([(node.arguments.args, node.arguments.kwargs) for node in nodes]):
        if tf.is_tensor(one) and one.shape.rank and one.shape[0] == standing and _depends_on_place(one):
            raise NotCovered(f"{DIFFERENT}, whatever their places in a batch; {WAYS_OUT}; received shape {one.shape}")


def _depends_on_place(constant: tf.Tensor) -> bool:
    """Whether the rows of a constant differ; in a graph, without numbers yet, whether they are counted or drawn."""
    if tf.executing_eagerly():
        return bool(tf.reduce_any(constant != constant[:1]))
    waiting, looked_at = [constant.op], set()
    while waiting:
        operation = waiting.pop()
        in_rows = any(one.shape.rank and one.shape[0] == constant.shape[0] for one in operation.outputs)
        if in_rows and (operation.type.startswith(PLACED) or "Random" in operation.type):
            return True
        if operation.name not in looked_at:
            looked_at.add(operation.name)
            waiting += [one.op for one in operation.inputs]
    return False


def stand_in(layer: keras.layers.Layer, called_with) -> int:
    """A number for the samples that is no size of the layer's weights or of what it is called with."""
    tensors = [*layer.weights, *[one for one in tree.flatten(called_with) if hasattr(one, "shape")]]
    sizes = {size for tensor in tensors for size in tuple(tensor.shape)[1:] if size} | {
        weight.shape[0] for weight in layer.weights if len(weight.shape)
    }
    return next((prime for prime in STAND_INS if all(size % prime for size in sizes)), STAND_INS[-1])


def for_samples(arguments, standing: int | None, samples):
    """``arguments`` whose constants for ``standing`` samples are constants for ``samples``, a number of the graph.

    Constants that differ from sample to sample are found when the graph runs, see ``one_for_all``.
    """
    if standing is None:
        return arguments

    def fitting(one):
        if not tf.is_tensor(one) or not one.shape.rank or one.shape[0] != standing:
            return one
        alike = tf.debugging.assert_equal(one, one[:1], DIFFERENT)
        with tf.control_dependencies([alike] if alike is not None else []):
            return tf.broadcast_to(one[:1], tf.concat([[samples], tf.shape(one)[1:]], 0))

    return tree.map_structure(fitting, arguments)


def shaped_by_samples(context: LayerContext, x) -> list | None:
    """The shape that an operation gives ``x``, for as many samples as there are; None for one that asks for none.

    Raises:
      NotCovered: where other lengths are not known before the model runs either.
    """
    kind, node = type(context.source).__name__, context.source._inbound_nodes[:1]
    if isinstance(context.source, keras.layers.Layer) or kind not in ("Reshape", "BroadcastTo"):
        return None
    before, known = node[0].input_tensors[0].shape, node[0].output_tensors[0].shape
    if kind == "BroadcastTo" and (len(known) != len(before) or before[0] != known[0]):
        raise context.refuse("broadcasting along the first axis, that of the samples, is not covered")
    if None not in known[1:]:
        return [ops.shape(x)[0] if kind == "BroadcastTo" else -1, *known[1:]]
    first, *others = context.source.newshape if kind == "Reshape" else known
    if None in others:
        raise context.refuse("a shape of several lengths that are not known is not covered; give keras.Input a length")
    return [ops.shape(x)[0] if first == before[0] else first, *others]
