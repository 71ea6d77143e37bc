"""The cosine similarity along training: columns of the history, the same that evaluating afterwards gives."""

import keras
import numpy as np
import pytest

import thesis_rnn
from thesis_rnn.data import Split, load
from thesis_rnn.errors import InputError
from thesis_rnn.measures import block_relevance, cosine_similarity
from thesis_rnn.runs.methods import Choice
from thesis_rnn.runs.old_settings import Settings
from thesis_rnn.runs.tracking import CosineTracker
from thesis_rnn.runs.training import train
from thesis_rnn.training.checkpoints import read_history
from thesis_rnn.training.run_folder import RunFolder


def test_what_is_logged_is_the_models_own_cosine():
    sequences = load("digits_maj", "validation", steps=2, limit=5)
    model = thesis_rnn.build("shallow", 2, 28, 42, sizes={"hidden": 8, "recur": 8})
    tracker = CosineTracker(sequences, [Choice("lrp", {"alpha": 2.0, "beta": 1.0}), Choice("sensitivity")])
    tracker.set_model(model)
    logs = {"loss": 1.0}
    tracker.on_epoch_end(0, logs)
    relevance = thesis_rnn.explain(model, sequences.x, sequences.y, "lrp", alpha=2.0, beta=1.0).relevance
    blocks = block_relevance(relevance, 3, positive_only=True)
    assert logs["cosine/LRP-a2b1"] == pytest.approx(cosine_similarity(sequences.evidence, blocks).mean())
    assert set(logs) == {"loss", "cosine/LRP-a2b1", "cosine/SA"}


def test_a_tracked_training_has_the_columns_in_its_history_and_the_same_weights(tmp_path):
    usual = {"arch": "shallow", "dataset": "digits_maj", "steps": 2, "epochs": 2, "epoch_size": 100}
    weights = {}
    for track in (0, 4):
        folder = RunFolder(tmp_path / str(track))
        train(Settings(method="sensitivity", track=track, **usual), folder, verbose=0)
        columns = [name for name in read_history(folder)[0] if name.startswith("cosine/")]
        assert columns == (["cosine/SA"] if track else [])
        weights[track] = keras.models.load_model(folder.model).get_weights()
    assert all(0 <= float(epoch["cosine/SA"]) <= 1 for epoch in read_history(folder))
    for one, other in zip(weights[0], weights[4], strict=True):
        np.testing.assert_array_equal(one, other)


def test_single_images_have_no_evidence_to_track():
    with pytest.raises(InputError, match=r"^track needs evidence, which only a majority problem has; received single"):
        CosineTracker(Split(np.zeros((1, 2, 28, 14)), np.zeros(1)), [])
