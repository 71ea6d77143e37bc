"""The convolution, written as a matrix product of image patches and kernel."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from thesis_rnn.attribution.matrix.affine import Affine, Matrix, active, layer_input


class ConvolutionMatrix(Matrix):
    """The kernel [size, size, channels, filters] as a matrix [size * size * channels, filters].

    Args:
      kernel: the kernel.
      padding: "same" surrounds the image by zeros that keep its rows and columns; "valid" adds none. The stride is 1.
    """

    def __init__(self, kernel, padding: str):
        self.size, _, self.channels, filters = kernel.shape
        before = (self.size - 1) // 2 if padding == "same" else 0
        after = self.size - 1 - before if padding == "same" else 0
        self.border = (before, after)
        super().__init__(kernel.reshape(-1, filters))

    def product(self, a, weights):
        """W * a: [..., rows, columns, channels] -> [..., rows', columns', filters]."""
        return super().product(self.patches(a), weights)

    def transposed_product(self, shares, weights):
        """[..., rows', columns', filters] -> [..., rows, columns, channels]."""
        return self.sum_of_patches(super().product(shares, weights.T))

    def patches(self, a):
        """Each cell's surroundings as a row: [..., rows', columns', size * size * channels]."""
        around = [(0, 0)] * (a.ndim - 3) + [self.border, self.border, (0, 0)]
        windows = sliding_window_view(np.pad(a, around), (self.size, self.size), axis=(-3, -2))
        windows = np.moveaxis(windows, -3, -1)  # [..., rows', columns', size, size, channels]
        return windows.reshape(*windows.shape[:-3], -1)

    def sum_of_patches(self, patches):
        """Puts each patch back where it was taken from; where patches overlap, they add up."""
        *batch, rows, columns, _ = patches.shape
        patches = patches.reshape(*batch, rows, columns, self.size, self.size, self.channels)
        padded = np.zeros((*batch, rows + self.size - 1, columns + self.size - 1, self.channels), patches.dtype)
        for u, v in np.ndindex(self.size, self.size):
            padded[..., u : u + rows, v : v + columns, :] += patches[..., u, v, :]
        before, after = self.border
        return padded[..., before : padded.shape[-3] - after, before : padded.shape[-2] - after, :]


class Convolution:
    """a = max(0, W * x - softplus(b)), at every step alike.

    Input [n, ..., rows, columns, channels], output [n, ..., rows', columns', filters].
    """

    def __init__(self, layer, rule, dtype):
        self.layer = layer
        self.rule = rule
        self.matrix = ConvolutionMatrix(np.asarray(layer.kernel, dtype), layer.padding)
        self.bias = np.asarray(layer.bias, dtype)

    def forward(self, a):
        self.affine = Affine(self.rule, layer_input(self.layer, self.rule, a, self.matrix))
        return active(self.affine.z, self.bias)

    def backward(self, relevance):
        [received] = self.affine.relevance(relevance)
        return received
