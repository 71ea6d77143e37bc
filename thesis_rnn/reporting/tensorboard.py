"""What TensorBoard shows of a finished run: heatmaps, relevance per step, its row among HParams, hidden states."""

import os
import pathlib
import shutil
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
from tensorboard.plugins import projector
from tensorboard.plugins.hparams import api as hparams


def write_results(
    folder: str | os.PathLike,
    hyperparameters: Mapping[str, object],
    scalars: Mapping[str, float],
    pictures: Mapping[str, bytes],
) -> None:
    """Replaces the events in ``folder`` by a row of the HParams table and images.

    Args:
      folder: where they are logged.
      hyperparameters: the columns that describe the run.
      scalars: the columns of its results.
      pictures: tag -> PNG, shown as an image.
    """
    with _new_writer(folder).as_default(step=0):
        hparams.hparams(dict(hyperparameters))
        for tag, value in scalars.items():
            tf.summary.scalar(tag, value)
        for tag, png in pictures.items():
            write_picture(tag, png)


def write_curves(folder: str | os.PathLike, tag: str, curves: Mapping[str, list[float]]) -> None:
    """Replaces the events in ``folder`` by curves that TensorBoard draws in one chart.

    Args:
      folder: each curve is logged as a run of its own below it.
      tag: the chart's title.
      curves: name -> values over time steps; TensorBoard's step axis is the time step, from 1.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name, values in curves.items():
        with _new_writer(os.path.join(folder, name)).as_default():
            for step, value in enumerate(values, start=1):
                tf.summary.scalar(tag, value, step=step)


def projector_files(folder: str | os.PathLike, points: Mapping[str, np.ndarray]) -> list[pathlib.Path]:
    """What ``write_projector`` writes: a file of each of the ``points``, of their labels, and of what is shown."""
    names = [f"points{number}.tsv" for number in range(len(points))]
    return [pathlib.Path(folder, name) for name in (*names, "labels.tsv", "projector_config.pbtxt")]


def write_projector(
    folder: str | os.PathLike, points: Mapping[str, np.ndarray], labels: Mapping[str, Sequence[str]]
) -> None:
    """Writes points for TensorBoard's projector, beside the events in ``folder``.

    Args:
      folder: one that ``write_results`` wrote.
      points: name -> [n, dimensions], such as the hidden states of a layer.
      labels: what points can be coloured and searched by, name -> a text for each.
    """
    config, folder = projector.ProjectorConfig(), pathlib.Path(folder)
    heading = [tuple(labels)] if len(labels) > 1 else []  # a single column has none, for the projector
    lines = map(_cells, [*heading, *zip(*labels.values(), strict=True)])
    (folder / "labels.tsv").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    for number, (name, array) in enumerate(points.items()):
        np.savetxt(folder / f"points{number}.tsv", array, fmt="%.6g", delimiter="\t")
        shown = config.embeddings.add(tensor_name=name, tensor_path=f"points{number}.tsv", metadata_path="labels.tsv")
        shown.tensor_shape.extend(array.shape)
    projector.visualize_embeddings(os.fspath(folder), config)


def _cells(row: Sequence[str]) -> str:
    """A line of a table whose cells hold no tabs and line ends of their own."""
    return "\t".join(" ".join(str(cell).split()) for cell in row)


def write_picture(tag: str, png: bytes) -> None:
    """Logs the picture of a PNG file, at the step and to the writer that are the default ones."""
    tf.summary.image(tag, tf.io.decode_png(png)[tf.newaxis])


def _new_writer(folder: str | os.PathLike) -> tf.summary.SummaryWriter:
    shutil.rmtree(folder, ignore_errors=True)
    return tf.summary.create_file_writer(os.fspath(folder))
