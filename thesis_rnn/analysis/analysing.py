"""``analyse``: what a network does inside, every analysis that applies, as one page."""

import os
import pathlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import keras
import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.analysis.analysis import ANALYSES, AnalysisSpec, Finding, Studied, analysis_specs
from thesis_rnn.attribution.checks import check_inputs
from thesis_rnn.attribution.inputs.models import input_specs
from thesis_rnn.attribution.stock.tokens import as_tokens, check_tokens
from thesis_rnn.errors import InputError
from thesis_rnn.support import files
from thesis_rnn.support.checks import check_labels, checked
from thesis_rnn.support.progress import bar


@dataclass(frozen=True)
class Analysed:
    """What was found in a network.

    Attributes:
      findings: by the canonical text of each analysis.
      left_out: analyses that do not apply, and why.
      repeated: the call that gives the same.

    Example:
      >>> Analysed({"weights": Finding("Two weights.", ("weight",), [("kernel",)])})
      Weights by gate: Two weights.
    """

    findings: dict[str, Finding]
    left_out: dict[str, str] = field(default_factory=dict)
    repeated: str = ""

    def __repr__(self) -> str:
        lines = [f"{title_of(text)}: {finding.said}" for text, finding in self.findings.items()]
        return "\n".join([*lines, *(f"left out: {name}: {why}" for name, why in self.left_out.items())])

    def to_html(self, path: str | os.PathLike | None = None) -> str:
        """The findings as one file of HTML that needs nothing else; written to ``path`` if there is one."""
        from thesis_rnn.analysis.page import analysis_page  # only who writes a page needs jinja2

        page = analysis_page(self)
        if path is not None:
            files.write_text(path, page)
        return page

    def save(self, folder: str | os.PathLike) -> pathlib.Path:
        """Writes ``analysis.html`` and a table of each finding, ``<analysis>.csv``; returns the page's path."""
        from thesis_rnn.reporting.tables import Table, plain

        folder = pathlib.Path(folder)
        for text, finding in self.findings.items():
            cells = [[plain(cell) for cell in row] for row in finding.rows]
            name = _spec(text).file_name
            files.write_text(folder / f"{name}.csv", Table("", tuple(finding.header), cells).as_csv())
        self.to_html(folder / "analysis.html")
        return folder / "analysis.html"


def title_of(text: str) -> str:
    """The heading of an analysis by its canonical text, with the parameters that were given."""
    spec = _spec(text)
    given = text.removeprefix(spec.name)
    return f"{ANALYSES[spec.name].title} {given}".strip()


def _spec(text: str) -> AnalysisSpec:
    return analysis_specs(text)[0]


@checked
def analyse(
    model: keras.Model,
    x: ArrayLike,
    y: ArrayLike | None = None,
    analyses: str = "",
    *,
    layers: Sequence[str] | None = None,
    lengths: ArrayLike | None = None,
    words: Sequence[str] | None = None,
    feature_names: Sequence[str] = (),
    class_names: Sequence[str] = (),
    rate: float = 1.0,
    seed: int = 0,
    batch_size: int = 500,
) -> Analysed:
    """What a network does inside: its gates, units and states on samples, and what imitates it.

    Args:
      model: a Functional or Sequential Keras model of one input; it is only read.
      x: samples, series [n, steps, features] or tokens [n, steps].
      y: the true class of each sample [n]; by default the predicted one.
      analyses: such as "weights; saturation(low=0.2)"; by default every one that applies, the others are left out
        with the reason.
      layers: whose states are looked at; by default all recurrent ones.
      lengths: own steps of each sample [n], where the model does not mask padding itself.
      words: of each token, from token 0 on.
      feature_names, class_names: in words; numbers by default.
      rate: steps in a unit of time, for frequencies.
      seed: of everything that is drawn.
      batch_size: samples at once.

    Returns:
      What was found; it prints in a line for each analysis, ``.save(folder)`` writes a page and tables.

    Raises:
      InputError: a model of several inputs or outputs, samples that do not fit, an unknown analysis, or one that was
        named and does not apply.

    Example:
      >>> from thesis_rnn import build
      >>> model = build("lstm", steps=4, features=2, classes=2, units=3)
      >>> analyse(model, np.zeros((5, 4, 2)), analyses="saturation").findings["saturation"].rows[0]
      ('cell', 'input_gate', 0, 0.0, 0.0)
    """
    specs = analysis_specs(analyses) if analyses else [AnalysisSpec(name) for name in ANALYSES]
    studied = _studied(
        model, x, y, layers, lengths, words, tuple(feature_names), tuple(class_names), rate, seed, batch_size
    )
    findings, left_out = {}, {}
    for spec in bar(specs, "analysing", "analysis"):
        try:
            findings[spec.text] = spec(studied)
        except InputError as error:
            if analyses:
                raise
            left_out[spec.name] = str(error)
    if not findings:
        raise InputError(f"no analysis applies to this model: {next(iter(left_out.values()))}")
    asked = f", analyses={analyses!r}" if analyses else ""
    return Analysed(findings, left_out, f"thesis_rnn.analyse(model, x{asked}, seed={seed})")


def _studied(model, x, y, layers, lengths, words, feature_names, class_names, rate, seed, batch_size) -> Studied:
    if not isinstance(model, keras.Model) or not hasattr(model, "inputs") or len(model.inputs or ()) != 1:
        raise InputError(f"a Functional or Sequential Keras model of one input is analysed; received {model!r:.80}")
    x = as_tokens(model, x)
    x = keras.tree.flatten(check_inputs(input_specs(model), x))[0]
    check_tokens(model, x)
    outputs = np.asarray(model.predict(x, batch_size=batch_size, verbose=0))
    if outputs.ndim != 2:
        raise InputError(f"a network with one output for each class is analysed; received {list(outputs.shape)}")
    if y is None:
        y = outputs.argmax(axis=1) if outputs.shape[1] > 1 else None
    else:
        y = check_labels(np.asarray(y), max(2, outputs.shape[1]), "y")
    for name, values in (("y", y), ("lengths", lengths)):
        if values is not None and len(values) != len(x):
            raise InputError(f"{name} must have an entry for each of {len(x)} samples; received {len(values)}")
    return Studied(
        model,
        x,
        outputs,
        y,
        lengths=None if lengths is None else np.asarray(lengths),
        layers=None if layers is None else tuple(layers),
        twin=lambda seed: _shuffled(model, seed),
        words=None if words is None else _words(model, x, words),
        feature_names=feature_names,
        class_names=class_names,
        rate=rate,
        seed=seed,
        batch_size=batch_size,
    )


def _words(model: keras.Model, x: np.ndarray, words: Sequence[str]) -> np.ndarray:
    """The word of each token [n, steps], "" for padding."""
    if x.ndim != 2 or x.dtype.kind not in "iu":
        raise InputError(f"words are of tokens, integers [n, steps]; received {x.dtype} {list(x.shape)}")
    if x.max(initial=0) >= len(words):
        raise InputError(f"expected a word for each token up to {x.max()}; received {len(words)} words")
    masks = any(getattr(layer, "mask_zero", False) for layer in model.layers)
    return np.array(["" if masks else words[0], *words[1:]], object)[x].astype(str)


def _shuffled(model: keras.Model, seed: int) -> keras.Model:
    """A copy in which the entries of each weight stand in another order."""
    rng = np.random.default_rng(seed)
    copy = keras.models.clone_model(model)
    copy.set_weights([rng.permutation(weight.ravel()).reshape(weight.shape) for weight in model.get_weights()])
    return copy
