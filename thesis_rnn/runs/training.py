"""The first stage: from settings to a trained model in a run folder."""

import dataclasses

import tensorflow as tf

from thesis_rnn.architectures import build
from thesis_rnn.data import Split, load, problem_of
from thesis_rnn.runs.methods import chosen_methods
from thesis_rnn.runs.old_settings import Settings
from thesis_rnn.runs.tracking import CosineTracker
from thesis_rnn.support import files
from thesis_rnn.training.batches import Batches
from thesis_rnn.training.fitting import fit, learning_rate_schedule
from thesis_rnn.training.run_folder import RunFolder


def train(
    settings: Settings,
    folder: RunFolder,
    overwrite: bool = False,
    resume: bool = False,
    verbose: int = 1,
) -> None:
    """Trains the model of ``settings`` into ``folder``; data and model are made before the folder is touched.

    Raises:
      InputError: for settings that do not fit the data, a folder that exists, or, with ``resume``, other settings than
        the folder's.
    """
    _compute_deterministically()
    problem = problem_of(settings.dataset)
    steps, rows, columns = problem.shape(settings.steps or None)
    pool = problem.source.pool(steps, settings.data_dir or None, settings.seed, settings.test_fold)
    batches = Batches(pool, settings.batch_size, settings.epoch_size, settings.seed)
    updates = batches.steps_per_epoch * settings.epochs
    model = build(
        settings.arch,
        steps,
        rows,
        columns,
        classes=len(problem.class_names),
        seed=settings.seed,
        dropout=settings.dropout,
        learning_rate=learning_rate_schedule(settings.learning_rate, settings.schedule, updates),
    )
    validation = load(
        settings.dataset, "validation", steps, settings.data_dir or None, settings.seed, fold=settings.test_fold
    )
    callbacks = _trackers(settings, validation)
    if resume and folder.is_run():
        _resume(settings, folder)
    else:
        folder.start(settings.as_flagfile(), overwrite)
    fit(model, batches, validation[:2], settings.epochs, folder, verbose, callbacks)


def _trackers(settings: Settings, validation: Split) -> list[CosineTracker]:
    if not settings.track:
        return []
    methods = chosen_methods(settings)
    return [CosineTracker(validation.take(slice(settings.track)), methods)]


def _compute_deterministically() -> None:
    """Makes GPUs add up in a fixed order, so that the same run gives the same weights to the bit.

    Processors do so anyway; there the switch changes nothing but the speed: convolutions take nearly twice as long.
    """
    if tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()


def stored_settings(folder: RunFolder, **replaced) -> Settings:
    """The settings that the run was trained with, those in ``replaced`` excepted."""
    return dataclasses.replace(Settings.of_run(folder, "train"), **replaced)


def _resume(settings: Settings, folder: RunFolder) -> None:
    """Refuses other settings than the run's own, and notes where its data are now."""
    stored_settings(folder).check_resumed_with(settings)
    files.write_text(folder.flags, settings.as_flagfile())
