"""Relevance of words beside what people say of them."""

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.measures import Scored, valence_correlation_of_all
from thesis_rnn.measures.human.valence import valence_correlation

NAN = np.nan


def scored(relevance, valence, target=(1,), **more):
    relevance = np.asarray(relevance, float)
    return Scored(relevance, np.ones(relevance.shape, int), np.asarray(target), valence=np.asarray(valence), **more)


def test_by_hand():
    valence = [[3.0, NAN, -2.0, 1.0]]
    np.testing.assert_allclose(valence_correlation(scored([[9, 5, -9, 0]], valence)), 1)
    np.testing.assert_allclose(valence_correlation(scored([[9, 5, -9, 0]], valence, [0])), -1)  # it speaks for class 1
    unrated_word = scored([[0, 99, -9, 9]], valence)  # does not count
    assert valence_correlation(unrated_word).round(6).tolist() == [0.5]


def test_few_rated_words_and_padding_say_nothing():
    valence = [[3.0, -2.0, 1.0, 0.5]]
    assert np.isnan(valence_correlation(scored([[1, 2, 3, 4]], [[3.0, -2.0, NAN, NAN]]))).all()
    assert np.isnan(valence_correlation(scored([[1, 2, 3, 4]], valence, lengths=np.array([2])))).all()
    assert np.isnan(valence_correlation(scored([[1, 1, 1, 1]], valence))).all()


def test_all_sentences_together():
    given = scored([[1, 2], [3, 4]], [[-2.0, -1.0], [1.0, 2.0]], [1, 1])
    assert np.isnan(valence_correlation(given)).all()
    assert valence_correlation_of_all(given) == pytest.approx(1)
    assert np.isnan(valence_correlation_of_all(scored([[1, 2]], [[NAN, 1.0]])))


def test_valence_must_fit():
    with pytest.raises(InputError, match=r"valence must be given for each token, \(1, 2\)"):
        valence_correlation(scored([[1, 2]], [[1.0]]))
    with pytest.raises(InputError, match="received none"):
        valence_correlation(scored([[1, 2]], [[1.0, 2.0]])._replace(valence=None))
