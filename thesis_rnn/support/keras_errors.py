"""Errors as they were raised, without what Keras adds to them."""

from collections.abc import Iterator
from contextlib import contextmanager

from thesis_rnn.errors import InputError


@contextmanager
def own_errors() -> Iterator[None]:
    """Raises an ``InputError`` of the block in its one line: Keras raises it anew, with a description of each call."""
    try:
        yield
    except InputError as error:
        while isinstance(error.__context__, InputError):
            error = error.__context__
        raise error from None
