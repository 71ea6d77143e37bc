"""The table of analyses. A new one is a file with its function, and a row here."""

from thesis_rnn.analysis.analysis import ANALYSES, Analysis
from thesis_rnn.analysis.bands import bands
from thesis_rnn.analysis.causes import causality
from thesis_rnn.analysis.hidden_markov import surrogate
from thesis_rnn.analysis.imitating import mimic
from thesis_rnn.analysis.saturating import saturation
from thesis_rnn.analysis.telling_classes import selectivity
from thesis_rnn.analysis.trajectories import trajectories
from thesis_rnn.analysis.trees import state_tree
from thesis_rnn.analysis.weights import gate_weights
from thesis_rnn.analysis.windows import top_windows
from thesis_rnn.analysis.words import embeddings

ANALYSES.add("weights", Analysis(gate_weights, "Weights by gate", "Krakovna and Doshi-Velez (2016)"))
ANALYSES.add("saturation", Analysis(saturation, "Saturation of gates", "Karpathy et al. (2015), section 4.2"))
ANALYSES.add("windows", Analysis(top_windows, "What excites a unit most", "Karpathy et al. (2015)"))
ANALYSES.add("selectivity", Analysis(selectivity, "When states tell classes apart", "Strobelt et al. (2018)"))
ANALYSES.add("embeddings", Analysis(embeddings, "Embeddings on a plane", "van der Maaten and Hinton (2008)"))
ANALYSES.add("trajectories", Analysis(trajectories, "Clusters of states", "Elman (1990)"))
ANALYSES.add("state_tree", Analysis(state_tree, "A tree on the last state", "Krakovna and Doshi-Velez (2016)"))
ANALYSES.add("surrogate", Analysis(surrogate, "A model of the states", "Krakovna and Doshi-Velez (2016), section 3"))
ANALYSES.add("bands", Analysis(bands, "Units and frequencies", "Schirrmeister et al. (2017)"))
ANALYSES.add("causality", Analysis(causality, "Do units move outputs?", "Kale et al. (2015)"))
ANALYSES.add("mimic", Analysis(mimic, "Models that imitate the network", "Che et al. (2016)"))
