"""What layers share that read a series step by step and are neither the thesis' nor Keras': states, sites, the loop."""

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import Form
from thesis_rnn.core.scan import scan
from thesis_rnn.layers.base import PrimitiveLayer
from thesis_rnn.support.checks import at_least_one


class Loop(PrimitiveLayer):
    """A loop over the steps of [batch, steps, ...]; masked steps leave the states as they are.

    Args:
      units: numbers in the hidden state.
      return_sequences: the output of every step, not that of the last one alone.
      domain: where the input lives: "bounded" where it is the network's, otherwise "real".
      seed: seeds the kernels.
    """

    loops = True

    def __init__(
        self, units: int, return_sequences: bool = False, domain: str = "bounded", seed: int | None = None, **kwargs
    ):
        super().__init__(**kwargs)
        at_least_one(units=units)
        self.units = units
        self.return_sequences = return_sequences
        self.domain = domain
        self.seed = seed
        self.supports_masking = True

    def run(self, step, inputs: list, states: list, mask=None):
        """The outputs of ``step(inputs_t, states) -> (output_t, states)``, of every step or of the last."""
        outputs, last, _ = scan(step, inputs, states, mask, unroll=primitives.semantics().needs_steps)
        return outputs if self.return_sequences else last

    def before(self, x, *shapes: tuple[int, ...]) -> list:
        """States of zero; relevance that arrives there is the ledger's row of initial states."""
        zeros = [ops.zeros((ops.shape(x)[0], *shape), x.dtype) for shape in shapes]
        names = [f"{self.name}/{primitives.INITIAL_STATE} {number}" for number in range(len(shapes))]
        return list(map(primitives.state, zeros, names))

    def site(self, part: str, form: Form = None, controls: bool = False) -> primitives.Site:
        """The place of the affine map of a ``part``."""
        return primitives.Site(f"{self.name}/{part}", self.domain == "bounded", form, controls)

    def hidden(self, state, part: str = "hidden"):
        """``state``, whose relevance may be asked for at every step."""
        return primitives.state(state, f"{self.name}/{part}")

    def lstm(self, gates, candidate, cell):
        """(h, c) of an LSTM, c = f * c + i * tanh(candidate), h = o * tanh(c), from what i, f, o are sigmoids of."""
        written, kept, shown = ops.split(primitives.squash(gates, ops.sigmoid, controls=True), 3, axis=-1)
        written = primitives.gate(written, primitives.squash(candidate, ops.tanh, layer=self.name), "input")
        cell = primitives.add(primitives.gate(kept, cell, "forget"), written, f"{self.name}/cell")
        cell = self.hidden(cell, "cell")
        return self.hidden(primitives.gate(shown, primitives.squash(cell, ops.tanh, layer=self.name), "output")), cell

    def mixed(self, gate, old, new):
        """gate * old + (1 - gate) * new, a step of gated averaging."""
        complement = primitives.squash(gate, lambda g: 1 - g, controls=True)
        kept = primitives.gate(gate, old, "forget")
        return primitives.add(kept, primitives.gate(complement, new, "input"), f"{self.name}/hidden")

    def xavier(self, name: str, shape: tuple[int, ...], offset: int):
        """A kernel that starts Xavier-uniform."""
        start = keras.initializers.GlorotUniform(seed=None if self.seed is None else self.seed + offset)
        return self.add_weight(name=name, shape=shape, initializer=start)

    def zeros(self, name: str, *shape: int):
        """A bias that starts at zero."""
        return self.add_weight(name=name, shape=shape, initializer="zeros")

    def activations(self, inputs, mask=None) -> dict:
        """The ``output``."""
        return {"output": self(keras.tree.map_structure(ops.convert_to_tensor, inputs), mask=mask)}

    def compute_mask(self, inputs, previous_mask):
        """That of the input, where the output has its steps."""
        return keras.tree.flatten(previous_mask)[0] if self.return_sequences else None

    def compute_output_shape(self, input_shape):
        return (*input_shape[: 2 if self.return_sequences else 1], self.units)

    def get_config(self):
        return super().get_config() | {
            "units": self.units,
            "return_sequences": self.return_sequences,
            "domain": self.domain,
            "seed": self.seed,
        }
