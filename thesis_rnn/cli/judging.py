"""Says which explanation of a model can be trusted: every method that applies, scored on your own model and data.

python -m thesis_rnn judge --model=my.keras --input=x.npy --out_dir=judged
python -m thesis_rnn judge --run_dir=runs/lstm --methods='lrp_epsilon; gradient_x_input; integrated_gradients'
python -m thesis_rnn judge --model=my.keras --input=x.npy --out_dir=judged --methods=all --transfer --budget=600
python -m thesis_rnn judge --model=my.keras --input=x.npy --out_dir=judged --models=other.keras --rules=selectivity
python -m thesis_rnn judge --model=my.keras --input=x.npy --output=judged.html
"""

import pathlib

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.errors import InputError

FLAGS = flags.FLAGS

flags.DEFINE_string("run_dir", None, "Folder of the run to judge, on its test samples, with their evidence.")
flags.DEFINE_string("data_dir", None, "With --run_dir: the folder of the data. If not given, the run's own.")
flags.DEFINE_string("model", None, "Instead of --run_dir: your own model, a .keras file.")
flags.DEFINE_string("input", None, "With --model: its inputs, an array saved by numpy.save.")
flags.DEFINE_string("target", "predicted", "A class, 'predicted', or a .npy file of one for each sample.")
flags.DEFINE_string("lengths", None, "With --model: a .npy file, how many steps of each padded sample are its own.")
flags.DEFINE_string("evidence", None, "With --model: a .npy file of 0 and 1 in the shape of the inputs.")
flags.DEFINE_float(
    "background", None, "What 'removed' means. Default: the problem's, or -1 for images in [-1, 1], or 0."
)
flags.DEFINE_string("methods", "fast", "Methods, or 'fast': those within 20 gradients' cost, or 'all'.")
flags.DEFINE_string("measures", None, "Measures. Default: all that fit and train nothing.")
flags.DEFINE_bool("transfer", False, "Also train a new copy of the architecture on evidence planted in such inputs.")
flags.DEFINE_string("models", "", "The same model of other seeds, runs or files, separated by commas: do maps agree?")
flags.DEFINE_string("rules", "", "A measure, such as selectivity: also search the rules that it likes best, by layer.")
flags.DEFINE_float("budget", None, "Seconds; what does not fit is left out, and listed.", lower_bound=1)
flags.DEFINE_integer("limit", 200, "Samples to use, from the first.", lower_bound=8)
flags.DEFINE_enum(
    "outputs", None, ["logits", "probabilities", "values"], "What linear outputs are. Default: what the model says."
)
flags.DEFINE_integer("head", 0, "Which of the model's outputs.")
flags.DEFINE_integer("step", None, "Which time step, for an output for each step.")
flags.DEFINE_bool("channels_last", False, "Inputs of four axes are images [n, rows, columns, channels].")
flags.DEFINE_integer("seed", 0, "Of the halves, random orders and resamples.", lower_bound=0)
flags.DEFINE_string("out_dir", None, "Folder of the pages, the table and figures. Default: judgement in the run's.")

flags.DEFINE_string("output", None, "Instead of --out_dir: one page of HTML, as in judged.html.")
front_end.define_own_code()
flags.adopt_module_key_flags(front_end)

TOLD = ("recommendation", "ranking", "rows", "left_out", "seconds", "transfer", "notes")
OF_A_MODEL = ("input", "lengths", "evidence", "import", "unsafe")


