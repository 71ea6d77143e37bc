"""What all tests share: a quiet TensorFlow, and the folder of the published images."""

import gc
import os
import pathlib
import sys

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read once, when TensorFlow is first imported
gc.set_threshold(50_000, 20, 50)  # to look through large graphs less often saves a tenth of the time


def pytest_collection_finish(session):
    """Graphs of small models run once or twice: to optimise them takes longer than it saves, a tenth of all time.

    They are optimised in runs of slow tests and in every program that a test starts.
    """
    if "tensorflow" in sys.modules and "not slow" in session.config.option.markexpr:
        optimizer = sys.modules["tensorflow"].config.optimizer
        optimizer.set_experimental_options({"disable_meta_optimizer": True})


@pytest.fixture(scope="session")
def data_dir() -> pathlib.Path:
    """The folder in THESIS_RNN_DATA_DIR; a test that needs it is skipped where the variable is unset."""
    folder = os.environ.get("THESIS_RNN_DATA_DIR")
    if not folder:
        pytest.skip("THESIS_RNN_DATA_DIR is unset: no published images to test with")
    return pathlib.Path(folder)


TABLES = {
    "thesis_rnn.architectures.table": "ARCHITECTURES",
    "thesis_rnn.attribution.methods.table": "METHODS",
    "thesis_rnn.attribution.rules.table": "RULES",
    "thesis_rnn.attribution.composites.composite": "COMPOSITES",
    "thesis_rnn.data.problem": "PROBLEMS",
    "thesis_rnn.measures.measure": "MEASURES",
}


def rows_of_imported_tables() -> dict[str, list[str]]:
    return {
        name: getattr(sys.modules[module], name).names() for module, name in TABLES.items() if module in sys.modules
    }


@pytest.fixture(scope="module", autouse=True)
def tables_are_left_as_they_were():
    """No file of tests changes a table for those that come after it."""
    before = rows_of_imported_tables()
    yield
    after = rows_of_imported_tables()
    assert {name: after[name] for name in before} == before
