"""What explanations say of a whole data set, and of two models side by side: pure functions of relevance."""

from thesis_rnn.corpus.clusters import Clusters, heatmap_clusters
from thesis_rnn.corpus.comparing import Comparison, compare_models
from thesis_rnn.corpus.means import Mean, mean_relevance, share_in_mask, top_windows, word_relevance
from thesis_rnn.support.checks import tell_in_public

__all__ = [
    "Clusters",
    "Comparison",
    "Mean",
    "compare_models",
    "heatmap_clusters",
    "mean_relevance",
    "share_in_mask",
    "top_windows",
    "word_relevance",
]

tell_in_public(globals())
