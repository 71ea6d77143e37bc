"""A surrogate of a network's states: a hidden Markov model of where they go, and a tree that says what moves them."""

import copy
from typing import NamedTuple

import numpy as np

from thesis_rnn.analysis.analysis import Finding, Studied
from thesis_rnn.analysis.halves import halves
from thesis_rnn.analysis.states import States
from thesis_rnn.errors import InputError
from thesis_rnn.support.checks import at_least_one

MOST_STEPS = 50_000
"""Steps that a model of states is fitted to."""


class MarkovStates(NamedTuple):
    """States of a hidden Markov model, the most frequent first.

    Attributes:
      labels: the most likely state of each step [n, steps]; -1 for padding.
      gain: nats by which the order of steps raises the log-likelihood of each step of samples that were not fitted.
    """

    labels: np.ndarray
    gain: float


class Surrogate(NamedTuple):
    """What stands for a network, on samples that it was not fitted to.

    Attributes:
      of_states: the share of steps whose state a tree tells, from the state before and the input.
      most_frequent: the same of always the most frequent state.
      by_last_state: the share of samples whose class is the most frequent one of their last state.
      alone: the same where the tree moves from state to state by itself, without the network.
      rules: the tree's, in words.
    """

    of_states: float
    most_frequent: float
    by_last_state: float
    alone: float
    rules: str


def markov_states(hidden: np.ndarray, own: np.ndarray, fitted: np.ndarray, held_out: np.ndarray, count: int, seed: int):
    """A hidden Markov model with Gaussians (diagonal covariance) of the trajectories of states.

    Args:
      hidden: [n, steps, units].
      own: which steps are the samples' own, bool [n, steps].
      fitted, held_out: places of samples.
      count: states of the model.
      seed: of its start.

    Returns:
      The ``MarkovStates`` of all samples.

    Raises:
      InputError: hmmlearn is not installed, or fewer different states than the model has.
    """
    at_least_one(count=count)
    lengths = own.sum(axis=1)
    chosen = fitted[: max(1, np.searchsorted(np.cumsum(lengths[fitted]), MOST_STEPS))]
    trained = hidden[chosen][own[chosen]].astype(np.float64)
    different = len(np.unique(trained, axis=0))
    if different < count:
        raise InputError(f"{count} states of a model need as many different ones; received {different}")
    model = _gaussian_hmm()(count, "diag", n_iter=30, random_state=seed).fit(trained, lengths[chosen])
    share = model.predict_proba(trained, lengths[chosen]).mean(axis=0)
    found = model.predict(hidden[own].astype(np.float64), lengths)
    place = np.empty(count, int)
    place[np.argsort(-np.bincount(found, minlength=count), kind="stable")] = np.arange(count)
    labels = np.full(own.shape, -1)
    labels[own] = place[found]
    return MarkovStates(labels, gain_by_order(model, share, hidden[held_out][own[held_out]], lengths[held_out]))


def _gaussian_hmm():
    try:
        from hmmlearn.hmm import GaussianHMM
    except ImportError:
        raise InputError("surrogate needs hmmlearn: pip install 'thesis_rnn[hmm]'; received none installed") from None
    return GaussianHMM


def gain_by_order(model, share: np.ndarray, states: np.ndarray, lengths: np.ndarray) -> float:
    """(log p(states) - log p(the same, each drawn for itself)) / steps, in nats.

    Args:
      model: a fitted hidden Markov model of hmmlearn.
      share: how often each of its states is [count], what each step has where the order does not count.
      states: of all samples, one behind the other [k, units].
      lengths: of the samples, which sum to k.
    """
    alone = copy.copy(model)
    alone.startprob_ = share / share.sum()
    alone.transmat_ = np.tile(alone.startprob_, (len(share), 1))
    states = states.astype(np.float64)
    return float(model.score(states, lengths) - alone.score(states, lengths)) / len(states)


