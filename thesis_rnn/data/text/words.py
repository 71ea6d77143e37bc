"""From texts to tokens: 0 is padding, 1 an unknown word, then the words of training texts, the most frequent first."""

import collections
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

PADDING, UNKNOWN = "", "[unknown]"
WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9]+")


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, and its numbers; punctuation is left out.

    Returns:
      Words in the order of the text.

    Example:
      >>> words_of("It's NOT a good film, 2 of 10.")
      ["it's", 'not', 'a', 'good', 'film', '2', 'of', '10']
    """
    return WORD.findall(text.lower())


def vocabulary_of(texts: Iterable[Sequence[str]], size: int) -> tuple[str, ...]:
    """The word of each token: padding, the unknown word, and the ``size`` - 2 most frequent words of ``texts``.

    Words of one frequency are in alphabetical order.

    Returns:
      At most ``size`` words.

    Example:
      >>> vocabulary_of([["b", "a", "a"], ["c"]], size=4)
      ('', '[unknown]', 'a', 'b')
    """
    counts = collections.Counter(word for text in texts for word in text)
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return (PADDING, UNKNOWN, *ranked[: size - 2])


def tokens_of(texts: Sequence[Sequence[str]], vocabulary: Sequence[str], steps: int) -> tuple[np.ndarray, np.ndarray]:
    """The texts as tokens, cut at ``steps`` words or padded behind their end, and how many tokens are their own.

    Returns:
      int32 [n, steps] and int32 [n].

    Example:
      >>> tokens, lengths = tokens_of([["a", "x"], ["b"]], ("", "[unknown]", "a", "b"), steps=3)
      >>> tokens.tolist(), lengths.tolist()
      ([[2, 1, 0], [3, 0, 0]], [2, 1])
    """
    place = {word: token for token, word in enumerate(vocabulary)}
    tokens = np.zeros((len(texts), steps), np.int32)
    for row, text in zip(tokens, texts, strict=True):
        row[: len(text)] = [place.get(word, 1) for word in text[:steps]]
    return tokens, np.array([min(len(text), steps) for text in texts], np.int32)


def speaking_for(x: np.ndarray, y: np.ndarray, valence: np.ndarray) -> np.ndarray:
    """Whether people rate a word as its text's class says: valence above 0 in class 1, below 0 in class 0.

    Args:
      x: tokens [n, steps].
      y: 0 or 1 [n].
      valence: of each token [vocabulary]; NaN where nobody rated it.

    Returns:
      bool [n, steps].

    Example:
      >>> speaking_for(np.array([[1, 2], [1, 2]]), np.array([1, 0]), np.array([np.nan, 2.5, -1.0])).tolist()
      [[True, False], [False, True]]
    """
    sign = np.where(np.asarray(y) == 1, 1.0, -1.0)
    return np.nan_to_num(valence)[x] * sign[:, np.newaxis] > 0


def valence_by_token(valence: Mapping[str, float], vocabulary: Sequence[str]) -> np.ndarray:
    """The valence of each word of the vocabulary, float64; NaN where it has none.

    Example:
      >>> valence_by_token({"good": 1.9}, ("", "[unknown]", "good")).tolist()
      [nan, nan, 1.9]
    """
    return np.array([valence.get(word, np.nan) for word in vocabulary], np.float64)
