"""The corpus report, of a run's whole test set or of samples of one's own, and of two models side by side."""

import os
import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import keras
import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.attribution import MethodSpec, explain_by
from thesis_rnn.attribution.inputs.models import in_layers
from thesis_rnn.attribution.stock.tokens import as_tokens, present_steps
from thesis_rnn.corpus import (
    compare_models,
    heatmap_clusters,
    mean_relevance,
    share_in_mask,
    top_windows,
    word_relevance,
)
from thesis_rnn.data import Split, problem_of
from thesis_rnn.errors import InputError
from thesis_rnn.measures import measure_specs
from thesis_rnn.measures.scoring import score_model
from thesis_rnn.prototypes.samples import own_lengths
from thesis_rnn.reporting import corpus_report as report
from thesis_rnn.reporting.run_report import run_heatmaps
from thesis_rnn.reporting.saving import save_figure
from thesis_rnn.runs.methods import explain_on
from thesis_rnn.runs.own_model import parse_classes, read_array, reads_tokens
from thesis_rnn.runs.stored import load_split, stored_settings
from thesis_rnn.support import files
from thesis_rnn.training.models import load_model
from thesis_rnn.training.run_folder import RunFolder

COMPARED = "selectivity; entropy; gini"
"""Measures of two models of one's own; those of runs are their own."""
WINDOW = 5
LEAST_SAMPLES = 5
"""Of a word."""
LEAST_CLUSTERED, MOST_CLUSTERED = 10, 2_000


@dataclass(frozen=True)
class Explained:
    """Samples and their relevance, by one model.

    Attributes:
      name: of the model.
      title: of the samples.
      x: the samples.
      y: the class of each that is explained [n].
      are_true: whether ``y`` are the true classes; else they are those that the model predicts, or what was named.
      relevance: in the shape of ``x``.
      logits: [n, classes].
      label: of the method.
      class_names, feature_names: in words.
      lengths: own steps [n]; None where all are.
      evidence: by column blocks; None where there is none.
      words: of tokens, in their shape.
      scores: measure -> value, of this method.
      sides: what the first and the last axis of a sample are called.
    """

    name: str
    title: str
    x: np.ndarray
    y: np.ndarray
    are_true: bool
    relevance: np.ndarray
    logits: np.ndarray
    label: str
    class_names: Sequence[str]
    feature_names: Sequence[str] | None = None
    lengths: np.ndarray | None = None
    evidence: np.ndarray | None = None
    words: np.ndarray | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    sides: tuple[str, str] = ("step", "feature")

    @property
    def right(self) -> np.ndarray | None:
        """Whether the model takes a sample for what it is [n]; None where nobody said."""
        return self.logits.argmax(axis=1) == self.y if self.are_true else None


class Asked(NamedTuple):
    """What else to say of samples of one's own.

    Attributes:
      target: a class, "predicted", or a .npy file of the true class of each sample.
      lengths: a .npy file of the own steps of each sample; None where the model's mask tells, or all are own.
      vocabulary: the words of tokens, from token 0 on; None for their numbers.
      head: which of the model's outputs.
      channels_last: whether samples of three axes are images [rows, columns, channels], whose channels are summed.
    """

    target: str = "predicted"
    lengths: str | None = None
    vocabulary: list[str] | None = None
    head: int = 0
    channels_last: bool = False


def report_corpus(
    folder: RunFolder,
    spec: MethodSpec,
    mask_file: str | None = None,
    against: RunFolder | None = None,
    data_dir: str | None = None,
    limit: int | None = None,
) -> str:
    """Writes ``corpus/report.md`` and its figures into the run's folder; returns the report.

    Args:
      folder: the run's.
      spec: the method.
      mask_file: a .npy file of 0 and 1 in the shape of a sample, or of all test samples: is relevance inside?
      against: another run on the same problem, to compare with.
      data_dir: where the data are, if they have moved.
      limit: test samples, from the first.

    Raises:
      InputError: a mask that does not fit, runs on two problems, or what the method refuses.
    """
    own, other = (one and _of_run(one, spec, data_dir, limit) for one in (folder, against))
    page, figures = _report(own, other, mask_file)
    with folder.locked("corpus"):
        for path, write in _writers(folder.path / "corpus", page, figures):
            with folder.writing(path) as temporary:
                write(temporary)
    return page


