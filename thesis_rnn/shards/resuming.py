"""What a call of before has left behind: which shards are done, and whether their files are still whole."""

import json
from collections.abc import Mapping, Sequence

from thesis_rnn.shards.work import ShardTask
from thesis_rnn.support import progress
from thesis_rnn.support.storage import Folder


def json_of(folder: Folder, name: str) -> dict | None:
    """The content of a file that was written as JSON; None where it is damaged."""
    try:
        found = json.loads(folder.read(name))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def not_done(
    source: Folder, folder: Folder, tasks: Sequence[ShardTask], verbose: int
) -> tuple[list[ShardTask], list[str]]:
    """The shards that have no explanation of their file yet, and the names of files that were damaged since."""
    sizes = {each.name: each.size for each in folder.found()}
    waiting, damaged = [], []
    for task in progress.bar(tasks, "checking", "shard", verbose=bool(verbose)):
        fault = _fault(source, folder, task, sizes)
        waiting += [] if fault is None else [task]
        damaged += [fault] if fault else []
    return waiting, damaged


def _fault(source: Folder, folder: Folder, task: ShardTask, sizes: Mapping[str, int]) -> str | None:
    """None where a shard is done; else the name of its file that was damaged, empty where it is new or has changed."""
    if not {task.record, task.output} <= sizes.keys():
        return ""
    record = json_of(folder, task.record)
    try:
        if not _is_of(source, task, record["input"]):
            return ""
        return None if _is_whole(folder, sizes[task.output], record["output"]) else task.output
    except (KeyError, TypeError):  # JSON, but no record
        return task.record


def _is_of(source: Folder, task: ShardTask, explained: Mapping) -> bool:
    """Whether a shard is still the file that was explained: by size and time, or by content where no time is known."""
    if (explained["bytes"], explained["changed"]) != (task.size, task.changed):
        return False
    return bool(task.changed) or source.sha256(task.name) == explained["sha256"]


def _is_whole(folder: Folder, size: int, written: Mapping) -> bool:
    return size == written["bytes"] and folder.sha256(written["name"]) == written["sha256"]
