"""What TensorBoard shows of a finished run: heatmaps, relevance per step, and its row in the HParams table."""

import os
import shutil
from collections.abc import Mapping

import tensorflow as tf
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


def write_picture(tag: str, png: bytes) -> None:
    """Logs the picture of a PNG file, at the step and to the writer that are the default ones."""
    tf.summary.image(tag, tf.io.decode_png(png)[tf.newaxis])


def _new_writer(folder: str | os.PathLike) -> tf.summary.SummaryWriter:
    shutil.rmtree(folder, ignore_errors=True)
    return tf.summary.create_file_writer(os.fspath(folder))
