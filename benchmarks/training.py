"""An epoch through ``fit`` against a hand-written loop of the same model: python -m benchmarks.training

The loop is a ``tf.function`` over the same batches with the same dropout and optimizer, gathered from memory, without
metrics, callbacks or progress bar. XLA, on request, is compared as well. Figures are ratios of medians of interleaved
repeats.
"""

import tensorflow as tf
from absl import flags

from benchmarks.timing import interleaved, quartiles
from thesis_rnn import front_end
from thesis_rnn.architectures import build
from thesis_rnn.data import load_images
from thesis_rnn.reporting.tables import markdown_table
from thesis_rnn.training.batches import Batches

FLAGS = flags.FLAGS

flags.DEFINE_list("arch", "deep,rlstm_sd,convdeep,convrlstm_sd,conv_plus_rlstm_sd", "Architectures to measure.")
flags.DEFINE_string("dataset", "mnist_maj", "A majority data set.")
flags.DEFINE_string("data_dir", None, "Folder with the images.")
flags.DEFINE_integer("updates", 100, "Updates per repeat.", lower_bound=1)
flags.DEFINE_integer("repeats", 5, "Repeats of each contender.", lower_bound=1)
flags.DEFINE_bool("xla", False, "Also measure the loop compiled by XLA.")


def main(_) -> None:
    images = load_images(FLAGS.dataset, "train", FLAGS.data_dir)
    batches = Batches(images, majority=True, steps=12, epoch_size=50 * FLAGS.updates)
    rows = []
    for arch in FLAGS.arch:
        contenders = {"loop": hand_loop(arch, batches), "fit": fitted(arch, batches)}
        if FLAGS.xla:
            contenders["loop, XLA"] = hand_loop(arch, batches, jit_compile=True)
        seconds = interleaved(contenders, FLAGS.repeats)
        base = quartiles(seconds["loop"])[1]
        for name, times in seconds.items():
            low, median, high = (1e3 * value / FLAGS.updates for value in quartiles(times))
            ratio = quartiles(times)[1] / base
            rows.append([arch, name, f"{median:.1f}", f"{low:.1f} - {high:.1f}", f"{ratio:.2f}"])
        print(markdown_table(["architecture", "contender", "ms/update", "quartiles", "ratio"], rows), flush=True)


def hand_loop(arch: str, batches: Batches, jit_compile: bool = False):
    """One repeat of the hand-written loop."""
    model = build(arch)
    model.optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=jit_compile)
    def update(x, y):
        with tf.GradientTape() as tape:
            loss = model.loss(y, model(x, training=True))
        model.optimizer.apply_gradients(
            zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
        )

    in_memory = list(batches.dataset(0, 1))

    def repeat():
        for x, y in in_memory:
            update(x, y)

    return repeat


def fitted(arch: str, batches: Batches):
    """One repeat through ``fit``, as training does it: batches assembled meanwhile, metrics, several updates a call."""
    model = build(arch)
    model.steps_per_execution = min(50, FLAGS.updates)

    def repeat():
        model.fit(batches.dataset(0, 1), steps_per_epoch=batches.steps_per_epoch, shuffle=False, verbose=0)

    return repeat


if __name__ == "__main__":
    front_end.run(main)
