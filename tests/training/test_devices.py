"""Two logical processors train as one does, masks of dropout included; what cannot be is refused in words."""

import json
import pathlib
import sys

import numpy as np
import pytest

from tests.helpers import front_end_process
from thesis_rnn.data.problem import Pool
from thesis_rnn.errors import InputError
from thesis_rnn.runs import pipeline
from thesis_rnn.training.batches import Batches
from thesis_rnn.training.checkpoints import read_history
from thesis_rnn.training.devices import check_parts, on_devices
from thesis_rnn.training.run_folder import RunFolder

FLAGS = ("--dataset=digits_maj", "--steps=2", "--sequences_per_epoch=100", "--epochs=2", "--methods=sensitivity")
FLAGS += ("--samples=2", "--measures=cosine")


def two_processors():
    """What a machine of two devices is to TensorFlow, set before it first asks; a run ends with its training."""
    import tensorflow as tf

    pipeline.explain_run = lambda *_, **_settings: sys.exit(0)
    [processor] = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)


def trained(folder: pathlib.Path, arch: str, *flags: str):
    """The history of a training, and its notes."""
    run = ("train", f"--arch={arch}", *FLAGS, f"--run_dir={folder}", *flags)
    done = front_end_process.run(*run, cwd=folder.parent, before=two_processors)
    assert done.status == 0, done.err
    return read_history(RunFolder(folder)), RunFolder(folder).manifest().notes


LATE = [("rlstm_sd", 0.5), ("deep", 0)]


@pytest.mark.parametrize(
    ("arch", "dropout"), [("shallow", 0.5), *(pytest.param(*each, marks=pytest.mark.slow) for each in LATE)]
)
def test_two_devices_give_the_loss_curve_of_one(tmp_path, arch, dropout):
    # Equal parts of a batch: the mean over it is the mean of their means, and masks are drawn for the whole batch.
    one, none = trained(tmp_path / "one", arch, f"--dropout={dropout}")
    both, notes = trained(tmp_path / "both", arch, f"--dropout={dropout}", "--devices=all")
    assert (none, notes) == ([], ["trained on 2 devices"])
    for name in ("loss", "val_loss", "val_accuracy", "updates"):
        assert [float(row[name]) for row in both] == pytest.approx([float(row[name]) for row in one], rel=1e-4)


def test_batches_that_cannot_be_shared_are_refused(tmp_path):
    run = ("train", "--arch=shallow", *FLAGS, "--run_dir=run", "--devices=all", "--batch_size=25")
    done = front_end_process.run(*run, cwd=tmp_path, before=two_processors)
    assert (done.status, done.error) == (
        1,
        "error: on several devices every batch has an equal part for each; choose batch_size and sequences_per_epoch "
        "so; received batches of 25, 100 samples an epoch, 2 devices",
    )
    assert not (tmp_path / "run").exists()


def test_other_words_and_other_machines_are_refused(monkeypatch):
    with pytest.raises(InputError, match=r"^devices must be one or all; received 'two'$"), on_devices("two"):
        pass
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": {"worker": ["a:1", "b:1"]}}))
    expected = r"^one training has one machine: fit under MultiWorker.* fails in Keras 3\..*; received 2 workers$"
    with pytest.raises(InputError, match=expected), on_devices("all"):
        pass


def test_one_device_is_no_strategy_and_takes_batches_of_any_size():
    with on_devices("one") as count:
        assert count == 1
    pool = Pool(np.zeros((7, 2, 1), np.float32), np.zeros(7, np.int32), whole_batches=False)
    check_parts(Batches(pool, 3), 1)
    with pytest.raises(InputError, match=r"; received batches of 3, 7 samples an epoch, 2 devices$"):
        check_parts(Batches(pool, 3), 2)
