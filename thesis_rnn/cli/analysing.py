"""Says what a network does inside: gates, units, states, and models that imitate it; one page and a table of each.

python -m thesis_rnn analyse --run_dir=runs/lstm
python -m thesis_rnn analyse --model=my.keras --input=x.npy --out_dir=analysed
python -m thesis_rnn analyse --model=my.keras --input=x.npy --out_dir=analysed --analyses='windows(width=8); mimic'
"""

from absl import flags

from thesis_rnn.cli import front_end

FLAGS = flags.FLAGS

flags.DEFINE_string("run_dir", None, "Folder of the run to analyse, on its test samples.")
front_end.define_replacements("data_dir")
flags.DEFINE_string("model", None, "Instead of --run_dir: your own model, a .keras file.")
flags.DEFINE_string("input", None, "With --model: its inputs, an array saved by numpy.save.")
flags.DEFINE_string("labels", None, "With --model: a .npy file of the true class of each sample.")
flags.DEFINE_string("lengths", None, "With --model: a .npy file, how many steps of each padded sample are its own.")
flags.DEFINE_string("vocabulary", None, "With --model: the words of tokens, one on each line, from token 0 on.")
flags.DEFINE_string("analyses", "", "Analyses, separated by semicolons. Default: all that apply.")
flags.DEFINE_list("layers", [], "Layers whose states are looked at. Default: all recurrent ones.")
flags.DEFINE_float("rate", 1.0, "Steps in a unit of time, for frequencies.", lower_bound=1e-12)
flags.DEFINE_integer("limit", 1000, "Samples to use, from the first.", lower_bound=1)
flags.DEFINE_integer("seed", 0, "Of shuffles, halves and clusters.", lower_bound=0)
flags.DEFINE_string("out_dir", None, "Folder of the page and the tables. Default: analysis in the run's.")
front_end.define_own_code()
flags.adopt_module_key_flags(front_end)

OF_A_MODEL = ("input", "labels", "lengths", "vocabulary", "import", "unsafe")


def main(_) -> dict:
    of_run = front_end.asks_for_run("analysed")
    front_end.refuse_flags(OF_A_MODEL if of_run else ("data_dir",), "leave out what belongs to the other use")
    if FLAGS.model:
        front_end.check_files_of_model()
    from thesis_rnn.analysis import analyse, analysis_specs

    if FLAGS.analyses:
        analysis_specs(FLAGS.analyses)  # known before anything is loaded
    model, x, given = _of_run() if of_run else _of_model()
    asked = {"layers": FLAGS.layers or None, "rate": FLAGS.rate, "seed": FLAGS.seed}
    analysed = analyse(model, x, analyses=FLAGS.analyses, **asked, **given)
    page = analysed.save(FLAGS.out_dir or f"{FLAGS.run_dir}/analysis")
    print(f"{analysed}\nPage and tables: {page.parent}")
    said = {name: finding.said for name, finding in analysed.findings.items()}
    return {"findings": said, "left_out": analysed.left_out, "page": page}


def _of_model() -> tuple:
    from thesis_rnn.runs.own_model import read_array, read_samples, read_words

    files = {name: FLAGS[flag].value for name, flag in (("y", "labels"), ("lengths", "lengths")) if FLAGS[flag].value}
    given = {name: read_array(path)[: FLAGS.limit] for name, path in files.items()}
    x = read_samples(FLAGS.input, FLAGS.limit)
    return front_end.own_model(FLAGS.model), x, given | {"words": read_words(FLAGS.vocabulary)}


def _of_run() -> tuple:
    from thesis_rnn.data import problem_of
    from thesis_rnn.runs.stored import load_split, stored_settings
    from thesis_rnn.training.models import load_model
    from thesis_rnn.training.run_folder import RunFolder

    folder = RunFolder(FLAGS.run_dir)
    settings = stored_settings(folder, **front_end.named())
    split, problem = load_split(settings, "test", FLAGS.limit), problem_of(settings.data.dataset)
    given = {"y": split.y, "lengths": split.lengths, "class_names": problem.class_names}
    if problem.domain == "tokens":
        given["words"] = problem.source.vocabulary(settings.data.data_dir or None)
    return load_model(folder.path), split.x, given


def run() -> None:
    front_end.run(main, __name__)
