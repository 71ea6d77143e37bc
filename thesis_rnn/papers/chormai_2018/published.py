"""What the thesis printed: Tables 3.3 to 3.6, Appendix 1 and the text, to stand beside what is measured."""

METHODS = ("sensitivity", "guided_backprop", "deep_taylor", "lrp(alpha=1.5, beta=0.5)")
MAJORITY = ("mnist_maj", "fashion_mnist_maj")

VARIABLES_BY_STEPS = {
    ("shallow", 1): 269_322,
    ("shallow", 4): 184_330,
    ("shallow", 7): 162_826,
    ("deep", 1): 271_338,
    ("deep", 4): 153_578,
    ("deep", 7): 132_074,
}
"""(architecture, steps) -> trainable variables (Table 3.3)."""

ACCURACY_BY_STEPS = {
    ("mnist", "shallow", 1): 98.11,
    ("mnist", "deep", 1): 98.22,
    ("mnist", "shallow", 4): 98.56,
    ("mnist", "deep", 4): 98.63,
    ("mnist", "shallow", 7): 98.66,
    ("mnist", "deep", 7): 98.68,
    ("fashion_mnist", "shallow", 1): 87.93,
    ("fashion_mnist", "deep", 1): 89.14,
    ("fashion_mnist", "shallow", 4): 89.04,
    ("fashion_mnist", "deep", 4): 89.43,
    ("fashion_mnist", "shallow", 7): 89.28,
    ("fashion_mnist", "deep", 7): 88.96,
}
"""(data set, architecture, steps) -> accuracy in percent (Table 3.4)."""

LENET_ACCURACY = {"mnist": 99.21, "fashion_mnist": 87.90}
"""Section 2.6, about Figure 2.14."""

EXPERIMENT_2 = ("shallow", "deep", "deep_v2", "convdeep")
EXPERIMENT_3 = ("deep_sd", "rlstm", "rlstm_sd", "conv_plus_deep", "convrlstm_sd", "conv_plus_rlstm_sd")

MAJORITY_ACCURACY = {
    "shallow": (98.12, 90.00),
    "deep": (98.16, 89.81),
    "deep_v2": (98.26, 90.57),
    "convdeep": (99.22, 92.87),
    "deep_sd": (98.10, 89.47),
    "rlstm": (98.50, 91.35),
    "rlstm_sd": (98.57, 91.52),
    "conv_plus_deep": (97.92, 88.10),
    "convrlstm_sd": (99.35, 93.60),
    "conv_plus_rlstm_sd": (98.48, 88.19),
}
"""Architecture -> accuracy in percent on MNIST-MAJ and FashionMNIST-MAJ, original split (Tables 3.5 and 3.6)."""

FOLD_ACCURACY = {
    "shallow": ((98.35, 0.239), (92.30, 0.255)),
    "deep": ((98.43, 0.093), (91.35, 0.305)),
    "deep_v2": ((98.48, 0.127), (92.07, 0.360)),
    "convdeep": ((99.28, 0.074), (94.19, 0.213)),
    "deep_sd": ((98.43, 0.160), (91.87, 0.314)),
    "rlstm": ((98.77, 0.060), (93.40, 0.271)),
    "rlstm_sd": ((98.75, 0.125), (93.42, 0.251)),
    "conv_plus_deep": ((97.89, 0.199), (89.14, 0.277)),
    "convrlstm_sd": ((99.60, 0.047), (95.44, 0.136)),
    "conv_plus_rlstm_sd": ((98.30, 0.184), (89.71, 0.422)),
}
"""Architecture -> mean and standard deviation over 7 folds, in percent, on both majority problems (Appendix 1)."""

FLOOR = {"mnist": 98.0, "fashion_mnist": 85.0, "mnist_maj": 98.0, "fashion_mnist_maj": 85.0}
"""Accuracy in percent below which the thesis does not explain a model (Table 3.2)."""

ACCEPTED_SHORTFALL = 0.5
"""Points below a published accuracy that still count as reproduced."""
