"""From finished runs to the models that come with the package."""

import pathlib
from collections.abc import Sequence

import keras

from thesis_rnn.errors import InputError
from thesis_rnn.plans.outcomes import stored_versions
from thesis_rnn.plans.tasks import Task
from thesis_rnn.support import files
from thesis_rnn.training.run_folder import load

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
        if task.program == "train"
        and task.settings.arch in ARCHITECTURES
        and task.settings.dataset in DATA_SETS
        and (task.settings.fold, task.settings.seed) == (0, 0)
    ]


def export(tasks: Sequence[Task], folder: pathlib.Path) -> list[str]:
    """Writes ``<folder>/<dataset>/<architecture>.keras``, without optimizer, and its card ``.json``.

    Returns the names of the models.

    Raises:
      InputError: if the folder's models are larger than ``LARGEST`` together.
    """
    for task in tasks:
        path = folder / task.settings.dataset / f"{task.settings.arch}.keras"
        with files.replacing(path) as temporary:
            uncompiled(load(task.folder.path)).save(temporary)
        files.write_json(path.with_suffix(".json"), card(task))
    size = sum(path.stat().st_size for path in folder.glob("*/*.keras"))
    if size > LARGEST:
        raise InputError(f"the zoo must stay below {LARGEST} bytes; received {size}")
    return [f"{task.settings.arch}/{task.settings.dataset}" for task in tasks]


def uncompiled(model: keras.Model) -> keras.Model:
    """A model with the same weights, without loss and optimizer."""
    bare = keras.Model.from_config(model.get_config())
    bare.set_weights(model.get_weights())
    return bare


def card(task: Task) -> dict:
    """What ``thesis_rnn.training.zoo.zoo_card`` tells."""
    metrics, settings = task.folder.read_metrics(), task.settings
    return {
        "architecture": settings.arch,
        "dataset": settings.dataset,
        "accuracy": metrics["accuracy"],
        "cosine": {scores["label"]: scores["cosine"]["mean"] for scores in metrics["methods"].values()},
        "flags": {name: value for name, value in vars(settings).items() if name != "data_dir"},
        "versions": stored_versions(task),
        "licence": LICENCES[settings.dataset],
    }
