"""A run of a few seconds, trained once and copied to every test that needs one."""

import functools
import io
import pathlib
import shutil
import tempfile
import zipfile

import h5py
import numpy as np

from tests.helpers import front_end_process
from thesis_rnn.runs.stored import stored_settings
from thesis_rnn.training.checkpoints import read_history
from thesis_rnn.training.manifest import settings_digest
from thesis_rnn.training.run_folder import RunFolder

FLAGS = (
    "--arch=shallow",
    "--dataset=digits_maj",
    "--steps=2",
    "--sequences_per_epoch=200",
    "--epochs=2",
    "--samples=6",
)


@functools.cache
def _finished() -> tuple[tempfile.TemporaryDirectory, front_end_process.Finished]:
    home = tempfile.TemporaryDirectory()
    done = front_end_process.run("train", *FLAGS, "--run_dir=run", cwd=pathlib.Path(home.name))
    assert done.status == 0, done.err
    return home, done


def output() -> str:
    """What the front end printed while it made the run."""
    return _finished()[1].out


def copy(folder: pathlib.Path) -> RunFolder:
    """A copy of the run at ``folder``."""
    return RunFolder(shutil.copytree(pathlib.Path(_finished()[0].name, "run"), folder))


def other_flags(folder: RunFolder, **flags) -> None:
    """Tells the run that it was made with other flags."""
    settings = stored_settings(folder, **flags)
    folder.flags.write_text(settings.as_flagfile())
    manifest = folder.manifest()
    manifest.settings = settings_digest(settings.hyperparameters())
    manifest.write(folder.path)


def learned(folder: RunFolder) -> list[dict[str, str]]:
    """The rows of the history without the time that they took."""
    return [{name: value for name, value in row.items() if name != "seconds"} for row in read_history(folder)]


def trained_state(path: pathlib.Path) -> dict[str, bytes]:
    """All that a ``.keras`` file holds of a training, by name: weights, optimizer, positions of random streams."""
    with zipfile.ZipFile(path) as archive:
        stored = h5py.File(io.BytesIO(archive.read("model.weights.h5")))
    arrays = {}
    stored.visititems(
        lambda name, item: arrays.update({name: np.asarray(item).tobytes()}) if hasattr(item, "dtype") else None
    )
    return arrays
