"""The one grammar for "a name with arguments": lrp(alpha=2, beta=1), composite(epsilon(0.01), first=flat).

    calls  = call { ";" call }                 a list, as in --methods and --measures
    call   = name [ "(" [ argument { "," argument } ] ")" ]
    value  = number | true | false | none | word | "quoted text" | (value, value) | call with parentheses

The text is taken apart, never run. ``str(call)`` is its canonical form: equal calls have equal texts.
"""

import ast
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from thesis_rnn.errors import InputError

WORDS = {"true": True, "false": False, "none": None}
LONGEST = 10_000
"""Characters of a text; what is longer is a mistake or an attack."""


@dataclass(frozen=True)
class Call:
    """A name with arguments.

    Attributes:
      name: what is called.
      positional: values without a name.
      named: values by name, in the order of the text.
    """

    name: str
    positional: tuple = ()
    named: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        arguments = [*map(_text, self.positional), *(f"{name}={_text(value)}" for name, value in self.named.items())]
        return f"{self.name}({', '.join(arguments)})" if arguments else self.name

    def __hash__(self) -> int:
        return hash(str(self))


def parse_call(text: str) -> Call:
    """The call that ``text`` writes.

    Args:
      text: a name, with or without arguments.

    Returns:
      The call.

    Raises:
      InputError: for text of another form, or more than one call.

    Example:
      >>> str(parse_call("lrp( alpha=2,beta=1 )"))
      'lrp(alpha=2, beta=1)'
    """
    calls = parse_calls(text)
    if len(calls) != 1:
        raise InputError(f"expected one name with its arguments, as in lrp(alpha=2, beta=1); received {_short(text)}")
    return calls[0]


def parse_calls(text: str) -> list[Call]:
    """The calls that ``text`` writes, with ; between them.

    Args:
      text: names with arguments, semicolons between them.

    Returns:
      The calls, in the order of the text.

    Raises:
      InputError: for text of another form, or none.

    Example:
      >>> [call.name for call in parse_calls("sensitivity; lrp(alpha=1.5, beta=0.5)")]
      ['sensitivity', 'lrp']
    """
    parts = [part.strip() for part in _split(text)]
    if not all(parts):
        raise InputError(f"expected names with arguments, separated by semicolons; received {_short(text)}")
    return [_call(_parsed(part), part) for part in parts]


def _split(text: str) -> list[str]:
    """The text between semicolons that are not quoted."""
    parts, quote, start = [], "", 0
    for place, letter in enumerate(text[: LONGEST + 1]):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == ";":
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _parsed(text: str) -> ast.expr:
    try:
        if len(text) > LONGEST:
            raise ValueError
        return ast.parse(f"({text}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _refused(text) from None


def _call(node: ast.expr, text: str) -> Call:
    if isinstance(node, ast.Name):
        return Call(node.id)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise _refused(text)
    named = {item.arg: _value(item.value, text) for item in node.keywords}
    if None in named or len(named) < len(node.keywords):
        raise _refused(text)
    return Call(node.func.id, tuple(_value(value, text) for value in node.args), named)


def check_once(kind: str, texts: Sequence[str]) -> None:
    """Refuses a list, such as of methods, that has one canonical text twice.

    Raises:
      InputError: with the first of them.
    """
    for text in texts:
        if texts.count(text) > 1:
            raise InputError(f"name each {kind} once; received {text} twice")
        same = [other for other in texts if file_stem(other) == file_stem(text)]
        if len(same) > 1:
            raise InputError(f"the files of each {kind} need a name of their own; received {' and '.join(same[:2])}")


def file_stem(text: str) -> str:
    """The text of a call in letters that every file system takes; of a long one the beginning and a checksum.

    Example:
      >>> file_stem("lrp(alpha=1.5, beta=0.5)")
      'lrp_alpha_1_5_beta_0_5'
    """
    stem = re.sub(r"[^\w-]+", "_", text).strip("_")
    return stem if len(stem) <= 100 else f"{stem[:91]}_{zlib.crc32(text.encode()):08x}"


def _value(node: ast.expr, text: str):
    if isinstance(node, ast.Name):
        return WORDS.get(node.id.lower(), node.id)
    if isinstance(node, ast.Call):
        return _call(node, text)
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(item, text) for item in node.elts)
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        value = ...
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise _refused(text)


def _text(value) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if isinstance(value, str):
        return value if value.isidentifier() and value.lower() not in WORDS else repr(value)
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_text, value))}{',' * (len(value) == 1)})"
    return str(value)


def _refused(text: str) -> InputError:
    expected = "a name with arguments, as in lrp(alpha=2, beta=1) or composite(epsilon(0.01), first=flat)"
    return InputError(f"expected {expected}; received {_short(text)}")


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
