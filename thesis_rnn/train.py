"""Trains an architecture, then explains, evaluates and reports it: python -m thesis_rnn.train --arch=convrlstm_sd."""

import dataclasses
import sys

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.runs.old_settings import Settings

FLAGS = flags.FLAGS

front_end.define_flags(Settings)
front_end.define_run_flags("runs/<dataset>/<arch>/<seed>")
flags.adopt_module_key_flags(front_end)
flags.DEFINE_bool("list_architectures", False, "Print the architectures and stop.")


def main(_) -> None:
    if FLAGS.list_architectures:
        return _list_architectures()
    from thesis_rnn.runs.evaluating import evaluate_run
    from thesis_rnn.runs.explaining import explain_run
    from thesis_rnn.runs.methods import chosen_methods
    from thesis_rnn.runs.reporting import report_run
    from thesis_rnn.runs.training import train
    from thesis_rnn.training.run_folder import load as load_model

    settings, folder = _settings_and_folder()
    methods = chosen_methods(settings)
    train(settings, folder, FLAGS.overwrite, FLAGS.resume)
    model = load_model(folder.path)
    explain_run(folder, methods, settings.chosen, model=model)
    evaluate_run(folder, methods, model=model)
    print(f"\n{report_run(folder)}\n\nThe run is in {folder.path}; look at it with: tensorboard --logdir {folder.path}")


def _settings_and_folder():
    """The settings of the command line and their folder; a resumed run keeps what the command line does not name."""
    from thesis_rnn.data import sequence_shape
    from thesis_rnn.runs.training import stored_settings
    from thesis_rnn.training.run_folder import RunFolder

    front_end.check_run_flags()
    named = front_end.named(Settings)
    folder = RunFolder(FLAGS.run_dir) if FLAGS.run_dir else None
    if not (FLAGS.resume and folder and folder.is_run()):
        named = {"dataset": _default_dataset()} | named
        settings = Settings(**named)
        split = f"-fold{settings.fold}of{settings.folds}" if settings.fold else ""
        folder = folder or RunFolder(f"runs/{settings.dataset}/{settings.arch}/{settings.seed}{split}")
    if FLAGS.resume and folder.is_run():
        settings = stored_settings(folder, **named)
    steps, *_ = sequence_shape(settings.dataset, settings.steps or None)
    return dataclasses.replace(settings, steps=steps), folder


def _default_dataset() -> str:
    """MNIST-MAJ or, if the user named no data set and there is no MNIST, embedded digits with a loud line."""
    if FLAGS["dataset"].present:
        return FLAGS.dataset
    from thesis_rnn.data import default_dataset

    name, notice = default_dataset(FLAGS.data_dir or None)
    if notice:
        print(notice, file=sys.stderr)
    return name


def _list_architectures() -> None:
    from thesis_rnn.architectures import ARCHITECTURES

    for name in ARCHITECTURES:
        print(f"{name:20s} {ARCHITECTURES[name].title}")


def run() -> None:
    front_end.run(main, if_interrupted="interrupted; the same command with --resume goes on")


if __name__ == "__main__":
    run()
