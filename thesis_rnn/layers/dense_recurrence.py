"""The recurrence of Shallow, Deep, DeepV2 and ConvDeep."""

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.layers.base import ExplainableLayer, negative_bias
from thesis_rnn.layers.dropout import drop, make_dropout
from thesis_rnn.support.checks import at_least_one


@keras.saving.register_keras_serializable("thesis_rnn")
class DenseRecurrence(ExplainableLayer):
    """Two dense layers in a loop (thesis, equations 3.1-3.3, figure 3.3).

        hidden_t = max(0, W [x_t, r_t] - softplus(b)),   r_{t+1} = max(0, V hidden_t - softplus(c)),   r_1 = 0

    Input [batch, steps, features], output hidden_T [batch, hidden]. What x_t adds to the hidden layer is computed for
    all steps at once, before the loop; the loop is unrolled. A sequence of one step has no recurrent input, so W has no
    rows for it; V is still a variable, as in the thesis' Table 3.3.

    Args:
      hidden: neurons of the hidden layer.
      recurrent: neurons of the recurrent layer.
      dropout_rate: probability that the hidden layer's activations are dropped where they feed the recurrent layer.
      stationary: one dropout mask per sequence instead of one per step.
      drop_all: also drop [x_t, r_t], and the hidden layer where it is the output.

    Example:
      >>> tuple(DenseRecurrence(hidden=3, recurrent=2)(np.ones((2, 4, 5), "float32")).shape)
      (2, 3)
    """

    loops = True

    def __init__(
        self,
        hidden: int,
        recurrent: int,
        dropout_rate: float = 0.0,
        stationary: bool = False,
        drop_all: bool = True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        at_least_one(hidden=hidden, recurrent=recurrent)
        self.hidden = hidden
        self.recurrent = recurrent
        self.dropout_rate = dropout_rate
        self.stationary = stationary
        self.drop_all = drop_all
        self.hidden_dropout = self._dropout(dropout_rate, 2)
        self.input_dropout = self._dropout(dropout_rate if drop_all else 0.0, 3)
        self.recurrent_dropout = self._dropout(dropout_rate if drop_all else 0.0, 4)

    def _dropout(self, rate: float, offset: int):
        seed = None if self.seed is None else self.seed + offset
        return make_dropout(rate, self.stationary, seed=seed, dtype=self.dtype_policy)

    def build(self, input_shape):
        _, steps, features = input_shape
        fan_in = features + (self.recurrent if steps > 1 else 0)
        self.kernel = self.add_kernel("kernel", (fan_in, self.hidden))
        self.bias = self.add_bias("bias", self.hidden)
        self.recurrent_kernel = self.add_kernel("recurrent_kernel", (self.hidden, self.recurrent), offset=1)
        self.recurrent_bias = self.add_bias("recurrent_bias", self.recurrent)

    def call(self, inputs, training=False):
        *_, (_, hidden, mask) = self._steps(inputs, training)
        if training and inputs.shape[1] == 1:  # gives the unused variables the zero gradient that Keras insists on
            self.add_loss(0.0 * (ops.sum(self.recurrent_kernel) + ops.sum(self.recurrent_bias)))
        return drop(hidden, mask) if self.drop_all else hidden

    def activations(self, inputs) -> dict:
        """``hidden`` and the ``recurrent_input`` r_t it was computed from, each [batch, steps, neurons]."""
        recurrent_inputs, hidden, _ = zip(*self._steps(inputs, training=False), strict=True)
        zeros = ops.zeros_like(hidden[0][:, :1]) * ops.zeros((1, self.recurrent), self.compute_dtype)
        return {
            "hidden": ops.stack(hidden, axis=1),
            "recurrent_input": ops.stack([zeros, *recurrent_inputs[1:]], axis=1),
        }

    def _steps(self, inputs, training):
        """Yields r_t (None at the first step), hidden_t before dropout, and its dropout mask."""
        steps, features = inputs.shape[1:]
        hidden_site = primitives.Site(f"{self.name}/hidden", first=self.domain == "bounded")
        recurrent_site = primitives.Site(f"{self.name}/recurrent")
        kernel = ops.convert_to_tensor(self.kernel)
        bias, recurrent_bias = negative_bias(self.bias), negative_bias(self.recurrent_bias)
        input_kernel, feedback_kernel = kernel[:features], kernel[features:]
        recurrent_kernel = ops.convert_to_tensor(self.recurrent_kernel)

        masks = self.hidden_dropout.step_masks(inputs, self.hidden, training)
        recurrent_masks = self.recurrent_dropout.step_masks(inputs, self.recurrent, training)
        inputs = self.input_dropout(inputs, training=training)
        from_input = primitives.by_step(primitives.contribution(inputs, input_kernel, hidden_site, self.domain))
        recurrent = None
        for step in range(steps):
            z = from_input[step]
            if recurrent is not None:
                z = z + primitives.contribution(recurrent, feedback_kernel, hidden_site)
            hidden = primitives.rectify(primitives.preactivation(z, bias, hidden_site))
            hidden = primitives.state(hidden, f"{self.name}/hidden")
            yield recurrent, hidden, masks[step]
            if step + 1 < steps:
                fed_back = primitives.affine(
                    drop(hidden, masks[step]), recurrent_kernel, recurrent_bias, recurrent_site
                )
                recurrent = drop(primitives.rectify(fed_back), recurrent_masks[step])

    def draw(self, graph) -> None:
        """Two boxes and the loop between them."""
        hidden, recurrent = f"{self.name}/hidden", f"{self.name}/recur"
        hidden_dropout = self.hidden_dropout.kinds()
        graph.box(hidden, str(self.hidden), "dense", title="hidden", dropout=self.input_dropout.kinds())
        graph.box_above(recurrent, str(self.recurrent), "dense", title="recur", below=hidden)
        graph.connect(hidden, recurrent, "recurrent", dropout=hidden_dropout)
        graph.connect(recurrent, hidden, "recurrent", "t-1", self.recurrent_dropout.kinds())
        graph.leave_loop(hidden_dropout if self.drop_all else ())

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.hidden)

    def get_config(self):
        return super().get_config() | {
            "hidden": self.hidden,
            "recurrent": self.recurrent,
            "dropout_rate": self.dropout_rate,
            "stationary": self.stationary,
            "drop_all": self.drop_all,
        }