def report_corpus_of_model(
    models: Mapping[str, keras.Model],
    x: np.ndarray,
    spec: MethodSpec,
    place: str | os.PathLike,
    asked: Asked = Asked(),  # noqa: B008, it is a tuple
    mask_file: str | None = None,
) -> str:
    """The same of samples ``x`` by a model of the user's own, or by two, into the folder ``place``.

    Args:
      models: name -> model; of two, the second is compared with the first, for the classes of the first.
      x: samples, as the model takes them.
      spec: the method.
      place: a folder.
      asked: what else to say of the samples.
      mask_file: a .npy file of 0 and 1 in the shape of a sample, or of all: is relevance inside?

    Raises:
      InputError: a model of several inputs, a mask that does not fit, or what the method refuses.
    """
    (name, model), *others = models.items()
    own = _of_model(name, model, x, spec, asked, scored=bool(others))
    other = _of_model(*others[0], x, spec, asked, own.y, scored=True) if others else None
    page, figures = _report(own, other, mask_file)
    for path, write in _writers(pathlib.Path(place), page, figures):
        with files.replacing(path) as temporary:
            write(temporary)
    return page


def _report(own: Explained, other: Explained | None, mask_file: str | None) -> tuple[str, dict[str, Figure]]:
    texts, figures = _parts(own, None if mask_file is None else read_array(mask_file))
    if other is not None:
        text, figures["two_models"] = _compared(own, other)
        texts.append(text)
    return "\n\n".join([_head(own), *texts]) + "\n", figures


def _writers(place: pathlib.Path, page: str, figures: Mapping[str, Figure]) -> Iterator[tuple[pathlib.Path, Callable]]:
    for name, figure in figures.items():
        yield place / f"{name}.png", partial(save_figure, figure)
    yield place / "report.md", lambda path: files.write_text(path, page)


def _of_run(folder: RunFolder, spec: MethodSpec, data_dir: str | None, limit: int | None) -> Explained:
    """A run's test samples, explained for their true classes."""
    settings = stored_settings(folder, **({"data_dir": data_dir} if data_dir else {}))
    problem, split = problem_of(settings.data.dataset), load_split(settings, "test", limit)
    record = explain_on(problem, load_model(folder.path), split.x, split.y, spec)
    words = problem.words(split.x, settings.data.data_dir or None)
    scores = {row["measure"]: row["value"] for row in folder.read_metrics()["scores"] if _is_whole(row, spec.label)}
    return Explained(
        folder.path.name,
        f"{problem.title}: {spec.label} over {len(split.y)} test samples",
        split.x,
        split.y,
        True,
        record.relevance,
        record.logits,
        spec.label,
        problem.class_names,
        problem.feature_names,
        split.lengths,
        split.evidence if problem.evidence == "blocks" else None,
        words,
        scores,
    )


def _is_whole(row: dict, label: str) -> bool:
    return row["label"] == label and row["class"] == row["step"] == row["epoch"] == ""


def _of_model(name, model, x, spec: MethodSpec, asked: Asked, y=None, scored: bool = False) -> Explained:
    """Samples of the user's own, explained for the classes that are asked for."""
    if not isinstance(x, np.ndarray):
        raise InputError(f"the corpus report is of a model of one input; received inputs {', '.join(x)}")
    model = in_layers(model, x)
    x = as_tokens(model, x)
    if y is None and asked.target != "predicted":
        y = parse_classes("target", asked.target)
        y = y if isinstance(y, int) else y[: len(x)]
    record = explain_by(model, x, y, spec, head=asked.head)
    classes = [str(one) for one in range(record.logits.shape[1])]
    lengths = own_lengths(model, x, None if asked.lengths is None else read_array(asked.lengths)[: len(x)])
    split = Split(x, record.target, lengths=lengths)
    relevance, words = record.relevance, _words(model, x, asked.vocabulary)
    if asked.channels_last and relevance.ndim != 4:
        raise InputError(f"channels_last is for samples [n, rows, columns, channels]; received {list(relevance.shape)}")
    return Explained(
        name,
        f"{name}: {spec.label} over {len(x)} samples",
        x[..., 0] if asked.channels_last else x,
        record.target,
        asked.target.endswith(".npy") and len(classes) > 1,
        relevance.sum(axis=-1) if asked.channels_last else relevance,
        record.logits,
        spec.label,
        classes,
        None,
        lengths,
        None,
        words,
        _scores(model, split, spec) if scored and asked.head == 0 else {},
        ("row", "column") if asked.channels_last else ("step", "feature"),
    )


