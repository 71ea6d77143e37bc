"""Sentences of film reviews that people rated, and words that other people rated (Hutto and Gilbert, 2014).

``<data_dir>/text/movie_sentences.tsv`` (or .tsv.gz) has the columns id, rating, text; ``valence.tsv`` word, mean, std.
The ratings of words were collected independently of the sentences and of any model: they are evidence at the level of
words.
"""

import csv
import functools
import gzip
import os
import pathlib
import zlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from thesis_rnn.data.folders import DATA_DIR_VARIABLE, named_folders
from thesis_rnn.data.problem import PROBLEMS, Problem, Split, Training
from thesis_rnn.data.text.texts import Texts
from thesis_rnn.data.text.words import speaking_for, tokens_of, valence_by_token, vocabulary_of, words_of
from thesis_rnn.errors import InputError

STEPS, WORDS = 51, 8_000
"""The longest sentence has 51 words."""
LEAST_RATING = 0.5
"""Sentences whose mean rating is nearer to 0 are left out, on a scale from -4 to 4."""
SHARE = 6
"""A sixth of the sentences, drawn once and for all, is the test set, another sixth the validation set."""
FILES = ("movie_sentences", "valence")


class Read(NamedTuple):
    """All that the two files hold, as tokens."""

    splits: dict[str, Split]
    vocabulary: tuple[str, ...]
    valence: np.ndarray


@dataclass(frozen=True)
class RatedSentences(Texts):
    """Sentences as tokens, of two classes: the sign of their rating (a ``data.problem.Source``).

    The evidence is every word whose own rating has the sign of the sentence's.
    """

    steps = STEPS
    evidence = "tokens"
    vocabulary_size = WORDS

    def valence(self, data_dir: str | os.PathLike | None = None) -> np.ndarray:
        """The mean rating of each token's word, float64 [vocabulary]; NaN where nobody rated it."""
        return self.read(data_dir).valence

    def is_available(self, data_dir: str | os.PathLike | None = None) -> bool:
        """Whether both files are at hand."""
        return _places(data_dir) is not None

    def read(self, data_dir: str | os.PathLike | None) -> Read:
        """The two files.

        Raises:
          InputError: files that are nowhere to be found, or damaged.
        """
        places = _places(data_dir)
        if places is None:
            searched = ", ".join(map(str, named_folders(data_dir))) or "no folder"
            raise InputError(
                f"movie_sentences comes from --data_dir=DIR or {DATA_DIR_VARIABLE}=DIR with DIR/text/"
                f"movie_sentences.tsv and DIR/text/valence.tsv, plain or .gz; received none in {searched}"
            )
        return _read(places, tuple((place.stat().st_mtime_ns, place.stat().st_size) for place in places))


def _places(data_dir) -> tuple[pathlib.Path, ...] | None:
    """The two files; None where one is missing."""
    for folder in named_folders(data_dir):
        found = [
            next((path for end in (".tsv", ".tsv.gz") if (path := folder / "text" / f"{name}{end}").is_file()), None)
            for name in FILES
        ]
        if all(found):
            return tuple(found)
    return None


@functools.lru_cache(maxsize=1)
def _read(places: tuple[pathlib.Path, ...], stamps: tuple) -> Read:
    """Kept, because a run asks for each split and for the words one by one."""
    sentences, words = places
    rated = [(float(row["rating"]), words_of(row["text"])) for row in _rows(sentences, ("rating", "text"))]
    rated = [(rating, text) for rating, text in rated if abs(rating) >= LEAST_RATING and text]
    if len(rated) < SHARE:
        raise InputError(f"{sentences}: expected rated sentences; received {len(rated)}")
    texts, y = [text for _, text in rated], np.array([rating > 0 for rating, _ in rated], np.int32)
    places_of = _divided(len(y))
    vocabulary = vocabulary_of([texts[place] for place in places_of["train"]], WORDS)
    means = {row["word"]: float(row["mean"]) for row in _rows(words, ("word", "mean"))}
    valence = valence_by_token(means, vocabulary)
    x, lengths = tokens_of(texts, vocabulary, STEPS)
    whole = Split(x, y, speaking_for(x, y, valence), lengths)
    splits = {name: whole.take(chosen) for name, chosen in places_of.items()}
    for array in (valence, *(array for own in splits.values() for array in own)):
        array.flags.writeable = False  # it is given to everyone who asks
    return Read(splits, vocabulary, valence)


def _divided(count: int) -> dict[str, np.ndarray]:
    """Split -> the places of its sentences, in the order of the file."""
    order, held_out = np.random.default_rng(0).permutation(count), count // SHARE
    parts = {"test": order[:held_out], "validation": order[held_out : 2 * held_out], "train": order[2 * held_out :]}
    return {name: np.sort(places) for name, places in parts.items()}


def _rows(path: pathlib.Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        for row in rows:
            float(row[columns[0]] if columns[0] == "rating" else row[columns[1]])
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: expected an undamaged file; received {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: expected the columns {' and '.join(columns)}; received {error}") from None
    return rows


TRAINING = Training(epochs=4, batch_size=50, learning_rate=2e-3, schedule="constant", dropout=0.5, loss="softmax")
"""An LSTM overfits after two epochs; the best of four by validation accuracy is kept."""
METHODS = "gradient_x_input; lrp_epsilon"
MEASURES = (
    "roc_auc; average_precision; mass_accuracy; rank_accuracy; pointing_game; half_life; masked_accuracy; step_share"
)

PROBLEMS.add(
    "movie_sentences",
    Problem(
        "Movie sentences",
        RatedSentences(),
        domain="tokens",
        training=TRAINING,
        methods=METHODS,
        measures=MEASURES,
        units=32,
        text="sentences of film reviews, positive or negative, and people's ratings of words (Hutto and Gilbert, 2014)",
    ),
)
