"""Explains a run's test samples, or a Keras model of your own.

python -m thesis_rnn explain --run_dir=... --methods='lrp(alpha=1.5, beta=0.5); saliency'
python -m thesis_rnn explain --model=my.keras --input=x.npy --methods='lrp_epsilon(epsilon=0.01)' --out_dir=out
python -m thesis_rnn explain ... --methods='composite(epsilon(0.01), first=flat, convolution=gamma(0.25))'
python -m thesis_rnn explain --model=my.keras --import=my_layers.py --dry_run
python -m thesis_rnn explain --model=my.keras --input='in/*.npz' --output=out --workers=4 --methods=lrp_epsilon
"""

import pathlib
import warnings
from functools import partial

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.cli.outcomes import Outcome
from thesis_rnn.errors import InputError

FLAGS = flags.FLAGS

flags.DEFINE_string("run_dir", None, "Folder of the run to explain.")
front_end.define_replacements("methods", "samples", "indices", "data_dir")
flags.DEFINE_string("model", None, "Instead of --run_dir: your own model, a .keras file.")
flags.DEFINE_string(
    "input",
    None,
    "With --model: its inputs, a .npy file, or a .npz file of several by name. With --output: files, as in 'in/*.npz'.",
)
flags.DEFINE_string("out_dir", None, "With --model: the folder for relevance, figure and conservation report.")
flags.DEFINE_string("target", "predicted", "With --model: a class, 'predicted', or a .npy file of one for each sample.")
flags.DEFINE_string("against", "", "With --model: a class or a .npy file; explains the target's output minus its.")
flags.DEFINE_integer("head", 0, "With --model: which of the model's outputs.")
flags.DEFINE_integer("step", None, "With --model: which time step, for an output for each step.")
flags.DEFINE_bool(
    "ledger", False, "Also keep which layers absorbed relevance, and report the most, or its totals in TensorBoard."
)
flags.DEFINE_string("vocabulary", None, "With --model: the words of tokens, one on each line, from token 0 on.")
flags.DEFINE_bool("channels_last", False, "With --model: inputs of four axes are images [n, rows, columns, channels].")
flags.DEFINE_bool("dry_run", False, "With --model: only say which of its layers are covered, and by which method.")
flags.DEFINE_string(
    "output",
    None,
    "With --model, instead of --out_dir: a folder or URL of one file of explanations for each file of --input, .npy, "
    ".npz or .parquet. The same command goes on where it was.",
)
flags.DEFINE_integer("workers", 1, "With --output: processes, or actors of Ray.", lower_bound=1)
flags.DEFINE_string("executor", "processes", "With --output: processes, of this machine, or ray.")
flags.DEFINE_string("address", None, "With --executor=ray: auto, or ray://host:port. Default: one started here.")
flags.DEFINE_string(
    "measures", "", "With --output: measures of relevance, whose means are told, as in 'gini; entropy'."
)
flags.DEFINE_string("evidence", None, "With --measures: the array that marks evidence, in the shape of the input.")
flags.DEFINE_bool(
    "checksums", True, "With --output: read files that are done and compare them with their records; else their sizes."
)
flags.DEFINE_integer("batch_size", 500, "With --output: samples that are explained at once.", lower_bound=1)
front_end.define_own_code()
flags.adopt_module_key_flags(front_end)

OF_A_RUN = ("samples", "indices", "data_dir")
OF_A_MODEL = ("input", "out_dir", "target", "against", "head", "step", "vocabulary", "channels_last")
OF_SHARDS = ("output", "workers", "executor", "address", "measures", "evidence", "checksums", "batch_size")
OF_A_MODEL += ("dry_run", "import", "unsafe", *OF_SHARDS)
NOT_OF_SHARDS = ("out_dir", "against", "ledger", "vocabulary", "channels_last", "dry_run")


def main(_) -> dict | Outcome:
    of_run = front_end.asks_for_run("explained")
    _refuse_foreign(*(("--run_dir", OF_A_MODEL) if of_run else ("--model", OF_A_RUN)))
    return _explain_run() if of_run else _explain_model()


