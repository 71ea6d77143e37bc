"""Targets and heads by name."""

import difflib

import keras
import numpy as np
from keras import tree

from thesis_rnn.errors import InputError


def class_indices(argument: str, chosen, class_names: tuple[str, ...]):
    """``chosen`` as an index, or one for each sample: names are looked up, labels [n, 1] and one-hot rows unpacked.

    Args:
      argument: what the user calls it.
      chosen: a class or one for each sample, by index or by name; None for none.
      class_names: the names in the order of the model's outputs; empty where there are none.

    Raises:
      InputError: for a name that is not known.

    Example:
      >>> class_indices("target", ["dog", "cat"], ("cat", "dog")).tolist()
      [1, 0]
    """
    if chosen is None:
        return None
    try:
        array = np.asarray(chosen)
    except ValueError:  # rows of different lengths
        expected = "a class, or one for each sample"
        raise InputError(f"{argument} must be {expected}; received a ragged {type(chosen).__name__}") from None
    if array.dtype.kind in "SUO":
        return _looked_up(argument, array, class_names)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and _is_one_hot(array):
        array = array.argmax(axis=1)
    if array.dtype.kind == "b":
        array = array.astype(int)
    if array.dtype.kind == "f" and np.isfinite(array).all() and (array == np.round(array)).all():
        array = array.astype(int)
    return array


def head_index(model: keras.Model, head: int | str | None) -> int:
    """The place of the output ``head`` among the model's outputs; the first for None.

    Raises:
      InputError: for a name that no output has.
    """
    if head is None:
        return 0
    if not isinstance(head, str):
        return head
    for names in _output_names(model):
        if head in names:
            return names.index(head)
    names = _output_names(model)[0]
    raise InputError(
        f"head must be one of the model's outputs, {', '.join(names)}{_hint(head, names)}; received {head!r}"
    )


def _output_names(model: keras.Model) -> list[list[str]]:
    """The keys of the outputs, where they have some, and the names of the layers that give them."""
    outputs = model.outputs if isinstance(model, keras.Sequential) else model.output  # one that was never called
    paths = [".".join(map(str, path)) for path, _ in tree.flatten_with_path(outputs)]
    layers = [tensor._keras_history.operation.name for tensor in model.outputs]
    return [paths, layers] if isinstance(outputs, dict) else [layers]


def _looked_up(argument: str, chosen: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    texts = [one.decode() if isinstance(one, bytes) else str(one) for one in chosen.reshape(-1)]
    if not names:
        if all(one.lstrip("-").isdigit() for one in texts):
            return np.array([int(one) for one in texts]).reshape(chosen.shape if chosen.ndim < 2 else -1)
        raise InputError(
            f"{argument} by name needs class_names=, the names in the order of the outputs (each class on its own is "
            f"every_class=True); received {argument}={texts[0]!r}"
        )
    unknown = [one for one in texts if one not in names]
    if unknown:
        known = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
        raise InputError(f"{argument} must be one of {known}{_hint(unknown[0], names)}; received {unknown[0]!r}")
    found = np.array([names.index(one) for one in texts])
    return found[0] if chosen.ndim == 0 else found


def _is_one_hot(array: np.ndarray) -> bool:
    return array.shape[1] > 1 and bool(((array == 0) | (array == 1)).all() and (array.sum(axis=1) == 1).all())


def _hint(name: str, names) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""
