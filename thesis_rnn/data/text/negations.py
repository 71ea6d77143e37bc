"""Texts and the same texts with a rated word negated: what relevance must turn at."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from thesis_rnn.data.text.words import tokens_of
from thesis_rnn.errors import InputError

NEGATOR = "not"
BEFORE = ("is", "was", "are", "were", "be", "been", "it's", "that's", "he's", "she's")
"""Words behind which "not" can stand."""
LEAST = 1.0
"""The valence, of at most 4, from which a word is negated."""
FRAMES = ("it is {}", "the film was {}", "this movie is {}", "the actors are {}")


class Negations(NamedTuple):
    """Texts side by side with their negations.

    Attributes:
      x: tokens [n, steps].
      negated: the same with "not" before the rated word [n, steps].
      valence: of each token of ``x`` [n, steps]; NaN where nobody rated it.

    Example:
      >>> Negations(np.array([[2, 0]]), np.array([[1, 2]]), np.array([[1.9, np.nan]])).negated.tolist()
      [[1, 2]]
    """

    x: np.ndarray
    negated: np.ndarray
    valence: np.ndarray


def negation_templates(
    vocabulary: Sequence[str], valence: np.ndarray, steps: int, least: float = LEAST, most: int = 400
) -> Negations:
    """Frames such as "it is {}" and "it is not {}", filled with words of the lexicon, the most extreme first.

    Args:
      vocabulary: the word of each token.
      valence: of each token [vocabulary]; NaN where nobody rated it.
      steps: the length of a text.
      least: the valence from which a word is taken, of either sign.
      most: how many texts, at most.

    Returns:
      The texts, for :func:`thesis_rnn.judge`.

    Raises:
      InputError: for a vocabulary without "not" or without rated words, or too few steps.

    Example:
      >>> found = negation_templates(("", "[unknown]", "it", "is", "not", "good"), np.array([np.nan] * 5 + [1.9]), 5)
      >>> found.x.tolist(), found.negated.tolist()
      ([[2, 3, 5, 0, 0]], [[2, 3, 4, 5, 0]])
    """
    known, valence = set(vocabulary), np.asarray(valence, float)
    frames = [frame for frame in FRAMES if set(frame.format(NEGATOR).split()) <= known]
    rated = [int(token) for token in np.argsort(-np.abs(np.nan_to_num(valence)), kind="stable")]
    rated = [token for token in rated if abs(np.nan_to_num(valence[token])) >= least]
    if NEGATOR not in known or not frames or not rated or steps < max(len(frame.split()) for frame in frames) + 1:
        received = f"{len(known)} words, {len(rated)} rated, {len(frames)} frames and {steps} steps"
        raise InputError(f"templates need the word 'not', a frame, rated words and 5 steps; received {received}")
    texts = [frame.format(vocabulary[token]).split() for token in rated for frame in frames][:most]
    x, _ = tokens_of(texts, vocabulary, steps)
    return Negations(x, negated(x, vocabulary, valence, least), valence[x])


def negated(x: np.ndarray, vocabulary: Sequence[str], valence: np.ndarray, least: float = LEAST) -> np.ndarray:
    """The texts with "not" before the most extremely rated word that follows a form of "to be".

    Texts without such a word, or without room for one more, stay as they are.

    Args:
      x: tokens [n, steps], padding 0 behind them.
      vocabulary, valence, least: as for :func:`negation_templates`.

    Returns:
      Tokens in the shape of ``x``.

    Example:
      >>> words = ("", "[unknown]", "it", "is", "not", "good")
      >>> negated(np.array([[2, 3, 5, 0], [3, 2, 5, 0]]), words, np.array([np.nan] * 5 + [1.9])).tolist()
      [[2, 3, 4, 5], [3, 2, 5, 0]]
    """
    x = np.asarray(x)
    if NEGATOR not in vocabulary:
        return x.copy()
    strength = np.abs(np.nan_to_num(np.asarray(valence, float)))[x]
    allowed = np.isin(x[:, :-1], [token for token, word in enumerate(vocabulary) if word in BEFORE])
    strength[:, 0], strength[:, 1:] = 0, np.where(allowed, strength[:, 1:], 0)
    place = strength.argmax(axis=1)
    fits = (strength.max(axis=1) >= least) & (x[:, -1] == 0)
    step = np.arange(x.shape[1])
    longer = np.where(step <= place[:, None], x, np.roll(x, 1, axis=1))
    longer[np.arange(len(x)), place] = tuple(vocabulary).index(NEGATOR)
    return np.where(fits[:, None], longer, x)
