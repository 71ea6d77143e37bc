"""Operations with a backward pass of their own: eagerly, in a graph, and in a loop of one."""

import gc
import weakref

import numpy as np
import tensorflow as tf

from thesis_rnn.core.backward import with_backward


@with_backward
def scaled(pair, a):
    """b + a, whose backward pass gives 10 and 100 times the signal, and the signal times a."""
    b, c = pair
    return b + c + a, lambda signal: ([10 * signal, 100 * signal], a * signal)


def test_eagerly_and_in_a_graph_the_backward_pass_is_ones_own():
    def gradients(x):
        return tf.gradients(scaled([x, 2 * x], 3 * x), x)[0]

    # 10 for the first, 2 * 100 for the second, and for the third 3 times 3x: 210 + 9 x.
    graph = tf.function(gradients, autograph=False)
    np.testing.assert_allclose(graph(tf.constant([1.0, 2.0])), [219, 228])
    with tf.GradientTape() as tape:
        x = tf.constant([1.0, 2.0])
        tape.watch(x)
        y = scaled([x, 2 * x], 3 * x)
    np.testing.assert_allclose(y, [6, 12])
    np.testing.assert_allclose(tape.gradient(y, x), [219, 228])


def test_in_a_loop():
    @tf.function(autograph=False)
    def run(x):
        # y <- y + 1 + x three times; backwards y's signal is multiplied by 10 at every step, and x receives x times it.
        _, y = tf.while_loop(lambda k, _: k < 3, lambda k, y: (k + 1, scaled([y, 1.0], x)), (0, x))
        return y, tf.gradients(y, x)[0]

    y, gradient = run(tf.constant(2.0))
    assert y == 2 + 3 * 3
    assert gradient == 1000 + 2 * (1 + 10 + 100)  # through the start, and through the x of each step


def test_a_graph_is_let_go_with_what_it_holds():
    run = tf.function(lambda x: scaled([x, x], x), autograph=False, input_signature=[tf.TensorSpec(())])
    graph = weakref.ref(run.get_concrete_function().graph)
    assert graph() is not None
    del run
    gc.collect()
    assert graph() is None
