"""The folder that a run leaves behind and that every later stage reads."""

import contextlib
import json
import os
import pathlib
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version

from thesis_rnn.errors import InputError
from thesis_rnn.support import files
from thesis_rnn.support.folder_lock import NAME as LOCK
from thesis_rnn.support.folder_lock import swept
from thesis_rnn.training.manifest import GENERATIONS, Manifest
from thesis_rnn.training.manifest import NAME as MANIFEST

PACKAGES = ("tensorflow", "keras", "numpy", "scipy", "scikit-learn", "matplotlib", "tensorboard")


@dataclass(frozen=True)
class RunFolder:
    """The files of a run by name.

    ``manifest.json`` lists all others: ``flags.txt``, ``versions.json``, ``model.keras``, ``history.csv``,
    ``metrics.json``, ``heatmaps/``, ``tensorboard/``, and ``checkpoints/`` while the training is not finished.
    """

    path: pathlib.Path

    def __post_init__(self):
        if "\0" in os.fspath(self.path):
            raise InputError(f"run_dir must be a path without null bytes; received {os.fspath(self.path)!r}")
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

    # ---- whose folder it is

    def is_run(self) -> bool:
        """Whether a run was started here."""
        return (self.path / MANIFEST).is_file()

    def manifest(self) -> Manifest:
        """The list of what the run made."""
        return Manifest.read(self.path)

    def check_is_run(self) -> None:
        """Refuses what is no run folder.

        Raises:
          InputError: with the way to make it one.
        """
        if self.is_run():
            return
        if not self.path.is_dir():
            raise InputError(f"no run folder; train one with python -m thesis_rnn.train; received {self.path}")
        if self.flags.is_file():
            mend = f"adopt it with thesis-rnn adopt {self.path} NEW_FOLDER"
            raise InputError(f"this run was made by an earlier version, {mend}; received {self.path}")
        raise InputError(f"no {MANIFEST}; make it with python -m thesis_rnn.train; received {self.path}")

    @contextlib.contextmanager
    def locked(self, program: str) -> Iterator[None]:
        """Holds the folder for the block, so that nobody else writes; removes what a killed program left half-written.

        Raises:
          InputError: if another program holds it.
        """
        with swept(self.path, program):
            yield

    def check_startable(self, overwrite: bool = False) -> None:
        """Refuses a folder in which no run may be started; see ``start``."""
        if not self.path.exists() or (self.path.is_dir() and not self.is_run() and not self._content()):
            return
        if not self.is_run():
            old = self.path.is_dir() and self.flags.is_file()
            hint = ", not an earlier version's" if old else ""
            raise InputError(f"run_dir must be a new folder or that of a run{hint}; received {self.path}")
        if not overwrite:
            raise InputError(f"the run folder exists; use --overwrite or --resume; received {self.path}")
        if strangers := self.manifest().strangers(self.path):
            more = f" and {len(strangers) - 1} more" if len(strangers) > 1 else ""
            raise InputError(
                f"--overwrite removes only what the run made; take the other files away; received {strangers[0]}{more}"
            )

    def start(self, flags: str, overwrite: bool = False, settings: str = "") -> None:
        """Makes the folder for a new run; an existing one is replaced only with ``overwrite``.

        Args:
          flags: the content of ``flags.txt``.
          overwrite: removes the files of the run that is here.
          settings: the digest of what the trained model depends on.

        Raises:
          InputError: if the folder is a run and ``overwrite`` is False, holds something that no run made, or cannot
            be written.
        """
        self.check_startable(overwrite)
        with self.locked("train"):
            self.check_startable(overwrite)
            if self.is_run():
                self._remove_run()
            try:
                manifest = Manifest(settings, {name.name: [] for name in (self.flags, self.versions, self.history)})
                manifest.write(self.path)  # first: it makes the folder one that --resume and --overwrite take
                files.write_text(self.flags, flags)
                files.write_json(self.versions, versions())
            except OSError as error:
                reason = error.strerror or error
                raise InputError(
                    f"run_dir must be a folder that can be written; received {self.path}: {reason}"
                ) from error

    def _content(self) -> list[pathlib.Path]:
        """What lies in the folder beside the lock and what a kill left half-written."""
        return [path for path in self.path.iterdir() if path.name != LOCK and not files.is_temporary(path)]

    def _remove_run(self) -> None:
        for path in self.manifest().listed(self.path):  # the manifest last: until then it is a run
            path.unlink()
        folders = [path for path in self.path.rglob("*") if path.is_dir()]
        for folder in sorted(folders, reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()

    # ---- writing: every file is in the manifest before it is in the folder

    @contextlib.contextmanager
    def writing(self, path: pathlib.Path, durable: bool = False) -> Iterator[pathlib.Path]:
        """Yields a temporary path; the file becomes ``path``, listed with its digest, if the block succeeds."""
        with files.replacing(path, durable) as temporary:
            yield temporary
            self.note_digests({path: files.sha256(temporary)})

    def note_digests(self, digests: Mapping[pathlib.Path, str | None]) -> None:
        """Lists files that are about to have these digests; those of the files before them stay good until they have.

        None is for a file that takes over whatever its neighbours were: it may have any of their digests.
        """
        manifest = self.manifest()
        known = [digest for path in digests for digest in manifest.digests.get(self._name(path), [])]
        for path, digest in digests.items():
            own = manifest.digests.get(self._name(path), [])
            manifest.digests[self._name(path)] = known if digest is None else [*own, digest][-GENERATIONS:]
        manifest.write(self.path)

    def list_files(self, *paths: pathlib.Path) -> None:
        """Lists files that are about to be written, without digests."""
        manifest = self.manifest()
        missing = [self._name(path) for path in paths if self._name(path) not in manifest.digests]
        if missing:
            manifest.digests |= {name: [] for name in missing}
            manifest.write(self.path)

    def forget(self, *paths: pathlib.Path) -> None:
        """Removes files of the run, and their lines in its manifest."""
        manifest = self.manifest()
        for path in paths:
            path.unlink(missing_ok=True)
            manifest.digests.pop(self._name(path), None)
        manifest.write(self.path)

    def add_note(self, note: str) -> None:
        """Keeps a line about the run in its manifest."""
        manifest = self.manifest()
        manifest.notes.append(note)
        manifest.write(self.path)

    def end_training(self, reason: str) -> None:
        """Marks the run as one whose training cannot go on."""
        manifest = self.manifest()
        manifest.ended = reason
        manifest.notes.append(reason)
        manifest.write(self.path)

    def check_goes_on(self) -> None:
        """Refuses to go on with a training that cannot.

        Raises:
          InputError: with the reason, and what to change.
        """
        if reason := self.manifest().ended:
            kept = f", or take {self.best_checkpoint}" if self.best_checkpoint.is_file() else ""
            raise InputError(
                f"{reason}: going on would repeat it; train again with --overwrite and a lower --learning_rate{kept}; "
                f"received {self.path}"
            )

    def write_json(self, path: pathlib.Path, value) -> None:
        """Writes a JSON file of the run, whole or not at all."""
        text = files.as_json(value)
        with self.writing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")

    def _name(self, path: pathlib.Path) -> str:
        return path.relative_to(self.path).as_posix()

    # ---- reading

    def is_intact(self, path: pathlib.Path) -> bool:
        """Whether the file is there, as the run wrote it."""
        if not path.is_file():
            return False
        digests = self.manifest().digests.get(self._name(path), []) if self.is_run() else []
        return not digests or files.sha256(path) in digests

    def required(self, path: pathlib.Path, made_by: str) -> pathlib.Path:
        """``path``, if it is there and as the run wrote it; ``made_by`` is the verb that makes it.

        Raises:
          InputError: if not, with the command that makes it anew.
        """
        self.check_is_run()
        if not path.is_file():
            raise InputError(f"no {path.name}; make it with python -m thesis_rnn {made_by}; received {self.path}")
        return path

    def read_text(self, path: pathlib.Path, made_by: str) -> str:
        """The text of a file of the run.

        Raises:
          InputError: if it is missing, cannot be read, or is no UTF-8.
        """
        try:
            return self.required(path, made_by).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise self.damaged(path, f"not UTF-8 at byte {error.start}", made_by) from None

    def read_json(self, path: pathlib.Path, made_by: str) -> dict:
        """The object in a JSON file of the run.

        Raises:
          InputError: if it is missing or damaged, or holds something else.
        """
        text = self.read_text(path, made_by)
        if not self.is_intact(path):
            raise self.damaged(path, "not the bytes that the run wrote", made_by)
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.damaged(
                path, "nested too deeply" if isinstance(error, RecursionError) else str(error), made_by
            ) from None
        if not isinstance(content, dict):
            raise self.damaged(path, f"a {type(content).__name__} instead of an object", made_by)
        return content

    def read_metrics(self) -> dict:
        """The content of ``metrics.json``: facts of the run, and a row for each score.

        Raises:
          InputError: if it is missing or damaged.
        """
        metrics = self.read_json(self.metrics, "evaluate --run_dir")
        facts, scores = metrics.get("facts"), metrics.get("scores")
        if not isinstance(facts, dict) or not isinstance(scores, list) or not all(isinstance(r, dict) for r in scores):
            raise self.damaged(self.metrics, 'no "facts" and "scores"', "evaluate --run_dir")
        return metrics

    def damaged(self, path: pathlib.Path, why: str, made_by: str) -> InputError:
        """The error of a file that was damaged: its name, the place, and how to make it again."""
        line = " ".join(why.split())[:120]
        return InputError(
            f"a file of the run is damaged, repeat python -m thesis_rnn {made_by}; received {path}: {line}"
        )


def versions() -> dict[str, str]:
    """The versions of Python, the machine and the packages that decide what a run computes."""
    from thesis_rnn.version import __version__

    return {
        "thesis_rnn": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
    } | {package: version(package) for package in PACKAGES}
