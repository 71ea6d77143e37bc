"""Whether runs are as they were written: their files against the digests in their manifests."""

import pathlib
from typing import NamedTuple

from thesis_rnn.errors import InputError
from thesis_rnn.training.manifest import NAME as MANIFEST
from thesis_rnn.training.run_folder import RunFolder

OPTIONAL = ("checkpoints/",)
"""What is listed while a training goes on, and may be missing."""


class Verified(NamedTuple):
    """What was found in one run.

    Attributes:
      folder: of the run.
      files: how many files have a digest and have it still.
      faults: what does not hold, a line each.
      notes: what the run's manifest says happened to it.
    """

    folder: pathlib.Path
    files: int
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def verify_tree(folder: pathlib.Path) -> list[Verified]:
    """Verifies the run in ``folder``, or every run below it.

    Raises:
      InputError: if there is none.
    """
    folder = pathlib.Path(folder).expanduser()
    runs = [folder] if (folder / MANIFEST).is_file() else sorted(path.parent for path in folder.rglob(MANIFEST))
    if not runs:
        raise InputError(f"expected a run folder, or a folder of runs, each with its {MANIFEST}; received {folder}")
    return [verify_run(RunFolder(run)) for run in runs]


def verify_run(folder: RunFolder) -> Verified:
    """Compares the files of a run with their digests; reads only."""
    try:
        manifest = folder.manifest()
    except InputError as error:
        return Verified(folder.path, 0, (str(error),), ())
    faults = {name: _fault(folder, name, digests) for name, digests in manifest.digests.items() if digests}
    broken = tuple(f"{name}: {fault}" for name, fault in faults.items() if fault)
    there = [name for name, fault in faults.items() if not fault and (folder.path / name).is_file()]
    return Verified(folder.path, len(there), broken, tuple(map(str, manifest.notes)))


def _fault(folder: RunFolder, name: str, digests: list[str]) -> str:
    """What is wrong with a file; "" for nothing."""
    path = folder.path / name
    if not path.is_file():
        return "" if name.startswith(OPTIONAL) else "missing"
    try:
        return "" if folder.is_intact(path) else "not the bytes that the run wrote"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
