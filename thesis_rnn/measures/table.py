"""The table of measures. A new one is a file with its function, and a row here."""

import numpy as np

from thesis_rnn.measures import reference_maps as maps
from thesis_rnn.measures.complexity.spread import entropy, gini
from thesis_rnn.measures.conservation.lost import lost_share, nothing_to_explain
from thesis_rnn.measures.cost.timing import seconds
from thesis_rnn.measures.faithfulness.attending import attention_change
from thesis_rnn.measures.faithfulness.flipping import flip_patches, flip_steps, random_patches, random_steps
from thesis_rnn.measures.faithfulness.masking import masking_references, right_when_masked
from thesis_rnn.measures.faithfulness.random_removals import infidelity
from thesis_rnn.measures.faithfulness.selecting import comprehensiveness, log_odds_drop, selectivity, sufficiency
from thesis_rnn.measures.human.turning import negation
from thesis_rnn.measures.human.valence import valence_correlation
from thesis_rnn.measures.localisation.blocks import (
    block_relevance,
    cosine_similarity,
    evidence_percentage,
    is_without_relevance,
)
from thesis_rnn.measures.localisation.foreground import foreground_of
from thesis_rnn.measures.localisation.overlap import (
    euclidean_distance,
    euclidean_distance_printed,
    mass_accuracy,
    weighted_jaccard,
)
from thesis_rnn.measures.localisation.own_steps import of_cells, time_cosine_of_blocks
from thesis_rnn.measures.localisation.ranking import average_precision, pointing_game, rank_accuracy, roc_auc
from thesis_rnn.measures.measure import MEASURES, Measure, Scored
from thesis_rnn.measures.stability.alike import agreement, randomisation, seed_agreement
from thesis_rnn.measures.stability.nearby import continuity, max_sensitivity
from thesis_rnn.measures.vanishing.remaining import SERIES, relevance_half_life, share_of_steps, state_references

ENOUGH = 200
"""Samples of measures that are expensive, and of heatmaps of noise."""


def _blocks(scored: Scored) -> np.ndarray:
    return block_relevance(scored.relevance, np.shape(scored.evidence)[1], scored.positive_only)


def _cosine(scored: Scored) -> np.ndarray:
    """cos(m, v) = m . v / (|m| |v|), [n]: m is the evidence of each block, v the relevance that falls on it."""
    return cosine_similarity(scored.evidence, _blocks(scored))


def _evidence_percentage(scored: Scored) -> np.ndarray:
    """100 sum_b m_b v_b / sum_b v_b, [n]: the percentage of relevance that falls on blocks of evidence."""
    return evidence_percentage(scored.evidence, _blocks(scored))


def _n_zero_relevance(scored: Scored) -> np.ndarray:
    """Whether no block received any relevance, bool [n]: such a sample's cosine is 0 by definition."""
    return is_without_relevance(_blocks(scored))


# ---- localisation: blocks of columns

BLOCKS = {
    "family": "localisation",
    "needs": ("evidence:blocks", "images"),
    "source": "Chormai (2018), section 3.3.2",
    "chance": maps.constant,
    "oracle": maps.evidence_map,
}
MEASURES.add(
    "cosine",
    Measure(
        _cosine,
        title="cosine",
        references=lambda scored, **_: {
            "(uniform)": maps.constant(scored),
            "(pixel mass)": maps.intensity(scored),
            "(last step)": maps.last_step(scored),
        },
        **BLOCKS,
    ),
)
MEASURES.add(
    "evidence_percentage",
    Measure(_evidence_percentage, title="% on evidence", **BLOCKS),
)
MEASURES.add(
    "n_zero_relevance",
    Measure(
        _n_zero_relevance,
        "localisation",
        better="lower",
        needs=("evidence:blocks", "images"),
        title="without relevance",
        summary="sum",
    ),
)
MEASURES.add(
    "foreground_mass_accuracy",
    Measure(
        foreground_of,
        "localisation",
        needs=("images", "bounded"),
        title="on foreground",
        chance=maps.constant,
        oracle=maps.intensity,
        references=lambda scored, **_: {"(chance)": maps.constant(scored)},
    ),
)

