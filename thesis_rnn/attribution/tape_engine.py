"""The tape engine: one GradientTape walks any network that is written in primitives."""

import weakref

import keras
import tensorflow as tf

from thesis_rnn.attribution.methods import Method
from thesis_rnn.primitives import explained_by

_compiled: weakref.WeakKeyDictionary[keras.Model, dict] = weakref.WeakKeyDictionary()


def backward_pass(model: keras.Model, method: Method):
    """A compiled function (x, target) -> (relevance, logits, explained value) for batches of any size.

    It is traced once for a model and a method, and kept as long as the model lives.
    """
    functions = _compiled.setdefault(model, {})
    if method not in functions:
        functions[method] = _trace(weakref.ref(model), method, model.inputs[0])
    return functions[method]


def _trace(model, method: Method, inputs):
    # A weak reference: the cache must not keep alive the model that its entries hang on.
    x = tf.TensorSpec((None, *inputs.shape[1:]), inputs.dtype)
    target = tf.TensorSpec((None,), tf.int32)

    @tf.function(input_signature=[x, target])
    def explain_batch(x, target):
        with tf.GradientTape(watch_accessed_variables=False) as tape, explained_by(method.semantics()):
            tape.watch(x)
            logits = model()(x, training=False)
            logit = tf.gather(logits, target, batch_dims=1)
        start = method.start(logit)
        return method.finish(tape.gradient(logit, x, output_gradients=start), x), logits, start

    return explain_batch.get_concrete_function()
