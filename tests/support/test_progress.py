"""What a program shows of its work: at a terminal only, nothing once silenced, and what it does while no bar moves."""

import contextlib
import fcntl
import os
import pty
import struct
import sys
import termios
import time
from io import StringIO

import pytest

from thesis_rnn.support import progress


@contextlib.contextmanager
def at_terminal(monkeypatch):
    """A block whose standard error is a terminal, with little patience; a list that then has what was shown there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))  # rows and columns
    shown = []
    with monkeypatch.context() as patched, os.fdopen(theirs, "w") as stream:
        for name, value in (("PATIENCE", 0.05), ("BEAT", 0.01), ("_silent", False)):
            patched.setattr(progress, name, value)
        patched.setattr(sys, "stderr", stream)
        yield shown
        print(file=stream, flush=True)  # there is something to read
        shown.append(os.read(ours, 1 << 16).decode())
    os.close(ours)


def slowly(count):
    for number in range(count):
        time.sleep(0.03)
        yield number


def test_a_line_says_what_is_done_and_what_holds_it_up(monkeypatch):
    with at_terminal(monkeypatch) as shown, progress.watched("explaining"):
        time.sleep(0.15)
        with progress.during("compiling"):
            time.sleep(0.15)
    assert "explaining: 0 s" in shown[0]
    assert "compiling: 0 s" in shown[0].split("explaining")[-1]
    assert progress._doing == []


def test_the_line_makes_way_for_a_bar_that_moves(monkeypatch):
    with at_terminal(monkeypatch) as shown, progress.watched("explaining"):
        assert list(progress.bar(slowly(8), "batches", "batch", total=8)) == list(range(8))
    assert "<00:0" in shown[0]  # the time left
    assert "explaining" not in shown[0].partition("8/8")[2]


def test_what_shows_its_own_bars_is_left_alone(monkeypatch):
    with at_terminal(monkeypatch) as shown, progress.watched("training"), progress.during(""):
        time.sleep(0.15)
    assert shown[0].strip() == ""


def test_nothing_shows_once_silenced(monkeypatch):
    with at_terminal(monkeypatch) as shown:
        progress.silence()
        with progress.watched("explaining"):
            list(progress.bar(slowly(4), "batches"))
            progress.tell("about 3 s to go")
            time.sleep(0.1)
        list(progress.bar(slowly(4), "epochs", log=True))
    assert shown[0].strip() == ""


def test_a_file_gets_the_bars_of_a_log_only(monkeypatch):
    monkeypatch.setattr(sys, "stderr", StringIO())
    with progress.watched("explaining"):
        list(progress.bar(range(3), "batches", delay=0))
        list(progress.bar(range(3), "epochs", log=True))
    progress.tell("about 3 s to go")
    assert "batches" not in sys.stderr.getvalue()
    assert "explaining" not in sys.stderr.getvalue()
    assert "epochs: 100%" in sys.stderr.getvalue()
    assert sys.stderr.getvalue().endswith("about 3 s to go\n")


def test_a_block_that_fails_is_over():
    with pytest.raises(ValueError, match="no"), progress.watched("explaining"), progress.during("compiling"):
        raise ValueError("no")
    assert progress._doing == []