# ---- localisation: cells


def _cell_references(scored: Scored, **_) -> dict[str, np.ndarray]:
    return {f"({name})": maps.CHANCE_MAPS[name](scored) for name in maps.CHANCE_MAPS}


CELLS = {
    "family": "localisation",
    "needs": ("evidence:cells",),
    "chance": maps.uniform_noise,
    "oracle": maps.evidence_map,
    "references": _cell_references,
    "reference_samples": ENOUGH,
}
ISMAIL = {"source": "Ismail et al. (2019), section 5"} | CELLS
ARRAS = {"source": "Arras et al. (2022)"} | CELLS
MEASURES.add("weighted_jaccard", Measure(of_cells(weighted_jaccard, scaled=True), title="WJac", **ISMAIL))
MEASURES.add("euclidean", Measure(of_cells(euclidean_distance, scaled=True), better="lower", title="Euc", **ISMAIL))
MEASURES.add(
    "euclidean_printed",
    Measure(of_cells(euclidean_distance_printed, scaled=True), better="lower", title="Euc, as printed", **ISMAIL),
)
MEASURES.add("roc_auc", Measure(of_cells(roc_auc), title="ROC-AUC", **CELLS))
MEASURES.add("average_precision", Measure(of_cells(average_precision), title="AP", **CELLS))
MEASURES.add("mass_accuracy", Measure(of_cells(mass_accuracy), title="mass", **ARRAS))
MEASURES.add("rank_accuracy", Measure(of_cells(rank_accuracy), title="rank", **ARRAS))
MEASURES.add(
    "pointing_game",
    Measure(of_cells(pointing_game), title="pointing", source="Zhang et al. (2018)", **CELLS),
)
MEASURES.add(
    "time_cosine",
    Measure(of_cells(time_cosine_of_blocks), title="time cosine", source="after Chormai (2018), equation 3.7", **CELLS),
)

# ---- faithfulness

FLIPPING = {
    "family": "faithfulness",
    "source": "Samek et al. (2017)",
    "samples": ENOUGH,
    "reference_samples": ENOUGH,
    "usual_for": ("images",),
}
MEASURES.add(
    "step_flipping",
    Measure(
        flip_steps,
        needs=("predict",),
        title="step flipping",
        chance=random_steps,
        references=lambda scored, **_: {"(chance)": random_steps(scored)},
        **FLIPPING,
    ),
)
MEASURES.add(
    "patch_flipping",
    Measure(
        flip_patches,
        needs=("images", "predict"),
        title="patch flipping",
        chance=random_patches,
        references=lambda scored, size=4, **_: {"(chance)": random_patches(scored, size)},
        **FLIPPING,
    ),
)
MEASURES.add(
    "masked_accuracy",
    Measure(
        right_when_masked,
        "faithfulness",
        better="lower",
        needs=("predict",),
        title="accuracy without the most relevant cells",
        source="Ismail et al. (2019), figure 7",
        chance=maps.empty,
        references=masking_references,
        usual_for=("series", "tokens"),
    ),
)


def _noise_and_uniform(scored: Scored, **_) -> dict[str, np.ndarray]:
    return {"(random)": maps.uniform_noise(scored), "(uniform)": maps.constant(scored)}


REMOVAL = {
    "family": "faithfulness",
    "needs": ("predict",),
    "samples": ENOUGH,
    "chance": maps.uniform_noise,
    "references": _noise_and_uniform,
    "reference_samples": ENOUGH,
    "usual_for": (),  # by name, and in judge
}
MEASURES.add(
    "selectivity",
    Measure(selectivity, title="selectivity", source="Montavon et al. (2018), section 7, selectivity", **REMOVAL),
)
MEASURES.add(
    "comprehensiveness",
    Measure(comprehensiveness, title="comprehensiveness", source="DeYoung et al. (2020), section 4.2", **REMOVAL),
)
MEASURES.add(
    "sufficiency",
    Measure(sufficiency, better="lower", title="sufficiency", source="DeYoung et al. (2020), section 4.2", **REMOVAL),
)
MEASURES.add(
    "log_odds_drop",
    Measure(log_odds_drop, title="drop of log p", source="after Shrikumar et al. (2017)", **REMOVAL),
)
MEASURES.add(
    "infidelity",
    Measure(infidelity, better="lower", title="infidelity", source="Yeh et al. (2019), definition 2.1", **REMOVAL),
)
MEASURES.add(
    "attention_change",
    Measure(
        attention_change,
        "faithfulness",
        needs=("explanation",),
        title="change by permuted attention",
        source="Jain and Wallace (2019), section 4.2.1",
        usual_for=(),
    ),
)

