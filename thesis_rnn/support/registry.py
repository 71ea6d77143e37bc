"""Tables from a lowercase name to the thing that carries it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, TypeVar

from thesis_rnn.errors import InputError
from thesis_rnn.support.hints import did_you_mean, listed

T = TypeVar("T")


class Registry(Generic[T]):
    """A table that refuses duplicates and lists what it knows when asked for what it does not.

    Args:
      kind: what the entries are, in the words of an error message ("architecture").
      elsewhere: what others call some of them: their name -> ours, for hints.
    """

    def __init__(self, kind: str, elsewhere: Mapping[str, str] | None = None):
        self.kind = kind
        self.elsewhere = elsewhere or {}
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
            hint = did_you_mean(str(name), self._entries, self.elsewhere)
            received = repr(name if len(str(name)) <= 60 else f"{str(name)[:57]}...")
            raise InputError(f"unknown {self.kind}; known ones are {listed(self.names())}{hint}; received {received}")
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
