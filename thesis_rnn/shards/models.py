"""The model of a job on its way into workers: a file that is loaded there, and is the same to the bit."""

import os
import pathlib
from collections.abc import Sequence

import keras

from thesis_rnn.errors import InputError
from thesis_rnn.shards.work import digest_of, reason_of
from thesis_rnn.support.own_code import run_file
from thesis_rnn.training.zoo import load


def model_named(model: keras.Model | str | os.PathLike, imports: Sequence[str], unsafe: bool) -> keras.Model:
    """The model itself, or that of a path or a name of the zoo.

    Raises:
      InputError: for what is neither.
    """
    for file in imports:
        run_file(file)
    if isinstance(model, str | os.PathLike):
        return load(model, unsafe)
    if not isinstance(model, keras.Model):
        raise InputError(f"expected a Keras model, or the path of one; received {type(model).__name__}")
    return model


def save_for_workers(model: keras.Model, path: pathlib.Path) -> None:
    """Writes the file that workers load.

    Raises:
      InputError: for a model that cannot be saved.
    """
    try:
        model.save(path)
    except Exception as error:  # every layer has its own way of not being saved
        expected = "workers load the model from a file, and this one cannot be saved; use workers=1"
        raise InputError(f"{expected}; received {type(model).__name__}: {reason_of(error)[:200]}") from None


def model_from(path: str | os.PathLike, imports: Sequence[str], digest: str) -> keras.Model:
    """The model of a file that ``save_for_workers`` wrote; its Lambda layers were loaded or made by the user already.

    Raises:
      InputError: for one that cannot be loaded here, or is another one than it was there.
    """
    import thesis_rnn.layers  # noqa: F401  registers the layers that the file names

    for file in imports:
        run_file(file)
    try:
        model = keras.models.load_model(path, compile=False, safe_mode=False)
    except Exception as error:  # damage and unknown classes show in every part of the loader
        expected = "a worker cannot load the model; name the files of its layers as imports, or use workers=1"
        raise InputError(f"{expected}; received {reason_of(error)[:200]}") from None
    if digest_of(model) != digest:
        raise InputError("the model, saved and loaded, is another one; use workers=1; received other weights")
    return model
