"""The third stage: a run's accuracy and the quality of its explanations, over the whole test set."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np

from thesis_rnn.attribution import Explanation, MethodSpec
from thesis_rnn.data import Problem, Split, problem_of
from thesis_rnn.measures import accuracy, scaled_saliency
from thesis_rnn.measures.scoring import score_model
from thesis_rnn.measures.specs import MeasureSpec
from thesis_rnn.measures.vanishing.remaining import SERIES, state_decay
from thesis_rnn.measures.vanishing.state_influence import last_states
from thesis_rnn.runs.facts import run_facts
from thesis_rnn.runs.methods import explain_on
from thesis_rnn.runs.stored import load_split, stored_settings
from thesis_rnn.runs.training import measures_of
from thesis_rnn.training.models import load_model
from thesis_rnn.training.run_folder import RunFolder

SAMPLES_OF_EACH_CLASS = 2
SHOWN = 500
"""Samples whose hidden states are kept."""


def evaluate_run(
    folder: RunFolder,
    specs: Sequence[MethodSpec],
    measures: Sequence[MeasureSpec] | None = None,
    data_dir: str | None = None,
    limit: int | None = None,
    model: keras.Model | None = None,
) -> dict:
    """Scores the run's model on its test set, writes ``metrics.json`` and returns its content.

    ``facts`` are of the run, ``scores`` rows of ``measures.scoring``. Of series, ``maps.npz`` has the mean over the
    test set of each method's relevance, scaled to [0, 1] in every sample, [steps, features]; ``samples.npz`` the first
    series of each class with their relevance; ``states.npz`` what is left of each step in the model's states. Of
    recurrent layers, ``hidden.npz`` has the last states of the first samples. Nothing is written if a method fails.

    Args:
      folder: the run's.
      specs: the methods.
      measures: by default those of the run's settings.
      data_dir: where the data are, if they have moved.
      limit: test samples, from the first; by default all.
      model: the run's, if it is loaded already: what was compiled for it is used again.
    """
    settings = stored_settings(folder, **({"data_dir": data_dir} if data_dir else {}))
    model = model or load_model(folder.path)
    test, problem = load_split(settings, "test", limit), problem_of(settings.data.dataset)
    logits = model.predict(test.x, 500, verbose=0)
    whole, test = test, test.take(slice(settings.explanation.scored or None))
    means = MeanMaps(problem, test)
    rows = score_model(
        model,
        test,
        specs,
        measures_of(settings) if measures is None else measures,
        problem,
        explain=means.explain,
        valence=problem.valence(test.x, settings.data.data_dir or None),
    )
    facts = run_facts(folder, settings, model) | {
        "test_sequences": len(whole.y),
        "accuracy": accuracy(logits, whole.y),
        "guessed": float(np.bincount(whole.y).max() / len(whole.y)),  # right by saying the most frequent class
    }
    with folder.locked("evaluate"):
        if test.x.ndim == 3:  # whose maps can be averaged: every sample has the same cells
            _write_arrays(folder, "maps", means.means)
            _write_arrays(folder, "samples", _samples(problem, model, test, specs))
            _write_arrays(folder, "states", {} if test.lengths is not None else state_decay(model, test.x[:SERIES]))
        if hidden := _hidden(model, test.take(slice(SHOWN)), logits):
            _write_arrays(folder, "hidden", hidden)
        folder.write_json(folder.metrics, {"facts": facts, "scores": rows})  # last: it stands for a finished run
    return folder.read_metrics()


class MeanMaps:
    """Explains, and keeps the mean over ``test`` of each method's scaled relevance: ``means`` by the method's text."""

    def __init__(self, problem: Problem, test: Split):
        self.problem = problem
        self.count = len(test.y)
        self.means: dict[str, np.ndarray] = {}

    def explain(self, model: keras.Model, x, target, spec: MethodSpec) -> Explanation:
        """The explanation, whose scaled relevance enters the mean where it is one of series."""
        explanation = explain_on(self.problem, model, x, target, spec)
        if np.ndim(x) == 3:
            total = scaled_saliency(explanation.relevance).sum(axis=0) / self.count
            self.means[spec.text] = self.means.get(spec.text, 0.0) + total
        return explanation


def _hidden(model: keras.Model, first: Split, logits: np.ndarray) -> dict[str, np.ndarray]:
    """The last states of each recurrent layer, beside the classes of the samples; nothing without such a layer."""
    states = last_states(model, first.x)
    return states | {"y": first.y, "logits": logits[: len(first.y)]} if states else {}


def _samples(problem: Problem, model: keras.Model, test: Split, specs: Sequence[MethodSpec]) -> dict[str, np.ndarray]:
    places = [np.flatnonzero(test.y == label)[:SAMPLES_OF_EACH_CLASS] for label in np.unique(test.y)]
    first = test.take(np.concatenate(places))
    arrays = {name: array for name, array in first._asdict().items() if array is not None}
    relevance = {spec.text: explain_on(problem, model, first.x, first.y, spec).relevance for spec in specs}
    return arrays | {"logits": model.predict(first.x, verbose=0)} | relevance


def _write_arrays(folder: RunFolder, name: str, arrays: Mapping[str, np.ndarray]) -> None:
    with folder.writing(folder.path / f"{name}.npz") as temporary:
        np.savez_compressed(temporary, **arrays)
