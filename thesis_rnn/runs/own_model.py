"""A user's own model explained from files to files: relevance, a figure or a page, and the conservation report."""

import os
import pathlib
import zipfile
from dataclasses import dataclass, field

import keras
import numpy as np

from thesis_rnn.attribution import MethodSpec, explain_by, method_specs
from thesis_rnn.attribution.inputs.choosing import default_method
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.conservation import conservation_report
from thesis_rnn.reporting.heatmaps.explanations import sample_titles
from thesis_rnn.reporting.heatmaps.tokens import read_vocabulary, token_page
from thesis_rnn.reporting.plots.plotting import plot
from thesis_rnn.support import files
from thesis_rnn.support.arrays import UNREADABLE, read_npy, read_npz

Path = str | os.PathLike


@dataclass(frozen=True)
class Request:
    """What to explain of a model.

    Attributes:
      target: a class, "predicted", or a .npy file of one class for each sample.
      against: the same, or "" for nothing: explains the target's output minus this one's.
      options: further arguments of ``explain``: head, step, ledger.
    """

    target: str = "predicted"
    against: str = ""
    options: dict = field(default_factory=dict)


def explain_model(
    model: keras.Model,
    x: np.ndarray | dict[str, np.ndarray],
    spec: MethodSpec,
    request: Request,
    folder: Path,
    vocabulary: list[str] | None = None,
    channels_last: bool = False,
) -> str:
    """Explains a model's outputs for the samples ``x``; returns the conservation report.

    Writes ``<method>.npz`` (read it with ``Explanation.load``), the report ``<method>.txt``, and of the first samples
    ``<method>.html`` for tokens, ``<method>.png`` for everything else, and no figure of several inputs. Nothing is
    written if the figure cannot be drawn.

    Raises:
      InputError: for what ``explain`` and ``plot`` refuse.
    """
    target = None if request.target == "predicted" else parse_classes("target", request.target)
    against = parse_classes("against", request.against) if request.against else None
    explanation = explain_by(model, x, target, spec, against=against, **request.options)
    report, place = conservation_report(explanation), pathlib.Path(folder) / spec.file_name
    if reads_tokens(model, x):
        title = f"{spec.text}: relevance"
        page = token_page(x, explanation.relevance, sample_titles(explanation), vocabulary, title)
        files.write_text(place.with_name(f"{place.name}.html"), page)
    elif vocabulary:
        shapes = [list(one.shape) for one in keras.tree.flatten(x)]
        raise InputError(f"a vocabulary is for tokens, integers [n, steps]; received inputs of shape {shapes}")
    elif isinstance(x, np.ndarray):
        plot(explanation, x, place.with_name(f"{place.name}.png"), channels_last)
    explanation.save(place.with_name(f"{place.name}.npz"))
    files.write_text(place.with_name(f"{place.name}.txt"), f"{report}\n")
    return report


def chosen_specs(model: keras.Model) -> tuple[MethodSpec, ...]:
    """The method that fits the model, where none is named."""
    name, _ = default_method(model, {})
    return method_specs(name)


def reads_tokens(model, x) -> bool:
    """Whether ``x`` are integers [n, steps] that ``model`` looks up, rather than computes with."""
    if not isinstance(x, np.ndarray):
        return False
    embeds = any(isinstance(layer, keras.layers.Embedding) for layer in model.layers)
    return x.ndim == 2 and x.dtype.kind in "iu" and (embeds or model.inputs[0].dtype.startswith(("int", "uint")))


def read_words(path: Path | None) -> list[str] | None:
    """The words of a vocabulary file, or None without one."""
    return read_vocabulary(path) if path else None


def read_inputs(path: Path) -> np.ndarray | dict[str, np.ndarray]:
    """The inputs of a model: the array of a .npy file, or those of a .npz file by name; one alone as an array.

    Raises:
      InputError: for a file that holds neither.
    """
    if not zipfile.is_zipfile(path):
        return read_array(path)
    try:
        arrays = read_npz(path)
    except UNREADABLE as error:
        raise InputError(f"expected arrays saved by numpy.savez; received {path}: {error}") from None
    return arrays if len(arrays) > 1 else next(iter(arrays.values()))


def read_samples(path: Path, limit: int | None = None) -> np.ndarray:
    """The first samples of a file, for what takes models of one input.

    Raises:
      InputError: if there are none, or inputs of several.
    """
    x = read_inputs(path)
    if not isinstance(x, np.ndarray):
        raise InputError(f"a model of one input is asked for, and its array; received {path} of {', '.join(x)}")
    return x[:limit]


def read_array(path: Path) -> np.ndarray:
    """The array of a .npy file.

    Raises:
      InputError: if there is none.
    """
    try:
        return read_npy(path)
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
