"""The forward passes of the thesis' layers for one sample, written from their formulas in NumPy."""

import numpy as np


def softplus(b):
    return np.log1p(np.exp(b))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def dense(a, kernel, bias, rectified=True):
    """a_k = max(0, sum_j w_jk a_j - softplus(b_k)) of a vector."""
    z = np.zeros(len(bias))
    for k in range(len(bias)):
        for j in range(len(a)):
            z[k] += kernel[j, k] * a[j]
        z[k] -= softplus(bias[k])
    return np.maximum(z, 0) if rectified else z


def convolution(image, kernel, bias, padding="same"):
    """The same at every place of an image [rows, columns, channels]; of an odd gap, "same" puts less before it."""
    size = len(kernel)
    if padding == "same":
        gap = ((size - 1) // 2, size // 2)
        image = np.pad(image, (gap, gap, (0, 0)))
    rows, columns = image.shape[0] - size + 1, image.shape[1] - size + 1
    a = np.zeros((rows, columns, len(bias)))
    for row in range(rows):
        for column in range(columns):
            seen = image[row : row + size, column : column + size]
            a[row, column] = dense(seen.ravel(), kernel.reshape(-1, len(bias)), bias)
    return a


def sum_pooling(image, size):
    """Every pixel is added to the one window that it lies in."""
    rows, columns, channels = image.shape
    sums = np.zeros((-(-rows // size), -(-columns // size), channels))
    for row in range(rows):
        for column in range(columns):
            sums[row // size, column // size] += image[row, column]
    return sums


def literal_convolution(images, kernel, bias):
    """Over images [steps, rows, columns, channels]: each step sees its input and the output of the step before."""
    outputs = [np.zeros((*images.shape[1:3], len(bias)))]
    for image in images:
        outputs.append(convolution(np.concatenate([image, outputs[-1]], axis=-1), kernel, bias))
    return np.stack(outputs[1:])


def dense_recurrence(sequence, kernel, bias, recurrent_kernel, recurrent_bias):
    """The hidden layer and its recurrent input at each step of [steps, features]."""
    hidden, recurrent = [], [np.zeros(len(recurrent_bias))]
    for x in sequence:
        seen = x if len(sequence) == 1 else np.concatenate([x, recurrent[-1]])
        hidden.append(dense(seen, kernel, bias))
        recurrent.append(dense(hidden[-1], recurrent_kernel, recurrent_bias))
    return {"hidden": np.stack(hidden), "recurrent_input": np.stack(recurrent[:-1])}


def rlstm(sequence, gate_kernel, gate_bias, candidate_kernel, candidate_bias):
    """The gates, the candidate, the cell and its output at each step of [steps, features]."""
    units = len(candidate_bias)
    cell, hidden, steps = np.zeros(units), np.zeros(units), []
    for x in sequence:
        seen = np.concatenate([x, hidden])
        i, f, o = np.split(sigmoid(seen @ gate_kernel + gate_bias), 3)
        candidate = dense(seen, candidate_kernel, candidate_bias)
        cell = f * cell + i * candidate
        hidden = o * cell
        steps.append((i, f, o, candidate, cell, hidden))
    names = ("input_gate", "forget_gate", "output_gate", "candidate", "cell", "hidden")
    return {name: np.stack(values) for name, values in zip(names, zip(*steps, strict=True), strict=True)}
