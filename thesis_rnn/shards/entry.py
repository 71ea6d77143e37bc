"""``explain_shards``: from files of samples to files of explanations."""

import contextlib
import inspect
import json
import os
import pathlib
import tempfile
import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

import keras

from thesis_rnn.attribution import MethodSpec, explain, method_specs
from thesis_rnn.attribution.inputs.choosing import default_method
from thesis_rnn.attribution.request import Request
from thesis_rnn.errors import InputError
from thesis_rnn.measures.specs import measure_specs
from thesis_rnn.plans.executors.executor import Executor
from thesis_rnn.shards.identity import ids_of_others
from thesis_rnn.shards.models import model_named, save_for_workers
from thesis_rnn.shards.readers import suffix_of
from thesis_rnn.shards.resuming import json_of, not_done
from thesis_rnn.shards.summary import MANIFEST, ShardSummary, summarised
from thesis_rnn.shards.work import BATCH, Job, ShardTask, Work, digest_of
from thesis_rnn.shards.workers import InThisProcess, WorkerProcesses, worker_command
from thesis_rnn.shards.writers import WRITERS
from thesis_rnn.support import files, progress
from thesis_rnn.support.checks import at_least_one
from thesis_rnn.support.folder_lock import swept
from thesis_rnn.support.storage import Folder, LocalFolder, Stored, check_writable, folder_of, matching
from thesis_rnn.training.run_folder import versions

EXECUTORS = ("processes", "ray")
JOB = "job.json"
"""The file of an output folder that says what was asked."""
NOT_HERE = ("verbose", "ledger", "states", "through", "class_names", "feature_names", "step_names", "against")
"""Arguments of ``explain`` that shards do not have: their result is not kept, or they are of samples."""
OF_RELEVANCE = {"explanation", "images", "series", "tokens"}
"""What a measure of shards may need; with evidence, also this cell by cell."""


def explain_shards(
    model: keras.Model | str | os.PathLike,
    inputs: str | os.PathLike,
    output: str | os.PathLike,
    method: str | MethodSpec | None = None,
    *,
    target: int | str | None = None,
    workers: int = 1,
    executor: str = "processes",
    address: str | None = None,
    form: str | None = None,
    measures: str = "",
    evidence: str | None = None,
    imports: Sequence[str] = (),
    unsafe: bool = False,
    checksums: bool = True,
    verbose: int = 1,
    **options,
) -> ShardSummary:
    """Explains files of samples into files of explanations, shard by shard, in any number of workers.

    Each shard gives a file of the same name, with a row for each sample in the same order: id, target, logits, value,
    explained, relevance; and then a record, with which it is done. Both are whole or not there, so that any process may
    be killed at any moment: the same call goes on with what is missing. A shard that cannot be explained is named, and
    the others go on. ``manifest.json`` has counts, checksums, versions, and the account of conservation.

    A worker reads and explains a shard in blocks of whole batches, of 32 MiB of inputs or of one batch, and holds no
    more of it; numbers are those of ``explain`` of the whole shard. XLA is off unless ``xla=True``, so that they do not
    depend on when a shard was explained, or by whom.

    A later call compares the checksums of files that are done with their records. One that is damaged is made again,
    and is named in a warning and the summary.

    Args:
      model: a Keras model; or the path of a ``.keras`` file, a run folder or "zoo:NAME".
      inputs: a pattern of files, as in "in/*.npz", in a folder or behind a URL (s3://, gs://): ``.npy`` [n, ...];
        ``.npz`` with the model's inputs by their names, or one; ``.parquet`` with the same as columns of lists. ``id``
        names the samples, in all shards each once; without it they are called shard/row.
      output: the folder of the explanations, or its URL.
      method: as for ``explain``, as text; None for the one that fits the model.
      target: a class; the name of the array or column that has each sample's class; None for the predicted class.
      workers: processes, or actors of Ray, which each load the model once. One is this process itself.
      executor: "processes", of this machine, or "ray", the extra of that name, whose nodes need no shared folder.
      address: of the cluster for "ray": "auto", "ray://host:port", or None to start one here.
      form: "npz" or "parquet"; None is that of the inputs, and npz for npy.
      measures: of relevance, as in "gini; entropy", whose means the summary has.
      evidence: the name of the array or column that marks each sample's evidence by ones, in the shape of the input,
        for measures such as "pointing_game; roc_auc".
      imports: Python files that register layers of your own, for workers.
      unsafe: also load Lambda layers of a model that is named by its path.
      checksums: whether files that are done are read again and compared with their records; False compares sizes alone,
        for terabytes behind a URL.
      verbose: 0 shows no bar.
      **options: further arguments of ``explain``: parameters of the method, batch_size, head, step, dtype, ...

    Returns:
      What became of the shards. Shards that failed are warned of, too.

    Raises:
      InputError: for no shards, two of one name, a model that workers cannot load, an unknown method, or a folder with
        explanations of another kind, before anything is explained.

    Example:
      >>> import keras, os, tempfile
      >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
      >>> with tempfile.TemporaryDirectory() as folder:
      ...     for name in ("a", "b"):
      ...         np.save(f"{folder}/{name}.npy", np.ones((5, 3)))
      ...     done = explain_shards(model, f"{folder}/*.npy", f"{folder}/out", "gradient_x_input", target=0)
      ...     files = sorted(os.listdir(f"{folder}/out"))
      >>> done.samples, done.shards, files
      (10, 2, ['.lock', 'a.npz', 'b.npz', 'job.json', 'manifest.json', 'records'])
    """
    at_least_one(workers=workers)
    if executor not in EXECUTORS:
        raise InputError(f"executor must be {' or '.join(EXECUTORS)}; received {executor!r}")
    if address is not None and executor != "ray":
        raise InputError(f"address is of a Ray cluster; use executor='ray'; received {address!r}")
    source, found = matching(inputs)
    folder = folder_of(output)
    tasks = _tasks(source, folder, found, form)
    model = model_named(model, imports, unsafe)
    job = _job(model, method, target, measures, evidence, options)
    with _held(folder):
        _claim(folder, job)
        failed = ids_of_others(source, tasks)
        tried = [task for task in tasks if task.name not in failed]
        waiting, damaged = not_done(source, folder, tried, checksums, verbose)
        skipped = len(tasks) - len(failed) - len(waiting)
        with _executor(executor, address, min(workers, len(waiting)), model, job, source, folder, imports) as runner:
            failed |= _run(waiting, runner, len(tasks), verbose)
        summary = summarised(folder, job, tasks, skipped, failed, damaged)
    if damaged:
        told = f"{len(damaged)} files were other than their records say, and were made again"
        warnings.warn(f"{told}; received {', '.join(damaged)}"[:400], stacklevel=2)
    if failed:
        name, reason = next(iter(summary.failed.items()))
        told = f"{len(failed)} of {len(tasks)} shards failed, see {folder.place(MANIFEST)}"
        warnings.warn(f"{told}: {name}: {reason}"[:400], stacklevel=2)
    return summary


