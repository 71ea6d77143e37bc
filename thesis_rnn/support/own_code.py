"""Code of the user's own that a model file needs: a Python file that registers its layers."""

import importlib.util
import os
import pathlib
import traceback

from thesis_rnn.errors import InputError


def run_file(path: str | os.PathLike) -> None:
    """Runs a Python file, so that the layers and functions that it registers with Keras are known.

    Args:
      path: the file; it is run as a module of its own name.

    Raises:
      InputError: for no such file, or one that ends in an error, with its line.

    Example:
      >>> run_file("missing.py")
      Traceback (most recent call last):
      thesis_rnn.errors.InputError: expected a Python file that registers your layers; received missing.py
    """
    path = pathlib.Path(path)
    place = str(path.resolve())
    spec = importlib.util.spec_from_file_location(path.stem, place)
    if not path.is_file() or spec is None or spec.loader is None:
        raise InputError(f"expected a Python file that registers your layers; received {path}")
    try:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except Exception as error:  # whatever the user's code raises
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == place]
        line = getattr(error, "lineno", None) or (lines[-1] if lines else "?")
        raise InputError(
            f"the file of your layers must run; received {path}, line {line}: {type(error).__name__}: {error}"
        ) from error
