"""The models that come with the package: they load, they are what their cards say, and they are small."""

import re
import shutil

import keras
import numpy as np
import pytest

import thesis_rnn
from tests.helpers import tiny_run
from thesis_rnn.errors import InputError
from thesis_rnn.papers.chormai_2018 import zoo as exporting
from thesis_rnn.plans.tasks import Task
from thesis_rnn.runs.training import stored_settings
from thesis_rnn.training import zoo


def test_the_zoo_has_the_models_that_are_exported_and_stays_small():
    known = {f"{arch}/{dataset}" for arch in exporting.ARCHITECTURES for dataset in exporting.DATA_SETS}
    assert set(thesis_rnn.zoo_names()) == known
    readme = (zoo.FOLDER.parent.parent / "README.md").read_text(encoding="utf-8")
    assert all(name in known for name in re.findall(r"zoo:(\w+/\w+)", readme))
    assert sum(path.stat().st_size for path in zoo.FOLDER.rglob("*") if path.is_file()) < exporting.LARGEST


@pytest.mark.parametrize("name", zoo.zoo_names())
def test_a_card_tells_where_a_model_comes_from(name):
    card = thesis_rnn.zoo_card(name)
    assert f"{card['architecture']}/{card['dataset']}" == name
    assert 0.85 < card["accuracy"] < 1
    assert set(card["cosine"]) == {"SA", "GB", "DTD", "LRP-a1.5b0.5"}
    assert card["licence"]


def test_a_model_is_loaded_compiled_and_can_be_explained():
    model = thesis_rnn.load("zoo:rlstm_sd/mnist_maj")
    x = np.random.default_rng(0).uniform(-1, 1, (3, 12, 28, 7)).astype("float32")
    assert np.isfinite(model.evaluate(x, np.array([1, 2, 3]), verbose=0)).all()
    explanation = thesis_rnn.explain(model, x, target=np.array([1, 2, 3]), method="sensitivity")
    assert explanation.relevance.shape == x.shape


def test_a_model_that_is_not_the_one_of_the_package_is_refused(tmp_path, monkeypatch):
    shutil.copytree(zoo.FOLDER / "mnist_maj", tmp_path / "mnist_maj")
    monkeypatch.setattr(zoo, "FOLDER", tmp_path)
    assert thesis_rnn.load("zoo:shallow/mnist_maj").count_params()
    shutil.copyfile(tmp_path / "mnist_maj/deep.keras", tmp_path / "mnist_maj/shallow.keras")
    with pytest.raises(InputError, match=r"^a model of the zoo is damaged, install thesis_rnn again; received "):
        thesis_rnn.load("zoo:shallow/mnist_maj")


def test_an_unknown_model_lists_those_that_there_are():
    with pytest.raises(InputError, match=r"^the zoo has .*rlstm_sd/mnist_maj.*; received 'lstm/mnist_maj'$"):
        thesis_rnn.load("zoo:lstm/mnist_maj")


@pytest.fixture
def task(tmp_path):
    folder = tiny_run.copy(tmp_path / "digits_maj" / "shallow-2" / "original-0")
    return Task(stored_settings(folder), "here", tmp_path)


def test_an_exported_model_is_the_trained_one_without_its_optimizer(monkeypatch, tmp_path, task):
    monkeypatch.setitem(exporting.LICENCES, "digits_maj", "none needed")
    assert exporting.export([task], tmp_path / "zoo") == ["shallow/digits_maj"]
    exported = tmp_path / "zoo" / "digits_maj" / "shallow.keras"
    assert exported.stat().st_size < task.folder.model.stat().st_size / 2
    one, other = thesis_rnn.load(exported), thesis_rnn.load(task.folder.path)
    assert isinstance(one, keras.Model)
    assert not one.compiled
    for mine, its in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, its)
    monkeypatch.setattr(zoo, "FOLDER", tmp_path / "zoo")
    assert zoo.zoo_card("shallow/digits_maj")["accuracy"] == task.folder.read_metrics()["facts"]["accuracy"]


def test_a_zoo_that_has_grown_too_large_is_refused(monkeypatch, tmp_path, task):
    monkeypatch.setitem(exporting.LICENCES, "digits_maj", "none needed")
    monkeypatch.setattr(exporting, "LARGEST", 1000)
    with pytest.raises(InputError, match=r"^the zoo must stay below 1000 bytes; received \d+$"):
        exporting.export([task], tmp_path / "zoo")