# ---- stability

NEARBY = {"family": "stability", "better": "lower", "samples": 50, "usual_for": ()}
MEASURES.add(
    "continuity",
    Measure(
        continuity,
        needs=("numbers", "predict", "explain"),
        title="continuity",
        source="Montavon et al. (2018), section 7.2",
        **NEARBY,
    ),
)
MEASURES.add(
    "max_sensitivity",
    Measure(
        max_sensitivity,
        needs=("numbers", "explain"),
        title="max-sensitivity",
        source="Yeh et al. (2019), definition 2.3",
        **NEARBY,
    ),
)
MEASURES.add(
    "randomisation",
    Measure(
        randomisation,
        needs=("explain", "model"),
        title="like a random model's",
        source="after Adebayo et al. (2018), section 3.1",
        **NEARBY,
    ),
)
MEASURES.add(
    "agreement",
    Measure(agreement, "stability", better="", needs=("others",), title="agreement", usual_for=()),
)

MEASURES.add(
    "seed_agreement",
    Measure(seed_agreement, "stability", needs=("seeds",), title="agreement of seeds", usual_for=()),
)

# ---- complexity

COMPLEXITY = {"family": "complexity", "chance": maps.uniform_noise, "usual_for": ()}
MEASURES.add(
    "entropy",
    Measure(entropy, better="lower", title="entropy", source="Bhatt et al. (2020)", **COMPLEXITY),
)
MEASURES.add("gini", Measure(gini, title="Gini index", source="Chalasani et al. (2020)", **COMPLEXITY))

# ---- cost

MEASURES.add(
    "seconds",
    Measure(seconds, "cost", better="lower", needs=("explain",), title="seconds per sample", samples=50, usual_for=()),
)

# ---- human evidence

MEASURES.add(
    "valence_correlation",
    Measure(
        valence_correlation,
        "human",
        needs=("valence",),
        title="correlation with valence",
        source="words rated by people, Hutto and Gilbert (2014)",
        chance=maps.uniform_noise,
        usual_for=(),
    ),
)

MEASURES.add(
    "negation",
    Measure(
        negation,
        "human",
        needs=("valence", "negated", "explain", "predict"),
        title="negation turns the sign",
        source="after Murdoch et al. (2018); words rated by people, Hutto and Gilbert (2014)",
        usual_for=(),
    ),
)

# ---- conservation

MEASURES.add(
    "n_unexplained",
    Measure(
        nothing_to_explain,
        "conservation",
        better="lower",
        needs=("explanation",),
        title="unexplained",
        summary="sum",
    ),
)
MEASURES.add(
    "absorbed_share",
    Measure(
        lost_share,
        "conservation",
        better="lower",
        needs=("explanation",),
        title="largest share absorbed",
        summary="largest",
    ),
)

# ---- vanishing

MEASURES.add(
    "step_share",
    Measure(
        share_of_steps,
        "vanishing",
        better="",
        title="share of each step",
        source="Chormai (2018), figure 3.7",
        references=lambda scored, **_: {"(pixel mass)": maps.intensity(scored)} if maps.are_pixels(scored.x) else {},
        by_step=True,
        by_class=True,
    ),
)
MEASURES.add(
    "half_life",
    Measure(
        relevance_half_life,
        "vanishing",
        better="",
        title="half-life in steps",
        source="after Ismail et al. (2019), section 4",
        references=state_references,
        reference_samples=SERIES,
        summary="median",
        usual_for=("series", "tokens"),
    ),
)
