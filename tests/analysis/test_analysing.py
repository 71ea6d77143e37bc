"""``analyse``: every analysis that applies, on a page and in tables; what does not apply is said."""

import csv
from importlib.util import find_spec

import keras
import numpy as np
import pytest
from keras import layers

import thesis_rnn
from thesis_rnn.analysis import ANALYSES, AnalysisSpec, analysis_specs
from thesis_rnn.errors import InputError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 8, 3)).astype("float32")


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((8, 3)), layers.LSTM(4, name="cell"), layers.Dense(2, "softmax")])


@pytest.fixture(scope="module")
def analysed(model):
    return thesis_rnn.analyse(model, X)


def test_every_analysis_is_there_or_says_why_not(analysed):
    assert {*analysed.findings, *analysed.left_out} == set(ANALYSES)
    extra = "surrogate needs hmmlearn: pip install 'thesis_rnn[hmm]'; received none installed"
    assert analysed.left_out == {
        "embeddings": "this analysis is of tokens that one Embedding reads; received 0 of them"
    } | ({} if find_spec("hmmlearn") else {"surrogate": extra})
    for finding in analysed.findings.values():
        assert finding.said
        assert {len(row) for row in finding.rows} == {len(finding.header)}
    assert repr(analysed).count("\n") == len(ANALYSES) - 1


def test_a_page_and_a_table_of_each(analysed, tmp_path):
    page = analysed.save(tmp_path).read_text()
    assert page.startswith("<!DOCTYPE html>")
    for name, finding in analysed.findings.items():
        assert ANALYSES[name].title in page
        with (tmp_path / f"{name}.csv").open(newline="") as lines:
            header, *rows = csv.reader(lines)
        assert header == list(finding.header)
        assert len(rows) == len(finding.rows)


def test_the_model_is_only_read(model):
    before = [weight.copy() for weight in model.get_weights()]
    thesis_rnn.analyse(model, X, analyses="bands(width=4); windows(of=components)")
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_words_of_a_network_that_reads_tokens():
    keras.utils.set_random_seed(1)
    cell = layers.Bidirectional(layers.GRU(2, name="gru"), name="both")
    model = keras.Sequential(
        [keras.Input((5,), dtype="int32"), layers.Embedding(7, 3, mask_zero=True), cell, layers.Dense(1)]
    )
    x = np.pad(RNG.integers(1, 7, (40, 4)), ((0, 0), (0, 1)))
    words = ["(padding)", "a", "b", "c", "d", "e", "f"]
    found = thesis_rnn.analyse(model, x, words=words, analyses="embeddings; windows(width=2); mimic")
    assert {row[0] for row in found.findings["embeddings"].rows} == set(words[1:])
    windows = found.findings["windows(width=2)"]
    assert {row[0] for row in windows.rows} == {"both/forward_gru", "both/backward_gru"}
    _, unit, sample, start, stop, state, text = next(row for row in windows.rows if row[0] == "both/forward_gru")
    assert text.split() == [words[token] for token in x[sample, start:stop]]
    assert stop <= 4  # never in padding
    embedded = model.layers[0](x[[sample], :stop])
    assert state == pytest.approx(float(cell.forward_layer(embedded)[0, unit]), abs=1e-6)
    assert found.findings["mimic"].header[1] == "R^2 with the network"


def test_specs_are_checked_before_anything_is_computed():
    assert [spec.text for spec in analysis_specs("weights;saturation( low=0.2 )")] == ["weights", "saturation(low=0.2)"]
    assert AnalysisSpec("windows", {"width": 3}).file_name == "windows_width_3"
    for text, message in (
        ("wieghts", "did you mean weights?"),
        ("saturation(lo=1)", "lo"),
        ("mimic(depth=x)", "depth"),
        ("mimic; mimic", "each analysis once"),
    ):
        with pytest.raises(InputError, match=message.replace("?", r"\?")):
            analysis_specs(text)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"model": None}, r"^a Functional or Sequential Keras model of one input is analysed; received None$"),
        ({"x": X[:, :5]}, r"received .*5"),
        ({"x": np.full_like(X, np.nan)}, r"received .*nan"),
        ({"y": np.zeros(3, int)}, r"^y must have an entry for each of 60 samples; received 3$"),
        ({"y": np.full(60, 5)}, r"^y: labels must lie in 0..1; received 5 at index 0$"),
        ({"lengths": [1, 2]}, r"^lengths must have an entry for each of 60 samples; received 2$"),
        ({"layers": ["no"]}, r"^layers of the model are .*cell.*; received no$"),
        ({"analyses": "embeddings"}, r"^this analysis is of tokens that one Embedding reads; received 0 of them$"),
        ({"words": ["a"]}, r"^words are of tokens, integers \[n, steps\]; received float32 \[60, 8, 3\]$"),
        ({"seed": -1}, r"^seed must be a whole number of at least 0; received -1$"),
    ],
)
def test_bad_input(model, given, message):
    with pytest.raises(InputError, match=message):
        thesis_rnn.analyse(**{"model": model, "x": X, "analyses": "saturation"} | given)
