"""Reports what a run's explanations say of its whole test set, and how two runs differ.

python -m thesis_rnn corpus --run_dir=... --methods=lrp_epsilon
python -m thesis_rnn corpus --run_dir=... --mask=corner.npy
python -m thesis_rnn corpus --run_dir=... --against=OTHER_RUN

The mask, 0 and 1 in the shape of a sample, covers what should not matter: a share of relevance above chance inside it
betrays a shortcut.
"""

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.errors import InputError

FLAGS = flags.FLAGS

flags.DEFINE_string("run_dir", None, "Folder of the run to report.", required=True)
flags.DEFINE_string("against", None, "Folder of another run on the same problem, to compare with.")
flags.DEFINE_string("mask", None, "A .npy file of 0 and 1, in the shape of a sample or of all test samples.")
flags.DEFINE_integer("limit", None, "Test samples to use, from the first. Default: all.", lower_bound=1)
front_end.define_replacements("methods", "data_dir")
flags.adopt_module_key_flags(front_end)


def main(_) -> None:
    from thesis_rnn.attribution import method_specs
    from thesis_rnn.runs.corpus_stage import report_corpus
    from thesis_rnn.runs.stored import stored_settings
    from thesis_rnn.training.run_folder import RunFolder

    folder, against = RunFolder(FLAGS.run_dir), RunFolder(FLAGS.against) if FLAGS.against else None
    specs = method_specs(stored_settings(folder, **front_end.named()).explanation.methods)
    if len(specs) > 1 and FLAGS["methods"].present:
        raise InputError(f"the corpus report is of one method; received {'; '.join(spec.text for spec in specs)}")
    page = report_corpus(folder, specs[-1], FLAGS.mask, against, FLAGS.data_dir, FLAGS.limit)
    print(f"{page}\nIn {folder.path / 'corpus'}: report.md and its figures")


def run() -> None:
    front_end.run(main, __name__)
