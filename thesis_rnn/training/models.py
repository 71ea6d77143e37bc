"""Trained models from files and run folders."""

import os
import pathlib
import zipfile

from thesis_rnn.errors import InputError
from thesis_rnn.training.run_folder import RunFolder


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
    if not zipfile.is_zipfile(path):
        raise InputError(f"expected a .keras file; received {path}, which is damaged or of another kind")
    try:
        return keras.models.load_model(path, safe_mode=not unsafe)
    except Exception as error:  # damage shows in every part of the loader, and each has exceptions of its own
        expected = "cannot load the model; train it again or repair it"
        raise InputError(f"{expected}; received {path}: {_reason(error)}{_way_out(error)}") from error


def _model_of_run(folder: RunFolder) -> pathlib.Path:
    if folder.model.is_file() and not folder.is_run():  # a model beside whatever else
        return folder.model
    path = folder.required(folder.model, "train --resume")
    if not folder.is_intact(path):
        raise folder.damaged(path, "not the bytes that the training wrote", "train --overwrite")
    return path


def _reason(error: Exception) -> str:
    """The cause of an error of Keras' loader, without the configurations that it prints around it."""
    _, _, cause = str(error).rpartition("Exception encountered: ")
    line, *_ = cause.strip().splitlines() or [type(error).__name__]
    return line.partition(" Full object config")[0]


def _way_out(error: Exception) -> str:
    text = str(error)
    if "safe_mode" in text or "safe mode" in text:
        return " (--unsafe loads it, if you trust the file)"
    if "Could not locate" in text or "Unknown layer" in text:
        return " (register the class with keras.saving.register_keras_serializable; --import=FILE.py runs its file)"
    return ""
