"""Where a data set's four IDX files lie, under which names."""

import os
import pathlib

from thesis_rnn.data.images.idx import read_idx
from thesis_rnn.data.images.splits import Images, checked_images
from thesis_rnn.errors import InputError

PREFIXES = {"train": "train", "test": "t10k"}
CONTENTS = {"images": 3, "labels": 1}  # what a file holds and how many dimensions that has


def find_idx_folder(folder: pathlib.Path, name: str) -> pathlib.Path | None:
    """Returns the folder with the IDX files of the data set ``name``, or None.

    That is ``folder/name``, or ``folder`` itself if it is called ``name``: MNIST and Fashion-MNIST use the same file
    names, so only the folder tells them apart. One of the four files is enough; reading complains about the others.
    """
    candidates = [folder / name]
    if os.path.basename(os.path.abspath(folder)) == name:
        candidates.append(folder)
    for candidate in candidates:
        if any(_find(candidate, part, content) for part in PREFIXES for content in CONTENTS):
            return candidate
    return None


def read_idx_folder(folder: pathlib.Path, part: str) -> Images:
    """Reads the ``part`` ("train" or "test") images and labels in ``folder``.

    Raises:
      InputError: a missing or damaged file, images and labels that do not belong together.
    """
    pixels, labels = (read_idx(_required(folder, part, content), rank) for content, rank in CONTENTS.items())
    return checked_images(pixels, labels, str(_required(folder, part, "labels")))


def _spellings(part: str, content: str) -> list[str]:
    """The published name, the one that some mirrors and unpackers write, and both compressed."""
    prefix, rank = PREFIXES[part], CONTENTS[content]
    plain = [f"{prefix}-{content}-idx{rank}-ubyte", f"{prefix}-{content}.idx{rank}-ubyte"]
    return plain + [f"{name}.gz" for name in plain]


def _find(folder: pathlib.Path, part: str, content: str) -> pathlib.Path | None:
    paths = (folder / spelling for spelling in _spellings(part, content))
    return next((path for path in paths if path.is_file()), None)


def _required(folder: pathlib.Path, part: str, content: str) -> pathlib.Path:
    path = _find(folder, part, content)
    if path is None:
        raise InputError(f"{folder}: expected the file {_spellings(part, content)[0]}, plain or .gz; received none")
    return path
