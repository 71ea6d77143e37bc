"""The third stage: a run's accuracy and the quality of its explanations, over the whole test set."""

import keras
import numpy as np
from tqdm import tqdm

from thesis_rnn.attribution import Explanation, explain
from thesis_rnn.data import Split
from thesis_rnn.measures import (
    MEASURES,
    Scored,
    accuracy,
    block_relevance,
    cosine_similarity,
    evidence_percentage,
    foreground_mass_accuracy,
    intensity_share,
    is_without_relevance,
    step_share,
)
from thesis_rnn.runs.explaining import load_test
from thesis_rnn.runs.facts import run_facts
from thesis_rnn.runs.flipping import SEQUENCES, flipping_areas, random_flipping_areas
from thesis_rnn.runs.methods import Choice
from thesis_rnn.runs.training import stored_settings
from thesis_rnn.statistics import mean_interval
from thesis_rnn.support import files
from thesis_rnn.training.run_folder import RunFolder
from thesis_rnn.training.run_folder import load as load_model

CHUNK = 500
"""Test sequences whose relevance is held at once."""


def evaluate_run(
    folder: RunFolder,
    choices: list[Choice],
    data_dir: str | None = None,
    limit: int | None = None,
    model: keras.Model | None = None,
) -> dict:
    """Scores the run's model on its test set, writes ``metrics.json`` and returns its content.

    Accuracy is in [0, 1]; means stand beside their 95% interval over the test sequences. ``model`` is the run's, if it
    is loaded already: what was compiled for it is used again.
    """
    settings, model = stored_settings(folder), model or load_model(folder.path)
    sequences = load_test(folder, data_dir, limit)
    metrics = run_facts(folder, settings, model) | score_model(model, sequences, choices)
    files.write_json(folder.metrics, metrics)
    return folder.read_metrics()


def score_model(model: keras.Model, sequences: Split, choices: list[Choice]) -> dict:
    """Accuracy, baselines and each method's scores on ``sequences``."""
    scores = {
        "test_sequences": len(sequences.y),
        "accuracy": accuracy(model.predict(sequences.x, 500, verbose=0), sequences.y),
        "pixel_mass": intensity_share(sequences.x).mean(axis=0).tolist(),
        "pixel_mass_by_class": _means_by_class(intensity_share(sequences.x), sequences.y),
        "methods": {choice.name: _score_method(model, sequences, choice) for choice in choices},
    }
    scores["chance"] = {name: mean_interval(values)._asdict() for name, values in _chance(model, sequences).items()}
    if sequences.evidence is not None:
        scored = Scored(sequences.x, sequences.x, sequences.y, sequences.evidence)
        cosine = MEASURES["cosine"]
        cosines = {name: cosine.function(scored.beside(maps)) for name, maps in cosine.references(scored).items()}
        scores["baselines"] = {name.strip("()"): mean_interval(values)._asdict() for name, values in cosines.items()}
    return scores


def _chance(model: keras.Model, sequences: Split) -> dict[str, np.ndarray]:
    """The local scores of what knows nothing: a uniform heatmap, an order of removal drawn at random."""
    chunks = [sequences.x[start : start + CHUNK] for start in range(0, len(sequences.y), CHUNK)]
    shares = [foreground_mass_accuracy(np.ones_like(chunk), chunk) for chunk in chunks]
    return {"ink_share": np.concatenate(shares)} | random_flipping_areas(model, sequences.take(slice(SEQUENCES)))


def _score_method(model: keras.Model, sequences: Split, choice: Choice) -> dict:
    scores = {"label": choice.label}
    starts = tqdm(range(0, len(sequences.y), CHUNK), desc=f"evaluating {choice.label}", unit="batch", disable=None)
    chunks = [_score_chunk(model, sequences, choice, start) for start in starts]
    values = {name: np.concatenate([chunk[name] for chunk in chunks if name in chunk]) for name in chunks[0]}
    scores["step_distribution"] = values["step_distribution"].mean(axis=0).tolist()
    scores["step_distribution_by_class"] = _means_by_class(values["step_distribution"], sequences.y)
    for name in ("unexplained", "zero_relevance"):
        if name in values:
            scores[name] = int(values[name].sum())
    for name in ("cosine", "right_percentage", "ink_share", "step_flipping", "patch_flipping"):
        if name in values:
            scores[name] = mean_interval(values[name])._asdict()
    if not np.isnan(values["absorbed"]).any():
        scores["largest_absorbed_share"] = float(values["absorbed"].max())
    return scores


def _means_by_class(values: np.ndarray, y: np.ndarray) -> list:
    """The mean of ``values`` [n, steps] over each class; None for a class without samples."""
    return [values[y == label].mean(axis=0).tolist() if (y == label).any() else None for label in range(y.max() + 1)]


def _score_chunk(model: keras.Model, sequences: Split, choice: Choice, start: int) -> dict[str, np.ndarray]:
    chunk = slice(start, start + CHUNK)
    explanation = explain(model, sequences.x[chunk], sequences.y[chunk], choice.name, **choice.parameters)
    relevance = explanation.relevance
    values = {
        "step_distribution": step_share(relevance),
        "unexplained": explanation.unexplained,
        "absorbed": absorbed_share(explanation),
        "ink_share": foreground_mass_accuracy(relevance, sequences.x[chunk], positive_only=choice.positive_only),
    }
    if start < SEQUENCES:
        perturbed = slice(start, min(start + CHUNK, SEQUENCES))
        own = Split(sequences.x[perturbed], sequences.y[perturbed])
        values |= flipping_areas(model, own, relevance[: len(own.y)])
    if sequences.evidence is not None:
        evidence = sequences.evidence[chunk]
        blocks = block_relevance(relevance, evidence.shape[1], choice.positive_only)
        values |= {
            "cosine": cosine_similarity(evidence, blocks),
            "right_percentage": evidence_percentage(evidence, blocks),
            "zero_relevance": is_without_relevance(blocks),
        }
    return values


def absorbed_share(explanation: Explanation) -> np.ndarray:
    """|absorbed relevance| / sum |relevance| of each sample [n], the part of its relevance that was lost; 0 for 0/0."""
    spread = np.abs(explanation.relevance).sum(axis=tuple(range(1, explanation.relevance.ndim)), dtype=np.float64)
    return np.abs(explanation.absorbed) / np.where(spread > 0, spread, 1)
