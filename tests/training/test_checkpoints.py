"""Which epoch is kept, what a checkpoint leaves behind, and where a training goes on."""

import itertools
import math
import random
import shutil
import zipfile

import keras
import numpy as np
import pytest

import thesis_rnn
from tests.helpers import tiny_run
from tests.helpers.thinned import thinned
from thesis_rnn.data.images.problems import ImagePool
from thesis_rnn.errors import InputError
from thesis_rnn.training import fitting
from thesis_rnn.training.batches import Batches
from thesis_rnn.training.checkpoints import (
    NOTHING_YET,
    Checkpoints,
    before,
    keep_best,
    read_history,
    resume_point,
    score,
)
from thesis_rnn.training.fitting import fit, learning_rate_schedule
from thesis_rnn.training.run_folder import RunFolder


class Recorder:
    """Stands for a model; what it saves is the number of the epoch."""

    def __init__(self):
        self.epoch = None
        self.saved = []

    def save(self, path):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("epoch", str(self.epoch))
        self.saved.append(path.name.split("-")[0])


def epoch_in(path) -> str:
    """What a checkpoint of a ``Recorder`` holds."""
    with zipfile.ZipFile(path) as archive:
        return archive.read("epoch").decode()


def started(path) -> RunFolder:
    folder = RunFolder(path)
    folder.start("--arch=shallow\n")
    return folder


def kept_epochs(folder, logs, best=NOTHING_YET):
    """The epochs that the best and the last checkpoint hold after ``logs``: (val_accuracy, val_loss) of each epoch."""
    recorder = Recorder()
    checkpoints = Checkpoints(folder, best)
    checkpoints.set_model(recorder)
    for recorder.epoch, (accuracy, loss) in enumerate(logs):
        checkpoints.on_epoch_end(recorder.epoch, {"accuracy": 0, "val_accuracy": accuracy, "val_loss": loss})
    return epoch_in(folder.best_checkpoint), epoch_in(folder.last_checkpoint)


@pytest.mark.parametrize(
    ("logs", "best"),
    [
        ([(0.5, 1.0)], 0),
        ([(0.5, 1.0), (0.6, 2.0)], 1),  # accuracy decides, not the loss
        ([(0.6, 2.0), (0.5, 1.0)], 0),
        ([(0.6, 2.0), (0.6, 1.5), (0.6, 1.7)], 1),  # among equals the loss
        ([(0.6, 1.5), (0.6, 1.5)], 0),  # among equals in both the first
        ([(0.0, math.inf)], 0),  # nothing learnt is still an epoch
    ],
)
def test_the_best_epoch_by_hand(tmp_path, logs, best):
    assert kept_epochs(started(tmp_path), logs) == (str(best), str(len(logs) - 1))


@pytest.mark.parametrize("seed", range(20))
def test_the_best_epoch_among_many(tmp_path, seed):
    random.seed(seed)
    logs = [(random.choice([0.7, 0.8, 0.9]), random.choice([0.1, 0.2])) for _ in range(8)]
    order = sorted(range(8), key=lambda epoch: (-logs[epoch][0], logs[epoch][1], epoch))
    assert kept_epochs(started(tmp_path), logs)[0] == str(order[0])


def test_a_resumed_training_keeps_a_better_epoch_of_before(tmp_path):
    folder = started(tmp_path)
    kept_epochs(folder, [(0.1, 1.0), (0.9, 1.0)])
    assert kept_epochs(folder, [(0.8, 0.1)], best=(0.9, -1.0)) == ("1", "0")


def test_two_generations_are_kept(tmp_path):
    folder = started(tmp_path)
    kept_epochs(folder, [(0.1, 1.0), (0.2, 1.0), (0.3, 1.0), (0.2, 1.0)])
    places = (folder.best_checkpoint, folder.last_checkpoint)
    assert [epoch_in(path) for path in places] == ["2", "3"]
    assert [epoch_in(before(path)) for path in places] == ["1", "2"]
    assert all(folder.is_intact(path) and folder.is_intact(before(path)) for path in places)


def test_a_checkpoint_that_cannot_be_read_back_takes_nobodys_place(tmp_path, monkeypatch):
    folder = started(tmp_path)
    kept_epochs(folder, [(0.5, 1.0)])
    monkeypatch.setattr(Recorder, "save", lambda self, path: path.write_text("torn"))
    with pytest.raises(zipfile.BadZipFile):
        kept_epochs(folder, [(0.9, 1.0)])
    assert (epoch_in(folder.best_checkpoint), epoch_in(folder.last_checkpoint)) == ("0", "0")


def test_the_checkpoint_to_resume_from_is_written_last(tmp_path):
    # A kill between the two repeats the epoch; the other way round the best epoch would be lost.
    recorder = Recorder()
    checkpoints = Checkpoints(started(tmp_path))
    checkpoints.set_model(recorder)
    checkpoints.on_epoch_end(0, {"val_accuracy": 0.5, "val_loss": 1.0})
    assert recorder.saved == [".best", ".last"]


