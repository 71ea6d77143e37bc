"""Templates and sentences with a rated word negated."""

import numpy as np
import pytest

from thesis_rnn.data import negated, negation_templates
from thesis_rnn.errors import InputError

WORDS = ("", "[unknown]", "it", "is", "the", "film", "was", "not", "good", "bad", "table")
VALENCE = np.array([np.nan] * 8 + [1.9, -2.5, 0.1])


def said(tokens):
    return [" ".join(WORDS[token] for token in row if token) for row in tokens]


def test_templates_are_of_known_frames_and_rated_words_the_most_extreme_first():
    found = negation_templates(WORDS, VALENCE, steps=6)
    assert said(found.x) == ["it is bad", "the film was bad", "it is good", "the film was good"]
    assert said(found.negated) == ["it is not bad", "the film was not bad", "it is not good", "the film was not good"]
    np.testing.assert_array_equal(found.valence[0], [np.nan, np.nan, -2.5, np.nan, np.nan, np.nan])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it is good", "it is not good"),
        ("good film", "good film"),  # no form of "to be" before it
        ("it is not good", "it is not good"),  # is negated already
        ("it is table", "it is table"),  # says nothing
        ("it is good film was bad", "it is good film was not bad"),  # the more extreme one
        ("it is good it is good it", "it is good it is good it"),  # no room
        ("good", "good"),
    ],
)
def test_one_word_of_a_text_is_negated(text, expected):
    x = np.zeros((1, 7), int)
    x[0, : len(text.split())] = [WORDS.index(word) for word in text.split()]
    assert said(negated(x, WORDS, VALENCE)) == [expected]


def test_templates_without_words_are_refused():
    with pytest.raises(InputError, match=r"^templates need the word 'not', a frame, rated words and 5 steps; received"):
        negation_templates(WORDS[:6], VALENCE[:6], 6)
    with pytest.raises(InputError, match=r"^templates need "):
        negation_templates(WORDS, VALENCE, 3)
