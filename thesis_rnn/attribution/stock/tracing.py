"""Layers and models of a user's own, taken apart: their ``call`` runs once on symbolic tensors, operation by operation.

What ``call`` computes from weights alone stays as it is, and reads the weights whenever the explanation runs. Nothing
of the layer changes: what it would assign, to weights or seeds, is dropped.
"""

import inspect
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import RLock
from unittest.mock import patch

import keras
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.stock.layer_forwards import WAYS_OUT, NotCovered
from thesis_rnn.attribution.stock.sizes import check_alike, stand_in
from thesis_rnn.errors import InputError

MACHINERY = ("keras", "tensorflow", "thesis_rnn")
"""The packages whose lines are not the user's."""


def traced(layer: keras.layers.Layer, inputs: tuple, options: dict) -> keras.Function:
    """The operations that ``layer.call(*inputs, **options)`` is made of.

    Code that computes with the number of samples, as ``ops.zeros((ops.shape(x)[0], 4))`` does, runs for a number that
    stands for it: the first axis of the function's inputs. See ``sizes``.

    Args:
      layer: the layer or model, built.
      inputs, options: what it is called with: trees in which tensors stand for others of their shape and type.

    Returns:
      The operations as one function of the tensors among ``inputs`` and ``options``.

    Raises:
      NotCovered: if the layer computes with something else than layers and ``keras.ops``, with the line that does.
    """
    try:
        return _traced(layer, inputs, options, None)
    except NotCovered:
        with suppress(NotCovered):
            standing = stand_in(layer, (inputs, options))
            function = _traced(layer, inputs, options, standing)
            check_alike(function, standing)
            return function
        raise


def _traced(layer: keras.layers.Layer, inputs: tuple, options: dict, samples: int | None) -> keras.Function:
    symbols = []

    def symbol(value):
        if not is_tensor(value):
            return value
        kind = keras.backend.standardize_dtype(value.dtype)
        symbols.append(keras.Input(batch_shape=(samples, *value.shape[1:]), dtype=_own_type(layer, kind)))
        return symbols[-1]

    inputs, options = tree.map_structure(symbol, (inputs, options))
    return taken_apart(layer, inputs, options, partial(keras.Function, symbols))


def taken_apart(layer: keras.layers.Layer, inputs: tuple, options: dict, made: Callable):
    """What is ``made`` of the symbolic outputs of ``layer.call(*inputs, **options)``, by which it is taken apart.

    Raises:
      NotCovered: if the layer computes with something else than layers and ``keras.ops``, with the line that does.
    """
    options = {name: value for name, value in options.items() if name != "training"}  # which a graph may hand on to all
    if "training" in inspect.signature(layer.call).parameters:
        options["training"] = False
    with unchanged_layers(layer), _symbols_decide():
        try:
            return made(layer.call(*inputs, **options))
        except InputError:
            raise
        except Exception as error:  # whatever the user's own code raises
            kind = "model" if isinstance(layer, keras.Model) else "layer"
            raise NotCovered(
                f"{kind} {layer.name!r} of class {type(layer).__name__} is not covered, and its call "
                f"cannot be taken apart into keras.ops; {WAYS_OUT}; received {_where(error)}"
            ) from None


def _own_type(layer: keras.layers.Layer, kind: str) -> str:
    """The layer's own floating-point type, in which its code may be written; other types stay."""
    return layer.compute_dtype if "float" in kind else kind


def is_tensor(value) -> bool:
    """Whether ``value`` is a tensor or stands for one."""
    return tf.is_tensor(value) or isinstance(value, keras.KerasTensor)


def masks_of(layer: keras.layers.Layer, inputs: tuple, options: dict) -> dict:
    """The masks of ``inputs`` that Keras itself would give ``layer.call``, by the names of its arguments."""
    names, given = list(inspect.signature(layer.call).parameters), {}
    for name, value in zip(names, inputs, strict=False):
        argument = f"{name}_mask" if f"{name}_mask" in names else "mask" if name == names[0] else ""
        masks = tree.map_structure(lambda one: getattr(one, "_keras_mask", None), value)
        if argument in names and options.get(argument) is None and any(one is not None for one in tree.flatten(masks)):
            given[argument] = masks
    return given


@contextmanager
def unchanged_layers(layer) -> Iterator[None]:
    """A block in which nothing is assigned, and after which the layer's graph is as it was."""
    before = [
        (nodes, len(nodes)) for part in layer._flatten_layers() for nodes in (part._inbound_nodes, part._outbound_nodes)
    ]
    try:
        with keras.StatelessScope(collect_losses=True):
            yield
    finally:
        for nodes, length in before:
            del nodes[length:]


BINARY = tuple(
    f"__{name}__"
    for name in ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lt", "le", "gt", "ge"]
)
"""Operators that weights, which know no symbolic tensors, leave to these."""

_deciding = RLock()


@contextmanager
def _symbols_decide() -> Iterator[None]:
    """A block in which ``weight * symbol`` and ``array * symbol`` are what ``symbol * weight`` is."""

    def left_to_symbols(operator: Callable) -> Callable:
        def decided(weight, other):
            return NotImplemented if isinstance(other, keras.KerasTensor) else operator(weight, other)

        return decided

    with _deciding, ExitStack() as patched:
        for name in BINARY:
            left = left_to_symbols(getattr(keras.Variable, name))
            patched.enter_context(patch.object(keras.Variable, name, left))
        patched.enter_context(patch.object(keras.KerasTensor, "__array_priority__", 1000, create=True))
        yield


def _where(error: Exception) -> str:
    """The last line of the user's own code that ``error`` went through, and what it says."""
    said = next(filter(None, str(error).splitlines()), type(error).__name__)[:60]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not any(f"/{package}/" in frame.filename for package in MACHINERY):
            return f"line {frame.lineno} of {Path(frame.filename).name}, {frame.line}: {said}"
    return said