def test_a_failing_save_leaves_the_checkpoint_before_it(tmp_path, monkeypatch):
    folder = started(tmp_path)
    kept_epochs(folder, [(0.5, 1.0)])

    def fail(self, path):
        path.write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(Recorder, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        kept_epochs(folder, [(0.9, 1.0)])
    assert [epoch_in(path) for path in sorted(folder.checkpoints.iterdir())] == ["0", "0"]


def test_the_score_is_the_same_from_logs_and_from_the_history():
    logs = {"val_accuracy": np.float32(0.1).item(), "val_loss": 1 / 3}
    assert score(logs) == score({name: str(value) for name, value in logs.items()})


# ---- the history


def test_a_damaged_history_is_told(tmp_path):
    folder = started(tmp_path)
    with pytest.raises(InputError, match=r"^no history.csv; make it with .*thesis_rnn train --resume; received "):
        read_history(folder)
    for text in ("", "epoch,accuracy\n", "epoch,accuracy\n0,0.5\n", "\0"):
        folder.history.write_text(text)
        with pytest.raises(InputError, match=r"^expected a row with val_accuracy .* received .*history.csv$"):
            read_history(folder)
    folder.history.write_bytes(b"epoch,val_accuracy,val_loss\n0,0.5,0.5\n1,0.5,0.")
    assert len(read_history(folder)) == 1
    with pytest.raises(InputError, match=r"^a file of the run is damaged, .*history.csv: its last row is cut$"):
        read_history(folder, finished=True)
    for row in (b"0,many,0.5", b"0,0.5", b"0,0.5,0.5,7", b"0,\xff,0.5"):
        folder.history.write_bytes(b"epoch,val_accuracy,val_loss\n" + row + b"\n")
        with pytest.raises(InputError, match=r"^a file of the run is damaged, repeat .* received .*history.csv: "):
            read_history(folder)


# ---- where to go on


@pytest.fixture(scope="module")
def batches():
    labels = np.arange(12, dtype=np.int32) % 3
    return Batches(ImagePool(np.random.default_rng(0).integers(0, 256, (12, 28, 28), np.uint8), labels), 6)


def tiny_model(**options):
    return thesis_rnn.build("shallow", 1, 28, 28, classes=3, sizes={"hidden": 2, "recur": 2}, **options)


def train(batches, folder, epochs=2, **options):
    x, y = next(batches.dataset(0, 1).as_numpy_iterator())
    fit(tiny_model(**options), batches, (x, y), epochs, folder, verbose=0)


def test_nothing_is_resumed_where_nothing_was_kept(tmp_path):
    folder = started(tmp_path)
    folder.history.write_text("a row of an epoch that was not kept")
    assert resume_point(folder, 2) is None
    assert not folder.history.exists()


def test_the_history_is_cut_to_the_epochs_of_the_checkpoint(tmp_path, batches):
    folder = started(tmp_path)
    train(batches, folder, epochs=3)
    whole = folder.history.read_bytes()
    model = keras.models.load_model(folder.model)
    folder.checkpoints.mkdir()
    for epochs in (1, 2, 3):
        model.optimizer.iterations.assign(2 * epochs)  # 12 images in batches of 6
        model.save(folder.last_checkpoint)
        folder.history.write_bytes(whole + b"3,0.5,0.")  # a row that a kill cut off
        resumed, first, best = resume_point(folder, batches.steps_per_epoch)
        rows = whole.splitlines(keepends=True)[: 1 + epochs]
        assert first == epochs
        assert folder.history.read_bytes() == b"".join(rows)
        assert best == max(map(score, read_history(folder)))
        assert int(resumed.optimizer.iterations) == 2 * epochs


@pytest.fixture(scope="module")
def killed(tmp_path_factory, batches):
    """A training of four epochs with its checkpoints, as if killed before the model was kept; tests take copies."""
    folder = started(tmp_path_factory.mktemp("killed") / "run")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(fitting, "keep_best", lambda folder, steps: None)
        patched.setattr(fitting, "remove_checkpoints", lambda folder: None)
        train(batches, folder, epochs=4)
    return folder


@pytest.fixture
def four_epochs(tmp_path, killed):
    return RunFolder(shutil.copytree(killed.path, tmp_path / "four"))


def spoil(path, how):
    data = path.read_bytes()
    path.write_bytes({"empty": b"", "half": data[: len(data) // 2], "other": data[:-30] + bytes(30)}[how])


@pytest.mark.parametrize("how", thinned(["half", "empty", "other"]))
def test_a_damaged_last_checkpoint_falls_back_aloud_and_ends_the_same(tmp_path, batches, four_epochs, capsys, how):
    whole = started(tmp_path / "whole")
    train(batches, whole, epochs=4)
    spoil(four_epochs.last_checkpoint, how)
    train(batches, four_epochs, epochs=4)
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("ATTENTION: the checkpoint ")
    assert line.endswith("last.keras is damaged; the training goes on from the one before it")
    assert four_epochs.manifest().notes == [line.removeprefix("ATTENTION: ")]
    assert tiny_run.trained_state(four_epochs.model) == tiny_run.trained_state(whole.model)
    assert tiny_run.learned(four_epochs) == tiny_run.learned(whole)


@pytest.mark.parametrize("how", thinned(["half", "empty", "other"]))
def test_a_damaged_best_checkpoint_is_replaced_aloud_and_destroys_nothing(four_epochs, capsys, how):
    spoil(four_epochs.best_checkpoint, how)
    keep_best(four_epochs, 2)
    [line] = capsys.readouterr().err.splitlines()
    assert "best.keras is damaged; in its place stands that of epoch " in line
    epoch = int(line.split()[-1])
    kept = keras.models.load_model(four_epochs.model)
    assert int(kept.optimizer.iterations) == 2 * epoch
    assert four_epochs.last_checkpoint.is_file()


def test_where_no_checkpoint_can_be_read_none_is_removed(four_epochs):
    paths = sorted(four_epochs.checkpoints.iterdir())
    for path in paths:
        spoil(path, "half")
    with pytest.raises(InputError, match=r"^expected a checkpoint that can be read; train again with --overwrite; "):
        resume_point(four_epochs, 2)
    assert sorted(four_epochs.checkpoints.iterdir()) == paths


# ---- fitting


def test_a_finished_training_is_not_repeated(tmp_path, batches):
    folder = started(tmp_path)
    train(batches, folder)
    assert not folder.checkpoints.exists()
    folder.checkpoints.mkdir()  # as if killed just before it was removed
    before = folder.model.read_bytes(), folder.history.read_bytes()
    train(batches, folder)
    assert (folder.model.read_bytes(), folder.history.read_bytes()) == before
    assert not folder.checkpoints.exists()


def test_a_training_that_diverges_is_told_and_keeps_nothing(tmp_path, batches):
    folder = started(tmp_path)
    with pytest.raises(
        InputError, match=r"^the training diverged; use a lower learning_rate; received loss .*epoch 1$"
    ):
        train(batches, folder, learning_rate=1e38)
    assert not folder.checkpoints.exists()
    assert not folder.model.exists()


def test_a_training_that_diverges_later_keeps_its_last_good_epoch_and_cannot_go_on(tmp_path, batches, monkeypatch):
    # A loss of 10,000 gives the true classes probabilities near exp(-10,000).
    folder, end = started(tmp_path), fitting.StopAtDivergence.on_epoch_end

    def diverging(self, epoch, logs):
        logs["val_loss"] = 1e5 if epoch == 2 else logs["val_loss"]
        end(self, epoch, logs)

    monkeypatch.setattr(fitting.StopAtDivergence, "on_epoch_end", diverging)
    with pytest.raises(InputError, match=r"^the training diverged; .* and validation loss 1e\+05 in epoch 3$"):
        train(batches, folder, epochs=4)
    model, epochs, _ = resume_point(folder, batches.steps_per_epoch)
    assert (epochs, int(model.optimizer.iterations)) == (2, 4)
    [note] = folder.manifest().notes
    assert note.startswith("the training diverged in epoch 3 with loss ")
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    with pytest.raises(InputError) as refusal:
        train(batches, folder, epochs=4)
    change = f"train again with --overwrite and a lower --learning_rate, or take {folder.best_checkpoint}"
    assert str(refusal.value) == f"{note}: going on would repeat it; {change}; received {folder.path}"
    assert {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()} == before


def test_an_epoch_ends_with_its_last_batch(tmp_path):
    # 51 batches, one more than the compiled function runs at a time: 17 at a time, three times an epoch.
    images = ImagePool(np.zeros((51, 28, 28), np.uint8), np.arange(51, dtype=np.int32) % 3)
    folder = started(tmp_path)
    train(Batches(images, batch_size=1), folder)
    assert int(keras.models.load_model(folder.model).optimizer.iterations) in (51, 102)  # whichever was better
    assert len(read_history(folder)) == 2


def test_learning_rates_by_hand():
    # Half way along a cosine from 0.4 to zero: 0.4 (1 + cos(pi / 2)) / 2 = 0.2.
    cosine = learning_rate_schedule(0.4, "cosine", 10)
    np.testing.assert_allclose([float(cosine(update)) for update in (0, 5, 10)], [0.4, 0.2, 0], atol=1e-7)
    assert learning_rate_schedule(0.4, "constant", 10) == 0.4


def test_the_validation_data_is_never_trained_on_and_the_test_set_never_seen():
    # The only data that fit receives: what choose the epoch and what is drawn from are different splits.
    from thesis_rnn.data import load_images

    train_images, validation, test = (load_images("digits", split) for split in ("train", "validation", "test"))
    pixels = [{image.tobytes() for image in images.pixels} for images in (train_images, validation, test)]
    assert all(one.isdisjoint(other) for one, other in itertools.combinations(pixels, 2))
