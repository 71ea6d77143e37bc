"""Explains a run's test sequences, or a Keras model of your own.

python -m thesis_rnn.explain --run_dir=... --method=lrp --alpha=1.5 --beta=0.5
python -m thesis_rnn.explain --model=my.keras --input=x.npy --target=3 --method=lrp_epsilon --output=out/
python -m thesis_rnn.explain ... --method=composite --rules='epsilon(0.01); first=flat; convolution=gamma(0.25)'
"""

from absl import flags

from thesis_rnn.cli import front_end
from thesis_rnn.errors import InputError
from thesis_rnn.runs.old_settings import Settings

FLAGS = flags.FLAGS

flags.DEFINE_string("run_dir", None, "Folder of the run to explain.")
front_end.define_replacements(Settings, "method", "alpha", "beta", "rules", "samples", "indices", "data_dir")
flags.DEFINE_string("model", None, "Instead of --run_dir: your own model, a .keras file.")
flags.DEFINE_string("input", None, "With --model: its inputs, an array saved by numpy.save.")
flags.DEFINE_string("output", None, "With --model: the folder for relevance, figure and conservation report.")
flags.DEFINE_string("target", "predicted", "With --model: a class, 'predicted', or a .npy file of one for each sample.")
flags.DEFINE_string("against", "", "With --model: a class or a .npy file; explains the target's output minus its.")
flags.DEFINE_enum(
    "output_kind", "logit", ["logit", "probability", "log_odds"], "With --model: what of the target is explained."
)
flags.DEFINE_integer("head", 0, "With --model: which of the model's outputs.")
flags.DEFINE_integer("step", None, "With --model: which time step, for an output for each step.")
flags.DEFINE_string("parameters", "", "With --model: the method's, as in epsilon=0.01,bias=ignore.")
flags.DEFINE_bool("ledger", False, "With --model: also report which layers absorbed the most relevance.")
flags.DEFINE_string("vocabulary", None, "With --model: the words of tokens, one on each line, from token 0 on.")
flags.DEFINE_bool("channels_last", False, "With --model: inputs of four axes are images [n, rows, columns, channels].")
flags.DEFINE_bool("list_methods", False, "Print the methods, their parameters, formulas and sources, and stop.")
flags.adopt_module_key_flags(front_end)

OF_A_RUN = ("samples", "indices", "data_dir")
OF_A_MODEL = ("input", "output", "target", "against", "output_kind", "head", "step", "parameters", "ledger")
OF_A_MODEL += ("vocabulary", "channels_last")


def main(_) -> None:
    if FLAGS.list_methods:
        return _list_methods()
    if bool(FLAGS.run_dir) == bool(FLAGS.model):
        received = "both" if FLAGS.run_dir else "neither"
        raise InputError(f"either --run_dir, a run, or --model, a model of your own, is explained; received {received}")
    _refuse_foreign(*(("--run_dir", OF_A_MODEL) if FLAGS.run_dir else ("--model", OF_A_RUN)))
    _explain_run() if FLAGS.run_dir else _explain_model()


def _explain_run() -> None:
    from thesis_rnn.runs.explaining import explain_run
    from thesis_rnn.runs.methods import chosen_methods
    from thesis_rnn.runs.training import stored_settings
    from thesis_rnn.training.run_folder import RunFolder

    folder = RunFolder(FLAGS.run_dir)
    settings = stored_settings(folder, **front_end.named(Settings))
    methods = chosen_methods(settings)
    explain_run(folder, methods, settings.chosen, settings.data_dir)
    for method in methods:
        print(f"{method.label}: {folder.heatmaps / method.name}.npz")


def _explain_model() -> None:
    missing = [f"--{name}" for name in ("input", "output", "method") if not FLAGS[name].value]
    if missing:
        raise InputError(f"--model needs --input, --output and --method; received none for {', '.join(missing)}")
    from thesis_rnn.runs.flag_values import parse_parameters
    from thesis_rnn.runs.methods import rules_of_composite
    from thesis_rnn.runs.own_model import Question, explain_model

    shares = {name: FLAGS[name].value for name in ("alpha", "beta") if FLAGS[name].present}
    options = {"output": FLAGS.output_kind, "head": FLAGS.head, "step": FLAGS.step, "ledger": FLAGS.ledger}
    parameters, methods = shares | parse_parameters(FLAGS.parameters), FLAGS.method.split(",")
    own = rules_of_composite(methods, FLAGS.rules or "")
    questions = [
        Question(method, parameters | own.get(method, {}), FLAGS.target, FLAGS.against, options) for method in methods
    ]
    for question in questions:
        print(explain_model(FLAGS.model, FLAGS.input, question, FLAGS.output, FLAGS.vocabulary, FLAGS.channels_last))
    print(f"\nIn {FLAGS.output}: {', '.join(question.method for question in questions)}")


def _refuse_foreign(mode: str, names: tuple[str, ...]) -> None:
    foreign = [f"--{name}" for name in names if FLAGS[name].present]
    if foreign:
        raise InputError(
            f"{mode} does not go with every flag; leave out those of the other use; received {', '.join(foreign)}"
        )


def _list_methods() -> None:
    from thesis_rnn.reporting.method_table import method_table

    print(method_table())


def run() -> None:
    front_end.run(main)


if __name__ == "__main__":
    run()
