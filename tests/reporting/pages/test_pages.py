"""Pages in one file: what is written is escaped, numbers are those that were given, nothing comes from elsewhere."""

import json
import re
from html import unescape

import numpy as np
import pytest
from matplotlib.figure import Figure

from thesis_rnn.attribution import Explanation
from thesis_rnn.attribution.inputs.axes import Axes
from thesis_rnn.attribution.ledger import Row
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.pages import Cells, Code, Flow, Heading, Picture, Series, Text, Tokens, page_of, run_page
from thesis_rnn.reporting.saving import png_of
from thesis_rnn.reporting.style import BLUE, VERMILLION

HOSTILE = "<script>alert('x')</script>\"&"


def explanation(shape=(2, 4, 3), **changes):
    relevance = np.arange(np.prod(shape), dtype=float).reshape(shape) - 5
    received = relevance.sum(axis=tuple(range(1, len(shape))))
    fields = {
        "relevance": relevance,
        "logits": np.array([[0.0, 1.0], [2.0, 1.0]]),
        "target": np.array([1, 1]),
        "value": received + 1,
        "explained": received + 1,
        "method": "lrp_epsilon",
        "parameters": {"epsilon": 0.01},
        "conserves": True,
    }
    return Explanation(**fields | changes)


def series_of(page):
    return [json.loads(unescape(found)) for found in re.findall(r'data-series="([^"]*)"', page)]


def test_the_page_of_a_series_carries_its_numbers():
    x = np.arange(24.0).reshape(2, 4, 3)
    page = explanation().to_html(x=x, feature_names=["a", "b", "c"], class_names=["no", "yes"])
    first, _ = series_of(page)
    np.testing.assert_array_equal(np.transpose(first["relevance"]), explanation().relevance[0])
    np.testing.assert_array_equal(np.transpose(first["values"]), x[0])
    assert (first["features"], first["steps"][-1], first["limit"]) == (["a", "b", "c"], "step 3", 6.0)
    assert "<td>yes</td><td>no</td>" in page  # the second sample's class and what it was taken for
    # The sums over features of step 0: -12 and 24; their mean is 6, that of their sizes 18.
    assert '<th scope="row">step 0</th><td>6</td><td>18</td>' in page
    assert "method=&#39;lrp_epsilon&#39;, epsilon=0.01" in page


def test_what_the_explanation_knows_need_not_be_said_again():
    names = Axes(features=("a", "b", "c"), steps=("mon", "tue", "wed", "thu"))
    x = np.arange(24.0).reshape(2, 4, 3)
    x[0, 1, 0] = np.nan  # a value that is missing
    page = explanation(x=x, axes=(names,), class_names=("no", "yes")).to_html()
    first, _ = series_of(page)
    assert first["values"][0] == [0, None, 6, 9]
    assert (first["features"], first["steps"][1]) == (["a", "b", "c"], "tue")
    assert '<th scope="row">mon</th><td>6</td><td>18</td>' in page
    assert "<td>yes</td><td>no</td>" in page


def test_several_inputs_stand_below_each_other():
    text = Axes("text", (("so", "bad", ""), ("fine", "", "")), tokens=True)
    given = explanation().relevance, np.array([[-1.0, 4.0, 0.0], [2.0, 0.0, 0.0]])
    page = explanation(relevance=list(given), axes=(Axes("vitals"), text)).to_html()
    assert len(series_of(page)) == 2
    assert "<p>Input vitals:</p>" in page
    assert re.findall(r'class="(token[^"]*)"[^>]*title="([^"]+)">(\w+)</span>', page) == [
        ("token against", "-1", "so"), ("token", "4", "bad"), ("token", "2", "fine"),
    ]  # fmt: skip


def test_the_largest_words_are_told_to_those_who_see_no_colour():
    words = (("not", "so", "good", ""), ("fine", "", "", ""))
    relevance = np.array([[-2.0, 0.5, 1.0, 0.0], [3.0, 0.0, 0.0, 0.0]])
    page = explanation(relevance=relevance, axes=(Axes(steps=words, tokens=True),)).to_html()
    rows = re.findall(
        r'<th scope="row">(.+?)</th><td>(.+?)</td><td>(.+?)</td></tr>', page[page.index("Largest words") :]
    )
    assert [(unescape(word), sample, number) for word, sample, number in rows] == [
        ("'not' at step 0", "sample 0", "-2"),
        ("'good' at step 2", "sample 0", "1"),
        ("'so' at step 1", "sample 0", "0.5"),
        ("'fine' at step 0", "sample 1", "3"),
    ]


def test_a_table_has_features_and_no_steps():
    relevance = np.array([[1.0, -2.0, 0.5], [3.0, 2.0, 0.5]])
    page = explanation(relevance=relevance, axes=(Axes(features=("age", "height", "sex")),)).to_html()
    first, _ = series_of(page)
    assert (first["features"], first["relevance"]) == (["age", "height", "sex"], [[1], [-2], [0.5]])
    assert '<th scope="row">height</th><td>0</td><td>2</td>' in page
    assert "Largest steps" not in page


