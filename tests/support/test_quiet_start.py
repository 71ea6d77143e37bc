"""Programs say one line where they say one line: TensorFlow's start is not heard, everything else is."""

import subprocess
import sys

PROGRAM = """
import os, sys
from thesis_rnn.support.quiet_start import import_tensorflow_quietly
import_tensorflow_quietly()
import tensorflow as tf
os.write(2, b"said afterwards\\n")
print(int(tf.constant(2)) + 1, [type(finder).__name__ for finder in sys.meta_path].count("_Quiet"))
"""


def test_the_start_is_quiet_and_what_comes_later_is_heard():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stdout) == (0, "3 0\n")
    assert done.stderr == "said afterwards\n"


FAKE = """
import os
os.write(2, b"I0000 00:00:1 7 cudart_stub.cc:31] no drivers\\nimportant\\n")
raise ImportError("broken")
"""


def test_what_is_no_noise_and_a_failure_are_passed_on(tmp_path):
    (tmp_path / "tensorflow.py").write_text(FAKE)
    program = "import sys; sys.path.insert(0, sys.argv[1])\n" + PROGRAM
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=240)
    assert done.returncode == 1
    assert done.stderr.startswith("important\nTraceback")
    assert done.stderr.endswith("ImportError: broken\n")
