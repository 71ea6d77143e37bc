"""Numbers that say how good a model and its explanations are: pure functions, and the table of measures."""

from thesis_rnn.measures.faithfulness.fills import FILLS
from thesis_rnn.measures.faithfulness.masking import mask_most_salient
from thesis_rnn.measures.faithfulness.perturbation import (
    area_over_curve,
    least_relevant_first,
    most_relevant_first,
    perturbation_curve,
    random_order,
)
from thesis_rnn.measures.faithfulness.regions import patch_regions, region_relevance, step_regions, unit_regions
from thesis_rnn.measures.faithfulness.selecting import SelectivityCurve, selectivity_curve
from thesis_rnn.measures.human.valence import valence_correlation_of_all
from thesis_rnn.measures.intensity import intensity_share, pixel_intensity
from thesis_rnn.measures.localisation.blocks import (
    accuracy,
    block_relevance,
    cosine_similarity,
    evidence_percentage,
    is_without_relevance,
    step_share,
)
from thesis_rnn.measures.localisation.cells import (
    cell_measures,
    chance_scores,
    localisation_scores,
    scores_beside_chance,
)
from thesis_rnn.measures.localisation.corrected import chance_corrected, chance_corrected_means
from thesis_rnn.measures.localisation.disagreement import Disagreement, opposite_orders
from thesis_rnn.measures.localisation.foreground import foreground_mass_accuracy
from thesis_rnn.measures.localisation.overlap import (
    euclidean_distance,
    euclidean_distance_printed,
    mass_accuracy,
    scaled_saliency,
    time_cosine,
    weighted_jaccard,
)
from thesis_rnn.measures.localisation.ranking import average_precision, pointing_game, rank_accuracy, roc_auc
from thesis_rnn.measures.measure import Measure, Scored
from thesis_rnn.measures.reference_maps import CHANCE_MAPS, chance_map
from thesis_rnn.measures.specs import (
    MeasureSpec,
    chosen_measures,
    given_by_problem,
    given_by_split,
    measure_names,
    measure_specs,
)
from thesis_rnn.measures.stability.alike import own_rank_correlation
from thesis_rnn.measures.stability.nearby import continuity_ratios
from thesis_rnn.measures.stability.similarity import heatmap_cosine, rank_correlation, seed_stability
from thesis_rnn.measures.table import MEASURES
from thesis_rnn.measures.vanishing.decay import half_life, products_after, relevance_by_step
from thesis_rnn.support.checks import tell_in_public

__all__ = [
    "CHANCE_MAPS",
    "FILLS",
    "MEASURES",
    "Disagreement",
    "Measure",
    "MeasureSpec",
    "Scored",
    "SelectivityCurve",
    "accuracy",
    "area_over_curve",
    "average_precision",
    "block_relevance",
    "cell_measures",
    "chance_corrected",
    "chance_corrected_means",
    "chance_map",
    "chance_scores",
    "chosen_measures",
    "continuity_ratios",
    "cosine_similarity",
    "euclidean_distance",
    "euclidean_distance_printed",
    "evidence_percentage",
    "foreground_mass_accuracy",
    "given_by_problem",
    "given_by_split",
    "half_life",
    "heatmap_cosine",
    "intensity_share",
    "is_without_relevance",
    "least_relevant_first",
    "localisation_scores",
    "mask_most_salient",
    "mass_accuracy",
    "measure_names",
    "measure_specs",
    "most_relevant_first",
    "opposite_orders",
    "own_rank_correlation",
    "patch_regions",
    "perturbation_curve",
    "pixel_intensity",
    "pointing_game",
    "products_after",
    "random_order",
    "rank_accuracy",
    "rank_correlation",
    "region_relevance",
    "relevance_by_step",
    "roc_auc",
    "scaled_saliency",
    "scores_beside_chance",
    "seed_stability",
    "selectivity_curve",
    "step_regions",
    "step_share",
    "time_cosine",
    "unit_regions",
    "valence_correlation_of_all",
    "weighted_jaccard",
]

tell_in_public(globals())
