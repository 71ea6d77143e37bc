"""Everything public is described: each function says what it returns, and the examples of all docstrings run."""

import doctest
import importlib
import inspect
import re

import numpy as np
import pytest

from thesis_rnn.attribution import COMPOSITES, METHODS

FLOORS = (
    "data",
    "layers",
    "architectures",
    "measures",
    "statistics",
    "attribution",
    "prototypes",
    "corpus",
    "shards",
    "analysis",
)
PACKAGES = (*(f"thesis_rnn.{floor}" for floor in FLOORS), "thesis_rnn")
WITHOUT_EXAMPLE = {
    "thesis_rnn.attribution.Method": "a base class: docs/how-to shows how a method is written",
}
"""Public name -> why it has no example."""


def described():
    """The functions and classes that packages export, each once, by their whole names."""
    exported = {}
    for package in PACKAGES:
        module = importlib.import_module(package)
        values = {f"{package}.{name}": getattr(module, name) for name in module.__all__}
        exported |= {
            name: value
            for name, value in values.items()
            if (inspect.isfunction(value) or inspect.isclass(value)) and value not in exported.values()
        }
    return exported


PUBLIC = described()
RETURNING = [
    name
    for name, value in PUBLIC.items()
    if inspect.isfunction(value) and inspect.signature(value).return_annotation is not None
]


@pytest.fixture(autouse=True)
def same_tables(monkeypatch):
    """Examples that add a row leave the tables as they were."""
    for table in (METHODS, COMPOSITES):
        monkeypatch.setattr(table, "_entries", dict(table._entries))


def failures(name):
    """What goes wrong in the examples of a docstring; they may use NumPy and what the package exports."""
    package = importlib.import_module(name.rpartition(".")[0])
    known = {"np": np} | {each: getattr(package, each) for each in package.__all__}
    said, runner = [], doctest.DocTestRunner(verbose=False)
    for test in doctest.DocTestFinder().find(PUBLIC[name], name, globs=known):
        runner.run(test, out=said.append)
    return "".join(said)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_examples_run(name):
    assert failures(name) == ""


@pytest.mark.parametrize("name", ["calls", "checks"])
def test_the_examples_of_support_run(name):
    assert doctest.testmod(importlib.import_module(f"thesis_rnn.support.{name}")).failed == 0


@pytest.mark.parametrize("name", PUBLIC)
def test_there_is_an_example(name):
    has_one = ">>> " in (PUBLIC[name].__doc__ or "")
    assert has_one or name in WITHOUT_EXAMPLE, f"{name} has no Example: section"


@pytest.mark.parametrize("name", RETURNING)
def test_a_function_says_what_it_returns(name):
    assert re.search(r"^Returns:$", inspect.getdoc(PUBLIC[name]) or "", re.MULTILINE), f"{name} has no Returns: section"


@pytest.mark.parametrize("name", WITHOUT_EXAMPLE)
def test_exceptions_are_still_needed(name):
    assert ">>> " not in (PUBLIC[name].__doc__ or "")
