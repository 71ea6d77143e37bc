"""Trained models from files and run folders."""

import json
import os
import pathlib
import zipfile

from thesis_rnn.errors import InputError
from thesis_rnn.support.arrays import check_archive
from thesis_rnn.training.run_folder import RunFolder

BEFORE_CAUSE = "Exception encountered: "
"""What Keras' loader writes before the cause of its error."""
WIDTHS = ("units", "filters", "key_dim", "num_heads")
SIZES = (*WIDTHS, "input_dim", "output_dim")
"""Fields of a layer's configuration that say how many weights it has at least."""


def load_model(path: str | os.PathLike, unsafe: bool = False):
    """The trained Keras model of a run folder or of a ``.keras`` file, compiled as it was saved.

    Args:
      path: the folder or the file.
      unsafe: also load Lambda layers, whose code is in the file and is run.

    Raises:
      InputError: if there is no model, the file is damaged, or it holds a class that is not known.
    """
    import keras

    import thesis_rnn.layers  # noqa: F401  registers the layers that the file names

    path = pathlib.Path(path)
    if path.is_dir():
        path = _model_of_run(RunFolder(path))
    if not path.is_file():
        raise InputError(f"expected a run folder or a .keras file; received {path}, which does not exist")
    if not _is_readable_zip(path):
        raise InputError(f"expected a .keras file; received {path}, which is damaged or of another kind")
    try:
        check_archive(path)
        _check_size(path)
        return keras.models.load_model(path, safe_mode=not unsafe)
    except Exception as error:  # damage shows in every part of the loader, and each has exceptions of its own
        expected = "cannot load the model; train it again or repair it"
        raise InputError(f"{expected}; received {path}: {_reason(error)}{_way_out(error)}") from error


def _is_readable_zip(path: pathlib.Path) -> bool:
    """Whether it is a zip file; what may not be read is not called damaged."""
    try:
        with path.open("rb") as file:
            return zipfile.is_zipfile(file)
    except OSError as error:
        raise InputError(f"expected a file that can be read; received {path}: {error.strerror}") from None


def _model_of_run(folder: RunFolder) -> pathlib.Path:
    if folder.model.is_file() and not folder.is_run():  # a model beside whatever else
        return folder.model
    path = folder.required(folder.model, "train --resume")
    if not folder.is_intact(path):
        raise folder.damaged(path, "not the bytes that the training wrote", "train --overwrite")
    return path


def _check_size(path: pathlib.Path) -> None:
    """Refuses a configuration of layers larger than the weights beside it: building them would take all memory.

    Raises:
      ValueError: with the size.
    """
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
        stored = sum(entry.file_size for entry in archive.infolist() if entry.filename.endswith(".h5"))
    if (least := _least_numbers(config)) > 2 * stored:  # quantised weights take half a byte each
        raise ValueError(f"{BEFORE_CAUSE}a layer of at least {least} weights, whose weights take {stored} bytes")


def _least_numbers(config) -> int:
    """The number of weights that the largest layer of a configuration has at least."""
    if isinstance(config, list):
        return max(map(_least_numbers, config), default=0)
    if not isinstance(config, dict):
        return 0
    sizes = {name: config[name] for name in SIZES if isinstance(config.get(name), int)}
    square = "recurrent_initializer" in config  # of units by units
    table = sizes.get("input_dim", 1) * sizes.get("output_dim", 1) if "embeddings_initializer" in config else 0
    own = max((size * size if square else size for name, size in sizes.items() if name in WIDTHS), default=0)
    return max(own, table, *map(_least_numbers, config.values()), 0)


def _reason(error: Exception) -> str:
    """The cause of an error of Keras' loader, without the configurations that it prints around it."""
    _, _, cause = str(error).rpartition(BEFORE_CAUSE)
    line, *_ = cause.strip().splitlines() or [type(error).__name__]
    return line.partition(" Full object config")[0].partition(". Make sure custom classes")[0]


def _way_out(error: Exception) -> str:
    text = str(error)
    if "safe_mode" in text or "safe mode" in text:
        return " (--unsafe loads it, if you trust the file)"
    if "Could not locate" in text or "Unknown layer" in text:
        return " (register the class with keras.saving.register_keras_serializable; --import=FILE.py runs its file)"
    return ""
