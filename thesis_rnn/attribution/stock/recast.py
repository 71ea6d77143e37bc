"""A user's layer in another floating-point type, with the weights that it has at each call."""

from collections.abc import Callable, Sequence

import keras
from keras import ops

from thesis_rnn.errors import InputError


def recast(source: keras.layers.Layer, dtype: str) -> Callable:
    """The layer ``source`` itself where it computes in ``dtype``, and otherwise a copy that does, called as it is.

    Raises:
      InputError: for a layer that cannot be made anew from its ``get_config``.
    """
    if not isinstance(source, keras.layers.Layer) or source.compute_dtype == dtype:
        return source
    if isinstance(source, keras.layers.Lambda) or getattr(source, "computes_in_own_type", False):
        return source.call  # computes in the type of its input, and its function need not survive ``get_config``
    copy = _copied(source, dtype)

    def run(*inputs, **options):
        with live_weights(copy.weights, source.weights):
            return copy(*inputs, **options)

    return run


def live_weights(copied: Sequence[keras.Variable], given: Sequence[keras.Variable]) -> keras.StatelessScope:
    """A block in which the variables of a copy have the values that those of the original ``given`` ones have now.

    A graph that is traced in it reads the original variables whenever it runs.
    """
    pairs = zip(copied, given, strict=True)
    return keras.StatelessScope([(copy, ops.cast(ops.convert_to_tensor(one), copy.dtype)) for copy, one in pairs])


def _copied(source: keras.layers.Layer, dtype: str) -> keras.layers.Layer:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)  # for layers that the constructor of a user's own layer makes
    try:
        copy = type(source).from_config(_in_dtype(source.get_config(), dtype))
        copy.build_from_config(source.get_build_config() or {})
        types = {variable.dtype for variable in copy.weights if "float" in variable.dtype}
        if len(copy.weights) != len(source.weights) or types - {dtype}:
            raise ValueError(f"{len(copy.weights)} weights of type {', '.join(sorted(types))}")
    except Exception as error:  # whatever a user's own constructor raises
        raise InputError(
            f"layer {source.name!r} of class {type(source).__name__} computes in {source.compute_dtype} and cannot be "
            f"made anew in {dtype} from its get_config; mend that, or explain in another dtype; received "
            f"{_last_line(error)}"
        ) from None
    finally:
        keras.config.set_dtype_policy(before)
    return copy


def _last_line(error: Exception) -> str:
    """What went wrong: Keras describes the whole configuration before."""
    return next(filter(None, reversed(str(error).splitlines())), type(error).__name__)


def _in_dtype(config, dtype: str):
    """A layer's configuration with every floating-point policy in it, those of wrapped layers too, set to ``dtype``."""
    if isinstance(config, list | tuple):
        return type(config)(_in_dtype(part, dtype) for part in config)
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "DTypePolicy":
        return dtype
    return {name: _in_dtype(part, dtype) for name, part in config.items()}
