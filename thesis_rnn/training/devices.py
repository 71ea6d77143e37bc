"""Training on several devices of one machine: each has a part of every batch, and all have the same weights."""

import contextlib
import json
import os
from collections.abc import Iterator

import keras
import tensorflow as tf

from thesis_rnn.errors import InputError
from thesis_rnn.training.batches import Batches

DEVICES = ("one", "all")
"""What ``--devices`` may be."""


@contextlib.contextmanager
def on_devices(devices: str) -> Iterator[int]:
    """Makes and trains the models of the block on one device or on all of this machine: its GPUs or, without any, CPUs.

    Args:
      devices: of ``DEVICES``. On all, ``tf.distribute.MirroredStrategy`` sums the gradients of equal parts of a batch.

    Yields:
      How many devices there are.

    Raises:
      InputError: for another word, or a cluster in TF_CONFIG.
    """
    if devices not in DEVICES:
        raise InputError(f"devices must be {' or '.join(DEVICES)}; received {devices!r}")
    check_one_machine()
    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    names = [device.name for device in tf.config.list_logical_devices(kind)]
    if devices == "one" or len(names) == 1:
        yield 1
        return
    with _quiet_log():
        # Sums on one device: TensorFlow's collectives mixed up the gradients of some architectures.
        strategy = tf.distribute.MirroredStrategy(names, tf.distribute.ReductionToOneDevice())
        with strategy.scope():
            yield len(names)


@contextlib.contextmanager
def _quiet_log() -> Iterator[None]:
    """Leaves out what TensorFlow tells of every sum."""
    log = tf.get_logger()
    level = log.level
    log.setLevel("WARNING")
    try:
        yield
    finally:
        log.setLevel(level)


def check_one_machine() -> None:
    """Refuses what TF_CONFIG announces where it is more than one worker.

    Raises:
      InputError: with the reason, and what to do.
    """
    try:
        workers = json.loads(os.environ.get("TF_CONFIG") or "{}").get("cluster", {}).get("worker", [])
    except (ValueError, AttributeError):
        workers = []
    if len(workers) > 1:
        raise InputError(
            f"one training has one machine: fit under MultiWorkerMirroredStrategy fails in Keras {keras.__version__} "
            "even for a Dense layer; run many trainings by reproduce --executor=ray, and unset TF_CONFIG; "
            f"received {len(workers)} workers"
        )


def check_parts(batches: Batches, devices: int) -> None:
    """Refuses batches that cannot be cut into equal parts, since then a device's mean would not be a batch's.

    Raises:
      InputError: with the sizes.
    """
    if devices > 1 and (batches.batch_size % devices or batches.size % batches.batch_size):
        received = f"batches of {batches.batch_size}, {batches.size} samples an epoch, {devices} devices"
        raise InputError(
            "on several devices every batch has an equal part for each; choose batch_size and sequences_per_epoch so; "
            f"received {received}"
        )


def devices_note(model: keras.Model, devices: int) -> str:
    """What a run remembers of its devices: their number, and layers whose masks depend on it, Keras' own dropout."""
    drops = (keras.layers.Dropout, keras.layers.SpatialDropout1D, keras.layers.GaussianDropout)
    layers = list(model._flatten_layers(include_self=False, recursive=True))
    own = [layer.name for layer in layers if isinstance(layer, drops) or _drops_inside(layer)]
    named = f"; the masks of {', '.join(own)}, Keras' own, depend on their number" if own else ""
    return f"trained on {devices} devices{named}"


def _drops_inside(layer: keras.layers.Layer) -> bool:
    """Whether a recurrent layer of Keras draws masks of its own."""
    of_keras = type(layer).__module__.startswith("keras.")
    return of_keras and bool(getattr(layer, "dropout", 0) or getattr(layer, "recurrent_dropout", 0))
