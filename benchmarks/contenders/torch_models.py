"""The thesis' models in PyTorch: the same layers, the same places of dropout, the same loss.

As in the package, what the inputs contribute to a recurrence is computed for all steps before the loop.
"""

import torch
from torch import nn
from torch.nn import functional as F

RATE = 0.2


class ThesisModel(nn.Module):
    """[batch, steps, rows, columns] -> logits.

    Args:
      weights: arrays by the paths of their variables in Keras.
      stationary: one dropout mask for all steps of a sequence.
    """

    def __init__(self, weights: dict, stationary: bool):
        super().__init__()
        self.stationary = stationary
        self.weights = nn.ParameterDict({path.replace("/", "_"): torch.tensor(w) for path, w in weights.items()})
        if "conv1/kernel" in weights:
            self._to_channels_first()

    def forward(self, x):
        features = self._convolved(x) if "conv1_kernel" in self.weights else x.flatten(2)
        features = self._drop_steps(F.relu(self._dense(features, "in1")))
        if "cell_gate_kernel" in self.weights:
            hidden = self._rlstm(features)
        else:
            hidden = F.relu(self._dense(self._dense_recurrence(features), "out1"))
        return self._dense(hidden, "logits")

    def _dense(self, a, name: str):
        return torch.addmm(self._bias(f"{name}_bias"), a.flatten(0, -2), self.weights[f"{name}_kernel"]).unflatten(
            0, a.shape[:-1]
        )

    def _bias(self, name: str):
        return -F.softplus(self.weights[name])

    # ---- dropout

    def _drop_steps(self, a):
        """[batch, steps, units]; one mask for all steps if it is stationary."""
        return a * self._mask(a[:, :1]) if self.stationary else F.dropout(a, RATE, self.training)

    def _mask(self, a):
        return F.dropout(torch.ones_like(a), RATE, self.training)

    # ---- recurrences

    def _dense_recurrence(self, x):
        kernel, recurrent_kernel = self.weights["cell_kernel"], self.weights["cell_recurrent_kernel"]
        bias, recurrent_bias = self._bias("cell_bias"), self._bias("cell_recurrent_bias")
        features = x.shape[2]
        from_input = (F.dropout(x, RATE, self.training) @ kernel[:features] + bias).unbind(1)
        hidden = self._drop(F.relu(from_input[0]))
        for z in from_input[1:]:
            fed_back = self._drop(F.relu(torch.addmm(recurrent_bias, hidden, recurrent_kernel)))
            hidden = self._drop(F.relu(torch.addmm(z, fed_back, kernel[features:])))
        return hidden

    def _drop(self, a):
        return F.dropout(a, RATE, self.training)

    def _rlstm(self, x):
        gate_kernel, kernel = self.weights["cell_gate_kernel"], self.weights["cell_candidate_kernel"]
        units, features = kernel.shape[1], x.shape[2]
        joined = torch.cat([gate_kernel, kernel], 1)
        bias = torch.cat([self.weights["cell_gate_bias"], self._bias("cell_candidate_bias")])
        from_input = (x @ joined[:features] + bias).unbind(1)
        mask = self._mask(x.new_ones(len(x), units))
        hidden = cell = x.new_zeros(len(x), units)
        for z in from_input:
            z = torch.addmm(z, hidden, joined[features:])
            input_gate, forget_gate, output_gate = torch.sigmoid(z[:, : 3 * units]).chunk(3, 1)
            cell = forget_gate * cell + input_gate * F.relu(z[:, 3 * units :])
            hidden = output_gate * cell * mask
        return hidden

    # ---- convolutions, in PyTorch's order [batch, channels, rows, columns]

    def _to_channels_first(self):
        for name in ("conv1_kernel", "conv2_kernel"):
            self.weights[name] = nn.Parameter(self.weights[name].permute(3, 2, 0, 1).contiguous())
        kernel, channels = self.weights["in1_kernel"], self.weights["conv2_bias"].numel()
        cells = len(kernel) // channels  # Keras flattens with the channels last
        kernel = kernel.unflatten(0, (cells, channels)).transpose(0, 1).flatten(0, 1)
        self.weights["in1_kernel"] = nn.Parameter(kernel.contiguous())

    def _convolved(self, x):
        a = self._pool(self._convolution(x.unsqueeze(2), "conv1"))
        return self._pool(self._convolution(a, "conv2")).flatten(2)

    def _convolution(self, x, name: str):
        """[batch, steps, channels, rows, columns]; with literal connections if the kernel has rows for its output."""
        kernel, bias = self.weights[f"{name}_kernel"], self._bias(f"{name}_bias")
        channels, padding = x.shape[2], kernel.shape[-1] // 2
        z = F.conv2d(x.flatten(0, 1), kernel[:, :channels], bias, padding=padding).unflatten(0, x.shape[:2])
        if kernel.shape[1] == channels:
            return F.relu(z)
        outputs = []
        for z_t in z.unbind(1):
            before = F.conv2d(outputs[-1], kernel[:, channels:], padding=padding) if outputs else 0
            outputs.append(F.relu(z_t + before))
        return torch.stack(outputs, 1)

    @staticmethod
    def _pool(a):
        """Sums over windows of 2x2; the border is filled with zeros."""
        return F.avg_pool2d(a.flatten(0, 1), 2, ceil_mode=True, divisor_override=1).unflatten(0, a.shape[:2])


def loss(logits, y):
    """Cross-entropy with a logit that is always zero."""
    return F.cross_entropy(F.pad(logits, (0, 1)), y)
