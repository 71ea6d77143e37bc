"""Whether an operation leaves the axis of samples alone: each sample is explained on its own."""

from keras import tree

WITH_ONE_MORE_AXIS = ("ExpandDims", "Stack")


def keeps_samples(operation, inputs: tuple) -> bool:
    """Whether the operation neither moves, sums, cuts nor repeats along the axis of samples.

    Args:
      operation: an operation of ``keras.ops``.
      inputs: what it is called with.
    """
    kind = type(operation).__name__
    rank = max(len(leaf.shape) for leaf in tree.flatten(inputs) if hasattr(leaf, "shape"))
    if kind == "GetItem":
        key = inputs[1] if isinstance(inputs[1], tuple | list) else (inputs[1],)
        return key[0] is Ellipsis or key[0] == slice(None)
    if kind == "Transpose":
        return operation.axes is not None and operation.axes[0] == 0
    if kind == "Swapaxes":
        return 0 not in (operation.axis1 % rank, operation.axis2 % rank)
    if kind == "Moveaxis":
        return 0 not in [axis % rank for axis in tree.flatten((operation.source, operation.destination))]
    if kind == "Pad":
        return tuple(operation.pad_width[0]) == (0, 0)
    if kind == "Tile":
        return len(operation.repeats) < rank or operation.repeats[0] == 1
    if not hasattr(operation, "axis"):
        return True
    rank += kind in WITH_ONE_MORE_AXIS
    return operation.axis is not None and 0 not in [axis % rank for axis in tree.flatten(operation.axis)]