def _words(model, x: np.ndarray, vocabulary: list[str] | None) -> np.ndarray | None:
    """The word of each token, padding as ""; None of anything but tokens."""
    if not reads_tokens(model, x):
        if vocabulary:
            raise InputError(f"a vocabulary is for tokens, integers [n, steps]; received {x.dtype} {list(x.shape)}")
        return None
    if vocabulary is not None and x.max() >= len(vocabulary):
        raise InputError(f"the vocabulary must have a word for each token; received {len(vocabulary)} and {x.max()}")
    words = np.array(vocabulary if vocabulary is not None else [str(one) for one in range(x.max() + 1)])
    masked = present_steps(model, x)
    return np.where(masked, words[x], "") if masked is not None else words[x]


def _scores(model, split: Split, spec: MethodSpec) -> dict[str, float]:
    """What is asked of the method on either of two models, over all samples."""
    rows = score_model(model, split, (spec,), measure_specs(COMPARED))
    return {row["measure"]: row["value"] for row in rows if row["method"] == spec.text and _is_whole(row, spec.label)}


def _head(own: Explained) -> str:
    return f"# {own.title}" + (f", accuracy {own.right.mean():.2%}" if own.are_true else "")


def _parts(own: Explained, mask: np.ndarray | None) -> tuple[list[str], dict[str, Figure]]:
    """The sections of the report, and its figures by name."""
    relevance, y, lengths, names = own.relevance, own.y, own.lengths, own.class_names
    step, feature = own.sides
    panels = {step: mean_relevance(relevance, "step", y, lengths)}
    if relevance.ndim == 3:
        panels = {feature: mean_relevance(relevance, "feature", y, lengths, own.feature_names)} | panels
    texts = [
        report.means_text(f"Mean relevance of each {title}", means, ranked=title != step)
        for title, means in panels.items()
    ]
    if own.words is not None:
        texts.append(report.means_text("Words", word_relevance(relevance, own.words, least=LEAST_SAMPLES)))
    width = min(WINDOW, relevance.shape[1] if lengths is None else int(lengths.max()))
    texts.append(report.windows_text(top_windows(relevance, width, report.TOP, lengths), own.words))
    figures = {"means": report.means_figure(panels, names)}
    if mask is not None:
        texts.append(report.mask_text(*share_in_mask(relevance, mask, lengths), y, names))
    if own.words is None:  # places in a text mean nothing by themselves
        first = slice(MOST_CLUSTERED)
        if np.count_nonzero(relevance[first].any(axis=tuple(range(1, relevance.ndim)))) < LEAST_CLUSTERED:
            return [*texts, f"## Clusters of heatmaps\n\nFewer than {LEAST_CLUSTERED} samples have relevance."], figures
        clusters = heatmap_clusters(relevance[first])
        texts.append(report.clusters_text(clusters, y[first], own.right[first] if own.are_true else None, names))
        figures["clusters"] = report.clusters_figure(clusters)
    return texts, figures


def _compared(own: Explained, other: Explained) -> tuple[str, Figure]:
    if own.x.tobytes() != other.x.tobytes():
        raise InputError(f"both runs must be on the same test samples; received {other.name} on others")
    found = compare_models(own.relevance, other.relevance)
    names = [own.name, other.name if other.name != own.name else f"{other.name} (2)"]
    accuracies = [own.right.mean(), other.right.mean()] if own.are_true else None
    scores = {measure: (own.scores.get(measure), other.scores.get(measure)) for measure in own.scores}
    text = report.comparison_text(names, accuracies, found, scores)
    chosen = found.order[:2]
    arrays = [
        {name: array[chosen] for name, array in _arrays(each).items() if array is not None} | {"label": name}
        for each, name in zip((own, other), names, strict=True)
    ]
    return text, run_heatmaps(arrays, own.class_names, len(chosen), own.feature_names)


def _arrays(own: Explained) -> dict[str, np.ndarray | None]:
    of_samples = {"x": own.x, "y": own.y, "evidence": own.evidence, "words": own.words}
    return of_samples | {"relevance": own.relevance, "logits": own.logits}
