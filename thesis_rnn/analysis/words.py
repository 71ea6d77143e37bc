"""Embeddings on a plane, by t-SNE, and the nearest neighbours of each word."""

from collections.abc import Sequence

import keras
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.analysis.analysis import Finding, Studied
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.style import BLUE, SMALL_TEXT, WIDTH
from thesis_rnn.support.checks import at_least_one, finite_array

NAMED = 60
"""Words that a figure names."""


def embedding_map(vectors: ArrayLike, perplexity: float | None = None, seed: int = 0) -> np.ndarray:
    """Vectors on a plane, so that neighbours stay neighbours (t-SNE: van der Maaten and Hinton, 2008; scikit-learn's).

    Distances between groups, and their sizes, mean nothing in such a map.

    Args:
      vectors: [m, dimensions], m at least 4.
      perplexity: about how many neighbours each has; by default 30, or a third of m - 1 if that is less.
      seed: of the search, which starts from the first two principal components.

    Returns:
      [m, 2].

    Raises:
      InputError: fewer than 4 vectors, or a perplexity that is not between 1 and m - 1.

    Example:
      >>> embedding_map(np.random.default_rng(0).normal(size=(8, 3))).shape
      (8, 2)
    """
    from sklearn.manifold import TSNE

    vectors = finite_array("vectors [m, dimensions]", vectors, axes=2)
    m = len(vectors)
    if m < 4:
        raise InputError(f"a map needs at least 4 vectors; received {m}")
    perplexity = min(30.0, (m - 1) / 3) if perplexity is None else perplexity
    if not 1 <= perplexity < m:
        raise InputError(f"perplexity must lie in 1..{m - 1}, below the number of vectors; received {perplexity}")
    start = "pca" if vectors.shape[1] > 1 else "random"
    return TSNE(perplexity=perplexity, init=start, random_state=seed).fit_transform(vectors).astype(np.float64)


def nearest(vectors: ArrayLike, count: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """The ``count`` other vectors with the largest cosine, and the cosines: [m, count] each.

    A vector of zeros has a cosine of 0 with every other.

    Args:
      vectors: [m, dimensions].
      count: neighbours, at most m - 1.

    Returns:
      Indices and cosines, nearest first.

    Example:
      >>> nearest([[1.0, 0.0], [2.0, 0.1], [0.0, 1.0]], 1)[0].ravel().tolist()
      [1, 0, 1]
    """
    vectors = finite_array("vectors [m, dimensions]", vectors, axes=2)
    at_least_one(count=count)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(norms > 0, norms, 1)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    order = np.argsort(-cosines, axis=1, kind="stable")[:, : min(count, len(vectors) - 1)]
    return order, np.take_along_axis(cosines, order, axis=1)


def embeddings(studied: Studied, most: int = 300, neighbours: int = 5) -> Finding:
    """The most frequent words of the samples on a plane (t-SNE), and the nearest neighbours of each."""
    layers = [layer for layer in studied.model.layers if isinstance(layer, keras.layers.Embedding)]
    if len(layers) != 1 or studied.x.ndim != 2:
        raise InputError(f"this analysis is of tokens that one Embedding reads; received {len(layers)} of them")
    tokens, words, counts = _frequent(studied, most)
    vectors = keras.ops.convert_to_numpy(layers[0].embeddings)[tokens].astype(np.float64)
    near, cosines = nearest(vectors, neighbours)
    places = embedding_map(vectors, seed=studied.seed)
    alike = [
        ", ".join(f"{words[j]} {cosine:.2f}" for j, cosine in zip(*pair, strict=True))
        for pair in zip(near, cosines, strict=True)
    ]
    columns = (words, tokens.tolist(), counts.tolist(), alike, *places.T.tolist())
    rows = list(zip(*columns, strict=True))
    said = f"The {len(tokens)} most frequent words. In the map neighbours mean something; far distances do not."
    header = ("word", "token", "in the samples", "nearest, with cosine", "map x", "map y")
    return Finding(said, header, rows, lambda: _draw(places, words))


def _frequent(studied: Studied, most: int) -> tuple[np.ndarray, list[str], np.ndarray]:
    """The most frequent tokens, but padding, their words and how often they are there."""
    seen = studied.x if studied.words is None else np.where(studied.words == "", -1, studied.x)
    seen = seen.astype(np.int64)
    if studied.lengths is not None:
        seen = np.where(np.arange(seen.shape[1]) < np.asarray(studied.lengths)[:, None], seen, -1)
    tokens, first, counts = np.unique(seen, return_index=True, return_counts=True)
    keep = [k for k in np.argsort(-counts, kind="stable") if tokens[k] >= 0][:most]
    words = [str(tokens[k]) if studied.words is None else str(studied.words.ravel()[first[k]]) for k in keep]
    return tokens[keep], words, counts[keep]


def _draw(places: np.ndarray, words: Sequence[str]) -> Figure:
    figure = Figure(figsize=(WIDTH, WIDTH * 0.7), layout="constrained")
    axis = figure.subplots()
    axis.scatter(*places.T, s=6, color=BLUE)
    for (across, up), word in zip(places[:NAMED], words[:NAMED], strict=True):
        axis.annotate(word, (across, up), fontsize=SMALL_TEXT - 1.5)
    axis.set(xticks=[], yticks=[])
    return figure
