"""A user's own model explained from files to files: relevance, a figure or a page, and the conservation report."""

import os
import pathlib
from dataclasses import dataclass, field

import keras
import numpy as np

from thesis_rnn.attribution import explain, make_method
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.conservation import conservation_report
from thesis_rnn.reporting.heatmaps.explanations import plot, sample_titles
from thesis_rnn.reporting.heatmaps.tokens import read_vocabulary, token_page
from thesis_rnn.runs.flag_values import parse_classes, read_array
from thesis_rnn.support import files
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
        make_method(self.method, self.parameters)


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
