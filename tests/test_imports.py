"""Data flows one way: what the modules may import, read from their import statements and seen in fresh processes."""

import ast
import functools
import importlib
import inspect
import pathlib
import subprocess
import sys

import pytest

import thesis_rnn
from thesis_rnn.support.old_names import refusal_of_entry_point

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "thesis_rnn"
FRONT_ENDS = {"train", "__main__"}
OLD_PROGRAMS = ("explain", "evaluate", "report", "reproduce", "boxes")
VERBS = (
    *("train", "explain", "evaluate", "report", "reproduce", "list", "adopt", "judge", "prototypes", "corpus"),
    "verify",
    "analyse",
    "mimic",
)
ORDER = [
    {"errors", "version"},
    {"support"},
    {"core"},
    {"data"},
    {"layers"},
    {"architectures"},
    {"training"},
    {"attribution"},
    {"measures", "prototypes", "statistics"},
    {"corpus"},
    {"reporting"},
    {"judging", "analysis"},
    {"runs"},
    {"plans"},
    {"papers", "shards"},
    {"cli"},
    FRONT_ENDS,
]
RANKS = {stage: rank for rank, stages in enumerate(ORDER) for stage in stages}
HEAVY = {
    "tensorflow",
    "keras",
    "sklearn",
    "scipy",
    "matplotlib",
    "tensorflow_datasets",
    "tensorboard",
    "pandas",
    "jinja2",
}


def module_name(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imported(source):
    """The full names that the import statements of ``source`` bring in, wherever they stand."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports are not read here; use the full name"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


@functools.cache
def imported_stages(module):
    names = [name.split(".") for name in imported(MODULES[module].read_text())]
    return {parts[1] for parts in names if parts[0] == "thesis_rnn" and len(parts) > 1}


def test_import_statements_are_read_wherever_they_stand():
    source = (
        "import thesis_rnn.train as t\nfrom thesis_rnn import explain\ndef f():\n    from thesis_rnn.data import load"
    )
    assert imported(source) == ["thesis_rnn.train", "thesis_rnn.explain", "thesis_rnn.data.load"]


def test_every_module_has_a_place_in_the_order():
    assert {module.split(".")[1] for module in MODULES if "." in module} <= set(RANKS)


def test_no_module_imports_backwards():
    imports = [(module, other) for module in MODULES for other in imported_stages(module)]
    assert [(module, other) for module, other in imports if RANKS[other] > rank(module)] == []


def rank(module):
    return RANKS[module.split(".")[1]] if "." in module else RANKS["support"]  # the rest it imports at first use


def test_no_module_imports_a_front_end():
    assert [module for module in MODULES if imported_stages(module) & FRONT_ENDS] == []


def test_no_public_function_has_the_name_of_a_module():
    # Importing the module would put it in the function's place.
    files = {name.rpartition(".")[2]: name for name in MODULES}
    packages = [name for name, path in MODULES.items() if path.name == "__init__.py"]
    shadowed = [
        (package, name, files[name])
        for package in packages
        for name in getattr(importlib.import_module(package), "__all__", ())
        if name in files and inspect.isfunction(getattr(importlib.import_module(package), name))
    ]
    assert shadowed == []


def test_layers_never_import_explanations():
    layers = [module for module in MODULES if module.startswith("thesis_rnn.layers")]
    assert layers
    assert [module for module in layers if "attribution" in imported_stages(module)] == []


# ---- in fresh processes


def started(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def printed_words(process):
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return output.split()


CALL_EXPLAIN = """
import importlib, sys
late = ("pandas", "jinja2", "sklearn", "matplotlib")
sys.modules.update(dict.fromkeys(late))  # as if they were not installed; Keras imports some of them where they are
import numpy as np
import thesis_rnn
model = thesis_rnn.build("rlstm", 1, 2, 2, sizes={"in1": 2, "cells": 2})
print(*thesis_rnn.explain(model, np.zeros((3, 1, 2, 2)), target=0, method="sensitivity").relevance.shape)
for name in late:
    del sys.modules[name]
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*thesis_rnn.explain(model, np.zeros((4, 1, 2, 2)), target=0, method="sensitivity").relevance.shape)
"""


def floor_of(module):
    """The floor of a module."""
    return module.split(".")[1] if "." in module else ""


@pytest.mark.parametrize("order", [reversed, pytest.param(list, marks=pytest.mark.slow)])
def test_explaining_needs_no_tables_and_no_figures_and_is_the_function_whatever_is_imported(order):
    # Two verbs in one process would define the same flags.
    others = [name for name in MODULES if floor_of(name) not in {"cli", *FRONT_ENDS}]
    assert printed_words(started(CALL_EXPLAIN, *order(others))) == ["3", "1", "2", "2", "4", "1", "2", "2"]


OLD_MODULES = """
import importlib, sys
import thesis_rnn
for name in ("explain", "evaluate", "report", "reproduce", "boxes"):
    try:
        importlib.import_module(f"thesis_rnn.{name}")
    except ImportError as error:
        print(error)
print(callable(thesis_rnn.explain), type(thesis_rnn.explain).__name__)
"""


@pytest.mark.slow
def test_modules_of_before_are_none_and_say_what_they_are_now():
    process = started(OLD_MODULES)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    *lines, last = output.splitlines()
    assert last == "True function"
    assert lines == [refusal_of_entry_point(name, f"import thesis_rnn.{name}") for name in OLD_PROGRAMS]


def test_importing_the_package_imports_nothing_heavy():
    assert HEAVY.isdisjoint(printed_words(started("import sys, thesis_rnn; print(*sys.modules)")))


def test_a_missing_attribute_is_told_by_name():
    with pytest.raises(AttributeError, match=r"^module 'thesis_rnn' has no attribute 'exlpain'$"):
        thesis_rnn.exlpain  # noqa: B018


HELP = """
import runpy, sys
sys.argv = ["thesis_rnn", sys.argv[1], "--help"]
try:
    runpy.run_module("thesis_rnn", run_name="__main__", alter_sys=True)
except SystemExit as end:
    print("\\nMODULES", end.code, *sys.modules)
"""


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_does_not_wait_for_tensorflow(verb):
    output = printed_words(started(HELP, verb))
    text, (_, status, *modules) = output[: output.index("MODULES")], output[output.index("MODULES") :]
    assert f"thesis_rnn {verb}" in " ".join(text)
    assert status == "0"
    assert HEAVY.isdisjoint(modules)
