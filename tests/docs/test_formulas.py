"""The page of formulas is what the tables say now."""

import pathlib
import runpy

SCRIPT = pathlib.Path(__file__).parents[2] / "docs" / "site" / "formulas.py"


def test_the_page_of_formulas_is_that_of_the_tables():
    written = runpy.run_path(str(SCRIPT))
    assert written["PAGE"].read_text("utf-8") == written["page"](), f"run python {SCRIPT}"
