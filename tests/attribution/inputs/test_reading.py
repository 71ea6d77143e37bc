"""What is covered of subclassed models, and of those that look up text."""

import keras
import numpy as np
import pytest
from keras import layers

import thesis_rnn
from thesis_rnn.errors import InputError


class Small(keras.Model):
    def __init__(self):
        super().__init__()
        self.memory, self.classes = layers.GRU(2, name="memory"), layers.Dense(2, name="classes")

    def call(self, inputs):
        return keras.ops.tanh(self.classes(self.memory(inputs)))


def test_a_subclassed_model_is_covered_layer_by_layer():
    rows = thesis_rnn.coverage(Small(), np.ones((2, 4, 3), np.float32)).rows
    assert [(row.layer, row.kind) for row in rows[:2]] == [("memory", "GRU"), ("classes", "Dense")]
    assert all(row.covered for row in rows)
    assert rows[2].kind == "Tanh"
    with pytest.raises(
        InputError, match=r"^a subclassed model is followed on samples: give x; received a Small alone$"
    ):
        thesis_rnn.coverage(Small())


def test_a_model_of_text_is_covered_behind_its_lookup():
    lookup = layers.TextVectorization(vocabulary=["good"], output_sequence_length=2)
    model = keras.Sequential(
        [keras.Input((1,), dtype="string"), lookup, layers.Embedding(3, 2), layers.GRU(2), layers.Dense(1)]
    )
    covered = thesis_rnn.coverage(model)
    assert covered.covered
    assert [row.kind for row in covered] == ["Embedding", "GRU", "Dense"]
