"""Training on series: the order of batches, when it ends, and that a kill changes nothing."""

import dataclasses

import keras
import numpy as np
import pytest

from thesis_rnn.data import PROBLEMS, Box, BoxData, load
from thesis_rnn.errors import InputError
from thesis_rnn.runs import box_training
from thesis_rnn.runs.box_settings import BoxSettings
from thesis_rnn.training.checkpoints import Checkpoints, read_history
from thesis_rnn.training.run_folder import RunFolder
from thesis_rnn.training.settling import StopWhenSettled

# ---- the end of a training


class Learner:
    """Stands for a model."""

    stop_training = False


def ended_after(folder, epochs, patience):
    """The number of epochs until training ended; each is (accuracy, val_accuracy, val_loss)."""
    stopping = StopWhenSettled(folder, patience)
    stopping.set_model(learner := Learner())
    stopping.on_train_begin()
    for number, (accuracy, val_accuracy, val_loss) in enumerate(epochs, start=1):
        stopping.on_epoch_end(number, {"accuracy": accuracy, "val_accuracy": val_accuracy, "val_loss": val_loss})
        if learner.stop_training:
            return number
    return None


@pytest.mark.parametrize(
    ("epochs", "ended"),
    [
        ([(0.5, 0.5, 1.0), (0.6, 0.5, 1.0), (0.6, 0.5, 1.0)], 3),  # two epochs that are no better
        ([(0.5, 0.5, 1.0), (0.6, 0.5, 0.9), (0.6, 0.5, 0.9)], None),  # the second had a lower loss
        ([(0.5, 0.5, 1.0), (0.6, 0.4, 0.1), (0.6, 0.6, 2.0), (0.6, 0.6, 3.0)], None),  # accuracy decides
        ([(0.5, 0.5, 1.0), (1.0, 0.4, 1.0)], 2),  # all training samples were right
    ],
)
def test_when_a_training_ends(tmp_path, epochs, ended):
    assert ended_after(RunFolder(tmp_path), epochs, patience=2) == ended


def test_what_happened_before_an_interruption_counts(tmp_path):
    folder = RunFolder(tmp_path)
    # The best epoch, and one that is no better: one more of these and patience is at its end.
    folder.history.write_text("accuracy,val_accuracy,val_loss\n0.6,0.7,0.5\n0.6,0.6,0.5\n")
    assert ended_after(folder, [(0.6, 0.6, 0.4)], patience=2) == 1
    assert ended_after(folder, [(0.6, 0.8, 0.4), (0.6, 0.6, 0.4)], patience=2) is None


# ---- a training that is killed


@pytest.fixture
def tiny(monkeypatch):
    """A data set of 12 steps x 8 features in the place of "earlier": 4 updates are an epoch."""
    data = BoxData((Box(0, 4, 1, 7),), steps=12, features=8, train=40, validation=20, test=30)
    monkeypatch.setitem(PROBLEMS._entries, "box_earlier", dataclasses.replace(PROBLEMS["box_earlier"], source=data))
    return BoxSettings(epochs=3, batch_size=10, hidden=3, d_a=4, r=2, patience=9)


def train(settings, folder, **options):
    box_training.train_on_boxes(settings, folder, verbose=0, **options)
    return keras.models.load_model(folder.model).get_weights()


def test_a_killed_training_goes_on_to_the_same_weights(tmp_path, tiny, monkeypatch):
    whole = train(tiny, RunFolder(tmp_path / "whole"))
    killed, save = RunFolder(tmp_path / "killed"), Checkpoints.on_epoch_end

    def die_in_the_second_epoch(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt
        save(self, epoch, logs)

    monkeypatch.setattr(Checkpoints, "on_epoch_end", die_in_the_second_epoch)
    with pytest.raises(KeyboardInterrupt):
        train(tiny, killed)
    monkeypatch.setattr(Checkpoints, "on_epoch_end", save)
    for one, other in zip(whole, train(tiny, killed, resume=True), strict=True):
        np.testing.assert_array_equal(one, other)
    learned = [
        [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in read_history(folder)]
        for folder in (RunFolder(tmp_path / "whole"), killed)
    ]
    assert learned[0] == learned[1]
    assert len(learned[0]) == 3


@pytest.mark.parametrize(("updates", "counts"), [(1, [4]), (8, [4, 8]), (9, [4, 8, 12]), (99, [4, 8, 12])])
def test_training_ends_with_the_epoch_in_which_the_updates_are_reached(tmp_path, tiny, updates, counts):
    # 40 series in batches of 10 are 4 updates an epoch, and there are three epochs at most.
    folder = RunFolder(tmp_path)
    train(dataclasses.replace(tiny, updates=updates), folder, overwrite=True)
    assert [int(epoch["updates"]) for epoch in read_history(folder)] == counts


def test_another_run_s_folder_is_refused(tmp_path, tiny):
    folder = RunFolder(tmp_path / "run")
    folder.start(tiny.as_flagfile())
    with pytest.raises(InputError, match=r"^the run folder exists; use --overwrite or --resume; received "):
        box_training.train_on_boxes(tiny, folder)
    other = dataclasses.replace(tiny, seed=1, method="gradient_x_input")
    with pytest.raises(InputError, match=r"^--resume continues a run with its own settings, --seed=0; .*--seed=1$"):
        box_training.train_on_boxes(other, folder, resume=True)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"arch": "lstn"}, "'lstn'"),
        ({"dataset": "early"}, "'early'"),
        ({"method": "sensitivity,lrpp"}, "'lrpp'"),
        ({"arch": "lstm", "window": 5}, "'lstm'"),
    ],
)
def test_what_is_unknown_is_refused_before_the_training(tmp_path, tiny, settings, message):
    with pytest.raises(InputError, match=f"received {message}$"):
        box_training.train_on_boxes(BoxSettings(**settings), RunFolder(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"updates": 0}, {"r": 0}, {"d_a": 0}, {"patience": 0}, {"seed": -1}, {"window": -1}]
)
def test_numbers_out_of_range_are_refused(wrong):
    [(name, value)] = wrong.items()
    with pytest.raises(InputError, match=f"^{name} must .*; received {value}$"):
        BoxSettings(**wrong)


def test_the_splits_of_a_run_are_its_data_set_s(tiny):
    for split, count in (("train", 40), ("validation", 20), ("test", 30)):
        loaded = box_training.load_series(tiny, split)
        np.testing.assert_array_equal(loaded.x, load("box_earlier", split).x)
        assert loaded.x.shape == (count, 12, 8)
    digits = box_training.load_series(BoxSettings(dataset="digits_rows"), "test")
    assert digits.x.shape[1:] == (28, 28)
    assert set(digits.y) == {0, 1, 2}
