"""Reproduces papers: trains, explains and evaluates a profile's plan, then draws its tables and figures.

python -m thesis_rnn reproduce --profile=quick
python -m thesis_rnn reproduce --profile=standard --only=dataset:mnist_maj,arch:deep,arch:rlstm_sd --jobs=2
python -m thesis_rnn reproduce --profile=standard --draw_only
python -m thesis_rnn reproduce --profile=full --executor=ray --address=auto --storage=s3://bucket/runs
"""

import pathlib

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.cli.outcomes import Outcome
from thesis_rnn.errors import InputError

FLAGS = flags.FLAGS

COMMITTED = ("standard", "constant", "comparison")
"""The profiles whose numbers are part of this repository."""
PAGES = pathlib.Path("docs/results")
"""Their pages."""
README = pathlib.Path("README.md")
"""Which has the summary of the committed numbers."""

flags.DEFINE_string(
    "profile", "standard", "The plan: quick, standard, constant, prototypes, comparison or full; see --flags_dir."
)
flags.DEFINE_string("only", "", "Run only the tasks that fit, as in arch:deep,arch:rlstm,dataset:mnist_maj,fold:0.")
flags.DEFINE_string(
    "folds", "", "Run only these folds, as in 0,1-3; 0 is the original split. Default: all of the plan."
)
flags.DEFINE_integer("jobs", 0, "Tasks side by side; 0 for one on each core. With a GPU use 1.", lower_bound=0)
flags.DEFINE_string("executor", "processes", "What runs the tasks: processes, of this machine, or ray, an extra.")
flags.DEFINE_string("address", None, "With --executor=ray: auto, or ray://host:port. Default: one started here.")
flags.DEFINE_string(
    "storage",
    "",
    "With --executor=ray: a folder or URL (s3://, gs://) to which runs are uploaded after each epoch, so that a lost "
    "task goes on elsewhere. Default: none, and it begins anew.",
)
flags.DEFINE_bool("draw_only", False, "Run nothing; draw tables and figures from the results that there are.")
flags.DEFINE_bool("export_zoo", False, "Run nothing; put the models of the zoo that are finished into the package.")
flags.DEFINE_bool("list_tasks", False, "Print the tasks, which of them are finished, and stop.")
flags.DEFINE_string("flags_dir", "", "Folder of flagfiles, with a folder profiles. Default: those of the package.")
flags.DEFINE_string("runs_dir", "", "Folder of the runs. Default: runs/<profile>.")
flags.DEFINE_string(
    "figures_dir",
    "",
    "Folder of tables, figures and result files. Default: figures for standard, constant and comparison, else "
    "runs/<profile>/figures.",
)
flags.DEFINE_string(
    "pages_dir",
    "",
    "Folder of the pages <paper>.md whose tables are written anew. Default: docs/results for standard, constant and "
    "comparison if --figures_dir is not given, else that of the figures.",
)
flags.DEFINE_string("data_dir", "", "Folder with the images, as for python -m thesis_rnn train.")


def main(_) -> Outcome:
    from thesis_rnn.papers.reproduction import check_pages, draw
    from thesis_rnn.plans.plan import parse_selection, read_plan, select
    from thesis_rnn.plans.profiles import flags_folder
    from thesis_rnn.plans.running import run_plan
    from thesis_rnn.plans.tasks import expanded
    from thesis_rnn.support.folder_lock import swept

    runs, figures, pages = _folders()
    readme = README if pages == PAGES and README.is_file() else None
    plan = read_plan(FLAGS.profile, flags_folder(FLAGS.flags_dir), runs, FLAGS.data_dir)
    chosen = parse_selection(FLAGS.only)
    if FLAGS.folds:
        chosen["fold"] = set(expanded(FLAGS.folds))
    tasks = select(plan, chosen)
    if FLAGS.list_tasks:
        return _list(tasks)
    if FLAGS.export_zoo:
        return _export_zoo(plan)
    check_pages(plan, pages, readme)
    failed = [] if FLAGS.draw_only else run_plan(tasks, _executor())
    with swept(figures, "reproduce", "figures_dir"):
        made = draw(plan, FLAGS.profile, figures, pages, readme)
    print(made)
    fault = f"{len(failed)} of {len(tasks)} tasks failed; mend the cause and repeat the command"
    data = {"profile": FLAGS.profile, "figures": figures, "failed": failed, "made": made}
    return Outcome(data, f"{fault}; received {'; '.join(failed)}" if failed else "")


def _executor():
    """What runs the tasks."""
    if FLAGS.executor == "ray":
        from thesis_rnn.plans.executors.on_ray import RayTasks

        return RayTasks(FLAGS.jobs, FLAGS.address, FLAGS.storage)
    if FLAGS.executor != "processes":
        raise InputError(f"executor must be processes or ray; received {FLAGS.executor!r}")
    foreign = [f"--{name}" for name in ("address", "storage") if FLAGS[name].value]
    if foreign:
        raise InputError(f"a cluster is for --executor=ray; received {', '.join(foreign)}")
    from thesis_rnn.plans.executors.processes import Processes, jobs_of_this_machine

    return Processes(FLAGS.jobs or jobs_of_this_machine())


def _folders() -> tuple[pathlib.Path, pathlib.Path, pathlib.Path]:
    """Of runs, of figures and of pages."""
    is_committed = FLAGS.profile in COMMITTED and not FLAGS.figures_dir
    runs = pathlib.Path(FLAGS.runs_dir or f"runs/{FLAGS.profile}")
    figures = pathlib.Path(FLAGS.figures_dir or ("figures" if is_committed else runs / "figures"))
    return runs, figures, pathlib.Path(FLAGS.pages_dir or (PAGES if is_committed else figures))


def _list(tasks) -> Outcome:
    from thesis_rnn.plans.outcomes import is_finished

    listed = [{"name": task.name, "experiment": task.experiment, "finished": is_finished(task)} for task in tasks]
    for task in listed:
        print(f"{'finished' if task['finished'] else 'to do':10s} {task['experiment']:30s} {task['name']}")
    return Outcome({"tasks": listed})


def _export_zoo(plan) -> Outcome:
    from thesis_rnn.papers.chormai_2018.zoo import export, members
    from thesis_rnn.plans.outcomes import is_finished
    from thesis_rnn.training.zoo import FOLDER

    names = export(members([task for task in plan if is_finished(task)]), FOLDER)
    print(f"in {FOLDER}: {', '.join(names) or 'nothing'}")
    return Outcome({"folder": FOLDER, "models": names})


def run() -> None:
    front_end.run(main, __name__, if_interrupted="interrupted; the same command goes on where it was")
