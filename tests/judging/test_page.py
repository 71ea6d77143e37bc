"""The page of a judgement: everything that was found, escaped, in one small file."""

import re
from html import unescape

import numpy as np
import pytest

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.inputs.axes import Axes
from thesis_rnn.judging.figures import draw_measures
from thesis_rnn.judging.judgement import Judgement
from thesis_rnn.judging.ranking import Ranking

HOSTILE = "<script>alert(1)</script>"


def row(method, measure, value, chance, better="higher"):
    keys = ("method", "measure", "family", "better", "value", "low", "high", "n", "chance", "seconds")
    return dict(zip(keys, (method, measure, "f", better, value, value - 1, value + 1, 8, chance, 0.1), strict=True))


def explanation(relevance, **fields):
    number = np.ones(1)
    return Explanation(relevance, np.ones((1, 2)), np.ones(1, int), number, number, "a", **fields)


def judgement(**changes):
    two, ones = np.array([1.0, 2.0]), np.ones(2)
    series = explanation(np.arange(6.0).reshape(1, 3, 2), x=np.ones((1, 3, 2)))
    fields = {
        "rows": [row("a", "selectivity", 5.0, 2.0), row("b", "selectivity", 3.0, 2.0), row("a", "gini", 0.5, np.nan)],
        "ranking": Ranking(("a", "b"), two, two - 0.5, two + 0.5, np.array([0.75, 0.25]), ("selectivity",), 9),
        "recommendation": "Use a.",
        "left_out": {"lime": "takes too long"},
        "seconds": {"a": 0.002, "b": 0.004},
        "curves": {"a": (ones, ones), "(random)": (ones, ones)},
        "transfer": [{"method": "a", "measure": "roc_auc", "value": 0.9, "low": 0.8, "high": 1.0, "chance": 0.5}],
        "notes": ["One note."],
        "shown": {"a": series, "b": series},
        "asked": {"methods": "'a; b'", "evidence": "evidence"},
    }
    return Judgement(**fields | changes)


def test_a_page_has_all_that_was_found(tmp_path):
    page = judgement().to_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text("utf-8") == page
    rows = [unescape(re.sub("<[^>]+>", "|", found)) for found in re.findall(r"<tr>(.*?)</tr>", page)]
    assert "|a||1.00||0.50 to 1.50||75%||2|" in rows
    assert "|a||5 ± 1||0.5 ± 1|" in rows  # half of 4 to 6, and of -0.5 to 1.5
    assert "|b||3 ± 1||-|" in rows
    assert "|(chance)||2||-|" in rows
    assert "|lime||takes too long|" in rows
    assert "|a||roc_auc||0.9||0.8 to 1||0.5|" in rows
    for text in ("Use a.", "One note.", "thesis_rnn.judge(model, x, methods='a; b', evidence=evidence)"):
        assert f">{text}<" in unescape(page)
    assert len(re.findall("data-series=", page)) == 2
    assert page.count("data:image/png") == 3  # ranks, scores, curves
    assert all(re.findall(r'<img [^>]*alt="([^"]*)"', page))


def test_nothing_comes_from_elsewhere_and_all_is_escaped():
    page = judgement(recommendation=HOSTILE, notes=[HOSTILE], left_out={HOSTILE: HOSTILE}).to_html(title=HOSTILE)
    assert HOSTILE not in page
    assert not re.search(r"(src|href)=\"(?!data:)|https?://|@import", page)
    assert len(page) < 300_000


@pytest.mark.parametrize(("shape", "series"), [((1, 2000, 1), 4), ((1, 100, 40), 4), ((1, 4000, 40), 0)])
def test_long_and_wide_series_stay_below_two_megabytes(shape, series):
    relevance = np.random.default_rng(0).normal(size=shape)
    page = judgement(shown={name: explanation(relevance, x=relevance) for name in "abcd"}).to_html()
    assert page.count("data-series=") == series  # else pictures
    assert len(page) < 2_000_000


def test_texts_are_tokens():
    shown = explanation(np.array([[1.0, -2.0]]), x=np.array([[7, 8]]), axes=(Axes(tokens=True),))
    assert 'title="-2">8</span>' in judgement(shown={"a": shown}).to_html()


def test_measures_are_drawn_beside_chance():
    first, second, *hidden = draw_measures(judgement().rows, judgement().ranking).axes
    assert first.get_title(loc="left") == "selectivity (higher is better)"
    assert first.lines[0].get_xdata().tolist() == [5, 3]
    assert first.lines[-1].get_xdata() == [2, 2]  # chance
    assert [label.get_text() for label in first.get_yticklabels()] == ["a", "b"]
    assert second.lines[0].get_xdata().tolist() == [0.5]
    assert not any(axis.get_visible() for axis in hidden)
