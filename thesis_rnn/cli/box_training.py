"""Trains a model on series with planted evidence and scores how well its maps find it (Ismail et al., 2019).

python -m thesis_rnn.boxes --arch=lstm_ica --dataset=earlier
"""

import dataclasses

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.runs.box_settings import BoxSettings

FLAGS = flags.FLAGS

front_end.define_flags(BoxSettings)
front_end.define_run_flags("runs/boxes/<dataset>/<arch>/<seed>")
flags.adopt_module_key_flags(front_end)
flags.DEFINE_bool("list_models", False, "Print the models of series and stop.")


def main(_) -> None:
    if FLAGS.list_models:
        return _list_models()
    settings, folder = _settings_and_folder()
    from thesis_rnn.reporting.box_report import box_table
    from thesis_rnn.runs.box_scoring import score_boxes
    from thesis_rnn.runs.box_training import train_on_boxes

    train_on_boxes(settings, folder, FLAGS.overwrite, FLAGS.resume)
    print(f"\n{box_table(score_boxes(folder, settings.method))}\n\nThe run is in {folder.path}")


def _settings_and_folder():
    """The settings of the command line and their folder; a resumed run keeps what the command line does not name."""
    from thesis_rnn.training.run_folder import RunFolder

    front_end.check_run_flags()
    named = front_end.named(BoxSettings)
    settings = BoxSettings(**named)
    folder = RunFolder(FLAGS.run_dir or f"runs/boxes/{settings.dataset}/{settings.arch}/{settings.seed}")
    if FLAGS.resume and folder.is_run():
        settings = dataclasses.replace(BoxSettings.of_run(folder, "boxes"), **named)
    return settings, folder


def _list_models() -> None:
    from thesis_rnn.architectures import ARCHITECTURES, architecture_names

    names = architecture_names("series")
    width = max(map(len, names))
    for name in names:
        print(f"{name:{width}s}  {ARCHITECTURES[name].title}")


def run() -> None:
    front_end.run(main, if_interrupted="interrupted; the same command with --resume goes on")


if __name__ == "__main__":
    run()
