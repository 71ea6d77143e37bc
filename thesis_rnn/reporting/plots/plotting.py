"""``plot``: an explanation as a picture of the kind that is asked for."""

import inspect
import os
from dataclasses import replace
from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.attribution import Explanation
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.plots.table import KINDS
from thesis_rnn.reporting.plots.units import with_inputs
from thesis_rnn.reporting.saving import save_figure
from thesis_rnn.reporting.style import WIDTH
from thesis_rnn.support.checks import check_kind, checked
from thesis_rnn.support.hints import did_you_mean


@checked
def plot(
    explanation: Explanation,
    x: ArrayLike | None = None,
    path: str | os.PathLike | None = None,
    channels_last: bool = False,
    ax: Axes | None = None,
    kind: str = "heatmap",
    **options,
) -> Figure:
    """Draws an explanation.

    "heatmap": the first samples, as many as stay readable, 4 to 8. Relevance [n, steps, rows, columns] becomes images
    whose steps stand side by side; a fifth axis is channels, whose relevance is summed. [n, steps, features] and
    [n, steps] become pictures with time to the right and a row for each feature.

    "waterfall" (``sample=0, top=10, by="cells"``): the largest parts of one sample as bars. Their sum is the output
    where the method conserves it, f(x) - f(baseline) where the method is complete, and what is lost on the way is a
    bar; for other methods the picture says that the sum is no output. ``by`` is "cells", "steps" or "features".

    "beeswarm" (``top=10, by="features"``): a dot for each sample of a data set, in a row for each of the parts with the
    largest mean |R|; the colour is the value of the part.

    "text" (``sample=0, words=None, phrases=()``): the words of one sample on the colour of their relevance, and below
    phrases, (first, end) each, the sum of theirs.

    "time" (``by_class=False, absolute=False, feature=None``): the mean relevance of each step over the samples with
    its 95% interval.

    "tree" (``sample=0, words=None``): the phrases that ``agglomerative_decomposition`` joined, each on the colour of
    its score above its two parts, with their interaction.

    Args:
      explanation: of one class for each sample.
      x: the explained inputs, where the explanation does not have them any more, as after ``Explanation.load``. A
        heatmap shows them beside the relevance, scaled to their range.
      path: where to save the figure, as .png or .pdf.
      channels_last: four axes are [n, rows, columns, channels]: one image for each sample.
      ax: draw there instead, of a heatmap the first sample of the first input, and nothing else.
      kind: one of those above.
      **options: of the kind, as above.

    Returns:
      The figure.

    Raises:
      InputError: an unknown kind or option, every class explained at once, inputs of another shape than the relevance,
        or what a kind cannot draw.

    Example:
      >>> model = build("lstm", steps=3, features=2, classes=2, units=1)
      >>> explanation = explain(model, np.ones((1, 3, 2)), method="sensitivity")
      >>> len(plot(explanation).axes)
      2
      >>> [bar.get_text() for bar in plot(explanation, kind="waterfall", by="steps").axes[0].get_yticklabels()]
      ['step 0', 'step 1', 'step 2']
    """
    check_kind("explanation", explanation, Explanation, "what thesis_rnn.explain gave")
    row = KINDS[kind]
    _check(explanation, kind, options)
    if x is not None and kind != "heatmap":
        explanation = with_inputs(explanation, x)
    if channels_last and kind != "heatmap":
        explanation = _of_one_step(explanation)
    if ax is not None:
        row.draw(ax, explanation, **options)
        figure = cast(Figure, ax.figure)
    elif row.figure is not None:
        figure = row.figure(explanation, x, channels_last)
    else:
        figure = Figure(figsize=(WIDTH, row.height(explanation, **options)), layout="constrained")
        row.draw(figure.add_subplot(), explanation, **options)
    if path is not None:
        save_figure(figure, path)
    return figure


def _of_one_step(explanation: Explanation) -> Explanation:
    """Images [n, rows, columns, channels] as series of one image."""
    if not isinstance(explanation.relevance, np.ndarray) or explanation.relevance.ndim != 4:
        return explanation
    known = np.shape(explanation.x) == explanation.relevance.shape
    x = explanation.x[:, np.newaxis] if known else None
    return replace(explanation, relevance=explanation.relevance[:, np.newaxis], x=x)


def _check(explanation: Explanation, kind: str, options: dict) -> None:
    if explanation.explained.ndim > 1:
        raise InputError("a figure shows one class; explain it with target=; received an explanation of every class")
    known = list(inspect.signature(KINDS[kind].draw).parameters)[2:] if KINDS[kind].figure is None else []
    for name in options:
        if name not in known:
            hint = did_you_mean(name, known)
            raise InputError(f"a {kind} has the options {', '.join(known) or 'none'}{hint}; received {name}")
