"""Whether relevance turns where a word is negated: "good" speaks for the class, "not good" against it."""

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.measures.faithfulness.removing import outputs_at, target_of
from thesis_rnn.measures.measure import Scored, checked_heatmaps


def negation(scored: Scored, positive: int = 1) -> np.ndarray:
    """1 where R(word) v > 0 and (R(not) + R(word)) v < 0, else 0, [n]; v is what people say of the word.

    The class ``positive`` is the one that valence speaks for; where another is explained, v has the other sign. NaN for
    texts without a negated form, for words of no valence, and where the model's own decision does not turn from what v
    says to the contrary: what it has not learned, no explanation can show. A map that knows nothing gets 1/4.

    Args:
      scored: tokens, relevance, ``valence``, ``negated``, the method and the model.
      positive: the class that valence speaks for.

    Raises:
      InputError: for negated texts that are not the samples with one more token.
    """
    place, turned = _places(scored)
    rows = np.arange(len(place))
    sign = np.where(np.asarray(scored.target) == positive, 1.0, -1.0)
    valence = np.nan_to_num(sign * np.asarray(scored.valence, float)[rows, place])
    after = checked_heatmaps("relevance of negated", scored.explain(scored.negated, scored.target), np.shape(scored.x))
    plain = checked_heatmaps("relevance", scored.relevance, np.shape(scored.x))[rows, place]
    phrase = after[rows, place] + after[rows, np.minimum(place + 1, after.shape[1] - 1)]
    before, behind = _margins(scored).T * valence
    counted = turned & (before > 0) & (behind < 0)
    return np.where(counted, (plain * valence > 0) & (phrase * valence < 0), np.nan)


def _margins(scored: Scored) -> np.ndarray:
    """By how much the explained output exceeds all others, for the texts and their negations [n, 2].

    Of a single output, how far it is above 0, or above 1/2 where it is a probability.
    """
    texts = np.stack([scored.x, scored.negated])
    outputs = outputs_at(scored, 2, lambda sample, point: texts[point, sample])
    chosen = target_of(scored, outputs)
    if outputs.shape[2] == 1:
        return chosen - (0.5 if scored.activation == "probabilities" else 0)
    is_chosen = np.arange(outputs.shape[2]) == np.asarray(scored.target)[:, None, None]
    return chosen - np.where(is_chosen, -np.inf, outputs).max(axis=2)


def _places(scored: Scored) -> tuple[np.ndarray, np.ndarray]:
    """Where the token was put in [n], and whether one was, bool [n]."""
    if scored.negated is None or np.shape(scored.negated) != np.shape(scored.x) or np.ndim(scored.x) != 2:
        received = "none" if scored.negated is None else f"shape {np.shape(scored.negated)}"
        raise InputError(f"negated must be tokens in the shape of x, {np.shape(scored.x)}; received {received}")
    x, other = np.asarray(scored.x), np.asarray(scored.negated)
    turned = (x != other).any(axis=1)
    place = (x != other).argmax(axis=1)
    behind = np.arange(x.shape[1] - 1) >= place[:, None]
    moved = np.where(behind, x[:, :-1], other[:, 1:]) == other[:, 1:]
    if not moved[turned].all():
        sample = int(np.flatnonzero(turned & ~moved.all(axis=1))[0])
        raise InputError(f"negated must be x with one more token; received something else in sample {sample}")
    return place, turned
