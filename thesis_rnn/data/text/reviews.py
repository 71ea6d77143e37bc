"""IMDB's film reviews (Maas et al., 2011) through tensorflow-datasets, which reads or downloads them when asked."""

import functools
import os
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from thesis_rnn.data.folders import named_folders
from thesis_rnn.data.images.prepared import prepared_home
from thesis_rnn.data.images.published import can_connect
from thesis_rnn.data.own.source import last_sixths
from thesis_rnn.data.problem import PROBLEMS, Problem, Split
from thesis_rnn.data.text.sentences import METHODS, TRAINING
from thesis_rnn.data.text.texts import Texts
from thesis_rnn.data.text.words import tokens_of, vocabulary_of, words_of
from thesis_rnn.errors import InputError

NAME, HOST, PORT = "imdb_reviews", "ai.stanford.edu", 443
STEPS, WORDS = 120, 8_000


class Read(NamedTuple):
    """The reviews as tokens."""

    splits: dict[str, Split]
    vocabulary: tuple[str, ...]


@dataclass(frozen=True)
class FilmReviews(Texts):
    """The first 120 words of each review as tokens, of two classes (a ``data.problem.Source``).

    ``data_dir`` is a folder of tensorflow-datasets, by default its own. The last sixth of each class of the training
    reviews is the validation set.
    """

    steps = STEPS
    evidence = None
    vocabulary_size = WORDS

    def read(self, data_dir: str | os.PathLike | None) -> Read:
        """The reviews of the folder of tensorflow-datasets that has them.

        Raises:
          InputError: reviews that are neither prepared nor can be downloaded.
        """
        return _read(self._home(data_dir))

    def is_available(self, data_dir: str | os.PathLike | None = None) -> bool:
        """Whether the reviews are prepared or, after at most 5 s of probing the connection, could be downloaded."""
        return _prepared(data_dir) is not None or (not data_dir and can_connect(HOST, PORT))

    def _home(self, data_dir) -> str:
        """The folder of tensorflow-datasets to read from; a download is tried only where the host answers."""
        if found := _prepared(data_dir):
            return found
        if not data_dir and can_connect(HOST, PORT):
            return os.fspath(prepared_home())
        searched = ", ".join(map(os.fspath, _homes(data_dir)))
        network = "" if data_dir else f" and no connection to {HOST}:{PORT}"
        raise InputError(
            f"{NAME} comes from tensorflow-datasets: with network, or prepared in TFDS_DATA_DIR or --data_dir; "
            f"received none in {searched}{network}"
        )


def _homes(data_dir) -> list:
    return named_folders(data_dir) + ([] if data_dir else [prepared_home()])


def _prepared(data_dir) -> str | None:
    """The first folder in which the reviews are prepared."""
    found = (home for home in _homes(data_dir) if any((home / NAME / "plain_text").glob("*/dataset_info.json")))
    return next(map(os.fspath, found), None)


@functools.lru_cache(maxsize=1)
def _read(home: str) -> Read:
    import tensorflow_datasets as tfds

    in_file_order = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False)
    texts, labels = {}, {}
    try:
        builder = tfds.builder(f"{NAME}/plain_text", data_dir=home)
        builder.download_and_prepare(download_config=tfds.download.DownloadConfig(try_download_gcs=False))
        for part in ("train", "test"):
            stored = tfds.as_numpy(builder.as_dataset(split=part, batch_size=-1, read_config=in_file_order))
            texts[part] = [words_of(text.decode("utf-8", "replace")) for text in stored["text"]]
            labels[part] = np.asarray(stored["label"], np.int32)
    except Exception as error:  # a lost connection and damaged files show in exceptions of many packages
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise InputError(f"tensorflow-datasets could not read {NAME} in {home}; received {reason[:200]}") from error
    return read_texts(texts, labels)


def read_texts(texts: dict[str, list[list[str]]], labels: dict[str, np.ndarray]) -> Read:
    """The words of "train" and "test" reviews as splits of tokens."""
    kept, held_out = last_sixths(labels["train"])
    vocabulary = vocabulary_of([texts["train"][place] for place in kept], WORDS)
    wholes = {}
    for part, own in texts.items():
        x, lengths = tokens_of(own, vocabulary, STEPS)
        wholes[part] = Split(x, labels[part], lengths=lengths)
    train = wholes["train"]
    return Read({"train": train.take(kept), "validation": train.take(held_out), "test": wholes["test"]}, vocabulary)


PROBLEMS.add(
    NAME,
    Problem(
        "IMDB reviews",
        FilmReviews(),
        domain="tokens",
        training=replace(TRAINING, epochs=2),
        methods=METHODS,
        measures="half_life; masked_accuracy; step_share",
        units=32,
        text="50,000 film reviews, positive or negative, their first 120 words (Maas et al., 2011)",
    ),
)
