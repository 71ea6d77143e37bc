"""Whether heatmaps agree: of several methods or seeds, and of a model whose weights are random."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from scipy import stats

from thesis_rnn.errors import InputError
from thesis_rnn.measures.measure import Scored


def own_rank_correlation(first: np.ndarray, second: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Spearman's correlation of each sample's ``own`` cells, [n] in [-1, 1]; NaN where a heatmap has no order there.

    Args:
      first, second: heatmaps ``[n, ...]``.
      own: which cells count, bool ``[n, ...]``.

    Returns:
      The correlation of each sample, ``[n]``.

    Raises:
      InputError: shapes that differ, or an own cell that is not finite.

    Example:
      >>> first, second = np.array([[1.0, 2.0, 3.0, 0.0]]), np.array([[1.0, 3.0, 2.0, 9.0]])
      >>> own_rank_correlation(first, second, np.array([[True, True, True, False]])).round(6).tolist()
      [0.5]
    """
    if not np.shape(first) == np.shape(second) == np.shape(own):
        shapes = f"{np.shape(first)}, {np.shape(second)} and {np.shape(own)}"
        raise InputError(f"heatmaps must have the shape of own cells, [n, ...]; received {shapes}")
    if not all(np.isfinite(np.where(own, heatmaps, 0)).all() for heatmaps in (first, second)):
        raise InputError("heatmaps must be finite in every cell; received NaN or infinity")
    ranks = [_ranks(np.where(own, heatmaps, np.nan).reshape(len(own), -1)) for heatmaps in (first, second)]
    product, sizes = (ranks[0] * ranks[1]).sum(axis=1), [np.linalg.norm(one, axis=1) for one in ranks]
    size = sizes[0] * sizes[1]
    return np.clip(np.divide(product, size, out=np.full(len(own), np.nan), where=size > 0), -1, 1)


def agreement(scored: Scored) -> np.ndarray:
    """The mean rank correlation of a heatmap with those of other methods or seeds, [n]; NaN where none has an order.

    High agreement proves nothing: methods that share a flaw agree too.
    """
    if not scored.others:
        raise InputError("agreement needs heatmaps of other methods or seeds; give others=; received none")
    return _mean_correlation(scored, scored.others)


def seed_agreement(scored: Scored) -> np.ndarray:
    """The mean rank correlation of a heatmap with those of models of other seeds, by the same method, [n].

    NaN where none has an order. Models of one accuracy may have learned other reasons: low agreement is the method's
    doing only where the models decide alike.
    """
    if not scored.seeds:
        raise InputError("seed_agreement needs heatmaps of models of other seeds; give seeds=; received none")
    return _mean_correlation(scored, scored.seeds)


def _mean_correlation(scored: Scored, others: Mapping[str, np.ndarray]) -> np.ndarray:
    own = scored.own_cells
    pairs = np.stack([own_rank_correlation(scored.relevance, other, own) for other in others.values()])
    known = ~np.isnan(pairs)
    total = np.where(known, pairs, 0).sum(axis=0)
    return np.divide(total, known.sum(axis=0), out=np.full(len(own), np.nan), where=known.any(axis=0))


def randomisation(scored: Scored, parts: int = 0) -> np.ndarray:
    """|rank correlation| of heatmaps before and after the weights are random, [n] in [0, 1]; lower is better.

    After Adebayo et al. (2018): near 1 for a method that explains something else than the model. 0 where the heatmap
    has lost its order. Weights are shuffled among themselves, and put back afterwards.

    Args:
      scored: samples, heatmaps, ``explain`` and ``model``.
      parts: how many parts of the model, from the output down; 0 for all.
    """
    if scored.explain is None or scored.model is None:
        raise InputError("randomisation needs explain=, the method, and model=; received one of them or neither")
    with random_weights(scored.model, scored.seed, parts):
        after = scored.explain(scored.x, scored.target)
    correlation = own_rank_correlation(scored.relevance, after, scored.own_cells)
    ordered = ~np.isnan(own_rank_correlation(scored.relevance, scored.relevance, scored.own_cells))
    return np.where(ordered, np.abs(np.nan_to_num(correlation)), np.nan)


@contextmanager
def random_weights(model, seed: int = 0, parts: int = 0) -> Iterator[None]:
    """Shuffles the weights of ``model`` for the length of a block, of its ``parts`` last parts, or 0 for all."""
    from thesis_rnn.measures.stability.model_parts import parts_of
    from thesis_rnn.measures.stability.randomisation import shuffle

    if parts < 0:
        raise InputError(f"parts must be at least 0, for all; received {parts}")
    before, rng = model.get_weights(), np.random.default_rng(seed)
    try:
        for part in parts_of(model)[: parts or None]:
            shuffle(part, rng)
        yield
    finally:
        model.set_weights(before)


def _ranks(rows: np.ndarray) -> np.ndarray:
    """Ranks of the numbers of each row, less their mean; 0 for what is NaN."""
    ranks = stats.rankdata(rows, axis=1, nan_policy="omit")
    missing = np.isnan(rows)
    ranks = np.where(missing, 0, ranks)
    mean = ranks.sum(axis=1, keepdims=True) / np.maximum(1, (~missing).sum(axis=1, keepdims=True))
    return np.where(missing, 0, ranks - mean)
