"""The documentation site: every page has its place, and what it takes from elsewhere is there."""

import ast
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
SETTINGS = (ROOT / "mkdocs.yml").read_text("utf-8")


def test_every_page_stands_in_the_navigation_once():
    named = re.findall(r"^ +- [^:]+: (\S+\.md)$", SETTINGS, re.MULTILINE)
    pages = [str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")]
    assert sorted(named) == sorted([*pages, "CHANGELOG.md"])


def test_every_public_room_has_a_page_of_reference():
    """The pages name modules; mkdocstrings reads their docstrings."""
    for page in (ROOT / "docs" / "reference").glob("*.md"):
        [module] = re.findall(r"^::: thesis_rnn\.(\w+)$", page.read_text("utf-8"), re.MULTILINE)
        assert module == page.stem
        assert (ROOT / "thesis_rnn" / module / "__init__.py").is_file()


def test_nothing_is_asked_of_another_host():
    assert "font: false" in SETTINGS
    assert "- offline" in SETTINGS
    assert "https://" not in re.sub(r"#.*", "", SETTINGS)
    hooks = (ROOT / "docs" / "site" / "hooks.py").read_text("utf-8")
    assert (ROOT / "docs" / "site" / re.search(r'SEARCH = "(.+)"', hooks)[1]).is_file()


def test_what_pages_link_to_beside_the_docs_is_on_the_site():
    hooks = (ROOT / "docs" / "site" / "hooks.py").read_text("utf-8")
    copied = {
        path
        for pattern in ast.literal_eval(re.search(r"^OUTSIDE = (.+)$", hooks, re.MULTILINE)[1])
        for path in ROOT.glob(pattern)
    }
    for page in (ROOT / "docs").rglob("*.md"):
        links = re.findall(r"\]\(((?:\.\./)+[^)#]+)\)", page.read_text("utf-8"))
        targets = [(page.parent / link).resolve() for link in links]
        assert {path for path in targets if ROOT / "docs" not in path.parents} <= copied, page
