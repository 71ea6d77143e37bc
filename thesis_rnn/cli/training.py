"""Trains an architecture, then explains, evaluates and reports it.

python -m thesis_rnn.train --arch=convrlstm_sd
python -m thesis_rnn train --arch=lstm_ica --dataset=box_earlier
python -m thesis_rnn train --arch=lstm --dataset=file:my_series.npz
python -m thesis_rnn train --arch=convrlstm_sd --devices=all
"""

import sys

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.runs.settings import Settings

FLAGS = flags.FLAGS

front_end.define_settings()
front_end.define_run_flags("runs/<dataset>/<arch>/<seed>")
flags.DEFINE_string(
    "devices", "one", "Devices of this machine to train on: one, or all, its GPUs or, without any, its logical CPUs."
)
flags.adopt_module_key_flags(front_end)


def main(_) -> dict:
    front_end.check_run_flags()
    from thesis_rnn.runs.pipeline import make_run

    settings, folder = _settings_and_folder()
    table = make_run(settings, folder, FLAGS.overwrite, FLAGS.resume, FLAGS.devices)
    print(f"\n{table}\n\nThe run is in {folder.path}; look at it with: tensorboard --logdir {folder.path}")
    return {"run": folder.path} | folder.read_metrics()


def _settings_and_folder():
    """The settings of the command line and their folder; a resumed run keeps what the command line does not name."""
    from thesis_rnn.runs.stored import stored_settings
    from thesis_rnn.runs.training import is_resumable
    from thesis_rnn.training.run_folder import RunFolder

    named = front_end.named()
    if not FLAGS.run_dir or not FLAGS.resume or not is_resumable(RunFolder(FLAGS.run_dir)):
        named = {"dataset": _default_dataset()} | named
    settings = Settings.of(**named)
    folder = RunFolder(FLAGS.run_dir or _default_folder(settings))
    if FLAGS.resume and is_resumable(folder):
        settings = stored_settings(folder, **named)
    return settings, folder


def _default_folder(settings: Settings) -> str:
    data, seed = settings.data, settings.training.seed
    split = f"-fold{data.fold}of{data.folds}" if data.fold else ""
    dataset = data.dataset.replace(":", "_").strip("/").replace("/", "_")
    return f"runs/{dataset}/{settings.model.architecture}/{seed}{split}"


def _default_dataset() -> str:
    """MNIST-MAJ or, if the user named no problem and there is no MNIST, embedded digits with a loud line."""
    if FLAGS["dataset"].present:
        return FLAGS.dataset
    from thesis_rnn.data import default_dataset

    name, notice = default_dataset(FLAGS.data_dir or None)
    if notice:
        print(notice, file=sys.stderr)
    return name


def run() -> None:
    front_end.run(main, __name__, if_interrupted="interrupted; the same command with --resume goes on")
