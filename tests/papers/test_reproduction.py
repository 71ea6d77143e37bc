"""What a reproduction writes: the committed tables and pages are those of the committed result files."""

import csv
import functools
import pathlib

import pytest

from tests.helpers import planned
from tests.helpers.made_up_results import results, run
from thesis_rnn.errors import InputError
from thesis_rnn.papers.material import Material
from thesis_rnn.papers.reproduction import (
    check_pages,
    draw,
    draw_figures,
    empty_page,
    with_tables,
    write_page,
    write_tables,
)
from thesis_rnn.papers.table import PAPERS
from thesis_rnn.plans.results import results_of
from thesis_rnn.reporting.tables import block_names, with_blocks

ROOT = pathlib.Path(__file__).parents[2]
TABLES = [(paper, name) for paper in PAPERS for name in PAPERS[paper].tables]


@pytest.fixture(scope="module")
def committed():
    profiles = dict.fromkeys(PAPERS, "standard") | {"shickel_2020": "comparison"}
    found = {name: results_of(ROOT / "figures" / "results", name) for name in set(profiles.values())}
    return {paper: found[profile].of_paper(paper) for paper, profile in profiles.items()}


@pytest.fixture(scope="module")
def made(committed):
    """(paper, name) -> the table, made once: their intervals take seconds."""
    return functools.cache(lambda paper, name: PAPERS[paper].tables[name](committed[paper]))


def with_made(page, made, *papers):
    """The page with these tables in the blocks of their names, as ``with_tables`` fills them."""
    names = [(paper, name) for paper in papers for name in PAPERS[paper].tables if name in block_names(page)]
    return with_blocks(page, {name: made(paper, name).markdown() for paper, name in names})


@pytest.mark.parametrize(("paper", "name"), TABLES)
def test_committed_tables_are_made_of_the_committed_results(made, paper, name):
    table = made(paper, name)
    with (ROOT / "figures" / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        assert list(csv.reader(lines)) == [list(table.header), *map(list, table.rows)]
    assert (ROOT / "figures" / f"{name}.md").read_text(encoding="utf-8") == f"{table.markdown()}\n"


@pytest.mark.parametrize("paper", PAPERS)
def test_committed_pages_show_the_committed_results(made, paper):
    page = (ROOT / "docs" / "results" / f"{paper}.md").read_text(encoding="utf-8")
    assert with_made(page, made, paper) == page
    for name in PAPERS[paper].tables:
        assert f"<!-- begin {name} -->" in page


def test_the_readme_has_the_summary(made):
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    table = made("chormai_2018", "summary")
    assert 2 <= len(table.rows) <= 12
    assert table.markdown() in page
    assert with_made(page, made, *PAPERS) == page


def test_tables_have_names_of_their_own():
    assert len({name for _, name in TABLES}) == len(TABLES) == 24
    figures = [name for paper in PAPERS for name in PAPERS[paper].figures]
    assert len(set(figures)) == len(figures) == 40


def test_every_table_is_empty_without_rows_and_then_not_written(tmp_path):
    for paper in PAPERS:
        assert write_tables(PAPERS[paper], results(), tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_table_is_written_for_people_and_for_programs(tmp_path):
    assert write_tables(PAPERS["chormai_2018"], results(run(architecture="deep")), tmp_path) == ["table_3_5"]
    assert (tmp_path / "table_3_5.csv").read_text().splitlines()[1] == 'mnist_maj,Deep,"184,330",99.00,98.16,+0.84,3,60'
    assert (tmp_path / "table_3_5.md").read_text().startswith("**Table 3.5: accuracy in percent, original split**")


def test_a_profile_that_is_compared_has_one_table_and_no_figures(tmp_path):
    made = results(run(architecture="deep", profile="constant"), profile="constant")
    paper = PAPERS["chormai_2018"]
    assert list(paper.tables_of("constant")) == ["schedules"]
    assert list(paper.tables_of("standard")) == list(paper.tables)
    assert draw_figures(paper, Material(made, []), tmp_path) == ([], [])


def test_a_page_gets_its_tables_and_keeps_the_rest(tmp_path):
    paper, made = PAPERS["chormai_2018"], results(run(architecture="deep"))
    page = "before\n<!-- begin table_3_5 -->\nold\n<!-- end table_3_5 -->\nafter <!-- begin no_table -->"
    written = with_tables(page, paper, made)
    table = paper.tables["table_3_5"](made).markdown()
    assert f"before\n<!-- begin table_3_5 -->\n\n{table}\n\n<!-- end table_3_5 -->" in written
    assert written.endswith("\nafter <!-- begin no_table -->")
    assert with_tables(written, paper, made) == written
    assert with_tables("nothing to fill", paper, made) == "nothing to fill"


def test_a_page_is_made_where_there_is_none(tmp_path):
    paper = PAPERS["ismail_2019"]
    write_page(tmp_path / "pages" / "ismail_2019.md", paper, results())
    written = (tmp_path / "pages" / "ismail_2019.md").read_text()
    assert written == with_tables(empty_page(paper), paper, results())
    assert written.startswith("# Results: Ismail et al. (2019)")


def test_without_runs_everything_waits(tmp_path):
    plan = [planned.task(tmp_path, "ismail_2019", dataset="box_earlier", arch="lstm")]
    told = str(draw(plan, "quick", tmp_path, pages=tmp_path / "pages")).splitlines()
    assert told[0] == "0 of 1 tasks are finished"
    assert told[2].startswith("not drawn for want of runs: boxes_figure_3")
    # The other paper has no task in the plan: its page and tables are left as they are.
    assert {path.name for path in (tmp_path / "pages").iterdir()} == {"ismail_2019.md"}


def test_pages_that_no_tables_can_be_written_into_are_refused_before_anything_is_run(tmp_path):
    plan = [planned.task(tmp_path, "chormai_2018", dataset="digits", arch="deep")]
    page, readme = tmp_path / "chormai_2018.md", tmp_path / "README.md"
    check_pages(plan, tmp_path)  # which makes them
    page.write_text("before\n<!-- begin summary -->\nwhat stands behind would be lost\n")
    with pytest.raises(InputError, match=r"^a block of a page must have its end, <!-- end summary -->; received "):
        check_pages(plan, tmp_path)
    page.write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"^expected a page of text in UTF-8; received .*chormai_2018.md: "):
        check_pages(plan, tmp_path)
    page.unlink()
    readme.mkdir()
    with pytest.raises(InputError, match=r"^expected a page of text in UTF-8; received .*README.md: .*directory"):
        check_pages(plan, tmp_path, readme)
