"""Training a model of series on a data set with planted evidence."""

import dataclasses

import keras

from thesis_rnn.architectures import ARCHITECTURES, build
from thesis_rnn.data import PROBLEMS, Problem, Split, problem_of
from thesis_rnn.runs.box_methods import methods_of_series
from thesis_rnn.runs.box_settings import BoxSettings
from thesis_rnn.training.batches import Batches
from thesis_rnn.training.fitting import fit
from thesis_rnn.training.run_folder import RunFolder
from thesis_rnn.training.settling import StopWhenSettled


def problem(settings: BoxSettings) -> Problem:
    """The settings' problem.

    Raises:
      InputError: for an unknown data set.
    """
    own = f"box_{settings.dataset}"
    return problem_of(own if own in PROBLEMS else settings.dataset)


def load_series(settings: BoxSettings, split: str) -> Split:
    """A split of the settings' data set.

    Raises:
      InputError: for an unknown data set.
    """
    return problem(settings).source.load(split, seed=settings.seed)


def build_model(settings: BoxSettings, shape: tuple[int, int], classes: int):
    """The settings' model, untrained."""
    steps, features = shape
    form = ARCHITECTURES[settings.arch].series
    sizes = {"units": settings.hidden, "attention_units": settings.d_a, "attention_hops": settings.r}
    return build(
        settings.arch,
        steps,
        features=features,
        classes=classes,
        sizes={name: size for name, size in sizes.items() if form and name in form.sizes},
        learning_rate=settings.learning_rate,
        seed=settings.seed,
        attention_window=settings.window or None,
        attend_last_steps=settings.last_steps or None,
    )


def train_on_boxes(
    settings: BoxSettings, folder: RunFolder, overwrite: bool = False, resume: bool = False, verbose: int = 1
) -> None:
    """Trains the model of ``settings`` into ``folder``; the validation data choose the epoch, never the test data.

    Raises:
      InputError: for an unknown model, data set or method, a folder that exists, or, with ``resume``, other settings
        than the folder's; only the methods, which do not enter the training, may differ.
    """
    methods_of_series(settings.method)  # an unknown one is refused before the training, not after it
    pool, validation = problem(settings).source.pool(seed=settings.seed), load_series(settings, "validation")
    model = build_model(settings, pool.x.shape[1:], int(pool.y.max()) + 1)
    if resume and folder.is_run():
        stored = stored_box_settings(folder)
        stored.check_resumed_with(dataclasses.replace(settings, method=stored.method))
    else:
        folder.start(settings.as_flagfile(), overwrite)
    batches = Batches(pool, settings.batch_size, seed=settings.seed)
    epochs = min(settings.epochs, -(-settings.updates // batches.steps_per_epoch))
    callbacks = [Updates(), StopWhenSettled(folder, settings.patience)]
    fit(model, batches, (validation.x, validation.y), epochs, folder, verbose, callbacks)


class Updates(keras.callbacks.Callback):
    """Adds the number of ``updates`` since the first epoch to what an epoch logs."""

    def on_epoch_end(self, epoch, logs=None):
        logs["updates"] = int(self.model.optimizer.iterations)


def stored_box_settings(folder: RunFolder) -> BoxSettings:
    """The settings that a run was trained with."""
    return BoxSettings.of_run(folder, "boxes")
