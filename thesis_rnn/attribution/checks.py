"""What ``explain`` refuses of a model's inputs and of classes, each in one line."""

import warnings
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.methods import Method
from thesis_rnn.errors import ConvergenceWarning, InputError
from thesis_rnn.support.checks import check_pixels


def check_outside_of_graphs() -> None:
    """Refuses a call inside a tf.function, where inputs are symbols."""
    if tf.inside_function():
        raise InputError("explain takes arrays, outside of any tf.function: call it there; received a call in one")


def check_foreign(name: str, method: Method, engine: str, x) -> None:
    """What only the thesis' own models can be asked without saying more."""
    if engine == "matrix":
        raise InputError(
            "the matrix engine covers the thesis' architectures; use engine='tape'; received another model"
        )
    if any(leaf.dtype.kind in "iu" for leaf in tree.flatten(x)):
        if "tokens" not in method.takes:
            raise InputError(f"{name} needs inputs that can be varied; use gradient_x_input or lrp_epsilon for tokens")
    elif method.asks_for_bounds:
        raise InputError(
            f"{name} needs to know where your inputs live: pass low= and high=, the box of their values, or "
            "inputs='positive' or inputs='real'; or use lrp_epsilon; received neither"
        )


def check_stateless(model: keras.Model, method: str) -> None:
    """Refuses layers with a state for each place of a batch, for a method whose points have other places."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.RNN) and layer.stateful:
            raise InputError(
                f"{method} asks about points that have other places in a batch than their samples; use a gradient "
                f"method, lrp_epsilon or occlusion, or rebuild with stateful=False; received layer {layer.name!r}"
            )


def check_inputs(specs, x):
    """``x``, one array or a tree of them, as the network takes it.

    Args:
      specs: what the network takes, a tree of ``tf.TensorSpec``.
      x: the user's inputs.

    Raises:
      InputError: for another structure or shape, NaN or infinite numbers, or tokens that are not whole.
    """
    wanted = tree.flatten(specs)
    if len(wanted) == 1:
        arrays = [_check_input("x", wanted[0], x)]
    else:
        found = _in_structure(specs, x)
        arrays = [_check_input(f"input {spec.name}", spec, array) for spec, array in zip(wanted, found, strict=True)]
    if len({len(array) for array in arrays}) > 1:
        raise InputError(f"all inputs must have the same number of samples; received {[len(one) for one in arrays]}")
    return tree.pack_sequence_as(specs, arrays)


def _in_structure(specs, x) -> list:
    """The inputs in the order of ``specs``: by their names, or one after the other."""
    names = list(specs) if isinstance(specs, dict) else [spec.name for spec in tree.flatten(specs)]
    if isinstance(x, dict) and set(x) == set(names):
        return [x[name] for name in (sorted(names) if isinstance(specs, dict) else names)]
    if isinstance(x, list | tuple) and not isinstance(specs, dict) and len(x) == len(names):
        return list(x)
    kind = "dict" if isinstance(specs, dict) else "list or dict"
    raise InputError(f"x must be a {kind} of the model's inputs, {', '.join(names)}; received {_described(x)}")


def _described(x: Any) -> str:
    if isinstance(x, dict):
        return f"a dict of {', '.join(map(str, x))}"
    return f"a {type(x).__name__} of {len(x)}" if isinstance(x, list | tuple) else f"a {type(x).__name__}"


def _check_input(name: str, spec, x) -> np.ndarray:
    x = _numbers(name, spec, x)
    if x.ndim != spec.shape.rank or len(x) == 0 or not spec.shape[1:].is_compatible_with(x.shape[1:]):
        shape = ", ".join(str(length or "any") for length in spec.shape[1:])
        raise InputError(f"{name} must have the shape [n, {shape}] with n >= 1; received {list(x.shape)}")
    if x.dtype.kind == "f":
        check_pixels(x, name)
    if spec.dtype.is_integer and (x != np.round(x)).any():
        raise InputError(f"tokens must be whole numbers; received {x[x != np.round(x)][0]}")
    return x.astype(spec.dtype.as_numpy_dtype, copy=False)


def _numbers(name: str, spec, x) -> np.ndarray:
    """``x`` as an array in the type of the network; tokens in their own, as they are to be looked at."""
    try:
        array = np.asarray(x)
        if array.dtype.kind in "cSUM" or (array.dtype.kind == "O" and isinstance(array.flat[0], str | bytes)):
            raise TypeError(f"{array.dtype} of shape {list(array.shape)}")
        keeps = spec.dtype.is_integer and array.dtype.kind != "O"
        return array if keeps else array.astype(spec.dtype.as_numpy_dtype, copy=False)
    except (TypeError, ValueError, IndexError) as error:  # lists of different lengths, None
        raise InputError(f"{name} must be numbers; received {error}"[:400]) from None


ROUNDING = {"float32": 1e-3, "float64": 1e-7}
"""What an exact sum may be missed by, as a part of the numbers in it."""


def misses_sum(explanation: Explanation, dtype: str) -> bool:
    """Whether the relevance of an exact method misses its sum by more than rounding should."""
    delta = np.abs(np.nan_to_num(explanation.convergence_delta))
    size = np.abs(explanation.value) + np.abs(np.nan_to_num(explanation.expected)) + 1
    return bool((delta > ROUNDING[dtype] * size).any())


def check_exact(explanation: Explanation, dtype: str) -> None:
    """Refuses relevance of an exact method that misses its sum: something in the model was not known to the method."""
    if misses_sum(explanation, dtype):
        delta = np.abs(np.nan_to_num(explanation.convergence_delta))
        raise InputError(
            f"an operation of the model is none that {explanation.method} knows, such as a choice by ops.where; use "
            f"integrated_gradients; received a sum that is {delta.max():.3g} off"
        )


def warn_unconverged(explanation: Explanation, closer: str) -> None:
    """Says in one line where the relevance of a complete method misses its sum by more than 5%."""
    missed = explanation.unconverged
    if missed.any():
        delta, expected = np.abs(explanation.convergence_delta)[missed], np.abs(explanation.expected)[missed]
        worst = (delta / np.maximum(expected, 1e-12)).max()
        warnings.warn(
            f"the relevance of {explanation.method} misses f(x) - f(baseline) by more than 5% for {missed.sum()} of "
            f"{missed.size} samples, at worst by {worst:.0%}; {closer}",
            ConvergenceWarning,
            stacklevel=4,
        )


def check_target(target, every_class: bool, against) -> None:
    """Refuses forms of targets that exclude each other."""
    if isinstance(target, str):
        raise InputError(f"each class on its own is every_class=True, without a target; received target={target!r}")
    if every_class and (target is not None or against is not None):
        raise InputError("every_class=True explains all classes, without target and against; received one of them")


def check_classes(name: str, chosen, n: int, classes: int | None = None) -> np.ndarray:
    """``chosen`` as one class for each sample; ``classes`` is how many there are, if that is known."""
    chosen = np.asarray(chosen)
    if chosen.ndim > 1 or (chosen.ndim == 1 and len(chosen) != n) or chosen.dtype.kind not in "iu":
        raise InputError(
            f"{name} must be a class index, or one for each of the {n} samples; received {chosen.dtype} of shape "
            f"{list(chosen.shape)}"
        )
    if classes is not None and (chosen.min() < 0 or chosen.max() >= classes):
        raise InputError(f"{name} must lie in 0..{classes - 1}; received {chosen.min()}..{chosen.max()}")
    return np.broadcast_to(chosen, n)
