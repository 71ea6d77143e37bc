"""Sum pooling."""

import numpy as np

from thesis_rnn.attribution.matrix.rule import divide


class SumPooling:
    """a_k = sum_j a_j over windows of size x size that do not overlap, with zeros where a window sticks out.

    Relevance goes back in proportion, R_j = a_j / a_k R_k (Montavon et al., 2018, section 5, special layers).
    Input [n, ..., rows, columns, channels].
    """

    def __init__(self, layer, _rule, _dtype):
        self.size = layer.size

    def forward(self, a):
        self.a = a
        *batch, rows, columns, channels = a.shape
        missing = [(0, 0)] * len(batch) + [(0, -rows % self.size), (0, -columns % self.size), (0, 0)]
        windows = np.pad(a, missing).reshape(*batch, -(-rows // self.size), self.size, -1, self.size, channels)
        self.sums = windows.sum(axis=(-4, -2))
        return self.sums

    def backward(self, relevance):
        rows, columns = self.a.shape[-3:-1]
        shares = divide(relevance, self.sums).repeat(self.size, axis=-3).repeat(self.size, axis=-2)
        return self.a * shares[..., :rows, :columns, :]
