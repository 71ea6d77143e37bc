"""Clusters of heatmaps, which show the strategies of a model (SpRAy: Lapuschkin et al., 2019)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import finite_array

MOST_CELLS = 400
"""Of a heatmap that is clustered; larger ones are pooled along their axes first."""


class Clusters(NamedTuple):
    """Groups of samples whose heatmaps are alike.

    Attributes:
      labels: the cluster of each sample [n]; -1 for a heatmap without relevance. Clusters are ordered by size.
      means: the mean of each cluster's heatmaps, each scaled to sum |R| = 1: [clusters, ...].
      eigenvalues: the smallest of the graph's Laplacian; a gap after k of them speaks for k clusters.

    Example:
      >>> maps = np.repeat([[[1.0, 0.0]], [[0.0, 1.0]]], 10, axis=0)
      >>> heatmap_clusters(maps, count=2).labels.tolist()[::10]
      [0, 1]
    """

    labels: np.ndarray
    means: np.ndarray
    eigenvalues: np.ndarray


def heatmap_clusters(relevance: ArrayLike, count: int | None = None, seed: int = 0, most: int = 8) -> Clusters:
    """Spectral clustering of heatmaps that are scaled to sum |R| = 1, on the graph of nearest neighbours.

    Two samples are neighbours if one of them is among the sqrt(n) nearest of the other.

    Args:
      relevance: [n, ...].
      count: of clusters; by default where the gap between eigenvalues is widest, 2 to ``most``.
      seed: of k-means on the eigenvectors.
      most: clusters, at most, if their count is not given.

    Returns:
      The clusters.

    Raises:
      InputError: fewer than 10 heatmaps with relevance, or a count that they do not allow.

    Example:
      >>> maps = np.repeat([[[1.0, 0.0]], [[0.0, 1.0]]], 10, axis=0)
      >>> np.bincount(heatmap_clusters(maps).labels).tolist()
      [10, 10]
    """
    from scipy.linalg import eigh
    from sklearn.cluster import KMeans
    from sklearn.neighbors import kneighbors_graph

    relevance = finite_array("relevance [n, ...]", relevance, axes=max(2, np.ndim(relevance)))
    total = np.abs(relevance).reshape(len(relevance), -1).sum(axis=1)
    kept = np.flatnonzero(total > 0)
    if len(kept) < 10:
        raise InputError(f"clusters need at least 10 heatmaps with relevance; received {len(kept)}")
    if count is not None and not 1 <= count <= len(kept) // 2:
        raise InputError(f"count must lie in 1..{len(kept) // 2}; received {count}")
    scaled = relevance[kept] / total[kept].reshape(-1, *[1] * (relevance.ndim - 1))
    rows = _pooled(scaled).reshape(len(kept), -1)
    graph = kneighbors_graph(rows, max(3, round(np.sqrt(len(kept)))), include_self=True).toarray()
    graph = np.maximum(graph, graph.T)
    degree = 1 / np.sqrt(graph.sum(axis=1))
    laplacian = np.eye(len(kept)) - degree[:, np.newaxis] * graph * degree
    largest = min(most if count is None else count, len(kept) // 2)
    values, vectors = eigh(laplacian, subset_by_index=[0, largest])
    if count is None:
        count = 1 + int(np.argmax(np.diff(values)[1:])) + 1 if largest > 1 else 1
    embedded = vectors[:, :count]
    embedded = embedded / np.maximum(np.linalg.norm(embedded, axis=1, keepdims=True), 1e-12)
    found = KMeans(count, n_init=10, random_state=seed).fit_predict(embedded)
    sizes = np.bincount(found, minlength=count)
    first = [np.flatnonzero(found == label).min(initial=len(found)) for label in range(count)]
    order = sorted(range(count), key=lambda label: (-sizes[label], first[label]))
    rank = np.argsort(order)
    labels = np.full(len(relevance), -1)
    labels[kept] = rank[found]
    means = np.stack([scaled[found == label].mean(axis=0) for label in order if sizes[label]])
    return Clusters(labels, means, values)


def _pooled(maps: np.ndarray) -> np.ndarray:
    """Sums over neighbouring cells along the longest axis, until a heatmap has at most ``MOST_CELLS``."""
    while np.prod(maps.shape[1:]) > MOST_CELLS:
        axis = 1 + int(np.argmax(maps.shape[1:]))
        if maps.shape[axis] % 2:
            maps = np.concatenate([maps, np.zeros_like(np.take(maps, [0], axis))], axis=axis)
        maps = np.take(maps, range(0, maps.shape[axis], 2), axis) + np.take(maps, range(1, maps.shape[axis], 2), axis)
    return maps
