"""The corpus report of a run, of its whole test set, and of two runs side by side."""

import pathlib
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from thesis_rnn.attribution import MethodSpec
from thesis_rnn.corpus import (
    compare_models,
    heatmap_clusters,
    mean_relevance,
    share_in_mask,
    top_windows,
    word_relevance,
)
from thesis_rnn.data import Problem, Split, problem_of
from thesis_rnn.errors import InputError
from thesis_rnn.reporting import corpus_report as report
from thesis_rnn.reporting.run_report import run_heatmaps
from thesis_rnn.reporting.saving import save_figure
from thesis_rnn.runs.methods import explain_on
from thesis_rnn.runs.own_model import read_array
from thesis_rnn.runs.stored import load_split, stored_settings
from thesis_rnn.support import files
from thesis_rnn.training.models import load_model
from thesis_rnn.training.run_folder import RunFolder

WINDOW = 5
LEAST_SAMPLES = 5
"""Of a word."""
MOST_CLUSTERED = 2_000


@dataclass(frozen=True)
class Explained:
    """A run's test samples, explained for their true classes."""

    folder: RunFolder
    problem: Problem
    split: Split
    relevance: np.ndarray
    logits: np.ndarray
    label: str
    words: np.ndarray | None

    @property
    def right(self) -> np.ndarray:
        """Whether the model takes a sample for what it is [n]."""
        return self.logits.argmax(axis=1) == self.split.y


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
    own = _explained(folder, spec, data_dir, limit)
    mask = None if mask_file is None else read_array(mask_file)
    texts, figures = _parts(own, mask)
    if against is not None:
        text, figure = _compared(own, _explained(against, spec, data_dir, limit))
        texts.append(text)
        figures["two_models"] = figure
    page = "\n\n".join([_head(own), *texts]) + "\n"
    with folder.locked("corpus"):
        place = folder.path / "corpus"
        for name, figure in figures.items():
            _written(folder, place / f"{name}.png", lambda path, figure=figure: save_figure(figure, path))
        _written(folder, place / "report.md", lambda path: files.write_text(path, page))
    return page


def _written(folder: RunFolder, path: pathlib.Path, write) -> None:
    with folder.writing(path) as temporary:
        write(temporary)


def _explained(folder: RunFolder, spec: MethodSpec, data_dir: str | None, limit: int | None) -> Explained:
    settings = stored_settings(folder, **({"data_dir": data_dir} if data_dir else {}))
    problem, split = problem_of(settings.data.dataset), load_split(settings, "test", limit)
    record = explain_on(problem, load_model(folder.path), split.x, split.y, spec)
    words = problem.words(split.x, settings.data.data_dir or None)
    return Explained(folder, problem, split, record.relevance, record.logits, spec.label, words)


def _head(own: Explained) -> str:
    n = len(own.split.y)
    return f"# {own.problem.title}: {own.label} over {n} test samples, accuracy {own.right.mean():.2%}"


def _parts(own: Explained, mask: np.ndarray | None) -> tuple[list[str], dict[str, Figure]]:
    """The sections of the report, and its figures by name."""
    relevance, y, lengths = own.relevance, own.split.y, own.split.lengths
    names = own.problem.class_names
    panels = {"step": mean_relevance(relevance, "step", y, lengths)}
    if relevance.ndim == 3:
        panels = {"feature": mean_relevance(relevance, "feature", y, lengths, own.problem.feature_names)} | panels
    texts = [
        report.means_text(f"Mean relevance of each {title}", means, ranked=title != "step")
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
        clusters = heatmap_clusters(relevance[:MOST_CLUSTERED])
        first = slice(MOST_CLUSTERED)
        texts.append(report.clusters_text(clusters, y[first], own.right[first], names))
        figures["clusters"] = report.clusters_figure(clusters)
    return texts, figures


def _compared(own: Explained, other: Explained) -> tuple[str, Figure]:
    if own.split.x.tobytes() != other.split.x.tobytes():
        raise InputError(f"both runs must be on the same test samples; received {other.folder.path} on others")
    found = compare_models(own.relevance, other.relevance)
    names = [own.folder.path.name, other.folder.path.name]
    text = report.comparison_text(names, [own.right.mean(), other.right.mean()], found, _scores(own, other))
    chosen = found.order[:2]
    arrays = [
        {name: array[chosen] for name, array in _arrays(each).items() if array is not None} | {"label": name}
        for each, name in zip((own, other), names, strict=True)
    ]
    return text, run_heatmaps(arrays, own.problem.class_names, len(chosen), own.problem.feature_names)


def _arrays(own: Explained) -> dict[str, np.ndarray | None]:
    evidence = own.split.evidence if own.problem.evidence == "blocks" else None
    of_samples = {"x": own.split.x, "y": own.split.y, "evidence": evidence, "words": own.words}
    return of_samples | {"relevance": own.relevance, "logits": own.logits}


def _scores(own: Explained, other: Explained) -> dict[str, tuple]:
    """Measure of the method -> the value of each run, from what ``evaluate`` wrote."""
    values = [
        {row["measure"]: row["value"] for row in each.folder.read_metrics()["scores"] if _is_whole(row, each.label)}
        for each in (own, other)
    ]
    return {name: tuple(one.get(name) for one in values) for name in values[0]}


def _is_whole(row: dict, label: str) -> bool:
    return row["label"] == label and row["class"] == row["step"] == row["epoch"] == ""
