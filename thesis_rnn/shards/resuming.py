"""What a call of before has left behind: which shards are done, and whether their files are still whole."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from thesis_rnn.shards.work import ShardTask
from thesis_rnn.support import progress
from thesis_rnn.support.storage import Folder

THREADS = 8
"""Files that are compared at once: most of the time is that of reading."""


def json_of(folder: Folder, name: str) -> dict | None:
    """The content of a file that was written as JSON; None where it is damaged."""
    try:
        found = json.loads(folder.read(name))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def not_done(
    source: Folder, folder: Folder, tasks: Sequence[ShardTask], checksums: bool, verbose: int
) -> tuple[list[ShardTask], list[str]]:
    """The shards that have no explanation of their file yet, and the names of files that were damaged since.

    What these shards have in the folder is removed, so that nothing stays there of a file of before.

    Args:
      source, folder: of the shards, and of their explanations.
      tasks: what is to be done in all.
      checksums: whether explanations are read and compared with their records; else their sizes alone are.
      verbose: 0 shows no bar.
    """
    sizes = {each.name: each.size for each in folder.found()}

    def fault(task: ShardTask) -> str | None:
        return _fault(source, folder, task, sizes, checksums)

    with ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(fault, tasks)
        faults = list(progress.bar(found, "checking", "shard", len(tasks), verbose=bool(verbose)))
    waiting = [task for task, fault in zip(tasks, faults, strict=True) if fault is not None]
    for name in (name for task in waiting for name in (task.record, task.output)):
        if name in sizes:
            folder.remove(name)
    return waiting, [fault for fault in faults if fault]


def _fault(source: Folder, folder: Folder, task: ShardTask, sizes: Mapping[str, int], checksums: bool) -> str | None:
    """None where a shard is done; else the name of its file that was damaged, empty where it is new or has changed."""
    if not {task.record, task.output} <= sizes.keys():
        return ""
    record = json_of(folder, task.record)
    try:
        if not _is_of(source, task, record["input"]):
            return ""
        written = record["output"]
        is_whole = sizes[task.output] == written["bytes"]
        if is_whole and checksums:
            is_whole = folder.sha256(task.output) == written["sha256"]
    except (KeyError, TypeError):  # JSON, but no record
        return task.record
    return None if is_whole else task.output


def _is_of(source: Folder, task: ShardTask, explained: Mapping) -> bool:
    """Whether a shard is still the file that was explained: by size and time, or by content where no time is known."""
    if (explained["bytes"], explained["changed"]) != (task.size, task.changed):
        return False
    return bool(task.changed) or source.sha256(task.name) == explained["sha256"]
