"""Words, tokens, and the words that people rated as their text's class says."""

import numpy as np

from thesis_rnn.data.text.words import speaking_for, tokens_of, valence_by_token, vocabulary_of, words_of


def test_words_are_small_letters_numbers_and_apostrophes_inside():
    assert words_of("Don't -- 'stop', \"Hey\" 3.5 naïve") == ["don't", "stop", "hey", "3", "5", "na", "ve"]
    assert words_of("...") == []


def test_the_vocabulary_is_ordered_by_frequency_then_alphabet():
    texts = [["b", "c", "a"], ["c"], ["d", "a", "c"]]  # c three times, a twice, b and d once
    assert vocabulary_of(texts, 10) == ("", "[unknown]", "c", "a", "b", "d")
    assert vocabulary_of(texts, 3) == ("", "[unknown]", "c")


def test_texts_are_cut_and_padded_and_unknown_words_are_token_1():
    tokens, lengths = tokens_of([["a", "b", "x", "a"], [], ["b"]], ("", "[unknown]", "a", "b"), steps=3)
    assert tokens.tolist() == [[2, 3, 1], [0, 0, 0], [3, 0, 0]]
    assert lengths.tolist() == [3, 0, 1]


def test_evidence_against_a_loop():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 9, (20, 6)), rng.integers(0, 2, 20)
    valence = rng.normal(size=9)
    valence[[0, 1, 4]] = np.nan
    expected = [
        [bool(valence[token] > 0 if label else valence[token] < 0) for token in row]
        for row, label in zip(x, y, strict=True)
    ]
    assert speaking_for(x, y, valence).tolist() == expected


def test_words_without_a_rating_have_none():
    valence = valence_by_token({"bad": -2.5, "other": 1.0}, ("", "[unknown]", "bad", "the"))
    np.testing.assert_array_equal(valence, [np.nan, np.nan, -2.5, np.nan])
