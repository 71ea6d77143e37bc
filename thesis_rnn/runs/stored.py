"""What a run has stored: its settings, its test samples, its heatmaps."""

import pathlib
from collections.abc import Sequence

import numpy as np

from thesis_rnn.data import Split, load, problem_of
from thesis_rnn.errors import InputError
from thesis_rnn.runs.settings import Settings
from thesis_rnn.support import files
from thesis_rnn.support.arrays import UNREADABLE, read_npz
from thesis_rnn.training.manifest import settings_digest
from thesis_rnn.training.run_folder import RunFolder

OF_HEATMAPS = ("x", "y", "relevance", "logits", "target", "method", "label")
"""The arrays that every file of heatmaps has."""


def stored_settings(folder: RunFolder, **replaced) -> Settings:
    """The settings that the run was trained with, those flags in ``replaced`` excepted.

    Raises:
      InputError: if they are missing or damaged, or were changed since.
    """
    text = folder.read_text(folder.flags, "train")
    settings = Settings.from_flagfile(text, str(folder.flags))
    made_with = folder.manifest().settings
    if made_with and made_with != settings_digest(settings.hyperparameters()):
        expected = "the flags that the run was made with, restore them or train again with --overwrite"
        raise InputError(f"expected {expected}; received {folder.flags} with others")
    return settings.replaced(**replaced)


def load_split(settings: Settings, split: str, limit: int | None = None) -> Split:
    """A split of the settings' problem; test samples are those that runs can be compared on."""
    data, problem = settings.data, problem_of(settings.data.dataset)
    seed = problem.seed_of(split, settings.training.seed)
    return load(data.dataset, split, data.steps or None, data.data_dir or None, seed, limit, data.test_fold)


def load_chosen(folder: RunFolder, chosen: Sequence[int], data_dir: str | None = None) -> Split:
    """The test samples with the indices ``chosen``, in that order.

    Raises:
      InputError: for an index that no test sample has. A range is cut to those that there are.
    """
    moved = {"data_dir": data_dir} if data_dir else {}
    return test_samples(stored_settings(folder, **moved), chosen)


def test_samples(settings: Settings, chosen: Sequence[int]) -> Split:
    """The test samples of the settings' problem with the indices ``chosen``; see ``load_chosen``."""
    sequences = load_split(settings, "test", max(chosen) + 1)
    count = len(sequences.y)
    if count == 0:
        raise InputError("test data must have at least one sample; received none")
    if isinstance(chosen, range):
        chosen = chosen[:count]
    elif max(chosen) >= count:
        raise InputError(f"indices must be below {count}, the number of test sequences; received {max(chosen)}")
    return sequences.take(np.asarray(chosen))


def read_heatmaps(folder: RunFolder) -> dict[str, dict[str, np.ndarray]]:
    """The stem of a file -> its arrays, for every method that the run was explained by.

    Each has x, y, relevance, logits, target, the ``method`` as text and its ``label``, evidence where it is known, and
    what ``Explanation.load`` reads.

    Raises:
      InputError: if there are none, or one is damaged or of another kind.
    """
    folder.check_is_run()
    paths = sorted(path for path in folder.heatmaps.glob("*.npz") if not files.is_temporary(path))
    if not paths:
        raise InputError(f"no heatmaps; make them with python -m thesis_rnn explain --run_dir; received {folder.path}")
    return {path.stem: _read(folder, path) for path in paths}


def read_arrays(folder: RunFolder, path: pathlib.Path, made_by: str) -> dict[str, np.ndarray]:
    """The arrays of an .npz file of the run.

    Raises:
      InputError: if it is missing or damaged, or not what the run wrote.
    """
    path = folder.required(path, made_by)
    if not folder.is_intact(path):
        raise folder.damaged(path, "not the bytes that the run wrote", made_by)
    try:
        return read_npz(path)
    except PermissionError:  # not damaged, and it says so itself
        raise
    except UNREADABLE as error:
        raise folder.damaged(path, str(error), made_by) from None


def _read(folder: RunFolder, path: pathlib.Path) -> dict[str, np.ndarray]:
    arrays = read_arrays(folder, path, "explain --run_dir")
    missing = [name for name in OF_HEATMAPS if name not in arrays]
    if missing or len({len(arrays[name]) for name in OF_HEATMAPS if arrays[name].ndim}) > 1:
        raise folder.damaged(
            path, f"no heatmaps, without {', '.join(missing) or 'as many of each'}", "explain --run_dir"
        )
    return arrays
