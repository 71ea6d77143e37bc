"""Reproduces the thesis: trains, explains and evaluates a profile's plan, then draws its tables and figures.

python -m thesis_rnn.reproduce --profile=quick
python -m thesis_rnn.reproduce --profile=standard --only=dataset:mnist_maj,arch:deep,arch:rlstm_sd --jobs=2
python -m thesis_rnn.reproduce --profile=standard --draw_only
"""

import pathlib

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.errors import InputError

FLAGS = flags.FLAGS

COMMITTED = ("standard", "constant")
"""The profiles whose numbers are part of this repository."""

flags.DEFINE_string("profile", "standard", "The plan: a folder of --flags_dir; quick, standard, constant or full.")
flags.DEFINE_string("only", "", "Run only the tasks that fit, as in arch:deep,arch:rlstm,dataset:mnist_maj,fold:0.")
flags.DEFINE_string(
    "folds", "", "Run only these folds, as in 0,1-3; 0 is the original split. Default: all of the plan."
)
flags.DEFINE_integer("jobs", 0, "Tasks side by side; 0 for one on each core. With a GPU use 1.", lower_bound=0)
flags.DEFINE_bool("draw_only", False, "Run nothing; draw tables and figures from the results that there are.")
flags.DEFINE_bool("export_zoo", False, "Run nothing; put the models of the zoo that are finished into the package.")
flags.DEFINE_bool("list_tasks", False, "Print the tasks, which of them are finished, and stop.")
flags.DEFINE_string("flags_dir", "flags", "Folder with a folder of flagfiles for each profile.")
flags.DEFINE_string("results", "", "Folder of the runs. Default: runs/<profile>.")
flags.DEFINE_string(
    "figures",
    "",
    "Folder of tables, figures and result files. Default: figures for standard and constant, else "
    "runs/<profile>/figures.",
)
flags.DEFINE_string(
    "readme",
    "",
    "Page whose tables are written anew. Default: README.md where --figures is left to be figures, else none.",
)
flags.DEFINE_string("data_dir", "", "Folder with the images, as for python -m thesis_rnn.train.")


def main(_) -> None:
    from thesis_rnn.papers.reproduction import draw
    from thesis_rnn.plans.executors.processes import jobs_of_this_machine, run_plan
    from thesis_rnn.plans.plan import parse_selection, read_plan, select
    from thesis_rnn.plans.tasks import expanded

    results = pathlib.Path(FLAGS.results or f"runs/{FLAGS.profile}")
    figures = pathlib.Path(FLAGS.figures or ("figures" if FLAGS.profile in COMMITTED else results / "figures"))
    plan = read_plan(FLAGS.profile, pathlib.Path(FLAGS.flags_dir), results, FLAGS.data_dir)
    chosen = parse_selection(FLAGS.only)
    if FLAGS.folds:
        chosen["fold"] = set(expanded(FLAGS.folds))
    tasks = select(plan, chosen)
    if FLAGS.list_tasks:
        return _list(tasks)
    if FLAGS.export_zoo:
        return _export_zoo(plan)
    failed = [] if FLAGS.draw_only else run_plan(tasks, FLAGS.jobs or jobs_of_this_machine())
    readme = FLAGS.readme or ("README.md" if FLAGS.profile in COMMITTED and not FLAGS.figures else "")
    print(draw(plan, FLAGS.profile, figures, pathlib.Path(readme) if readme else None))
    if failed:
        expected = f"{len(failed)} of {len(tasks)} tasks failed; mend the cause and repeat the command"
        raise InputError(f"{expected}; received {'; '.join(failed)}")


def _list(tasks) -> None:
    from thesis_rnn.plans.outcomes import is_finished

    for task in tasks:
        print(f"{'finished' if is_finished(task) else 'to do':10s} {task.experiment:28s} {task.name}")


def _export_zoo(plan) -> None:
    from thesis_rnn.papers.chormai_2018.zoo import export, members
    from thesis_rnn.plans.outcomes import is_finished
    from thesis_rnn.training.zoo import FOLDER

    names = export(members([task for task in plan if is_finished(task)]), FOLDER)
    print(f"in {FOLDER}: {', '.join(names) or 'nothing'}")


def run() -> None:
    front_end.run(main, if_interrupted="interrupted; the same command goes on where it was")


if __name__ == "__main__":
    run()