def _tasks(source: Folder, folder: Folder, found: Sequence[Stored], form: str | None) -> list[ShardTask]:
    """A task for each file.

    Raises:
      InputError: for two whose explanations would have one name, or one that its explanation would replace.
    """
    if form is not None and f".{form}" not in WRITERS:
        raise InputError(f"form must be {' or '.join(name[1:] for name in WRITERS)}; received {form!r}")
    tasks: dict[str, ShardTask] = {}
    for name, size, changed in found:
        suffix = suffix_of(name)
        written = f".{form}" if form else suffix if suffix in WRITERS else ".npz"
        task = ShardTask(name, size, changed, f"{name.removesuffix(suffix)}{written}")
        if task.output in tasks:
            raise InputError(f"shards need names of their own; received {tasks[task.output].name} and {name}")
        if folder.place(task.output) == source.place(name):
            raise InputError(f"output must be another folder than that of the inputs; received {folder}")
        tasks[task.output] = task
    return list(tasks.values())


def _job(model: keras.Model, method, target, measures: str, evidence: str | None, options: Mapping) -> Job:
    """What is asked, checked as far as no sample is needed."""
    if isinstance(target, bool) or not (target is None or isinstance(target, int | str)):
        raise InputError(f"target must be a class, the name of an array or None; received {type(target).__name__}")
    refused = [name for name in options if name in NOT_HERE]
    if refused:
        raise InputError(f"shards keep relevance alone; leave out what explain has beside it; received {refused[0]}")
    try:
        options = json.loads(json.dumps(dict(options)))
    except TypeError:
        kinds = ", ".join(f"{name}: {type(value).__name__}" for name, value in options.items())
        raise InputError(f"options must be numbers and text, which go to workers; received {kinds}"[:400]) from None
    at_least_one(batch_size=options.get("batch_size", BATCH))
    options = {"xla": False} | options
    own = set(inspect.signature(explain).parameters)
    parameters = {name: value for name, value in options.items() if name not in own}
    method = _text_of(method) if method is not None else default_method(model, parameters)[0]
    Request.of(method, parameters, *(options.get(name) for name in ("output", "engine", "dtype")))
    if measures and options.get("every_class"):
        raise InputError(f"measures are of the relevance of one class; leave out every_class; received {measures}")
    _check_measures(measures, evidence)
    made_by = {name: version for name, version in versions().items() if name in ("thesis_rnn", "tensorflow", "keras")}
    return Job(digest_of(model), method, target, options, measures, evidence, made_by)


