"""What methods are called in figures, and how architectures are marked in all of them."""

import re

from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.data import problem_of
from thesis_rnn.papers.selection import label_of
from thesis_rnn.reporting import style
from thesis_rnn.reporting.scores.points import Mark


def mark_of(architecture: str, inputs: str = "images") -> Mark:
    """How an architecture is drawn in figures of its "images" or "series" form; what none compares is a grey cross."""
    form = getattr(ARCHITECTURES[architecture], inputs)
    return Mark(style.GREY, "X") if form is None else Mark(getattr(style, form.mark.color.upper()), form.mark.marker)


def dataset_title(name: str) -> str:
    """A problem's name for people: MNIST-MAJ, earlier box."""
    return problem_of(name).title


def method_title(method: str) -> str:
    """A method's label with the thesis' signs: LRP-a1.5b0.5 with Greek letters, its numbers as subscripts."""
    return re.sub(r"^LRP-a([\d.]+)b([\d.]+)$", r"LRP-$\\alpha_{\1}\\beta_{\2}$", label_of(method))
