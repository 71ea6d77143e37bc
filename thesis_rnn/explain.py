"""Explains a run's test sequences: python -m thesis_rnn.explain --run_dir=... --method=lrp --alpha=1.5 --beta=0.5."""

from absl import flags

from thesis_rnn import front_end
from thesis_rnn.pipeline.settings import Settings

FLAGS = flags.FLAGS

flags.DEFINE_string("run_dir", None, "Folder of the run to explain.", required=True)
front_end.define_replacements(Settings, "method", "alpha", "beta", "samples", "data_dir")
flags.adopt_module_key_flags(front_end)


def main(_) -> None:
    from thesis_rnn.pipeline.explaining import explain_run
    from thesis_rnn.pipeline.methods import choices
    from thesis_rnn.pipeline.training import stored_settings
    from thesis_rnn.training.run_folder import RunFolder

    folder = RunFolder(FLAGS.run_dir)
    settings = stored_settings(folder, **front_end.named(Settings))
    methods = choices(settings.method, settings.alpha, settings.beta)
    explain_run(folder, methods, settings.samples, settings.data_dir)
    for method in methods:
        print(f"{method.label}: {folder.heatmaps / method.name}.npz")


def run() -> None:
    front_end.run(main)


if __name__ == "__main__":
    run()
