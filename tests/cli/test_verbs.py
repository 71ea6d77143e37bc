"""The list of verbs, without one."""

import os
import subprocess
import sys

from tests.test_imports import ROOT


def test_help_into_a_closed_pipe_ends_quietly():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "thesis_rnn", "--help"], cwd=ROOT, stdout=write, stderr=subprocess.PIPE, text=True
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")
