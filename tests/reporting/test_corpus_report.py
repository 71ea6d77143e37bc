"""The corpus report: tables say what was counted, figures show it."""

import numpy as np
import pytest

from thesis_rnn.corpus import Clusters, compare_models, heatmap_clusters, mean_relevance, top_windows
from thesis_rnn.reporting import corpus_report as report

MAPS = np.random.default_rng(0).normal(size=(20, 6, 3))
CLASSES = np.arange(20) % 2


def test_means_are_ranked_or_in_their_order_and_the_middle_of_many_is_left_out():
    means = mean_relevance(np.arange(50.0).reshape(1, 1, 50))
    lines = report.means_text("Features", means).splitlines()[4:]
    assert [line.split()[1] for line in lines] == [str(k) for k in (*range(49, 39, -1), *range(9, -1, -1))]
    ordered = report.means_text("Steps", means, ranked=False).splitlines()[4:]
    assert [line.split()[1] for line in ordered] == [str(k) for k in range(50)]


@pytest.mark.parametrize(
    ("shares", "word"), [([0.9, 0.8, 0.85], "above"), ([0.01, 0.0, 0.02], "below"), ([0.0, 0.5, 1.0], "not told from")]
)
def test_a_mask_is_read_beside_chance(shares, word):
    text = report.mask_text(np.array(shares), 0.25, np.array([0, 1, 1]), ["no", "yes"])
    assert text.endswith(f"Even relevance would have 0.25 there: the mean is {word} it.")
    assert [line.split()[1] for line in text.splitlines()[4:7]] == ["all", "no", "yes"]


def test_clusters_windows_and_models_in_words():
    clusters = Clusters(np.array([0, 0, 1]), np.zeros((2, 1, 1)), np.zeros(3))
    text = report.clusters_text(clusters, np.array([1, 1, 0]), np.array([True, False, True]), ["no", "yes"])
    assert "| 1       |       2 |    50.0% |                 yes 2 |" in text
    words = np.array([["a", "good", "film"]])
    assert "good film" in report.windows_text(top_windows([[0.0, 1.0, 2.0]], 2), words)
    text = report.comparison_text(["one", "two"], [0.9, 0.8], compare_models(MAPS, MAPS), {"half_life": (2.0, None)})
    assert "| accuracy  | 90.00% | 80.00% |" in text
    assert "Mean cosine between their heatmaps: 1 [1, 1]" in text


def test_figures_show_each_class_and_cluster():
    panels = {"feature": mean_relevance(MAPS, "feature", CLASSES), "step": mean_relevance(MAPS, "step", CLASSES)}
    figure = report.means_figure(panels, ["no", "yes"])
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["no", "yes"]
    clusters = heatmap_clusters(MAPS, count=3)
    shown = [axis for axis in report.clusters_figure(clusters).axes if axis.get_visible()]
    assert [axis.get_title() for axis in shown] == [
        f"cluster {k + 1}: {(clusters.labels == k).sum()} samples" for k in range(3)
    ]
