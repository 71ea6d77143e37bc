"""Draws a run's figures and TensorBoard logs from its files: python -m thesis_rnn report --run_dir=..."""

from absl import flags

from thesis_rnn.cli import front_end

FLAGS = flags.FLAGS

flags.DEFINE_string("run_dir", None, "Folder of the run to report.", required=True)


def main(_) -> dict:
    from thesis_rnn.runs.reporting import report_run
    from thesis_rnn.training.run_folder import RunFolder

    folder = RunFolder(FLAGS.run_dir)
    print(f"{report_run(folder)}\n\nFigures: {folder.path}; TensorBoard: tensorboard --logdir {folder.path}")
    figures = sorted(folder.path.rglob("*.png"))
    return {"run": folder.path, "page": folder.path / "report.html", "figures": figures} | folder.read_metrics()


def run() -> None:
    front_end.run(main, __name__)
