"""Data sets that tensorflow-datasets (TFDS) has prepared on disk, and having it prepare one."""

import os
import pathlib
import re

import numpy as np

from thesis_rnn.data.images.splits import Images, checked_images
from thesis_rnn.errors import InputError

VERSION = re.compile(r"3\.\d+\.\d+")  # the major version whose example keys are the canonical indices


def prepared_home() -> pathlib.Path:
    """TFDS' own folder: the environment variable TFDS_DATA_DIR, or ~/tensorflow_datasets."""
    return pathlib.Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()


def find_prepared(home: pathlib.Path, name: str) -> pathlib.Path | None:
    """Returns home/name/<newest version 3> if it holds a completely prepared data set, else None."""
    found = [info.parent for info in (home / name).glob("*/dataset_info.json") if VERSION.fullmatch(info.parent.name)]
    return max(found, key=lambda folder: tuple(map(int, folder.name.split("."))), default=None)


def read_prepared(folder: pathlib.Path, part: str) -> Images:
    """Reads the ``part`` ("train" or "test") images of a prepared data set in their canonical order; no network.

    Raises:
      InputError: damaged files, or what ``checked_images`` refuses.
    """
    import tensorflow as tf
    import tensorflow_datasets as tfds

    in_file_order = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False)
    try:
        builder = tfds.builder_from_directory(os.fspath(folder))
        stored = tfds.as_numpy(builder.as_dataset(split=part, batch_size=-1, read_config=in_file_order))
    except tf.errors.OpError as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{folder}: expected an undamaged prepared data set; received {reason}") from error
    order = np.argsort(_canonical_indices(part, len(stored["label"])))
    return checked_images(np.squeeze(stored["image"], axis=-1)[order], stored["label"][order], f"{folder} ({part})")


def download(name: str, home: pathlib.Path) -> pathlib.Path:
    """Downloads and prepares the data set below ``home`` and returns its folder; retries for minutes without network.

    Raises:
      InputError: the download failed.
    """
    import tensorflow_datasets as tfds

    # From the published files only, the ones whose host was probed.
    config = tfds.download.DownloadConfig(try_download_gcs=False)
    damaged = tfds.download.download_manager.NonMatchingChecksumError
    try:
        tfds.builder(name, data_dir=os.fspath(home)).download_and_prepare(download_config=config)
    except (OSError, tfds.download.DownloadError, damaged) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"tensorflow-datasets could not download {name} to {home}; received {reason}") from error
    return find_prepared(home, name)


def _canonical_indices(part: str, count: int) -> list[int]:
    """For each stored example, its index in the original file.

    TFDS stores examples sorted by the hash of their key, salted with the split's name, and the key of an MNIST-like
    example is that index. Undoing it makes image i the same image whichever source it came from.
    """
    from tensorflow_datasets.core import hashing

    hasher = hashing.Hasher(part)
    return sorted(range(count), key=hasher.hash_key)
