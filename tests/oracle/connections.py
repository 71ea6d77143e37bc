"""Layers as lists of connections: ``connections[k]`` holds (j, w_jk) for every input j that neuron k really has.

Once a convolution is written this way, every rule for dense layers is a rule for convolutions, and a border padded
with zeros is no special case: what lies outside the image is no input. Images are flattened in the order row, column,
channel.
"""


def dense(kernel):
    """The connections of a dense kernel [inputs, neurons]."""
    inputs, neurons = kernel.shape
    return [[(j, float(kernel[j, k])) for j in range(inputs)] for k in range(neurons)]


def convolution(kernel, rows, columns, strides=(1, 1), padding="same"):
    """The connections of a kernel [height, width, channels, filters] over an image of ``rows`` x ``columns``."""
    height, width, channels, filters = kernel.shape
    output_rows, top = extent(rows, height, strides[0], padding)
    output_columns, left = extent(columns, width, strides[1], padding)
    connections = []
    for row in range(output_rows):
        for column in range(output_columns):
            for k in range(filters):
                inputs = []
                for u in range(height):
                    for v in range(width):
                        i, j = row * strides[0] - top + u, column * strides[1] - left + v
                        if 0 <= i < rows and 0 <= j < columns:
                            for c in range(channels):
                                inputs.append(((i * columns + j) * channels + c, float(kernel[u, v, c, k])))
                connections.append(inputs)
    return connections


def extent(size, window, stride, padding):
    """How many windows fit along an axis, and how many zeros stand before it."""
    if padding == "valid":
        return (size - window) // stride + 1, 0
    outputs = -(-size // stride)
    return outputs, max((outputs - 1) * stride + window - size, 0) // 2


def pooling(rows, columns, channels, size=2):
    """The connections, all of weight 1, of sums over windows of ``size`` x ``size`` that do not overlap."""
    connections = []
    for row in range(0, rows, size):
        for column in range(0, columns, size):
            for c in range(channels):
                inputs = []
                for i in range(row, min(row + size, rows)):
                    for j in range(column, min(column + size, columns)):
                        inputs.append(((i * columns + j) * channels + c, 1.0))
                connections.append(inputs)
    return connections
