"""A user's own labelled series from files: NumPy archives, a folder of recordings, a CSV table, or .ts.

* ``FILE.npz``, all of one length: ``x`` [n, steps, features], ``y`` [n], optionally ``evidence`` [n, steps, features]
  or [n, steps]. Of several lengths: ``lengths`` [n] as well; what lies behind a series' end is then ignored.
* ``FILE.npz``, one behind the other: ``x`` [all steps, features], ``y`` [n], ``lengths`` [n], optionally ``evidence``
  [all steps, features] or [all steps].
* ``FOLDER/labels.csv`` with the columns ``file,label``, and beside it each named file, a ``.npy`` array
  [steps, features]; where ``<name>.evidence.npy`` lies beside every ``<name>.npy``, it is the evidence.
* ``FILE.csv``, a row for each step: the columns ``sample,step,label``, then a column for each feature. Steps count up
  without a gap; the label is repeated in each row of a sample. Optionally a column ``evidence`` (0 or 1, for the whole
  step), or a column ``evidence:<feature>`` for each feature.
* ``FILE.ts`` or ``FILE.ts.gz``: the format of the UEA and UCR archives (``data.own.ts``).

Labels are integers or words. HCP's fMRI, for instance: a folder with one array per run, steps by 360 regions, and
evidence [steps] that is 1 in on-task blocks.
"""

import csv
import os
import pathlib
from collections.abc import Mapping

import numpy as np

from thesis_rnn.data.own.samples import Samples
from thesis_rnn.data.own.table import read_table, text_file
from thesis_rnn.data.own.ts import read_ts
from thesis_rnn.errors import InputError
from thesis_rnn.support.arrays import UNREADABLE, read_npy, read_npz

KINDS = (".npz", ".csv", ".ts", ".ts.gz")
"""How the names of files of series end."""


def read_series(path: str | os.PathLike) -> Samples:
    """Reads labelled series from .npz, .csv, .ts or a folder; the top of this module describes the layouts.

    Args:
      path: a file whose name ends in one of ``KINDS``, or a folder.

    Returns:
      ``Samples``, for :func:`~thesis_rnn.data.own.samples.pad`.

    Raises:
      InputError: nothing there, another kind of file, a damaged file, a missing array or column.

    Example:
      >>> import os, tempfile
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     path = os.path.join(folder, "series.npz")
      ...     np.savez(path, x=np.zeros((2, 5, 3)), y=[0, 1])
      ...     samples = read_series(path)
      ...
      >>> len(samples.values), samples.values[0].shape
      (2, (5, 3))
    """
    path = pathlib.Path(path).expanduser()
    if not path.exists():
        expected = "a .npz, .csv or .ts file, a folder of series, or what ..._TRAIN.ts and ..._TEST.ts begin with"
        raise InputError(f"expected {expected}; received {path}, which does not exist")
    if path.is_dir():
        return _read_folder(path)
    if not path.name.lower().endswith(KINDS):
        raise InputError(f"series come from a .npz, .csv or .ts file or from a folder; received {path}")
    readers = {".npz": lambda path: samples_of(read_numpy(path), path), ".csv": read_table}
    return readers.get(path.suffix.lower(), read_ts)(path)


def samples_of(arrays: Mapping[str, np.ndarray], path: pathlib.Path) -> Samples:
    """The samples in the arrays x, y, lengths, evidence of the archive ``path``.

    Raises:
      InputError: a missing array, or one of another shape.
    """
    if missing := {"x", "y"} - arrays.keys():
        raise InputError(f"{path}: expected arrays x and y; received no {' and no '.join(sorted(missing))}")
    x, y, lengths, evidence = arrays["x"], arrays["y"], arrays.get("lengths"), arrays.get("evidence")
    if x.ndim != 3 and (x.ndim != 2 or lengths is None):
        expected = "x [n, steps, features], or x [all steps, features] with lengths"
        raise InputError(f"{path}: expected {expected}; received x of shape {list(x.shape)}")
    if y.ndim != 1 or y.dtype.kind not in "iuU":
        raise InputError(f"{path}: expected y [n] of integers or words; received {y.dtype} of shape {list(y.shape)}")
    if evidence is not None and evidence.shape not in (x.shape, x.shape[:-1]):
        expected = f"{list(x.shape)} like x, or {list(x.shape[:-1])}"
        raise InputError(f"{path}: evidence must have shape {expected}; received {list(evidence.shape)}")
    spans = _spans(x, lengths, path)
    return Samples([x[span] for span in spans], y.tolist(), None if evidence is None else [evidence[s] for s in spans])


def _spans(x: np.ndarray, lengths: np.ndarray | None, path: pathlib.Path) -> list:
    """Where each sample lies in ``x``."""
    if lengths is None:
        return list(range(len(x)))
    longest = x.shape[1] if x.ndim == 3 else len(x)
    if lengths.ndim != 1 or not np.issubdtype(lengths.dtype, np.integer) or not lengths.size:
        received = f"{lengths.dtype} of shape {list(lengths.shape)}"
        raise InputError(f"{path}: lengths must be integers of shape [n]; received {received}")
    if lengths.min() < 1 or lengths.max() > longest:
        raise InputError(f"{path}: lengths must lie in 1..{longest}; received {lengths.min()} to {lengths.max()}")
    if x.ndim == 3 and len(lengths) == len(x):
        return [(sample, slice(length)) for sample, length in enumerate(lengths)]
    ends = np.cumsum(lengths)
    if x.ndim == 3 or ends[-1] != len(x):
        expected = f"one per sample of {len(x)}" if x.ndim == 3 else f"with the sum {len(x)}"
        raise InputError(f"{path}: lengths must be {expected}; received {len(lengths)} with the sum {ends[-1]}")
    return [slice(end - length, end) for length, end in zip(lengths, ends, strict=True)]


def _read_folder(folder: pathlib.Path) -> Samples:
    table = folder / "labels.csv"
    if not table.is_file():
        raise InputError(
            f"a folder of series needs labels.csv with the columns file,label, or train.* and test.*; "
            f"received none in {folder}"
        )
    with text_file(table) as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"file", "label"} <= rows[0].keys():
        columns = ", ".join(rows[0]) if rows else "no rows"
        raise InputError(f"{table}: expected the columns file and label, and a row per series; received {columns}")
    if broken := [row for row in rows if not row["file"] or not row["label"]]:
        raise InputError(f"{table}: expected a file and a label in each row; received {broken[0]}")
    files = [folder / row["file"] for row in rows]
    masks = [file.with_suffix(".evidence.npy") for file in files]
    found = [mask for mask in masks if mask.is_file()]
    if found and len(found) < len(masks):
        share = f"{len(found)} of {len(masks)}"
        raise InputError(f"{folder}: expected evidence for all series or for none; received {share}")
    evidence = [read_numpy(mask) for mask in masks] if found else None
    return Samples(
        [read_numpy(file) for file in files], [row["label"] for row in rows], evidence, [f.stem for f in files]
    )


def read_numpy(path: pathlib.Path):
    """The array in a .npy file, or a dictionary of the arrays in a .npz file."""
    try:
        if path.suffix.lower() == ".npz":
            return read_npz(path)
        return read_npy(path)
    except UNREADABLE as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{path}: expected a NumPy file of numbers; received {reason}") from error
