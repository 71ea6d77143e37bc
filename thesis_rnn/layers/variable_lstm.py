"""An LSTM whose hidden state has a part for each variable: where IMV-LSTM can tell which variable said what."""

import keras
from keras import ops

from thesis_rnn.core import primitives
from thesis_rnn.core.linear_maps import Einsum
from thesis_rnn.layers.loop import Loop


@keras.saving.register_keras_serializable("thesis_rnn")
class VariableLSTM(Loop):
    """An LSTM for each variable, with kernels of its own (Guo et al., 2019, equations 1 to 3).

        candidate^n = V^n x^n_t + Y^n h^n_{t-1} + d^n;   the rest as in an LSTM

    Input [batch, steps, variables], output h [batch, steps, variables, units].

    Args:
      units: numbers in the hidden state of each variable.
      shared_gates: gates see all variables and all their states (IMV-Full), instead of their own alone (IMV-Tensor);
        h^n is then not made of x^n alone.
      domain, seed: see ``Loop``.

    Example:
      >>> tuple(VariableLSTM(5)(np.ones((2, 4, 3), "float32")).shape)
      (2, 4, 3, 5)
    """

    def __init__(self, units: int, shared_gates: bool = False, domain: str = "bounded", seed=None, **kwargs):
        super().__init__(units, return_sequences=True, domain=domain, seed=seed, **kwargs)
        self.shared_gates = shared_gates

    def build(self, input_shape):
        n, d = input_shape[-1], self.units
        seen = (n,) if self.shared_gates else ()
        self.gate_kernel = self.xavier("gate_kernel", (*seen, n, 3 * d), 0)
        self.gate_recurrent = self.xavier("gate_recurrent_kernel", (*seen, n, d, 3 * d), 1)
        self.gate_bias = self.zeros("gate_bias", n, 3 * d)
        self.kernel = self.xavier("kernel", (n, d), 2)
        self.recurrent = self.xavier("recurrent_kernel", (n, d, d), 3)
        self.bias = self.zeros("bias", n, d)

    def call(self, inputs, mask=None):
        of_gates, axes = ("m", 2) if self.shared_gates else ("n", 1)
        more = of_gates if self.shared_gates else ""
        seen_gates = self.site("gates", Einsum(f"bt{of_gates},{more}nk->btnk", axes), controls=True)
        fed_gates = self.site("gates", Einsum(f"b{of_gates}d,{more}ndk->bnk", axes), controls=True)
        seen = self.site("candidate", Einsum("btn,nk->btnk", 1))
        fed = self.site("candidate", Einsum("bnd,ndk->bnk", 1))
        gate_recurrent, recurrent = map(ops.convert_to_tensor, (self.gate_recurrent, self.recurrent))

        def step(inputs, states):
            (g, z), (h, c) = inputs, states
            g = g + primitives.contribution(h, gate_recurrent, fed_gates, "real")
            z = z + primitives.contribution(h, recurrent, fed, "real")
            g = primitives.preactivation(g, ops.convert_to_tensor(self.gate_bias), fed_gates)
            h, c = self.lstm(g, primitives.preactivation(z, ops.convert_to_tensor(self.bias), fed), c)
            return h, [h, c]

        given = [
            primitives.contribution(inputs, self.gate_kernel, seen_gates, self.domain),
            primitives.contribution(inputs, self.kernel, seen, self.domain),
        ]
        shape = (inputs.shape[-1], self.units)
        states = self.run(step, given, self.before(inputs, shape, shape), mask)
        return primitives.leaf(states, primitives.VARIABLES)

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.units)

    def get_config(self):
        config = super().get_config() | {"shared_gates": self.shared_gates}
        return {name: value for name, value in config.items() if name != "return_sequences"}
