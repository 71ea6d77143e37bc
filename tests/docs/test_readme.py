"""What the README says of the code is true."""

import pathlib
import re

import numpy as np
import pytest

from benchmarks.results import RESULTS
from benchmarks.summary import summarise
from tests.helpers.small_networks import THESIS
from thesis_rnn.architectures import ARCHITECTURES, build
from thesis_rnn.reporting.tables import with_blocks

README = (pathlib.Path(__file__).parents[2] / "README.md").read_text()
ROWS = re.findall(r"^\| `(\w+)` +\| (\S+) +\| +([\d,]+) \| +([\d,]*)", README, flags=re.MULTILINE)


def test_table_lists_every_architecture_by_its_title():
    assert [(name, title) for name, title, *_ in ROWS] == [(name, ARCHITECTURES[name].title) for name in THESIS]


@pytest.mark.parametrize(("name", "variables", "published"), [(name, *counts) for name, _, *counts in ROWS])
def test_table_counts_the_variables(name, variables, published):
    shape = {"steps": 1, "columns": 28} if name == "lenet" else {"steps": 12, "columns": 7}
    model = build(name, **shape)
    assert int(variables.replace(",", "")) == sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    assert (int(published.replace(",", "")) if published else None) == ARCHITECTURES[name].published_variables


def test_speed_is_what_was_measured():
    summary = summarise(RESULTS)
    assert "times the best other" in summary
    assert with_blocks(README, {"speed": summary}) == README


def test_commands_name_flags_and_files_that_exist():
    root = pathlib.Path(__file__).parents[2]
    for folder in re.findall(r"^    (\S+)  +\S", README, flags=re.MULTILINE):
        assert (root / folder).exists(), folder
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (root / picture).is_file(), picture
