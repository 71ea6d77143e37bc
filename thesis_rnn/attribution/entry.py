"""``explain``: from a model and what a user has of inputs and names to an ``Explanation``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import tree

from thesis_rnn.attribution.checks import check_classes, check_outside_of_graphs
from thesis_rnn.attribution.composites.composite import Composite
from thesis_rnn.attribution.explaining import Explainer
from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.inputs.axes import texts
from thesis_rnn.attribution.inputs.callables import described
from thesis_rnn.attribution.inputs.choosing import default_method
from thesis_rnn.attribution.inputs.joining import joined
from thesis_rnn.attribution.inputs.lengths import Part, parts_of
from thesis_rnn.attribution.inputs.lookups import looked_up
from thesis_rnn.attribution.inputs.models import (
    asks_for_lengths,
    graph_or_callable,
    input_specs,
    model_of,
    of_lengths,
)
from thesis_rnn.attribution.inputs.samples import read_samples
from thesis_rnn.attribution.inputs.targets import class_indices, head_index
from thesis_rnn.attribution.methods import MethodSpec
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.stock.signals import has_layers
from thesis_rnn.attribution.tape.filtering import frozen_units
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import checked
from thesis_rnn.support.kinds import is_number


@checked
def explain(
    model: keras.Model | Callable,
    x: Any,
    target: Any = None,
    method: str | MethodSpec | Composite | None = None,
    *,
    against: Any = None,
    output: str | None = None,
    engine: str | None = None,
    dtype: str | None = None,
    head: int | str | None = None,
    step: int | None = None,
    every_class: bool = False,
    class_names: Sequence[str] | None = None,
    feature_names: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    step_names: Sequence | Mapping[str, Sequence] | None = None,
    ledger: bool = False,
    states: bool = False,
    batch_size: int = 500,
    xla: bool | None = None,
    verbose: int = 1,
    background: Any = 0.0,
    through: Mapping | None = None,
    **parameters,
) -> Explanation:
    """Explains why ``model`` gives ``target`` its output, for every sample of ``x``.

    Args:
      model: a Keras model, which is only read, or any callable that maps a tensor, or a tree of them, to outputs
        [n, classes]. Its outputs are explained as they are; methods that propagate relevance need a Functional or
        Sequential model of covered layers, and a callable of NumPy arrays is enough for methods that need values only.
      x: inputs [n, ...] in the shape that the model takes; for a model of several inputs, a list or dict of them.
        Arrays, tensors, lists of series of different lengths, ragged tensors, tables of pandas and xarray, whose names
        are kept, and ``tf.data`` sets, whose labels are left out.
      target: the class to explain: an index or a name, one for each sample, or None for the predicted class; a model of
        several outputs that nothing says are classes (no softmax, sigmoid or loss of classes) needs one.
      method: None is one that fits the model, and the explanation says which; or one of ``thesis_rnn.method_names()``,
        with or without its parameters: "lrp", "lrp(alpha=2, beta=1)",
        "composite(epsilon(0.01), at('cell/candidate', gamma(0.25)), first=flat)"; or a ``MethodSpec``, a ``Composite``.
      against: a class, or one for each sample: explains the target's output minus this one's.
      output: "logit", or, for gradient methods, "probability": the softmax p of the logits, or "log_odds":
        log(p / (1 - p)), whose gradient is the probability's divided by p (1 - p), next to 0 where the model is sure.
        None is what the method's text says, or "logit".
      engine: "tape", or "matrix": explicit matrix products, for the thesis' models, deep_taylor and lrp. None is what
        the method's text says, or "tape".
      dtype: the floating-point type to compute in, "float32" or "float64", whatever the model's own; a layer that no
        rule covers is made anew in it from its ``get_config``. None is what the method's text says, or the method
        declares: "float32" for nearly all.
      head: which of the model's outputs is explained, by place or name; the first by default.
      step: which time step, for an output per step.
      every_class: explain each class on its own, from one forward pass; without target.
      class_names, feature_names, step_names: names of outputs, features and steps, for targets, tables and figures; for
        several inputs a dict of names by input; step names may be words, a list of them for each sample.
      ledger: keep the account of lost relevance, for methods that conserve.
      states: also give the relevance of hidden and cell states.
      batch_size: samples that are explained at once; bounds the memory.
      verbose: 0 shows no bar, which otherwise appears where batches take more than two seconds.
      xla: compile with XLA: faster for many batches, but seconds longer at the first. None compiles full batches once
        what is left of a call takes longer than that costs, unless there is a loop: on processors, the time that XLA's
        loops take grows with the square of the steps, 12 times as long as without it at 1,000. True compiles from the
        first batch on, and pads batches to powers of two, so that few sizes are compiled; not with a ledger.
      background: what "removed" means to methods that remove parts of the input, where their parameters do not say;
        an array, such as data [k, ...], is the parameter ``background`` of methods that have one.
      through: for methods that propagate relevance: layer -> its units, places or a boolean for each. Only what passes
        these units (last axis) of the layer's output arrives: maps of units that make up the layer sum to the whole.
        "lstm/cell@3", "gru/hidden@3" are states after a step, from 0: what comes to the inputs up to there by them is
        filtered, other relevance is whole. What is cut off counts as absorbed.
      **parameters: the method's parameters, for instance ``alpha=1.5, beta=0.5`` for "lrp".

    Returns:
      The explanation: relevance in the structure and shape of ``x``, and what became of it; for samples of different
      lengths a list of arrays.

    Raises:
      InputError: for an unknown method or parameter, inputs of the wrong shape, NaN or infinite inputs or weights,
        tokens outside the vocabulary, a target that the model does not have, or a request that the method or the engine
        does not cover.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
      >>> explain(model, np.ones((5, 3)), target=0, method="lrp_epsilon(epsilon=0.01)").relevance.shape
      (5, 3)
    """
    check_outside_of_graphs()
    if isinstance(background, list | tuple) or np.ndim(background):
        parameters, background = parameters | {"background": background}, 0.0
    elif not is_number(np.asarray(background).item()):
        raise InputError(f"background must be a number, or an array of data; received {background!r}")
    samples = read_samples(x, input_specs(model) if has_layers(model) else None)
    model, reason = graph_or_callable(model, samples)
    model, samples, told = looked_up(model, samples)
    samples = samples.named(step_names, feature_names)
    names = () if class_names is None else texts(class_names)
    method, notes = (method, ()) if method is not None else default_method(model, parameters)
    options: dict[str, Any] = {"step": step, "every_class": every_class, "ledger": ledger, "states": states, "xla": xla}
    options["through"] = frozen_units(through)
    request = Request.of(method, parameters, output, engine, dtype, background=float(background), **options)
    if not has_layers(model):
        notes += (f"outputs explained as they are given by {described(model)}",)
        model = model_of(model, samples, request, dtype, reason)
    request = replace(request, head=head_index(model, head))
    explainer_of = _explainers(model, request)
    parts = parts_of(model, samples, input_specs(model))
    explainers = [explainer_of(part) for part in parts]
    explainer = explainers[0]
    _check_class_names(names, explainer.network.head.classes)
    of, less = [_chosen(*each, names, samples.count) for each in (("target", target), ("against", against))]
    explanations = [
        each(_packed(each, part), _of(of, part), _of(less, part), batch_size, verbose)
        for each, part in zip(explainers, parts, strict=True)
    ]
    samples = samples.of_tokens([spec.dtype.is_integer for spec in tree.flatten(explainer.network.input_spec)])
    found = dict.fromkeys(note for one in explanations for note in one.notes)
    return replace(joined(explanations, parts, samples, names), notes=(*notes, *told, *found))


def _explainers(model: keras.Model, request: Request) -> Callable[[Part], Explainer]:
    """The explainer of each part: one for all, or one for each length where a layer computes with it."""
    if asks_for_lengths(model):
        return lambda part: Explainer(of_lengths(model, part.arrays), request)
    explainer = Explainer(model, request)
    return lambda part: explainer


def _chosen(argument: str, classes, names: tuple[str, ...], n: int):
    """The classes by index: one for all samples, or one for each; others are refused."""
    found = class_indices(argument, classes, names)
    return check_classes(argument, found, n) if np.ndim(found) else found


def _packed(explainer: Explainer, part: Part):
    """The inputs of a part in the structure of the network's."""
    return tree.pack_sequence_as(explainer.network.input_spec, part.arrays)


def _of(chosen, part: Part):
    """The classes of a part, where there is one for each sample."""
    return chosen[part.places] if np.ndim(chosen) == 1 else chosen


def _check_class_names(names: tuple[str, ...], classes: int) -> None:
    if names and len(names) != classes:
        raise InputError(f"class_names must name each of the {classes} outputs; received {len(names)} names")
    if len(set(names)) < len(names):
        raise InputError(f"class_names must differ; received {', '.join(names)}"[:400])


def explain_by(model: keras.Model, x, target, method: str | MethodSpec, **more) -> Explanation:
    """Calls ``explain`` by a method with its parameters and options.

    Args:
      model, x, target: as for ``explain``.
      method: a method's name with its parameters as text, or a ``MethodSpec``.
      **more: further arguments of ``explain``.

    Returns:
      The explanation.

    Raises:
      InputError: as ``explain``.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
      >>> explain_by(model, np.ones((5, 3)), 0, "lrp_epsilon(epsilon=0.01)").relevance.shape
      (5, 3)
    """
    return explain(model, x, target, method, **more)
