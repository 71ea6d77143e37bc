"""The second stage: heatmaps of the first test sequences of a run, one file for each method."""

import pathlib
import zipfile
import zlib
from collections.abc import Sequence

import keras
import numpy as np
from tqdm import tqdm

from thesis_rnn.attribution import explain
from thesis_rnn.data import Split, load, problem_of
from thesis_rnn.errors import InputError
from thesis_rnn.runs.methods import Choice
from thesis_rnn.runs.training import stored_settings
from thesis_rnn.support import files
from thesis_rnn.training.run_folder import RunFolder
from thesis_rnn.training.run_folder import load as load_model


def explain_run(
    folder: RunFolder,
    choices: list[Choice],
    chosen: Sequence[int] = range(100),
    data_dir: str | None = None,
    model: keras.Model | None = None,
) -> None:
    """Explains the true class of the test sequences ``chosen``, by index, into ``heatmaps/<method>.npz``.

    Each file holds x, y, evidence (majority problem only), relevance, logits, target, explained, and the method's
    label and parameters. ``model`` is the run's, if it is loaded already: what is compiled for it can be used again.

    Raises:
      InputError: for an index that no test sequence has. A range is cut to those that there are.
    """
    model, sequences = model or load_model(folder.path), load_chosen(folder, chosen, data_dir)
    for choice in tqdm(choices, desc="explaining", unit="method", disable=None):
        explanation = explain(model, sequences.x, sequences.y, choice.name, **choice.parameters)
        arrays = {"label": choice.label, "x": sequences.x, "y": sequences.y, "evidence": sequences.evidence}
        arrays |= {name: getattr(explanation, name) for name in ("relevance", "logits", "target", "explained")}
        parameters = {f"parameter_{name}": value for name, value in explanation.parameters.items()}
        given = {name: value for name, value in (arrays | parameters).items() if value is not None}
        files.write_arrays(folder.heatmaps / f"{choice.name}.npz", given)


def load_test(folder: RunFolder, data_dir: str | None = None, limit: int | None = None) -> Split:
    """The test sequences of the run's data set, the same for every seed; ``data_dir`` if the data has moved."""
    settings = stored_settings(folder)
    data_dir = data_dir or settings.data_dir or None
    steps, fold = settings.steps or None, settings.test_fold
    seed = problem_of(settings.dataset).seed_of("test", settings.seed)
    return load(settings.dataset, "test", steps, data_dir, seed, limit, fold)


def load_chosen(folder: RunFolder, chosen: Sequence[int], data_dir: str | None = None) -> Split:
    """The test sequences with the indices ``chosen``, in that order."""
    sequences = load_test(folder, data_dir, max(chosen) + 1)
    count = len(sequences.y)
    if isinstance(chosen, range):
        chosen = chosen[:count]
    elif max(chosen) >= count:
        raise InputError(f"indices must be below {count}, the number of test sequences; received {max(chosen)}")
    return sequences.take(np.asarray(chosen))


def read_heatmaps(folder: RunFolder) -> dict[str, dict[str, np.ndarray]]:
    """Method name -> the arrays of its file, for every method that the run was explained by."""
    paths = sorted(folder.heatmaps.glob("[!.]*.npz"))  # hidden ones are what a kill left half-written
    if not paths:
        raise InputError(f"no heatmaps; make them with python -m thesis_rnn.explain; received {folder.path}")
    return {path.stem: _read(path) for path in paths}


def _read(path: pathlib.Path) -> dict[str, np.ndarray]:
    try:
        return files.read_arrays(path)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        expected = "heatmaps of a run, repeat python -m thesis_rnn.explain"
        raise InputError(f"expected {expected}; received {path}: {error}") from None
