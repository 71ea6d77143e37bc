"""From finished runs to the models that come with the package."""

import pathlib
from collections.abc import Sequence

import keras

from thesis_rnn.errors import InputError
from thesis_rnn.plans.outcomes import stored_versions
from thesis_rnn.plans.tasks import Task
from thesis_rnn.support import files
from thesis_rnn.training.models import load_model

ARCHITECTURES = ("shallow", "deep", "rlstm_sd", "convrlstm_sd")
DATA_SETS = ("mnist_maj", "fashion_mnist_maj")
LICENCES = {
    "mnist_maj": "MNIST: Yann LeCun and Corinna Cortes, CC BY-SA 3.0",
    "fashion_mnist_maj": "Fashion-MNIST: Zalando SE, MIT",
}
LARGEST = 6_000_000
"""Bytes of all models together."""


def members(finished: Sequence[Task]) -> list[Task]:
    """The finished runs that belong in the zoo: original split, seed 0."""
    return [
        task
        for task in finished
        if task.architecture in ARCHITECTURES and task.dataset in DATA_SETS and (task.fold, task.seed) == (0, 0)
    ]


def export(tasks: Sequence[Task], folder: pathlib.Path) -> list[str]:
    """Writes ``<folder>/<dataset>/<architecture>.keras``, without optimizer, and its card ``.json``.

    Returns the names of the models.

    Raises:
      InputError: if the folder's models are larger than ``LARGEST`` together.
    """
    for task in tasks:
        path = folder / task.dataset / f"{task.architecture}.keras"
        with files.replacing(path) as temporary:
            uncompiled(load_model(task.folder.path)).save(temporary)
        files.write_json(path.with_suffix(".json"), card(task) | {"sha256": files.sha256(path)})
    size = sum(path.stat().st_size for path in folder.glob("*/*.keras"))
    if size > LARGEST:
        raise InputError(f"the zoo must stay below {LARGEST} bytes; received {size}")
    return [f"{task.architecture}/{task.dataset}" for task in tasks]


def uncompiled(model: keras.Model) -> keras.Model:
    """A model with the same weights, without loss and optimizer."""
    bare = keras.Model.from_config(model.get_config())
    bare.set_weights(model.get_weights())
    return bare


def card(task: Task) -> dict:
    """What ``thesis_rnn.training.zoo.zoo_card`` tells."""
    metrics = task.folder.read_metrics()
    cosines = [row for row in metrics["scores"] if row["measure"] == "cosine" and not row["method"].startswith("(")]
    flags = dict(line.removeprefix("--").split("=", 1) for line in task.settings.as_flagfile().splitlines())
    return {
        "architecture": task.architecture,
        "dataset": task.dataset,
        "accuracy": metrics["facts"]["accuracy"],
        "cosine": {row["label"]: row["value"] for row in cosines if row["epoch"] == ""},
        "flags": {name: value for name, value in flags.items() if name != "data_dir"},
        "versions": stored_versions(task),
        "licence": LICENCES[task.dataset],
    }
