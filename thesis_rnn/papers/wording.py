"""What data sets and methods are called in figures, and how architectures are marked in all of them."""

import re

from thesis_rnn.reporting.scores.points import Mark
from thesis_rnn.reporting.style import BLACK, BLUE, GREEN, GREY, ORANGE, SKY_BLUE, VERMILLION

METHODS = ("sensitivity", "guided_backprop", "deep_taylor", "lrp")
"""The thesis' four methods, by the names of their heatmap files."""

_TITLES = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST", "digits": "Digits"}

_MARKS = {
    "shallow": Mark(BLACK, "o"),
    "deep": Mark(BLUE, "s"),
    "deep_v2": Mark(SKY_BLUE, "D"),
    "deep_sd": Mark(BLUE, "v"),
    "convdeep": Mark(GREEN, "^"),
    "conv_plus_deep": Mark(GREEN, "X"),
    "rlstm": Mark(VERMILLION, "s"),
    "rlstm_sd": Mark(VERMILLION, "v"),
    "convrlstm": Mark(ORANGE, "s"),
    "convrlstm_sd": Mark(ORANGE, "v"),
    "conv_plus_rlstm_sd": Mark(ORANGE, "X"),
}
"""A colour for each family; triangles down have stationary dropout, crosses literal connections."""


def mark_of(architecture: str) -> Mark:
    """How an architecture is drawn; those that are not the thesis' are grey."""
    return _MARKS.get(architecture, Mark(GREY, "*"))


def dataset_title(name: str) -> str:
    """A data set's name in the thesis: MNIST, MNIST-MAJ."""
    images = name.removesuffix("_maj")
    return _TITLES.get(images, images) + ("-MAJ" if images != name else "")


def method_title(label: str) -> str:
    """A method's label with the thesis' signs: LRP-a1.5b0.5 with Greek letters, its numbers as subscripts."""
    return re.sub(r"^LRP-a([\d.]+)b([\d.]+)$", r"LRP-$\\alpha_{\1}\\beta_{\2}$", label)
