"""The page of formulas is what the tables say now, readable, with a picture of every method."""

import csv
import runpy

import numpy as np
import pytest

from tests.docs.test_pages import ROOT
from thesis_rnn.attribution.methods.table import METHODS

SITE = ROOT / "docs" / "site"
readable = runpy.run_path(str(SITE / "readable.py"))["readable"]
figures = runpy.run_path(str(SITE / "method_figures.py"))


def test_the_page_of_formulas_is_that_of_the_tables():
    written = runpy.run_path(str(SITE / "formulas.py"))
    assert written["PAGE"].read_text("utf-8") == written["page"](), "run python docs/site/formulas.py"


def test_every_method_has_a_small_picture():
    pictures = {path.stem for path in figures["FOLDER"].glob("*.png")}
    assert pictures == {*METHODS, "input"}, "run python docs/site/method_figures.py NAME, then formulas.py"
    assert all(path.stat().st_size < 20_000 for path in figures["FOLDER"].iterdir())
    with figures["LIST"].open(encoding="utf-8", newline="") as file:
        assert [row["method"] for row in csv.DictReader(file)] == METHODS.names()


@pytest.mark.slow
def test_a_picture_is_drawn_as_its_row_says(tmp_path, monkeypatch):
    for name, path in {"FOLDER": tmp_path, "LIST": tmp_path / "figures.csv"}.items():
        monkeypatch.setitem(figures["main"].__globals__, name, path)
    figures["main"](["gradient_x_input"])
    assert (tmp_path / "gradient_x_input.png").is_file()
    [row] = csv.DictReader((tmp_path / "figures.csv").read_text(encoding="utf-8").splitlines())
    assert 40 <= float(row["percent"]) <= 65  # 51 where it was drawn; the box is 3% of the cells


def test_the_bump_is_where_the_sample_is_large():
    """Noise of deviation 0.3, and 1.5 more in six cells of one feature."""
    cells, (x, y, _) = figures["bump"](), figures["data"]()
    assert cells.sum() == 6
    assert np.flatnonzero(cells.any(axis=0)).tolist() == [2 * y[figures["TRAINED"]]]
    sample = x[figures["TRAINED"]]
    assert sample[cells].mean() > 1
    assert abs(sample[~cells].mean()) < 0.1


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("R_i = (df/dx_i)^2", "R<sub>i</sub> = (∂f/∂x<sub>i</sub>)<sup>2</sup>"),
        ("R_i = d*f/dx_i", "R<sub>i</sub> = ∂\\*f/∂x<sub>i</sub>"),
        ("tanh(c_{t-1}) - m_t-1", "tanh(c<sub>t-1</sub>) − m<sub>t-1</sub>"),
        ("sum_k w+_jk |p_c|", "Σ<sub>k</sub> w<sup>+</sup><sub>jk</sub> \\|p<sub>c</sub>\\|"),
        ("||x - x'||_2 <= 1", "‖x − x'‖<sub>2</sub> ≤ 1"),
        ("area_weight and `a_b` of phi_j", "area\\_weight and `a_b` of φ<sub>j</sub>"),
        ("R < 0", "R &lt; 0"),
    ],
)
def test_formulas_are_readable(written, read):
    assert readable(written) == read
