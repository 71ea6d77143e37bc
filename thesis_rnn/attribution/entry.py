"""``explain``: from a model and what a user has of inputs and names to an ``Explanation``."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from thesis_rnn.attribution.composites.composite import Composite
from thesis_rnn.attribution.explaining import Explainer
from thesis_rnn.attribution.explanation import Explanation
from thesis_rnn.attribution.methods import MethodSpec
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.tape.filtering import frozen_units


def explain(
    model: keras.Model,
    x,
    target=None,
    method: str | MethodSpec | Composite = "lrp",
    *,
    against=None,
    output: str | None = None,
    engine: str | None = None,
    dtype: str | None = None,
    head: int = 0,
    step: int | None = None,
    every_class: bool = False,
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
      model: a model of ``thesis_rnn.build`` or ``thesis_rnn.load``, or a Functional or Sequential Keras model of
        covered layers, which is only read.
      x: inputs [n, ...] in the shape that the model takes; for a model of several inputs, a list or dict of them.
      target: the class to explain: an index, an array of one index for each sample, or None for the predicted class;
        a model of several outputs that nothing says are classes (no softmax, sigmoid or loss of classes) needs one.
      method: one of ``thesis_rnn.method_names()``, with or without its parameters: "lrp", "lrp(alpha=2, beta=1)",
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
      head: which of the model's outputs is explained.
      step: which time step, for an output per step.
      every_class: explain each class on its own, from one forward pass; without target.
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
        What is cut off counts as absorbed.
      **parameters: the method's parameters, for instance ``alpha=1.5, beta=0.5`` for "lrp".

    Returns:
      The explanation: relevance in the structure and shape of ``x``, and what became of it.

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
    if np.ndim(background):
        parameters, background = parameters | {"background": background}, 0.0
    request = Request.of(
        method,
        parameters,
        output,
        engine,
        dtype,
        head=head,
        step=step,
        every_class=every_class,
        ledger=ledger,
        states=states,
        xla=xla,
        background=float(background),
        through=frozen_units(through),
    )
    return Explainer(model, request)(x, target, against, batch_size, verbose)


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