def stand_in(
    states: States, labels: np.ndarray, predicted: np.ndarray, parts: tuple, depth: int, names: list[str]
) -> Surrogate:
    """A tree from the state before and the input to the state, and the classes of last states.

    Args:
      states: of the layer.
      labels: see ``MarkovStates``.
      predicted: the class that the network gives each sample [n].
      parts: places of the samples that are fitted, and of those that are held out.
      depth: of the tree.
      names: of the inputs.
    """
    from sklearn.tree import DecisionTreeClassifier, export_text

    fitted, held_out = parts
    inputs, labels, lengths = _without_padding(states, labels)
    count = labels.max() + 1
    before = np.concatenate([np.full((len(labels), 1), -1), labels[:, :-1]], axis=1)
    known = np.arange(labels.shape[1]) < lengths[:, np.newaxis]
    table = np.concatenate([_flags(before, count), inputs], axis=2)
    tree = DecisionTreeClassifier(max_depth=depth, random_state=0)
    tree.fit(table[fitted][known[fitted]], labels[fitted][known[fitted]])
    tested = labels[held_out][known[held_out]]
    of_states = float((tree.predict(table[held_out][known[held_out]]) == tested).mean())
    last = labels[np.arange(len(labels)), lengths - 1]
    classes = _classes_of_states(last[fitted], predicted[fitted], count)
    moved = _moved(tree, inputs[held_out], lengths[held_out], count)
    told = [f"before={state}" for state in range(count)] + names
    return Surrogate(
        of_states,
        float(np.bincount(tested).max() / len(tested)),
        float((classes[last[held_out]] == predicted[held_out]).mean()),
        float((classes[moved] == predicted[held_out]).mean()),
        export_text(tree, feature_names=told),
    )


def _without_padding(states: States, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs [n, steps, features] and labels with each sample's own steps first, and how many these are [n]."""
    order = np.argsort(~states.own, axis=1, kind="stable")
    return (
        np.take_along_axis(states.inputs, order[..., np.newaxis], axis=1),
        np.take_along_axis(labels, order, axis=1),
        states.own.sum(axis=1),
    )


def _flags(labels: np.ndarray, count: int) -> np.ndarray:
    return (labels[..., np.newaxis] == np.arange(count)).astype(float)


def _classes_of_states(last: np.ndarray, predicted: np.ndarray, count: int) -> np.ndarray:
    """The most frequent class of the samples that end in each state; of all samples where none does."""
    counts = np.zeros((count, predicted.max() + 1))
    np.add.at(counts, (last, predicted), 1)
    return np.where(counts.any(axis=1), counts.argmax(axis=1), np.bincount(predicted).argmax())


def _moved(tree, inputs: np.ndarray, lengths: np.ndarray, count: int) -> np.ndarray:
    """Where the tree alone ends [n], of all samples at once."""
    state = np.full(len(inputs), -1)
    for step in range(inputs.shape[1]):
        after = tree.predict(np.concatenate([_flags(state, count), inputs[:, step]], axis=1))
        state = np.where(step < lengths, after, state)
    return state


def surrogate(studied: Studied, states: int = 6, depth: int = 4) -> Finding:
    """A hidden Markov model of states, a tree that moves between them, and how far both stand for the network."""
    if studied.outputs.shape[1] < 2:
        raise InputError("this analysis is of classes; received a network of one output")
    predicted = studied.outputs.argmax(axis=1)
    parts = halves(predicted, studied.seed)
    chance = float(np.bincount(predicted[parts[1]]).max() / len(parts[1]))
    rows, texts = [], []
    for name, layer in studied.states.items():
        found = markov_states(layer.hidden, layer.own, *parts, states, studied.seed)
        told = stand_in(layer, found.labels, predicted, parts, depth, _names(studied, layer))
        rows.append((name, states, found.gain, *told[:4], chance))
        texts.append(f"{name}\n{told.rules}")
    best = max(rows, key=lambda row: row[6])
    said = (
        f"A tree that moves between {states} states of {best[0]} agrees with the network on {best[6]:.0%} of "
        f"{len(parts[1])} other samples; always the most frequent class, on {chance:.0%}. The order of steps is worth "
        f"{best[2]:.2f} nats a step to the states."
    )
    header = ("layer", "states", "nats by order", "state told", "most frequent state")
    header += ("class by last state", "class by the tree alone", "most frequent class")
    return Finding(said, header, rows, text="\n".join(texts))


def _names(studied: Studied, layer: States) -> list[str]:
    """The features, where the layer reads the samples; else numbers of what it reads."""
    features = layer.inputs.shape[2]
    reads_samples = studied.x.shape == layer.inputs.shape and np.array_equal(studied.x, layer.inputs)
    return [studied.feature_name(k) if reads_samples else f"input {k}" for k in range(features)]
