"""Any callable that maps samples to outputs, as a Keras model of one layer: enough for values and gradients.

What the explanation needs of a model beyond that, layers, it has not: relevance is not propagated through it.
"""

import inspect
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.errors import InputError

TRIED = 2
"""Samples that a callable is tried with."""


class Trial(NamedTuple):
    """What a callable did with the first samples.

    Attributes:
      outputs: what it gave, a tree of arrays [n, ...].
      in_numpy: whether it computes outside TensorFlow, so that it has values and no gradient.
      dtype: the floating-point type that it is given.
      without_gradient: the places of inputs to which its outputs have no gradient.
      masks: the places of inputs that are booleans.
    """

    outputs: object
    in_numpy: bool
    dtype: str
    without_gradient: tuple[int, ...]
    masks: tuple[int, ...]


class AnyCallable(keras.layers.Layer):
    """A layer that calls ``function`` on its inputs as ``packed``; what it computes is not looked into.

    Keras' variables are as before after a call: what it assigns, such as states, is dropped.

    Args:
      function: gives the callable.
      packed: puts the inputs into the structure that the callable takes.
      trial: what it did with the first samples.
      name: the layer's name.
    """

    computes_in_own_type = True

    def __init__(self, function: Callable[[], Callable], packed: Callable, trial: Trial, name: str):
        super().__init__(name=name, dtype=trial.dtype)
        self._function, self._packed, self._trial = function, packed, trial
        self.built = True

    @property
    def in_numpy(self) -> bool:
        """Whether the callable computes outside TensorFlow."""
        return self._trial.in_numpy

    @property
    def without_gradient(self) -> tuple[int, ...]:
        """The places of inputs to which the outputs have no gradient."""
        return self._trial.without_gradient

    def compute_output_spec(self, *inputs):
        return tree.map_structure(
            lambda one: keras.KerasTensor((None, *_columns(one).shape[1:]), self._trial.dtype), self._trial.outputs
        )

    def call(self, *inputs):
        given = [
            tf.cast(one, bool) if place in self._trial.masks else _in_type(one, self._trial.dtype)
            for place, one in enumerate(inputs)
        ]
        dtype = next((one.dtype for one in inputs if one.dtype.is_floating), tf.as_dtype(self._trial.dtype))
        with keras.StatelessScope():
            outputs = self._outside(given) if self.in_numpy else _called(self._function(), self._packed(given))
        if not all(tf.is_tensor(one) for one in tree.flatten(outputs)):
            raise InputError("a callable must give TensorFlow tensors for tensors, or arrays for arrays; received both")
        return tree.map_structure(lambda one: tf.cast(_columns(one), dtype), outputs)

    def _outside(self, given: list):
        """The callable's outputs as operations that leave the graph; they have no gradient."""
        wanted = tree.flatten(self._trial.outputs)

        def run(*arrays):
            outputs = tree.flatten(self._function()(self._packed(list(arrays))))
            return [_columns(np.asarray(one, self._trial.dtype)) for one in outputs]

        found = tf.numpy_function(run, given, [tf.as_dtype(self._trial.dtype)] * len(wanted))
        found = found if isinstance(found, list | tuple) else [found]  # outside a graph, one is no list
        for one, known in zip(found, wanted, strict=True):
            one.set_shape((None, *known.shape[1:]))
        return tree.pack_sequence_as(self._trial.outputs, found)


_wrapped: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def wrapped(function: Callable, x: list, names: list[str], packed: Callable, dtype: str | None = None) -> keras.Model:
    """``function`` as a Functional model of one ``AnyCallable``, made once for each form of its inputs.

    Args:
      function: maps a tensor, or a tree of them, to outputs [n, classes], [n], [n, steps, classes] or a tree of them;
        a TensorFlow function or a Keras model, or one of NumPy arrays, which has no gradient.
      x: samples, an array for each input.
      names: of the inputs.
      packed: puts them into the structure that the callable takes.
      dtype: the floating-point type to call it with; None is the callable's own.

    Raises:
      InputError: for a callable that fails, or whose outputs have another form.
    """
    key = (*names, *((one.shape[1:], one.dtype.str) for one in x), dtype)
    try:
        known = _wrapped.setdefault(function, {})
        reference = weakref.ref(function)
    except TypeError:  # what cannot be kept weakly, or compared, is made anew
        known, reference = {}, None
    if reference is None or inspect.ismethod(function):
        known, reference = {}, lambda: function  # a bound method is gone with the expression that made it
    if key not in known:
        known[key] = _wrap(function, reference, x, names, packed, dtype)
    return known[key]


def is_wrapped(model) -> bool:
    """Whether ``model`` was made by ``wrapped``."""
    return isinstance(model.layers[-1], AnyCallable)


