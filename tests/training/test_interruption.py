"""A training that is interrupted at any point and resumed ends bitwise where an uninterrupted one ends."""

import functools
import os
import pathlib
import signal
import sys
import time

import keras
import pytest

from tests.helpers.front_end_process import FrontEnd
from tests.helpers.tiny_run import learned, trained_state
from thesis_rnn.runs import pipeline
from thesis_rnn.training.checkpoints import Checkpoints, read_history, score
from thesis_rnn.training.run_folder import RunFolder

EPOCHS = 4
ORDINARY, STATIONARY = "shallow", "rlstm_sd"  # by their dropout


def training(arch: str, folder: pathlib.Path, *flags: str, interrupt=None) -> FrontEnd:
    """A training of 200 sequences an epoch that ends before its explanations."""
    settings = (
        f"--arch={arch}",
        "--dataset=digits_maj",
        "--steps=2",
        "--sequences_per_epoch=200",
        f"--epochs={EPOCHS}",
    )
    before = functools.partial(prepare, interrupt)
    return FrontEnd("train", *settings, f"--run_dir={folder}", *flags, cwd=folder.parent, before=before)


def prepare(interrupt) -> None:
    pipeline.explain_run = lambda *_, **_settings: sys.exit(0)
    # A graph would take longer to make than to use; that one goes on to the bit is seen in test_checkpoints.
    keras.Model.run_eagerly = property(lambda model: True, lambda model, told: None)
    if interrupt:
        interrupt()


def of(*architectures: str, slow: str = ""):
    """Runs a test on ``whole`` trainings of these architectures; one more on demand."""
    late = [pytest.param(slow, marks=pytest.mark.slow)] if slow else []
    return pytest.mark.parametrize("whole", [*architectures, *late], indirect=True)


@pytest.fixture(scope="module")
def whole(request, tmp_path_factory) -> tuple[str, RunFolder]:
    """An architecture and its uninterrupted training."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    assert training(request.param, folder).wait().status == 0
    return request.param, RunFolder(folder)


def assert_same(one: RunFolder, other: RunFolder) -> None:
    assert learned(other) == learned(one)
    assert trained_state(other.model) == trained_state(one.model)
    assert not other.checkpoints.exists()


@of(ORDINARY, slow=STATIONARY)
def test_the_comparison_covers_the_whole_training(whole):
    # The kept model is that of the last epoch, and its file holds what the next update would depend on.
    _, folder = whole
    scores = [score(epoch) for epoch in read_history(folder)]
    assert len(scores) == EPOCHS
    assert max(scores) == scores[-1]
    names = trained_state(folder.model)
    assert any("optimizer" in name for name in names)
    assert any("seed_state" in name for name in names)


@pytest.mark.slow
@of(ORDINARY, STATIONARY)
def test_the_same_seed_gives_the_same_run(whole, tmp_path):
    arch, folder = whole
    assert training(arch, tmp_path / "again").wait().status == 0
    assert_same(folder, RunFolder(tmp_path / "again"))


# ---- kill -9, from inside, where it hurts most


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_before_checkpoints(epoch: int) -> None:
    """After the epoch's row in the history, before any of its checkpoints."""
    write = Checkpoints.on_epoch_end
    Checkpoints.on_epoch_end = lambda self, done, logs: kill() if done == epoch else write(self, done, logs)


def kill_while_writing(name: str, epoch: int) -> None:
    """When half of checkpoint ``name`` is written."""
    save = keras.Model.save

    def save_or_die(model, path, *options):
        # Four updates an epoch.
        if name in pathlib.Path(path).name and int(model.optimizer.iterations) == 4 * (epoch + 1):
            save(model, path)
            os.truncate(path, path.stat().st_size // 2)
            kill()
        save(model, path, *options)

    keras.Model.save = save_or_die


def kill_before_the_model() -> None:
    """When all is trained, before the best checkpoint becomes the model."""
    replace = pathlib.Path.replace
    pathlib.Path.replace = lambda path, to: kill() if to.name == "model.keras" else replace(path, to)


KILLS = {
    "first checkpoint": functools.partial(kill_while_writing, "last", 0),
    "history": functools.partial(kill_before_checkpoints, 1),
    "best checkpoint": functools.partial(kill_while_writing, "best", 2),
    "last checkpoint": functools.partial(kill_while_writing, "last", 2),
    "model": kill_before_the_model,
}


@of(ORDINARY, slow=STATIONARY)
def test_a_training_killed_again_and_again_ends_like_a_whole_one(whole, tmp_path):
    arch, folder = whole
    interrupted = RunFolder(tmp_path / "run")
    for point, interrupt in KILLS.items():
        done = training(arch, interrupted.path, "--resume", interrupt=interrupt).wait()
        assert done.status == -signal.SIGKILL, f"{point}: {done}"
        assert not interrupted.model.exists()
    assert training(arch, interrupted.path, "--resume").wait().status == 0
    assert_same(folder, interrupted)


# ---- signals from outside, whenever they arrive


def interrupt_after(epochs: int, front_end: FrontEnd, folder: RunFolder, number: int) -> None:
    """Sends the signal as soon as the history has ``epochs`` rows; what runs just then is left to chance.

    The training must be one that does not end by itself: on a busy machine the signal comes late.
    """
    while front_end.running and (not folder.history.exists() or len(folder.history.read_text().split()) <= epochs):
        time.sleep(0.005)
    front_end.signal(number)


@of(ORDINARY, slow=STATIONARY)
def test_signals_leave_a_training_that_resumes(whole, tmp_path):
    arch, complete = whole
    run = RunFolder(tmp_path / "run")
    ended = []
    for epochs, number in ((1, signal.SIGINT), (2, signal.SIGKILL)):
        in_last_epoch = functools.partial(wait_in_epoch, EPOCHS - 1, tmp_path / "never")
        front_end = training(arch, run.path, "--resume", interrupt=in_last_epoch)
        interrupt_after(epochs, front_end, run, number)
        ended.append(front_end.wait())
    control_c, killed = ended
    assert control_c.status == 130
    assert control_c.err.splitlines() == ["", "interrupted; the same command with --resume goes on"]
    assert killed.status == -signal.SIGKILL
    assert training(arch, run.path, "--resume").wait().status == 0
    assert_same(complete, run)


# ---- two programs, one folder


def test_a_second_training_into_the_folder_is_refused_and_the_first_is_not_disturbed(tmp_path):
    run = RunFolder(tmp_path / "run")
    end = tmp_path / "end"
    first = training(ORDINARY, run.path, interrupt=functools.partial(wait_in_epoch, 1, end))
    while first.running and not run.last_checkpoint.exists():
        time.sleep(0.01)
    for flags in (("--resume",), ("--overwrite",)):
        second = training(ORDINARY, run.path, *flags).wait()
        assert second.status == 1
        assert second.error.startswith("error: one program at a time writes into a run folder, wait for it or end it: ")
        assert "train, process " in second.error
    end.touch()
    assert first.wait().status == 0
    assert len(read_history(run)) == EPOCHS


def wait_in_epoch(number: int, end: pathlib.Path) -> None:
    """Until others have come in between, and the file ``end`` is there; for two minutes at most."""
    write = Checkpoints.on_epoch_end

    def write_and_wait(self, done, logs):
        write(self, done, logs)
        start = time.monotonic()
        while done == number and not end.exists() and time.monotonic() < start + 120:
            time.sleep(0.01)

    Checkpoints.on_epoch_end = write_and_wait
