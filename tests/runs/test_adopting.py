"""Runs of the old format become runs of today's."""

import json

import numpy as np
import pytest

from tests.helpers import front_end_process, old_run
from thesis_rnn.attribution import Explanation, method_spec
from thesis_rnn.errors import InputError
from thesis_rnn.runs.adopting import adopt_run
from thesis_rnn.runs.old_metrics import method_text
from thesis_rnn.runs.stored import stored_settings

COSINE = {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 360}
SCORES = {
    "sensitivity": {"label": "SA", "unexplained": 0, "cosine": COSINE, "step_distribution": [0.25, 0.75]},
    "lrp": {"label": "LRP-a2b1", "ink_share": COSINE, "zero_relevance": 3, "step_distribution": [1.0, 0.0]},
}


@pytest.fixture
def adopted(tmp_path):
    """The folder of the new run, and the relevance that the old one held."""
    relevance = old_run.write(tmp_path / "old", SCORES)
    return adopt_run(tmp_path / "old", tmp_path / "new"), relevance


def test_flags_metrics_and_heatmaps_have_the_names_of_today(adopted):
    folder, relevance = adopted
    settings = stored_settings(folder)
    assert settings.explanation.methods == "sensitivity; lrp(alpha=2, beta=1)"
    assert (settings.training.sequences_per_epoch, settings.training.learning_rate) == (200, 0.002)
    metrics = json.loads(folder.metrics.read_text())
    assert {"accuracy": 0.125, "epochs": 2, "updates": 8, "test_sequences": 360}.items() <= metrics["facts"].items()
    values = {(row["method"], row["measure"], row["step"]): row["value"] for row in metrics["scores"]}
    assert values["sensitivity", "cosine", ""] == 0.5
    assert values["lrp(alpha=2, beta=1)", "foreground_mass_accuracy", ""] == 0.5
    assert values["lrp(alpha=2, beta=1)", "n_zero_relevance", ""] == 3
    assert values["sensitivity", "step_share", 2] == 0.75
    assert values["(uniform)", "cosine", ""] == 0.816
    [file] = folder.heatmaps.glob("*.npz")
    explanation = Explanation.load(file)
    np.testing.assert_array_equal(explanation.relevance, relevance)
    assert explanation.parameters["alpha"] == 2


def test_a_heatmap_of_the_old_run_is_refused_by_name(tmp_path):
    old_run.write(tmp_path, SCORES)
    with pytest.raises(InputError, match=r"earlier version.*adopt.*lrp.npz"):
        Explanation.load(tmp_path / "heatmaps" / "lrp.npz")


def test_an_old_composite_is_written_as_one_of_today():
    rules = "epsilon(0.01); first=flat; convolution=gamma(gamma=0.25)"
    text = method_text("composite", {"rules": rules})
    assert text == "composite(epsilon(0.01), first=flat, convolution=gamma(gamma=0.25))"
    assert method_spec(text).name == "composite"


def test_later_verbs_work_on_it(adopted):
    folder, relevance = adopted
    for verb, *more in (["explain"], ["evaluate", "--limit=20"], ["report"]):
        done = front_end_process.run(verb, f"--run_dir={folder.path}", *more, cwd=folder.path.parent)
        assert done.status == 0, done.err
    file = folder.heatmaps / "lrp_alpha_2_beta_1.npz"
    np.testing.assert_allclose(Explanation.load(file).relevance, relevance, atol=1e-6 * np.abs(relevance).max())
    assert (folder.path / "heatmaps.png").is_file()


def test_what_is_no_finished_old_run_is_refused(adopted, tmp_path):
    folder, _ = adopted
    with pytest.raises(InputError, match="of this version"):
        adopt_run(folder.path, tmp_path / "other")
    with pytest.raises(InputError, match=r"new folder.*received .*new"):
        adopt_run(tmp_path / "old", folder.path)
    (tmp_path / "old" / "metrics.json").unlink()
    with pytest.raises(InputError, match=r"finished run .* metrics.json"):
        adopt_run(tmp_path / "old", tmp_path / "other")
    assert not (tmp_path / "other").exists()
