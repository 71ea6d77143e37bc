"""The contender's side for the package itself: TensorFlow with the threads that every contender has."""

import os
from collections.abc import Callable

import keras
import tensorflow as tf

from benchmarks.serving import Job, serve, threads
from thesis_rnn import __version__


def serve_keras(load: Callable[[dict], Job]) -> None:
    tf.config.threading.set_intra_op_parallelism_threads(threads())
    tf.config.threading.set_inter_op_parallelism_threads(threads())
    onednn = os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default")
    names = {"thesis_rnn": __version__, "TensorFlow": tf.__version__, "Keras": keras.__version__, "oneDNN": onednn}
    serve(load, names)
