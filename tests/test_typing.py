"""Type hints of what is public: mypy reads the modules that define it, and a script as a user writes one."""

import ast
import importlib
import inspect
import pathlib
import subprocess
import sys

import pytest

import thesis_rnn
from tests.docs.test_examples import PACKAGES
from tests.test_imports import PACKAGE, ROOT

SCRIPT = """
import keras
import numpy as np
from typing import assert_type

import thesis_rnn

model = keras.Sequential([keras.Input((4, 3)), keras.layers.LSTM(2), keras.layers.Dense(2)])
explanation = thesis_rnn.explain(model, np.zeros((1, 4, 3)), target=1, method="lrp_epsilon")
assert_type(explanation, thesis_rnn.Explanation)
assert_type(explanation.absorbed, np.ndarray)
assert_type(thesis_rnn.zoo_names(), list[str])
thesis_rnn.explain(model, np.zeros((1, 4, 3)), batch_size="many")  # type: ignore[arg-type]
"""


def public_modules():
    """The files that define what packages export."""
    found = set()
    for package in map(importlib.import_module, PACKAGES):
        values = [getattr(package, name) for name in package.__all__]
        things = [inspect.unwrap(value) for value in values if inspect.isfunction(value) or inspect.isclass(value)]
        found |= {inspect.getfile(thing) for thing in things}
    return sorted(path for path in found if path.startswith(str(PACKAGE)))


def mypy(*arguments):
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--warn-unused-ignores", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_modules_of_what_is_public_have_sound_hints():
    mypy(*public_modules())


@pytest.mark.slow
def test_a_users_script_is_checked_against_the_hints(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    mypy("--cache-dir", str(tmp_path / "cache"), str(tmp_path / "script.py"))


@pytest.mark.parametrize("package", [thesis_rnn, importlib.import_module("thesis_rnn.shards")])
def test_editors_know_every_name_that_is_imported_late(package):
    stub = ast.parse(pathlib.Path(f"{package.__file__}i").read_text("utf-8"))
    named = {one.asname or one.name for node in stub.body if isinstance(node, ast.ImportFrom) for one in node.names}
    assert named == set(package.__all__)
