"""Reports what explanations say of a whole data set, and how two models differ: runs, or Keras models of your own.

python -m thesis_rnn corpus --run_dir=... --methods=lrp_epsilon
python -m thesis_rnn corpus --run_dir=... --mask=corner.npy
python -m thesis_rnn corpus --run_dir=... --against=OTHER_RUN
python -m thesis_rnn corpus --model=my.keras --input=x.npy --target=y.npy --out_dir=out
python -m thesis_rnn corpus --model=my.keras --input=x.npy --against=other.keras --out_dir=out

The mask, 0 and 1 in the shape of a sample, covers what should not matter: a share of relevance above chance inside it
betrays a shortcut.
"""

import pathlib

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.errors import InputError

FLAGS = flags.FLAGS

flags.DEFINE_string("run_dir", None, "Folder of the run to report, on its test samples.")
flags.DEFINE_string("model", None, "Instead of --run_dir: your own model, a .keras file, or zoo:NAME.")
flags.DEFINE_string("input", None, "With --model: its inputs, an array saved by numpy.save.")
flags.DEFINE_string("out_dir", None, "With --model: the folder for the report and its figures.")
flags.DEFINE_string("target", "predicted", "With --model: a .npy file of the true classes, a class, or 'predicted'.")
flags.DEFINE_string("lengths", None, "With --model: a .npy file, how many steps of each padded sample are its own.")
flags.DEFINE_string("vocabulary", None, "With --model: the words of tokens, one on each line, from token 0 on.")
flags.DEFINE_integer("head", 0, "With --model: which of the model's outputs.")
flags.DEFINE_bool("channels_last", False, "With --model: inputs of four axes are images [n, rows, columns, channels].")
flags.DEFINE_string("against", None, "To compare with: a run on the same problem, or with --model a .keras file.")
flags.DEFINE_string("mask", None, "A .npy file of 0 and 1, in the shape of a sample or of all samples.")
flags.DEFINE_integer("limit", None, "Samples to use, from the first. Default: all.", lower_bound=1)
front_end.define_replacements("methods", "data_dir")
front_end.define_own_code()
flags.adopt_module_key_flags(front_end)

OF_A_MODEL = ("input", "out_dir", "target", "lengths", "vocabulary", "head", "channels_last", "import", "unsafe")


def main(_) -> dict:
    of_run = front_end.asks_for_run("asked")
    front_end.refuse_flags(OF_A_MODEL if of_run else ("data_dir",), "leave out what belongs to the other use")
    page, place = _of_run() if of_run else _of_model()
    print(f"{page}\nIn {place}: report.md and its figures")
    return {"report": page, "folder": place}


def _of_run() -> tuple[str, pathlib.Path]:
    from thesis_rnn.runs.corpus_stage import report_corpus
    from thesis_rnn.runs.stored import stored_settings
    from thesis_rnn.training.run_folder import RunFolder

    folder, against = RunFolder(FLAGS.run_dir), RunFolder(FLAGS.against) if FLAGS.against else None
    spec = _only(stored_settings(folder, **front_end.named()).explanation.methods, named=FLAGS["methods"].present)
    return report_corpus(folder, spec, FLAGS.mask, against, FLAGS.data_dir, FLAGS.limit), folder.path / "corpus"


def _of_model() -> tuple[str, pathlib.Path]:
    front_end.check_files_of_model()
    from thesis_rnn.runs.corpus_stage import Asked, report_corpus_of_model
    from thesis_rnn.runs.own_model import chosen_specs, read_samples, read_words

    words, x = read_words(FLAGS.vocabulary), read_samples(FLAGS.input, FLAGS.limit)
    models = {_name(path): front_end.own_model(path) for path in (FLAGS.model, FLAGS.against) if path}
    spec = _only(FLAGS.methods, named=True) if FLAGS.methods else chosen_specs(models[_name(FLAGS.model)])[0]
    asked = Asked(FLAGS.target, FLAGS.lengths, words, FLAGS.head, FLAGS.channels_last)
    return report_corpus_of_model(models, x, spec, FLAGS.out_dir, asked, FLAGS.mask), pathlib.Path(FLAGS.out_dir)


def _name(path: str) -> str:
    """What a model is called: its file, with its folder where both files bear one name."""
    paths = [one for one in (FLAGS.model, FLAGS.against) if one]
    same = len({pathlib.Path(one).name for one in paths}) < len(paths)
    return path if same else pathlib.Path(path).stem


def _only(methods: str, named: bool):
    """The one method that was named, or the last one of a run."""
    from thesis_rnn.attribution import method_specs

    specs = method_specs(methods)
    if len(specs) > 1 and named:
        raise InputError(f"the corpus report is of one method; received {'; '.join(spec.text for spec in specs)}")
    return specs[-1]


def run() -> None:
    front_end.run(main, __name__)
