"""Scores of cells where a mask says which steps are there: what is masked counts for nobody."""

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.measures import Scored
from thesis_rnn.measures.localisation.own_steps import of_cells
from thesis_rnn.measures.localisation.ranking import roc_auc
from thesis_rnn.measures.vanishing.remaining import relevance_half_life

MEASURED = of_cells(roc_auc)


def test_masked_steps_do_not_flatter():
    # Own steps 1..3 with |R| = 1, 3, 2, evidence on the last: it beats one of two others, AUC 1/2. Counting the masked
    # steps 0 and 4, whose relevance is 0, it would beat three of four.
    relevance, evidence = np.array([[[0.0], [1], [-3], [2], [0]]]), np.array([[[0], [0], [0], [1], [0]]])
    scored = Scored(relevance, relevance, np.array([0]), evidence)
    assert MEASURED(scored) == 0.75
    present = np.array([[False, True, True, True, False]])
    assert MEASURED(scored._replace(present=present)) == 0.5
    # |R| of own steps 1, 3, 2: half of 6 from the end is all of the last step and a third of the one before.
    np.testing.assert_allclose(relevance_half_life(scored._replace(present=present)), [1 + 1 / 3])


@pytest.mark.parametrize("seed", range(3))
def test_a_mask_is_the_same_as_cutting(seed):
    rng = np.random.default_rng(seed)
    relevance, evidence = rng.normal(size=(6, 9, 2)), rng.random((6, 9, 2)) < 0.4
    evidence[:, :, 0], evidence[:, :, 1] = True, False  # each step has both
    present = rng.random((6, 9)) < 0.6
    present[:, 4] = True
    found = MEASURED(Scored(relevance, relevance, np.zeros(6, int), evidence, present=present))
    for k, own in enumerate(present):
        one = Scored(relevance[[k]][:, own], relevance[[k]][:, own], np.zeros(1, int), evidence[[k]][:, own])
        np.testing.assert_allclose(found[k], MEASURED(one)[0])


def test_a_text_without_a_marked_word_is_left_out_whether_masked_or_cut():
    # text 0: |R| = 1, 3 of own words, the evidence on the greater; text 1 has no marked word: no map is better there
    relevance = np.array([[1.0, 3.0, 9.0], [1.0, 2.0, 3.0]])
    evidence = np.array([[0, 1, 0], [0, 0, 0]])
    scored = Scored(relevance, np.array([[4, 5, 0], [4, 5, 6]]), np.zeros(2, int), evidence)
    masked = scored._replace(present=scored.x != 0)
    np.testing.assert_array_equal(MEASURED(masked), [1, np.nan])
    np.testing.assert_array_equal(MEASURED(scored._replace(lengths=np.array([2, 3]))), [1, np.nan])
    with pytest.raises(InputError, match="evidence must have the relevance's shape"):
        MEASURED(masked._replace(evidence=evidence[:, :2]))
