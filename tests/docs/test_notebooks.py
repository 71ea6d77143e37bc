"""The notebooks are those of their scripts, small, and run (with -m slow) to what they show."""

import json
import os
import runpy

import pytest

from tests.docs.test_pages import ROOT
from thesis_rnn.attribution.rules import RULES

made = runpy.run_path(str(ROOT / "examples" / "notebooks.py"))
SCRIPTS = made["scripts"]()


def test_there_are_notebooks():
    assert {path.stem for path in SCRIPTS} == {"judging", "own_rule", "own_series", "sentences", "two_architectures"}
    assert {path.stem for path in (ROOT / "examples").glob("*.ipynb")} == {path.stem for path in SCRIPTS}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_notebook_is_that_of_its_script_and_small(script):
    text = script.with_suffix(".ipynb").read_text("utf-8")
    assert len(text) < 250_000
    cells = json.loads(text)["cells"]
    assert [(cell["cell_type"], "".join(cell["source"])) for cell in cells] == made["cells_of"](script)
    assert "pip install" in "".join(cells[1]["source"])
    assert any(cell.get("outputs") for cell in cells)
    assert "error" not in {output["output_type"] for cell in cells for output in cell.get("outputs", [])}


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_notebook_runs(script, tmp_path, monkeypatch):
    if "THESIS_RNN_DATA_DIR" in script.read_text("utf-8") and not os.environ.get("THESIS_RNN_DATA_DIR"):
        pytest.skip("THESIS_RNN_DATA_DIR is unset: no sentences")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(RULES, "_entries", dict(RULES._entries))  # a rule that a notebook adds is not left there
    cells = made["notebook"](script)["cells"]
    assert any(cell.get("outputs") for cell in cells)


def test_a_cell_shows_what_it_prints_and_its_last_expression():
    names = {}
    assert made["run"]("a = 2\nprint('x')", names) == [{"output_type": "stream", "name": "stdout", "text": "x\n"}]
    shown = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "4"}}
    assert made["run"]("a + 2", names) == [shown]
    assert made["run"]("None", names) == []
