"""Transfer to a simple task (Montavon et al., 2018, section 7.1): evidence that is known, for the user's architecture.

A new copy of the architecture, with new weights, learns inputs of the same shape in which evidence was planted. Which
methods find it there says something of the architecture and the methods; the user's own data may still be harder.
"""

from collections.abc import Sequence

import keras
import numpy as np

from thesis_rnn.attribution.explaining import Explainer
from thesis_rnn.attribution.methods import MethodSpec
from thesis_rnn.attribution.request import Request
from thesis_rnn.attribution.tape.head import Head
from thesis_rnn.attribution.tape.network import network_of
from thesis_rnn.data.problem import Split
from thesis_rnn.errors import InputError
from thesis_rnn.judging import scores
from thesis_rnn.judging.subject import Subject
from thesis_rnn.measures import Scored, measure_specs
from thesis_rnn.measures.faithfulness.fills import is_tokens
from thesis_rnn.support.progress import during

TRAIN, TEST, EPOCHS, BATCH = 1000, 100, 40, 50
LEARNED = 0.9
"""The accuracy below which a copy has not learned, and its explanations say nothing."""
ASKED = "roc_auc; mass_accuracy; pointing_game"
WORDS = 4
"""Words that evidence in tokens needs: padding, two that tell the class, and another."""
SHIFT = 1.0
"""By how much the cells of a box are raised or lowered, in deviations of the noise."""


def transferred(subject: Subject, specs: Sequence[MethodSpec], seed: int = 0) -> tuple[list[dict], list[str]]:
    """The scores of ``specs`` on planted evidence, and what must be said beside them.

    Returns:
      Rows of method, measure, value, low, high and chance; none where the copy has not learned.
    """
    model = subject.model
    if len(model.outputs) != 1 or len(model.outputs[0].shape) != 2:
        return [], ["Transfer: models with one output [n, units] only; nothing was trained."]
    x = subject.scored.x
    words = int(x.max()) + 1 if is_tokens(x) else 0
    if 0 < words < WORDS:
        return [], [f"Transfer: tokens of at least {WORDS} words only, there are {words}; nothing was trained."]
    train, test = (planted(x.shape[1:], n, seed + k, words) for k, n in enumerate((TRAIN, TEST)))
    head = network_of(model, "float32", derivative=True).head
    copy = trained(model, train, head, seed)
    right = _accuracy(copy, test, head)
    note = f"Transfer: the new copy of the architecture is right on {right:.0%} of {TEST} samples with planted evidence"
    if right < LEARNED:
        return [], [f"{note}: it has not learned them, and says nothing of methods."]
    return _scored(copy, test, specs, head, seed), [f"{note}."]


def training_seconds(each: float) -> float:
    """How long a copy is trained at most, if a prediction takes ``each`` seconds: a gradient takes three times that."""
    return EPOCHS * TRAIN * 4 * each


def planted(shape: Sequence[int], n: int, seed: int, words: int = 0) -> Split:
    """Inputs of ``shape`` in which the class, 0 or 1, is told by a box, or by which of two words is in the majority.

    Numbers: noise of N(0, 1), in which a box of a third of every axis, anywhere, is lowered in class 0 and raised in
    class 1 by 1. Tokens: every third token is one of two words, 1 and 2 in the majority of class 0 and 1; the evidence
    are those of the class.

    Args:
      shape: of a sample.
      n: how many.
      seed: of the draw.
      words: of tokens, how many there are, 0 included; 0 for numbers.

    Returns:
      The samples with their evidence.

    Raises:
      InputError: for fewer than five words, or fewer than three steps.
    """
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    if shape[0] < 3 or (words and words < 5):
        raise InputError(f"evidence is planted in at least 3 steps, of at least 5 words; received {shape}, {words}")
    return _planted_words(shape, y, words, rng) if words else _planted_boxes(shape, y, rng)


