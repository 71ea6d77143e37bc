"""Negation: relevance of "good" and of "not good"."""

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.measures import MEASURES, Scored

NEGATION = MEASURES["negation"].function
X = np.array([[2, 3, 0], [2, 3, 0], [2, 3, 0], [2, 4, 0], [2, 2, 0]])
NEGATED = np.array([[2, 1, 3], [2, 1, 3], [2, 1, 3], [2, 1, 4], [2, 2, 0]])  # 1 is "not", 3 "good", 4 "bad"
VALENCE = np.where(X == 3, 2.0, np.where(X == 4, -2.0, np.nan))


def scored(plain, after, target=1, moved=True):
    """The relevance of each text and of its negation; the model is moved as it should be, or not at all."""

    def predict(x):
        good = (x == 3).sum(axis=1) - (x == 4).sum(axis=1)
        value = np.where((x == 1).any(axis=1), -good, good) * float(moved)
        return np.stack([-value, value], axis=1)

    return Scored(
        np.array(plain, float),
        X,
        np.full(5, target),
        predict=predict,
        explain=lambda x, _: np.array(after, float),
        valence=VALENCE,
        negated=NEGATED,
    )


PLAIN = [[0, 1, 0], [0, 1, 0], [0, -1, 0], [0, -1, 0], [0, 9, 0]]
# "not" and the word: -3 + 1 < 0 turns; -1 + 2 > 0 does not; the third had no right sign; 3 - 1 > 0 turns; no rated word
AFTER = [[0, -3, 1], [0, -1, 2], [0, -3, 1], [0, 3, -1], [0, 9, 0]]


def test_signs_that_turn_by_hand():
    np.testing.assert_array_equal(NEGATION(scored(PLAIN, AFTER)), [1, 0, 0, 1, np.nan])


def test_the_other_class_has_the_other_sign():
    plain, after = (-np.array(each) for each in (PLAIN, AFTER))
    np.testing.assert_array_equal(NEGATION(scored(plain, after, target=0)), [1, 0, 0, 1, np.nan])


def test_a_model_that_knows_no_negation_says_nothing():
    assert np.isnan(NEGATION(scored(PLAIN, AFTER, moved=False))).all()


def test_a_map_that_knows_nothing_gets_a_quarter():
    rng = np.random.default_rng(0)
    values = [NEGATION(scored(*rng.normal(size=(2, 5, 3))))[:4] for _ in range(2000)]
    np.testing.assert_allclose(np.mean(values), 0.25, atol=0.02)


def test_samples_are_cut_with_their_negations():
    few = scored(PLAIN, AFTER[2:4]).between(2, 4)
    np.testing.assert_array_equal(NEGATION(few), [0, 1])


def test_other_texts_are_refused():
    given = scored(PLAIN, AFTER)
    with pytest.raises(InputError, match=r"^negated must be x with one more token; received something else"):
        NEGATION(given._replace(negated=np.array([[2, 1, 3], [4, 4, 4], *NEGATED[2:]])))
    with pytest.raises(InputError, match=r"^negated must be tokens in the shape of x, \(5, 3\); received shape"):
        NEGATION(given._replace(negated=NEGATED[:, :2]))
