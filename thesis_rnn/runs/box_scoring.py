"""Scoring a model of series: how well its maps find the planted evidence, and whether it misses what they find."""

import dataclasses

import keras
import numpy as np

from thesis_rnn.data import Split
from thesis_rnn.measures import accuracy, localisation_scores, mask_most_salient, scaled_saliency
from thesis_rnn.measures.vanishing.decay import half_life, relevance_by_step
from thesis_rnn.runs.box_methods import BATCH, SALIENCY, explained
from thesis_rnn.runs.box_states import state_decay
from thesis_rnn.runs.box_training import load_series, stored_box_settings
from thesis_rnn.runs.facts import run_facts
from thesis_rnn.support import files
from thesis_rnn.training.checkpoints import read_history
from thesis_rnn.training.run_folder import RunFolder
from thesis_rnn.training.run_folder import load as load_model

MASKED_SHARE = 0.1
SAMPLES_OF_EACH_CLASS = 2


def score_boxes(folder: RunFolder, method: str | None = None) -> dict:
    """Scores the run's model on its test set; writes ``maps.npz``, ``samples.npz``, ``states.npz``, ``metrics.json``.

    With ``method``, the maps are those of other methods than the run's; its flags then name them. Nothing is written
    or lost if one of them fails.

    Returns what ``metrics.json`` holds: ``maps`` has for each map the mean of every localisation score, ``step_shares``
    the mean share of each time step, ``half_life`` the number of last steps that hold half of it, or half of what
    ``state_decay`` measures, ``masked_accuracy`` the accuracy without the map's highest tenth of cells (figure 7),
    beside it without a random tenth and without as many cells of the evidence. ``maps.npz`` has the mean over the test
    set of each map, scaled to [0, 1] in every sample, [steps, features]; ``samples.npz`` the first series of each class
    with their saliency; ``states.npz`` what ``state_decay`` gives.
    """
    settings, model = stored_box_settings(folder), load_model(folder.path)
    settings = dataclasses.replace(settings, method=method or settings.method)
    test = load_series(settings, "test")
    maps = dict(explained(model, test, settings.method))
    folder.metrics.unlink(missing_ok=True)  # which stand for a finished run of these flags
    files.write_text(folder.flags, settings.as_flagfile())
    files.write_arrays(
        folder.path / "maps.npz", {name: scaled_saliency(values).mean(axis=0) for name, values in maps.items()}
    )
    files.write_arrays(folder.path / "samples.npz", _samples(model, test, maps))
    by_step, states = {name: vanishing(values) for name, values in maps.items()}, state_decay(model, test.x)
    files.write_arrays(folder.path / "states.npz", states)
    facts, updates = run_facts(folder, settings, model), int(read_history(folder)[-1]["updates"])
    metrics = facts | {
        "updates": updates,
        "hit_the_cap": facts["epochs"] == settings.epochs or updates >= settings.updates,
        "accuracy": _accuracy(model, test.x, test.y),
        "maps": {name: _means(localisation_scores(values, test.evidence)) for name, values in maps.items()},
        "step_shares": {name: shares for name, (shares, _) in by_step.items()},
        "half_life": {name: steps for name, (_, steps) in by_step.items()}
        | {name: float(np.median(half_life(values))) for name, values in states.items()},
        "masked_accuracy": _masked_accuracy(model, test, maps),
    }
    files.write_json(folder.metrics, metrics)
    return metrics


def vanishing(relevance: np.ndarray) -> tuple[list[float], float | None]:
    """The mean share of |relevance| on each time step, and the median half-life in steps, counted from the last.

    Samples without relevance are left out; if none has any, all shares are 0 and there is no half-life.
    """
    shares = relevance_by_step(relevance)
    shares = shares[shares.any(axis=1)]
    if not len(shares):
        return [0.0] * relevance.shape[1], None
    return shares.mean(axis=0).tolist(), float(np.median(half_life(shares)))


def _samples(model: keras.Model, test: Split, maps: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    places = [np.flatnonzero(test.y == label)[:SAMPLES_OF_EACH_CLASS] for label in np.unique(test.y)]
    first = np.concatenate(places)
    own = {name: getattr(test, name)[first] for name in ("x", "y", "evidence")}
    return own | {"logits": model.predict(own["x"], verbose=0)} | {name: maps[name][first] for name in SALIENCY}


def _means(scores: dict[str, np.ndarray]) -> dict[str, float]:
    return {name: float(values.mean()) for name, values in scores.items()}


def _masked_accuracy(model: keras.Model, test: Split, maps: dict[str, np.ndarray]) -> dict[str, float]:
    controls = {"(random)": np.zeros(test.x.shape), "(evidence)": test.evidence.astype(np.float32)}
    return {
        name: _accuracy(model, mask_most_salient(test.x, np.abs(values), MASKED_SHARE), test.y)
        for name, values in (maps | controls).items()
    }


def _accuracy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    return accuracy(model.predict(x, BATCH, verbose=0), y)
