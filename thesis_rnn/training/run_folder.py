"""The folder that a run leaves behind and that every later stage reads."""

import json
import os
import pathlib
import platform
import shutil
import zipfile
from dataclasses import dataclass
from importlib.metadata import version

from thesis_rnn.errors import InputError
from thesis_rnn.support import files

PACKAGES = ("tensorflow", "keras", "numpy", "scipy", "scikit-learn", "matplotlib", "tensorboard")


@dataclass(frozen=True)
class RunFolder:
    """The files of a run by name.

    ``flags.txt``, ``versions.json``, ``model.keras``, ``history.csv``, ``metrics.json``, ``heatmaps/``,
    ``tensorboard/``, and ``checkpoints/`` while the training is not finished.
    """

    path: pathlib.Path

    def __post_init__(self):
        object.__setattr__(self, "path", pathlib.Path(self.path).expanduser())

    @property
    def flags(self) -> pathlib.Path:
        return self.path / "flags.txt"

    @property
    def versions(self) -> pathlib.Path:
        return self.path / "versions.json"

    @property
    def model(self) -> pathlib.Path:
        return self.path / "model.keras"

    @property
    def history(self) -> pathlib.Path:
        return self.path / "history.csv"

    @property
    def metrics(self) -> pathlib.Path:
        return self.path / "metrics.json"

    @property
    def heatmaps(self) -> pathlib.Path:
        return self.path / "heatmaps"

    @property
    def tensorboard(self) -> pathlib.Path:
        return self.path / "tensorboard"

    @property
    def checkpoints(self) -> pathlib.Path:
        return self.path / "checkpoints"

    @property
    def last_checkpoint(self) -> pathlib.Path:
        return self.checkpoints / "last.keras"

    @property
    def best_checkpoint(self) -> pathlib.Path:
        return self.checkpoints / "best.keras"

    def is_run(self) -> bool:
        """Whether a run was started here."""
        return self.flags.is_file()

    def start(self, flags: str, overwrite: bool = False) -> None:
        """Makes the folder for a new run; an existing one is replaced only with ``overwrite``.

        Raises:
          InputError: if the folder is a run and ``overwrite`` is False, holds something else, or cannot be written.
        """
        # Hidden files are what a kill left half-written: they make no folder somebody's.
        if self.path.exists() and (not self.path.is_dir() or any(self.path.glob("[!.]*"))):
            if not self.is_run():
                raise InputError(f"run_dir must be a new folder or that of a run; received {self.path}")
            if not overwrite:
                raise InputError(f"the run folder exists; use --overwrite or --resume; received {self.path}")
            shutil.rmtree(self.path)
        try:
            files.write_text(self.flags, flags)  # first: it makes the folder one that --resume and --overwrite take
            files.write_json(self.versions, versions())
        except OSError as error:
            reason = error.strerror or error
            raise InputError(f"run_dir must be a folder that can be written; received {self.path}: {reason}") from error

    def required(self, path: pathlib.Path, made_by: str) -> pathlib.Path:
        """``path``, if it is there."""
        if not self.path.is_dir():
            raise InputError(f"no run folder; train one with python -m thesis_rnn.train; received {self.path}")
        if not path.is_file():
            raise InputError(f"no {path.name}; make it with python -m thesis_rnn.{made_by}; received {self.path}")
        return path

    def read_metrics(self) -> dict:
        """The content of ``metrics.json``."""
        path = self.required(self.metrics, "evaluate")
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise InputError(f"expected JSON, repeat python -m thesis_rnn.evaluate; received {path}: {error}") from None


def load(path: str | os.PathLike):
    """The trained Keras model of a run folder or of a ``.keras`` file, compiled as it was saved.

    Raises:
      InputError: if there is no model, the file is damaged, or it holds a class that is not known.
    """
    import keras

    import thesis_rnn.layers  # noqa: F401  registers the layers that the file names

    path = pathlib.Path(path)
    if path.is_dir():
        path = RunFolder(path).required(RunFolder(path).model, "train --resume")
    if not path.is_file():
        raise InputError(f"expected a run folder or a .keras file; received {path}, which does not exist")
    if not zipfile.is_zipfile(path):
        raise InputError(f"expected a .keras file; received {path}, which is damaged or of another kind")
    try:
        return keras.models.load_model(path)
    except Exception as error:  # damage shows in every part of the loader, and each has exceptions of its own
        expected = "cannot load the model; train it again or repair it"
        raise InputError(f"{expected}; received {path}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """The cause of an error of Keras' loader, without the configurations that it prints around it."""
    _, _, cause = str(error).rpartition("Exception encountered: ")
    line, *_ = cause.strip().splitlines() or [type(error).__name__]
    return line.partition(" Full object config")[0]


def versions() -> dict[str, str]:
    """The versions of Python, the machine and the packages that decide what a run computes."""
    from thesis_rnn.version import __version__

    return {
        "thesis_rnn": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    } | {package: version(package) for package in PACKAGES}
