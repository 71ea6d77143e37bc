"""A user's own model explained from files to files: relevance, a figure or a page, and the conservation report."""

import os
import pathlib
from dataclasses import dataclass, field

import keras
import numpy as np

from thesis_rnn import files
from thesis_rnn.attribution import explain, make_method
from thesis_rnn.attribution.methods import method_parameters
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.conservation import conservation_report
from thesis_rnn.reporting.explanations import plot, sample_titles
from thesis_rnn.reporting.tokens import read_vocabulary, token_page
from thesis_rnn.training.run_folder import load

Path = str | os.PathLike


@dataclass(frozen=True)
class Question:
    """What to explain, and how.

    Attributes:
      method: a method's or a composite's registered name.
      parameters: the method's.
      target: a class, "predicted", or a .npy file of one class for each sample.
      against: the same, or "" for nothing: explains the target's output minus this one's.
      options: further arguments of ``explain``: output, head, step, ledger.
    """

    method: str
    parameters: dict = field(default_factory=dict)
    target: str = "predicted"
    against: str = ""
    options: dict = field(default_factory=dict)

    def __post_init__(self):
        check_parameters(self.method, self.parameters)


def explain_model(
    model_file: Path,
    input_file: Path,
    question: Question,
    folder: Path,
    vocabulary_file: Path | None = None,
    channels_last: bool = False,
) -> str:
    """Explains a ``.keras`` file's outputs for the samples of a .npy file; returns the conservation report.

    Writes ``<method>.npz`` (read it with ``Explanation.load``), the report ``<method>.txt``, and ``<method>.html`` for
    tokens or ``<method>.png`` for everything else, of the first samples. Nothing is written if the figure cannot be
    drawn.

    Raises:
      InputError: for files that cannot be read, or what ``explain`` and ``plot`` refuse.
    """
    vocabulary = read_vocabulary(vocabulary_file) if vocabulary_file else None
    model, x = load(model_file), read_array(input_file)
    explanation = explain(
        model,
        x,
        None if question.target == "predicted" else parse_classes("target", question.target),
        question.method,
        against=parse_classes("against", question.against) if question.against else None,
        **question.options,
        **question.parameters,
    )
    report, stem = conservation_report(explanation), pathlib.Path(folder) / question.method
    if reads_tokens(model, x):
        page = token_page(
            x, explanation.relevance, sample_titles(explanation), vocabulary, f"{question.method}: relevance"
        )
        files.write_text(stem.with_suffix(".html"), page)
    elif vocabulary:
        raise InputError(f"a vocabulary is for tokens, integers [n, steps]; received inputs of shape {list(x.shape)}")
    else:
        plot(explanation, x, stem.with_suffix(".png"), channels_last)
    explanation.save(stem.with_suffix(".npz"))
    files.write_text(stem.with_suffix(".txt"), f"{report}\n")
    return report


def reads_tokens(model, x: np.ndarray) -> bool:
    """Whether ``x`` are integers [n, steps] that ``model`` looks up, rather than computes with."""
    embeds = any(isinstance(layer, keras.layers.Embedding) for layer in model.layers)
    return x.ndim == 2 and x.dtype.kind in "iu" and (embeds or model.inputs[0].dtype.startswith(("int", "uint")))


def read_array(path: Path) -> np.ndarray:
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


def check_parameters(method: str, parameters: dict) -> None:
    """Refuses parameters that the method does not have, or that are of another kind than their defaults."""
    defaults = method_parameters(method, {})
    for name in parameters.keys() & defaults.keys():
        kinds = _KINDS.get(type(defaults[name]))
        if kinds and type(parameters[name]) not in kinds:
            expected = f"{name} of {method} must be {_KINDS_IN_WORDS[type(defaults[name])]}"
            raise InputError(f"{expected}; received {parameters[name]!r}")
    make_method(method, parameters)


_KINDS = {bool: (bool,), int: (int,), float: (int, float, np.ndarray), str: (str,)}
_KINDS_IN_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}
