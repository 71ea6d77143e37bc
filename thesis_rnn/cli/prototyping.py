"""Finds what a class or a unit looks like to a run's model, or to a Keras model of your own.

python -m thesis_rnn prototypes --run_dir=... --expert=ppca
python -m thesis_rnn prototypes --run_dir=... --unit=cell/hidden:17 --n=3
python -m thesis_rnn prototypes --model=my.keras --input=x_train.npy --targets=0,1 --out_dir=out
"""

from absl import flags

from thesis_rnn.cli import front_end

FLAGS = flags.FLAGS

flags.DEFINE_string("run_dir", None, "Folder of the run, whose training data tell what inputs look like.")
front_end.define_replacements("data_dir")
flags.DEFINE_string("model", None, "Instead of --run_dir: your own model, a .keras file, or zoo:NAME.")
flags.DEFINE_string("input", None, "With --model: samples like those it was trained on, an array saved by numpy.save.")
flags.DEFINE_string("out_dir", None, "With --model: the folder for prototypes, figure and table.")
flags.DEFINE_string("vocabulary", None, "With --model: the words of tokens, one on each line, from token 0 on.")
flags.DEFINE_string("targets", "all", "Classes, separated by commas, or all.")
flags.DEFINE_string("unit", "", "Instead of classes: a unit, layer:index or layer/part:index, as in cell/hidden:17.")
flags.DEFINE_integer("step", None, "The time step, from 0: of an output per step, or of a unit, by default its last.")
flags.DEFINE_integer("head", 0, "Which of the model's outputs.")
flags.DEFINE_enum("outputs", None, ["logits", "values"], "What linear outputs are. Default: what the model says.")
flags.DEFINE_string("expert", "l2", "What tells likely inputs: l2, ppca, gmm, rbm, decoder or generator.")
flags.DEFINE_integer("n", 1, "Local prototypes for each class.", lower_bound=1)
flags.DEFINE_float("weight", None, "Of the expert; by default 0.01, of decoder and generator 0.05.")
flags.DEFINE_float("variation", 0.0, "Weight of the total variation over time.")
flags.DEFINE_integer("steps", 200, "Steps of the search.", lower_bound=1)
flags.DEFINE_integer("seed", 0, "Of starts and experts.", lower_bound=0)
front_end.define_own_code()
flags.adopt_module_key_flags(front_end)

OF_A_MODEL = ("input", "out_dir", "vocabulary", "import", "unsafe")
TOLD = ("target", "unit", "expert", "value", "p", "denser", "nearest", "distance", "outside", "notes")
OPTIONS = ("step", "head", "outputs", "expert", "n", "weight", "variation", "steps", "seed")


def main(_) -> dict:
    of_run = front_end.asks_for_run("asked")
    front_end.refuse_flags(OF_A_MODEL if of_run else ("data_dir",), "leave out what belongs to the other use")
    from thesis_rnn.runs.own_model import read_samples, read_words
    from thesis_rnn.runs.prototyping import Wanted, prototypes_of_model, prototypes_of_run
    from thesis_rnn.training.run_folder import RunFolder

    wanted = Wanted(FLAGS.targets, FLAGS.unit, {name: FLAGS[name].value for name in OPTIONS})
    if of_run:
        found = prototypes_of_run(RunFolder(FLAGS.run_dir), wanted, FLAGS.data_dir)
    else:
        front_end.check_files_of_model()
        words, data = read_words(FLAGS.vocabulary), read_samples(FLAGS.input)
        found = prototypes_of_model(front_end.own_model(FLAGS.model), data, wanted, FLAGS.out_dir, words)
    print(f"{found.table}\n\nFigure, arrays and table: {found.place}.png, .npz, .txt")
    files = {"files": [f"{found.place}{ending}" for ending in (".png", ".npz", ".txt")]}
    return {name: getattr(found.prototypes, name) for name in TOLD} | files


def run() -> None:
    front_end.run(main, __name__)
