"""What is judged on: a copy of the model, its logits, its samples and which of their steps the model sees."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
from keras import tree

from thesis_rnn.attribution.checks import check_inputs
from thesis_rnn.attribution.explaining import Explainer
from thesis_rnn.attribution.inputs.models import graph_or_callable, input_specs, layer_of, model_of
from thesis_rnn.attribution.inputs.samples import read_samples
from thesis_rnn.attribution.methods import MethodSpec
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.stock.signals import has_layers
from thesis_rnn.attribution.stock.tokens import as_tokens, check_tokens, present_steps
from thesis_rnn.attribution.tape.explained import Predictor
from thesis_rnn.attribution.tape.head import Head, check_predicts_class, made_probabilities_by
from thesis_rnn.attribution.tape.network import network_of
from thesis_rnn.errors import InputError
from thesis_rnn.judging.candidates import box_of
from thesis_rnn.measures import Scored

SAME = 1e-4
"""How far the outputs of a copy may lie from the model's own, and sums of probabilities from 1."""
OUTPUTS = {"logits": "softmax", "probabilities": "probabilities", "values": "linear"}
"""What linear outputs may be said to be -> what makes probabilities of them."""


class Subject(NamedTuple):
    """A model and its samples.

    Attributes:
      model: a copy, whose weights may be made random for a while; or the user's own, where it cannot be copied. A
        callable is a model of one layer.
      uncopied: why it is no copy; "" where it is one.
      notes: what a reader must know of the outputs.
      scored: the samples, ``predict`` and what else measures ask for; without relevance.
      explainer: (method, model=the copy) -> Explainer, in the type that all is computed in.
      classes: how many outputs there are.
    """

    model: keras.Model
    uncopied: str
    notes: tuple[str, ...]
    scored: Scored
    explainer: Callable[..., Explainer]
    classes: int


def subject_of(
    model,
    x: np.ndarray,
    target=None,
    *,
    outputs: str | None = None,
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
    user, reason = graph_or_callable(model, read_samples(x, None))
    is_graph = has_layers(user)
    model = user if is_graph else layer_of(user, read_samples(x, None))
    if len(input_specs(model)) != 1:
        names = ", ".join(tensor.name for tensor in model.inputs)
        raise InputError(f"a model of one input can be judged; received inputs {names}")
    x = as_tokens(model, x)
    check_inputs(input_specs(model), x)
    check_tokens(model, x)
    copy = copied(model, x) if is_graph else None
    judged = copy or model
    network = network_of(judged, dtype, head, step, True)
    predict = Predictor(judged, network)
    background = _usual_background(x) if background is None else float(background)
    found = np.concatenate([predict(x[start : start + batch_size]) for start in range(0, len(x), batch_size)])
    classes, activation, notes = found.shape[1], *_activation(model, network.head, outputs, found)
    if target is None:
        if activation == "linear":
            check_predicts_class(model, network.head)
        target = found.argmax(axis=1)
    scored = Scored(
        np.broadcast_to(np.float32(0), x.shape),
        x,
        _classes(target, len(x), classes),
        predict=predict,
        background=background,
        model=judged,
        seed=seed,
        present=present_steps(judged, x),
        activation=activation,
        box=_box(x),
        batch_size=batch_size,
        **given,
    )

    samples = read_samples(x, None)

    def explainer(spec: MethodSpec, other=judged if is_graph else user) -> Explainer:
        request = Request.of(spec, dtype=dtype, head=head, step=step, background=background)
        read, why = (other, reason) if other is user else graph_or_callable(other, samples)
        return Explainer(read if has_layers(read) else model_of(read, samples, request, None, why), request)

    uncopied = "" if copy else "Keras makes no copy of the model" if is_graph else "a callable cannot be copied"
    return Subject(judged, uncopied, notes, scored, explainer, classes)


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


def _activation(model: keras.Model, head: Head, said: str | None, found: np.ndarray) -> tuple[str, tuple[str, ...]]:
    """What makes probabilities of the outputs ``found``, by what is said or known, and what was taken for granted.

    Raises:
      InputError: for what they cannot be.
    """
    if said is not None:
        return _said(head, said, found), ()
    known = made_probabilities_by(model, head)
    if known != "linear" or found.shape[1] == 1 or not _are_probabilities(found):
        return known, ()
    note = "Outputs are taken for probabilities, as they sum to 1; outputs='logits' or 'values' says otherwise."
    return "probabilities", (note,)


def _said(head: Head, said: str, found: np.ndarray) -> str:
    if said not in OUTPUTS:
        raise InputError(f"outputs are one of {', '.join(OUTPUTS)}; received {said!r}")
    if head.activation != "linear":
        raise InputError(f"the model ends in {head.activation}, which says what outputs are; received outputs={said!r}")
    if said == "probabilities" and (found.min() < -SAME or found.max() > 1 + SAME):
        raise InputError(f"probabilities lie in [0, 1]; received outputs from {found.min():g} to {found.max():g}")
    return "linear" if said == "logits" and found.shape[1] == 1 else OUTPUTS[said]


def _are_probabilities(found: np.ndarray) -> bool:
    return found.min() >= -SAME and bool((np.abs(found.sum(axis=1) - 1) <= SAME).all())


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
