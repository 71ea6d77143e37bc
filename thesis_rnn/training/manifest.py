"""The list of what a run made: by it a run is recognised, its files are verified, and only they are ever removed."""

import hashlib
import json
import pathlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from thesis_rnn.errors import InputError
from thesis_rnn.support import files
from thesis_rnn.support.folder_lock import NAME as LOCK
from thesis_rnn.version import __version__

NAME = "manifest.json"
FORMAT = 1
LOGS = ("tensorboard/**/events.out.tfevents.*",)
"""Files whose names TensorFlow chooses when it writes them."""
GENERATIONS = 2
"""Digests that a file may have: its own and, should a kill leave it there, that of the file before it."""


@dataclass
class Manifest:
    """What ``manifest.json`` holds.

    Attributes:
      settings: the digest of the settings that the trained model depends on.
      digests: every file that the run made, as a path below its folder -> the SHA-256 that it may have, the newest
        last; none for files that are appended to.
      notes: what happened to the run and should be known, a line each.
      program: the version that made the run.
      ended: why its training cannot go on, "" while it can.
    """

    settings: str
    digests: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    program: str = f"thesis_rnn {__version__}"
    ended: str = ""

    def write(self, folder: pathlib.Path) -> None:
        """Writes the manifest, to the disk before this returns."""
        content = {
            "format": FORMAT,
            "program": self.program,
            "settings": self.settings,
            "files": self.digests,
            "logs": LOGS,
            "notes": self.notes,
        } | ({"ended": self.ended} if self.ended else {})
        with files.replacing(folder / NAME, durable=True) as temporary:
            temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: pathlib.Path) -> "Manifest":
        """The manifest of a run.

        Raises:
          InputError: if it is missing, damaged, or of a later version.
        """
        path = folder / NAME
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            version = content["format"]
            manifest = cls(content["settings"], content["files"], content["notes"], content["program"])
            manifest.ended = str(content.get("ended", ""))
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            expected = "the manifest of a run; train it again in a new folder"
            raise InputError(f"expected {expected}; received {path}: {_reason(error)}") from None
        if version != FORMAT or not _is_listing(manifest.digests) or not isinstance(manifest.notes, list):
            expected = f"the manifest of a run, format {FORMAT}; use the version of thesis_rnn that made it"
            raise InputError(f"expected {expected}; received {path}: format {str(version)[:20]}")
        return manifest

    def listed(self, folder: pathlib.Path) -> list[pathlib.Path]:
        """The files in the folder that the run made, its manifest last."""
        named = [folder / name for name in self.digests if (folder / name).is_file()]
        logs = [path for pattern in LOGS for path in sorted(folder.glob(pattern))]
        return [*named, *logs, *([folder / NAME] if (folder / NAME).is_file() else [])]

    def strangers(self, folder: pathlib.Path) -> list[pathlib.Path]:
        """Everything in the folder that the run did not make."""
        made = {*self.listed(folder), folder / LOCK}
        found = [path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir()]
        return [path for path in found if path not in made and not files.is_temporary(path)]


def settings_digest(hyperparameters: Mapping[str, object]) -> str:
    """The digest of what a trained model depends on."""
    text = "".join(f"--{name}={value}\n" for name, value in hyperparameters.items())
    return hashlib.sha256(text.encode()).hexdigest()


def _is_listing(digests) -> bool:
    """Whether every name stays below the folder: a manifest never makes anything else be removed."""
    return isinstance(digests, dict) and all(
        isinstance(own, list) and not pathlib.PurePath(name).is_absolute() and ".." not in pathlib.PurePath(name).parts
        for name, own in digests.items()
    )


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
