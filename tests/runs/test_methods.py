"""Which methods a run is explained by, from a flag's value, and their names in tables."""

import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.runs.methods import Choice, choices


def test_labels_are_the_thesis_words():
    names = "sensitivity,guided_backprop,gradient_x_input,deep_taylor,lrp"
    labels = [choice.label for choice in choices(names, 1.5, 0.5)]
    assert labels == [choice.label for choice in choices(names.replace(",", " , "), 1.5, 0.5)]
    assert labels == ["SA", "GB", "gradient x input", "DTD", "LRP-a1.5b0.5"]
    assert [choice.label for choice in choices("lrp", 2, 1)] == ["LRP-a2b1"]


def test_alpha_and_beta_are_those_of_lrp_alone():
    assert choices("deep_taylor,lrp", 2.0, 1.0) == [Choice("deep_taylor"), Choice("lrp", {"alpha": 2.0, "beta": 1.0})]


def test_only_lrp_leaves_negative_relevance_out_of_the_cosine():
    # Thesis, section 3.3.2. Deep Taylor decomposition has none.
    assert [choice.positive_only for choice in choices("sensitivity,deep_taylor,lrp", 1.5, 0.5)] == [False, False, True]


@pytest.mark.parametrize("names", ["nope", "lrp,nope", "", "lrp,", "lrp deep_taylor"])
def test_unknown_methods_are_refused_with_the_known_ones(names):
    with pytest.raises(InputError, match=r"^unknown attribution method; known ones are .*deep_taylor, lrp.*; received"):
        choices(names, 1.5, 0.5)


def test_alpha_minus_beta_must_be_one_wherever_lrp_is_asked_for():
    with pytest.raises(InputError, match=r"alpha - beta must be 1.*; received alpha=2, beta=0.5$"):
        choices("sensitivity,lrp", 2.0, 0.5)
    assert choices("sensitivity", 2.0, 0.5) == [Choice("sensitivity")]  # nobody reads them there
