"""The page of one explanation: what was explained, its heatmaps, where relevance lies and where the rest went."""

import os
import platform
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.attribution import Explanation
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.pages.blocks import (
    Block,
    Cells,
    Code,
    Flow,
    Heading,
    Picture,
    Series,
    Text,
    Tokens,
    names_or_numbers,
    page_of,
)
from thesis_rnn.reporting.plots.plotting import plot
from thesis_rnn.reporting.saving import png_of
from thesis_rnn.reporting.style import SCREEN_DPI
from thesis_rnn.support import files
from thesis_rnn.version import __version__

SAMPLES, LARGEST = 4, 10
"""Samples that are drawn one by one, and rows of a table of the largest."""


def explanation_page(
    explanation: Explanation,
    x: ArrayLike | None = None,
    path: str | os.PathLike | None = None,
    *,
    class_names: Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
    step_names: Sequence[str] | None = None,
    tokens: Sequence[Sequence[str]] | None = None,
    title: str = "",
) -> str:
    """One file of HTML that says what an explanation says; it needs no server and nothing from elsewhere.

    Series [n, steps, features] are strips of colour with the values as lines, and tell each number under the pointer or
    by the arrow keys; tokens [n, steps] are words on the colour of their relevance; images are pictures. Below stand
    the relevance of the largest steps and features, the account of conservation, and how to repeat it.

    Args:
      explanation: of one class for each sample.
      x: the explained inputs.
      path: where to write the page; None writes nothing.
      class_names, feature_names, step_names: what to call them instead of their numbers.
      tokens: the words of each text, where the input was tokens.
      title: the page's.

    Returns:
      The page.

    Raises:
      InputError: every class explained at once, several inputs, or names and inputs that do not fit.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((4, 2)), keras.layers.LSTM(3), keras.layers.Dense(2)])
      >>> page = explanation_page(explain(model, np.ones((1, 4, 2)), 0, "sensitivity"))
      >>> page.startswith("<!DOCTYPE html>")
      True
    """
    if explanation.explained.ndim > 1 or not isinstance(explanation.relevance, np.ndarray):
        raise InputError("a page shows one class of one input; explain with target=; received several")
    x = None if x is None else np.asarray(x)
    if x is not None and x.shape != explanation.relevance.shape and tokens is None:
        raise InputError(f"x must have relevance's shape {explanation.relevance.shape}; received {x.shape}")
    blocks = [
        *_facts(explanation, class_names),
        Heading("Relevance"),
        Text("Red speaks for what is explained, blue against it, white says nothing; each sample has its own scale."),
        *_samples(explanation, x, feature_names, step_names, tokens),
        *_largest(explanation, feature_names, step_names),
        *_account(explanation),
        *_repetition(explanation),
    ]
    page = page_of(title or f"Explanation by {explanation.method}", blocks)
    if path is not None:
        with files.replacing(path) as temporary:
            temporary.write_text(page, encoding="utf-8")
    return page


def _facts(explanation: Explanation, class_names: Sequence[str] | None) -> list[Block]:
    def name(index: int) -> str:
        return str(class_names[index]) if class_names is not None else f"class {index}"

    shown = range(min(len(explanation.target), LARGEST))
    rows = [
        (
            f"sample {place}",
            name(int(explanation.target[place])),
            name(int(explanation.predicted[place])),
            f"{explanation.value[place]:.3g}",
            f"{explanation.received[place]:.3g}",
        )
        for place in shown
    ]
    words = f"{explanation.method} explains {len(explanation.target)} samples."
    words += "" if explanation.conserves else " It does not conserve: its sum need not be the explained output."
    return [
        Heading("What was explained"),
        Text(words),
        Cells(("", "explained class", "predicted", "explained output", "sum of relevance"), rows),
    ]


def _samples(explanation: Explanation, x, feature_names, step_names, tokens) -> list[Block]:
    relevance = explanation.relevance
    if tokens is not None:
        shown = relevance if relevance.ndim == 2 else relevance.sum(axis=tuple(range(2, relevance.ndim)))
        return [Tokens(words, one[: len(words)]) for words, one in zip(tokens[:SAMPLES], shown, strict=False)]
    if relevance.ndim in (2, 3):
        shaped = relevance if relevance.ndim == 3 else relevance[..., np.newaxis]
        values = [None] * len(shaped) if x is None else x.reshape(shaped.shape)
        return [
            Series(one, f"Sample {place}: relevance as colour, values as lines.", own, feature_names, step_names)
            for place, (one, own) in enumerate(zip(shaped[:SAMPLES], values[:SAMPLES], strict=True))
        ]
    return [Picture(png_of(plot(explanation, x), dpi=SCREEN_DPI), "The first samples and their heatmaps.")]


def _largest(explanation: Explanation, feature_names, step_names) -> list[Block]:
    """Tables of the steps and features with the largest mean |R|, of series."""
    relevance = explanation.relevance
    if relevance.ndim != 3:
        return []
    blocks: list[Block] = []
    for word, axis, names in (("step", 2, step_names), ("feature", 1, feature_names)):
        pooled = relevance.sum(axis=axis)  # signed, so that it is conserved
        size = np.abs(pooled).mean(axis=0)
        order = np.argsort(-size, kind="stable")[:LARGEST]
        called = names_or_numbers(names, len(size), word)
        rows = [(called[k], f"{pooled[:, k].mean():.3g}", f"{size[k]:.3g}") for k in order]
        blocks += [Heading(f"Largest {word}s"), Cells((word, "mean R", "mean |R|"), rows)]
    return blocks


def _account(explanation: Explanation) -> list[Block]:
    if not explanation.conserves:
        return []
    amounts = [
        ("explained", float(explanation.explained.mean())),
        ("received by the input", float(explanation.received.mean())),
    ]
    kept: dict[str, float] = {}
    for row in explanation.ledger:
        name = f"{row.kind} in {row.layer}"
        kept[name] = kept.get(name, 0.0) + float(np.mean(row.relevance))
    if not kept:
        kept = {"absorbed on the way": float(explanation.absorbed.mean())}
    ordered = sorted(kept.items(), key=lambda item: -abs(item[1]))
    return [Heading("Conservation, mean over the samples"), Flow([*amounts, *ordered[:LARGEST]])]


def _repetition(explanation: Explanation) -> list[Block]:
    given = {name: value for name, value in explanation.parameters.items() if isinstance(value, int | float | str)}
    text = ", ".join(f"{name}={value!r}" for name, value in given.items())
    call = f"thesis_rnn.explain(model, x, target, method={explanation.method!r}{', ' + text if text else ''})"
    import keras
    import tensorflow as tf

    versions = f"thesis_rnn {__version__}, Keras {keras.__version__}, TensorFlow {tf.__version__}, Python "
    return [Heading("How to repeat it"), Code(call), Text(versions + platform.python_version(), note=True)]