def test_a_series_of_very_many_cells_is_a_picture_and_the_page_stays_small():
    many = explanation((2, 1500, 40))  # 60,000 cells a sample: as many as a page carries
    page = many.to_html(x=many.relevance / 7)
    assert len(series_of(page)) == 1
    assert len(page) < 2_000_000
    more = explanation((2, 1501, 40)).to_html()
    assert (len(series_of(more)), more.count("data:image/png")) == (0, 1)


def test_f_of_x_minus_f_of_the_baseline_is_accounted_for():
    # Relevance sums to 6 and 150; expected are 7 and 153: 1 and 3 are missed, 2 on average.
    page = explanation(conserves=False, expected=np.array([7.0, 153.0])).to_html()
    shares = re.findall(r"<span>([^<]+)</span><span class=\"bar\"[^>]*></span><span>([^<]+)</span>", page)
    assert shares == [("f(x) - f(baseline)", "80"), ("received by the input", "78"), ("missed by the method", "2")]


def test_whatever_is_written_is_escaped():
    page = explanation().to_html(feature_names=[HOSTILE, "b", "c"], class_names=[HOSTILE, HOSTILE], title=HOSTILE)
    page += page_of(HOSTILE, [Heading(HOSTILE), Text(HOSTILE), Code(HOSTILE), Cells((HOSTILE,), ((HOSTILE,),))])
    page += page_of("", [Tokens([HOSTILE], [1.0]), Flow([(HOSTILE, 1.0)]), Picture(png_of(Figure()), HOSTILE)])
    assert "<script>alert" not in page
    assert "alert(" in unescape(page)


def test_nothing_comes_from_elsewhere_and_pages_are_small(tmp_path):
    path = tmp_path / "page.html"
    page = explanation((2, 100, 40)).to_html(path)
    assert path.read_text("utf-8") == page
    assert not re.search(r"(src|href)=\"(?!data:)|https?://|@import", page)
    assert len(page) < 300_000


def test_tokens_are_coloured_by_their_relevance():
    [(_, most, ink, number), (_, none, black, _)] = Tokens(["good", "the"], [2.0, 0.0]).words
    assert (most, ink, number) == ("#8b0a1a", "white", "2")
    assert (none, black) == ("#ffffff", "black")
    page = explanation((2, 4)).to_html(tokens=[["not", "so", "good"], ["fine"]])
    assert re.findall(r'title="([^"]+)">(\w+)</span>', page) == [
        ("-5", "not"), ("-4", "so"), ("-3", "good"), ("-1", "fine"),
    ]  # fmt: skip


def test_the_ledger_is_a_flow_in_the_colour_of_its_sign():
    rows = [Row("cell", 0, "bias", np.array([1.0, 3.0])), Row("cell", 1, "bias", np.array([-4.0, -4.0]))]
    page = explanation(ledger=tuple(rows)).to_html()
    assert "bias in cell" in page  # 2 - 4 = -2, the mean over samples
    assert Flow([("a", 4.0), ("b", -2.0)]).rows == [("a", 100.0, VERMILLION, "4"), ("b", 50.0, BLUE, "-2")]
    assert ">-2</span>" in page


def test_a_run_has_its_table_its_figures_and_its_settings():
    facts = {"architecture": "lstm", "dataset": "digits", "seed": 0, "accuracy": 0.5, "test_sequences": 4}
    facts |= {"variables": 10, "epochs": 1, "best_epoch": 1}
    score = {"method": "sensitivity", "label": "SA", "measure": "cosine", "class": "", "step": "", "epoch": ""}
    metrics = {"facts": facts, "scores": [score | {"value": 0.25, "low": 0.125, "high": 0.5, "n": 4}]}
    accounts = {"SA": {}, "LRP": {"explained": 2.0, "received": 1.5, "absorbed": 0.5}}
    page = run_page(
        metrics, {"steps": png_of(Figure()), "heatmaps/other": b""}, {"batch_size": 7, "dataset": "a b"}, accounts
    )
    assert "<p>LRP:</p>" in page
    assert "<p>SA:</p>" not in page
    assert ">1.5</span>" in page
    assert "python -m thesis_rnn train --batch_size=7 '--dataset=a b'" in unescape(page)
    assert "accuracy 50.00% on 4 test sequences" in page
    assert '<th scope="row">SA</th><td>0.250</td><td>[0.125, 0.500]</td>' in page
    assert '<th scope="row">batch_size</th><td>7</td>' in page
    assert page.count("data:image/png") == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: explanation(explained=np.ones((2, 2))).to_html(), r"shows one class.*an explanation of every class$"),
        (lambda: explanation().to_html(x=np.ones((2, 4))), r"relevance's shape \(2, 4, 3\); received \(2, 4\)$"),
        (lambda: explanation().to_html(feature_names=["a"]), r"feature_names must be 3 names; received 1$"),
        (lambda: Series(np.full((2, 2), np.nan), "").data, r"relevance \[steps, features\]"),
        (lambda: Series(np.ones((2, 2)), "", np.ones((3, 2))).data, r"shape \(2, 2\); received \(3, 2\)$"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(InputError, match=message):
        make()
