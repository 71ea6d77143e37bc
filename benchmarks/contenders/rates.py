"""What the machine can do at most: matrix products by TensorFlow and by NumPy, and copies of memory."""

import numpy as np
import tensorflow as tf

from benchmarks.serving import Job, serve, threads


def load(job: dict) -> Job:
    return {"TensorFlow": tensorflow_product, "NumPy": numpy_product, "copy": copy}[job["what"]](job["size"])


def tensorflow_product(n: int) -> Job:
    a = tf.random.normal((n, n))
    return lambda: tf.matmul(a, a).numpy() is None


def numpy_product(n: int) -> Job:
    a = np.random.default_rng(0).random((n, n), np.float32)
    out = np.empty_like(a)
    return lambda: np.matmul(a, a, out=out)


def copy(n: int) -> Job:
    """n^2 floats, far more than caches hold; each is read and written."""
    a = tf.random.normal((n, n))
    return lambda: tf.identity(a + 1.0).numpy() is None


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(threads())
    serve(load, {"TensorFlow": tf.__version__, "NumPy": np.__version__})
