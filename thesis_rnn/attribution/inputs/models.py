"""What users pass as a model: a graph of layers, which is read as it is, or any callable, which has values at least."""

from collections.abc import Callable
from functools import partial

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.inputs.callables import AnyCallable, described, wrapped
from thesis_rnn.attribution.inputs.samples import Samples, read_samples
from thesis_rnn.attribution.inputs.subclassed import graph_of
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.stock.layer_forwards import NotCovered, forward_of
from thesis_rnn.attribution.stock.signals import has_layers
from thesis_rnn.attribution.tape.network import network_of
from thesis_rnn.errors import InputError

VALUES_ONLY = "occlusion"


def input_specs(model: keras.Model) -> list[tf.TensorSpec]:
    """The model's inputs, in order.

    Raises:
      InputError: for a Sequential model that has none yet.
    """
    if not hasattr(model, "inputs") or not model.inputs:
        raise InputError("the model has no inputs yet; begin it with keras.Input; received a Sequential without shape")
    return [tf.TensorSpec(tensor.shape, tensor.dtype, tensor.name) for tensor in model.inputs]


def in_layers(model: Callable, x) -> Callable:
    """A subclassed model as a graph of its layers, which takes ``x``; everything else as it is.

    A model of any length whose own layers compute with that length, such as positions, is one of the length of ``x``.

    Raises:
      InputError: for a subclassed model that is no such graph, with the line of its code.
    """
    if not isinstance(model, keras.Model) or (has_layers(model) and not asks_for_lengths(model)):
        return model
    specs = input_specs(model) if has_layers(model) else None
    samples = x if isinstance(x, Samples) else read_samples(x, specs)
    if specs is None:
        return graph_of(model, _arrays(samples), _names(samples), samples.packed)
    return model if samples.lengths is not None else of_lengths(model, samples.leaves)


def of_lengths(model: keras.Model, arrays: list[np.ndarray]) -> keras.Model:
    """A model of any length as one of the lengths of ``arrays``, one for each of its inputs."""
    symbols = model.inputs[0] if len(model.inputs) == 1 else model.input
    names = [tensor.name for tensor in model.inputs]
    return graph_of(model, arrays, names, partial(tree.pack_sequence_as, symbols))


def asks_for_lengths(model: keras.Model) -> bool:
    """Whether a layer of the user's own cannot be followed as long as the number of steps is unknown."""
    if not any(None in tensor.shape[1:] for tensor in getattr(model, "inputs", None) or ()):
        return False
    if all(forward_of(layer) for layer in model._flatten_layers(include_self=False) if not has_layers(layer)):
        return False
    try:
        network_of(model, "float32")
    except NotCovered:
        return True
    except InputError:
        return False
    return False


def graph_or_callable(function: Callable, samples: Samples) -> tuple[Callable, str]:
    """A subclassed model as a graph of its layers where that can be read, else ``function`` itself and the reason."""
    try:
        return in_layers(function, samples), ""
    except InputError as refusal:
        return function, str(refusal)


def layer_of(function: Callable, samples: Samples, dtype: str | None = None) -> keras.Model:
    """A callable as a model of one layer, which has values and, where the callable has them, gradients.

    Raises:
      InputError: for what is no callable, or one that does not take the samples.
    """
    if not callable(function):
        raise InputError(f"model must be a Keras model or a callable; received a {type(function).__name__}")
    return wrapped(function, _arrays(samples), _names(samples), samples.packed, dtype)


def model_of(function: Callable, samples: Samples, request: Request, dtype: str | None, reason: str) -> keras.Model:
    """A callable as a model, for a method that it is enough for.

    Args:
      function: any callable.
      samples: what it is called with.
      request: what is asked of it.
      dtype: the floating-point type that the user asked for; None for none.
      reason: why a subclassed model is no graph of layers; "" for other callables.

    Raises:
      InputError: for a method that needs layers, or a gradient that the callable has not.
    """
    if not callable(function):
        raise InputError(f"model must be a Keras model or a callable; received a {type(function).__name__}")
    method = request.spec.name
    needs_layers = "propagation" in request.method.needs or request.engine == "matrix"
    if needs_layers and reason:
        raise InputError(reason)
    if needs_layers:
        raise InputError(
            f"{method} needs the layers of a Functional or Sequential model; use integrated_gradients, another "
            f"gradient method or occlusion, or rebuild the model from keras.Input; received {described(function)}"
        )
    if request.output != "logit":
        raise InputError(
            f"outputs of a callable are explained as they are; leave output out; received output={request.output!r}"
        )
    model, names = layer_of(function, samples, dtype), _names(samples)
    layer = model.layers[-1]
    assert isinstance(layer, AnyCallable)
    if "gradient" in request.method.needs and layer.without_gradient:
        blocked = ", ".join(names[place] for place in layer.without_gradient)
        why = "it computes in NumPy" if layer.in_numpy else "its outputs have no gradient to it"
        raise InputError(
            f"{method} needs the gradient to {blocked}: {why}; use {VALUES_ONLY}, or give only inputs with a gradient; "
            f"received {described(function)}"
        )
    return model


def _arrays(samples: Samples) -> list[np.ndarray]:
    return [np.stack(leaf) if isinstance(leaf, list) else leaf for leaf in samples.leaves]


def _names(samples: Samples) -> list[str]:
    return [one.input or "x" for one in samples.axes]
