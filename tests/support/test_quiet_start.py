"""Programs say one line where they say one line: TensorFlow's start is not heard, everything else is."""

import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
sys.path[:0] = sys.argv[1:]
from thesis_rnn.support.quiet_start import import_tensorflow_quietly
import_tensorflow_quietly()
import tensorflow as tf
os.write(2, b"said afterwards\\n")
print(int(tf.constant(2)) + 1, [type(finder).__name__ for finder in sys.meta_path].count("_Quiet"))
"""


def ran(*folders):
    """The program, with folders in which it looks for TensorFlow first."""
    command = [sys.executable, "-c", PROGRAM, *map(str, folders)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.slow  # tests/cli/test_front_ends.py sees that a program that loads TensorFlow says its one line alone
def test_the_start_is_quiet_and_what_comes_later_is_heard():
    done = ran()
    assert (done.returncode, done.stdout, done.stderr) == (0, "3 0\n", "said afterwards\n")


FAKE = """
import os
os.write(2, b"I0000 00:00:1 7 cudart_stub.cc:31] no drivers\\nimportant\\n")
"""


def test_noise_is_dropped_and_what_comes_later_is_heard(tmp_path):
    (tmp_path / "tensorflow.py").write_text(f"{FAKE}constant = int\n")
    done = ran(tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3 0\n", "important\nsaid afterwards\n")


def test_what_is_no_noise_and_a_failure_are_passed_on(tmp_path):
    (tmp_path / "tensorflow.py").write_text(f"{FAKE}raise ImportError('broken')\n")
    done = ran(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("important\nTraceback")
    assert done.stderr.endswith("ImportError: broken\n")
