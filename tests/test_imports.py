"""Data flows one way: what the modules may import, read from their import statements and seen in fresh processes."""

import ast
import pathlib
import subprocess
import sys

import pytest

import thesis_rnn

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "thesis_rnn"
FRONT_ENDS = {"train", "explain", "evaluate", "report", "reproduce", "boxes"}
ORDER = [
    {"errors", "version"},
    {"support"},
    {"core"},
    {"data"},
    {"layers"},
    {"architectures"},
    {"training"},
    {"attribution"},
    {"measures", "statistics"},
    {"reporting"},
    {"runs"},
    {"plans"},
    {"papers"},
    {"cli"},
    FRONT_ENDS | {"__main__"},
]
RANKS = {stage: rank for rank, stages in enumerate(ORDER) for stage in stages}
HEAVY = {"tensorflow", "keras", "sklearn", "scipy", "matplotlib", "tensorflow_datasets", "tensorboard"}


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
    return RANKS[module.split(".")[1]] if "." in module else 0  # thesis_rnn itself imports at first use


def test_no_module_imports_a_front_end():
    # thesis_rnn.explain, the function, would be shadowed by the module of that name.
    assert [module for module in MODULES if imported_stages(module) & FRONT_ENDS] == []


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
import numpy as np
import thesis_rnn
for name in sys.argv[1:]:
    importlib.import_module(name)
model = thesis_rnn.build("rlstm", 1, 2, 2, sizes={"in1": 2, "cells": 2})
print(*thesis_rnn.explain(model, np.zeros((3, 1, 2, 2)), target=0, method="sensitivity").relevance.shape)
"""


def test_explain_is_the_function_whatever_was_imported_before():
    others = [name for name in MODULES if name.removeprefix("thesis_rnn.") not in FRONT_ENDS]
    processes = [started(CALL_EXPLAIN, *others), started(CALL_EXPLAIN, *reversed(others))]
    assert [printed_words(process) for process in processes] == [["3", "1", "2", "2"]] * 2


def test_importing_the_package_imports_nothing_heavy():
    assert HEAVY.isdisjoint(printed_words(started("import sys, thesis_rnn; print(*sys.modules)")))


def test_a_missing_attribute_is_told_by_name():
    with pytest.raises(AttributeError, match=r"^module 'thesis_rnn' has no attribute 'exlpain'$"):
        thesis_rnn.exlpain  # noqa: B018


HELP = """
import runpy, sys
sys.argv = [sys.argv[1], "--help"]
try:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
except SystemExit:
    print("\\nMODULES", *sys.modules)
"""


@pytest.mark.parametrize("front_end", sorted(FRONT_ENDS))
def test_the_help_of_a_front_end_does_not_wait_for_tensorflow(front_end):
    output = printed_words(started(HELP, f"thesis_rnn.{front_end}"))
    text, modules = output[: output.index("MODULES")], output[output.index("MODULES") :]
    assert any("_dir" in word for word in text)
    assert HEAVY.isdisjoint(modules)
