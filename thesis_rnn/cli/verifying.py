"""Compares a run's files, or all runs' below a folder, with their digests: python -m thesis_rnn verify --run_dir=...

Prints a line for each run and each fault. The exit status is 1 if anything does not hold.
"""

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.cli.outcomes import Outcome

FLAGS = flags.FLAGS

flags.DEFINE_string("run_dir", None, "Folder of a run, or of runs: all below it are verified.", required=True)


def main(_) -> Outcome:
    from thesis_rnn.runs.verifying import verify_tree

    runs = verify_tree(FLAGS.run_dir)
    for run in runs:
        print(f"{run.folder}: {'damaged' if run.faults else 'whole'}, {run.files} files as they were written")
        for line in (*run.faults, *run.notes):
            print(f"  {line}")
    damaged = sum(bool(run.faults) for run in runs)
    fault = f"expected every file as its run wrote it; {damaged} of {len(runs)} runs are damaged"
    return Outcome({"runs": runs}, fault if damaged else "")


def run() -> None:
    front_end.run(main, __name__)
