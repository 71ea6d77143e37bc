"""What input-cell attention adds to a training step, and how it grows: python -m benchmarks.attention

A step is a forward and backward pass with Adam's update on 50 series of 100 features (Ismail et al., 2019), compiled in
the same way for all contenders. Figures are ratios of medians of interleaved repeats: to the plain LSTM at 100 steps,
and of each model at the longer series to the same model at the first length.
"""

import time

import numpy as np
import tensorflow as tf
from absl import flags

from benchmarks.timing import interleaved, quartiles
from thesis_rnn import front_end
from thesis_rnn.architectures.series import build_series_model
from thesis_rnn.reporting.tables import markdown_table

FLAGS = flags.FLAGS

flags.DEFINE_list("model", "lstm,lstm_ica", "Series models; the first is the unit.")
flags.DEFINE_list("steps", "100,800", "Lengths of the series; the first is the unit.")
flags.DEFINE_integer("features", 100, "Features of a series.", lower_bound=1)
flags.DEFINE_integer("batch", 50, "Series in a batch.", lower_bound=1)
flags.DEFINE_integer("repeats", 20, "Repeats of each contender.", lower_bound=1)
flags.DEFINE_bool("xla", False, "Compile with XLA.")


def main(_) -> None:
    lengths = [int(steps) for steps in FLAGS.steps]
    contenders = {(name, steps): training_step(name, steps) for name in FLAGS.model for steps in lengths}
    seconds = interleaved(contenders, FLAGS.repeats, warm_up=2)
    medians = {key: quartiles(times)[1] for key, times in seconds.items()}
    rows = []
    for (name, steps), times in seconds.items():
        low, median, high = (1e3 * value for value in quartiles(times))
        to_unit = medians[name, steps] / medians[FLAGS.model[0], steps]
        growth = medians[name, steps] / medians[name, lengths[0]]
        row = [name, str(steps), f"{median:.1f}", f"{low:.1f} - {high:.1f}", f"{to_unit:.2f}", f"{growth:.2f}"]
        rows.append(row)
    header = ["model", "steps", "ms/step", "quartiles", f"x {FLAGS.model[0]}", f"x {lengths[0]} steps"]
    print(markdown_table(header, rows))


def training_step(name: str, steps: int):
    """One update on a batch in memory."""
    model = build_series_model(name, steps, FLAGS.features)
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(size=(FLAGS.batch, steps, FLAGS.features)), tf.float32)
    y = tf.constant(rng.integers(2, size=FLAGS.batch))

    @tf.function(jit_compile=FLAGS.xla)
    def update():
        with tf.GradientTape() as tape:
            loss = model.loss(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    def timed() -> float:
        start = time.perf_counter()
        update().numpy()
        return time.perf_counter() - start

    return timed


if __name__ == "__main__":
    front_end.run(main)
