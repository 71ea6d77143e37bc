"""Ids name samples: in all shards together, each once."""

import hashlib
from collections.abc import Sequence

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.shards.content import read_ids
from thesis_rnn.shards.work import ShardTask
from thesis_rnn.support.storage import Folder


def ids_of_others(source: Folder, tasks: Sequence[ShardTask]) -> dict[str, str]:
    """The shards that have an id twice, or one that an earlier shard has: their names, and the reason.

    Only ids are read, and of each 8 bytes are held. A shard that cannot be read is left to who explains it.
    """
    hashes = [_hashed(_ids(source, task)) for task in tasks]
    everything = np.concatenate([*hashes, np.zeros(0, np.uint64)])
    if len(np.unique(everything)) == len(everything):
        return {}
    shard = np.repeat(np.arange(len(tasks)), [len(each) for each in hashes])
    order = np.argsort(everything, kind="stable")
    again = np.flatnonzero(everything[order][1:] == everything[order][:-1])
    pairs = {(int(shard[order[place]]), int(shard[order[place + 1]])) for place in again}
    reasons = {}
    for first, second in sorted(pairs):
        same = _common(_ids(source, tasks[first]), _ids(source, tasks[second]), first == second)
        if same is not None:
            where = "itself" if first == second else tasks[first].name
            reasons[tasks[second].name] = f"ids must differ in all shards; received {same} also in {where}"
    return reasons


def _ids(source: Folder, task: ShardTask) -> np.ndarray:
    try:
        with source.open(task.name) as file:
            ids = read_ids(file, task.name)
    except (OSError, InputError):
        return np.zeros(0, np.int64)
    return np.zeros(0, np.int64) if ids is None else ids.ravel()


def _hashed(ids: np.ndarray) -> np.ndarray:
    """8 bytes for each id: the number itself, or a hash of the text."""
    if ids.dtype.kind in "iu":
        return ids.astype(np.uint64)
    parts = (hashlib.blake2b(str(each).encode(), digest_size=8).digest() for each in ids)
    return np.frombuffer(b"".join(parts), np.uint64)


def _common(first: np.ndarray, second: np.ndarray, is_same: bool):
    """An id that both have, or that one has twice; None where only hashes were the same."""
    if is_same:
        values, counts = np.unique(first, return_counts=True)
        return next(iter(values[counts > 1].tolist()), None)
    if (first.dtype.kind in "iu") != (second.dtype.kind in "iu"):
        return None
    return next(iter(np.intersect1d(first, second).tolist()), None)
