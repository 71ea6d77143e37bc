"""What all tests share: a quiet TensorFlow, and the folder of the published images."""

import os
import pathlib

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read once, when TensorFlow is first imported


@pytest.fixture(scope="session")
def data_dir() -> pathlib.Path:
    """The folder in THESIS_RNN_DATA_DIR; a test that needs it is skipped where the variable is unset."""
    folder = os.environ.get("THESIS_RNN_DATA_DIR")
    if not folder:
        pytest.skip("THESIS_RNN_DATA_DIR is unset: no published images to test with")
    return pathlib.Path(folder)