def main(_) -> dict:
    of_run = front_end.asks_for_run("judged")
    if FLAGS.model and not (FLAGS.input and (FLAGS.out_dir or FLAGS.output)):
        raise InputError("--model needs --input and --out_dir or --output; received none of one or both")
    if FLAGS.output and not FLAGS.output.endswith(".html"):
        raise InputError(f"--output is a page of HTML, as in judged.html; received {FLAGS.output}")
    mode, foreign = ("--run_dir", OF_A_MODEL) if of_run else ("--model", ("data_dir",))
    front_end.refuse_flags(foreign, f"{mode} does not go with flags of the other use")
    from thesis_rnn.judging import judge
    from thesis_rnn.measures import measure_specs

    if FLAGS.rules:
        measure_specs(FLAGS.rules)  # known before anything takes long
    model, x, given = _of_run() if of_run else _of_model()
    models = [_other(path.strip()) for path in FLAGS.models.split(",")] if FLAGS.models else []
    judgement = judge(
        model,
        x,
        methods=FLAGS.methods,
        measures=FLAGS.measures,
        outputs=FLAGS.outputs,
        transfer=FLAGS.transfer,
        budget=FLAGS.budget,
        seed=FLAGS.seed,
        models=models,
        **given,
        **_asked(),
    )
    places = _saved(judgement)
    print(judgement)
    rules = {"rules": _choose_rules(model, x, given, places[0].with_name("rules.md"))} if FLAGS.rules else {}
    print(f"In {' and '.join(map(str, places))}.")
    return {name: getattr(judgement, name) for name in TOLD} | {"pages": places} | rules


def _asked() -> dict:
    """Which output, and what inputs are."""
    return {name: FLAGS[name].value for name in ("head", "step", "channels_last")}


def _saved(judgement) -> list[pathlib.Path]:
    """The pages that were written: --output, and the one with the table and figures beside it."""
    pages = []
    if FLAGS.out_dir or not FLAGS.output:
        pages.append(judgement.save(FLAGS.out_dir or f"{FLAGS.run_dir}/judgement"))
    if FLAGS.output:
        judgement.to_html(FLAGS.output)
        pages.append(pathlib.Path(FLAGS.output))
    return pages


def _choose_rules(model, x, given: dict, place):
    """Searches the rules of propagation that --rules, a measure, likes best."""
    from thesis_rnn.judging import choose_rules
    from thesis_rnn.support import files

    known = {name: given.get(name) for name in ("target", "lengths", "evidence", "valence", "background")}
    choice = choose_rules(model, x, measure=FLAGS.rules, seed=FLAGS.seed, **known, **_asked())
    files.write_text(place, f"{choice}\n")
    print(f"## Rules chosen by {FLAGS.rules}\n\n{choice}\n")
    return choice


def _other(path: str):
    """A model of another seed: of a run's folder, or a file."""
    from thesis_rnn.training.models import load_model

    return load_model(path) if FLAGS.run_dir else front_end.own_model(path)


def _of_model() -> tuple:
    from thesis_rnn.runs.own_model import read_array, read_samples

    arrays = {name: read_array(FLAGS[name].value) for name in ("lengths", "evidence") if FLAGS[name].value}
    x = read_samples(FLAGS.input, FLAGS.limit)
    given = {name: array[: FLAGS.limit] for name, array in arrays.items()}
    return front_end.own_model(FLAGS.model), x, given | {"target": _target(None), "background": FLAGS.background}


def _of_run() -> tuple:
    from thesis_rnn.data import negated, problem_of
    from thesis_rnn.runs.stored import load_split, stored_settings
    from thesis_rnn.training.models import load_model
    from thesis_rnn.training.run_folder import RunFolder

    folder = RunFolder(FLAGS.run_dir)
    settings = stored_settings(folder, **({"data_dir": FLAGS.data_dir} if FLAGS.data_dir else {}))
    split, problem = load_split(settings, "test", FLAGS.limit), problem_of(settings.data.dataset)
    background = problem.background if FLAGS.background is None else FLAGS.background
    given = {"lengths": split.lengths, "evidence": split.evidence, "background": background}
    if problem.is_rated:
        place = settings.data.data_dir or None
        valence, vocabulary = problem.source.valence(place), problem.source.vocabulary(place)
        given |= {"valence": valence[split.x], "negated": negated(split.x, vocabulary, valence)}
    return load_model(folder.path), split.x, given | {"target": _target(split.y)}


def _target(true_classes):
    """The true classes of a run, or what --target says."""
    from thesis_rnn.runs.own_model import parse_classes

    if FLAGS.target == "predicted":
        return None if true_classes is None or FLAGS["target"].present else true_classes
    classes = parse_classes("target", FLAGS.target)
    return classes if isinstance(classes, int) else classes[: FLAGS.limit]


def run() -> None:
    front_end.run(main, __name__)
