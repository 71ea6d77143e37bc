"""What a process is told when it asks for oneDNN and memory that is kept."""

import os
import subprocess
import sys

import pytest

ASK = "import thesis_rnn, os; print(thesis_rnn.tune_process()); print(os.environ.get('TF_ENABLE_ONEDNN_OPTS'))"


@pytest.mark.parametrize(
    ("before", "variables", "said", "set_to"),
    [
        ("", {}, "oneDNN is on; ", "1"),
        ("", {"TF_ENABLE_ONEDNN_OPTS": "0"}, "TF_ENABLE_ONEDNN_OPTS=0 was set before; ", "0"),
        (
            "import sys; sys.modules['tensorflow'] = None; ",
            {},
            "oneDNN as it was: TensorFlow is loaded already, ",
            "None",
        ),
    ],
)
def test_tuning_says_what_it_did(before, variables, said, set_to):
    environment = {name: value for name, value in os.environ.items() if name != "TF_ENABLE_ONEDNN_OPTS"} | variables
    lines = subprocess.run(
        [sys.executable, "-c", before + ASK], env=environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert lines[0].startswith(said)
    assert "memory" in lines[0]
    assert lines[1] == set_to
