"""Run folders in storage: uploaded while they grow, so that another node goes on where this one was lost.

``<task>/content/<sha256>`` are files, each uploaded once; ``<task>/latest.json`` names those of the last upload, and is
written after them: whoever reads it finds a whole run folder.
"""

import hashlib
import json
import pathlib
from collections.abc import Mapping

from thesis_rnn.support import files
from thesis_rnn.support.folder_lock import NAME as LOCK
from thesis_rnn.support.storage import Folder
from thesis_rnn.training.manifest import NAME as MANIFEST

LATEST = "latest.json"


def files_of(run: pathlib.Path) -> dict[str, bytes]:
    """The files of a run folder by name, which a training may be writing; empty where there is none.

    The manifest is read last: of the generations that it lists, one is that of each file.
    """
    paths = [path for path in run.rglob("*") if path.is_file() and path.name != LOCK and not files.is_temporary(path)]
    contents = {}
    for path in sorted(paths, key=lambda path: (path.name == MANIFEST, path)):
        try:
            contents[path.relative_to(run).as_posix()] = path.read_bytes()
        except FileNotFoundError:  # another generation has just taken its place
            continue
    return contents


def write_run(run: pathlib.Path, contents: Mapping[str, bytes], last: str) -> None:
    """Writes the files of a run folder, the one named ``last`` at the end."""
    for name in sorted(contents, key=lambda name: (name == last, name)):
        with files.replacing(run / name) as temporary:
            temporary.write_bytes(contents[name])


def upload(run: pathlib.Path, storage: Folder, task: str, epochs: int) -> None:
    """Uploads what is new in a run folder; ``epochs`` are done."""
    contents = files_of(run)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    before = set(_latest(storage, task).get("files", {}).values())
    for name, digest in digests.items():
        if digest not in before:
            storage.write(f"{task}/content/{digest}", contents[name])
    storage.write(f"{task}/{LATEST}", json.dumps({"epochs": epochs, "files": digests}).encode())
    for digest in before - set(digests.values()):
        storage.remove(f"{task}/content/{digest}")


def download(run: pathlib.Path, storage: Folder, task: str) -> bool:
    """Makes the run folder that was uploaded last; False if none was."""
    digests = _latest(storage, task).get("files", {})
    write_run(run, {name: storage.read(f"{task}/content/{digest}") for name, digest in digests.items()}, MANIFEST)
    return bool(digests)


def epochs_uploaded(storage: Folder, task: str) -> int:
    """The epochs that the last upload of a task had done."""
    return _latest(storage, task).get("epochs", 0)


def _latest(storage: Folder, task: str) -> dict:
    try:
        return json.loads(storage.read(f"{task}/{LATEST}"))
    except FileNotFoundError:
        return {}
