"""Writes small IDX files for the tests, as the format's description says and independently of the reader."""

import gzip
import pathlib
import struct

import numpy as np

STANDARD_NAMES = {
    ("train", "images"): "train-images-idx3-ubyte",
    ("train", "labels"): "train-labels-idx1-ubyte",
    ("test", "images"): "t10k-images-idx3-ubyte",
    ("test", "labels"): "t10k-labels-idx1-ubyte",
}


def idx_bytes(array: np.ndarray) -> bytes:
    """Zero, zero, 8 (unsigned byte), the number of dimensions; each dimension as big-endian 32 bits; the values."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_idx(path: pathlib.Path, array: np.ndarray) -> pathlib.Path:
    """Writes ``array`` (uint8) to ``path``, compressed if the name ends in .gz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = idx_bytes(array)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def small_images(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Random uint8 images [count, 28, 28] and labels 0, 1, ..., 9, 0, 1, ..."""
    pixels = np.random.default_rng(seed).integers(0, 256, (count, 28, 28)).astype(np.uint8)
    return pixels, (np.arange(count) % 10).astype(np.uint8)


def write_data_set(folder: pathlib.Path, train: int = 60, test: int = 30, seed: int = 0) -> pathlib.Path:
    """Writes the four files of a small data set; the test images come from ``seed + 1``."""
    for part, count, part_seed in (("train", train, seed), ("test", test, seed + 1)):
        pixels, labels = small_images(count, part_seed)
        write_idx(folder / STANDARD_NAMES[part, "images"], pixels)
        write_idx(folder / STANDARD_NAMES[part, "labels"], labels)
    return folder
