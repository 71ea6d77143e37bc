"""An operation with a backward pass of its own, in a graph that is let go with everything it holds."""

from collections.abc import Callable

import tensorflow as tf

NAME = "ThesisRNNBackward"


def with_backward(function: Callable) -> Callable:
    """``tf.custom_gradient`` for graphs that are walked back by ``tf.gradients``; eagerly it is that itself.

    TensorFlow registers the gradient of every use of ``tf.custom_gradient`` for ever, and with it the graph that the
    use stands in: explained models would never be freed. It also searches that graph for variables at every use. Here
    one gradient is registered, which finds the backward pass on the graph of the operation.

    Args:
      function: (arguments) -> (results, backward), both tensors or trees of them; backward: (a signal for each result)
        -> one for each argument.

    Returns:
      The function of the arguments that gives the results. Tapes that are open around a graph do not see ``backward``.
    """

    def run(*arguments):
        if tf.executing_eagerly():
            return tf.custom_gradient(function)(*arguments)
        results, backward = function(*arguments)
        flat, given = tf.nest.flatten(results), tf.nest.flatten(arguments)
        graph = tf.compat.v1.get_default_graph()
        with graph.gradient_override_map({"IdentityN": NAME}):
            joined = tf.identity_n([*flat, *given])
        _backwards(graph)[joined[0].op.name] = backward, len(flat)
        return tf.nest.pack_sequence_as(results, joined[: len(flat)])

    return run


@tf.RegisterGradient(NAME)
def _walk_back(operation, *signals):
    backward, results = _backwards(operation.graph)[operation.name]
    return [None] * results + tf.nest.flatten(backward(*signals[:results]))


def _backwards(graph: tf.Graph) -> dict:
    """The backward passes of a graph's operations, by name; they live as long as the graph."""
    if not hasattr(graph, "thesis_rnn_backwards"):
        graph.thesis_rnn_backwards = {}
    return graph.thesis_rnn_backwards