def _planted_boxes(shape: Sequence[int], y: np.ndarray, rng: np.random.Generator) -> Split:
    inside = np.ones((len(y), *shape), bool)
    for axis, length in enumerate(shape):
        edge = max(1, length // 3)
        start = rng.integers(0, length - edge + 1, len(y)).reshape(-1, *[1] * len(shape))
        place = np.arange(length).reshape(1, *[-1 if one == axis else 1 for one in range(len(shape))])
        inside &= (place >= start) & (place < start + edge)
    sign = (2 * y - 1).reshape(-1, *[1] * len(shape))
    x = rng.standard_normal((len(y), *shape)) + SHIFT * sign * inside
    return Split(x.astype(np.float32), y.astype(np.int32), inside.astype(int))


def _planted_words(shape: Sequence[int], y: np.ndarray, words: int, rng: np.random.Generator) -> Split:
    n, steps = len(y), shape[0]
    x = rng.integers(3, words, (n, steps))
    marked = max(3, steps // 3) // 2 * 2 + 1  # odd, so that there is a majority
    marked = marked if marked <= steps else marked - 2
    places = np.argsort(rng.random((n, steps)), axis=1)[:, :marked]
    of_class = rng.integers(marked // 2 + 1, marked + 1, n)[:, None] > np.arange(marked)
    np.put_along_axis(x, places, np.where(of_class, 1 + y[:, None], 2 - y[:, None]), axis=1)
    return Split(x.astype(np.int32), y.astype(np.int32), (x == 1 + y[:, None]).astype(int))


def trained(model: keras.Model, train: Split, head: Head, seed: int) -> keras.Model:
    """A copy of the architecture with new weights, trained until it knows the samples or 40 epochs are over."""
    keras.utils.set_random_seed(seed)
    copy = keras.models.clone_model(model)
    loss = {
        "softmax": keras.losses.SparseCategoricalCrossentropy(),
        "sigmoid": keras.losses.BinaryCrossentropy(),
        "linear": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    }[head.activation]
    labels = _labels(train.y, head)
    if head.classes == 1:
        loss = keras.losses.MeanSquaredError()
    copy.compile(keras.optimizers.Adam(3e-3), loss)
    held = TRAIN // 10
    stop = keras.callbacks.EarlyStopping(patience=8, restore_best_weights=True)
    with during("training a copy"):
        copy.fit(
            train.x[held:],
            labels[held:],
            BATCH,
            EPOCHS,
            verbose=0,
            validation_data=(train.x[:held], labels[:held]),
            callbacks=[stop],
        )
    return copy


def _labels(y: np.ndarray, head: Head) -> np.ndarray:
    """Labels as the head takes them: -1 and 1 for a regression, one column for each sigmoid."""
    if head.classes == 1:
        return (2.0 * y - 1)[:, None]
    if head.activation != "sigmoid":
        return y
    return y[:, None].astype(np.float32) if head.units == 1 else np.eye(head.units, dtype=np.float32)[y]


def _accuracy(copy: keras.Model, test: Split, head: Head) -> float:
    outputs = copy.predict(test.x, verbose=0)
    found = (outputs[:, 0] > 0).astype(int) if head.classes == 1 else head.predicted(outputs)
    return float((found == test.y).mean())


def _scored(copy: keras.Model, test: Split, specs: Sequence[MethodSpec], head: Head, seed: int) -> list[dict]:
    rows = []
    target = np.zeros(len(test.y), int) if head.classes == 1 else test.y
    for spec in specs:
        try:
            record = Explainer(copy, Request.of(_without_box(spec)))(test.x, target)
        except InputError:  # a box of the user's data, in which noise does not lie
            continue
        given = Scored(record.relevance, test.x, target, test.evidence, seed=seed)
        for measure in measure_specs(ASKED):
            value, low, high, n = scores.summary(scores.of_samples(measure, given))
            chance = scores.summary(scores.chance_of(measure, given))[0]
            rows.append(
                {"method": spec.text, "measure": measure.text, "value": value, "low": low, "high": high, "n": n}
                | {"chance": chance}
            )
    return rows


def _without_box(spec: MethodSpec) -> MethodSpec:
    """The same method for inputs that are any numbers."""
    boxed = {"low", "high", "inputs"} & set(spec.parameters)
    if not boxed:
        return spec
    others = {name: value for name, value in spec.parameters.items() if name not in ("low", "high", "inputs")}
    return MethodSpec(spec.name, others | {"inputs": "real"}, spec.options)
