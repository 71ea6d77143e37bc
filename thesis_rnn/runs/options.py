"""Fields that are flags: their help, their range, and how a value is read from text."""

import dataclasses
import math
import types
import unicodedata
from collections.abc import Iterator
from numbers import Integral, Real
from typing import Any, get_args

from thesis_rnn.errors import InputError
from thesis_rnn.support.kinds import KINDS, described

ABSTRACT = {int: Integral, float: Real, str: str}
"""Kind of a field -> what its values are instances of."""
UNFIT = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of letters that a flagfile does not give back: control characters, what is no UTF-8, and U+2028
and U+2029, which end lines."""


def option(default, text: str, *, flag: str = "", least=None, most=None, words: tuple[str, ...] = ()):
    """A field of a dataclass that is a flag.

    Args:
      default: its value; None where the problem decides.
      text: the help of the flag.
      flag: the name of the flag; by default that of the field.
      least, most: the range of a number.
      words: the values that a text may have; empty for any.
    """
    limits = {"least": least, "most": most, "words": words}
    return dataclasses.field(default=default, metadata={"help": text, "flag": flag} | limits)


def options_of(group: type) -> Iterator[tuple[str, str, dataclasses.Field]]:
    """(name of the flag, name of the field, field) of each option of a dataclass."""
    for item in dataclasses.fields(group):
        yield item.metadata["flag"] or item.name, item.name, item


def kind_of(item: dataclasses.Field) -> type:
    """The kind of a field's values beside None: int, float or str."""
    kinds = [kind for kind in get_args(item.type) if kind is not types.NoneType] or [item.type]
    return kinds[0]


def check_options(group: Any) -> None:
    """Refuses values of another kind, or out of their range.

    Raises:
      InputError: for the first of them.
    """
    for name, field, item in options_of(type(group)):
        value = getattr(group, field)
        if value is None and item.default is None:
            continue
        kind = kind_of(item)
        if not isinstance(value, ABSTRACT[kind]) or isinstance(value, bool):
            raise InputError(f"{name} must be {KINDS[kind][0]}; received {described(value)}")
        _check(name, value, item)


def _check(name: str, value, item: dataclasses.Field) -> None:
    least, most, words = (item.metadata[limit] for limit in ("least", "most", "words"))
    if kind_of(item) is str:
        if any(unicodedata.category(letter) in UNFIT for letter in value):  # a line break would write a second flag
            raise InputError(f"{name} must be text without control characters; received {value!r}")
        if words and value not in words:
            raise InputError(f"{name} must be {' or '.join(words)}; received {value!r}")
        return
    if kind_of(item) is float and not math.isfinite(value):
        raise InputError(f"{name} must be finite; received {value}")
    if least is not None and value < least:
        expected = "must not be negative" if least == 0 else f"must be at least {least}"
        raise InputError(f"{name} {expected}; received {_short(value)}")
    if most is not None and value > most:
        raise InputError(f"{name} must be at most {most}; received {_short(value)}")


def parsed(item: dataclasses.Field, text: str):
    """The value that ``text`` writes.

    Raises:
      ValueError: for text of another kind.
    """
    if kind_of(item) is int and len(text) > 25:
        raise ValueError("too many digits")
    return kind_of(item)(text)


def _short(value) -> str:
    text = str(value)
    return text if len(text) <= 30 else f"{text[:12]}... ({len(text)} digits)"
