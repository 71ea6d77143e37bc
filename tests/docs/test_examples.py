"""Everything public is described: each function says what it returns, and the examples of all docstrings run."""

import doctest
import importlib
import inspect

import numpy as np
import pytest

PACKAGES = (
    "thesis_rnn",
    *(f"thesis_rnn.{name}" for name in ("data", "layers", "architectures", "measures", "statistics", "attribution")),
)
WITHOUT_EXAMPLE = {
    "thesis_rnn.attribution.Method": "a base class: docs/how-to tells how to write one",
}
"""Public name -> why it has no example."""


def described(package):
    """The functions and classes that a package exports, by their whole names."""
    module = importlib.import_module(package)
    exported = {f"{package}.{name}": getattr(module, name) for name in module.__all__}
    return {name: value for name, value in exported.items() if inspect.isfunction(value) or inspect.isclass(value)}


PUBLIC = {name: value for package in PACKAGES for name, value in described(package).items()}


def returns_something(value):
    return inspect.isfunction(value) and inspect.signature(value).return_annotation is not None


def failures(name, value):
    """What goes wrong in the examples of a docstring; they may use NumPy and what the package exports."""
    module = importlib.import_module(name.rpartition(".")[0])
    known = {"np": np} | {each: getattr(module, each) for each in module.__all__}
    said, runner = [], doctest.DocTestRunner(verbose=False)
    for test in doctest.DocTestFinder().find(value, name, globs=known):
        runner.run(test, out=said.append)
    return "".join(said)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_examples_run(name):
    assert failures(name, PUBLIC[name]) == ""


@pytest.mark.parametrize("name", PUBLIC)
def test_there_is_an_example(name):
    has_one = ">>> " in (PUBLIC[name].__doc__ or "")
    assert has_one != (name in WITHOUT_EXAMPLE), WITHOUT_EXAMPLE.get(name, "add an Example: section")


@pytest.mark.parametrize("name", [name for name, value in PUBLIC.items() if returns_something(value)])
def test_a_function_says_what_it_returns(name):
    assert "\n    Returns:\n" in PUBLIC[name].__doc__ or "\nReturns:\n" in inspect.getdoc(PUBLIC[name])
