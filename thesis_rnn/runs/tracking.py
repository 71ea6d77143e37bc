"""How good explanations are while the model is still learning."""

from collections.abc import Sequence

import keras

from thesis_rnn.attribution import explain
from thesis_rnn.data import Split
from thesis_rnn.errors import InputError
from thesis_rnn.measures import block_relevance, cosine_similarity
from thesis_rnn.runs.methods import Choice


class CosineTracker(keras.callbacks.Callback):
    """Adds ``cosine/<label>`` of each method, the mean over the same sequences, to what later callbacks log.

    Args:
      sequences: of a majority problem.
      choices: the methods.

    Raises:
      InputError: sequences without evidence.
    """

    def __init__(self, sequences: Split, choices: Sequence[Choice]):
        super().__init__()
        if sequences.evidence is None:
            raise InputError("track needs evidence, which only a majority problem has; received single images")
        self.sequences = sequences
        self.choices = choices

    def on_epoch_end(self, epoch, logs=None):
        x, y, evidence, _ = self.sequences
        for choice in self.choices:
            explanation = explain(self.model, x, y, choice.name, **choice.parameters)
            blocks = block_relevance(explanation.relevance, evidence.shape[1], choice.positive_only)
            logs[f"cosine/{choice.label}"] = float(cosine_similarity(evidence, blocks).mean())
