"""Scores a run on its test set and prints its table: python -m thesis_rnn.evaluate --run_dir=..."""

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.runs.old_settings import Settings

FLAGS = flags.FLAGS

flags.DEFINE_string("run_dir", None, "Folder of the run to evaluate.", required=True)
flags.DEFINE_integer("limit", None, "Test sequences to use, from the first. Default: all.", lower_bound=1)
front_end.define_replacements(Settings, "method", "alpha", "beta", "rules", "data_dir")
flags.adopt_module_key_flags(front_end)


def main(_) -> None:
    from thesis_rnn.reporting.run_report import run_table
    from thesis_rnn.runs.evaluating import evaluate_run
    from thesis_rnn.runs.methods import chosen_methods
    from thesis_rnn.runs.training import stored_settings
    from thesis_rnn.training.run_folder import RunFolder

    folder = RunFolder(FLAGS.run_dir)
    settings = stored_settings(folder, **front_end.named(Settings))
    methods = chosen_methods(settings)
    print(run_table(evaluate_run(folder, methods, settings.data_dir, FLAGS.limit)))


def run() -> None:
    front_end.run(main)


if __name__ == "__main__":
    run()