def _check_measures(measures: str, evidence: str | None) -> None:
    given = OF_RELEVANCE | ({"evidence:cells"} if evidence else set())
    for spec in measure_specs(measures) if measures else ():
        if spec.measure.needs == ("evidence:cells",) and not evidence:
            raise InputError(f"name the array that marks evidence, evidence=; received none for {spec.text}")
        if not set(spec.measure.needs) <= given or spec.measure.by_step:
            raise InputError(f"measures of shards are of relevance and evidence, such as gini; received {spec.text}")
    if evidence and not measures:
        raise InputError(f"evidence is for measures, such as pointing_game; received {evidence!r} without any")


def _text_of(method) -> str:
    if isinstance(method, MethodSpec):
        return method.text
    if not isinstance(method, str):
        raise InputError(f"the method of shards is text, which goes to workers; received {type(method).__name__}")
    return method if method_specs(method) else ""


@contextlib.contextmanager
def _held(folder: Folder) -> Iterator[None]:
    """Keeps other callers out of a local folder, and removes what a killed one left half-written."""
    check_writable(folder, "output")
    if not isinstance(folder, LocalFolder):
        yield
        return
    with swept(folder.path, "explain_shards"):
        yield


def _claim(folder: Folder, job: Job) -> None:
    """Makes the folder one of this job.

    Raises:
      InputError: if it has explanations of another kind, or files of somebody else.
    """
    names = {each.name for each in folder.found(below=False)} - {".lock"}
    asked = job.as_json()
    if JOB in names:
        stored = json_of(folder, JOB)
        if stored is None:
            raise InputError(f"expected JSON; choose another folder; received {folder.place(JOB)}, which is damaged")
        differing = [name for name in asked if stored.get(name) != asked[name]]
        if differing:
            what = ", ".join(f"{name} {str(stored.get(name))[:60]}" for name in differing)
            raise InputError(f"output holds explanations of another kind; choose another folder; received {what}")
    elif names:
        raise InputError(f"output must be new, or the folder of the same shards; received {folder} with {min(names)}")
    else:
        folder.write(JOB, f"{json.dumps(asked, indent=1)}\n".encode())


@contextlib.contextmanager
def _executor(kind: str, address, workers: int, model, job: Job, source: Folder, folder: Folder, imports):
    """What runs the shards, until the block ends."""
    with tempfile.TemporaryDirectory() as place:
        path = pathlib.Path(place, "model.keras")
        if not workers:
            runner = InThisProcess(None, source, folder)  # nothing is left to do
        elif kind == "ray":
            from thesis_rnn.shards.on_ray import Actors

            save_for_workers(model, path)
            runner = Actors(workers, address, path.read_bytes(), job, source, folder, imports)
        elif workers == 1:
            runner = InThisProcess(Work(model, job), source, folder)
        else:
            save_for_workers(model, path)
            order = {"model": str(path), "imports": [os.path.abspath(file) for file in imports], "job": job.as_json()}
            order |= {"source": str(source), "target": str(folder)}
            files.write_json(pathlib.Path(place, "order.json"), order)
            runner = WorkerProcesses(workers, worker_command(pathlib.Path(place, "order.json")))
        try:
            yield runner
        finally:
            runner.cancel()


def _run(tasks: Sequence[ShardTask], executor: Executor, total: int, verbose: int) -> dict[str, str]:
    """Runs the shards; the name of each that failed, with the reason."""
    waiting, running = deque(tasks), 0
    failed: dict[str, str] = {}
    with progress.bar(None, "", "shard", total, bool(verbose), delay=0, initial=total - len(tasks)) as bar:
        while waiting or running:
            while waiting and running < executor.places:
                executor.submit(waiting.popleft())
                running += 1
            for task, reason in executor.ended():
                running -= 1
                bar.update()
                failed |= {task.name: reason} if reason else {}
    return failed
