"""The function ``explain``: from a model and its inputs to an ``Explanation``."""

from dataclasses import asdict

import keras
import numpy as np

from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.methods import make_method
from thesis_rnn.attribution.tape_engine import backward_pass
from thesis_rnn.data.validation import check_pixels
from thesis_rnn.errors import InputError


def explain(
    model: keras.Model, x, target=None, method: str = "lrp", batch_size: int = 500, **parameters
) -> Explanation:
    """Explains the logit of ``target`` for every sample of ``x``.

    Args:
      model: a model of ``thesis_rnn.build`` or ``thesis_rnn.load``.
      x: inputs [n, ...] in the shape that the model takes.
      target: the class to explain: an index, an array of one index for each sample, or None for the predicted class.
      method: one of ``thesis_rnn.method_names()``.
      batch_size: samples that are explained at once; bounds the memory.
      **parameters: the method's parameters, for instance ``alpha=1.5, beta=0.5`` for "lrp".

    Raises:
      InputError: for an unknown method or parameter, inputs of the wrong shape, NaN or infinite inputs, or a target
        that the model does not have.
    """
    chosen = make_method(method, parameters)
    x = _check_inputs(model, x)
    chosen.check(x)
    target = _check_target(model, x, target, batch_size)
    compiled = backward_pass(model, chosen)
    batches = range(0, len(x), batch_size)
    parts = zip(*(compiled(x[i : i + batch_size], target[i : i + batch_size]) for i in batches), strict=True)
    relevance, logits, explained = (np.concatenate(part) for part in parts)
    if not np.isfinite(relevance).all():
        raise FloatingPointError(f"{method} gave relevance that is not finite; the model's weights may be NaN or huge")
    return Explanation(relevance, logits, target, explained, method, asdict(chosen), chosen.conserves)


def _check_inputs(model: keras.Model, x) -> np.ndarray:
    expected = tuple(model.inputs[0].shape[1:])
    x = np.asarray(x, model.inputs[0].dtype)
    if x.ndim == 0 or x.shape[1:] != expected or len(x) == 0:
        raise InputError(
            f"x must have the shape [n, {', '.join(map(str, expected))}], n >= 1; received {list(x.shape)}"
        )
    check_pixels(x)
    return x


def _check_target(model: keras.Model, x: np.ndarray, target, batch_size: int) -> np.ndarray:
    classes = model.outputs[0].shape[-1]
    if target is None:
        return model.predict(x, batch_size, verbose=0).argmax(axis=-1).astype(np.int32)
    target = np.asarray(target)
    if target.ndim > 1 or (target.ndim == 1 and len(target) != len(x)) or target.dtype.kind not in "iu":
        raise InputError(
            f"target must be a class index, or one for each of the {len(x)} samples; received {target.dtype} "
            f"of shape {list(target.shape)}"
        )
    if target.min() < 0 or target.max() >= classes:
        raise InputError(f"target must lie in 0..{classes - 1}; received {target.min()}..{target.max()}")
    return np.broadcast_to(target, len(x)).astype(np.int32)
