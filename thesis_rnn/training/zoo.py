"""Trained models that come with the package, so that something real can be explained in the first minute."""

import json
import os
import pathlib

from thesis_rnn.errors import InputError
from thesis_rnn.support import files
from thesis_rnn.support.checks import checked
from thesis_rnn.training.models import load_model

FOLDER = pathlib.Path(__file__).parent.parent / "zoo"
PREFIX = "zoo:"


@checked
def load(path: str | os.PathLike, unsafe: bool = False):
    """The trained Keras model of a run folder, of a ``.keras`` file, or of the zoo, as in "zoo:convrlstm_sd/mnist_maj".

    It is compiled: as it was saved or, from the zoo, with the loss and metric of its training and a fresh Adam.

    Args:
      path: a run folder, a ``.keras`` file, or "zoo:" and one of ``zoo_names()``.
      unsafe: also load Lambda layers, whose code is in the file and is run.

    Returns:
      The model.

    Raises:
      InputError: if there is no model, the file is damaged, or it holds a class that is not known.

    Example:
      >>> load("zoo:shallow/mnist_maj").input_shape
      (None, 12, 28, 7)
    """
    if not str(path).startswith(PREFIX):
        return load_model(path, unsafe)
    from thesis_rnn.architectures import compile_model

    model = load_model(_intact(str(path).removeprefix(PREFIX)))
    compile_model(model, learning_rate=1e-3)
    return model


def zoo_names() -> list[str]:
    """The names of the trained models that come with the package, such as ``convrlstm_sd/mnist_maj``.

    ``thesis_rnn.load("zoo:<name>")`` loads one.

    Returns:
      Names in alphabetical order.

    Example:
      >>> "convrlstm_sd/mnist_maj" in zoo_names()
      True
    """
    return sorted(f"{path.stem}/{path.parent.name}" for path in FOLDER.glob("*/*.keras"))


def zoo_path(name: str) -> pathlib.Path:
    """The file of a model.

    Raises:
      InputError: for an unknown name.
    """
    if name not in zoo_names():
        raise InputError(f"the zoo has {', '.join(zoo_names()) or 'no models'}; received {name!r}")
    architecture, dataset = name.split("/")
    return FOLDER / dataset / f"{architecture}.keras"


def _intact(name: str) -> pathlib.Path:
    """The file of a model, which is the one that the package was made with."""
    path = zoo_path(name)
    if files.sha256(path) != zoo_card(name)["sha256"]:
        raise InputError(f"a model of the zoo is damaged, install thesis_rnn again; received {path}")
    return path


@checked
def zoo_card(name: str) -> dict:
    """The record of a model of the zoo.

    It has its test accuracy, the cosine similarity of its explanations, the flags and versions that made it, the
    licence of the images that it was trained on, and the digest of its file.

    Args:
      name: one of ``zoo_names()``.

    Returns:
      The record by field.

    Raises:
      InputError: for an unknown name.

    Example:
      >>> zoo_card("shallow/mnist_maj")["accuracy"]
      0.9794
    """
    return json.loads(zoo_path(name).with_suffix(".json").read_text(encoding="utf-8"))
