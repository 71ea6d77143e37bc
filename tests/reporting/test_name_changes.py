"""The page of old names is what the committed tables say, and the names of now are there."""

import importlib
import pathlib

import pytest

from thesis_rnn.attribution import method_spec
from thesis_rnn.data import PROBLEMS
from thesis_rnn.reporting.name_changes import name_changes
from thesis_rnn.support import old_names

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "old-names.md"


def test_the_page_and_the_tables_agree():
    assert PAGE.read_text("utf-8") == name_changes()


@pytest.mark.parametrize("name", [new.partition("(")[0] for new in old_names.NAMES.values()])
def test_names_of_now_are_there(name):
    package, _, attribute = name.rpartition(".")
    assert hasattr(importlib.import_module(package), attribute) or importlib.import_module(name)


def test_problems_and_methods_of_now_are_there():
    assert set(old_names.DATASETS.values()) <= set(PROBLEMS)
    assert [method_spec(text).text for text in old_names.METHODS.values()] == list(old_names.METHODS.values())
