"""Explanations in files: what is saved comes back, and what cannot be saved or read is told."""

import dataclasses
import re
import zipfile

import keras
import numpy as np
import pytest

from tests.helpers.small_networks import lift, samples, small
from thesis_rnn import Explanation, explain
from thesis_rnn.attribution.ledger import Row
from thesis_rnn.errors import InputError


def by_hand(**replaced):
    """An explanation of two samples of three features each."""
    fields = {
        "relevance": np.array([[1.0, 2.0, -0.5], [0.0, 0.0, 0.0]], np.float32),
        "logits": np.array([[3.0, 1.0], [-1.0, 4.0]], np.float32),
        "target": np.array([0, 0], np.int32),
        "value": np.array([3.0, -1.0], np.float32),
        "explained": np.array([3.0, 0.0], np.float32),
        "method": "lrp",
        "parameters": {"alpha": 2.0, "beta": None, "inputs": "real"},
        "conserves": True,
    }
    return Explanation(**fields | replaced)


def assert_same(first, second):
    """Compares every field; arrays by value and type."""
    for item in dataclasses.fields(Explanation):
        if item.name == "x":
            continue  # inputs are not kept in files
        one, other = (getattr(explanation, item.name) for explanation in (first, second))
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
        np.testing.assert_equal(other, one)
        assert type(other) is type(one)


def saved_and_loaded(explanation, folder):
    explanation.save(folder / "explanation.npz")
    return Explanation.load(folder / "explanation.npz")


def test_a_record_comes_back_as_it_was(tmp_path):
    loaded = saved_and_loaded(by_hand(), tmp_path)
    assert_same(by_hand(), loaded)
    # 3 - (1 + 2 - 0.5) = 0.5; the second logit is negative, so that nothing is explained
    np.testing.assert_array_equal(loaded.absorbed, [0.5, 0.0])
    np.testing.assert_array_equal(loaded.unexplained, [False, True])


def test_ledger_rows_and_states_come_back(tmp_path):
    rows = (
        Row("lstm/candidate", 0, "bias", np.array([0.25, 0.0], np.float32)),
        Row("dense", None, "dead denominator", np.array([0.25, 0.0], np.float32)),
    )
    states = {"lstm/hidden": np.arange(12.0).reshape(2, 3, 2), "lstm/cell": np.zeros((2, 3, 2))}
    loaded = saved_and_loaded(by_hand(ledger=rows, states=states), tmp_path)
    assert_same(by_hand(ledger=rows, states=states), loaded)
    assert [row[:3] for row in loaded.ledger] == [("lstm/candidate", 0, "bias"), ("dense", None, "dead denominator")]
    np.testing.assert_array_equal(loaded.unaccounted, [0.0, 0.0])  # 0.5 - 0.25 - 0.25


def test_parameters_that_are_arrays_or_sequences_come_back_as_arrays(tmp_path):
    parameters = {"low": (-1.0, 0.0), "root": np.eye(2), "points": np.int64(3), "noise": float("inf")}
    loaded = saved_and_loaded(by_hand(parameters=parameters), tmp_path).parameters
    assert list(loaded) == ["low", "root", "points", "noise"]
    np.testing.assert_array_equal(loaded["low"], [-1.0, 0.0])
    np.testing.assert_array_equal(loaded["root"], np.eye(2))
    assert (loaded["points"], loaded["noise"]) == (3, float("inf"))


def test_an_explanation_of_a_network_comes_back(tmp_path):
    model = lift(small("rlstm", 2))
    x, target = samples(model)
    explanation = explain(model, x, target, method="lrp", alpha=2.0, ledger=True, states=True)
    assert explanation.ledger
    assert explanation.states
    assert_same(explanation, saved_and_loaded(explanation, tmp_path))


def test_every_class_comes_back(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    explanation = explain(model, np.eye(3), method="gradient_x_input", every_class=True)
    assert explanation.relevance.shape == (3, 2, 3)
    assert_same(explanation, saved_and_loaded(explanation, tmp_path))


# ---- what cannot be saved or read


def test_a_parameter_that_is_an_object_is_refused_and_leaves_the_file_as_it_was(tmp_path):
    by_hand().save(tmp_path / "explanation.npz")
    with pytest.raises(InputError, match=r"^parameter rule cannot be saved, .*; received <object object at .*>$"):
        by_hand(parameters={"rule": object()}).save(tmp_path / "explanation.npz")
    assert_same(by_hand(), Explanation.load(tmp_path / "explanation.npz"))
    assert [path.name for path in tmp_path.iterdir()] == ["explanation.npz"]


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^explanations are saved as \.npz; received '.*explanation\.txt'$"):
        by_hand().save(tmp_path / "explanation.txt")


def truncated(path):
    path.write_bytes(path.read_bytes()[:-40])


def without_logits(path):
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored if name != "logits"}
    np.savez(path, **arrays)


def pickled(path):
    np.savez(path, relevance=np.array([object()]))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (truncated, "not an .npz file, or a damaged one"),
        (without_logits, "'logits'"),
        (pickled, "Object arrays cannot be loaded"),
        (lambda path: path.unlink(), "No such file"),
        (lambda path: path.write_text("relevance"), "not an .npz file"),
    ],
)
def test_a_file_that_is_no_explanation_is_told(tmp_path, damage, reason):
    path = tmp_path / "explanation.npz"
    by_hand().save(path)
    assert zipfile.is_zipfile(path)
    damage(path)
    with pytest.raises(InputError, match=rf"^expected a file of Explanation\.save; received .*: .*{re.escape(reason)}"):
        Explanation.load(path)
