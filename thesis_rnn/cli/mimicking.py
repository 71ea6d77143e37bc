"""Says how well a linear model, a tree and boosted trees imitate a network; the same as analyse --analyses=mimic.

python -m thesis_rnn mimic --model=my.keras --input=x.npy --out_dir=imitated
python -m thesis_rnn mimic --run_dir=runs/lstm --analyses='mimic(depth=6)'
"""

from absl import flags

from thesis_rnn.cli import analysing, front_end

flags.FLAGS.set_default("analyses", "mimic")
flags.adopt_module_key_flags(analysing)


def run() -> None:
    front_end.run(analysing.main, __name__)
