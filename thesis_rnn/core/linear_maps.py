"""The linear maps that layers are made of: dense products, convolutions, products with a matrix per sample, sums."""

from dataclasses import dataclass

from keras import ops

WIDEST_BAND, DEEPEST_BAND = 8, 4
"""Images up to this width, with up to this many channels, are convolved by one matrix product."""


@dataclass(frozen=True)
class SlidingKernel:
    """How a convolution's kernel moves over its input.

    Attributes:
      strides, dilation: in cells, one for each axis or the same for all.
      padding: "same" and "valid", or "causal": zeros before the first step only.
      axes: the number of axes the kernel moves along.
      groups: into how many groups, convolved apart, the channels are divided.
    """

    strides: tuple[int, ...] | int = 1
    padding: str = "same"
    dilation: tuple[int, ...] | int = 1
    axes: int = 2
    groups: int = 1


@dataclass(frozen=True)
class DepthwiseKernel(SlidingKernel):
    """The kernel [..., channels, multiplier] convolves each channel on its own, into ``multiplier`` ones."""


@dataclass(frozen=True)
class TransposedKernel(SlidingKernel):
    """The kernel [..., out, in] is that of the convolution whose transpose this is.

    Attributes:
      output_padding: see ``keras.layers.Conv1DTranspose``.
    """

    output_padding: tuple[int, ...] | int | None = None


@dataclass(frozen=True)
class KernelPerSample:
    """The kernel is one matrix [..., out, in] for each sample, as attention weights are: out = kernel . a.

    Attributes:
      equation: the product as ``einsum(equation, kernel, a)``, where it is not that of the last two axes.
      axes: how many of the output's last axes are neurons.
    """

    equation: str = ""
    axes: int = 1


@dataclass(frozen=True)
class Einsum:
    """The map is ``einsum(equation, a, kernel)``; ``axes`` of the output's last axes are neurons."""

    equation: str
    axes: int = 1


@dataclass(frozen=True)
class Diagonal:
    """Every input makes one output: kernel * a, in the shape that both broadcast to."""


Form = SlidingKernel | KernelPerSample | Einsum | Diagonal | None
"""How a kernel is applied; None for a dense map."""


def linear(a, kernel, form: Form = None):
    """W.a, over the last axis of ``a`` (dense) or over its last axes (convolution); leading axes are a batch."""
    if isinstance(form, KernelPerSample):
        return ops.einsum(form.equation, kernel, a) if form.equation else ops.matmul(kernel, a)
    if isinstance(form, Einsum):
        return ops.einsum(form.equation, a, kernel)
    if isinstance(form, Diagonal):
        return a * kernel
    axes = len(kernel.shape) - 1  # the axes of one sample: features, or space and channels
    leading = len(a.shape) - axes
    flat = ops.reshape(a, (-1, *a.shape[leading:])) if leading > 1 else a
    z = ops.matmul(flat, kernel) if form is None else _convolve(flat, kernel, form)
    return ops.reshape(z, (*_first_axes(a, leading), *z.shape[1:])) if leading > 1 else z


def _first_axes(a, count: int) -> tuple:
    """The sizes of the first axes as ``reshape`` takes them: an only unknown one is -1, which costs no operation."""
    sizes = tuple(a.shape[:count])
    if sizes.count(None) > 1:
        return tuple(ops.shape(a)[:count])
    return tuple(-1 if size is None else size for size in sizes)


def is_shared(form: Form) -> bool:
    """Whether one kernel meets every sample, at every leading axis, in the same way."""
    return form is None or isinstance(form, SlidingKernel)


def neuron_axes(form: Form) -> int:
    """How many axes of a pre-activation are neurons; the others are samples and steps."""
    if isinstance(form, SlidingKernel):
        return form.axes + 1
    return form.axes if isinstance(form, KernelPerSample | Einsum) else 1


def _convolve(a, kernel, window: SlidingKernel):
    if window == SlidingKernel() and a.shape[2] <= WIDEST_BAND and a.shape[3] <= DEEPEST_BAND:
        return _convolve_by_band(a, kernel)
    padding, dilation = window.padding, window.dilation
    if isinstance(window, TransposedKernel):
        return ops.conv_transpose(a, kernel, window.strides, padding, window.output_padding, dilation_rate=dilation)
    if padding == "causal":
        reach = (dilation if isinstance(dilation, int) else dilation[0]) * (kernel.shape[0] - 1)
        a, padding = ops.pad(a, ((0, 0), (reach, 0), (0, 0))), "valid"
    if isinstance(window, DepthwiseKernel):
        return ops.depthwise_conv(a, kernel, window.strides, padding, dilation_rate=dilation)
    if window.groups > 1:  # TensorFlow has no gradient of grouped convolutions on processors
        parts = zip(ops.split(a, window.groups, -1), ops.split(kernel, window.groups, -1), strict=True)
        convolved = [ops.conv(part, own, window.strides, padding, dilation_rate=dilation) for part, own in parts]
        return ops.concatenate(convolved, axis=-1)
    return ops.conv(a, kernel, window.strides, padding, dilation_rate=dilation)


def _convolve_by_band(a, kernel):
    """The same convolution as one matrix product for narrow images of few channels, several times faster on processors.

    The kernel's columns become a band matrix [size * width * channels, width * filters], and the image's rows are laid
    beside each other in overlapping groups of ``size``. The zeros of the band are multiplied too, which a convolution
    would not do, but a product of that shape keeps a processor busy and a convolution of one channel does not.
    """
    _, rows, width, channels = a.shape
    size, _, _, filters = kernel.shape
    before = (size - 1) // 2
    padded = ops.pad(kernel, ((0, 0), (width, width), (0, 0), (0, 0)))
    starts = [width + (kernel.shape[1] - 1) // 2 - column for column in range(width)]
    band = ops.stack([padded[:, start : start + width] for start in starts], axis=3)
    lines = ops.pad(ops.reshape(a, (-1, rows, width * channels)), ((0, 0), (before, size - 1 - before), (0, 0)))
    groups = ops.concatenate([lines[:, row : row + rows] for row in range(size)], axis=-1)
    z = ops.matmul(ops.reshape(groups, (-1, size * width * channels)), ops.reshape(band, (-1, width * filters)))
    return ops.reshape(z, (-1, rows, width, filters))


def sum_windows(a, size: int):
    """Sums over windows of ``size`` x ``size`` of [..., rows, columns, channels].

    The border is filled with zeros where a window does not fit, so that the sum stays a sum there; averaging and
    multiplying by the window's area would not.
    """
    *batch, rows, columns, channels = ops.shape(a)
    flat = ops.reshape(a, (-1, rows, columns, channels))
    flat = ops.pad(flat, ((0, 0), (0, -rows % size), (0, -columns % size), (0, 0)))
    sums = ops.average_pool(flat, size, size, "valid") * size**2
    return ops.reshape(sums, (*batch, *sums.shape[1:]))
