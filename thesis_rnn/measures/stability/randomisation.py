"""Model randomisation: an explanation that does not change when the model's weights do, explains something else.

After Adebayo et al. (2018), "Sanity checks for saliency maps", section 3.1: cascading randomisation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from thesis_rnn.attribution import explain
from thesis_rnn.errors import InputError
from thesis_rnn.measures.stability.model_parts import Part, parts_of
from thesis_rnn.measures.stability.similarity import heatmap_cosine, rank_correlation

UNMOVED = 0.9
"""A method whose heatmaps still correlate more than this with the original ones has not moved."""


@dataclass(frozen=True)
class Cascade:
    """How alike a method's heatmaps stay to the original ones while more and more of the model is randomised.

    Attributes:
      parts: what was randomised, in this order; each number below is after this part and all before it.
      rank_correlation: method -> mean Spearman correlation over the samples [parts].
      cosine: method -> mean cosine similarity over the samples [parts].
      compared: method -> the number of samples behind the mean [parts]: those with relevance before and after. Where
        there are none, the numbers above are NaN.
    """

    parts: tuple[str, ...]
    rank_correlation: dict[str, np.ndarray]
    cosine: dict[str, np.ndarray]
    compared: dict[str, np.ndarray]

    @property
    def unmoved(self) -> list[str]:
        """The methods whose rank correlation is above 0.9 although every weight is random: they ignore the model."""
        return [name for name, correlation in self.rank_correlation.items() if correlation[-1] > UNMOVED]


def randomise_in_cascade(
    model: keras.Model,
    x,
    target=None,
    methods: Sequence[str] | Mapping[str, dict] = ("lrp",),
    seed: int = 0,
    batch_size: int = 500,
) -> Cascade:
    """Randomises a copy of ``model`` part by part, from the output down, and explains the same classes again.

    A part is a layer; an LSTM, GRU or R-LSTM is a part for each gate and its candidate. Its weights are shuffled among
    themselves, biases likewise: their values and scale stay, what was learned is lost. (The paper draws them from the
    initialiser, which here would give seeded layers the weights that the training began with.)

    Args:
      model: what ``explain`` takes; it is only read.
      x: inputs, as for ``explain``.
      target: the class or classes to explain; by default those that the original model predicts.
      methods: names of methods or composites, or name -> the method's parameters.
      seed: seeds the shuffling.
      batch_size: samples that are explained at once.

    Raises:
      InputError: no methods, or what ``explain`` refuses.
    """
    methods = dict(methods) if isinstance(methods, Mapping) else {name: {} for name in methods}
    if not methods:
        raise InputError("expected at least one method to check; received none")
    original = {
        name: explain(model, x, target, name, batch_size=batch_size, **given) for name, given in methods.items()
    }
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    rng = np.random.default_rng(seed)
    parts, rows = parts_of(copy), []
    for part in parts:
        shuffle(part, rng)
        rows.append(
            [
                _compare(first, explain(copy, x, first.target, name, batch_size=batch_size, **methods[name]))
                for name, first in original.items()
            ]
        )
    table = np.array(rows)  # [parts, methods, numbers]
    correlations, cosines, counts = (
        {name: table[:, method, number] for method, name in enumerate(methods)} for number in range(3)
    )
    counts = {name: count.astype(int) for name, count in counts.items()}
    return Cascade(tuple(part.name for part in parts), correlations, cosines, counts)


def shuffle(part: Part, rng: np.random.Generator) -> None:
    """Shuffles the weights of a part among themselves, variable by variable."""
    for variable, columns in part.places:
        values = np.array(keras.ops.convert_to_numpy(variable))
        values[..., columns] = rng.permuted(values[..., columns], axis=None)
        variable.assign(values)


def _compare(first, second) -> tuple[float, float, int]:
    """Mean rank correlation and cosine of two explanations, and how many samples have both."""
    correlation = rank_correlation(first.relevance, second.relevance)
    cosine = heatmap_cosine(first.relevance, second.relevance)
    both = ~np.isnan(correlation)
    if not both.any():
        return np.nan, np.nan, 0
    return correlation[both].mean(), cosine[both].mean(), np.count_nonzero(both)
