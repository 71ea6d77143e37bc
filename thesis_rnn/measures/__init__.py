"""Numbers that say how good a model and its explanations are: pure functions, arrays in and arrays out."""

from thesis_rnn.measures.faithfulness.masking import mask_most_salient
from thesis_rnn.measures.faithfulness.perturbation import (
    area_over_curve,
    least_relevant_first,
    most_relevant_first,
    perturbation_curve,
    random_order,
)
from thesis_rnn.measures.faithfulness.regions import patch_regions, region_relevance, step_regions
from thesis_rnn.measures.localisation.baselines import baseline_cosines
from thesis_rnn.measures.localisation.blocks import (
    accuracy,
    block_relevance,
    cosine_similarity,
    pixel_intensity,
    pixel_mass,
    right_percentage,
    step_distribution,
    zero_relevance,
)
from thesis_rnn.measures.localisation.cells import SCORES, localisation_scores
from thesis_rnn.measures.localisation.chance_maps import CHANCE_MAPS, chance_map, chance_scores, scores_beside_chance
from thesis_rnn.measures.localisation.corrected import chance_corrected, chance_corrected_means
from thesis_rnn.measures.localisation.disagreement import Disagreement, opposite_orders
from thesis_rnn.measures.localisation.local_quality import ink_share
from thesis_rnn.measures.localisation.overlap import (
    euclidean_distance,
    euclidean_distance_printed,
    mass_accuracy,
    scaled_saliency,
    time_cosine,
    weighted_jaccard,
)
from thesis_rnn.measures.localisation.ranking import average_precision, pointing_game, rank_accuracy, roc_auc
from thesis_rnn.measures.stability.similarity import heatmap_cosine, rank_correlation, seed_stability
from thesis_rnn.measures.vanishing.decay import half_life, products_after, relevance_by_step
from thesis_rnn.statistics.contrasts import Contrast, corrected_interval, linear_contrast, paired_contrast
from thesis_rnn.statistics.intervals import Interval, mean_interval
from thesis_rnn.statistics.paired_differences import SignedRank, effect_size, signed_rank
from thesis_rnn.statistics.verdicts import verdict, verdict_of_equality

__all__ = [
    "CHANCE_MAPS",
    "SCORES",
    "Contrast",
    "Disagreement",
    "Interval",
    "SignedRank",
    "accuracy",
    "area_over_curve",
    "average_precision",
    "baseline_cosines",
    "block_relevance",
    "chance_corrected",
    "chance_corrected_means",
    "chance_map",
    "chance_scores",
    "corrected_interval",
    "cosine_similarity",
    "effect_size",
    "euclidean_distance",
    "euclidean_distance_printed",
    "half_life",
    "heatmap_cosine",
    "ink_share",
    "least_relevant_first",
    "linear_contrast",
    "localisation_scores",
    "mask_most_salient",
    "mass_accuracy",
    "mean_interval",
    "most_relevant_first",
    "opposite_orders",
    "paired_contrast",
    "patch_regions",
    "perturbation_curve",
    "pixel_intensity",
    "pixel_mass",
    "pointing_game",
    "products_after",
    "random_order",
    "rank_accuracy",
    "rank_correlation",
    "region_relevance",
    "relevance_by_step",
    "right_percentage",
    "roc_auc",
    "scaled_saliency",
    "scores_beside_chance",
    "seed_stability",
    "signed_rank",
    "step_distribution",
    "step_regions",
    "time_cosine",
    "verdict",
    "verdict_of_equality",
    "weighted_jaccard",
    "zero_relevance",
]