def described(function: Callable) -> str:
    """What the callable is, in words: "the subclassed model 'mine' of class Mine"."""
    if isinstance(function, keras.Model):
        return f"the model {function.name!r} of class {type(function).__name__}, whose layers cannot be read"
    name = getattr(function, "__qualname__", type(function).__name__)
    return f"the callable {name}, which has no layers"


def _wrap(function: Callable, reference: Callable, x: list, names: list[str], packed: Callable, dtype) -> keras.Model:
    trial = _tried(function, packed, [one[:TRIED] for one in x], dtype)
    inputs = [
        keras.Input(
            one.shape[1:],
            dtype=trial.dtype if one.dtype.kind == "f" else _dtype_name(one),
            name=f"x{name}" if name[0].isdigit() else name,
        )
        for name, one in zip(names, x, strict=True)
    ]
    layer = AnyCallable(reference, packed, trial, getattr(function, "name", None) or "callable")
    return keras.Model(inputs[0] if len(inputs) == 1 else inputs, layer(*inputs))


def _tried(function: Callable, packed: Callable, few: list, dtype: str | None) -> Trial:
    failures = []
    for own, in_numpy in _ways(function, dtype):
        try:
            outputs, without = _outputs(function, packed, [_array_in(one, own) for one in few], in_numpy)
        except Exception as error:  # whatever a user's own code raises
            failures.append(_last_line(error))
            continue
        if not in_numpy and not all(tf.is_tensor(one) for one in tree.flatten(outputs)):
            continue  # it takes tensors for arrays
        masks = tuple(place for place, one in enumerate(few) if one.dtype.kind == "b")
        return Trial(_checked(outputs, len(few[0])), in_numpy, own, without, masks)
    raise InputError(f"the callable must take x, of which it was given {TRIED} samples; received {failures[0]}")


def _outputs(function: Callable, packed: Callable, few: list, in_numpy: bool) -> tuple[object, tuple[int, ...]]:
    """What the callable gives, and the inputs to which that has no gradient."""
    if in_numpy:
        return function(packed(few)), tuple(range(len(few)))
    with unassigned(function):
        return _traced_outputs(function, packed, few)


def unassigned(function: Callable):
    """A block in which a built model's states and seeds stay as they are; one that is not built is built in it."""
    return keras.StatelessScope() if getattr(function, "built", False) else nullcontext()


def _traced_outputs(function: Callable, packed: Callable, few: list) -> tuple[object, tuple[int, ...]]:
    tensors = [tf.constant(one) for one in few]
    with tf.GradientTape() as tape:
        for one in tensors:
            if one.dtype.is_floating:
                tape.watch(one)
        outputs = _called(function, packed(tensors))
    found = [one for one in tree.flatten(outputs) if tf.is_tensor(one) and one.dtype.is_floating]
    signals = tape.gradient(found, tensors) if found else tensors
    without = (place for place, one in enumerate(signals) if one is None and few[place].dtype.kind != "b")
    return outputs, tuple(without)  # masks need no gradient: they do not vary


def _ways(function: Callable, dtype: str | None) -> list[tuple[str, bool]]:
    """The floating-point types to try, and whether arrays are given rather than tensors."""
    if isinstance(function, keras.layers.Layer):
        own = "float64" if function.compute_dtype == "float64" else "float32"
        if dtype not in (None, own):
            raise InputError(f"{described(function)}: it computes in {own}; leave dtype out; received dtype={dtype!r}")
        return [(own, False)]
    types = ["float32", "float64"] if dtype is None else [dtype]
    return [*((one, False) for one in types), ("float64", True)]


def _called(function: Callable, x):
    return function(x, training=False) if isinstance(function, keras.Model) else function(x)


def _checked(outputs, n: int):
    arrays = tree.map_structure(np.asarray, outputs)
    for one in tree.flatten(arrays):
        if one.ndim < 1 or len(one) != n or one.dtype.kind != "f":
            raise InputError(
                "the model must map n samples to floating-point outputs [n, classes] or [n]; received "
                f"{one.dtype} of shape {list(one.shape)} for {n} samples"
            )
    return tree.map_structure(_columns, arrays)


def _columns(output):
    """One output for each sample, [n], as [n, 1]."""
    return output[:, None] if len(output.shape) == 1 else output


def _in_type(tensor, dtype: str):
    return tf.cast(tensor, dtype) if tensor.dtype.is_floating else tensor


def _array_in(array: np.ndarray, dtype: str) -> np.ndarray:
    return array.astype(dtype) if array.dtype.kind == "f" else array


def _dtype_name(array: np.ndarray) -> str:
    return "string" if array.dtype.kind in "OSU" else array.dtype.name


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:200]
