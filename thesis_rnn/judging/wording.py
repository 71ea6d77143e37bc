"""The recommendation in words."""

from collections.abc import Mapping

import numpy as np

from thesis_rnn.judging.ranking import Ranking
from thesis_rnn.reporting.tables import short

UNMOVED = 0.9
"""A method whose heatmaps still correlate more than this with those of random weights ignores the model."""


def recommendation(ranking: Ranking, rows: list[dict]) -> str:
    """Which method to use, how sure that is, what cannot be told from it, and which to distrust."""
    found = {(row["method"], row["measure"]): row for row in rows}
    ignoring = [name for name in ranking.methods if _ignores_model(found, name)]
    no_better = [name for name in ranking.methods if name not in ignoring and _is_chance(found, name)]
    good = [name for name in ranking.methods if name not in (*ignoring, *no_better)]
    parts = [_use(ranking, good[0], found)] if good else [NONE]
    tied = [name for name in good[1:] if name in ranking.tied() or ranking.first[ranking.methods.index(name)] > 0.05]
    if good and tied:
        parts.append(f"These samples cannot tell it from {_listed(tied)}.")
    if ignoring:
        parts.append(f"Do not use {_listed(ignoring)}: its maps stay when the model's weights are made random.")
    if no_better:
        parts.append(f"{_listed(no_better)} did no better than a random map, on these samples.")
    return " ".join(parts)


NONE = "No method did better than a random map: trust none of them on this model and these samples."


def _use(ranking: Ranking, name: str, found: Mapping) -> str:
    place = ranking.methods.index(name)
    sure = f"first in {ranking.first[place]:.0%} of the resamples of the {ranking.n} samples that rank"
    text = f"Use {name} ({sure})."
    row = found.get((name, ranking.measures[0]))
    if row is None:
        return text
    between = f"{short(row['low'])} to {short(row['high'])}"
    said = f"Its {row['measure']} on the other samples is {short(row['value'])} (95% {between})"
    return f"{text} {said}{_beside(row['chance'])}."


def _beside(chance: float) -> str:
    return "" if np.isnan(chance) else f", of a random map {short(chance)}"


def _ignores_model(found: Mapping, name: str) -> bool:
    row = found.get((name, "randomisation"))
    return row is not None and row["value"] > UNMOVED


def _is_chance(found: Mapping, name: str) -> bool:
    """Whether the interval of the method's selectivity reaches down to that of chance."""
    row = found.get((name, "selectivity"))
    return row is not None and row["n"] > 1 and not row["low"] > row["chance"]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
