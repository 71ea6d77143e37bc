"""Where states go: clusters that the trajectories of samples run through."""

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from thesis_rnn.analysis.analysis import Finding, Studied
from thesis_rnn.analysis.panels import panels
from thesis_rnn.analysis.states import own_steps, principal_axes
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.style import SERIES, SMALL_TEXT, plain_axis
from thesis_rnn.support.checks import at_least_one, finite_array

DRAWN = 3000
"""States that a figure shows at most."""


class StateClusters(NamedTuple):
    """Clusters of states, the largest first.

    Attributes:
      labels: the cluster of each step [n, steps]; -1 for padding.
      transitions: how often cluster j follows i, as a share of the steps that follow i [clusters, clusters]; a row of
        zeros where none follows.

    Example:
      >>> StateClusters(np.zeros((1, 2), int), np.ones((1, 1))).transitions.shape
      (1, 1)
    """

    labels: np.ndarray
    transitions: np.ndarray


def state_clusters(hidden: ArrayLike, own: ArrayLike | None = None, count: int = 6, seed: int = 0) -> StateClusters:
    """k-means of the states of all steps, and how often one cluster follows another.

    Args:
      hidden: [n, steps, units].
      own: which steps are the samples' own, bool [n, steps]; all by default.
      count: clusters.
      seed: of the starts, the best of four.

    Returns:
      The clusters.

    Raises:
      InputError: states that are not finite, or fewer different ones than clusters.

    Example:
      >>> state_clusters([[[0.0], [0.1], [9.0], [0.0]]], count=2).labels.tolist()
      [[0, 0, 1, 0]]
    """
    from sklearn.cluster import KMeans

    hidden = finite_array("hidden [n, steps, units]", hidden, axes=3)
    at_least_one(count=count)
    own = own_steps(own, hidden.shape[:2])
    states = hidden[own]
    different = len(np.unique(states, axis=0))
    if different < count:
        raise InputError(f"{count} clusters need as many different states; received {different}")
    found = KMeans(count, n_init=4, random_state=seed).fit(states).labels_
    place = np.empty(count, int)
    place[np.argsort(-np.bincount(found, minlength=count), kind="stable")] = np.arange(count)
    labels = np.full(own.shape, -1)
    labels[own] = place[found]
    return StateClusters(labels, _transitions(labels, count))


def _transitions(labels: np.ndarray, count: int) -> np.ndarray:
    before, after = labels[:, :-1].ravel(), labels[:, 1:].ravel()
    both = (before >= 0) & (after >= 0)
    counts = np.zeros((count, count))
    np.add.at(counts, (before[both], after[both]), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def trajectories(studied: Studied, clusters: int = 6) -> Finding:
    """Clusters of the states of all steps: how large, when, of which class, and what comes next."""
    rows, drawn = [], {}
    for name, states in studied.states.items():
        found = state_clusters(states.hidden, states.own, clusters, studied.seed)
        drawn[name] = states.every, found.labels[states.own]
        for cluster in range(clusters):
            here = found.labels == cluster
            step = np.nonzero(here)[1].mean()
            follows = found.transitions[cluster]
            stays = float(follows[cluster])
            others = np.where(np.arange(clusters) == cluster, -1, follows)
            after = int(others.argmax()) if others.max() > 0 else "-"
            share = float(here.sum() / states.own.sum())
            rows.append((name, cluster, share, float(step), stays, after, *_class(studied, here)))
    header = ("layer", "cluster", "share of steps", "mean step", "stays", "else next", "frequent class", "its share")
    said = "States of all steps in clusters, the largest first. A class that fills a cluster is told apart there."
    return Finding(said, header, rows, lambda: _draw(drawn))


def _class(studied: Studied, here: np.ndarray) -> tuple:
    """The most frequent class among the steps of a cluster, and its share."""
    if studied.y is None:
        return "-", float("nan")
    counts = np.bincount(studied.y, weights=here.sum(axis=1))
    return studied.class_name(int(counts.argmax())), float(counts.max() / counts.sum())


def _draw(drawn: dict) -> Figure:
    """States on their first two principal axes, coloured by cluster."""
    figure, each = panels(drawn, height=3.2)
    for axis, name, (states, labels) in each:
        every = max(1, len(states) // DRAWN)
        states, labels = states[::every].astype(np.float64), labels[::every]
        mean, axes = principal_axes(states)
        plane = (states - mean) @ axes[:2].T
        plane = np.pad(plane, ((0, 0), (0, 2 - plane.shape[1])))
        for cluster in np.unique(labels):
            place = plane[labels == cluster]
            axis.plot(*place.T, ".", markersize=3, color=SERIES[cluster % len(SERIES)], label=str(cluster))
            axis.annotate(str(cluster), place.mean(axis=0), fontsize=SMALL_TEXT, weight="bold")
        axis.set(xticks=[], yticks=[])
        axis.set_title(f"{name}: states on their first two principal axes", fontsize=SMALL_TEXT)
        plain_axis(axis)
    return figure
