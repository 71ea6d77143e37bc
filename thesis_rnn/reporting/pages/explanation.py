"""The page of one explanation: what was explained, its heatmaps, where relevance lies and where the rest went."""

import os
import platform
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.cells import class_name
from thesis_rnn.attribution.inputs.axes import Axes, named_axes
from thesis_rnn.attribution.inputs.structure import leaves_of
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.heatmaps.explanations import draw_sample
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
    page_of,
)
from thesis_rnn.reporting.plots.plotting import plot
from thesis_rnn.reporting.plots.units import units_of, with_inputs
from thesis_rnn.reporting.saving import png_of
from thesis_rnn.reporting.style import SCREEN_DPI, WIDTH
from thesis_rnn.support import files
from thesis_rnn.support.checks import check_kind, checked
from thesis_rnn.version import __version__

SAMPLES, LARGEST, ENOUGH = 4, 10, 5
"""Samples that are drawn one by one, rows of a table of the largest, and samples that an interval needs at least."""
CELLS = 60_000
"""Cells whose numbers a page carries, about 1 MB with the values; what has more is a picture."""


@checked
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
    by the arrow keys; tokens [n, steps] are words on the colour of their relevance; images, and series of more cells
    than a page of 2 MB holds, are pictures. Below stand the relevance of the largest steps and features, the account of
    conservation, and how to repeat it.

    Args:
      explanation: of one class for each sample.
      x: the explained inputs, where the explanation does not have them any more, as after ``Explanation.load``.
      path: where to write the page; None writes nothing.
      class_names, feature_names, step_names: what to call them instead of what the explanation does.
      tokens: the words of each text, where the input was tokens.
      title: the page's.

    Returns:
      The page.

    Raises:
      InputError: every class explained at once, or names and inputs that do not fit.

    Example:
      >>> import keras
      >>> model = keras.Sequential([keras.Input((4, 2)), keras.layers.LSTM(3), keras.layers.Dense(2)])
      >>> page = explanation_page(explain(model, np.ones((1, 4, 2)), 0, "sensitivity"))
      >>> page.startswith("<!DOCTYPE html>")
      True
    """
    check_kind("explanation", explanation, Explanation, "what thesis_rnn.explain gave")
    if explanation.explained.ndim > 1:
        raise InputError("a page shows one class; explain with target=; received an explanation of every class")
    if x is not None and tokens is None:
        explanation = with_inputs(explanation, x)
    explanation = _named(explanation, class_names, feature_names, step_names, tokens)
    blocks = [
        *_facts(explanation),
        Heading("Relevance"),
        Text(
            "Red speaks for what is explained, blue (of words: with a dotted line) against it, white says nothing; "
            "each sample has its own scale."
        ),
        *sample_blocks(explanation),
        *_largest(explanation),
        *_account(explanation),
        *_repetition(explanation),
    ]
    page = page_of(title or f"Explanation by {explanation.method}", blocks)
    if path is not None:
        with files.replacing(path) as temporary:
            temporary.write_text(page, encoding="utf-8")
    return page


def sample_blocks(explanation: Explanation, cells: int = CELLS, samples: int = SAMPLES) -> list[Block]:
    """The first samples, those of each input after the other, in ``cells`` numbers at most."""
    leaves, axes = leaves_of(explanation.relevance), _axes(explanation)
    blocks: list[Block] = []
    for place, names in enumerate(axes):
        if len(leaves) > 1:
            blocks.append(Text(f"Input {names.input or place}:"))
        blocks += _of_input(explanation, place, names, cells // len(leaves), samples)
    return blocks


def _of_input(explanation: Explanation, place: int, names: Axes, cells: int, samples: int) -> list[Block]:
    leaf = leaves_of(explanation.relevance)[place]
    x = None if explanation.x is None else leaves_of(explanation.x)[place]
    shown = [np.asarray(one) for one in leaf[:samples]]
    if names.tokens and (names.steps or x is not None):
        return [_words(one, names, k, x) for k, one in enumerate(shown)]
    if shown[0].ndim > 2 or shown[0].size > cells:
        return [_picture(explanation, place, len(shown))]
    fitting = [one for one, total in zip(shown, np.cumsum([one.size for one in shown]), strict=True) if total <= cells]
    return [_series(one, names, k, x) for k, one in enumerate(fitting)]


def _words(relevance: np.ndarray, names: Axes, sample: int, x) -> Tokens:
    relevance = relevance.reshape(len(relevance), -1).sum(axis=1)  # of embeddings
    if not names.steps:
        return Tokens([str(token) for token in np.asarray(x[sample]).ravel()], relevance)
    words = names.steps[sample] if isinstance(names.steps[0], tuple) else names.steps
    return Tokens(words, relevance[: len(words)])


def _series(relevance: np.ndarray, names: Axes, sample: int, x) -> Series:
    one_axis = np.newaxis if _is_row(relevance, names) else (slice(None), np.newaxis)
    shaped = relevance if relevance.ndim == 2 else relevance[one_axis]
    values = None if x is None else np.asarray(x[sample])
    values = values.reshape(shaped.shape) if values is not None and values.size == shaped.size else None
    steps = [str(names.step(sample, step)) for step in range(len(shaped))] if names.steps else None
    said = "relevance as colour, values as lines" if values is not None else "relevance as colour"
    return Series(shaped, f"Sample {sample}: {said}.", values, names.features or None, steps)


def _is_row(relevance: np.ndarray, names: Axes) -> bool:
    """Whether the one axis of a sample is the features of a table, not steps."""
    return np.ndim(relevance) == 1 and not names.steps and not names.tokens and bool(names.features)


def _picture(explanation: Explanation, place: int, samples: int) -> Picture:
    if isinstance(explanation.relevance, np.ndarray):
        x = explanation.x if np.shape(explanation.x) == explanation.relevance.shape else None
        return Picture(png_of(plot(explanation, x), dpi=SCREEN_DPI), "The first samples and their heatmaps.")
    figure = Figure(figsize=(WIDTH, 1.8 * samples), layout="constrained")
    for sample, axis in enumerate(figure.subplots(samples, squeeze=False)[:, 0]):
        draw_sample(axis, explanation, sample, place)
    return Picture(png_of(figure, dpi=SCREEN_DPI), "The heatmaps of the first samples.")


def _axes(explanation: Explanation) -> tuple[Axes, ...]:
    return explanation.axes or (Axes(),) * len(leaves_of(explanation.relevance))


def _named(explanation: Explanation, class_names, feature_names, step_names, tokens) -> Explanation:
    """The explanation with the names that are given beside it."""
    if class_names is not None:
        explanation = replace(explanation, class_names=tuple(map(str, class_names)))
    if feature_names is None and step_names is None and tokens is None:
        return explanation
    names, n = _axes(explanation), len(explanation.target)
    if len(names) > 1:
        raise InputError("names of several inputs are given when explaining; received names for the page")
    if tokens is not None and len(tokens) != n:
        raise InputError(f"tokens must be the words of each of {n} texts; received {len(tokens)}")
    if tokens is not None:
        names = (replace(names[0], steps=tuple(tuple(map(str, words)) for words in tokens), tokens=True),)
    return replace(
        explanation, axes=(named_axes(names[0], np.shape(explanation.relevance), step_names, feature_names),)
    )


def _facts(explanation: Explanation) -> list[Block]:
    def name(index: int) -> str:
        return class_name(explanation, index) if explanation.class_names else f"class {index}"

    rows = [
        (
            f"sample {explanation.sample_names[place] if explanation.sample_names else place}",
            name(int(explanation.target[place])),
            name(int(explanation.predicted[place])),
            f"{explanation.value[place]:.3g}",
            f"{explanation.received[place]:.3g}",
        )
        for place in range(min(len(explanation.target), LARGEST))
    ]
    words = f"{explanation.method} explains {len(explanation.target)} samples."
    if not explanation.conserves and explanation.expected is None:
        words += " It does not conserve: its sum need not be the explained output."
    return [
        Heading("What was explained"),
        Text(words),
        *[Text(note, note=True) for note in explanation.notes],
        Cells(("", "explained class", "predicted", "explained output", "sum of relevance"), rows),
    ]


def _largest(explanation: Explanation) -> list[Block]:
    """Tables of the steps and features with the largest mean |R|, of series; of words in the first samples."""
    axes, leaves = _axes(explanation), leaves_of(explanation.relevance)
    if all(one.tokens for one in axes) and all(np.ndim(leaf[0]) == 1 for leaf in leaves):
        return _largest_words(explanation)
    pairs = list(zip(leaves, axes, strict=True))
    is_table = all(_is_row(leaf[0], one) for leaf, one in pairs)
    if not is_table and any(np.ndim(leaf[0]) != 2 or one.tokens for leaf, one in pairs):
        return []
    blocks: list[Block] = []
    if not is_table and len(leaves) == 1 and len(explanation.target) >= ENOUGH:
        png = png_of(plot(explanation, kind="time"), dpi=SCREEN_DPI)
        blocks += [Heading("Relevance over time"), Picture(png, "The mean relevance of each step, with its interval.")]
    for word in ("feature",) if is_table else ("step", "feature"):
        units = units_of(explanation, f"{word}s")  # signed sums, so that relevance is conserved
        size, mean = np.nanmean(np.abs(units.relevance), axis=0), np.nanmean(units.relevance, axis=0)
        order = np.argsort(-size, kind="stable")[:LARGEST]
        rows = [(units.names[k], f"{mean[k]:.3g}", f"{size[k]:.3g}") for k in order]
        blocks += [Heading(f"Largest {word}s"), Cells((word, "mean R", "mean |R|"), rows)]
    return blocks


def _largest_words(explanation: Explanation) -> list[Block]:
    rows = []
    for sample in range(min(SAMPLES, len(explanation.target))):
        units = units_of(explanation, "cells", sample)
        relevance = np.nan_to_num(units.relevance[0])
        order = np.argsort(-np.abs(relevance), kind="stable")[:LARGEST]
        rows += [(units.names[k], f"sample {sample}", f"{relevance[k]:.3g}") for k in order if relevance[k]]
    return [Heading("Largest words"), Cells(("word", "", "R"), rows)] if rows else []


def _account(explanation: Explanation) -> list[Block]:
    if not explanation.conserves:
        return _missed(explanation)
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


def _missed(explanation: Explanation) -> list[Block]:
    """What a complete method leaves of f(x) - f(baseline)."""
    if explanation.expected is None or not np.isfinite(explanation.expected).any():
        return []
    amounts = [
        ("f(x) - f(baseline)", float(np.nanmean(explanation.expected))),
        ("received by the input", float(explanation.received.mean())),
        ("missed by the method", float(-np.nanmean(explanation.convergence_delta))),
    ]
    return [Heading("Completeness, mean over the samples"), Flow(amounts)]


def _repetition(explanation: Explanation) -> list[Block]:
    given = {name: value for name, value in explanation.parameters.items() if isinstance(value, int | float | str)}
    text = ", ".join(f"{name}={value!r}" for name, value in given.items())
    call = f"thesis_rnn.explain(model, x, target, method={explanation.method!r}{', ' + text if text else ''})"
    return [Heading("How to repeat it"), Code(call), Text(versions(), note=True)]


def versions() -> str:
    """What the numbers of a page were made with."""
    import keras
    import tensorflow as tf

    return (
        f"thesis_rnn {__version__}, Keras {keras.__version__}, TensorFlow {tf.__version__}, Python "
        f"{platform.python_version()}"
    )
