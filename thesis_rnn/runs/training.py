"""The first stage: from settings to a trained model in a run folder."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import tensorflow as tf

from thesis_rnn.architectures import build
from thesis_rnn.attribution import method_specs
from thesis_rnn.data import Problem, Split, problem_of
from thesis_rnn.errors import InputError
from thesis_rnn.measures.specs import MeasureSpec, chosen_measures, given_by_problem
from thesis_rnn.reporting.callback import ExplanationLogger
from thesis_rnn.runs.settings import Settings
from thesis_rnn.runs.stored import load_split, stored_settings, test_samples
from thesis_rnn.support import files
from thesis_rnn.training.batches import Batches
from thesis_rnn.training.fitting import fit, learning_rate_schedule
from thesis_rnn.training.manifest import settings_digest
from thesis_rnn.training.run_folder import RunFolder


@dataclass(frozen=True)
class Prepared:
    """A training whose data and model are made and whose folder is not touched yet.

    Attributes:
      settings: complete.
      folder: where the run goes.
      resumed: whether it goes on with the run that is there; otherwise ``overwrite`` says whether that is replaced.
      model, batches, validation, epochs, callbacks: see ``fit``.
    """

    settings: Settings
    folder: RunFolder
    resumed: bool
    overwrite: bool
    model: keras.Model
    batches: Batches
    validation: Split
    epochs: int
    callbacks: Sequence[keras.callbacks.Callback]

    def fit(self, verbose: int = 1) -> None:
        """Starts the folder, or goes on with it, and trains; the caller holds the folder."""
        settings, folder = self.settings, self.folder
        if self.resumed:
            stored_settings(folder).check_resumed_with(settings)
            files.write_text(folder.flags, settings.as_flagfile())
        else:
            folder.start(settings.as_flagfile(), self.overwrite, settings_digest(settings.hyperparameters()))
        patience = settings.training.patience
        fit(self.model, self.batches, self.validation[:2], self.epochs, folder, verbose, self.callbacks, patience)


def train(
    settings: Settings,
    folder: RunFolder,
    overwrite: bool = False,
    resume: bool = False,
    verbose: int = 1,
) -> None:
    """Trains the model of ``settings`` into ``folder``; data and model are made before the folder is touched.

    The validation data choose the epoch, never the test data.

    Raises:
      InputError: for settings that do not fit the problem, a folder that exists or that another program writes into,
        or, with ``resume``, other settings than the folder's.
    """
    prepared = prepare(settings, folder, overwrite, resume)
    with folder.locked("train"):
        prepared.fit(verbose)


def prepare(settings: Settings, folder: RunFolder, overwrite: bool = False, resume: bool = False) -> Prepared:
    """Makes the data and the model of a training; raises what ``train`` does, and leaves nothing behind."""
    settings = settings.complete()
    problem = problem_of(settings.data.dataset)
    method_specs(settings.explanation.methods)  # an unknown one is refused before the training, not after it
    measures = measures_of(settings)
    resumed = resume and is_resumable(folder)
    if resumed:
        stored_settings(folder).check_resumed_with(settings)
        folder.check_goes_on()
    else:
        folder.check_startable(overwrite)
    compute_deterministically()
    batches, epochs = _batches(settings, problem)
    model = build_model(settings, problem, epochs * batches.steps_per_epoch)
    validation = _held_out(settings)
    trackers = _trackers(settings, problem, validation, measures)
    return Prepared(settings, folder, resumed, overwrite, model, batches, validation, epochs, trackers)


def is_resumable(folder: RunFolder) -> bool:
    """Whether a run was started in the folder.

    Raises:
      InputError: for a run of an earlier version.
    """
    if folder.path.is_dir() and folder.flags.is_file():
        folder.check_is_run()
    return folder.is_run()


def measures_of(settings: Settings) -> list[MeasureSpec]:
    """The measures of complete settings; where they name none, all that are usual for the problem.

    Raises:
      InputError: for an unknown measure, or one that needs what the problem does not give.
    """
    problem = problem_of(settings.data.dataset)
    return chosen_measures(settings.explanation.measures or "", given_by_problem(problem, settings.data.steps))


def build_model(settings: Settings, problem: Problem, updates: int) -> keras.Model:
    """The model of complete settings, untrained; its learning rate is scheduled over ``updates``."""
    model, training = settings.model, settings.training
    return build(
        model.architecture,
        steps=settings.data.steps,
        dataset=settings.data.dataset,
        seed=training.seed,
        dropout=model.dropout,
        learning_rate=learning_rate_schedule(training.learning_rate, training.schedule, updates),
        units=model.units or None,
        attention_units=model.attention_units or None,
        attention_hops=model.attention_hops or None,
        attention_variant=None if model.attention_variant == "mean" else model.attention_variant,
        attention_window=model.attention_window or None,
        attend_last_steps=model.attend_last_steps or None,
        masked=problem.masked,
    )


def _batches(settings: Settings, problem: Problem) -> tuple[Batches, int]:
    """The training batches, and the number of epochs in which the allowed updates are reached."""
    data, training = settings.data, settings.training
    pool = problem.source.pool(data.steps, data.data_dir or None, training.seed, data.test_fold)
    batches = Batches(pool, training.batch_size, training.sequences_per_epoch, training.seed)
    if not training.updates:
        return batches, training.epochs
    return batches, min(training.epochs, -(-training.updates // batches.steps_per_epoch))


def _held_out(settings: Settings) -> Split:
    """The validation samples, once it is known that there are some, and the test samples that are to be explained."""
    validation, explanation = load_split(settings, "validation"), settings.explanation
    if len(validation.y) == 0:
        raise InputError("validation data must have at least one sample; give more to divide; received none")
    test_samples(settings, explanation.heatmap_indices if explanation.indices else range(1))
    return validation


def _trackers(settings: Settings, problem: Problem, validation: Split, measures) -> list[ExplanationLogger]:
    count = settings.explanation.track_sequences
    if not count:
        return []
    found = [spec for spec in measures if spec.measure.family == "localisation"][:1]
    if problem.evidence is None or not found:
        raise InputError("track_sequences needs evidence, which this problem has none of; received single images")
    methods = method_specs(settings.explanation.methods)
    return [ExplanationLogger.of_split(validation.take(slice(count)), methods, found)]


def compute_deterministically() -> None:
    """Makes GPUs add up in a fixed order, so that the same run gives the same weights to the bit.

    Processors do so anyway; there the switch changes nothing but the speed: convolutions take nearly twice as long.
    """
    if tf.config.list_physical_devices("GPU"):
        tf.config.experimental.enable_op_determinism()
