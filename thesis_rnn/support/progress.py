"""What a program shows of its work: bars with the time left, and a line for what no bar can measure, such as tracing.

All of it goes to standard error, where someone looks on, and nothing in a library's user's program but the bars.
"""

import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TextIO

from tqdm import tqdm

PATIENCE = 2.0
"""Seconds before anything shows."""
BEAT = 0.5
"""Seconds between two looks at what is going on."""

PIECES = 20
"""Of work that one compiled loop could do as a whole, so that a bar can move."""

_silent = False
_doing: list[list] = []
"""What is going on, the innermost last, and since when."""


def silence() -> None:
    """From now on nothing shows."""
    global _silent
    _silent = True


def tell(line: str) -> None:
    """A line on standard error, such as an estimate, unless nothing shows."""
    if not _silent:
        tqdm.write(line, file=sys.stderr)


def is_silent() -> bool:
    """Whether nothing shows."""
    return _silent


def bar(
    rounds: Iterable | None = None,
    what: str = "",
    unit: str = "it",
    total: int | None = None,
    verbose: bool = True,
    log: bool = False,
    **options,
) -> tqdm:
    """``rounds`` with a bar and the time left, from ``PATIENCE`` seconds on, at a terminal; it goes when it ends.

    Args:
      rounds: what is gone through; None for a bar that the caller moves.
      what: stands before the bar.
      unit: of a round.
      total: the number of rounds, where they do not say.
      verbose: False for no bar.
      log: show it in a file, too, and leave it there.
      **options: of tqdm.
    """
    hidden = True if _silent or not verbose else False if log else None  # None: unless at a terminal
    options = {"leave": log, "delay": 0 if log else PATIENCE} | options
    return tqdm(rounds, what, total, unit=unit, disable=hidden, **options)


def in_pieces(total: int, what: str) -> Iterator[tuple[int, int]]:
    """(begin, end) of at most ``PIECES`` pieces of 0..total - 1, with a bar that moves after each."""
    pieces = min(total, PIECES)
    ends = [piece * total // pieces for piece in range(pieces + 1)] if pieces else []
    return iter(bar(list(pairwise(ends)), what, "piece"))


@contextmanager
def during(what: str) -> Iterator[None]:
    """A block that does ``what``, as a program that is watched tells; "" for one that shows its own progress."""
    entry = [what, time.monotonic()]
    _doing.append(entry)
    try:
        yield
    finally:
        _doing[:] = [other for other in _doing if other is not entry]  # which other threads may have followed


@contextmanager
def watched(what: str) -> Iterator[None]:
    """The block of a whole program: while it takes long and no bar moves, a line tells what it does and since when."""
    if _silent or not sys.stderr.isatty():
        yield
        return
    over = threading.Event()
    # A handle of its own: what is written to standard error while TensorFlow is imported is held back.
    terminal = os.fdopen(os.dup(sys.stderr.fileno()), "w")
    watcher = threading.Thread(target=_watch, args=(over, terminal), daemon=True)
    with during(what):
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
            terminal.close()


def _watch(over: threading.Event, terminal: TextIO) -> None:
    line = None
    while not over.wait(BEAT):
        said = _said(line)
        if said and line is None:
            line = tqdm(total=0, bar_format="{desc}", leave=False, file=terminal)
        if line is not None and said:
            line.set_description_str(said)
        elif line is not None:
            line.close()
            line = None
    if line is not None:
        line.close()


def _said(line: tqdm | None) -> str:
    """The line, or nothing where a bar says more."""
    what, since = _doing[-1]
    seconds = time.monotonic() - since
    moving = any(other is not line and other.n > other.initial for other in list(tqdm._instances))
    if not what or seconds < PATIENCE or (len(_doing) == 1 and moving):
        return ""
    return f"{what}: {seconds:.0f} s"
