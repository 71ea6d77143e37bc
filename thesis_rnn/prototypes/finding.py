"""``prototype``: inputs that a model takes for a class, or that excite a unit, and that data make likely."""

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.attribution.inputs.models import in_layers
from thesis_rnn.attribution.tape.head import made_probabilities_by
from thesis_rnn.attribution.tape.network import network_of
from thesis_rnn.errors import InputError
from thesis_rnn.prototypes.experts import EXPERTS, Expert
from thesis_rnn.prototypes.question import Question
from thesis_rnn.prototypes.record import Prototypes
from thesis_rnn.prototypes.samples import Data, near_classes, near_unit
from thesis_rnn.prototypes.search import ascend
from thesis_rnn.prototypes.spaces import CodeSpace, InputSpace, TokenSpace
from thesis_rnn.support.checks import at_least_one, checked

MOST_DATA = 5_000
"""Samples of the data that experts, starts and neighbours are taken from, at most; drawn by the seed."""


@checked
def prototype(
    model: keras.Model,
    target: int | Sequence[int] | None = None,
    *,
    unit: str | None = None,
    expert: str | Expert = "l2",
    n: int = 1,
    data: ArrayLike | None = None,
    lengths: ArrayLike | None = None,
    weight: float | None = None,
    variation: float = 0.0,
    around: ArrayLike | None = None,
    nearness: float = 0.0,
    box: tuple | None = None,
    step: int | None = None,
    head: int = 0,
    outputs: str | None = None,
    steps: int = 200,
    learning_rate: float | None = None,
    seed: int = 0,
) -> Prototypes:
    """argmax_x log p(c | x) + w E(x) - v sum_t |x_t - x_{t-1}| - eta ||x - x_0||^2, by Adam from several starts.

    E is the expert: -||x - mean||^2, the log-density of a model of the data, or, for experts in code space, -||z||^2
    with x = g(z). log p is a log-softmax (or log-sigmoid) of logits, never the log of a probability, which vanishes; of
    a unit its activation stands in its place, as an output itself does that is no logit of a class: of a regression, or
    of several outputs that nothing says are classes. Where p is 1 to the last
    digit, only E moves x.

    Args:
      model: a Keras model that ``explain`` covers, or any differentiable one, of one input: [n, ...] or tokens [n, T].
      target: a class, or several, each of which gets ``n`` prototypes.
      unit: instead of a class, a unit: "layer:index", or "layer/part:index" for the states of recurrent layers, as in
        "cell/hidden:17".
      expert: "l2", "ppca", "gmm", "rbm", "decoder" or "generator" (see ``EXPERTS``), fitted to ``data``; or one that is
        fitted already, to compare models by the same. An expert that did not learn, by held-out data, is refused.
      n: how many prototypes; they start at k-means centres of the samples that the model takes for the class (or those
        that excite the unit most): local prototypes.
      data: samples like those that the model was trained on, [m, ...]; at most 5,000 of them are used.
      lengths: own steps of each sample [m]; by default a model with a Masking or masking Embedding tells. Padding is
        held, and counts as the mean for experts and distances.
      weight: w; by default 0.01, and 0.05 in code space, where 0.5 is the exact prior.
      variation: v, of the total variation along the second axis, time.
      around, nearness: x_0, a sample, and eta: the prototype nearest to a given sample.
      box: (low, high), numbers or arrays that broadcast to a sample, to which every step is clipped; by default the
        range of the data, of each feature for series; (-inf, inf) for none. Not in code space, where the share outside
        is told.
      step: which step, from 0: of an output per step, which needs one, or of a unit, by default its last own one.
      head: which of the model's outputs.
      outputs: what linear outputs are: "logits" of classes that exclude each other, or "values", which are maximised
        themselves. By default logits where a loss, a layer or its name says so.
      steps: of the search.
      learning_rate: of Adam; by default 0.05 of the deviation of the data.
      seed: of k-means, of experts and of what is drawn.

    Returns:
      ``Prototypes``: these, and beside each p of the class, its density among that of the data, the nearest sample, the
      share of cells outside the box, and the start.

    Raises:
      InputError: neither target nor unit or both, units that do not exist (those that do are listed), no data, data of
        another shape, an expert that did not learn, an objective that is not finite.

    Source: Montavon, Samek and Müller (2018), section 3.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
      >>> data = np.random.default_rng(0).normal(size=(20, 3))
      >>> found = prototype(model, target=[0, 1], data=data, steps=5)
      >>> found.target.tolist(), bool((found.outside == 0).all())
      ([0, 1], True)
    """
    at_least_one(n=n, steps=steps)
    _check_request(target, unit, step, outputs)
    if learning_rate is not None and not learning_rate > 0:
        raise InputError(f"learning_rate must be more than 0; received {learning_rate}")
    if not isinstance(model, keras.Model):
        raise InputError(f"prototypes are of Keras models; put a function into a layer; received {model!r:.80}")
    model = in_layers(model, data)
    network = network_of(model, "float32", head, _step_of_output(model, head, unit, step), True)
    made_by, notes = _made_by(model, network, outputs, unit)
    given = Data.of(model, network, data, lengths, seed, MOST_DATA, 1 if step is None else step + 1)
    question = Question.of(network, made_by, target, unit, step, n)
    near = near_unit(question, given) if unit else near_classes(question, given)
    starts = given.starts(near, n, seed, around)
    starts = starts._replace(notes=(*notes, *starts.notes))
    if step is not None and starts.lengths is not None and starts.lengths.min() <= step:
        raise InputError(f"around must have a step {step} of its own; received one of {starts.lengths.min()} steps")
    terms = (expert, weight, variation, _sample(around, given), nearness, seed)
    space = _space_of(expert, given)(network, question, given, starts, box, *terms)
    rate = space.learning_rate if learning_rate is None else learning_rate
    point, curve = ascend(space.objective, space.project, space.start, steps, rate)
    return space.record(point, curve)


