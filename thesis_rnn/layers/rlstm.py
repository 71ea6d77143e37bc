"""The R-LSTM: an LSTM whose signal path is rectified, so that relevance can follow it."""

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.core.scan import at_steps, is_unrolled, scan
from thesis_rnn.layers.base import ExplainableLayer, negative_bias
from thesis_rnn.layers.dropout import drop, make_dropout
from thesis_rnn.layers.parts import Parts, side_by_side
from thesis_rnn.support.checks import at_least_one

LONGEST_UNROLLED = 24
"""Steps up to here are unrolled: a network of this cell trains for many epochs, which repays the longer trace."""


@keras.saving.register_keras_serializable("thesis_rnn")
class RLSTM(ExplainableLayer):
    """R-LSTM cells over a sequence (thesis, section 3.4.2, figure 3.14).

        i_t, f_t, o_t = sigmoid(W [x_t, h_{t-1}] + b)
        c_t = max(0, V [x_t, h_{t-1}] - softplus(d))
        C_t = f_t * C_{t-1} + i_t * c_t,   h_t = o_t * C_t,   h_0 = C_0 = 0

    Input [batch, steps, features], output h_T [batch, units]. Products with x_t are computed for all steps at once,
    before the loop, which is unrolled for up to 24 steps and compiled beyond. Explanations take gates as constants
    (Arras et al., 2017): the relevance of a gated product goes to its signal, at the output gate too.

    Args:
      units: the number of cells.
      dropout_rate: probability that h_t is dropped, where it is the output and where it feeds the next step.
      stationary: one mask per sequence for h_t. Without it, each step has its own mask and the gates are dropped too.

    Example:
      >>> tuple(RLSTM(3)(np.ones((2, 4, 5), "float32")).shape)
      (2, 3)
    """

    gate_names = ("input_gate", "forget_gate", "output_gate")
    loops = True

    def __init__(self, units: int, dropout_rate: float = 0.0, stationary: bool = False, **kwargs):
        super().__init__(**kwargs)
        at_least_one(units=units)
        self.units = units
        self.dropout_rate = dropout_rate
        self.stationary = stationary
        self.hidden_dropout = self._dropout(dropout_rate, 2)
        self.gate_dropout = self._dropout(0.0 if stationary else dropout_rate, 3)

    def _dropout(self, rate: float, offset: int):
        seed = None if self.seed is None else self.seed + offset
        return make_dropout(rate, self.stationary, seed=seed, dtype=self.dtype_policy)

    def build(self, input_shape):
        fan_in = input_shape[-1] + self.units
        self.gate_kernel = self.add_kernel("gate_kernel", (fan_in, 3 * self.units))
        self.gate_bias = self.add_weight(name="gate_bias", shape=(3 * self.units,), initializer="zeros")
        self.candidate_kernel = self.add_kernel("candidate_kernel", (fan_in, self.units), offset=1)
        self.candidate_bias = self.add_bias("candidate_bias", self.units)

    def call(self, inputs, training=False):
        if is_unrolled(inputs.shape[1], primitives.semantics().needs_steps, LONGEST_UNROLLED):
            *_, last = self._steps(inputs, training)
            return last["hidden"]
        return self._loop(inputs, training)

    def activations(self, inputs) -> dict:
        """The gates, ``candidate``, ``cell`` and ``hidden``, each [batch, steps, units]."""
        steps = list(self._steps(inputs, training=False))
        return {name: ops.stack([step[name] for step in steps], axis=1) for name in steps[0]}

    def _steps(self, inputs, training):
        """Yields the activations of each step of the unrolled loop; ``hidden`` is h_t after dropout."""
        contributions, step = self._recurrence(inputs)
        hidden_masks = self.hidden_dropout.step_masks(inputs, self.units, training)
        gate_masks = self.gate_dropout.step_masks(inputs, 3 * self.units, training)
        cell = hidden = None
        for z, g, *masks in zip(*map(primitives.by_step, contributions), hidden_masks, gate_masks, strict=True):
            done = step(z, g, cell, hidden, *masks)
            cell, hidden = done["cell"], done["hidden"]
            yield done

    def _loop(self, inputs, training):
        """h_T by a compiled loop, whose tracing time does not grow with the number of steps."""
        contributions, step = self._recurrence(inputs)
        batch, steps = ops.shape(inputs)[:2]
        masks = {
            "hidden_mask": self.hidden_dropout.mask((batch, steps, self.units), training),
            "gate_mask": self.gate_dropout.mask((batch, steps, 3 * self.units), training),
        }
        masks = {name: mask for name, mask in masks.items() if mask is not None}
        of_steps = [ops.broadcast_to(mask, (batch, steps, mask.shape[2])) for mask in masks.values()]
        inputs = [*contributions, *of_steps]

        def one_step(inputs_t, states):
            z, g, *masks_t = inputs_t
            done = step(z, g, *states, **dict(zip(masks, masks_t, strict=True)))
            return done["hidden"], [done["cell"], done["hidden"]]

        # The first step has no states to share relevance with, and would lose some to the stabiliser of that sum.
        _, states = one_step([at_steps(item, 0) for item in inputs], (None, None))
        _, last, _ = scan(one_step, [at_steps(item, slice(1, None)) for item in inputs], states)
        return last

    def _recurrence(self, inputs):
        """What x adds to candidates and gates, for all steps at once, and the function that completes one step."""
        features = inputs.shape[-1]
        site = primitives.Site(f"{self.name}/candidate", first=self.domain == "bounded")
        gate_site = primitives.Site(f"{self.name}/gates", first=site.first, controls=True)
        kernel = ops.convert_to_tensor(self.candidate_kernel)
        gate_kernel = ops.convert_to_tensor(self.gate_kernel)
        bias, gate_bias = negative_bias(self.candidate_bias), ops.convert_to_tensor(self.gate_bias)
        # Cut once: the gradient of a slice fills a kernel with zeros, and should not do so at every step.
        feedback_kernel, gate_feedback_kernel = kernel[features:], gate_kernel[features:]

        def step(z, g, cell, hidden, hidden_mask=None, gate_mask=None) -> dict:
            if hidden is not None:
                z = z + primitives.contribution(hidden, feedback_kernel, site)
                g = g + primitives.contribution(hidden, gate_feedback_kernel, gate_site)
            g = primitives.squash(primitives.preactivation(g, gate_bias, gate_site), ops.sigmoid, controls=True)
            input_gate, forget_gate, output_gate = ops.split(drop(g, gate_mask), 3, axis=-1)
            candidate = primitives.rectify(primitives.preactivation(z, bias, site))
            written = primitives.gate(input_gate, candidate, "input")
            if cell is None:
                cell = written
            else:
                cell = primitives.add(primitives.gate(forget_gate, cell, "forget"), written, f"{self.name}/cell")
            cell = primitives.state(cell, f"{self.name}/cell")
            hidden = drop(primitives.gate(output_gate, cell, "output"), hidden_mask)
            return {
                "input_gate": input_gate,
                "forget_gate": forget_gate,
                "output_gate": output_gate,
                "candidate": candidate,
                "cell": cell,
                "hidden": primitives.state(hidden, f"{self.name}/hidden"),
            }

        contributions = [
            primitives.contribution(inputs, kernel[:features], site, self.domain),
            primitives.contribution(inputs, gate_kernel[:features], gate_site, self.domain),
        ]
        return contributions, step

    def parts(self) -> Parts:
        """The gates and the candidate."""
        gates = side_by_side([self.gate_kernel, self.gate_bias], self.gate_names)
        return gates | {"candidate": [(v, slice(None)) for v in (self.candidate_kernel, self.candidate_bias)]}

    def draw(self, graph) -> None:
        """The signal's path, and a gate's product with it wherever one meets it."""
        graph.gated_cell(self.name, self.units, self.gate_names, self.hidden_dropout.kinds(), self.gate_dropout.kinds())
        graph.leave_loop(self.hidden_dropout.kinds())

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.units)

    def get_config(self):
        return super().get_config() | {
            "units": self.units,
            "dropout_rate": self.dropout_rate,
            "stationary": self.stationary,
        }
