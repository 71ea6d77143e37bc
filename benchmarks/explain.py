"""What an explanation costs, in passes forward and back to the input: python -m benchmarks.explain

The unit is one forward and backward pass of the same model, compiled in the same way. Inputs are non-negative, as the
peers' rules need them. Figures are ratios of medians of interleaved repeats.
"""

import time

import keras
import numpy as np
import tensorflow as tf
from absl import flags

from benchmarks.timing import interleaved, quartiles
from thesis_rnn import front_end
from thesis_rnn.architectures import build
from thesis_rnn.attribution.methods import make_method
from thesis_rnn.attribution.network import network_of
from thesis_rnn.attribution.tape_engine import Request, compiled
from thesis_rnn.reporting.tables import markdown_table

FLAGS = flags.FLAGS

flags.DEFINE_list("model", "cell,deep,rlstm_sd,convrlstm_sd,lstm", "Models: cell, lstm, or architectures.")
flags.DEFINE_integer("batch", 500, "Samples explained at once.", lower_bound=1)
flags.DEFINE_integer("repeats", 20, "Repeats of each contender.", lower_bound=1)
flags.DEFINE_bool("xla", True, "Compile with XLA, the unit too.")

METHODS = {
    "sensitivity": {},
    "guided_backprop": {},
    "lrp_epsilon": {"epsilon": 1e-3},
    "deep_taylor": {},
    "lrp": {"alpha": 2.0, "beta": 1.0},
}


def main(_) -> None:
    rows = []
    for name in FLAGS.model:
        model = MODELS[name]() if name in MODELS else build(name)
        x = np.random.default_rng(0).random((FLAGS.batch, *model.input_shape[1:]), np.float32)
        contenders, first_calls = {"forward + backward": gradient(model, x)}, {}
        for method, parameters in METHODS.items():
            if name in MODELS and method in ("deep_taylor", "lrp"):
                parameters = parameters | {"inputs": "positive"}
            if name == "lstm" and method == "guided_backprop":
                continue  # refused: an LSTM squashes its signal
            start = time.perf_counter()
            contenders[method] = explanation(model, x, method, parameters)
            contenders[method]()
            first_calls[method] = time.perf_counter() - start
        seconds = interleaved(contenders, FLAGS.repeats)
        base = quartiles(seconds["forward + backward"])[1]
        for method, times in seconds.items():
            low, median, high = (1e3 * value for value in quartiles(times))
            row = [name, method, f"{median:.1f}", f"{low:.1f} - {high:.1f}", f"{median / 1e3 / base:.2f}"]
            rows.append([*row, f"{first_calls[method]:.1f}" if method in first_calls else ""])
    print(markdown_table(["model", "method", "ms/batch", "quartiles", "ratio", "first call, s"], rows))


def cell() -> keras.Model:
    """A ReLU cell that is shared by 12 steps, 196 -> 256."""
    inputs = keras.Input((12, 196))
    hidden = keras.layers.SimpleRNN(256, activation="relu", use_bias=False)(inputs)
    return keras.Model(inputs, keras.layers.Dense(10, use_bias=False)(hidden))


def lstm() -> keras.Model:
    """A stock LSTM(128) over 50 steps."""
    inputs = keras.Input((50, 32))
    return keras.Model(inputs, keras.layers.Dense(10)(keras.layers.LSTM(128)(inputs)))


MODELS = {"cell": cell, "lstm": lstm}


def gradient(model: keras.Model, x: np.ndarray):
    """A forward pass, and a backward pass to the input."""
    x = tf.constant(x)

    @tf.function(jit_compile=FLAGS.xla)
    def both(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            logit = model(x, training=False)[:, 0]
        return tape.gradient(logit, x)

    return lambda: both(x).numpy()


def explanation(model: keras.Model, x: np.ndarray, method: str, parameters: dict):
    """A compiled explanation of class 0."""
    network = network_of(model, "float32")
    x = tf.constant(x)
    selection = tf.one_hot(tf.zeros(len(x), tf.int32), network.head.classes)

    def run():
        return compiled(network, Request(make_method(method, parameters), xla=FLAGS.xla)).run(x=x, selection=selection)

    return lambda: run()["relevance"].numpy()


if __name__ == "__main__":
    front_end.run(main)
