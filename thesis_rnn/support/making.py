"""Making a thing from its name and arguments: what a text said, fitted to the signature of what is called."""

import inspect
import os
from collections.abc import Callable

import numpy as np

from thesis_rnn.errors import InputError
from thesis_rnn.support import elsewhere
from thesis_rnn.support.arrays import read_npy
from thesis_rnn.support.calls import Call
from thesis_rnn.support.hints import did_you_mean


def arguments_by_name(call: Call, function: Callable) -> dict:
    """The arguments of ``call`` by the names of the parameters of ``function``; ``file('b.npy')`` as its array.

    Raises:
      InputError: for an argument that ``function`` does not take, with those that it takes, or one that is missing.
    """
    given = argument_names(call, function)
    parameters = inspect.signature(function).parameters
    missing = [name for name, one in parameters.items() if one.default is one.empty and name not in given]
    if missing:
        raise InputError(f"{call.name} needs {', '.join(missing)}; received {call}")
    return {name: array_of(value) for name, value in given.items()}


def argument_names(call: Call, function: Callable) -> dict:
    """The arguments of ``call`` by the names of the parameters of ``function``, as they were written.

    Raises:
      InputError: for an argument that ``function`` does not take, with those that it takes.
    """
    parameters = list(inspect.signature(function).parameters)
    given = dict(zip(parameters, call.positional, strict=False))
    unknown = [str(value) for value in call.positional[len(parameters) :]]
    unknown += sorted(name for name in call.named if name not in parameters)
    twice = [name for name in call.named if name in given]
    if twice:
        raise InputError(f"name each argument of {call.name} once; received {twice[0]} twice in {call}")
    if unknown:
        known = f"the parameters {', '.join(parameters)}" if parameters else "no parameters"
        hint = did_you_mean(unknown[0], parameters, elsewhere.PARAMETERS)
        raise InputError(f"{call.name} has {known}{hint}; received {', '.join(unknown)}")
    return given | call.named


def array_of(value):
    """The array of ``file('b.npy')``; every other value is itself.

    Raises:
      InputError: if it is not one file's name, or not the file of one array.
    """
    if not (isinstance(value, Call) and value.name == "file"):
        return value
    if len(value.positional) != 1 or value.named or not isinstance(value.positional[0], str):
        raise InputError(f"an array is read from one file, as in file('b.npy'); received {value}")
    return read_array(value.positional[0])


def read_array(path: str | os.PathLike) -> np.ndarray:
    """The array of numbers in a .npy file.

    Raises:
      InputError: if the file is missing, damaged or of another kind.
    """
    try:
        array = read_npy(path)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"expected a .npy file of numbers; received {os.fspath(path)}: {error}") from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
        raise InputError(f"expected a .npy file of one array of numbers; received {os.fspath(path)}")
    return array
