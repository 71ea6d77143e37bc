"""What is judged on: a copy of the model, its logits, its samples and which of their steps the model sees."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
from keras import tree

from thesis_rnn.attribution.checks import check_inputs
from thesis_rnn.attribution.explaining import Explainer
from thesis_rnn.attribution.inputs.models import input_specs
from thesis_rnn.attribution.methods import MethodSpec
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.stock.tokens import as_tokens, check_tokens, present_steps
from thesis_rnn.attribution.tape.explained import Predictor
from thesis_rnn.attribution.tape.head import check_predicts_class
from thesis_rnn.attribution.tape.network import is_thesis_model, network_of
from thesis_rnn.errors import InputError
from thesis_rnn.judging.candidates import box_of
from thesis_rnn.measures import Scored

SAME = 1e-4
"""How far the outputs of a copy may lie from the model's own."""


class Subject(NamedTuple):
    """A model and its samples.

    Attributes:
      model: a copy, whose weights may be made random for a while; or the user's own, where it cannot be copied.
      is_copy: which of the two.
      scored: the samples, ``predict`` and what else measures ask for; without relevance.
      explainer: (method, model=the copy) -> Explainer, in the type that all is computed in.
      classes: how many outputs there are.
    """

    model: keras.Model
    is_copy: bool
    scored: Scored
    explainer: Callable[..., Explainer]
    classes: int


def subject_of(
    model: keras.Model,
    x: np.ndarray,
    target=None,
    *,
    head: int = 0,
    step: int | None = None,
    background: float | None = None,
    dtype: str = "float64",
    batch_size: int = 500,
    seed: int = 0,
    **given,
) -> Subject:
    """The subject; ``given`` are further fields of ``Scored``.

    Raises:
      InputError: for a model of several inputs, or one that has no logits to predict.
    """
    if not isinstance(model, keras.Model):
        raise InputError(f"Keras models are judged; put a function into a keras.layers.Layer; received {model!r:.80}")
    if len(model.inputs) != 1:
        names = ", ".join(tensor.name for tensor in model.inputs)
        raise InputError(f"a model of one input can be judged; received inputs {names}")
    x = as_tokens(model, x)
    check_inputs(input_specs(model), x)
    check_tokens(model, x)
    copy = copied(model, x)
    judged = copy or model
    network = network_of(judged, dtype, head, step, True)
    predict = Predictor(judged, network)
    background = _usual_background(x) if background is None else float(background)
    first = predict(x[:batch_size])
    classes = first.shape[1]
    if target is None:
        check_predicts_class(model, network.head)
        parts = [first, *(predict(x[start : start + batch_size]) for start in range(batch_size, len(x), batch_size))]
        target = np.concatenate(parts).argmax(axis=1)
    scored = Scored(
        np.broadcast_to(np.float32(0), x.shape),
        x,
        _classes(target, len(x), classes),
        predict=predict,
        background=background,
        model=judged,
        seed=seed,
        present=present_steps(judged, x),
        activation=_activation(model, network.head, classes),
        box=_box(x),
        batch_size=batch_size,
        **given,
    )

    def explainer(spec: MethodSpec, model: keras.Model = judged) -> Explainer:
        return Explainer(model, Request.of(spec, dtype=dtype, head=head, step=step, background=background))

    return Subject(judged, copy is not None, scored, explainer, classes)


def in_order(name: str, values, order: np.ndarray) -> np.ndarray:
    """What is said of each sample, for the samples in another ``order``.

    Raises:
      InputError: for another number of entries.
    """
    values = np.asarray(values)
    if len(values) != len(order):
        raise InputError(f"{name} must have an entry for each of {len(order)} samples; received {len(values)}")
    return values[order]


def copied(model: keras.Model, x: np.ndarray) -> keras.Model | None:
    """A copy of ``model`` with weights of its own that gives the same; None where Keras makes none."""
    try:
        copy = keras.models.clone_model(model)
        copy.set_weights(model.get_weights())
        outputs = [tree.flatten(one(x[:2], training=False)) for one in (model, copy)]
    except (ValueError, TypeError, NotImplementedError, AttributeError):
        return None
    same = all(np.allclose(a, b, atol=SAME, rtol=SAME) for a, b in zip(*outputs, strict=True))
    return copy if same else None


def _activation(model: keras.Model, head, classes: int) -> str:
    """Linear outputs are logits where a loss or the package says so."""
    if head.activation != "linear":
        return head.activation
    named = getattr(model, "loss", None)
    loss = str(getattr(named, "name", None) or getattr(named, "__name__", None) or named or "").lower()
    is_of_logits = "crossentropy" in loss.replace("_", "") or (is_thesis_model(model) and classes > 1)
    return "softmax" if is_of_logits and classes > 1 else "linear"


def _box(x: np.ndarray) -> tuple[float, float] | None:
    """Where perturbed images stay: the box of pixels; None for all other inputs."""
    box = box_of(x)
    return (box["low"], box["high"]) if "low" in box else None


def _usual_background(x: np.ndarray) -> float:
    """-1 for images of pixels in [-1, 1], and 0 for everything else."""
    pixels = x.ndim == 4 and x.size and x.min() < 0 and np.abs(x).max() <= 1
    return -1.0 if pixels else 0.0


def _classes(target, n: int, classes: int) -> np.ndarray:
    target = np.asarray(target)
    if target.shape not in ((), (n,)) or target.dtype.kind not in "iu":
        raise InputError(f"target must be a class, or one for each of {n} samples; received shape {target.shape}")
    if target.min() < 0 or target.max() >= classes:
        raise InputError(f"target must lie in 0..{classes - 1}; received {target.min()}..{target.max()}")
    return np.broadcast_to(target, n).astype(int)
