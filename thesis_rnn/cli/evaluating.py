"""Scores a run on its test set and prints its table: python -m thesis_rnn evaluate --run_dir=..."""

from absl import flags

from thesis_rnn.cli import front_end

FLAGS = flags.FLAGS

flags.DEFINE_string("run_dir", None, "Folder of the run to evaluate.", required=True)
flags.DEFINE_integer("limit", None, "Test samples to use, from the first. Default: all.", lower_bound=1)
front_end.define_replacements("methods", "measures", "data_dir")
flags.adopt_module_key_flags(front_end)


def main(_) -> dict:
    from thesis_rnn.attribution import method_specs
    from thesis_rnn.reporting.run_report import run_table
    from thesis_rnn.runs.evaluating import evaluate_run
    from thesis_rnn.runs.stored import stored_settings
    from thesis_rnn.runs.training import measures_of
    from thesis_rnn.training.run_folder import RunFolder

    folder = RunFolder(FLAGS.run_dir)
    settings = stored_settings(folder, **front_end.named())
    specs, measures = method_specs(settings.explanation.methods), measures_of(settings)
    metrics = evaluate_run(folder, specs, measures, settings.data.data_dir, FLAGS.limit)
    print(run_table(metrics))
    return {"run": folder.path} | metrics


def run() -> None:
    front_end.run(main, __name__)
