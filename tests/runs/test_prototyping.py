"""Prototypes of a run and of a file, and the corpus report of a run: what is written, and what is refused."""

import keras
import numpy as np
import pytest

from tests.helpers import tiny_run
from thesis_rnn.attribution import method_spec
from thesis_rnn.errors import InputError
from thesis_rnn.runs.corpus_stage import report_corpus
from thesis_rnn.runs.prototyping import Wanted, prototypes_of_model, prototypes_of_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return tiny_run.copy(tmp_path_factory.mktemp("runs") / "run")


def test_prototypes_of_a_run_lie_in_its_folder(run):
    _, table, place = prototypes_of_run(run, Wanted("0,3", options={"steps": 3}))
    assert [line.split()[0] for line in table.splitlines()[1:3]] == ["0", "3"]
    assert place.name == "classes_l2"
    stored = np.load(f"{place}.npz")
    assert stored["x"].shape == (2, 2, 28, 42)
    assert stored["x"].min() >= -1
    assert all(run.is_intact(place.with_name(f"{place.name}{ending}")) for ending in (".png", ".npz", ".txt"))


def test_prototypes_of_a_model_of_one_s_own(tmp_path):
    model = keras.Sequential([keras.Input((4, 2)), keras.layers.SimpleRNN(3, name="cell"), keras.layers.Dense(2)])
    data = np.random.default_rng(0).normal(size=(20, 4, 2))
    wanted = Wanted(unit="cell/hidden:2", options={"steps": 3})
    _, table, place = prototypes_of_model(model, data, wanted, tmp_path / "out")
    assert "cell/hidden:2" in table
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"{place.name}{ending}" for ending in (".npz", ".png", ".txt")
    ]


def test_a_single_sigmoid_unit_has_two_classes(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, "sigmoid")])
    data = np.random.default_rng(0).normal(size=(20, 3))
    _, table, place = prototypes_of_model(model, data, Wanted(options={"steps": 60}), tmp_path)
    assert [line.split()[0] for line in table.splitlines()[1:]] == ["0", "1"]
    found = np.load(f"{place}.npz")
    p = model.predict(found["x"], verbose=0)[:, 0]
    np.testing.assert_allclose(found["p"], [1 - p[0], p[1]], rtol=1e-4)


@pytest.mark.parametrize("text", ["0;1", "a", "-1", ""])
def test_targets_that_are_no_classes_are_refused(text):
    with pytest.raises(InputError, match=r"^targets are classes separated by commas, or all; received "):
        Wanted(text).arguments(10)


def test_all_classes_are_asked_for_by_default():
    assert Wanted().arguments(3) == {"target": [0, 1, 2]}


def test_the_corpus_report_of_a_run_and_of_two(run, tmp_path):
    mask = np.zeros((2, 28, 42))
    mask[:, :4] = 1
    np.save(tmp_path / "mask.npy", mask)
    page = report_corpus(run, method_spec("sensitivity"), str(tmp_path / "mask.npy"), against=run, limit=40)
    for title in (
        "# Digits",
        "## Mean relevance of each step",
        "## Share of relevance inside the mask",
        "## Two models",
    ):
        assert title in page
    assert "Mean cosine between their heatmaps: 1 [1, 1]." in page
    assert (run.path / "corpus" / "report.md").read_text() == page
    assert sorted(path.stem for path in (run.path / "corpus").glob("*.png")) == ["clusters", "means", "two_models"]
    np.save(tmp_path / "mask.npy", mask[0])
    with pytest.raises(InputError, match=r"^mask must have the shape \[2, 28, 42\]"):
        report_corpus(run, method_spec("sensitivity"), str(tmp_path / "mask.npy"), limit=40)