def _check_request(target, unit, step, outputs) -> None:
    if (target is None) == (unit is None):
        raise InputError(f"a prototype is of a target or of a unit; received {'both' if unit else 'neither'}")
    if step is not None and step < 0:
        raise InputError(f"step is counted from 0; received step={step}")
    if outputs not in (None, "logits", "values"):
        raise InputError(f"outputs are logits or values; received {outputs!r}")


def _step_of_output(model: keras.Model, head: int, unit: str | None, step: int | None) -> int | None:
    """The step of the output that is asked for; of a unit's model any, where its output is one per step."""
    if unit is None or not 0 <= head < len(model.outputs):
        return step
    return 0 if len(model.outputs[head].shape) == 3 else None


def _made_by(model: keras.Model, network, outputs: str | None, unit: str | None) -> tuple[str, tuple[str, ...]]:
    """What makes probabilities of the outputs, by what is said or known of them, and what a reader must know."""
    known = made_probabilities_by(model, network.head)
    if network.head.activation != "linear" and outputs is not None:
        raise InputError(f"the model ends in {known}, which says what outputs are; received outputs={outputs!r}")
    if outputs is not None:
        return "softmax" if outputs == "logits" and network.head.classes > 1 else "linear", ()
    if unit or known != "linear" or network.head.classes == 1:
        return known, ()
    return known, ("nothing says that outputs are logits of classes: they are maximised themselves; see outputs=",)


def _space_of(expert: str | Expert, given: Data):
    if given.tokens:
        if expert != "l2":
            raise InputError(f"tokens know only the expert 'l2', in the space of embeddings; received {expert!r}")
        return TokenSpace
    codes = EXPERTS[expert].codes if isinstance(expert, str) else expert.codes
    return CodeSpace if codes else InputSpace


def _sample(around: ArrayLike | None, given: Data) -> np.ndarray | None:
    if around is None:
        return None
    around = np.asarray(around, given.x.dtype)
    if around.shape != given.x.shape[1:]:
        raise InputError(f"around must be a sample of shape {list(given.x.shape[1:])}; received {list(around.shape)}")
    return around