def _explain_run() -> dict:
    from thesis_rnn.attribution import method_specs
    from thesis_rnn.runs.explaining import explain_run
    from thesis_rnn.runs.stored import stored_settings
    from thesis_rnn.training.run_folder import RunFolder

    folder = RunFolder(FLAGS.run_dir)
    settings = stored_settings(folder, **front_end.named())
    specs = method_specs(settings.explanation.methods)
    explain_run(folder, specs, settings.explanation.heatmap_indices, settings.data.data_dir, ledger=FLAGS.ledger)
    for spec in specs:
        print(f"{spec.label}: {folder.heatmaps / spec.file_name}.npz")
    return {"run": folder.path, "methods": partial(_told, specs, folder.heatmaps)}


def _told(specs, folder: pathlib.Path) -> list[dict]:
    """What was written of each method, and its account: means over the samples."""
    from thesis_rnn.attribution import Explanation

    told = []
    for spec in specs:
        path = folder / f"{spec.file_name}.npz"
        explanation = Explanation.load(path)
        means = {name: getattr(explanation, name).mean() for name in ("value", "explained", "received", "absorbed")}
        told.append({"method": spec.text, "file": path, "samples": len(explanation.target), "means": means})
    return told


def _explain_model() -> dict | Outcome:
    if FLAGS.dry_run:
        return _coverage()
    if FLAGS.output is not None:
        return _explain_shards()
    _refuse_foreign("--out_dir", OF_SHARDS)
    front_end.check_files_of_model()
    from thesis_rnn.attribution import method_specs
    from thesis_rnn.runs.own_model import Request, chosen_specs, explain_model, read_inputs, read_words

    specs = method_specs(FLAGS.methods) if FLAGS.methods else None
    words, x = read_words(FLAGS.vocabulary), read_inputs(FLAGS.input)
    model = front_end.own_model(FLAGS.model)
    request = Request(FLAGS.target, FLAGS.against, {"head": FLAGS.head, "step": FLAGS.step, "ledger": FLAGS.ledger})
    specs = specs or chosen_specs(model)
    for spec in specs:
        print(explain_model(model, x, spec, request, FLAGS.out_dir, words, FLAGS.channels_last))
    print(f"\nIn {FLAGS.out_dir}: {', '.join(spec.file_name for spec in specs)}")
    return {"methods": partial(_told, specs, pathlib.Path(FLAGS.out_dir))}


def _explain_shards() -> Outcome:
    _refuse_foreign("--output", NOT_OF_SHARDS)
    if not FLAGS.input:
        raise InputError("--output needs --input, a pattern such as 'in/*.npz'; received none")
    from thesis_rnn.shards import explain_shards

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # failed shards end the program
        done = explain_shards(
            FLAGS.model,
            FLAGS.input,
            FLAGS.output,
            FLAGS.methods,
            target=_shard_target(FLAGS.target),
            workers=FLAGS.workers,
            executor=FLAGS.executor,
            address=FLAGS.address,
            imports=FLAGS["import"].value,
            unsafe=FLAGS.unsafe,
            measures=FLAGS.measures,
            evidence=FLAGS.evidence,
            checksums=FLAGS.checksums,
            batch_size=FLAGS.batch_size,
            head=FLAGS.head,
            step=FLAGS.step,
        )
    print(done)
    fault = f"{len(done.failed)} shards failed; mend them and repeat the command; received {'; '.join(done.failed)}"
    return Outcome(done, fault if done.failed else "")


def _shard_target(text: str) -> int | str | None:
    """A class, the name of the array of classes, or None for the predicted class."""
    if text == "predicted":
        return None
    return int(text) if text.lstrip("-").isdecimal() else text


def _coverage() -> dict:
    from thesis_rnn.attribution.inputs.reading import coverage
    from thesis_rnn.runs.own_model import chosen_specs

    model = front_end.own_model(FLAGS.model)
    covered = coverage(model)
    [spec] = chosen_specs(model)
    refused = sum(not row.covered for row in covered)
    print(f"{covered}\n\n{refused} of {len(covered)} layers are not covered; without --methods: {spec.text}")
    return {"layers": list(covered), "method": spec.text}


def _refuse_foreign(mode: str, names: tuple[str, ...]) -> None:
    front_end.refuse_flags(names, f"{mode} does not go with every flag; leave out those of the other use")


def run() -> None:
    front_end.run(main, __name__)
