"""Values of flags that are more than a number or a word: classes, parameters of methods, arrays in files."""

import os

import numpy as np

from thesis_rnn.errors import InputError


def read_array(path: str | os.PathLike) -> np.ndarray:
    """The array of a .npy file.

    Raises:
      InputError: if there is none.
    """
    try:
        with open(path, "rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"expected an array saved by numpy.save; received {path}: {error}") from None


def parse_classes(name: str, text: str):
    """A class, or one for each sample from a .npy file."""
    if text.endswith(".npy"):
        return read_array(text)
    try:
        return int(text)
    except ValueError:
        expected = "a class, 'predicted' or a .npy file of a class for each sample"
        raise InputError(f"{name} must be {expected}; received {text!r}") from None


def parse_parameters(text: str) -> dict:
    """The parameters of a list ``name=value,name=value``: numbers, true and false, arrays from .npy files, or text.

    Raises:
      InputError: for an entry that is not of this form, or a name that appears twice.
    """
    parameters = {}
    for entry in text.split(",") if text else []:
        name, equals, value = (part.strip() for part in entry.partition("="))
        if not (name and equals and value) or name in parameters:
            raise InputError(f"parameters are name=value, separated by commas, each name once; received {text!r}")
        parameters[name] = _parse(value)
    return parameters


def _parse(text: str):
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if text.endswith(".npy"):
        return read_array(text)
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
