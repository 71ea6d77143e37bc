"""What TensorBoard shows of a finished run: heatmaps, relevance per step, and its row in the HParams table."""

import os
import shutil
from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from tensorboard.plugins.hparams import api as hparams


def write_events(
    folder: str | os.PathLike,
    hyperparameters: Mapping[str, object],
    scalars: Mapping[str, float],
    curves: Mapping[str, list[float]],
    figures: Mapping[str, Figure],
) -> None:
    """Replaces the events in ``folder``.

    Args:
      folder: where this run's report is logged.
      hyperparameters: the run's row in the HParams table.
      scalars: the results in that row.
      curves: tag -> values over time steps; TensorBoard's step axis is the time step, from 1.
      figures: tag -> figure, shown as an image.
    """
    shutil.rmtree(folder, ignore_errors=True)
    writer = tf.summary.create_file_writer(str(folder))
    with writer.as_default():
        hparams.hparams(dict(hyperparameters))
        for tag, value in scalars.items():
            tf.summary.scalar(tag, value, step=0)
        for tag, values in curves.items():
            for step, value in enumerate(values, start=1):
                tf.summary.scalar(tag, value, step=step)
        for tag, figure in figures.items():
            tf.summary.image(tag, as_pixels(figure)[np.newaxis], step=0)
    writer.close()


def as_pixels(figure: Figure) -> np.ndarray:
    """The figure as it would be saved: uint8 [height, width, 4]."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()
