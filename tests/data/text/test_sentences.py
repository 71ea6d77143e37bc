"""Problems of text: sentences with rated words, and reviews that are read only when they are asked for."""

import numpy as np
import pytest

from thesis_rnn.data import PROBLEMS, load
from thesis_rnn.data.text import reviews
from thesis_rnn.errors import InputError

SENTENCES = "id\trating\ttext\n" + "".join(
    f"{number}\t{rating}\t{text}\n"
    for number, (rating, text) in enumerate(
        [
            (2.0, "a good film"),
            (-1.5, "Bad, bad"),
            (0.4, "neither"),
            (0.5, "good"),
            (-3, "a bad one"),
            (1, "a nice one"),
        ]
        + [(1, "good one"), (-1, "bad one")]
    )
)
VALENCE = "word\tmean\tstd\ngood\t1.9\t0.9\nbad\t-2.5\t0.6\n:)\t2.0\t1.0\n"


def written(folder, sentences=SENTENCES, valence=VALENCE):
    (folder / "text").mkdir()
    (folder / "text" / "movie_sentences.tsv").write_text(sentences)
    (folder / "text" / "valence.tsv").write_text(valence)
    return folder


def test_sentences_near_zero_are_left_out_and_each_is_in_one_split(tmp_path):
    folder, source = written(tmp_path), PROBLEMS["movie_sentences"].source
    splits = [load("movie_sentences", split, data_dir=folder) for split in ("train", "validation", "test")]
    assert [len(split.y) for split in splits] == [5, 1, 1]
    words = np.asarray(source.vocabulary(folder))
    for split in splits:
        own = words[split.x]
        assert split.x.shape == (len(split.y), 51)
        assert ((own != "").sum(axis=1) == split.lengths).all()
        # Of the rated words, good occurs in sentences of class 1 only, bad in those of class 0.
        np.testing.assert_array_equal(split.evidence, (own == "good") | (own == "bad"))
        assert set(split.y[(own == "good").any(axis=1)]) <= {1}
    valence = dict(zip(words, source.valence(folder), strict=True))
    assert valence["bad"] == -2.5
    assert np.isnan(valence["a"])
    rated = PROBLEMS["movie_sentences"].valence(splits[0].x, folder)
    np.testing.assert_array_equal(rated == -2.5, words[splits[0].x] == "bad")
    assert not PROBLEMS["box_earlier"].is_rated
    assert PROBLEMS["box_earlier"].valence(splits[0].x) is None


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"sentences": "id\ttext\n1\tgood\n"}, r"expected the columns rating and text; received 'rating'$"),
        ({"sentences": SENTENCES.replace("2.0", "two")}, r"expected the columns rating and text; received .*two"),
        ({"valence": "word\tmean\ngood\t?\n"}, r"expected the columns word and mean; received .*'\?'$"),
        ({"sentences": "id\trating\ttext\n1\t2\tgood\n"}, r"expected rated sentences; received 1$"),
    ],
)
def test_damaged_files_are_refused(tmp_path, files, message):
    with pytest.raises(InputError, match=message):
        load("movie_sentences", "test", data_dir=written(tmp_path, **files))


def test_missing_files_are_one_line(tmp_path):
    with pytest.raises(InputError, match=r"^movie_sentences comes from --data_dir=DIR .*; received none in ") as info:
        load("movie_sentences", "test", data_dir=tmp_path)
    assert len(str(info.value)) <= 400


def test_reviews_that_are_not_there_are_one_line(tmp_path):
    assert not PROBLEMS["imdb_reviews"].source.is_available(tmp_path)
    with pytest.raises(
        InputError, match=r"^imdb_reviews comes from tensorflow-datasets: .*; received none in "
    ) as info:
        load("imdb_reviews", "test", data_dir=tmp_path)
    assert len(str(info.value)) <= 400


def test_reviews_become_tokens_of_three_splits():
    texts = {"train": [["good"]] * 6 + [["bad", "film"]] * 6, "test": [["good", "new"], ["bad"]]}
    read = reviews.read_texts(texts, {"train": np.repeat([1, 0], 6), "test": np.array([1, 0])})
    assert {name: len(split.y) for name, split in read.splits.items()} == {"train": 10, "validation": 2, "test": 2}
    assert np.asarray(read.vocabulary)[read.splits["test"].x[:, :2]].tolist() == [["good", "[unknown]"], ["bad", ""]]


def test_the_published_sentences(data_dir):
    if not PROBLEMS["movie_sentences"].source.is_available(data_dir):
        pytest.skip("no movie_sentences in the data folder")
    test = load("movie_sentences", "test", data_dir=data_dir)
    assert len(test.y) == 1678
    assert 0.48 < test.y.mean() < 0.52
    assert test.lengths.max() <= 51
    valence = PROBLEMS["movie_sentences"].source.valence(data_dir)
    assert np.isfinite(valence).sum() > 1000
