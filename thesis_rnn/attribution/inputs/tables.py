"""One input as an array, from whatever holds it: lists, tensors, pandas and xarray, with the names that they carry.

pandas and xarray are never imported: their objects are known by what they have.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from thesis_rnn.attribution.inputs.axes import texts
from thesis_rnn.errors import InputError


class Table(NamedTuple):
    """One input.

    Attributes:
      values: an array [n, ...], or a list of n arrays whose lengths differ.
      samples, steps, features: the names that came along; empty where there are none.
    """

    values: np.ndarray | list[np.ndarray]
    samples: tuple = ()
    steps: tuple = ()
    features: tuple[str, ...] = ()


def table_of(value, rank: int | None, name: str = "x") -> Table:
    """``value`` as an array, or a list of arrays of different lengths.

    Args:
      value: one input of n samples.
      rank: the axes that it should have, the samples' among them; None if nobody knows.
      name: the input's, for errors.

    Raises:
      InputError: for what is no array of numbers or text.
    """
    if is_frame(value):
        return _of_frame(value, rank)
    if _is_labelled(value):
        return _of_labelled(value, rank)
    if isinstance(value, tf.RaggedTensor):
        return Table([np.asarray(one) for one in value])
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(f"{name} must be an array without a mask; fill it with what the model masks; received one")
    if hasattr(value, "data_vars"):
        received = ", ".join(map(str, value.data_vars))
        raise InputError(
            f"{name} must be one array; join the variables by to_array(); received a Dataset of {received}"
        )
    if isinstance(value, tf.sparse.SparseTensor):
        raise InputError(f"{name} must be dense; use tf.sparse.to_dense; received a SparseTensor")
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.dtype == object):
        return _of_list(value, rank, name)
    return Table(_array(value, name))


def is_frame(value) -> bool:
    """Whether ``value`` is a DataFrame or a Series of pandas, or of what behaves like it."""
    return hasattr(value, "to_numpy") and hasattr(value, "index") and hasattr(value, "iloc")


def _is_labelled(value) -> bool:
    """Whether ``value`` is a DataArray of xarray."""
    return hasattr(value, "dims") and hasattr(value, "coords") and hasattr(value, "values")


def _of_frame(frame, rank: int | None) -> Table:
    """A row for each sample; where the model takes series, one of steps and features, or several by the index."""
    values, features = frame.to_numpy(), texts(getattr(frame, "columns", ()))
    index = frame.index
    if getattr(index, "nlevels", 1) == 2 and rank != 2:
        samples = list(dict.fromkeys(index.get_level_values(0)))
        parts = [frame.loc[sample] for sample in samples]
        return Table(
            _joined([one.to_numpy() for one in parts], "x"),
            texts(samples),
            tuple(texts(one.index) for one in parts),
            features,
        )
    names = () if _is_range(index) else texts(index)
    if rank == 3:
        return Table((values if values.ndim == 2 else values[:, None])[None], (), names, features)
    return Table(_array(values, "x"), names, (), features)


def _is_range(index) -> bool:
    return list(index[:1]) == [0] and list(index) == list(range(len(index)))


def _of_labelled(array, rank: int | None) -> Table:
    """Names are the coordinates of the first, second and last axis; one sample may come without an axis of its own."""
    found = [texts(array.coords[dim].values) if dim in array.coords else () for dim in array.dims]
    values = _array(array.values, "x")
    if rank is not None and values.ndim == rank - 1:
        values, found = values[None], [(), *found]
    if values.ndim == 2:
        return Table(values, found[0], (), found[1])
    return Table(values, found[0], found[1] if values.ndim > 1 else (), found[-1] if values.ndim > 2 else ())


def _of_list(value, rank: int | None, name: str) -> Table:
    """A list of samples, or of lists of numbers."""
    if not len(value):
        return Table(np.zeros(0, np.float32))
    if any(is_frame(one) or _is_labelled(one) for one in value):
        tables = [table_of(one, None if rank is None else rank - 1, name) for one in value]
        if len({(one.steps, one.features) for one in tables}) > 1:
            raise InputError(f"the tables of {name} must have the same columns in the same order; received others")
        steps = tuple(one.samples for one in tables)
        joined = _joined([one.values for one in tables], name)
        return Table(joined, (), steps if all(steps) else (), tables[0].steps or tables[0].features)
    if isinstance(value[0], str | bytes):
        return Table(np.asarray(value, object))
    return Table(
        _joined([table_of(one, None, name).values for one in value], name) if _is_nested(value) else _array(value, name)
    )


def _is_nested(value) -> bool:
    return any(
        isinstance(one, list | tuple) or getattr(one, "ndim", getattr(getattr(one, "shape", None), "rank", 0))
        for one in value
    )


def _joined(parts: list, name: str) -> np.ndarray | list[np.ndarray]:
    """One array where all parts have the same shape; a list where their first axes differ."""
    if any(isinstance(one, list) for one in parts):
        raise InputError(f"{name} may have samples of different lengths in their first axis; received others")
    shapes = {one.shape for one in parts}
    if len(shapes) == 1:
        return np.stack(parts)
    if len({shape[1:] for shape in shapes}) > 1:
        raise InputError(
            f"samples of {name} must have the same features; received shapes {sorted(shapes)[0]}, {sorted(shapes)[-1]}"
        )
    return list(parts)


def _array(value, name: str) -> np.ndarray:
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and array.size and not isinstance(array.flat[0], str | bytes):
            array = array.astype(np.float64)  # columns of several types of numbers
    except Exception as error:  # whatever an object's own conversion raises
        raise InputError(f"{name} must be an array; received {type(value).__name__}: {error}"[:400]) from None
    if array.dtype.kind not in "biufSUO" and array.dtype.name != "bfloat16":
        raise InputError(f"{name} must be numbers or text; received {array.dtype}")
    return array
