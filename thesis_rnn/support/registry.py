"""Tables from a lowercase name to the thing that carries it."""

import difflib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from thesis_rnn.errors import InputError

T = TypeVar("T")


class Registry(Generic[T]):
    """A table that refuses duplicates and lists what it knows when asked for what it does not.

    Args:
      kind: what the entries are, in the words of an error message ("architecture").
    """

    def __init__(self, kind: str):
        self.kind = kind
        self._entries: dict[str, T] = {}

    def add(self, name: str, entry: T) -> T:
        """Adds a row and returns it."""
        if name != name.lower():
            raise ValueError(f"{self.kind} names are lowercase; received {name!r}")
        if name in self._entries:
            raise ValueError(f"{self.kind} {name!r} is already registered")
        self._entries[name] = entry
        return entry

    def register(self, name: str) -> Callable[[T], T]:
        """Adds what the decorator stands over, under ``name``."""
        return lambda entry: self.add(name, entry)

    @contextmanager
    def replaced(self, name: str, entry: T) -> Iterator[T]:
        """Puts ``entry`` in the place of a row, or in a new one, for the length of a block."""
        before = dict(self._entries)
        self._entries[name] = entry
        try:
            yield entry
        finally:
            self._entries = before

    def __getitem__(self, name: str) -> T:
        if name not in self._entries:
            near = difflib.get_close_matches(str(name), self._entries, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise InputError(f"unknown {self.kind}; known ones are {', '.join(self._entries)}{hint}; received {name!r}")
        return self._entries[name]

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def names(self) -> list[str]:
        """The registered names, in the order of registration."""
        return list(self._entries)
