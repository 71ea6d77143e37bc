"""Every code block of every page runs, in the order of its page; every link and picture leads somewhere."""

import os
import pathlib
import re
import shlex

import pytest

from tests.helpers import front_end_process
from thesis_rnn.architectures import ARCHITECTURES
from thesis_rnn.attribution import COMPOSITES, METHODS, RULES
from thesis_rnn.attribution.stock import layer_forwards
from thesis_rnn.data import PROBLEMS
from thesis_rnn.measures import MEASURES

ROOT = pathlib.Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^(?:<!-- (not run: [^>]+) -->\n)?```(python|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(#[^)]*)?\)")
LARGEST = {"README.md": 10_000}
"""Bytes that a page may have."""


def blocks(page):
    """The blocks of a page that are run: their language and code."""
    return [(kind, code) for reason, kind, code in BLOCK.findall(page.read_text("utf-8")) if not reason]


def name_of(page):
    return str(page.relative_to(ROOT))


def commands(code):
    """The words behind ``python -m thesis_rnn`` or ``thesis-rnn`` on each line; other programs are not ours to test."""
    lines = re.sub(r"\\\n\s*", " ", code).splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    words = [line[2:] if line[:2] == ["python", "-m"] else line for line in words]
    return [line[1:] for line in words if line[:1] in (["thesis_rnn"], ["thesis-rnn"])]


TABLES = (ARCHITECTURES, COMPOSITES, MEASURES, METHODS, PROBLEMS, RULES)


def run_page(page, folder, monkeypatch):
    monkeypatch.chdir(folder)
    for table in TABLES:  # what a page adds is there for the page only
        monkeypatch.setattr(table, "_entries", dict(table._entries))
    for covered in ("_by_class", "_by_operation"):
        monkeypatch.setattr(layer_forwards, covered, dict(getattr(layer_forwards, covered)))
    space = {"__name__": "__page__"}
    for kind, code in blocks(page):
        if kind == "python":
            exec(compile(code, name_of(page), "exec"), space)
        else:
            for verb, *arguments in commands(code):
                done = front_end_process.run(verb, *arguments, cwd=pathlib.Path(os.getcwd()))
                assert done.status == 0, f"{verb} {arguments}: {done.err}"


LONG = (
    "explain-your-model",
    "run-on-your-data",
    "your-own-series",
    "quickstart",
    "which-explanation",
    "prototypes",
    "corpus-report",
    "many-workers",
)
"""Pages that train or judge, for up to half a minute each."""
WITH_CODE = [
    pytest.param(page, marks=pytest.mark.slow if page.stem in LONG else (), id=name_of(page))
    for page in PAGES
    if blocks(page) and page.name != "README.md"
]


@pytest.mark.parametrize("page", WITH_CODE)
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    run_page(page, tmp_path, monkeypatch)


def test_a_keras_model_of_your_own_as_in_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    [code] = [code for kind, code in blocks(ROOT / "README.md") if kind == "python" and "import keras" in code]
    exec(compile(code, "README.md", "exec"), {"__name__": "__page__"})
    assert (tmp_path / "series.png").is_file()


@pytest.mark.slow
def test_the_five_lines_of_the_readme():
    [code] = [code for kind, code in blocks(ROOT / "README.md") if kind == "python" and "import keras" not in code]
    space = {"__name__": "__page__"}
    exec(compile(code, "README.md", "exec"), space)
    assert space["explanation"].relevance.shape == space["test"].x.shape


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_pictures_are_there(page):
    for target, _ in LINK.findall(page.read_text("utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), f"{name_of(page)} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_is_too_long_to_read(page):
    assert page.stat().st_size <= LARGEST.get(name_of(page), 1_000_000)
