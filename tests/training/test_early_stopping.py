"""When a training ends before its last epoch."""

import csv
import io

import pytest

from thesis_rnn.training.early_stopping import EarlyStopping


class Learner:
    """Stands for a model."""

    stop_training = False


def ended_after(epochs, patience, history=()):
    """The number of epochs until training ended; each is (accuracy, val_accuracy, val_loss)."""
    stopping = EarlyStopping(patience, history)
    stopping.set_model(learner := Learner())
    for number, (accuracy, val_accuracy, val_loss) in enumerate(epochs, start=1):
        stopping.on_epoch_end(number, {"accuracy": accuracy, "val_accuracy": val_accuracy, "val_loss": val_loss})
        if learner.stop_training:
            return number
    return None


@pytest.mark.parametrize(
    ("epochs", "ended"),
    [
        ([(0.5, 0.5, 1.0), (0.6, 0.5, 1.0), (0.6, 0.5, 1.0)], 3),  # two epochs that are no better
        ([(0.5, 0.5, 1.0), (0.6, 0.5, 0.9), (0.6, 0.5, 0.9)], None),  # the second had a lower loss
        ([(0.5, 0.5, 1.0), (0.6, 0.4, 0.1), (0.6, 0.6, 2.0), (0.6, 0.6, 3.0)], None),  # accuracy decides
        ([(0.5, 0.5, 1.0), (1.0, 0.4, 1.0)], 2),  # all training samples were right
    ],
)
def test_when_a_training_ends(epochs, ended):
    assert ended_after(epochs, patience=2) == ended


def test_what_happened_before_an_interruption_counts():
    # The best epoch, and one that is no better: one more of these and patience is at its end.
    text = "accuracy,val_accuracy,val_loss\n0.6,0.7,0.5\n0.6,0.6,0.5\n"
    history = list(csv.DictReader(io.StringIO(text)))
    assert ended_after([(0.6, 0.6, 0.4)], 2, history) == 1
    assert ended_after([(0.6, 0.8, 0.4), (0.6, 0.6, 0.4)], 2, history) is None


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("0.6,0.7,0.5\n", ""),
        ("0.6,0.7,0.5\n0.6,0.6,0.5\n0.6,0.6,0.5\n", "patience"),
        ("0.6,0.7,0.5\n1.0,0.7,0.5\n", "fitted"),
    ],
)
def test_a_training_that_had_ended_when_it_was_killed_is_known_to_have_ended(rows, reason):
    history = list(csv.DictReader(io.StringIO(f"accuracy,val_accuracy,val_loss\n{rows}")))
    assert EarlyStopping(2, history).reason == reason
