"""What the images of each class look like: the thesis' figures 1.1 and 1.2."""

from collections.abc import Mapping

from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.data.images.sequences import scale_pixels
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.heatmaps.images import draw_input
from thesis_rnn.reporting.style import SMALL_TEXT, TEXT, WIDTH

TITLES = 0.5  # inches above the images


def class_images_figure(title: str, images: Mapping[str, ArrayLike]) -> Figure:
    """A column for each class, its name above.

    Args:
      title: the data set's.
      images: class -> uint8 ``[m, rows, columns]``; columns may be of different length.

    Raises:
      InputError: no images at all.
    """
    rows = max(map(len, images.values()), default=0)
    if not rows:
        raise InputError("a figure needs images; received none")
    side = WIDTH / len(images)
    height = TITLES + side * rows
    figure = Figure(figsize=(WIDTH, height))
    figure.text(0.5, 1 - 0.16 / height, title, ha="center", va="center", fontsize=TEXT, fontweight="bold")
    for column, (name, pictures) in enumerate(images.items()):
        for row, picture in enumerate(pictures):
            left, bottom = (column + 0.04) / len(images), 1 - (TITLES + side * (row + 0.96)) / height
            axis = figure.add_axes((left, bottom, 0.92 / len(images), 0.92 * side / height))
            draw_input(axis, scale_pixels(picture))
            if row == 0:
                axis.set_title(name, fontsize=SMALL_TEXT, pad=3)
    return figure
