"""What data sets and methods are called in figures, and how architectures are marked in all of them."""

import re

from thesis_rnn.architectures import ARCHITECTURES, UNMARKED
from thesis_rnn.reporting.scores.points import Mark
from thesis_rnn.reporting.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY_BLUE, VERMILLION

METHODS = ("sensitivity", "guided_backprop", "deep_taylor", "lrp")
"""The thesis' four methods, by the names of their heatmap files."""

_TITLES = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST", "digits": "Digits"}

_COLORS = {
    "black": BLACK,
    "blue": BLUE,
    "green": GREEN,
    "grey": GREY,
    "orange": ORANGE,
    "purple": PURPLE,
    "sky_blue": SKY_BLUE,
    "vermillion": VERMILLION,
}


def mark_of(architecture: str, kind: str = "images") -> Mark:
    """How an architecture is drawn in figures of "images" or "series"; grey crosses are compared in none."""
    form = getattr(ARCHITECTURES[architecture], kind)
    color, marker = form.mark if form else UNMARKED
    return Mark(_COLORS[color], marker)


def dataset_title(name: str) -> str:
    """A data set's name in the thesis: MNIST, MNIST-MAJ."""
    images = name.removesuffix("_maj")
    return _TITLES.get(images, images) + ("-MAJ" if images != name else "")


def method_title(label: str) -> str:
    """A method's label with the thesis' signs: LRP-a1.5b0.5 with Greek letters, its numbers as subscripts."""
    return re.sub(r"^LRP-a([\d.]+)b([\d.]+)$", r"LRP-$\\alpha_{\1}\\beta_{\2}$", label)
